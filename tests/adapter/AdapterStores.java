package com.linkedin.venice.rust.tests;

import com.linkedin.venice.compression.CompressionStrategy;
import com.linkedin.venice.meta.PartitionerConfig;
import com.linkedin.venice.meta.ReadOnlyStoreRepository;
import com.linkedin.venice.meta.Store;
import com.linkedin.venice.meta.StoreDataChangedListener;
import com.linkedin.venice.meta.Version;
import com.linkedin.venice.meta.VersionStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stores of a Venice cluster, whose changes are told as Venice's repository tells them. */
final class AdapterStores implements ReadOnlyStoreRepository {
  private final Map<String, Store> stores = new ConcurrentHashMap<>();
  private final List<StoreDataChangedListener> listeners = new CopyOnWriteArrayList<>();

  /** Adds a store or replaces it. */
  void put(String name, long quota, boolean enforced, int... versions) {
    boolean created = stores.put(name, new TestStore(name, quota, enforced, versions)) == null;
    Store store = stores.get(name);
    for (StoreDataChangedListener listener : listeners) {
      if (created) {
        listener.handleStoreCreated(store);
      } else {
        listener.handleStoreChanged(store);
      }
    }
  }

  void delete(String name) {
    stores.remove(name);
    listeners.forEach(listener -> listener.handleStoreDeleted(name));
  }

  int listenerCount() {
    return listeners.size();
  }

  @Override
  public Store getStore(String storeName) {
    return stores.get(storeName);
  }

  @Override
  public List<Store> getAllStores() {
    return new ArrayList<>(stores.values());
  }

  @Override
  public void registerStoreDataChangedListener(StoreDataChangedListener listener) {
    listeners.add(listener);
  }

  @Override
  public void unregisterStoreDataChangedListener(StoreDataChangedListener listener) {
    listeners.remove(listener);
  }

  private record TestStore(String name, long quota, boolean enforced, int... numbers)
      implements Store {
    @Override
    public String getName() {
      return name;
    }

    @Override
    public long getReadQuotaInCU() {
      return quota;
    }

    @Override
    public List<Version> getVersions() {
      List<Version> versions = new ArrayList<>();
      for (int number : numbers) {
        versions.add(new TestVersion(name + "_v" + number));
      }
      return versions;
    }

    @Override
    public boolean isStorageNodeReadQuotaEnabled() {
      return enforced;
    }

    /** The last of them. */
    @Override
    public int getCurrentVersion() {
      return numbers.length == 0 ? 0 : numbers[numbers.length - 1];
    }

    @Override
    public boolean isReadComputationEnabled() {
      return true;
    }

    @Override
    public boolean isMigrating() {
      return false;
    }

    @Override
    public int getBatchGetLimit() {
      return -1;
    }

    @Override
    public int getLatestSuperSetValueSchemaId() {
      return -1;
    }
  }

  private record TestVersion(String kafkaTopicName) implements Version {
    @Override
    public VersionStatus getStatus() {
      return VersionStatus.ONLINE;
    }

    @Override
    public int getPartitionCount() {
      return 3;
    }

    @Override
    public int getNumber() {
      return Integer.parseInt(kafkaTopicName.substring(kafkaTopicName.lastIndexOf('v') + 1));
    }

    @Override
    public PartitionerConfig getPartitionerConfig() {
      return null;
    }

    @Override
    public CompressionStrategy getCompressionStrategy() {
      return CompressionStrategy.GZIP;
    }
  }
}
