//! Ends of objects that upstream's natives make, so that the table of handles hears of them.
//!
//! The destructors run in place, and the memory is kept for a while, as for our own objects.

use std::ffi::c_void;

use jni::sys::{jlong, jobject};
use jni::EnvUnowned;
use venice_engine::handles::Kind;
use venice_engine::Registry;

use crate::jvm::entry::hot_entry_unchecked;

/// Writes natives `void <dispose>(long handle)`.
macro_rules! disposers {
    (
        destructors { $($destroy:ident)+ }
        $($native:ident => $kind:ident by $by:ident;)+
    ) => {
        extern "C" {
            // cpp/objects.cc and the files of the classes beside it; engine/cpp/shim.cc
            $(pub(super) fn $destroy(object: *mut c_void);)+
        }

        /// The exact symbol names.
        #[cfg(test)]
        pub(super) const NAMES: &[&str] = &[$(stringify!($native)),+];

        $(
            #[unsafe(no_mangle)]
            extern "system" fn $native(env: EnvUnowned<'_>, _: jobject, handle: jlong) {
                hot_entry_unchecked(env, |_| {
                    if handle != 0 {
                        // SAFETY: rule 1, and Java gives it up; the destructor is that of the class.
                        unsafe {
                            Registry::global().close_dependent(
                                Kind::$kind,
                                handle as usize,
                                $by,
                            );
                        }
                    }
                    Ok(())
                })
            }
        )+
    };
}

disposers! {
    destructors {
        venice_backup_engine_options_destroy
        venice_cache_destroy
        venice_column_family_destroy
        venice_compaction_filter_destroy
        venice_compaction_filter_factory_destroy
        venice_compaction_job_info_destroy
        venice_compaction_job_stats_destroy
        venice_compaction_options_destroy
        venice_compaction_options_fifo_destroy
        venice_compaction_options_universal_destroy
        venice_compression_options_destroy
        venice_concurrent_task_limiter_destroy
        venice_config_options_destroy
        venice_env_destroy
        venice_event_listener_destroy
        venice_export_import_files_meta_data_destroy
        venice_filter_policy_destroy
        venice_import_column_family_options_destroy
        venice_iterator_destroy
        venice_logger_destroy
        venice_merge_operator_destroy
        venice_optimistic_transaction_options_destroy
        venice_persistent_cache_destroy
        venice_restore_options_destroy
        venice_slice_destroy
        venice_sst_partitioner_factory_destroy
        venice_transaction_db_options_destroy
        venice_transaction_destroy
        venice_transaction_log_iterator_destroy
        venice_transaction_options_destroy
        venice_trivial_destroy
        venice_wbwi_iterator_destroy
        venice_write_batch_with_index_destroy
    }

    Java_org_rocksdb_AbstractCompactionFilterFactory_disposeInternal
        => CompactionFilterFactory by venice_compaction_filter_factory_destroy;
    Java_org_rocksdb_AbstractCompactionFilter_disposeInternal
        => CompactionFilter by venice_compaction_filter_destroy;
    Java_org_rocksdb_AbstractEventListener_disposeInternal
        => EventListener by venice_event_listener_destroy;
    Java_org_rocksdb_AbstractSlice_disposeInternalJni => Slice by venice_slice_destroy;
    Java_org_rocksdb_BackupEngineOptions_disposeInternalJni
        => BackupEngineOptions by venice_backup_engine_options_destroy;
    Java_org_rocksdb_CassandraValueMergeOperator_disposeInternalJni
        => MergeOperator by venice_merge_operator_destroy;
    Java_org_rocksdb_CompactionJobInfo_disposeInternalJni
        => CompactionJobInfo by venice_compaction_job_info_destroy;
    Java_org_rocksdb_CompactionJobStats_disposeInternalJni
        => CompactionJobStats by venice_compaction_job_stats_destroy;
    Java_org_rocksdb_CompactionOptionsFIFO_disposeInternalJni
        => CompactionOptionsFifo by venice_compaction_options_fifo_destroy;
    Java_org_rocksdb_CompactionOptionsUniversal_disposeInternalJni
        => CompactionOptionsUniversal by venice_compaction_options_universal_destroy;
    Java_org_rocksdb_CompactionOptions_disposeInternalJni
        => CompactionOptions by venice_compaction_options_destroy;
    Java_org_rocksdb_ComparatorOptions_disposeInternalJni
        => ComparatorOptions by venice_trivial_destroy;
    Java_org_rocksdb_CompressionOptions_disposeInternalJni
        => CompressionOptions by venice_compression_options_destroy;
    Java_org_rocksdb_ConcurrentTaskLimiterImpl_disposeInternalJni
        => ConcurrentTaskLimiter by venice_concurrent_task_limiter_destroy;
    Java_org_rocksdb_ConfigOptions_disposeInternalJni
        => ConfigOptions by venice_config_options_destroy;
    Java_org_rocksdb_ExportImportFilesMetaData_disposeInternal
        => ExportImportFilesMetaData by venice_export_import_files_meta_data_destroy;
    Java_org_rocksdb_Filter_disposeInternalJni => Filter by venice_filter_policy_destroy;
    Java_org_rocksdb_HyperClockCache_disposeInternalJni => Cache by venice_cache_destroy;
    Java_org_rocksdb_ImportColumnFamilyOptions_disposeInternal
        => ImportColumnFamilyOptions by venice_import_column_family_options_destroy;
    Java_org_rocksdb_Logger_disposeInternal => Logger by venice_logger_destroy;
    Java_org_rocksdb_OptimisticTransactionOptions_disposeInternalJni
        => OptimisticTransactionOptions by venice_optimistic_transaction_options_destroy;
    Java_org_rocksdb_PersistentCache_disposeInternalJni
        => PersistentCache by venice_persistent_cache_destroy;
    Java_org_rocksdb_RestoreOptions_disposeInternalJni
        => RestoreOptions by venice_restore_options_destroy;
    Java_org_rocksdb_RocksMemEnv_disposeInternalJni => Env by venice_env_destroy;
    Java_org_rocksdb_SstPartitionerFixedPrefixFactory_disposeInternalJni
        => SstPartitionerFactory by venice_sst_partitioner_factory_destroy;
    Java_org_rocksdb_StringAppendOperator_disposeInternalJni
        => MergeOperator by venice_merge_operator_destroy;
    Java_org_rocksdb_TimedEnv_disposeInternalJni => Env by venice_env_destroy;
    Java_org_rocksdb_TransactionDBOptions_disposeInternalJni
        => TransactionDbOptions by venice_transaction_db_options_destroy;
    Java_org_rocksdb_TransactionLogIterator_disposeInternalJni
        => TransactionLogIterator by venice_transaction_log_iterator_destroy;
    Java_org_rocksdb_TransactionOptions_disposeInternalJni
        => TransactionOptions by venice_transaction_options_destroy;
    Java_org_rocksdb_Transaction_disposeInternal => Transaction by venice_transaction_destroy;
    Java_org_rocksdb_UInt64AddOperator_disposeInternalJni
        => MergeOperator by venice_merge_operator_destroy;
    Java_org_rocksdb_WBWIRocksIterator_disposeInternalJni
        => WbwiRocksIterator by venice_wbwi_iterator_destroy;
    Java_org_rocksdb_WriteBatchWithIndex_disposeInternalJni
        => WriteBatchWithIndex by venice_write_batch_with_index_destroy;
    Java_org_rocksdb_util_StdErrLogger_disposeInternal => Logger by venice_logger_destroy;
}
