// A search through an index block, step by step, for who makes several of them side by side.
//
// It is that of IndexBlockIter::SeekImpl of 9.11.2, with keys in the order of their bytes and restart
// points at all keys, as RocksDB writes them unless it is told otherwise; of an index that is not so nothing is found.
// What is found is the first block that ends with the key or behind it: the entry before it was compared, and ends
// before the key, so no block before it has a record of the key. Whatever the bytes of an index are, nothing beyond it
// is read.

#ifndef VENICE_ENGINE_INDEX_SEARCH_H_
#define VENICE_ENGINE_INDEX_SEARCH_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "db/dbformat.h"
#include "prefetch.h"
#include "rocksdb/slice.h"
#include "table/block_based/block.h"
#include "table/format.h"
#include "util/coding.h"

namespace venice {

// The entries of an index block, by their numbers.
class IndexEntries {
 public:
  // How a table encodes its index.
  struct Encoding {
    // Keys have sequence numbers behind them.
    bool key_includes_seq;
    // Lengths of values stand in front of keys.
    bool value_is_full;
  };

  struct Entry {
    // As bytes of the user; null if the entry is damaged.
    rocksdb::Slice key = rocksdb::Slice(nullptr, 0);
    // The handle, and what is behind it.
    rocksdb::Slice value;
  };

  IndexEntries(const rocksdb::Block& block, Encoding encoding)
      : data_(block.data()), encoding_(encoding) {
    const size_t restarts = block.NumRestarts();
    const size_t array = (restarts + 1) * sizeof(uint32_t);
    if (array <= block.size()) {
      end_ = data_ + block.size() - array;
      count_ = static_cast<int64_t>(restarts);
    }
  }

  // How many there are, if restart points are at all of them.
  int64_t count() const { return count_; }

  // block.cc, DecodeEntry and DecodeKeyV4.
  Entry At(int64_t number) const {
    Entry entry;
    const size_t offset = Offset(number);
    if (offset >= static_cast<size_t>(end_ - data_)) {
      return entry;
    }
    uint32_t shared = 0;
    uint32_t size = 0;
    uint32_t value = 0;
    const char* key = rocksdb::GetVarint32Ptr(data_ + offset, end_, &shared);
    key = key == nullptr ? key : rocksdb::GetVarint32Ptr(key, end_, &size);
    if (key != nullptr && encoding_.value_is_full) {
      key = rocksdb::GetVarint32Ptr(key, end_, &value);
    }
    const uint32_t behind_key = encoding_.key_includes_seq ? rocksdb::kNumInternalBytes : 0;
    if (key == nullptr || shared != 0 || size > static_cast<size_t>(end_ - key) || size < behind_key) {
      return entry;
    }
    entry.key = rocksdb::Slice(key, size - behind_key);
    entry.value = rocksdb::Slice(key + size, static_cast<size_t>(end_ - key) - size);
    return entry;
  }

  // The handle of an entry. False if it is damaged, or if anything lies between it and the next restart point.
  bool Handle(int64_t number, const Entry& entry, rocksdb::BlockHandle* handle) const {
    rocksdb::Slice value = entry.value;
    const size_t behind = number + 1 < count_ ? Offset(number + 1) : end_ - data_;
    return handle->DecodeFrom(&value).ok() && value.data() == data_ + behind;
  }

  // Where the offset of an entry stands.
  const char* OffsetAt(int64_t number) const {
    return end_ + number * static_cast<int64_t>(sizeof(uint32_t));
  }
  size_t Offset(int64_t number) const { return rocksdb::DecodeFixed32(OffsetAt(number)); }
  const char* data() const { return data_; }

 private:
  const char* data_;
  // Where the restart points begin.
  const char* end_ = nullptr;
  int64_t count_ = 0;
  Encoding encoding_;
};

// Each step reads what the one before has fetched:
//
//   do { FetchOffset(); FetchKey(); } while (Compare());
//   Find(&handle);
class IndexSearch {
 public:
  IndexSearch(const rocksdb::Block& block, IndexEntries::Encoding encoding,
              const rocksdb::Slice& user_key)
      : entries_(block, encoding), key_(user_key), right_(entries_.count() - 1) {}

  // Of the key in the middle of those that are left.
  void FetchOffset() {
    middle_ = left_ + (right_ - left_ + 1) / 2;
    __builtin_prefetch(entries_.OffsetAt(middle_));
  }

  void FetchKey() const {
    if (left_ != right_) {
      __builtin_prefetch(entries_.data() + entries_.Offset(middle_));
    }
  }

  // False once it has ended.
  bool Compare() {
    if (left_ == right_) {
      return false;
    }
    const IndexEntries::Entry entry = entries_.At(middle_);
    if (entry.key.data() == nullptr) {
      is_damaged_ = true;
      right_ = left_;
      return false;
    }
    if (entry.key.compare(key_) < 0) {
      left_ = middle_;
    } else {
      right_ = middle_ - 1;
    }
    return left_ != right_;
  }

  // The block that may have the key: the first one that does not end before it.
  bool Find(rocksdb::BlockHandle* handle) const {
    const int64_t found = left_ + 1;
    if (left_ != right_ || is_damaged_ || found >= entries_.count()) {
      return false;
    }
    if (left_ < 0 && entries_.Offset(found) != 0) {
      return false;
    }
    if (left_ >= 0) {
      rocksdb::BlockHandle skipped;
      if (!entries_.Handle(left_, entries_.At(left_), &skipped)) {
        return false;
      }
    }
    rocksdb::Slice value = entries_.At(found).value;
    return handle->DecodeFrom(&value).ok();
  }

  // Whether the search would end at this entry, and the entry's block begins at `offset`: what somebody else found.
  bool EndsAt(int64_t number, uint64_t offset) {
    if (number < 0 || number >= entries_.count()) {
      return false;
    }
    const rocksdb::Slice key = entries_.At(number).key;
    const rocksdb::Slice before = number == 0 ? key : entries_.At(number - 1).key;
    if (key.data() == nullptr || before.data() == nullptr || key.compare(key_) < 0 ||
        (number > 0 && before.compare(key_) >= 0)) {
      return false;
    }
    left_ = right_ = number - 1;
    rocksdb::BlockHandle handle;
    return Find(&handle) && handle.offset() == offset;
  }

 private:
  IndexEntries entries_;
  rocksdb::Slice key_;
  bool is_damaged_ = false;
  // What is left of the restart points, as in Block's BinarySeek.
  int64_t left_ = -1;
  int64_t right_;
  int64_t middle_ = -1;
};

}  // namespace venice

#endif  // VENICE_ENGINE_INDEX_SEARCH_H_
