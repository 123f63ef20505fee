// Fetches ahead of BlockBasedTable::MultiGet what it reads of blocks that the cache has.
//
// MultiGet looks up the blocks of up to 32 keys, waits for all of them (Cache::WaitAll), then
// searches one block after the other. Each lookup waits for memory several times: for the bucket of
// the hash table, for the entry, for its neighbours in the list of the least recently used; each
// search for the block's header, for its end, for record after record. Here all lookups are made
// in WaitAll, and both ways are gone side by side: each step fetches for all keys what the next
// step reads, so the waits overlap. Nothing here decides an answer: RocksDB makes each lookup and
// each search itself.
//
// The way of a lookup is that of LRUHandleTable::FindPointer and LRUCacheShard::LRU_Remove of 9.11.2,
// whose members are private; that of a search is in block_search.h.

#include "prefetching_cache.h"

#include <algorithm>
#include <cstring>
#include <mutex>

#include "block_search.h"
#include "cache/lru_cache.h"
#include "prefetch.h"
#include "rocksdb/advanced_cache.h"
#include "rocksdb/secondary_cache.h"
#include "table/block_based/block_cache.h"

namespace venice {

using rocksdb::Block;
using rocksdb::Block_kData;
using rocksdb::Cache;
using rocksdb::CacheEntryRole;
using rocksdb::DMutex;
using rocksdb::LRUCache;
using rocksdb::LRUCacheShard;
using rocksdb::LRUHandle;
using rocksdb::Slice;
using rocksdb::lru_cache::LRUHandleTable;

using TableMember = LRUHandleTable LRUCacheShard::*;
using MutexMember = DMutex LRUCacheShard::*;
using ListMember = std::unique_ptr<LRUHandle*[]> LRUHandleTable::*;

constexpr TableMember Of(TableMember);
constexpr MutexMember Of(MutexMember);
constexpr ListMember Of(ListMember);

template struct Private<TableMember, &LRUCacheShard::table_>;
template struct Private<MutexMember, &LRUCacheShard::mutex_>;
template struct Private<ListMember, &LRUHandleTable::list_>;

namespace {

// Lookups whose memory is fetched at once: all of a MultiGet's turn (MultiGetContext's
// MAX_BATCH_SIZE).
constexpr size_t kAtOnce = 32;

// What a lookup that waits for WaitAll has in place of a secondary cache's handle.
class Deferred final : public rocksdb::SecondaryCacheResultHandle {
 public:
  static Deferred* Only() {
    static Deferred* const only = new Deferred();
    return only;
  }
  bool IsReady() override { return true; }
  void Wait() override {}
  Cache::ObjectPtr Value() override { return nullptr; }
  size_t Size() override { return 0; }
};

// Where a lookup of an LRU cache ends.
class Entry {
 public:
  Entry() = default;
  Entry(LRUCache& cache, const Slice& key)
      : hash_(LRUCacheShard::ComputeHash(key, cache.GetHashSeed())),
        shard_(&cache.GetShard(hash_)) {}

  void FetchBucket() const {
    AtBucket([](LRUHandle* const* bucket) { __builtin_prefetch(bucket); });
  }

  // Of several in a bucket the first: there are fewer entries than buckets.
  void FetchEntry() const {
    AtBucket([](LRUHandle* const* bucket) { Fetch(*bucket, sizeof(LRUHandle)); });
  }

  void FetchNeighbours() const {
    AtBucket([](LRUHandle* const* bucket) {
      const LRUHandle* entry = *bucket;
      // With references it is in no list.
      if (entry != nullptr && !entry->HasRefs()) {
        __builtin_prefetch(&entry->next->prev, 1);
        __builtin_prefetch(&entry->prev->next, 1);
      }
    });
  }

 private:
  // Under the shard's mutex: an insertion may replace the table, an eviction frees entries. Who
  // finds it taken does not wait.
  template <typename Look>
  void AtBucket(Look look) const {
    const std::unique_lock<DMutex> lock(shard_->*Of(MutexMember()), std::try_to_lock);
    if (lock.owns_lock()) {
      const LRUHandleTable& table = shard_->*Of(TableMember());
      look(&(table.*Of(ListMember()))[hash_ >> (32 - table.GetLengthBits())]);
    }
  }

  uint32_t hash_ = 0;
  LRUCacheShard* shard_ = nullptr;
};

class PrefetchingCache final : public rocksdb::CacheWrapper {
 public:
  explicit PrefetchingCache(std::shared_ptr<Cache> lru_cache)
      : CacheWrapper(std::move(lru_cache)) {}

  // In RocksDB's log it is what it is without prefetching.
  const char* Name() const override { return target_->Name(); }
  std::string GetPrintableOptions() const override { return target_->GetPrintableOptions(); }

  using CacheWrapper::Release;
  bool Release(Handle* handle, bool useful, bool erase_if_last_ref) override {
    return target_->Release(handle, useful, erase_if_last_ref);
  }
  void DisownData() override { target_->DisownData(); }

  void StartAsyncLookup(AsyncLookupHandle& lookup) override {
    lookup.result_handle = nullptr;
    lookup.found_dummy_entry = false;
    lookup.pending_handle = Deferred::Only();
  }

  void WaitAll(AsyncLookupHandle* lookups, size_t count) override {
    AsyncLookupHandle* pending[kAtOnce];
    size_t pendings = 0;
    for (size_t i = 0; i < count; i++) {
      if (lookups[i].IsPending()) {
        pending[pendings++] = &lookups[i];
      }
      if (pendings == kAtOnce) {
        LookUp(pending, pendings);
        pendings = 0;
      }
    }
    LookUp(pending, pendings);
  }

 private:
  void LookUp(AsyncLookupHandle* const* lookups, size_t count) {
    Entry entries[kAtOnce];
    for (size_t i = 0; i < count; i++) {
      entries[i] = Entry(static_cast<LRUCache&>(*target_), lookups[i]->key);
      entries[i].FetchBucket();
    }
    for (size_t i = 0; i < count; i++) {
      entries[i].FetchEntry();
    }
    for (size_t i = 0; i < count; i++) {
      entries[i].FetchNeighbours();
    }
    const Block* blocks[kAtOnce];
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
      AsyncLookupHandle& lookup = *lookups[i];
      lookup.pending_handle = nullptr;
      target_->StartAsyncLookup(lookup);
      if (lookup.result_handle != nullptr && lookup.helper != nullptr &&
          lookup.helper->role == CacheEntryRole::kDataBlock) {
        blocks[found] = static_cast<const Block_kData*>(target_->Value(lookup.result_handle));
        Fetch(blocks[found], sizeof(Block));
        found++;
      }
    }
    FetchBlocks(blocks, found);
  }

  static void FetchBlocks(const Block* const* blocks, size_t count) {
    BlockSearch searches[kAtOnce];
    size_t whole = 0;
    for (size_t i = 0; i < count; i++) {
      // Block::NumRestarts.
      if (blocks[i]->size() >= 2 * sizeof(uint32_t)) {
        searches[whole] = BlockSearch(*blocks[i]);
        searches[whole++].FetchEnds();
      }
    }
    for (size_t i = 0; i < whole; i++) {
      searches[i].FetchRestart();
    }
    for (int record = 1; record < kRecords; record++) {
      for (size_t i = 0; i < whole; i++) {
        searches[i].FetchNext();
      }
    }
  }
};

}  // namespace

std::shared_ptr<Cache> Prefetching(std::shared_ptr<Cache> cache) {
  if (cache == nullptr || std::strcmp(cache->Name(), "LRUCache") != 0) {
    return cache;
  }
  return std::make_shared<PrefetchingCache>(std::move(cache));
}

}  // namespace venice
