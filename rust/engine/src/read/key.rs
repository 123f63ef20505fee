//! The keys of a batch: as a request names them, and as RocksDB has them.
// #[HotPath]

use crate::read::chunk::TOP_LEVEL_SUFFIX;

/// A key of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key<'a> {
    /// As the client says: it is not computed again, as in Java.
    pub partition: i32,
    /// The serialized key, without chunk suffix.
    pub key: &'a [u8],
}

impl<'a> Key<'a> {
    /// A key of a partition.
    #[inline]
    pub fn new(partition: i32, key: &'a [u8]) -> Key<'a> {
        Key { partition, key }
    }
}

/// The keys of a batch as RocksDB has them.
pub(crate) struct StoredKeys<'a> {
    keys: &'a [Key<'a>],
    /// All keys with suffix, one after the other, and where each ends; not needed without suffix.
    suffixed: Option<(Vec<u8>, Vec<usize>)>,
}

impl<'a> StoredKeys<'a> {
    pub(crate) fn new(keys: &'a [Key<'a>], chunked: bool) -> StoredKeys<'a> {
        let suffixed = chunked.then(|| {
            let bytes = keys
                .iter()
                .map(|key| key.key.len() + TOP_LEVEL_SUFFIX.len())
                .sum();
            let mut all = Vec::with_capacity(bytes);
            let ends = keys.iter().map(|key| {
                all.extend_from_slice(key.key);
                all.extend_from_slice(&TOP_LEVEL_SUFFIX);
                all.len()
            });
            let ends = ends.collect();
            (all, ends)
        });
        StoredKeys { keys, suffixed }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.keys.len()
    }

    pub(crate) fn get(&self, position: usize) -> &[u8] {
        match &self.suffixed {
            None => self.keys[position].key,
            Some((all, ends)) => {
                let start = position.checked_sub(1).map_or(0, |before| ends[before]);
                &all[start..ends[position]]
            }
        }
    }
}
