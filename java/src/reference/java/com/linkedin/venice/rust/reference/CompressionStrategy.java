package com.linkedin.venice.rust.reference;

import com.linkedin.venice.exceptions.VeniceException;

/** How values are compressed. ZSTD is deprecated; a server still hands it on. */
enum CompressionStrategy {
  NO_OP,
  GZIP,
  ZSTD,
  ZSTD_WITH_DICT;

  private static final CompressionStrategy[] TYPES = values();

  static CompressionStrategy valueOf(int value) {
    if (value < 0 || value >= TYPES.length) {
      throw new VeniceException("Invalid enum value for CompressionStrategy: " + value);
    }
    return TYPES[value];
  }

  /** Returns the number on the wire and in the store-version state. */
  int getValue() {
    return ordinal();
  }
}
