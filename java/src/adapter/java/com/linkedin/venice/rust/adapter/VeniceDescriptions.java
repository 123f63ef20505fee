package com.linkedin.venice.rust.adapter;

import com.linkedin.davinci.listener.response.MetadataResponse;
import com.linkedin.davinci.storage.ReadMetadataRetriever;
import com.linkedin.venice.meta.PartitionAssignment;
import com.linkedin.venice.meta.PartitionerConfig;
import com.linkedin.venice.meta.ReadOnlySchemaRepository;
import com.linkedin.venice.meta.ReadOnlyStoreRepository;
import com.linkedin.venice.meta.RoutingDataRepository;
import com.linkedin.venice.meta.Store;
import com.linkedin.venice.meta.StoreDataChangedListener;
import com.linkedin.venice.meta.Version;
import com.linkedin.venice.metadata.response.MetadataResponseRecord;
import com.linkedin.venice.pushmonitor.ReadOnlyPartitionStatus;
import com.linkedin.venice.rust.StoreDescription;
import com.linkedin.venice.rust.StoreVersionDescription;
import com.linkedin.venice.schema.SchemaEntry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Venice's server knows of its stores: versions by its store repository; schemas, replicas and
 * Helix groups by what it would answer to {@code GET /metadata}, which is the one way to key schemas
 * and groups that {@code VeniceServer#createListenerService} hands over.
 *
 * <p>For a store without {@code storageNodeReadQuotaEnabled} that answer is a refusal; its schemas of
 * values come one by one, and no replicas are known. Dictionaries are not told: the Rust server has
 * them in the metadata partitions of what is hosted here.
 */
public final class VeniceDescriptions implements DescriptionSource {
  private static final Logger LOG = LoggerFactory.getLogger(VeniceDescriptions.class);

  /** New schemas and Helix groups bring no event: they are looked for. */
  private static final long LOOK_SECONDS = 60;

  /** How the answer of a server ends whose store has moved to another cluster. */
  private static final String MOVED =
      "is migrating. Failing the request to allow clients refresh cluster discovery.";

  private final ReadOnlyStoreRepository stores;
  private final ReadOnlySchemaRepository schemas;
  private final ReadMetadataRetriever metadata;
  private final CompletableFuture<? extends RoutingDataRepository> viewFuture;

  /** The store version of each store whose replicas are followed. */
  private final Map<String, String> followed = new HashMap<>();

  private final ScheduledExecutorService looks =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "venice-rust-schemas");
            thread.setDaemon(true);
            return thread;
          });

  private volatile Listener listener;
  private RoutingDataRepository view;
  private boolean stopped;

  /**
   * Makes a source.
   *
   * @param view the customized view, when Helix is connected; until then no replica is known
   */
  public VeniceDescriptions(
      ReadOnlyStoreRepository stores,
      ReadOnlySchemaRepository schemas,
      ReadMetadataRetriever metadata,
      CompletableFuture<? extends RoutingDataRepository> view) {
    this.stores = stores;
    this.schemas = schemas;
    this.metadata = metadata;
    this.viewFuture = view;
  }

  @Override
  public Collection<String> storeNames() {
    List<String> names = new ArrayList<>();
    for (Store store : stores.getAllStores()) {
      names.add(store.getName());
    }
    return names;
  }

  @Override
  public void start(Listener toTell) {
    listener = toTell;
    stores.registerStoreDataChangedListener(storeChanges);
    viewFuture.whenComplete(
        (repository, failure) -> {
          if (failure != null) {
            LOG.warn("the customized view failed, so Rust knows no replicas", failure);
            return;
          }
          Collection<String> waiting;
          synchronized (followed) {
            if (stopped) {
              return;
            }
            view = repository;
            waiting = new ArrayList<>(followed.values());
          }
          for (String storeVersion : waiting) {
            repository.subscribeRoutingDataChange(storeVersion, replicaChanges);
          }
          storeNames().forEach(toTell::storeChanged);
        });
    looks.scheduleWithFixedDelay(this::look, LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
  }

  /** Looks for what brings no event, of stores of which clients ask more than their records. */
  private void look() {
    try {
      for (Store store : stores.getAllStores()) {
        if (store.isStorageNodeReadQuotaEnabled() || store.isReadComputationEnabled()) {
          listener.storeChanged(store.getName());
        }
      }
    } catch (RuntimeException e) {
      // An exception would end all looks.
      LOG.warn("stores could not be looked at for new schemas: {}", e.toString());
    }
  }

  @Override
  public void stop() {
    looks.shutdownNow();
    stores.unregisterStoreDataChangedListener(storeChanges);
    synchronized (followed) {
      stopped = true;
      if (view != null) {
        for (String storeVersion : followed.values()) {
          view.unSubscribeRoutingDataChange(storeVersion, replicaChanges);
        }
      }
      followed.clear();
    }
  }

  @Override
  public StoreDescription describe(String storeName) {
    Store store = stores.getStore(storeName);
    if (store == null) {
      follow(storeName, null);
      return null;
    }
    StoreDescription.Builder description =
        StoreDescription.of(storeName)
            .storageNodeReadQuotaEnabled(store.isStorageNodeReadQuotaEnabled())
            .readComputeEnabled(store.isReadComputationEnabled())
            .batchGetLimit(store.getBatchGetLimit());
    MetadataResponseRecord record = record(store, description);
    int current = 0;
    for (Version version : store.getVersions()) {
      boolean isCurrent = version.getNumber() == store.getCurrentVersion();
      if (isCurrent) {
        current = version.getNumber();
        // Followed before the replicas are read: what changes meanwhile is told.
        follow(storeName, version.kafkaTopicName());
      }
      description.version(version(version, isCurrent ? record : null));
    }
    if (current == 0) {
      follow(storeName, null);
    }
    description.currentVersion(current);
    Map<Integer, String> values =
        record == null ? valuesOneByOne(storeName) : numbered(record.getValueSchemas());
    values.forEach(description::valueSchema);
    int latest = latest(storeName);
    if (values.containsKey(latest)) {
      description.latestValueSchemaId(latest);
    }
    int superset = store.getLatestSuperSetValueSchemaId();
    description.supersetSchemaId(values.containsKey(superset) ? superset : -1);
    if (record != null) {
      numbered(record.getKeySchema()).forEach(description::keySchema);
      description.externalStorageReadMode(record.getExternalStorageReadMode());
      if (record.getVersionMetadata().getCurrentVersion() == current) {
        replicas(record, description);
      }
      record
          .getHelixGroupInfo()
          .forEach((url, group) -> description.helixGroup(url.toString(), group));
    }
    return description.build();
  }

  /** What Venice would answer; null if it would refuse. */
  private MetadataResponseRecord record(Store store, StoreDescription.Builder description) {
    if (!store.isStorageNodeReadQuotaEnabled() || store.getCurrentVersion() == 0) {
      // Venice would refuse, count that, and write it to its log.
      return null;
    }
    MetadataResponse answer;
    try {
      answer = metadata.getMetadata(store.getName());
    } catch (RuntimeException e) {
      // Helix may not be connected yet.
      LOG.debug("there is no metadata of store {}: {}", store.getName(), e.toString());
      return null;
    }
    if (answer == null) {
      return null;
    }
    if (answer.isError()) {
      String message = String.valueOf(answer.getMessage());
      description.moved(store.isMigrating() && message.endsWith(MOVED));
      return null;
    }
    return answer.getResponseRecord();
  }

  private static StoreVersionDescription version(Version version, MetadataResponseRecord current) {
    StoreVersionDescription.Builder description =
        StoreVersionDescription.of(version.getNumber(), version.getPartitionCount());
    PartitionerConfig partitioner = version.getPartitionerConfig();
    if (partitioner != null) {
      description.partitioner(
          partitioner.getPartitionerClass(),
          partitioner.getPartitionerParams(),
          partitioner.getAmplificationFactor());
    }
    if (version.getCompressionStrategy() != null) {
      description.compression(version.getCompressionStrategy().name());
    }
    if (current != null) {
      description.storageMode(current.getVersionMetadata().getStorageMode());
    }
    return description.build();
  }

  private static void replicas(
      MetadataResponseRecord record, StoreDescription.Builder description) {
    record
        .getRoutingInfo()
        .forEach(
            (partition, urls) -> {
              List<String> texts = new ArrayList<>();
              urls.forEach(url -> texts.add(url.toString()));
              // Helix' order is not one.
              Collections.sort(texts);
              description.replicas(Integer.parseInt(partition.toString()), texts);
            });
  }

  private static Map<Integer, String> numbered(Map<CharSequence, CharSequence> texts) {
    Map<Integer, String> numbered = new HashMap<>();
    texts.forEach(
        (number, text) -> numbered.put(Integer.valueOf(number.toString()), text.toString()));
    return numbered;
  }

  /** Schemas of values without the list of them, which this repository of Venice's refuses. */
  private Map<Integer, String> valuesOneByOne(String storeName) {
    Map<Integer, String> values = new HashMap<>();
    int latest = latest(storeName);
    for (int id = 1; id <= latest; id++) {
      try {
        SchemaEntry entry = schemas.getValueSchema(storeName, id);
        if (entry != null) {
          values.put(id, entry.getSchemaStr());
        }
      } catch (RuntimeException e) {
        LOG.debug("store {} has no schema {}: {}", storeName, id, e.toString());
      }
    }
    return values;
  }

  /** The newest schema of values, or the one with the fields of all; 0 if it is not known. */
  private int latest(String storeName) {
    try {
      SchemaEntry latest = schemas.getSupersetOrLatestValueSchema(storeName);
      return latest == null ? 0 : latest.getId();
    } catch (RuntimeException e) {
      LOG.debug("the newest schema of store {} is not known: {}", storeName, e.toString());
      return 0;
    }
  }

  /** Follows the replicas of a store version in place of those of the store that were followed. */
  private void follow(String storeName, String storeVersion) {
    synchronized (followed) {
      if (stopped) {
        return;
      }
      String before =
          storeVersion == null
              ? followed.remove(storeName)
              : followed.put(storeName, storeVersion);
      if (view == null || (before != null && before.equals(storeVersion))) {
        return;
      }
      if (before != null) {
        view.unSubscribeRoutingDataChange(before, replicaChanges);
      }
      if (storeVersion != null) {
        view.subscribeRoutingDataChange(storeVersion, replicaChanges);
      }
    }
  }

  private void replicasChanged(String storeVersion) {
    int separator = storeVersion.lastIndexOf("_v");
    if (separator > 0) {
      listener.storeChanged(storeVersion.substring(0, separator));
    }
  }

  private final StoreDataChangedListener storeChanges =
      new StoreDataChangedListener() {
        @Override
        public void handleStoreCreated(Store store) {
          listener.storeChanged(store.getName());
        }

        @Override
        public void handleStoreChanged(Store store) {
          listener.storeChanged(store.getName());
        }

        @Override
        public void handleStoreDeleted(String storeName) {
          listener.storeDeleted(storeName);
        }
      };

  private final RoutingDataRepository.RoutingDataChangedListener replicaChanges =
      new RoutingDataRepository.RoutingDataChangedListener() {
        @Override
        public void onExternalViewChange(PartitionAssignment assignment) {
          // Not the states that count.
        }

        @Override
        public void onCustomizedViewChange(PartitionAssignment assignment) {
          replicasChanged(assignment.getTopic());
        }

        @Override
        public void onCustomizedViewAdded(PartitionAssignment assignment) {
          replicasChanged(assignment.getTopic());
        }

        @Override
        public void onPartitionStatusChange(String topic, ReadOnlyPartitionStatus status) {
          // The view says it too.
        }

        @Override
        public void onRoutingDataDeleted(String topic) {
          replicasChanged(topic);
        }
      };
}
