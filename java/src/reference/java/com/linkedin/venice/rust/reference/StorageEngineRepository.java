package com.linkedin.venice.rust.reference;

import com.linkedin.venice.rust.testing.HostedStoreVersions;
import com.linkedin.venice.rust.testing.StoreVersion;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The engines of the store versions that are hosted here. Thread-safe. */
final class StorageEngineRepository {
  private final HostedStoreVersions stores;
  private final Map<String, StorageEngine> engines = new ConcurrentHashMap<>();

  StorageEngineRepository(HostedStoreVersions stores) {
    this.stores = stores;
  }

  /** Returns the engine of a store version, or null. */
  StorageEngine getLocalStorageEngine(String resource) {
    StoreVersion version = stores.find(resource);
    if (version == null) {
      engines.remove(resource);
      return null;
    }
    return engines.compute(
        resource,
        (name, known) -> known != null && known.isOf(version) ? known : new StorageEngine(version));
  }
}
