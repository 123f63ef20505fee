// org.rocksdb.Checkpoint: the handle is the C++ object.

#include "natives.h"
#include "rocksdb/utilities/checkpoint.h"
#include "status.h"

using venice::Guarded;

void venice_checkpoint_new(venice_db* db, venice_checkpoint** checkpoint,
                           venice_status* status) noexcept {
  Guarded(status, [&] { return rocksdb::Checkpoint::Create(db, checkpoint); });
}

void venice_checkpoint_create(venice_checkpoint* checkpoint, const char* path,
                              venice_status* status) noexcept {
  Guarded(status, [&] { return checkpoint->CreateCheckpoint(path); });
}

void venice_checkpoint_destroy(void* checkpoint) noexcept {
  static_cast<venice_checkpoint*>(checkpoint)->~Checkpoint();
}
