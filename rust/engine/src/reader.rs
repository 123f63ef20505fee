//! The reads of one request, all by the same state of its store version.
// #[HotPath]

use std::ops::ControlFlow;

use smallvec::SmallVec;

use crate::batch_read::BatchRead;
use crate::chunk::{Reading, TOP_LEVEL_SUFFIX};
use crate::database::{ReadGuard, Tier};
use crate::error::ReadError;
use crate::key_groups::KeyGroups;
use crate::state::StoreVersionState;
use crate::store_version::{Key, StoreVersion};
use crate::value::Value;

/// Room for keys with suffix on the stack; a longer key costs an allocation.
const INLINE_KEY: usize = 256;

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

/// Takes the values of a batch, in the order of its keys.
pub trait Take {
    /// Bytes that the next value may have. A chunked value that is announced as larger is not read, and
    /// ends the read; a value that is read already is handed on whatever its size. Values are read
    /// ahead up to about as many bytes together, not more.
    fn room(&self) -> usize;

    /// Takes the value of the key at `position`, `None` if there is no such key. With
    /// [`ControlFlow::Break`] the read ends: nothing more is read.
    fn take(&mut self, position: usize, value: Option<Value<'_>>) -> ControlFlow<()>;
}

/// [`each`].
pub struct Each<F>(F);

/// Takes all values, of whatever size, by a function of position and value.
pub fn each<F: FnMut(usize, Option<Value<'_>>)>(take: F) -> Each<F> {
    Each(take)
}

impl<F: FnMut(usize, Option<Value<'_>>)> Take for Each<F> {
    fn room(&self) -> usize {
        usize::MAX
    }

    fn take(&mut self, position: usize, value: Option<Value<'_>>) -> ControlFlow<()> {
        (self.0)(position, value);
        ControlFlow::Continue(())
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
        let readings: SmallVec<[Reading<'_>; 16]> = groups
            .partitions()
            .zip(&guards)
            .map(|(partition, guard)| self.version.reading(partition, guard, self.tier))
            .collect();
        BatchRead::new(&stored_keys, &groups, &readings, self.tier).run(take)
    }
}

/// The keys of a batch as RocksDB has them.
pub(crate) struct StoredKeys<'a> {
    keys: &'a [Key<'a>],
    /// All keys with suffix, one after the other, and where each ends; not needed without suffix.
    suffixed: Option<(Vec<u8>, Vec<usize>)>,
}

impl<'a> StoredKeys<'a> {
    fn new(keys: &'a [Key<'a>], chunked: bool) -> StoredKeys<'a> {
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
