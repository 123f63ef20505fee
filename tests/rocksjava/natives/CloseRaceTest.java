package com.linkedin.venice.rust.tests;

import static com.linkedin.venice.rust.tests.RocksFolder.b;
import static com.linkedin.venice.rust.tests.RocksFolder.direct;
import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.Rule;
import org.junit.Test;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * Threads use objects while another thread closes them, without a lock between them: each use works
 * or is refused, and what works gives the right bytes.
 */
public class CloseRaceTest {
  private static final int THREADS = 4;

  static {
    RocksDB.loadLibrary();
  }

  @Rule public final RocksFolder folder = new RocksFolder();

  /** What the users share with the closer. */
  private static final class Opened {
    final RocksDB db;
    final ColumnFamilyHandle family;
    final ReadOptions read = new ReadOptions();
    final WriteOptions write = new WriteOptions().setDisableWAL(true);
    final RocksIterator iterator;

    Opened(String path) throws RocksDBException {
      List<ColumnFamilyHandle> families = new ArrayList<>();
      try (DBOptions options = new DBOptions().setCreateIfMissing(true);
          ColumnFamilyOptions merging =
              new ColumnFamilyOptions().setMergeOperatorName("stringappend")) {
        db =
            RocksDB.open(
                options,
                path,
                List.of(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, merging)),
                families);
      }
      family = families.get(0);
      db.put(write, b("key"), b("value"));
      iterator = db.newIterator();
    }

    void close() {
      read.close();
      write.close();
      db.close();
      iterator.close();
    }
  }

  @Test
  public void aDatabaseIsClosedUnderItsUsers() throws Exception {
    String path = folder.newPath();
    AtomicReference<Opened> current = new AtomicReference<>(new Opened(path));
    List<Callable<?>> uses = new ArrayList<>();
    uses.add(() -> value(current.get().db.get(b("key"))));
    uses.add(() -> value(current.get().db.get(current.get().family, current.get().read, b("key"))));
    uses.add(() -> current.get().db.get(b("key"), new byte[16]));
    uses.add(() -> current.get().db.multiGetAsList(List.of(b("key"), b("none"))));
    uses.add(
        () ->
            current
                .get()
                .db
                .multiGetByteBuffers(
                    current.get().read,
                    List.of(RocksFolder.direct("key")),
                    List.of(ByteBuffer.allocateDirect(16))));
    uses.add(() -> current.get().db.getLongProperty("rocksdb.estimate-num-keys"));
    uses.add(() -> current.get().db.getColumnFamilyMetaData(current.get().family));
    uses.add(() -> current.get().family.getName());
    uses.add(
        () -> {
          Opened opened = current.get();
          opened.db.put(opened.write, b("other"), b("value"));
          return null;
        });
    uses.add(
        () -> {
          Opened opened = current.get();
          try (WriteBatch batch = new WriteBatch()) {
            batch.put(opened.family, b("third"), b("value"));
            opened.db.write(opened.write, batch);
          }
          return null;
        });
    uses.add(
        () -> {
          RocksIterator iterator = current.get().db.newIterator();
          iterator.seekToFirst();
          for (; iterator.isValid(); iterator.next()) {
            value(iterator.value());
          }
          iterator.close();
          return null;
        });
    // An iterator is one thread's at a time, so this one only looks.
    uses.add(() -> current.get().iterator.isValid());
    storm(
        uses,
        150,
        () -> {
          current.get().close();
          current.set(new Opened(path));
        });
    current.get().close();
  }

  /** What an application calls, and Venice does not. */
  @Test
  public void aDatabaseIsClosedUnderAnApplication() throws Exception {
    String path = folder.newPath();
    AtomicReference<Opened> current = new AtomicReference<>(new Opened(path));
    List<Use> uses =
        List.of(
            opened -> opened.db.put(b("other"), b("value")),
            opened -> opened.db.put(opened.family, b("other"), b("value")),
            opened -> opened.db.put(opened.write, direct("other"), direct("value")),
            opened -> opened.db.merge(b("merged"), b("value")),
            opened -> opened.db.merge(opened.family, opened.write, b("merged"), b("value")),
            opened -> opened.db.delete(opened.family, b("deleted")),
            opened -> opened.db.singleDelete(b("none")),
            opened -> opened.db.deleteRange(b("x"), b("y")),
            opened -> value(opened.db.get(opened.family, b("key"))),
            opened -> value(opened.db.get(opened.read, b("key"))),
            opened -> opened.db.get(opened.family, b("key"), new byte[16]),
            opened -> opened.db.multiGetAsList(List.of(opened.family), List.of(b("key"))),
            opened -> opened.db.multiGetAsList(opened.read, List.of(b("key"))),
            opened -> opened.db.keyMayExist(opened.family, b("key"), null),
            opened -> opened.db.getProperty(opened.family, "rocksdb.stats"),
            opened -> opened.db.getMapProperty("rocksdb.cfstats"),
            opened -> opened.db.getLatestSequenceNumber(),
            opened -> opened.db.releaseSnapshot(opened.db.getSnapshot()),
            opened -> opened.family.getDescriptor(),
            opened -> {
              try (WriteBatch batch = new WriteBatch()) {
                batch.put(b("other"), b("value"));
                batch.merge(opened.family, b("merged"), b("value"));
                opened.db.write(opened.write, batch);
              }
            },
            opened -> {
              try (RocksIterator iterator = opened.db.newIterator(opened.read)) {
                iterator.seekForPrev(b("key"));
                ByteBuffer into = ByteBuffer.allocateDirect(16);
                if (iterator.isValid() && iterator.key(into) == 3) {
                  iterator.value(into);
                }
                iterator.refresh();
                iterator.status();
              }
            });
    storm(
        uses.stream().<Callable<?>>map(use -> use.of(current)).toList(),
        150,
        () -> {
          current.get().close();
          current.set(new Opened(path));
        });
    current.get().close();
  }

  private interface Use {
    void on(Opened opened) throws Exception;

    default Callable<?> of(AtomicReference<Opened> current) {
      return () -> {
        on(current.get());
        return null;
      };
    }
  }

  @Test
  public void optionsAndBatchesAreClosedUnderTheirUsers() throws Exception {
    try (RocksDB db = RocksDB.open(folder.newPath())) {
      db.put(b("key"), b("value"));
      ColumnFamilyHandle family = db.getDefaultColumnFamily();
      AtomicReference<ReadOptions> read = new AtomicReference<>(new ReadOptions());
      AtomicReference<WriteOptions> write = new AtomicReference<>(new WriteOptions());
      AtomicReference<WriteBatch> batch = new AtomicReference<>(new WriteBatch());
      List<Callable<?>> uses = new ArrayList<>();
      uses.add(() -> value(db.get(family, read.get(), b("key"))));
      uses.add(() -> read.get().setFillCache(true));
      uses.add(
          () -> {
            db.newIterator(family, read.get()).close();
            return null;
          });
      uses.add(
          () -> {
            db.put(write.get().setDisableWAL(true), b("key"), b("value"));
            return null;
          });
      uses.add(
          () -> {
            db.write(write.get(), batch.get());
            return null;
          });
      uses.add(() -> batch.get().count());
      uses.add(() -> value(db.get(read.get(), b("key"))));
      uses.add(() -> write.get().setSync(false));
      storm(
          uses,
          2000,
          () -> {
            read.getAndSet(new ReadOptions()).close();
            write.getAndSet(new WriteOptions()).close();
            batch.getAndSet(new WriteBatch()).close();
          });
      read.get().close();
      write.get().close();
      batch.get().close();
    }
  }

  @Test
  public void manyThreadsCloseOneObject() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try (RocksDB db = RocksDB.open(folder.newPath())) {
      for (int round = 0; round < 300; round++) {
        RocksIterator iterator = db.newIterator();
        Callable<Void> close =
            () -> {
              try {
                iterator.isValid();
              } catch (IllegalStateException e) {
                assertTrue(e.getMessage(), e.getMessage().contains("RocksIterator is closed"));
              }
              iterator.close();
              return null;
            };
        for (Future<Void> closed : threads.invokeAll(List.of(close, close, close, close))) {
          closed.get();
        }
      }
    } finally {
      threads.shutdown();
    }
  }

  private interface Change {
    void run() throws Exception;
  }

  /** Runs all uses on all threads, again and again, while this thread makes the changes. */
  private static void storm(List<Callable<?>> uses, int changes, Change change) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    AtomicBoolean stop = new AtomicBoolean();
    AtomicLong worked = new AtomicLong();
    AtomicLong refused = new AtomicLong();
    List<Future<?>> users = new ArrayList<>();
    for (int thread = 0; thread < THREADS; thread++) {
      int first = thread;
      users.add(
          threads.submit(
              () -> {
                for (int i = first; !stop.get(); i++) {
                  try {
                    uses.get(i % uses.size()).call();
                    worked.incrementAndGet();
                  } catch (RocksDBException | IllegalStateException e) {
                    String message = String.valueOf(e.getMessage());
                    assertTrue(message, message.contains(" is closed, and used after that"));
                    refused.incrementAndGet();
                  }
                }
                return null;
              }));
    }
    try {
      for (int i = 0; i < changes; i++) {
        long before = worked.get();
        while (worked.get() == before && !anyDone(users)) {
          Thread.onSpinWait();
        }
        change.run();
      }
    } finally {
      stop.set(true);
      threads.shutdown();
      for (Future<?> user : users) {
        user.get();
      }
      assertTrue(threads.awaitTermination(1, TimeUnit.MINUTES));
    }
    assertTrue("at least one use for each change", worked.get() >= changes);
  }

  private static boolean anyDone(List<Future<?>> users) {
    return users.stream().anyMatch(Future::isDone);
  }

  private static byte[] value(byte[] value) {
    if (value != null) {
      assertArrayEquals(b("value"), value);
    }
    return value;
  }
}
