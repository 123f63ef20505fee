package com.linkedin.venice.rust.testing;

import com.linkedin.venice.rust.testing.PartitionDatabase.Mode;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.rocksdb.EnvOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileWriter;

/**
 * Writes a store version through unchanged {@code org.rocksdb} classes, in the steps of Venice's
 * batch push.
 *
 * <ol>
 *   <li>Start of push: the metadata partition is opened and the store-version state put.
 *   <li>Each partition's database is opened, empty. A sorted push writes its rows, in the order of
 *       their keys, to {@code .sst_files/sst_file_0} and on; another one, or one of plain tables,
 *       puts them.
 *   <li>End of push: the files are ingested by moving them (or the memtables flushed), and the
 *       partition is closed and opened again with the options for serving.
 *   <li>The state is put again, with the time of the end of push.
 * </ol>
 *
 * <p>The rows are held in memory until the end of push. The offset records {@code P_<p>} of
 * ingestion are not written: reads never look at them. Not thread-safe.
 */
public final class StoreVersionWriter implements AutoCloseable {
  private final StoreVersionConfig config;
  private final RecordLayout layout;
  private final List<Map<byte[], byte[]>> rows = new ArrayList<>();
  private final long startOfPush = System.currentTimeMillis();
  private StoreVersion version;

  /** Told of each row that has been written, for progress. */
  public interface RowListener {
    /** Called after a row has been written. */
    void written();
  }

  /**
   * Starts a push.
   *
   * @param dataPath the directory that contains {@code rocksdb}, or will
   * @throws FileAlreadyExistsException if the store version exists already
   */
  public StoreVersionWriter(Path dataPath, StoreVersionConfig config, RocksResources resources)
      throws IOException, RocksDBException {
    this.config = config;
    this.layout = new RecordLayout(config);
    Path directory = StoreVersion.directory(dataPath, config.resource());
    if (Files.exists(directory)) {
      throw new FileAlreadyExistsException(
          directory.toString(), null, "delete it, or write to another data directory");
    }
    Files.createDirectories(directory);
    for (int partition = 0; partition < config.partitionCount(); partition++) {
      rows.add(new TreeMap<>(Arrays::compareUnsigned));
    }
    version = new StoreVersion(dataPath, config, resources);
    try {
      version.openPartition(StoreVersion.METADATA_PARTITION);
      EngineConfigFile.write(
          version.partitionDirectory(StoreVersion.METADATA_PARTITION), config.tableFormat());
      version.putState(startOfPush, 0);
    } catch (IOException | RocksDBException | RuntimeException e) {
      version.closeAfter(e);
      throw e;
    }
  }

  /**
   * Adds a row, in any order.
   *
   * @param schemaId the id of the payload's writer schema, above 0
   * @param payload the Avro binary record, not compressed
   * @throws IllegalArgumentException if the key was added before, or the schema id is not above 0
   */
  public void add(byte[] key, int schemaId, byte[] payload) {
    if (schemaId < 1) {
      throw new IllegalArgumentException("schema id is " + schemaId + ": give at least 1");
    }
    Map<byte[], byte[]> partition =
        rows.get(VenicePartitioner.partition(key, config.partitionCount()));
    if (partition.containsKey(layout.topLevelKey(key))) {
      throw new IllegalArgumentException(
          "the key " + HexFormat.of().formatHex(key) + " was added before");
    }
    for (RecordLayout.Entry entry : layout.entries(key, schemaId, payload)) {
      partition.put(entry.key(), entry.value());
    }
  }

  /** Writes the rows, ends the push, and returns the store version with its partitions open. */
  public StoreVersion endOfPush() throws IOException, RocksDBException {
    return endOfPush(() -> {});
  }

  /** As {@link #endOfPush()}; a listener is told of each database entry that was written. */
  public StoreVersion endOfPush(RowListener listener) throws IOException, RocksDBException {
    for (int partition = 0; partition < config.partitionCount(); partition++) {
      version.openPartition(partition, Mode.PUSHING);
      PartitionDatabase database = version.partition(partition);
      if (config.deferredWrite()) {
        List<String> files = writeSstFiles(database, rows.get(partition), listener);
        if (!files.isEmpty()) {
          database.ingest(files);
        }
      } else {
        for (Map.Entry<byte[], byte[]> row : rows.get(partition).entrySet()) {
          database.put(row.getKey(), row.getValue());
          listener.written();
        }
        database.flush();
      }
      rows.get(partition).clear();
      version.reopenPartition(partition);
    }
    version.putState(startOfPush, System.currentTimeMillis());
    StoreVersion written = version;
    version = null;
    return written;
  }

  /** Closes what is open, if the push did not end. */
  @Override
  public void close() throws RocksDBException {
    if (version != null) {
      version.close();
      version = null;
    }
  }

  private List<String> writeSstFiles(
      PartitionDatabase database, Map<byte[], byte[]> sortedRows, RowListener listener)
      throws IOException, RocksDBException {
    Path directory = database.directory().resolve(".sst_files");
    Files.createDirectories(directory);
    List<String> files = new ArrayList<>();
    try (EnvOptions env = new EnvOptions().setUseDirectWrites(false);
        SstFileWriter writer = new SstFileWriter(env, database.options())) {
      int rowsInFile = 0;
      for (Map.Entry<byte[], byte[]> row : sortedRows.entrySet()) {
        if (rowsInFile == 0) {
          String file = directory.resolve("sst_file_" + files.size()).toString();
          writer.open(file);
          files.add(file);
        }
        writer.put(row.getKey(), row.getValue());
        listener.written();
        rowsInFile++;
        if (rowsInFile == config.rowsPerSstFile()) {
          writer.finish();
          rowsInFile = 0;
        }
      }
      if (rowsInFile > 0) {
        writer.finish();
      }
    }
    return files;
  }
}
