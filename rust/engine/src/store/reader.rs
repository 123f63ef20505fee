//! The reads of one request, all by the same state of its store version.
// #[HotPath]

use smallvec::SmallVec;

use crate::database::{ReadGuard, Tier};
use crate::error::ReadError;
use crate::read::batch_read::BatchRead;
use crate::read::chunk::{PartitionReader, TOP_LEVEL_SUFFIX};
use crate::read::key::{Key, StoredKeys};
use crate::read::key_groups::KeyGroups;
use crate::read::prefetch::{prefetch_blocks, prefetch_plain, KEYS_AT_ONCE};
use crate::read::take::Take;
use crate::read::value::Value;
use crate::store::number::StoreNumber;
use crate::store::state::StoreVersionState;
use crate::store::store_version::StoreVersion;

/// Room for keys with suffix on the stack; a longer key costs an allocation.
const INLINE_KEY: usize = 256;

/// Gets of one [`Reader::fetch_ahead`] at most.
pub const GETS_AHEAD: usize = KEYS_AT_ONCE;
/// The longest key that is fetched ahead, in bytes.
const LONGEST_AHEAD: usize = 118;

/// Reads of a store version. The state is looked up when it is made, and not again: keys are looked for
/// where the state has them whose compression strategy goes into the answer.
///
/// It holds no partition: what is closed meanwhile is an error of the read.
#[derive(Clone, Copy)]
pub struct Reader<'v> {
    version: &'v StoreVersion,
    tier: Tier,
    chunked: bool,
    compression_strategy: i32,
}

impl StoreVersion {
    /// What one request reads with, by the state as of now, also if Java wrote it a moment ago: it is
    /// read again when the metadata partition was written to, or was opened again. `tier` says how far
    /// the reads may go, that of the state too.
    ///
    /// Without a metadata partition, or without a state in it, the state is the default, as in Java. A
    /// metadata partition that is closed is an error: who guessed would look for chunked keys in
    /// the wrong place.
    pub fn reader(&self, tier: Tier) -> Result<Reader<'_>, ReadError> {
        self.with_state(tier, |state| Reader::new(self, tier, state))
    }

    /// [`StoreVersion::reader`] for a state that [`StoreVersion::state`] returned: for who needs more of it than how
    /// values are compressed.
    pub fn reader_by(&self, state: &StoreVersionState, tier: Tier) -> Reader<'_> {
        Reader::new(self, tier, state)
    }
}

impl<'v> Reader<'v> {
    pub(crate) fn new(version: &'v StoreVersion, tier: Tier, state: &StoreVersionState) -> Self {
        Reader {
            version,
            tier,
            chunked: state.chunked,
            compression_strategy: state.compression_strategy,
        }
    }

    /// The number of the store version that it reads.
    pub fn store_number(&self) -> StoreNumber {
        self.version.number()
    }

    /// As in the state: how the values that are read are compressed.
    pub fn compression_strategy(&self) -> i32 {
        self.compression_strategy
    }

    /// Reads the value of `key` and hands it to `found`, while it lies in RocksDB's memory. `None`
    /// if there is no such key. A chunked value that is announced as larger than `room` bytes is
    /// [`ReadError::NoRoom`], and none of its chunks is read.
    ///
    /// `found` must not block: until it returns, the partition cannot be closed.
    pub fn get<R>(
        &self,
        partition: i32,
        key: &[u8],
        room: usize,
        found: impl FnOnce(Value<'_>) -> R,
    ) -> Result<Option<R>, ReadError> {
        let mut stored_key = SmallVec::<[u8; INLINE_KEY]>::from_slice(key);
        if self.chunked {
            stored_key.extend_from_slice(&TOP_LEVEL_SUFFIX);
        }
        let guard = self.version.data_partition(partition)?;
        self.version
            .reading(partition, &guard, self.tier)
            .get(&stored_key, room, found)
    }

    /// Begins to fetch into the processor's cache what gets of the first [`GETS_AHEAD`] of `keys` will read,
    /// as far as it is in memory: who makes them right behind, one after the other, waits for memory about as
    /// long as one of them would.
    ///
    /// It decides nothing, reads nothing from a disk, and cannot fail: what is not here is found out by the
    /// gets. Keys above [`LONGEST_AHEAD`] bytes are left to them, too.
    pub fn fetch_ahead(&self, keys: &[Key<'_>]) {
        let keys = &keys[..keys.len().min(GETS_AHEAD)];
        let mut guards = SmallVec::<[(i32, Option<ReadGuard>); GETS_AHEAD]>::new();
        for &Key { partition, .. } in keys {
            if !guards.iter().any(|&(known, _)| known == partition) {
                guards.push((partition, self.version.look_at_data_partition(partition)));
            }
        }
        // All keys with their suffixes, one behind the other.
        let mut stored = SmallVec::<[u8; GETS_AHEAD * (LONGEST_AHEAD + 2)]>::new();
        let mut ends = SmallVec::<[(usize, usize); GETS_AHEAD]>::new();
        for Key { partition, key } in keys {
            let guard = guards.iter().position(|(known, _)| known == partition);
            if key.len() <= LONGEST_AHEAD {
                stored.extend_from_slice(key);
                if self.chunked {
                    stored.extend_from_slice(&TOP_LEVEL_SUFFIX);
                }
                ends.push((guard.unwrap_or_default(), stored.len()));
            }
        }
        let mut begin = 0;
        let found = ends.iter().filter_map(|&(guard, end)| {
            let key = &stored[begin..end];
            begin = end;
            Some((guards[guard].1.as_ref()?, key))
        });
        let found: SmallVec<[(&ReadGuard, &[u8]); GETS_AHEAD]> = found.collect();
        let of = |plain| {
            let found = found.iter().copied();
            found.filter(move |(guard, _)| guard.has_plain_tables() == plain)
        };
        let found = prefetch_plain(of(true)) + prefetch_blocks(of(false));
        #[cfg(feature = "testing")]
        crate::store::lookup_hook::was_fetched_ahead(found);
        let _ = found;
    }

    /// Reads the values of `keys` and hands each to `take` with its position in `keys`, in their
    /// order; `None` for a missing key. The same key may occur more than once.
    ///
    /// One failing key fails all, as in Java; `take` may have got those before it, and with
    /// [`ReadError::NoRoom`] it has got all before it. `take` must not block: until this returns, none
    /// of the partitions can be closed.
    pub fn multi_get(&self, keys: &[Key<'_>], take: &mut impl Take) -> Result<(), ReadError> {
        let stored_keys = StoredKeys::new(keys, self.chunked);

        // All guards first: a partition that is not here is known before anything is read.
        let mut guards = SmallVec::<[ReadGuard; 16]>::new();
        let groups = KeyGroups::new(keys, |partition| {
            guards.push(self.version.data_partition(partition)?);
            Ok(())
        })?;
        let readings: SmallVec<[PartitionReader<'_>; 16]> = groups
            .partitions()
            .zip(&guards)
            .map(|(partition, guard)| self.version.reading(partition, guard, self.tier))
            .collect();
        BatchRead::new(&stored_keys, &groups, &readings, self.tier).run(take)
    }
}
