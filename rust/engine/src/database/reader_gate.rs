//! Rundown protection: counts readers, refuses new ones once a close has begun, and wakes the closer when
//! the last one has left.
//!
//! Java closes and reopens a database while requests are being answered from it, and expects its
//! files and its lock to be free when the native returns. So closing shuts the gate and waits;
//! counting is all that is needed, as reads are short and have a deadline.
// #[HotPath]
// except locks: a close waits behind one; a reader takes it if it is the last of a gate that was shut.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use parking_lot::{Condvar, Mutex};

/// The gate is shut. The bits below it count readers that are inside.
const SHUT: u64 = 1 << 31;
/// The bits above it count readers that came in; that number begins again at 0 after 2^32.
const CAME: u64 = 1 << 32;
/// [`SHUT`], and the readers that are inside.
const NOW: u64 = CAME - 1;

/// Lets readers in until it is shut.
#[derive(Default)]
pub(crate) struct ReaderGate {
    state: AtomicU64,
    /// Orders the last leave and the wait for it; guards nothing else.
    parking: Mutex<()>,
    drained: Condvar,
}

impl ReaderGate {
    /// Counts a reader in, unless the gate is shut. Every `true` needs one [`ReaderGate::leave`].
    pub(crate) fn enter(&self) -> bool {
        self.enter_as(CAME | 1)
    }

    /// [`ReaderGate::enter`] of one who reads nothing for a client, and does not count among those who came.
    pub(crate) fn look(&self) -> bool {
        self.enter_as(1)
    }

    /// Counts one among those who came in who is inside by [`ReaderGate::look`].
    #[inline]
    pub(crate) fn count(&self) {
        self.state.fetch_add(CAME, Ordering::Relaxed);
    }

    #[inline]
    fn enter_as(&self, reader: u64) -> bool {
        if self.state.load(Ordering::Relaxed) & SHUT != 0 {
            return false;
        }
        // Acquire: what the opener wrote is seen. If the gate was shut in between, the count taken
        // here is only visited: it is given back, and nobody reads under it.
        if self.state.fetch_add(reader, Ordering::Acquire) & SHUT == 0 {
            return true;
        }
        self.leave();
        false
    }

    /// Counts a reader out. True if it was the last one of a shut gate.
    pub(crate) fn leave(&self) -> bool {
        // Release: everything this reader did with the database happens before the close.
        if self.state.fetch_sub(1, Ordering::AcqRel) & NOW != SHUT | 1 {
            return false;
        }
        drop(self.parking.lock());
        self.drained.notify_all();
        true
    }

    /// Shuts the gate for good: who is inside may finish, nobody else gets in.
    pub(crate) fn shut(&self) {
        self.state.fetch_or(SHUT, Ordering::AcqRel);
    }

    /// True once it was shut.
    pub(crate) fn is_shut(&self) -> bool {
        self.state.load(Ordering::Acquire) & SHUT != 0
    }

    /// Readers inside.
    pub(crate) fn readers(&self) -> u64 {
        self.state.load(Ordering::Acquire) & (SHUT - 1)
    }

    /// Readers that came in since it was made, modulo 2^32.
    pub(crate) fn came(&self) -> u32 {
        (self.state.load(Ordering::Relaxed) / CAME) as u32
    }

    /// Waits until nobody is inside, at the longest until `deadline`. The gate must be shut.
    pub(crate) fn wait_drained(&self, deadline: Instant) -> bool {
        let mut parked = self.parking.lock();
        while self.readers() != 0 {
            if self.drained.wait_until(&mut parked, deadline).timed_out() {
                return self.readers() == 0;
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_shut_gate_lets_nobody_in() {
        let gate = ReaderGate::default();
        assert!(gate.enter());
        gate.shut();
        assert!(!gate.enter());
        assert_eq!(gate.readers(), 1);
        assert!(!gate.wait_drained(Instant::now()));
        assert!(gate.leave());
        assert!(gate.wait_drained(Instant::now()));
    }

    #[test]
    fn who_came_is_counted_and_the_count_may_begin_again() {
        let gate = ReaderGate::default();
        for _ in 0..3 {
            assert!(gate.enter() && gate.look());
            assert_eq!(gate.readers(), 2);
            gate.leave();
            gate.leave();
        }
        assert_eq!((gate.came(), gate.readers()), (3, 0));
        // Who looks may read, too.
        assert!(gate.look());
        gate.count();
        assert_eq!((gate.came(), gate.readers()), (4, 1));
        gate.leave();
        assert!(!gate.is_shut());
        gate.state
            .store(u64::from(u32::MAX) * CAME, Ordering::Relaxed);
        assert!(gate.enter() && gate.enter());
        assert_eq!((gate.came(), gate.readers()), (1, 2));
        assert!(!gate.is_shut());
        gate.shut();
        assert!(!gate.enter() && !gate.look());
        assert_eq!(gate.readers(), 2);
        assert!(!gate.leave() && gate.leave());
        assert!(gate.wait_drained(Instant::now()));
    }

    #[test]
    fn only_the_last_reader_of_a_shut_gate_is_told() {
        let gate = ReaderGate::default();
        assert!(gate.enter() && gate.enter());
        assert!(!gate.leave());
        gate.shut();
        assert!(gate.leave());
    }

    #[test]
    fn waiting_ends_with_the_last_reader() {
        for _ in 0..200 {
            let gate = Arc::new(ReaderGate::default());
            let readers: Vec<_> = (0..4)
                .map(|_| {
                    let gate = Arc::clone(&gate);
                    std::thread::spawn(move || {
                        while gate.enter() {
                            gate.leave();
                        }
                    })
                })
                .collect();
            gate.shut();
            assert!(gate.wait_drained(Instant::now() + Duration::from_secs(60)));
            readers
                .into_iter()
                .for_each(|reader| reader.join().unwrap());
        }
    }
}
