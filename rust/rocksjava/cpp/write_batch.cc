// org.rocksdb.WriteBatch: the handle is the C++ object.

#include "natives.h"
#include "rocksdb/write_batch.h"
#include "status.h"

using venice::Guarded;
using venice::ToSlice;
using venice::TryMake;

venice_write_batch* venice_write_batch_new(uint64_t reserved_bytes) noexcept {
  return TryMake([&] { return new rocksdb::WriteBatch(static_cast<size_t>(reserved_bytes)); });
}

venice_write_batch* venice_write_batch_from(venice_slice serialized) noexcept {
  return TryMake([&] { return new rocksdb::WriteBatch(ToSlice(serialized).ToString()); });
}

void venice_write_batch_destroy(void* batch) noexcept {
  static_cast<venice_write_batch*>(batch)->~WriteBatch();
}

void venice_write_batch_put(venice_write_batch* batch, venice_column_family* family,
                            venice_slice key, venice_slice value, venice_status* status) noexcept {
  Guarded(status, [&] { return batch->Put(family, ToSlice(key), ToSlice(value)); });
}

void venice_write_batch_delete(venice_write_batch* batch, venice_column_family* family,
                               venice_slice key, venice_status* status) noexcept {
  Guarded(status, [&] { return batch->Delete(family, ToSlice(key)); });
}
