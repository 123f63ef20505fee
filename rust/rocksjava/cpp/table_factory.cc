// org.rocksdb.BlockBasedTableConfig and PlainTableConfig: makers of a rocksdb::TableFactory*, which
// belongs to whoever asked until options take it. Rust: block_based_table_config.rs,
// plain_table_config.rs.

#include <memory>

#include "classes.h"
#include "prefetching_cache.h"
#include "rocksdb/cache.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/persistent_cache.h"
#include "rocksdb/table.h"
#include "status.h"

using rocksdb::BlockBasedTableOptions;
using rocksdb::Status;
using venice::Guarded;

extern "C" {

void venice_table_factory_new_block_based(const venice_block_based_table* table,
                                          rocksdb::TableFactory** factory,
                                          venice_status* status) noexcept {
  Guarded(status, [&] {
    BlockBasedTableOptions options;
    if (table->block_cache != nullptr) {
      options.block_cache = *table->block_cache;
    } else if (table->no_block_cache == 0) {
      const int shard_bits = table->block_cache_shard_bits > 0 ? table->block_cache_shard_bits : -1;
      options.block_cache =
          venice::Prefetching(rocksdb::NewLRUCache(table->block_cache_size, shard_bits));
    }
    if (table->persistent_cache != nullptr) {
      options.persistent_cache = *table->persistent_cache;
    }
    if (table->filter_policy != nullptr) {
      options.filter_policy = *table->filter_policy;
    }
    options.block_size = table->block_size;
    options.metadata_block_size = table->metadata_block_size;
    options.data_block_hash_table_util_ratio = table->data_block_hash_table_util_ratio;
    options.block_size_deviation = table->block_size_deviation;
    options.block_restart_interval = table->block_restart_interval;
    options.index_block_restart_interval = table->index_block_restart_interval;
    options.read_amp_bytes_per_bit = table->read_amp_bytes_per_bit;
    options.format_version = table->format_version;
    options.index_type = static_cast<BlockBasedTableOptions::IndexType>(table->index_type);
    options.data_block_index_type =
        static_cast<BlockBasedTableOptions::DataBlockIndexType>(table->data_block_index_type);
    options.checksum = static_cast<rocksdb::ChecksumType>(table->checksum);
    options.index_shortening =
        static_cast<BlockBasedTableOptions::IndexShorteningMode>(table->index_shortening);
    options.cache_index_and_filter_blocks = table->cache_index_and_filter_blocks != 0;
    options.cache_index_and_filter_blocks_with_high_priority =
        table->cache_index_and_filter_blocks_with_high_priority != 0;
    options.pin_l0_filter_and_index_blocks_in_cache =
        table->pin_l0_filter_and_index_blocks_in_cache != 0;
    options.pin_top_level_index_and_filter = table->pin_top_level_index_and_filter != 0;
    options.no_block_cache = table->no_block_cache != 0;
    options.partition_filters = table->partition_filters != 0;
    options.optimize_filters_for_memory = table->optimize_filters_for_memory != 0;
    options.use_delta_encoding = table->use_delta_encoding != 0;
    options.whole_key_filtering = table->whole_key_filtering != 0;
    options.verify_compression = table->verify_compression != 0;
    options.enable_index_compression = table->enable_index_compression != 0;
    options.block_align = table->block_align != 0;
    *factory = rocksdb::NewBlockBasedTableFactory(options);
    return Status::OK();
  });
}

void venice_table_factory_new_plain(uint32_t user_key_len, int bloom_bits_per_key,
                                    double hash_table_ratio, size_t index_sparseness,
                                    size_t huge_page_tlb_size, int8_t encoding_type,
                                    uint8_t full_scan_mode, uint8_t store_index_in_file,
                                    rocksdb::TableFactory** factory,
                                    venice_status* status) noexcept {
  Guarded(status, [&] {
    rocksdb::PlainTableOptions options;
    options.user_key_len = user_key_len;
    options.bloom_bits_per_key = bloom_bits_per_key;
    options.hash_table_ratio = hash_table_ratio;
    options.index_sparseness = index_sparseness;
    options.huge_page_tlb_size = huge_page_tlb_size;
    options.encoding_type = static_cast<rocksdb::EncodingType>(encoding_type);
    options.full_scan_mode = full_scan_mode != 0;
    options.store_index_in_file = store_index_in_file != 0;
    *factory = rocksdb::NewPlainTableFactory(options);
    return Status::OK();
  });
}

// For a factory that no options took.
void venice_table_factory_delete(rocksdb::TableFactory* factory) noexcept { delete factory; }
}
