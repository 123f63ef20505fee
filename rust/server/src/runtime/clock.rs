//! The time of quotas and access decisions: milliseconds since some moment, never backwards.

use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Tells the time. Tests put their own in its place, so that none has to wait.
pub trait Clock: Debug + Send + Sync {
    /// Milliseconds since a moment of the clock's choice.
    fn millis(&self) -> u64;
}

/// The system's clock that no one can set. It counts from its creation.
#[derive(Debug)]
pub struct MonotonicClock(Instant);

impl Default for MonotonicClock {
    fn default() -> MonotonicClock {
        MonotonicClock(Instant::now())
    }
}

impl Clock for MonotonicClock {
    fn millis(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// A clock that stands still until it is moved.
#[derive(Debug, Default)]
pub struct ManualClock(AtomicU64);

impl ManualClock {
    /// Moves the clock forward.
    pub fn advance(&self, millis: u64) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn millis(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}
