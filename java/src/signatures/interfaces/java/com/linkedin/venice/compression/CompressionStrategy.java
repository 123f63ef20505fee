package com.linkedin.venice.compression;

/** Signature of Venice's enum of this name; compiled against only. */
public enum CompressionStrategy {
  NO_OP,
  GZIP,
  ZSTD,
  ZSTD_WITH_DICT
}
