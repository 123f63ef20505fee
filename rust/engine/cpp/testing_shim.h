// What tests need to make databases from Rust. Never linked into a shipped library.
// engine/src/testing/ffi.rs declares the same. Rules as in shim.h.

#ifndef VENICE_ENGINE_TESTING_SHIM_H_
#define VENICE_ENGINE_TESTING_SHIM_H_

#include "shim.h"

extern "C" {

// The table formats that Venice can be configured to write.
enum venice_testing_format : uint8_t {
  VENICE_TESTING_BLOCK_BASED = 0,
  VENICE_TESTING_PLAIN = 1,
  VENICE_TESTING_BLOB = 2,
  VENICE_TESTING_FILTERED = 3,
};

// Options as RocksDBStoragePartition#getStoreOptions sets them, for venice_testing_options_free. With
// `strict` not 0 the block cache refuses blocks when it is full of blocks in use. With `prefetching` 0
// it is RocksDB's alone.
venice_options* venice_testing_options(uint8_t format, size_t block_cache_bytes, uint8_t strict,
                                       uint8_t prefetching) noexcept;
void venice_testing_options_free(venice_options* options) noexcept;

// The two halves of `options`, which they are part of.
const venice_db_options* venice_testing_db_options(const venice_options* options) noexcept;
const venice_column_family_options* venice_testing_family_options(
    const venice_options* options) noexcept;

void venice_testing_put(venice_db* db, struct venice_slice key, struct venice_slice value,
                        struct venice_status* status) noexcept;
void venice_testing_delete(venice_db* db, struct venice_slice key,
                           struct venice_status* status) noexcept;
void venice_testing_flush(venice_db* db, struct venice_status* status) noexcept;

// Reads keys as RocksDB's own db_bench does: by one MultiGet (multireadrandom), or one after the
// other by Get (readrandom), into pinned values that the next call of this thread uses again. What a
// found value has behind `header` bytes is appended at `out`, which has `room`. Returns how many
// were found and fitted, and how many bytes they are in `written`.
size_t venice_testing_read(venice_db* db, size_t count, const struct venice_slice* keys,
                           uint8_t by_multi_get, size_t header, uint8_t* out, size_t room,
                           size_t* written) noexcept;

// A property of the column family "default" (rocksdb/db.h, DB::Properties); 0 if there is none.
uint64_t venice_testing_property(venice_db* db, const char* name) noexcept;

// Has no page of the plain tables of a database known as in memory, as if the system had taken all.
void venice_testing_forget_pages(venice_db* db) noexcept;

// What this thread's PerfContext has counted: bytes of values that gets returned.
uint64_t venice_testing_get_read_bytes(void) noexcept;

// An iterator over the column family "default", at its first entry; it ends with
// venice_testing_iterator_destroy, which leaves its memory.
void* venice_testing_new_iterator(venice_db* db) noexcept;
uint8_t venice_testing_iterator_valid(const void* iterator) noexcept;
void venice_testing_iterator_destroy(void* iterator) noexcept;
}

#endif  // VENICE_ENGINE_TESTING_SHIM_H_
