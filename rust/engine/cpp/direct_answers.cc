#include "direct_answers.h"

#include "db/column_family.h"
#include "db/db_impl/db_impl.h"
#include "rocksdb/advanced_cache.h"
#include "rocksdb/comparator.h"

uint8_t venice_may_answer(venice_db* db) noexcept {
  try {
    const auto* family = static_cast<rocksdb::ColumnFamilyHandleImpl*>(db->DefaultColumnFamily());
    const rocksdb::ImmutableOptions& options = family->cfd()->ioptions();
    const bool own = options.user_comparator == rocksdb::BytewiseComparator() &&
                     options.user_comparator->timestamp_size() == 0 && options.stats == nullptr &&
                     options.row_cache == nullptr && !options.two_write_queues &&
                     !options.allow_2pc;
    return own ? 1 : 0;
  } catch (...) {
    return 0;
  }
}

void venice_holds_release(venice_holds* holds) noexcept {
  for (size_t i = 0; i < holds->count; i++) {
    const venice_hold& hold = holds->all[i];
    if (hold.kind == venice::kHoldsBlock) {
      static_cast<rocksdb::Cache*>(hold.owner)
          ->Release(static_cast<rocksdb::Cache::Handle*>(hold.held));
    } else {
      static_cast<rocksdb::DBImpl*>(hold.owner)
          ->CleanupSuperVersion(static_cast<rocksdb::SuperVersion*>(hold.held));
    }
  }
  holds->count = 0;
}
