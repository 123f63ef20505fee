//! How long reads and closes may take.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Bounds of waiting, shared by all databases of a registry; may change while they are open.
pub(crate) struct Deadlines {
    read_millis: AtomicU64,
    close_millis: AtomicU64,
}

impl Deadlines {
    pub(crate) fn new(read: Duration, close: Duration) -> Deadlines {
        let deadlines = Deadlines {
            read_millis: AtomicU64::new(0),
            close_millis: AtomicU64::new(0),
        };
        deadlines.set_read(read);
        deadlines.set_close(close);
        deadlines
    }

    pub(crate) fn set_read(&self, bound: Duration) {
        self.read_millis.store(millis(bound), Ordering::Relaxed);
    }

    pub(crate) fn set_close(&self, bound: Duration) {
        self.close_millis.store(millis(bound), Ordering::Relaxed);
    }

    pub(super) fn close(&self) -> Duration {
        Duration::from_millis(self.close_millis.load(Ordering::Relaxed))
    }

    /// Time since the epoch when a read that starts now has to give up, as RocksDB counts it.
    pub(super) fn read_deadline_micros(&self, deadline: Option<Instant>) -> u64 {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |now| now.as_micros());
        let bound = Duration::from_millis(self.read_millis.load(Ordering::Relaxed));
        let left = deadline.map_or(bound, |deadline| {
            bound.min(deadline.saturating_duration_since(Instant::now()))
        });
        u64::try_from(now + left.as_micros()).unwrap_or(u64::MAX)
    }
}

/// Whole milliseconds, at most about a century: larger bounds would overflow sums of times.
fn millis(bound: Duration) -> u64 {
    const CENTURY: u64 = 100 * 365 * 24 * 3600 * 1000;
    u64::try_from(bound.as_millis())
        .unwrap_or(u64::MAX)
        .min(CENTURY)
}
