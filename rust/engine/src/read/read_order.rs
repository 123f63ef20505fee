//! The order in which RocksDB is asked for the keys of a slice of a batch: partition by partition, and
//! within one as they are on disk.
//!
//! RocksDB would sort them itself, through its comparator, one virtual call for two keys: an eighth of a
//! batch of 1,000 (`docs/benchmarks`). Most keys differ in their first eight bytes, which is one
//! comparison of two numbers here.
// #[HotPath]

use std::ops::Range;

use smallvec::SmallVec;

use crate::ffi::RawSlice;
use crate::read::key_groups::KeyGroups;

/// The keys of a slice in the order for RocksDB.
pub(crate) struct ReadOrder {
    /// Of the partitions one behind the other. They borrow what the keys borrow.
    keys: Vec<RawSlice>,
    /// Where in `keys` each group begins, and at last where all end.
    starts: SmallVec<[usize; 17]>,
    /// The position in the batch of the first key of the slice.
    first: usize,
    /// Where in `keys` each key of the slice is.
    ranks: Vec<u32>,
}

/// A key, for the sort.
#[derive(Clone, Copy)]
struct Entry {
    /// Its first eight bytes as a number; behind its end are zeros.
    prefix: u64,
    /// In the batch.
    position: u32,
}

impl ReadOrder {
    /// `slice` has the positions of its keys, and `key` gives the key at a position, as it is on disk.
    /// Keys of a group that is `bytewise` get into the order of their bytes, the others stay in that of
    /// the batch.
    pub(crate) fn new<'k>(
        groups: &KeyGroups,
        slice: Range<usize>,
        key: impl Fn(usize) -> &'k [u8],
        bytewise: impl Fn(usize) -> bool,
    ) -> ReadOrder {
        let starts = groups.starts(slice.clone());
        let mut next = starts.clone();
        let none = Entry {
            prefix: 0,
            position: 0,
        };
        let mut entries = vec![none; slice.len()];
        for (position, group) in slice.clone().zip(groups.of_keys_from(slice.start)) {
            entries[next[group]] = Entry {
                prefix: prefix(key(position)),
                position: position as u32,
            };
            next[group] += 1;
        }
        for (group, range) in starts.windows(2).enumerate() {
            if bytewise(group) {
                entries[range[0]..range[1]].sort_unstable_by(|a, b| {
                    let whole = || key(a.position as usize).cmp(key(b.position as usize));
                    // Of equal keys the first is read first, as it is answered first.
                    let first = || a.position.cmp(&b.position);
                    a.prefix.cmp(&b.prefix).then_with(whole).then_with(first)
                });
            }
        }
        let mut ranks = vec![0; entries.len()];
        let keys = entries.iter().enumerate().map(|(rank, entry)| {
            ranks[entry.position as usize - slice.start] = rank as u32;
            RawSlice::new(key(entry.position as usize))
        });
        ReadOrder {
            keys: keys.collect(),
            starts,
            first: slice.start,
            ranks,
        }
    }

    /// The groups that have keys, and the ranks of these.
    pub(crate) fn groups(&self) -> impl Iterator<Item = (usize, Range<usize>)> + '_ {
        let ranges = self.starts.windows(2).map(|range| range[0]..range[1]);
        ranges.enumerate().filter(|(_, range)| !range.is_empty())
    }

    /// The keys at some ranks.
    pub(crate) fn keys(&self, ranks: Range<usize>) -> &[RawSlice] {
        &self.keys[ranks]
    }

    /// Where the key at a position of the batch is; `None` behind the last of the slice.
    #[inline]
    pub(crate) fn rank(&self, position: usize) -> Option<usize> {
        let rank = self.ranks.get(position - self.first);
        rank.map(|&rank| rank as usize)
    }
}

#[inline]
fn prefix(key: &[u8]) -> u64 {
    match key.first_chunk() {
        Some(&first) => u64::from_be_bytes(first),
        None => {
            let mut padded = [0; 8];
            padded[..key.len()].copy_from_slice(key);
            u64::from_be_bytes(padded)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::key::Key;

    fn order(keys: &[Key<'_>], bytewise: impl Fn(i32) -> bool) -> Vec<Vec<u8>> {
        let groups = KeyGroups::new(keys, |_| Ok::<_, ()>(())).unwrap();
        let partitions: Vec<i32> = groups.partitions().collect();
        let order = ReadOrder::new(
            &groups,
            0..keys.len(),
            |i| keys[i].key,
            |group| bytewise(partitions[group]),
        );
        let in_order = order.keys(0..keys.len());
        for (position, key) in keys.iter().enumerate() {
            let rank = order.rank(position).unwrap();
            // SAFETY: the keys live.
            assert_eq!(unsafe { in_order[rank].bytes() }, Some(key.key));
        }
        assert_eq!(order.rank(keys.len()), None);
        // SAFETY: the keys live.
        let bytes = in_order
            .iter()
            .map(|key| unsafe { key.bytes() }.unwrap().to_vec());
        bytes.collect()
    }

    fn key(partition: i32, key: &[u8]) -> Key<'_> {
        Key { partition, key }
    }

    #[test]
    fn keys_are_in_the_order_of_their_bytes_partition_by_partition() {
        let keys = [
            key(7, b"b"),
            key(3, b"12345678b"),
            key(7, b"a\0"),
            key(3, b"12345678a"),
            key(7, b"\xFF"),
            key(7, b"a"),
            key(3, b"12345678"),
            key(7, b"a"),
            key(3, b""),
        ];
        let expected: [&[u8]; 9] = [
            b"a",
            b"a",
            b"a\0",
            b"b",
            b"\xFF",
            b"",
            b"12345678",
            b"12345678a",
            b"12345678b",
        ];
        assert_eq!(order(&keys, |_| true), expected);
    }

    #[test]
    fn what_is_sorted_otherwise_stays_as_it_is() {
        let keys = [key(1, b"b"), key(2, b"d"), key(1, b"a"), key(2, b"c")];
        let expected: [&[u8]; 4] = [b"b", b"a", b"c", b"d"];
        assert_eq!(order(&keys, |partition| partition == 2), expected);
    }

    #[test]
    fn a_slice_has_its_own_keys_alone() {
        let keys = [
            key(7, b"e"),
            key(3, b"d"),
            key(7, b"c"),
            key(5, b"b"),
            key(7, b"a"),
        ];
        let groups = KeyGroups::new(&keys, |_| Ok::<_, ()>(())).unwrap();
        let order = ReadOrder::new(&groups, 2..5, |i| keys[i].key, |_| true);
        let groups: Vec<_> = order.groups().collect();
        assert_eq!(groups, [(0, 0..2), (2, 2..3)]);
        // SAFETY: the keys live.
        let bytes = order.keys(0..3).iter().map(|key| unsafe { key.bytes() });
        assert_eq!(
            bytes.collect::<Vec<_>>(),
            [Some(&b"a"[..]), Some(b"c"), Some(b"b")]
        );
        assert_eq!(
            (2..6)
                .map(|position| order.rank(position))
                .collect::<Vec<_>>(),
            [Some(1), Some(2), Some(0), None]
        );
    }
}
