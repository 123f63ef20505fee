package com.linkedin.venice.rust.bench.server;

import com.linkedin.venice.rust.testing.RocksResources;
import com.linkedin.venice.rust.testing.StoreVersion;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.StoreVersionWriter;
import com.linkedin.venice.rust.testing.TableFormat;
import com.linkedin.venice.rust.testing.VenicePartitioner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.rocksdb.RocksDBException;

/**
 * Writes the stores of the benchmark once, as Venice's batch push does; each server gets a copy.
 *
 * <p>{@code StoreWriter FOLDER TABLE_FORMAT KEYS VALUE_BYTES...}: below {@code FOLDER/rocksdb} the
 * store versions, and beside it {@code <store version>.partitions}, a byte for each key.
 */
public final class StoreWriter {
  private StoreWriter() {}

  /** See the class. */
  public static void main(String[] words) throws IOException, RocksDBException {
    Path folder = Path.of(words[0]);
    TableFormat format = TableFormat.valueOf(words[1]);
    int keys = Integer.parseInt(words[2]);
    try (RocksResources resources = new RocksResources()) {
      for (int i = 3; i < words.length; i++) {
        int valueBytes = Integer.parseInt(words[i]);
        write(folder, BenchStore.config(format, valueBytes), keys, valueBytes, resources).close();
      }
    }
  }

  private static StoreVersion write(
      Path folder, StoreVersionConfig config, int keys, int valueBytes, RocksResources resources)
      throws IOException, RocksDBException {
    byte[] partitions = new byte[keys];
    try (StoreVersionWriter writer = new StoreVersionWriter(folder, config, resources)) {
      for (int number = 0; number < keys; number++) {
        byte[] key = BenchStore.key(number);
        partitions[number] = (byte) VenicePartitioner.partition(key, config.partitionCount());
        writer.add(key, 1, BenchStore.value(number, valueBytes));
      }
      Files.write(folder.resolve(config.resource() + ".partitions"), partitions);
      return writer.endOfPush();
    }
  }
}
