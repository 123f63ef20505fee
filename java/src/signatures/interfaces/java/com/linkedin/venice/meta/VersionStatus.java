package com.linkedin.venice.meta;

/** Signature of Venice's enum of this name; compiled against only. */
public enum VersionStatus {
  STARTED,
  ONLINE
}
