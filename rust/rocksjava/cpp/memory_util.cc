// org.rocksdb.MemoryUtil. Rust: memory_util.rs.

#include "rocksdb/utilities/memory_util.h"

#include <map>
#include <memory>
#include <unordered_set>
#include <vector>

#include "classes.h"
#include "rocksdb/cache.h"
#include "rocksdb/db.h"
#include "status.h"

using rocksdb::MemoryUtil;

extern "C" {

// MemoryUtil::GetApproximateMemoryUsageByType. `usage` has room for kNumUsageTypes numbers, by the
// number of their type; `known` says, bit by bit, which of them RocksDB gave.
void venice_memory_usage_by_type(rocksdb::DB* const* dbs, size_t db_count,
                                 venice_cache* const* caches, size_t cache_count, uint64_t* usage,
                                 uint32_t* known, venice_status* status) noexcept {
  venice::Guarded(status, [&] {
    const std::vector<rocksdb::DB*> databases(dbs, dbs + db_count);
    std::unordered_set<const rocksdb::Cache*> distinct;
    for (size_t i = 0; i < cache_count; i++) {
      distinct.insert(caches[i]->get());
    }
    std::map<MemoryUtil::UsageType, uint64_t> by_type;
    rocksdb::Status result =
        MemoryUtil::GetApproximateMemoryUsageByType(databases, distinct, &by_type);
    *known = 0;
    for (const auto& [type, bytes] : by_type) {
      usage[type] = bytes;
      *known |= uint32_t{1} << type;
    }
    return result;
  });
}
}
