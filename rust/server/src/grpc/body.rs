//! What goes back in a call: messages with their prefix, and trailers, as the body of a response.
// #[HotPath]

use std::pin::Pin;
use std::task::{ready, Context, Poll};

use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue, CONTENT_TYPE};
use http::{Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use tokio::sync::mpsc;
use venice_wire::echoed::percent_encoded;
use venice_wire::status::{Code, Status};

use crate::memory::account::Charge;
use crate::observe::slow_log::Kept;
use crate::observe::slow_text::{server_timing, Times};
use crate::response::builder::EncodedResponse;
use crate::response::place::prefix;

pub(crate) const GRPC: HeaderValue = HeaderValue::from_static("application/grpc");
const IDENTITY: HeaderValue = HeaderValue::from_static("identity");
const GRPC_STATUS_OK: HeaderValue = HeaderValue::from_static("0");

/// The body of an answer: messages, mostly one, then trailers.
#[derive(Debug, Default)]
pub struct ResponseBody {
    message: Option<Bytes>,
    trailers: Option<HeaderMap>,
    /// Where more messages come from, in a call that has more than one.
    parts: Option<mpsc::Receiver<StreamItem>>,
    /// What a call that has many is counted by.
    charge: Option<Box<Charge>>,
}

/// A part of the answer of a call that has many messages.
#[derive(Debug)]
pub enum StreamItem {
    /// A message with its prefix.
    Message(Bytes),
    /// The last part.
    End(Result<(), Status>),
    /// The last part, with the times of the call for a client that asked for them.
    TimedEnd(Result<(), Status>, Times),
}

impl ResponseBody {
    /// These bytes and nothing else, which is no answer of gRPC.
    pub(crate) fn whole(bytes: Bytes) -> ResponseBody {
        ResponseBody {
            message: (!bytes.is_empty()).then_some(bytes),
            ..ResponseBody::default()
        }
    }

    /// Messages as they come, until the end that the last one brings.
    pub fn stream(parts: mpsc::Receiver<StreamItem>) -> ResponseBody {
        ResponseBody {
            message: None,
            trailers: None,
            parts: Some(parts),
            charge: None,
        }
    }
}

/// The name of a request's metadata by which its client asks for times (value `1`), and of the trailer that
/// has them, in the form of W3C's Server-Timing.
pub(crate) const TIMINGS: HeaderName = HeaderName::from_static("venice-timings");

/// The metadata by which a client has its calls traced: W3C's Trace Context.
pub(crate) const TRACE_PARENT: HeaderName = HeaderName::from_static("traceparent");

/// The response to a call of which something is kept until it was sent.
#[cold]
pub(crate) fn kept(
    mut response: Response<ResponseBody>,
    kept: Box<Kept>,
) -> Response<ResponseBody> {
    if kept.asked.trailer {
        let trailers = match &mut response.body_mut().trailers {
            Some(trailers) => trailers,
            // A response without a message has one block of fields.
            None => response.headers_mut(),
        };
        put_times(trailers, &kept.request.times());
    }
    let body = response.body_mut();
    if let Some(message) = body.message.take() {
        body.message = Some(kept.with(message));
    }
    response
}

fn put_times(trailers: &mut HeaderMap, times: &Times) {
    if let Ok(value) = HeaderValue::try_from(server_timing(times)) {
        trailers.insert(TIMINGS, value);
    }
}

/// The response, whose call is counted by `charge` until it was sent.
pub(crate) fn charged(
    mut response: Response<ResponseBody>,
    charge: Charge,
) -> Response<ResponseBody> {
    response.body_mut().charge = Some(Box::new(charge));
    response
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Some(message) = self.message.take() {
            return Poll::Ready(Some(Ok(Frame::data(message))));
        }
        if let Some(parts) = &mut self.parts {
            let trailers = match ready!(parts.poll_recv(context)) {
                Some(StreamItem::Message(message)) => {
                    return Poll::Ready(Some(Ok(Frame::data(message))));
                }
                Some(StreamItem::End(end)) => trailers(end),
                Some(StreamItem::TimedEnd(end, times)) => {
                    let mut trailers = trailers(end);
                    put_times(&mut trailers, &times);
                    trailers
                }
                // Who sends ended without a word.
                None => trailers(Err(Status {
                    code: Code::Internal,
                    message: "internal error while handling the request: the answer ended"
                        .to_owned(),
                })),
            };
            self.parts = None;
            return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
        }
        Poll::Ready(
            self.trailers
                .take()
                .map(|trailers| Ok(Frame::trailers(trailers))),
        )
    }

    fn is_end_stream(&self) -> bool {
        self.message.is_none() && self.trailers.is_none() && self.parts.is_none()
    }

    /// Only an answer that is a message and nothing else tells its size: gRPC's stay open, as an exact one becomes
    /// a content-length, which no gRPC client needs.
    fn size_hint(&self) -> SizeHint {
        match (&self.message, &self.trailers, &self.parts) {
            (Some(message), None, None) => SizeHint::with_exact(message.len() as u64),
            _ => SizeHint::default(),
        }
    }
}

/// The answer to a call: a message in a gRPC OK, or a status without a message.
pub(crate) fn response(outcome: Result<EncodedResponse, Status>) -> Response<ResponseBody> {
    match outcome {
        Ok(reply) => streamed(ResponseBody {
            message: Some(framed(reply)),
            trailers: Some(trailers(Ok(()))),
            parts: None,
            charge: None,
        }),
        Err(status) => {
            let mut response = streamed(ResponseBody::default());
            put_status(response.headers_mut(), &status);
            response
        }
    }
}

/// The answer to a call that begins well; how it ends, its body says.
pub(crate) fn streamed(body: ResponseBody) -> Response<ResponseBody> {
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, GRPC);
    response
}

/// An answer to something that is not gRPC.
pub(crate) fn http_error(status: StatusCode) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::default());
    *response.status_mut() = status;
    response
}

/// What ends a call.
pub(crate) fn trailers(outcome: Result<(), Status>) -> HeaderMap {
    let mut trailers = HeaderMap::with_capacity(1);
    match outcome {
        Ok(()) => drop(trailers.insert("grpc-status", GRPC_STATUS_OK)),
        Err(status) => put_status(&mut trailers, &status),
    }
    trailers
}

fn put_status(headers: &mut HeaderMap, status: &Status) {
    headers.insert("grpc-status", HeaderValue::from(status.code as u16));
    let text = HeaderValue::try_from(percent_encoded(&status.message));
    headers.insert(
        "grpc-message",
        text.expect("printable ASCII is a header value"),
    );
    if status.code == Code::Unimplemented {
        // gRPC asks for this beside a refused compression; it harms nowhere else.
        headers.insert("grpc-accept-encoding", IDENTITY);
    }
}

/// A reply with gRPC's prefix in front of it.
pub(crate) fn framed(reply: EncodedResponse) -> Bytes {
    let prefix = prefix(reply.message().len());
    reply.with_prefix(prefix)
}
