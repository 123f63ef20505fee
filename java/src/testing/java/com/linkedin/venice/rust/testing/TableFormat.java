package com.linkedin.venice.rust.testing;

/** The file formats in which Venice stores a partition. */
public enum TableFormat {
  /** Block-based table, format version 2, without a filter: Venice's default. */
  BLOCK_BASED,
  /** Block-based table with values of 4 KiB and more in blob files. */
  BLOCK_BASED_WITH_BLOB_FILES,
  /** Plain table, read through a memory map. */
  PLAIN
}
