package com.linkedin.venice.rust.tests;

import static com.linkedin.venice.rust.tests.RocksFolder.b;
import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.Rule;
import org.junit.Test;
import org.rocksdb.AbstractEventListener;
import org.rocksdb.BackupEngine;
import org.rocksdb.BackupEngineOptions;
import org.rocksdb.Checkpoint;
import org.rocksdb.CompactionOptions;
import org.rocksdb.Env;
import org.rocksdb.EnvOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.Options;
import org.rocksdb.RateLimiter;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileWriter;
import org.rocksdb.Status;
import org.rocksdb.TableFileCreationBriefInfo;
import org.rocksdb.WriteOptions;

/**
 * A close cancels RocksDB's work before it waits for the calls that wait for that work: they are
 * told, and the path can be opened again at once. Without that each close here waits for minutes,
 * and ends with a time-out after half of one.
 */
public class CloseCancelsWorkTest {
  /** A minute for the rows below: a close waits for half of that. */
  private static final long BYTES_PER_SECOND = 1 << 20;

  private static final int FILES = 4;
  private static final int ROWS = 64_000;

  private static final long HANG_GUARD_MILLIS = 120_000;

  @Rule public final RocksFolder folder = new RocksFolder();

  private interface Call {
    void run(RocksDB db) throws Exception;
  }

  /** A call on a thread of its own, and what it threw. */
  private static final class Running {
    private final AtomicReference<Throwable> thrown = new AtomicReference<>();
    private final Thread thread;

    Running(RocksDB db, Call call) {
      thread =
          new Thread(
              () -> {
                try {
                  call.run(db);
                } catch (Throwable e) {
                  thrown.set(e);
                }
              });
      thread.start();
    }

    /** Waits until it is in a native of this name. */
    void waitUntilIn(String nativeMethod) throws Exception {
      long end = System.nanoTime() + HANG_GUARD_MILLIS * 1_000_000;
      for (; ; ) {
        StackTraceElement[] stack = thread.getStackTrace();
        if (stack.length > 0 && stack[0].getMethodName().equals(nativeMethod)) {
          return;
        }
        assertTrue("no call of " + nativeMethod, System.nanoTime() < end);
        Thread.sleep(1);
      }
    }

    void end() throws Exception {
      thread.join(HANG_GUARD_MILLIS);
      assertTrue("the call goes on", !thread.isAlive());
    }

    Status.Code code() throws Exception {
      end();
      assertTrue("" + thrown.get(), thrown.get() instanceof RocksDBException);
      return ((RocksDBException) thrown.get()).getStatus().getCode();
    }
  }

  private static void waitFor(RocksDB db, String property) throws Exception {
    long end = System.nanoTime() + HANG_GUARD_MILLIS * 1_000_000;
    while (db.getLongProperty(property) == 0) {
      assertTrue(property + " stays 0", System.nanoTime() < end);
      Thread.sleep(1);
    }
  }

  /** Files of rows that do not get smaller, each with keys between those of the others. */
  private static RocksDB fill(RocksDB db) throws Exception {
    Random random = new Random(1);
    byte[] value = new byte[1000];
    try (FlushOptions flush = new FlushOptions()) {
      for (int file = 0; file < FILES; file++) {
        for (int row = file; row < ROWS; row += FILES) {
          random.nextBytes(value);
          db.put(b("key" + row), value);
        }
        db.flush(flush);
      }
    }
    return db;
  }

  private interface State {
    void await() throws Exception;
  }

  private void closesDuring(Call call) throws Exception {
    closesDuring(call, () -> {});
  }

  private void closesDuring(Call call, State state) throws Exception {
    String path = folder.newPath();
    try (Options fast = new Options().setCreateIfMissing(true).setDisableAutoCompactions(true)) {
      try (RocksDB db = RocksDB.open(fast, path)) {
        fill(db);
      }
    }
    try (RateLimiter slow = new RateLimiter(BYTES_PER_SECOND);
        Options options = new Options().setDisableAutoCompactions(true).setRateLimiter(slow)) {
      RocksDB db = RocksDB.open(options, path);
      Running running = new Running(db, call);
      waitFor(db, "rocksdb.num-running-compactions");
      state.await();
      db.closeE();
      // Opened before the other caller has had its say, perhaps.
      RocksDB.open(options, path).close();
      assertEquals(Status.Code.ShutdownInProgress, running.code());
    }
  }

  @Test
  public void compactRange() throws Exception {
    closesDuring(RocksDB::compactRange);
  }

  /** It deletes what is outside, and compacts what is left. */
  @Test
  public void clipColumnFamily() throws Exception {
    closesDuring(
        db -> db.clipColumnFamily(db.getDefaultColumnFamily(), b("key1000"), b("key9000")));
  }

  /** No property counts it as a compaction, but listeners hear of the file that it writes. */
  @Test
  public void compactFiles() throws Exception {
    String path = folder.newPath();
    try (Options fast = new Options().setCreateIfMissing(true).setDisableAutoCompactions(true)) {
      try (RocksDB db = RocksDB.open(fast, path)) {
        fill(db);
      }
    }
    CountDownLatch begun = new CountDownLatch(1);
    try (RateLimiter slow = new RateLimiter(BYTES_PER_SECOND);
        AbstractEventListener listener =
            new AbstractEventListener(
                AbstractEventListener.EnabledEventCallback.ON_TABLE_FILE_CREATION_STARTED) {
              @Override
              public void onTableFileCreationStarted(TableFileCreationBriefInfo info) {
                begun.countDown();
              }
            };
        Options options =
            new Options()
                .setDisableAutoCompactions(true)
                .setRateLimiter(slow)
                .setListeners(Collections.singletonList(listener))) {
      RocksDB db = RocksDB.open(options, path);
      List<String> files = new ArrayList<>();
      db.getLiveFilesMetaData().forEach(file -> files.add(file.fileName()));
      Running running =
          new Running(
              db,
              compacting -> {
                try (CompactionOptions compaction = new CompactionOptions()) {
                  compacting.compactFiles(compaction, files, 1, -1, null);
                }
              });
      assertTrue("it begins", begun.await(HANG_GUARD_MILLIS, TimeUnit.MILLISECONDS));
      db.closeE();
      RocksDB.open(options, path).close();
      assertEquals(Status.Code.ShutdownInProgress, running.code());
    }
  }

  /** It waits for the compactions that run, and has nothing to complain of when they are cancelled. */
  @Test
  public void pauseBackgroundWork() throws Exception {
    AtomicReference<Running> pausing = new AtomicReference<>();
    closesDuring(
        db -> {
          Running other =
              new Running(
                  db,
                  paused -> {
                    waitFor(paused, "rocksdb.num-running-compactions");
                    paused.pauseBackgroundWork();
                  });
          pausing.set(other);
          db.compactRange();
        },
        () -> pausing.get().waitUntilIn("pauseBackgroundWork"));
    pausing.get().end();
  }

  /** Flushes are halted, so who waits for one waits for ever, unless the close ends it. */
  private void closesWhileFlushesAreHalted(Call call) throws Exception {
    String path = folder.newPath();
    try (Options options = new Options().setCreateIfMissing(true)) {
      RocksDB db = RocksDB.open(options, path);
      db.put(b("key"), b("value"));
      db.pauseBackgroundWork();
      Running running = new Running(db, call);
      waitFor(db, "rocksdb.num-immutable-mem-table");
      db.closeE();
      assertEquals(Status.Code.ShutdownInProgress, running.code());
      try (RocksDB again = RocksDB.open(options, path)) {
        assertArrayEquals(b("value"), again.get(b("key")));
      }
    }
  }

  @Test
  public void flush() throws Exception {
    closesWhileFlushesAreHalted(
        db -> {
          try (FlushOptions flush = new FlushOptions()) {
            db.flush(flush);
          }
        });
  }

  @Test
  public void ingestExternalFile() throws Exception {
    String file = folder.missing("rows.sst");
    try (Options options = new Options();
        EnvOptions env = new EnvOptions();
        SstFileWriter writer = new SstFileWriter(env, options)) {
      writer.open(file);
      writer.put(b("key"), b("newer"));
      writer.finish();
    }
    closesWhileFlushesAreHalted(
        db -> {
          try (IngestExternalFileOptions ingest = new IngestExternalFileOptions()) {
            db.ingestExternalFile(Collections.singletonList(file), ingest);
          }
        });
  }

  @Test
  public void getLiveFiles() throws Exception {
    closesWhileFlushesAreHalted(db -> db.getLiveFiles(true));
  }

  @Test
  public void createCheckpoint() throws Exception {
    String copy = folder.missing("checkpoint");
    closesWhileFlushesAreHalted(
        db -> {
          try (Checkpoint checkpoint = Checkpoint.create(db)) {
            checkpoint.createCheckpoint(copy);
          }
        });
  }

  @Test
  public void exportColumnFamily() throws Exception {
    String copy = folder.missing("export");
    closesWhileFlushesAreHalted(
        db -> {
          try (Checkpoint checkpoint = Checkpoint.create(db)) {
            checkpoint.exportColumnFamily(db.getDefaultColumnFamily(), copy).close();
          }
        });
  }

  @Test
  public void createNewBackup() throws Exception {
    try (BackupEngineOptions options = new BackupEngineOptions(folder.newPath());
        BackupEngine engine = BackupEngine.open(Env.getDefault(), options)) {
      closesWhileFlushesAreHalted(db -> engine.createNewBackup(db, true));
      closesWhileFlushesAreHalted(db -> engine.createNewBackupWithMetadata(db, "text", true));
    }
  }

  @Test
  public void flushesTheRowsThatAreNowhereElse() throws Exception {
    String path = folder.newPath();
    try (Options options = new Options().setCreateIfMissing(true)) {
      RocksDB db = RocksDB.open(options, path);
      try (WriteOptions write = new WriteOptions().setDisableWAL(true)) {
        db.put(write, b("key"), b("value"));
      }
      db.closeE();
      try (RocksDB again = RocksDB.open(options, path)) {
        assertArrayEquals(b("value"), again.get(b("key")));
      }
    }
  }

  /** Flushes are halted, so the third memtable has to wait: for ever, unless the close ends it. */
  @Test
  public void aWriteThatIsStalled() throws Exception {
    String path = folder.newPath();
    try (Options options =
        new Options()
            .setCreateIfMissing(true)
            .setWriteBufferSize(64 << 10)
            .setMaxWriteBufferNumber(2)) {
      RocksDB db = RocksDB.open(options, path);
      db.pauseBackgroundWork();
      Running running =
          new Running(
              db,
              writing -> {
                try (WriteOptions write = new WriteOptions()) {
                  for (int i = 0; ; i++) {
                    writing.put(write, b("key" + i), new byte[1000]);
                  }
                }
              });
      waitFor(db, "rocksdb.is-write-stopped");
      db.closeE();
      assertEquals(Status.Code.ShutdownInProgress, running.code());
      // What the writer was told is written is there.
      try (RocksDB again = RocksDB.open(options, path)) {
        assertArrayEquals(new byte[1000], again.get(b("key0")));
      }
    }
  }
}
