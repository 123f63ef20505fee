//! Declarations of `cpp/storage.h`; what each function does stands there. The rules that the unsafe blocks
//! rest on are those of `venice_engine::ffi`, by number.

use std::os::raw::c_char;

use venice_engine::{ColumnFamilyOptions, Db, DbOptions, Options, RawSlice, RawStatus};

venice_engine::opaque! {
    /// A cache of blocks, shared by databases.
    pub(crate) RawBlockCache;
    /// A table file that is being written.
    pub(crate) RawTableFile;
    /// A walk over the records of a database.
    pub(crate) RawRecords;
}

extern "C" {
    pub(crate) fn venice_storage_block_cache_new(bytes: usize) -> *mut RawBlockCache;
    pub(crate) fn venice_storage_block_cache_free(cache: *mut RawBlockCache);
    pub(crate) fn venice_storage_push_options(format: u8) -> *mut Options;
    pub(crate) fn venice_storage_stored_options(
        path: *const c_char,
        cache: *const RawBlockCache,
        status: *mut RawStatus,
    ) -> *mut Options;
    pub(crate) fn venice_storage_options_free(options: *mut Options);
    pub(crate) fn venice_storage_options_db(options: *const Options) -> *const DbOptions;
    pub(crate) fn venice_storage_options_family(
        options: *const Options,
    ) -> *const ColumnFamilyOptions;
    pub(crate) fn venice_storage_options_format(options: *const Options) -> u8;
    pub(crate) fn venice_storage_put(
        db: *mut Db,
        key: RawSlice,
        value: RawSlice,
        ahead: u8,
        status: *mut RawStatus,
    );
    pub(crate) fn venice_storage_flush(db: *mut Db, status: *mut RawStatus);
    pub(crate) fn venice_storage_table_new(
        options: *const Options,
        path: *const c_char,
        status: *mut RawStatus,
    ) -> *mut RawTableFile;
    pub(crate) fn venice_storage_table_put(
        table: *mut RawTableFile,
        key: RawSlice,
        value: RawSlice,
        status: *mut RawStatus,
    );
    pub(crate) fn venice_storage_table_size(table: *mut RawTableFile) -> u64;
    pub(crate) fn venice_storage_table_finish(table: *mut RawTableFile, status: *mut RawStatus);
    pub(crate) fn venice_storage_table_free(table: *mut RawTableFile);
    pub(crate) fn venice_storage_ingest(
        db: *mut Db,
        count: usize,
        paths: *const RawSlice,
        status: *mut RawStatus,
    );
    pub(crate) fn venice_storage_records_new(db: *mut Db) -> *mut RawRecords;
    pub(crate) fn venice_storage_records_seek(
        records: *mut RawRecords,
        key: RawSlice,
        status: *mut RawStatus,
    );
    pub(crate) fn venice_storage_records_next(
        records: *mut RawRecords,
        key: *mut RawSlice,
        value: *mut RawSlice,
        status: *mut RawStatus,
    ) -> u8;
    pub(crate) fn venice_storage_records_free(records: *mut RawRecords);
}
