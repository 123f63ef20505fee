package com.linkedin.venice.rust.tests.differential;

import java.util.EnumSet;
import org.rocksdb.Cache;
import org.rocksdb.ClockCache;
import org.rocksdb.Env;
import org.rocksdb.HistogramType;
import org.rocksdb.LRUCache;
import org.rocksdb.RateLimiter;
import org.rocksdb.RateLimiterMode;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileManager;
import org.rocksdb.Statistics;
import org.rocksdb.WriteBufferManager;

/** What all databases of a Venice server share ({@code RocksDBStorageEngineFactory}). */
final class Resources implements AutoCloseable {
  final Env env = Env.getDefault();
  final Cache cache;
  final RateLimiter rateLimiter;
  final SstFileManager sstFileManager;
  final WriteBufferManager writeBufferManager;
  final Statistics statistics;
  private final String text;

  Resources(Draw draw) throws RocksDBException {
    boolean clock = draw.chance(30);
    // Keys of a cache have a random part, so which shard is full first is a matter of luck: a cache
    // that
    // evicts or refuses has one shard.
    boolean sharded = draw.chance(50);
    long capacity = sharded ? 1L << 30 : draw.oneOf(0L, 100_000L, 8L << 20);
    int shardBits = sharded ? draw.number(1, 5) : 0;
    boolean strict = draw.chance(sharded ? 0 : 30);
    cache =
        clock
            ? new ClockCache(capacity, shardBits, strict)
            : new LRUCache(capacity, shardBits, strict);
    RateLimiterMode mode = draw.oneOf(RateLimiterMode.values());
    boolean tuned = draw.chance(20);
    rateLimiter =
        new RateLimiter(
            1L << 30,
            RateLimiter.DEFAULT_REFILL_PERIOD_MICROS,
            RateLimiter.DEFAULT_FAIRNESS,
            mode,
            tuned);
    sstFileManager = new SstFileManager(env);
    // Files are deleted where they are, at once: a background thread would do it at a time of its
    // own.
    sstFileManager.setDeleteRateBytesPerSecond(0);
    double ratio = draw.oneOf(0.0, 0.25, 1.0);
    sstFileManager.setMaxTrashDBRatio(ratio);
    writeBufferManager = new WriteBufferManager(64L << 20, cache);
    EnumSet<HistogramType> ignored =
        draw.chance(70) ? EnumSet.allOf(HistogramType.class) : EnumSet.of(HistogramType.DB_GET);
    statistics = new Statistics(ignored);
    text =
        (clock ? "ClockCache(" : "LRUCache(")
            + capacity
            + ", "
            + shardBits
            + ", "
            + strict
            + "), RateLimiter("
            + mode
            + ", "
            + tuned
            + "), trash ratio "
            + ratio
            + ", "
            + ignored.size()
            + " histograms ignored";
  }

  @Override
  public String toString() {
    return text;
  }

  @Override
  public void close() {
    statistics.close();
    writeBufferManager.close();
    sstFileManager.close();
    rateLimiter.close();
    cache.close();
    env.close();
  }
}
