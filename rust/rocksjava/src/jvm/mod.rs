//! The JVM as natives see it: the way in and out, exceptions, arrays, classes.
//!
//! Knows nothing of RocksDB but its status.

pub(crate) mod byte_array;
pub mod callback;
pub(crate) mod class;
pub(crate) mod entry;
pub(crate) mod env;
pub(crate) mod failure;
pub(crate) mod log;
pub(crate) mod rocks_db_exception;
pub(crate) mod status;
