// org.rocksdb.RocksIterator: the handle is the C++ object.

#include "natives.h"
#include "rocksdb/iterator.h"
#include "rocksdb/utilities/write_batch_with_index.h"
#include "status.h"

using venice::FromSlice;
using venice::ToSlice;
using venice::TryMake;
using venice::TryRun;

uint8_t venice_iterator_valid(const venice_iterator* iterator) noexcept {
  return iterator->Valid() ? 1 : 0;
}

uint8_t venice_iterator_seek_to_first(venice_iterator* iterator) noexcept {
  return TryRun([&] { iterator->SeekToFirst(); });
}

uint8_t venice_iterator_seek_to_last(venice_iterator* iterator) noexcept {
  return TryRun([&] { iterator->SeekToLast(); });
}

uint8_t venice_iterator_seek(venice_iterator* iterator, venice_slice target) noexcept {
  return TryRun([&] { iterator->Seek(ToSlice(target)); });
}

uint8_t venice_iterator_next(venice_iterator* iterator) noexcept {
  return iterator->Valid() ? TryRun([&] { iterator->Next(); }) : 0;
}

uint8_t venice_iterator_prev(venice_iterator* iterator) noexcept {
  return iterator->Valid() ? TryRun([&] { iterator->Prev(); }) : 0;
}

venice_slice venice_iterator_key(const venice_iterator* iterator) noexcept {
  try {
    return iterator->Valid() ? FromSlice(iterator->key()) : venice_slice{nullptr, 0};
  } catch (...) {
    return venice_slice{nullptr, 0};
  }
}

venice_slice venice_iterator_value(const venice_iterator* iterator) noexcept {
  try {
    return iterator->Valid() ? FromSlice(iterator->value()) : venice_slice{nullptr, 0};
  } catch (...) {
    return venice_slice{nullptr, 0};
  }
}

void venice_iterator_destroy(void* iterator) noexcept {
  static_cast<venice_iterator*>(iterator)->~Iterator();
}

venice_iterator* venice_iterator_over(venice_write_batch_with_index* batch,
                                      venice_column_family* family, venice_iterator* base,
                                      const venice_read_options* options) noexcept {
  return TryMake([&] { return batch->NewIteratorWithBase(family, base, options); });
}
