// Statuses, slices and exceptions between RocksDB and C: what every file of the shim needs.

#ifndef VENICE_ENGINE_STATUS_H_
#define VENICE_ENGINE_STATUS_H_

#include <cstring>
#include <exception>
#include <new>

#include "rocksdb/slice.h"
#include "rocksdb/status.h"
#include "shim.h"

namespace venice {

inline void Set(venice_status* out, uint8_t code, uint8_t subcode, const char* state) noexcept {
  out->code = code;
  out->subcode = subcode;
  out->state = nullptr;
  if (state != nullptr) {
    const size_t size = std::strlen(state) + 1;
    // Without memory for the text, the code alone has to do.
    out->state = new (std::nothrow) char[size];
    if (out->state != nullptr) {
      std::memcpy(out->state, state, size);
    }
  }
}

inline void Set(venice_status* out, const rocksdb::Status& status) noexcept {
  Set(out, status.code(), status.subcode(), status.getState());
}

// Turns the exception being handled into a status. Only inside a catch block.
inline void SetFromException(venice_status* out) noexcept {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    Set(out, rocksdb::Status::kAborted, rocksdb::Status::kMemoryLimit, nullptr);
  } catch (const std::exception& exception) {
    Set(out, rocksdb::Status::kAborted, rocksdb::Status::kNone, exception.what());
  } catch (...) {
    Set(out, rocksdb::Status::kAborted, rocksdb::Status::kNone, "C++ exception of unknown type");
  }
}

// Runs `body`, which returns a Status, and reports how it ended.
template <typename Body>
void Guarded(venice_status* out, Body body) noexcept {
  try {
    Set(out, body());
  } catch (...) {
    SetFromException(out);
  }
}

// Makes an object with `make`, which returns a pointer; null if it cannot be made.
template <typename Make>
auto TryMake(Make make) noexcept -> decltype(make()) {
  try {
    return make();
  } catch (...) {
    return nullptr;
  }
}

// Runs `body`, which returns nothing. 0 if it ended with an exception: RocksDB's are of missing
// memory.
template <typename Body>
uint8_t TryRun(Body body) noexcept {
  try {
    body();
    return 1;
  } catch (...) {
    return 0;
  }
}

inline rocksdb::Slice ToSlice(venice_slice slice) {
  return rocksdb::Slice(reinterpret_cast<const char*>(slice.data), slice.size);
}

// Rust takes a null pointer for no value, so a value without bytes gets another.
inline venice_slice FromSlice(const rocksdb::Slice& slice) {
  const char* data = slice.data() != nullptr ? slice.data() : "";
  return venice_slice{reinterpret_cast<const uint8_t*>(data), slice.size()};
}

}  // namespace venice

#endif  // VENICE_ENGINE_STATUS_H_
