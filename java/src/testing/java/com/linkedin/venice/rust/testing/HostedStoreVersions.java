package com.linkedin.venice.rust.testing;

/** The store versions of this JVM, by name, for a reader in Java. */
public interface HostedStoreVersions {
  /**
   * Returns a store version with partitions open here, or null.
   *
   * @param resource {@code <store>_v<N>}
   */
  StoreVersion find(String resource);
}
