// What needs the class behind rocksdb::DB, which is in no public header.

#include "db/db_impl/db_impl.h"

#include <new>

#include "shim.h"
#include "status.h"

using rocksdb::DBImpl;

// Every way of opening that the shim has makes a DBImpl or a class of the same alignment.

void venice_db_destroy(venice_db* db) { db->~DB(); }

void venice_db_block_free(void* block) {
  ::operator delete(block, std::align_val_t{alignof(DBImpl)});
}

venice_column_family* venice_new_default_column_family(venice_db* db) {
  return venice::Made([&]() -> venice_column_family* {
    return static_cast<DBImpl*>(db)->GetColumnFamilyHandleUnlocked(0).release();
  });
}
