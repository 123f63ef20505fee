package com.linkedin.venice.rust.tests;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.BeforeClass;
import org.junit.Rule;
import org.junit.Test;
import org.junit.function.ThrowingRunnable;
import org.junit.rules.TemporaryFolder;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.ClockCache;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompactionStyle;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.Env;
import org.rocksdb.EnvOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.HistogramType;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.LRUCache;
import org.rocksdb.MemoryUsageType;
import org.rocksdb.MemoryUtil;
import org.rocksdb.Options;
import org.rocksdb.PlainTableConfig;
import org.rocksdb.RateLimiter;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksObject;
import org.rocksdb.Slice;
import org.rocksdb.SstFileManager;
import org.rocksdb.Statistics;
import org.rocksdb.TickerType;
import org.rocksdb.WriteBufferManager;

/**
 * Options, caches, statistics and their like after their end: stock RocksJava crashes or corrupts
 * memory, ours throws. The assertions of {@code org.rocksdb}, which production does not have, are
 * off.
 */
public class ClosedSettingsTest {
  /**
   * Our natives of these classes that take a handle first, apart from {@code disposeInternalJni}.
   */
  private static final Map<Class<?>, Set<String>> TAKING_A_HANDLE =
      Map.of(
          Cache.class,
          Set.of("getUsage", "getPinnedUsage"),
          ColumnFamilyOptions.class,
          Set.of("newColumnFamilyOptionsFromOptions"),
          DBOptions.class,
          Set.of("newDBOptionsFromOptions"),
          Env.class,
          Set.of("setBackgroundThreads"),
          EnvOptions.class,
          Set.of("setUseDirectWrites"),
          FlushOptions.class,
          Set.of("setWaitForFlush"),
          IngestExternalFileOptions.class,
          Set.of("setMoveFiles"),
          SstFileManager.class,
          Set.of("newSstFileManager", "setDeleteRateBytesPerSecond", "setMaxTrashDBRatio"),
          Statistics.class,
          Set.of("getTickerCount"),
          WriteBufferManager.class,
          Set.of("newWriteBufferManager"));

  /** Our setters of {@link Options}. */
  private static final Set<String> OPTIONS_SETTERS =
      Set.of(
          "setAllowMmapReads",
          "setAtomicFlush",
          "setBlobFileSize",
          "setBlobFileStartingLevel",
          "setBlobGarbageCollectionAgeCutoff",
          "setBlobGarbageCollectionForceThreshold",
          "setBytesPerSync",
          "setCompactionStyle",
          "setCompressionType",
          "setCreateIfMissing",
          "setCreateMissingColumnFamilies",
          "setEnableBlobFiles",
          "setEnableBlobGarbageCollection",
          "setEnv",
          "setKeepLogFileNum",
          "setLevel0FileNumCompactionTrigger",
          "setLevel0SlowdownWritesTrigger",
          "setLevel0StopWritesTrigger",
          "setMaxBytesForLevelBase",
          "setMaxFileOpeningThreads",
          "setMaxLogFileSize",
          "setMaxOpenFiles",
          "setMaxTotalWalSize",
          "setMaxWriteBufferNumber",
          "setMemtableHugePageSize",
          "setMinBlobSize",
          "setMinWriteBufferNumberToMerge",
          "setRateLimiter",
          "setSstFileManager",
          "setStatistics",
          "setStatsDumpPeriodSec",
          "setStatsPersistPeriodSec",
          "setTableFactory",
          "setTargetFileSizeBase",
          "setUseDirectReads",
          "setWriteBufferManager",
          "setWriteBufferSize",
          "useCappedPrefixExtractor");

  /** The classes whose end is a native of ours. */
  private static final List<Class<?>> DISPOSABLE =
      List.of(
          ClockCache.class,
          ColumnFamilyOptions.class,
          DBOptions.class,
          EnvOptions.class,
          FlushOptions.class,
          IngestExternalFileOptions.class,
          LRUCache.class,
          Options.class,
          RateLimiter.class,
          SstFileManager.class,
          Statistics.class,
          WriteBufferManager.class);

  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  @BeforeClass
  public static void loadLibrary() {
    RocksDB.loadLibrary(); // a cache does not
  }

  @Test
  public void nothingFollowsANullHandle() throws Exception {
    int tried = 0;
    for (Method method : natives(Options.class, OPTIONS_SETTERS)) {
      assertNullPointerException(method);
      tried++;
    }
    assertEquals(OPTIONS_SETTERS.size(), tried);
    for (Map.Entry<Class<?>, Set<String>> entry : TAKING_A_HANDLE.entrySet()) {
      for (Method method : natives(entry.getKey(), entry.getValue())) {
        assertNullPointerException(method);
        tried++;
      }
    }
    assertEquals(OPTIONS_SETTERS.size() + 13, tried);
    for (Class<?> type : DISPOSABLE) {
      dispose(type, 0); // as if nothing was there
    }
  }

  @Test
  public void nothingFollowsANullArray() throws Exception {
    assertNullPointerException(
        natives(MemoryUtil.class, Set.of("getApproximateMemoryUsageByType")).get(0));
    assertNullPointerException(natives(Slice.class, Set.of("createNewSlice1")).get(0));
    Method method = Statistics.class.getDeclaredMethod("newStatistics", byte[].class);
    method.setAccessible(true);
    long handle = (long) method.invoke(null, (Object) null); // no histogram is left out
    dispose(Statistics.class, handle);
  }

  @Test
  public void closedOptionsTakeNoSettings() throws Exception {
    Options options = new Options();
    options.close();
    int thrown = 0;
    for (Method method : natives(Options.class, OPTIONS_SETTERS)) {
      Object[] arguments = zeros(method);
      arguments[0] = options.getNativeHandle();
      if (arguments[1] instanceof Long && method.getName().matches("set(Table.*|Env)")) {
        continue; // another handle, see below
      }
      if (method.getName().matches("set(RateLimiter|SstFileManager|Statistics|WriteBuffer.*r)")) {
        continue;
      }
      Throwable cause =
          assertThrows(InvocationTargetException.class, () -> method.invoke(null, arguments))
              .getCause();
      assertTrue(method + ": " + cause, cause instanceof IllegalStateException);
      assertEquals("Options is closed, and used after that", cause.getMessage());
      thrown++;
    }
    assertEquals(OPTIONS_SETTERS.size() - 6, thrown);
    assertClosed("Options", () -> options.setTableFormatConfig(new BlockBasedTableConfig()));
    assertClosed("Options", () -> options.setTableFormatConfig(new PlainTableConfig()));
    assertClosed("Options", () -> options.setEnv(Env.getDefault()));
    assertClosed("Options", () -> new DBOptions(options));
    assertClosed("Options", () -> new ColumnFamilyOptions(options));
    try (RateLimiter limiter = new RateLimiter(1000);
        SstFileManager manager = new SstFileManager(Env.getDefault());
        Statistics statistics = new Statistics(EnumSet.noneOf(HistogramType.class));
        Cache cache = new LRUCache(1 << 20);
        WriteBufferManager memtables = new WriteBufferManager(1 << 20, cache)) {
      assertClosed("Options", () -> options.setRateLimiter(limiter));
      assertClosed("Options", () -> options.setSstFileManager(manager));
      assertClosed("Options", () -> options.setStatistics(statistics));
      assertClosed("Options", () -> options.setWriteBufferManager(memtables));
    }
  }

  @Test
  public void closedObjectsAreNoSettings() throws Exception {
    RateLimiter limiter = new RateLimiter(1000);
    SstFileManager manager = new SstFileManager(Env.getDefault());
    Statistics statistics = new Statistics(EnumSet.noneOf(HistogramType.class));
    Cache cache = new LRUCache(1 << 20);
    Cache clock = new ClockCache(1 << 20);
    WriteBufferManager memtables = new WriteBufferManager(1 << 20, cache);
    for (RocksObject object : List.of(limiter, manager, statistics, cache, clock, memtables)) {
      object.close();
      object.close();
    }
    try (Options options = new Options()) {
      assertClosed("RateLimiter", () -> options.setRateLimiter(limiter));
      assertClosed("SstFileManager", () -> options.setSstFileManager(manager));
      assertClosed("Statistics", () -> options.setStatistics(statistics));
      assertClosed("WriteBufferManager", () -> options.setWriteBufferManager(memtables));
      BlockBasedTableConfig table = new BlockBasedTableConfig();
      assertClosed("Cache", () -> options.setTableFormatConfig(table.setBlockCache(cache)));
      assertClosed("Cache", () -> options.setTableFormatConfig(table.setBlockCache(clock)));
      options.setTableFormatConfig(table.setNoBlockCache(true)); // then no cache is looked at
    }
    assertClosed("Cache", cache::getUsage);
    assertClosed("Cache", clock::getPinnedUsage);
    assertClosed("Cache", () -> new WriteBufferManager(1, cache));
    assertClosed("Cache", () -> MemoryUtil.getApproximateMemoryUsageByType(null, Set.of(cache)));
    assertClosed("Statistics", () -> statistics.getTickerCount(TickerType.BYTES_READ));
    assertClosed("SstFileManager", () -> manager.setDeleteRateBytesPerSecond(1));
    assertClosed("SstFileManager", () -> manager.setMaxTrashDBRatio(1));
  }

  @Test
  public void otherClosedOptionsTakeNoSettings() {
    EnvOptions env = new EnvOptions();
    FlushOptions flush = new FlushOptions();
    IngestExternalFileOptions ingest = new IngestExternalFileOptions();
    for (RocksObject object : List.of(env, flush, ingest)) {
      object.close();
    }
    assertClosed("EnvOptions", () -> env.setUseDirectWrites(true));
    assertClosed("FlushOptions", () -> flush.setWaitForFlush(true));
    assertClosed("IngestExternalFileOptions", () -> ingest.setMoveFiles(true));
  }

  @Test
  public void aClosedDatabaseUsesNoMemory() throws Exception {
    RocksDB db = RocksDB.open(temporary.newFolder().getPath());
    RocksDB other = RocksDB.open(temporary.newFolder().getPath());
    assertEquals(
        Set.of(
            MemoryUsageType.kMemTableTotal,
            MemoryUsageType.kMemTableUnFlushed,
            MemoryUsageType.kTableReadersTotal),
        MemoryUtil.getApproximateMemoryUsageByType(List.of(db, other), null).keySet());
    db.close();
    assertClosed(
        "RocksDB", () -> MemoryUtil.getApproximateMemoryUsageByType(List.of(db, other), Set.of()));
    other.close();
  }

  @Test
  public void closingTwiceIsHarmless() throws Exception {
    Cache kept = new LRUCache(1 << 20);
    List<RocksObject> objects =
        List.of(
            new ClockCache(1 << 20),
            new LRUCache(1 << 20),
            new EnvOptions(),
            new FlushOptions(),
            new IngestExternalFileOptions(),
            new Options(),
            new RateLimiter(1000),
            new SstFileManager(Env.getDefault()),
            new Statistics(EnumSet.allOf(HistogramType.class)),
            new WriteBufferManager(1 << 20, kept));
    for (RocksObject object : objects) {
      // Java's own guard against it is not asked.
      dispose(object.getClass(), object.getNativeHandle());
      dispose(object.getClass(), object.getNativeHandle());
      object.close();
    }
    try (Options options = new Options()) {
      for (RocksObject half : List.of(new DBOptions(options), new ColumnFamilyOptions(options))) {
        half.close();
        dispose(half.getClass(), half.getNativeHandle());
      }
    }
    assertEquals(0, kept.getPinnedUsage());
    kept.close();
  }

  @Test
  public void addressesAreUsedAgain() {
    List<Options> open = new ArrayList<>();
    for (int i = 0; i < 20_000; i++) {
      open.add(new Options().setMaxOpenFiles(i));
      if (open.size() > 50) {
        // An upstream native makes this one, perhaps where one of ours was.
        try (Options copy = new Options(open.get(i % 50))) {
          assertEquals(open.get(i % 50).maxOpenFiles(), copy.maxOpenFiles());
          copy.setMaxOpenFiles(-5).setCompressionType(CompressionType.ZSTD_COMPRESSION);
          assertEquals(-5, copy.maxOpenFiles());
          copy.setCompactionStyle(CompactionStyle.FIFO);
        }
        open.remove(i * 31 % 50).close();
      }
    }
    open.forEach(Options::close);
  }

  @Test
  public void whatIsUsedIsNotDestroyedMeanwhile() throws Exception {
    int threads = 4;
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      for (int round = 0; round < 100; round++) {
        Statistics statistics = new Statistics(EnumSet.noneOf(HistogramType.class));
        Cache cache = new LRUCache(1 << 20, 1);
        Options options = new Options();
        CountDownLatch started = new CountDownLatch(threads);
        List<Future<?>> users = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
          users.add(
              pool.submit(
                  () -> {
                    started.countDown();
                    assertClosed(
                        null,
                        () -> {
                          while (true) {
                            assertEquals(0, statistics.getTickerCount(TickerType.BYTES_READ));
                            assertEquals(0, cache.getPinnedUsage());
                            options.setStatistics(statistics);
                          }
                        });
                  }));
        }
        started.await();
        options.close();
        cache.close();
        statistics.close();
        for (Future<?> user : users) {
          user.get();
        }
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  public void memoryIsAskedForWhileDatabasesClose() throws Exception {
    int threads = 3;
    String path = temporary.newFolder().getPath();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    AtomicBoolean done = new AtomicBoolean();
    try (Cache cache = new LRUCache(1 << 20, 1)) {
      AtomicReference<RocksDB> current = new AtomicReference<>(RocksDB.open(path));
      List<Future<Integer>> askers = new ArrayList<>();
      CountDownLatch started = new CountDownLatch(threads);
      for (int i = 0; i < threads; i++) {
        askers.add(
            pool.submit(
                () -> {
                  int answers = 0;
                  while (!done.get() || answers == 0) {
                    try {
                      Map<MemoryUsageType, Long> usage =
                          MemoryUtil.getApproximateMemoryUsageByType(
                              List.of(current.get()), Set.of(cache));
                      assertTrue(usage.get(MemoryUsageType.kMemTableTotal) > 0);
                      answers++;
                      started.countDown();
                    } catch (IllegalStateException e) {
                      assertEquals("RocksDB is closed, and used after that", e.getMessage());
                    }
                  }
                  return answers;
                }));
      }
      started.await();
      for (int round = 0; round < 60; round++) {
        current.get().close();
        current.set(RocksDB.open(path));
      }
      done.set(true);
      for (Future<Integer> asker : askers) {
        assertTrue(asker.get() > 0);
      }
      current.get().close();
    } finally {
      done.set(true);
      pool.shutdownNow();
    }
  }

  private static void assertClosed(String name, ThrowingRunnable use) {
    IllegalStateException thrown = assertThrows(IllegalStateException.class, use);
    String text = (name == null ? "" : name) + " is closed, and used after that";
    assertTrue(thrown.getMessage(), thrown.getMessage().endsWith(text));
  }

  private static void assertNullPointerException(Method method) {
    Throwable thrown =
        assertThrows(InvocationTargetException.class, () -> method.invoke(null, zeros(method)));
    assertTrue(
        method + ": " + thrown.getCause(), thrown.getCause() instanceof NullPointerException);
  }

  private static Object[] zeros(Method method) {
    return Arrays.stream(method.getParameterTypes())
        .map(
            type -> {
              if (type == long.class) {
                return (Object) 0L;
              }
              if (type == int.class) {
                return (Object) 0;
              }
              if (type == byte.class) {
                return (Object) (byte) 0;
              }
              if (type == double.class) {
                return (Object) 0.0;
              }
              return type == boolean.class ? (Object) false : null;
            })
        .toArray();
  }

  private static List<Method> natives(Class<?> type, Set<String> names) {
    return Arrays.stream(type.getDeclaredMethods())
        .filter(method -> Modifier.isNative(method.getModifiers()))
        .filter(method -> names.contains(method.getName()))
        .peek(method -> method.setAccessible(true))
        .toList();
  }

  private static void dispose(Class<?> type, long handle) throws Exception {
    Method method = type.getDeclaredMethod("disposeInternalJni", long.class);
    method.setAccessible(true);
    method.invoke(null, handle);
  }
}
