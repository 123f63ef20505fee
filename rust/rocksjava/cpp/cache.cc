// org.rocksdb.LRUCache, ClockCache and Cache: the handle is a std::shared_ptr<rocksdb::Cache>*.
// Inside is venice::Prefetching of what RocksDB makes.
// Rust: cache.rs, lru_cache.rs, clock_cache.rs.

#include "rocksdb/cache.h"

#include <memory>

#include "classes.h"
#include "prefetching_cache.h"
#include "rocksdb/advanced_cache.h"
#include "status.h"

using venice::Guarded;

extern "C" {

// NewLRUCache with the arguments that Java has, which rocksdb/c.h cannot all pass. It is null inside
// for arguments that RocksDB refuses.
void venice_cache_new_lru(size_t capacity, int shard_bits, uint8_t strict_capacity_limit,
                          double high_pri_pool_ratio, double low_pri_pool_ratio,
                          venice_cache** cache, venice_status* status) noexcept {
  Guarded(status, [&] {
    *cache = new venice_cache(venice::Prefetching(rocksdb::NewLRUCache(
        capacity, shard_bits, strict_capacity_limit != 0, high_pri_pool_ratio, nullptr,
        rocksdb::kDefaultToAdaptiveMutex, rocksdb::kDefaultCacheMetadataChargePolicy,
        low_pri_pool_ratio)));
    return rocksdb::Status::OK();
  });
}

// NewClockCache, which since RocksDB 8 is an LRU cache with a high-priority pool of one half.
void venice_cache_new_clock(size_t capacity, int shard_bits, uint8_t strict_capacity_limit,
                            venice_cache** cache, venice_status* status) noexcept {
  Guarded(status, [&] {
    *cache = new venice_cache(venice::Prefetching(
        rocksdb::NewClockCache(capacity, shard_bits, strict_capacity_limit != 0)));
    return rocksdb::Status::OK();
  });
}

// Bytes in the cache; 0 for one that is null inside.
size_t venice_cache_usage(const venice_cache* cache) noexcept {
  return *cache != nullptr ? (*cache)->GetUsage() : 0;
}

// Bytes in the cache that are in use, so cannot be evicted; 0 for one that is null inside.
size_t venice_cache_pinned_usage(const venice_cache* cache) noexcept {
  return *cache != nullptr ? (*cache)->GetPinnedUsage() : 0;
}
}
