// How the objects behind Java's handles end: destroyed in place, and their memory given back apart,
// so that it can be kept for a while. All are made with plain `new`, here, in db/c.cc or in
// upstream's natives. Rust: native_object.rs.

#include <memory>

#include "classes.h"
#include "rocksdb/advanced_cache.h"
#include "rocksdb/compaction_filter.h"
#include "rocksdb/compaction_job_stats.h"
#include "rocksdb/concurrent_task_limiter.h"
#include "rocksdb/convenience.h"
#include "rocksdb/env.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/listener.h"
#include "rocksdb/merge_operator.h"
#include "rocksdb/metadata.h"
#include "rocksdb/options.h"
#include "rocksdb/persistent_cache.h"
#include "rocksdb/rate_limiter.h"
#include "rocksdb/slice.h"
#include "rocksdb/sst_file_manager.h"
#include "rocksdb/sst_partitioner.h"
#include "rocksdb/statistics.h"
#include "rocksdb/transaction_log.h"
#include "rocksdb/utilities/backup_engine.h"
#include "rocksdb/utilities/optimistic_transaction_db.h"
#include "rocksdb/utilities/transaction.h"
#include "rocksdb/utilities/transaction_db.h"
#include "rocksdb/utilities/write_batch_with_index.h"
#include "rocksdb/write_buffer_manager.h"

namespace {

template <typename Object>
void Destroy(void* object) noexcept {
  static_assert(alignof(Object) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__, "plain `new` does not do");
  static_cast<Object*>(object)->~Object();
}

}  // namespace

extern "C" {

void venice_options_destroy(void* object) noexcept { Destroy<rocksdb::Options>(object); }
void venice_db_options_destroy(void* object) noexcept { Destroy<rocksdb::DBOptions>(object); }
void venice_column_family_options_destroy(void* object) noexcept {
  Destroy<rocksdb::ColumnFamilyOptions>(object);
}
void venice_env_options_destroy(void* object) noexcept { Destroy<rocksdb::EnvOptions>(object); }
void venice_flush_options_destroy(void* object) noexcept { Destroy<rocksdb::FlushOptions>(object); }
void venice_ingest_external_file_options_destroy(void* object) noexcept {
  Destroy<rocksdb::IngestExternalFileOptions>(object);
}

// Of the shared ones, only Java's reference ends; the object lives on while a database has one.
void venice_cache_destroy(void* object) noexcept {
  Destroy<std::shared_ptr<rocksdb::Cache>>(object);
}
void venice_rate_limiter_destroy(void* object) noexcept {
  Destroy<std::shared_ptr<rocksdb::RateLimiter>>(object);
}
void venice_sst_file_manager_destroy(void* object) noexcept {
  Destroy<std::shared_ptr<rocksdb::SstFileManager>>(object);
}
void venice_statistics_destroy(void* object) noexcept {
  Destroy<std::shared_ptr<rocksdb::Statistics>>(object);
}
void venice_write_buffer_manager_destroy(void* object) noexcept {
  Destroy<std::shared_ptr<rocksdb::WriteBufferManager>>(object);
}

// Of classes whose objects upstream's natives make (leased/disposers.rs).
#define DESTROY(name, type) \
  void venice_##name##_destroy(void* object) noexcept { Destroy<type>(object); }

DESTROY(backup_engine_options, rocksdb::BackupEngineOptions)
DESTROY(compaction_filter, rocksdb::CompactionFilter)
DESTROY(compaction_filter_factory, std::shared_ptr<rocksdb::CompactionFilterFactory>)
DESTROY(compaction_job_info, rocksdb::CompactionJobInfo)
DESTROY(compaction_job_stats, rocksdb::CompactionJobStats)
DESTROY(compaction_options, rocksdb::CompactionOptions)
DESTROY(compaction_options_fifo, rocksdb::CompactionOptionsFIFO)
DESTROY(compaction_options_universal, rocksdb::CompactionOptionsUniversal)
DESTROY(compression_options, rocksdb::CompressionOptions)
DESTROY(concurrent_task_limiter, std::shared_ptr<rocksdb::ConcurrentTaskLimiter>)
DESTROY(config_options, rocksdb::ConfigOptions)
DESTROY(env, rocksdb::Env)
DESTROY(event_listener, std::shared_ptr<rocksdb::EventListener>)
DESTROY(export_import_files_meta_data, rocksdb::ExportImportFilesMetaData)
DESTROY(filter_policy, std::shared_ptr<const rocksdb::FilterPolicy>)
DESTROY(import_column_family_options, rocksdb::ImportColumnFamilyOptions)
DESTROY(logger, std::shared_ptr<rocksdb::Logger>)
DESTROY(merge_operator, std::shared_ptr<rocksdb::MergeOperator>)
DESTROY(optimistic_transaction_options, rocksdb::OptimisticTransactionOptions)
DESTROY(persistent_cache, std::shared_ptr<rocksdb::PersistentCache>)
DESTROY(restore_options, rocksdb::RestoreOptions)
DESTROY(slice, rocksdb::Slice)
DESTROY(sst_partitioner_factory, std::shared_ptr<rocksdb::SstPartitionerFactory>)
DESTROY(transaction, rocksdb::Transaction)
DESTROY(transaction_db_options, rocksdb::TransactionDBOptions)
DESTROY(transaction_log_iterator, rocksdb::TransactionLogIterator)
DESTROY(transaction_options, rocksdb::TransactionOptions)
DESTROY(wbwi_iterator, rocksdb::WBWIIterator)
DESTROY(write_batch_with_index, rocksdb::WriteBatchWithIndex)

#undef DESTROY

// What has no destructor to run: upstream's options of comparators.
void venice_trivial_destroy(void*) noexcept {}
}
