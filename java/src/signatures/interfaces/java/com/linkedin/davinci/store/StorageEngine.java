package com.linkedin.davinci.store;

import java.util.Set;

/** Signature of Venice's interface of this name; compiled against only. */
public interface StorageEngine {
  Set<Integer> getPartitionIds();
}
