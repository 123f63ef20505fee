package com.linkedin.venice.rust.tests;

import static com.linkedin.venice.rust.tests.RocksFolder.b;
import static com.linkedin.venice.rust.tests.RocksFolder.direct;
import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.Rule;
import org.junit.Test;
import org.junit.function.ThrowingRunnable;
import org.rocksdb.Checkpoint;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.EnvOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.SstFileReader;
import org.rocksdb.SstFileReaderIterator;
import org.rocksdb.SstFileWriter;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * What is closed is refused, with its class's name: a {@code RocksDBException} where the method
 * declares one, an {@code IllegalStateException} elsewhere. RocksJava itself only asserts it, and
 * assertions are off in production, as they are in this test.
 */
public class UseAfterCloseTest {
  @Rule public final RocksFolder folder = new RocksFolder();

  @Test
  public void assertionsOfRocksJavaAreOff() {
    assertTrue("the flags of this test", !RocksDB.class.desiredAssertionStatus());
  }

  @Test
  public void aDatabase() throws Exception {
    RocksDB db = RocksDB.open(folder.newPath());
    ColumnFamilyHandle family = db.getDefaultColumnFamily();
    try (ReadOptions read = new ReadOptions();
        WriteOptions write = new WriteOptions();
        WriteBatch batch = new WriteBatch();
        FlushOptions flush = new FlushOptions();
        IngestExternalFileOptions ingest = new IngestExternalFileOptions()) {
      db.put(write, b("key"), b("value"));
      db.close();

      refused("RocksDB", () -> db.put(write, b("key"), b("value")));
      refused("RocksDB", () -> db.put(family, write, b("key"), b("value")));
      refused("RocksDB", () -> db.delete(b("key")));
      refused("RocksDB", () -> db.write(write, batch));
      refused("RocksDB", () -> db.get(b("key")));
      refused("RocksDB", () -> db.get(b("key"), new byte[8]));
      refused("RocksDB", () -> db.get(family, read, b("key")));
      refused("RocksDB", () -> db.get(read, direct("key"), ByteBuffer.allocateDirect(8)));
      refused("RocksDB", () -> db.multiGetAsList(List.of(b("key"))));
      refused(
          "RocksDB",
          () ->
              db.multiGetByteBuffers(
                  read, List.of(direct("key")), List.of(ByteBuffer.allocateDirect(8))));
      refusedUnchecked("RocksDB", () -> db.keyExists(b("key")));
      refusedUnchecked("RocksDB", () -> db.newIterator(family, read));
      refused("RocksDB", () -> db.getLongProperty("rocksdb.estimate-num-keys"));
      refused("RocksDB", db::compactRange);
      refused("RocksDB", () -> db.flush(flush));
      refused("RocksDB", () -> db.deprecated_deleteFile("000009.sst"));
      refusedUnchecked("RocksDB", db::getLiveFilesMetaData);
      refusedUnchecked("RocksDB", () -> db.getColumnFamilyMetaData(family));
      refused("RocksDB", () -> db.ingestExternalFile(family, List.of("none.sst"), ingest));

      refused("RocksDB", () -> db.createColumnFamily(new ColumnFamilyDescriptor(b("second"))));
      refused("ColumnFamilyHandle", family::getName);
      refusedUnchecked("ColumnFamilyHandle", family::getID);
    }
  }

  @Test
  public void optionsAndBatches() throws Exception {
    try (RocksDB db = RocksDB.open(folder.newPath())) {
      ReadOptions read = new ReadOptions();
      read.close();
      refused("ReadOptions", () -> db.get(db.getDefaultColumnFamily(), read, b("key")));
      refusedUnchecked("ReadOptions", () -> db.newIterator(db.getDefaultColumnFamily(), read));
      refused(
          "ReadOptions",
          () ->
              db.multiGetByteBuffers(
                  read, List.of(direct("key")), List.of(ByteBuffer.allocateDirect(8))));
      refusedUnchecked("ReadOptions", () -> read.setFillCache(true));
      refusedUnchecked("ReadOptions", () -> read.setVerifyChecksums(true));
      refusedUnchecked("ReadOptions", () -> read.setPinData(true));
      refusedUnchecked("ReadOptions", () -> read.setBackgroundPurgeOnIteratorCleanup(true));
      refusedUnchecked("ReadOptions", () -> read.setReadaheadSize(1));
      try (Slice bound = new Slice(b("z"))) {
        refusedUnchecked("ReadOptions", () -> read.setIterateUpperBound(bound));
      }

      WriteOptions write = new WriteOptions();
      write.close();
      refused("WriteOptions", () -> db.put(write, b("key"), b("value")));
      refusedUnchecked("WriteOptions", () -> write.setDisableWAL(true));

      try (WriteOptions open = new WriteOptions()) {
        WriteBatch batch = new WriteBatch(64);
        batch.close();
        refused("WriteBatch", () -> batch.put(db.getDefaultColumnFamily(), b("key"), b("value")));
        refused("WriteBatch", () -> batch.delete(db.getDefaultColumnFamily(), b("key")));
        refused("WriteBatch", () -> db.write(open, batch));
      }
      assertEquals(null, db.get(b("key")));
    }
  }

  @Test
  public void sortedFiles() throws Exception {
    String file = folder.missing("rows.sst");
    try (Options options = new Options();
        EnvOptions env = new EnvOptions();
        ReadOptions read = new ReadOptions()) {
      SstFileWriter writer = new SstFileWriter(env, options);
      writer.open(file);
      writer.put(b("key"), b("value"));
      writer.finish();
      writer.close();
      refused("SstFileWriter", () -> writer.open(file));
      refused("SstFileWriter", () -> writer.put(b("key"), b("value")));
      refused("SstFileWriter", () -> writer.put(direct("key"), direct("value")));
      refused("SstFileWriter", writer::finish);

      SstFileReader reader = new SstFileReader(options);
      IllegalStateException early =
          assertThrows(IllegalStateException.class, () -> reader.newIterator(read));
      assertTrue(early.getMessage(), early.getMessage().contains("no open file"));
      assertThrows(IllegalStateException.class, reader::getTableProperties);
      reader.open(file);
      SstFileReaderIterator iterator = reader.newIterator(read);
      SstFileReaderIterator left = reader.newIterator(read);
      iterator.seekToFirst();
      left.seekToFirst();
      assertArrayEquals(b("key"), iterator.key());
      iterator.close();
      iteratorRefused("SstFileReaderIterator", iterator::isValid, iterator::next, iterator::key);
      reader.close();
      refused("SstFileReader", () -> reader.open(file));
      refused("SstFileReader", reader::getTableProperties);
      refusedUnchecked("SstFileReader", () -> reader.newIterator(read));
      // Its file is gone with the reader.
      iteratorRefused("SstFileReaderIterator", left::isValid, left::next, left::key);
      left.close();
    }
  }

  @Test
  public void anIterator() throws Exception {
    try (RocksDB db = RocksDB.open(folder.newPath())) {
      db.put(b("key"), b("value"));
      RocksIterator iterator = db.newIterator();
      iterator.seekToFirst();
      assertArrayEquals(b("key"), iterator.key());
      iterator.close();
      iteratorRefused(
          "RocksIterator",
          iterator::isValid,
          iterator::seekToFirst,
          iterator::seekToLast,
          iterator::next,
          iterator::prev,
          () -> iterator.seek(b("key")),
          iterator::key,
          iterator::value);
    }
  }

  @Test
  public void anIteratorOfAClosedDatabase() throws Exception {
    String path = folder.newPath();
    RocksDB db = RocksDB.open(path);
    db.put(b("a"), b("1"));
    db.put(b("b"), b("2"));
    RocksIterator iterator = db.newIterator();
    iterator.seekToFirst();
    assertArrayEquals(b("1"), iterator.value());
    db.closeE();
    iteratorRefused("RocksIterator", iterator::isValid, iterator::next, iterator::value);
    iterator.close();
    // Its files are free: the database opens again, and can be destroyed.
    RocksDB.open(path).close();
    try (Options options = new Options()) {
      RocksDB.destroyDB(path, options);
    }
    iteratorRefused("RocksIterator", iterator::isValid, iterator::next, iterator::value);
  }

  @Test
  public void aColumnFamilyOfTheDatabaseBeforeItWasOpenedAgain() throws Exception {
    String path = folder.newPath();
    for (int round = 0; round < 50; round++) {
      List<ColumnFamilyHandle> stale = new ArrayList<>();
      List<ColumnFamilyHandle> fresh = new ArrayList<>();
      open(path, stale).close();
      try (RocksDB db = open(path, fresh);
          ReadOptions read = new ReadOptions();
          WriteOptions write = new WriteOptions();
          WriteBatch batch = new WriteBatch();
          FlushOptions flush = new FlushOptions()) {
        db.put(fresh.get(0), write, b("key"), b("value"));
        ColumnFamilyHandle old = stale.get(0);
        refused("ColumnFamilyHandle", () -> db.get(old, read, b("key")));
        refused("ColumnFamilyHandle", () -> db.put(old, write, b("key"), b("lost")));
        refused("ColumnFamilyHandle", () -> batch.put(old, b("key"), b("lost")));
        refused("ColumnFamilyHandle", () -> batch.delete(old, b("key")));
        refused("ColumnFamilyHandle", () -> db.flush(flush, old));
        refused("ColumnFamilyHandle", () -> db.getLongProperty(old, "rocksdb.num-snapshots"));
        refusedUnchecked("ColumnFamilyHandle", () -> db.newIterator(old, read));
        refusedUnchecked("ColumnFamilyHandle", () -> db.getColumnFamilyMetaData(old));
        refused("ColumnFamilyHandle", old::getName);
        old.close();
        assertArrayEquals(b("value"), db.get(fresh.get(0), read, b("key")));
      }
    }
  }

  @Test
  public void aColumnFamilyOfAnotherDatabase() throws Exception {
    try (RocksDB one = RocksDB.open(folder.newPath());
        RocksDB two = RocksDB.open(folder.newPath());
        ReadOptions read = new ReadOptions()) {
      RocksDBException refusal =
          assertThrows(
              RocksDBException.class, () -> one.get(two.getDefaultColumnFamily(), read, b("key")));
      assertEquals(Status.Code.InvalidArgument, refusal.getStatus().getCode());
      assertTrue(refusal.getMessage(), refusal.getMessage().contains("ColumnFamilyHandle"));
    }
  }

  @Test
  public void aCheckpointOfAClosedDatabase() throws Exception {
    RocksDB db = RocksDB.open(folder.newPath());
    Checkpoint checkpoint = Checkpoint.create(db);
    checkpoint.createCheckpoint(folder.missing("first"));
    db.close();
    refused("Checkpoint", () -> checkpoint.createCheckpoint(folder.missing("second")));
    checkpoint.close();
    refused("Checkpoint", () -> checkpoint.createCheckpoint(folder.missing("second")));
  }

  @Test
  public void anIteratorAtNoEntryStaysThere() throws Exception {
    try (RocksDB db = RocksDB.open(folder.newPath());
        RocksIterator iterator = db.newIterator()) {
      iterator.seekToFirst();
      iterator.next();
      iterator.prev();
      assertTrue(!iterator.isValid());
      assertThrows(IllegalStateException.class, iterator::key);
      assertThrows(IllegalStateException.class, iterator::value);
    }
  }

  private static RocksDB open(String path, List<ColumnFamilyHandle> handles)
      throws RocksDBException {
    try (DBOptions options = new DBOptions().setCreateIfMissing(true)) {
      return RocksDB.open(
          options,
          path,
          List.of(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY)),
          handles);
    }
  }

  /** For methods that declare {@code RocksDBException}. */
  private static void refused(String type, ThrowingRunnable use) {
    RocksDBException refusal = assertThrows(RocksDBException.class, use);
    assertEquals(type + " is closed, and used after that", refusal.getMessage());
    assertEquals(Status.Code.InvalidArgument, refusal.getStatus().getCode());
  }

  /** For methods whose native declares no exception. */
  private static void refusedUnchecked(String type, ThrowingRunnable use) {
    IllegalStateException refusal = assertThrows(IllegalStateException.class, use);
    assertEquals(type + " is closed, and used after that", refusal.getMessage());
  }

  private static void iteratorRefused(String type, ThrowingRunnable... uses) {
    for (ThrowingRunnable use : uses) {
      refusedUnchecked(type, use);
    }
  }
}
