package com.linkedin.venice.rust.tests;

import com.linkedin.venice.rust.testing.RecordLayout;
import com.linkedin.venice.rust.testing.RocksResources;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.StoreVersion;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.StoreVersionWriter;
import com.linkedin.venice.rust.testing.TableFormat;
import com.linkedin.venice.rust.testing.VenicePartitioner;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Writes or checks the store versions of {@link StockRocksJavaTest} in a JVM of its own, with the
 * RocksDB library that is on its class path. It uses nothing of the read server.
 */
public final class StoreProgram {
  /** The rows of every store version. */
  static final SampleRows ROWS = new SampleRows(2000, 0, 3000);

  /** One of each way to write. */
  static final List<StoreVersionConfig> STORE_VERSIONS =
      List.of(
          new StoreVersionConfig("ingested", 1, 3).withRowsPerSstFile(100),
          new StoreVersionConfig("chunked", 2, 3).withChunks(500),
          new StoreVersionConfig("put", 3, 3).withPuts(),
          new StoreVersionConfig("plain", 4, 3).withTableFormat(TableFormat.PLAIN),
          new StoreVersionConfig("blobs", 5, 3)
              .withPuts()
              .withTableFormat(TableFormat.BLOCK_BASED_WITH_BLOB_FILES));

  private StoreProgram() {}

  /** Takes {@code write} or {@code check} and the data path, and prints which library it used. */
  public static void main(String[] args) throws Exception {
    Path data = Path.of(args[1]);
    try (RocksResources resources = new RocksResources()) {
      for (StoreVersionConfig config : STORE_VERSIONS) {
        if (args[0].equals("write")) {
          write(data, config, resources);
        } else {
          check(data, config, resources);
        }
      }
    }
    System.out.println(args[0] + " done with " + library());
  }

  static void write(Path data, StoreVersionConfig config, RocksResources resources)
      throws Exception {
    try (StoreVersionWriter writer = new StoreVersionWriter(data, config, resources)) {
      ROWS.addTo(writer);
      writer.endOfPush().close();
    }
  }

  /** Compares every entry of the databases with what this program would have written itself. */
  static void check(Path data, StoreVersionConfig config, RocksResources resources)
      throws Exception {
    RecordLayout layout = new RecordLayout(config);
    try (StoreVersion version = StoreVersion.open(data, config, resources)) {
      for (int i = 0; i < ROWS.count(); i++) {
        int partition = VenicePartitioner.partition(ROWS.key(i), config.partitionCount());
        for (RecordLayout.Entry entry :
            layout.entries(ROWS.key(i), ROWS.value(i).schemaId(), ROWS.value(i).payload())) {
          byte[] stored = version.partition(partition).get(entry.key());
          if (!Arrays.equals(entry.value(), stored)) {
            throw new AssertionError("row " + i + " of " + config.resource() + " differs");
          }
        }
      }
    }
  }

  /** Returns the jar or directory that the RocksDB library was taken from. */
  static String library() {
    String name = org.rocksdb.util.Environment.getJniLibraryFileName("rocksdb");
    return String.valueOf(StoreProgram.class.getClassLoader().getResource(name));
  }
}
