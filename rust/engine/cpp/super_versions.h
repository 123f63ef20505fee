// What fetching ahead knows of a database: its files that may have a key.

#ifndef VENICE_ENGINE_SUPER_VERSIONS_H_
#define VENICE_ENGINE_SUPER_VERSIONS_H_

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "db/column_family.h"
#include "db/db_impl/db_impl.h"
#include "db/dbformat.h"
#include "db/version_set.h"
#include "shim.h"
#include "util/coding.h"

namespace venice {

// Longer keys are not fetched.
constexpr size_t kMaxKey = 120;
// Files that may have a key: a new one in level 0, and an old one.
constexpr size_t kFilesOfKey = 2;

// The files of the databases of some keys, which stay until the keys are done.
class SuperVersions {
 public:
  SuperVersions() = default;
  SuperVersions(const SuperVersions&) = delete;
  SuperVersions& operator=(const SuperVersions&) = delete;
  ~SuperVersions() {
    for (size_t i = 0; i < count_; i++) {
      all_[i].db->ReturnAndCleanupSuperVersion(all_[i].family, all_[i].super_version);
    }
  }

  // Calls `with_table(reader, internal_key)` for each table that may have a key of a database, the
  // newest first, at most kFilesOfKey of them. A file without a pinned reader (max_open_files) is not
  // looked for. The internal keys stay as long as this.
  template <typename WithTable>
  void EachTable(size_t count, venice_db* const* dbs, const venice_slice* keys,
                 WithTable with_table) {
    for (size_t i = 0; i < std::min<size_t>(count, VENICE_PREFETCHED_AT_ONCE); i++) {
      if (keys[i].size > kMaxKey) {
        continue;
      }
      char* internal_key = internal_keys_[i];
      std::memcpy(internal_key, keys[i].data, keys[i].size);
      rocksdb::EncodeFixed64(internal_key + keys[i].size,
                             rocksdb::PackSequenceAndType(rocksdb::kMaxSequenceNumber,
                                                          rocksdb::kValueTypeForSeek));
      auto* db = static_cast<rocksdb::DBImpl*>(dbs[i]);
      auto* family =
          static_cast<rocksdb::ColumnFamilyHandleImpl*>(db->DefaultColumnFamily())->cfd();
      EachTable(Of(db, family), family->internal_comparator(),
                rocksdb::Slice(internal_key, keys[i].size + rocksdb::kNumInternalBytes),
                with_table);
    }
  }

 private:
  struct Held {
    rocksdb::DBImpl* db;
    rocksdb::ColumnFamilyData* family;
    rocksdb::SuperVersion* super_version;
  };

  const rocksdb::SuperVersion& Of(rocksdb::DBImpl* db, rocksdb::ColumnFamilyData* family) {
    // A second one of the same database would take its mutex.
    for (size_t i = 0; i < count_; i++) {
      if (all_[i].db == db) {
        return *all_[i].super_version;
      }
    }
    all_[count_] = {db, family, db->GetAndRefSuperVersion(family)};
    return *all_[count_++].super_version;
  }

  template <typename WithTable>
  static void EachTable(const rocksdb::SuperVersion& super_version,
                        const rocksdb::InternalKeyComparator& order,
                        const rocksdb::Slice& internal_key, WithTable& with_table) {
    const auto* storage = super_version.current->storage_info();
    const rocksdb::Slice user_key = rocksdb::ExtractUserKey(internal_key);
    const auto* bytes = order.user_comparator();
    size_t left = kFilesOfKey;
    for (int level = 0; level < storage->num_non_empty_levels() && left > 0; level++) {
      const rocksdb::LevelFilesBrief& files = storage->LevelFilesBrief(level);
      size_t at = 0;
      size_t end = files.num_files;
      if (level > 0) {
        at = static_cast<size_t>(rocksdb::FindFile(order, files, internal_key));
        end = std::min(at + 1, end);
      }
      for (; at < end && left > 0; at++) {
        const rocksdb::FdWithKeyRange& file = files.files[at];
        if (bytes->Compare(user_key, rocksdb::ExtractUserKey(file.smallest_key)) >= 0 &&
            bytes->Compare(user_key, rocksdb::ExtractUserKey(file.largest_key)) <= 0) {
          left--;
          if (file.fd.table_reader != nullptr) {
            with_table(file.fd.table_reader, internal_key);
          }
        }
      }
    }
  }

  Held all_[VENICE_PREFETCHED_AT_ONCE];
  size_t count_ = 0;
  char internal_keys_[VENICE_PREFETCHED_AT_ONCE][kMaxKey + rocksdb::kNumInternalBytes];
};

}  // namespace venice

#endif  // VENICE_ENGINE_SUPER_VERSIONS_H_
