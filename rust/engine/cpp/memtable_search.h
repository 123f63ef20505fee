// What the memtables of a super version have of a key, for who found the key in files, or in none: DB::Get asks them
// first (direct_answers.h, 3).
//
// It is what DBImpl::GetImpl of 9.11.2 asks: MemTable::Get, then MemTableListVersion::Get, with RocksDB's own search of
// the skip list, which takes no lock. MemTable::Get itself would copy the value; here it stays where it is.

#ifndef VENICE_ENGINE_MEMTABLE_SEARCH_H_
#define VENICE_ENGINE_MEMTABLE_SEARCH_H_

#include <atomic>
#include <cstring>
#include <list>
#include <memory>

#include "db/column_family.h"
#include "db/dbformat.h"
#include "db/lookup_key.h"
#include "db/memtable.h"
#include "db/memtable_list.h"
#include "prefetch.h"
#include "rocksdb/memtablerep.h"
#include "util/coding.h"

namespace venice {

using MemtableMember = std::unique_ptr<rocksdb::MemTableRep> rocksdb::MemTable::*;
using NoRangeDeletionsMember = std::atomic_bool rocksdb::MemTable::*;
using MemtablesMember =
    std::list<rocksdb::ReadOnlyMemTable*> rocksdb::MemTableListVersion::*;

constexpr MemtableMember Of(MemtableMember);
constexpr NoRangeDeletionsMember Of(NoRangeDeletionsMember);
constexpr MemtablesMember Of(MemtablesMember);

template struct Private<MemtableMember, &rocksdb::MemTable::table_>;
template struct Private<NoRangeDeletionsMember, &rocksdb::MemTable::is_range_del_table_empty_>;
template struct Private<MemtablesMember, &rocksdb::MemTableListVersion::memlist_>;

// Bytes of a varint of 32 bits at most.
constexpr size_t kMaxVarint32 = 5;

// Asks the memtables for a key, as of a sequence number.
class MemtableSearch {
 public:
  enum Outcome {
    // None of them has it.
    kNothing,
    // The newest entry is a value.
    kValue,
    // Whatever else: DB::Get tells.
    kOther,
  };

  MemtableSearch(const rocksdb::Slice& user_key, rocksdb::SequenceNumber last)
      : key_(user_key, last) {}

  // The number was read behind the reference to the super version, and before this.
  Outcome Search(const rocksdb::SuperVersion& files) {
    Outcome outcome = SearchOne(files.mem);
    const auto& others = files.imm->*Of(MemtablesMember());
    for (auto at = others.begin(); outcome == kNothing && at != others.end(); at++) {
      outcome = SearchOne(*at);
    }
    return outcome;
  }

  // Where the memtable has it, as long as the super version is referenced.
  rocksdb::Slice value() const { return value_; }

 private:
  // Ingested batches are of another kind ("WBWIMemTable").
  Outcome SearchOne(rocksdb::ReadOnlyMemTable* memtable) {
    if (memtable->IsEmpty()) {
      return kNothing;
    }
    if (std::strcmp(memtable->Name(), "MemTable") != 0) {
      return kOther;
    }
    const auto* table = static_cast<rocksdb::MemTable*>(memtable);
    const rocksdb::ImmutableMemTableOptions& options = *table->GetImmutableMemTableOptions();
    // Of deletions of ranges none; entries that stay as they are, and nothing that is verified for each.
    if (!(table->*Of(NoRangeDeletionsMember())).load(std::memory_order_relaxed) ||
        options.inplace_update_support || options.protection_bytes_per_key != 0 ||
        options.paranoid_memory_checks) {
      return kOther;
    }
    outcome_ = kNothing;
    (table->*Of(MemtableMember()))->Get(key_, this, &MemtableSearch::Take);
    return outcome_;
  }

  // The first entry that is not before the key, in the order of memtables: the newest of the key that is not above the
  // sequence number, if it has one. memtable.cc, SaveValue.
  static bool Take(void* search, const char* entry) {
    auto* self = static_cast<MemtableSearch*>(search);
    uint32_t size = 0;
    const char* key = rocksdb::GetVarint32Ptr(entry, entry + kMaxVarint32, &size);
    const rocksdb::Slice user_key(key, size - rocksdb::kNumInternalBytes);
    if (user_key == self->key_.user_key()) {
      const uint64_t number_and_type = rocksdb::DecodeFixed64(key + user_key.size());
      const bool is_value = (number_and_type & 0xff) == rocksdb::kTypeValue;
      self->outcome_ = is_value ? kValue : kOther;
      if (is_value) {
        self->value_ = rocksdb::GetLengthPrefixedSlice(key + size);
      }
    }
    return false;
  }

  const rocksdb::LookupKey key_;
  Outcome outcome_ = kNothing;
  rocksdb::Slice value_;
};

}  // namespace venice

#endif  // VENICE_ENGINE_MEMTABLE_SEARCH_H_
