#include "testing_shim.h"

#include <cstring>
#include <vector>

#include "prefetching_cache.h"
#include "rocksdb/cache.h"
#include "rocksdb/db.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/iterator.h"
#include "rocksdb/options.h"
#include "rocksdb/perf_context.h"
#include "rocksdb/slice_transform.h"
#include "rocksdb/statistics.h"
#include "rocksdb/table.h"
#include "status.h"
#include "watched_plain_table.h"

using venice::Set;
using venice::ToSlice;

venice_options* venice_testing_options(uint8_t format, size_t block_cache_bytes, uint8_t strict,
                                       uint8_t prefetching) noexcept {
  auto* options = new rocksdb::Options();
  options->create_if_missing = true;
  options->create_missing_column_families = true;
  options->compression = rocksdb::kNoCompression;
  options->stats_dump_period_sec = 0;
  options->stats_persist_period_sec = 0;
  options->info_log_level = rocksdb::ERROR_LEVEL;
  options->keep_log_file_num = 3;
  if (format == VENICE_TESTING_PLAIN) {
    rocksdb::PlainTableOptions table;
    table.store_index_in_file = true;
    table.huge_page_tlb_size = 0;
    table.bloom_bits_per_key = 10;
    options->table_factory.reset(rocksdb::NewPlainTableFactory(table));
    options->allow_mmap_reads = true;
    options->prefix_extractor.reset(rocksdb::NewCappedPrefixTransform(16));
    return options;
  }
  rocksdb::BlockBasedTableOptions table;
  table.block_size = 16 * 1024;
  table.cache_index_and_filter_blocks = true;
  table.format_version = 2;
  table.block_cache = rocksdb::NewLRUCache(block_cache_bytes, /*num_shard_bits=*/-1, strict != 0);
  if (prefetching != 0) {
    table.block_cache = venice::Prefetching(table.block_cache);
  }
  if (format == VENICE_TESTING_FILTERED) {
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    options->statistics = rocksdb::CreateDBStatistics();
  }
  options->table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  if (format == VENICE_TESTING_BLOB) {
    options->enable_blob_files = true;
    options->enable_blob_garbage_collection = true;
    options->min_blob_size = 4 * 1024;
  }
  return options;
}

void venice_testing_options_free(venice_options* options) noexcept { delete options; }

const venice_db_options* venice_testing_db_options(const venice_options* options) noexcept {
  return options;
}

const venice_column_family_options* venice_testing_family_options(
    const venice_options* options) noexcept {
  return options;
}

void venice_testing_put(venice_db* db, venice_slice key, venice_slice value,
                        venice_status* status) noexcept {
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  Set(status, db->Put(options, ToSlice(key), ToSlice(value)));
}

void venice_testing_delete(venice_db* db, venice_slice key, venice_status* status) noexcept {
  Set(status, db->Delete(rocksdb::WriteOptions(), ToSlice(key)));
}

void venice_testing_flush(venice_db* db, venice_status* status) noexcept {
  Set(status, db->Flush(rocksdb::FlushOptions()));
}

size_t venice_testing_read(venice_db* db, size_t count, const venice_slice* keys,
                           uint8_t by_multi_get, size_t header, uint8_t* out, size_t room,
                           size_t* written) noexcept {
  thread_local std::vector<rocksdb::Slice> slices;
  thread_local std::vector<rocksdb::PinnableSlice> values;
  thread_local std::vector<rocksdb::Status> statuses;
  const rocksdb::ReadOptions options;
  const size_t at_once = by_multi_get != 0 ? count : 1;
  if (values.size() < at_once) {
    slices.resize(at_once);
    values.resize(at_once);
    statuses.resize(at_once);
  }
  size_t found = 0;
  *written = 0;
  for (size_t at = 0; at < count; at += at_once) {
    for (size_t i = 0; i < at_once; i++) {
      slices[i] = ToSlice(keys[at + i]);
    }
    if (by_multi_get != 0) {
      db->MultiGet(options, db->DefaultColumnFamily(), at_once, slices.data(), values.data(),
                   statuses.data());
    } else {
      statuses[0] = db->Get(options, db->DefaultColumnFamily(), slices[0], &values[0]);
    }
    for (size_t i = 0; i < at_once; i++) {
      const rocksdb::PinnableSlice& value = values[i];
      if (statuses[i].ok() && value.size() >= header && value.size() - header <= room - *written) {
        std::memcpy(out + *written, value.data() + header, value.size() - header);
        *written += value.size() - header;
        found++;
      }
      values[i].Reset();
    }
  }
  return found;
}

uint64_t venice_testing_property(venice_db* db, const char* name) noexcept {
  uint64_t value = 0;
  return db->GetIntProperty(name, &value) ? value : 0;
}

void venice_testing_forget_pages(venice_db* db) noexcept { venice::ForgetPages(db); }

uint64_t venice_testing_get_read_bytes() noexcept {
  return rocksdb::get_perf_context()->get_read_bytes;
}

void* venice_testing_new_iterator(venice_db* db) noexcept {
  rocksdb::Iterator* iterator = db->NewIterator(rocksdb::ReadOptions());
  iterator->SeekToFirst();
  return iterator;
}

uint8_t venice_testing_iterator_valid(const void* iterator) noexcept {
  return static_cast<const rocksdb::Iterator*>(iterator)->Valid() ? 1 : 0;
}

void venice_testing_iterator_destroy(void* iterator) noexcept {
  static_cast<rocksdb::Iterator*>(iterator)->~Iterator();
}
