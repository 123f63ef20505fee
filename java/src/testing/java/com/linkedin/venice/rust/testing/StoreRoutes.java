package com.linkedin.venice.rust.testing;

import java.util.Objects;
import java.util.function.IntFunction;

/**
 * What a client knows of a store version; Venice's client fetches it from the metadata endpoint.
 *
 * @param resource the store version, {@code <store>_v<N>}
 * @param partitionCount the number of partitions
 * @param address the {@code host:port} of the replica that is asked for a partition
 * @param dictionary the zstd dictionary, null unless the store version is compressed with one
 */
public record StoreRoutes(
    String resource, int partitionCount, IntFunction<String> address, byte[] dictionary) {
  /** Checks the parts. */
  public StoreRoutes {
    Objects.requireNonNull(resource, "resource");
    Objects.requireNonNull(address, "address");
    if (partitionCount < 1) {
      throw new IllegalArgumentException(
          "partition count is " + partitionCount + ": give at least 1");
    }
  }

  /** Returns the routes of a store version whose partitions are all on one server. */
  public static StoreRoutes oneServer(String resource, int partitionCount, String address) {
    return new StoreRoutes(resource, partitionCount, partition -> address, null);
  }

  /** Returns these routes with the dictionary of the store version. */
  public StoreRoutes withDictionary(byte[] zstdDictionary) {
    return new StoreRoutes(resource, partitionCount, address, zstdDictionary);
  }
}
