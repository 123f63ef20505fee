// When a record that was found ahead of a get is the get's answer, without DB::Get (docs/adr/0026).
//
// It is if DB::Get of 9.11.2, made at that moment, would have returned its value. That is so if all of this holds; who
// finds one of it not to hold leaves the get to DB::Get:
//
// 1. The database has what a get knows to be its own (MayAnswer, asked once, as it was opened here): keys in the order
//    of their bytes without timestamps; nobody who counts gets (Statistics, db_impl.cc GetImpl, version_set.cc Get); no
//    row cache (table_cache.cc Get); no sequence numbers that are given before they are published (two_write_queues,
//    allow_2pc: db_impl.h GetLastPublishedSequence).
// 2. No trace of gets or of block accesses is being taken (GetImpl, block_based_table_reader.cc Get).
// 3. Memtable and immutable memtables of the super version have no entry of the key, and no deletion of a range
//    (memtable_search.h): GetImpl asks them first. If the newest entry is a value, that is the answer; of whatever else
//    DB::Get tells. The super version is referenced first, then the last sequence number is read, and then memtables are
//    looked at, as GetImpl does.
// 4. The table is asked in the order of FilePicker (version_set.cc): the files of level 0 whose range has the key, from
//    the newest on, then one of each level; and of each before it, it is proven that it has no record of the key. The
//    range of a file includes its range deletions (version_edit.h, UpdateBoundaries and its callers), so none of a
//    file that is passed over covers the key. Version::Get ends at the first value that it meets.
// 5. The reader of each that was asked is in the version (FdWithKeyRange), and it has no range deletions.
// 6. The record is the first of the table with the key: of a block-based table, a record with a lesser user key is before
//    it in the block (record_search.h), or else the index was searched, or confirms the block (index_search.h); what a
//    block_locator.h says proves nothing. Of a plain table by the way of PlainTableReader::GetOffset and Get
//    (plain_table_search.h; kPlain alone). A table has no record of the key if, in the same way, a lesser is followed by
//    a greater.
// 7. Its type is kTypeValue: no deletion, merge, blob index, wide columns, preferred sequence number (get_context.cc
//    SaveValue).
// 8. Its sequence number, the file's global one if there is one (block.h, UpdateKey), is not above the last: while a
//    file is ingested a super version may have it before its number is published (db_impl.cc, IngestExternalFiles).
// 9. Nothing has to be verified for each key (block_protection_bytes_per_key).
//
// If each file whose range has the key was asked, and none has it, nor a memtable, there is no such key. Filters may be
// passed over: they only tell sooner what is not there.

#ifndef VENICE_ENGINE_DIRECT_ANSWERS_H_
#define VENICE_ENGINE_DIRECT_ANSWERS_H_

#include <cstdint>

#include "db/dbformat.h"
#include "shim.h"

namespace venice {

// Kinds of what is held.
enum HoldKind : uint8_t {
  // A handle of a cache.
  kHoldsBlock = 0,
  // A super version of a database.
  kHoldsFiles = 1,
};

// Whether a record is a value that is published, by 7 and 8. `number_and_type` is as ExtractInternalKeyFooter returns
// it.
inline bool IsPublishedValue(uint64_t number_and_type, rocksdb::SequenceNumber global,
                             rocksdb::SequenceNumber last) {
  const auto type = static_cast<rocksdb::ValueType>(number_and_type & 0xff);
  const rocksdb::SequenceNumber number =
      global == rocksdb::kDisableGlobalSequenceNumber ? number_and_type >> 8 : global;
  return type == rocksdb::kTypeValue && number <= last;
}

static_assert(sizeof(venice_holds::all) / sizeof(venice_hold) == VENICE_PREFETCHED_AT_ONCE,
              "each key may need a hold");

// Takes over what keeps values in place. False if there is no room.
inline bool Hold(venice_holds* holds, HoldKind kind, void* owner, void* held) {
  if (holds->count == VENICE_PREFETCHED_AT_ONCE) {
    return false;
  }
  holds->all[holds->count++] = venice_hold{owner, held, kind};
  return true;
}

}  // namespace venice

#endif  // VENICE_ENGINE_DIRECT_ANSWERS_H_
