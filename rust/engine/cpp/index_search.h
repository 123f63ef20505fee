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

// Each step reads what the one before has fetched:
//
//   do { FetchOffset(); FetchKey(); } while (Compare());
//   Find(&handle);
class IndexSearch {
 public:
  // How a table encodes its index.
  struct Encoding {
    // Keys have sequence numbers behind them.
    bool key_includes_seq;
    // Lengths of values stand in front of keys.
    bool value_is_full;
  };

  IndexSearch(const rocksdb::Block& block, Encoding encoding, const rocksdb::Slice& user_key)
      : data_(block.data()), key_(user_key), encoding_(encoding) {
    const size_t restarts = block.NumRestarts();
    const size_t array = (restarts + 1) * sizeof(uint32_t);
    if (array <= block.size()) {
      end_ = data_ + block.size() - array;
      restarts_ = static_cast<int64_t>(restarts);
      right_ = restarts_ - 1;
    }
  }

  // Of the key in the middle of those that are left.
  void FetchOffset() {
    middle_ = left_ + (right_ - left_ + 1) / 2;
    __builtin_prefetch(OffsetAt(middle_));
  }

  void FetchKey() const {
    if (left_ != right_) {
      __builtin_prefetch(data_ + Offset(middle_));
    }
  }

  // False once it has ended.
  bool Compare() {
    if (left_ == right_) {
      return false;
    }
    const Entry entry = EntryAt(middle_);
    if (entry.key.data() == nullptr) {
      // Damaged.
      restarts_ = 0;
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
    if (left_ != right_ || found >= restarts_) {
      return false;
    }
    rocksdb::Slice value = EntryAt(found).value;
    if (left_ < 0 && Offset(found) != 0) {
      return false;
    }
    if (left_ >= 0) {
      // Between two restart points nothing lies.
      rocksdb::Slice before = EntryAt(left_).value;
      rocksdb::BlockHandle skipped;
      if (!skipped.DecodeFrom(&before).ok() || before.data() != data_ + Offset(found)) {
        return false;
      }
    }
    return handle->DecodeFrom(&value).ok();
  }

 private:
  struct Entry {
    // As bytes of the user.
    rocksdb::Slice key = rocksdb::Slice(nullptr, 0);
    // The handle, and what is behind it.
    rocksdb::Slice value;
  };

  // block.cc, DecodeEntry and DecodeKeyV4.
  Entry EntryAt(int64_t restart) const {
    Entry entry;
    const size_t offset = Offset(restart);
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

  const char* OffsetAt(int64_t restart) const {
    return end_ + restart * static_cast<int64_t>(sizeof(uint32_t));
  }
  size_t Offset(int64_t restart) const { return rocksdb::DecodeFixed32(OffsetAt(restart)); }

  const char* data_ = nullptr;
  // Where the restart points begin.
  const char* end_ = nullptr;
  rocksdb::Slice key_;
  Encoding encoding_{};
  int64_t restarts_ = 0;
  // What is left of the restart points, as in Block's BinarySeek.
  int64_t left_ = -1;
  int64_t right_ = -1;
  int64_t middle_ = -1;
};

}  // namespace venice

#endif  // VENICE_ENGINE_INDEX_SEARCH_H_
