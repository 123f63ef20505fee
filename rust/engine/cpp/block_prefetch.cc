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

#include "block_locator.h"
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
constexpr size_t kMost = VENICE_PREFETCHED_AT_ONCE;

// A table that may have a key, and then the block of it.
struct Candidate {
  BlockBasedTable* table;
  SoughtKey* key;
  // Null unless a block may have the key.
  Cache* cache;
  CacheKey block;
  // Where the block begins in the file, and its entry in the index.
  uint64_t offset;
  int64_t entry;
  // Whether the index was searched for it, not just a locator.
  bool is_by_index;

  const BlockBasedTable::Rep* rep() const { return table->get_rep(); }

  IndexEntries::Encoding encoding() const {
    return IndexEntries::Encoding{rep()->index_key_includes_seq, rep()->index_value_is_full};
  }

  void Begin(uint64_t at) {
    offset = at;
    block = BlockBasedTable::GetCacheKey(rep()->base_cache_key, rocksdb::BlockHandle(at, 0));
  }

  // direct_answers.h, 5 and 9.
  bool tells() const {
    return rep()->fragmented_range_dels == nullptr &&
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

  void Add(Cache* cache, Cache::Handle* handle) { all_.Add(One{cache, handle}); }
  // Its block. Null if it is of another kind.
  template <typename Kind>
  const Block* AddBlock(Cache* cache, Cache::Handle* handle) {
    Add(cache, handle);
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
  // Of a table, a locator and an index.
  Few<One, 2 * kMost> all_;
};

class Candidates {
 public:
  bool Add(rocksdb::TableReader* reader, SoughtKey* key) {
    // A factory of block-based tables makes no others.
    all_.Add(Candidate{static_cast<BlockBasedTable*>(reader), key, nullptr, CacheKey(), 0, 0, false});
    return true;
  }
  bool empty() const { return all_.empty(); }

  // Returns how many blocks are in memory.
  size_t Find(SuperVersions* files) {
    FindBlocks();
    return FindRecords(files);
  }

 private:
  // Finds blocks by the locators of their tables, and else by the indexes, as far as the cache has them
  // (`cache_index_and_filter_blocks`).
  void FindBlocks() {
    Held held;
    Few<IndexSearch, kMost> searches;
    Candidate* searched[kMost];
    for (size_t i = 0; i < all_.size(); i++) {
      if (i > 0 && WasSeen(i)) {
        continue;
      }
      const BlockBasedTable::Rep& rep = *all_[i].rep();
      Cache* cache = rep.table_options.block_cache.get();
      if (cache == nullptr || rep.index_type != BlockBasedTableOptions::kBinarySearch) {
        continue;
      }
      BlockLocator* locator = nullptr;
      if (Cache::Handle* handle = BlockLocator::LookUp(cache, rep)) {
        held.Add(cache, handle);
        locator = BlockLocator::Of(cache, handle);
      }
      const size_t first = searches.size();
      size_t missing = BlockLocator::kNone;
      const Block* index = nullptr;
      bool has_looked = false;
      for (size_t same = i; same < all_.size(); same++) {
        Candidate& candidate = all_[same];
        if (candidate.table != all_[i].table) {
          continue;
        }
        BlockLocator::Place place;
        if (locator != nullptr && locator->Find(candidate.key->user_key(), &place)) {
          candidate.cache = cache;
          candidate.entry = place.entry;
          candidate.Begin(place.offset);
          continue;
        }
        if (!has_looked) {
          has_looked = true;
          index = Index(&held, cache, rep);
        }
        if (index == nullptr) {
          continue;
        }
        if (place.missing != BlockLocator::kNone) {
          missing = place.missing;
        }
        candidate.cache = cache;
        candidate.is_by_index = true;
        searched[searches.size()] = &candidate;
        searches.Add(*index, candidate.encoding(), candidate.key->user_key());
      }
      // One chunk at a time, so that no get pays for more.
      if (missing != BlockLocator::kNone) {
        locator->MakeChunk(missing, *index, all_[i].encoding());
      }
      for (size_t j = first; locator == nullptr && j < searches.size(); j++) {
        BlockLocator::Consider(cache, rep, *index, all_[i].encoding());
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
        searched[i]->Begin(block.offset());
      } else {
        searched[i]->cache = nullptr;
      }
    }
  }

  // The index block of a table. Null if it is not in the cache, or has not the size of one.
  static const Block* Index(Held* held, Cache* cache, const BlockBasedTable::Rep& table) {
    // Not by the reader, which would count this in statistics as a get's.
    const CacheKey key = BlockBasedTable::GetCacheKey(table.base_cache_key, table.index_handle);
    Cache::Handle* handle = cache->Lookup(key.AsSlice());
    if (handle == nullptr) {
      return nullptr;
    }
    const Block* index = held->AddBlock<Block_kIndex>(cache, handle);
    // Block::NumRestarts.
    return index != nullptr && index->size() >= 2 * sizeof(uint32_t) ? index : nullptr;
  }

  // Whether what a search says of a block, that it has the key first or not at all, holds for the whole table
  // (direct_answers.h, 6).
  static bool IsOfTable(const Candidate& candidate, const RecordSearch& search) {
    if (search.is_inside() || candidate.is_by_index) {
      return true;
    }
    Held held;
    const Block* index = Index(&held, candidate.cache, *candidate.rep());
    return index != nullptr &&
           IndexSearch(*index, candidate.encoding(), candidate.key->user_key())
               .EndsAt(candidate.entry, candidate.offset);
  }

  size_t FindRecords(SuperVersions* files) {
    Few<Cache::AsyncLookupHandle, kMost> lookups;
    const Candidate* looked_for[kMost];
    Cache* cache = nullptr;
    for (const Candidate& candidate : all_) {
      // Databases of one process share a cache.
      if (candidate.cache == nullptr || (cache != nullptr && candidate.cache != cache)) {
        candidate.key->is_done |= candidate.key->may_answer;
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
      Cache::Handle* handle = lookups[i].Result();
      const Block* block =
          handle == nullptr ? nullptr : held.AddBlock<Block_kData>(cache, handle);
      SoughtKey* key = looked_for[i]->key;
      if (block == nullptr) {
        key->is_done |= key->may_answer;
        continue;
      }
      Fetch(block, sizeof(Block));
      founds.Add(Found{looked_for[i], held.Last()});
      searches.Add(*block, key->user_key());
    }
    for (const RecordSearch& search : searches) {
      search.FetchEnds();
    }
    for (RecordSearch& search : searches) {
      search.FetchRestart();
    }
    // Those that have not ended.
    RecordSearch* active[kMost];
    size_t left = 0;
    for (RecordSearch& search : searches) {
      active[left++] = &search;
    }
    for (int step = 0; step < kSteps && left > 0; step++) {
      size_t still = 0;
      for (size_t i = 0; i < left; i++) {
        active[still] = active[i];
        still += active[i]->FetchNext() ? 1 : 0;
      }
      left = still;
    }
    for (size_t i = 0; i < searches.size(); i++) {
      const Candidate& candidate = *founds[i].candidate;
      const RecordSearch& search = searches[i];
      SoughtKey* key = candidate.key;
      if (!key->may_answer) {
        continue;
      }
      if (search.outcome() == RecordSearch::kUnknown || !candidate.tells() ||
          !IsOfTable(candidate, search)) {
        key->is_done = true;
      } else if (search.outcome() == RecordSearch::kFound &&
                 files->IsAnswer(key, search.number_and_type(), candidate.rep()->global_seqno) &&
                 held.HandOver(founds[i].hold, files->holds())) {
        files->Answer(*key, search.value());
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
