// What the engine needs of RocksDB's C++ interface, as plain C functions.
//
// RocksDB's own C interface (rocksdb/c.h) has other handles than RocksJava and gives errors as text
// only. Here a handle is the pointer that RocksJava keeps in its `nativeHandle_`, so one object
// serves Java and Rust, and an error is a status with its code, its subcode and its state, from
// which Java's RocksDBException is made.
//
// Every function:
//   - is noexcept, as no exception may pass through Rust: bad_alloc is the status
//     Aborted(MemoryLimit), anything else Aborted with its text;
//   - fills `status` completely, whatever was in it; who gets a state frees it with
//     venice_status_free.
//
// engine/src/ffi.rs declares the same; tests/architecture/c_abi.py compares.

#ifndef VENICE_ENGINE_SHIM_H_
#define VENICE_ENGINE_SHIM_H_

#include <stddef.h>
#include <stdint.h>

namespace rocksdb {
class ColumnFamilyHandle;
class DB;
struct ColumnFamilyOptions;
struct DBOptions;
struct Options;
}  // namespace rocksdb

extern "C" {

using venice_db = rocksdb::DB;
using venice_column_family = rocksdb::ColumnFamilyHandle;
using venice_column_family_options = rocksdb::ColumnFamilyOptions;
using venice_db_options = rocksdb::DBOptions;
using venice_options = rocksdb::Options;

// rocksdb::Status without its class. `state` is NUL-terminated and may be null.
struct venice_status {
  uint8_t code;
  uint8_t subcode;
  char* state;
};

// Bytes of the caller; or bytes of RocksDB, which live as long as what they were read into.
struct venice_slice {
  const uint8_t* data;
  size_t size;
};

// Room for one rocksdb::PinnableSlice, in the caller's frame so that a read allocates nothing. It
// holds an object from the first venice_get until venice_pinned_release, and must not move in
// between.
struct venice_pinned {
  uint64_t room[16];
};

// The values of one venice_multi_get. Opaque.
struct venice_pinned_batch;

// How to read. `deadline_micros` is a time since the epoch, 0 for none. With `memory_only` not 0,
// what is in neither memtable nor block cache, nor in pages of plain tables that are known to be in memory, is the status
// Incomplete instead of a read from the disk.
struct venice_read {
  uint64_t deadline_micros;
  uint8_t memory_only;
};

void venice_status_free(struct venice_status* status) noexcept;

// DB::Open with the options of all column families in one object: only "default" is opened.
void venice_open(const venice_options* options, const char* path, venice_db** db,
                 struct venice_status* status) noexcept;

// DB::OpenForReadOnly, likewise.
void venice_open_read_only(const venice_options* options, const char* path,
                           uint8_t error_if_wal_file_exists, venice_db** db,
                           struct venice_status* status) noexcept;

// DB::Open with `count` column families. On success `handles` has as many, in the same order.
void venice_open_column_families(const venice_db_options* options, const char* path, size_t count,
                                 const struct venice_slice* names,
                                 const venice_column_family_options* const* family_options,
                                 venice_column_family** handles, venice_db** db,
                                 struct venice_status* status) noexcept;

// DB::OpenForReadOnly, likewise.
void venice_open_column_families_read_only(
    const venice_db_options* options, const char* path, size_t count,
    const struct venice_slice* names, const venice_column_family_options* const* family_options,
    uint8_t error_if_wal_file_exists, venice_column_family** handles, venice_db** db,
    struct venice_status* status) noexcept;

// DB::Close: releases files and locks; the object stays.
void venice_close(venice_db* db, struct venice_status* status) noexcept;

// DB::GetRootDB: the database that this one stands on, if it does, else itself.
venice_db* venice_root_db(venice_db* db) noexcept;

// Whether writes wait until flushes or compactions have caught up (a write stall), of a database that
// was opened here.
uint8_t venice_writes_are_stopped(venice_db* db) noexcept;

// Of a database that was opened here and is not closed: flushes what close would flush, then cancels
// compactions and what waits for them; with `manual` not 0 also CompactRange and its like, for whose
// end it waits. Writes under way may no longer be flushed: there are none, or their status tells.
void venice_cancel_work(venice_db* db, uint8_t manual) noexcept;

// Waits until no flush, compaction or purge of the database runs, and so no listener; of a database
// whose work was cancelled and that is not closed.
void venice_wait_for_work(venice_db* db) noexcept;

// Deletes an object that was opened elsewhere, closing it first if nobody did.
void venice_delete(venice_db* db) noexcept;

// Destroys the object of venice_open and its like in place, closing it first if nobody did. Its
// memory stays, for venice_db_block_free: as long as it is kept, no other object has its address.
void venice_db_destroy(venice_db* db) noexcept;

void venice_db_block_free(void* block) noexcept;

// Gives back the memory of an object that was made with plain `new` and destroyed in place.
void venice_block_free(void* block) noexcept;

// One more handle of the column family "default", of a database that was opened here or taken over, for
// the caller to destroy. Null without memory.
venice_column_family* venice_new_default_column_family(venice_db* db) noexcept;

// Destroys a column family handle in place.
void venice_column_family_destroy(void* handle) noexcept;

// rocksdb::DestroyDB.
void venice_destroy(const char* path, const venice_options* options,
                    struct venice_status* status) noexcept;

// DB::GetLatestSequenceNumber: grows with every write. One atomic load.
uint64_t venice_latest_sequence_number(const venice_db* db) noexcept;

// DB::GetIntProperty of the column family "default", by RocksDB's name of the property. 0 if the
// database has no such property.
uint8_t venice_db_number(venice_db* db, const char* name, uint64_t* value) noexcept;

// The ticker of statistics that has this name ("rocksdb.memtable.hit"). UINT32_MAX if there is none.
uint32_t venice_ticker_named(const char* name) noexcept;

// Which object the database counts its statistics in: several databases may have the same one. 0 if
// none. The object lives as long as the database.
uint64_t venice_db_statistics(venice_db* db) noexcept;

// What `ticker` of a database's statistics has counted; 0 without statistics.
uint64_t venice_db_ticker(venice_db* db, uint32_t ticker) noexcept;

// SetPerfLevel(kDisable): calls on this thread no longer add to its PerfContext.
void venice_count_nothing(void) noexcept;

// Whether the column family "default" writes plain tables.
uint8_t venice_has_plain_tables(venice_db* db) noexcept;

// Whether the column family "default" has its keys in the order of their bytes.
uint8_t venice_is_bytewise(venice_db* db) noexcept;

// How many data blocks of the size in the options of the column family "default" its block cache has
// room for. 0 if there is no block cache, or if it cannot be told.
size_t venice_cached_blocks(venice_db* db) noexcept;

// Reads one key of the column family "default". With status Ok, `value` is filled, and valid until
// the next read into `pinned` or its release. With `again` not 0, `pinned` holds an object of an
// earlier read, whose memory is used again; else there is none, and one is made, whatever the status.
// A block that a full cache refuses (strict_capacity_limit) is read without being cached.
void venice_get(venice_db* db, struct venice_slice key, struct venice_read read, uint8_t again,
                struct venice_pinned* pinned, struct venice_slice* value,
                struct venice_status* status) noexcept;

void venice_pinned_release(struct venice_pinned* pinned) noexcept;

// Whether gets of a database that was opened here may be answered by what was found ahead of them: by its options,
// nothing counts gets and nothing orders keys in a way of its own (direct_answers.h).
uint8_t venice_may_answer(venice_db* db) noexcept;

// Keys of one venice_prefetch_plain or venice_prefetch_blocks at most.
#define VENICE_PREFETCHED_AT_ONCE 16

// A key of a database's column family "default" that is read soon. With `may_answer` 0, what is found of it is no
// answer.
struct venice_sought {
  venice_db* db;
  struct venice_slice key;
  uint8_t may_answer;
};

// Something that keeps values in place: a block in a cache, or the files of a database.
struct venice_hold {
  void* owner;
  void* held;
  uint8_t kind;
};

// What keeps the values in place that were found. It may be moved.
struct venice_holds {
  size_t count;
  struct venice_hold all[16];
};

// In place of the size of a value that is null: there is surely no such key.
#define VENICE_MISSING 1

// Begins to fetch into the processor's cache what reads of these keys will need. All databases write plain tables.
// Returns how many tables it looks for them in. If `holds` is not null, `values` gets for each key its value, if that
// is proven to be what venice_get would have returned at some time during the call, else null, with size VENICE_MISSING
// if it is proven that it would have found none; it is valid until `holds`, to which what keeps it is added, are
// released.
size_t venice_prefetch_plain(size_t count, const struct venice_sought* sought,
                             struct venice_slice* values, struct venice_holds* holds) noexcept;

// The same of databases that write block-based tables, as far as the block cache has the blocks:
// nothing is read from a disk. Returns how many blocks it found.
size_t venice_prefetch_blocks(size_t count, const struct venice_sought* sought,
                              struct venice_slice* values, struct venice_holds* holds) noexcept;

// Has plain tables that are opened from now on looked at as they are opened (plain_table_pages.h), until the call with
// `on` 0 that belongs to this one.
void venice_watch_tables(uint8_t on) noexcept;

// What is known of the plain tables of a database.
struct venice_tables {
  uint64_t tables;
  // Of their files; of these, what is in memory, and what is locked there.
  uint64_t bytes;
  uint64_t bytes_here;
  uint64_t bytes_locked;
};

// Asks the system which pages of the plain tables of a database that was opened here are in memory, from the table with
// the number `first` on, and adds what it sees to `seen`. Gets with `memory_only` do not read those that are not.
// Returns the number of the table to go on with, 0 if none is left.
uint64_t venice_look_at_tables(venice_db* db, uint64_t first, struct venice_tables* seen) noexcept;

// What venice_populate_tables did. The errors are the system's, or 0.
struct venice_populated {
  uint64_t bytes;
  int32_t populate_error;
  int32_t lock_error;
};

// Has pages of the plain tables of a database read into memory and mapped, and with `lock` not 0 locked there: about
// `most` bytes of those that no call before had. Waits for the disk. Returns how many bytes are left.
uint64_t venice_populate_tables(venice_db* db, uint64_t most, uint8_t lock,
                                struct venice_populated* outcome) noexcept;

// Lets go of all that is held; the databases are still open.
void venice_holds_release(struct venice_holds* holds) noexcept;

// What one venice_multi_get read.
struct venice_batch_read {
  // Bytes of all values, and of the longest of them.
  uint64_t bytes;
  uint64_t longest;
  // Keys that were not read, as the values before them were enough.
  size_t unread;
  // Keys of which the block cache, being full, refused a block; they were read without it.
  size_t refused;
};

// In place of the size of a value that is null: the key was not read.
#define VENICE_NOT_READ 1

// Reads `count` keys of the column family "default", with repeats; with `in_order` not 0 they are in
// the order of its comparator, else in any. For each key, `values` gets its value, or null: with size
// 0 if there is no such key, with VENICE_NOT_READ if it was not read. It goes on until the values are
// of more than `enough` bytes together; of one file, RocksDB reads up to 32 keys before it looks.
// What a full cache refuses is read as by venice_get. Returns what holds the values, for
// venice_pinned_batch_free. `status` is Ok, or says why the first of the keys that failed did; null
// is returned if the call as a whole failed.
struct venice_pinned_batch* venice_multi_get(venice_db* db, size_t count,
                                             const struct venice_slice* keys, uint8_t in_order,
                                             struct venice_read read, uint64_t enough,
                                             struct venice_slice* values,
                                             struct venice_batch_read* outcome,
                                             struct venice_status* status) noexcept;

void venice_pinned_batch_free(struct venice_pinned_batch* batch) noexcept;

}  // extern "C"

#endif  // VENICE_ENGINE_SHIM_H_
