// Finds ahead of some gets what DB::Get will read of plain tables.
//
// A get from a plain table is short, and most of its time it waits for memory: for the bucket of
// the hash index, then for the record (docs/benchmarks). Gets one after the other wait one after the
// other. Here the same way (plain_table_search.h) is gone for some keys side by side, in three steps; each step fetches
// what the next one reads, so the waits overlap. What is found at the end of the way is the answer if it is proven
// (direct_answers.h); all else is DB::Get's, and so is what would be read from a page that is not known to be in memory.

#include "plain_table_search.h"
#include "prefetch.h"
#include "record_search.h"
#include "shim.h"
#include "super_versions.h"
#include "table/plain/plain_table_reader.h"
#include "watched_plain_table.h"

using rocksdb::PlainTableReader;
using rocksdb::Slice;

namespace venice {
namespace {

// A plain table that may have a key.
struct Candidate {
  // In place: a copy of the search would cost more than some of its steps.
  Candidate(const PlainTableReader* table, PlainTablePages* pages, SoughtKey* sought)
      : search(table, pages, false, sought->internal_key), key(sought) {}

  PlainTableSearch search;
  SoughtKey* const key;
};

// The plain tables that may have a key.
class Candidates {
 public:
  bool Add(rocksdb::TableReader* reader, SoughtKey* key) {
    // A factory of plain tables makes no others.
    WatchedPlainTable* watched = WatchedPlainTable::Of(reader);
    const PlainTableReader* table =
        watched != nullptr ? watched->table() : static_cast<const PlainTableReader*>(reader);
    if (!PlainTableSearch::Suits(table, key->user_key())) {
      return false;
    }
    PlainTablePages* pages = watched != nullptr ? watched->pages_to_ask() : nullptr;
    all_.Add(table, pages, key);
    return true;
  }
  bool empty() const { return all_.empty(); }

  size_t Find(SuperVersions* files) {
    for (const Candidate& candidate : all_) {
      candidate.search.FetchBucket();
    }
    Few<Candidate*, VENICE_PREFETCHED_AT_ONCE> searched;
    for (Candidate& candidate : all_) {
      if (candidate.search.FetchByBucket()) {
        searched.Add(&candidate);
      }
    }
    for (Candidate* candidate : searched) {
      candidate->search.FetchBySearch();
    }
    for (const Candidate& candidate : all_) {
      SoughtKey* key = candidate.key;
      if (!key->may_answer) {
        continue;
      }
      Slice value;
      uint64_t number_and_type = 0;
      switch (candidate.search.FindRecord(&value, &number_and_type)) {
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
