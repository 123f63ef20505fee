// Plain tables of which it is known which pages are in memory.
//
// A database that is opened here has its factory of plain tables replaced by one that puts each table into a
// WatchedPlainTable: it is the table in everything, but for gets that keep to memory.

#ifndef VENICE_ENGINE_WATCHED_PLAIN_TABLE_H_
#define VENICE_ENGINE_WATCHED_PLAIN_TABLE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "plain_table_pages.h"
#include "rocksdb/options.h"
#include "rocksdb/table.h"
#include "shim.h"
#include "table/plain/plain_table_reader.h"
#include "table/table_reader.h"

namespace venice {

// Marks the ReadOptions of gets that keep to memory, in plain tables too. RocksDB does not look at it in a get, and hands
// it on to the table. Gets of Java's with the tier kBlockCacheTier go on as in RocksDB, which has plain tables for
// memory.
constexpr uint64_t kKeepsToMemory = UINT64_MAX - 1;

// Has tables that are opened from now on looked at as they are opened; one call with `on` for each without.
void WatchPlainTables(bool on);

// Has plain tables that are opened with these options watched; those of other kinds are left as they are.
void WatchPlainTables(std::shared_ptr<rocksdb::TableFactory>* factory);

// Has no page of a database's plain tables known as in memory, for tests: as if the kernel had taken all of them.
void ForgetPages(venice_db* db);

class WatchedPlainTable final : public rocksdb::TableReader {
 public:
  explicit WatchedPlainTable(std::unique_ptr<rocksdb::TableReader> table);

  // Of a table that a factory of plain tables made; null if it is not watched, as its factory was replaced since the
  // database was opened (SetOptions).
  static WatchedPlainTable* Of(rocksdb::TableReader* table) {
    // RocksDB may be compiled without the types that dynamic_cast looks at. By the C++ ABI of all our platforms the
    // first word of an object tells its class.
    return *reinterpret_cast<const void* const*>(table) == class_.load(std::memory_order_relaxed)
               ? static_cast<WatchedPlainTable*>(table)
               : nullptr;
  }

  const rocksdb::PlainTableReader* table() const { return plain_; }
  // Those to ask before a page is read; null if all are here.
  PlainTablePages* pages_to_ask() {
    return pages_ == nullptr || pages_->all_here() ? nullptr : pages_.get();
  }
  // Null if the file is not mapped.
  PlainTablePages* pages() { return pages_.get(); }

  rocksdb::Status Get(const rocksdb::ReadOptions& read, const rocksdb::Slice& key,
                      rocksdb::GetContext* context, const rocksdb::SliceTransform* extractor,
                      bool skip_filters) override;

  // As the table.

  rocksdb::InternalIterator* NewIterator(const rocksdb::ReadOptions& read,
                                         const rocksdb::SliceTransform* extractor,
                                         rocksdb::Arena* arena, bool skip_filters,
                                         rocksdb::TableReaderCaller caller,
                                         size_t compaction_readahead_size,
                                         bool allow_unprepared_value) override;
  rocksdb::FragmentedRangeTombstoneIterator* NewRangeTombstoneIterator(
      const rocksdb::ReadOptions& read) override;
  rocksdb::FragmentedRangeTombstoneIterator* NewRangeTombstoneIterator(
      rocksdb::SequenceNumber number, const rocksdb::Slice* timestamp) override;
  uint64_t ApproximateOffsetOf(const rocksdb::ReadOptions& read, const rocksdb::Slice& key,
                               rocksdb::TableReaderCaller caller) override;
  uint64_t ApproximateSize(const rocksdb::ReadOptions& read, const rocksdb::Slice& start,
                           const rocksdb::Slice& end, rocksdb::TableReaderCaller caller) override;
  rocksdb::Status ApproximateKeyAnchors(const rocksdb::ReadOptions& read,
                                        std::vector<Anchor>& anchors) override;
  void SetupForCompaction() override;
  std::shared_ptr<const rocksdb::TableProperties> GetTableProperties() const override;
  void Prepare(const rocksdb::Slice& target) override;
  size_t ApproximateMemoryUsage() const override;
  rocksdb::Status MultiGetFilter(const rocksdb::ReadOptions& read,
                                 const rocksdb::SliceTransform* extractor,
                                 rocksdb::MultiGetContext::Range* range) override;
  rocksdb::Status Prefetch(const rocksdb::ReadOptions& read, const rocksdb::Slice* begin,
                           const rocksdb::Slice* end) override;
  rocksdb::Status DumpTable(rocksdb::WritableFile* out_file) override;
  rocksdb::Status VerifyChecksum(const rocksdb::ReadOptions& read,
                                 rocksdb::TableReaderCaller caller) override;
  void MarkObsolete(uint32_t uncache_aggressiveness) override;

 private:
  // What the objects of this class begin with; null as long as there was none.
  static std::atomic<const void*> class_;

  bool IsHere(const rocksdb::Slice& key, PlainTablePages* pages, bool marks) const;

  const std::unique_ptr<rocksdb::TableReader> table_;
  const rocksdb::PlainTableReader* const plain_;
  std::unique_ptr<PlainTablePages> pages_;
};

}  // namespace venice

#endif  // VENICE_ENGINE_WATCHED_PLAIN_TABLE_H_
