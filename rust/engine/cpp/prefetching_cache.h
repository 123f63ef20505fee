// A block cache that fetches ahead what a MultiGet is about to read.

#ifndef VENICE_ENGINE_PREFETCHING_CACHE_H_
#define VENICE_ENGINE_PREFETCHING_CACHE_H_

#include <memory>

#include "rocksdb/cache.h"

namespace venice {

// The same cache, of which RocksDB's MultiGet finds the blocks, and reads in them, with its memory
// fetched ahead. Everything else it passes on. Null for null, and for any other cache than
// RocksDB's LRUCache what was given.
//
// It has to be given to RocksDB in place of `cache` from the beginning: entries of a cache may
// refer to the cache that they were put in by.
std::shared_ptr<rocksdb::Cache> Prefetching(std::shared_ptr<rocksdb::Cache> cache);

}  // namespace venice

#endif  // VENICE_ENGINE_PREFETCHING_CACHE_H_
