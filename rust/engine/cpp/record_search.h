// A search for the newest record of a user key in a data block, step by step, for who makes several of them side by
// side: each step fetches what the next one reads.
//
// It is that of DataBlockIter::SeekImpl and BlockIter::BinarySeek of 9.11.2 (table/block_based/block.cc), with user
// keys in the order of their bytes. A record is found only if its user key has the very bytes of the one that is
// looked for, each of them compared, and if the record before it, if there is one, has a lesser user key: so it is
// the first, and newest, of the block with that key. The key is absent if a record with a lesser user key, or none, is
// followed by one with a greater, or none. Whatever the bytes of a block are, nothing beyond it is read.

#ifndef VENICE_ENGINE_RECORD_SEARCH_H_
#define VENICE_ENGINE_RECORD_SEARCH_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "block_search.h"
#include "db/dbformat.h"
#include "prefetch.h"
#include "rocksdb/slice.h"
#include "rocksdb/table.h"
#include "table/block_based/block.h"
#include "table/block_based/data_block_hash_index.h"
#include "util/coding.h"

namespace venice {

//   search.FetchEnds();
//   search.FetchRestart();
//   while (search.FetchNext()) {}
//   if (search.outcome() == RecordSearch::kFound) ...
//
// Block and key stay where they are.
class RecordSearch {
 public:
  enum Outcome : uint8_t {
    // The search did not end, or the block is not as RocksDB writes it.
    kUnknown,
    // There is a record of the key, and this is the first of the block.
    kFound,
    // The block has none.
    kAbsent,
  };

  RecordSearch(const rocksdb::Block& block, const rocksdb::Slice& user_key)
      : block_(&block), key_(user_key) {}

  void FetchEnds() const {
    Fetch(block_->data(), kRecordBegin);
    __builtin_prefetch(block_->data() + block_->size() - 1);
  }

  // Reads the end, and fetches what a search among restart points begins with.
  void FetchRestart() {
    // What RocksDB makes of a block that it cannot read is shorter.
    const size_t size = block_->size();
    if (size < 2 * sizeof(uint32_t)) {
      return;
    }
    // Block::NumRestarts and IndexType; the rest of those with a hash index lies elsewhere.
    const size_t restarts = rocksdb::DecodeFixed32(block_->data() + size - sizeof(uint32_t));
    const bool may_have_hashes = size <= rocksdb::kMaxBlockSizeSupportedByHashIndex;
    const size_t array = (restarts + 1) * sizeof(uint32_t);
    if (restarts == 0 || array > size || (may_have_hashes && (restarts >> 31) != 0)) {
      return;
    }
    end_ = block_->data() + size - array;
    // One restart point is where the records begin: nothing has to be found out.
    right_ = restarts == 1 ? -1 : static_cast<int64_t>(restarts) - 1;
    FetchMiddle();
  }

  // Reads the beginning of a record and fetches that of the next, or the value, if the record is found. False if
  // nothing is left to read.
  __attribute__((always_inline)) bool FetchNext() {
    BlockRecord record;
    if (at_ == nullptr || at_ >= end_ || !record.Read(at_, end_)) {
      return Stop();
    }
    if (left_ != right_) {
      // As RocksDB has it; else the block is damaged.
      if (record.shared != 0 || record.rest.size() < rocksdb::kNumInternalBytes) {
        return Stop();
      }
      if (rocksdb::ExtractUserKey(record.rest).compare(key_) < 0) {
        left_ = middle_;
      } else {
        right_ = middle_ - 1;
      }
      FetchMiddle();
      return at_ != nullptr;
    }
    return Look(record);
  }

  Outcome outcome() const { return outcome_; }
  // Whether the block alone says so of its table, whose records are in order: a record with a lesser user key is before
  // the one that was found, or before the one with a greater that follows. Else other blocks may have the key.
  bool is_inside() const { return has_lesser_ && (outcome_ == kFound || has_greater_); }
  rocksdb::Slice value() const { return value_; }
  // Sequence number and type, as they stand in the block.
  uint64_t number_and_type() const { return number_and_type_; }

 private:
  // Longer values the processor fetches by itself, once they are read from the beginning.
  static constexpr size_t kMaxValue = 2048;

  bool Stop() {
    at_ = nullptr;
    return false;
  }

  // The record at the restart point in the middle of those that are left; if none is left, that from which on records
  // are looked at one by one: the last whose key is lesser, or the first of the block.
  void FetchMiddle() {
    middle_ = left_ == right_ ? std::max<int64_t>(left_, 0) : left_ + (right_ - left_ + 1) / 2;
    const uint32_t offset =
        rocksdb::DecodeFixed32(end_ + static_cast<size_t>(middle_) * sizeof(uint32_t));
    const bool is_begin = middle_ != 0 || offset == 0;
    if (offset >= static_cast<size_t>(end_ - block_->data()) || !is_begin) {
      Stop();
      return;
    }
    at_ = block_->data() + offset;
    Fetch(at_, kRecordBegin);
  }

  // Compares the next record in line with the key.
  bool Look(const BlockRecord& record) {
    // Of the internal key before; none before the first.
    const size_t shared = record.shared;
    if (shared > length_) {
      return Stop();
    }
    length_ = shared + record.rest.size();
    if (length_ < rocksdb::kNumInternalBytes) {
      return Stop();
    }
    // Else it parts from the key where the one before does, with the same byte.
    if (shared <= equal_) {
      const size_t most = std::min(record.rest.size(), key_.size() - shared);
      equal_ = shared + Common(record.rest.data(), key_.data() + shared, most);
      parts_below_ = equal_ < length_ && equal_ < key_.size() &&
                     static_cast<uint8_t>(record.rest[equal_ - shared]) <
                         static_cast<uint8_t>(key_[equal_]);
    }
    const size_t user_length = length_ - rocksdb::kNumInternalBytes;
    if (user_length == key_.size() && user_length <= equal_) {
      Find(record);
      return Stop();
    }
    // What ends before it parts is the beginning of the key.
    if (user_length > equal_ && !parts_below_) {
      has_greater_ = true;
      outcome_ = kAbsent;
      return Stop();
    }
    has_lesser_ = true;
    at_ = record.end();
    if (at_ == end_) {
      outcome_ = kAbsent;
      return Stop();
    }
    Fetch(at_, kRecordBegin);
    return true;
  }

  void Find(const BlockRecord& record) {
    if (record.rest.size() < rocksdb::kNumInternalBytes) {
      return;
    }
    outcome_ = kFound;
    value_ = record.value;
    number_and_type_ = rocksdb::ExtractInternalKeyFooter(record.rest);
    Fetch(value_.data(), std::min(value_.size(), kMaxValue));
  }

  // How many bytes are the same, from the first on.
  static size_t Common(const char* one, const char* other, size_t most) {
    size_t same = 0;
    while (same < most && one[same] == other[same]) {
      same++;
    }
    return same;
  }

  const rocksdb::Block* block_;
  rocksdb::Slice key_;
  // Null if nothing is left to read.
  const char* at_ = nullptr;
  // Where the records end, and the restart points begin.
  const char* end_ = nullptr;
  // What is left of the restart points, as in BinarySeek.
  int64_t left_ = -1;
  int64_t right_ = -1;
  int64_t middle_ = 0;
  // Of the last record that was looked at, none at first: bytes of its internal key; how many of these are as those
  // of the key, at most all of the key; and whether the byte behind these, in both, is lesser in the record.
  size_t length_ = 0;
  size_t equal_ = 0;
  bool parts_below_ = false;
  bool has_lesser_ = false;
  bool has_greater_ = false;
  Outcome outcome_ = kUnknown;
  rocksdb::Slice value_;
  uint64_t number_and_type_ = 0;
};

}  // namespace venice

#endif  // VENICE_ENGINE_RECORD_SEARCH_H_
