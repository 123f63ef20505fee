#include "watched_plain_table.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "db/column_family.h"
#include "db/db_impl/db_impl.h"
#include "db/version_set.h"
#include "plain_table_search.h"
#include "rocksdb/comparator.h"
#include "shim.h"
#include "status.h"
#include "table/get_context.h"
#include "table/plain/plain_table_factory.h"

using rocksdb::PlainTableFactory;
using rocksdb::PlainTableReader;
using rocksdb::ReadOptions;
using rocksdb::Slice;
using rocksdb::SliceTransform;
using rocksdb::Status;
using rocksdb::TableReader;
using rocksdb::TableReaderCaller;

namespace venice {

using ComparatorMember = const rocksdb::InternalKeyComparator PlainTableReader::*;
constexpr ComparatorMember Of(ComparatorMember);
template struct Private<ComparatorMember, &PlainTableReader::internal_comparator_>;

namespace {

// Of those who look again and again.
std::atomic<int> watchers{0};

class WatchingFactory final : public PlainTableFactory {
 public:
  explicit WatchingFactory(const rocksdb::PlainTableOptions& options) : PlainTableFactory(options) {}

  using PlainTableFactory::NewTableReader;
  Status NewTableReader(const ReadOptions& read, const rocksdb::TableReaderOptions& options,
                        std::unique_ptr<rocksdb::RandomAccessFileReader>&& file, uint64_t file_size,
                        std::unique_ptr<TableReader>* table, bool prefetch) const override {
    std::unique_ptr<TableReader> plain;
    Status status = PlainTableFactory::NewTableReader(read, options, std::move(file), file_size,
                                                      &plain, prefetch);
    if (!status.ok()) {
      return status;
    }
    auto watched = std::make_unique<WatchedPlainTable>(std::move(plain));
    if (watchers.load(std::memory_order_relaxed) > 0 && watched->pages() != nullptr) {
      watched->pages()->Look();
    }
    *table = std::move(watched);
    return status;
  }

  std::unique_ptr<rocksdb::TableFactory> Clone() const override {
    return std::make_unique<WatchingFactory>(*this);
  }
};

}  // namespace

std::atomic<const void*> WatchedPlainTable::class_{nullptr};

void WatchPlainTables(bool on) { watchers.fetch_add(on ? 1 : -1, std::memory_order_relaxed); }

void WatchPlainTables(std::shared_ptr<rocksdb::TableFactory>* factory) {
  if (*factory == nullptr || !(*factory)->IsInstanceOf(PlainTableFactory::kClassName())) {
    return;
  }
  const auto* options = (*factory)->GetOptions<rocksdb::PlainTableOptions>();
  if (options != nullptr) {
    *factory = std::make_shared<WatchingFactory>(*options);
  }
}

WatchedPlainTable::WatchedPlainTable(std::unique_ptr<TableReader> table)
    : table_(std::move(table)), plain_(static_cast<const PlainTableReader*>(table_.get())) {
  class_.store(*reinterpret_cast<const void* const*>(this), std::memory_order_relaxed);
  const auto& file = plain_->*venice::Of(FileMember());
  if (file.is_mmap_mode && !file.file_data.empty()) {
    pages_ = std::make_unique<PlainTablePages>(file.file_data.data(), file.file_data.size());
  }
}

// Whether a get of this key reads pages alone that are in memory; with `marks`, it has just read them, and they are.
// False too where that is not known: of keys of which it takes more than one record, and of tables that
// plain_table_search.h does not search.
bool WatchedPlainTable::IsHere(const Slice& key, PlainTablePages* pages, bool marks) const {
  const rocksdb::Comparator* order = (plain_->*venice::Of(ComparatorMember())).user_comparator();
  if (order != rocksdb::BytewiseComparator() ||
      !PlainTableSearch::Suits(plain_, rocksdb::ExtractUserKey(key))) {
    return false;
  }
  PlainTableSearch search(plain_, pages, marks, key);
  if (search.FetchByBucket()) {
    search.FetchBySearch();
  }
  Slice value;
  uint64_t number_and_type = 0;
  switch (search.FindRecord(&value, &number_and_type)) {
    case RecordSearch::kAbsent:
      return true;
    case RecordSearch::kUnknown:
      return false;
    case RecordSearch::kFound:
      break;
  }
  const auto type = static_cast<rocksdb::ValueType>(number_and_type & 0xff);
  const bool ends = type == rocksdb::kTypeValue || type == rocksdb::kTypeDeletion ||
                    type == rocksdb::kTypeSingleDeletion;
  // One that was written later than the get sees is passed over.
  return ends && number_and_type >> 8 <= rocksdb::GetInternalKeySeqno(key);
}

Status WatchedPlainTable::Get(const ReadOptions& read, const Slice& key,
                              rocksdb::GetContext* context, const SliceTransform* extractor,
                              bool skip_filters) {
  PlainTablePages* pages = pages_to_ask();
  if (pages == nullptr) {
    return table_->Get(read, key, context, extractor, skip_filters);
  }
  if (read.value_size_soft_limit == kKeepsToMemory) {
    if (!IsHere(key, pages, false)) {
      // As BlockBasedTable::Get.
      context->MarkKeyMayExist();
      return Status::Incomplete("the table's pages are not in memory");
    }
    return table_->Get(read, key, context, extractor, skip_filters);
  }
  Status status = table_->Get(read, key, context, extractor, skip_filters);
  if (status.ok() && read.read_tier == rocksdb::kReadAllTier) {
    IsHere(key, pages, true);
  }
  return status;
}

rocksdb::InternalIterator* WatchedPlainTable::NewIterator(
    const ReadOptions& read, const SliceTransform* extractor, rocksdb::Arena* arena,
    bool skip_filters, TableReaderCaller caller, size_t compaction_readahead_size,
    bool allow_unprepared_value) {
  return table_->NewIterator(read, extractor, arena, skip_filters, caller,
                             compaction_readahead_size, allow_unprepared_value);
}

rocksdb::FragmentedRangeTombstoneIterator* WatchedPlainTable::NewRangeTombstoneIterator(
    const ReadOptions& read) {
  return table_->NewRangeTombstoneIterator(read);
}

rocksdb::FragmentedRangeTombstoneIterator* WatchedPlainTable::NewRangeTombstoneIterator(
    rocksdb::SequenceNumber number, const Slice* timestamp) {
  return table_->NewRangeTombstoneIterator(number, timestamp);
}

uint64_t WatchedPlainTable::ApproximateOffsetOf(const ReadOptions& read, const Slice& key,
                                                TableReaderCaller caller) {
  return table_->ApproximateOffsetOf(read, key, caller);
}

uint64_t WatchedPlainTable::ApproximateSize(const ReadOptions& read, const Slice& start,
                                            const Slice& end, TableReaderCaller caller) {
  return table_->ApproximateSize(read, start, end, caller);
}

Status WatchedPlainTable::ApproximateKeyAnchors(const ReadOptions& read,
                                                std::vector<Anchor>& anchors) {
  return table_->ApproximateKeyAnchors(read, anchors);
}

void WatchedPlainTable::SetupForCompaction() { table_->SetupForCompaction(); }

std::shared_ptr<const rocksdb::TableProperties> WatchedPlainTable::GetTableProperties() const {
  return table_->GetTableProperties();
}

void WatchedPlainTable::Prepare(const Slice& target) { table_->Prepare(target); }

size_t WatchedPlainTable::ApproximateMemoryUsage() const {
  return table_->ApproximateMemoryUsage();
}

Status WatchedPlainTable::MultiGetFilter(const ReadOptions& read, const SliceTransform* extractor,
                                         rocksdb::MultiGetContext::Range* range) {
  return table_->MultiGetFilter(read, extractor, range);
}

Status WatchedPlainTable::Prefetch(const ReadOptions& read, const Slice* begin, const Slice* end) {
  return table_->Prefetch(read, begin, end);
}

Status WatchedPlainTable::DumpTable(rocksdb::WritableFile* out_file) {
  return table_->DumpTable(out_file);
}

Status WatchedPlainTable::VerifyChecksum(const ReadOptions& read, TableReaderCaller caller) {
  return table_->VerifyChecksum(read, caller);
}

void WatchedPlainTable::MarkObsolete(uint32_t uncache_aggressiveness) {
  table_->MarkObsolete(uncache_aggressiveness);
}

namespace {

// One who looks, or has pages read, at a time.
std::mutex& Turn() {
  static std::mutex turn;
  return turn;
}

// Hands the pages of each watched table of the column family "default" to `each`, until it returns false.
template <typename Each>
void ForEachTable(venice_db* db, Each each) {
  auto* impl = static_cast<rocksdb::DBImpl*>(db->GetRootDB());
  auto* family = static_cast<rocksdb::ColumnFamilyHandleImpl*>(impl->DefaultColumnFamily())->cfd();
  // While it is referenced, none of its tables goes.
  rocksdb::SuperVersion* files = impl->GetAndRefSuperVersion(family);
  const auto* storage = files->current->storage_info();
  bool goes_on = true;
  for (int level = 0; level < storage->num_non_empty_levels() && goes_on; level++) {
    const rocksdb::LevelFilesBrief& of_level = storage->LevelFilesBrief(level);
    for (size_t i = 0; i < of_level.num_files && goes_on; i++) {
      TableReader* table = of_level.files[i].fd.table_reader;
      WatchedPlainTable* watched = table == nullptr ? nullptr : WatchedPlainTable::Of(table);
      if (watched != nullptr && watched->pages() != nullptr) {
        goes_on = each(watched->pages());
      }
    }
  }
  impl->ReturnAndCleanupSuperVersion(family, files);
}

// Bytes of tables that one call looks at: some ten milliseconds.
constexpr uint64_t kBytesOfLook = uint64_t{1} << 30;

}  // namespace

void ForgetPages(venice_db* db) {
  ForEachTable(db, [](PlainTablePages* pages) {
    pages->Forget();
    return true;
  });
}

}  // namespace venice

void venice_watch_tables(uint8_t on) noexcept { venice::WatchPlainTables(on != 0); }

uint64_t venice_look_at_tables(venice_db* db, uint64_t first, venice_tables* seen) noexcept {
  const std::lock_guard<std::mutex> turn(venice::Turn());
  uint64_t at = 0;
  uint64_t looked = 0;
  bool ended = true;
  venice::ForEachTable(db, [&](venice::PlainTablePages* pages) {
    if (at++ < first) {
      return true;
    }
    if (looked >= venice::kBytesOfLook) {
      at--;
      ended = false;
      return false;
    }
    looked += pages->size();
    seen->tables++;
    seen->bytes += pages->size();
    try {
      seen->bytes_here += pages->Look();
    } catch (...) {
      // Without memory for the bits: as before.
    }
    seen->bytes_locked += pages->locked();
    return true;
  });
  return ended ? 0 : at;
}

uint64_t venice_populate_tables(venice_db* db, uint64_t most, uint8_t lock,
                                venice_populated* outcome) noexcept {
  const std::lock_guard<std::mutex> turn(venice::Turn());
  uint64_t left = 0;
  venice::ForEachTable(db, [&](venice::PlainTablePages* pages) {
    if (most > 0 && pages->left(lock != 0) > 0) {
      const auto step = pages->Populate(most, lock != 0);
      most -= std::min<uint64_t>(most, step.bytes);
      outcome->bytes += step.bytes;
      outcome->populate_error = std::max(outcome->populate_error, step.populate_error);
      outcome->lock_error = std::max(outcome->lock_error, step.lock_error);
      if (step.lock_error != 0) {
        return false;
      }
    }
    left += pages->left(lock != 0);
    return true;
  });
  return left;
}
