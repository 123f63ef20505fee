#include "block_locator.h"

#include <algorithm>
#include <cstring>

#include "port/port.h"
#include "table/format.h"

using rocksdb::Block;
using rocksdb::BlockBasedTable;
using rocksdb::BlockHandle;
using rocksdb::Cache;
using rocksdb::CacheKey;
using rocksdb::Slice;

namespace venice {
namespace {

constexpr size_t kLeastChunk = 64;
// Of an index with more entries none is made: of 64 GiB in blocks of 16 KiB. Its chunks would be of 2,048.
constexpr int64_t kMostEntries = int64_t{1} << 22;
// Searches without one, for which the first is made; it takes about as long as they do.
constexpr uint8_t kSearches = 16;
// Tables whose searches are counted, by their cache keys; those with the same count share it.
constexpr size_t kCounts = 1 << 8;

// The eight bytes from `at` on, with zeros behind the end of the key: never greater for a lesser key.
uint64_t Prefix(const Slice& key, size_t at) {
  const size_t left = key.size() - at;
  uint64_t bytes = 0;
  if (left >= sizeof(bytes)) {
    std::memcpy(&bytes, key.data() + at, sizeof(bytes));
    return rocksdb::port::kLittleEndian ? __builtin_bswap64(bytes) : bytes;
  }
  for (size_t i = 0; i < left; i++) {
    bytes |= uint64_t{static_cast<uint8_t>(key[at + i])} << (56 - 8 * i);
  }
  return bytes;
}

// How many of some numbers in order are less, without a branch that depends on them.
size_t Below(const uint64_t* numbers, size_t count, uint64_t number) {
  const uint64_t* first = numbers;
  while (count > 1) {
    const size_t half = count / 2;
    first += first[half - 1] < number ? half : 0;
    count -= half;
  }
  return static_cast<size_t>(first - numbers) + (count == 1 && *first < number ? 1 : 0);
}

// How a key is to all that begin with the first `common` bytes of another: below (-1), behind (1), or one of them.
int OrderOf(const Slice& key, const char* other, size_t common) {
  if (common == 0) {
    return 0;
  }
  const int order = std::memcmp(key.data(), other, std::min(key.size(), common));
  if (order != 0) {
    return order < 0 ? -1 : 1;
  }
  return key.size() < common ? -1 : 0;
}

void Delete(Cache::ObjectPtr object, rocksdb::MemoryAllocator*) {
  delete static_cast<BlockLocator*>(object);
}

const Cache::CacheItemHelper* Helper() {
  static const auto* const helper =
      new Cache::CacheItemHelper(rocksdb::CacheEntryRole::kMisc, &Delete);
  return helper;
}

// No block begins within the index block.
CacheKey KeyOf(const BlockBasedTable::Rep& table) {
  const BlockHandle& index = table.index_handle;
  return BlockBasedTable::GetCacheKey(table.base_cache_key,
                                      BlockHandle(index.offset() + sizeof(uint64_t), 0));
}

}  // namespace

BlockLocator::BlockLocator(const Block& index, IndexEntries::Encoding encoding) {
  const IndexEntries entries(index, encoding);
  BlockHandle block;
  if (entries.count() <= 0 || entries.count() > kMostEntries ||
      !entries.Handle(0, entries.At(0), &block)) {
    return;
  }
  const auto count = static_cast<size_t>(entries.count());
  size_t chunk_size = kLeastChunk;
  while (chunk_size * chunk_size < count) {
    chunk_size *= 2;
  }
  const size_t chunks = (count + chunk_size - 1) / chunk_size;
  ends_.reserve(chunks);
  for (size_t last = chunk_size - 1; ends_.size() < chunks; last += chunk_size) {
    const Slice key = entries.At(static_cast<int64_t>(std::min(last, count - 1))).key;
    if (key.data() == nullptr || lasts_.size() + key.size() > UINT32_MAX) {
      return;
    }
    lasts_.append(key.data(), key.size());
    ends_.push_back(static_cast<uint32_t>(lasts_.size()));
  }
  common_ = LastOf(0).difference_offset(LastOf(chunks - 1));
  prefixes_.reserve(chunks);
  for (size_t i = 0; i < chunks; i++) {
    if (OrderOf(LastOf(i), lasts_.data(), common_) != 0 ||
        (i > 0 && LastOf(i - 1).compare(LastOf(i)) > 0)) {
      prefixes_.clear();
      return;
    }
    prefixes_.push_back(Prefix(LastOf(i), common_));
  }
  chunks_ = std::make_unique<std::atomic<Chunk*>[]>(chunks);
  chunk_size_ = chunk_size;
  count_ = count;
}

BlockLocator::~BlockLocator() {
  for (size_t i = 0; chunks_ != nullptr && i < prefixes_.size(); i++) {
    delete chunks_[i].load(std::memory_order_acquire);
  }
}

bool BlockLocator::Find(const Slice& user_key, Place* place) const {
  if (count_ == 0) {
    return false;
  }
  const int order = OrderOf(user_key, lasts_.data(), common_);
  size_t at = 0;
  if (order > 0) {
    return false;
  }
  if (order == 0) {
    const uint64_t prefix = Prefix(user_key, common_);
    at = Below(prefixes_.data(), prefixes_.size(), prefix);
    if (at < prefixes_.size() && prefixes_[at] == prefix) {
      // Those with the same eight bytes are told apart by all of them.
      size_t end = at + 1;
      while (end < prefixes_.size() && prefixes_[end] == prefix) {
        end++;
      }
      while (at < end) {
        const size_t middle = at + (end - at) / 2;
        if (LastOf(middle).compare(user_key) < 0) {
          at = middle + 1;
        } else {
          end = middle;
        }
      }
    }
    if (at == prefixes_.size()) {
      return false;
    }
  }
  const Chunk* chunk = chunks_[at].load(std::memory_order_acquire);
  if (chunk == nullptr) {
    place->missing = is_broken_.load(std::memory_order_relaxed) ? kNone : at;
    return false;
  }
  const size_t count = SizeOf(at);
  const int order_in_chunk = OrderOf(user_key, LastOf(at).data(), chunk->common);
  size_t number = 0;
  if (order_in_chunk > 0) {
    return false;
  }
  if (order_in_chunk == 0) {
    const uint64_t prefix = Prefix(user_key, chunk->common);
    number = Below(chunk->prefixes.get(), count, prefix);
    // Of two with the same eight bytes it cannot be told which; of one, it is most likely this.
    if (number == count ||
        (number + 1 < count && chunk->prefixes[number] == prefix &&
         chunk->prefixes[number + 1] == prefix)) {
      return false;
    }
  }
  place->offset = chunk->begin + chunk->offsets[number];
  place->entry = static_cast<int64_t>(at * chunk_size_ + number);
  return true;
}

void BlockLocator::MakeChunk(size_t number, const Block& index, IndexEntries::Encoding encoding) {
  const IndexEntries entries(index, encoding);
  if (number >= prefixes_.size() || entries.count() != static_cast<int64_t>(count_) ||
      chunks_[number].load(std::memory_order_acquire) != nullptr) {
    return;
  }
  const auto first = static_cast<int64_t>(number * chunk_size_);
  const size_t count = SizeOf(number);
  auto chunk = std::make_unique<Chunk>();
  chunk->prefixes = std::make_unique<uint64_t[]>(count);
  chunk->offsets = std::make_unique<uint32_t[]>(count);
  const Slice last = LastOf(number);
  for (size_t i = 0; i < count; i++) {
    const IndexEntries::Entry entry = entries.At(first + static_cast<int64_t>(i));
    BlockHandle block;
    if (entry.key.data() == nullptr ||
        !entries.Handle(first + static_cast<int64_t>(i), entry, &block)) {
      is_broken_.store(true, std::memory_order_relaxed);
      return;
    }
    if (i == 0) {
      chunk->common = entry.key.difference_offset(last);
      chunk->begin = block.offset();
    }
    const uint64_t prefix = OrderOf(entry.key, last.data(), chunk->common) == 0
                                ? Prefix(entry.key, chunk->common)
                                : 0;
    // What is not in order is left to who reads all of it.
    if ((i > 0 && prefix < chunk->prefixes[i - 1]) || block.offset() < chunk->begin ||
        block.offset() - chunk->begin > UINT32_MAX) {
      is_broken_.store(true, std::memory_order_relaxed);
      return;
    }
    chunk->prefixes[i] = prefix;
    chunk->offsets[i] = static_cast<uint32_t>(block.offset() - chunk->begin);
  }
  Chunk* none = nullptr;
  if (chunks_[number].compare_exchange_strong(none, chunk.get(), std::memory_order_acq_rel)) {
    chunk.release();
  }
}

size_t BlockLocator::Charge() const {
  const size_t of_chunk = sizeof(Chunk) + sizeof(Chunk*) + sizeof(uint64_t) + sizeof(uint32_t);
  return sizeof(*this) + lasts_.size() + prefixes_.size() * of_chunk +
         count_ * (sizeof(uint64_t) + sizeof(uint32_t));
}

Cache::Handle* BlockLocator::LookUp(Cache* cache, const BlockBasedTable::Rep& table) {
  return cache->Lookup(KeyOf(table).AsSlice());
}

bool BlockLocator::IsOne(const Cache::CacheItemHelper* helper) { return helper == Helper(); }

void BlockLocator::Consider(Cache* cache, const BlockBasedTable::Rep& table, const Block& index,
                            IndexEntries::Encoding encoding) {
  static thread_local uint8_t searches[kCounts];
  const CacheKey key = KeyOf(table);
  const Slice bytes = key.AsSlice();
  uint64_t words[2];
  static_assert(sizeof(CacheKey) == sizeof(words), "a key of other words");
  std::memcpy(words, bytes.data(), sizeof(words));
  // The words are random already, but for the file's number.
  uint8_t& count = searches[((words[0] ^ words[1]) * 0x9E3779B97F4A7C15) >> 56];
  if (++count < kSearches) {
    return;
  }
  count = 0;
  auto locator = std::make_unique<BlockLocator>(index, encoding);
  const auto priority = table.table_options.cache_index_and_filter_blocks_with_high_priority
                            ? Cache::Priority::HIGH
                            : Cache::Priority::LOW;
  if (cache->Insert(bytes, locator.get(), Helper(), locator->Charge(), nullptr, priority).ok()) {
    locator.release();
  }
}

size_t BlockLocator::SizeOf(size_t chunk) const {
  return std::min(chunk_size_, count_ - chunk * chunk_size_);
}

Slice BlockLocator::LastOf(size_t chunk) const {
  const size_t begin = chunk == 0 ? 0 : ends_[chunk - 1];
  return Slice(lasts_.data() + begin, ends_[chunk] - begin);
}

}  // namespace venice
