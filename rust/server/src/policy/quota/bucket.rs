//! A token bucket that counts as Venice's does, sharded per thread to avoid contention.
//!
//! The rules are those of `COM/throttle/TokenBucket.java`: the bucket starts full; a request takes
//! all of its tokens or none; only a request that finds too few looks at the clock, and when the
//! interval has passed it adds one refill for each interval that began, up to the capacity.
//!
//! One counter for all threads would be one cache line that all cores fight for. So each thread
//! takes from a *slice* of its own, which is filled from the *reserve*, under a lock, when it is
//! empty. Slices are no quotas: a thread that finds the reserve too small first takes back what is
//! left in all slices. So a request is refused if and only if the whole bucket holds too few tokens
//! at that moment: the sum over the threads is exact, not within a tolerance.
//!
//! ```text
//!   thread 0 -> [ slice 0 ]  \
//!   thread 1 -> [ slice 1 ]   > [ reserve ]  <- refill, every interval
//!   thread 2 -> [ slice 2 ]  /
//! ```
// #[HotPath]
// except locks: the reserve, when a worker's share is used up.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use parking_lot::Mutex;

use crate::config::quota::RefillPolicy;
use crate::runtime::clock::Clock;

/// The numbers of one bucket, in tokens. One token is one RCU (read capacity unit).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BucketSize {
    /// Tokens when full.
    pub capacity: u64,
    /// Tokens added after each interval.
    pub refill: u64,
    /// Milliseconds from one refill to the next.
    pub interval_millis: u64,
}

impl BucketSize {
    /// The bucket of a node that answers for `share` (0 to 1) of `rcu_per_second`: first the whole
    /// is rounded up to tokens, then the share of it (`TokenBucket#tokenBucketFromRcuPerSecond`).
    pub(crate) fn new(rcu_per_second: u64, share: f64, policy: RefillPolicy) -> BucketSize {
        let per_millisecond = rcu_per_second as f64 / 1000.0;
        let refill = (per_millisecond * policy.interval_millis as f64).ceil() as u64;
        let capacity = refill.saturating_mul(policy.capacity_multiple);
        BucketSize {
            capacity: (capacity as f64 * share).ceil() as u64,
            refill: (refill as f64 * share).ceil() as u64,
            interval_millis: policy.interval_millis,
        }
    }
}

/// Slices share the reserve as follows: an empty one gets, beside what is asked for, the reserve
/// divided by the number of slices and by this. More fills them more often, less takes back more
/// often.
const SHARE_OF_RESERVE: u64 = 4;

/// A token bucket.
#[derive(Debug)]
pub(crate) struct Bucket {
    size: BucketSize,
    slices: Box<[Shard]>,
    /// Until [`Bucket::next_refill`] the bucket holds at most so many tokens.
    at_most: AtomicU64,
    /// The bucket is refilled by the first request *after* this time that finds too few tokens.
    next_refill: AtomicU64,
    reserve: Mutex<Reserve>,
}

#[derive(Debug)]
struct Reserve {
    tokens: u64,
}

/// Alone on its cache lines: two of them, as processors fetch lines in pairs.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Shard {
    tokens: AtomicU64,
}

impl Shard {
    fn take(&self, tokens: u64) -> bool {
        let taken = self
            .tokens
            .fetch_update(Ordering::AcqRel, Ordering::Relaxed, |held| {
                held.checked_sub(tokens)
            });
        taken.is_ok()
    }
}

impl Bucket {
    /// A full bucket for `threads` threads that take often; more may take as well.
    pub(crate) fn new(size: BucketSize, threads: usize, clock: &dyn Clock) -> Bucket {
        Bucket {
            size,
            slices: (0..threads.max(1)).map(|_| Shard::default()).collect(),
            at_most: AtomicU64::new(u64::MAX),
            next_refill: AtomicU64::new(clock.millis().saturating_add(size.interval_millis)),
            reserve: Mutex::new(Reserve {
                tokens: size.capacity,
            }),
        }
    }

    /// Takes `tokens` if the bucket has that many, else none. Returns whether it did.
    pub(crate) fn take(&self, tokens: u64, clock: &dyn Clock) -> bool {
        self.take_as(this_thread(), tokens, clock)
    }

    /// [`Bucket::take`] for the thread of number `thread`.
    fn take_as(&self, thread: usize, tokens: u64, clock: &dyn Clock) -> bool {
        let slice = &self.slices[thread % self.slices.len()];
        slice.take(tokens)
            || (!self.surely_holds_less_than(tokens, clock)
                && self.take_from_reserve(slice, tokens, clock))
    }

    /// Lets refused requests go without the lock: tokens only become fewer until the next refill.
    fn surely_holds_less_than(&self, tokens: u64, clock: &dyn Clock) -> bool {
        // In this order, against the order in which a refill writes: a time that was read as the
        // new one cannot come with the old number.
        let next_refill = self.next_refill.load(Ordering::Acquire);
        tokens > self.at_most.load(Ordering::Acquire) && clock.millis() <= next_refill
    }

    fn take_from_reserve(&self, slice: &Shard, tokens: u64, clock: &dyn Clock) -> bool {
        let mut reserve = self.reserve.lock();
        if reserve.tokens < tokens {
            for slice in &self.slices {
                reserve.tokens += slice.tokens.swap(0, Ordering::AcqRel);
            }
        }
        if reserve.tokens < tokens {
            self.refill(&mut reserve, clock);
        }
        let Some(left) = reserve.tokens.checked_sub(tokens) else {
            self.at_most.store(reserve.tokens, Ordering::Release);
            return false;
        };
        let lent = left / (SHARE_OF_RESERVE * self.slices.len() as u64);
        reserve.tokens = left - lent;
        slice.tokens.fetch_add(lent, Ordering::AcqRel);
        true
    }

    /// Here all tokens are in the reserve.
    fn refill(&self, reserve: &mut Reserve, clock: &dyn Clock) {
        let next_refill = self.next_refill.load(Ordering::Relaxed);
        let now = clock.millis();
        if now <= next_refill {
            return;
        }
        let refills = (now - next_refill) / self.size.interval_millis + 1;
        let tokens = refills.saturating_mul(self.size.refill);
        reserve.tokens = reserve
            .tokens
            .saturating_add(tokens)
            .min(self.size.capacity);
        self.at_most.store(u64::MAX, Ordering::Release);
        let next_refill = now.saturating_add(self.size.interval_millis);
        self.next_refill.store(next_refill, Ordering::Release);
    }
}

/// A small number of the calling thread's own. Threads of one server are made one after the other,
/// so their numbers follow each other, and spread over as many slices.
pub(crate) fn this_thread() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static NUMBER: usize = NEXT.fetch_add(1, Ordering::Relaxed);
    }
    NUMBER.with(|number| *number)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;

    use proptest::prelude::*;

    use super::*;
    use crate::runtime::clock::ManualClock;

    const DEFAULT: RefillPolicy = RefillPolicy {
        interval_millis: 10_000,
        capacity_multiple: 5,
    };

    fn bucket(capacity: u64, refill: u64, threads: usize, clock: &ManualClock) -> Bucket {
        let size = BucketSize {
            capacity,
            refill,
            interval_millis: 1000,
        };
        Bucket::new(size, threads, clock)
    }

    #[test]
    fn sizes_are_those_of_venice() {
        let size = |rcu, share| {
            let size = BucketSize::new(rcu, share, DEFAULT);
            (size.refill, size.capacity)
        };
        assert_eq!(size(100, 0.5), (500, 2500));
        assert_eq!(size(100_000, 1.0), (1_000_000, 5_000_000));
        // The share is taken of tokens, not of RCU/s, so small quotas are not rounded up tenfold.
        assert_eq!(size(1, 0.1), (1, 5));
        assert_eq!(size(1, 0.01), (1, 1));
        // Both are rounded up, each by itself.
        assert_eq!(size(1, 1.0 / 3.0), (4, 17));
        let short = RefillPolicy {
            interval_millis: 250,
            capacity_multiple: 1,
        };
        assert_eq!(BucketSize::new(3, 1.0, short).refill, 1);
    }

    /// `TokenBucketTest.tokenBucketWorks` of Venice.
    #[test]
    fn a_bucket_of_50_with_10_each_second() {
        let clock = ManualClock::default();
        let bucket = bucket(50, 10, 4, &clock);
        assert!(bucket.take(40, &clock));
        assert!(!bucket.take(20, &clock));
        assert!(bucket.take(10, &clock), "a refusal takes nothing");
        assert!(!bucket.take(1, &clock));
        clock.advance(1000);
        assert!(!bucket.take(1, &clock), "the time has come, and not passed");
        clock.advance(1);
        assert!(bucket.take(10, &clock));
        assert!(!bucket.take(1, &clock));
        // The next time counts from that refill, and each interval that began counts whole.
        clock.advance(1001 + 2000);
        assert!(bucket.take(30, &clock));
        assert!(!bucket.take(1, &clock));
        clock.advance(1_000_000);
        assert!(!bucket.take(51, &clock), "never more than the capacity");
        assert!(bucket.take(50, &clock));
    }

    #[test]
    fn nothing_costs_nothing() {
        let clock = ManualClock::default();
        let bucket = bucket(1, 1, 2, &clock);
        assert!(bucket.take(1, &clock));
        assert!(bucket.take(0, &clock));
        assert!(!bucket.take(u64::MAX, &clock));
    }

    #[test]
    fn threads_together_take_the_capacity_and_no_more() {
        let clock = Arc::new(ManualClock::default());
        let bucket = Arc::new(bucket(10_000, 100, 3, &clock));
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let (bucket, clock) = (Arc::clone(&bucket), Arc::clone(&clock));
                thread::spawn(move || (0..10_000).filter(|_| bucket.take(1, &*clock)).count())
            })
            .collect();
        let taken: usize = threads.into_iter().map(|t| t.join().unwrap()).sum();
        assert_eq!(taken, 10_000);
    }

    /// One counter, one thread: the rules as Java has them.
    struct Plain {
        size: BucketSize,
        tokens: u64,
        next_refill: u64,
    }

    impl Plain {
        fn take(&mut self, tokens: u64, now: u64) -> bool {
            if tokens > self.tokens && now > self.next_refill {
                let refills = (now - self.next_refill) / self.size.interval_millis + 1;
                self.tokens = (self.tokens + refills * self.size.refill).min(self.size.capacity);
                self.next_refill = now + self.size.interval_millis;
            }
            let enough = tokens <= self.tokens;
            if enough {
                self.tokens -= tokens;
            }
            enough
        }
    }

    proptest! {
        /// Whatever thread asks, for however much, and whenever: the answers are those of one
        /// plain counter.
        #[test]
        fn slices_change_no_answer(
            refill in 1u64..50,
            multiple in 1u64..6,
            threads in 1usize..5,
            requests in prop::collection::vec((0usize..5, 0u64..60, 0u64..1500), 1..200),
        ) {
            let clock = ManualClock::default();
            let bucket = bucket(refill * multiple, refill, threads, &clock);
            let mut plain = Plain {
                size: bucket.size,
                tokens: bucket.size.capacity,
                next_refill: bucket.size.interval_millis,
            };
            for (thread, tokens, pause) in requests {
                clock.advance(pause);
                prop_assert_eq!(
                    bucket.take_as(thread, tokens, &clock),
                    plain.take(tokens, clock.millis())
                );
            }
        }
    }
}
