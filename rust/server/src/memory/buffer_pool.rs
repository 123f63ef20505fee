//! The memory that an answer is written into.
//!
//! That of a large answer is used again. The allocator gives blocks of a mebibyte back to the system
//! soon after they are free, and then each page of the next one is a page fault.
// #[HotPath]
// except locks: for answers of more than 64 KiB, which copying outweighs; held for a push or a pop.

use std::ops::{Deref, DerefMut};

use parking_lot::Mutex;

/// Answers of more bytes are large: their memory is kept, and they are sent from where they lie.
pub(crate) const LARGE_BYTES: usize = 64 * 1024;

/// Memory of so many times what is asked for is not given: a small answer whose client does not read
/// would keep it.
const MAX_OVER: usize = 4;

static KEPT: Mutex<BufferPool> = Mutex::new(BufferPool::new());

/// A `Vec` whose memory is kept for others when it is large.
#[derive(Debug, Default)]
pub(crate) struct PooledBuffer(Vec<u8>);

impl PooledBuffer {
    pub(crate) fn with_capacity(capacity: usize) -> PooledBuffer {
        if capacity <= LARGE_BYTES {
            return PooledBuffer(Vec::with_capacity(capacity));
        }
        // Not under the lock: a new one takes a system call.
        let kept = KEPT.lock().take(capacity);
        PooledBuffer(kept.unwrap_or_else(|| Vec::with_capacity(capacity)))
    }

    /// Makes room for `capacity` bytes in all, if there is less.
    pub(crate) fn grow(&mut self, capacity: usize) {
        if capacity <= LARGE_BYTES {
            self.0.reserve_exact(capacity.saturating_sub(self.0.len()));
        } else if capacity > self.0.capacity() {
            let mut larger = PooledBuffer::with_capacity(capacity);
            larger.0.extend_from_slice(&self.0);
            *self = larger;
        }
    }

    /// Whether its memory is worth keeping.
    pub(crate) fn is_large(&self) -> bool {
        self.0.capacity() > LARGE_BYTES
    }

    pub(crate) fn into_vec(mut self) -> Vec<u8> {
        std::mem::take(&mut self.0)
    }
}

impl AsRef<[u8]> for PooledBuffer {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Deref for PooledBuffer {
    type Target = Vec<u8>;

    fn deref(&self) -> &Vec<u8> {
        &self.0
    }
}

impl DerefMut for PooledBuffer {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }
}

impl Drop for PooledBuffer {
    fn drop(&mut self) {
        if self.is_large() {
            let buffer = std::mem::take(&mut self.0);
            // What is too much is freed behind the lock.
            let _given_up = KEPT.lock().keep(buffer);
        }
    }
}

/// What a server allows to be kept for answers to come, in the whole process, as long as it lives: the least
/// that a server allows is kept, and nothing once there is none.
#[derive(Debug)]
pub(crate) struct PoolBound(u64);

impl PoolBound {
    /// Allows `bytes`.
    pub(crate) fn new(bytes: usize) -> PoolBound {
        let mut kept = KEPT.lock();
        let (number, gone) = kept.allow(bytes);
        drop(kept);
        // What is too much is freed behind the lock, here and below.
        drop(gone);
        PoolBound(number)
    }

    /// Allows so many `bytes` from now on.
    pub(crate) fn set(&self, bytes: usize) {
        let gone = KEPT.lock().change(self.0, Some(bytes));
        drop(gone);
    }
}

impl Drop for PoolBound {
    fn drop(&mut self) {
        let gone = KEPT.lock().change(self.0, None);
        drop(gone);
    }
}

/// Empty buffers, the one that was used last at the end.
struct BufferPool {
    buffers: Vec<Vec<u8>>,
    bytes: usize,
    most: usize,
    /// What each server allows, by its number.
    allowed: Vec<(u64, usize)>,
    /// Numbers that were given.
    numbers: u64,
}

impl BufferPool {
    const fn new() -> BufferPool {
        BufferPool {
            buffers: Vec::new(),
            bytes: 0,
            most: 0,
            allowed: Vec::new(),
            numbers: 0,
        }
    }

    /// One more server, which allows `bytes`: its number, and what has to go.
    fn allow(&mut self, bytes: usize) -> (u64, Vec<Vec<u8>>) {
        self.numbers += 1;
        self.allowed.push((self.numbers, bytes));
        (self.numbers, self.limit())
    }

    /// Another number of bytes for a server, or none if it is gone; returns what has to go.
    fn change(&mut self, number: u64, bytes: Option<usize>) -> Vec<Vec<u8>> {
        self.allowed.retain(|(other, _)| *other != number);
        self.allowed.extend(bytes.map(|bytes| (number, bytes)));
        self.limit()
    }

    /// Keeps the least that is allowed.
    fn limit(&mut self) -> Vec<Vec<u8>> {
        let allowed = self.allowed.iter().map(|(_, bytes)| *bytes);
        self.most = allowed.min().unwrap_or(0);
        self.forget()
    }

    /// A buffer of at least `capacity` bytes; the latest that fits, as its pages are likeliest to be
    /// in a cache.
    fn take(&mut self, capacity: usize) -> Option<Vec<u8>> {
        let fits = |buffer: &Vec<u8>| {
            (capacity..=capacity.saturating_mul(MAX_OVER)).contains(&buffer.capacity())
        };
        let at = self.buffers.iter().rposition(fits)?;
        let buffer = self.buffers.remove(at);
        self.bytes -= buffer.capacity();
        Some(buffer)
    }

    /// Keeps `buffer`, and returns what has to go for it: those that were used longest ago.
    fn keep(&mut self, mut buffer: Vec<u8>) -> Vec<Vec<u8>> {
        buffer.clear();
        self.bytes += buffer.capacity();
        self.buffers.push(buffer);
        self.forget()
    }

    /// What is too much.
    fn forget(&mut self) -> Vec<Vec<u8>> {
        let mut gone = 0;
        while self.bytes > self.most {
            self.bytes -= self.buffers[gone].capacity();
            gone += 1;
        }
        self.buffers.drain(..gone).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1 << 20;
    const MOST: usize = 32 * MIB;

    fn pool() -> BufferPool {
        let mut pool = BufferPool::new();
        assert!(pool.allow(MOST).1.is_empty());
        pool
    }

    #[test]
    fn what_is_given_back_is_taken_again_if_it_fits() {
        let mut kept = pool();
        let buffer = vec![7; MIB];
        let address = buffer.as_ptr();
        assert!(kept.keep(buffer).is_empty());
        assert!(kept.take(MIB + 1).is_none(), "it is too small");
        assert!(kept.take(MIB / MAX_OVER - 1).is_none(), "it is a waste");
        let again = kept.take(MIB).unwrap();
        assert_eq!((again.as_ptr(), again.len()), (address, 0));
        assert!(kept.take(MIB).is_none());
        assert_eq!(kept.bytes, 0);
    }

    #[test]
    fn no_more_is_kept_than_the_limit() {
        let mut kept = pool();
        for _ in 0..MOST / MIB {
            assert!(kept.keep(Vec::with_capacity(MIB)).is_empty());
        }
        let gone = kept.keep(Vec::with_capacity(2 * MIB));
        assert_eq!(gone.len(), 2);
        assert_eq!(kept.bytes, MOST);
        let gone = kept.keep(Vec::with_capacity(MOST + 1));
        assert_eq!(gone.len(), MOST / MIB);
        assert_eq!((kept.buffers.len(), kept.bytes), (0, 0));
    }

    #[test]
    fn the_least_that_a_server_allows_is_kept() {
        let mut kept = BufferPool::new();
        let capacities = |kept: &BufferPool| kept.buffers.len();
        let keep = |kept: &mut BufferPool| {
            for _ in 0..5 {
                kept.keep(Vec::with_capacity(MIB));
            }
            kept.buffers.len()
        };
        assert_eq!(keep(&mut kept), 0, "nobody is there to use it");
        let (first, _) = kept.allow(4 * MIB);
        assert_eq!(keep(&mut kept), 4);
        let (second, gone) = kept.allow(2 * MIB);
        assert_eq!((gone.len(), capacities(&kept)), (2, 2));
        // Lower and higher at run time.
        assert_eq!(kept.change(second, Some(MIB)).len(), 1);
        assert!(kept.change(second, Some(3 * MIB)).is_empty());
        assert_eq!(keep(&mut kept), 3);
        assert!(kept.change(second, None).is_empty());
        assert_eq!(keep(&mut kept), 4);
        assert_eq!(kept.change(first, None).len(), 4);
        assert_eq!(kept.bytes, 0);
    }

    #[test]
    fn growing_keeps_what_was_written() {
        let mut buffer = PooledBuffer::with_capacity(10);
        buffer.extend_from_slice(b"value");
        for capacity in [20, LARGE_BYTES, LARGE_BYTES + 1, MIB, 10] {
            buffer.grow(capacity);
            assert!(buffer.capacity() >= capacity);
            assert_eq!(buffer[..], *b"value");
        }
        assert!(buffer.is_large());
        assert_eq!(buffer.into_vec(), b"value");
    }
}
