package com.linkedin.venice.meta;

import java.util.List;

/** Signature of Venice's interface of this name; compiled against only. */
public interface Store {
  String getName();

  long getReadQuotaInCU();

  List<Version> getVersions();

  boolean isStorageNodeReadQuotaEnabled();

  int getCurrentVersion();

  boolean isReadComputationEnabled();

  boolean isMigrating();

  int getBatchGetLimit();

  int getLatestSuperSetValueSchemaId();
}
