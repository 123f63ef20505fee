package com.linkedin.venice.rust.adapter;

import com.linkedin.venice.meta.ReadOnlyStoreRepository;
import com.linkedin.venice.meta.Store;
import com.linkedin.venice.meta.StoreDataChangedListener;
import com.linkedin.venice.meta.Version;
import com.linkedin.venice.meta.VersionStatus;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The stores of Venice's {@code ReadOnlyStoreRepository}. */
public final class VeniceStores implements StoreSource {
  private final ReadOnlyStoreRepository repository;
  private final Map<Listener, StoreDataChangedListener> listeners = new ConcurrentHashMap<>();

  /** Reads from a repository. */
  public VeniceStores(ReadOnlyStoreRepository repository) {
    this.repository = repository;
  }

  @Override
  public Collection<StoreState> stores() {
    List<StoreState> stores = new ArrayList<>();
    for (Store store : repository.getAllStores()) {
      stores.add(state(store));
    }
    return stores;
  }

  @Override
  public StoreState store(String storeName) {
    Store store = repository.getStore(storeName);
    return store == null ? null : state(store);
  }

  private static StoreState state(Store store) {
    List<StoreState.VersionState> versions = new ArrayList<>();
    for (Version version : store.getVersions()) {
      versions.add(
          new StoreState.VersionState(
              version.kafkaTopicName(),
              version.getStatus() == VersionStatus.ONLINE,
              version.getPartitionCount()));
    }
    return new StoreState(
        store.getName(),
        store.getReadQuotaInCU(),
        store.isStorageNodeReadQuotaEnabled(),
        versions);
  }

  @Override
  public void addListener(Listener listener) {
    StoreDataChangedListener ofVenice =
        new StoreDataChangedListener() {
          @Override
          public void handleStoreCreated(Store store) {
            listener.storeChanged(state(store));
          }

          @Override
          public void handleStoreChanged(Store store) {
            listener.storeChanged(state(store));
          }

          @Override
          public void handleStoreDeleted(String storeName) {
            listener.storeDeleted(storeName);
          }
        };
    listeners.put(listener, ofVenice);
    repository.registerStoreDataChangedListener(ofVenice);
  }

  @Override
  public void removeListener(Listener listener) {
    StoreDataChangedListener ofVenice = listeners.remove(listener);
    if (ofVenice != null) {
      repository.unregisterStoreDataChangedListener(ofVenice);
    }
  }
}
