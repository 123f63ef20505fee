// Finds ahead of some gets what DB::Get will read of plain tables.
//
// A get from a plain table is short, and most of its time it waits for memory: for the bucket of
// the hash index, then for the record (docs/benchmarks). Gets one after the other wait one after the
// other. Here the same way is gone for some keys side by side, in three steps; each step fetches
// what the next one reads, so the waits overlap. What is found at the end of the way is the answer if it is proven
// (direct_answers.h); all else is DB::Get's.
//
// The way is that of PlainTableReader::Get and GetOffset of 9.11.2, whose members are private.

#include <algorithm>
#include <memory>

#include "db/dbformat.h"
#include "direct_answers.h"
#include "prefetch.h"
#include "record_search.h"
#include "shim.h"
#include "status.h"
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
// Records that are read one after the other to find a key, at most; the index has every 16th unless it is told
// otherwise.
constexpr int kMaxInLine = 64;

// A plain table that may have a key.
struct Candidate {
  const PlainTableReader* table;
  SoughtKey* key;
  Slice prefix;
  uint32_t hash;
  // Where the search for the record begins, and whether that record is known to have the prefix; as of GetOffset.
  uint32_t offset = 0;
  bool has_prefix = false;
  enum { kMayHave, kHasNot, kUnknown } state = kUnknown;

  const PlainTableIndex& index() const { return table->*Of(IndexMember()); }
  // Not GetTableProperties: its shared pointer would be counted by all threads.
  const rocksdb::TableProperties& properties() const {
    return *(table->*Of(PropertiesMember()));
  }
  const PlainTableReaderFileInfo& file() const { return table->*Of(FileMember()); }
  const SliceTransform& extractor() const { return *(table->*Of(ExtractorMember())); }

  void FetchRecord(uint32_t at, size_t size) const {
    const Slice data = file().file_data;
    if (at < data.size()) {
      Fetch(data.data() + at, std::min(size, data.size() - at));
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
  bool FetchByBucket() {
    const bool has_bloom = table->*Of(HasBloomMember());
    if (has_bloom && !(table->*Of(BloomMember())).MayContainHash(hash)) {
      state = kHasNot;
      return false;
    }
    uint32_t in_index;
    switch (index().GetOffset(hash, &in_index)) {
      case PlainTableIndex::kNoPrefixForBucket:
        state = kHasNot;
        return false;
      case PlainTableIndex::kDirectToFile:
        state = kMayHave;
        offset = in_index;
        FetchRecord(offset, RecordSize());
        return false;
      case PlainTableIndex::kSubindex:
        break;
    }
    uint32_t keys = 0;
    const char* offsets = index().GetSubIndexBasePtrAndUpperBound(in_index, &keys);
    for (uint32_t i = 0; i < std::min(keys, kMaxOfBucket); i++) {
      FetchRecord(rocksdb::DecodeFixed32(offsets + i * sizeof(uint32_t)), kLine);
    }
    return true;
  }

  void FetchBySearch() {
    PlainTableKeyDecoder decoder = Decoder();
    const auto get_offset = Of(GetOffsetMember());
    const bool is_ok =
        (table->*get_offset)(&decoder, key->internal_key, prefix, hash, has_prefix, &offset).ok();
    if (is_ok) {
      state = kMayHave;
      FetchRecord(offset, RecordSize());
    }
  }

  // Finds what PlainTableReader::Get hands to GetContext::SaveValue first: the first record that is not below the key.
  // Whether it is of the key; or the table has none; or that is not known. Not with keys that go on with the prefix of
  // others: of long ones the decoder of 9.11.2 reads a buffer that it has given up (plain_table_key_coding.cc,
  // saved_user_key_).
  RecordSearch::Outcome FindRecord(Slice* value, uint64_t* number_and_type) const {
    if (state == kHasNot) {
      return RecordSearch::kAbsent;
    }
    if (state == kUnknown || table->*Of(EncodingMember()) != rocksdb::kPlain) {
      return RecordSearch::kUnknown;
    }
    PlainTableKeyDecoder decoder = Decoder();
    bool known = has_prefix;
    uint32_t at = offset;
    for (int i = 0; i < kMaxInLine; i++) {
      if (at >= file().data_end_offset) {
        return RecordSearch::kAbsent;
      }
      rocksdb::ParsedInternalKey found;
      uint32_t size = 0;
      if (!decoder.NextKey(at, &found, nullptr, value, &size).ok() ||
          size > file().data_end_offset - at) {
        return RecordSearch::kUnknown;
      }
      if (!known && extractor().Transform(found.user_key) != prefix) {
        return RecordSearch::kAbsent;
      }
      known = true;
      const int order = found.user_key.compare(key->user_key());
      if (order >= 0) {
        *number_and_type = rocksdb::PackSequenceAndType(found.sequence, found.type);
        return order == 0 ? RecordSearch::kFound : RecordSearch::kAbsent;
      }
      at += size;
    }
    return RecordSearch::kUnknown;
  }

  PlainTableKeyDecoder Decoder() const {
    return PlainTableKeyDecoder(&file(), table->*Of(EncodingMember()),
                                static_cast<uint32_t>(properties().fixed_key_len), &extractor());
  }
};

// The plain tables that may have a key.
class Candidates {
 public:
  bool Add(rocksdb::TableReader* reader, SoughtKey* key) {
    // A factory of plain tables makes no others.
    const auto* table = static_cast<const PlainTableReader*>(reader);
    const SliceTransform* extractor = table->*Of(ExtractorMember());
    const auto& file = table->*Of(FileMember());
    const auto& index = table->*Of(IndexMember());
    // Without extractor the table is in total order, without index it is only scanned.
    if (extractor == nullptr || !file.is_mmap_mode || index.GetIndexSize() == 0 ||
        !extractor->InDomain(key->user_key())) {
      return false;
    }
    const Slice prefix = extractor->Transform(key->user_key());
    all_.Add(Candidate{table, key, prefix, rocksdb::GetSliceHash(prefix)});
    // The Bloom filter.
    reader->Prepare(key->internal_key);
    return true;
  }
  bool empty() const { return all_.empty(); }

  size_t Find(SuperVersions* files) {
    for (const Candidate& candidate : all_) {
      candidate.FetchBucket();
    }
    Few<Candidate*, VENICE_PREFETCHED_AT_ONCE> searched;
    for (Candidate& candidate : all_) {
      if (candidate.FetchByBucket()) {
        searched.Add(&candidate);
      }
    }
    for (Candidate* candidate : searched) {
      candidate->FetchBySearch();
    }
    for (const Candidate& candidate : all_) {
      SoughtKey* key = candidate.key;
      if (!key->may_answer) {
        continue;
      }
      Slice value;
      uint64_t number_and_type = 0;
      switch (candidate.FindRecord(&value, &number_and_type)) {
        case RecordSearch::kAbsent:
          break;
        case RecordSearch::kUnknown:
          key->is_done = true;
          break;
        case RecordSearch::kFound:
          if (files->IsAnswer(key, number_and_type, rocksdb::kDisableGlobalSequenceNumber) &&
              files->Keep(*key)) {
            files->Answer(*key, value);
          }
      }
    }
    return all_.size();
  }

 private:
  Few<Candidate, VENICE_PREFETCHED_AT_ONCE> all_;
};

}  // namespace
}  // namespace venice

size_t venice_prefetch_plain(size_t count, const venice_sought* sought, venice_slice* values,
                             venice_holds* holds) noexcept {
  return venice::FindInTables<venice::Candidates>(count, sought, values, holds);
}
