// What needs the class behind rocksdb::DB, which is in no public header.

#include "db/db_impl/db_impl.h"

#include <chrono>
#include <new>

#include "monitoring/instrumented_mutex.h"
#include "shim.h"
#include "status.h"

using rocksdb::DBImpl;

namespace {

// Members of DBImpl that no method shows. An explicit instantiation may name them (C++17, [temp.spec]
// paragraph 6), and so hand on their offsets.
template <typename Tag, typename Tag::Member member>
struct Shown {
  friend typename Tag::Member Show(Tag) { return member; }
};

struct Condition {
  using Member = rocksdb::InstrumentedCondVar DBImpl::*;
  friend Member Show(Condition);
};
template struct Shown<Condition, &DBImpl::bg_cv_>;

struct Purges {
  using Member = int DBImpl::*;
  friend Member Show(Purges);
};
template struct Shown<Purges, &DBImpl::bg_purge_scheduled_>;

// Not every end of a job is signalled.
constexpr std::chrono::microseconds kLookAgain(10'000);

}  // namespace

// Every way of opening that the shim has makes a DBImpl or a class of the same alignment. What upstream's
// natives open may stand on one.

void venice_db_destroy(venice_db* db) noexcept { db->~DB(); }

void venice_db_block_free(void* block) noexcept {
  ::operator delete(block, std::align_val_t{alignof(DBImpl)});
}

venice_db* venice_root_db(venice_db* db) noexcept { return db->GetRootDB(); }

uint8_t venice_writes_are_stopped(venice_db* db) noexcept {
  return static_cast<DBImpl*>(db->GetRootDB())->write_controller().IsStopped() ? 1 : 0;
}

void venice_cancel_work(venice_db* db, uint8_t manual) noexcept {
  auto* impl = static_cast<DBImpl*>(db->GetRootDB());
  try {
    impl->CancelAllBackgroundWork(false);
    if (manual != 0) {
      // As DBImpl::CloseHelper: those that wait for a thread of the pool end, too.
      impl->DisableManualCompaction();
    }
  } catch (...) {
    // Without memory. Closing cancels what is left.
  }
}

void venice_wait_for_work(venice_db* db) noexcept {
  auto* impl = static_cast<DBImpl*>(db->GetRootDB());
  rocksdb::InstrumentedMutexLock lock(impl->mutex());
  while (impl->num_running_flushes() > 0 || impl->num_running_compactions() > 0 ||
         impl->*Show(Purges()) > 0) {
    const auto until = std::chrono::system_clock::now().time_since_epoch() + kLookAgain;
    (impl->*Show(Condition()))
        .TimedWait(std::chrono::duration_cast<std::chrono::microseconds>(until).count());
  }
}

venice_column_family* venice_new_default_column_family(venice_db* db) noexcept {
  return venice::TryMake([&]() -> venice_column_family* {
    return static_cast<DBImpl*>(db->GetRootDB())->GetColumnFamilyHandleUnlocked(0).release();
  });
}
