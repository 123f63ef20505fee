// What the natives of org.rocksdb need of RocksDB's C++ interface, as plain C functions. The rules
// are those of shim.h; a function of an object's class that ends in `_destroy` runs the destructor
// in place and leaves the memory, for venice_block_free.
//
// src/objects/ffi.rs declares the same; tests/architecture/c_abi.py compares.

#ifndef VENICE_ROCKSJAVA_NATIVES_H_
#define VENICE_ROCKSJAVA_NATIVES_H_

#include "shim.h"

namespace rocksdb {
class Checkpoint;
class Iterator;
class Slice;
class SstFileReader;
class SstFileWriter;
class WriteBatch;
class WriteBatchWithIndex;
struct CompactRangeOptions;
struct EnvOptions;
struct FlushOptions;
struct IngestExternalFileOptions;
struct ReadOptions;
struct WriteOptions;
}  // namespace rocksdb

extern "C" {

using venice_checkpoint = rocksdb::Checkpoint;
using venice_compact_range_options = rocksdb::CompactRangeOptions;
using venice_env_options = rocksdb::EnvOptions;
using venice_flush_options = rocksdb::FlushOptions;
using venice_ingest_options = rocksdb::IngestExternalFileOptions;
using venice_iterator = rocksdb::Iterator;
using venice_java_slice = rocksdb::Slice;
using venice_read_options = rocksdb::ReadOptions;
using venice_sst_reader = rocksdb::SstFileReader;
using venice_sst_writer = rocksdb::SstFileWriter;
using venice_write_batch = rocksdb::WriteBatch;
using venice_write_batch_with_index = rocksdb::WriteBatchWithIndex;
using venice_write_options = rocksdb::WriteOptions;

// ---- RocksDB. A null column family is "default"; null options are the class's defaults.

// ROCKSDB_MAJOR << 16 | ROCKSDB_MINOR << 8 | ROCKSDB_PATCH.
int32_t venice_version(void) noexcept;

void venice_put(venice_db* db, const venice_write_options* options, venice_column_family* family,
                struct venice_slice key, struct venice_slice value,
                struct venice_status* status) noexcept;

void venice_remove(venice_db* db, const venice_write_options* options, venice_column_family* family,
                   struct venice_slice key, struct venice_status* status) noexcept;

void venice_write(venice_db* db, const venice_write_options* options, venice_write_batch* batch,
                  struct venice_status* status) noexcept;

// As venice_get of shim.h, with options of Java.
void venice_get_with(venice_db* db, const venice_read_options* options,
                     venice_column_family* family, struct venice_slice key,
                     struct venice_pinned* pinned, struct venice_slice* value,
                     struct venice_status* status) noexcept;

// Reads `count` keys, in any order and with repeats, with options of Java. `families` is one for all
// keys, or one for each key, or none. For each key, `statuses` gets Ok and `values` its value, or
// NotFound, or an error. Returns what holds the values, for venice_pinned_batch_free; null if the
// call as a whole failed, and then every status says why.
struct venice_pinned_batch* venice_multi_get_with(venice_db* db, const venice_read_options* options,
                                                  size_t family_count,
                                                  venice_column_family* const* families,
                                                  size_t count, const struct venice_slice* keys,
                                                  struct venice_slice* values,
                                                  struct venice_status* statuses) noexcept;

// DB::KeyMayExist, then DB::Get: Ok, NotFound, or an error.
void venice_key_exists(venice_db* db, const venice_read_options* options,
                       venice_column_family* family, struct venice_slice key,
                       struct venice_status* status) noexcept;

// DB::NewIterator; null without memory.
venice_iterator* venice_new_iterator(venice_db* db, const venice_read_options* options,
                                     venice_column_family* family) noexcept;

// DB::NewIterators, one for each column family.
void venice_new_iterators(venice_db* db, const venice_read_options* options, size_t count,
                          venice_column_family* const* families, venice_iterator** iterators,
                          struct venice_status* status) noexcept;

// DB::CreateColumnFamily for each name in turn, with the options beside it. If one cannot be made,
// the status says so, and there are no handles of those before it.
void venice_create_column_families(venice_db* db, size_t count, const struct venice_slice* names,
                                   const venice_column_family_options* const* options,
                                   venice_column_family** handles,
                                   struct venice_status* status) noexcept;

// The database's own handle of "default", which dies with it.
venice_column_family* venice_default_column_family(venice_db* db) noexcept;

// DB::GetIntProperty. 0 if there is no such property.
uint8_t venice_int_property(venice_db* db, venice_column_family* family, struct venice_slice name,
                            uint64_t* value) noexcept;

// DB::CompactRange; a slice without data is no bound.
void venice_compact_range(venice_db* db, const venice_compact_range_options* options,
                          venice_column_family* family, struct venice_slice begin,
                          struct venice_slice end, struct venice_status* status) noexcept;

// DB::Flush of as many column families; of "default" if there are none and `families` is null.
void venice_flush(venice_db* db, const venice_flush_options* options, size_t count,
                  venice_column_family* const* families, struct venice_status* status) noexcept;

// DB::DEPRECATED_DeleteFile.
void venice_delete_file(venice_db* db, const char* name, struct venice_status* status) noexcept;

void venice_ingest(venice_db* db, venice_column_family* family, size_t count,
                   const char* const* paths, const venice_ingest_options* options,
                   struct venice_status* status) noexcept;

// Shows each name; nothing if the list cannot be read. Java is told no more either.
void venice_list_column_families(const venice_options* options, const char* path,
                                 void (*show)(void* context, struct venice_slice name),
                                 void* context) noexcept;

// rocksdb::SstFileMetaData and rocksdb::LiveFileMetaData. Slices live during the call that shows
// them.
struct venice_file {
  struct venice_slice column_family;
  struct venice_slice name;
  struct venice_slice db_path;
  struct venice_slice smallest_key;
  struct venice_slice largest_key;
  struct venice_slice checksum;
  uint64_t size;
  uint64_t smallest_sequence;
  uint64_t largest_sequence;
  uint64_t reads_sampled;
  uint64_t entries;
  uint64_t deletions;
  int32_t level;
  uint8_t being_compacted;
};

// DB::GetLiveFilesMetaData. 0 without memory.
uint8_t venice_live_files(venice_db* db,
                          void (*show)(void* context, const struct venice_file* file),
                          void* context) noexcept;

// DB::GetColumnFamilyMetaData: shows each level, then its files. 0 without memory.
uint8_t venice_column_family_files(venice_db* db, venice_column_family* family, uint64_t* size,
                                   uint64_t* file_count,
                                   void (*show_name)(void* context, struct venice_slice name),
                                   void (*show_level)(void* context, int32_t level, uint64_t size),
                                   void (*show_file)(void* context, const struct venice_file* file),
                                   void* context) noexcept;

// ---- ColumnFamilyHandle

// Shows the name; lives during the call.
void venice_column_family_name(venice_column_family* family,
                               void (*show)(void* context, struct venice_slice name),
                               void* context) noexcept;

uint32_t venice_column_family_id(venice_column_family* family) noexcept;

// ---- Iterator. Functions that return a uint8_t give 0 without memory, if nothing else is said.

uint8_t venice_iterator_valid(const venice_iterator* iterator) noexcept;
uint8_t venice_iterator_seek_to_first(venice_iterator* iterator) noexcept;
uint8_t venice_iterator_seek_to_last(venice_iterator* iterator) noexcept;
uint8_t venice_iterator_seek(venice_iterator* iterator, struct venice_slice target) noexcept;
// 0 also if the iterator is at no entry.
uint8_t venice_iterator_next(venice_iterator* iterator) noexcept;
uint8_t venice_iterator_prev(venice_iterator* iterator) noexcept;
// Null data if the iterator is at no entry. The bytes live until the iterator moves.
struct venice_slice venice_iterator_key(const venice_iterator* iterator) noexcept;
struct venice_slice venice_iterator_value(const venice_iterator* iterator) noexcept;
void venice_iterator_destroy(void* iterator) noexcept;

// WriteBatchWithIndex::NewIteratorWithBase: takes `base` over. Null without memory.
venice_iterator* venice_iterator_over(venice_write_batch_with_index* batch,
                                      venice_column_family* family, venice_iterator* base,
                                      const venice_read_options* options) noexcept;

// ---- ReadOptions, WriteOptions

// Null without memory; so are all `new` functions.
venice_read_options* venice_read_options_new(void) noexcept;
venice_read_options* venice_read_options_copy(const venice_read_options* options) noexcept;
void venice_read_options_destroy(void* options) noexcept;
void venice_read_options_set_verify_checksums(venice_read_options* options, uint8_t on) noexcept;
void venice_read_options_set_fill_cache(venice_read_options* options, uint8_t on) noexcept;
void venice_read_options_set_pin_data(venice_read_options* options, uint8_t on) noexcept;
void venice_read_options_set_background_purge(venice_read_options* options, uint8_t on) noexcept;
void venice_read_options_set_readahead_size(venice_read_options* options, uint64_t bytes) noexcept;
// `bound` is a rocksdb::Slice that outlives the options, or null.
void venice_read_options_set_iterate_upper_bound(venice_read_options* options,
                                                 const venice_java_slice* bound) noexcept;

venice_write_options* venice_write_options_new(void) noexcept;
venice_write_options* venice_write_options_copy(const venice_write_options* options) noexcept;
void venice_write_options_destroy(void* options) noexcept;
void venice_write_options_set_disable_wal(venice_write_options* options, uint8_t on) noexcept;

// ---- WriteBatch. A null column family is "default".

venice_write_batch* venice_write_batch_new(uint64_t reserved_bytes) noexcept;
venice_write_batch* venice_write_batch_from(struct venice_slice serialized) noexcept;
void venice_write_batch_destroy(void* batch) noexcept;
void venice_write_batch_put(venice_write_batch* batch, venice_column_family* family,
                            struct venice_slice key, struct venice_slice value,
                            struct venice_status* status) noexcept;
void venice_write_batch_delete(venice_write_batch* batch, venice_column_family* family,
                               struct venice_slice key, struct venice_status* status) noexcept;

// ---- Checkpoint

void venice_checkpoint_new(venice_db* db, venice_checkpoint** checkpoint,
                           struct venice_status* status) noexcept;
void venice_checkpoint_create(venice_checkpoint* checkpoint, const char* path,
                              struct venice_status* status) noexcept;
void venice_checkpoint_destroy(void* checkpoint) noexcept;

// ---- SstFileWriter

venice_sst_writer* venice_sst_writer_new(const venice_env_options* env_options,
                                         const venice_options* options) noexcept;
void venice_sst_writer_open(venice_sst_writer* writer, const char* path,
                            struct venice_status* status) noexcept;
void venice_sst_writer_put(venice_sst_writer* writer, struct venice_slice key,
                           struct venice_slice value, struct venice_status* status) noexcept;
void venice_sst_writer_finish(venice_sst_writer* writer, struct venice_status* status) noexcept;
void venice_sst_writer_destroy(void* writer) noexcept;

// ---- SstFileReader

venice_sst_reader* venice_sst_reader_new(const venice_options* options) noexcept;
void venice_sst_reader_open(venice_sst_reader* reader, const char* path,
                            struct venice_status* status) noexcept;
// The reader is open. Null without memory.
venice_iterator* venice_sst_reader_new_iterator(venice_sst_reader* reader,
                                                const venice_read_options* options) noexcept;
void venice_sst_reader_destroy(void* reader) noexcept;

// rocksdb::TableProperties. Slices live during the call.
struct venice_table_properties {
  // Those of org.rocksdb.TableProperties, in the order of its constructor.
  uint64_t numbers[22];
  struct venice_slice column_family;
  // filter policy, comparator, merge operator, prefix extractor, property collectors, compression.
  struct venice_slice names[6];
};

// Shows the properties of an open reader, then each entry of the two maps (`map` is 0 for the
// properties that the user collected, 1 for the readable ones). 0 without memory.
uint8_t venice_sst_reader_table_properties(
    venice_sst_reader* reader,
    void (*show)(void* context, const struct venice_table_properties* properties),
    void (*show_entry)(void* context, uint8_t map, struct venice_slice key,
                       struct venice_slice value),
    void* context) noexcept;

}  // extern "C"

#endif  // VENICE_ROCKSJAVA_NATIVES_H_
