package com.linkedin.venice.rust.testing;

/** How the values of a store version are compressed; the ids of Venice's enum of this name. */
public enum CompressionStrategy {
  /** The payload is the Avro record itself. */
  NO_OP(0),
  /** The payload is a gzip member. */
  GZIP(1),
  /** The payload is a zstd frame made with the dictionary of the store version. */
  ZSTD_WITH_DICT(3);

  private final int id;

  CompressionStrategy(int id) {
    this.id = id;
  }

  /** Returns the number on the wire and in the store-version state. */
  public int id() {
    return id;
  }

  /**
   * Returns the strategy of a number.
   *
   * @throws IllegalArgumentException for an unknown number; 2 (plain ZSTD) is deprecated in Venice
   *     and has no compressor there
   */
  public static CompressionStrategy of(int id) {
    for (CompressionStrategy strategy : values()) {
      if (strategy.id == id) {
        return strategy;
      }
    }
    throw new IllegalArgumentException(
        "there is no compression strategy " + id + ": use 0 (NO_OP), 1 (GZIP), 3 (ZSTD_WITH_DICT)");
  }
}
