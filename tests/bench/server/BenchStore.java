package com.linkedin.venice.rust.bench.server;

import com.linkedin.venice.rust.testing.StoreVersion;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.TableFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * What the stores of the benchmark hold: values of one length under keys of 16 bytes in no order.
 * {@code rust/load/src/store.rs} knows the same, so that answers can be compared.
 */
final class BenchStore {
  /** Partitions of every store: a server of a Venice cluster hosts several of each. */
  static final int PARTITIONS = 4;

  private static final String NAME = "values";

  private BenchStore() {}

  /** Returns the store of values of a length. */
  static StoreVersionConfig config(TableFormat format, int valueBytes) {
    return new StoreVersionConfig(NAME + valueBytes, 1, PARTITIONS).withTableFormat(format);
  }

  /** Returns the length of a store's values, which its name says. */
  static int valueBytes(StoreVersion store) {
    String resource = store.resource();
    return Integer.parseInt(resource.substring(NAME.length(), resource.lastIndexOf("_v")));
  }

  /** Returns the key with a number. */
  static byte[] key(long number) {
    return ByteBuffer.allocate(16).putLong(mixed(number)).putLong(number).array();
  }

  /** Returns its value: Marsaglia's xorshift, from a mixed seed. */
  static byte[] value(long number, int bytes) {
    ByteBuffer value = ByteBuffer.allocate((bytes + 7) / 8 * 8).order(ByteOrder.LITTLE_ENDIAN);
    long draw = mixed(number) | 1;
    while (value.hasRemaining()) {
      draw ^= draw << 13;
      draw ^= draw >>> 7;
      draw ^= draw << 17;
      value.putLong(draw);
    }
    return Arrays.copyOf(value.array(), bytes);
  }

  /** The last step of Steele's SplitMix64. */
  private static long mixed(long number) {
    long mixed = number + 0x9E3779B97F4A7C15L;
    mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }
}
