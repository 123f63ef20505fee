package com.linkedin.venice.rust.tests.closing;

import com.linkedin.venice.rust.testing.PartitionDatabase;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.rocksdb.ByteBufferGetStatus;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.MemoryUtil;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** Uses, through {@code org.rocksdb}, of a partition that another thread may be closing. */
final class JavaReads {
  private final StormStore store;
  private final Random random;
  private final ReadOptions options = new ReadOptions();
  private final WriteOptions write = new WriteOptions();

  JavaReads(StormStore store, long seed) {
    this.store = store;
    this.random = new Random(seed);
  }

  /** Makes one read of one kind, and compares what it returns with what was written. */
  void read(int partition, PartitionDatabase opened) throws RocksDBException {
    RocksDB database = opened.database();
    List<Integer> rows = store.rows(partition);
    int row = rows.get(random.nextInt(rows.size()));
    switch (random.nextInt(18)) {
      case 0, 1 -> check(row, database.get(store.rows.key(row)));
      case 2 -> getInto(database, row);
      case 3 -> multiGetAsList(database, rows);
      case 4 -> multiGetBuffers(database, rows);
      case 5 -> iterate(database, rows.size());
      case 6 -> property(database);
      case 7 -> require(database.keyExists(store.rows.key(row)), "keyExists is false");
      case 8 -> miss(database);
      case 9 -> check(row, database.get(database.getDefaultColumnFamily(), store.rows.key(row)));
      case 10 -> check(row, database.get(options, store.rows.key(row)));
      case 11 -> multiGetOfFamily(database, rows);
      case 12 -> seekBack(database, row);
      // No snapshots: while one is held, RocksDB refuses to close the database.
      case 13 -> require(database.getLatestSequenceNumber() >= 0, "a sequence number below 0");
      case 14 ->
          require(
              database.keyMayExist(store.rows.key(row), null), "keyMayExist says that it is not");
      case 15 -> text(database);
      case 16 -> write(database, row);
      default -> metadata(database);
    }
  }

  /** What applications read with, and Venice does not. */
  private void multiGetOfFamily(RocksDB database, List<Integer> rows) throws RocksDBException {
    List<Integer> asked = some(rows);
    ColumnFamilyHandle family = database.getDefaultColumnFamily();
    List<byte[]> values =
        database.multiGetAsList(
            asked.stream().map(row -> family).toList(),
            asked.stream().map(store.rows::key).toList());
    for (int i = 0; i < asked.size(); i++) {
      check(asked.get(i), values.get(i));
    }
  }

  private void seekBack(RocksDB database, int row) throws RocksDBException {
    ByteBuffer value = ByteBuffer.allocateDirect(500);
    try (RocksIterator iterator = database.newIterator(options)) {
      iterator.seekForPrev(store.rows.key(row));
      require(iterator.isValid(), "no entry");
      int length = iterator.value(value);
      byte[] bytes = new byte[length];
      value.get(bytes);
      check(row, bytes);
      iterator.refresh();
      iterator.status();
    }
  }

  private static void text(RocksDB database) throws RocksDBException {
    require(!database.getProperty("rocksdb.stats").isEmpty(), "no statistics");
    require(database.getDefaultColumnFamily().getDescriptor() != null, "no descriptor");
  }

  /** Writes what is there, now and then: each makes a file when the partition is closed. */
  private void write(RocksDB database, int row) throws RocksDBException {
    if (random.nextInt(50) > 0) {
      return;
    }
    if (random.nextBoolean()) {
      database.put(store.rows.key(row), store.stored(row));
      return;
    }
    try (WriteBatch batch = new WriteBatch()) {
      batch.put(store.rows.key(row), store.stored(row));
      require(batch.count() == 1, "another count");
      database.write(write, batch);
    }
  }

  private void check(int row, byte[] value) {
    require(Arrays.equals(store.stored(row), value), "row " + row + " has another value");
  }

  private static void require(boolean right, String message) {
    if (!right) {
      throw new AssertionError(message);
    }
  }

  private void getInto(RocksDB database, int row) throws RocksDBException {
    byte[] wanted = store.stored(row);
    byte[] buffer = new byte[wanted.length];
    require(database.get(store.rows.key(row), buffer) == wanted.length, "another length");
    check(row, buffer);
  }

  private void miss(RocksDB database) throws RocksDBException {
    require(database.get(store.rows.key(store.rows.count() + 1)) == null, "a value for no row");
  }

  private List<Integer> some(List<Integer> rows) {
    int from = random.nextInt(rows.size() - 8);
    return rows.subList(from, from + 8);
  }

  private void multiGetAsList(RocksDB database, List<Integer> rows) throws RocksDBException {
    List<Integer> asked = some(rows);
    List<byte[]> values = database.multiGetAsList(asked.stream().map(store.rows::key).toList());
    for (int i = 0; i < asked.size(); i++) {
      check(asked.get(i), values.get(i));
    }
  }

  private void multiGetBuffers(RocksDB database, List<Integer> rows) throws RocksDBException {
    List<Integer> asked = some(rows);
    List<ByteBuffer> keys =
        asked.stream()
            .map(row -> store.rows.key(row))
            .map(key -> ByteBuffer.allocateDirect(key.length).put(key).flip())
            .toList();
    List<ByteBuffer> values = asked.stream().map(row -> ByteBuffer.allocateDirect(500)).toList();
    List<ByteBufferGetStatus> results = database.multiGetByteBuffers(options, keys, values);
    for (int i = 0; i < asked.size(); i++) {
      ByteBufferGetStatus result = results.get(i);
      if (result.status.getCode() != Status.Code.Ok) {
        throw new RocksDBException(result.status);
      }
      byte[] value = new byte[result.value.remaining()];
      result.value.get(value);
      check(asked.get(i), value);
    }
  }

  private void iterate(RocksDB database, int wanted) throws RocksDBException {
    int count = 0;
    try (RocksIterator iterator = database.newIterator(options)) {
      for (iterator.seekToFirst(); iterator.isValid(); iterator.next()) {
        require(iterator.key().length > 0, "an empty key");
        require(iterator.value().length > 4, "a short value");
        count++;
      }
      iterator.status();
    }
    require(count == wanted, count + " rows and not " + wanted);
  }

  private static void property(RocksDB database) throws RocksDBException {
    require(database.getLongProperty("rocksdb.estimate-num-keys") > 0, "no keys");
    require(database.getLongProperty("rocksdb.block-cache-capacity") > 0, "no cache");
  }

  private static void metadata(RocksDB database) {
    require(!database.getLiveFilesMetaData().isEmpty(), "no live file");
    ColumnFamilyHandle family = database.getDefaultColumnFamily();
    require(database.getColumnFamilyMetaData(family).size() > 0, "an empty family");
    require(
        !MemoryUtil.getApproximateMemoryUsageByType(List.of(database), Set.of()).isEmpty(),
        "no memory");
  }
}
