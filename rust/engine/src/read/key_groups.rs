//! The keys of a batch by partition: one guard for each partition, and one MultiGet.
// #[HotPath]

use std::ops::Range;

use smallvec::SmallVec;

use crate::read::key::Key;

/// Partitions that are found without a search, if their numbers differ in the low bits. A store has
/// about as many on a server.
const REMEMBERED: usize = 64;

/// Which partition each key of a batch is in. Groups have numbers, in the order of their first keys.
pub(crate) struct KeyGroups {
    /// The partition of each group, and how many keys it has.
    partitions: SmallVec<[(i32, usize); 16]>,
    /// The group of each key.
    of_keys: Vec<u32>,
}

impl KeyGroups {
    /// Hands each partition to `met` when it is met first, in the order of the groups, and ends at its
    /// first error. So there are never more groups than partitions that `met` takes, however many a
    /// request names.
    pub(crate) fn new<E>(
        keys: &[Key<'_>],
        mut met: impl FnMut(i32) -> Result<(), E>,
    ) -> Result<KeyGroups, E> {
        let mut partitions = SmallVec::<[(i32, usize); 16]>::new();
        let mut remembered = [0u32; REMEMBERED];
        let mut of_keys = Vec::with_capacity(keys.len());
        for key in keys {
            let group = &mut remembered[key.partition as usize % REMEMBERED];
            let known = partitions.get(*group as usize);
            if known.is_none_or(|&(partition, _)| partition != key.partition) {
                let mut known = partitions.iter();
                let found = known.position(|&(partition, _)| partition == key.partition);
                *group = found.unwrap_or(partitions.len()) as u32;
                if found.is_none() {
                    met(key.partition)?;
                    partitions.push((key.partition, 0));
                }
            }
            partitions[*group as usize].1 += 1;
            of_keys.push(*group);
        }
        Ok(KeyGroups {
            partitions,
            of_keys,
        })
    }

    /// The partition of each group.
    pub(crate) fn partitions(&self) -> impl ExactSizeIterator<Item = i32> + '_ {
        self.partitions.iter().map(|&(partition, _)| partition)
    }

    /// The group of each key, in the order of the keys, from the key at a position on.
    pub(crate) fn of_keys_from(
        &self,
        position: usize,
    ) -> impl ExactSizeIterator<Item = usize> + '_ {
        self.of_keys[position..].iter().map(|&group| group as usize)
    }

    /// Where each group begins when the groups of some keys stand one behind the other, and at last
    /// where all end.
    pub(crate) fn starts(&self, keys: Range<usize>) -> SmallVec<[usize; 17]> {
        let mut starts = SmallVec::with_capacity(self.partitions.len() + 1);
        starts.push(0);
        if keys.len() == self.of_keys.len() {
            starts.extend(self.partitions.iter().map(|&(_, keys)| keys));
        } else {
            starts.resize(self.partitions.len() + 1, 0);
            for &group in &self.of_keys[keys] {
                starts[group as usize + 1] += 1;
            }
        }
        let mut end = 0;
        for start in &mut starts {
            end += *start;
            *start = end;
        }
        starts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(partitions: &[i32]) -> KeyGroups {
        let keys: Vec<Key<'_>> = partitions
            .iter()
            .map(|&partition| Key {
                partition,
                key: b"",
            })
            .collect();
        let mut met = Vec::new();
        let groups = KeyGroups::new(&keys, |partition| {
            met.push(partition);
            Ok::<_, ()>(())
        });
        let groups = groups.unwrap();
        assert_eq!(groups.partitions().collect::<Vec<_>>(), met);
        groups
    }

    #[test]
    fn groups_are_in_the_order_of_their_first_keys() {
        let groups = groups(&[7, 3, 7, 9, 3, 7]);
        assert_eq!(groups.partitions().collect::<Vec<_>>(), [7, 3, 9]);
        assert_eq!(
            groups.of_keys_from(0).collect::<Vec<_>>(),
            [0, 1, 0, 2, 1, 0]
        );
        assert_eq!(groups.starts(0..6)[..], [0, 3, 5, 6]);
        assert_eq!(groups.starts(1..5)[..], [0, 1, 3, 4]);
        assert_eq!(groups.starts(3..4)[..], [0, 0, 0, 1]);
    }

    #[test]
    fn partitions_of_equal_low_bits_and_of_any_number() {
        let partitions: Vec<i32> = (0..200).map(|i| (i * 37 % 40) * 64 - 640).collect();
        let groups = groups(&partitions);
        let names: Vec<i32> = groups.partitions().collect();
        assert_eq!(names.len(), 40);
        for (partition, group) in partitions.iter().zip(groups.of_keys_from(0)) {
            assert_eq!(names[group], *partition);
        }
        assert_eq!(groups.starts(0..200).last(), Some(&200));
    }

    #[test]
    fn the_first_partition_that_is_refused_ends_it() {
        let keys = [1, 2, 1, 3, 4].map(|partition| Key {
            partition,
            key: b"",
        });
        let mut met = 0;
        let refused = KeyGroups::new(&keys, |partition| {
            met += 1;
            if partition < 3 {
                Ok(())
            } else {
                Err(partition)
            }
        });
        assert_eq!((refused.err(), met), (Some(3), 3));
    }

    #[test]
    fn no_keys_have_no_groups() {
        let groups = groups(&[]);
        assert_eq!(groups.partitions().len(), 0);
        assert_eq!(groups.starts(0..0)[..], [0]);
    }
}
