//! Databases of any shape: declarations of `cpp/testing_tables.h`. The rules are those of
//! [`crate::ffi`].

use crate::ffi::{Db, Options, RawSlice, RawStatus};
use crate::status::Status;

/// How a database has its tables (`venice_testing_table`).
#[repr(C)]
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs, reason = "they are RocksDB's options")]
pub struct Table {
    pub plain: u8,
    pub block_size: u32,
    pub restart_interval: u32,
    pub index_restart_interval: u32,
    pub format_version: u32,
    pub compression: u8,
    pub index_type: u8,
    pub hash_in_blocks: u8,
    pub filter: u8,
    pub cache_index: u8,
    pub delta_encoding: u8,
    pub protection_bytes: u8,
    pub index_sparseness: u32,
    pub prefix_encoding: u8,
    pub bloom_bits: u8,
    pub prefix: u8,
    pub statistics: u8,
    pub row_cache: u8,
    pub reverse_order: u8,
    pub levels: u32,
    pub target_file_size: u32,
}

/// What is done to a database (`venice_testing_change`).
#[repr(u8)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Writes a value.
    Put = 0,
    /// Deletes a key.
    Delete = 1,
    /// Deletes a key that was written once.
    SingleDelete = 2,
    /// Adds to a value.
    Merge = 3,
    /// Deletes from a key to another.
    DeleteRange = 4,
    /// Writes the memtable to a file.
    Flush = 5,
    /// Compacts all of it.
    Compact = 6,
    /// Takes a file in that has one key.
    Ingest = 7,
    /// Has the memtable wait for a flush.
    SwitchMemtable = 8,
    /// Flushes what waits.
    GoOn = 9,
    /// Has all stay that is there.
    Snapshot = 10,
    /// Lets go of what snapshots hold.
    ReleaseSnapshots = 11,
    /// Writes a value as one of wide columns.
    PutEntity = 12,
    /// Waits for all that a database does by itself.
    Rest = 13,
}

extern "C" {
    pub(super) fn venice_testing_table_options(table: *const Table) -> *mut Options;
    fn venice_testing_change(
        db: *mut Db,
        change: u8,
        key: RawSlice,
        value: RawSlice,
        status: *mut RawStatus,
    );
    fn venice_testing_mislead(db: *mut Db, by: i32) -> u64;
}

/// # Safety
/// The database is open, and nobody reads it meanwhile.
pub(super) unsafe fn mislead(db: *mut Db, by: i32) -> u64 {
    // SAFETY: guaranteed by the caller.
    unsafe { venice_testing_mislead(db, by) }
}

/// # Safety
/// The database is open.
pub(super) unsafe fn change(
    db: *mut Db,
    change: Change,
    key: &[u8],
    value: &[u8],
) -> Result<(), Status> {
    let (key, value) = (RawSlice::new(key), RawSlice::new(value));
    // SAFETY: guaranteed by the caller.
    Status::from_call(|status| unsafe {
        venice_testing_change(db, change as u8, key, value, status);
    })
}
