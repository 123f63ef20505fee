//! What a close leaves to others, and what it waits for: the state of closes of one database.

use std::time::Instant;

use parking_lot::{Condvar, Mutex};

/// What closers left to the last reader, because they could not wait any longer.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum DeferredClose {
    /// Nothing: the closer is waiting, or nobody closes.
    #[default]
    Nothing,
    /// `DB::Close`: Java called `closeDatabase` and got a time-out.
    Close,
    /// Nothing any more: the late close is done or under way.
    Closed,
    /// Delete the object: Java called `disposeInternalJni`, nobody needs it.
    Delete,
    /// Nothing ever: the object is gone.
    Deleted,
}

#[derive(Default)]
pub(super) struct Finish {
    pub(super) demand: DeferredClose,
    /// Closers at work: no delete before they are done.
    pub(super) closing: u32,
}

impl Finish {
    /// Whether somebody left something to do, and it can be done.
    pub(super) fn is_due(&self) -> bool {
        match self.demand {
            DeferredClose::Close => true,
            DeferredClose::Delete => self.closing == 0,
            DeferredClose::Nothing | DeferredClose::Closed | DeferredClose::Deleted => false,
        }
    }

    /// Adds a demand; what was demanded or done before is not taken back.
    pub(super) fn defer(&mut self, demand: DeferredClose) {
        match (self.demand, demand) {
            (DeferredClose::Nothing, _)
            | (DeferredClose::Close | DeferredClose::Closed, DeferredClose::Delete) => {
                self.demand = demand;
            }
            _ => {}
        }
    }
}

/// Counts the calls that wait for RocksDB's background work.
#[derive(Default)]
pub(super) struct LongCalls {
    pub(super) count: Mutex<usize>,
    pub(super) ended: Condvar,
}

impl LongCalls {
    pub(super) fn count(&self) -> usize {
        *self.count.lock()
    }

    pub(super) fn wait_ended(&self, deadline: Instant) -> bool {
        let mut count = self.count.lock();
        while *count > 0 {
            if self.ended.wait_until(&mut count, deadline).timed_out() {
                return *count == 0;
            }
        }
        true
    }
}
