//! The JVM as natives see it: the way in and out, exceptions, arrays, classes.
//!
//! Knows nothing of RocksDB but its status.
//!
//! The crate `jni` has a way in too, which the natives of our own classes use (`rust/bridge`): they are
//! called seldom. It asks the JVM before and after each call for what these natives know, and they are
//! called for every key.

pub(crate) mod byte_array;
pub mod callback;
pub(crate) mod class;
pub(crate) mod entry;
pub(crate) mod env;
pub(crate) mod failure;
pub(crate) mod log;
pub(crate) mod rocks_db_exception;
pub(crate) mod status;
