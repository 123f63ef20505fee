// What the natives of org.rocksdb's settings and small classes need of RocksDB's C++ interface, one
// part for each file of this folder; what a function does stands at its definition there. The rules
// are those of shim.h. The classes of databases, iterators and batches are in natives.h.

#ifndef VENICE_ROCKSJAVA_CLASSES_H_
#define VENICE_ROCKSJAVA_CLASSES_H_

#include <memory>

#include "shim.h"

namespace rocksdb {
class Cache;
class Env;
class FilterPolicy;
class Logger;
class PersistentCache;
class Slice;
class SstFileManager;
class Statistics;
class TableFactory;
struct EnvOptions;
}  // namespace rocksdb

extern "C" {

using venice_cache = std::shared_ptr<rocksdb::Cache>;
using venice_env = rocksdb::Env;
using venice_env_options = rocksdb::EnvOptions;
using venice_filter_policy = std::shared_ptr<const rocksdb::FilterPolicy>;
using venice_java_slice = rocksdb::Slice;
using venice_logger = std::shared_ptr<rocksdb::Logger>;
using venice_persistent_cache = std::shared_ptr<rocksdb::PersistentCache>;
using venice_sst_file_manager = std::shared_ptr<rocksdb::SstFileManager>;
using venice_statistics = std::shared_ptr<rocksdb::Statistics>;
using venice_table_factory = rocksdb::TableFactory;

// ---- cache.cc

void venice_cache_new_lru(size_t capacity, int shard_bits, uint8_t strict_capacity_limit,
                          double high_pri_pool_ratio, double low_pri_pool_ratio,
                          venice_cache** cache, venice_status* status) noexcept;
void venice_cache_new_clock(size_t capacity, int shard_bits, uint8_t strict_capacity_limit,
                            venice_cache** cache, venice_status* status) noexcept;
size_t venice_cache_usage(const venice_cache* cache) noexcept;
size_t venice_cache_pinned_usage(const venice_cache* cache) noexcept;

// ---- env.cc

venice_env* venice_env_default() noexcept;
void venice_env_delete(venice_env* env) noexcept;
void venice_env_set_background_threads(venice_env* env, int number, uint8_t priority,
                                       venice_status* status) noexcept;
void venice_env_end_background_threads() noexcept;

// ---- memory_util.cc

void venice_memory_usage_by_type(venice_db* const* dbs, size_t db_count,
                                 venice_cache* const* caches, size_t cache_count, uint64_t* usage,
                                 uint32_t* known, venice_status* status) noexcept;

// ---- options.cc

void venice_options_new(venice_options** options, venice_status* status) noexcept;
void venice_db_options_new_from(const venice_options* options, venice_db_options** half,
                                venice_status* status) noexcept;
void venice_column_family_options_new_from(const venice_options* options,
                                           venice_column_family_options** half,
                                           venice_status* status) noexcept;
void venice_options_set_env(venice_options* options, venice_env* env) noexcept;
void venice_options_set_sst_file_manager(venice_options* options,
                                         const venice_sst_file_manager* manager) noexcept;
void venice_options_set_statistics(venice_options* options,
                                   const venice_statistics* statistics) noexcept;
void venice_options_use_capped_prefix_extractor(venice_options* options, int length,
                                                venice_status* status) noexcept;
void venice_options_set_table_factory(venice_options* options, venice_table_factory* factory,
                                      venice_status* status) noexcept;
void venice_env_options_set_use_direct_writes(venice_env_options* options, uint8_t value) noexcept;

// ---- slice.cc

void venice_slice_new(size_t size, venice_java_slice** slice, char** bytes,
                      venice_status* status) noexcept;
void venice_slice_delete(venice_java_slice* slice) noexcept;

// ---- sst_file_manager.cc

void venice_sst_file_manager_new(venice_env* env, const venice_logger* logger,
                                 int64_t rate_bytes_per_second, double max_trash_db_ratio,
                                 uint64_t bytes_max_delete_chunk, venice_sst_file_manager** manager,
                                 venice_status* status) noexcept;
void venice_sst_file_manager_set_delete_rate(venice_sst_file_manager* manager,
                                             int64_t bytes_per_second) noexcept;
void venice_sst_file_manager_set_max_trash_db_ratio(venice_sst_file_manager* manager,
                                                    double ratio) noexcept;

// ---- statistics.cc

void venice_statistics_new(const uint32_t* ignored, size_t count, venice_statistics** statistics,
                           venice_status* status) noexcept;
uint64_t venice_statistics_ticker(const venice_statistics* statistics, uint32_t ticker) noexcept;

// ---- table_factory.cc

// The fields of BlockBasedTableOptions that Java sets, as C types; enums by their C++ numbers.
// Pointers may be null.
struct venice_block_based_table {
  const venice_cache* block_cache;
  const venice_persistent_cache* persistent_cache;
  const venice_filter_policy* filter_policy;
  // Of the cache that is made without `block_cache`, unless `no_block_cache`; not positive shard
  // bits leave the choice to RocksDB.
  uint64_t block_cache_size;
  uint64_t block_size;
  uint64_t metadata_block_size;
  double data_block_hash_table_util_ratio;
  int32_t block_cache_shard_bits;
  int32_t block_size_deviation;
  int32_t block_restart_interval;
  int32_t index_block_restart_interval;
  uint32_t read_amp_bytes_per_bit;
  uint32_t format_version;
  uint8_t index_type;
  uint8_t data_block_index_type;
  uint8_t checksum;
  uint8_t index_shortening;
  uint8_t cache_index_and_filter_blocks;
  uint8_t cache_index_and_filter_blocks_with_high_priority;
  uint8_t pin_l0_filter_and_index_blocks_in_cache;
  uint8_t pin_top_level_index_and_filter;
  uint8_t no_block_cache;
  uint8_t partition_filters;
  uint8_t optimize_filters_for_memory;
  uint8_t use_delta_encoding;
  uint8_t whole_key_filtering;
  uint8_t verify_compression;
  uint8_t enable_index_compression;
  uint8_t block_align;
};

void venice_table_factory_new_block_based(const venice_block_based_table* table,
                                          venice_table_factory** factory,
                                          venice_status* status) noexcept;
void venice_table_factory_new_plain(uint32_t user_key_len, int bloom_bits_per_key,
                                    double hash_table_ratio, size_t index_sparseness,
                                    size_t huge_page_tlb_size, int8_t encoding_type,
                                    uint8_t full_scan_mode, uint8_t store_index_in_file,
                                    venice_table_factory** factory, venice_status* status) noexcept;
void venice_table_factory_delete(venice_table_factory* factory) noexcept;

// ---- objects.cc

void venice_options_destroy(void* object) noexcept;
void venice_db_options_destroy(void* object) noexcept;
void venice_column_family_options_destroy(void* object) noexcept;
void venice_env_options_destroy(void* object) noexcept;
void venice_flush_options_destroy(void* object) noexcept;
void venice_ingest_external_file_options_destroy(void* object) noexcept;
void venice_cache_destroy(void* object) noexcept;
void venice_rate_limiter_destroy(void* object) noexcept;
void venice_sst_file_manager_destroy(void* object) noexcept;
void venice_statistics_destroy(void* object) noexcept;
void venice_write_buffer_manager_destroy(void* object) noexcept;
void venice_trivial_destroy(void* object) noexcept;
void venice_backup_engine_options_destroy(void* object) noexcept;
void venice_compaction_filter_destroy(void* object) noexcept;
void venice_compaction_filter_factory_destroy(void* object) noexcept;
void venice_compaction_job_info_destroy(void* object) noexcept;
void venice_compaction_job_stats_destroy(void* object) noexcept;
void venice_compaction_options_destroy(void* object) noexcept;
void venice_compaction_options_fifo_destroy(void* object) noexcept;
void venice_compaction_options_universal_destroy(void* object) noexcept;
void venice_compression_options_destroy(void* object) noexcept;
void venice_concurrent_task_limiter_destroy(void* object) noexcept;
void venice_config_options_destroy(void* object) noexcept;
void venice_env_destroy(void* object) noexcept;
void venice_event_listener_destroy(void* object) noexcept;
void venice_export_import_files_meta_data_destroy(void* object) noexcept;
void venice_filter_policy_destroy(void* object) noexcept;
void venice_import_column_family_options_destroy(void* object) noexcept;
void venice_logger_destroy(void* object) noexcept;
void venice_merge_operator_destroy(void* object) noexcept;
void venice_optimistic_transaction_options_destroy(void* object) noexcept;
void venice_persistent_cache_destroy(void* object) noexcept;
void venice_restore_options_destroy(void* object) noexcept;
void venice_slice_destroy(void* object) noexcept;
void venice_sst_partitioner_factory_destroy(void* object) noexcept;
void venice_transaction_destroy(void* object) noexcept;
void venice_transaction_db_options_destroy(void* object) noexcept;
void venice_transaction_log_iterator_destroy(void* object) noexcept;
void venice_transaction_options_destroy(void* object) noexcept;
void venice_wbwi_iterator_destroy(void* object) noexcept;
void venice_write_batch_with_index_destroy(void* object) noexcept;
}  // extern "C"

#endif  // VENICE_ROCKSJAVA_CLASSES_H_
