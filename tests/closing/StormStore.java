package com.linkedin.venice.rust.tests.closing;

import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.testing.DirectoryTree;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.PartitionDatabase;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.ServedStore;
import com.linkedin.venice.rust.testing.StoreVersion;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.StoredValue;
import com.linkedin.venice.rust.testing.VenicePartitioner;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.rocksdb.Checkpoint;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/** A served store version of a few small partitions, whose right answers are known. */
final class StormStore implements AutoCloseable {
  static final int PARTITIONS = 4;

  final SampleRows rows = new SampleRows(200, 20, 400);
  final StoreVersionConfig config = new StoreVersionConfig("storm", 1, PARTITIONS);
  final Path folder;
  final StoreVersion version;
  private final ServedStore store = ServedStore.start();
  private final List<List<Integer>> rowsOfPartition = new ArrayList<>();

  StormStore(Path folder) throws IOException, RocksDBException {
    this.folder = folder;
    for (int partition = 0; partition < PARTITIONS; partition++) {
      rowsOfPartition.add(rowsOf(partition));
    }
    version = store.push(folder, config, rows);
    for (int partition = 0; partition < PARTITIONS; partition++) {
      checkpoint(partition, saved(partition));
    }
  }

  private List<Integer> rowsOf(int partition) {
    return IntStream.range(0, rows.count())
        .filter(row -> VenicePartitioner.partition(rows.key(row), PARTITIONS) == partition)
        .boxed()
        .toList();
  }

  /** The rows of a partition, by their numbers. */
  List<Integer> rows(int partition) {
    return rowsOfPartition.get(partition);
  }

  FastClient client() {
    return store.client(config);
  }

  RustReadServer server() {
    return store.server();
  }

  /** What a row's entry is in the database. */
  byte[] stored(int row) {
    StoredValue value = rows.value(row);
    byte[] payload = value.payload();
    return ByteBuffer.allocate(4 + payload.length).putInt(value.schemaId()).put(payload).array();
  }

  private Path saved(int partition) {
    return folder.resolve("saved_" + partition);
  }

  /** Makes a checkpoint, as Venice does to copy a partition to another host, and deletes it. */
  void checkpoint(int partition) throws IOException, RocksDBException {
    Path path = folder.resolve("checkpoint_" + partition);
    checkpoint(partition, path);
    DirectoryTree.delete(path);
  }

  private void checkpoint(int partition, Path path) throws RocksDBException {
    PartitionDatabase database = version.partition(partition);
    try (Checkpoint checkpoint = Checkpoint.create(database.database())) {
      checkpoint.createCheckpoint(path.toString());
    }
  }

  /** Closes a partition and opens it again. */
  void reopen(int partition) throws RocksDBException {
    RocksDB closed = version.partition(partition).database();
    version.reopenPartition(partition);
    closeDefaults(closed);
  }

  /**
   * Closes the read options that RocksJava makes with each {@link RocksDB} and never closes: over a
   * million of them a leak of ours would go unnoticed.
   */
  private static void closeDefaults(RocksDB database) {
    try {
      Field field = RocksDB.class.getDeclaredField("defaultReadOptions_");
      field.setAccessible(true);
      ((ReadOptions) field.get(database)).close();
    } catch (ReflectiveOperationException e) {
      throw new AssertionError("RocksDB has other fields than rocksdbjni 9.11.2", e);
    }
  }

  /** Drops a partition with its files, and puts it back as a copy of the saved one. */
  void dropAndRestore(int partition) throws IOException, RocksDBException {
    RocksDB dropped = version.partition(partition).database();
    version.dropPartition(partition);
    closeDefaults(dropped);
    Path directory = version.partitionDirectory(partition);
    Files.createDirectories(directory);
    try (Stream<Path> files = Files.list(saved(partition))) {
      for (Path file : files.toList()) {
        Files.copy(file, directory.resolve(file.getFileName()));
      }
    }
    version.openPartition(partition);
  }

  @Override
  public void close() throws RocksDBException {
    store.close();
  }
}
