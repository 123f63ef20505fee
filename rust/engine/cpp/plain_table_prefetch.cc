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
#include <memory>

#include "db/dbformat.h"
#include "prefetch.h"
#include "shim.h"
#include "super_versions.h"
#include "table/plain/plain_table_factory.h"
#include "table/plain/plain_table_key_coding.h"
#include "table/plain/plain_table_reader.h"
#include "util/coding.h"
#include "util/hash.h"

using rocksdb::EncodingType;
using rocksdb::PlainTableIndex;
using rocksdb::PlainTableKeyDecoder;
using rocksdb::PlainTableReader;
using rocksdb::PlainTableReaderFileInfo;
using rocksdb::Slice;
using rocksdb::SliceTransform;
using rocksdb::Status;

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

// The plain tables that may have a key.
class Candidates {
 public:
  void Add(rocksdb::TableReader* reader, const Slice& internal_key) {
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

  const Candidate* begin() const { return all_; }
  const Candidate* end() const { return all_ + count_; }

 private:
  Candidate all_[VENICE_PREFETCHED_AT_ONCE * kFilesOfKey];
  size_t count_ = 0;
};

size_t PrefetchPlain(size_t count, venice_db* const* dbs, const venice_slice* keys) {
  SuperVersions super_versions;
  Candidates candidates;
  try {
    super_versions.EachTable(count, dbs, keys,
                             [&](rocksdb::TableReader* reader, const Slice& internal_key) {
                               candidates.Add(reader, internal_key);
                             });
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
  return candidates.end() - candidates.begin();
}

}  // namespace
}  // namespace venice

size_t venice_prefetch_plain(size_t count, venice_db* const* dbs,
                             const venice_slice* keys) noexcept {
  return venice::PrefetchPlain(count, dbs, keys);
}
