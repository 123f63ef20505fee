//! Store versions on disk, written and opened without Java, in the form that a Venice server gives them.
//!
//! What it is: a [`Push`] writes a store version as Venice's batch push does; a [`Folder`] lists those
//! that are there; [`Hosted`] opens one for reading, in a registry that a read server serves, and leaves
//! its files as they are. Beside them what writers and clients have to do alike: the compression of values
//! ([`Compressor`]). Partitions of keys are `venice-catalog`'s.
//!
//! What it is not: it knows no Avro schema of keys and values, and no network. Reads are the engine's.

mod compression;
mod database;
mod error;
mod ffi;
mod folder;
mod hosting;
mod options;
mod push;
mod record_layout;
mod sorter;
mod state_record;

// Only its C++ is used, which Cargo links with it.
#[cfg(feature = "bundled")]
extern crate rust_librocksdb_sys as _;

pub use compression::{train_dictionary, CompressionError, Compressor, Strategy};
pub use database::{Database, Record, Records};
pub use error::StorageError;
pub use folder::{parse_name, Folder, StoredVersion};
pub use hosting::Hosted;
pub use options::{BlockCache, TableFormat};
pub use push::{Push, PushOptions, Pushed};
pub use record_layout::{chunks_of, row_key, stored_key};
