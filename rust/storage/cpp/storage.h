// What store versions on disk need of RocksDB's C++ interface beside the engine's shim: options, as Venice's
// server has them and as a database was written with; writes; table files; a walk over all records.
//
// Rules as in rust/engine/cpp/shim.h. storage/src/ffi.rs declares the same; tests/architecture/c_abi.py compares.

#ifndef VENICE_STORAGE_STORAGE_H_
#define VENICE_STORAGE_STORAGE_H_

#include "shim.h"

namespace venice {
struct BlockCache;
struct TableFile;
struct Records;
}  // namespace venice

extern "C" {

using venice_block_cache = venice::BlockCache;
using venice_table_file = venice::TableFile;
using venice_records = venice::Records;

// The tables that Venice can be configured to write.
enum venice_table_format : uint8_t {
  VENICE_TABLE_BLOCK_BASED = 0,
  VENICE_TABLE_PLAIN = 1,
  VENICE_TABLE_BLOB = 2,
  VENICE_TABLE_OTHER = 3,
};

// An LRU cache for blocks, for venice_storage_block_cache_free; databases that were opened with it keep it. Null
// without memory.
venice_block_cache* venice_storage_block_cache_new(size_t bytes) noexcept;
void venice_storage_block_cache_free(venice_block_cache* cache) noexcept;

// Options to write a partition with, as RocksDBStoragePartition#getStoreOptions sets them, for
// venice_storage_options_free. Null without memory.
venice_options* venice_storage_push_options(uint8_t format) noexcept;

// The options that the database at `path` was last opened with, for reading: its blocks go to `cache`, and
// nothing is written beside it, no log either. With status Ok, for venice_storage_options_free; else null.
venice_options* venice_storage_stored_options(const char* path, const venice_block_cache* cache,
                                      struct venice_status* status) noexcept;

void venice_storage_options_free(venice_options* options) noexcept;

// The two halves of `options`, which they are part of.
const venice_db_options* venice_storage_options_db(const venice_options* options) noexcept;
const venice_column_family_options* venice_storage_options_family(const venice_options* options) noexcept;

// A venice_table_format.
uint8_t venice_storage_options_format(const venice_options* options) noexcept;

// Writes one record; with `ahead` not 0, to the write-ahead log too.
void venice_storage_put(venice_db* db, struct venice_slice key, struct venice_slice value, uint8_t ahead,
                struct venice_status* status) noexcept;

void venice_storage_flush(venice_db* db, struct venice_status* status) noexcept;

// A new table file at `path`, for venice_storage_table_free. With another status than Ok, null.
venice_table_file* venice_storage_table_new(const venice_options* options, const char* path,
                                    struct venice_status* status) noexcept;

// Adds a record; keys come in their order, each once.
void venice_storage_table_put(venice_table_file* table, struct venice_slice key, struct venice_slice value,
                      struct venice_status* status) noexcept;

// Bytes of the file so far.
uint64_t venice_storage_table_size(venice_table_file* table) noexcept;

// Ends the file, which has at least one record.
void venice_storage_table_finish(venice_table_file* table, struct venice_status* status) noexcept;

void venice_storage_table_free(venice_table_file* table) noexcept;

// Takes finished table files into the column family "default", by moving them.
void venice_storage_ingest(venice_db* db, size_t count, const struct venice_slice* paths,
                   struct venice_status* status) noexcept;

// A walk over the records of the column family "default", in the order of their keys, for
// venice_storage_records_free before the database is closed. Null without memory.
venice_records* venice_storage_records_new(venice_db* db) noexcept;

// Goes to the record of `key`, if there is one: it is the next. What comes behind it, plain tables do not know.
void venice_storage_records_seek(venice_records* records, struct venice_slice key,
                                 struct venice_status* status) noexcept;

// The next record. 1, and both are valid until the next call; or 0 behind the last, also again, or if `status`
// is not Ok.
uint8_t venice_storage_records_next(venice_records* records, struct venice_slice* key, struct venice_slice* value,
                            struct venice_status* status) noexcept;

void venice_storage_records_free(venice_records* records) noexcept;

}  // extern "C"

#endif  // VENICE_STORAGE_STORAGE_H_
