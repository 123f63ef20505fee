package com.linkedin.venice.rust.adapter;

import com.linkedin.davinci.storage.StorageEngineRepository;
import com.linkedin.davinci.store.StorageEngine;
import com.linkedin.venice.exceptions.VeniceNoHelixResourceException;
import com.linkedin.venice.meta.Instance;
import com.linkedin.venice.meta.Partition;
import com.linkedin.venice.meta.PartitionAssignment;
import com.linkedin.venice.meta.RoutingDataRepository;
import com.linkedin.venice.pushmonitor.ReadOnlyPartitionStatus;
import java.util.Collection;
import java.util.HashSet;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's shares by Venice's customized view, and where that knows nothing of an online version,
 * by the partitions that are stored here: as {@code ReadQuotaEnforcementHandler} has it.
 */
public final class VeniceShares implements ShareSource {
  private static final Logger LOG = LoggerFactory.getLogger(VeniceShares.class);

  private final CompletableFuture<? extends RoutingDataRepository> viewFuture;
  private final StorageEngineRepository engines;
  private final String nodeId;
  private final boolean fallback;
  private final Set<String> followed = new HashSet<>();

  private volatile Listener listener;
  private volatile RoutingDataRepository view;

  /**
   * Makes shares.
   *
   * @param view the customized view, when Helix is connected; until then no share is known
   * @param nodeId {@code <host>_<port>} of the HTTP listener
   * @param fallback {@code server.read.quota.initialization.fallback.enabled}
   */
  public VeniceShares(
      CompletableFuture<? extends RoutingDataRepository> view,
      StorageEngineRepository engines,
      String nodeId,
      boolean fallback) {
    this.viewFuture = view;
    this.engines = engines;
    this.nodeId = nodeId;
    this.fallback = fallback;
  }

  @Override
  public void start(Listener toTell) {
    listener = toTell;
    viewFuture.whenComplete(
        (repository, failure) -> {
          if (failure != null) {
            LOG.warn("the customized view failed, so Rust enforces the node's quota alone", failure);
            return;
          }
          Set<String> storeVersions;
          synchronized (followed) {
            view = repository;
            storeVersions = new HashSet<>(followed);
          }
          for (String storeVersion : storeVersions) {
            repository.subscribeRoutingDataChange(storeVersion, changes);
            toTell.shareChanged(storeVersion);
          }
        });
  }

  @Override
  public void follow(String storeVersion) {
    RoutingDataRepository known;
    synchronized (followed) {
      if (!followed.add(storeVersion)) {
        return;
      }
      known = view;
    }
    if (known != null) {
      known.subscribeRoutingDataChange(storeVersion, changes);
    }
  }

  @Override
  public void unfollow(String storeVersion) {
    RoutingDataRepository known;
    synchronized (followed) {
      if (!followed.remove(storeVersion)) {
        return;
      }
      known = view;
    }
    if (known != null) {
      known.unSubscribeRoutingDataChange(storeVersion, changes);
    }
  }

  @Override
  public OptionalDouble share(StoreState.VersionState version) {
    RoutingDataRepository known = view;
    if (known == null) {
      return OptionalDouble.empty();
    }
    Collection<Partition> partitions;
    try {
      partitions = known.getPartitionAssignments(version.storeVersion()).getAllPartitions();
    } catch (VeniceNoHelixResourceException e) {
      return shareByStorage(version);
    }
    if (partitions.isEmpty()) {
      return shareByStorage(version);
    }
    double sum = 0;
    for (Partition partition : partitions) {
      int here = 0;
      int all = 0;
      for (Instance instance : partition.getReadyToServeInstances()) {
        all++;
        if (instance.getNodeId().equals(nodeId)) {
          here++;
        }
      }
      if (all > 0) {
        sum += here / (double) all;
      }
    }
    return OptionalDouble.of(sum / partitions.size());
  }

  private OptionalDouble shareByStorage(StoreState.VersionState version) {
    if (!version.online() || !fallback) {
      return OptionalDouble.empty();
    }
    StorageEngine engine = engines.getLocalStorageEngine(version.storeVersion());
    if (engine == null || version.partitionCount() == 0) {
      return OptionalDouble.of(0);
    }
    return OptionalDouble.of(engine.getPartitionIds().size() / (double) version.partitionCount());
  }

  private final RoutingDataRepository.RoutingDataChangedListener changes =
      new RoutingDataRepository.RoutingDataChangedListener() {
        @Override
        public void onExternalViewChange(PartitionAssignment assignment) {
          // Not the states that count.
        }

        @Override
        public void onCustomizedViewChange(PartitionAssignment assignment) {
          listener.shareChanged(assignment.getTopic());
        }

        @Override
        public void onCustomizedViewAdded(PartitionAssignment assignment) {
          listener.shareChanged(assignment.getTopic());
        }

        @Override
        public void onPartitionStatusChange(String topic, ReadOnlyPartitionStatus status) {
          // The view says it too.
        }

        @Override
        public void onRoutingDataDeleted(String topic) {
          listener.shareChanged(topic);
        }
      };
}
