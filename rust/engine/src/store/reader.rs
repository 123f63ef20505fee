//! The reads of one request, all by the same state of its store version.
// #[HotPath]

use smallvec::SmallVec;

use crate::database::{ReadGuard, Tier};
use crate::error::ReadError;
use crate::read::ahead::{Ahead, Alone, Answer, Found, Proven, GETS_AHEAD};
use crate::read::batch_read::BatchRead;
use crate::read::chunk::{PartitionReader, TOP_LEVEL_SUFFIX};
use crate::read::key::{Key, StoredKeys};
use crate::read::key_groups::KeyGroups;
use crate::read::take::Take;
use crate::read::value::Value;
use crate::store::number::StoreNumber;
use crate::store::state::StoreVersionState;
use crate::store::store_version::StoreVersion;

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

/// Keys of a store version that are looked for together.
pub struct Looking<'v, 'a> {
    reader: Reader<'v>,
    /// The place of the first key in `ahead`.
    first: usize,
    ahead: &'a mut Ahead,
    /// The places of the partitions' guards, for those that are here.
    guards: SmallVec<[(i32, Option<usize>); GETS_AHEAD]>,
}

impl Looking<'_, '_> {
    /// Adds a key. Its place in [`Ahead`]; `None` if there is no room for it.
    #[inline]
    pub fn add(&mut self, partition: i32, key: &[u8]) -> Option<usize> {
        if self.ahead.room() == 0 {
            return None;
        }
        let mut known = self.guards.iter();
        let guard = match known.find(|&&(known, _)| known == partition) {
            Some(&(_, guard)) => guard,
            None => self.guard_of(partition),
        };
        let suffix = if self.reader.chunked {
            &TOP_LEVEL_SUFFIX[..]
        } else {
            &[]
        };
        let place = self.ahead.len();
        self.ahead
            .add_key(key, suffix, guard, self.reader.compression_strategy);
        Some(place)
    }

    fn guard_of(&mut self, partition: i32) -> Option<usize> {
        let guard = self.reader.version.look_at_data_partition(partition);
        let guard = guard.map(|guard| self.ahead.add_guard(guard));
        self.guards.push((partition, guard));
        guard
    }

    /// Looks for the keys that were added.
    pub fn look(self) {
        let found = self.ahead.look(self.first);
        #[cfg(feature = "testing")]
        crate::read::ahead_hook::was_fetched_ahead(found);
        let _ = found;
    }
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

impl<'a> Found<'a> {
    /// The answer, and this is counted as a read, if it is in one record and its database still serves. It is what a get
    /// would have had that looked for store version, state and database when this was looked for. All else is for
    /// [`Reader::get_with`].
    #[inline]
    pub fn answer(&self) -> Option<Answer<'a>> {
        let answer = self.whole()?;
        self.count_read();
        #[cfg(feature = "testing")]
        crate::read::ahead_hook::was_answered_directly();
        Some(answer)
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
        self.get_with(partition, key, room, None, found)
    }

    /// As [`Reader::get`], for a key that [`Reader::fetch_ahead`] has looked for: if its record was `ahead`, that is the
    /// answer. With `None` it is looked for now.
    pub fn get_with<R>(
        &self,
        partition: i32,
        key: &[u8],
        room: usize,
        ahead: Option<Option<Found<'_>>>,
        found: impl FnOnce(Value<'_>) -> R,
    ) -> Result<Option<R>, ReadError> {
        let mut stored_key = SmallVec::<[u8; INLINE_KEY]>::from_slice(key);
        if self.chunked {
            stored_key.extend_from_slice(&TOP_LEVEL_SUFFIX);
        }
        let guard = self.version.data_partition(partition)?;
        let reading = self.version.reading(partition, &guard, self.tier);
        let alone;
        let proven = match ahead {
            Some(ahead) => {
                ahead.and_then(|ahead| ahead.of(&guard, &stored_key, self.compression_strategy))
            }
            None if self.tier == Tier::Memory => {
                alone = Alone::find(&guard, &stored_key);
                alone.proven()
            }
            // Who may wait for the disk is here because memory does not suffice.
            None => None,
        };
        let Some(proven) = proven else {
            return reading.get(&stored_key, room, found);
        };
        #[cfg(feature = "testing")]
        crate::read::ahead_hook::was_answered_directly();
        match proven {
            Proven::Record(record) => reading.resolve(&stored_key, record, room, found),
            Proven::Missing => Ok(None),
        }
    }

    /// Begins to fetch into the processor's cache what gets of `keys` will read, as far as it is in memory, and takes
    /// the records that it finds into `ahead`, which has room for [`GETS_AHEAD`] keys. The first key has the place that
    /// is returned, the others those behind it. As [`Reader::look_ahead`].
    pub fn fetch_ahead(&self, keys: &[Key<'_>], ahead: &mut Ahead) -> usize {
        let first = ahead.len();
        let mut looking = self.look_ahead(ahead);
        for key in keys {
            looking.add(key.partition, key.key);
        }
        looking.look();
        first
    }

    /// Begins to fetch into the processor's cache what gets will read of the keys that are added, as far as it is in
    /// memory, and to take the records that it finds into `ahead`, which has room for [`GETS_AHEAD`] keys. Who makes the gets
    /// right behind, one after the other, waits for memory about as long as one of them would.
    ///
    /// It reads nothing from a disk, is counted as no read, and cannot fail: what is not here is found out by the gets,
    /// by [`Reader::get_with`].
    pub fn look_ahead<'a>(&self, ahead: &'a mut Ahead) -> Looking<'v, 'a> {
        Looking {
            reader: *self,
            first: ahead.len(),
            ahead,
            guards: SmallVec::new(),
        }
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
