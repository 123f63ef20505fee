// Finds ahead of some gets what DB::Get will read of block-based tables that the block cache has.
//
// A get waits for memory some twenty times: for the index; in the block cache for the bucket of the hash
// table, the entry, its neighbours in the list of the least recently used; then for the block's end, for
// one record after the other, for the value. Gets one after the other wait one after the other. Here the
// same way is gone for some keys side by side; each step fetches for all keys what the next one reads,
// so the waits overlap. Nothing is read from a disk. What is found at the end of the way is the answer if it is
// proven (direct_answers.h); all else is DB::Get's.
//
// The way is that of BlockBasedTable::Get of 9.11.2.

#include <algorithm>

#include "direct_answers.h"
#include "index_search.h"
#include "prefetch.h"
#include "record_search.h"
#include "rocksdb/advanced_cache.h"
#include "shim.h"
#include "status.h"
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
  SoughtKey key;
  // Null unless a block may have the key.
  Cache* cache;
  CacheKey block;

  const BlockBasedTable::Rep* rep() const { return table->get_rep(); }

  // direct_answers.h, 4, 5 and 9.
  bool may_answer() const {
    return key.is_newest && rep()->fragmented_range_dels == nullptr &&
           rep()->create_context.protection_bytes_per_key == 0;
  }
};

// Handles of one block cache, for as long as their blocks are looked at.
class Held {
 public:
  Held() = default;
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;
  ~Held() {
    for (const One& one : all_) {
      if (one.handle != nullptr) {
        one.cache->Release(one.handle);
      }
    }
  }

  // Its block. Null if it is of another kind.
  template <typename Kind>
  const Block* Add(Cache* cache, Cache::Handle* handle) {
    all_.Add(One{cache, handle});
    if (cache->GetCacheItemHelper(handle)->role != Kind::kCacheEntryRole) {
      return nullptr;
    }
    return static_cast<const Kind*>(cache->Value(handle));
  }
  size_t Last() const { return all_.size() - 1; }

  // Has `holds` keep one for longer.
  bool HandOver(size_t at, venice_holds* holds) {
    One& one = all_[at];
    const bool held = Hold(holds, kHoldsBlock, one.cache, one.handle);
    if (held) {
      one.handle = nullptr;
    }
    return held;
  }

 private:
  struct One {
    Cache* cache;
    Cache::Handle* handle;
  };
  Few<One, kMost> all_;
};

class Candidates {
 public:
  void Add(rocksdb::TableReader* reader, const SoughtKey& key) {
    // A factory of block-based tables makes no others.
    all_.Add(Candidate{static_cast<BlockBasedTable*>(reader), key, nullptr, CacheKey()});
  }

  // Returns how many blocks are in memory.
  size_t Find(SuperVersions*, venice_slice* values, venice_holds* holds) {
    FindBlocks();
    return FindRecords(values, holds);
  }

 private:
  // Searches the indexes, as far as the cache has them (`cache_index_and_filter_blocks`).
  void FindBlocks() {
    Held held;
    Few<IndexSearch, kMost> searches;
    Candidate* searched[kMost];
    for (size_t i = 0; i < all_.size(); i++) {
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
      const Block* index = held.Add<Block_kIndex>(cache, handle);
      // Block::NumRestarts.
      if (index == nullptr || index->size() < 2 * sizeof(uint32_t)) {
        continue;
      }
      const IndexSearch::Encoding encoding{rep->index_key_includes_seq, rep->index_value_is_full};
      for (size_t same = i; same < all_.size(); same++) {
        if (all_[same].table == all_[i].table) {
          all_[same].cache = cache;
          searched[searches.size()] = &all_[same];
          searches.Add(*index, encoding, all_[same].key.user_key());
        }
      }
    }
    for (bool more = !searches.empty(); more;) {
      more = false;
      for (IndexSearch& search : searches) {
        search.FetchOffset();
      }
      for (const IndexSearch& search : searches) {
        search.FetchKey();
      }
      for (IndexSearch& search : searches) {
        more |= search.Compare();
      }
    }
    for (size_t i = 0; i < searches.size(); i++) {
      rocksdb::BlockHandle block;
      if (searches[i].Find(&block)) {
        searched[i]->block =
            BlockBasedTable::GetCacheKey(searched[i]->rep()->base_cache_key, block);
      } else {
        searched[i]->cache = nullptr;
      }
    }
  }

  size_t FindRecords(venice_slice* values, venice_holds* holds) {
    Few<Cache::AsyncLookupHandle, kMost> lookups;
    const Candidate* looked_for[kMost];
    Cache* cache = nullptr;
    for (const Candidate& candidate : all_) {
      // Databases of one process share a cache.
      if (candidate.cache == nullptr || (cache != nullptr && candidate.cache != cache)) {
        continue;
      }
      cache = candidate.cache;
      looked_for[lookups.size()] = &candidate;
      Cache::AsyncLookupHandle& lookup = lookups.Add();
      lookup.key = candidate.block.AsSlice();
      cache->StartAsyncLookup(lookup);
    }
    if (lookups.empty()) {
      return 0;
    }
    cache->WaitAll(lookups.begin(), lookups.size());
    Held held;
    struct Found {
      const Candidate* candidate;
      size_t hold;
    };
    Few<Found, kMost> founds;
    Few<RecordSearch, kMost> searches;
    for (size_t i = 0; i < lookups.size(); i++) {
      if (Cache::Handle* handle = lookups[i].Result()) {
        if (const Block* block = held.Add<Block_kData>(cache, handle)) {
          Fetch(block, sizeof(Block));
          founds.Add(Found{looked_for[i], held.Last()});
          searches.Add(*block, looked_for[i]->key.user_key());
        }
      }
    }
    for (const RecordSearch& search : searches) {
      search.FetchEnds();
    }
    for (RecordSearch& search : searches) {
      search.FetchRestart();
    }
    bool more = true;
    for (int step = 0; step < kSteps && more; step++) {
      more = false;
      for (RecordSearch& search : searches) {
        more |= search.FetchNext();
      }
    }
    for (size_t i = 0; holds != nullptr && i < searches.size(); i++) {
      const Candidate& candidate = *founds[i].candidate;
      const RecordSearch& search = searches[i];
      if (search.found() && candidate.may_answer() &&
          IsPublishedValue(search.number_and_type(), candidate.rep()->global_seqno,
                           candidate.key.last) &&
          held.HandOver(founds[i].hold, holds)) {
        values[candidate.key.number] = FromSlice(search.value());
      }
    }
    return founds.size();
  }

  // Whether another candidate before this one is of the same table.
  bool WasSeen(size_t at) const {
    const auto is_same = [&](const Candidate& other) { return other.table == all_[at].table; };
    return std::any_of(all_.begin(), all_.begin() + at, is_same);
  }

  Few<Candidate, kMost> all_;
};

}  // namespace
}  // namespace venice

size_t venice_prefetch_blocks(size_t count, const venice_sought* sought, venice_slice* values,
                              venice_holds* holds) noexcept {
  return venice::FindInTables<venice::Candidates>(count, sought, values, holds);
}
