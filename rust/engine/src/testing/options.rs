//! How databases of tests are opened.

use crate::ffi::Options;
use crate::testing::ffi;
use crate::testing::tables::{self, Table};

/// The table formats that Venice can be configured to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableFormat {
    /// Block-based, format version 2, no filter: the default.
    BlockBased,
    /// Plain table over mmap.
    Plain,
    /// Block-based, with values from 4 KiB in blob files.
    Blob,
    /// Block-based, with Bloom filters, and statistics that the store version's databases share.
    Filtered,
}

/// The block cache of a [`super::TestStoreVersion`] in block-based tables.
#[derive(Debug, Clone, Copy)]
pub struct BlockCache {
    /// Its capacity.
    pub bytes: usize,
    /// Whether it refuses blocks when all that it has is in use (`strict_capacity_limit`).
    pub strict: bool,
    /// Whether it is one of ours (`cpp/prefetching_cache.h`), as every cache made by Java is, or
    /// RocksDB's alone.
    pub prefetching: bool,
}

impl Default for BlockCache {
    /// As large as a server's: what a test or a benchmark has read stays in memory. It is used as it
    /// fills.
    fn default() -> BlockCache {
        BlockCache {
            bytes: 1 << 30,
            strict: false,
            prefetching: true,
        }
    }
}

/// The options of a database, with what they own.
pub(crate) struct OwnedOptions(pub(crate) *mut Options);

// SAFETY: RocksDB copies options when opening; nobody writes to them.
unsafe impl Send for OwnedOptions {}
// SAFETY: as above.
unsafe impl Sync for OwnedOptions {}

impl OwnedOptions {
    pub(crate) fn new(format: TableFormat, cache: BlockCache) -> OwnedOptions {
        let format = match format {
            TableFormat::BlockBased => 0,
            TableFormat::Plain => 1,
            TableFormat::Blob => 2,
            TableFormat::Filtered => 3,
        };
        // SAFETY: any format is valid, and any cache.
        OwnedOptions(unsafe {
            ffi::venice_testing_options(
                format,
                cache.bytes,
                cache.strict.into(),
                cache.prefetching.into(),
            )
        })
    }

    pub(crate) fn of_table(table: &Table) -> OwnedOptions {
        // SAFETY: the table lives during the call.
        OwnedOptions(unsafe { tables::venice_testing_table_options(table) })
    }
}

impl Drop for OwnedOptions {
    fn drop(&mut self) {
        // SAFETY: made by venice_testing_options, freed once.
        unsafe { ffi::venice_testing_options_free(self.0) };
    }
}
