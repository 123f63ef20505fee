// How the objects behind Java's handles end: destroyed in place, and their memory given back apart,
// so that it can be kept for a while. All are made with plain `new`, here, in db/c.cc or in
// upstream's natives. Rust: pointee.rs.

#include <memory>

#include "rocksdb/advanced_cache.h"
#include "rocksdb/env.h"
#include "rocksdb/options.h"
#include "rocksdb/rate_limiter.h"
#include "rocksdb/sst_file_manager.h"
#include "rocksdb/statistics.h"
#include "rocksdb/write_buffer_manager.h"

namespace {

template <typename Object>
void Destroy(void* object) noexcept {
  static_assert(alignof(Object) <= __STDCPP_DEFAULT_NEW_ALIGNMENT__, "plain `new` does not do");
  static_cast<Object*>(object)->~Object();
}

}  // namespace

extern "C" {

void venice_options_destroy(void* object) { Destroy<rocksdb::Options>(object); }
void venice_db_options_destroy(void* object) { Destroy<rocksdb::DBOptions>(object); }
void venice_column_family_options_destroy(void* object) {
  Destroy<rocksdb::ColumnFamilyOptions>(object);
}
void venice_env_options_destroy(void* object) { Destroy<rocksdb::EnvOptions>(object); }
void venice_flush_options_destroy(void* object) { Destroy<rocksdb::FlushOptions>(object); }
void venice_ingest_external_file_options_destroy(void* object) {
  Destroy<rocksdb::IngestExternalFileOptions>(object);
}

// Of the shared ones, only Java's reference ends; the object lives on while a database has one.
void venice_cache_destroy(void* object) { Destroy<std::shared_ptr<rocksdb::Cache>>(object); }
void venice_rate_limiter_destroy(void* object) {
  Destroy<std::shared_ptr<rocksdb::RateLimiter>>(object);
}
void venice_sst_file_manager_destroy(void* object) {
  Destroy<std::shared_ptr<rocksdb::SstFileManager>>(object);
}
void venice_statistics_destroy(void* object) {
  Destroy<std::shared_ptr<rocksdb::Statistics>>(object);
}
void venice_write_buffer_manager_destroy(void* object) {
  Destroy<std::shared_ptr<rocksdb::WriteBufferManager>>(object);
}
}
