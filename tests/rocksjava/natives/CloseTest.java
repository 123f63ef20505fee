package com.linkedin.venice.rust.tests;

import static com.linkedin.venice.rust.tests.RocksFolder.b;
import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import org.junit.Rule;
import org.junit.Test;
import org.rocksdb.Checkpoint;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.EnvOptions;
import org.rocksdb.OptimisticTransactionDB;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksIterator;
import org.rocksdb.RocksObject;
import org.rocksdb.SstFileReader;
import org.rocksdb.SstFileReaderIterator;
import org.rocksdb.SstFileWriter;
import org.rocksdb.Transaction;
import org.rocksdb.TransactionDB;
import org.rocksdb.TransactionDBOptions;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteBatchWithIndex;
import org.rocksdb.WriteOptions;

/**
 * Closing twice is harmless, below RocksJava too, which guards its own objects: natives are called
 * by reflection here.
 */
public class CloseTest {
  @Rule public final RocksFolder folder = new RocksFolder();

  @Test
  public void objectsOfJavaAlone() throws Exception {
    closeTwice(new ReadOptions());
    closeTwice(new ReadOptions(true, false));
    closeTwice(new WriteOptions());
    closeTwice(new WriteBatch());
    closeTwice(new WriteBatch(new byte[12]));
    try (Options options = new Options();
        EnvOptions env = new EnvOptions()) {
      closeTwice(new SstFileWriter(env, options));
      closeTwice(new SstFileReader(options));
    }
    try (ReadOptions read = new ReadOptions(false, false);
        WriteOptions write = new WriteOptions().setDisableWAL(true)) {
      closeTwice(new ReadOptions(read));
      closeTwice(new WriteOptions(write));
    }
  }

  @Test
  public void objectsOfADatabase() throws Exception {
    String path = folder.newPath();
    RocksDB db = RocksDB.open(path);
    db.put(b("key"), b("value"));
    closeTwice(db.newIterator());
    closeTwice(Checkpoint.create(db));
    closeTwice(db.createColumnFamily(new ColumnFamilyDescriptor(b("second"))));
    RocksIterator left = db.newIterator();
    Checkpoint checkpoint = Checkpoint.create(db);
    ColumnFamilyHandle family = db.createColumnFamily(new ColumnFamilyDescriptor(b("third")));
    db.closeE();
    // Closed with their database.
    dispose(left);
    dispose(checkpoint);
    dispose(family);
    dispose(db);
    Method close = RocksDB.class.getDeclaredMethod("closeDatabase", long.class);
    close.setAccessible(true);
    close.invoke(null, db.getNativeHandle());
    dispose(db);
  }

  @Test
  public void iteratorsOfAReader() throws Exception {
    String file = tableOfOneRow();
    try (Options options = new Options();
        ReadOptions read = new ReadOptions()) {
      SstFileReader reader = new SstFileReader(options);
      reader.open(file);
      closeTwice(reader.newIterator(read));
      SstFileReaderIterator left = reader.newIterator(read);
      left.seekToFirst();
      closeTwice(reader);
      dispose(left);
    }
  }

  @Test
  public void aReaderOpensAnotherFile() throws Exception {
    String file = tableOfOneRow();
    try (Options options = new Options();
        ReadOptions read = new ReadOptions();
        SstFileReader reader = new SstFileReader(options)) {
      reader.open(file);
      SstFileReaderIterator before = reader.newIterator(read);
      reader.open(file);
      assertThrows(IllegalStateException.class, before::seekToFirst);
      try (SstFileReaderIterator after = reader.newIterator(read)) {
        after.seekToFirst();
        assertArrayEquals(b("value"), after.value());
      }
      before.close();
    }
  }

  @Test
  public void anIteratorThatAnotherOneOwns() throws Exception {
    RocksDB.loadLibrary(); // a WriteBatchWithIndex does not
    try (WriteBatchWithIndex batch = new WriteBatchWithIndex(true);
        RocksDB db = RocksDB.open(folder.newPath())) {
      db.put(b("a"), b("1"));
      batch.put(b("b"), b("2"));
      RocksIterator base = db.newIterator();
      RocksIterator both = batch.newIteratorWithBase(base);
      both.seekToFirst();
      assertArrayEquals(b("1"), both.value());
      both.next();
      assertArrayEquals(b("2"), both.value());
      both.close();
      dispose(both);
      // One more is left to the database.
      batch.newIteratorWithBase(db.newIterator()).seekToFirst();
    }
  }

  @Test
  public void iteratorsOfManyColumnFamilies() throws Exception {
    RocksDB db = RocksDB.open(folder.newPath());
    List<ColumnFamilyHandle> families = new ArrayList<>();
    families.add(db.getDefaultColumnFamily());
    try (Options options = new Options()) {
      for (int i = 0; i < 20; i++) {
        families.add(db.createColumnFamily(new ColumnFamilyDescriptor(b("family-" + i))));
      }
    }
    List<RocksIterator> iterators = db.newIterators(families);
    iterators.get(0).close();
    iterators.get(1).seekToFirst();
    db.close();
    assertThrows(IllegalStateException.class, () -> iterators.get(1).isValid());
    iterators.forEach(RocksIterator::close);
  }

  @Test
  public void transactionsMayBeClosedAfterTheirDatabaseHoweverManyThereAre() throws Exception {
    List<RocksObject> left = new ArrayList<>();
    try (Options options = new Options().setCreateIfMissing(true);
        TransactionDBOptions ofDatabase = new TransactionDBOptions();
        WriteOptions write = new WriteOptions();
        OptimisticTransactionDB optimistic =
            OptimisticTransactionDB.open(options, folder.newPath());
        TransactionDB pessimistic = TransactionDB.open(options, ofDatabase, folder.newPath())) {
      optimistic.put(b("key"), b("value"));
      for (int i = 0; i < 1500; i++) {
        left.add(optimistic.beginTransaction(write));
        left.add(pessimistic.beginTransaction(write));
        left.add(optimistic.getUpdatesSince(0));
      }
    }
    for (RocksObject object : left) {
      object.close();
    }
    Transaction first = (Transaction) left.get(0);
    assertThrows(IllegalStateException.class, first::getState);
  }

  @Test
  public void aPreparedTransactionThatWasFoundEndsWithItsDatabase() throws Exception {
    String path = folder.newPath();
    try (Options options = new Options().setCreateIfMissing(true);
        TransactionDBOptions ofDatabase = new TransactionDBOptions();
        WriteOptions write = new WriteOptions()) {
      TransactionDB db = TransactionDB.open(options, ofDatabase, path);
      Transaction begun = db.beginTransaction(write);
      begun.setName("one");
      begun.put(b("key"), b("value"));
      begun.prepare();
      Transaction sameOne = db.getTransactionByName("one");
      db.close();
      assertThrows(IllegalStateException.class, sameOne::getState);

      TransactionDB again = TransactionDB.open(options, ofDatabase, path);
      Transaction named = again.getTransactionByName("one");
      List<Transaction> prepared = again.getAllPreparedTransactions();
      assertEquals(1, prepared.size());
      prepared.get(0).commit();
      assertArrayEquals(b("value"), again.get(b("key")));
      again.close();
      assertThrows(IllegalStateException.class, named::getState);
      assertThrows(IllegalStateException.class, prepared.get(0)::getState);
      begun.close();
    }
  }

  @Test
  public void aHandleIsRefusedAlsoAfterManyOthers() throws Exception {
    try (RocksDB db = RocksDB.open(folder.newPath())) {
      WriteBatch stale = new WriteBatch();
      stale.close();
      ReadOptions read = new ReadOptions();
      read.close();
      for (int i = 0; i < 500; i++) {
        new WriteBatch().close();
        new ReadOptions().close();
      }
      try (WriteOptions write = new WriteOptions()) {
        assertTrue(
            assertThrows(Exception.class, () -> db.write(write, stale))
                .getMessage()
                .startsWith("WriteBatch is closed"));
      }
      assertTrue(
          assertThrows(Exception.class, () -> read.setFillCache(false))
              .getMessage()
              .startsWith("ReadOptions is closed"));
    }
  }

  /** Writes a table with the row "key", "value"; returns its path. */
  private String tableOfOneRow() throws Exception {
    String file = folder.missing("rows.sst");
    try (Options options = new Options();
        EnvOptions env = new EnvOptions();
        SstFileWriter writer = new SstFileWriter(env, options)) {
      writer.open(file);
      writer.put(b("key"), b("value"));
      writer.finish();
    }
    return file;
  }

  private static void closeTwice(RocksObject object) throws Exception {
    object.close();
    object.close();
    dispose(object);
    dispose(object);
  }

  /** Calls the native that closes, whatever the object knows of itself. */
  private static void dispose(RocksObject object) throws Exception {
    Method dispose = object.getClass().getDeclaredMethod("disposeInternalJni", long.class);
    dispose.setAccessible(true);
    try {
      dispose.invoke(null, object.getNativeHandle());
    } catch (InvocationTargetException e) {
      throw new AssertionError(object.getClass() + ": " + e.getCause(), e.getCause());
    }
  }
}
