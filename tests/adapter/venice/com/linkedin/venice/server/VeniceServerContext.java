package com.linkedin.venice.server;

import com.linkedin.davinci.config.VeniceConfigLoader;
import com.linkedin.davinci.config.VeniceServerConfig;
import com.linkedin.davinci.storage.ReadMetadataRetriever;
import com.linkedin.davinci.storage.StorageEngineRepository;
import com.linkedin.venice.acl.DynamicAccessController;
import com.linkedin.venice.cleaner.ResourceReadUsageTracker;
import com.linkedin.venice.helix.HelixCustomizedViewOfflinePushRepository;
import com.linkedin.venice.meta.ReadOnlySchemaRepository;
import com.linkedin.venice.meta.ReadOnlyStoreRepository;
import com.linkedin.venice.security.SSLFactory;
import com.linkedin.venice.servicediscovery.ServiceDiscoveryAnnouncer;
import io.tehuti.metrics.MetricsRepository;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Stand-in for Venice's class of this name. */
public class VeniceServerContext {
  public final StorageEngineRepository engines = new StorageEngineRepository();
  public final MetricsRepository metrics = new MetricsRepository();
  public final CompletableFuture<HelixCustomizedViewOfflinePushRepository> view =
      new CompletableFuture<>();
  public VeniceServerConfig config;
  public ReadOnlyStoreRepository stores;
  public ReadOnlySchemaRepository schemas;
  public ReadMetadataRetriever metadata;
  public Optional<SSLFactory> sslFactory = Optional.empty();
  public Optional<DynamicAccessController> storeAccess = Optional.empty();
  public Optional<ResourceReadUsageTracker> usageTracker = Optional.empty();
  public List<ServiceDiscoveryAnnouncer> announcers = new ArrayList<>();

  /** Stand-in for the builder. */
  public static class Builder {
    private final VeniceServerContext context = new VeniceServerContext();

    public Builder setVeniceConfigLoader(VeniceConfigLoader veniceConfigLoader) {
      context.config =
          new VeniceServerConfig(veniceConfigLoader.getCombinedProperties().getAsMap());
      return this;
    }

    public Builder setServiceDiscoveryAnnouncers(
        List<ServiceDiscoveryAnnouncer> serviceDiscoveryAnnouncers) {
      context.announcers = serviceDiscoveryAnnouncers;
      return this;
    }

    public VeniceServerContext build() {
      return context;
    }
  }
}
