package com.linkedin.venice.rust.tests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.CompressionType;
import org.rocksdb.EnvOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.HistogramType;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.LRUCache;
import org.rocksdb.MemoryUtil;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.SstFileWriter;
import org.rocksdb.Statistics;
import org.rocksdb.TickerType;

/**
 * Does the same to a database each time, and prints what every ticker and histogram counted, apart
 * from those that measure time. The output is the same for every library that counts the same
 * ({@link StockSettingsTest}).
 */
public final class StatisticsProgram {
  private StatisticsProgram() {}

  /** Takes an empty folder to work in, and prints the library as its last line. */
  public static void main(String[] args) throws Exception {
    run(Path.of(args[0]), System.out);
    System.out.println("statistics done with " + StoreProgram.library());
  }

  static void run(Path folder, PrintStream out) throws Exception {
    RocksDB.loadLibrary();
    EnumSet<HistogramType> some =
        EnumSet.of(
            HistogramType.DB_GET, HistogramType.BYTES_PER_READ, HistogramType.SST_BATCH_SIZE);
    count(folder.resolve("all"), EnumSet.noneOf(HistogramType.class), out);
    count(folder.resolve("some"), some, out);
    count(folder.resolve("others"), EnumSet.complementOf(some), out);
    count(folder.resolve("none"), EnumSet.allOf(HistogramType.class), out);
  }

  private static void count(Path path, EnumSet<HistogramType> ignored, PrintStream out)
      throws RocksDBException {
    out.println("ignoring " + ignored);
    try (Cache cache = new LRUCache(4 << 20, 0, false);
        Statistics statistics = new Statistics(ignored);
        Options options =
            new Options()
                .setCreateIfMissing(true)
                .setStatistics(statistics)
                .setCompressionType(CompressionType.LZ4_COMPRESSION)
                .setDisableAutoCompactions(true)
                .setStatsDumpPeriodSec(0)
                .setStatsPersistPeriodSec(0)
                .setEnableBlobFiles(true)
                .setMinBlobSize(3000)
                .setTableFormatConfig(
                    new BlockBasedTableConfig()
                        .setBlockCache(cache)
                        .setCacheIndexAndFilterBlocks(true)
                        .setFilterPolicy(new BloomFilter(10)))) {
      try (RocksDB db = RocksDB.open(options, path.toString())) {
        use(db, path, options);
        out.println(
            "memory "
                + new TreeSet<>(
                    MemoryUtil.getApproximateMemoryUsageByType(
                            List.of(db), new java.util.HashSet<>(List.of(cache)))
                        .keySet()));
      }
      print(statistics, out);
      for (TickerType ticker : TickerType.values()) {
        statistics.getAndResetTickerCount(ticker);
      }
      print(statistics, out);
    }
  }

  private static void use(RocksDB db, Path path, Options options) throws RocksDBException {
    Random random = new Random(7);
    for (int round = 0; round < 4; round++) {
      for (int i = 0; i < 500; i++) {
        byte[] value = new byte[i % 50 == 0 ? 4000 : 100];
        random.nextBytes(value);
        db.put(key(round * 400 + i), value);
      }
      db.delete(key(round * 31));
      try (FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
        db.flush(flush);
      }
    }
    Path file = path.resolveSibling(path.getFileName() + ".sst");
    try (EnvOptions env = new EnvOptions();
        SstFileWriter writer = new SstFileWriter(env, options);
        IngestExternalFileOptions ingest = new IngestExternalFileOptions().setMoveFiles(true)) {
      writer.open(file.toString());
      for (int i = 0; i < 100; i++) {
        writer.put(key(5000 + i), new byte[200]);
      }
      writer.finish();
      db.ingestExternalFile(List.of(file.toString()), ingest);
    }
    for (int i = 0; i < 3000; i += 2) {
      db.get(key(i));
    }
    for (int i = 0; i < 200; i += 10) {
      List<byte[]> keys = new ArrayList<>();
      for (int j = 0; j < 30; j++) {
        keys.add(key(i * 7 + j));
      }
      db.multiGetAsList(keys);
    }
    try (RocksIterator iterator = db.newIterator()) {
      for (iterator.seek(key(100)); iterator.isValid(); iterator.next()) {
        iterator.value();
      }
    }
  }

  private static byte[] key(int number) {
    return String.format("key %06d", number).getBytes(UTF_8);
  }

  private static void print(Statistics statistics, PrintStream out) {
    for (TickerType ticker : TickerType.values()) {
      if (isCount(ticker.name())) {
        out.println(ticker + " = " + statistics.getTickerCount(ticker));
      }
    }
    for (HistogramType histogram : HistogramType.values()) {
      if (histogram != HistogramType.HISTOGRAM_ENUM_MAX) {
        out.println(histogram + " = " + statistics.getHistogramData(histogram).getCount());
      }
    }
  }

  /** False for what depends on time, and for bytes in a cache, which depend on the allocator. */
  private static boolean isCount(String name) {
    return !(name.contains("CACHE") && name.contains("BYTES"))
        && !name.contains("SUPERVERSION")
        && !name.contains("MICROS")
        && !name.contains("NANOS")
        && !name.contains("TIME")
        && !name.contains("MILLIS");
  }
}
