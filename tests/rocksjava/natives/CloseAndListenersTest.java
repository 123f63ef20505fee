package com.linkedin.venice.rust.tests;

import static com.linkedin.venice.rust.tests.RocksFolder.b;
import static org.junit.Assert.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.Rule;
import org.junit.Test;
import org.rocksdb.AbstractEventListener;
import org.rocksdb.AbstractEventListener.EnabledEventCallback;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.FlushJobInfo;
import org.rocksdb.MemTableInfo;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteOptions;

/** Listeners read from their database while its close flushes: RocksDB's threads are let in. */
public class CloseAndListenersTest {
  static {
    RocksDB.loadLibrary();
  }

  private static final int ROUNDS = 20;
  private static final int ROWS = 100;

  @Rule public final RocksFolder folder = new RocksFolder();

  /** What the listener saw; each failure is here, too. */
  private final List<String> seen = Collections.synchronizedList(new ArrayList<>());

  private final AtomicReference<RocksDB> opened = new AtomicReference<>();
  private final AtomicReference<ColumnFamilyHandle> family = new AtomicReference<>();

  private interface Read {
    Object run() throws Exception;
  }

  private void see(String what, Read read) {
    try {
      seen.add(what + " " + read.run());
    } catch (Throwable e) {
      seen.add(what + " throws " + e);
    }
  }

  private static int count(RocksIterator iterator) {
    int count = 0;
    for (iterator.seekToFirst(); iterator.isValid(); iterator.next()) {
      count++;
    }
    return count;
  }

  private void readAll(RocksDB db) {
    see("keys", () -> db.getLongProperty("rocksdb.estimate-num-keys"));
    see("statistics", () -> db.getProperty("rocksdb.stats") != null);
    see("get", () -> new String(db.get(family.get(), b("key1"))));
    see("files", () -> db.getLiveFilesMetaData().size());
    see(
        "rows",
        () -> {
          try (ReadOptions options = new ReadOptions();
              RocksIterator iterator = db.newIterator(family.get(), options)) {
            return count(iterator);
          }
        });
  }

  private void closeWhileFlushing(AbstractEventListener listener) throws Exception {
    try (Options options =
            new Options().setCreateIfMissing(true).setListeners(Arrays.asList(listener));
        WriteOptions write = new WriteOptions().setDisableWAL(true)) {
      RocksDB db = RocksDB.open(options, folder.newPath());
      opened.set(db);
      family.set(db.getDefaultColumnFamily());
      for (int i = 0; i < ROWS; i++) {
        db.put(write, b("key" + i), b("value"));
      }
      db.closeE();
    }
  }

  private static final List<String> ALL =
      Arrays.asList("keys 100", "statistics true", "get value", "files 1", "rows 100");

  @Test
  public void aListenerReadsItsDatabase() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      seen.clear();
      closeWhileFlushing(
          new AbstractEventListener(EnabledEventCallback.ON_FLUSH_COMPLETED) {
            @Override
            public void onFlushCompleted(RocksDB db, FlushJobInfo info) {
              readAll(opened.get());
            }
          });
      assertEquals("round " + round, ALL, seen);
    }
  }

  @Test
  public void aListenerReadsTheDatabaseThatItIsTold() throws Exception {
    for (int round = 0; round < ROUNDS; round++) {
      seen.clear();
      closeWhileFlushing(
          new AbstractEventListener(EnabledEventCallback.ON_FLUSH_COMPLETED) {
            @Override
            public void onFlushCompleted(RocksDB db, FlushJobInfo info) {
              readAll(db);
            }
          });
      assertEquals("round " + round, ALL, seen);
    }
  }

  /** Called on the very thread that closes. */
  @Test
  public void aListenerOnTheClosingThreadReads() throws Exception {
    closeWhileFlushing(
        new AbstractEventListener(EnabledEventCallback.ON_MEMTABLE_SEALED) {
          @Override
          public void onMemTableSealed(MemTableInfo info) {
            see("get", () -> new String(opened.get().get(family.get(), b("key1"))));
          }
        });
    assertEquals(Arrays.asList("get value"), seen);
  }
}
