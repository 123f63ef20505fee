// org.rocksdb.Slice: the handle is a rocksdb::Slice*. Its bytes are a char[] of their own, which
// Slice.disposeInternalBuf, one of upstream's natives, deletes. Rust: slice.rs.

#include "rocksdb/slice.h"

#include <memory>

#include "classes.h"
#include "status.h"

extern "C" {

// A slice of `size` bytes, for the caller to fill at `bytes`; a NUL stands behind them.
void venice_slice_new(size_t size, rocksdb::Slice** slice, char** bytes,
                      venice_status* status) noexcept {
  venice::Guarded(status, [&] {
    std::unique_ptr<char[]> buffer(new char[size + 1]);
    buffer[size] = '\0';
    *slice = new rocksdb::Slice(buffer.get(), size);
    *bytes = buffer.release();
    return rocksdb::Status::OK();
  });
}

// Deletes a slice that Java never got to know, with its bytes.
void venice_slice_delete(rocksdb::Slice* slice) noexcept {
  delete[] slice->data();
  delete slice;
}
}
