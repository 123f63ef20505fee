//! One store version as this process hosts it, and the reads from it.
// #[HotPath]

use std::sync::Arc;

use arc_swap::{ArcSwap, ArcSwapOption};
use smallvec::SmallVec;

use crate::chunk::{Reading, TOP_LEVEL_SUFFIX};
use crate::database::{Database, ReadGuard, Tier};
use crate::error::ReadError;
use crate::key_groups::KeyGroups;
use crate::partition_path::METADATA_PARTITION;
use crate::pinned::{PinnedValues, Slot};
use crate::prefetch::{prefetch, prefetch_plain, KEYS_AT_ONCE};
use crate::read_order::ReadOrder;
use crate::state::{StoreVersionState, VERSION_METADATA};
use crate::value::Value;

/// Room for keys with suffix on the stack; a longer key costs an allocation.
const INLINE_KEY: usize = 256;

/// So many values of a batch before its turn, a value is fetched into the processor's cache.
const VALUES_AHEAD: usize = 3;

/// A key of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key<'a> {
    /// As the client says: it is not computed again, as in Java.
    pub partition: i32,
    /// The serialized key, without chunk suffix.
    pub key: &'a [u8],
}

/// The partitions of one store version that are, or were, open in this process.
///
/// Lookups take no lock. Who opens and closes replaces the list, and does so under the registry's
/// lock.
pub struct StoreVersion {
    name: Box<str>,
    /// Sorted by partition.
    partitions: ArcSwap<Vec<Partition>>,
    state: ArcSwapOption<KnownState>,
    /// What Venice assumes while there is no state.
    assumed_state: Arc<StoreVersionState>,
}

#[derive(Clone)]
struct Partition {
    id: i32,
    /// The one that serves is the last. More than one: opened read-only several times, or servers
    /// with different directories in one JVM.
    open: Vec<Arc<Database>>,
    /// Java destroyed the database; it is not just closed.
    destroyed: bool,
}

/// A state, and when it was read.
struct KnownState {
    database: u64,
    sequence_number: u64,
    /// As stored; `None` if there was none.
    record: Option<Box<[u8]>>,
    state: Arc<StoreVersionState>,
}

impl StoreVersion {
    pub(crate) fn new(name: &str) -> StoreVersion {
        StoreVersion {
            name: name.into(),
            partitions: ArcSwap::default(),
            state: ArcSwapOption::empty(),
            assumed_state: Arc::default(),
        }
    }

    /// `<store>_v<N>`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether its partitions are written as plain tables; all of a store version are alike.
    pub fn has_plain_tables(&self) -> bool {
        let partitions = self.partitions.load();
        let mut data = partitions
            .iter()
            .filter(|partition| partition.id != METADATA_PARTITION);
        let open = data.find_map(|partition| partition.open.last());
        open.is_some_and(|database| database.has_plain_tables())
    }

    /// The state as of now, also if Java wrote it a moment ago: it is read again when the metadata
    /// partition was written to, or was opened again.
    ///
    /// Without a metadata partition, or without a state in it, it is the default, as in Java. A
    /// metadata partition that is closed is an error: who guessed would look for chunked keys in
    /// the wrong place.
    pub fn state(&self, tier: Tier) -> Result<Arc<StoreVersionState>, ReadError> {
        let guard = match self.open_database(METADATA_PARTITION) {
            Err(ReadError::NeverOpened { .. }) => return Ok(Arc::clone(&self.assumed_state)),
            opened => opened?,
        };
        // Before the read: what is written in between is then seen by the next caller.
        let sequence_number = guard.sequence_number();
        let database = guard.database_id();
        let known = self.state.load();
        if let Some(known) = &*known {
            if known.database == database && known.sequence_number == sequence_number {
                return Ok(Arc::clone(&known.state));
            }
        }
        let reading = self.reading(METADATA_PARTITION, &guard, tier);
        let mut slot = std::pin::pin!(Slot::new());
        let found = slot.as_mut().get(&guard, VERSION_METADATA, reading.read);
        let record = found
            .map_err(|status| reading.failed(status))?
            .then(|| slot.value());
        let state = match &*known {
            // Most writes are offsets of partitions.
            Some(known) if known.record.as_deref() == record => Arc::clone(&known.state),
            _ => match record {
                None => Arc::clone(&self.assumed_state),
                Some(record) => Arc::new(self.decode_state(record)?),
            },
        };
        self.state.store(Some(Arc::new(KnownState {
            database,
            sequence_number,
            record: record.map(Box::from),
            state: Arc::clone(&state),
        })));
        Ok(state)
    }

    fn decode_state(&self, record: &[u8]) -> Result<StoreVersionState, ReadError> {
        StoreVersionState::decode(record).map_err(|error| ReadError::BadState {
            store_version: self.name.clone(),
            reason: error.to_string().into(),
        })
    }

    /// Reads the value of `key` and hands it to `found`, while it lies in RocksDB's memory. `None`
    /// if there is no such key.
    ///
    /// `found` must not block: until it returns, the partition cannot be closed.
    pub fn get<R>(
        &self,
        partition: i32,
        key: &[u8],
        tier: Tier,
        found: impl FnOnce(Value<'_>) -> R,
    ) -> Result<Option<R>, ReadError> {
        let mut stored_key = SmallVec::<[u8; INLINE_KEY]>::from_slice(key);
        if self.state(tier)?.chunked {
            stored_key.extend_from_slice(&TOP_LEVEL_SUFFIX);
        }
        let guard = self.data_partition(partition)?;
        self.reading(partition, &guard, tier)
            .get(&stored_key, found)
    }

    /// Reads the values of `keys` and hands each to `each` with its position in `keys`, in their
    /// order; `None` for a missing key. The same key may occur more than once.
    ///
    /// One failing key fails all, as in Java; `each` may have been called for those before it.
    /// `each` must not block: until this returns, none of the partitions can be closed.
    pub fn multi_get(
        &self,
        keys: &[Key<'_>],
        tier: Tier,
        mut each: impl FnMut(usize, Option<Value<'_>>),
    ) -> Result<(), ReadError> {
        let stored_keys = StoredKeys::new(keys, self.state(tier)?.chunked);

        // All guards first: a partition that is not here is known before anything is read.
        let mut guards = SmallVec::<[ReadGuard; 16]>::new();
        let groups = KeyGroups::new(keys, |partition| {
            guards.push(self.data_partition(partition)?);
            Ok(())
        })?;
        let readings: SmallVec<[Reading<'_>; 16]> = groups
            .partitions()
            .zip(&guards)
            .map(|(partition, guard)| self.reading(partition, guard, tier))
            .collect();

        // MultiGet of RocksDB 9.11.2 reads data blocks from the disk whatever the tier says
        // (BlockBasedTable::MultiGet); Get does not. In memory a batch has little to gain. Of plain
        // tables MultiGet is Get in a loop (TableReader::MultiGet), behind a sort of the keys, and
        // with a copy of each value in memory of its own.
        let plain_tables = guards.iter().all(ReadGuard::has_plain_tables);
        if tier == Tier::Memory || plain_tables {
            let mut slot = std::pin::pin!(Slot::new());
            for (position, group) in groups.of_keys().enumerate() {
                if plain_tables && position % KEYS_AT_ONCE == 0 {
                    let next = groups.of_keys_from(position).zip(position..);
                    prefetch_plain(next.map(|(group, at)| (&guards[group], stored_keys.get(at))));
                }
                let key = stored_keys.get(position);
                let found = readings[group].get_into(slot.as_mut(), key, |value| {
                    each(position, Some(value));
                })?;
                if found.is_none() {
                    each(position, None);
                }
            }
            return Ok(());
        }

        let order = ReadOrder::new(
            &groups,
            |position| stored_keys.get(position),
            |group| guards[group].is_bytewise(),
        );
        let mut values = PinnedValues::with_capacity(keys.len());
        for (reading, range) in readings.iter().zip(groups.starts().windows(2)) {
            let raw_keys = order.keys(range[0]..range[1]);
            let in_order = reading.guard.is_bytewise();
            // SAFETY: the keys are borrowed from `stored_keys`, which lives until the end.
            let read = unsafe { values.read(reading.guard, raw_keys, in_order, reading.read) };
            read.map_err(|status| reading.failed(status))?;
        }

        let value = |position| order.place(position).and_then(|place| values.value(place));
        for (position, group) in groups.of_keys().enumerate() {
            // RocksDB has looked at the keys beside the values, not at the values.
            value(position + VALUES_AHEAD).map(prefetch);
            let Some(record) = value(position) else {
                each(position, None);
                continue;
            };
            let key = stored_keys.get(position);
            let found = readings[group].deliver(key, record, |value| {
                each(position, Some(value));
            })?;
            if found.is_none() {
                each(position, None);
            }
        }
        Ok(())
    }

    fn reading<'a>(&'a self, partition: i32, guard: &'a ReadGuard, tier: Tier) -> Reading<'a> {
        Reading {
            store_version: &self.name,
            partition,
            guard,
            tier,
            read: guard.how(tier),
        }
    }

    fn data_partition(&self, partition: i32) -> Result<ReadGuard, ReadError> {
        if partition == METADATA_PARTITION {
            // Java keeps it apart from the partitions that can be asked for.
            return Err(ReadError::NeverOpened {
                store_version: self.name.clone(),
                partition,
            });
        }
        self.open_database(partition)
    }

    fn open_database(&self, partition: i32) -> Result<ReadGuard, ReadError> {
        let mut partitions = self.partitions.load();
        loop {
            let store_version = || self.name.clone();
            let Ok(at) = partitions.binary_search_by_key(&partition, |known| known.id) else {
                return Err(ReadError::NeverOpened {
                    store_version: store_version(),
                    partition,
                });
            };
            let Partition {
                open, destroyed, ..
            } = &partitions[at];
            let Some(database) = open.last() else {
                return Err(if *destroyed {
                    ReadError::Removed {
                        store_version: store_version(),
                        partition,
                    }
                } else {
                    ReadError::Closed {
                        store_version: store_version(),
                        partition,
                    }
                });
            };
            if let Some(guard) = database.read() {
                return Ok(guard);
            }
            // Closing. If it was opened again since the look at the list, the new list knows.
            let newer = self.partitions.load();
            if Arc::ptr_eq(&newer, &partitions) {
                return Err(ReadError::Closed {
                    store_version: store_version(),
                    partition,
                });
            }
            partitions = newer;
        }
    }

    /// Serves `database` as `partition` from now on.
    pub(crate) fn add(&self, partition: i32, database: &Arc<Database>) {
        self.change(partition, |known| {
            known.destroyed = false;
            // A read-only database does not follow what a writable one of the same files takes in.
            let at = if database.read_only() {
                known
                    .open
                    .iter()
                    .take_while(|other| other.read_only())
                    .count()
            } else {
                known.open.len()
            };
            known.open.insert(at, Arc::clone(database));
        });
    }

    /// Serves `database` no more. Reads that found it already are not affected.
    pub(crate) fn withdraw(&self, partition: i32, database: &Arc<Database>) {
        self.change(partition, |known| {
            known.open.retain(|other| !Arc::ptr_eq(other, database))
        });
    }

    /// Notes that the files of `partition` are gone. True if nothing is left of the store version.
    pub(crate) fn destroyed(&self, partition: i32) -> bool {
        let known = self.partitions.load();
        if known
            .binary_search_by_key(&partition, |known| known.id)
            .is_err()
        {
            return false; // never opened here
        }
        self.change(partition, |known| known.destroyed = true);
        self.partitions
            .load()
            .iter()
            .all(|known| known.destroyed && known.open.is_empty())
    }

    /// Replaces the list; callers hold the registry's lock.
    fn change(&self, partition: i32, change: impl FnOnce(&mut Partition)) {
        let mut partitions = Vec::clone(&self.partitions.load());
        let at = match partitions.binary_search_by_key(&partition, |known| known.id) {
            Ok(at) => at,
            Err(at) => {
                let new = Partition {
                    id: partition,
                    open: Vec::new(),
                    destroyed: false,
                };
                partitions.insert(at, new);
                at
            }
        };
        change(&mut partitions[at]);
        self.partitions.store(Arc::new(partitions));
    }
}

/// The keys of a batch as RocksDB has them.
struct StoredKeys<'a> {
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

    fn get(&self, position: usize) -> &[u8] {
        match &self.suffixed {
            None => self.keys[position].key,
            Some((all, ends)) => {
                let start = position.checked_sub(1).map_or(0, |before| ends[before]);
                &all[start..ends[position]]
            }
        }
    }
}
