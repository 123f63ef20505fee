package com.linkedin.venice.rust.tests;

import static com.linkedin.venice.rust.tests.RocksFolder.b;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.Rule;
import org.junit.Test;
import org.junit.function.ThrowingRunnable;
import org.junit.runner.RunWith;
import org.junit.runners.Parameterized;
import org.junit.runners.Parameterized.Parameters;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.FlushOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Snapshot;

/**
 * The database that a closed one stood on is closed with it, and so is what it made. Its memory is
 * the allocator's then: other objects may be there.
 */
@RunWith(Parameterized.class)
public class ClosedBaseDatabaseTest {
  static {
    RocksDB.loadLibrary();
  }

  private static final int DATABASES = 20;

  @Rule public final RocksFolder folder = new RocksFolder();

  private final Class<? extends RocksDB> type;

  public ClosedBaseDatabaseTest(Class<? extends RocksDB> type) {
    this.type = type;
  }

  @Parameters(name = "{0}")
  public static List<Class<? extends RocksDB>> types() {
    return StackedDatabases.CLASSES;
  }

  private static void refused(String closed, ThrowingRunnable use) {
    RocksDBException e = assertThrows(RocksDBException.class, use);
    assertEquals(closed + " is closed, and used after that", e.getMessage());
  }

  private static void refusedUnchecked(String closed, ThrowingRunnable use) {
    IllegalStateException e = assertThrows(IllegalStateException.class, use);
    assertEquals(closed + " is closed, and used after that", e.getMessage());
  }

  private static void refuses(RocksDB base, ColumnFamilyHandle family) {
    refused("RocksDB", () -> base.get(b("key")));
    refused("RocksDB", () -> base.get(family, b("key")));
    refused("RocksDB", () -> base.put(b("key"), b("value")));
    refused("RocksDB", () -> base.compactRange(family));
    refused("RocksDB", base::verifyChecksum);
    try (FlushOptions flush = new FlushOptions()) {
      refused("RocksDB", () -> base.flush(flush, family));
    }
    refused("RocksDB", () -> base.createColumnFamily(new ColumnFamilyDescriptor(b("late"))));
    refusedUnchecked("RocksDB", () -> base.newIterator(family));
    refusedUnchecked("RocksDB", base::getSnapshot);
    refusedUnchecked("RocksDB", base::getLatestSequenceNumber);
  }

  @Test
  public void theBaseAndWhatItMadeAreClosed() throws Exception {
    AtomicReference<RocksDB> told = new AtomicReference<>();
    StackedDatabases.Opened opened = StackedDatabases.openWithBase(type, folder.newPath(), told);
    RocksDB base = told.get();
    RocksIterator iterator = base.newIterator(opened.family);
    Snapshot snapshot = base.getSnapshot();
    ColumnFamilyHandle made = base.createColumnFamily(new ColumnFamilyDescriptor(b("made")));
    // The snapshot is not released, of which RocksDB complains: close() drops that.
    opened.db.close();
    refuses(base, opened.family);
    refused("ColumnFamilyHandle", made::getName);
    refusedUnchecked("RocksIterator", iterator::seekToFirst);
    refusedUnchecked("Snapshot", snapshot::getSequenceNumber);
    refusedUnchecked("RocksDB", () -> base.releaseSnapshot(snapshot));
    iterator.close();
    made.close();
    base.close();
  }

  /** The next databases may be where it was; then it is one of them, but it never is of no class. */
  @Test
  public void theBaseStaysClosedWhateverIsOpenedNext() throws Exception {
    AtomicReference<RocksDB> told = new AtomicReference<>();
    StackedDatabases.Opened opened = StackedDatabases.openWithBase(type, folder.newPath(), told);
    RocksDB base = told.get();
    opened.db.closeE();
    try (Options options = new Options().setCreateIfMissing(true)) {
      for (int i = 0; i < DATABASES; i++) {
        RocksDB next = RocksDB.open(options, folder.newPath());
        if (next.getNativeHandle() != base.getNativeHandle()) {
          refuses(base, opened.family);
        }
        next.closeE();
      }
    }
    refuses(base, opened.family);
  }

  /** Reads by the base while another thread closes: a value, or a refusal. */
  @Test
  public void aCloseWaitsForReadsOfTheBase() throws Exception {
    for (int round = 0; round < DATABASES; round++) {
      AtomicReference<RocksDB> told = new AtomicReference<>();
      StackedDatabases.Opened opened = StackedDatabases.openWithBase(type, folder.newPath(), told);
      RocksDB base = told.get();
      List<Thread> readers = new ArrayList<>();
      AtomicReference<Throwable> wrong = new AtomicReference<>();
      for (int i = 0; i < 2; i++) {
        Thread reader =
            new Thread(
                () -> {
                  try {
                    for (; ; ) {
                      if (base.get(opened.family, b("key")) == null) {
                        throw new AssertionError("no value");
                      }
                    }
                  } catch (RocksDBException e) {
                    if (!e.getMessage().contains("is closed")) {
                      wrong.set(e);
                    }
                  } catch (Throwable e) {
                    wrong.set(e);
                  }
                });
        reader.start();
        readers.add(reader);
      }
      opened.db.closeE();
      for (Thread reader : readers) {
        reader.join();
      }
      if (wrong.get() != null) {
        throw new AssertionError(wrong.get());
      }
    }
  }
}
