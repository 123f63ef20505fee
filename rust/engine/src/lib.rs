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
//! a [`Reader`], which finds the partition's database and takes a guard on it (`database.rs`, `gate.rs`); RocksDB pins the record
//! (`ffi.rs`, `cpp/shim.cc`); chunks are put together (`chunk.rs`); the caller copies the [`Value`]
//! out, once.
//!
//! Invariants: nothing is freed under a reader; no guard leaves this crate, so none is kept across
//! an await; a key that is missing costs no exception and no allocation.

// Only its C++ is used, which Cargo links with it.
#[cfg(feature = "bundled")]
extern crate rust_librocksdb_sys as _;

mod avro;
mod batch_read;
mod chunk;
mod database;
mod error;
mod ffi;
mod freed_memory;
#[cfg(feature = "testing")]
pub mod fuzzing;
mod gate;
pub mod handles;
mod key_groups;
mod partition_path;
mod perf_context;
mod pinned;
mod prefetch;
mod read_order;
mod reader;
mod registry;
mod state;
mod status;
mod store_version;
#[cfg(feature = "testing")]
pub mod testing;
mod time_slice;
mod value;

pub use database::{LongCall, Tier};
pub use error::ReadError;
pub use ffi::{
    ColumnFamilyHandle, ColumnFamilyOptions, Db, DbOptions, Options, PinnedBatch, RawPinned,
    RawSlice, RawStatus,
};
pub use freed_memory::give_back_freed_memory;
pub use partition_path::METADATA_PARTITION;
pub use perf_context::count_nothing_on_this_thread;
pub use reader::{each, Each, Reader, Take};
pub use registry::{Access, ColumnFamily, Memory, Opened, Registry};
pub use state::{StoreVersionState, VERSION_METADATA};
pub use status::Status;
pub use store_version::{Key, StoreVersion};
pub use time_slice::set_time_slice;
pub use value::Value;
