//! Who answers the calls of a connection.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tokio::time::Instant;

use crate::grpc::framing::FrameError;
use crate::response::place::Place;

/// Answers the calls of one connection.
pub trait Handler: Send + Sync + 'static {
    /// The body of an answer.
    type Body: Body<Data = Bytes, Error = Infallible> + Send + 'static;

    /// The paths that are served. A call of the first asks for one thing.
    const PATHS: &'static [&'static str];
    /// How many of them, the first, are unary: they are answered by [`Handler::unary`] where a request is
    /// here whole.
    const UNARY: usize;

    /// How many calls of the first of `PATHS` a whole call takes as long as, about: with some dozens a turn ends. `path` is its
    /// place in `PATHS`, of which the first is not asked about; `None` for another path. `body` has its message with the
    /// prefix, if it is gRPC.
    fn weight(path: Option<usize>, body: &[u8]) -> usize;

    /// Answers a call. `handler` is held until the call is answered to its end: how many there are tells
    /// whether the connection is busy.
    fn call<B>(
        handler: Arc<Self>,
        request: Request<B>,
    ) -> impl Future<Output = Result<Response<Self::Body>, Infallible>> + Send
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<FrameError> + Send;

    /// A call of [`Handler::at_once`] that has begun, and has to wait.
    type Started: Send + 'static;

    /// How many calls are prepared for together, at most.
    const PREPARED: usize;

    /// What was prepared for some calls, which are made next. Nothing is awaited while it is here.
    type Prepared<'b>: Default;

    /// Prepares for [`Handler::at_once`] and [`Handler::found`] of some calls, in their order; `None` is a call of neither. They
    /// are made in any order, or not at all. It changes nothing but how long they take.
    fn prepare<'b>(
        handler: &Self,
        calls: impl Iterator<Item = Option<Asked<'b>>>,
        prepared: &mut Self::Prepared<'b>,
    );

    /// Answers a call of `PATHS[path]` whose message is here, with its prefix, in `place`, if nothing has to be
    /// waited for. If not, the call goes on with [`Handler::unary`]. `prepared` has what was prepared, if anything was,
    /// and the number of the call there.
    fn at_once(
        handler: &Self,
        path: usize,
        deadline: Option<Instant>,
        message: &[u8],
        prepared: (&Self::Prepared<'_>, usize),
        place: Place<'_>,
    ) -> Result<(), Option<Self::Started>>;

    /// Answers [`Asked::Path`], if what it asks for was found when the call was prepared for, and the answer's body has no more than
    /// `most` bytes. `None`, and nothing was done, if not: the call goes on with [`Handler::call`].
    fn found(
        handler: &Arc<Self>,
        deadline: Option<Instant>,
        prepared: (&Self::Prepared<'_>, usize),
        most: usize,
    ) -> Option<Found<Self::Body>>;

    /// Answers a call of `PATHS[path]` whose message is here, with its prefix, by `deadline`.
    fn unary(
        handler: Arc<Self>,
        path: usize,
        deadline: Option<Instant>,
        message: Bytes,
        started: Option<Self::Started>,
    ) -> impl Future<Output = Reply<Self::Body>> + Send + 'static;
}

/// What a call asks for that is prepared for.
#[derive(Debug, Clone, Copy)]
pub enum Asked<'b> {
    /// This message, with its prefix, of a unary one of [`Handler::PATHS`].
    Message(&'b [u8]),
    /// A GET of this path, which is none of these. It has no body, and no field that anybody looks at but its deadline.
    Path(&'b [u8]),
}

/// How far a call of [`Handler::found`] came.
pub enum Found<B> {
    /// It is answered.
    Answer(Response<B>),
    /// It goes on.
    GoesOn(Pin<Box<dyn Future<Output = Reply<B>> + Send>>),
}

/// The answer to a unary call.
pub enum Reply<B> {
    /// A message with its prefix, and gRPC's OK behind it.
    Message(Bytes),
    /// Anything else.
    Response(Box<Response<B>>),
}
