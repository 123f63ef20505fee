//! The sketch *Space-Saving* (Metwally, Agrawal, El Abbadi 2005): the most frequent of many keys, in a bounded
//! number of counters.
//!
//! A key without a counter takes over the one that has least, with its count, which is then the error. So a
//! count is never too low, and too high by the error at most; a key that comes more often than the total
//! over the number of counters always has one.

use std::collections::HashMap;

/// A counter of a key.
#[derive(Debug, Clone)]
pub(crate) struct Counter<T> {
    /// The number of the key.
    pub(crate) key: u64,
    /// How often it came, at most.
    pub(crate) count: u64,
    /// How much of that others may have.
    pub(crate) error: u64,
    /// What is known of the key.
    pub(crate) subject: T,
}

/// So many counters.
#[derive(Debug)]
pub(crate) struct SpaceSaving<T> {
    counters: Vec<Counter<T>>,
    most: usize,
    /// Where the counter of a key is.
    places: HashMap<u64, usize>,
    total: u64,
}

impl<T> SpaceSaving<T> {
    pub(crate) fn new(counters: usize) -> SpaceSaving<T> {
        SpaceSaving {
            counters: Vec::new(),
            most: counters.max(1),
            places: HashMap::new(),
            total: 0,
        }
    }

    /// The key came once more. `subject` is asked when it gets a counter.
    pub(crate) fn count(&mut self, key: u64, subject: impl FnOnce() -> T) {
        self.total += 1;
        if let Some(place) = self.places.get(&key) {
            self.counters[*place].count += 1;
            return;
        }
        let mut new = Counter {
            key,
            count: 1,
            error: 0,
            subject: subject(),
        };
        if self.counters.len() < self.most {
            self.places.insert(key, self.counters.len());
            self.counters.push(new);
            return;
        }
        // They are few, and lie side by side.
        let least = self
            .counters
            .iter()
            .enumerate()
            .min_by_key(|(_, counter)| counter.count);
        let place = least.map_or(0, |(place, _)| place);
        let old = &mut self.counters[place];
        new.error = old.count;
        new.count = old.count + 1;
        self.places.remove(&old.key);
        self.places.insert(key, place);
        *old = new;
    }

    /// How often keys came in all.
    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    pub(crate) fn counters(&self) -> impl Iterator<Item = &Counter<T>> {
        self.counters.iter()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn counts_are_within_their_errors_and_frequent_keys_are_there(
            keys in prop::collection::vec(prop_oneof![3 => 0u64..4, 1 => 0u64..200], 0..2000),
            counters in 1usize..40,
        ) {
            let mut sketch = SpaceSaving::new(counters);
            let mut exact = HashMap::<u64, u64>::new();
            for key in &keys {
                sketch.count(*key, || *key);
                *exact.entry(*key).or_default() += 1;
            }
            prop_assert_eq!(sketch.total(), keys.len() as u64);
            let mut sum = 0;
            let mut known = HashMap::new();
            for counter in sketch.counters() {
                let count = exact[&counter.key];
                prop_assert_eq!(counter.subject, counter.key);
                prop_assert!(counter.count >= count && counter.count - counter.error <= count);
                sum += counter.count;
                prop_assert!(known.insert(counter.key, ()).is_none());
            }
            prop_assert_eq!(sum, keys.len() as u64);
            prop_assert!(known.len() <= counters);
            for (key, count) in exact {
                let frequent = count * counters as u64 > keys.len() as u64;
                prop_assert!(!frequent || known.contains_key(&key), "{} came {} times", key, count);
            }
        }
    }
}
