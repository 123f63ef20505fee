//! Declarations of `cpp/testing_shim.h`; the rules are those of [`crate::ffi`].

use std::os::raw::c_char;

use crate::ffi::{ColumnFamilyOptions, Db, DbOptions, Options, RawSlice, RawStatus};

extern "C" {
    pub(super) fn venice_testing_options(
        format: u8,
        block_cache_bytes: usize,
        strict: u8,
        prefetching: u8,
    ) -> *mut Options;
    pub(super) fn venice_testing_options_free(options: *mut Options);
    pub(super) fn venice_testing_db_options(options: *const Options) -> *const DbOptions;
    pub(super) fn venice_testing_family_options(
        options: *const Options,
    ) -> *const ColumnFamilyOptions;
    pub(super) fn venice_testing_put(
        db: *mut Db,
        key: RawSlice,
        value: RawSlice,
        status: *mut RawStatus,
    );
    pub(super) fn venice_testing_delete(db: *mut Db, key: RawSlice, status: *mut RawStatus);
    pub(super) fn venice_testing_flush(db: *mut Db, status: *mut RawStatus);
    pub(super) fn venice_testing_read(
        db: *mut Db,
        count: usize,
        keys: *const RawSlice,
        by_multi_get: u8,
        header: usize,
        out: *mut u8,
        room: usize,
        written: *mut usize,
    ) -> usize;
    pub(super) fn venice_testing_forget_pages(db: *mut Db);
    pub(super) fn venice_testing_property(db: *mut Db, name: *const c_char) -> u64;
}
