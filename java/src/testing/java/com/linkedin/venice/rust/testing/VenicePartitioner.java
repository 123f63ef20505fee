package com.linkedin.venice.rust.testing;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Venice's {@code DefaultVenicePartitioner}: the MD5 of the key bytes as an unsigned big-endian
 * integer, modulo the number of partitions. The chunk suffix is no part of the key.
 */
public final class VenicePartitioner {
  private VenicePartitioner() {}

  /**
   * Returns the partition of a key, from 0 to {@code partitionCount - 1}.
   *
   * @param key the serialized key, without a chunk suffix
   */
  public static int partition(byte[] key, int partitionCount) {
    if (partitionCount < 1) {
      throw new IllegalArgumentException(
          "partition count is " + partitionCount + ": give at least 1");
    }
    try {
      byte[] digest = MessageDigest.getInstance("MD5").digest(key);
      return new BigInteger(1, digest).mod(BigInteger.valueOf(partitionCount)).intValue();
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has MD5", e);
    }
  }
}
