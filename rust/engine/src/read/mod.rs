//! One read: from a key and a guard on its partition to a value as RocksDB has it, whole or in chunks.
//!
//! Knows no name of a store version and no state; never copies a value that is whole.

pub(crate) mod ahead;
#[cfg(feature = "testing")]
pub(crate) mod ahead_hook;
mod batch_ahead;
pub(crate) mod batch_read;
pub(crate) mod chunk;
pub(crate) mod key;
pub(crate) mod key_groups;
pub(crate) mod pinned;
pub(crate) mod prefetch;
mod read_order;
pub(crate) mod record;
#[cfg(feature = "testing")]
pub(crate) mod search;
pub(crate) mod take;
pub(crate) mod value;
