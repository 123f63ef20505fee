package com.linkedin.venice.rust.testing;

import java.util.Objects;

/**
 * What defines a store version that is to be written. Immutable; {@code with...} returns a copy.
 */
public final class StoreVersionConfig {
  /** Venice's writer splits a value above this size, in bytes. */
  public static final int DEFAULT_CHUNK_BYTES = 950 * 1024;

  private static final int DEFAULT_ROWS_PER_SST_FILE = 100_000;

  private final String store;
  private final int version;
  private final int partitionCount;
  private TableFormat tableFormat = TableFormat.BLOCK_BASED;
  private Compressor compressor = Compressor.of(CompressionStrategy.NO_OP, null);
  private byte[] dictionary;
  private boolean chunked;
  private int chunkBytes = DEFAULT_CHUNK_BYTES;
  private boolean sorted = true;
  private int rowsPerSstFile = DEFAULT_ROWS_PER_SST_FILE;

  /** Defines {@code <store>_v<version>}: block-based, not compressed, not chunked, sorted. */
  public StoreVersionConfig(String store, int version, int partitionCount) {
    this.store = Objects.requireNonNull(store, "store");
    this.version = atLeastOne("version", version);
    this.partitionCount = atLeastOne("partition count", partitionCount);
  }

  private StoreVersionConfig(StoreVersionConfig that) {
    store = that.store;
    version = that.version;
    partitionCount = that.partitionCount;
    tableFormat = that.tableFormat;
    compressor = that.compressor;
    dictionary = that.dictionary;
    chunked = that.chunked;
    chunkBytes = that.chunkBytes;
    sorted = that.sorted;
    rowsPerSstFile = that.rowsPerSstFile;
  }

  /** Returns a copy with a file format. */
  public StoreVersionConfig withTableFormat(TableFormat format) {
    StoreVersionConfig copy = new StoreVersionConfig(this);
    copy.tableFormat = Objects.requireNonNull(format, "format");
    return copy;
  }

  /** Returns a copy with a compression; {@code dictionary} is null unless the strategy needs it. */
  public StoreVersionConfig withCompression(CompressionStrategy strategy, byte[] dictionary) {
    StoreVersionConfig copy = new StoreVersionConfig(this);
    copy.compressor = Compressor.of(strategy, dictionary);
    copy.dictionary = dictionary;
    return copy;
  }

  /** Returns a copy in which values above {@code chunkBytes} are split. */
  public StoreVersionConfig withChunks(int chunkBytes) {
    StoreVersionConfig copy = new StoreVersionConfig(this);
    copy.chunked = true;
    copy.chunkBytes = atLeastOne("chunk size", chunkBytes);
    return copy;
  }

  /** Returns a copy that is written by puts, as a push of unsorted or real-time data is. */
  public StoreVersionConfig withPuts() {
    StoreVersionConfig copy = new StoreVersionConfig(this);
    copy.sorted = false;
    return copy;
  }

  /** Returns a copy whose push starts a new SST file after so many rows. */
  public StoreVersionConfig withRowsPerSstFile(int rows) {
    StoreVersionConfig copy = new StoreVersionConfig(this);
    copy.rowsPerSstFile = atLeastOne("rows per SST file", rows);
    return copy;
  }

  /** Returns {@code <store>_v<version>}. */
  public String resource() {
    return store + "_v" + version;
  }

  /** Returns the number of partitions. */
  public int partitionCount() {
    return partitionCount;
  }

  /** Returns the file format. */
  public TableFormat tableFormat() {
    return tableFormat;
  }

  /** Returns the compressor of the values. */
  public Compressor compressor() {
    return compressor;
  }

  /** Returns the zstd dictionary, or null. */
  public byte[] dictionary() {
    return dictionary;
  }

  /** Returns whether keys have the chunk suffix. */
  public boolean chunked() {
    return chunked;
  }

  /** Returns the largest part of a value in one entry, in bytes. */
  public int chunkBytes() {
    return chunkBytes;
  }

  /** Returns whether the rows of the push come in the order of their keys. */
  public boolean sorted() {
    return sorted;
  }

  /**
   * Returns whether the push writes SST files beside the database and ingests them at its end.
   * Plain tables cannot be ingested, so Venice puts those rows even if the push is sorted.
   */
  boolean deferredWrite() {
    return sorted && tableFormat != TableFormat.PLAIN;
  }

  /** Returns the number of rows after which a push starts a new SST file. */
  public int rowsPerSstFile() {
    return rowsPerSstFile;
  }

  private static int atLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " is " + value + ": give at least 1");
    }
    return value;
  }
}
