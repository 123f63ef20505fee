//! Where a call goes: from an HTTP/2 request, by its path, to an HTTP/2 response.
// #[HotPath]
// except awaits: an answer from memory comes at the first poll; the other methods stream.
// except formatting: refusals.

use std::convert::Infallible;
use std::future::{ready, Future};
use std::pin::Pin;
use std::sync::Arc;

use ::http::{Request, Response, Version};
use bytes::Bytes;
use http_body::Body;
use tokio::time::Instant;
use venice_engine::GETS_AHEAD;
use venice_wire::echoed::Echoed;
use venice_wire::status::{Code, Status};

use crate::grpc::body::{self, ResponseBody};
use crate::grpc::deadline;
use crate::grpc::framing::{self, FrameError};
use crate::memory::account::Charge;
use crate::observe::reasons;
use crate::observe::timeline::Timeline;
use crate::read_path::compute::streamed::StreamedCompute;
use crate::read_path::stack::ReadPath;
use crate::read_path::streamed_batch::StreamedBatch;
use crate::response::place::Place;
use crate::services::asked::asked;
use crate::services::at_once::{self, Prepared, Started};
use crate::services::channelz;
use crate::services::health;
use crate::services::http;
use crate::services::instruments::{self, Begun, Method};
use crate::services::read::{self, Start};
use crate::services::reflection;
use crate::services::session::{Session, LASTING_CALLS};
use crate::services::store_metadata::{self, Rpc};
use crate::services::streaming::{self, CallOf};
use crate::transport::handler::{Asked, Found, Handler, Reply};
use crate::transport::http2::RequestBody;

const GET: &str = "/com.linkedin.venice.protocols.VeniceReadService/get";
const BATCH_GET: &str = "/com.linkedin.venice.protocols.VeniceReadService/batchGet";
const STREAMING_BATCH_GET: &str =
    "/com.linkedin.venice.rust.protocols.StreamingReadService/batchGet";
pub(crate) const COMPUTE: &str = "/com.linkedin.venice.rust.protocols.ReadComputeService/compute";
pub(crate) const STREAMING_COMPUTE: &str =
    "/com.linkedin.venice.rust.protocols.ReadComputeService/streamingCompute";
const COUNT_BY_VALUE: &str = "/com.linkedin.venice.protocols.VeniceReadService/countByValue";

/// Those of the first paths of [`Session::PATHS`].
const UNARY_METHODS: [Method; 2] = [Method::Get, Method::BatchGet];

/// Answers one call. Every failure is an answer; the error type says that there is no other.
///
/// The future is moved several times before the first poll, so it is kept small: what most gets
/// do not come to is behind a box.
///
/// Cancel safety: a dropped call (the client reset its stream) leaves nothing behind.
pub(crate) fn call<B>(
    session: Arc<Session>,
    request: Request<B>,
) -> impl Future<Output = Result<Response<ResponseBody>, Infallible>> + Send + use<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<FrameError> + Send,
{
    let route = route(session, request);
    async move {
        Ok(match route {
            Route::Get(session, deadline, body, charge, begun) => {
                let start = Start::of(begun, Timeline::default());
                let call = read::call(session, deadline, body, charge, start);
                call.await.into_response()
            }
            Route::Asked(response) => response.await,
            Route::Other(response, charge) => body::charged(response.await, charge),
            Route::Refused(response) => *response,
        })
    }
}

impl Handler for Session {
    type Body = ResponseBody;

    const PATHS: &'static [&'static str] = &[
        GET,
        BATCH_GET,
        STREAMING_BATCH_GET,
        health::CHECK,
        health::WATCH,
        reflection::V1,
        reflection::V1ALPHA,
        store_metadata::PATHS[0],
        store_metadata::PATHS[1],
        store_metadata::PATHS[2],
        store_metadata::PATHS[3],
        store_metadata::PATHS[4],
        COMPUTE,
        STREAMING_COMPUTE,
        COUNT_BY_VALUE,
    ];
    const UNARY: usize = UNARY_METHODS.len();

    /// A batch weighs as many gets as it has keys. One by the method of single gets is not looked at here, and goes to a disk thread
    /// (`Admission::batches_wait`).
    fn weight(path: Option<usize>, body: &[u8]) -> usize {
        match path {
            Some(path) if UNARY_METHODS.get(path) == Some(&Method::BatchGet) => {
                let message = framing::one_message(body, body.len());
                message.map_or(1, ReadPath::weight)
            }
            // A batch get over HTTP has its keys there, and nothing else.
            None => ReadPath::weight_of_keys(body),
            _ => 1,
        }
    }

    fn call<B>(
        session: Arc<Session>,
        request: Request<B>,
    ) -> impl Future<Output = Result<Response<ResponseBody>, Infallible>> + Send
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
        B::Error: Into<FrameError> + Send,
    {
        call(session, request)
    }

    type Started = Started;

    const PREPARED: usize = GETS_AHEAD;

    type Prepared<'b> = Prepared<'b>;

    fn prepare<'b>(
        session: &Session,
        calls: impl Iterator<Item = Option<Asked<'b>>>,
        prepared: &mut Prepared<'b>,
    ) {
        at_once::prepare(session, calls, prepared);
    }

    fn at_once(
        session: &Session,
        path: usize,
        deadline: Option<Instant>,
        message: &[u8],
        prepared: (&Prepared<'_>, usize),
        place: Place<'_>,
    ) -> Result<(), Option<Started>> {
        let method = UNARY_METHODS[path];
        at_once::answer(session, method, deadline, message, prepared, place)
    }

    fn found(
        session: &Arc<Session>,
        deadline: Option<Instant>,
        prepared: (&Prepared<'_>, usize),
        most: usize,
    ) -> Option<Found<ResponseBody>> {
        http::found(session, deadline, prepared, most)
    }

    fn unary(
        session: Arc<Session>,
        path: usize,
        deadline: Option<Instant>,
        message: Bytes,
        started: Option<Started>,
    ) -> impl Future<Output = Reply<ResponseBody>> + Send + 'static {
        let Started { begun, step } =
            started.unwrap_or_else(|| Started::new(instruments::begin(UNARY_METHODS[path])));
        let charge = Session::begin_call(&session);
        async move {
            let Some(charge) = charge else {
                let status = FrameError::NoRoom.into();
                instruments::refused(begun, &status, FrameError::NoRoom.reason());
                return Reply::Response(Box::new(body::response(Err(status))));
            };
            let message = RequestBody::whole(message);
            let start = Start {
                step,
                ..Start::of(begun, Timeline::default())
            };
            let call = read::call(session, deadline, message, charge, start);
            call.await.into_reply()
        }
    }
}

/// What it is counted as that no method answers: there is no such method or path, or what is asked is neither gRPC nor one of
/// Venice's requests over HTTP.
const NO_CALL: &str = "call";

/// What a call is counted as: names that clients make up are no series.
fn method_of(path: &str) -> Method {
    match path {
        GET => Method::Get,
        BATCH_GET => Method::BatchGet,
        STREAMING_BATCH_GET => Method::StreamingBatchGet,
        COMPUTE => Method::Compute,
        STREAMING_COMPUTE => Method::StreamingCompute,
        COUNT_BY_VALUE => Method::CountByValue,
        path => Rpc::of(path).map_or(Method::Other, Rpc::method),
    }
}

type Answering = Pin<Box<dyn Future<Output = Response<ResponseBody>> + Send>>;

/// Where a call goes, and what it is counted by.
enum Route<B> {
    /// The read path.
    Get(Arc<Session>, Option<Instant>, B, Charge, Begun),
    /// The read path, and somebody wants to know of it; or it is no gRPC.
    Asked(Answering),
    /// Elsewhere.
    Other(Answering, Charge),
    /// Nowhere.
    Refused(Box<Response<ResponseBody>>),
}

fn refused<B>(begun: Begun, status: Status) -> Route<B> {
    refused_for(begun, status, Some(NO_CALL))
}

/// Counted for this reason, unless that was done.
fn refused_for<B>(begun: Begun, status: Status, reason: Option<&'static str>) -> Route<B> {
    instruments::refused(begun, &status, reason);
    Route::Refused(Box::new(body::response(Err(status))))
}

/// What is no call of anything here, and is told so by HTTP's status.
fn no_call<B>(response: Response<ResponseBody>) -> Route<B> {
    instruments::refuse(NO_CALL);
    Route::Refused(Box::new(response))
}

/// There is no memory for the call.
fn no_room<B>(begun: Begun) -> Route<B> {
    let error = FrameError::NoRoom;
    let reason = error.reason();
    refused_for(begun, error.into(), reason)
}

fn route<B>(session: Arc<Session>, request: Request<B>) -> Route<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<FrameError> + Send,
{
    if let Err(status) = framing::check_head(&request) {
        if let Some(refused) = http::refused_head(&request) {
            return Route::Refused(Box::new(refused));
        }
        // What is no gRPC may be one of Venice's requests over HTTP.
        return match http::action(&session, &request) {
            Some(action) => Route::Asked(Box::pin(http::answer(session, action, request))),
            None => no_call(body::http_error(status)),
        };
    }
    if request.version() < Version::HTTP_2 {
        return match http::refused_head(&request) {
            Some(refused) => Route::Refused(Box::new(refused)),
            None => no_call(http::no_grpc()),
        };
    }
    let begun = instruments::begin(method_of(request.uri().path()));
    let path = request.uri().path();
    // Before anything is done for it.
    let charge = match path {
        health::CHECK => Session::begin_health(&session),
        _ => Session::begin_call(&session),
    };
    let Some(charge) = charge else {
        return no_room(begun);
    };
    if path == health::CHECK {
        let answered = async move {
            let context = &session.context;
            let (health, receive) = (&context.health, context.read_path.limits.receive());
            let checked = health.check(&session.drain, receive, request.into_body());
            checked
                .await
                .map_or_else(|status| body::response(Err(status)), body::streamed)
        };
        return Route::Other(Box::pin(answered), charge);
    }
    let goes = match path {
        // One handler for both: the request itself says whether it is a batch.
        GET | BATCH_GET => Path::Get,
        STREAMING_BATCH_GET => Path::StreamingBatchGet,
        COMPUTE | COUNT_BY_VALUE if session.context.compute.is_some() => Path::Get,
        STREAMING_COMPUTE if session.context.compute.is_some() => Path::StreamingCompute,
        health::WATCH => Path::Watch,
        reflection::V1 | reflection::V1ALPHA if session.context.live.now().reflection => {
            Path::Reflection
        }
        path if path.starts_with(channelz::SERVICE) && session.context.live.now().channelz => {
            Path::Channelz
        }
        path if path.starts_with(store_metadata::SERVICE) => match Rpc::of(path) {
            Some(rpc) => Path::StoreMetadata(rpc),
            None => return refused(begun, not_found(path)),
        },
        // In the proto since VIP-5, and in no server but this one, where a setting allows it.
        COUNT_BY_VALUE => return refused(begun, unimplemented(path)),
        path => return refused(begun, not_found(path)),
    };
    let deadline = match deadline::of_call(request.headers()) {
        Ok(deadline) => deadline,
        Err(error) => return refused(begun, error.into()),
    };
    let traces = session.context.read_path.limits.traces();
    let asked = asked(request.headers(), traces);
    let method = match goes {
        Path::Channelz => path.strip_prefix(channelz::SERVICE).map(str::to_owned),
        _ => None,
    };
    let body = request.into_body();
    match goes {
        Path::Get => match asked {
            None => Route::Get(session, deadline, body, charge, begun),
            Some(asked) => {
                let start = Start::of(begun, Timeline::asked(asked));
                let call = read::call(session, deadline, body, charge, start);
                // The call itself holds the charge, until the answer is sent.
                Route::Asked(Box::pin(async move { call.await.into_response() }))
            }
        },
        Path::StoreMetadata(rpc) => {
            let timeline = asked.map_or_else(Timeline::default, Timeline::asked);
            let call = store_metadata::call(session, rpc, deadline, body, charge, begun, timeline);
            Route::Asked(Box::pin(call))
        }
        Path::StreamingBatchGet | Path::StreamingCompute => {
            let call = CallOf { begun, asked };
            let body = match goes {
                Path::StreamingCompute => {
                    streaming::answer_all::<StreamedCompute, B>(session, deadline, call, body)
                }
                _ => streaming::answer_all::<StreamedBatch, B>(session, deadline, call, body),
            };
            let Some(body) = body else {
                return no_room(begun);
            };
            Route::Other(Box::pin(ready(body::streamed(body))), charge)
        }
        Path::Watch => {
            let Some(lasting) = session.lasting() else {
                return refused_for(begun, too_many_last(), Some(reasons::LASTING_CALLS));
            };
            let answered = async move {
                let context = &session.context;
                let (health, receive) = (&context.health, context.read_path.limits.receive());
                let held = (Arc::clone(&session), lasting);
                let ends = [&session.drain, &session.leaving];
                let watched = health.watch(ends, receive, deadline, body, held);
                watched
                    .await
                    .map_or_else(|status| body::response(Err(status)), body::streamed)
            };
            Route::Other(Box::pin(answered), charge)
        }
        Path::Channelz => {
            let answered = async move {
                let observed = channelz::Observed {
                    context: Arc::clone(&session.context),
                    memory: Arc::clone(session.account.memory()),
                };
                let receive = session.context.read_path.limits.receive();
                let method = method.unwrap_or_default();
                let answered = channelz::answer(observed, method, receive, body);
                answered
                    .await
                    .map_or_else(|status| body::response(Err(status)), body::streamed)
            };
            Route::Other(Box::pin(answered), charge)
        }
        Path::Reflection => {
            let Some(lasting) = session.lasting() else {
                return refused_for(begun, too_many_last(), Some(reasons::LASTING_CALLS));
            };
            let counted = session.account.nothing();
            let (drain, receive) = (
                session.leaving.clone(),
                session.context.read_path.limits.receive(),
            );
            let body = reflection::answer(drain, deadline, receive, body, counted, lasting);
            Route::Other(Box::pin(ready(body::streamed(body))), charge)
        }
    }
}

fn too_many_last() -> Status {
    Status {
        code: Code::ResourceExhausted,
        message: format!(
            "the connection has {LASTING_CALLS} open calls of health's Watch and of reflection, which is \
             as many as it may have; end one first"
        ),
    }
}

/// The methods that have a deadline.
enum Path {
    Get,
    StreamingBatchGet,
    StoreMetadata(Rpc),
    StreamingCompute,
    Watch,
    Channelz,
    Reflection,
}

/// A method of the proto that no server has.
pub(crate) fn unimplemented(path: &str) -> Status {
    let message = format!("Method {} is unimplemented", method_name(path));
    Status {
        code: Code::Unimplemented,
        message,
    }
}

/// A path that is no method of the proto.
pub(crate) fn not_found(path: &str) -> Status {
    let message = format!("Method not found: {}", method_name(path));
    Status {
        code: Code::Unimplemented,
        message,
    }
}

/// `<service>/<method>`, as the texts of grpc-java (`ServerCalls`, `ServerImpl`) have it.
fn method_name(path: &str) -> Echoed {
    Echoed::new(path.strip_prefix('/').unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use hyper::body::Incoming;
    use venice_wire::key_records::put_key;
    use venice_wire::request::Request as ReadRequest;

    use super::*;
    use crate::read_path::stack::INLINE_PLAIN_BATCH_KEYS;
    use crate::response::builder::ENVELOPE;
    use crate::response::place::prefix;

    fn bytes_of<A, B, F: Future>(_: impl Fn(A, B) -> F) -> usize {
        size_of::<F>()
    }

    #[test]
    fn a_batch_weighs_what_its_keys_do_however_few_bytes_it_has() {
        let keys = |count: usize| {
            let mut keys = Vec::new();
            for index in 0..count {
                put_key(&mut keys, index as i32, 0, b"");
            }
            keys
        };
        let message = |is_batch, keys: &[u8]| {
            let mut message = vec![0; ENVELOPE];
            let request = ReadRequest {
                resource_name: "s_v1".into(),
                key_bytes: keys,
                is_batch,
                ..ReadRequest::default()
            };
            request.encode(&mut message);
            let prefix = prefix(message.len() - ENVELOPE);
            message[..ENVELOPE].copy_from_slice(&prefix);
            message
        };
        let most = INLINE_PLAIN_BATCH_KEYS;
        for (count, weight) in [(0, 0), (1, 1), (40, 40), (most, most), (5000, most)] {
            let keys = keys(count);
            assert_eq!(Session::weight(Some(1), &message(true, &keys)), weight);
            // Over HTTP they are all that there is.
            assert_eq!(Session::weight(None, &keys), weight);
        }
        let keys = keys(30);
        assert_eq!(Session::weight(Some(1), &message(false, &keys)), 1);
        assert_eq!(Session::weight(Some(2), &message(true, &keys)), 1);
        assert_eq!(Session::weight(Some(1), &message(true, &keys)[1..]), 1);
        assert_eq!(Session::weight(None, b"\xff\xff"), 1);
    }

    /// It is moved from hand to hand and then into the task of the call.
    #[test]
    fn a_call_is_small() {
        let bytes = bytes_of(call::<Incoming>);
        println!("the future of a call: {bytes} bytes");
        assert!(bytes <= MAX_CALL_BYTES, "{bytes} > {MAX_CALL_BYTES}");
    }

    /// Request and answer in the making, what it is counted by and as, where what it waits for is noted, and little
    /// else. It had 2056 when all was in one future.
    const MAX_CALL_BYTES: usize = 928;
}
