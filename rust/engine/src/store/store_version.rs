//! One store version as this process hosts it: its partitions, and its state.
// #[HotPath]
// except formatting: the reason why a state cannot be read.

use std::sync::Arc;

use arc_swap::{ArcSwap, ArcSwapOption};

use crate::database::{Database, ReadGuard, Tier};
use crate::error::ReadError;
use crate::read::chunk::PartitionReader;
use crate::read::pinned::PinnedValue;
use crate::store::number::{Numbered, StoreNumber};
use crate::store::partition_path::METADATA_PARTITION;
use crate::store::state::{StoreVersionState, VERSION_METADATA};
use crate::store::usage::Usage;

/// The partitions of one store version that are, or were, open in this process.
///
/// Lookups take no lock. Who opens and closes replaces the list, and does so under the registry's
/// lock.
pub struct StoreVersion {
    name: Box<str>,
    number: Numbered,
    /// Sorted by partition.
    partitions: ArcSwap<Vec<Partition>>,
    state: ArcSwapOption<KnownState>,
    /// What Venice assumes while there is no state.
    assumed_state: Arc<StoreVersionState>,
    /// How much it was read.
    pub(super) usage: Usage,
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
            number: Numbered::new(),
            partitions: ArcSwap::default(),
            state: ArcSwapOption::empty(),
            assumed_state: Arc::default(),
            usage: Usage::default(),
        }
    }

    /// `<store>_v<N>`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// By which it is found without its name.
    pub fn number(&self) -> StoreNumber {
        self.number.get()
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

    /// The state as of now, as [`StoreVersion::reader`] has it.
    pub fn state(&self, tier: Tier) -> Result<Arc<StoreVersionState>, ReadError> {
        self.with_state(tier, Arc::clone)
    }

    /// Hands the state to `read`, without a count of who has it, which all workers would share.
    pub(super) fn with_state<R>(
        &self,
        tier: Tier,
        read: impl FnOnce(&Arc<StoreVersionState>) -> R,
    ) -> Result<R, ReadError> {
        let result = self.look_up_state(tier, read);
        #[cfg(feature = "testing")]
        crate::store::lookup_hook::state_was_looked_up();
        result
    }

    fn look_up_state<R>(
        &self,
        tier: Tier,
        read: impl FnOnce(&Arc<StoreVersionState>) -> R,
    ) -> Result<R, ReadError> {
        let guard = match self.open_database(METADATA_PARTITION) {
            Err(ReadError::NeverOpened { .. }) => return Ok(read(&self.assumed_state)),
            opened => opened?,
        };
        // Before the read: what is written in between is then seen by the next caller.
        let sequence_number = guard.sequence_number();
        let database = guard.database_id();
        let known = self.state.load();
        if let Some(known) = &*known {
            if known.database == database && known.sequence_number == sequence_number {
                return Ok(read(&known.state));
            }
        }
        let reading = self.reading(METADATA_PARTITION, &guard, tier);
        let mut slot = std::pin::pin!(PinnedValue::new());
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
        Ok(read(&state))
    }

    fn decode_state(&self, record: &[u8]) -> Result<StoreVersionState, ReadError> {
        StoreVersionState::decode(record).map_err(|error| ReadError::BadState {
            store_version: self.name.clone(),
            reason: error.to_string().into(),
        })
    }

    pub(crate) fn reading<'a>(
        &'a self,
        partition: i32,
        guard: &'a ReadGuard,
        tier: Tier,
    ) -> PartitionReader<'a> {
        PartitionReader {
            store_version: &self.name,
            partition,
            guard,
            tier,
            read: guard.read_options(tier),
        }
    }

    /// Its databases that serve, the metadata partition's included.
    pub(crate) fn databases(&self) -> Vec<Arc<Database>> {
        let partitions = self.partitions.load();
        let serving = partitions.iter().filter_map(|known| known.open.last());
        serving.cloned().collect()
    }

    /// All databases of its data that are not closed.
    pub(super) fn data_databases(&self) -> Vec<Arc<Database>> {
        let partitions = self.partitions.load();
        let data = partitions
            .iter()
            .filter(|partition| partition.id != METADATA_PARTITION);
        data.flat_map(|partition| &partition.open)
            .cloned()
            .collect()
    }

    /// Its partitions by number: the database that serves it, and whether it was destroyed.
    pub(crate) fn known_partitions(&self) -> Vec<(i32, Option<Arc<Database>>, bool)> {
        let partitions = self.partitions.load();
        let known = partitions.iter();
        known
            .map(|known| (known.id, known.open.last().cloned(), known.destroyed))
            .collect()
    }

    pub(crate) fn data_partition(&self, partition: i32) -> Result<ReadGuard, ReadError> {
        if partition == METADATA_PARTITION {
            // Java keeps it apart from the partitions that can be asked for.
            return Err(ReadError::NeverOpened {
                store_version: self.name.clone(),
                partition,
            });
        }
        self.open_database(partition)
    }

    /// As [`StoreVersion::data_partition`], for who reads nothing for a client; `None` if it is not here.
    pub(crate) fn look_at_data_partition(&self, partition: i32) -> Option<ReadGuard> {
        let partitions = self.partitions.load();
        let at = partitions.binary_search_by_key(&partition, |known| known.id);
        let open = partitions[at.ok()?].open.last();
        open.filter(|_| partition != METADATA_PARTITION)?.look()
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
    pub(crate) fn unpublish(&self, partition: i32, database: &Arc<Database>) {
        let unpublish = || {
            let mut was_here = false;
            self.change(partition, |known| {
                let before = known.open.len();
                known.open.retain(|other| !Arc::ptr_eq(other, database));
                was_here = known.open.len() < before;
            });
            was_here
        };
        if partition == METADATA_PARTITION {
            unpublish();
        } else {
            self.usage.leave(database, unpublish);
        }
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
