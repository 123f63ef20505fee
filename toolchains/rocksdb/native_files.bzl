"""Which of upstream's C++ files defines the natives of a Java class."""

load(":rocksdb_sources.bzl", "RUST_NATIVES")

# For the classes with natives in Rust. Renaming a native only where it is defined keeps the other files' objects.
_FILES = {
    "BlockBasedTableConfig": "table.cc",
    "Cache": "cache.cc",
    "Checkpoint": "checkpoint.cc",
    "ClockCache": "clock_cache.cc",
    "ColumnFamilyHandle": "columnfamilyhandle.cc",
    "ColumnFamilyOptions": "options.cc",
    "DBOptions": "options.cc",
    "Env": "env.cc",
    "EnvOptions": "env_options.cc",
    "FlushOptions": "options.cc",
    "IngestExternalFileOptions": "ingest_external_file_options.cc",
    "LRUCache": "lru_cache.cc",
    "MemoryUtil": "memory_util.cc",
    "Options": "options.cc",
    "PlainTableConfig": "table.cc",
    "RateLimiter": "ratelimiterjni.cc",
    "ReadOptions": "options.cc",
    "RocksDB": "rocksjni.cc",
    "RocksEnv": "env.cc",
    "RocksIterator": "iterator.cc",
    "Slice": "slice.cc",
    "SstFileManager": "sst_file_manager.cc",
    "SstFileReader": "sst_file_readerjni.cc",
    "SstFileReaderIterator": "sst_file_reader_iterator.cc",
    "SstFileWriter": "sst_file_writerjni.cc",
    "Statistics": "statistics.cc",
    "WriteBatch": "write_batch.cc",
    "WriteBatchWithIndex": "write_batch_with_index.cc",
    "WriteBufferManager": "write_buffer_manager.cc",
    "WriteOptions": "options.cc",
}

# Sorted, each once.
FILES_WITH_RUST_NATIVES = sorted({file: None for file in _FILES.values()}.keys())

def rust_natives_of(source):
    """The natives that Rust defines instead of an upstream file.

    Args:
      source: the file's name in java/rocksjni.

    Returns:
      Symbol names.
    """
    natives = []
    for native in RUST_NATIVES:
        java_class = native.removeprefix("Java_org_rocksdb_").partition("_")[0]
        if java_class not in _FILES:
            fail("{} is Rust's, but which file has upstream's? Add {} to native_files.bzl".format(native, java_class))
        if _FILES[java_class] == source:
            natives.append(native)
    return natives
