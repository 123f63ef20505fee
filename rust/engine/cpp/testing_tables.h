// Databases of any shape, for tests of what gets find (tests/direct_answers.rs), and searches through blocks of any
// bytes. Never linked into a shipped library. engine/src/testing/tables.rs declares the same. Rules as in shim.h.

#ifndef VENICE_ENGINE_TESTING_TABLES_H_
#define VENICE_ENGINE_TESTING_TABLES_H_

#include "shim.h"

extern "C" {

// How a database has its tables; RocksDB's own default where nothing is said.
struct venice_testing_table {
  uint8_t plain;
  // Of block-based tables: BlockBasedTableOptions.
  uint32_t block_size;
  uint32_t restart_interval;
  uint32_t index_restart_interval;
  uint32_t format_version;
  // CompressionType.
  uint8_t compression;
  // IndexType.
  uint8_t index_type;
  uint8_t hash_in_blocks;
  uint8_t filter;
  uint8_t cache_index;
  uint8_t delta_encoding;
  uint8_t protection_bytes;
  // Of plain tables.
  uint32_t index_sparseness;
  uint8_t prefix_encoding;
  uint8_t bloom_bits;
  // Bytes of the prefix; 0 for none. Plain tables need one.
  uint8_t prefix;
  // Of the database.
  uint8_t statistics;
  uint8_t row_cache;
  uint8_t reverse_order;
  uint32_t levels;
  uint32_t target_file_size;
};

venice_options* venice_testing_table_options(const struct venice_testing_table* table) noexcept;

// What is done to a database.
enum venice_testing_change : uint8_t {
  VENICE_TESTING_PUT = 0,
  VENICE_TESTING_DELETE = 1,
  VENICE_TESTING_SINGLE_DELETE = 2,
  VENICE_TESTING_MERGE = 3,
  // From the key to the value, which is a key.
  VENICE_TESTING_DELETE_RANGE = 4,
  VENICE_TESTING_FLUSH = 5,
  // All of it, to its last level.
  VENICE_TESTING_COMPACT = 6,
  // The key, with the value, as a file.
  VENICE_TESTING_INGEST = 7,
  // What is written from now on stays in memtables, of which full ones wait, until flushes go on.
  VENICE_TESTING_SWITCH_MEMTABLE = 8,
  VENICE_TESTING_GO_ON = 9,
  // All that is there now stays, whatever is written over it, until snapshots are released.
  VENICE_TESTING_SNAPSHOT = 10,
  VENICE_TESTING_RELEASE_SNAPSHOTS = 11,
  // As entity of wide columns.
  VENICE_TESTING_PUT_ENTITY = 12,
  // Waits until no flush and no compaction is left to do, but for what waits for VENICE_TESTING_GO_ON.
  VENICE_TESTING_REST = 13,
};

void venice_testing_change(venice_db* db, uint8_t change, struct venice_slice key,
                           struct venice_slice value, struct venice_status* status) noexcept;

// Has the block locators in the cache of a database of block-based tables say that each block is `by` entries further in
// the index, as far as their chunks go. Returns how many entries they have.
uint64_t venice_testing_mislead(venice_db* db, int32_t by) noexcept;

// Searches bytes as if they were an index, with keys of `encoding` (bit 0: sequence numbers, bit 1: full values), and as
// if they were a data block, for a key, with nothing that may be read before them or behind them: then the process ends.
// Returns how many bytes the value has that was found, or UINT64_MAX if none was.
uint64_t venice_testing_search(struct venice_slice block, struct venice_slice key,
                               uint8_t encoding) noexcept;
}

#endif  // VENICE_ENGINE_TESTING_TABLES_H_
