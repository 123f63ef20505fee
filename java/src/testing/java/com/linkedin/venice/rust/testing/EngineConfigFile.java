package com.linkedin.venice.rust.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Properties;

/**
 * The properties file {@code rocksdbConfig} beside the files of the metadata partition, by which a
 * Venice server notices at a restart that a store version was written in another file format.
 */
final class EngineConfigFile {
  private static final String NAME = "rocksdbConfig";
  private static final String PLAIN_TABLE = "rocksdb.plain.table.format.enabled";

  private EngineConfigFile() {}

  static void write(Path metadataPartition, TableFormat format) throws IOException {
    Properties properties = new Properties();
    properties.setProperty(PLAIN_TABLE, Boolean.toString(format == TableFormat.PLAIN));
    try (OutputStream out = Files.newOutputStream(metadataPartition.resolve(NAME))) {
      properties.store(out, null);
    }
  }

  static void check(Path metadataPartition, TableFormat format) throws IOException {
    Path file = metadataPartition.resolve(NAME);
    Properties properties = new Properties();
    try (InputStream in = Files.newInputStream(file)) {
      properties.load(in);
    } catch (NoSuchFileException e) {
      throw new IOException("there is no store version here: " + file + " is missing", e);
    }
    boolean plain = Boolean.parseBoolean(properties.getProperty(PLAIN_TABLE));
    if (plain != (format == TableFormat.PLAIN)) {
      throw new IOException(
          file + " says " + PLAIN_TABLE + "=" + plain + ", so it cannot be opened as " + format);
    }
  }
}
