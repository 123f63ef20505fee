package com.linkedin.venice.rust.adapter;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;

/** What the read path has to know of a store. Immutable. */
public final class StoreState {
  private final String name;
  private final long quotaRcu;
  private final boolean quotaEnforced;
  private final List<VersionState> versions;

  /**
   * Makes the state of a store.
   *
   * @param quotaRcu the read quota of the whole store, RCU a second ({@code
   *     Store#getReadQuotaInCU})
   * @param quotaEnforced {@code Store#isStorageNodeReadQuotaEnabled}
   * @param versions all versions, not only the current one
   */
  public StoreState(
      String name, long quotaRcu, boolean quotaEnforced, List<VersionState> versions) {
    this.name = Objects.requireNonNull(name, "name");
    this.quotaRcu = quotaRcu;
    this.quotaEnforced = quotaEnforced;
    this.versions = Collections.unmodifiableList(new ArrayList<>(versions));
  }

  /** Returns the name of the store. */
  public String name() {
    return name;
  }

  /** Returns the read quota of the whole store, RCU a second. */
  public long quotaRcu() {
    return quotaRcu;
  }

  /** Returns whether reads of the store are held to a quota. */
  public boolean quotaEnforced() {
    return quotaEnforced;
  }

  /** Returns the versions of the store. */
  public List<VersionState> versions() {
    return versions;
  }

  /** A version of a store. Immutable. */
  public static final class VersionState {
    private final String storeVersion;
    private final boolean online;
    private final int partitionCount;

    /**
     * Makes the state of a version.
     *
     * @param storeVersion {@code <store>_v<N>}
     * @param online whether its status is ONLINE
     */
    public VersionState(String storeVersion, boolean online, int partitionCount) {
      this.storeVersion = Objects.requireNonNull(storeVersion, "storeVersion");
      this.online = online;
      this.partitionCount = partitionCount;
    }

    /** Returns {@code <store>_v<N>}. */
    public String storeVersion() {
      return storeVersion;
    }

    /** Returns whether its status is ONLINE. */
    public boolean online() {
      return online;
    }

    /** Returns the number of its partitions. */
    public int partitionCount() {
      return partitionCount;
    }
  }
}
