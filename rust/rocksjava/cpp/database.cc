// org.rocksdb.RocksDB and ColumnFamilyHandle: the handle is the C++ object. Opening and closing are the
// engine's. Rust: rocks_db.rs and its neighbours.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "natives.h"
#include "or_default.h"
#include "pinned_batch.h"
#include "rocksdb/db.h"
#include "rocksdb/metadata.h"
#include "rocksdb/version.h"
#include "status.h"

using rocksdb::DB;
using rocksdb::PinnableSlice;
using rocksdb::Slice;
using rocksdb::Status;
using venice::FromSlice;
using venice::Guarded;
using venice::OrDefault;
using venice::Set;
using venice::SetFromException;
using venice::ToSlice;
using venice::TryMake;
using venice::TryRun;

namespace {

venice_file ToFile(const rocksdb::SstFileMetaData& file) {
  venice_file out{};
  out.name = FromSlice(file.name);
  out.db_path = FromSlice(file.db_path);
  out.smallest_key = FromSlice(file.smallestkey);
  out.largest_key = FromSlice(file.largestkey);
  out.checksum = FromSlice(file.file_checksum);
  out.size = file.size;
  out.smallest_sequence = file.smallest_seqno;
  out.largest_sequence = file.largest_seqno;
  out.reads_sampled = file.num_reads_sampled;
  out.entries = file.num_entries;
  out.deletions = file.num_deletions;
  out.being_compacted = file.being_compacted ? 1 : 0;
  return out;
}

}  // namespace

int32_t venice_version() noexcept {
  return (ROCKSDB_MAJOR & 0xff) << 16 | (ROCKSDB_MINOR & 0xff) << 8 | (ROCKSDB_PATCH & 0xff);
}

void venice_put(venice_db* db, const venice_write_options* options, venice_column_family* family,
                venice_slice key, venice_slice value, venice_status* status) noexcept {
  Guarded(status, [&] {
    return db->Put(OrDefault(options), OrDefault(db, family), ToSlice(key), ToSlice(value));
  });
}

void venice_remove(venice_db* db, const venice_write_options* options, venice_column_family* family,
                   venice_slice key, venice_status* status) noexcept {
  Guarded(status,
          [&] { return db->Delete(OrDefault(options), OrDefault(db, family), ToSlice(key)); });
}

void venice_write(venice_db* db, const venice_write_options* options, venice_write_batch* batch,
                  venice_status* status) noexcept {
  Guarded(status, [&] { return db->Write(OrDefault(options), batch); });
}

void venice_get_with(venice_db* db, const venice_read_options* options,
                     venice_column_family* family, venice_slice key, venice_pinned* pinned,
                     venice_slice* value, venice_status* status) noexcept {
  auto* slice = new (pinned) PinnableSlice();
  Guarded(status, [&] {
    return db->Get(OrDefault(options), OrDefault(db, family), ToSlice(key), slice);
  });
  if (status->code == Status::kOk) {
    *value = FromSlice(*slice);
  } else {
    slice->~PinnableSlice();
  }
}

venice_pinned_batch* venice_multi_get_with(venice_db* db, const venice_read_options* options,
                                           size_t family_count,
                                           venice_column_family* const* families, size_t count,
                                           const venice_slice* keys, venice_slice* values,
                                           venice_status* statuses) noexcept {
  try {
    auto batch = std::make_unique<venice_pinned_batch>(count);
    for (size_t i = 0; i < count; i++) {
      batch->keys[i] = ToSlice(keys[i]);
    }
    if (family_count > 1) {
      std::vector<venice_column_family*> each(families, families + family_count);
      db->MultiGet(OrDefault(options), count, each.data(), batch->keys.data(),
                   batch->values.data(), batch->statuses.data());
    } else {
      db->MultiGet(OrDefault(options), OrDefault(db, family_count == 0 ? nullptr : families[0]),
                   count, batch->keys.data(), batch->values.data(), batch->statuses.data());
    }
    for (size_t i = 0; i < count; i++) {
      Set(&statuses[i], batch->statuses[i]);
      values[i] = FromSlice(batch->values[i]);
    }
    return batch.release();
  } catch (...) {
    for (size_t i = 0; i < count; i++) {
      SetFromException(&statuses[i]);
    }
    return nullptr;
  }
}

void venice_key_exists(venice_db* db, const venice_read_options* options,
                       venice_column_family* family, venice_slice key,
                       venice_status* status) noexcept {
  Guarded(status, [&] {
    std::string found;
    bool value_found = false;
    auto* of = OrDefault(db, family);
    if (!db->KeyMayExist(OrDefault(options), of, ToSlice(key), &found, &value_found)) {
      return Status::NotFound();
    }
    PinnableSlice value;
    return db->Get(OrDefault(options), of, ToSlice(key), &value);
  });
}

venice_iterator* venice_new_iterator(venice_db* db, const venice_read_options* options,
                                     venice_column_family* family) noexcept {
  return TryMake([&] { return db->NewIterator(OrDefault(options), OrDefault(db, family)); });
}

void venice_new_iterators(venice_db* db, const venice_read_options* options, size_t count,
                          venice_column_family* const* families, venice_iterator** iterators,
                          venice_status* status) noexcept {
  Guarded(status, [&] {
    std::vector<venice_iterator*> made;
    made.reserve(count);
    Status result = db->NewIterators(
        OrDefault(options), std::vector<venice_column_family*>(families, families + count), &made);
    if (result.ok()) {
      std::copy(made.begin(), made.end(), iterators);
    }
    return result;
  });
}

void venice_create_column_families(venice_db* db, size_t count, const venice_slice* names,
                                   const venice_column_family_options* const* options,
                                   venice_column_family** handles, venice_status* status) noexcept {
  size_t made = 0;
  Guarded(status, [&] {
    for (; made < count; made++) {
      Status result = db->CreateColumnFamily(*options[made], ToSlice(names[made]).ToString(),
                                             &handles[made]);
      if (!result.ok()) {
        return result;
      }
    }
    return Status::OK();
  });
  if (status->code != Status::kOk) {
    for (size_t i = 0; i < made; i++) {
      delete handles[i];
    }
  }
}

venice_column_family* venice_default_column_family(venice_db* db) noexcept {
  return db->DefaultColumnFamily();
}

uint8_t venice_int_property(venice_db* db, venice_column_family* family, venice_slice name,
                            uint64_t* value) noexcept {
  bool known = false;
  TryRun([&] { known = db->GetIntProperty(OrDefault(db, family), ToSlice(name), value); });
  return known ? 1 : 0;
}

void venice_compact_range(venice_db* db, const venice_compact_range_options* options,
                          venice_column_family* family, venice_slice begin, venice_slice end,
                          venice_status* status) noexcept {
  Guarded(status, [&] {
    const Slice from = ToSlice(begin);
    const Slice to = ToSlice(end);
    return db->CompactRange(options != nullptr ? *options : rocksdb::CompactRangeOptions(),
                            OrDefault(db, family), begin.data != nullptr ? &from : nullptr,
                            end.data != nullptr ? &to : nullptr);
  });
}

void venice_flush(venice_db* db, const venice_flush_options* options, size_t count,
                  venice_column_family* const* families, venice_status* status) noexcept {
  Guarded(status, [&] {
    std::vector<venice_column_family*> each;
    if (families == nullptr) {
      each.push_back(db->DefaultColumnFamily());
    } else {
      each.assign(families, families + count);
    }
    return db->Flush(*options, each);
  });
}

void venice_delete_file(venice_db* db, const char* name, venice_status* status) noexcept {
  Guarded(status, [&] { return db->DEPRECATED_DeleteFile(name); });
}

void venice_ingest(venice_db* db, venice_column_family* family, size_t count,
                   const char* const* paths, const venice_ingest_options* options,
                   venice_status* status) noexcept {
  Guarded(status, [&] {
    return db->IngestExternalFile(OrDefault(db, family),
                                  std::vector<std::string>(paths, paths + count), *options);
  });
}

void venice_list_column_families(const venice_options* options, const char* path,
                                 void (*show)(void* context, venice_slice name),
                                 void* context) noexcept {
  TryRun([&] {
    std::vector<std::string> names;
    DB::ListColumnFamilies(*options, path, &names).PermitUncheckedError();
    for (const auto& name : names) {
      show(context, FromSlice(name));
    }
  });
}

uint8_t venice_live_files(venice_db* db, void (*show)(void* context, const venice_file* file),
                          void* context) noexcept {
  return TryRun([&] {
    std::vector<rocksdb::LiveFileMetaData> files;
    db->GetLiveFilesMetaData(&files);
    for (const auto& file : files) {
      venice_file shown = ToFile(file);
      shown.column_family = FromSlice(file.column_family_name);
      shown.level = file.level;
      show(context, &shown);
    }
  });
}

uint8_t venice_column_family_files(venice_db* db, venice_column_family* family, uint64_t* size,
                                   uint64_t* file_count,
                                   void (*show_name)(void* context, venice_slice name),
                                   void (*show_level)(void* context, int32_t level, uint64_t size),
                                   void (*show_file)(void* context, const venice_file* file),
                                   void* context) noexcept {
  return TryRun([&] {
    rocksdb::ColumnFamilyMetaData metadata;
    db->GetColumnFamilyMetaData(OrDefault(db, family), &metadata);
    *size = metadata.size;
    *file_count = metadata.file_count;
    show_name(context, FromSlice(metadata.name));
    for (const auto& level : metadata.levels) {
      show_level(context, level.level, level.size);
      for (const auto& file : level.files) {
        const venice_file shown = ToFile(file);
        show_file(context, &shown);
      }
    }
  });
}

void venice_column_family_name(venice_column_family* family,
                               void (*show)(void* context, venice_slice name),
                               void* context) noexcept {
  TryRun([&] { show(context, FromSlice(family->GetName())); });
}

uint32_t venice_column_family_id(venice_column_family* family) noexcept { return family->GetID(); }
