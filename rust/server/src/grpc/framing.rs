//! gRPC over an HTTP/2 body: length-prefixed messages, as they come in.
//!
//! A message is `flag (1 byte) | length (4 bytes, big-endian) | bytes`; most calls here are
//! unary; [`crate::grpc::messages`] takes the messages of the others apart.
//! Source: gRPC's PROTOCOL-HTTP2.md.
// #[HotPath]
// except awaits: the body's frame is there with a small request; a large one waits for its rest and for room.
// except formatting: refusals.

use std::future::{poll_fn, Future};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use http::header::CONTENT_TYPE;
use http::{Method, StatusCode};
use http_body::Body;
use venice_wire::status::{Code, Status};

use crate::config::names::{MAX_CLIENT_BYTES, MAX_REQUEST_BYTES, RECEIVE_TIMEOUT};
use crate::memory::account::{Account, Charge};
use crate::memory::client_memory::Purpose;
use crate::observe::reasons;
use crate::response::builder::ENVELOPE;

/// Why the body of a call is not one message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// The message announces more bytes than are taken.
    #[error("request of {size} bytes is larger than the limit of {limit} bytes")]
    TooLarge {
        /// Bytes announced.
        size: usize,
        /// Bytes taken.
        limit: usize,
    },
    /// The message is compressed by gRPC.
    #[error("compressed requests are not supported; send grpc-encoding identity")]
    Compressed,
    /// The flag byte is neither 0 nor 1.
    #[error("malformed gRPC message: flag byte is {flag}, must be 0 or 1")]
    BadFlag {
        /// The byte.
        flag: u8,
    },
    /// The client ended the call without a request.
    #[error("the call ended without a request message")]
    NoMessage,
    /// The client ended the call in the middle of its request.
    #[error("the call ended after {received} of {size} bytes of its request message")]
    Truncated {
        /// Bytes of prefix and message that came.
        received: usize,
        /// Bytes of prefix and message announced.
        size: usize,
    },
    /// The request comes too slowly.
    #[error(
        "the request did not arrive within {} ms (setting {RECEIVE_TIMEOUT}); send it faster, or \
         raise the setting",
        .limit.as_millis()
    )]
    ReceiveTimeout {
        /// How long it may take.
        limit: Duration,
    },
    /// The client has requests, answers and calls under way that take all it may have.
    #[error(
        "the connection holds as much of the server's memory as it may have now (setting \
         {MAX_CLIENT_BYTES}); read the answers, ask for less at a time, or raise the setting"
    )]
    NoRoom,
    /// A unary call with a second request.
    #[error("the call has more than one request message, its method takes one")]
    TooManyMessages,
    /// The body of a request over HTTP/1.1 is none.
    #[error(
        "the body of the request is malformed: {0}; send each chunk as its size in hexadecimal digits, a line end, so \
         many bytes and a line end, the last one of size 0 (RFC 9112, section 7.1), or say with content-length how \
         long the body is"
    )]
    Malformed(String),
    /// A client of HTTP/1.1 ended its half of the connection in the middle of a body.
    #[error(
        "the connection ended before the body was whole: send as many bytes as content-length says, or a last chunk of \
         size 0"
    )]
    CutOff,
    /// The connection or the stream broke.
    #[error("cannot receive the request: {0}")]
    Transport(String),
}

impl FrameError {
    /// What a request is counted as that was refused for it, in one word. `None` where nothing was refused: the client left;
    /// and where it is counted by [`crate::memory::client_memory::ClientMemory`].
    pub(crate) fn reason(&self) -> Option<&'static str> {
        match self {
            FrameError::TooLarge { .. } => Some(reasons::MAX_REQUEST_SIZE),
            FrameError::ReceiveTimeout { .. } => Some(reasons::RECEIVE_TIMEOUT),
            FrameError::Compressed
            | FrameError::BadFlag { .. }
            | FrameError::NoMessage
            | FrameError::Truncated { .. }
            | FrameError::TooManyMessages
            | FrameError::CutOff
            | FrameError::Malformed(_) => Some("unparsable"),
            FrameError::NoRoom | FrameError::Transport(_) => None,
        }
    }
}

/// Refuses what is HTTP but not gRPC, with the HTTP status that gRPC's protocol asks for.
pub(crate) fn check_head<B>(request: &http::Request<B>) -> Result<(), StatusCode> {
    if request.method() != Method::POST {
        return Err(StatusCode::METHOD_NOT_ALLOWED);
    }
    let content_type = request.headers().get(CONTENT_TYPE);
    match content_type {
        Some(value) if is_grpc(value.as_bytes()) => Ok(()),
        _ => Err(StatusCode::UNSUPPORTED_MEDIA_TYPE),
    }
}

/// Whether a `content-type` is gRPC's: application/grpc, application/grpc+proto; not application/grpc-web.
pub(crate) fn is_grpc(content_type: &[u8]) -> bool {
    let parameters = content_type.strip_prefix(b"application/grpc");
    matches!(parameters, Some([] | [b'+' | b';', ..]))
}

/// Bytes of memory that an open call is counted for: its task, its stream, its headers. An estimate. A
/// request that is not larger than [`FREE_BYTES`] is in it.
pub(crate) const CALL_BYTES: usize = 4 * 1024;

/// Bytes of a request that are not counted beside its call.
const FREE_BYTES: usize = 1024;

/// Bytes that a request may bring before there is room for all of it: as much as comes at once.
const FIRST_BYTES: usize = 64 * 1024;

/// A first piece that is shorter is copied, as it may keep a much larger buffer.
const MIN_KEPT: usize = 8 * 1024;

/// Receives the one request message of a call. `waits` says whether it waits for room meanwhile.
///
/// Cancel safety: dropping the future drops what was received; the stream cannot be read again.
#[allow(
    clippy::manual_async_fn,
    reason = "an async fn keeps its arguments twice"
)]
pub(crate) fn receive<'a, B>(
    mut body: B,
    limit: usize,
    account: &'a Account,
    waits: &'a AtomicBool,
) -> impl Future<Output = Result<Bytes, FrameError>> + use<'a, B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<FrameError>,
{
    async move {
        let mut message = Message::new(limit);
        // Most requests come whole, and at once.
        if !account.requests_wait() && !body.is_end_stream() {
            match poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        message.push(data)?;
                    }
                }
                Some(Err(error)) => return Err(error.into()),
                None => return message.finish(),
            }
            if body.is_end_stream() {
                return whole(message, account);
            }
        }
        Box::pin(receive_rest(body, message, account, waits)).await
    }
}

/// The message in `body`, if that is a prefix and one whole message of at most `limit` bytes behind it.
#[inline]
pub(crate) fn one_message(body: &[u8], limit: usize) -> Option<&[u8]> {
    let ([0, size @ ..], message) = body.split_first_chunk::<ENVELOPE>()? else {
        return None;
    };
    let is_whole = u32::from_be_bytes(*size) as usize == message.len() && message.len() <= limit;
    is_whole.then_some(message)
}

/// A request that came in one frame.
fn whole(message: Message, account: &Account) -> Result<Bytes, FrameError> {
    let here = message.received();
    let message = message.finish()?;
    if here <= FREE_BYTES {
        return Ok(message);
    }
    let charge = account.try_charge(Purpose::Call, here);
    Ok(charge.ok_or(FrameError::NoRoom)?.with(message, 0))
}

async fn receive_rest<B>(
    mut body: B,
    mut message: Message,
    account: &Account,
    waits: &AtomicBool,
) -> Result<Bytes, FrameError>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<FrameError>,
{
    let mut charge: Option<Charge> = None;
    loop {
        let here = message.received();
        // What comes while there is no room stays in the windows of HTTP/2. Behind the requests of
        // this connection that wait already:
        if here == 0 && charge.is_none() && account.requests_wait() {
            charge = Some(room(account, charge, FIRST_BYTES, waits).await);
        }
        if here > FREE_BYTES && charge.is_none() {
            let first = account.try_charge(Purpose::Call, here);
            charge = Some(first.ok_or(FrameError::NoRoom)?);
        }
        if let Some(size) = message.size.filter(|size| here < *size) {
            message.copy_first();
            if size > FREE_BYTES {
                charge = Some(room(account, charge, size, waits).await);
            }
        }
        if body.is_end_stream() {
            break;
        }
        match poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    account.brought(data.len());
                    message.push(data)?;
                }
            }
            Some(Err(error)) => return Err(error.into()),
            None => break,
        }
    }
    let message = message.finish()?;
    Ok(match charge {
        None => message,
        Some(mut charge) => {
            charge.owe(0);
            charge.with(message, 0)
        }
    })
}

/// Waits for room for so many bytes of a request.
#[cold]
async fn room(
    account: &Account,
    charge: Option<Charge>,
    bytes: usize,
    waits: &AtomicBool,
) -> Charge {
    let mut charge = charge.unwrap_or_else(|| account.nothing());
    if !charge.try_set(Purpose::Request, bytes) {
        waits.store(true, Ordering::Relaxed);
        Box::pin(charge.set(Purpose::Request, bytes)).await;
        waits.store(false, Ordering::Relaxed);
    }
    charge.owe(bytes);
    charge
}

/// A message in the making. Bytes that come in one frame stay where they are; more frames are
/// joined.
struct Message {
    limit: usize,
    /// The first frame, while it is the only one.
    whole: Bytes,
    /// All frames, once there are several.
    joined: BytesMut,
    /// Bytes of prefix and message, once the prefix is here.
    size: Option<usize>,
}

impl Message {
    fn new(limit: usize) -> Message {
        Message {
            limit,
            whole: Bytes::new(),
            joined: BytesMut::new(),
            size: None,
        }
    }

    fn received(&self) -> usize {
        self.whole.len() + self.joined.len()
    }

    fn push(&mut self, data: Bytes) -> Result<(), FrameError> {
        if self.received() == 0 {
            self.whole = data;
        } else {
            let missing = self.size.unwrap_or(0).saturating_sub(self.received());
            self.joined
                .reserve(self.whole.len() + missing.max(data.len()));
            self.joined.extend_from_slice(&self.whole);
            self.joined.extend_from_slice(&data);
            self.whole = Bytes::new();
        }
        if self.size.is_none() {
            let received = if self.whole.is_empty() {
                &self.joined[..]
            } else {
                &self.whole[..]
            };
            self.size = parse_prefix(received, self.limit)?;
        }
        match self.size {
            Some(size) if self.received() > size => Err(FrameError::TooManyMessages),
            _ => Ok(()),
        }
    }

    /// Copies the first piece, if it may keep much more than itself.
    fn copy_first(&mut self) {
        if self.whole.len() < MIN_KEPT {
            self.joined.extend_from_slice(&self.whole);
            self.whole = Bytes::new();
        }
    }

    fn finish(self) -> Result<Bytes, FrameError> {
        let received = self.received();
        match self.size {
            None if received == 0 => Err(FrameError::NoMessage),
            None => Err(FrameError::Truncated {
                received,
                size: ENVELOPE,
            }),
            Some(size) if received < size => Err(FrameError::Truncated { received, size }),
            Some(_) if self.whole.is_empty() => Ok(self.joined.freeze().slice(ENVELOPE..)),
            Some(_) => Ok(self.whole.slice(ENVELOPE..)),
        }
    }
}

/// Bytes of the message at the head of `received`, with its prefix, once that is complete: so a message
/// larger than `limit` is refused before it comes.
pub(super) fn parse_prefix(mut received: &[u8], limit: usize) -> Result<Option<usize>, FrameError> {
    if received.len() < ENVELOPE {
        return Ok(None);
    }
    match received.get_u8() {
        0 => {}
        1 => return Err(FrameError::Compressed),
        flag => return Err(FrameError::BadFlag { flag }),
    }
    let size = received.get_u32() as usize;
    if size > limit {
        return Err(FrameError::TooLarge { size, limit });
    }
    Ok(Some(ENVELOPE + size))
}

impl From<FrameError> for Status {
    fn from(error: FrameError) -> Status {
        let code = match &error {
            FrameError::TooLarge { .. } | FrameError::NoRoom => Code::ResourceExhausted,
            FrameError::Compressed => Code::Unimplemented,
            FrameError::ReceiveTimeout { .. } => Code::DeadlineExceeded,
            FrameError::BadFlag { .. }
            | FrameError::NoMessage
            | FrameError::Truncated { .. }
            | FrameError::Malformed(_)
            | FrameError::TooManyMessages => Code::Internal,
            FrameError::CutOff | FrameError::Transport(_) => Code::Cancelled,
        };
        let remedy = match error {
            FrameError::TooLarge { .. } => {
                format!(
                    " (setting {MAX_REQUEST_BYTES}); ask for fewer keys per request, or raise the \
                     setting"
                )
            }
            _ => String::new(),
        };
        Status {
            code,
            message: format!("{error}{remedy}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collect(limit: usize, frames: &[&[u8]]) -> Result<Bytes, FrameError> {
        let mut message = Message::new(limit);
        for frame in frames {
            message.push(Bytes::copy_from_slice(frame))?;
        }
        message.finish()
    }

    #[test]
    fn a_message_in_one_frame_is_not_copied() {
        let frame = Bytes::from_static(&[0, 0, 0, 0, 3, 7, 8, 9]);
        let mut message = Message::new(10);
        message.push(frame.clone()).unwrap();
        assert_eq!(message.finish().unwrap().as_ptr(), frame[5..].as_ptr());
    }

    #[test]
    fn a_message_may_come_in_any_pieces() {
        let bytes = [0, 0, 0, 0, 3, 7, 8, 9];
        for cut in 0..=bytes.len() {
            let (head, tail) = bytes.split_at(cut);
            assert_eq!(collect(3, &[head, tail]).unwrap()[..], [7, 8, 9], "{cut}");
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(collect(3, &single).unwrap()[..], [7, 8, 9]);
        assert_eq!(collect(3, &[&[0; 5]]).unwrap()[..], [0u8; 0]);
    }

    #[test]
    fn broken_framing_is_named() {
        assert_eq!(collect(9, &[]), Err(FrameError::NoMessage));
        assert_eq!(
            collect(9, &[&[0, 0]]),
            Err(FrameError::Truncated {
                received: 2,
                size: 5
            })
        );
        assert_eq!(
            collect(9, &[&[0, 0, 0, 0, 2, 1]]),
            Err(FrameError::Truncated {
                received: 6,
                size: 7
            })
        );
        assert_eq!(collect(9, &[&[1, 0, 0, 0, 0]]), Err(FrameError::Compressed));
        assert_eq!(
            collect(9, &[&[2, 0, 0, 0, 0]]),
            Err(FrameError::BadFlag { flag: 2 })
        );
        assert_eq!(collect(9, &[&[0; 6]]), Err(FrameError::TooManyMessages));
        assert_eq!(
            collect(9, &[&[0; 5], &[0; 5]]),
            Err(FrameError::TooManyMessages)
        );
        assert_eq!(
            collect(9, &[&[0, 0xFF, 0xFF, 0xFF, 0xFF]]),
            Err(FrameError::TooLarge {
                size: 0xFFFF_FFFF,
                limit: 9
            })
        );
    }
}
