// org.rocksdb.SstFileWriter and SstFileReader: the handle is the C++ object.

#include "natives.h"
#include "or_default.h"
#include "rocksdb/sst_file_reader.h"
#include "rocksdb/sst_file_writer.h"
#include "rocksdb/table_properties.h"
#include "status.h"

using venice::FromSlice;
using venice::Guarded;
using venice::OrDefault;
using venice::ToSlice;
using venice::TryMake;
using venice::TryRun;

venice_sst_writer* venice_sst_writer_new(const venice_env_options* env_options,
                                         const venice_options* options) noexcept {
  return TryMake([&] { return new rocksdb::SstFileWriter(*env_options, *options); });
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
  return TryMake([&] { return new rocksdb::SstFileReader(*options); });
}

void venice_sst_reader_open(venice_sst_reader* reader, const char* path,
                            venice_status* status) noexcept {
  Guarded(status, [&] { return reader->Open(path); });
}

venice_iterator* venice_sst_reader_new_iterator(venice_sst_reader* reader,
                                                const venice_read_options* options) noexcept {
  return TryMake([&] { return reader->NewIterator(OrDefault(options)); });
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
  return TryRun([&] {
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
