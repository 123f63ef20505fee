package com.linkedin.venice.metadata.response;

/** Signature of Venice's class of this name; compiled against only. */
public class VersionProperties {
  public int getCurrentVersion() {
    throw new UnsupportedOperationException();
  }

  public int getStorageMode() {
    throw new UnsupportedOperationException();
  }
}
