package com.linkedin.venice.rust.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNotNull;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.ByteBufferGetStatus;
import org.rocksdb.Cache;
import org.rocksdb.Checkpoint;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.EnvOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.HistogramType;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.LRUCache;
import org.rocksdb.LiveFileMetaData;
import org.rocksdb.MemoryUsageType;
import org.rocksdb.MemoryUtil;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Snapshot;
import org.rocksdb.SstFileReader;
import org.rocksdb.SstFileReaderIterator;
import org.rocksdb.SstFileWriter;
import org.rocksdb.Statistics;
import org.rocksdb.Status;
import org.rocksdb.TickerType;
import org.rocksdb.Transaction;
import org.rocksdb.TransactionDB;
import org.rocksdb.TransactionDBOptions;
import org.rocksdb.TtlDB;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * The unchanged {@code org.rocksdb} classes on our library: one look at each area, those that our
 * natives take over (open, close, dispose, destroy) and those that upstream's own natives do.
 */
public class DropInTest {
  @Rule public final TemporaryFolder temporary = new TemporaryFolder();

  @Test
  public void theVersionIsTheOneVenicePins() {
    RocksDB.loadLibrary();
    assertEquals("9.11.2", RocksDB.rocksdbVersion().toString());
  }

  @Test
  public void putGetDelete() throws Exception {
    try (RocksDB db = RocksDB.open(path())) {
      db.put(b("key"), b("value"));
      assertArrayEquals(b("value"), db.get(b("key")));
      byte[] small = new byte[2];
      assertEquals(5, db.get(b("key"), small));
      assertArrayEquals(b("va"), small);
      assertEquals(RocksDB.NOT_FOUND, db.get(b("none"), small));
      assertTrue(db.keyExists(b("key")));
      db.delete(b("key"));
      assertNull(db.get(b("key")));
      assertFalse(db.keyExists(b("key")));
    }
  }

  @Test
  public void aDatabaseOpensAgainWithItsData() throws Exception {
    String path = path();
    for (int round = 0; round < 50; round++) {
      try (RocksDB db = RocksDB.open(path)) {
        assertEquals(round == 0, db.get(b("round")) == null);
        db.put(b("round"), b(Integer.toString(round)));
      }
    }
    try (RocksDB db = RocksDB.openReadOnly(path)) {
      assertArrayEquals(b("49"), db.get(b("round")));
      RocksDBException refusal = assertThrows(RocksDBException.class, () -> db.put(b("a"), b("b")));
      assertEquals(Status.Code.NotSupported, refusal.getStatus().getCode());
    }
  }

  @Test
  public void multiGetInArraysAndBuffers() throws Exception {
    try (RocksDB db = RocksDB.open(path())) {
      db.put(b("a"), b("1"));
      db.put(b("c"), b("333"));
      List<byte[]> values = db.multiGetAsList(List.of(b("a"), b("b"), b("c")));
      assertArrayEquals(b("1"), values.get(0));
      assertNull(values.get(1));
      assertArrayEquals(b("333"), values.get(2));

      List<ByteBufferGetStatus> statuses =
          db.multiGetByteBuffers(
              List.of(direct(b("a")), direct(b("b")), direct(b("c"))),
              List.of(
                  ByteBuffer.allocateDirect(8),
                  ByteBuffer.allocateDirect(8),
                  ByteBuffer.allocateDirect(1)));
      assertEquals(Status.Code.Ok, statuses.get(0).status.getCode());
      assertEquals(Status.Code.NotFound, statuses.get(1).status.getCode());
      // RocksJava reports a buffer that is too small as Ok with the size that it would take.
      assertEquals(Status.Code.Ok, statuses.get(2).status.getCode());
      assertEquals(3, statuses.get(2).requiredSize);
      assertEquals(1, statuses.get(2).value.limit());
    }
  }

  @Test
  public void writeBatchesAreAtomic() throws Exception {
    try (RocksDB db = RocksDB.open(path());
        WriteBatch batch = new WriteBatch();
        WriteOptions noLog = new WriteOptions().setDisableWAL(true)) {
      db.put(b("gone"), b("x"));
      batch.put(b("one"), b("1"));
      batch.put(b("two"), b("2"));
      batch.delete(b("gone"));
      assertEquals(3, batch.count());
      db.write(noLog, batch);
      assertArrayEquals(b("2"), db.get(b("two")));
      assertNull(db.get(b("gone")));
    }
  }

  @Test
  public void iteratorsGoBothWaysAndKeepTheirView() throws Exception {
    try (RocksDB db = RocksDB.open(path())) {
      for (int i = 0; i < 10; i++) {
        db.put(b("k" + i), b("v" + i));
      }
      Snapshot snapshot = db.getSnapshot();
      try (Slice end = new Slice(b("k7"));
          ReadOptions bounded = new ReadOptions().setIterateUpperBound(end).setSnapshot(snapshot);
          RocksIterator iterator = db.newIterator(bounded)) {
        db.put(b("k55"), b("later"));
        StringBuilder seen = new StringBuilder();
        for (iterator.seek(b("k4")); iterator.isValid(); iterator.next()) {
          seen.append(new String(iterator.value(), UTF_8)).append(' ');
        }
        iterator.status();
        assertEquals("v4 v5 v6 ", seen.toString());
        iterator.seekToLast();
        assertArrayEquals(b("k6"), iterator.key());
        iterator.prev();
        assertArrayEquals(b("k5"), iterator.key());
      } finally {
        db.releaseSnapshot(snapshot);
      }
    }
  }

  @Test
  public void columnFamilies() throws Exception {
    String path = path();
    try (Options options = new Options().setCreateIfMissing(true);
        RocksDB db = RocksDB.open(options, path);
        ColumnFamilyHandle created =
            db.createColumnFamily(new ColumnFamilyDescriptor(b("timestamp_metadata")))) {
      db.put(created, b("key"), b("meta"));
      assertNull(db.get(b("key")));
      assertArrayEquals(b("timestamp_metadata"), created.getName());
      assertEquals(1, created.getID());
    }
    List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
    try (Options options = new Options()) {
      for (byte[] name : RocksDB.listColumnFamilies(options, path)) {
        descriptors.add(new ColumnFamilyDescriptor(name, new ColumnFamilyOptions()));
      }
    }
    assertEquals(2, descriptors.size());
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    try (DBOptions options = new DBOptions();
        RocksDB db = RocksDB.open(options, path, descriptors, handles)) {
      assertArrayEquals(b("meta"), db.get(handles.get(1), b("key")));
      assertTrue(db.getColumnFamilyMetaData(handles.get(1)).size() >= 0);
      db.dropColumnFamily(handles.get(1));
    }
    RocksDBException refusal = assertThrows(RocksDBException.class, () -> openTwo(path));
    assertEquals(Status.Code.InvalidArgument, refusal.getStatus().getCode());
    assertTrue(refusal.getMessage(), refusal.getMessage().contains("timestamp_metadata"));
  }

  private static void openTwo(String path) throws RocksDBException {
    List<ColumnFamilyDescriptor> two =
        List.of(
            new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY),
            new ColumnFamilyDescriptor(b("timestamp_metadata")));
    try (DBOptions options = new DBOptions()) {
      RocksDB.open(options, path, two, new ArrayList<>()).close();
    }
  }

  @Test
  public void sstFilesAreWrittenReadAndIngested() throws Exception {
    String file = temporary.getRoot().toPath().resolve("rows.sst").toString();
    try (Options options = new Options();
        EnvOptions env = new EnvOptions();
        SstFileWriter writer = new SstFileWriter(env, options)) {
      writer.open(file);
      writer.put(b("a"), b("1"));
      writer.put(direct(b("b")), direct(b("2")));
      writer.finish();
    }
    try (Options options = new Options();
        SstFileReader reader = new SstFileReader(options)) {
      reader.open(file);
      assertEquals(2, reader.getTableProperties().getNumEntries());
      try (ReadOptions read = new ReadOptions();
          SstFileReaderIterator iterator = reader.newIterator(read)) {
        iterator.seekToFirst();
        assertArrayEquals(b("a"), iterator.key());
      }
    }
    try (RocksDB db = RocksDB.open(path());
        IngestExternalFileOptions move = new IngestExternalFileOptions().setMoveFiles(true)) {
      db.ingestExternalFile(db.getDefaultColumnFamily(), List.of(file), move);
      assertArrayEquals(b("2"), db.get(b("b")));
      List<LiveFileMetaData> live = db.getLiveFilesMetaData();
      assertEquals(1, live.size());
      assertArrayEquals(b("default"), live.get(0).columnFamilyName());
    }
  }

  @Test
  public void checkpointsAreDatabases() throws Exception {
    String copy = temporary.getRoot().toPath().resolve("checkpoint").toString();
    try (RocksDB db = RocksDB.open(path())) {
      db.put(b("key"), b("before"));
      try (Checkpoint checkpoint = Checkpoint.create(db)) {
        checkpoint.createCheckpoint(copy);
      }
      db.put(b("key"), b("after"));
    }
    try (RocksDB db = RocksDB.open(copy)) {
      assertArrayEquals(b("before"), db.get(b("key")));
    }
  }

  @Test
  public void statisticsPropertiesAndMemory() throws Exception {
    try (Cache cache = new LRUCache(8 << 20, 2, false);
        Statistics statistics = new Statistics(EnumSet.allOf(HistogramType.class));
        Options options =
            new Options()
                .setCreateIfMissing(true)
                .setStatistics(statistics)
                .setTableFormatConfig(new BlockBasedTableConfig().setBlockCache(cache));
        RocksDB db = RocksDB.open(options, path());
        FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
      for (int i = 0; i < 1000; i++) {
        db.put(b("key " + i), new byte[100]);
      }
      assertEquals(1000, db.getLongProperty("rocksdb.estimate-num-keys"));
      db.flush(flush);
      db.get(b("key 7"));
      db.get(b("key 7"));
      assertEquals("1", db.getProperty("rocksdb.num-files-at-level0"));
      assertTrue(statistics.getTickerCount(TickerType.BLOCK_CACHE_HIT) > 0);
      assertTrue(statistics.getTickerCount(TickerType.BLOCK_CACHE_MISS) > 0);
      assertTrue(cache.getUsage() > 0);
      Map<MemoryUsageType, Long> usage =
          MemoryUtil.getApproximateMemoryUsageByType(List.of(db), Set.of(cache));
      assertEquals(cache.getUsage(), (long) usage.get(MemoryUsageType.kCacheTotal));
      assertNotNull(db.getProperty("rocksdb.stats"));
    }
  }

  @Test
  public void everyCompressionIsLinked() throws Exception {
    for (CompressionType type :
        new CompressionType[] {
          CompressionType.SNAPPY_COMPRESSION,
          CompressionType.ZLIB_COMPRESSION,
          CompressionType.BZLIB2_COMPRESSION,
          CompressionType.LZ4_COMPRESSION,
          CompressionType.LZ4HC_COMPRESSION,
          CompressionType.ZSTD_COMPRESSION
        }) {
      try (Options options = new Options().setCreateIfMissing(true).setCompressionType(type);
          RocksDB db = RocksDB.open(options, path());
          FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
        db.put(b("key"), new byte[10_000]);
        db.flush(flush);
        assertArrayEquals(type.name(), new byte[10_000], db.get(b("key")));
      }
    }
  }

  @Test
  public void exceptionsCarryCodeSubcodeAndState() throws Exception {
    String missing = temporary.getRoot().toPath().resolve("none").toString();
    try (Options options = new Options().setCreateIfMissing(false)) {
      RocksDBException refusal =
          assertThrows(RocksDBException.class, () -> RocksDB.open(options, missing).close());
      assertEquals(Status.Code.InvalidArgument, refusal.getStatus().getCode());
      assertEquals(Status.SubCode.None, refusal.getStatus().getSubCode());
      assertTrue(refusal.getStatus().getState(), refusal.getStatus().getState().contains(missing));
      assertTrue(refusal.getMessage(), refusal.getMessage().contains("create_if_missing"));
    }
    RocksDBException readOnly =
        assertThrows(RocksDBException.class, () -> RocksDB.openReadOnly(missing).close());
    assertEquals(Status.Code.IOError, readOnly.getStatus().getCode());
    assertTrue(readOnly.getMessage(), readOnly.getMessage().contains("No such file or directory"));
  }

  @Test
  public void aPathIsLockedWhileItIsOpen() throws Exception {
    String path = path();
    try (RocksDB db = RocksDB.open(path)) {
      RocksDBException refusal =
          assertThrows(RocksDBException.class, () -> RocksDB.open(path).close());
      assertEquals(Status.Code.IOError, refusal.getStatus().getCode());
      assertTrue(refusal.getMessage(), refusal.getMessage().contains("lock"));
      db.put(b("still"), b("open"));
    }
    RocksDB.open(path).close();
  }

  @Test
  public void closingTwiceIsHarmless() throws Exception {
    String path = path();
    RocksDB db = RocksDB.open(path);
    ColumnFamilyHandle family = db.createColumnFamily(new ColumnFamilyDescriptor(b("second")));
    family.close();
    family.close();
    db.closeE();
    db.closeE();
    db.close();
  }

  @Test
  public void destroyDeletesTheFiles() throws Exception {
    String path = path();
    try (RocksDB db = RocksDB.open(path)) {
      db.put(b("key"), b("value"));
    }
    try (Options options = new Options()) {
      RocksDB.destroyDB(path, options);
    }
    try (RocksDB db = RocksDB.open(path)) {
      assertNull(db.get(b("key")));
      try (Options options = new Options()) {
        assertThrows(RocksDBException.class, () -> RocksDB.destroyDB(path, options));
      }
    }
  }

  @Test
  public void databasesThatUpstreamOpensAreClosedToo() throws Exception {
    try (Options options = new Options().setCreateIfMissing(true)) {
      String ttl = path();
      for (int round = 0; round < 3; round++) {
        try (TtlDB db = TtlDB.open(options, ttl, 3600, false)) {
          db.put(b("key"), b("value"));
          assertArrayEquals(b("value"), db.get(b("key")));
        }
      }
      String transactional = path();
      for (int round = 0; round < 3; round++) {
        try (TransactionDBOptions transactions = new TransactionDBOptions();
            TransactionDB db = TransactionDB.open(options, transactions, transactional);
            WriteOptions write = new WriteOptions();
            Transaction transaction = db.beginTransaction(write)) {
          transaction.put(b("key"), b("in doubt"));
          assertEquals(round == 0, db.get(b("key")) == null);
          transaction.commit();
          assertArrayEquals(b("in doubt"), db.get(b("key")));
        }
      }
      String primary = path();
      try (RocksDB db = RocksDB.open(options, primary);
          RocksDB secondary =
              RocksDB.openAsSecondary(options, primary, temporary.newFolder().getPath())) {
        db.put(b("key"), b("value"));
        secondary.tryCatchUpWithPrimary();
        assertArrayEquals(b("value"), secondary.get(b("key")));
      }
    }
  }

  private String path() throws IOException {
    return temporary.newFolder().getPath();
  }

  private static byte[] b(String text) {
    return text.getBytes(UTF_8);
  }

  private static ByteBuffer direct(byte[] bytes) {
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }
}
