package com.linkedin.venice.server;

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
import com.linkedin.venice.security.SSLFactory;
import com.linkedin.venice.servicediscovery.ServiceDiscoveryAnnouncer;
import io.tehuti.metrics.MetricsRepository;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Stand-in for Venice's class of this name. */
public class VeniceServer {
  private final VeniceServerContext context;
  private ListenerService listener;

  public VeniceServer(VeniceServerContext context) {
    this.context = context;
  }

  /** In Venice's order: services, Helix last of all, then announcers. */
  public void start() {
    listener =
        createListenerService(
            context.engines,
            context.stores,
            context.schemas,
            context.view,
            null,
            context.metadata,
            context.config,
            context.metrics,
            context.sslFactory,
            Optional.empty(),
            context.storeAccess,
            null,
            null,
            context.usageTracker,
            Optional.empty());
    try {
      listener.startInner();
    } catch (Exception e) {
      throw new IllegalStateException("Unable to start ListenerService", e);
    }
    context.metrics.events.add("takes part in Helix");
    context.announcers.forEach(ServiceDiscoveryAnnouncer::register);
    context.metrics.events.add("announced");
  }

  public void shutdown() {
    context.announcers.forEach(ServiceDiscoveryAnnouncer::unregister);
    context.metrics.events.add("announcements taken back");
    try {
      listener.stopInner();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    context.metrics.events.add("stopped");
  }

  protected ListenerService createListenerService(
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
    return new ListenerService(
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
  }
}
