package com.linkedin.venice.rust.tests;

import static com.linkedin.venice.rust.tests.RocksFolder.b;
import static com.linkedin.venice.rust.tests.RocksFolder.direct;
import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.Rule;
import org.junit.Test;
import org.junit.function.ThrowingRunnable;
import org.rocksdb.ByteBufferGetStatus;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.EnvOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.SstFileReader;
import org.rocksdb.SstFileWriter;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * Codes, subcodes and texts of failures, by which Venice decides whether to drop a replica. The
 * same test runs on rocksdbjni's own library.
 */
public class StatusTest {
  @Rule public final RocksFolder folder = new RocksFolder();

  @Test
  public void aDamagedFileIsACorruption() throws Exception {
    String path = databaseWithAFile();
    Path table = fileOf(path, ".sst");
    byte[] bytes = Files.readAllBytes(table);
    for (int i = 0; i < 16; i++) {
      bytes[i] ^= 0x55;
    }
    Files.write(table, bytes);
    try (RocksDB db = RocksDB.open(path);
        ReadOptions read = new ReadOptions().setVerifyChecksums(true)) {
      ColumnFamilyHandle family = db.getDefaultColumnFamily();
      fails(
          Status.Code.Corruption,
          Status.SubCode.None,
          "block checksum mismatch",
          () -> db.get(family, read, b("key")));
      fails(Status.Code.Corruption, Status.SubCode.None, table.toString(), () -> db.get(b("key")));
      fails(
          Status.Code.Corruption,
          Status.SubCode.None,
          "block checksum mismatch",
          () -> db.get(b("key"), new byte[8]));
      fails(
          Status.Code.Corruption,
          Status.SubCode.None,
          "block checksum mismatch",
          () -> db.get(read, direct("key"), ByteBuffer.allocateDirect(8)));
      fails(
          Status.Code.Corruption,
          Status.SubCode.None,
          "block checksum mismatch",
          () -> db.keyExists(b("key")));
      // For multi-get in arrays RocksJava has no way to say so.
      assertNull(db.multiGetAsList(List.of(b("key"))).get(0));
      List<ByteBufferGetStatus> statuses =
          db.multiGetByteBuffers(
              read, List.of(direct("key")), List.of(ByteBuffer.allocateDirect(8)));
      assertEquals(Status.Code.Corruption, statuses.get(0).status.getCode());
      assertTrue(statuses.get(0).status.getState().contains("block checksum mismatch"));
      try (RocksIterator iterator = db.newIterator(family, read)) {
        iterator.seekToFirst();
        assertFalse(iterator.isValid());
        fails(Status.Code.Corruption, Status.SubCode.None, "mismatch", iterator::status);
      }
    }
  }

  @Test
  public void aDamagedManifestIsACorruption() throws Exception {
    String path = databaseWithAFile();
    Files.write(Path.of(path, "CURRENT"), b("no manifest"));
    fails(
        Status.Code.Corruption,
        Status.SubCode.None,
        "CURRENT file does not end with newline",
        () -> RocksDB.open(path).close());
  }

  @Test
  public void aMissingFileIsAnIoError() throws Exception {
    String path = databaseWithAFile();
    Files.delete(fileOf(path, ".sst"));
    // RocksDB looks for its files when it opens, and calls it a corruption.
    RocksDBException refusal =
        assertThrows(RocksDBException.class, () -> RocksDB.open(path).close());
    assertEquals(Status.Code.Corruption, refusal.getStatus().getCode());
    assertTrue(refusal.getMessage(), refusal.getMessage().contains("No such file or directory"));

    String nowhere = folder.missing("nowhere");
    fails(
        Status.Code.IOError,
        Status.SubCode.Undefined,
        "While opening a file for sequentially reading: " + nowhere + "/CURRENT",
        () -> RocksDB.openReadOnly(nowhere).close());
    try (Options options = new Options();
        SstFileReader reader = new SstFileReader(options)) {
      fails(
          Status.Code.IOError,
          Status.SubCode.Undefined,
          "No such file or directory",
          () -> reader.open(nowhere));
    }
  }

  @Test
  public void readOnlyDatabasesRefuseWrites() throws Exception {
    String path = databaseWithAFile();
    // With a second file, as one alone is opened in a mode of its own.
    try (RocksDB db = RocksDB.open(path);
        FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
      db.put(b("key"), b("value"));
      db.flush(flush);
    }
    try (RocksDB db = RocksDB.openReadOnly(path);
        WriteOptions write = new WriteOptions();
        WriteBatch batch = new WriteBatch();
        FlushOptions flush = new FlushOptions()) {
      assertArrayEquals(b("value"), db.get(b("key")));
      String text = "Not supported operation in read only mode.";
      Status.Code code = Status.Code.NotSupported;
      fails(code, Status.SubCode.None, text, () -> db.put(write, b("a"), b("b")));
      fails(code, Status.SubCode.None, text, () -> db.delete(b("a")));
      fails(code, Status.SubCode.None, text, () -> db.flush(flush));
      fails(code, Status.SubCode.None, text, db::compactRange);
      batch.put(db.getDefaultColumnFamily(), b("a"), b("b"));
      fails(code, Status.SubCode.None, text, () -> db.write(write, batch));
    }
  }

  @Test
  public void propertiesThatThereAreNot() throws Exception {
    try (RocksDB db = RocksDB.open(folder.newPath())) {
      RocksDBException refusal =
          assertThrows(RocksDBException.class, () -> db.getLongProperty("rocksdb.none"));
      assertEquals(Status.Code.NotFound, refusal.getStatus().getCode());
      assertNull(refusal.getStatus().getState());
      assertEquals("NotFound", refusal.getMessage());
      assertEquals(0, db.getLongProperty("rocksdb.num-immutable-mem-table"));
      assertEquals(
          0, db.getLongProperty(db.getDefaultColumnFamily(), "rocksdb.num-immutable-mem-table"));
    }
  }

  @Test
  public void openingWhatIsOpenOrNotThere() throws Exception {
    String path = folder.newPath();
    try (RocksDB db = RocksDB.open(path)) {
      fails(
          Status.Code.IOError,
          Status.SubCode.None,
          "lock hold by current process",
          () -> RocksDB.open(path).close());
      try (Options options = new Options()) {
        fails(
            Status.Code.IOError,
            Status.SubCode.None,
            "lock hold by current process",
            () -> RocksDB.destroyDB(path, options));
      }
      db.put(b("still"), b("open"));
    }
    String missing = folder.missing("missing");
    try (Options options = new Options()) {
      fails(
          Status.Code.InvalidArgument,
          Status.SubCode.None,
          missing + "/CURRENT: does not exist (create_if_missing is false)",
          () -> RocksDB.open(options, missing).close());
      assertTrue(RocksDB.listColumnFamilies(options, missing).isEmpty());
      assertEquals(1, RocksDB.listColumnFamilies(options, path).size());
    }
  }

  @Test
  public void sortedFilesAreSorted() throws Exception {
    String file = folder.missing("rows.sst");
    try (Options options = new Options();
        EnvOptions env = new EnvOptions();
        SstFileWriter writer = new SstFileWriter(env, options)) {
      fails(
          Status.Code.InvalidArgument,
          Status.SubCode.None,
          "File is not opened",
          () -> writer.put(b("a"), b("1")));
      writer.open(file);
      writer.put(b("b"), b("1"));
      fails(
          Status.Code.InvalidArgument,
          Status.SubCode.None,
          "Keys must be added in strict ascending order.",
          () -> writer.put(b("a"), b("1")));
      writer.finish();
      fails(Status.Code.InvalidArgument, Status.SubCode.None, "File is not opened", writer::finish);
      String nowhere = folder.missing("no/such/folder.sst");
      fails(
          Status.Code.IOError,
          Status.SubCode.Undefined,
          "No such file or directory",
          () -> writer.open(nowhere));
    }
  }

  @Test
  public void ingestingWhatIsNoSortedFile() throws Exception {
    String file = folder.missing("garbage.sst");
    Files.write(Path.of(file), new byte[100]);
    String missing = folder.missing("missing.sst");
    try (RocksDB db = RocksDB.open(folder.newPath());
        IngestExternalFileOptions ingest = new IngestExternalFileOptions()) {
      ColumnFamilyHandle family = db.getDefaultColumnFamily();
      fails(
          Status.Code.IOError,
          Status.SubCode.Undefined,
          "No such file or directory",
          () -> db.ingestExternalFile(family, List.of(missing), ingest));
      RocksDBException refusal =
          assertThrows(
              RocksDBException.class, () -> db.ingestExternalFile(family, List.of(file), ingest));
      assertEquals(Status.Code.Corruption, refusal.getStatus().getCode());
      fails(
          Status.Code.InvalidArgument,
          Status.SubCode.None,
          "external_files[0] is empty",
          () -> db.ingestExternalFile(family, List.of(), ingest));
    }
  }

  @Test
  public void rangesOutsideOfAnArray() throws Exception {
    try (RocksDB db = RocksDB.open(folder.newPath());
        ReadOptions read = new ReadOptions()) {
      assertThrows(IndexOutOfBoundsException.class, () -> db.get(b("key"), 2, 5));
      assertThrows(
          IndexOutOfBoundsException.class, () -> db.get(b("key"), 0, 3, new byte[4], 2, 5));
      RocksDBException refusal =
          assertThrows(
              RocksDBException.class,
              () -> db.get(read, ByteBuffer.allocate(4), ByteBuffer.allocateDirect(4)));
      assertNull(refusal.getStatus());
    }
  }

  private String databaseWithAFile() throws Exception {
    String path = folder.newPath();
    try (RocksDB db = RocksDB.open(path);
        FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
      db.put(b("key"), b("value"));
      db.flush(flush);
    }
    return path;
  }

  private static Path fileOf(String path, String end) throws IOException {
    try (Stream<Path> files = Files.list(Path.of(path))) {
      return files.filter(file -> file.toString().endsWith(end)).findFirst().orElseThrow();
    }
  }

  private static void fails(
      Status.Code code, Status.SubCode subcode, String text, ThrowingRunnable use) {
    RocksDBException refusal = assertThrows(RocksDBException.class, use);
    assertEquals(refusal.getMessage(), code, refusal.getStatus().getCode());
    assertEquals(refusal.getMessage(), subcode, refusal.getStatus().getSubCode());
    assertTrue(refusal.getMessage(), refusal.getMessage().contains(text));
    assertEquals(refusal.getStatus().getState(), refusal.getMessage());
  }
}
