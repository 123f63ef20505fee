// The way of a get through a plain table: that of PlainTableReader::Get and GetOffset of 9.11.2, step by step. Each step
// fetches what the next one reads.
//
// Where not all pages of the table are known to be in memory (plain_table_pages.h), a search that keeps to memory looks
// at the bit of each page before it reads it, and ends where one is off. One that marks goes the same way behind a get
// that has read all of it.

#ifndef VENICE_ENGINE_PLAIN_TABLE_SEARCH_H_
#define VENICE_ENGINE_PLAIN_TABLE_SEARCH_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "db/dbformat.h"
#include "key_bytes.h"
#include "plain_record.h"
#include "plain_table_pages.h"
#include "prefetch.h"
#include "record_search.h"
#include "table/plain/plain_table_factory.h"
#include "table/plain/plain_table_reader.h"
#include "util/bloom_impl.h"
#include "util/coding.h"
#include "util/hash.h"

namespace venice {

using IndexMember = rocksdb::PlainTableIndex rocksdb::PlainTableReader::*;
using FileMember = rocksdb::PlainTableReaderFileInfo rocksdb::PlainTableReader::*;
using ExtractorMember = const rocksdb::SliceTransform* rocksdb::PlainTableReader::*;
using PropertiesMember =
    std::shared_ptr<const rocksdb::TableProperties> rocksdb::PlainTableReader::*;
using BloomMember = rocksdb::PlainTableBloomV1 rocksdb::PlainTableReader::*;
using HasBloomMember = bool rocksdb::PlainTableReader::*;
using EncodingMember = rocksdb::EncodingType rocksdb::PlainTableReader::*;
using BucketsMember = uint32_t* rocksdb::PlainTableIndex::*;
using BloomProbesMember = const uint32_t rocksdb::PlainTableBloomV1::*;
using KeySizeMember = const uint32_t rocksdb::PlainTableReader::*;

constexpr IndexMember Of(IndexMember);
constexpr FileMember Of(FileMember);
constexpr ExtractorMember Of(ExtractorMember);
constexpr PropertiesMember Of(PropertiesMember);
constexpr BloomMember Of(BloomMember);
constexpr HasBloomMember Of(HasBloomMember);
constexpr EncodingMember Of(EncodingMember);
constexpr BucketsMember Of(BucketsMember);
constexpr BloomProbesMember Of(BloomProbesMember);
constexpr KeySizeMember Of(KeySizeMember);

template struct Private<IndexMember, &rocksdb::PlainTableReader::index_>;
template struct Private<FileMember, &rocksdb::PlainTableReader::file_info_>;
template struct Private<ExtractorMember, &rocksdb::PlainTableReader::prefix_extractor_>;
template struct Private<PropertiesMember, &rocksdb::PlainTableReader::table_properties_>;
template struct Private<BloomMember, &rocksdb::PlainTableReader::bloom_>;
template struct Private<HasBloomMember, &rocksdb::PlainTableReader::enable_bloom_>;
template struct Private<EncodingMember, &rocksdb::PlainTableReader::encoding_type_>;
template struct Private<BucketsMember, &rocksdb::PlainTableIndex::index_>;
template struct Private<BloomProbesMember, &rocksdb::PlainTableBloomV1::kNumProbes>;
template struct Private<KeySizeMember, &rocksdb::PlainTableReader::user_key_len_>;

// The search for a key in a plain table. Table and key stay where they are.
//
//   PlainTableSearch search(table, pages, internal_key);
//   search.FetchBucket();
//   if (search.FetchByBucket()) search.FetchBySearch();
//   search.FindRecord(&value, &number_and_type);
class PlainTableSearch {
 public:
  // Without `pages` nothing is asked of them. Those that are all here are not asked either: who makes the search gives
  // none then.
  PlainTableSearch(const rocksdb::PlainTableReader* table, PlainTablePages* pages, bool marks,
                   const rocksdb::Slice& internal_key)
      : table_(table),
        pages_(pages),
        marks_(marks),
        internal_key_(internal_key),
        prefix_(extractor().Transform(rocksdb::ExtractUserKey(internal_key))),
        hash_(rocksdb::GetSliceHash(prefix_)) {}

  // Whether a search may be made in the table, for a key: it is mapped, and has an index by prefixes.
  static bool Suits(const rocksdb::PlainTableReader* table, const rocksdb::Slice& user_key) {
    const rocksdb::SliceTransform* extractor = table->*Of(ExtractorMember());
    // Without extractor the table is in total order, without index it is only scanned.
    return extractor != nullptr && (table->*Of(FileMember())).is_mmap_mode &&
           (table->*Of(IndexMember())).GetIndexSize() != 0 && extractor->InDomain(user_key);
  }

  // And the line of the Bloom filter, as PlainTableReader::Prepare, which would make prefix and hash once more.
  void FetchBucket() const {
    if (table_->*Of(HasBloomMember()) && bloom().GetNumBlocks() != 0) {
      FetchBloomLine();
    }
    __builtin_prefetch(bucket());
  }

  // True if the offset of the record is not in the bucket, but among those of several keys.
  bool FetchByBucket() {
    if (pages_ != nullptr && !(BloomIsHere() && IsHere(bucket(), sizeof(uint32_t)))) {
      return false;
    }
    const bool has_bloom = table_->*Of(HasBloomMember());
    if (has_bloom && !bloom().MayContainHash(hash_)) {
      state_ = kHasNot;
      return false;
    }
    uint32_t in_index;
    switch (index().GetOffset(hash_, &in_index)) {
      case rocksdb::PlainTableIndex::kNoPrefixForBucket:
        state_ = kHasNot;
        return false;
      case rocksdb::PlainTableIndex::kDirectToFile:
        state_ = kMayHave;
        offset_ = in_index;
        FetchRecord(offset_, RecordSize());
        return false;
      case rocksdb::PlainTableIndex::kSubindex:
        break;
    }
    if (pages_ != nullptr && !SubIndexIsHere(in_index)) {
      return false;
    }
    uint32_t keys = 0;
    const char* offsets = index().GetSubIndexBasePtrAndUpperBound(in_index, &keys);
    for (uint32_t i = 0; i < std::min(keys, kMaxOfBucket); i++) {
      FetchRecord(rocksdb::DecodeFixed32(offsets + i * sizeof(uint32_t)), kLine);
    }
    sub_index_ = offsets;
    sub_index_size_ = keys;
    return true;
  }

  // As PlainTableReader::GetOffset: from the last of the bucket's offsets whose record is before the key, if it has the
  // key's prefix, else from the next.
  void FetchBySearch() {
    PlainRecord record;
    uint32_t low = 0;
    for (uint32_t high = sub_index_size_; high - low > 1;) {
      const uint32_t middle = low + (high - low) / 2;
      if (!Read(OffsetOf(middle), &record)) {
        return;
      }
      // Entries of the key itself are behind the one that is looked for, whose sequence number is the highest.
      if (CompareBytes(record.user_key, user_key()) < 0) {
        low = middle;
      } else {
        high = middle;
      }
    }
    if (low >= sub_index_size_ || !Read(OffsetOf(low), &record)) {
      return;
    }
    has_prefix_ = extractor().Transform(record.user_key) == prefix_;
    if (!has_prefix_ && ++low == sub_index_size_) {
      state_ = kHasNot;
      return;
    }
    state_ = kMayHave;
    offset_ = OffsetOf(low);
    FetchRecord(offset_, RecordSize());
  }

  // Finds what PlainTableReader::Get hands to GetContext::SaveValue first: the first record that is not below the key.
  // Whether it is of the key; or the table has none; or that is not known.
  RecordSearch::Outcome FindRecord(rocksdb::Slice* value, uint64_t* number_and_type) const {
    if (state_ != kMayHave) {
      return state_ == kHasNot ? RecordSearch::kAbsent : RecordSearch::kUnknown;
    }
    PlainRecord record;
    bool known = has_prefix_;
    uint32_t at = offset_;
    for (int i = 0; i < kMaxInLine; i++) {
      if (at >= file().data_end_offset) {
        return RecordSearch::kAbsent;
      }
      if (!Read(at, &record)) {
        return RecordSearch::kUnknown;
      }
      const int order = CompareBytes(record.user_key, user_key());
      if (order == 0) {
        *value = record.value;
        *number_and_type = record.number_and_type;
        return pages_ == nullptr || IsHere(value->data(), value->size()) ? RecordSearch::kFound
                                                                         : RecordSearch::kUnknown;
      }
      if (order > 0 || (!known && extractor().Transform(record.user_key) != prefix_)) {
        return RecordSearch::kAbsent;
      }
      known = true;
      at += record.size;
    }
    return RecordSearch::kUnknown;
  }

 private:
  // Longer records the processor fetches ahead by itself, once they are read from the beginning.
  static constexpr size_t kMaxRecord = 2048;
  // Keys that end in one bucket of the index, at 0.75 keys for each: hardly ever more.
  static constexpr uint32_t kMaxOfBucket = 4;
  // Records that are read one after the other to find a key, at most; the index has every 16th unless it is told
  // otherwise.
  static constexpr int kMaxInLine = 64;
  // Bytes of a length, and of what is behind a user key: sequence number and type, and the length of the value.
  static constexpr size_t kLength = 5;
  static constexpr size_t kBehindKey = rocksdb::kNumInternalBytes + kLength;

  const rocksdb::PlainTableIndex& index() const { return table_->*Of(IndexMember()); }
  const rocksdb::PlainTableBloomV1& bloom() const { return table_->*Of(BloomMember()); }
  // Of a filter that has lines: the one that is asked.
  const char* FetchBloomLine() const {
    const char* bits = bloom().GetRawData().data();
    uint32_t offset = 0;
    rocksdb::LegacyLocalityBloomImpl</*ExtraRotates*/ true>::PrepareHashMayMatch(
        hash_, bloom().GetNumBlocks(), bits, &offset,
        rocksdb::ConstexprFloorLog2(CACHE_LINE_SIZE));
    return bits + offset;
  }
  const uint32_t* bucket() const {
    // plain_table_index.cc, GetBucketIdFromHash.
    return index().*Of(BucketsMember()) + hash_ % index().GetIndexSize();
  }
  // Not GetTableProperties: its shared pointer would be counted by all threads.
  const rocksdb::TableProperties& properties() const {
    return *(table_->*Of(PropertiesMember()));
  }
  const rocksdb::PlainTableReaderFileInfo& file() const { return table_->*Of(FileMember()); }
  const rocksdb::SliceTransform& extractor() const {
    return *(table_->*Of(ExtractorMember()));
  }
  // Of all keys, if they have one length; else kPlainTableVariableLength.
  uint32_t key_size() const { return table_->*Of(KeySizeMember()); }
  rocksdb::Slice user_key() const { return rocksdb::ExtractUserKey(internal_key_); }
  uint32_t OffsetOf(uint32_t at) const {
    return rocksdb::DecodeFixed32(sub_index_ + at * sizeof(uint32_t));
  }

  // The record at an offset; false if there is none, or it may not be in memory. Not with keys that go on with the prefix
  // of others: those are not in one piece.
  bool Read(uint32_t at, PlainRecord* record) const {
    if (table_->*Of(EncodingMember()) != rocksdb::kPlain || at >= file().data_end_offset ||
        (pages_ != nullptr && !HeadIsHere(at))) {
      return false;
    }
    const char* data = file().file_data.data();
    return record->Read(data + at, data + file().data_end_offset, key_size());
  }

  void FetchRecord(uint32_t at, size_t size) const {
    const rocksdb::Slice data = file().file_data;
    if (at < data.size()) {
      Fetch(data.data() + at, std::min(size, data.size() - at));
    }
  }

  // About as long as its neighbours.
  size_t RecordSize() const {
    const uint64_t entries = std::max<uint64_t>(properties().num_entries, 1);
    return std::min<uint64_t>(file().data_end_offset / entries + kLine, kMaxRecord);
  }

  // What follows is asked only with pages. A search that marks finds everything.

  __attribute__((noinline)) bool IsHere(const void* at, size_t size) const {
    if (!marks_) {
      return pages_->Has(static_cast<const char*>(at), size);
    }
    pages_->Mark(static_cast<const char*>(at), size);
    return true;
  }

  // The bytes in which PlainTableBloomV1::MayContainHash looks.
  bool BloomIsHere() const {
    if (!(table_->*Of(HasBloomMember()))) {
      return true;
    }
    if (bloom().GetNumBlocks() != 0) {
      return IsHere(FetchBloomLine(), CACHE_LINE_SIZE);
    }
    const char* bits = bloom().GetRawData().data();
    // bloom_impl.h, LegacyNoLocalityBloomImpl::HashMayMatch.
    const uint32_t delta = (hash_ >> 17) | (hash_ << 15);
    uint32_t probe = hash_;
    for (uint32_t i = 0; i < bloom().*Of(BloomProbesMember()); i++, probe += delta) {
      if (!IsHere(bits + probe % bloom().GetTotalBits() / 8, 1)) {
        return false;
      }
    }
    return true;
  }

  // The offsets of the keys of a bucket; plain_table_index.h, GetSubIndexBasePtrAndUpperBound.
  bool SubIndexIsHere(uint32_t in_index) const {
    const char* begin = reinterpret_cast<const char*>(index().*Of(BucketsMember()) +
                                                      index().GetIndexSize()) +
                        in_index;
    if (!IsHere(begin, kLength)) {
      return false;
    }
    uint32_t keys = 0;
    const char* offsets = index().GetSubIndexBasePtrAndUpperBound(in_index, &keys);
    return offsets != nullptr && IsHere(offsets, size_t{keys} * sizeof(uint32_t));
  }

  // The beginning of a record, as far as a decoder reads it to know key and length.
  bool HeadIsHere(uint32_t at) const {
    const uint32_t end = file().data_end_offset;
    const char* data = file().file_data.data();
    if (at >= end) {
      return true;
    }
    uint32_t size = key_size();
    size_t head = 0;
    if (size == rocksdb::kPlainTableVariableLength) {
      head = std::min<size_t>(kLength, end - at);
      if (!IsHere(data + at, head) ||
          rocksdb::GetVarint32Ptr(data + at, data + end, &size) == nullptr) {
        return false;
      }
    }
    return IsHere(data + at, std::min<size_t>(head + size + kBehindKey, end - at));
  }

  const rocksdb::PlainTableReader* const table_;
  PlainTablePages* const pages_;
  const bool marks_;
  const rocksdb::Slice internal_key_;
  const rocksdb::Slice prefix_;
  const uint32_t hash_;
  // Where the search for the record begins, and whether that record is known to have the prefix; as of GetOffset.
  uint32_t offset_ = 0;
  bool has_prefix_ = false;
  enum : uint8_t { kMayHave, kHasNot, kUnknown } state_ = kUnknown;
  // The offsets of the keys of the bucket.
  const char* sub_index_ = nullptr;
  uint32_t sub_index_size_ = 0;
};

}  // namespace venice

#endif  // VENICE_ENGINE_PLAIN_TABLE_SEARCH_H_
