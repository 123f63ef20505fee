#include "natives.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "pinned_batch.h"
#include "rocksdb/db.h"
#include "rocksdb/iterator.h"
#include "rocksdb/metadata.h"
#include "rocksdb/options.h"
#include "rocksdb/sst_file_reader.h"
#include "rocksdb/sst_file_writer.h"
#include "rocksdb/table_properties.h"
#include "rocksdb/utilities/checkpoint.h"
#include "rocksdb/utilities/write_batch_with_index.h"
#include "rocksdb/version.h"
#include "rocksdb/write_batch.h"
#include "status.h"

using rocksdb::DB;
using rocksdb::PinnableSlice;
using rocksdb::ReadOptions;
using rocksdb::Slice;
using rocksdb::Status;
using rocksdb::WriteOptions;
using venice::Done;
using venice::FromSlice;
using venice::Guarded;
using venice::Made;
using venice::Set;
using venice::SetFromException;
using venice::ToSlice;

namespace {

const ReadOptions& OrDefault(const ReadOptions* options) {
  static const ReadOptions kDefault;
  return options != nullptr ? *options : kDefault;
}

const WriteOptions& OrDefault(const WriteOptions* options) {
  static const WriteOptions kDefault;
  return options != nullptr ? *options : kDefault;
}

venice_column_family* OrDefault(DB* db, venice_column_family* family) {
  return family != nullptr ? family : db->DefaultColumnFamily();
}

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
  return Made([&] { return db->NewIterator(OrDefault(options), OrDefault(db, family)); });
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
  Done([&] { known = db->GetIntProperty(OrDefault(db, family), ToSlice(name), value); });
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
  Done([&] {
    std::vector<std::string> names;
    DB::ListColumnFamilies(*options, path, &names).PermitUncheckedError();
    for (const auto& name : names) {
      show(context, FromSlice(name));
    }
  });
}

uint8_t venice_live_files(venice_db* db, void (*show)(void* context, const venice_file* file),
                          void* context) noexcept {
  return Done([&] {
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
  return Done([&] {
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
  Done([&] { show(context, FromSlice(family->GetName())); });
}

uint32_t venice_column_family_id(venice_column_family* family) noexcept { return family->GetID(); }

uint8_t venice_iterator_valid(const venice_iterator* iterator) noexcept {
  return iterator->Valid() ? 1 : 0;
}

uint8_t venice_iterator_seek_to_first(venice_iterator* iterator) noexcept {
  return Done([&] { iterator->SeekToFirst(); });
}

uint8_t venice_iterator_seek_to_last(venice_iterator* iterator) noexcept {
  return Done([&] { iterator->SeekToLast(); });
}

uint8_t venice_iterator_seek(venice_iterator* iterator, venice_slice target) noexcept {
  return Done([&] { iterator->Seek(ToSlice(target)); });
}

uint8_t venice_iterator_next(venice_iterator* iterator) noexcept {
  return iterator->Valid() ? Done([&] { iterator->Next(); }) : 0;
}

uint8_t venice_iterator_prev(venice_iterator* iterator) noexcept {
  return iterator->Valid() ? Done([&] { iterator->Prev(); }) : 0;
}

venice_slice venice_iterator_key(const venice_iterator* iterator) noexcept {
  try {
    return iterator->Valid() ? FromSlice(iterator->key()) : venice_slice{nullptr, 0};
  } catch (...) {
    return venice_slice{nullptr, 0};
  }
}

venice_slice venice_iterator_value(const venice_iterator* iterator) noexcept {
  try {
    return iterator->Valid() ? FromSlice(iterator->value()) : venice_slice{nullptr, 0};
  } catch (...) {
    return venice_slice{nullptr, 0};
  }
}

void venice_iterator_destroy(void* iterator) noexcept {
  static_cast<venice_iterator*>(iterator)->~Iterator();
}

venice_iterator* venice_iterator_over(venice_write_batch_with_index* batch,
                                      venice_column_family* family, venice_iterator* base,
                                      const venice_read_options* options) noexcept {
  return Made([&] { return batch->NewIteratorWithBase(family, base, options); });
}

venice_read_options* venice_read_options_new() noexcept {
  return Made([] { return new ReadOptions(); });
}

venice_read_options* venice_read_options_copy(const venice_read_options* options) noexcept {
  return Made([&] { return new ReadOptions(*options); });
}

void venice_read_options_destroy(void* options) noexcept {
  static_cast<venice_read_options*>(options)->~ReadOptions();
}

void venice_read_options_set_verify_checksums(venice_read_options* options, uint8_t on) noexcept {
  options->verify_checksums = on != 0;
}

void venice_read_options_set_fill_cache(venice_read_options* options, uint8_t on) noexcept {
  options->fill_cache = on != 0;
}

void venice_read_options_set_pin_data(venice_read_options* options, uint8_t on) noexcept {
  options->pin_data = on != 0;
}

void venice_read_options_set_background_purge(venice_read_options* options, uint8_t on) noexcept {
  options->background_purge_on_iterator_cleanup = on != 0;
}

void venice_read_options_set_readahead_size(venice_read_options* options, uint64_t bytes) noexcept {
  options->readahead_size = static_cast<size_t>(bytes);
}

void venice_read_options_set_iterate_upper_bound(venice_read_options* options,
                                                 const venice_java_slice* bound) noexcept {
  options->iterate_upper_bound = bound;
}

venice_write_options* venice_write_options_new() noexcept {
  return Made([] { return new WriteOptions(); });
}

venice_write_options* venice_write_options_copy(const venice_write_options* options) noexcept {
  return Made([&] { return new WriteOptions(*options); });
}

void venice_write_options_destroy(void* options) noexcept {
  static_cast<venice_write_options*>(options)->~WriteOptions();
}

void venice_write_options_set_disable_wal(venice_write_options* options, uint8_t on) noexcept {
  options->disableWAL = on != 0;
}

venice_write_batch* venice_write_batch_new(uint64_t reserved_bytes) noexcept {
  return Made([&] { return new rocksdb::WriteBatch(static_cast<size_t>(reserved_bytes)); });
}

venice_write_batch* venice_write_batch_from(venice_slice serialized) noexcept {
  return Made([&] { return new rocksdb::WriteBatch(ToSlice(serialized).ToString()); });
}

void venice_write_batch_destroy(void* batch) noexcept {
  static_cast<venice_write_batch*>(batch)->~WriteBatch();
}

void venice_write_batch_put(venice_write_batch* batch, venice_column_family* family,
                            venice_slice key, venice_slice value, venice_status* status) noexcept {
  Guarded(status, [&] { return batch->Put(family, ToSlice(key), ToSlice(value)); });
}

void venice_write_batch_delete(venice_write_batch* batch, venice_column_family* family,
                               venice_slice key, venice_status* status) noexcept {
  Guarded(status, [&] { return batch->Delete(family, ToSlice(key)); });
}

void venice_checkpoint_new(venice_db* db, venice_checkpoint** checkpoint,
                           venice_status* status) noexcept {
  Guarded(status, [&] { return rocksdb::Checkpoint::Create(db, checkpoint); });
}

void venice_checkpoint_create(venice_checkpoint* checkpoint, const char* path,
                              venice_status* status) noexcept {
  Guarded(status, [&] { return checkpoint->CreateCheckpoint(path); });
}

void venice_checkpoint_destroy(void* checkpoint) noexcept {
  static_cast<venice_checkpoint*>(checkpoint)->~Checkpoint();
}

venice_sst_writer* venice_sst_writer_new(const venice_env_options* env_options,
                                         const venice_options* options) noexcept {
  return Made([&] { return new rocksdb::SstFileWriter(*env_options, *options); });
}

void venice_sst_writer_open(venice_sst_writer* writer, const char* path,
                            venice_status* status) noexcept {
  Guarded(status, [&] { return writer->Open(path); });
}

void venice_sst_writer_put(venice_sst_writer* writer, venice_slice key, venice_slice value,
                           venice_status* status) noexcept {
  Guarded(status, [&] { return writer->Put(ToSlice(key), ToSlice(value)); });
}

void venice_sst_writer_finish(venice_sst_writer* writer, venice_status* status) noexcept {
  Guarded(status, [&] { return writer->Finish(); });
}

void venice_sst_writer_destroy(void* writer) noexcept {
  static_cast<venice_sst_writer*>(writer)->~SstFileWriter();
}

venice_sst_reader* venice_sst_reader_new(const venice_options* options) noexcept {
  return Made([&] { return new rocksdb::SstFileReader(*options); });
}

void venice_sst_reader_open(venice_sst_reader* reader, const char* path,
                            venice_status* status) noexcept {
  Guarded(status, [&] { return reader->Open(path); });
}

venice_iterator* venice_sst_reader_new_iterator(venice_sst_reader* reader,
                                                const venice_read_options* options) noexcept {
  return Made([&] { return reader->NewIterator(OrDefault(options)); });
}

void venice_sst_reader_destroy(void* reader) noexcept {
  static_cast<venice_sst_reader*>(reader)->~SstFileReader();
}

uint8_t venice_sst_reader_table_properties(venice_sst_reader* reader,
                                           void (*show)(void* context,
                                                        const venice_table_properties* properties),
                                           void (*show_entry)(void* context, uint8_t map,
                                                              venice_slice key, venice_slice value),
                                           void* context) noexcept {
  return Done([&] {
    const auto properties = reader->GetTableProperties();
    const venice_table_properties shown{
        {properties->data_size,
         properties->index_size,
         properties->index_partitions,
         properties->top_level_index_size,
         properties->index_key_is_user_key,
         properties->index_value_is_delta_encoded,
         properties->filter_size,
         properties->raw_key_size,
         properties->raw_value_size,
         properties->num_data_blocks,
         properties->num_entries,
         properties->num_deletions,
         properties->num_merge_operands,
         properties->num_range_deletions,
         properties->format_version,
         properties->fixed_key_len,
         properties->column_family_id,
         properties->creation_time,
         properties->oldest_key_time,
         properties->slow_compression_estimated_data_size,
         properties->fast_compression_estimated_data_size,
         properties->external_sst_file_global_seqno_offset},
        FromSlice(properties->column_family_name),
        {FromSlice(properties->filter_policy_name), FromSlice(properties->comparator_name),
         FromSlice(properties->merge_operator_name), FromSlice(properties->prefix_extractor_name),
         FromSlice(properties->property_collectors_names),
         FromSlice(properties->compression_name)}};
    show(context, &shown);
    for (const auto& entry : properties->user_collected_properties) {
      show_entry(context, 0, FromSlice(entry.first), FromSlice(entry.second));
    }
    for (const auto& entry : properties->readable_properties) {
      show_entry(context, 1, FromSlice(entry.first), FromSlice(entry.second));
    }
  });
}
