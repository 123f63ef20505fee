//! Which databases are open, and under which names; the state of a store version; what a request reads
//! with.
//!
//! Opens and closes at Java's word, finds by name without a lock.

#[cfg(feature = "testing")]
pub(crate) mod lookup_hook;
pub(crate) mod number;
pub(crate) mod numbers;
pub(crate) mod partition_path;
pub(crate) mod partitions;
pub(crate) mod plain_tables;
pub(crate) mod reader;
pub(crate) mod registry;
pub(crate) mod state;
pub(crate) mod store_version;
pub(crate) mod usage;
pub(crate) mod version_reads;
