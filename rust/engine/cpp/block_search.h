// The way of a search through a block, for who fetches ahead what it reads.
//
// It is that of DataBlockIter::SeekImpl and BlockIter::BinarySeek of 9.11.2, with keys in the order of
// their bytes. Nothing here decides an answer.

#ifndef VENICE_ENGINE_BLOCK_SEARCH_H_
#define VENICE_ENGINE_BLOCK_SEARCH_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "prefetch.h"
#include "rocksdb/slice.h"
#include "rocksdb/table.h"
#include "table/block_based/block.h"
#include "util/coding.h"

namespace venice {

// Records from one restart point to the next, unless a table's options say otherwise: a search goes
// through them one by one.
constexpr int kRecords = 16;

// A search step by step: each fetches what the next one reads. Of any key, it is known only where a
// search begins, and that it goes through all records if there is one restart point; of a given key,
// it is gone to the end.
class BlockSearch {
 public:
  BlockSearch() = default;
  // For any key.
  explicit BlockSearch(const rocksdb::Block& block) : BlockSearch(block, rocksdb::Slice()) {}
  // For a key, at whose value it ends.
  BlockSearch(const rocksdb::Block& block, const rocksdb::Slice& key)
      : block_(&block), at_(block.data()), end_(at_ + block.size()), key_(key) {}

  void FetchEnds() const {
    Fetch(at_, kRecordBegin);
    __builtin_prefetch(end_ - 1);
  }

  // Reads the end, and fetches what a search among restart points begins with.
  void FetchRestart() {
    restarts_ = block_->NumRestarts();
    if (restarts_ <= 1) {
      return;
    }
    // With a hash index behind them, they lie elsewhere.
    if (block_->IndexType() != rocksdb::BlockBasedTableOptions::kDataBlockBinarySearch ||
        (restarts_ + 1) * sizeof(uint32_t) > block_->size()) {
      at_ = end_;
      return;
    }
    right_ = static_cast<int64_t>(restarts_) - 1;
    FetchMiddle();
    if (key_.empty()) {
      at_ = end_;
    }
  }

  // Reads the beginning of a record and fetches that of the next, or the value, if the record is not
  // below the key. False if nothing is left to read.
  bool FetchNext() {
    if (at_ == end_) {
      return false;
    }
    uint32_t shared = 0;
    uint32_t rest_of_key = 0;
    uint32_t value = 0;
    // block.cc, DecodeEntry.
    const char* key = rocksdb::GetVarint32Ptr(at_, end_, &shared);
    key = key == nullptr ? key : rocksdb::GetVarint32Ptr(key, end_, &rest_of_key);
    key = key == nullptr ? key : rocksdb::GetVarint32Ptr(key, end_, &value);
    const uint64_t size = uint64_t{rest_of_key} + value;
    if (key == nullptr || size >= static_cast<size_t>(end_ - key)) {
      at_ = end_;
      return false;
    }
    if (left_ != right_) {
      equal_ = 0;
      if (IsBelow(0, rocksdb::Slice(key, rest_of_key))) {
        left_ = middle_;
      } else {
        right_ = middle_ - 1;
      }
      equal_ = 0;
      FetchMiddle();
      return at_ != end_;
    }
    if (!key_.empty() && !IsBelow(shared, rocksdb::Slice(key, rest_of_key))) {
      Fetch(key + rest_of_key, std::min<size_t>(value, kMaxValue));
      at_ = end_;
      return false;
    }
    if (key_.empty() && value < kMinValue) {
      at_ = end_;
      return false;
    }
    at_ = key + size;
    Fetch(at_, kRecordBegin);
    return true;
  }

 private:
  // Behind a shorter value the next record is so close that the processor fetches it by itself.
  static constexpr uint32_t kMinValue = 4 * kLine;
  // Longer values the processor fetches by itself, once they are read from the beginning.
  static constexpr size_t kMaxValue = 2048;
  // The lengths of a record's parts, and a key.
  static constexpr size_t kRecordBegin = 48;

  // The record at the restart point in the middle of those that are left; if that is one, its own.
  void FetchMiddle() {
    middle_ = left_ == right_ ? std::max<int64_t>(left_, 0) : left_ + (right_ - left_ + 1) / 2;
    const size_t back = (restarts_ - static_cast<size_t>(middle_) + 1) * sizeof(uint32_t);
    const uint32_t offset = rocksdb::DecodeFixed32(end_ - back);
    at_ = offset < block_->size() ? block_->data() + offset : end_;
    Fetch(at_, kRecordBegin);
  }

  // Whether a record's key, of which `shared` bytes are as those of the record before, is below the
  // key, as bytes. The record before was.
  bool IsBelow(uint32_t shared, const rocksdb::Slice& rest) {
    if (shared != equal_) {
      // It parts from the record before where that was equal to the key, or behind where it was below.
      return shared > equal_;
    }
    const size_t most = std::min(rest.size(), key_.size() - equal_);
    size_t same = 0;
    while (same < most && rest[same] == key_[equal_ + same]) {
      same++;
    }
    equal_ += static_cast<uint32_t>(same);
    if (same == most) {
      return rest.size() == same && equal_ < key_.size();
    }
    return static_cast<uint8_t>(rest[same]) < static_cast<uint8_t>(key_[equal_]);
  }

  const rocksdb::Block* block_ = nullptr;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  rocksdb::Slice key_;
  // Bytes of the key that the last record's has, too.
  uint32_t equal_ = 0;
  size_t restarts_ = 0;
  // What is left of the restart points, as in Block's BinarySeek.
  int64_t left_ = -1;
  int64_t right_ = -1;
  int64_t middle_ = 0;
};

}  // namespace venice

#endif  // VENICE_ENGINE_BLOCK_SEARCH_H_
