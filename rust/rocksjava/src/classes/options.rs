//! Natives of `org.rocksdb.Options`: the handle is a `rocksdb::Options*`.
//!
//! As `java/rocksjni/options.cc`. A setter checks nothing; RocksDB does when it opens a database.

use std::os::raw::{c_double, c_int, c_uchar, c_uint};

use jni::objects::JClass;
use jni::sys::{jboolean, jbyte, jdouble, jint, jlong};
use jni::EnvUnowned;
use venice_engine::{RawStatus, Status};

use crate::jvm::entry::entry_unchecked;
use crate::jvm::failure::Failure;
use crate::objects::native_macros::{disposers, setters};
use crate::objects::native_object::{
    created, live, Env, Options, SharedRateLimiter, SharedSstFileManager, SharedStatistics,
    SharedWriteBufferManager, TableFactory,
};

extern "C" {
    // cpp/options.cc
    fn venice_options_new(options: *mut *mut Options, status: *mut RawStatus);
    fn venice_options_set_env(options: *mut Options, env: *mut Env);
    fn venice_options_set_sst_file_manager(
        options: *mut Options,
        manager: *const SharedSstFileManager,
    );
    fn venice_options_set_statistics(options: *mut Options, statistics: *const SharedStatistics);
    fn venice_options_use_capped_prefix_extractor(
        options: *mut Options,
        length: c_int,
        status: *mut RawStatus,
    );
    fn venice_options_set_table_factory(
        options: *mut Options,
        factory: *mut TableFactory,
        status: *mut RawStatus,
    );
    // rocksdb/c.h, whose wrappers of options and shared pointers hold nothing but those
    fn rocksdb_options_set_ratelimiter(options: *mut Options, limiter: *mut SharedRateLimiter);
    fn rocksdb_options_set_write_buffer_manager(
        options: *mut Options,
        manager: *mut SharedWriteBufferManager,
    );
    // cpp/table_factory.cc
    fn venice_table_factory_delete(factory: *mut TableFactory);
}

/// `static native long newOptions()`: returns a `rocksdb::Options*` with RocksDB's defaults.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_Options_newOptions__<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
) -> jlong {
    entry_unchecked(env, |_| {
        let mut options = std::ptr::null_mut();
        // SAFETY: fills `options` when it succeeds.
        Status::from_call(|status| unsafe { venice_options_new(&mut options, status) })?;
        created(options)
    })
}

disposers! {
    /// `static native void disposeInternalJni(long handle)`. Databases opened with it have copies.
    Java_org_rocksdb_Options_disposeInternalJni => Options;
}

// Upstream refuses a long that does not fit into a size_t, which cannot be here.
const _: () = assert!(usize::BITS == 64);

// The names are those of RocksDB's fields; what each means stands in rocksdb/options.h.
setters! { Options;
    /// `create_if_missing`.
    Java_org_rocksdb_Options_setCreateIfMissing(jboolean as c_uchar)
        => rocksdb_options_set_create_if_missing;
    /// `create_missing_column_families`.
    Java_org_rocksdb_Options_setCreateMissingColumnFamilies(jboolean as c_uchar)
        => rocksdb_options_set_create_missing_column_families;
    /// `max_open_files`: -1 for no limit.
    Java_org_rocksdb_Options_setMaxOpenFiles(jint as c_int)
        => rocksdb_options_set_max_open_files;
    /// `max_total_wal_size`, bytes: 0 for RocksDB's choice.
    Java_org_rocksdb_Options_setMaxTotalWalSize(jlong as u64)
        => rocksdb_options_set_max_total_wal_size;
    /// `max_file_opening_threads`.
    Java_org_rocksdb_Options_setMaxFileOpeningThreads(jint as c_int)
        => rocksdb_options_set_max_file_opening_threads;
    /// `max_log_file_size`, bytes: 0 for one file.
    Java_org_rocksdb_Options_setMaxLogFileSize(jlong as usize)
        => rocksdb_options_set_max_log_file_size;
    /// `keep_log_file_num`.
    Java_org_rocksdb_Options_setKeepLogFileNum(jlong as usize)
        => rocksdb_options_set_keep_log_file_num;
    /// `use_direct_reads`.
    Java_org_rocksdb_Options_setUseDirectReads(jboolean as c_uchar)
        => rocksdb_options_set_use_direct_reads;
    /// `allow_mmap_reads`.
    Java_org_rocksdb_Options_setAllowMmapReads(jboolean as c_uchar)
        => rocksdb_options_set_allow_mmap_reads;
    /// `stats_dump_period_sec`, seconds: 0 for never.
    Java_org_rocksdb_Options_setStatsDumpPeriodSec(jint as c_uint)
        => rocksdb_options_set_stats_dump_period_sec;
    /// `stats_persist_period_sec`, seconds: 0 for never.
    Java_org_rocksdb_Options_setStatsPersistPeriodSec(jint as c_uint)
        => rocksdb_options_set_stats_persist_period_sec;
    /// `bytes_per_sync`: 0 for never.
    Java_org_rocksdb_Options_setBytesPerSync(jlong as u64)
        => rocksdb_options_set_bytes_per_sync;
    /// `write_buffer_size`, bytes.
    Java_org_rocksdb_Options_setWriteBufferSize(jlong as usize)
        => rocksdb_options_set_write_buffer_size;
    /// `max_write_buffer_number`.
    Java_org_rocksdb_Options_setMaxWriteBufferNumber(jint as c_int)
        => rocksdb_options_set_max_write_buffer_number;
    /// `min_write_buffer_number_to_merge`.
    Java_org_rocksdb_Options_setMinWriteBufferNumberToMerge(jint as c_int)
        => rocksdb_options_set_min_write_buffer_number_to_merge;
    /// `compression`, by the byte of Java's `CompressionType`.
    Java_org_rocksdb_Options_setCompressionType(jbyte as c_int)
        => rocksdb_options_set_compression by compression_type;
    /// `target_file_size_base`, bytes.
    Java_org_rocksdb_Options_setTargetFileSizeBase(jlong as u64)
        => rocksdb_options_set_target_file_size_base;
    /// `max_bytes_for_level_base`.
    Java_org_rocksdb_Options_setMaxBytesForLevelBase(jlong as u64)
        => rocksdb_options_set_max_bytes_for_level_base;
    /// `compaction_style`, by the byte of Java's `CompactionStyle`.
    Java_org_rocksdb_Options_setCompactionStyle(jbyte as c_int)
        => rocksdb_options_set_compaction_style by compaction_style;
    /// `memtable_huge_page_size`, bytes: 0 for none.
    Java_org_rocksdb_Options_setMemtableHugePageSize(jlong as usize)
        => rocksdb_options_set_memtable_huge_page_size;
    /// `level0_file_num_compaction_trigger`.
    Java_org_rocksdb_Options_setLevel0FileNumCompactionTrigger(jint as c_int)
        => rocksdb_options_set_level0_file_num_compaction_trigger;
    /// `level0_slowdown_writes_trigger`.
    Java_org_rocksdb_Options_setLevel0SlowdownWritesTrigger(jint as c_int)
        => rocksdb_options_set_level0_slowdown_writes_trigger;
    /// `level0_stop_writes_trigger`.
    Java_org_rocksdb_Options_setLevel0StopWritesTrigger(jint as c_int)
        => rocksdb_options_set_level0_stop_writes_trigger;
    /// `atomic_flush`.
    Java_org_rocksdb_Options_setAtomicFlush(jboolean as c_uchar)
        => rocksdb_options_set_atomic_flush;
    /// `enable_blob_files`.
    Java_org_rocksdb_Options_setEnableBlobFiles(jboolean as c_uchar)
        => rocksdb_options_set_enable_blob_files;
    /// `min_blob_size`, bytes.
    Java_org_rocksdb_Options_setMinBlobSize(jlong as u64)
        => rocksdb_options_set_min_blob_size;
    /// `blob_file_size`, bytes.
    Java_org_rocksdb_Options_setBlobFileSize(jlong as u64)
        => rocksdb_options_set_blob_file_size;
    /// `enable_blob_garbage_collection`.
    Java_org_rocksdb_Options_setEnableBlobGarbageCollection(jboolean as c_uchar)
        => rocksdb_options_set_enable_blob_gc;
    /// `blob_garbage_collection_age_cutoff`, a fraction.
    Java_org_rocksdb_Options_setBlobGarbageCollectionAgeCutoff(jdouble as c_double)
        => rocksdb_options_set_blob_gc_age_cutoff;
    /// `blob_garbage_collection_force_threshold`, a fraction.
    Java_org_rocksdb_Options_setBlobGarbageCollectionForceThreshold(jdouble as c_double)
        => rocksdb_options_set_blob_gc_force_threshold;
    /// `blob_file_starting_level`.
    Java_org_rocksdb_Options_setBlobFileStartingLevel(jint as c_int)
        => rocksdb_options_set_blob_file_starting_level;
}

/// Writes natives `static native void <setter>(long handle, long otherHandle)`, which give the
/// options a reference of their own to another object.
macro_rules! references {
    ($($(#[$doc:meta])+ $native:ident($object:ty) => $set:ident;)+) => {$(
        $(#[$doc])+
        #[unsafe(no_mangle)]
        pub extern "system" fn $native<'local>(
            env: EnvUnowned<'local>,
            _: JClass<'local>,
            handle: jlong,
            object: jlong,
        ) {
            entry_unchecked(env, |_| {
                let options = live::<Options>(handle)?;
                let object = live::<$object>(object)?;
                // SAFETY: rule 1, for both.
                unsafe { $set(options.pointer(), object.pointer()) };
                Ok(())
            })
        }
    )+};
}

references! {
    /// `env`. Java keeps the `Env` as long as the options.
    Java_org_rocksdb_Options_setEnv(Env)
        => venice_options_set_env;
    /// `rate_limiter`.
    Java_org_rocksdb_Options_setRateLimiter(SharedRateLimiter)
        => rocksdb_options_set_ratelimiter;
    /// `sst_file_manager`.
    Java_org_rocksdb_Options_setSstFileManager(SharedSstFileManager)
        => venice_options_set_sst_file_manager;
    /// `statistics`.
    Java_org_rocksdb_Options_setStatistics(SharedStatistics)
        => venice_options_set_statistics;
    /// `write_buffer_manager`.
    Java_org_rocksdb_Options_setWriteBufferManager(SharedWriteBufferManager)
        => rocksdb_options_set_write_buffer_manager;
}

/// `static native void useCappedPrefixExtractor(long handle, int length)`: a key's first `length`
/// bytes, or all of a shorter one, are its prefix.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_Options_useCappedPrefixExtractor<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    length: jint,
) {
    entry_unchecked(env, |_| {
        let options = live::<Options>(handle)?;
        // SAFETY: rule 1.
        Ok(Status::from_call(|status| unsafe {
            venice_options_use_capped_prefix_extractor(options.pointer(), length, status);
        })?)
    })
}

/// `static native void setTableFactory(long handle, long factory)`: takes the
/// `rocksdb::TableFactory*` that a table configuration made.
#[unsafe(no_mangle)]
pub extern "system" fn Java_org_rocksdb_Options_setTableFactory<'local>(
    env: EnvUnowned<'local>,
    _: JClass<'local>,
    handle: jlong,
    factory: jlong,
) {
    entry_unchecked(env, |_| {
        let factory = factory as *mut TableFactory;
        if factory.is_null() {
            return Err(Failure::null("table factory"));
        }
        let options = live::<Options>(handle).inspect_err(|_| {
            // Java forgets it, so nobody else would.
            // SAFETY: a configuration made it for this call.
            unsafe { venice_table_factory_delete(factory) };
        })?;
        // SAFETY: rule 1; the factory is taken.
        Ok(Status::from_call(|status| unsafe {
            venice_options_set_table_factory(options.pointer(), factory, status);
        })?)
    })
}

/// `CompressionTypeJni::toCppCompressionType`: the numbers are RocksDB's own, and anything unknown
/// stands for `kDisableCompressionOption`.
fn compression_type(byte: jbyte) -> c_int {
    match byte {
        0..=7 => byte.into(),
        _ => 0xFF,
    }
}

/// `CompactionStyleJni::toCppCompactionStyle`: the numbers are RocksDB's own, and anything unknown
/// stands for `kCompactionStyleLevel`.
fn compaction_style(byte: jbyte) -> c_int {
    match byte {
        0..=3 => byte.into(),
        _ => 0,
    }
}

#[cfg(all(test, feature = "bundled"))]
mod tests {
    use super::*;
    use crate::upstream_source::Conversion;

    #[test]
    fn compression_types_are_those_of_upstream() {
        let header = "include/rocksdb/compression_type.h";
        let upstream = Conversion::read("toCppCompressionType", header, "CompressionType");
        assert_eq!(upstream.len(), 9);
        upstream.assert_same(|byte| compression_type(byte).into());
    }

    #[test]
    fn compaction_styles_are_those_of_upstream() {
        let header = "include/rocksdb/advanced_options.h";
        let upstream = Conversion::read("toCppCompactionStyle", header, "CompactionStyle");
        assert_eq!(upstream.len(), 4);
        upstream.assert_same(|byte| compaction_style(byte).into());
    }
}
