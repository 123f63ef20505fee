//! Settings of access control.

use std::time::Duration;

use crate::config::names::ACCESS_WAIT;
use crate::config::reasons::STARTED_THREADS;
use crate::config::setting::{
    bytes, millis, number, settings, Field, Setting, DAY, INT_MAX, THREADS,
};

/// A few entries: fewer remember nothing.
const MIN_CACHE_BYTES: i64 = 64 * 1024;

settings! {
    /// How Java is asked who may read, and how long its answers hold.
    pub struct AccessSettings {
        /// So many questions are asked of the access controller at the same time. If there is more than
        /// one thread, one of them is kept for clients that are new.
        threads: usize = 4, number("access.threads", "threads", 1..=THREADS).at_start(STARTED_THREADS),
            acts in "policy/access/mod.rs";

        /// How long after an answer the access controller is asked again, and so how long a change of
        /// permissions takes to be felt.
        refresh: Duration = Duration::from_secs(60), millis("access.refresh.ms", 1..=DAY).at_run_time(),
            acts in "policy/access/times.rs";

        /// How much longer an answer holds while the access controller is slow or fails. An answer that
        /// nobody used for so long is forgotten. 0 means that no answer outlives its refresh.
        stale: Duration = Duration::from_secs(600), millis("access.stale.ms", 0..=DAY).at_run_time(),
            acts in "policy/access/times.rs";

        /// How long a request waits for the first answer of the access controller before it ends with
        /// gRPC status UNAVAILABLE.
        wait: Duration = Duration::from_secs(5), millis(ACCESS_WAIT, 1..=DAY).at_run_time(),
            acts in "policy/access/times.rs";

        /// How many answers are remembered, one for each certificate, store and method. A quarter of
        /// them is for clients that may not read.
        entries: usize = 10_000, number("access.cache.entries", "answers", 1..=INT_MAX).at_run_time(),
            acts in "policy/access/mod.rs";

        /// What the remembered answers may take together, a quarter of it for clients that may not read.
        /// An answer counts 640 bytes, its names and its certificate.
        bytes: usize = 32 * 1024 * 1024, bytes("access.cache.bytes", MIN_CACHE_BYTES..=INT_MAX).at_run_time(),
            acts in "policy/access/mod.rs";
    }
}
