//! What one turn of a connection writes, sent with one system call.
//!
//! h2 flushes after each frame that it does not copy, which is nearly every answer, so that a turn
//! that answers fifty calls would make fifty system calls: a third of the processor time of a
//! single get (`docs/benchmarks`). Here it writes into memory, and is told that all is flushed; the
//! connection sends when its turn ends, or when the memory is full.
// #[HotPath]

use std::cell::Cell;
use std::io;
use std::pin::Pin;
use std::task::{ready, Context, Poll};

use tokio::io::AsyncWrite;

/// Bytes that wait at most: a batch of 1,000 keys of 1 KiB goes out with one system call. In pieces of
/// 64 KiB each of them wakes the client, which costs the server 15 % of such a batch's time.
const CAPACITY: usize = 1024 * 1024;

thread_local! {
    /// The memory of the last connection that had sent all: most have nothing to send most of the
    /// time, and then hold none.
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Bytes on their way to a client.
#[derive(Debug, Default)]
pub(crate) struct Outbox {
    bytes: Vec<u8>,
    /// How many of them are sent.
    sent: usize,
    /// The transport has some that it may still hold back.
    unflushed: bool,
    /// The writer was told that there is no room, and is to be told when there is.
    refused: bool,
}

impl Outbox {
    /// Takes as many of `bytes` as there is room for, and tells how many.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> usize {
        if self.bytes.capacity() == 0 {
            self.bytes = SPARE.try_with(Cell::take).unwrap_or_default();
        }
        let taken = bytes.len().min(CAPACITY - self.bytes.len());
        self.bytes.extend_from_slice(&bytes[..taken]);
        taken
    }

    /// Waits until there is room, by sending all. `sent` hears of each part that was sent.
    pub(crate) fn poll_room<T: AsyncWrite + Unpin>(
        &mut self,
        context: &mut Context<'_>,
        transport: &mut T,
        sent: impl FnMut(usize),
    ) -> Poll<io::Result<()>> {
        if self.bytes.len() < CAPACITY {
            return Poll::Ready(Ok(()));
        }
        self.refused = true;
        ready!(self.poll_write_all(context, transport, sent))?;
        self.refused = false;
        Poll::Ready(Ok(()))
    }

    /// Sends all, and flushes the transport.
    pub(crate) fn poll_send<T: AsyncWrite + Unpin>(
        &mut self,
        context: &mut Context<'_>,
        transport: &mut T,
        sent: impl FnMut(usize),
    ) -> Poll<io::Result<()>> {
        ready!(self.poll_write_all(context, transport, sent))?;
        if std::mem::take(&mut self.refused) {
            context.waker().wake_by_ref();
        }
        if self.unflushed {
            ready!(Pin::new(transport).poll_flush(context))?;
            self.unflushed = false;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_write_all<T: AsyncWrite + Unpin>(
        &mut self,
        context: &mut Context<'_>,
        transport: &mut T,
        mut sent: impl FnMut(usize),
    ) -> Poll<io::Result<()>> {
        if self.bytes.is_empty() {
            return Poll::Ready(Ok(()));
        }
        while self.sent < self.bytes.len() {
            let rest = &self.bytes[self.sent..];
            let written = ready!(Pin::new(&mut *transport).poll_write(context, rest))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.sent += written;
            self.unflushed = true;
            sent(written);
        }
        self.sent = 0;
        let mut empty = std::mem::take(&mut self.bytes);
        empty.clear();
        // A thread that ends keeps nothing.
        let _ = SPARE.try_with(|spare| {
            let other = spare.take();
            spare.set(if other.capacity() > empty.capacity() {
                other
            } else {
                empty
            });
        });
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::Arc;
    use std::task::{Wake, Waker};

    use super::*;

    /// Takes so many bytes, and then none.
    #[derive(Default)]
    struct Socket {
        room: usize,
        written: Vec<u8>,
        writes: usize,
        flushes: usize,
    }

    impl AsyncWrite for Socket {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            let taken = bytes.len().min(self.room);
            if taken == 0 {
                return Poll::Pending;
            }
            self.room -= taken;
            self.writes += 1;
            self.written.extend_from_slice(&bytes[..taken]);
            Poll::Ready(Ok(taken))
        }

        fn poll_flush(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            self.flushes += 1;
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[derive(Default)]
    struct Woken(AtomicUsize);

    impl Wake for Woken {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn all_of_a_turn_is_one_write() {
        let mut context = Context::from_waker(Waker::noop());
        let mut outbox = Outbox::default();
        let mut socket = Socket {
            room: 1000,
            ..Socket::default()
        };
        for answer in [&b"first"[..], b"second", b"third"] {
            assert_eq!(outbox.put(answer), answer.len());
        }
        let mut sent = 0;
        let all = outbox.poll_send(&mut context, &mut socket, |more| sent += more);
        assert!(matches!(all, Poll::Ready(Ok(()))));
        assert_eq!(socket.written, b"firstsecondthird");
        assert_eq!((socket.writes, socket.flushes, sent), (1, 1, 16));
        let nothing = outbox.poll_send(&mut context, &mut socket, |_| ());
        assert!(matches!(nothing, Poll::Ready(Ok(()))));
        assert_eq!((socket.writes, socket.flushes), (1, 1));
        assert_eq!(outbox.bytes.capacity(), 0);
    }

    #[test]
    fn who_writes_faster_than_the_client_reads_waits_and_is_woken() {
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let mut context = Context::from_waker(&waker);
        let mut outbox = Outbox::default();
        let mut socket = Socket {
            room: 10,
            ..Socket::default()
        };
        let bytes: Vec<u8> = (0..CAPACITY + 5).map(|i| i as u8).collect();
        assert_eq!(outbox.put(&bytes), CAPACITY);
        let room = outbox.poll_room(&mut context, &mut socket, |_| ());
        assert!(room.is_pending());
        let sent = outbox.poll_send(&mut context, &mut socket, |_| ());
        assert!(sent.is_pending());
        assert_eq!(woken.0.load(Ordering::Relaxed), 0);

        socket.room = usize::MAX;
        let sent = outbox.poll_send(&mut context, &mut socket, |_| ());
        assert!(matches!(sent, Poll::Ready(Ok(()))));
        assert_eq!(woken.0.load(Ordering::Relaxed), 1);
        let room = outbox.poll_room(&mut context, &mut socket, |_| ());
        assert!(matches!(room, Poll::Ready(Ok(()))));
        assert_eq!(outbox.put(&bytes[CAPACITY..]), 5);
        let sent = outbox.poll_send(&mut context, &mut socket, |_| ());
        assert!(matches!(sent, Poll::Ready(Ok(()))));
        assert_eq!(socket.written, bytes);
        assert_eq!(woken.0.load(Ordering::Relaxed), 1);
    }
}
