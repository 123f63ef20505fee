//! Settings of read quotas.

use crate::config::setting::{millis, number, settings, Field, Setting, DAY};

/// A bucket that holds a thousand refills limits nothing.
const MAX_MULTIPLE: i64 = 1000;

settings! {
    /// How the buckets of a server are refilled.
    #[derive(Copy)]
    pub struct RefillPolicy {
        /// How often the buckets of read quotas are refilled, as
        /// `server.quota.enforcement.interval.in.millis` of Venice's server.
        interval_millis: u64 = 10_000, millis("quota.interval.ms", 1..=DAY).at_run_time(),
            acts in "policy/quota/bucket.rs";

        /// How many refills the bucket of a read quota holds, and so how far a burst may go, as
        /// `server.quota.enforcement.capacity.multiple` of Venice's server.
        capacity_multiple: u64 = 5, number("quota.capacity.multiple", "refills", 1..=MAX_MULTIPLE).at_run_time(),
            acts in "policy/quota/bucket.rs";
    }
}
