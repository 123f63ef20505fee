// The order of keys by their bytes.

#ifndef VENICE_ENGINE_KEY_BYTES_H_
#define VENICE_ENGINE_KEY_BYTES_H_

#include <cstdint>
#include <cstring>

#include "rocksdb/slice.h"

namespace venice {

// As Slice::compare. Most keys differ in their first eight bytes, for which a call of memcmp is long.
inline int CompareBytes(const rocksdb::Slice& one, const rocksdb::Slice& other) {
  uint64_t a;
  uint64_t b;
  if (one.size() >= sizeof(a) && other.size() >= sizeof(b)) {
    std::memcpy(&a, one.data(), sizeof(a));
    std::memcpy(&b, other.data(), sizeof(b));
    if (a != b) {
      // All platforms are little-endian.
      return __builtin_bswap64(a) < __builtin_bswap64(b) ? -1 : 1;
    }
  }
  return one.compare(other);
}

}  // namespace venice

#endif  // VENICE_ENGINE_KEY_BYTES_H_
