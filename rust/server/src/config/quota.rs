//! Settings of read quotas.

/// How the buckets of a server are refilled: `server.quota.enforcement.interval.in.millis` and
/// `server.quota.enforcement.capacity.multiple` of Venice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefillPolicy {
    /// Milliseconds from one refill to the next.
    pub interval_millis: u64,
    /// Refills that a bucket holds when it is full.
    pub capacity_multiple: u64,
}
