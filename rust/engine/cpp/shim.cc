#include "shim.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "pinned_batch.h"
#include "rocksdb/advanced_cache.h"
#include "rocksdb/comparator.h"
#include "rocksdb/db.h"
#include "rocksdb/options.h"
#include "rocksdb/perf_level.h"
#include "rocksdb/statistics.h"
#include "rocksdb/table.h"
#include "status.h"
#include "watched_plain_table.h"

using rocksdb::BlockBasedTableOptions;
using rocksdb::ColumnFamilyDescriptor;
using rocksdb::DB;
using rocksdb::PinnableSlice;
using rocksdb::Slice;
using rocksdb::Status;
using rocksdb::TableFactory;
using venice::FromSlice;
using venice::Guarded;
using venice::Set;
using venice::SetFromException;
using venice::ToSlice;

static_assert(sizeof(PinnableSlice) <= sizeof(venice_pinned), "venice_pinned is too small");
static_assert(alignof(PinnableSlice) <= alignof(venice_pinned), "venice_pinned is aligned too low");

namespace {

rocksdb::ReadOptions ToReadOptions(venice_read read) {
  rocksdb::ReadOptions options;
  options.deadline = std::chrono::microseconds(read.deadline_micros);
  if (read.memory_only != 0) {
    options.read_tier = rocksdb::kBlockCacheTier;
    options.value_size_soft_limit = venice::kKeepsToMemory;
  }
  return options;
}

// The options to open with.
rocksdb::Options Watched(const venice_options& options) {
  rocksdb::Options watched = options;
  venice::WatchPlainTables(&watched.table_factory);
  return watched;
}

std::vector<ColumnFamilyDescriptor> ToDescriptors(
    size_t count, const venice_slice* names,
    const venice_column_family_options* const* family_options) {
  std::vector<ColumnFamilyDescriptor> descriptors;
  descriptors.reserve(count);
  for (size_t i = 0; i < count; i++) {
    descriptors.emplace_back(ToSlice(names[i]).ToString(), *family_options[i]);
    venice::WatchPlainTables(&descriptors.back().options.table_factory);
  }
  return descriptors;
}

// Longer values stay in the block that they were read in when that is not cached; a shorter one would
// keep a block of a multiple of its size.
constexpr size_t kMaxCopied = 4096;

// Reads what a full cache has refused: with `fill_cache` off, RocksDB keeps blocks that the cache
// does not have for the caller alone, those of index and filter too.
Status GetUncached(venice_db* db, rocksdb::ReadOptions options, const Slice& key,
                   PinnableSlice* value) {
  options.fill_cache = false;
  value->Reset();
  return db->Get(options, db->DefaultColumnFamily(), key, value);
}

// Lets go of what a short value is pinned in.
void KeepAlone(PinnableSlice* value) {
  if (value->IsPinned() && value->size() <= kMaxCopied) {
    std::string copy = value->ToString();
    value->Reset();
    *value->GetSelf() = std::move(copy);
    value->PinSelf();
  }
}

}  // namespace

void venice_status_free(venice_status* status) noexcept {
  delete[] status->state;
  status->state = nullptr;
}

void venice_open(const venice_options* options, const char* path, venice_db** db,
                 venice_status* status) noexcept {
  Guarded(status, [&] { return DB::Open(Watched(*options), path, db); });
}

void venice_open_read_only(const venice_options* options, const char* path,
                           uint8_t error_if_wal_file_exists, venice_db** db,
                           venice_status* status) noexcept {
  Guarded(status, [&] {
    return DB::OpenForReadOnly(Watched(*options), path, db, error_if_wal_file_exists != 0);
  });
}

void venice_open_column_families(const venice_db_options* options, const char* path, size_t count,
                                 const venice_slice* names,
                                 const venice_column_family_options* const* family_options,
                                 venice_column_family** handles, venice_db** db,
                                 venice_status* status) noexcept {
  Guarded(status, [&] {
    const auto descriptors = ToDescriptors(count, names, family_options);
    std::vector<venice_column_family*> opened;
    // Nothing after a successful open may throw, or the database would be lost while it is open.
    opened.reserve(count);
    Status result = DB::Open(*options, path, descriptors, &opened, db);
    if (result.ok()) {
      std::copy(opened.begin(), opened.end(), handles);
    }
    return result;
  });
}

void venice_open_column_families_read_only(
    const venice_db_options* options, const char* path, size_t count, const venice_slice* names,
    const venice_column_family_options* const* family_options, uint8_t error_if_wal_file_exists,
    venice_column_family** handles, venice_db** db, venice_status* status) noexcept {
  Guarded(status, [&] {
    const auto descriptors = ToDescriptors(count, names, family_options);
    std::vector<venice_column_family*> opened;
    opened.reserve(count);
    Status result = DB::OpenForReadOnly(*options, path, descriptors, &opened, db,
                                        error_if_wal_file_exists != 0);
    if (result.ok()) {
      std::copy(opened.begin(), opened.end(), handles);
    }
    return result;
  });
}

void venice_close(venice_db* db, venice_status* status) noexcept {
  Guarded(status, [&] { return db->Close(); });
}

void venice_delete(venice_db* db) noexcept { delete db; }

void venice_block_free(void* block) noexcept { ::operator delete(block); }

void venice_column_family_destroy(void* handle) noexcept {
  static_cast<venice_column_family*>(handle)->~ColumnFamilyHandle();
}

void venice_destroy(const char* path, const venice_options* options,
                    venice_status* status) noexcept {
  Guarded(status, [&] { return rocksdb::DestroyDB(path, *options); });
}

uint64_t venice_latest_sequence_number(const venice_db* db) noexcept {
  return db->GetLatestSequenceNumber();
}

uint8_t venice_db_number(venice_db* db, const char* name, uint64_t* value) noexcept {
  try {
    return db->GetIntProperty(name, value) ? 1 : 0;
  } catch (...) {
    return 0;
  }
}

uint32_t venice_ticker_named(const char* name) noexcept {
  for (const auto& ticker : rocksdb::TickersNameMap) {
    if (ticker.second == name) {
      return ticker.first;
    }
  }
  return UINT32_MAX;
}

uint64_t venice_db_statistics(venice_db* db) noexcept {
  try {
    return reinterpret_cast<uintptr_t>(db->GetDBOptions().statistics.get());
  } catch (...) {
    return 0;
  }
}

uint64_t venice_db_ticker(venice_db* db, uint32_t ticker) noexcept {
  try {
    const auto statistics = db->GetDBOptions().statistics;
    return statistics == nullptr ? 0 : statistics->getTickerCount(ticker);
  } catch (...) {
    return 0;
  }
}

void venice_count_nothing() noexcept { rocksdb::SetPerfLevel(rocksdb::PerfLevel::kDisable); }

uint8_t venice_has_plain_tables(venice_db* db) noexcept {
  try {
    const auto options = db->GetOptions(db->DefaultColumnFamily());
    return options.table_factory->IsInstanceOf(TableFactory::kPlainTableName()) ? 1 : 0;
  } catch (...) {
    return 0;
  }
}

uint8_t venice_is_bytewise(venice_db* db) noexcept {
  return db->DefaultColumnFamily()->GetComparator() == rocksdb::BytewiseComparator() ? 1 : 0;
}

size_t venice_cached_blocks(venice_db* db) noexcept {
  try {
    const auto options = db->GetOptions(db->DefaultColumnFamily());
    const auto* table = options.table_factory->GetOptions<BlockBasedTableOptions>();
    if (table == nullptr || table->block_cache == nullptr || table->block_size == 0) {
      return 0;
    }
    return table->block_cache->GetCapacity() / table->block_size;
  } catch (...) {
    return 0;
  }
}

void venice_get(venice_db* db, venice_slice key, venice_read read, uint8_t again,
                venice_pinned* pinned, venice_slice* value, venice_status* status) noexcept {
  PinnableSlice* slice;
  if (again != 0) {
    slice = reinterpret_cast<PinnableSlice*>(pinned);
    slice->Reset();
  } else {
    slice = new (pinned) PinnableSlice();
  }
  Guarded(status, [&] {
    const rocksdb::ReadOptions options = ToReadOptions(read);
    Status found = db->Get(options, db->DefaultColumnFamily(), ToSlice(key), slice);
    return found.IsMemoryLimit() ? GetUncached(db, options, ToSlice(key), slice) : found;
  });
  if (status->code == Status::kOk) {
    *value = FromSlice(*slice);
  }
}

void venice_pinned_release(venice_pinned* pinned) noexcept {
  reinterpret_cast<PinnableSlice*>(pinned)->~PinnableSlice();
}

venice_pinned_batch* venice_multi_get(venice_db* db, size_t count, const venice_slice* keys,
                                      uint8_t in_order, venice_read read, uint64_t enough,
                                      venice_slice* values, venice_batch_read* outcome,
                                      venice_status* status) noexcept {
  *outcome = venice_batch_read{0, 0, 0, 0};
  try {
    auto batch = std::make_unique<venice_pinned_batch>(count);
    for (size_t i = 0; i < count; i++) {
      batch->keys[i] = ToSlice(keys[i]);
    }
    rocksdb::ReadOptions options = ToReadOptions(read);
    options.value_size_soft_limit = enough;
    db->MultiGet(options, db->DefaultColumnFamily(), count, batch->keys.data(),
                 batch->values.data(), batch->statuses.data(), in_order != 0);
    const Status* failed = nullptr;
    const auto take = [&](size_t i) {
      const Status& found = batch->statuses[i];
      values[i] = venice_slice{nullptr, 0};
      if (found.ok()) {
        values[i] = FromSlice(batch->values[i]);
        outcome->bytes += values[i].size;
        outcome->longest = std::max<uint64_t>(outcome->longest, values[i].size);
      } else if (found.IsMemoryLimit()) {
        outcome->refused++;
      } else if (found.IsAborted()) {
        values[i].size = VENICE_NOT_READ;
        outcome->unread++;
      } else if (!found.IsNotFound() && failed == nullptr) {
        failed = &found;
      }
    };
    for (size_t i = 0; i < count; i++) {
      take(i);
    }
    const size_t refused = outcome->refused;
    for (size_t i = 0; i < count && refused > 0 && failed == nullptr; i++) {
      Status& found = batch->statuses[i];
      if (!found.IsMemoryLimit()) {
        continue;
      }
      if (outcome->bytes > enough) {
        found = Status::Aborted();
      } else {
        found = GetUncached(db, options, batch->keys[i], &batch->values[i]);
        KeepAlone(&batch->values[i]);
        if (found.IsMemoryLimit()) {
          failed = &found;
        }
      }
      take(i);
    }
    outcome->refused = refused;
    Set(status, failed == nullptr ? Status::OK() : *failed);
    return batch.release();
  } catch (...) {
    SetFromException(status);
    return nullptr;
  }
}

void venice_pinned_batch_free(venice_pinned_batch* batch) noexcept { delete batch; }
