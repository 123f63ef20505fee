package com.linkedin.venice.rust.testing;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteOptions;

/**
 * One open partition: a whole RocksDB database, opened and written through {@code org.rocksdb} in
 * the way of Venice's {@code RocksDBStoragePartition}.
 *
 * <p>Keys and values are those of the database, so with chunk suffix and schema-id header. Closing
 * is explicit about errors: unlike {@link RocksDB#close()}, which swallows them.
 */
public final class PartitionDatabase implements AutoCloseable {
  /** The second column family, which active-active stores have; it has to be opened if present. */
  public static final String REPLICATION_METADATA_COLUMN_FAMILY = "timestamp_metadata";

  /** How a partition is opened. */
  public enum Mode {
    /** During a push: options that put off compaction. */
    PUSHING,
    /** After the push. */
    SERVING,
    /** After the push of a batch-only store, when the server opens those read-only. */
    READ_ONLY
  }

  private final Path directory;
  private final Options options;
  private final WriteOptions writeOptions;
  private final List<ColumnFamilyHandle> columnFamilies = new ArrayList<>();
  private final ReadWriteLock readCloseLock = new ReentrantReadWriteLock();
  private final RocksDB database;
  private boolean closed;

  private PartitionDatabase(
      Path directory, RocksResources resources, TableFormat format, Mode mode, boolean writeAhead)
      throws RocksDBException {
    this.directory = directory;
    options = PartitionOptions.create(resources, format, mode == Mode.PUSHING);
    writeOptions = new WriteOptions().setDisableWAL(!writeAhead);
    try {
      database = open(mode == Mode.READ_ONLY);
    } catch (RocksDBException e) {
      writeOptions.close();
      options.close();
      throw e;
    }
  }

  /** Opens a data partition; its puts go past the write-ahead log, as Venice's do. */
  static PartitionDatabase openData(
      Path directory, RocksResources resources, TableFormat format, Mode mode)
      throws RocksDBException {
    return new PartitionDatabase(directory, resources, format, mode, false);
  }

  /** Opens a metadata partition; its puts go to the write-ahead log. */
  static PartitionDatabase openMetadata(Path directory, RocksResources resources)
      throws RocksDBException {
    return new PartitionDatabase(directory, resources, TableFormat.BLOCK_BASED, Mode.SERVING, true);
  }

  private RocksDB open(boolean readOnly) throws RocksDBException {
    String path = directory.toString();
    List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
    try (ColumnFamilyOptions familyOptions = new ColumnFamilyOptions(options);
        DBOptions databaseOptions = new DBOptions(options)) {
      descriptors.add(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, familyOptions));
      if (Files.exists(directory.resolve("CURRENT"))) {
        for (byte[] name : RocksDB.listColumnFamilies(options, path)) {
          if (new String(name, StandardCharsets.UTF_8).equals(REPLICATION_METADATA_COLUMN_FAMILY)) {
            descriptors.add(new ColumnFamilyDescriptor(name, familyOptions));
          }
        }
      }
      return readOnly
          ? RocksDB.openReadOnly(databaseOptions, path, descriptors, columnFamilies)
          : RocksDB.open(databaseOptions, path, descriptors, columnFamilies);
    }
  }

  /** Returns the directory of the database. */
  public Path directory() {
    return directory;
  }

  /** Returns the database itself, which stays this object's to close. */
  public RocksDB database() {
    return database;
  }

  /**
   * Returns the lock that keeps the database open, as {@code readCloseRWLock} in Venice. Who reads
   * beside the thread that closes holds it, and asks {@link #isClosed} first.
   */
  public Lock readLock() {
    return readCloseLock.readLock();
  }

  /** Returns whether the database was closed; the answer lasts while {@link #readLock} is held. */
  public boolean isClosed() {
    return closed;
  }

  /** Returns the options the partition was opened with; SST files are written with the same. */
  Options options() {
    return options;
  }

  /** Puts one entry. */
  public void put(byte[] key, byte[] value) throws RocksDBException {
    database.put(writeOptions, key, 0, key.length, value, 0, value.length);
  }

  /** Returns an entry's value, or null. */
  public byte[] get(byte[] key) throws RocksDBException {
    return database.get(key);
  }

  /** Deletes one entry, through the write-ahead log as Venice's deletes do. */
  public void delete(byte[] key) throws RocksDBException {
    database.delete(key);
  }

  /** Adds finished SST files; they are moved, not copied. */
  void ingest(List<String> sstFiles) throws RocksDBException {
    try (IngestExternalFileOptions ingest = new IngestExternalFileOptions().setMoveFiles(true)) {
      database.ingestExternalFile(columnFamilies.get(0), sstFiles, ingest);
    }
  }

  /** Writes the memtables to files. */
  public void flush() throws RocksDBException {
    try (FlushOptions flush = new FlushOptions().setWaitForFlush(true)) {
      database.flush(flush, columnFamilies);
    }
  }

  /**
   * Closes the database and releases its files, after the readers that hold {@link #readLock}.
   * Calling it again does nothing.
   *
   * @throws RocksDBException if the native close reported an error, for example that readers did
   *     not leave within its deadline
   */
  @Override
  public void close() throws RocksDBException {
    readCloseLock.writeLock().lock();
    try {
      closed = true;
      database.closeE();
    } finally {
      readCloseLock.writeLock().unlock();
      writeOptions.close();
      options.close();
    }
  }
}
