//! Objects of C++ behind Java's handles: who may use them, how they end, and the C interface to them.
//!
//! Knows no native.

pub(crate) mod ffi;
pub(crate) mod file_metadata;
pub(crate) mod handle;
pub(crate) mod native_macros;
pub(crate) mod native_object;
pub(crate) mod pinned;
