//! How many requests had which outcome of quota, and how many keys they asked for.
//!
//! Counted by each thread on cache lines of its own, as in [`crate::policy::quota::bucket`], and added up by
//! who asks.
// #[HotPath]

use std::sync::atomic::{AtomicU64, Ordering};

use crate::policy::quota::bucket::this_thread;
use crate::policy::quota::decision::Decision;
use crate::runtime::metric::Metric;

/// Every outcome, with its name in metrics. The first three are those of Venice
/// (`venice.quota.request.outcome`), which counts neither of the without_quota.
const OUTCOMES: [(Decision, &str); 5] = [
    (Decision::Allowed, "allowed"),
    (Decision::AllowedUnintentionally, "allowed_unintentionally"),
    (Decision::Rejected, "rejected"),
    (Decision::OverCapacity, "over_capacity"),
    (Decision::UnknownStore, "unknown_store"),
];

/// The outcomes of the requests for one store version, or for several together. They only grow.
#[derive(Debug)]
pub struct Outcomes {
    threads: Box<[Counts]>,
}

/// Alone on its cache lines: two of them, as processors fetch lines in pairs.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Counts {
    requests: [AtomicU64; OUTCOMES.len()],
    keys: [AtomicU64; OUTCOMES.len()],
}

impl Outcomes {
    /// Nothing happened yet. For `threads` threads that count often; more may count as well.
    pub fn new(threads: usize) -> Outcomes {
        Outcomes {
            threads: (0..threads.max(1)).map(|_| Counts::default()).collect(),
        }
    }

    /// Counts a request for `keys` keys.
    pub fn count(&self, outcome: Decision, keys: u64) {
        let counts = &self.threads[this_thread() % self.threads.len()];
        let index = outcome as usize;
        // Nothing else is written that a reader would have to see with these.
        counts.requests[index].fetch_add(1, Ordering::Relaxed);
        counts.keys[index].fetch_add(keys, Ordering::Relaxed);
    }

    /// Adds metrics: requests and keys of each of `outcomes`.
    pub fn report(
        &self,
        store_version: Option<&str>,
        outcomes: &[Decision],
        metrics: &mut Vec<Metric>,
    ) {
        for outcome in outcomes {
            let index = *outcome as usize;
            let mut dimensions = vec![("outcome", OUTCOMES[index].1.to_owned())];
            if let Some(store_version) = store_version {
                dimensions.push(("store_version", store_version.to_owned()));
            }
            let sum = |of: fn(&Counts) -> &[AtomicU64; OUTCOMES.len()]| {
                let counts = self.threads.iter().map(of);
                counts
                    .map(|counts| counts[index].load(Ordering::Relaxed))
                    .sum()
            };
            metrics.push(Metric {
                name: "read.quota.request.count",
                dimensions: dimensions.clone(),
                value: sum(|counts| &counts.requests),
            });
            metrics.push(Metric {
                name: "read.quota.key.count",
                dimensions,
                value: sum(|counts| &counts.keys),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;

    use super::*;

    #[test]
    fn outcomes_stand_at_their_numbers() {
        for (index, (outcome, _)) in OUTCOMES.iter().enumerate() {
            assert_eq!(*outcome as usize, index);
        }
    }

    #[test]
    fn what_all_threads_count_is_added_up() {
        let outcomes = Arc::new(Outcomes::new(2));
        let threads = (0..5).map(|_| {
            let outcomes = Arc::clone(&outcomes);
            thread::spawn(move || {
                for _ in 0..1000 {
                    outcomes.count(Decision::Rejected, 3);
                }
            })
        });
        for thread in threads.collect::<Vec<_>>() {
            thread.join().unwrap();
        }
        let mut metrics = Vec::new();
        outcomes.report(
            Some("s_v1"),
            &[Decision::Allowed, Decision::Rejected],
            &mut metrics,
        );
        let texts: Vec<String> = metrics.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "read.quota.request.count{outcome=allowed,store_version=s_v1} 0",
                "read.quota.key.count{outcome=allowed,store_version=s_v1} 0",
                "read.quota.request.count{outcome=rejected,store_version=s_v1} 5000",
                "read.quota.key.count{outcome=rejected,store_version=s_v1} 15000",
            ]
        );
    }
}
