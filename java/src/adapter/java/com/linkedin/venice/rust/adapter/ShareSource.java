package com.linkedin.venice.rust.adapter;

import java.util.OptionalDouble;

/** Where the part of a store's reads that falls to this node is known. */
public interface ShareSource {
  /** Hears of changes; never blocks long, never throws. */
  interface Listener {
    /** The share of a store version may have changed. */
    void shareChanged(String storeVersion);
  }

  /**
   * Returns this node's share of a store version: for each partition, the replicas here that are
   * ready to serve over all that are, averaged over the partitions.
   *
   * @return 0 to 1; empty if it is not known, which leaves the quota as it is
   */
  OptionalDouble share(StoreState.VersionState version);

  /** Sets the listener, once, and begins to find out. */
  void start(Listener listener);

  /** Follows a store version; again is harmless. */
  void follow(String storeVersion);

  /** Follows it no longer. */
  void unfollow(String storeVersion);
}
