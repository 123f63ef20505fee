// org.rocksdb.Env and RocksEnv: the handle is the rocksdb::Env*. Rust: env.rs, rocks_env.rs.

#include "rocksdb/env.h"

#include "classes.h"
#include "status.h"

extern "C" {

// The process's own, which nobody deletes.
rocksdb::Env* venice_env_default() noexcept { return rocksdb::Env::Default(); }

void venice_env_delete(rocksdb::Env* env) noexcept { delete env; }

// `priority` is a number of rocksdb::Env::Priority that has threads: BOTTOM, LOW or HIGH.
void venice_env_set_background_threads(rocksdb::Env* env, int number, uint8_t priority,
                                       venice_status* status) noexcept {
  venice::Guarded(status, [&] {
    env->SetBackgroundThreads(number, static_cast<rocksdb::Env::Priority>(priority));
    return rocksdb::Status::OK();
  });
}

// Lets the threads of all pools of the process's own Env end, each after the job that it is at. Does
// not wait for them.
void venice_env_end_background_threads() noexcept {
  try {
    for (const auto priority : {rocksdb::Env::BOTTOM, rocksdb::Env::LOW, rocksdb::Env::HIGH,
                                rocksdb::Env::USER}) {
      rocksdb::Env::Default()->SetBackgroundThreads(0, priority);
    }
  } catch (...) {
    // Without memory: the threads stay.
  }
}
}
