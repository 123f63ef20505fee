// org.rocksdb.Env and RocksEnv: the handle is the rocksdb::Env*. Rust: env.rs, rocks_env.rs.

#include "rocksdb/env.h"

#include "status.h"

extern "C" {

// The process's own, which nobody deletes.
rocksdb::Env* venice_env_default() { return rocksdb::Env::Default(); }

void venice_env_delete(rocksdb::Env* env) { delete env; }

// `priority` is a number of rocksdb::Env::Priority that has threads: BOTTOM, LOW or HIGH.
void venice_env_set_background_threads(rocksdb::Env* env, int number, uint8_t priority,
                                       venice_status* status) {
  venice::Guarded(status, [&] {
    env->SetBackgroundThreads(number, static_cast<rocksdb::Env::Priority>(priority));
    return rocksdb::Status::OK();
  });
}
}
