package com.linkedin.venice.metadata.response;

/** Stand-in for Venice's class of this name. */
public class VersionProperties {
  public int currentVersion;

  public int getCurrentVersion() {
    return currentVersion;
  }

  public int getStorageMode() {
    return 0;
  }
}
