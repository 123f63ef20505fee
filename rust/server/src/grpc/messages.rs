//! gRPC messages of a call that has many: taken apart as they come.
// #[HotPath]
// except awaits: requests of streams that have not come, and room for large ones.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use http_body::Body;
use tokio::time::{timeout, timeout_at, Instant};

use crate::grpc::framing::{self, FrameError};
use crate::memory::account::Charge;
use crate::memory::client_memory::Purpose;
use crate::response::builder::ENVELOPE;

/// Messages of so many bytes are copied when they are handed out: so none keeps more memory than it
/// has, such as that of a larger one before it.
const MAX_COPIED: usize = 64 * 1024;

/// The request messages of one call.
#[derive(Debug)]
pub(crate) struct Messages<B> {
    body: B,
    limit: usize,
    /// What came and was not handed out.
    received: BytesMut,
    ended: bool,
    room: Option<Room>,
}

/// What a call's messages are counted by, and how long one may take.
#[derive(Debug)]
struct Room {
    charge: Charge,
    /// Bytes that it holds when nothing came.
    idle: usize,
    /// Bytes for each message, beside its own.
    beside: usize,
    within: Duration,
    /// When the message that has begun has to be whole.
    until: Option<Instant>,
    /// There is none for the rest of the message.
    waits: bool,
}

impl Room {
    /// Bytes for a message of so many, once it is handed out.
    fn of_message(&self, size: usize) -> usize {
        size + self.beside.min(size.saturating_mul(MIN_KEY_FACTOR))
    }

    fn until(&mut self) -> Option<Instant> {
        let begun = Instant::now();
        if self.until.is_none() {
            self.until = begun.checked_add(self.within);
        }
        self.until
    }
}

/// A key of a batch has three bytes at least, and takes 16 where it is kept.
const MIN_KEY_FACTOR: usize = 6;

impl<B> Messages<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<FrameError>,
{
    /// Reads messages of at most `limit` bytes from `body`.
    pub(crate) fn new(body: B, limit: usize) -> Messages<B> {
        Messages {
            body,
            limit,
            received: BytesMut::new(),
            ended: false,
            room: None,
        }
    }

    /// The messages, counted by `charge`, with up to `beside` bytes more for what is made of each, as
    /// long as they are held. One that has begun has to be whole `within` so long.
    pub(crate) fn charged(
        self,
        mut charge: Charge,
        beside: usize,
        within: Duration,
    ) -> Messages<B> {
        let idle = charge.bytes();
        charge.owe(0);
        let room = Some(Room {
            charge,
            idle,
            beside,
            within,
            until: None,
            waits: false,
        });
        Messages { room, ..self }
    }

    /// Says that nobody has asked for the next message for a while, so that its time begins anew.
    pub(crate) fn paused(&mut self) {
        if let Some(room) = &mut self.room {
            room.until = None;
        }
    }

    /// Whether a message has begun that is not whole.
    pub(crate) fn has_begun(&self) -> bool {
        !self.received.is_empty()
    }

    /// The next message; `None` when the client has sent its last.
    ///
    /// Cancel safety: what came stays for the next call.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, FrameError> {
        loop {
            let size = framing::parse_prefix(&self.received, self.limit)?;
            let missing = match size {
                Some(size) if self.received.len() >= size => return self.hand_out(size).map(Some),
                Some(size) => size - self.received.len(),
                None => 0,
            };
            if self.ended {
                return match (self.received.len(), missing) {
                    (0, _) => Ok(None),
                    (received, 0) => Err(FrameError::Truncated {
                        received,
                        size: ENVELOPE,
                    }),
                    (received, missing) => Err(FrameError::Truncated {
                        received,
                        size: received + missing,
                    }),
                };
            }
            let frame = match (self.received.is_empty(), &mut self.room) {
                (false, Some(room)) => {
                    let until = room.until();
                    let more = more_in_room(&mut self.body, room, size);
                    match until {
                        None => more.await,
                        Some(until) => match timeout_at(until, more).await {
                            Ok(frame) => frame,
                            Err(_) => return Err(self.late()),
                        },
                    }
                }
                _ => poll_fn(|context| Pin::new(&mut self.body).poll_frame(context)).await,
            };
            match frame {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.came(missing, &data)?;
                    }
                }
                Some(Err(error)) => return Err(error.into()),
                None => self.ended = true,
            }
        }
    }

    /// [`Messages::next`], which has to be here within `limit` from now on.
    ///
    /// Cancel safety: what came stays for the next call.
    pub(crate) async fn next_within(
        &mut self,
        limit: Duration,
    ) -> Result<Option<Bytes>, FrameError> {
        let next = timeout(limit, self.next()).await;
        next.unwrap_or(Err(FrameError::ReceiveTimeout { limit }))
    }

    fn came(&mut self, missing: usize, data: &Bytes) -> Result<(), FrameError> {
        if let Some(room) = &mut self.room {
            let here = self.received.len() + data.len();
            let bytes = room.idle + room.of_message(here);
            if bytes > room.charge.bytes() && !room.charge.try_set(Purpose::Call, bytes) {
                return Err(FrameError::NoRoom);
            }
            room.charge.owe(here);
            room.charge.account().brought(data.len());
        }
        self.received.reserve(missing.max(data.len()));
        self.received.extend_from_slice(data);
        Ok(())
    }

    fn late(&self) -> FrameError {
        match &self.room {
            Some(Room { waits: true, .. }) => FrameError::NoRoom,
            room => FrameError::ReceiveTimeout {
                limit: room.as_ref().map_or(Duration::MAX, |room| room.within),
            },
        }
    }

    /// The first `size` bytes that came, without the prefix, in memory of their own.
    fn hand_out(&mut self, size: usize) -> Result<Bytes, FrameError> {
        let message = if size <= MAX_COPIED {
            let message = Bytes::copy_from_slice(&self.received[ENVELOPE..size]);
            self.received.advance(size);
            message
        } else {
            let mut message = self.received.split_to(size);
            self.received = BytesMut::from(&self.received[..]);
            message.advance(ENVELOPE);
            message.freeze()
        };
        if self.received.is_empty() {
            self.received = BytesMut::new();
        }
        let Some(room) = &mut self.room else {
            return Ok(message);
        };
        room.until = None;
        room.charge.owe(self.received.len());
        let rest = room.idle + room.of_message(self.received.len());
        let all = rest + room.of_message(size);
        if all > room.charge.bytes() && !room.charge.try_set(Purpose::Call, all) {
            return Err(FrameError::NoRoom);
        }
        Ok(room.charge.split(rest).with(message, 0))
    }
}

/// The next frame of `body`, once there is room for all of the message that has begun.
async fn more_in_room<B>(
    body: &mut B,
    room: &mut Room,
    size: Option<usize>,
) -> Option<Result<http_body::Frame<Bytes>, B::Error>>
where
    B: Body<Data = Bytes> + Unpin,
{
    if let Some(size) = size {
        let bytes = room.idle + room.of_message(size);
        if bytes > room.charge.bytes() && !room.charge.try_set(Purpose::Request, bytes) {
            // What comes meanwhile stays in the windows of HTTP/2.
            room.waits = true;
            room.charge.set(Purpose::Request, bytes).await;
            room.waits = false;
        }
        room.charge.owe(size);
    }
    poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grpc::frames::Frames;

    /// The messages of a call whose bytes come in these pieces, and how it ends.
    async fn taken_apart(limit: usize, frames: &[&[u8]]) -> (Vec<Bytes>, Result<(), FrameError>) {
        let mut messages = Messages::new(Frames::copied(frames), limit);
        let mut taken = Vec::new();
        loop {
            match messages.next().await {
                Ok(Some(message)) => taken.push(message),
                Ok(None) => return (taken, Ok(())),
                Err(error) => return (taken, Err(error)),
            }
        }
    }

    #[tokio::test]
    async fn messages_come_in_any_pieces() {
        let bytes = [0, 0, 0, 0, 3, 7, 8, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 5];
        let expected: [&[u8]; 3] = [&[7, 8, 9], &[], &[5]];
        for cut in 0..=bytes.len() {
            let (head, tail) = bytes.split_at(cut);
            assert_eq!(
                taken_apart(3, &[head, tail]).await,
                (expected.map(Bytes::from_static).to_vec(), Ok(()))
            );
        }
        let single: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(taken_apart(3, &single).await.0.len(), 3);
        assert_eq!(taken_apart(3, &[]).await, (vec![], Ok(())));
    }

    #[tokio::test]
    async fn broken_framing_is_named() {
        let error = |limit, bytes: &'static [u8]| async move {
            taken_apart(limit, &[bytes]).await.1.unwrap_err()
        };
        let cut_off = |received, size| FrameError::Truncated { received, size };
        assert_eq!(error(9, &[0, 0]).await, cut_off(2, 5));
        assert_eq!(error(9, &[0, 0, 0, 0, 2, 1]).await, cut_off(6, 7));
        assert_eq!(error(9, &[1, 0, 0, 0, 0]).await, FrameError::Compressed);
        assert_eq!(
            error(9, &[2, 0, 0, 0, 0]).await,
            FrameError::BadFlag { flag: 2 }
        );
        let size = 0x0100_0000;
        assert_eq!(
            error(9, &[0, 1, 0, 0, 0]).await,
            FrameError::TooLarge { size, limit: 9 }
        );
    }
}
