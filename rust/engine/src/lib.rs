//! The databases that are open in this process, and reads of Venice's records from them.
//!
//! What it is: a [`Registry`] through which Java opens and closes RocksDB databases, and through
//! which requests find a store version and read from it while Java keeps writing, closing and
//! reopening. It knows Venice's layout on disk: paths, value headers, chunks, the store-version
//! state.
//!
//! What it is not: it knows neither JNI nor gRPC, never decompresses, never computes a partition
//! from a key, and never decides whether a version is ready to serve; the Java server does not
//! either.
//!
//! One read, file by file: [`Registry`] finds the [`StoreVersion`] by name; that looks up its state for
//! a [`Reader`], which finds the partition's database and takes a guard on it (`database/`); RocksDB
//! pins the record (`read/pinned.rs`, `cpp/shim.cc`); chunks are put together (`read/chunk.rs`); the
//! caller copies the [`Value`] out, once.
//!
//! The rooms, from the top floor down: `store` (which databases, under which name), `read` (one read),
//! `database` (one database: who is inside, and its close), [`handles`] (which objects of Java are
//! live). Each uses those below it, never one above.
//!
//! Invariants: nothing is freed under a reader; no guard leaves this crate but in an [`Ahead`], which cannot be sent to
//! another thread, so none is kept across an await; a key that is missing costs no exception and no allocation.

// Only its C++ is used, which Cargo links with it.
#[cfg(feature = "bundled")]
extern crate rust_librocksdb_sys as _;

mod avro;
pub mod avro_writer;
mod cache_line;
mod database;
mod error;
mod ffi;
mod freed_memory;
#[cfg(feature = "testing")]
pub mod fuzzing;
pub mod handles;
mod panic_text;
mod read;
mod status;
mod store;
#[cfg(feature = "testing")]
pub mod testing;
mod thread;

pub use database::{LongCall, Tier};
pub use error::ReadError;
pub use ffi::{
    ColumnFamilyHandle, ColumnFamilyOptions, Db, DbOptions, Options, PinnedBatch, RawPinned,
    RawSlice, RawStatus,
};
pub use freed_memory::give_back_freed_memory;
pub use panic_text::panic_text;
pub use read::ahead::{Ahead, Answer, Found, GETS_AHEAD};
pub use read::key::Key;
pub use read::take::{each, Each, Take};
pub use read::value::Value;
pub use status::Status;
pub use store::number::StoreNumber;
pub use store::numbers::DatabaseNumbers;
pub use store::partition_path::METADATA_PARTITION;
pub use store::partitions::{Condition, HostedPartition, HostedVersion};
pub use store::plain_tables::{PlainTableWatch, PlainTables, Populated};
pub use store::reader::{Looking, Reader};
pub use store::registry::{Access, ColumnFamily, Memory, Opened, Registry, VersionNow};
pub use store::state::{StoreVersionState, VERSION_METADATA};
pub use store::store_version::StoreVersion;
pub use store::version_reads::VersionReads;
pub use thread::perf_context::disable_perf_counters;
pub use thread::time_slice::set_time_slice;
