package com.linkedin.venice.rust.testing;

import com.linkedin.venice.rust.testing.PartitionDatabase.Mode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * A store version of which this JVM has partitions open, in the directories of Venice's {@code
 * RocksDBUtils}: {@code <data path>/rocksdb/<store>_v<N>/<store>_v<N>_<p>}, and the metadata
 * partition under the number 1000000000.
 *
 * <p>Partitions can be opened, closed and reopened one by one, as Venice does when a push ends, a
 * role changes or a partition is dropped. Thread-safe as long as no thread uses a partition that
 * another one closes, the same as in {@code org.rocksdb}.
 */
public final class StoreVersion implements AutoCloseable {
  /** The number of the metadata partition. */
  public static final int METADATA_PARTITION = 1_000_000_000;

  private final Path directory;
  private final StoreVersionConfig config;
  private final RocksResources resources;
  private final RecordLayout layout;
  private final Map<Integer, PartitionDatabase> partitions = new ConcurrentHashMap<>();

  /** A lock for each partition that was ever open; it stays when the partition goes. */
  private final Map<Integer, ReadWriteLock> adjustmentLocks = new ConcurrentHashMap<>();

  private final AtomicLong stateChanges = new AtomicLong();

  StoreVersion(Path dataPath, StoreVersionConfig config, RocksResources resources) {
    this.directory = directory(dataPath, config.resource());
    this.config = config;
    this.resources = resources;
    this.layout = new RecordLayout(config);
  }

  /**
   * Opens a store version that was written before, with the partitions that are on the disk.
   *
   * @param dataPath the directory that contains {@code rocksdb}
   * @throws IOException if there is no such store version or it has another file format
   */
  public static StoreVersion open(
      Path dataPath, StoreVersionConfig config, RocksResources resources)
      throws IOException, RocksDBException {
    StoreVersion version = new StoreVersion(dataPath, config, resources);
    EngineConfigFile.check(version.partitionDirectory(METADATA_PARTITION), config.tableFormat());
    try {
      version.openPartition(METADATA_PARTITION);
      for (int partition : version.partitionsOnDisk()) {
        version.openPartition(partition);
      }
    } catch (IOException | RocksDBException | RuntimeException e) {
      version.closeAfter(e);
      throw e;
    }
    return version;
  }

  /** Returns the directory of a store version. */
  public static Path directory(Path dataPath, String resource) {
    return dataPath.resolve("rocksdb").resolve(resource);
  }

  /** Returns {@code <store>_v<N>}. */
  public String resource() {
    return config.resource();
  }

  /** Returns what the store version was written with. */
  public StoreVersionConfig config() {
    return config;
  }

  /** Returns the directory of a partition. */
  public Path partitionDirectory(int partition) {
    return directory.resolve(config.resource() + "_" + partition);
  }

  /** Returns an open partition. */
  public PartitionDatabase partition(int partition) {
    PartitionDatabase database = partitions.get(partition);
    if (database == null) {
      throw new IllegalStateException(
          "partition " + partition + " of " + config.resource() + " is not open");
    }
    return database;
  }

  /** Returns an open partition, or null. */
  public PartitionDatabase findPartition(int partition) {
    return partitions.get(partition);
  }

  /**
   * Returns the lock of a partition that is or was open, or null. It is held for writing from close
   * to open when the partition is reopened, as {@code adjustStoragePartition} of Venice's engine
   * does, so that a reader who holds it does not find the partition missing in between.
   */
  public ReadWriteLock adjustmentLock(int partition) {
    return adjustmentLocks.get(partition);
  }

  /**
   * Returns a number that is another one after the store-version state was put or deleted through
   * this object, or the metadata partition was opened or closed.
   */
  public long stateChanges() {
    return stateChanges.get();
  }

  /** Opens a partition for serving; a new one is created. */
  public void openPartition(int partition) throws RocksDBException {
    openPartition(partition, Mode.SERVING);
  }

  /** Opens a partition; a new one is created, unless it is opened for reading only. */
  public void openPartition(int partition, Mode mode) throws RocksDBException {
    if (partitions.containsKey(partition)) {
      throw new IllegalStateException(
          "partition " + partition + " of " + config.resource() + " is open already");
    }
    Path path = partitionDirectory(partition);
    partitions.put(
        partition,
        partition == METADATA_PARTITION
            ? PartitionDatabase.openMetadata(path, resources)
            : PartitionDatabase.openData(path, resources, config.tableFormat(), mode));
    adjustmentLocks.computeIfAbsent(partition, p -> new ReentrantReadWriteLock());
    stateChanges.incrementAndGet();
  }

  /**
   * Closes a partition; its files are released when this returns.
   *
   * @throws RocksDBException if the native close reported an error
   */
  public void closePartition(int partition) throws RocksDBException {
    PartitionDatabase database = partition(partition);
    partitions.remove(partition);
    stateChanges.incrementAndGet();
    database.close();
  }

  /** Closes a partition and opens it again, as Venice does with other options. */
  public void reopenPartition(int partition) throws RocksDBException {
    ReadWriteLock lock = adjustmentLock(partition);
    if (lock == null) {
      throw new IllegalStateException(
          "partition " + partition + " of " + config.resource() + " was never open");
    }
    lock.writeLock().lock();
    try {
      closePartition(partition);
      openPartition(partition);
    } finally {
      lock.writeLock().unlock();
    }
  }

  /** Closes a partition and deletes it from the disk. */
  public void dropPartition(int partition) throws RocksDBException, IOException {
    closePartition(partition);
    Path path = partitionDirectory(partition);
    try (Options options = new Options()) {
      RocksDB.destroyDB(path.toString(), options);
    }
    DirectoryTree.delete(path);
  }

  /** Puts a row into its partition, as a real-time write to a hybrid store does. */
  public void put(byte[] key, int schemaId, byte[] payload) throws RocksDBException {
    PartitionDatabase database =
        partition(VenicePartitioner.partition(key, config.partitionCount()));
    for (RecordLayout.Entry entry : layout.entries(key, schemaId, payload)) {
      database.put(entry.key(), entry.value());
    }
  }

  /** Deletes a row's top-level entry, as a real-time delete does. */
  public void delete(byte[] key) throws RocksDBException {
    partition(VenicePartitioner.partition(key, config.partitionCount()))
        .delete(layout.topLevelKey(key));
  }

  /**
   * Puts another store-version state, as a topic switch or the end of a push does. What this object
   * writes keeps to the configuration it was opened with.
   */
  public void putState(StoreVersionConfig state) throws RocksDBException {
    long now = System.currentTimeMillis();
    putStateRecord(StoreVersionStates.encode(state, now, now));
  }

  /** Puts a store-version state as it is stored, with its two header bytes, right or wrong. */
  public void putStateRecord(byte[] record) throws RocksDBException {
    partition(METADATA_PARTITION).put(StoreVersionStates.KEY, record);
    stateChanges.incrementAndGet();
  }

  /**
   * Deletes the store-version state; readers then take the version as neither chunked nor
   * compressed.
   */
  public void deleteState() throws RocksDBException {
    partition(METADATA_PARTITION).delete(StoreVersionStates.KEY);
    stateChanges.incrementAndGet();
  }

  /** Puts the store-version state into the metadata partition. */
  void putState(long startOfPush, long endOfPush) throws RocksDBException {
    putStateRecord(StoreVersionStates.encode(config, startOfPush, endOfPush));
  }

  /** Returns the data partitions on the disk: the directories that are named for one. */
  public SortedSet<Integer> partitionsOnDisk() throws IOException {
    String prefix = config.resource() + "_";
    SortedSet<Integer> found = new TreeSet<>();
    try (Stream<Path> entries = Files.list(directory)) {
      for (Path entry : (Iterable<Path>) entries::iterator) {
        String name = entry.getFileName().toString();
        // A half-done blob transfer is called temp_transferred_<...> and so has another prefix.
        if (name.startsWith(prefix)) {
          found.add(Integer.valueOf(name.substring(prefix.length())));
        }
      }
    }
    found.remove(METADATA_PARTITION);
    return found;
  }

  /**
   * Closes every partition that is open.
   *
   * @throws RocksDBException the first error of a native close; the others are attached to it
   */
  @Override
  public void close() throws RocksDBException {
    RocksDBException failure = null;
    for (int partition : new ArrayList<>(partitions.keySet())) {
      try {
        closePartition(partition);
      } catch (RocksDBException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }

  /** Closes, and attaches an error to the failure that made it necessary. */
  void closeAfter(Exception failure) {
    try {
      close();
    } catch (RocksDBException e) {
      failure.addSuppressed(e);
    }
  }

  /** Returns whether a data partition is open. */
  public boolean hasOpenPartition() {
    return partitions.size() > (partitions.containsKey(METADATA_PARTITION) ? 1 : 0);
  }

  /** Returns the data partitions that are open. */
  public List<Integer> openPartitions() {
    return partitions.keySet().stream().filter(p -> p != METADATA_PARTITION).sorted().toList();
  }
}
