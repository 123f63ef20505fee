// The values of one multi-get, which Rust holds as an opaque pointer.

#ifndef VENICE_ENGINE_PINNED_BATCH_H_
#define VENICE_ENGINE_PINNED_BATCH_H_

#include <vector>

#include "rocksdb/slice.h"
#include "rocksdb/status.h"

struct venice_pinned_batch {
  explicit venice_pinned_batch(size_t count) : keys(count), values(count), statuses(count) {}
  std::vector<rocksdb::Slice> keys;
  std::vector<rocksdb::PinnableSlice> values;
  std::vector<rocksdb::Status> statuses;
};

#endif  // VENICE_ENGINE_PINNED_BATCH_H_
