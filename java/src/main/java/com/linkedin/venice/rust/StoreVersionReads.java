package com.linkedin.venice.rust;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** How much a store version was read by the read servers of this process. Immutable. */
public final class StoreVersionReads {
  private final String storeVersion;
  private final long reads;
  private final long lastReadMillis;

  private StoreVersionReads(String storeVersion, long reads, long lastReadMillis) {
    this.storeVersion = storeVersion;
    this.reads = reads;
    this.lastReadMillis = lastReadMillis;
  }

  /** Reads what the library hands over: a line for each. */
  static List<StoreVersionReads> parse(String rows) {
    List<StoreVersionReads> all = new ArrayList<>();
    for (int at = 0; at < rows.length(); ) {
      int end = rows.indexOf('\n', at);
      String[] columns = rows.substring(at, end).split("\t", -1);
      if (columns.length != 3) {
        throw new IllegalArgumentException(
            "a row of reads has " + columns.length + " columns: the jars do not match");
      }
      all.add(
          new StoreVersionReads(
              columns[0], Long.parseLong(columns[1]), Long.parseLong(columns[2])));
      at = end + 1;
    }
    return Collections.unmodifiableList(all);
  }

  /** {@code <store>_v<N>}. */
  public String storeVersion() {
    return storeVersion;
  }

  /**
   * How often its partitions were read since the version came to this process, found or not: once
   * for a single get, and once for each partition that a batch or a slice of it has keys of. Only
   * grows while the version is here, also when partitions are closed and opened again; one that is
   * deleted and pushed anew begins at 0.
   */
  public long reads() {
    return reads;
  }

  /**
   * When it was last read, by the clock of the system; null if it never was. A read is noticed by
   * the first look after it ({@link RustReadServer#versionReads}), which is the time told here: look
   * as often as it is to be exact.
   */
  public Instant lastRead() {
    return lastReadMillis < 0 ? null : Instant.ofEpochMilli(lastReadMillis);
  }

  @Override
  public String toString() {
    return storeVersion + ": " + reads + " reads, last " + (reads == 0 ? "never" : lastRead());
  }
}
