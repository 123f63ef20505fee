//! Declarations of `rocksjava/cpp/natives.h`; what each function does stands there.
//! `tests/architecture/c_abi.py` compares.

use std::ffi::{c_char, c_void};

use venice_engine::{
    ColumnFamilyHandle, ColumnFamilyOptions, Db, Options, PinnedBatch, RawPinned, RawSlice,
    RawStatus,
};

pub(crate) use crate::objects::native_object::{
    EnvOptions, FlushOptions, IngestExternalFileOptions, ReadOptions, Slice, WriteOptions,
};

venice_engine::opaque! {
    /// `rocksdb::Checkpoint`.
    pub(crate) Checkpoint;
    /// `rocksdb::CompactRangeOptions`.
    pub(crate) CompactRangeOptions;
    /// `rocksdb::Iterator`.
    pub(crate) Iterator;
    /// `rocksdb::SstFileReader`.
    pub(crate) SstFileReader;
    /// `rocksdb::SstFileWriter`.
    pub(crate) SstFileWriter;
    /// `rocksdb::WriteBatch`.
    pub(crate) WriteBatch;
    /// `rocksdb::WriteBatchWithIndex`.
    pub(crate) WriteBatchWithIndex;
}

/// `venice_file`.
#[repr(C)]
pub(crate) struct RawFile {
    pub(crate) column_family: RawSlice,
    pub(crate) name: RawSlice,
    pub(crate) db_path: RawSlice,
    pub(crate) smallest_key: RawSlice,
    pub(crate) largest_key: RawSlice,
    pub(crate) checksum: RawSlice,
    pub(crate) size: u64,
    pub(crate) smallest_sequence: u64,
    pub(crate) largest_sequence: u64,
    pub(crate) reads_sampled: u64,
    pub(crate) entries: u64,
    pub(crate) deletions: u64,
    pub(crate) level: i32,
    pub(crate) being_compacted: u8,
}

/// `venice_table_properties`.
#[repr(C)]
pub(crate) struct RawTableProperties {
    pub(crate) numbers: [u64; 22],
    pub(crate) column_family: RawSlice,
    pub(crate) names: [RawSlice; 6],
}

/// Shows bytes that live during the call.
pub(crate) type ShowName = unsafe extern "C" fn(*mut c_void, RawSlice);
pub(crate) type ShowFile = unsafe extern "C" fn(*mut c_void, *const RawFile);
pub(crate) type ShowLevel = unsafe extern "C" fn(*mut c_void, i32, u64);
pub(crate) type ShowProperties = unsafe extern "C" fn(*mut c_void, *const RawTableProperties);
pub(crate) type ShowEntry = unsafe extern "C" fn(*mut c_void, u8, RawSlice, RawSlice);

extern "C" {
    pub(crate) fn venice_pinned_release(pinned: *mut RawPinned);
    pub(crate) fn venice_pinned_batch_free(batch: *mut PinnedBatch);

    pub(crate) fn venice_version() -> i32;
    pub(crate) fn venice_put(
        db: *mut Db,
        options: *const WriteOptions,
        family: *mut ColumnFamilyHandle,
        key: RawSlice,
        value: RawSlice,
        status: *mut RawStatus,
    );
    pub(crate) fn venice_remove(
        db: *mut Db,
        options: *const WriteOptions,
        family: *mut ColumnFamilyHandle,
        key: RawSlice,
        status: *mut RawStatus,
    );
    pub(crate) fn venice_write(
        db: *mut Db,
        options: *const WriteOptions,
        batch: *mut WriteBatch,
        status: *mut RawStatus,
    );
    pub(crate) fn venice_get_with(
        db: *mut Db,
        options: *const ReadOptions,
        family: *mut ColumnFamilyHandle,
        key: RawSlice,
        pinned: *mut RawPinned,
        value: *mut RawSlice,
        status: *mut RawStatus,
    );
    pub(crate) fn venice_multi_get_with(
        db: *mut Db,
        options: *const ReadOptions,
        family_count: usize,
        families: *const *mut ColumnFamilyHandle,
        count: usize,
        keys: *const RawSlice,
        values: *mut RawSlice,
        statuses: *mut RawStatus,
    ) -> *mut PinnedBatch;
    pub(crate) fn venice_key_exists(
        db: *mut Db,
        options: *const ReadOptions,
        family: *mut ColumnFamilyHandle,
        key: RawSlice,
        status: *mut RawStatus,
    );
    pub(crate) fn venice_new_iterator(
        db: *mut Db,
        options: *const ReadOptions,
        family: *mut ColumnFamilyHandle,
    ) -> *mut Iterator;
    pub(crate) fn venice_new_iterators(
        db: *mut Db,
        options: *const ReadOptions,
        count: usize,
        families: *const *mut ColumnFamilyHandle,
        iterators: *mut *mut Iterator,
        status: *mut RawStatus,
    );
    pub(crate) fn venice_create_column_families(
        db: *mut Db,
        count: usize,
        names: *const RawSlice,
        options: *const *const ColumnFamilyOptions,
        handles: *mut *mut ColumnFamilyHandle,
        status: *mut RawStatus,
    );
    pub(crate) fn venice_default_column_family(db: *mut Db) -> *mut ColumnFamilyHandle;
    pub(crate) fn venice_new_default_column_family(db: *mut Db) -> *mut ColumnFamilyHandle;
    pub(crate) fn venice_iterator_over(
        batch: *mut WriteBatchWithIndex,
        family: *mut ColumnFamilyHandle,
        base: *mut Iterator,
        options: *const ReadOptions,
    ) -> *mut Iterator;
    pub(crate) fn venice_int_property(
        db: *mut Db,
        family: *mut ColumnFamilyHandle,
        name: RawSlice,
        value: *mut u64,
    ) -> u8;
    pub(crate) fn venice_compact_range(
        db: *mut Db,
        options: *const CompactRangeOptions,
        family: *mut ColumnFamilyHandle,
        begin: RawSlice,
        end: RawSlice,
        status: *mut RawStatus,
    );
    pub(crate) fn venice_flush(
        db: *mut Db,
        options: *const FlushOptions,
        count: usize,
        families: *const *mut ColumnFamilyHandle,
        status: *mut RawStatus,
    );
    pub(crate) fn venice_delete_file(db: *mut Db, name: *const c_char, status: *mut RawStatus);
    pub(crate) fn venice_ingest(
        db: *mut Db,
        family: *mut ColumnFamilyHandle,
        count: usize,
        paths: *const *const c_char,
        options: *const IngestExternalFileOptions,
        status: *mut RawStatus,
    );
    pub(crate) fn venice_list_column_families(
        options: *const Options,
        path: *const c_char,
        show: ShowName,
        context: *mut c_void,
    );
    pub(crate) fn venice_live_files(db: *mut Db, show: ShowFile, context: *mut c_void) -> u8;
    pub(crate) fn venice_column_family_files(
        db: *mut Db,
        family: *mut ColumnFamilyHandle,
        size: *mut u64,
        file_count: *mut u64,
        show_name: ShowName,
        show_level: ShowLevel,
        show_file: ShowFile,
        context: *mut c_void,
    ) -> u8;

    pub(crate) fn venice_column_family_name(
        family: *mut ColumnFamilyHandle,
        show: ShowName,
        context: *mut c_void,
    );
    pub(crate) fn venice_column_family_id(family: *mut ColumnFamilyHandle) -> u32;

    pub(crate) fn venice_iterator_valid(iterator: *const Iterator) -> u8;
    pub(crate) fn venice_iterator_seek_to_first(iterator: *mut Iterator) -> u8;
    pub(crate) fn venice_iterator_seek_to_last(iterator: *mut Iterator) -> u8;
    pub(crate) fn venice_iterator_seek(iterator: *mut Iterator, target: RawSlice) -> u8;
    pub(crate) fn venice_iterator_next(iterator: *mut Iterator) -> u8;
    pub(crate) fn venice_iterator_prev(iterator: *mut Iterator) -> u8;
    pub(crate) fn venice_iterator_key(iterator: *const Iterator) -> RawSlice;
    pub(crate) fn venice_iterator_value(iterator: *const Iterator) -> RawSlice;
    pub(crate) fn venice_iterator_destroy(iterator: *mut c_void);

    pub(crate) fn venice_read_options_set_iterate_upper_bound(
        options: *mut ReadOptions,
        bound: *const Slice,
    );

    pub(crate) fn venice_write_batch_new(reserved_bytes: u64) -> *mut WriteBatch;
    pub(crate) fn venice_write_batch_from(serialized: RawSlice) -> *mut WriteBatch;
    pub(crate) fn venice_write_batch_destroy(batch: *mut c_void);
    pub(crate) fn venice_write_batch_put(
        batch: *mut WriteBatch,
        family: *mut ColumnFamilyHandle,
        key: RawSlice,
        value: RawSlice,
        status: *mut RawStatus,
    );
    pub(crate) fn venice_write_batch_delete(
        batch: *mut WriteBatch,
        family: *mut ColumnFamilyHandle,
        key: RawSlice,
        status: *mut RawStatus,
    );

    pub(crate) fn venice_checkpoint_new(
        db: *mut Db,
        checkpoint: *mut *mut Checkpoint,
        status: *mut RawStatus,
    );
    pub(crate) fn venice_checkpoint_create(
        checkpoint: *mut Checkpoint,
        path: *const c_char,
        status: *mut RawStatus,
    );
    pub(crate) fn venice_checkpoint_destroy(checkpoint: *mut c_void);

    pub(crate) fn venice_sst_writer_new(
        env_options: *const EnvOptions,
        options: *const Options,
    ) -> *mut SstFileWriter;
    pub(crate) fn venice_sst_writer_open(
        writer: *mut SstFileWriter,
        path: *const c_char,
        status: *mut RawStatus,
    );
    pub(crate) fn venice_sst_writer_put(
        writer: *mut SstFileWriter,
        key: RawSlice,
        value: RawSlice,
        status: *mut RawStatus,
    );
    pub(crate) fn venice_sst_writer_finish(writer: *mut SstFileWriter, status: *mut RawStatus);
    pub(crate) fn venice_sst_writer_destroy(writer: *mut c_void);

    pub(crate) fn venice_sst_reader_new(options: *const Options) -> *mut SstFileReader;
    pub(crate) fn venice_sst_reader_open(
        reader: *mut SstFileReader,
        path: *const c_char,
        status: *mut RawStatus,
    );
    pub(crate) fn venice_sst_reader_new_iterator(
        reader: *mut SstFileReader,
        options: *const ReadOptions,
    ) -> *mut Iterator;
    pub(crate) fn venice_sst_reader_destroy(reader: *mut c_void);
    pub(crate) fn venice_sst_reader_table_properties(
        reader: *mut SstFileReader,
        show: ShowProperties,
        show_entry: ShowEntry,
        context: *mut c_void,
    ) -> u8;
}
