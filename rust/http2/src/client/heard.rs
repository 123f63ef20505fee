//! Requests, and what a client hears of them.

use crate::error::{Ending, ErrorCode};
use crate::hpack::encoder::Field;
use crate::hpack::field::Head;

/// A request, and by which name its sender knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId {
    /// Its stream.
    pub stream: u32,
    /// As it was given to [`crate::Client::begin`].
    pub token: u64,
}

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Request<'r> {
    /// Its fields, pseudo-headers first (RFC 9113, 8.3.1).
    pub fields: &'r [Field<'r>],
    /// Its body, or the beginning of it.
    pub body: &'r [u8],
    /// The body goes on ([`crate::Client::send`], [`crate::Client::finish`]).
    pub goes_on: bool,
    /// The response is told in pieces, as they come, and not when it is whole.
    pub streams: bool,
}

/// Why a request was not begun. Nothing of it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotBegun {
    /// As many are open as either side allows: later.
    Full,
    /// The server takes no more of this connection, or its streams are used up: on another one.
    Leaving,
    /// The connection ended.
    Ended,
}

/// A response that is whole.
#[derive(Debug, Clone, Copy)]
pub struct Response<'c> {
    /// What it answers.
    pub request: RequestId,
    /// What its first fields mean.
    pub head: Head,
    /// Its body.
    pub body: &'c [u8],
    /// What its last fields mean; those of `head`, if it has no others and no body (gRPC's Trailers-Only).
    pub trailers: Head,
    /// The last text of the last fields that is wanted ([`crate::ResponseVocabulary::wants_text_of`]).
    pub text: &'c [u8],
}

/// What came of the server.
#[derive(Debug, Clone, Copy)]
pub enum Heard<'c> {
    /// A whole response; the request is over.
    Whole(Response<'c>),
    /// A response began that is told in pieces.
    Opened(RequestId, Head),
    /// There is more of it. The server gets no further than the window of the stream, unless [`crate::Client::take`] gives back
    /// what was used.
    Data(RequestId, &'c [u8]),
    /// There is no more of it, and the request is over: its trailers, and the last text of these that is wanted.
    Ended(RequestId, Option<Head>, &'c [u8]),
    /// The server did not begin with the request, which may be made again, on another connection perhaps; it is over.
    Refused(RequestId),
    /// The server gave the request up; it is over.
    Reset(RequestId, ErrorCode),
    /// The response breaks a rule, or a limit of this side. The request was cancelled, and is over.
    Broken(RequestId, Ending),
    /// A PING of [`crate::Client::ping`] was answered.
    Pong([u8; 8]),
    /// The server takes no more requests (GOAWAY): its code, and what it says. Those that it does not answer are
    /// [`Heard::Refused`].
    Leaving(ErrorCode, &'c [u8]),
}
