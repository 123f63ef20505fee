package com.linkedin.venice.rust.adapter;

import com.linkedin.davinci.compression.StorageEngineBackedCompressorFactory;
import com.linkedin.davinci.config.VeniceServerConfig;
import com.linkedin.davinci.kafka.consumer.KafkaStoreIngestionService;
import com.linkedin.davinci.storage.DiskHealthCheckService;
import com.linkedin.davinci.storage.IngestionMetadataRetriever;
import com.linkedin.davinci.storage.ReadMetadataRetriever;
import com.linkedin.davinci.storage.StorageEngineRepository;
import com.linkedin.venice.acl.DynamicAccessController;
import com.linkedin.venice.acl.StaticAccessController;
import com.linkedin.venice.cleaner.ResourceReadUsageTracker;
import com.linkedin.venice.helix.HelixCustomizedViewOfflinePushRepository;
import com.linkedin.venice.listener.ListenerService;
import com.linkedin.venice.meta.ReadOnlySchemaRepository;
import com.linkedin.venice.meta.ReadOnlyStoreRepository;
import com.linkedin.venice.rust.ReadAccessController;
import com.linkedin.venice.security.SSLFactory;
import io.tehuti.metrics.MetricsRepository;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Venice's listener service with the Rust read path beside it, in the order of a Venice server: it
 * starts after the Java listeners and before the node takes part in Helix; when it stops, clients
 * are told before the time of grace, and the server ends after it.
 */
public class RustListenerService extends ListenerService {
  private static final Logger LOG = LoggerFactory.getLogger(RustListenerService.class);

  /** Half of the least time in which Venice's reporters look. */
  private static final Duration METRICS_INTERVAL = Duration.ofSeconds(30);

  /**
   * A small part of the three minutes without a read after which Venice reopens a backup version,
   * and of the minute after which it looks again.
   */
  private static final Duration USAGE_INTERVAL = Duration.ofSeconds(5);

  private final RustReadPath.Parts parts;
  private final String unfit;
  private volatile RustReadPath readPath;

  /** As the constructor of {@code ListenerService}. */
  public RustListenerService(
      StorageEngineRepository storageEngineRepository,
      ReadOnlyStoreRepository storeMetadataRepository,
      ReadOnlySchemaRepository schemaRepository,
      CompletableFuture<HelixCustomizedViewOfflinePushRepository> customizedViewRepository,
      IngestionMetadataRetriever ingestionMetadataRetriever,
      ReadMetadataRetriever readMetadataRetriever,
      VeniceServerConfig serverConfig,
      MetricsRepository metricsRepository,
      Optional<SSLFactory> sslFactory,
      Optional<StaticAccessController> routerAccessController,
      Optional<DynamicAccessController> storeAccessController,
      DiskHealthCheckService diskHealthService,
      StorageEngineBackedCompressorFactory compressorFactory,
      Optional<ResourceReadUsageTracker> resourceReadUsageTracker,
      Optional<KafkaStoreIngestionService> kafkaStoreIngestionService) {
    super(
        storageEngineRepository,
        storeMetadataRepository,
        schemaRepository,
        customizedViewRepository,
        ingestionMetadataRetriever,
        readMetadataRetriever,
        serverConfig,
        metricsRepository,
        sslFactory,
        routerAccessController,
        storeAccessController,
        diskHealthService,
        compressorFactory,
        resourceReadUsageTracker,
        kafkaStoreIngestionService);
    RustReadPath.Parts made = null;
    String reason = null;
    try {
      reason = VeniceFit.missing();
      if (reason == null) {
        made =
            parts(
                storageEngineRepository,
                storeMetadataRepository,
                customizedViewRepository,
                serverConfig,
                sslFactory,
                VeniceAccess.of(storeAccessController, routerAccessController));
        String unknown = VeniceFit.missingForDescriptions();
        if (unknown == null) {
          made.descriptions(
              new VeniceDescriptions(
                  storeMetadataRepository,
                  schemaRepository,
                  readMetadataRetriever,
                  customizedViewRepository));
        } else {
          LOG.warn(
              "Rust answers no read compute and no metadata, as it is told of no store: {}", unknown);
        }
        if (metricsRepository != null) {
          made.metrics(new TehutiGauges(metricsRepository), METRICS_INTERVAL);
        }
        if (resourceReadUsageTracker.isPresent()) {
          String untracked = VeniceFit.missingForUsage();
          if (untracked == null) {
            ResourceReadUsageTracker tracker = resourceReadUsageTracker.get();
            made.usage(tracker::recordReadUsage, USAGE_INTERVAL);
          } else {
            LOG.warn("what Rust reads does not reach the usage tracker: {}", untracked);
          }
        }
      }
    } catch (RuntimeException | LinkageError e) {
      reason = "this version of Venice does not fit: " + e;
    }
    parts = made;
    unfit = reason;
  }

  private static RustReadPath.Parts parts(
      StorageEngineRepository engines,
      ReadOnlyStoreRepository stores,
      CompletableFuture<HelixCustomizedViewOfflinePushRepository> view,
      VeniceServerConfig config,
      Optional<SSLFactory> sslFactory,
      ReadAccessController access) {
    String host = config.getListenerHostname();
    int port = config.getListenerPort();
    RustReadPath.Parts parts =
        RustReadPath.parts(config.getClusterProperties().getAsMap())
            .defaultProperty("listener.hostname", host)
            .defaultProperty("listener.port", Integer.toString(port))
            .defaultProperty("zookeeper.address", config.getZookeeperAddress())
            .javaGrpc(config.isGrpcEnabled());
    if (sslFactory.isPresent()) {
      // Venice checks access only where there is TLS: VeniceServer's gRPC interceptors.
      parts.keys(new VeniceKeys(sslFactory.get())).access(access);
    }
    if (config.isQuotaEnforcementEnabled()) {
      parts
          .quota(
              new VeniceStores(stores),
              new VeniceShares(
                  view, engines, host + "_" + port, config.isReadQuotaInitializationFallbackEnabled()),
              config.getNodeCapacityInRcu())
          .setting("quota.interval.ms", Integer.toString(config.getQuotaEnforcementIntervalInMs()))
          .setting(
              "quota.capacity.multiple",
              Integer.toString(config.getQuotaEnforcementCapacityMultiple()));
    }
    return parts;
  }

  @Override
  public boolean startInner() throws Exception {
    boolean started = super.startInner();
    if (parts == null) {
      LOG.error("the Rust read path did not start, and the Java server goes on without it: {}", unfit);
    } else {
      readPath = RustReadPath.start(parts);
    }
    return started;
  }

  @Override
  public void stopInner() throws Exception {
    RustReadPath path = readPath;
    if (path != null) {
      path.withdraw();
    }
    try {
      super.stopInner();
    } finally {
      if (path != null) {
        path.close();
      }
    }
  }

  /** Returns the read path; null before the start, and where Venice does not fit. */
  public RustReadPath readPath() {
    return readPath;
  }
}
