//! Which quotas hold, and what became of requests: for operators.

use crate::policy::quota::outcomes::Outcome;

/// The quotas of a server as they are now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuotaFacts {
    /// RCU per second of the node; none if none is set, and then nothing of the node is enforced.
    pub node: Option<u64>,
    /// Store versions that something was set for, by name.
    pub store_versions: Vec<StoreQuotaFacts>,
    /// What became of the requests for others, that a node with a quota had.
    pub others: Vec<Outcome>,
}

/// The quota of a store version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreQuotaFacts {
    /// `<store>_v<N>`.
    pub name: String,
    /// RCU per second of this node; none if the quota is not enforced.
    pub rcu_per_second: Option<u64>,
    /// What became of its requests.
    pub outcomes: Vec<Outcome>,
}
