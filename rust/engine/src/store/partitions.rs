//! Which partitions are here, and what RocksDB says of each: for operators.
//!
//! Each is read under a guard of its own, as in [`crate::store::numbers`].

use std::ffi::CStr;
use std::sync::Arc;

use crate::ffi;
use crate::store::registry::Registry;
use crate::store::store_version::StoreVersion;

/// A store version that is here.
pub struct HostedVersion {
    /// Its name and state.
    pub store_version: Arc<StoreVersion>,
    /// Its partitions, by number, that of the metadata included
    /// ([`METADATA_PARTITION`](crate::METADATA_PARTITION)).
    pub partitions: Vec<HostedPartition>,
}

/// A partition that is, or was, open here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostedPartition {
    /// Its number.
    pub partition: i32,
    /// What can be read of it.
    pub condition: Condition,
    /// Whether it is written as plain tables, not as block-based ones.
    pub plain_tables: bool,
    /// Whether it was opened read-only.
    pub read_only: bool,
    /// How often the read server read it since it was opened, modulo 2^32: once for a get, once for each of a batch's
    /// slices, and once more for what memory could not answer.
    pub reads: u32,
    /// Integer properties of RocksDB, in the order in which they were asked for; none of one that is not
    /// open, or that RocksDB does not know.
    pub numbers: Vec<Option<u64>>,
}

/// What can be read of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// It answers reads.
    Open,
    /// It is closed, or closes.
    Closed,
    /// Its database was destroyed.
    Removed,
}

impl Registry {
    /// The store versions that are here, by name, with integer properties of RocksDB, by RocksDB's names.
    /// It takes a moment for each database, in which RocksDB may hold the database's mutex.
    pub fn hosted(&self, properties: &[&CStr]) -> Vec<HostedVersion> {
        let mut versions = self.all();
        versions.sort_unstable_by(|one, other| one.name().cmp(other.name()));
        let versions = versions.into_iter().map(|store_version| HostedVersion {
            partitions: partitions(&store_version, properties),
            store_version,
        });
        versions.collect()
    }
}

fn partitions(store_version: &StoreVersion, properties: &[&CStr]) -> Vec<HostedPartition> {
    let known = store_version.known_partitions().into_iter();
    let partitions = known.map(|(partition, database, destroyed)| {
        let mut hosted = HostedPartition {
            partition,
            condition: match destroyed {
                true => Condition::Removed,
                false => Condition::Closed,
            },
            plain_tables: false,
            read_only: false,
            reads: 0,
            numbers: vec![None; properties.len()],
        };
        let Some(database) = database else {
            return hosted;
        };
        hosted.plain_tables = database.has_plain_tables();
        hosted.read_only = database.read_only();
        hosted.reads = database.reads();
        let Some(guard) = database.look() else {
            return hosted; // it closes
        };
        hosted.condition = Condition::Open;
        for (number, name) in hosted.numbers.iter_mut().zip(properties) {
            let mut value = 0;
            // SAFETY: rule 1, by the guard; the name ends with NUL, and the value has room.
            let is_known =
                unsafe { ffi::venice_db_number(guard.db(), name.as_ptr(), &raw mut value) };
            *number = (is_known != 0).then_some(value);
        }
        hosted
    });
    partitions.collect()
}
