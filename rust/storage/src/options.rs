//! How databases are opened.

use std::ffi::CString;
use std::path::Path;

use venice_engine::{ColumnFamilyOptions, DbOptions, Options, Status};

use crate::error::StorageError;
use crate::ffi::{self, RawBlockCache};

/// The tables of a partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableFormat {
    /// Block-based, format version 2, without a filter: Venice's default.
    BlockBased,
    /// Plain tables, read through a memory map.
    Plain,
    /// Block-based, with values from 4 KiB in blob files.
    Blob,
    /// None that Venice writes.
    Other,
}

impl TableFormat {
    /// As commands take and print it.
    pub fn name(self) -> &'static str {
        match self {
            TableFormat::BlockBased => "block-based",
            TableFormat::Plain => "plain",
            TableFormat::Blob => "blob",
            TableFormat::Other => "other",
        }
    }

    fn code(self) -> u8 {
        match self {
            TableFormat::BlockBased => 0,
            TableFormat::Plain => 1,
            TableFormat::Blob => 2,
            TableFormat::Other => 3,
        }
    }
}

/// A cache for blocks, which databases share.
pub struct BlockCache(*mut RawBlockCache);

// SAFETY: RocksDB's caches are thread-safe; the object holds a pointer to one, which nobody changes.
unsafe impl Send for BlockCache {}
// SAFETY: as above.
unsafe impl Sync for BlockCache {}

impl BlockCache {
    /// A cache of `bytes`, which are used as it fills.
    pub fn new(bytes: usize) -> Result<BlockCache, StorageError> {
        // SAFETY: any size will do.
        let cache = unsafe { ffi::venice_storage_block_cache_new(bytes) };
        if cache.is_null() {
            return Err(StorageError::NoMemory("a block cache"));
        }
        Ok(BlockCache(cache))
    }
}

impl Drop for BlockCache {
    fn drop(&mut self) {
        // SAFETY: made by venice_storage_block_cache_new, freed once; databases have their own share of it.
        unsafe { ffi::venice_storage_block_cache_free(self.0) };
    }
}

/// The options of a database, with what they own.
pub(crate) struct OwnedOptions(*mut Options);

// SAFETY: RocksDB copies options when opening; nobody writes to them.
unsafe impl Send for OwnedOptions {}
// SAFETY: as above.
unsafe impl Sync for OwnedOptions {}

impl OwnedOptions {
    /// To write with.
    pub(crate) fn for_push(format: TableFormat) -> Result<OwnedOptions, StorageError> {
        // SAFETY: any format will do.
        let options = unsafe { ffi::venice_storage_push_options(format.code()) };
        if options.is_null() {
            return Err(StorageError::NoMemory("RocksDB's options"));
        }
        Ok(OwnedOptions(options))
    }

    /// Those that the database at `path` was last opened with, to read with.
    pub(crate) fn stored(path: &Path, cache: &BlockCache) -> Result<OwnedOptions, StorageError> {
        let c_path = c_path(path)?;
        let mut options = std::ptr::null_mut();
        // SAFETY: path and cache live during the call (rule 3).
        let loaded = Status::from_call(|status| unsafe {
            options = ffi::venice_storage_stored_options(c_path.as_ptr(), cache.0, status);
        });
        loaded.map_err(StorageError::rocks("read the options of", path))?;
        Ok(OwnedOptions(options))
    }

    pub(crate) fn all(&self) -> *const Options {
        self.0
    }

    pub(crate) fn db(&self) -> *const DbOptions {
        // SAFETY: alive as long as self.
        unsafe { ffi::venice_storage_options_db(self.0) }
    }

    pub(crate) fn family(&self) -> *const ColumnFamilyOptions {
        // SAFETY: alive as long as self.
        unsafe { ffi::venice_storage_options_family(self.0) }
    }

    pub(crate) fn format(&self) -> TableFormat {
        // SAFETY: alive as long as self.
        match unsafe { ffi::venice_storage_options_format(self.0) } {
            0 => TableFormat::BlockBased,
            1 => TableFormat::Plain,
            2 => TableFormat::Blob,
            _ => TableFormat::Other,
        }
    }
}

impl Drop for OwnedOptions {
    fn drop(&mut self) {
        // SAFETY: made by the shim, freed once.
        unsafe { ffi::venice_storage_options_free(self.0) };
    }
}

/// A path for C.
pub(crate) fn c_path(path: &Path) -> Result<CString, StorageError> {
    CString::new(path.as_os_str().as_encoded_bytes())
        .map_err(|error| StorageError::io("use", path)(error.into()))
}
