//! What an answer brings along to be counted by.

use std::cell::Cell;
use std::time::{Duration, Instant};

use venice_engine::StoreNumber;

/// What was read for an answer. Small, as answers are moved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    /// The store version that was read; `None` of answers that were not read.
    pub store: Option<StoreNumber>,
    /// Whether the request was a batch.
    pub is_batch: bool,
    /// Keys that were asked for.
    pub keys: u32,
    /// Those that were not found.
    pub missing: u32,
    /// Bytes of the key; of a batch nothing.
    pub key_bytes: u32,
    /// Bytes of the value, as stored; of a batch nothing.
    pub value_bytes: u32,
    /// Values that were put together from chunks.
    pub chunked: u32,
    /// Bytes of the request's message.
    pub request_bytes: u32,
    /// How long the request waited for a disk thread, and how many waited when it came; if it did.
    pub queued: Option<(Duration, u32)>,
    /// How long RocksDB was read from, if that was measured.
    pub query: Option<Duration>,
}

/// One read in so many is timed, of those that memory answers: two looks at the clock cost as much as all
/// the counting.
pub const TIMED_READS: u32 = 64;

thread_local! {
    static READS: Cell<u32> = const { Cell::new(0) };
}

/// Times one read in [`TIMED_READS`].
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Option<Instant>);

impl Stopwatch {
    /// Starts it, if it is time for one; or `always`, where the clock costs little beside the read.
    #[inline]
    pub fn start(always: bool) -> Stopwatch {
        let reads = READS.get().wrapping_add(1);
        READS.set(reads);
        let due = always || reads.is_multiple_of(TIMED_READS);
        Stopwatch(due.then(Instant::now))
    }

    /// The time since the start, if it runs.
    #[inline]
    pub fn read(self) -> Option<Duration> {
        self.0.map(|start| start.elapsed())
    }
}
