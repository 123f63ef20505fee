#include "storage.h"

#include <cstdarg>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "prefetching_cache.h"
#include "rocksdb/cache.h"
#include "rocksdb/convenience.h"
#include "rocksdb/db.h"
#include "rocksdb/env.h"
#include "rocksdb/iterator.h"
#include "rocksdb/options.h"
#include "rocksdb/slice_transform.h"
#include "rocksdb/sst_file_writer.h"
#include "rocksdb/table.h"
#include "rocksdb/utilities/options_util.h"
#include "status.h"

namespace venice {

struct BlockCache {
  std::shared_ptr<rocksdb::Cache> cache;
};

struct TableFile {
  rocksdb::SstFileWriter writer;
};

struct Records {
  std::unique_ptr<rocksdb::Iterator> iterator;
  // Whether the iterator stands on the next record, or on the one before.
  bool at_next = true;
};

namespace {

// Who only reads leaves a folder as it is.
class NoLog : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

std::string Text(venice_slice slice) { return ToSlice(slice).ToString(); }

}  // namespace
}  // namespace venice

using venice::Guarded;
using venice::ToSlice;
using venice::TryMake;

venice_block_cache* venice_storage_block_cache_new(size_t bytes) noexcept {
  return TryMake(
      [=] { return new venice::BlockCache{venice::Prefetching(rocksdb::NewLRUCache(bytes))}; });
}

void venice_storage_block_cache_free(venice_block_cache* cache) noexcept { delete cache; }

venice_options* venice_storage_push_options(uint8_t format) noexcept {
  return TryMake([=] {
    auto options = std::make_unique<rocksdb::Options>();
    options->create_if_missing = true;
    options->create_missing_column_families = true;
    options->compression = rocksdb::kNoCompression;
    options->bytes_per_sync = 1 << 20;
    options->max_open_files = -1;
    options->target_file_size_base = 64 << 20;
    options->write_buffer_size = 32 << 20;
    options->max_write_buffer_number = 2;
    options->min_write_buffer_number_to_merge = 1;
    options->level0_file_num_compaction_trigger = 40;
    options->level0_slowdown_writes_trigger = 60;
    options->level0_stop_writes_trigger = 80;
    options->max_bytes_for_level_base = uint64_t{2} << 30;
    options->stats_dump_period_sec = 0;
    options->stats_persist_period_sec = 0;
    options->keep_log_file_num = 3;
    options->max_log_file_size = 10 << 20;
    if (format == VENICE_TABLE_PLAIN) {
      rocksdb::PlainTableOptions table;
      table.store_index_in_file = true;
      table.huge_page_tlb_size = 0;
      table.bloom_bits_per_key = 10;
      options->table_factory.reset(rocksdb::NewPlainTableFactory(table));
      options->allow_mmap_reads = true;
      options->prefix_extractor.reset(rocksdb::NewCappedPrefixTransform(16));
      return options.release();
    }
    rocksdb::BlockBasedTableOptions table;
    table.block_size = 16 << 10;
    table.cache_index_and_filter_blocks = true;
    table.format_version = 2;
    options->table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    if (format == VENICE_TABLE_BLOB) {
      options->enable_blob_files = true;
      options->enable_blob_garbage_collection = true;
      options->min_blob_size = 4 << 10;
      options->blob_file_size = uint64_t{256} << 20;
      options->blob_garbage_collection_age_cutoff = 0.25;
      options->blob_garbage_collection_force_threshold = 0.8;
      options->blob_file_starting_level = 0;
    }
    return options.release();
  });
}

venice_options* venice_storage_stored_options(const char* path, const venice_block_cache* cache,
                                      venice_status* status) noexcept {
  venice_options* stored = nullptr;
  Guarded(status, [&] {
    rocksdb::ConfigOptions config;
    config.ignore_unknown_options = true;
    rocksdb::DBOptions database;
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    std::shared_ptr<rocksdb::Cache> blocks = cache->cache;
    rocksdb::Status loaded =
        rocksdb::LoadLatestOptions(config, path, &database, &families, &blocks);
    if (!loaded.ok()) {
      return loaded;
    }
    for (const rocksdb::ColumnFamilyDescriptor& family : families) {
      if (family.name == rocksdb::kDefaultColumnFamilyName) {
        auto options = std::make_unique<rocksdb::Options>(database, family.options);
        options->create_if_missing = false;
        options->info_log = std::make_shared<venice::NoLog>();
        stored = options.release();
        return rocksdb::Status::OK();
      }
    }
    return rocksdb::Status::Corruption("its options have no column family \"default\"");
  });
  return stored;
}

void venice_storage_options_free(venice_options* options) noexcept { delete options; }

const venice_db_options* venice_storage_options_db(const venice_options* options) noexcept {
  return options;
}

const venice_column_family_options* venice_storage_options_family(const venice_options* options) noexcept {
  return options;
}

uint8_t venice_storage_options_format(const venice_options* options) noexcept {
  const rocksdb::TableFactory* tables = options->table_factory.get();
  if (tables->IsInstanceOf(rocksdb::TableFactory::kPlainTableName())) {
    return VENICE_TABLE_PLAIN;
  }
  if (!tables->IsInstanceOf(rocksdb::TableFactory::kBlockBasedTableName())) {
    return VENICE_TABLE_OTHER;
  }
  return options->enable_blob_files ? VENICE_TABLE_BLOB : VENICE_TABLE_BLOCK_BASED;
}

void venice_storage_put(venice_db* db, venice_slice key, venice_slice value, uint8_t ahead,
                venice_status* status) noexcept {
  Guarded(status, [&] {
    rocksdb::WriteOptions options;
    options.disableWAL = ahead == 0;
    return db->Put(options, ToSlice(key), ToSlice(value));
  });
}

void venice_storage_flush(venice_db* db, venice_status* status) noexcept {
  Guarded(status, [&] { return db->Flush(rocksdb::FlushOptions()); });
}

venice_table_file* venice_storage_table_new(const venice_options* options, const char* path,
                                    venice_status* status) noexcept {
  venice_table_file* table = nullptr;
  Guarded(status, [&] {
    std::unique_ptr<venice::TableFile> made(
        new venice::TableFile{rocksdb::SstFileWriter(rocksdb::EnvOptions(*options), *options)});
    rocksdb::Status opened = made->writer.Open(path);
    if (opened.ok()) {
      table = made.release();
    }
    return opened;
  });
  return table;
}

void venice_storage_table_put(venice_table_file* table, venice_slice key, venice_slice value,
                      venice_status* status) noexcept {
  Guarded(status, [&] { return table->writer.Put(ToSlice(key), ToSlice(value)); });
}

uint64_t venice_storage_table_size(venice_table_file* table) noexcept { return table->writer.FileSize(); }

void venice_storage_table_finish(venice_table_file* table, venice_status* status) noexcept {
  Guarded(status, [&] { return table->writer.Finish(); });
}

void venice_storage_table_free(venice_table_file* table) noexcept { delete table; }

void venice_storage_ingest(venice_db* db, size_t count, const venice_slice* paths,
                   venice_status* status) noexcept {
  Guarded(status, [&] {
    std::vector<std::string> files;
    for (size_t i = 0; i < count; i++) {
      files.push_back(venice::Text(paths[i]));
    }
    rocksdb::IngestExternalFileOptions options;
    options.move_files = true;
    return db->IngestExternalFile(files, options);
  });
}

venice_records* venice_storage_records_new(venice_db* db) noexcept {
  return TryMake([=] {
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    auto records = std::make_unique<venice::Records>();
    records->iterator.reset(db->NewIterator(options));
    records->iterator->SeekToFirst();
    return records.release();
  });
}

void venice_storage_records_seek(venice_records* records, venice_slice key,
                                 venice_status* status) noexcept {
  Guarded(status, [&] {
    records->iterator->Seek(ToSlice(key));
    records->at_next = true;
    return records->iterator->status();
  });
}

uint8_t venice_storage_records_next(venice_records* records, venice_slice* key, venice_slice* value,
                            venice_status* status) noexcept {
  uint8_t found = 0;
  Guarded(status, [&] {
    rocksdb::Iterator& iterator = *records->iterator;
    if (!records->at_next && iterator.Valid()) {
      iterator.Next();
    }
    records->at_next = false;
    if (!iterator.Valid()) {
      return iterator.status();
    }
    *key = venice::FromSlice(iterator.key());
    *value = venice::FromSlice(iterator.value());
    found = 1;
    return rocksdb::Status::OK();
  });
  return found;
}

void venice_storage_records_free(venice_records* records) noexcept { delete records; }
