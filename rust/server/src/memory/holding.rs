//! What one connection holds of the memory for clients: a number of quanta that the server gave it,
//! and bytes that are used of them.
//!
//! Nearly every change stays within the quanta, so it is one atomic operation on memory that belongs
//! to the connection, and the server's own count, which all threads share, is touched rarely.
// #[HotPath]
// except awaits: the end of a connection.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use tokio::sync::Notify;

/// Bytes that the server gives and takes at a time.
pub(crate) const QUANTUM: usize = 16 * 1024;

/// Quanta stand in the high bits, used bytes in these.
const USED_BITS: u32 = 40;
const ONE_QUANTUM: u64 = 1 << USED_BITS;
const USED: u64 = ONE_QUANTUM - 1;

/// Quanta of so many bytes, rounded up.
pub(crate) const fn quanta(bytes: usize) -> usize {
    bytes.div_ceil(QUANTUM)
}

/// What one connection holds.
#[derive(Debug, Default)]
pub(crate) struct Holding {
    /// Quanta and used bytes. Quanta change under the lock of the server's count only.
    packed: AtomicU64,
    /// Bytes that waited for the client since the connection began, answers that it had to take and
    /// requests that it had to finish, and those of them that wait no longer.
    owed: AtomicU64,
    settled: AtomicU64,
    /// Bytes that the client took since the connection began.
    taken: AtomicU64,
    /// Bytes that it brought of requests that were waited for.
    brought: AtomicU64,
    /// Calls that are open.
    calls: AtomicUsize,
    /// Calls that began.
    begun: AtomicU64,
    /// Charges that wait for room.
    waiting: AtomicUsize,
    /// Those of them that are for requests.
    waiting_requests: AtomicUsize,
    /// The connection has to end.
    ended: Notify,
}

impl Holding {
    /// Uses `bytes` of the quanta; `Err` has the number of quanta that are missing for it.
    #[inline]
    pub(crate) fn try_use(&self, bytes: usize) -> Result<(), usize> {
        let mut packed = self.packed.load(Ordering::Relaxed);
        loop {
            let used = (packed & USED) as usize + bytes;
            let given = (packed >> USED_BITS) as usize;
            if used > given * QUANTUM {
                return Err(quanta(used) - given);
            }
            match self.packed.compare_exchange_weak(
                packed,
                packed + bytes as u64,
                Ordering::SeqCst,
                Ordering::Relaxed,
            ) {
                Ok(_) => return Ok(()),
                Err(now) => packed = now,
            }
        }
    }

    /// Gives back bytes that were used. Returns how many quanta are not used at all.
    #[inline]
    pub(crate) fn release(&self, bytes: usize) -> usize {
        let before = self.packed.fetch_sub(bytes as u64, Ordering::SeqCst);
        let used = (before & USED) as usize - bytes;
        (before >> USED_BITS) as usize - quanta(used)
    }

    /// Quanta that the server gave.
    pub(crate) fn given(&self) -> usize {
        (self.packed.load(Ordering::Relaxed) >> USED_BITS) as usize
    }

    /// Bytes that are used.
    pub(crate) fn used(&self) -> usize {
        (self.packed.load(Ordering::Relaxed) & USED) as usize
    }

    /// Under the lock of the server's count.
    pub(crate) fn give(&self, quanta: usize) {
        self.packed
            .fetch_add(quanta as u64 * ONE_QUANTUM, Ordering::SeqCst);
    }

    /// Takes what is not used, but for `keep` quanta, and returns how many they were. Under the lock
    /// of the server's count.
    pub(crate) fn take_unused(&self, keep: usize) -> usize {
        let mut packed = self.packed.load(Ordering::Relaxed);
        loop {
            let given = (packed >> USED_BITS) as usize;
            let needed = quanta((packed & USED) as usize) + keep;
            let taken = given.saturating_sub(needed);
            if taken == 0 {
                return 0;
            }
            match self.packed.compare_exchange_weak(
                packed,
                packed - taken as u64 * ONE_QUANTUM,
                Ordering::SeqCst,
                Ordering::Relaxed,
            ) {
                Ok(_) => return taken,
                Err(now) => packed = now,
            }
        }
    }

    /// A call begins.
    #[inline]
    pub(crate) fn begin_call(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
        self.count_call();
    }

    /// Counts a call, which may be over already.
    #[inline]
    pub(crate) fn count_call(&self) {
        // The connection's own thread alone begins calls, so that it need not lock the memory bus.
        let begun = self.begun.load(Ordering::Relaxed);
        self.begun.store(begun.wrapping_add(1), Ordering::Relaxed);
    }

    /// Calls that began until now.
    pub(crate) fn begun(&self) -> u64 {
        self.begun.load(Ordering::Relaxed)
    }

    /// It is over, and its answer sent.
    #[inline]
    pub(crate) fn end_call(&self) {
        self.calls.fetch_sub(1, Ordering::Relaxed);
    }

    /// Calls that are open.
    #[inline]
    pub(crate) fn calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    /// Counts bytes that wait for the client from now on.
    pub(crate) fn owe(&self, bytes: usize) {
        self.owed.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// They wait no longer.
    pub(crate) fn settle(&self, bytes: usize) {
        self.settled.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Bytes that wait for the client.
    pub(crate) fn owed(&self) -> usize {
        let settled = self.settled.load(Ordering::Relaxed);
        let owed = self.owed.load(Ordering::Relaxed);
        owed.saturating_sub(settled) as usize
    }

    /// Whether the client took so many bytes, and of answers.
    pub(crate) fn has_taken(&self, bytes: u64) -> bool {
        self.taken().min(self.settled.load(Ordering::Relaxed)) >= bytes
    }

    /// Counts bytes that the client took.
    #[inline]
    pub(crate) fn count_taken(&self, bytes: usize) {
        self.taken.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Counts bytes that it brought of a request that was waited for.
    pub(crate) fn count_brought(&self, bytes: usize) {
        self.brought.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// Bytes that it took until now.
    pub(crate) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// Bytes that it took or brought until now.
    pub(crate) fn moved(&self) -> u64 {
        self.taken() + self.brought.load(Ordering::Relaxed)
    }

    /// Counts a charge that begins to wait for room, maybe for a request.
    pub(crate) fn begin_waiting(&self, request: bool) {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        self.waiting_requests
            .fetch_add(usize::from(request), Ordering::Relaxed);
    }

    /// It waits no longer.
    pub(crate) fn end_waiting(&self, request: bool) {
        self.waiting.fetch_sub(1, Ordering::SeqCst);
        self.waiting_requests
            .fetch_sub(usize::from(request), Ordering::Relaxed);
    }

    /// Whether charges wait for room.
    #[inline]
    pub(crate) fn is_waiting(&self) -> bool {
        self.waiting.load(Ordering::SeqCst) > 0
    }

    /// Whether requests wait for room.
    #[inline]
    pub(crate) fn requests_wait(&self) -> bool {
        self.waiting_requests.load(Ordering::Relaxed) > 0
    }

    /// How many answers wait for room.
    #[inline]
    pub(crate) fn answers_that_wait(&self) -> usize {
        let requests = self.waiting_requests.load(Ordering::Relaxed);
        let all = self.waiting.load(Ordering::Relaxed);
        all.saturating_sub(requests)
    }

    /// Says that the connection has to end.
    pub(crate) fn end(&self) {
        self.ended.notify_one();
    }

    /// Waits until the connection has to end.
    pub(crate) async fn ended(&self) {
        self.ended.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_used_of_quanta() {
        let holding = Holding::default();
        assert_eq!(holding.try_use(1), Err(1));
        assert_eq!(holding.try_use(3 * QUANTUM + 1), Err(4));
        holding.give(4);
        assert_eq!(holding.try_use(3 * QUANTUM + 1), Ok(()));
        assert_eq!(holding.try_use(QUANTUM), Err(1));
        assert_eq!(holding.try_use(QUANTUM - 1), Ok(()));
        assert_eq!((holding.given(), holding.used()), (4, 4 * QUANTUM));
        assert_eq!(holding.release(QUANTUM), 1);
        assert_eq!(holding.take_unused(1), 0);
        assert_eq!(holding.take_unused(0), 1);
        assert_eq!(holding.release(3 * QUANTUM), 3);
        assert_eq!(holding.take_unused(2), 1);
        assert_eq!(holding.take_unused(0), 2);
        assert_eq!((holding.given(), holding.used()), (0, 0));
    }
}
