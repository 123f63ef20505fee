package com.linkedin.venice.rust.tests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.IntPredicate;
import java.util.stream.Stream;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.ChecksumType;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompactionStyle;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.DataBlockIndexType;
import org.rocksdb.EncodingType;
import org.rocksdb.Env;
import org.rocksdb.EnvOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.IndexShorteningMode;
import org.rocksdb.IndexType;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.Options;
import org.rocksdb.PlainTableConfig;
import org.rocksdb.Priority;
import org.rocksdb.RateLimiter;
import org.rocksdb.RateLimiterMode;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Slice;
import org.rocksdb.SstFileManager;

/**
 * Sets every option that Venice sets, to each of some values, and prints what became of it: the
 * getters that answer otherwise than before, and the lines of the OPTIONS file that RocksDB writes.
 * The output is the same for every library that does the same ({@link StockSettingsTest}).
 */
public final class SettingsProgram {
  private interface Change<T> {
    void apply(T object) throws Exception;
  }

  private final Path folder;
  private final PrintStream out;
  private final List<Change<Options>> changes = new ArrayList<>();

  private SettingsProgram(Path folder, PrintStream out) {
    this.folder = folder;
    this.out = out;
  }

  /** Takes an empty folder to work in, and prints the library as its last line. */
  public static void main(String[] args) throws Exception {
    run(Path.of(args[0]), System.out);
    System.out.println("settings done with " + StoreProgram.library());
  }

  static void run(Path folder, PrintStream out) throws Exception {
    RocksDB.loadLibrary();
    SettingsProgram program = new SettingsProgram(folder, out);
    program.flags();
    program.numbers();
    program.enums();
    program.blockBasedTables();
    program.plainTables();
    program.smallObjects();
    program.sharedObjects();
  }

  private void flags() throws Exception {
    for (boolean value : new boolean[] {true, false}) {
      set("createIfMissing " + value, o -> o.setCreateIfMissing(value));
      set("createMissing " + value, o -> o.setCreateMissingColumnFamilies(value));
      set("useDirectReads " + value, o -> o.setUseDirectReads(value));
      set("allowMmapReads " + value, o -> o.setAllowMmapReads(value));
      set("atomicFlush " + value, o -> o.setAtomicFlush(value));
      set("enableBlobFiles " + value, o -> o.setEnableBlobFiles(value));
      set("blobCollection " + value, o -> o.setEnableBlobGarbageCollection(value));
      open("flags " + value); // both ways to read that are not the usual one are refused
    }
    set("useDirectReads", o -> o.setUseDirectReads(true));
    set("enableBlobFiles", o -> o.setEnableBlobFiles(true));
    set("atomicFlush", o -> o.setAtomicFlush(true));
    open("some flags");
  }

  private void numbers() throws Exception {
    for (int value : new int[] {0, 1, 7, -1, 64, Integer.MAX_VALUE, Integer.MIN_VALUE}) {
      set("maxOpenFiles " + value, o -> o.setMaxOpenFiles(value));
      set("statsDumpPeriodSec " + value, o -> o.setStatsDumpPeriodSec(value));
      set("statsPersistPeriodSec " + value, o -> o.setStatsPersistPeriodSec(value));
      set("maxWriteBufferNumber " + value, o -> o.setMaxWriteBufferNumber(value));
      set("minWriteBuffers " + value, o -> o.setMinWriteBufferNumberToMerge(value));
      set("level0Compaction " + value, o -> o.setLevel0FileNumCompactionTrigger(value));
      set("level0Slowdown " + value, o -> o.setLevel0SlowdownWritesTrigger(value));
      set("level0Stop " + value, o -> o.setLevel0StopWritesTrigger(value));
      set("blobFileStartingLevel " + value, o -> o.setBlobFileStartingLevel(value));
      set("cappedPrefix " + value, o -> o.useCappedPrefixExtractor(value));
      if (value > 0 && value < 100) {
        // As many threads are started when the database is opened.
        set("maxFileOpeningThreads " + value, o -> o.setMaxFileOpeningThreads(value));
      }
      open("ints " + value);
    }
    for (long value : new long[] {0, 1, 1 << 20, 5L << 32, Long.MAX_VALUE, -1}) {
      set("maxTotalWalSize " + value, o -> o.setMaxTotalWalSize(value));
      set("maxLogFileSize " + value, o -> o.setMaxLogFileSize(value));
      set("keepLogFileNum " + value, o -> o.setKeepLogFileNum(value));
      set("bytesPerSync " + value, o -> o.setBytesPerSync(value));
      set("targetFileSizeBase " + value, o -> o.setTargetFileSizeBase(value));
      set("maxBytesForLevelBase " + value, o -> o.setMaxBytesForLevelBase(value));
      set("minBlobSize " + value, o -> o.setMinBlobSize(value));
      set("blobFileSize " + value, o -> o.setBlobFileSize(value));
      if (value > 1 && value <= 1 << 20) {
        set("writeBufferSize " + value, o -> o.setWriteBufferSize(value));
      }
      open("longs " + value);
    }
    getters("writeBufferSize -1", o -> o.setWriteBufferSize(-1));
    getters("memtableHugePageSize", o -> o.setMemtableHugePageSize(2 << 20));
    getters("memtableHugePageSize -1", o -> o.setMemtableHugePageSize(-1));
    for (double value : new double[] {0, 0.25, 1, 2.5, -1, Double.NaN}) {
      // One at a time: RocksDB cannot read back that it wrote not a number, and names one that is.
      set("blobAgeCutoff " + value, o -> o.setBlobGarbageCollectionAgeCutoff(value));
      open("blobAgeCutoff " + value);
      set("blobForce " + value, o -> o.setBlobGarbageCollectionForceThreshold(value));
      open("blobForce " + value);
    }
  }

  private void enums() throws Exception {
    for (CompressionType value : CompressionType.values()) {
      set("compression " + value, o -> o.setCompressionType(value));
      open("compression " + value);
    }
    for (CompactionStyle value : CompactionStyle.values()) {
      set("compaction " + value, o -> o.setCompactionStyle(value));
      open("compaction " + value);
    }
    Env env = Env.getDefault();
    for (Priority value : new Priority[] {Priority.BOTTOM, Priority.LOW, Priority.HIGH}) {
      int before = env.getBackgroundThreads(value);
      env.setBackgroundThreads(before + 1 + value.ordinal(), value);
      for (Priority seen : new Priority[] {Priority.BOTTOM, Priority.LOW, Priority.HIGH}) {
        out.println("threads " + value + ": " + seen + " " + env.getBackgroundThreads(seen));
      }
      env.setBackgroundThreads(before, value);
    }
  }

  private void blockBasedTables() throws Exception {
    table("block based", blocks());
    for (int pattern = 0; pattern < 4; pattern++) {
      // Four patterns tell nine flags apart.
      int bit = pattern;
      IntPredicate on = number -> (number >> bit & 1) == 1;
      table(
          "flags, pattern " + pattern,
          blocks()
              .setCacheIndexAndFilterBlocks(on.test(1))
              .setCacheIndexAndFilterBlocksWithHighPriority(on.test(2))
              .setPinL0FilterAndIndexBlocksInCache(on.test(3))
              .setPinTopLevelIndexAndFilter(on.test(4))
              .setOptimizeFiltersForMemory(on.test(5))
              .setUseDeltaEncoding(on.test(6))
              .setWholeKeyFiltering(on.test(7))
              .setVerifyCompression(on.test(8))
              .setEnableIndexCompression(on.test(9)));
    }
    for (boolean value : new boolean[] {true, false}) {
      table("noBlockCache " + value, blocks().setNoBlockCache(value));
      table("partitionFilters " + value, blocks().setPartitionFilters(value));
      table("blockAlign " + value, blocks().setBlockAlign(value));
    }
    for (IndexType value : IndexType.values()) {
      table("indexType " + value, blocks().setIndexType(value));
    }
    for (DataBlockIndexType value : DataBlockIndexType.values()) {
      table("dataBlockIndexType " + value, blocks().setDataBlockIndexType(value));
    }
    for (ChecksumType value : ChecksumType.values()) {
      table("checksumType " + value, blocks().setChecksumType(value));
    }
    for (IndexShorteningMode value : IndexShorteningMode.values()) {
      table("indexShortening " + value, blocks().setIndexShortening(value));
    }
    for (long value : new long[] {0, 512, 16 << 10, 1L << 33, -1}) {
      table("blockSize " + value, blocks().setBlockSize(value));
      table("metadataBlockSize " + value, blocks().setMetadataBlockSize(value));
    }
    for (int value : new int[] {0, 4, 101, -5}) {
      table(
          "ints from " + value,
          blocks()
              .setBlockSizeDeviation(value)
              .setBlockRestartInterval(value + 1)
              .setIndexBlockRestartInterval(value + 2)
              .setReadAmpBytesPerBit(value + 3));
    }
    for (int value = 0; value <= 6; value++) {
      table("formatVersion " + value, blocks().setFormatVersion(value));
    }
    table("hashRatio", blocks().setDataBlockHashTableUtilRatio(0.5));
    table("own cache", blocks().setBlockCacheSize(1 << 20).setCacheNumShardBits(3));
    table("own cache of nothing", blocks().setBlockCacheSize(0).setCacheNumShardBits(0));
    table("negative cache", blocks().setBlockCacheSize(-1));
    table("filter", blocks().setFilterPolicy(new org.rocksdb.BloomFilter(9.5)));
    try (org.rocksdb.Cache cache = new org.rocksdb.LRUCache(1 << 20, 2, true, 0.25, 0.25)) {
      table("cache", blocks().setBlockCache(cache));
    }
    try (org.rocksdb.Cache cache = new org.rocksdb.ClockCache(1 << 20, 2, true)) {
      table("clock cache", blocks().setBlockCache(cache));
    }
    try (org.rocksdb.Cache cache = new org.rocksdb.LRUCache(1 << 20, 20)) {
      table("a cache that RocksDB refuses", blocks().setBlockCache(cache));
    }
  }

  private static BlockBasedTableConfig blocks() {
    return new BlockBasedTableConfig();
  }

  private void plainTables() throws Exception {
    plain("plain", new PlainTableConfig());
    plain("keySize", new PlainTableConfig().setKeySize(12));
    plain("bloom", new PlainTableConfig().setBloomBitsPerKey(0));
    plain("hash", new PlainTableConfig().setHashTableRatio(0.5));
    plain("sparse", new PlainTableConfig().setIndexSparseness(5));
    plain("negative", new PlainTableConfig().setIndexSparseness(-1));
    plain("huge", new PlainTableConfig().setHugePageTlbSize(1));
    plain("full", new PlainTableConfig().setFullScanMode(true));
    plain("index", new PlainTableConfig().setStoreIndexInFile(true));
    for (EncodingType value : EncodingType.values()) {
      plain("encoding " + value, new PlainTableConfig().setEncodingType(value));
    }
  }

  private void plain(String name, PlainTableConfig table) throws Exception {
    set(
        "plain table: " + name,
        o -> o.setTableFormatConfig(table).useCappedPrefixExtractor(8).setAllowMmapReads(true));
    open("plain table: " + name);
  }

  private void table(String name, BlockBasedTableConfig table) throws Exception {
    set("table: " + name, o -> o.setTableFormatConfig(table));
    open("table: " + name);
  }

  private void smallObjects() throws Exception {
    try (EnvOptions options = new EnvOptions()) {
      out.println("EnvOptions " + getters(options));
      options.setUseDirectWrites(true);
      out.println("EnvOptions " + getters(options));
    }
    try (FlushOptions options = new FlushOptions()) {
      out.println("FlushOptions " + getters(options));
      options.setWaitForFlush(false);
      out.println("FlushOptions " + getters(options));
    }
    try (IngestExternalFileOptions options = new IngestExternalFileOptions()) {
      out.println("IngestExternalFileOptions " + getters(options));
      options.setMoveFiles(true);
      out.println("IngestExternalFileOptions " + getters(options));
    }
    try (Options options = new Options()) {
      options.setMaxOpenFiles(77).setWriteBufferSize(99).setUseFsync(true).setNumLevels(3);
      try (DBOptions half = new DBOptions(options)) {
        out.println("DBOptions " + getters(half));
      }
      try (ColumnFamilyOptions half = new ColumnFamilyOptions(options)) {
        out.println("ColumnFamilyOptions " + getters(half));
      }
    }
    for (byte[] bytes : new byte[][] {{}, {0}, "key".getBytes(UTF_8), new byte[1000]}) {
      try (Slice slice = new Slice(bytes)) {
        out.println("Slice " + slice.size() + " " + slice.empty() + " " + slice.toString(true));
        out.println("same " + Arrays.equals(bytes, slice.data()));
      }
    }
  }

  private void sharedObjects() throws Exception {
    for (long rate : new long[] {1, 1000, 100L << 20, Long.MAX_VALUE}) {
      for (long period : new long[] {1, 100_000, 7_000_000}) {
        for (RateLimiterMode mode : RateLimiterMode.values()) {
          try (RateLimiter limiter = new RateLimiter(rate, period, 10, mode, false);
              RateLimiter tuned =
                  new RateLimiter(rate + 1 > 0 ? rate + 1 : rate, period, 10, mode, true)) {
            out.println("limiter " + rate + " " + period + " " + mode + " " + getters(limiter));
            out.println("tuned " + getters(tuned));
          }
        }
      }
    }
    for (long rate : new long[] {0, 1, -1, Long.MAX_VALUE}) {
      for (double ratio : new double[] {0, 0.25, 3, -1}) {
        try (SstFileManager manager = new SstFileManager(Env.getDefault(), null, rate, ratio, 1)) {
          out.println("manager " + getters(manager));
          manager.setDeleteRateBytesPerSecond(rate / 2 + 5);
          manager.setMaxTrashDBRatio(ratio / 2 + 5);
          out.println("manager " + getters(manager));
        }
      }
    }
  }

  /** Prints what the getters say when this is set, and keeps it for the next database. */
  private void set(String name, Change<Options> change) throws Exception {
    getters(name, change);
    changes.add(change);
  }

  /** Prints the OPTIONS file of a database with all that was set since the last one. */
  private void open(String name) throws Exception {
    Path path = folder.resolve("db");
    String result;
    try (Options options = new Options()) {
      options.setCreateIfMissing(true);
      for (Change<Options> change : changes) {
        change.apply(options);
      }
      try (RocksDB ignored = RocksDB.open(options, path.toString())) {
        result = optionsFile(path);
      }
    } catch (RocksDBException e) {
      result = e.getStatus().getCode() + " " + e.getStatus().getSubCode() + " " + e.getMessage();
    }
    out.println(name + ":\n" + result.replace(folder.toString(), "FOLDER"));
    changes.clear();
    delete(path);
  }

  private void getters(String name, Change<Options> change) throws Exception {
    try (Options options = new Options()) {
      Map<String, String> before = getters(options);
      change.apply(options);
      Map<String, String> after = getters(options);
      after.entrySet().removeAll(before.entrySet());
      out.println(name + ": " + after);
    }
  }

  private static String optionsFile(Path path) throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      Path newest =
          files
              .filter(file -> file.getFileName().toString().startsWith("OPTIONS-"))
              .max(Comparator.comparing(Path::toString))
              .orElseThrow();
      // The order within a section is that of a hash table, and so is that between braces.
      List<String> sorted = new ArrayList<>();
      String section = "";
      for (String line : Files.readAllLines(newest)) {
        if (line.startsWith("[")) {
          section = line;
        } else if (!line.isBlank() && !line.startsWith("#")) {
          int braces = line.indexOf('{') + 1;
          String[] fields = line.substring(braces).split("[{};]");
          Arrays.sort(fields);
          sorted.add(section + line.substring(0, braces) + String.join(";", fields));
        }
      }
      sorted.sort(null);
      return String.join("\n", sorted);
    }
  }

  private static void delete(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** What all getters without arguments answer, by name. */
  private static Map<String, String> getters(Object object) throws Exception {
    Map<String, String> values = new TreeMap<>();
    for (Method method : object.getClass().getMethods()) {
      Class<?> type = method.getReturnType();
      boolean plain = type.isPrimitive() && type != void.class;
      if (method.getParameterCount() == 0
          && !Modifier.isStatic(method.getModifiers())
          && method.getDeclaringClass().getName().startsWith("org.rocksdb.")
          && !method.getName().equals("getNativeHandle")
          && (plain || type.isEnum() || type == String.class || type == Map.class)) {
        values.put(method.getName(), answer(object, method));
      }
    }
    return values;
  }

  private static String answer(Object object, Method method) throws IllegalAccessException {
    try {
      Object value = method.invoke(object);
      return value instanceof Map<?, ?> map
          ? new TreeSet<>(map.keySet()).toString()
          : String.valueOf(value);
    } catch (InvocationTargetException e) {
      return e.getCause().toString();
    }
  }
}
