// org.rocksdb.SstFileManager: the handle is a std::shared_ptr<rocksdb::SstFileManager>*. Rust:
// sst_file_manager.rs.

#include "rocksdb/sst_file_manager.h"

#include <memory>

#include "classes.h"
#include "rocksdb/env.h"
#include "status.h"

extern "C" {

// NewSstFileManager without a trash folder, as Java never names one. `logger` may be null.
void venice_sst_file_manager_new(rocksdb::Env* env, const std::shared_ptr<rocksdb::Logger>* logger,
                                 int64_t rate_bytes_per_second, double max_trash_db_ratio,
                                 uint64_t bytes_max_delete_chunk, venice_sst_file_manager** manager,
                                 venice_status* status) noexcept {
  venice::Guarded(status, [&] {
    rocksdb::Status made;
    venice_sst_file_manager shared(rocksdb::NewSstFileManager(
        env, logger != nullptr ? *logger : nullptr, "", rate_bytes_per_second, true, &made,
        max_trash_db_ratio, bytes_max_delete_chunk));
    if (made.ok()) {
      *manager = new venice_sst_file_manager(std::move(shared));
    }
    return made;
  });
}

void venice_sst_file_manager_set_delete_rate(venice_sst_file_manager* manager,
                                             int64_t bytes_per_second) noexcept {
  (*manager)->SetDeleteRateBytesPerSecond(bytes_per_second);
}

void venice_sst_file_manager_set_max_trash_db_ratio(venice_sst_file_manager* manager,
                                                    double ratio) noexcept {
  (*manager)->SetMaxTrashDBRatio(ratio);
}
}
