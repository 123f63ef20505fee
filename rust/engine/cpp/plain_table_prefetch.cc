// Fetches ahead of a batch what DB::Get will read of plain tables.
//
// A get from a plain table is short, and most of its time it waits for memory: for the bucket of
// the hash index, then for the record (docs/benchmarks). Gets one after the other wait one after the
// other. Here the same way is gone for some keys side by side, in three steps; each step fetches
// what the next one reads, so the waits overlap. Nothing here decides an answer: what goes wrong
// costs time only.
//
// The way is that of PlainTableReader::Get and GetOffset of 9.11.2, whose members are private.

#include <algorithm>
#include <cstring>
#include <memory>

#include "db/column_family.h"
#include "db/db_impl/db_impl.h"
#include "db/dbformat.h"
#include "db/version_set.h"
#include "prefetch.h"
#include "shim.h"
#include "table/plain/plain_table_factory.h"
#include "table/plain/plain_table_key_coding.h"
#include "table/plain/plain_table_reader.h"
#include "util/coding.h"
#include "util/hash.h"

using rocksdb::ColumnFamilyData;
using rocksdb::ColumnFamilyHandleImpl;
using rocksdb::DBImpl;
using rocksdb::EncodingType;
using rocksdb::FdWithKeyRange;
using rocksdb::InternalKeyComparator;
using rocksdb::LevelFilesBrief;
using rocksdb::PlainTableIndex;
using rocksdb::PlainTableKeyDecoder;
using rocksdb::PlainTableReader;
using rocksdb::PlainTableReaderFileInfo;
using rocksdb::Slice;
using rocksdb::SliceTransform;
using rocksdb::Status;
using rocksdb::SuperVersion;

namespace venice {

using IndexMember = PlainTableIndex PlainTableReader::*;
using FileMember = PlainTableReaderFileInfo PlainTableReader::*;
using ExtractorMember = const SliceTransform* PlainTableReader::*;
using PropertiesMember = std::shared_ptr<const rocksdb::TableProperties> PlainTableReader::*;
using BloomMember = rocksdb::PlainTableBloomV1 PlainTableReader::*;
using HasBloomMember = bool PlainTableReader::*;
using EncodingMember = EncodingType PlainTableReader::*;
using BucketsMember = uint32_t* PlainTableIndex::*;
using GetOffsetMember = Status (PlainTableReader::*)(PlainTableKeyDecoder*, const Slice&,
                                                     const Slice&, uint32_t, bool&,
                                                     uint32_t*) const;

constexpr IndexMember Of(IndexMember);
constexpr FileMember Of(FileMember);
constexpr ExtractorMember Of(ExtractorMember);
constexpr PropertiesMember Of(PropertiesMember);
constexpr BloomMember Of(BloomMember);
constexpr HasBloomMember Of(HasBloomMember);
constexpr EncodingMember Of(EncodingMember);
constexpr BucketsMember Of(BucketsMember);
constexpr GetOffsetMember Of(GetOffsetMember);

template struct Private<IndexMember, &PlainTableReader::index_>;
template struct Private<FileMember, &PlainTableReader::file_info_>;
template struct Private<ExtractorMember, &PlainTableReader::prefix_extractor_>;
template struct Private<PropertiesMember, &PlainTableReader::table_properties_>;
template struct Private<BloomMember, &PlainTableReader::bloom_>;
template struct Private<HasBloomMember, &PlainTableReader::enable_bloom_>;
template struct Private<EncodingMember, &PlainTableReader::encoding_type_>;
template struct Private<BucketsMember, &PlainTableIndex::index_>;
template struct Private<GetOffsetMember, &PlainTableReader::GetOffset>;

namespace {

// Longer records the processor fetches ahead by itself, once they are read from the beginning.
constexpr size_t kMaxRecord = 2048;
// Longer keys are not fetched.
constexpr size_t kMaxKey = 120;
// Files that may have a key: a new one in level 0, and an old one.
constexpr size_t kFilesOfKey = 2;
// Keys that end in one bucket of the index, at 0.75 keys for each: hardly ever more.
constexpr uint32_t kMaxOfBucket = 4;

// A plain table that may have a key.
struct Candidate {
  const PlainTableReader* table;
  Slice internal_key;
  Slice prefix;
  uint32_t hash;

  const PlainTableIndex& index() const { return table->*Of(IndexMember()); }
  // Not GetTableProperties: its shared pointer would be counted by all threads.
  const rocksdb::TableProperties& properties() const {
    return *(table->*Of(PropertiesMember()));
  }
  const PlainTableReaderFileInfo& file() const { return table->*Of(FileMember()); }

  void FetchRecord(uint32_t offset, size_t size) const {
    const Slice data = file().file_data;
    if (offset < data.size()) {
      Fetch(data.data() + offset, std::min(size, data.size() - offset));
    }
  }

  // About as long as its neighbours.
  size_t RecordSize() const {
    const uint64_t entries = std::max<uint64_t>(properties().num_entries, 1);
    return std::min<uint64_t>(file().data_end_offset / entries + kLine, kMaxRecord);
  }

  void FetchBucket() const {
    const uint32_t* buckets = index().*Of(BucketsMember());
    // plain_table_index.cc, GetBucketIdFromHash.
    __builtin_prefetch(buckets + hash % index().GetIndexSize());
  }

  // True if the offset of the record is not in the bucket, but among those of several keys.
  bool FetchByBucket() const {
    const bool has_bloom = table->*Of(HasBloomMember());
    if (has_bloom && !(table->*Of(BloomMember())).MayContainHash(hash)) {
      return false;
    }
    uint32_t offset;
    switch (index().GetOffset(hash, &offset)) {
      case PlainTableIndex::kNoPrefixForBucket:
        return false;
      case PlainTableIndex::kDirectToFile:
        FetchRecord(offset, RecordSize());
        return false;
      case PlainTableIndex::kSubindex:
        break;
    }
    uint32_t keys = 0;
    const char* offsets = index().GetSubIndexBasePtrAndUpperBound(offset, &keys);
    for (uint32_t i = 0; i < std::min(keys, kMaxOfBucket); i++) {
      FetchRecord(rocksdb::DecodeFixed32(offsets + i * sizeof(uint32_t)), kLine);
    }
    return true;
  }

  void FetchBySearch() const {
    PlainTableKeyDecoder decoder(&file(), table->*Of(EncodingMember()),
                                 static_cast<uint32_t>(properties().fixed_key_len),
                                 table->*Of(ExtractorMember()));
    bool matched;
    uint32_t offset;
    const auto get_offset = Of(GetOffsetMember());
    if ((table->*get_offset)(&decoder, internal_key, prefix, hash, matched, &offset).ok()) {
      FetchRecord(offset, RecordSize());
    }
  }
};

// The tables that may have a key, the newest first.
class Candidates {
 public:
  void Add(const SuperVersion& super_version, const InternalKeyComparator& order,
           const Slice& internal_key) {
    const auto* storage = super_version.current->storage_info();
    const Slice user_key = rocksdb::ExtractUserKey(internal_key);
    const auto* bytes = order.user_comparator();
    const size_t most = count_ + kFilesOfKey;
    for (int level = 0; level < storage->num_non_empty_levels() && count_ < most; level++) {
      const LevelFilesBrief& files = storage->LevelFilesBrief(level);
      size_t at = 0;
      size_t end = files.num_files;
      if (level > 0) {
        at = static_cast<size_t>(rocksdb::FindFile(order, files, internal_key));
        end = std::min(at + 1, end);
      }
      for (; at < end && count_ < most; at++) {
        const FdWithKeyRange& file = files.files[at];
        if (bytes->Compare(user_key, rocksdb::ExtractUserKey(file.smallest_key)) >= 0 &&
            bytes->Compare(user_key, rocksdb::ExtractUserKey(file.largest_key)) <= 0) {
          Add(file.fd.table_reader, internal_key);
        }
      }
    }
  }

  const Candidate* begin() const { return all_; }
  const Candidate* end() const { return all_ + count_; }

 private:
  // Without a pinned reader (max_open_files) the file is not looked for.
  void Add(rocksdb::TableReader* reader, const Slice& internal_key) {
    if (reader == nullptr) {
      return;
    }
    // A factory of plain tables makes no others.
    const auto* table = static_cast<const PlainTableReader*>(reader);
    const SliceTransform* extractor = table->*Of(ExtractorMember());
    const auto& file = table->*Of(FileMember());
    const auto& index = table->*Of(IndexMember());
    const Slice user_key = rocksdb::ExtractUserKey(internal_key);
    if (extractor == nullptr || !file.is_mmap_mode || index.GetIndexSize() == 0 ||
        !extractor->InDomain(user_key)) {
      return;
    }
    const Slice prefix = extractor->Transform(user_key);
    all_[count_++] = Candidate{table, internal_key, prefix, rocksdb::GetSliceHash(prefix)};
    // The Bloom filter.
    reader->Prepare(internal_key);
  }

  Candidate all_[VENICE_PREFETCHED_AT_ONCE * kFilesOfKey];
  size_t count_ = 0;
};

// The files of the databases of some keys, which stay until the keys are done.
class SuperVersions {
 public:
  ~SuperVersions() {
    for (size_t i = 0; i < count_; i++) {
      all_[i].db->ReturnAndCleanupSuperVersion(all_[i].family, all_[i].super_version);
    }
  }

  const SuperVersion& Of(DBImpl* db, ColumnFamilyData* family) {
    // A second one of the same database would take its mutex.
    for (size_t i = 0; i < count_; i++) {
      if (all_[i].db == db) {
        return *all_[i].super_version;
      }
    }
    all_[count_] = {db, family, db->GetAndRefSuperVersion(family)};
    return *all_[count_++].super_version;
  }

 private:
  struct Held {
    DBImpl* db;
    ColumnFamilyData* family;
    SuperVersion* super_version;
  };
  Held all_[VENICE_PREFETCHED_AT_ONCE];
  size_t count_ = 0;
};

void PrefetchPlain(size_t count, venice_db* const* dbs, const venice_slice* keys) {
  char internal_keys[VENICE_PREFETCHED_AT_ONCE][kMaxKey + rocksdb::kNumInternalBytes];
  SuperVersions super_versions;
  Candidates candidates;
  try {
    for (size_t i = 0; i < std::min<size_t>(count, VENICE_PREFETCHED_AT_ONCE); i++) {
      if (keys[i].size > kMaxKey) {
        continue;
      }
      char* internal_key = internal_keys[i];
      std::memcpy(internal_key, keys[i].data, keys[i].size);
      rocksdb::EncodeFixed64(internal_key + keys[i].size,
                             rocksdb::PackSequenceAndType(rocksdb::kMaxSequenceNumber,
                                                          rocksdb::kValueTypeForSeek));
      auto* db = static_cast<DBImpl*>(dbs[i]);
      auto* family = static_cast<ColumnFamilyHandleImpl*>(db->DefaultColumnFamily())->cfd();
      candidates.Add(super_versions.Of(db, family), family->internal_comparator(),
                     Slice(internal_key, keys[i].size + rocksdb::kNumInternalBytes));
    }
    for (const Candidate& candidate : candidates) {
      candidate.FetchBucket();
    }
    const Candidate* searched[VENICE_PREFETCHED_AT_ONCE * kFilesOfKey];
    size_t searches = 0;
    for (const Candidate& candidate : candidates) {
      if (candidate.FetchByBucket()) {
        searched[searches++] = &candidate;
      }
    }
    for (size_t i = 0; i < searches; i++) {
      searched[i]->FetchBySearch();
    }
  } catch (...) {
    // The gets will say what is wrong.
  }
}

}  // namespace
}  // namespace venice

void venice_prefetch_plain(size_t count, venice_db* const* dbs, const venice_slice* keys) noexcept {
  venice::PrefetchPlain(count, dbs, keys);
}
