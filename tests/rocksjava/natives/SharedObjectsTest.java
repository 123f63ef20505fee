package com.linkedin.venice.rust.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.BeforeClass;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.ClockCache;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.Env;
import org.rocksdb.FlushOptions;
import org.rocksdb.HistogramType;
import org.rocksdb.LRUCache;
import org.rocksdb.MemoryUsageType;
import org.rocksdb.MemoryUtil;
import org.rocksdb.Options;
import org.rocksdb.PlainTableConfig;
import org.rocksdb.Priority;
import org.rocksdb.RateLimiter;
import org.rocksdb.RateLimiterMode;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksMemEnv;
import org.rocksdb.SstFileManager;
import org.rocksdb.Statistics;
import org.rocksdb.Status;
import org.rocksdb.TickerType;
import org.rocksdb.WriteBufferManager;

/** What databases share does its work, and lives until the last of them is closed. */
public class SharedObjectsTest {
  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  @BeforeClass
  public static void loadLibrary() {
    RocksDB.loadLibrary(); // a cache does not
  }

  @Test
  public void aCacheHoldsTheBlocksOfAllItsDatabases() throws Exception {
    try (Cache cache = new LRUCache(8 << 20, 2, false)) {
      long empty = cache.getUsage();
      long afterOne = 0;
      try (RocksDB one = openWith(cache)) {
        fill(one, 1000);
        readAll(one, 1000);
        afterOne = cache.getUsage();
        assertTrue("" + afterOne, afterOne > empty + 1000 * 100);
        try (RocksDB two = openWith(cache)) {
          fill(two, 1000);
          readAll(two, 1000);
          assertTrue(cache.getUsage() > afterOne + 1000 * 100);
        }
      }
      assertEquals(0, cache.getPinnedUsage());
    }
  }

  @Test
  public void aCacheKeepsToItsCapacity() throws Exception {
    for (Cache cache :
        List.of(new LRUCache(64 << 10, 0, false, 0.5, 0.5), new ClockCache(64 << 10, 0, false))) {
      try (RocksDB db = openWith(cache)) {
        fill(db, 3000);
        readAll(db, 3000);
        assertTrue("" + cache.getUsage(), cache.getUsage() > 16 << 10);
        assertTrue("" + cache.getUsage(), cache.getUsage() <= 64 << 10);
      }
      cache.close();
    }
  }

  @Test
  public void aStrictCacheRefusesWhatDoesNotFit() throws Exception {
    try (Cache cache = new LRUCache(1, 0, true);
        RocksDB db = openWith(cache)) {
      db.put(b("key"), new byte[100]);
      flush(db);
      RocksDBException full = assertThrows(RocksDBException.class, () -> db.get(b("key")));
      assertEquals(Status.Code.Aborted, full.getStatus().getCode());
      assertEquals(Status.SubCode.MemoryLimit, full.getStatus().getSubCode());
    }
  }

  @Test
  public void aCacheThatRocksDbRefusesIsEmpty() throws Exception {
    for (Cache cache :
        List.of(
            new LRUCache(1 << 20, 20),
            new LRUCache(1 << 20, 0, false, 1.5),
            new LRUCache(1 << 20, 0, false, 0.75, 0.75),
            new ClockCache(1 << 20, 20))) {
      assertEquals(0, cache.getUsage());
      assertEquals(0, cache.getPinnedUsage());
      assertEquals(Map.of(), MemoryUtil.getApproximateMemoryUsageByType(null, Set.of(cache)));
      try (RocksDB db = openWith(cache)) {
        fill(db, 10);
        readAll(db, 10);
      }
      new WriteBufferManager(1 << 20, cache).close();
      cache.close();
    }
  }

  @Test
  public void memtablesCountInTheCache() throws Exception {
    Cache cache = new LRUCache(64 << 20, 0, false);
    WriteBufferManager memtables = new WriteBufferManager(32 << 20, cache);
    try (Options options = new Options().setCreateIfMissing(true).setWriteBufferManager(memtables);
        RocksDB db = RocksDB.open(options, path())) {
      long before = cache.getUsage();
      byte[] value = new byte[10_000];
      for (int i = 0; i < 500; i++) {
        db.put(b("key " + i), value);
      }
      assertTrue("" + cache.getUsage(), cache.getUsage() > before + 4_000_000);
      Map<MemoryUsageType, Long> usage =
          MemoryUtil.getApproximateMemoryUsageByType(List.of(db), Set.of(cache));
      assertEquals(cache.getUsage(), (long) usage.get(MemoryUsageType.kCacheTotal));
      assertTrue("" + usage, usage.get(MemoryUsageType.kMemTableTotal) > 4_000_000);
      assertTrue("" + usage, usage.get(MemoryUsageType.kMemTableUnFlushed) > 4_000_000);
      flush(db);
      usage = MemoryUtil.getApproximateMemoryUsageByType(List.of(db), Set.of(cache));
      assertTrue("" + usage, usage.get(MemoryUsageType.kMemTableTotal) < 4_000_000);
      assertNotNull(usage.get(MemoryUsageType.kTableReadersTotal));
      // The database has references of its own.
      memtables.close();
      cache.close();
      db.put(b("later"), value);
      assertArrayEquals(value, db.get(b("later")));
    }
  }

  @Test
  public void writeBufferManagerLimitsAllDatabasesTogether() throws Exception {
    try (Cache cache = new LRUCache(64 << 20);
        WriteBufferManager memtables = new WriteBufferManager(1 << 20, cache);
        Statistics statistics = new Statistics(EnumSet.allOf(HistogramType.class));
        Options options =
            new Options()
                .setCreateIfMissing(true)
                .setStatistics(statistics)
                .setWriteBufferManager(memtables);
        RocksDB db = RocksDB.open(options, path())) {
      for (int i = 0; i < 400; i++) {
        db.put(b("key " + i), new byte[10_000]); // four times what memtables may take
      }
      flush(db);
      assertTrue(Integer.parseInt(db.getProperty("rocksdb.num-files-at-level0")) >= 1);
      assertTrue(statistics.getTickerCount(TickerType.FLUSH_WRITE_BYTES) > 0);
    }
  }

  @Test
  public void rateLimiterSeesWrites() throws Exception {
    RateLimiter limiter =
        new RateLimiter(
            50 << 20,
            RateLimiter.DEFAULT_REFILL_PERIOD_MICROS,
            RateLimiter.DEFAULT_FAIRNESS,
            RateLimiterMode.WRITES_ONLY,
            false);
    assertEquals(50 << 20, limiter.getBytesPerSecond());
    try (Options options = new Options().setCreateIfMissing(true).setRateLimiter(limiter);
        RocksDB db = RocksDB.open(options, path())) {
      assertEquals(0, limiter.getTotalBytesThrough());
      fill(db, 1000);
      assertTrue(limiter.getTotalBytesThrough() > 1000);
      assertTrue(limiter.getTotalRequests() > 0);
      limiter.close();
      fill(db, 1000);
    }
  }

  @Test
  public void rateLimitersThatWouldDivideByZeroAreRefused() {
    assertRefused("0 bytes per second", () -> new RateLimiter(0));
    assertRefused("fairness", () -> new RateLimiter(1, 1000, 0));
    RateLimiterMode mode = RateLimiterMode.ALL_IO;
    assertRefused("1 bytes per second", () -> new RateLimiter(1, 1000, 10, mode, true));
    assertRefused("-1 bytes per second", () -> new RateLimiter(-1, 1000, 10, mode, true));
    new RateLimiter(2, 1000, 10, mode, true).close();
    new RateLimiter(-1, 1000, 10, mode, false).close();
  }

  @Test
  public void sstFileManagerLimitsSpace() throws Exception {
    try (SstFileManager manager = new SstFileManager(Env.getDefault());
        Options options = new Options().setCreateIfMissing(true).setSstFileManager(manager);
        RocksDB db = RocksDB.open(options, path())) {
      fill(db, 1000);
      assertEquals(1, manager.getTrackedFiles().size());
      assertTrue(manager.getTotalSize() > 10_000);
      assertFalse(manager.isMaxAllowedSpaceReached());
      manager.setMaxAllowedSpaceUsage(1000);
      assertTrue(manager.isMaxAllowedSpaceReached());
      db.put(b("one more"), new byte[10]);
      RocksDBException full = assertThrows(RocksDBException.class, () -> flush(db));
      assertEquals(Status.Code.IOError, full.getStatus().getCode());
      assertTrue(full.getMessage(), full.getMessage().contains("Max allowed space was reached"));
    }
  }

  @Test
  public void sstFileManagerOutlivesItsHandle() throws Exception {
    SstFileManager manager = new SstFileManager(Env.getDefault(), null, 1 << 20, 0.5, 1 << 20);
    manager.setDeleteRateBytesPerSecond(0);
    assertEquals(0, manager.getDeleteRateBytesPerSecond());
    manager.setMaxTrashDBRatio(0.75);
    assertEquals(0.75, manager.getMaxTrashDBRatio(), 0);
    try (Options options = new Options().setCreateIfMissing(true).setSstFileManager(manager);
        RocksDB db = RocksDB.open(options, path())) {
      manager.close();
      fill(db, 100);
      db.compactRange();
      readAll(db, 100);
    }
  }

  @Test
  public void statisticsOutliveTheirHandle() throws Exception {
    Statistics statistics = new Statistics(EnumSet.of(HistogramType.DB_GET));
    try (Options options = new Options().setCreateIfMissing(true).setStatistics(statistics);
        RocksDB db = RocksDB.open(options, path())) {
      fill(db, 10);
      assertEquals(10, statistics.getTickerCount(TickerType.NUMBER_KEYS_WRITTEN));
      // Upstream's natives make another handle of the same statistics, and forward to ours.
      try (Statistics again = options.statistics();
          Statistics forwarding = new Statistics(statistics);
          DBOptions other = new DBOptions().setStatistics(statistics)) {
        assertEquals(10, again.getTickerCount(TickerType.NUMBER_KEYS_WRITTEN));
        assertEquals(0, forwarding.getTickerCount(TickerType.NUMBER_KEYS_WRITTEN));
        assertNotNull(other.statistics());
      }
      assertEquals(0, statistics.getTickerCount(TickerType.TICKER_ENUM_MAX));
      statistics.close();
      fill(db, 10);
    }
  }

  @Test
  public void optionsAreCopiedWhenTheyAreHalved() {
    Options options = new Options().setMaxOpenFiles(77).setWriteBufferSize(1 << 20);
    try (DBOptions db = new DBOptions(options);
        ColumnFamilyOptions family = new ColumnFamilyOptions(options);
        Options whole = new Options(db, family)) {
      options.close();
      assertEquals(77, db.maxOpenFiles());
      assertEquals(1 << 20, family.writeBufferSize());
      whole.setMaxOpenFiles(78); // made by an upstream native
      assertEquals(78, whole.maxOpenFiles());
      assertEquals(77, db.maxOpenFiles());
    }
  }

  @Test
  public void aTableConfigurationServesManyOptions() throws Exception {
    PlainTableConfig plain = new PlainTableConfig();
    for (int i = 0; i < 3; i++) {
      try (Options options =
              new Options()
                  .setCreateIfMissing(true)
                  .setTableFormatConfig(new BlockBasedTableConfig())
                  .setTableFormatConfig(plain)
                  .useCappedPrefixExtractor(4 + i)
                  .setAllowMmapReads(true);
          RocksDB db = RocksDB.open(options, path())) {
        assertEquals("PlainTable", options.tableFactoryName());
        db.put(b("key"), b("value"));
        flush(db);
        assertArrayEquals(b("value"), db.get(b("key")));
      }
    }
  }

  @Test
  public void environments() throws Exception {
    Env env = Env.getDefault();
    int before = env.getBackgroundThreads(Priority.LOW);
    env.setBackgroundThreads(before + 3);
    assertEquals(before + 3, env.getBackgroundThreads(Priority.LOW));
    env.setBackgroundThreads(before);
    assertRefused("TOTAL", () -> env.setBackgroundThreads(1, Priority.TOTAL));
    env.close(); // the process's own is not Java's to close
    try (RocksMemEnv memory = new RocksMemEnv(env);
        Options options = new Options().setCreateIfMissing(true).setEnv(memory);
        RocksDB db = RocksDB.open(options, "/in memory")) {
      fill(db, 10);
      readAll(db, 10);
    }
    assertFalse(new java.io.File("/in memory").exists());
  }

  private void assertRefused(String named, org.junit.function.ThrowingRunnable call) {
    IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, call);
    assertTrue(refusal.getMessage(), refusal.getMessage().contains(named));
  }

  private RocksDB openWith(Cache cache) throws Exception {
    try (Options options =
        new Options()
            .setCreateIfMissing(true)
            .setTableFormatConfig(new BlockBasedTableConfig().setBlockCache(cache))) {
      return RocksDB.open(options, path());
    }
  }

  private static void fill(RocksDB db, int count) throws RocksDBException {
    for (int i = 0; i < count; i++) {
      byte[] value = new byte[200];
      new java.util.Random(i).nextBytes(value);
      db.put(b("key " + i), value);
    }
    flush(db);
  }

  private static void flush(RocksDB db) throws RocksDBException {
    try (FlushOptions wait = new FlushOptions().setWaitForFlush(true)) {
      db.flush(wait);
    }
  }

  private static void readAll(RocksDB db, int count) throws RocksDBException {
    for (int i = 0; i < count; i++) {
      assertEquals(200, db.get(b("key " + i)).length);
    }
  }

  private String path() throws Exception {
    return temporary.newFolder().getPath();
  }

  private static byte[] b(String text) {
    return text.getBytes(UTF_8);
  }
}
