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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Venice's server knows of its stores: versions by its store repository; schemas, replicas and
 * Helix groups by what it would answer to {@code GET /metadata} and {@code GET /store_properties},
 * the one way to key schemas and groups that {@code VeniceServer#createListenerService} hands over;
 * properties by the latter.
 *
 * <p>For a store without {@code storageNodeReadQuotaEnabled} the first is a refusal, and the second
 * tells all. Where that is refused, too, or this Venice has it not, schemas of values come one by one,
 * and no replicas are known. Dictionaries are not told: the Rust server has them in the metadata
 * partitions of what is hosted here.
 */
public final class VeniceDescriptions implements DescriptionSource {
  private static final Logger LOG = LoggerFactory.getLogger(VeniceDescriptions.class);

  /** New schemas and Helix groups bring no event: they are looked for. */
  private static final long LOOK_SECONDS = 60;

  /** One look of so many is at every store; the others ask some for their newest schema alone. */
  private static final int LOOKS_TO_ALL = 10;

  /** How the answer of a server ends whose store has moved to another cluster. */
  private static final String MOVED =
      "is migrating. Failing the request to allow clients refresh cluster discovery.";

  private final ReadOnlyStoreRepository stores;
  private final ReadOnlySchemaRepository schemas;
  private final ReadMetadataRetriever metadata;
  private final CompletableFuture<? extends RoutingDataRepository> viewFuture;

  /** Null where this Venice has none. */
  private final VeniceStoreProperties properties;

  /** The newest schema of values that was described, by store; none of what is to be asked again. */
  private final Map<String, Integer> latestTold = new ConcurrentHashMap<>();

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
    String missing = VeniceFit.missingForProperties();
    if (missing == null) {
      properties = new VeniceStoreProperties(metadata);
    } else {
      properties = null;
      LOG.warn("Rust answers no store_properties, as it is told of none: {}", missing);
    }
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
    AtomicInteger count = new AtomicInteger();
    looks.scheduleWithFixedDelay(
        () -> look(count.incrementAndGet() % LOOKS_TO_ALL == 0),
        LOOK_SECONDS,
        LOOK_SECONDS,
        TimeUnit.SECONDS);
  }

  /**
   * Looks for what brings no event: at stores of which clients ask more than their records, and at
   * those whose newest schema of values is another.
   */
  private void look(boolean atAll) {
    try {
      for (Store store : stores.getAllStores()) {
        String name = store.getName();
        if (atAll
            || store.isStorageNodeReadQuotaEnabled()
            || store.isReadComputationEnabled()
            || !Integer.valueOf(latest(name)).equals(latestTold.get(name))) {
          listener.storeChanged(name);
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
      latestTold.remove(storeName);
      return null;
    }
    StoreDescription.Builder description =
        StoreDescription.of(storeName)
            .storageNodeReadQuotaEnabled(store.isStorageNodeReadQuotaEnabled())
            .readComputeEnabled(store.isReadComputationEnabled())
            .batchGetLimit(store.getBatchGetLimit());
    int latest = latest(storeName);
    latestTold.put(storeName, latest);
    MetadataResponseRecord record = record(store, description);
    int current = 0;
    VeniceStoreProperties.Answer told = null;
    for (Version version : store.getVersions()) {
      boolean isCurrent = version.getNumber() == store.getCurrentVersion();
      if (isCurrent) {
        current = version.getNumber();
        // Followed before the replicas are read: what changes meanwhile is told.
        follow(storeName, version.kafkaTopicName());
        if (record != null || !store.isStorageNodeReadQuotaEnabled()) {
          told = properties(store, version.kafkaTopicName(), description);
        }
      }
      description.version(version(version, isCurrent ? record : null));
    }
    if (current == 0) {
      follow(storeName, null);
    }
    description.currentVersion(current);
    Map<Integer, String> values;
    if (record != null) {
      values = numbered(record.getValueSchemas());
    } else {
      values = told == null ? valuesOneByOne(storeName, latest) : numbered(told.valueSchemas);
    }
    values.forEach(description::valueSchema);
    if (values.containsKey(latest)) {
      description.latestValueSchemaId(latest);
    }
    int superset = store.getLatestSuperSetValueSchemaId();
    description.supersetSchemaId(values.containsKey(superset) ? superset : -1);
    if (record != null) {
      numbered(record.getKeySchema()).forEach(description::keySchema);
      description.externalStorageReadMode(record.getExternalStorageReadMode());
      if (record.getVersionMetadata().getCurrentVersion() == current) {
        replicas(record.getRoutingInfo(), description);
      }
      groups(record.getHelixGroupInfo(), description);
    } else if (told != null) {
      numbered(told.keySchemas).forEach(description::keySchema);
      if (told.currentVersion == current) {
        replicas(told.replicas, description);
      }
      groups(told.helixGroups, description);
    }
    if (told != null) {
      description.properties(told.schemaVersion, told.avro);
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

  /**
   * What Venice would answer to a Da Vinci client; null if it would refuse.
   *
   * @param storeVersion the current one
   */
  private VeniceStoreProperties.Answer properties(
      Store store, String storeVersion, StoreDescription.Builder description) {
    if (properties == null || !hasReplicas(storeVersion)) {
      // Venice would refuse, and write that to its log as an error.
      return null;
    }
    String name = store.getName();
    try {
      VeniceStoreProperties.Answer answer = properties.ask(name);
      if (answer.refusal == null) {
        return answer;
      }
      if (store.isMigrating() && answer.refusal.endsWith(MOVED)) {
        description.moved(true);
        return null;
      }
      LOG.debug("there are no properties of store {}: {}", name, answer.refusal);
    } catch (RuntimeException e) {
      LOG.debug("there are no properties of store {}: {}", name, e.toString());
    }
    // Helix may not have brought all of it yet: the next look asks again.
    latestTold.remove(name);
    return null;
  }

  /** Whether Helix has said who has a store version. */
  private boolean hasReplicas(String storeVersion) {
    try {
      RoutingDataRepository repository = viewFuture.getNow(null);
      return repository != null && repository.getPartitionAssignments(storeVersion) != null;
    } catch (RuntimeException e) {
      // VeniceNoHelixResourceException; or there is no view, which the log says.
      return false;
    }
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
      Map<CharSequence, List<CharSequence>> routing, StoreDescription.Builder description) {
    routing.forEach(
        (partition, urls) -> {
          List<String> texts = new ArrayList<>();
          urls.forEach(url -> texts.add(url.toString()));
          // Helix' order is not one.
          Collections.sort(texts);
          description.replicas(Integer.parseInt(partition.toString()), texts);
        });
  }

  private static void groups(
      Map<CharSequence, Integer> groups, StoreDescription.Builder description) {
    groups.forEach((url, group) -> description.helixGroup(url.toString(), group));
  }

  private static Map<Integer, String> numbered(Map<CharSequence, CharSequence> texts) {
    Map<Integer, String> numbered = new HashMap<>();
    texts.forEach(
        (number, text) -> numbered.put(Integer.valueOf(number.toString()), text.toString()));
    return numbered;
  }

  /** Schemas of values without the list of them, which this repository of Venice's refuses. */
  private Map<Integer, String> valuesOneByOne(String storeName, int latest) {
    Map<Integer, String> values = new HashMap<>();
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
