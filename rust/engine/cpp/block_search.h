// A record of a block, and the way of a search for any key, for who fetches ahead what it reads. That for a given
// key is in record_search.h.

#ifndef VENICE_ENGINE_BLOCK_SEARCH_H_
#define VENICE_ENGINE_BLOCK_SEARCH_H_

#include <cstddef>
#include <cstdint>

#include "prefetch.h"
#include "rocksdb/slice.h"
#include "rocksdb/table.h"
#include "table/block_based/block.h"
#include "util/coding.h"

namespace venice {

// Records from one restart point to the next, unless a table's options say otherwise: a search goes
// through them one by one.
constexpr int kRecords = 16;
// The lengths of a record's parts, and a key.
constexpr size_t kRecordBegin = 48;

// A record as it lies in a block.
struct BlockRecord {
  // Bytes of its key that are as those of the key before.
  uint32_t shared = 0;
  // The rest of its key.
  rocksdb::Slice rest;
  rocksdb::Slice value;

  // Reads the one at `at`: block.cc, CheckAndDecodeEntry. False if it does not end before `end`.
  __attribute__((always_inline)) bool Read(const char* at, const char* end) {
    uint32_t rest_size = 0;
    uint32_t value_size = 0;
    const auto byte = [&](size_t number) { return static_cast<uint8_t>(at[number]); };
    const char* key = nullptr;
    if (end - at >= 4 && (byte(0) | byte(1) | byte(3)) < 0x80) {
      // Nearly all: keys below 128 bytes, values below 16 KiB.
      shared = byte(0);
      rest_size = byte(1);
      const bool is_short = byte(2) < 0x80;
      value_size = is_short ? byte(2) : (byte(2) & 0x7f) | uint32_t{byte(3)} << 7;
      key = at + (is_short ? 3 : 4);
    } else {
      key = rocksdb::GetVarint32Ptr(at, end, &shared);
      key = key == nullptr ? key : rocksdb::GetVarint32Ptr(key, end, &rest_size);
      key = key == nullptr ? key : rocksdb::GetVarint32Ptr(key, end, &value_size);
    }
    if (key == nullptr || uint64_t{rest_size} + value_size > static_cast<size_t>(end - key)) {
      return false;
    }
    rest = rocksdb::Slice(key, rest_size);
    value = rocksdb::Slice(key + rest_size, value_size);
    return true;
  }
  const char* end() const { return value.data() + value.size(); }
};

// A search step by step: each fetches what the next one reads. It is that of DataBlockIter::SeekImpl and
// BlockIter::BinarySeek of 9.11.2. Of any key, it is known only where a search begins, and that it goes through all
// records if there is one restart point. It decides no answer.
class BlockSearch {
 public:
  BlockSearch() = default;
  explicit BlockSearch(const rocksdb::Block& block)
      : block_(&block), at_(block.data()), end_(at_ + block.size()) {}

  void FetchEnds() const {
    Fetch(at_, kRecordBegin);
    __builtin_prefetch(end_ - 1);
  }

  // Reads the end, and fetches what a search among restart points begins with.
  void FetchRestart() {
    const size_t restarts = block_->NumRestarts();
    if (restarts <= 1) {
      return;
    }
    at_ = end_;
    // With a hash index behind them, they lie elsewhere.
    if (block_->IndexType() != rocksdb::BlockBasedTableOptions::kDataBlockBinarySearch ||
        (restarts + 1) * sizeof(uint32_t) > block_->size()) {
      return;
    }
    const size_t back = (restarts - (restarts - 1) / 2 + 1) * sizeof(uint32_t);
    const uint32_t offset = rocksdb::DecodeFixed32(end_ - back);
    if (offset < block_->size()) {
      Fetch(block_->data() + offset, kRecordBegin);
    }
  }

  // Reads the beginning of a record and fetches that of the next. False if nothing is left to read.
  bool FetchNext() {
    BlockRecord record;
    if (at_ == end_ || !record.Read(at_, end_) || record.value.size() < kMinValue) {
      at_ = end_;
      return false;
    }
    at_ = record.end();
    Fetch(at_, kRecordBegin);
    return true;
  }

 private:
  // Behind a shorter value the next record is so close that the processor fetches it by itself.
  static constexpr uint32_t kMinValue = 4 * kLine;

  const rocksdb::Block* block_ = nullptr;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
};

}  // namespace venice

#endif  // VENICE_ENGINE_BLOCK_SEARCH_H_
