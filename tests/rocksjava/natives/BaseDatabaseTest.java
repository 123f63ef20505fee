package com.linkedin.venice.rust.tests;

import static com.linkedin.venice.rust.tests.RocksFolder.b;
import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.Rule;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.junit.runners.Parameterized;
import org.junit.runners.Parameterized.Parameters;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.FlushOptions;
import org.rocksdb.MutableColumnFamilyOptions;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksIterator;
import org.rocksdb.Snapshot;
import org.rocksdb.TtlDB;
import org.rocksdb.WriteOptions;

/**
 * A database that stands on another one, and that other one, are one: what was made by one of them
 * is taken by the other.
 */
@RunWith(Parameterized.class)
public class BaseDatabaseTest {
  static {
    RocksDB.loadLibrary();
  }

  @Rule public final RocksFolder folder = new RocksFolder();

  private final Class<? extends RocksDB> type;

  public BaseDatabaseTest(Class<? extends RocksDB> type) {
    this.type = type;
  }

  @Parameters(name = "{0}")
  public static List<Class<? extends RocksDB>> types() {
    return StackedDatabases.CLASSES;
  }

  private static int count(RocksIterator iterator) {
    int count = 0;
    for (iterator.seekToFirst(); iterator.isValid(); iterator.next()) {
      count++;
    }
    return count;
  }

  @Test
  public void theBaseTakesColumnFamiliesOfTheOuterOne() throws Exception {
    AtomicReference<RocksDB> told = new AtomicReference<>();
    StackedDatabases.Opened opened = StackedDatabases.openWithBase(type, folder.newPath(), told);
    ColumnFamilyHandle family = opened.family;
    RocksDB base = told.get();
    byte[] value = opened.db.get(family, b("key"));
    byte[] raw = base.get(family, b("key"));
    // A TtlDB has a time behind each value.
    assertArrayEquals(value, Arrays.copyOf(raw, value.length));
    base.put(family, b("second"), raw);
    assertArrayEquals(value, opened.db.get(family, b("second")));
    assertEquals(
        2, base.multiGetAsList(Arrays.asList(family, family), keys("key", "second")).size());
    assertEquals("family", new String(base.getColumnFamilyMetaData(family).name()));
    base.getLongProperty(family, "rocksdb.estimate-num-keys");
    base.setOptions(
        family,
        MutableColumnFamilyOptions.builder().setWriteBufferSize(1 << 20).build());
    try (RocksIterator iterator = base.newIterator(family);
        FlushOptions flush = new FlushOptions()) {
      assertEquals(2, count(iterator));
      base.flush(flush, family);
      base.compactRange(family);
      base.singleDelete(family, b("second"));
    }
    opened.db.closeE();
  }

  private static List<byte[]> keys(String one, String two) {
    return Arrays.asList(b(one), b(two));
  }

  @Test
  public void theOuterOneTakesWhatTheBaseMade() throws Exception {
    AtomicReference<RocksDB> told = new AtomicReference<>();
    StackedDatabases.Opened opened = StackedDatabases.openWithBase(type, folder.newPath(), told);
    RocksDB base = told.get();
    ColumnFamilyHandle made = base.createColumnFamily(new ColumnFamilyDescriptor(b("made")));
    if (type != TtlDB.class) {
      // A TransactionDB knows column families that it made only: it has locks for each.
      base.put(made, b("key"), b("value"));
      assertArrayEquals(b("value"), opened.db.get(made, b("key")));
    }
    Snapshot ofBase = base.getSnapshot();
    Snapshot ofOuter = opened.db.getSnapshot();
    opened.db.put(b("key"), b("newer"));
    try (ReadOptions then = new ReadOptions().setSnapshot(ofBase);
        RocksIterator iterator = base.newIterator(opened.family, then)) {
      assertArrayEquals(b("value"), opened.db.get(then, b("key")));
      assertEquals(1, count(iterator));
    }
    opened.db.releaseSnapshot(ofBase);
    base.releaseSnapshot(ofOuter);
    opened.db.closeE();
  }

  /** The close flushes, and a listener reads. */
  @Test
  public void aListenerReadsWhatItIsToldDuringTheClose() throws Exception {
    AtomicReference<ColumnFamilyHandle> family = new AtomicReference<>();
    AtomicReference<Object> seen = new AtomicReference<>();
    StackedDatabases.Opened opened =
        StackedDatabases.open(
            type,
            folder.newPath(),
            told -> {
              try (RocksIterator iterator = told.newIterator(family.get())) {
                String value = new String(told.get(family.get(), b("key")));
                seen.set(value.substring(0, "value".length()) + " " + count(iterator));
              } catch (Throwable e) {
                seen.set(e);
              }
            });
    family.set(opened.family);
    try (WriteOptions write = new WriteOptions().setDisableWAL(true)) {
      opened.db.put(opened.family, write, b("key"), b("value"));
    }
    opened.db.closeE();
    assertEquals("value 1", seen.get());
  }
}
