package com.linkedin.venice.rust.testing;

import org.rocksdb.Cache;
import org.rocksdb.Env;
import org.rocksdb.LRUCache;
import org.rocksdb.Priority;
import org.rocksdb.RateLimiter;
import org.rocksdb.RateLimiterMode;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileManager;
import org.rocksdb.WriteBufferManager;

/**
 * What all databases of a server share, as in Venice's {@code RocksDBStorageEngineFactory}: the
 * block cache, the limit of memtable memory, the write rate, the background threads. Sizes are cut
 * down from a server's to a test's. Close the databases first.
 */
public final class RocksResources implements AutoCloseable {
  private static final long BLOCK_CACHE_BYTES = 64L << 20;
  private static final int BLOCK_CACHE_SHARD_BITS = 4;
  private static final long MEMTABLE_BYTES = 256L << 20;
  private static final long WRITE_BYTES_PER_SECOND = 100L << 20;

  private final Env env;
  private final Cache blockCache;
  private final RateLimiter rateLimiter;
  private final SstFileManager sstFileManager;
  private final WriteBufferManager writeBufferManager;

  /** Creates the shared objects with a block cache of 64 MiB. */
  public RocksResources() {
    this(BLOCK_CACHE_BYTES);
  }

  /** Creates the shared objects with a block cache of a given size; 0 keeps no block in memory. */
  public RocksResources(long blockCacheBytes) {
    RocksDB.loadLibrary();
    env = Env.getDefault();
    env.setBackgroundThreads(1, Priority.HIGH);
    env.setBackgroundThreads(8, Priority.LOW);
    blockCache = new LRUCache(blockCacheBytes, BLOCK_CACHE_SHARD_BITS, false);
    rateLimiter =
        new RateLimiter(
            WRITE_BYTES_PER_SECOND,
            RateLimiter.DEFAULT_REFILL_PERIOD_MICROS,
            RateLimiter.DEFAULT_FAIRNESS,
            RateLimiterMode.WRITES_ONLY,
            false);
    try {
      sstFileManager = new SstFileManager(env);
    } catch (RocksDBException e) {
      throw new IllegalStateException("cannot create the SST file manager", e);
    }
    sstFileManager.setDeleteRateBytesPerSecond(0);
    sstFileManager.setMaxTrashDBRatio(0.25);
    writeBufferManager = new WriteBufferManager(MEMTABLE_BYTES, blockCache);
  }

  Env env() {
    return env;
  }

  Cache blockCache() {
    return blockCache;
  }

  RateLimiter rateLimiter() {
    return rateLimiter;
  }

  SstFileManager sstFileManager() {
    return sstFileManager;
  }

  WriteBufferManager writeBufferManager() {
    return writeBufferManager;
  }

  @Override
  public void close() {
    writeBufferManager.close();
    blockCache.close();
    sstFileManager.close();
    rateLimiter.close();
    env.close();
  }
}
