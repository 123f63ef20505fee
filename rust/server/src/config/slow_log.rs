//! Settings of the slow log.

use std::time::Duration;

use crate::config::reasons::MEMORY;
use crate::config::setting::{bytes, micros, settings, Field, Setting};

/// A minute: no client waits for longer.
const MAX_THRESHOLD: i64 = 60_000_000;
/// Some hundred requests of a few workers.
const MIN_BYTES: i64 = 64 * 1024;
/// A gibibyte of requests is read by nobody.
const MAX_BYTES: i64 = 1 << 30;

settings! {
    /// Which requests are kept, for who asks why they were slow.
    pub struct SlowLogSettings {
        /// A request that takes so long, or longer, is kept with what it waited for, in the slow log
        /// (docs/slow-log.md); beside them some others by chance, one of 1,024, and one of 16 of those that
        /// go to a disk thread. A single get takes some 10 µs from memory and some 100 from a disk, so one
        /// that takes the default waited for something. 0 means that none is kept. It needs
        /// `metrics.enabled`, whose clock it looks at.
        threshold: Duration = Duration::from_millis(10), micros("slow.log.threshold.us", 0..=MAX_THRESHOLD).at_run_time(),
            acts in "observe/slow_log.rs";

        /// What the kept requests may take together, half of it for the slow ones. One takes some 250
        /// bytes. Of more, the oldest go.
        bytes: usize = 1024 * 1024, bytes("slow.log.bytes", MIN_BYTES..=MAX_BYTES).at_start(MEMORY),
            acts in "observe/slow_log.rs";
    }
}
