package com.linkedin.venice.rust.adapter;

import com.linkedin.davinci.compression.StorageEngineBackedCompressorFactory;
import com.linkedin.davinci.config.VeniceConfigLoader;
import com.linkedin.davinci.config.VeniceServerConfig;
import com.linkedin.davinci.kafka.consumer.KafkaStoreIngestionService;
import com.linkedin.davinci.storage.DiskHealthCheckService;
import com.linkedin.davinci.storage.IngestionMetadataRetriever;
import com.linkedin.davinci.storage.ReadMetadataRetriever;
import com.linkedin.davinci.storage.StorageEngineRepository;
import com.linkedin.venice.acl.DynamicAccessController;
import com.linkedin.venice.acl.StaticAccessController;
import com.linkedin.venice.cleaner.ResourceReadUsageTracker;
import com.linkedin.venice.d2.D2ConfigUtils;
import com.linkedin.venice.helix.HelixCustomizedViewOfflinePushRepository;
import com.linkedin.venice.listener.ListenerService;
import com.linkedin.venice.meta.ReadOnlySchemaRepository;
import com.linkedin.venice.meta.ReadOnlyStoreRepository;
import com.linkedin.venice.rust.discovery.DiscoveryConfig;
import com.linkedin.venice.rust.discovery.DiscoveryMode;
import com.linkedin.venice.security.SSLFactory;
import com.linkedin.venice.server.VeniceServer;
import com.linkedin.venice.server.VeniceServerContext;
import com.linkedin.venice.servicediscovery.ServiceDiscoveryAnnouncer;
import io.tehuti.metrics.MetricsRepository;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Venice server with the Rust read path. It differs from Venice's in one service, the {@link
 * RustListenerService}; and it announces the Rust server after all services have started, and takes
 * that back before any is stopped, as Venice does with its own announcers.
 *
 * <pre>
 * java -cp venice-rust.jar:venice-rust-adapter.jar:venice-server-all.jar \
 *     com.linkedin.venice.rust.adapter.RustVeniceServer CONFIG_DIRECTORY
 * </pre>
 */
public class RustVeniceServer extends VeniceServer {
  private static final Logger LOG = LoggerFactory.getLogger(RustVeniceServer.class);

  private volatile RustListenerService listener;

  /** As the constructor of {@code VeniceServer}. */
  public RustVeniceServer(VeniceServerContext context) {
    super(context);
  }

  @Override
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
    listener =
        new RustListenerService(
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
    return listener;
  }

  @Override
  public void start() {
    super.start();
    if (listener == null) {
      LOG.error(
          "the Rust read path did not start, and the Java server goes on without it: this Venice"
              + " makes no listener service by VeniceServer#createListenerService with the"
              + " parameters of 77ea837f");
    }
    RustReadPath path = readPath();
    if (path != null) {
      path.announce();
    }
  }

  @Override
  public void shutdown() {
    RustReadPath path = readPath();
    if (path != null) {
      path.withdraw();
    }
    super.shutdown();
  }

  /** Returns the read path; null before the start, and where Venice does not fit. */
  public RustReadPath readPath() {
    RustListenerService service = listener;
    return service == null ? null : service.readPath();
  }

  /**
   * Starts a server as Venice's {@code VeniceServer#main} does.
   *
   * @param arguments the folder with {@code cluster.properties} and {@code server.properties};
   *     nothing: that of the environment variable VENICE_CONFIG_DIR
   */
  public static void main(String[] arguments) {
    if (arguments.length > 1) {
      System.err.println(
          "usage: java -cp ... " + RustVeniceServer.class.getName() + " [CONFIG_DIRECTORY]");
      System.exit(2);
    }
    VeniceConfigLoader config =
        arguments.length == 0
            ? VeniceConfigLoader.loadFromEnvironmentVariable()
            : VeniceConfigLoader.loadFromConfigDirectory(arguments[0]);
    VeniceServerContext context =
        new VeniceServerContext.Builder()
            .setVeniceConfigLoader(config)
            .setServiceDiscoveryAnnouncers(announcers(config.getCombinedProperties().getAsMap()))
            .build();
    RustVeniceServer server = new RustVeniceServer(context);
    server.start();
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown));
  }

  /**
   * The announcers that {@code VeniceServer#run} makes of {@code server.d2.announce.*}. None in mode
   * shared, in which ours announces the very same URI.
   */
  public static List<ServiceDiscoveryAnnouncer> announcers(Map<String, String> properties) {
    List<ServiceDiscoveryAnnouncer> announcers = new ArrayList<>();
    boolean wanted = Boolean.parseBoolean(properties.get("server.d2.announce.enabled"));
    boolean shared =
        Boolean.parseBoolean(properties.get(AdapterConfig.ENABLED))
            && DiscoveryMode.SHARED
                .name()
                .equalsIgnoreCase(properties.get(DiscoveryConfig.PREFIX + "mode"));
    if (wanted && !shared) {
      String zooKeeper = properties.get("zookeeper.address");
      String service =
          properties.getOrDefault("server.d2.service.name", DiscoveryConfig.JAVA_SERVICE);
      String cluster = service + "_d2_cluster";
      String host = properties.getOrDefault("server.d2.announce.host", "localhost");
      String uri = "http://" + host + ":" + properties.get("listener.port");
      D2ConfigUtils.setupD2Config(zooKeeper, false, cluster, service);
      announcers.addAll(D2ConfigUtils.getD2Servers(zooKeeper, cluster, uri));
    }
    return announcers;
  }
}
