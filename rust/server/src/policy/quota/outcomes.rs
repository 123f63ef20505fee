//! How many requests had which outcome of quota, and how many keys they asked for.
//!
//! Counted by each thread on cache lines of its own, as in [`crate::policy::quota::bucket`], and added up by
//! who asks.
// #[HotPath]

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use venice_metrics::model::Value;
use venice_metrics::{Dimension, Instrument, Observer};

use crate::policy::quota::bucket::this_thread;
use crate::policy::quota::decision::Decision;
use crate::runtime::metric::Metric;
use venice_wire::store_name::store_name;

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
pub(crate) struct Outcomes {
    /// Nanoseconds since 1970.
    start_unix_nanos: u64,
    threads: Box<[Counts]>,
}

/// Alone on its cache lines: two of them, as processors fetch lines in pairs.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Counts {
    requests: [AtomicU64; OUTCOMES.len()],
    keys: [AtomicU64; OUTCOMES.len()],
}

/// How many requests had an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// As metrics name it.
    pub name: &'static str,
    /// Requests.
    pub requests: u64,
    /// Keys that they asked for, which are RCU.
    pub keys: u64,
}

impl Outcomes {
    /// Nothing happened yet. For `threads` threads that count often; more may count as well.
    pub(crate) fn new(threads: usize) -> Outcomes {
        let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
        Outcomes {
            start_unix_nanos: since_1970.map_or(0, |since| since.as_nanos() as u64),
            threads: (0..threads.max(1)).map(|_| Counts::default()).collect(),
        }
    }

    /// Counts a request for `keys` keys.
    pub(crate) fn count(&self, outcome: Decision, keys: u64) {
        let counts = &self.threads[this_thread() % self.threads.len()];
        let index = outcome as usize;
        // Nothing else is written that a reader would have to see with these.
        counts.requests[index].fetch_add(1, Ordering::Relaxed);
        counts.keys[index].fetch_add(keys, Ordering::Relaxed);
    }

    /// Tells requests and keys of each outcome that was. Those that Venice counts nowhere have metrics
    /// of their own.
    pub(crate) fn observe(&self, store_version: Option<&str>, observer: &mut Observer<'_>) {
        let store = store_version.and_then(store_name);
        let version = store_version.and_then(|name| name.rsplit_once("_v"));
        for (outcome, name) in &OUTCOMES {
            let (requests, keys) = self.counted(*outcome);
            if requests == 0 {
                continue;
            }
            let mut of = vec![(Dimension::QuotaOutcome, *name)];
            of.extend(store.map(|store| (Dimension::Store, store)));
            of.extend(version.map(|(_, number)| (Dimension::Version, number)));
            let (request_count, key_count) = match outcome {
                Decision::OverCapacity | Decision::UnknownStore => (
                    Instrument::ReadQuotaNodeRequestCount,
                    Instrument::ReadQuotaNodeKeyCount,
                ),
                _ => (
                    Instrument::ReadQuotaRequestCount,
                    Instrument::ReadQuotaKeyCount,
                ),
            };
            let start = self.start_unix_nanos;
            observer.observe_since(request_count, &of, start, Value::U64(requests));
            observer.observe_since(key_count, &of, start, Value::U64(keys));
        }
    }

    /// Each outcome that was.
    pub(crate) fn counted_all(&self) -> Vec<Outcome> {
        let outcomes = OUTCOMES.iter().map(|(outcome, name)| {
            let (requests, keys) = self.counted(*outcome);
            Outcome {
                name,
                requests,
                keys,
            }
        });
        outcomes.filter(|outcome| outcome.requests > 0).collect()
    }

    fn counted(&self, outcome: Decision) -> (u64, u64) {
        let at = outcome as usize;
        let threads = self.threads.iter();
        threads.fold((0, 0), |(requests, keys), counts| {
            (
                requests + counts.requests[at].load(Ordering::Relaxed),
                keys + counts.keys[at].load(Ordering::Relaxed),
            )
        })
    }

    /// Adds metrics: requests and keys of each of `outcomes`.
    pub(crate) fn report(
        &self,
        store_version: Option<&str>,
        outcomes: &[Decision],
        metrics: &mut Vec<Metric>,
    ) {
        for outcome in outcomes {
            let name = OUTCOMES[*outcome as usize].1;
            let mut dimensions = vec![("outcome", name.to_owned())];
            if let Some(store_version) = store_version {
                dimensions.push(("store_version", store_version.to_owned()));
            }
            let (requests, keys) = self.counted(*outcome);
            metrics.push(Metric {
                name: "read.quota.request.count",
                dimensions: dimensions.clone(),
                value: requests,
            });
            metrics.push(Metric {
                name: "read.quota.key.count",
                dimensions,
                value: keys,
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
