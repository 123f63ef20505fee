package com.linkedin.venice.rust.reference;

import com.linkedin.venice.exceptions.PersistenceFailureException;
import com.linkedin.venice.exceptions.VeniceException;
import com.linkedin.venice.rust.testing.Compressor;
import com.linkedin.venice.rust.testing.PartitionDatabase;
import com.linkedin.venice.rust.testing.StoreVersion;
import com.linkedin.venice.rust.testing.StoreVersionStates;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import org.apache.avro.generic.GenericRecord;
import org.rocksdb.RocksDBException;

/**
 * Reads from the open partitions of a store version, as {@code AbstractStorageEngine} and {@code
 * RocksDBStoragePartition}. Thread-safe: partitions may be closed and opened meanwhile.
 */
final class StorageEngine {
  private final StoreVersion version;
  private volatile KnownState known;

  /** A store-version state, null if there is none, and when it was read. */
  private record KnownState(long stateChanges, State state) {}

  /**
   * What of a state is looked at.
   *
   * @param dictionary null if there is none
   * @param compressor null for values that are not compressed
   */
  private record State(
      boolean chunked, int compressionStrategy, byte[] dictionary, Compressor compressor) {}

  StorageEngine(StoreVersion version) {
    this.version = version;
  }

  /** Returns whether this is the engine of that store version. */
  boolean isOf(StoreVersion other) {
    return version == other;
  }

  /** Returns {@code <store>_v<N>}. */
  String getStoreVersionName() {
    return version.resource();
  }

  /** Returns whether no data partition is open. */
  boolean isClosed() {
    return !version.hasOpenPartition();
  }

  /** Returns whether keys have the chunk suffix; without a state they have none. */
  boolean isChunked() {
    State state = getStoreVersionState();
    return state != null && state.chunked();
  }

  /** Returns how the values are compressed; without a state they are not. */
  CompressionStrategy getCompressionStrategy() {
    State state = getStoreVersionState();
    return state == null
        ? CompressionStrategy.NO_OP
        : CompressionStrategy.valueOf(state.compressionStrategy());
  }

  /** Returns the dictionary of the values, or null. */
  byte[] getCompressionDictionary() {
    State state = getStoreVersionState();
    return state == null ? null : state.dictionary();
  }

  /**
   * Returns what decompresses values; null if they are not compressed.
   *
   * @throws VeniceException if there is no such strategy
   * @throws IllegalStateException if a dictionary is needed and there is none
   */
  Compressor getCompressor() {
    CompressionStrategy strategy = getCompressionStrategy();
    if (strategy == CompressionStrategy.NO_OP) {
      return null;
    }
    Compressor compressor = getStoreVersionState().compressor();
    if (compressor == null && strategy == CompressionStrategy.ZSTD_WITH_DICT) {
      throw new IllegalStateException("Got a null dictionary for: " + version.resource());
    }
    if (compressor == null) {
      throw new VeniceException("there is no compressor of the strategy " + strategy);
    }
    return compressor;
  }

  /** Returns the stored record of a key, or null. */
  byte[] get(int partitionId, ByteBuffer key) {
    Lock lock = getRWLockForPartitionOrThrow(partitionId).readLock();
    lock.lock();
    try {
      PartitionDatabase partition = version.findPartition(partitionId);
      if (partition == null) {
        throw new PersistenceFailureException(
            "Partition: " + partitionId + " of store: " + version.resource() + " does not exist");
      }
      return get(partition, partitionId, key);
    } finally {
      lock.unlock();
    }
  }

  private ReadWriteLock getRWLockForPartitionOrThrow(int partitionId) {
    if (partitionId < 0) {
      // Venice's SparseConcurrentList says this.
      throw new IllegalArgumentException("Index cannot be negative.");
    }
    // Venice keeps the metadata partition apart from the list of partitions.
    ReadWriteLock lock =
        partitionId == StoreVersion.METADATA_PARTITION ? null : version.adjustmentLock(partitionId);
    if (lock == null) {
      throw new VeniceException(
          "Failed to get read-write lock for partition: "
              + partitionId
              + ", store: "
              + version.resource());
    }
    return lock;
  }

  private byte[] get(PartitionDatabase partition, int partitionId, ByteBuffer key) {
    String replicaId = version.resource() + "-" + partitionId;
    Lock lock = partition.readLock();
    lock.lock();
    try {
      if (partition.isClosed()) {
        throw new VeniceException(
            "RocksDB has been closed for replica: "
                + replicaId
                + ", partition id: "
                + partitionId
                + ", any further operation is disallowed");
      }
      return partition
          .database()
          .get(key.array(), key.arrayOffset() + key.position(), key.remaining());
    } catch (RocksDBException e) {
      throw new VeniceException("Failed to get value from RocksDB: " + replicaId, e);
    } finally {
      lock.unlock();
    }
  }

  /** Returns the state, kept until another one is put; null if there is none. */
  private State getStoreVersionState() {
    // Before the read: what is put in between is then seen by the next caller.
    long stateChanges = version.stateChanges();
    KnownState known = this.known;
    if (known == null || known.stateChanges() != stateChanges) {
      known = new KnownState(stateChanges, readStoreVersionState());
      this.known = known;
    }
    return known.state();
  }

  private State readStoreVersionState() {
    PartitionDatabase metadata = version.findPartition(StoreVersion.METADATA_PARTITION);
    if (metadata == null) {
      return null;
    }
    byte[] stored =
        get(metadata, StoreVersion.METADATA_PARTITION, ByteBuffer.wrap(StoreVersionStates.KEY));
    if (stored == null) {
      return null;
    }
    GenericRecord state = StoreVersionStateSerializer.deserialize(stored);
    byte[] dictionary = bytes((ByteBuffer) state.get("compressionDictionary"));
    int strategy = (Integer) state.get("compressionStrategy");
    return new State(
        (Boolean) state.get("chunked"), strategy, dictionary, compressor(strategy, dictionary));
  }

  private static Compressor compressor(int strategy, byte[] dictionary) {
    for (com.linkedin.venice.rust.testing.CompressionStrategy known :
        com.linkedin.venice.rust.testing.CompressionStrategy.values()) {
      if (known.id() == strategy
          && (strategy != CompressionStrategy.ZSTD_WITH_DICT.getValue() || dictionary != null)) {
        return Compressor.of(known, dictionary);
      }
    }
    return null;
  }

  private static byte[] bytes(ByteBuffer buffer) {
    if (buffer == null) {
      return null;
    }
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
