// What fetching ahead knows of a database: its files that may have a key, and whether what they have is the newest.

#ifndef VENICE_ENGINE_SUPER_VERSIONS_H_
#define VENICE_ENGINE_SUPER_VERSIONS_H_

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>

#include "db/column_family.h"
#include "db/db_impl/db_impl.h"
#include "db/dbformat.h"
#include "db/memtable.h"
#include "db/memtable_list.h"
#include "db/version_set.h"
#include "direct_answers.h"
#include "key_bytes.h"
#include "memtable_search.h"
#include "prefetch.h"
#include "rocksdb/memtablerep.h"
#include "shim.h"
#include "status.h"
#include "trace_replay/block_cache_tracer.h"
#include "trace_replay/trace_replay.h"
#include "util/coding.h"

namespace venice {

using TracerMember = std::unique_ptr<rocksdb::Tracer> rocksdb::DBImpl::*;
using BlockCacheTracerMember = rocksdb::BlockCacheTracer rocksdb::DBImpl::*;

constexpr TracerMember Of(TracerMember);
constexpr BlockCacheTracerMember Of(BlockCacheTracerMember);

template struct Private<TracerMember, &rocksdb::DBImpl::tracer_>;
template struct Private<BlockCacheTracerMember, &rocksdb::DBImpl::block_cache_tracer_>;

// Longer keys are not fetched.
constexpr size_t kMaxKey = 120;
// Files that a key is looked for in, one after the other, at most; behind them, DB::Get goes on.
constexpr size_t kFilesOfKey = 8;
// The same of a key that is not answered: a new one in level 0, and an old one.
constexpr size_t kFilesFetched = 2;

// A key that is looked for.
struct SoughtKey {
  rocksdb::Slice internal_key;
  // Its number among all that are looked for, and that of its database's files.
  size_t number;
  size_t files;
  // The next file that may have it, in the order of FilePicker.
  int level;
  size_t next_in_level;
  // Whether what its tables have can be the answer (direct_answers.h, 1 and 2).
  bool may_answer;
  // Nothing is left to look at, or to prove.
  bool is_done;

  rocksdb::Slice user_key() const { return rocksdb::ExtractUserKey(internal_key); }
};

// The files of the databases of some keys, which stay until the keys are done; and what is proven of the keys.
class SuperVersions {
 public:
  // With `holds` null, nothing is answered; else `values` are null at first.
  SuperVersions(venice_slice* values, venice_holds* holds) : values_(values), holds_(holds) {}
  SuperVersions(const SuperVersions&) = delete;
  SuperVersions& operator=(const SuperVersions&) = delete;
  ~SuperVersions() {
    for (const Files& files : all_) {
      files.db->ReturnAndCleanupSuperVersion(files.family, files.super_version);
    }
  }

  // Takes the keys. One alone is looked for only where it may be answered: to fetch it gains nothing.
  void Begin(size_t count, const venice_sought* sought) {
    for (size_t i = 0; i < std::min<size_t>(count, VENICE_PREFETCHED_AT_ONCE); i++) {
      const venice_slice key = sought[i].key;
      if (key.size > kMaxKey) {
        continue;
      }
      const size_t number = Of(sought[i]);
      const bool may_answer =
          holds_ != nullptr && sought[i].may_answer != 0 && !all_[number].is_traced;
      if (count == 1 && !may_answer) {
        return;
      }
      char* internal_key = internal_keys_[i];
      std::memcpy(internal_key, key.data, key.size);
      rocksdb::EncodeFixed64(internal_key + key.size,
                             rocksdb::PackSequenceAndType(rocksdb::kMaxSequenceNumber,
                                                          rocksdb::kValueTypeForSeek));
      const rocksdb::Slice whole(internal_key, key.size + rocksdb::kNumInternalBytes);
      keys_.Add(SoughtKey{whole, i, number, 0, 0, may_answer, false});
    }
  }

  Few<SoughtKey, VENICE_PREFETCHED_AT_ONCE>& keys() { return keys_; }

  // The next file that may have a key, by its range. Null if there is none.
  const rocksdb::FdWithKeyRange* Next(SoughtKey* key) const {
    const Files& of = all_[key->files];
    const auto* storage = of.super_version->current->storage_info();
    const rocksdb::Slice user_key = key->user_key();
    const auto* order = of.is_bytewise ? nullptr : of.family->internal_comparator().user_comparator();
    for (; key->level < storage->num_non_empty_levels(); key->level++, key->next_in_level = 0) {
      const rocksdb::LevelFilesBrief& files = storage->LevelFilesBrief(key->level);
      if (key->level > 0) {
        if (key->next_in_level > 0) {
          continue;
        }
        // FindFile: the first that does not end before the key.
        size_t at = 0;
        for (size_t end = files.num_files; at < end;) {
          const size_t middle = at + (end - at) / 2;
          if (Compare(order, files.files[middle].largest_key, user_key) < 0) {
            at = middle + 1;
          } else {
            end = middle;
          }
        }
        key->next_in_level = files.num_files;
        if (at < files.num_files && Compare(order, files.files[at].smallest_key, user_key) <= 0) {
          return &files.files[at];
        }
        continue;
      }
      while (key->next_in_level < files.num_files) {
        const rocksdb::FdWithKeyRange& file = files.files[key->next_in_level++];
        if (Compare(order, file.smallest_key, user_key) <= 0 &&
            Compare(order, file.largest_key, user_key) >= 0) {
          return &file;
        }
      }
    }
    return nullptr;
  }

  // A table has a record of the key, and none that was asked before has one: whether its value is the answer, which
  // the caller then gives. The key is done.
  bool IsAnswer(SoughtKey* key, uint64_t number_and_type, rocksdb::SequenceNumber global) {
    key->is_done = true;
    return IsPublishedValue(number_and_type, global, all_[key->files].last) &&
           AskMemtables(*key) == MemtableSearch::kNothing;
  }

  // No file has the key. It is done.
  void IsInNoFile(SoughtKey* key) {
    key->is_done = true;
    if (key->may_answer && AskMemtables(*key) == MemtableSearch::kNothing) {
      values_[key->number] = venice_slice{nullptr, VENICE_MISSING};
    }
  }

  void Answer(const SoughtKey& key, const rocksdb::Slice& value) {
    values_[key.number] = FromSlice(value);
  }

  // Has `holds` keep the files of a key.
  bool Keep(const SoughtKey& key) {
    Files& files = all_[key.files];
    if (!files.kept) {
      // Not as this thread's own, of which there is one at a time: DB::Get needs it.
      files.kept = Hold(holds_, kHoldsFiles, files.db, files.super_version);
      if (files.kept) {
        files.super_version->Ref();
      }
    }
    return files.kept;
  }

  venice_holds* holds() { return holds_; }

 private:
  struct Files {
    rocksdb::DBImpl* db;
    rocksdb::ColumnFamilyData* family;
    rocksdb::SuperVersion* super_version;
    // Keys are in the order of their bytes (direct_answers.h, 1). Else they may be, too.
    bool is_bytewise;
    // Somebody takes down what is read.
    bool is_traced;
    bool kept;
    rocksdb::SequenceNumber last;
  };

  size_t Of(const venice_sought& sought) {
    auto* db = static_cast<rocksdb::DBImpl*>(sought.db);
    // A second one of the same database would take its mutex.
    for (size_t i = 0; i < all_.size(); i++) {
      if (all_[i].db == db) {
        return i;
      }
    }
    auto* family = static_cast<rocksdb::ColumnFamilyHandleImpl*>(db->DefaultColumnFamily())->cfd();
    rocksdb::SuperVersion* super_version = db->GetAndRefSuperVersion(family);
    // In this order, as DBImpl::GetImpl.
    const rocksdb::SequenceNumber last = db->GetLatestSequenceNumber();
    const bool is_traced = db->*venice::Of(TracerMember()) != nullptr ||
                           (db->*venice::Of(BlockCacheTracerMember())).is_tracing_enabled();
    all_.Add(Files{db, family, super_version, sought.may_answer != 0, is_traced, false, last});
    return all_.size() - 1;
  }

  // If they have a value that is the answer, gives it.
  MemtableSearch::Outcome AskMemtables(const SoughtKey& key) {
    const Files& files = all_[key.files];
    const rocksdb::SuperVersion& version = *files.super_version;
    if (version.mem->IsEmpty() && version.imm->NumNotFlushed() == 0) {
      return MemtableSearch::kNothing;
    }
    // Others may take locks.
    const char* kind = files.family->ioptions().memtable_factory->Name();
    if (std::strcmp(kind, rocksdb::SkipListFactory::kClassName()) != 0) {
      return MemtableSearch::kOther;
    }
    MemtableSearch search(key.user_key(), files.last);
    const MemtableSearch::Outcome outcome = search.Search(version);
    if (outcome == MemtableSearch::kValue && Keep(key)) {
      Answer(key, search.value());
    }
    return outcome;
  }

  // Of an internal key and a user's; by their bytes without `order`.
  static int Compare(const rocksdb::Comparator* order, const rocksdb::Slice& internal_key,
                     const rocksdb::Slice& user_key) {
    const rocksdb::Slice key = rocksdb::ExtractUserKey(internal_key);
    return order == nullptr ? CompareBytes(key, user_key) : order->Compare(key, user_key);
  }

  venice_slice* values_;
  venice_holds* holds_;
  Few<Files, VENICE_PREFETCHED_AT_ONCE> all_;
  Few<SoughtKey, VENICE_PREFETCHED_AT_ONCE> keys_;
  char internal_keys_[VENICE_PREFETCHED_AT_ONCE][kMaxKey + rocksdb::kNumInternalBytes];
};

// What both kinds of tables have in common of shim.h's venice_prefetch_plain and venice_prefetch_blocks: wave by wave,
// each key is looked for in the next file that may have it. `Candidates` takes a table that may have a key (Add; false
// if it does not look at it), and looks for the records (Find). Keys of which it cannot tell whether the table has them
// are done, and those too that it has (IsAnswer); the others go on.
template <typename Candidates>
size_t FindInTables(size_t count, const venice_sought* sought, venice_slice* values,
                    venice_holds* holds) noexcept {
  for (size_t i = 0; holds != nullptr && i < count; i++) {
    values[i] = venice_slice{nullptr, 0};
  }
  SuperVersions files(values, holds);
  try {
    files.Begin(count, sought);
    size_t met = 0;
    for (size_t wave = 0; wave < kFilesOfKey; wave++) {
      Candidates candidates;
      for (SoughtKey& key : files.keys()) {
        // A file without a pinned reader (max_open_files) is not looked at.
        if (key.is_done || (!key.may_answer && wave >= kFilesFetched)) {
          continue;
        }
        const rocksdb::FdWithKeyRange* file = files.Next(&key);
        if (file == nullptr) {
          files.IsInNoFile(&key);
        } else if (file->fd.table_reader == nullptr ||
                   !candidates.Add(file->fd.table_reader, &key)) {
          key.is_done = true;
        }
      }
      if (candidates.empty()) {
        break;
      }
      met += candidates.Find(&files);
    }
    return met;
  } catch (...) {
    // The gets will say what is wrong.
    return 0;
  }
}

}  // namespace venice

#endif  // VENICE_ENGINE_SUPER_VERSIONS_H_
