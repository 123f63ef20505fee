//! Read quota: how much of a store version, and of the node, requests may use.
//!
//! The order and the outcomes are those of `SRV/listener/ReadQuotaEnforcementHandler.java`: first
//! the limiter of the store version, then that of the node; the tokens of a store version that a
//! full node then refuses are not given back. A store version without a limiter is checked
//! against the node's limit only, a store whose quota the node does not enforce against none.
//!
//! The numbers come from Java, which knows stores and replicas: one call per store version, one for
//! the node. Until the node's quota is set nothing is enforced but what was set for store versions.
//! Requests read the numbers without a lock.
// #[HotPath]
// except locks: for changes of quotas, and for a store version that has neither quota nor database here.
// except formatting: refusals of quotas that are not valid.

pub(crate) mod bucket;
pub(crate) mod decision;
mod facts;
pub(crate) mod outcomes;

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::Arc;

use arc_swap::{ArcSwap, ArcSwapOption};
use foldhash::fast::RandomState;
use parking_lot::Mutex;
use venice_metrics::Observer;
use venice_wire::store_name::store_name;

use crate::config::quota::RefillPolicy;
use crate::policy::quota::bucket::{Bucket, BucketSize};
use crate::policy::quota::decision::Decision;
pub(crate) use crate::policy::quota::facts::{QuotaFacts, StoreQuotaFacts};
use crate::policy::quota::outcomes::Outcomes;
use crate::runtime::clock::Clock;
use crate::runtime::metric::Metric;

/// Parts of the table of store versions. A change copies its part: with 64 of them it costs some
/// microseconds even on a node with thousands of store versions.
const SHARDS: usize = 64;

/// The quotas of one server.
#[derive(Debug)]
pub struct Quota {
    policy: Mutex<RefillPolicy>,
    threads: usize,
    clock: Arc<dyn Clock>,
    node: ArcSwapOption<Limiter>,
    store_versions: Box<[ArcSwap<Shard>]>,
    /// Says which part a name belongs to.
    hasher: RandomState,
    /// How many versions of a store have a quota. Taken by who sets quotas, and for requests that
    /// name what this node knows nothing of.
    stores: Mutex<HashMap<Box<str>, usize>>,
    /// What became of requests for store versions without a quota of their own.
    without_quota: Outcomes,
}

/// All names come from Java, so the hash need not withstand an attacker: a client that looks others up can make
/// none of them collide.
type Shard = HashMap<Name, StoreQuota, RandomState>;

/// The name of a store version, found by its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Name(Arc<str>);

impl Borrow<[u8]> for Name {
    fn borrow(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.as_bytes().hash(state);
    }
}

/// What holds for the requests of one store version.
#[derive(Debug, Clone)]
enum StoreQuota {
    /// The node does not enforce this store's quota (`storageNodeReadQuotaEnabled` is false).
    NotEnforced,
    Limited(Arc<Limiter>, Arc<Outcomes>),
}

/// A bucket, and the number that says whether a new one is needed.
#[derive(Debug)]
struct Limiter {
    /// RCU/s of this node: those of all nodes, times its share, rounded up.
    quota: u64,
    /// RCU/s of all nodes.
    rcu_per_second: u64,
    share: f64,
    bucket: Bucket,
}

/// Why a quota was refused. The quota that held before still holds.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum QuotaError {
    /// A bucket of no capacity cannot be made; Venice refuses it as well (`TokenBucket`).
    #[error(
        "quota of {what} is 0 RCU per second; give at least 1, or remove it to leave reads to the \
         node's capacity"
    )]
    Zero {
        /// The store version, or the node.
        what: String,
    },
    /// A number of RCU below zero.
    #[error("quota of {what} is {rcu_per_second} RCU per second; give 1 or more")]
    Negative {
        /// The store version, or the node.
        what: String,
        /// As given.
        rcu_per_second: i64,
    },
    /// The node answers for more than everything, or for not a number.
    #[error(
        "this node's share of {store_version} is {share}; give the part of the ready replicas that \
         it holds, from 0 to 1"
    )]
    Share {
        /// `<store>_v<N>`.
        store_version: String,
        /// As given.
        share: f64,
    },
    /// Not `<store>_v<N>`.
    #[error("{name:?} is no store version; give <store>_v<number>")]
    NoStoreVersion {
        /// As given.
        name: String,
    },
}

impl Quota {
    /// Nothing is enforced yet. Buckets are made for `threads` threads that take from them.
    pub fn new(policy: RefillPolicy, threads: usize, clock: Arc<dyn Clock>) -> Quota {
        Quota {
            policy: Mutex::new(policy),
            threads,
            clock,
            node: ArcSwapOption::empty(),
            store_versions: (0..SHARDS).map(|_| ArcSwap::default()).collect(),
            hasher: RandomState::default(),
            stores: Mutex::default(),
            without_quota: Outcomes::new(threads),
        }
    }

    /// Charges a request for `keys` keys of `resource`: one RCU each. One that is made again (`is_retry`) is
    /// charged to the node alone. `hosted` says whether the store version is open here; it is asked only when no
    /// quota is known.
    pub fn charge(
        &self,
        resource: &[u8],
        keys: u64,
        is_retry: bool,
        hosted: impl FnOnce() -> bool,
    ) -> Decision {
        let node = self.node.load();
        let shard_map = self.shard(resource).load();
        let (decision, outcomes) = match shard_map.get(resource) {
            // Nothing is counted where nothing is enforced.
            Some(StoreQuota::NotEnforced) => return Decision::Allowed,
            None if node.is_none() => return Decision::Allowed,
            Some(StoreQuota::Limited(limiter, outcomes)) => {
                if is_retry || limiter.bucket.take(keys, &*self.clock) {
                    (Decision::Allowed, &**outcomes)
                } else {
                    (Decision::Rejected, &**outcomes)
                }
            }
            None if hosted() || self.knows_store_of(resource) => {
                (Decision::AllowedUnintentionally, &self.without_quota)
            }
            None => (Decision::UnknownStore, &self.without_quota),
        };
        let decision = match (decision, &*node) {
            (Decision::Allowed | Decision::AllowedUnintentionally, Some(node))
                if !node.bucket.take(keys, &*self.clock) =>
            {
                Decision::OverCapacity
            }
            (decision, _) => decision,
        };
        outcomes.count(decision, keys);
        decision
    }

    /// Adds what became of requests until now: for each store version with a quota, in the order of
    /// their names, then for all without a quota together. The numbers of a store version begin with its
    /// quota and go with it; a new quota of the same store version leaves them.
    pub fn report(&self, metrics: &mut Vec<Metric>) {
        let shards: Vec<Arc<Shard>> = self.store_versions.iter().map(ArcSwap::load_full).collect();
        let quotas = shards.iter().flat_map(|shard_map| shard_map.iter());
        let mut limited: Vec<(&str, &Outcomes)> = quotas
            .filter_map(|(store_version, quota)| match quota {
                StoreQuota::Limited(_, outcomes) => Some((&*store_version.0, &**outcomes)),
                StoreQuota::NotEnforced => None,
            })
            .collect();
        limited.sort_unstable_by_key(|(store_version, _)| *store_version);
        for (store_version, outcomes) in limited {
            let possible = [
                Decision::Allowed,
                Decision::Rejected,
                Decision::OverCapacity,
            ];
            outcomes.report(Some(store_version), &possible, metrics);
        }
        let possible = [
            Decision::AllowedUnintentionally,
            Decision::OverCapacity,
            Decision::UnknownStore,
        ];
        self.without_quota.report(None, &possible, metrics);
    }

    /// As [`Quota::report`], for snapshots of metrics.
    pub fn observe(&self, observer: &mut Observer<'_>) {
        for shard in &self.store_versions {
            for (store_version, quota) in shard.load().iter() {
                if let StoreQuota::Limited(_, outcomes) = quota {
                    outcomes.observe(Some(&store_version.0), observer);
                }
            }
        }
        self.without_quota.observe(None, observer);
    }

    /// The quotas as they are now.
    pub fn facts(&self) -> QuotaFacts {
        let mut store_versions = Vec::new();
        for shard in &self.store_versions {
            for (name, quota) in shard.load().iter() {
                let (limiter, outcomes): (Option<&Limiter>, _) = match quota {
                    StoreQuota::NotEnforced => (None, Vec::new()),
                    StoreQuota::Limited(limiter, outcomes) => {
                        (Some(limiter), Outcomes::counted_all(outcomes))
                    }
                };
                store_versions.push(StoreQuotaFacts {
                    name: name.0.to_string(),
                    rcu_per_second: limiter.map(|limiter| limiter.quota),
                    outcomes,
                });
            }
        }
        store_versions.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        QuotaFacts {
            node: self.node.load().as_ref().map(|node| node.quota),
            store_versions,
            others: self.without_quota.counted_all(),
        }
    }

    /// Sets the quota of a store version: the store's RCU/s, and the share of it that this node
    /// answers for. A share of 0 removes it, as does [`Quota::remove_store_version`]. If the node's
    /// part, rounded up to RCU/s, is as before, the tokens stay as they are; else the bucket is new
    /// and full.
    pub fn set_store_version(
        &self,
        store_version: &str,
        rcu_per_second: i64,
        share: f64,
    ) -> Result<(), QuotaError> {
        let what = || format!("store version {store_version}");
        if store_name(store_version).is_none() {
            return Err(QuotaError::NoStoreVersion {
                name: store_version.to_owned(),
            });
        }
        if !(0.0..=1.0).contains(&share) {
            return Err(QuotaError::Share {
                store_version: store_version.to_owned(),
                share,
            });
        }
        let rcu_per_second = rcu(rcu_per_second, what)?;
        if share == 0.0 {
            self.remove_store_version(store_version);
            return Ok(());
        }
        let quota = (rcu_per_second as f64 * share).ceil() as u64;
        self.change(store_version, |known| match known {
            Some(StoreQuota::Limited(limiter, _)) if limiter.quota == quota => known.cloned(),
            _ => {
                let outcomes = match known {
                    Some(StoreQuota::Limited(_, outcomes)) => Arc::clone(outcomes),
                    _ => Arc::new(Outcomes::new(self.threads)),
                };
                let limiter = self.limiter(rcu_per_second, share, quota);
                Some(StoreQuota::Limited(limiter, outcomes))
            }
        });
        Ok(())
    }

    /// Lets requests of a store version pass unlimited, past the node's quota too.
    pub fn disable(&self, store_version: &str) -> Result<(), QuotaError> {
        if store_name(store_version).is_none() {
            return Err(QuotaError::NoStoreVersion {
                name: store_version.to_owned(),
            });
        }
        self.change(store_version, |_| Some(StoreQuota::NotEnforced));
        Ok(())
    }

    /// Forgets the quota of a store version. Its requests are then checked against the
    /// node's limit only.
    pub fn remove_store_version(&self, store_version: &str) {
        self.change(store_version, |_| None);
    }

    /// Sets the quota of all requests together, in RCU/s.
    pub fn set_node(&self, rcu_per_second: i64) -> Result<(), QuotaError> {
        let quota = rcu(rcu_per_second, || "the node".to_owned())?;
        // The lock is that of all changes; the node's limiter is compared and replaced.
        let _changing = self.stores.lock();
        let same = matches!(&*self.node.load(), Some(node) if node.quota == quota);
        if !same {
            self.node.store(Some(self.limiter(quota, 1.0, quota)));
        }
        Ok(())
    }

    /// Enforces no quota of the node any more.
    pub fn remove_node(&self) {
        let _changing = self.stores.lock();
        self.node.store(None);
    }

    /// Refills buckets in another way from now on. All of them are new then, and full.
    pub fn set_refill(&self, policy: RefillPolicy) {
        let _changing = self.stores.lock();
        if std::mem::replace(&mut *self.policy.lock(), policy) == policy {
            return;
        }
        let anew = |old: &Limiter| self.limiter(old.rcu_per_second, old.share, old.quota);
        for shard in &self.store_versions {
            let quotas = shard.load();
            let quotas = quotas.iter().map(|(name, quota)| {
                let quota = match quota {
                    StoreQuota::NotEnforced => StoreQuota::NotEnforced,
                    StoreQuota::Limited(limiter, outcomes) => {
                        StoreQuota::Limited(anew(limiter), Arc::clone(outcomes))
                    }
                };
                (name.clone(), quota)
            });
            shard.store(Arc::new(quotas.collect()));
        }
        if let Some(node) = &*self.node.load() {
            self.node.store(Some(anew(node)));
        }
    }

    fn limiter(&self, rcu_per_second: u64, share: f64, quota: u64) -> Arc<Limiter> {
        let size = BucketSize::new(rcu_per_second, share, *self.policy.lock());
        Arc::new(Limiter {
            quota,
            rcu_per_second,
            share,
            bucket: Bucket::new(size, self.threads, &*self.clock),
        })
    }

    fn shard(&self, store_version: &[u8]) -> &ArcSwap<Shard> {
        &self.store_versions[self.hasher.hash_one(store_version) as usize % SHARDS]
    }

    fn knows_store_of(&self, resource: &[u8]) -> bool {
        let resource = std::str::from_utf8(resource).ok();
        resource
            .and_then(store_name)
            .is_some_and(|store| self.stores.lock().contains_key(store))
    }

    fn change(
        &self,
        store_version: &str,
        change: impl FnOnce(Option<&StoreQuota>) -> Option<StoreQuota>,
    ) {
        let mut stores = self.stores.lock();
        let shard = self.shard(store_version.as_bytes());
        let mut shard_map = Shard::clone(&shard.load());
        let store = store_name(store_version).unwrap_or_default();
        match change(shard_map.get(store_version.as_bytes())) {
            Some(quota) => {
                if shard_map
                    .insert(Name(Arc::from(store_version)), quota)
                    .is_none()
                {
                    *stores.entry(store.into()).or_default() += 1;
                }
            }
            None if shard_map.remove(store_version.as_bytes()).is_some() => {
                if let Some(versions) = stores.get_mut(store) {
                    *versions -= 1;
                    if *versions == 0 {
                        stores.remove(store);
                    }
                }
            }
            None => {}
        }
        shard.store(Arc::new(shard_map));
    }
}

fn rcu(rcu_per_second: i64, what: impl FnOnce() -> String) -> Result<u64, QuotaError> {
    match u64::try_from(rcu_per_second) {
        Ok(0) => Err(QuotaError::Zero { what: what() }),
        Ok(rcu_per_second) => Ok(rcu_per_second),
        Err(_) => Err(QuotaError::Negative {
            what: what(),
            rcu_per_second,
        }),
    }
}

#[cfg(test)]
mod tests;
