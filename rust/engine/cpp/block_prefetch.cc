// Fetches ahead of some gets what DB::Get will read of block-based tables that the block cache has.
//
// A get waits for memory some twenty times: for the index; in the block cache for the bucket of the hash
// table, the entry, its neighbours in the list of the least recently used; then for the block's end, for
// one record after the other, for the value. Gets one after the other wait one after the other. Here the
// same way is gone for some keys side by side; each step fetches for all keys what the next one reads,
// so the waits overlap. Nothing here decides an answer, and nothing reads from a disk: what goes wrong
// costs time only.
//
// The way is that of BlockBasedTable::Get of 9.11.2.

#include <algorithm>

#include "block_search.h"
#include "index_search.h"
#include "prefetch.h"
#include "rocksdb/advanced_cache.h"
#include "shim.h"
#include "super_versions.h"
#include "table/block_based/block.h"
#include "table/block_based/block_based_table_reader.h"
#include "table/block_based/block_cache.h"

using rocksdb::Block;
using rocksdb::Block_kData;
using rocksdb::Block_kIndex;
using rocksdb::BlockBasedTable;
using rocksdb::BlockBasedTableOptions;
using rocksdb::Cache;
using rocksdb::CacheKey;
using rocksdb::Slice;

namespace venice {
namespace {

// Steps of a search at most: among 4,096 restart points, and from there.
constexpr int kSteps = 12 + kRecords;
constexpr size_t kMost = VENICE_PREFETCHED_AT_ONCE * kFilesOfKey;

// A table that may have a key, and then the block of it.
struct Candidate {
  BlockBasedTable* table;
  Slice internal_key;
  // Null unless a block may have the key.
  Cache* cache;
  CacheKey block;

  BlockBasedTable::Rep* rep() const { return table->get_rep(); }
  Slice user_key() const { return rocksdb::ExtractUserKey(internal_key); }
};

// Handles of one block cache, for as long as their blocks are looked at.
class Held {
 public:
  Held() = default;
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() {
    for (size_t i = 0; i < count_; i++) {
      all_[i].cache->Release(all_[i].handle);
    }
  }

  template <typename Kind>
  const Block& Add(Cache* cache, Cache::Handle* handle) {
    all_[count_++] = {cache, handle};
    return *static_cast<const Kind*>(cache->Value(handle));
  }

 private:
  struct One {
    Cache* cache;
    Cache::Handle* handle;
  };
  One all_[kMost];
  size_t count_ = 0;
};

class Candidates {
 public:
  void Add(rocksdb::TableReader* reader, const Slice& internal_key) {
    // A factory of block-based tables makes no others.
    all_[count_++] = Candidate{static_cast<BlockBasedTable*>(reader), internal_key, nullptr,
                               CacheKey()};
  }

  // Searches the indexes, as far as the cache has them (`cache_index_and_filter_blocks`).
  void FindBlocks() {
    Held held;
    IndexSearch searches[kMost];
    Candidate* searched[kMost];
    size_t count = 0;
    for (size_t i = 0; i < count_; i++) {
      if (i > 0 && WasSeen(i)) {
        continue;
      }
      const BlockBasedTable::Rep* rep = all_[i].rep();
      Cache* cache = rep->table_options.block_cache.get();
      if (cache == nullptr || rep->index_type != BlockBasedTableOptions::kBinarySearch) {
        continue;
      }
      // Not by the reader, which would count this in statistics as a get's.
      const CacheKey key = BlockBasedTable::GetCacheKey(rep->base_cache_key, rep->index_handle);
      Cache::Handle* handle = cache->Lookup(key.AsSlice());
      if (handle == nullptr) {
        continue;
      }
      const Block& index = held.Add<Block_kIndex>(cache, handle);
      if (index.size() < 2 * sizeof(uint32_t)) {
        continue;
      }
      for (size_t same = i; same < count_; same++) {
        if (all_[same].table == all_[i].table) {
          all_[same].cache = cache;
          searches[count] = IndexSearch(
              index, {rep->index_key_includes_seq, rep->index_value_is_full}, all_[same].user_key());
          searched[count++] = &all_[same];
        }
      }
    }
    for (bool more = count > 0; more;) {
      more = false;
      for (size_t i = 0; i < count; i++) {
        searches[i].FetchOffset();
      }
      for (size_t i = 0; i < count; i++) {
        searches[i].FetchKey();
      }
      for (size_t i = 0; i < count; i++) {
        more |= searches[i].Compare();
      }
    }
    for (size_t i = 0; i < count; i++) {
      rocksdb::BlockHandle block;
      if (searches[i].Find(&block)) {
        searched[i]->block =
            BlockBasedTable::GetCacheKey(searched[i]->rep()->base_cache_key, block);
      } else {
        searched[i]->cache = nullptr;
      }
    }
  }

  // Returns how many blocks are in memory.
  size_t FetchBlocks() {
    Cache::AsyncLookupHandle lookups[kMost];
    const Candidate* looked_for[kMost];
    size_t count = 0;
    Cache* cache = nullptr;
    for (size_t i = 0; i < count_; i++) {
      // Databases of one process share a cache.
      if (all_[i].cache == nullptr || (cache != nullptr && all_[i].cache != cache)) {
        continue;
      }
      cache = all_[i].cache;
      looked_for[count] = &all_[i];
      lookups[count].key = all_[i].block.AsSlice();
      cache->StartAsyncLookup(lookups[count++]);
    }
    if (count == 0) {
      return 0;
    }
    cache->WaitAll(lookups, count);
    Held held;
    const Block* blocks[kMost];
    const Candidate* found[kMost];
    size_t founds = 0;
    for (size_t i = 0; i < count; i++) {
      if (Cache::Handle* handle = lookups[i].Result()) {
        blocks[founds] = &held.Add<Block_kData>(cache, handle);
        Fetch(blocks[founds], sizeof(Block));
        found[founds++] = looked_for[i];
      }
    }
    BlockSearch searches[kMost];
    size_t whole = 0;
    for (size_t i = 0; i < founds; i++) {
      // Block::NumRestarts.
      if (blocks[i]->size() >= 2 * sizeof(uint32_t)) {
        searches[whole] = BlockSearch(*blocks[i], found[i]->user_key());
        searches[whole++].FetchEnds();
      }
    }
    for (size_t i = 0; i < whole; i++) {
      searches[i].FetchRestart();
    }
    bool more = true;
    for (int step = 0; step < kSteps && more; step++) {
      more = false;
      for (size_t i = 0; i < whole; i++) {
        more |= searches[i].FetchNext();
      }
    }
    return founds;
  }

 private:
  // Whether another candidate before this one is of the same table.
  bool WasSeen(size_t at) const {
    const auto is_same = [&](const Candidate& other) { return other.table == all_[at].table; };
    return std::any_of(all_, all_ + at, is_same);
  }

  Candidate all_[kMost];
  size_t count_ = 0;
};

size_t PrefetchBlocks(size_t count, venice_db* const* dbs, const venice_slice* keys) {
  SuperVersions super_versions;
  Candidates candidates;
  try {
    super_versions.EachTable(count, dbs, keys,
                             [&](rocksdb::TableReader* reader, const Slice& internal_key) {
                               candidates.Add(reader, internal_key);
                             });
    candidates.FindBlocks();
    return candidates.FetchBlocks();
  } catch (...) {
    // The gets will say what is wrong.
    return 0;
  }
}

}  // namespace
}  // namespace venice

size_t venice_prefetch_blocks(size_t count, venice_db* const* dbs,
                              const venice_slice* keys) noexcept {
  return venice::PrefetchBlocks(count, dbs, keys);
}
