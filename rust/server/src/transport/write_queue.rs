//! Coalesces all writes of one poll of a connection into one system call.
//!
//! h2 flushes after each frame that it does not copy, which is nearly every answer, so that a turn
//! that answers fifty calls would make fifty system calls: a third of the processor time of a
//! single get (`docs/benchmarks`). Here it is told that all is flushed; the connection sends when its
//! turn ends, or when there is no more room. Small parts are gathered in memory; frames of large
//! answers are kept [where they lie](crate::response::zero_copy) and sent from there, by `writev`.
// #[HotPath]

use std::cell::Cell;
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::ops::Range;
use std::pin::Pin;
use std::task::{ready, Context, Poll};

use smallvec::SmallVec;
use tokio::io::AsyncWrite;

use crate::memory::account::{Account, Charge};
use crate::memory::client_memory::Purpose;
use crate::response::zero_copy::ResponseSlice;

/// Bytes that wait at most: a batch of 1,000 keys of 1 KiB goes out with one system call. In pieces of
/// 64 KiB each of them wakes the client, which costs the server 15 % of such a batch's time.
const CAPACITY: usize = 1024 * 1024;

/// Bytes of copies that every connection may have, which are counted nowhere.
const FREE: usize = 64 * 1024;
/// Bytes by which more memory for copies is asked for.
const STEP: usize = 64 * 1024;
/// Memory of more bytes is not kept for another connection.
const MAX_SPARE: usize = 256 * 1024;

/// What is shorter is copied: to look its answer up costs as much.
const MIN_SLICE: usize = 4 * 1024;

/// Parts of one system call. Linux takes up to 1,024; these are frames of 16 KiB, and what is between
/// them, of all that may wait.
const PARTS_AT_ONCE: usize = 160;

thread_local! {
    /// The memory of the last connection that had sent all: most have nothing to send most of the
    /// time, and then hold none.
    static SPARE: Cell<Memory> = const { Cell::new(Memory::new()) };
}

/// Bytes on their way to a client.
#[derive(Debug, Default)]
pub(crate) struct WriteQueue {
    memory: Memory,
    /// Bytes that were taken since it was empty.
    taken: usize,
    /// The transport has some that it may still hold back.
    unflushed: bool,
    /// The writer was told that there is no room, and is to be told when there is.
    refused: bool,
    /// What the memory for copies is counted by.
    charge: Option<Charge>,
}

#[derive(Debug, Default)]
struct Memory {
    copied: Vec<u8>,
    /// In the order in which they were written; none is empty.
    parts: VecDeque<Part>,
}

#[derive(Debug)]
enum Part {
    /// So many bytes of what was copied.
    Copied(Range<usize>),
    InPlace(ResponseSlice),
}

impl WriteQueue {
    /// Takes as many of `bytes` as there is room for, and tells how many.
    pub(crate) fn put(&mut self, bytes: &[u8]) -> usize {
        let mut bytes = &bytes[..bytes.len().min(CAPACITY - self.taken)];
        if bytes.is_empty() {
            return 0;
        }
        if self.memory.is_none() {
            self.memory = SPARE.try_with(Cell::take).unwrap_or_default();
            if !self.counts(self.memory.copied.capacity()) {
                self.memory = Memory::new();
            }
        }
        let in_place = bytes.len() >= MIN_SLICE;
        match in_place.then(|| ResponseSlice::of(bytes)).flatten() {
            Some(piece) => self.memory.parts.push_back(Part::InPlace(piece)),
            None => {
                let room = self.room_for_copies(bytes.len());
                bytes = &bytes[..bytes.len().min(room)];
                if bytes.is_empty() {
                    return 0;
                }
                self.memory.copy(bytes);
            }
        }
        self.taken += bytes.len();
        bytes.len()
    }

    /// Whether nothing waits to be sent.
    pub(crate) fn is_empty(&self) -> bool {
        self.memory.parts.is_empty()
    }

    /// Counts what waits to be sent, and what was sent, for `account` from now on.
    pub(crate) fn count_for(&mut self, account: &Account) {
        self.charge = Some(account.nothing());
    }

    /// Whether so much memory for copies can be counted.
    fn counts(&mut self, capacity: usize) -> bool {
        match &mut self.charge {
            Some(charge) => charge.try_set(Purpose::Outgoing, capacity.saturating_sub(FREE)),
            None => true,
        }
    }

    /// Bytes that can be copied, of `wanted`; the memory for them is there. None at most when the
    /// client holds all it may, and then until all that waits was sent.
    fn room_for_copies(&mut self, wanted: usize) -> usize {
        let here = self.memory.copied.capacity() - self.memory.copied.len();
        if here >= wanted {
            return wanted;
        }
        let capacity = self.memory.copied.capacity();
        let needed = self.memory.copied.len() + wanted;
        // As a vector grows, and to the end of what is free at least.
        let larger = needed.max(2 * capacity).max(MIN_SLICE);
        let larger = if larger > FREE {
            larger.next_multiple_of(STEP)
        } else {
            larger
        };
        let larger = if self.counts(larger) {
            larger
        } else if capacity < FREE {
            FREE
        } else {
            return here;
        };
        let more = larger - self.memory.copied.len();
        self.memory.copied.reserve_exact(more);
        wanted.min(more)
    }

    /// Waits until there is room, by sending all. `sent` hears of each part that was sent.
    pub(crate) fn poll_capacity<T: AsyncWrite + Unpin>(
        &mut self,
        context: &mut Context<'_>,
        transport: &mut T,
        sent: impl FnMut(usize),
    ) -> Poll<io::Result<()>> {
        if self.memory.is_none() || self.taken < CAPACITY && self.room_for_copies(MIN_SLICE) > 0 {
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
        if self.memory.parts.is_empty() {
            return Poll::Ready(Ok(()));
        }
        while !self.memory.parts.is_empty() {
            let written = ready!(self.memory.poll_write(context, transport))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.memory.forget(written);
            self.unflushed = true;
            sent(written);
            if let Some(charge) = &self.charge {
                charge.account().taken(written);
            }
        }
        self.taken = 0;
        let mut empty = std::mem::take(&mut self.memory);
        empty.copied.clear();
        self.counts(0);
        if empty.copied.capacity() > MAX_SPARE {
            return Poll::Ready(Ok(()));
        }
        // A thread that ends keeps nothing.
        let _ = SPARE.try_with(|spare| {
            let other = spare.take();
            spare.set(if other.copied.capacity() > empty.copied.capacity() {
                other
            } else {
                empty
            });
        });
        Poll::Ready(Ok(()))
    }
}

impl Memory {
    const fn new() -> Memory {
        Memory {
            copied: Vec::new(),
            parts: VecDeque::new(),
        }
    }

    fn is_none(&self) -> bool {
        self.copied.capacity() == 0 && self.parts.capacity() == 0
    }

    fn copy(&mut self, bytes: &[u8]) {
        let begin = self.copied.len();
        self.copied.extend_from_slice(bytes);
        let end = self.copied.len();
        match self.parts.back_mut() {
            Some(Part::Copied(range)) => range.end = end,
            _ => self.parts.push_back(Part::Copied(begin..end)),
        }
    }

    fn bytes<'a>(&'a self, part: &'a Part) -> &'a [u8] {
        match part {
            Part::Copied(range) => &self.copied[range.clone()],
            Part::InPlace(piece) => piece.as_ref(),
        }
    }

    fn poll_write<T: AsyncWrite + Unpin>(
        &self,
        context: &mut Context<'_>,
        transport: &mut T,
    ) -> Poll<io::Result<usize>> {
        let transport = Pin::new(transport);
        let mut parts = self.parts.iter().map(|part| self.bytes(part));
        if parts.len() == 1 {
            return transport.poll_write(context, parts.next().unwrap_or_default());
        }
        let parts = parts.take(PARTS_AT_ONCE).map(IoSlice::new);
        let slices: SmallVec<[IoSlice<'_>; PARTS_AT_ONCE]> = parts.collect();
        transport.poll_write_vectored(context, &slices)
    }

    /// Forgets so many bytes at the front.
    fn forget(&mut self, mut written: usize) {
        while let Some(part) = self.parts.front_mut() {
            let length = match part {
                Part::Copied(range) => range.len(),
                Part::InPlace(piece) => piece.as_ref().len(),
            };
            if written < length {
                match part {
                    Part::Copied(range) => range.start += written,
                    Part::InPlace(piece) => piece.advance(written),
                }
                return;
            }
            written -= length;
            self.parts.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::Arc;
    use std::task::{Wake, Waker};

    use super::*;
    use crate::memory::buffer_pool::PooledBuffer;
    use crate::response::zero_copy::SharedResponse;

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

        fn poll_write_vectored(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
            slices: &[IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            let bytes: Vec<u8> = slices.iter().flat_map(|slice| slice.to_vec()).collect();
            self.as_mut().poll_write(context, &bytes)
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
        let mut outbox = WriteQueue::default();
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
        assert!(outbox.memory.is_none(), "it holds no memory");
    }

    #[test]
    fn who_writes_faster_than_the_client_reads_waits_and_is_woken() {
        let woken = Arc::new(Woken::default());
        let waker = Waker::from(Arc::clone(&woken));
        let mut context = Context::from_waker(&waker);
        let mut outbox = WriteQueue::default();
        let mut socket = Socket {
            room: 10,
            ..Socket::default()
        };
        let bytes: Vec<u8> = (0..CAPACITY + 5).map(|i| i as u8).collect();
        assert_eq!(outbox.put(&bytes), CAPACITY);
        let room = outbox.poll_capacity(&mut context, &mut socket, |_| ());
        assert!(room.is_pending());
        let sent = outbox.poll_send(&mut context, &mut socket, |_| ());
        assert!(sent.is_pending());
        assert_eq!(woken.0.load(Ordering::Relaxed), 0);

        socket.room = usize::MAX;
        let sent = outbox.poll_send(&mut context, &mut socket, |_| ());
        assert!(matches!(sent, Poll::Ready(Ok(()))));
        assert_eq!(woken.0.load(Ordering::Relaxed), 1);
        let room = outbox.poll_capacity(&mut context, &mut socket, |_| ());
        assert!(matches!(room, Poll::Ready(Ok(()))));
        assert_eq!(outbox.put(&bytes[CAPACITY..]), 5);
        let sent = outbox.poll_send(&mut context, &mut socket, |_| ());
        assert!(matches!(sent, Poll::Ready(Ok(()))));
        assert_eq!(socket.written, bytes);
        assert_eq!(woken.0.load(Ordering::Relaxed), 1);
    }

    /// An answer of so many bytes, as h2 has it.
    fn answer(length: usize) -> bytes::Bytes {
        let mut buffer = PooledBuffer::with_capacity(length);
        buffer.extend((0..length).map(|i| (i * 7) as u8));
        SharedResponse::new(buffer, 0, None).into_bytes()
    }

    #[test]
    fn frames_of_a_large_answer_are_sent_from_where_they_lie() {
        let mut context = Context::from_waker(Waker::noop());
        let mut outbox = WriteQueue::default();
        let answer = answer(6 * 16_384 + 5_000);
        let mut expected = Vec::new();
        for frame in answer.chunks(16_384) {
            for bytes in [b"head 9 B.", frame] {
                assert_eq!(outbox.put(bytes), bytes.len());
                expected.extend_from_slice(bytes);
            }
        }
        assert_eq!(outbox.memory.copied.len(), 7 * 9, "only the heads");
        // As h2, which has handed all of it over.
        drop(answer);

        let mut socket = Socket::default();
        for room in [5, 9, 16_384, 1, 30_000, 16_393] {
            socket.room = room;
            let sent = outbox.poll_send(&mut context, &mut socket, |_| ());
            assert!(sent.is_pending());
        }
        // What comes meanwhile follows.
        assert_eq!(outbox.put(b"trailers"), 8);
        expected.extend_from_slice(b"trailers");
        socket.room = usize::MAX;
        let sent = outbox.poll_send(&mut context, &mut socket, |_| ());
        assert!(matches!(sent, Poll::Ready(Ok(()))));
        assert!(socket.written == expected, "the bytes differ");
        assert_eq!(socket.writes, 7);
    }

    #[test]
    fn more_parts_than_one_call_takes() {
        let mut context = Context::from_waker(Waker::noop());
        let mut outbox = WriteQueue::default();
        let answer = answer(2 * PARTS_AT_ONCE * MIN_SLICE);
        let mut expected = Vec::new();
        for frame in answer.chunks(MIN_SLICE).take(PARTS_AT_ONCE) {
            outbox.put(b"head");
            outbox.put(frame);
            expected.extend_from_slice(b"head");
            expected.extend_from_slice(frame);
        }
        let mut socket = Socket {
            room: usize::MAX,
            ..Socket::default()
        };
        let sent = outbox.poll_send(&mut context, &mut socket, |_| ());
        assert!(matches!(sent, Poll::Ready(Ok(()))));
        assert!(socket.written == expected, "the bytes differ");
        assert_eq!(socket.writes, 2);
    }
}
