package com.linkedin.davinci.storage;

import com.linkedin.davinci.store.StorageEngine;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stand-in for Venice's class of this name. */
public class StorageEngineRepository {
  private final Map<String, Set<Integer>> partitions = new ConcurrentHashMap<>();

  public void add(String storeVersion, Set<Integer> ids) {
    partitions.put(storeVersion, ids);
  }

  public StorageEngine getLocalStorageEngine(String storeName) {
    Set<Integer> ids = partitions.get(storeName);
    return ids == null ? null : () -> ids;
  }
}
