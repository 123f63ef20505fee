// Tells in which block of a table a key may be: what the table's index block says, in a form that is searched in a few
// dozen instructions.
//
// A search through an index block decodes and compares some twelve keys, each on lines of its own. Here each entry is
// eight bytes: those that its key has behind what all keys of its chunk begin with, as a number. Chunks are made when
// they are first asked for, so that nobody pays for a whole index: one of n entries has chunks of about sqrt(n).
// Sixteen bytes for a block at most, some 0.1 % of blocks of 16 KiB.
//
// It lives in the block cache, beside the index block, under a key of its own: charged there, evicted like it, and
// bounded by its capacity.
//
// What it says is a hint. Who finds the record by it proves elsewhere that it is the first of the table with its key
// (direct_answers.h): an answer does not depend on what is here.

#ifndef VENICE_ENGINE_BLOCK_LOCATOR_H_
#define VENICE_ENGINE_BLOCK_LOCATOR_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "index_search.h"
#include "rocksdb/advanced_cache.h"
#include "rocksdb/slice.h"
#include "table/block_based/block.h"
#include "table/block_based/block_based_table_reader.h"

namespace venice {

class BlockLocator {
 public:
  struct Place {
    // Where the block begins in the file.
    uint64_t offset = 0;
    // Its entry in the index.
    int64_t entry = 0;
    // The chunk that has to be made for this to be told, or kNone.
    size_t missing = kNone;
  };
  static constexpr size_t kNone = SIZE_MAX;

  // Of an index that cannot be told so, one that knows nothing.
  BlockLocator(const rocksdb::Block& index, IndexEntries::Encoding encoding);
  BlockLocator(const BlockLocator&) = delete;
  BlockLocator& operator=(const BlockLocator&) = delete;
  ~BlockLocator();

  // The block that may have the key. False if it is not known here.
  bool Find(const rocksdb::Slice& user_key, Place* place) const;

  // Makes a chunk, from the index block of the same table. Others may do so at the same time.
  void MakeChunk(size_t number, const rocksdb::Block& index, IndexEntries::Encoding encoding);

  // Bytes of it with all chunks.
  size_t Charge() const;

  // That of a table in its block cache, for the caller to release. Null if it is not there.
  static rocksdb::Cache::Handle* LookUp(rocksdb::Cache* cache,
                                        const rocksdb::BlockBasedTable::Rep& table);
  // Null if the handle is of something else.
  static BlockLocator* Of(rocksdb::Cache* cache, rocksdb::Cache::Handle* handle) {
    return IsOne(cache->GetCacheItemHelper(handle))
               ? static_cast<BlockLocator*>(cache->Value(handle))
               : nullptr;
  }
  // Whether what a cache has with this helper is a locator.
  static bool IsOne(const rocksdb::Cache::CacheItemHelper* helper);
  // Called for each search that was made without one: once in a while, by what searches cost, makes one of the index
  // and puts it into the cache, if that has room.
  static void Consider(rocksdb::Cache* cache, const rocksdb::BlockBasedTable::Rep& table,
                       const rocksdb::Block& index, IndexEntries::Encoding encoding);

 private:
  friend class LocatorsInTests;

  // Of its entries: how many bytes all keys begin with, the eight behind them, and where their blocks begin in the
  // file, counted from the first.
  struct Chunk {
    size_t common;
    uint64_t begin;
    std::unique_ptr<uint64_t[]> prefixes;
    std::unique_ptr<uint32_t[]> offsets;
  };

  size_t SizeOf(size_t chunk) const;
  rocksdb::Slice LastOf(size_t chunk) const;

  size_t count_ = 0;
  // Entries of a chunk; the last may have fewer.
  size_t chunk_size_ = 1;
  // Of the last keys of chunks: how many bytes all begin with, the eight behind them, and all of them, one behind the
  // other, and where each ends.
  size_t common_ = 0;
  std::vector<uint64_t> prefixes_;
  std::string lasts_;
  std::vector<uint32_t> ends_;
  // Null until it is made.
  std::unique_ptr<std::atomic<Chunk*>[]> chunks_;
  // A chunk could not be made of the index as it is: none is tried again.
  std::atomic<bool> is_broken_{false};
};

}  // namespace venice

#endif  // VENICE_ENGINE_BLOCK_LOCATOR_H_
