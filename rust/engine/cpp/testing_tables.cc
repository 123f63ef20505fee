#include "testing_tables.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "block_locator.h"
#include "index_search.h"
#include "prefetching_cache.h"
#include "record_search.h"
#include "rocksdb/advanced_cache.h"
#include "rocksdb/cache.h"
#include "rocksdb/comparator.h"
#include "rocksdb/db.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/merge_operator.h"
#include "rocksdb/options.h"
#include "rocksdb/slice_transform.h"
#include "rocksdb/snapshot.h"
#include "rocksdb/sst_file_writer.h"
#include "rocksdb/statistics.h"
#include "rocksdb/table.h"
#include "rocksdb/wide_columns.h"
#include "status.h"
#include "table/block_based/block.h"
#include "table/format.h"
#include "utilities/merge_operators.h"

namespace venice {

class LocatorsInTests {
 public:
  // Has each entry of a chunk name the block of another.
  static size_t Mislead(BlockLocator* locator, int32_t by) {
    size_t entries = 0;
    for (size_t number = 0; number < locator->prefixes_.size(); number++) {
      BlockLocator::Chunk* chunk = locator->chunks_[number].load();
      if (chunk == nullptr) {
        continue;
      }
      const auto size = static_cast<int64_t>(locator->SizeOf(number));
      const std::vector<uint32_t> right(chunk->offsets.get(), chunk->offsets.get() + size);
      for (int64_t i = 0; i < size; i++) {
        chunk->offsets[i] = right[std::clamp<int64_t>(i + by, 0, size - 1)];
      }
      entries += static_cast<size_t>(size);
    }
    return entries;
  }
};

}  // namespace venice

using rocksdb::DB;
using rocksdb::Slice;
using rocksdb::Status;
using venice::ToSlice;

namespace {

// Of databases that are open.
std::mutex snapshots_mutex;
std::map<DB*, std::vector<const rocksdb::Snapshot*>>& Snapshots() {
  static auto* const all = new std::map<DB*, std::vector<const rocksdb::Snapshot*>>();
  return *all;
}

Status Ingest(DB* db, const Slice& key, const Slice& value) {
  const std::string path = db->GetName() + "/ingested";
  rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), db->GetOptions());
  Status status = writer.Open(path);
  if (status.ok()) {
    status = writer.Put(key, value);
  }
  if (status.ok()) {
    status = writer.Finish();
  }
  if (status.ok()) {
    rocksdb::IngestExternalFileOptions options;
    options.move_files = true;
    status = db->IngestExternalFile({path}, options);
  }
  return status;
}

Status Change(DB* db, uint8_t change, const Slice& key, const Slice& value) {
  rocksdb::WriteOptions write;
  write.disableWAL = true;
  rocksdb::FlushOptions flush;
  switch (change) {
    case VENICE_TESTING_PUT:
      return db->Put(write, key, value);
    case VENICE_TESTING_DELETE:
      return db->Delete(write, key);
    case VENICE_TESTING_SINGLE_DELETE:
      return db->SingleDelete(write, key);
    case VENICE_TESTING_MERGE:
      return db->Merge(write, key, value);
    case VENICE_TESTING_DELETE_RANGE:
      return db->DeleteRange(write, db->DefaultColumnFamily(), key, value);
    case VENICE_TESTING_FLUSH:
      return db->Flush(flush);
    case VENICE_TESTING_COMPACT: {
      rocksdb::CompactRangeOptions compact;
      compact.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
      return db->CompactRange(compact, nullptr, nullptr);
    }
    case VENICE_TESTING_INGEST:
      return Ingest(db, key, value);
    case VENICE_TESTING_SWITCH_MEMTABLE: {
      const Status paused = db->PauseBackgroundWork();
      flush.wait = false;
      flush.allow_write_stall = true;
      return paused.ok() ? db->Flush(flush) : paused;
    }
    case VENICE_TESTING_GO_ON: {
      const Status going = db->ContinueBackgroundWork();
      return going.ok() ? db->Flush(flush) : going;
    }
    case VENICE_TESTING_SNAPSHOT: {
      const std::lock_guard<std::mutex> lock(snapshots_mutex);
      Snapshots()[db].push_back(db->GetSnapshot());
      return Status::OK();
    }
    case VENICE_TESTING_RELEASE_SNAPSHOTS: {
      const std::lock_guard<std::mutex> lock(snapshots_mutex);
      for (const rocksdb::Snapshot* snapshot : Snapshots()[db]) {
        db->ReleaseSnapshot(snapshot);
      }
      Snapshots().erase(db);
      return Status::OK();
    }
    case VENICE_TESTING_PUT_ENTITY:
      return db->PutEntity(write, db->DefaultColumnFamily(), key,
                           rocksdb::WideColumns{{rocksdb::kDefaultWideColumnName, value},
                                                {"other", "column"}});
    case VENICE_TESTING_REST: {
      rocksdb::WaitForCompactOptions wait;
      wait.abort_on_pause = true;
      const Status rests = db->WaitForCompact(wait);
      return rests.IsAborted() ? Status::OK() : rests;
    }
    default:
      return Status::InvalidArgument("no such change");
  }
}

// Room with pages behind it and before it that nobody may touch.
class Walled {
 public:
  Walled() {
    const auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    void* all = mmap(nullptr, kRoom + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    begin_ = static_cast<char*>(all) + page;
    if (all == MAP_FAILED || mprotect(begin_, kRoom, PROT_READ | PROT_WRITE) != 0) {
      std::abort();
    }
  }

  // Copies bytes to its begin or its end.
  Slice Put(const Slice& bytes, bool at_end) {
    const size_t size = std::min(bytes.size(), kRoom);
    char* to = at_end ? begin_ + kRoom - size : begin_;
    std::memcpy(to, bytes.data(), size);
    return Slice(to, size);
  }

 private:
  static constexpr size_t kRoom = 64 * 1024;
  char* begin_;
};

bool InOrder(const rocksdb::Block& index, venice::IndexEntries::Encoding encoding) {
  const venice::IndexEntries entries(index, encoding);
  for (int64_t i = 0; i < entries.count(); i++) {
    const Slice key = entries.At(i).key;
    if (key.data() == nullptr || (i > 0 && entries.At(i - 1).key.compare(key) > 0)) {
      return false;
    }
  }
  return true;
}

// What a locator says, and the index confirms, is what a search through the index says.
void CompareLocator(const rocksdb::Block& index, venice::IndexEntries::Encoding encoding,
                    const Slice& key, const rocksdb::BlockHandle* found) {
  venice::BlockLocator locator(index, encoding);
  venice::BlockLocator::Place place;
  if (!locator.Find(key, &place) && place.missing != venice::BlockLocator::kNone) {
    locator.MakeChunk(place.missing, index, encoding);
    place = {};
    if (!locator.Find(key, &place)) {
      return;
    }
  }
  venice::IndexSearch search(index, encoding, key);
  // Of an index that is in order there is one such entry.
  if (search.EndsAt(place.entry, place.offset) && found != nullptr && InOrder(index, encoding) &&
      found->offset() != place.offset) {
    std::abort();
  }
}

uint64_t Search(const Slice& bytes, const Slice& key, uint8_t encoding) {
  const rocksdb::Block block{rocksdb::BlockContents(bytes)};
  if (block.size() < 2 * sizeof(uint32_t)) {
    return UINT64_MAX;
  }
  venice::IndexSearch index(block, {(encoding & 1) != 0, (encoding & 2) != 0}, key);
  do {
    index.FetchOffset();
    index.FetchKey();
  } while (index.Compare());
  rocksdb::BlockHandle handle;
  const bool is_known = index.Find(&handle);
  CompareLocator(block, {(encoding & 1) != 0, (encoding & 2) != 0}, key, is_known ? &handle : nullptr);
  venice::RecordSearch search(block, key);
  search.FetchEnds();
  search.FetchRestart();
  while (search.FetchNext()) {
  }
  if (search.outcome() != venice::RecordSearch::kFound) {
    return UINT64_MAX;
  }
  // All of it may be read.
  return search.value().ToString().size();
}

}  // namespace

venice_options* venice_testing_table_options(const venice_testing_table* table) noexcept {
  auto* options = new rocksdb::Options();
  options->create_if_missing = true;
  options->create_missing_column_families = true;
  options->stats_dump_period_sec = 0;
  options->stats_persist_period_sec = 0;
  options->info_log_level = rocksdb::FATAL_LEVEL;
  options->keep_log_file_num = 1;
  options->max_write_buffer_number = 8;
  options->num_levels = static_cast<int>(table->levels);
  options->disable_auto_compactions = table->target_file_size == 0;
  options->level0_file_num_compaction_trigger = 3;
  if (table->target_file_size != 0) {
    options->target_file_size_base = table->target_file_size;
    options->max_bytes_for_level_base = 4 * table->target_file_size;
  }
  options->merge_operator = rocksdb::MergeOperators::CreateStringAppendOperator();
  options->compression = static_cast<rocksdb::CompressionType>(table->compression);
  options->block_protection_bytes_per_key = table->protection_bytes;
  if (table->statistics != 0) {
    options->statistics = rocksdb::CreateDBStatistics();
  }
  if (table->row_cache != 0) {
    options->row_cache = rocksdb::NewLRUCache(1 << 20);
  }
  if (table->reverse_order != 0) {
    options->comparator = rocksdb::ReverseBytewiseComparator();
  }
  if (table->prefix != 0) {
    options->prefix_extractor.reset(rocksdb::NewCappedPrefixTransform(table->prefix));
  }
  if (table->plain != 0) {
    rocksdb::PlainTableOptions plain;
    plain.store_index_in_file = true;
    plain.bloom_bits_per_key = table->bloom_bits;
    plain.index_sparseness = table->index_sparseness;
    plain.encoding_type = table->prefix_encoding != 0 ? rocksdb::kPrefix : rocksdb::kPlain;
    options->table_factory.reset(rocksdb::NewPlainTableFactory(plain));
    options->allow_mmap_reads = true;
    return options;
  }
  rocksdb::BlockBasedTableOptions blocks;
  blocks.block_size = table->block_size;
  blocks.block_restart_interval = static_cast<int>(table->restart_interval);
  blocks.index_block_restart_interval = static_cast<int>(table->index_restart_interval);
  blocks.format_version = table->format_version;
  blocks.index_type = static_cast<rocksdb::BlockBasedTableOptions::IndexType>(table->index_type);
  blocks.use_delta_encoding = table->delta_encoding != 0;
  if (table->hash_in_blocks != 0) {
    blocks.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
  }
  if (table->filter != 0) {
    blocks.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  }
  blocks.cache_index_and_filter_blocks = table->cache_index != 0;
  blocks.block_cache = venice::Prefetching(rocksdb::NewLRUCache(64 << 20));
  options->table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
  return options;
}

void venice_testing_change(venice_db* db, uint8_t change, venice_slice key, venice_slice value,
                           venice_status* status) noexcept {
  venice::Guarded(status, [&] { return Change(db, change, ToSlice(key), ToSlice(value)); });
}

uint64_t venice_testing_mislead(venice_db* db, int32_t by) noexcept {
  uint64_t entries = 0;
  const auto* blocks = db->GetOptions().table_factory->GetOptions<rocksdb::BlockBasedTableOptions>();
  if (blocks != nullptr && blocks->block_cache != nullptr) {
    blocks->block_cache->ApplyToAllEntries(
        [&](const Slice&, rocksdb::Cache::ObjectPtr object, size_t,
            const rocksdb::Cache::CacheItemHelper* helper) {
          if (venice::BlockLocator::IsOne(helper)) {
            auto* locator = static_cast<venice::BlockLocator*>(object);
            entries += venice::LocatorsInTests::Mislead(locator, by);
          }
        },
        {});
  }
  return entries;
}

uint64_t venice_testing_search(venice_slice block, venice_slice key, uint8_t encoding) noexcept {
  static thread_local Walled walled;
  uint64_t found = UINT64_MAX;
  for (const bool at_end : {false, true}) {
    found = Search(walled.Put(ToSlice(block), at_end), ToSlice(key), encoding);
  }
  return found;
}
