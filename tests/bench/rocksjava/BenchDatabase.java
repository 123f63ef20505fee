package com.linkedin.venice.rust.bench.rocksjava;

import com.linkedin.venice.rust.testing.DirectoryTree;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.PlainTableConfig;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;

/**
 * A partition as Venice opens it, with rows in one flushed file that memory holds whole: so what is
 * measured is the way of a call, not the disk.
 */
@State(Scope.Thread)
public class BenchDatabase {
  private static final int MAX_ROWS = 20_000;
  private static final long MAX_BYTES = 64L << 20;

  /** The table format, as Venice configures it. */
  public enum Table {
    BLOCK_BASED,
    PLAIN
  }

  @Param({"BLOCK_BASED", "PLAIN"})
  public Table table;

  /** The size of each value. */
  @Param({"100", "1024", "16384"})
  public int valueBytes;

  Path directory;
  Options options;
  WriteOptions noLog;
  Cache cache;
  RocksDB database;
  ColumnFamilyHandle family;
  byte[][] keys;
  byte[][] missing;
  byte[] value;
  private final List<ColumnFamilyHandle> families = new ArrayList<>();
  private int next;

  /** Writes the rows. */
  @Setup(Level.Trial)
  public void open() throws IOException, RocksDBException {
    RocksDB.loadLibrary();
    Path shared = Path.of("/dev/shm");
    directory =
        Files.isWritable(shared)
            ? Files.createTempDirectory(shared, "bench")
            : Files.createTempDirectory("bench");
    cache = new LRUCache(512L << 20, 4, false);
    options = options();
    noLog = new WriteOptions().setDisableWAL(true);
    value = new byte[valueBytes];
    new Random(1).nextBytes(value);
    int rows = (int) Math.min(MAX_ROWS, MAX_BYTES / valueBytes);
    keys = keys(rows, 'k');
    missing = keys(rows, 'm');
    openDatabase();
    for (byte[] key : keys) {
      database.put(noLog, key, value);
    }
    try (FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
      database.flush(flush, families);
    }
  }

  private static byte[][] keys(int count, char kind) {
    byte[][] keys = new byte[count][];
    Random random = new Random(kind);
    for (int i = 0; i < count; i++) {
      keys[i] = new byte[16];
      random.nextBytes(keys[i]);
      // Missing keys lie between the others.
      keys[i][15] = (byte) kind;
    }
    return keys;
  }

  private Options options() {
    Options made =
        new Options()
            .setCreateIfMissing(true)
            .setMaxOpenFiles(-1)
            .setStatsDumpPeriodSec(0)
            .setStatsPersistPeriodSec(0)
            // No flush and no compaction falls into a measurement.
            .setWriteBufferSize(1L << 30)
            .setLevel0FileNumCompactionTrigger(100);
    if (table == Table.PLAIN) {
      made.setTableFormatConfig(
          new PlainTableConfig().setStoreIndexInFile(true).setBloomBitsPerKey(10));
      made.setAllowMmapReads(true);
      made.useCappedPrefixExtractor(16);
    } else {
      made.setTableFormatConfig(
          new BlockBasedTableConfig()
              .setBlockSize(16L << 10)
              .setBlockCache(cache)
              .setCacheIndexAndFilterBlocks(true)
              .setFormatVersion(2));
    }
    return made;
  }

  private void openDatabase() throws RocksDBException {
    families.clear();
    database =
        RocksDB.open(
            new DBOptions(options),
            directory.resolve("db").toString(),
            List.of(
                new ColumnFamilyDescriptor(
                    RocksDB.DEFAULT_COLUMN_FAMILY, new ColumnFamilyOptions(options))),
            families);
    family = families.get(0);
  }

  /** Empties the memtable between measurements of writes, so that none begins with a full one. */
  void reopenEmpty() throws IOException, RocksDBException {
    database.close();
    DirectoryTree.delete(directory.resolve("db"));
    openDatabase();
  }

  /** The keys in turn, in the order in which they were drawn: the order of no table. */
  byte[] nextKey() {
    next = next + 1 == keys.length ? 0 : next + 1;
    return keys[next];
  }

  byte[] nextMissing() {
    next = next + 1 == missing.length ? 0 : next + 1;
    return missing[next];
  }

  /** Closes and deletes the database. */
  @TearDown(Level.Trial)
  public void close() throws IOException {
    database.close();
    options.close();
    noLog.close();
    cache.close();
    DirectoryTree.delete(directory);
  }
}
