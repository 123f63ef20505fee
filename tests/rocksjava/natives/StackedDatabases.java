package com.linkedin.venice.rust.tests;

import static com.linkedin.venice.rust.tests.RocksFolder.b;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.rocksdb.AbstractEventListener;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushJobInfo;
import org.rocksdb.FlushOptions;
import org.rocksdb.OptimisticTransactionDB;
import org.rocksdb.RocksDB;
import org.rocksdb.TransactionDB;
import org.rocksdb.TransactionDBOptions;
import org.rocksdb.TtlDB;

/**
 * Opens databases that stand on another one. Java may have that other one too: from {@code
 * OptimisticTransactionDB.getBaseDB}, and as what an event listener is told.
 */
final class StackedDatabases {
  /** What a listener does with the database that it is told. */
  interface Listener {
    void flushed(RocksDB told) throws Exception;
  }

  /** One that is open, with a column family "family" beside the default one. */
  static final class Opened {
    final RocksDB db;
    final ColumnFamilyHandle family;

    private Opened(RocksDB db, ColumnFamilyHandle family) {
      this.db = db;
      this.family = family;
    }
  }

  /** Their classes. */
  static final List<Class<? extends RocksDB>> CLASSES =
      Arrays.asList(OptimisticTransactionDB.class, TransactionDB.class, TtlDB.class);

  private static final long HANG_GUARD_NANOS = 120_000_000_000L;

  private StackedDatabases() {}

  /** Opens one of {@link #CLASSES}. Each flush is told to the listener, which throws nothing. */
  static Opened open(Class<? extends RocksDB> type, String path, Listener listener)
      throws Exception {
    AbstractEventListener flushes =
        new AbstractEventListener(
            AbstractEventListener.EnabledEventCallback.ON_FLUSH_COMPLETED) {
          @Override
          public void onFlushCompleted(RocksDB db, FlushJobInfo info) {
            try {
              listener.flushed(db);
            } catch (Exception e) {
              throw new AssertionError(e);
            }
          }
        };
    try (DBOptions options =
            new DBOptions()
                .setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setListeners(Collections.singletonList(flushes));
        ColumnFamilyOptions familyOptions = new ColumnFamilyOptions();
        TransactionDBOptions transactions = new TransactionDBOptions()) {
      List<ColumnFamilyDescriptor> descriptors =
          Arrays.asList(
              new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, familyOptions),
              new ColumnFamilyDescriptor(b("family"), familyOptions));
      List<ColumnFamilyHandle> handles = new ArrayList<>();
      RocksDB db;
      if (type == OptimisticTransactionDB.class) {
        db = OptimisticTransactionDB.open(options, path, descriptors, handles);
      } else if (type == TransactionDB.class) {
        db = TransactionDB.open(options, transactions, path, descriptors, handles);
      } else {
        db = TtlDB.open(options, path, descriptors, handles, Arrays.asList(0, 0), false);
      }
      return new Opened(db, handles.get(1));
    }
  }

  /** Opens one with a row in each column family. Returns it and the database that it stands on. */
  static Opened openWithBase(
      Class<? extends RocksDB> type, String path, AtomicReference<RocksDB> base) throws Exception {
    Opened opened = open(type, path, base::set);
    opened.db.put(b("key"), b("value"));
    opened.db.put(opened.family, b("key"), b("of family"));
    try (FlushOptions flush = new FlushOptions()) {
      opened.db.flush(flush, opened.family);
    }
    if (opened.db instanceof OptimisticTransactionDB) {
      base.set(((OptimisticTransactionDB) opened.db).getBaseDB());
    }
    // Listeners may be told a little after the flush has returned.
    long end = System.nanoTime() + HANG_GUARD_NANOS;
    while (base.get() == null) {
      if (System.nanoTime() > end) {
        throw new AssertionError("no listener was told of the flush");
      }
      Thread.sleep(1);
    }
    return opened;
  }
}
