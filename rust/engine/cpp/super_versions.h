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
#include "prefetch.h"
#include "shim.h"
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
// Files that may have a key: a new one in level 0, and an old one.
constexpr size_t kFilesOfKey = 2;

// A key that is looked for in a table.
struct SoughtKey {
  rocksdb::Slice internal_key;
  // Its number among all that are looked for, and that of its database's files.
  size_t number;
  size_t files;
  // Whether a value that this table has of it is the answer, if it is published at `last` (direct_answers.h, 1 to 4).
  bool is_newest;
  rocksdb::SequenceNumber last;

  rocksdb::Slice user_key() const { return rocksdb::ExtractUserKey(internal_key); }
};

// The files of the databases of some keys, which stay until the keys are done.
class SuperVersions {
 public:
  SuperVersions() = default;
  SuperVersions(const SuperVersions&) = delete;
  SuperVersions& operator=(const SuperVersions&) = delete;
  ~SuperVersions() {
    for (const Files& files : all_) {
      files.db->ReturnAndCleanupSuperVersion(files.family, files.super_version);
    }
  }

  // Calls `with_table(reader, sought_key)` for each table that may have a key of a database, the
  // newest first, at most kFilesOfKey of them. A file without a pinned reader (max_open_files) is not
  // looked for. One key alone is looked for only where it may be answered: to fetch it gains nothing. The internal keys
  // stay as long as this.
  template <typename WithTable>
  void EachTable(size_t count, const venice_sought* sought, WithTable with_table) {
    for (size_t i = 0; i < std::min<size_t>(count, VENICE_PREFETCHED_AT_ONCE); i++) {
      const venice_slice key = sought[i].key;
      if (key.size > kMaxKey) {
        continue;
      }
      const size_t number = Of(static_cast<rocksdb::DBImpl*>(sought[i].db));
      const Files& files = all_[number];
      const bool is_newest = sought[i].may_answer != 0 && files.have_all;
      if (count == 1 && !is_newest) {
        return;
      }
      char* internal_key = internal_keys_[i];
      std::memcpy(internal_key, key.data, key.size);
      rocksdb::EncodeFixed64(internal_key + key.size,
                             rocksdb::PackSequenceAndType(rocksdb::kMaxSequenceNumber,
                                                          rocksdb::kValueTypeForSeek));
      const rocksdb::Slice whole(internal_key, key.size + rocksdb::kNumInternalBytes);
      EachTable(files, SoughtKey{whole, i, number, is_newest, files.last}, with_table);
    }
  }

  // Has `holds` keep the files of this number.
  bool Keep(size_t number, venice_holds* holds) {
    Files& files = all_[number];
    if (!files.kept) {
      // Not as this thread's own, of which there is one at a time: DB::Get needs it.
      files.kept = Hold(holds, kHoldsFiles, files.db, files.super_version);
      if (files.kept) {
        files.super_version->Ref();
      }
    }
    return files.kept;
  }

 private:
  struct Files {
    rocksdb::DBImpl* db;
    rocksdb::ColumnFamilyData* family;
    rocksdb::SuperVersion* super_version;
    // Nothing is in memtables, and nobody takes down what is read.
    bool have_all;
    rocksdb::SequenceNumber last;
    bool kept;
  };

  size_t Of(rocksdb::DBImpl* db) {
    // A second one of the same database would take its mutex.
    for (size_t i = 0; i < all_.size(); i++) {
      if (all_[i].db == db) {
        return i;
      }
    }
    auto* family = static_cast<rocksdb::ColumnFamilyHandleImpl*>(db->DefaultColumnFamily())->cfd();
    rocksdb::SuperVersion* super_version = db->GetAndRefSuperVersion(family);
    const bool is_traced = db->*venice::Of(TracerMember()) != nullptr ||
                           (db->*venice::Of(BlockCacheTracerMember())).is_tracing_enabled();
    const bool have_all = !is_traced && super_version->mem->IsEmpty() &&
                          super_version->imm->NumNotFlushed() == 0;
    // In this order, as DBImpl::GetImpl.
    const rocksdb::SequenceNumber last = db->GetLatestSequenceNumber();
    all_.Add(Files{db, family, super_version, have_all, last, false});
    return all_.size() - 1;
  }

  // In the order of FilePicker.
  template <typename WithTable>
  static void EachTable(const Files& of, SoughtKey key, WithTable& with_table) {
    const auto* storage = of.super_version->current->storage_info();
    const rocksdb::InternalKeyComparator& order = of.family->internal_comparator();
    const rocksdb::Slice user_key = key.user_key();
    const auto* bytes = order.user_comparator();
    size_t left = kFilesOfKey;
    for (int level = 0; level < storage->num_non_empty_levels() && left > 0; level++) {
      const rocksdb::LevelFilesBrief& files = storage->LevelFilesBrief(level);
      size_t at = 0;
      size_t end = files.num_files;
      if (level > 0) {
        at = static_cast<size_t>(rocksdb::FindFile(order, files, key.internal_key));
        end = std::min(at + 1, end);
      }
      for (; at < end && left > 0; at++) {
        const rocksdb::FdWithKeyRange& file = files.files[at];
        if (bytes->Compare(user_key, rocksdb::ExtractUserKey(file.smallest_key)) >= 0 &&
            bytes->Compare(user_key, rocksdb::ExtractUserKey(file.largest_key)) <= 0) {
          left--;
          if (file.fd.table_reader != nullptr) {
            with_table(file.fd.table_reader, key);
          }
          // Only the first, also if that could not be looked at.
          key.is_newest = false;
        }
      }
    }
  }

  Few<Files, VENICE_PREFETCHED_AT_ONCE> all_;
  char internal_keys_[VENICE_PREFETCHED_AT_ONCE][kMaxKey + rocksdb::kNumInternalBytes];
};

// What both kinds of tables have in common of shim.h's venice_prefetch_plain and venice_prefetch_blocks. `Candidates`
// takes each table that may have a key (Add), and finds the records (Find).
template <typename Candidates>
size_t FindInTables(size_t count, const venice_sought* sought, venice_slice* values,
                    venice_holds* holds) noexcept {
  for (size_t i = 0; holds != nullptr && i < count; i++) {
    values[i] = venice_slice{nullptr, 0};
  }
  SuperVersions files;
  Candidates candidates;
  try {
    files.EachTable(count, sought, [&](rocksdb::TableReader* reader, const SoughtKey& key) {
      candidates.Add(reader, key);
    });
    return candidates.Find(&files, values, holds);
  } catch (...) {
    // The gets will say what is wrong.
    return 0;
  }
}

}  // namespace venice

#endif  // VENICE_ENGINE_SUPER_VERSIONS_H_
