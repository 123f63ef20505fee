//! gRPC messages of a call that has many: taken apart as they come, and sent one by one.
// #[HotPath]

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use bytes::{Buf, Bytes, BytesMut};
use http_body::Body;
use tokio::time::timeout;

use crate::grpc::FrameError;
use crate::response::{Reply, ENVELOPE};

/// The request messages of one call.
#[derive(Debug)]
pub struct Messages<B> {
    body: B,
    limit: usize,
    /// What came and was not handed out.
    received: BytesMut,
    ended: bool,
}

impl<B> Messages<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::fmt::Display,
{
    /// Reads messages of at most `limit` bytes from `body`.
    pub fn new(body: B, limit: usize) -> Messages<B> {
        Messages {
            body,
            limit,
            received: BytesMut::new(),
            ended: false,
        }
    }

    /// The next message; `None` when the client has sent its last.
    ///
    /// Cancel safety: what came stays for the next call.
    pub async fn next(&mut self) -> Result<Option<Bytes>, FrameError> {
        loop {
            let missing = match self.announced()? {
                Some(size) if self.received.len() >= size => {
                    let mut message = self.received.split_to(size);
                    message.advance(ENVELOPE);
                    return Ok(Some(message.freeze()));
                }
                Some(size) => size - self.received.len(),
                None => 0,
            };
            if self.ended {
                return match (self.received.len(), missing) {
                    (0, _) => Ok(None),
                    (received, 0) => Err(FrameError::CutOff {
                        received,
                        size: ENVELOPE,
                    }),
                    (received, missing) => Err(FrameError::CutOff {
                        received,
                        size: received + missing,
                    }),
                };
            }
            match poll_fn(|context| Pin::new(&mut self.body).poll_frame(context)).await {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.received.reserve(missing.max(data.len()));
                        self.received.extend_from_slice(&data);
                    }
                }
                Some(Err(error)) => return Err(FrameError::Transport(error.to_string())),
                None => self.ended = true,
            }
        }
    }

    /// [`Messages::next`], which has to be here within `limit` from now on.
    ///
    /// Cancel safety: what came stays for the next call.
    pub async fn next_within(&mut self, limit: Duration) -> Result<Option<Bytes>, FrameError> {
        let next = timeout(limit, self.next()).await;
        next.unwrap_or(Err(FrameError::Slow { limit }))
    }

    /// Bytes of the next message with its prefix, once the prefix is here.
    fn announced(&self) -> Result<Option<usize>, FrameError> {
        let Some(mut prefix) = self.received.get(..ENVELOPE) else {
            return Ok(None);
        };
        match prefix.get_u8() {
            0 => {}
            1 => return Err(FrameError::Compressed),
            flag => return Err(FrameError::BadFlag { flag }),
        }
        let size = prefix.get_u32() as usize;
        if size > self.limit {
            return Err(FrameError::TooLarge {
                size,
                limit: self.limit,
            });
        }
        Ok(Some(ENVELOPE + size))
    }
}

/// A reply with gRPC's prefix in front of it.
pub fn framed(reply: Reply) -> Bytes {
    let mut prefix = [0; ENVELOPE];
    // Lengths above u32::MAX do not exist: max.response.bytes ends at i32::MAX.
    prefix[1..].copy_from_slice(&(reply.message().len() as u32).to_be_bytes());
    reply.framed(prefix)
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::convert::Infallible;
    use std::task::{Context, Poll};

    use http_body::Frame;

    use super::*;

    struct Frames(VecDeque<Bytes>);

    impl Body for Frames {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            Poll::Ready(self.0.pop_front().map(|data| Ok(Frame::data(data))))
        }
    }

    /// The messages of a call whose bytes come in these pieces, and how it ends.
    async fn taken_apart(limit: usize, frames: &[&[u8]]) -> (Vec<Bytes>, Result<(), FrameError>) {
        let frames = frames.iter().map(|frame| Bytes::copy_from_slice(frame));
        let mut messages = Messages::new(Frames(frames.collect()), limit);
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
        let cut_off = |received, size| FrameError::CutOff { received, size };
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
