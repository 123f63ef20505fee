package com.linkedin.venice.rust.tests;

import com.linkedin.davinci.config.VeniceConfigLoader;
import com.linkedin.venice.helix.HelixCustomizedViewOfflinePushRepository;
import com.linkedin.venice.meta.Instance;
import com.linkedin.venice.meta.Partition;
import com.linkedin.venice.meta.PartitionAssignment;
import com.linkedin.venice.rust.adapter.RustReadPath;
import com.linkedin.venice.rust.adapter.RustVeniceServer;
import com.linkedin.venice.rust.discovery.DiscoveryConfig;
import com.linkedin.venice.rust.discovery.DiscoveryMode;
import com.linkedin.venice.rust.testing.FastClient;
import com.linkedin.venice.rust.testing.KeyStores;
import com.linkedin.venice.rust.testing.RocksResources;
import com.linkedin.venice.rust.testing.SampleRows;
import com.linkedin.venice.rust.testing.StoreRoutes;
import com.linkedin.venice.rust.testing.StoreVersion;
import com.linkedin.venice.rust.testing.StoreVersionConfig;
import com.linkedin.venice.rust.testing.StoreVersionWriter;
import com.linkedin.venice.security.SSLConfig;
import com.linkedin.venice.security.SSLFactory;
import com.linkedin.venice.server.VeniceServerContext;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLParameters;

/** A node of a cluster: stand-ins of Venice's repositories, real data, and a {@link RustVeniceServer}. */
final class AdapterNode implements AutoCloseable {
  static final String STORE = "adapted";
  static final String NODE = "127.0.0.1_1690";
  static final int PARTITIONS = 3;

  final SampleRows rows = new SampleRows(200, 10, 500);
  final AdapterStores stores = new AdapterStores();
  final HelixCustomizedViewOfflinePushRepository view =
      new HelixCustomizedViewOfflinePushRepository();
  final VeniceServerContext context;

  RustVeniceServer server;

  private final Path data;
  private final RocksResources resources = new RocksResources();
  private final Map<Integer, StoreVersion> versions = new ConcurrentHashMap<>();
  private final List<FastClient> clients = new ArrayList<>();

  /** Makes a node with one store version; the properties come on top of those of every node. */
  AdapterNode(Path data, Map<String, String> properties) throws Exception {
    this.data = data;
    Map<String, String> all = new HashMap<>();
    all.put("listener.port", "1690");
    all.put("listener.hostname", "127.0.0.1");
    all.put("zookeeper.address", "127.0.0.1:1");
    all.put("grpc.read.server.rust.enabled", "true");
    all.put("grpc.read.server.rust.port", "0");
    all.put("grpc.read.server.rust.worker.threads", "1");
    all.putAll(properties);
    context =
        new VeniceServerContext.Builder().setVeniceConfigLoader(new VeniceConfigLoader(all)).build();
    context.stores = stores;
    push(1);
  }

  /** An SSLConfig that shows the keys of {@code keyStore} (PKCS12) and trusts the tests' authority. */
  static SSLConfig sslConfig(Path keyStore) {
    return SSLConfig.ofFiles(
        "PKCS12",
        keyStore.toString(),
        KeyStores.file("trust.p12").toString(),
        KeyStores.PASSWORD);
  }

  /** How the Java server of a node announces itself. */
  static DiscoveryConfig javaServer(String zooKeeper) {
    return DiscoveryConfig.builder()
        .mode(DiscoveryMode.SHARED)
        .zooKeeper(zooKeeper)
        .sessionTimeout(Duration.ofSeconds(60))
        .host("127.0.0.1")
        .httpPort(1690)
        .build();
  }

  /** A factory with an SSLConfig, as Venice's default one. */
  static SSLFactory ssl(SSLConfig config) {
    return new SSLFactory() {
      @Override
      public SSLConfig getSSLConfig() {
        return config;
      }

      @Override
      public SSLParameters getSSLParameters() {
        SSLParameters parameters = new SSLParameters();
        parameters.setNeedClientAuth(true);
        return parameters;
      }

      @Override
      public boolean isSslEnabled() {
        return true;
      }
    };
  }

  AdapterNode withTls(SSLConfig config, AdapterAccess access) {
    context.sslFactory = Optional.of(ssl(config));
    context.storeAccess = Optional.ofNullable(access);
    return this;
  }

  /** Writes a version; it is open, and known to nobody yet. */
  void push(int version) throws Exception {
    StoreVersionConfig config = config(version);
    try (StoreVersionWriter writer = new StoreVersionWriter(data, config, resources)) {
      rows.addTo(writer);
      versions.put(version, writer.endOfPush());
    }
    context.engines.add(config.resource(), Set.of(0, 1, 2));
  }

  static StoreVersionConfig config(int version) {
    return new StoreVersionConfig(STORE, version, PARTITIONS);
  }

  /** Closes and deletes a version, as Venice does with the oldest. */
  void drop(int version) throws Exception {
    StoreVersion dropped = versions.remove(version);
    for (int partition : dropped.openPartitions()) {
      dropped.dropPartition(partition);
    }
    dropped.close();
  }

  /** Lets Helix say that {@code here} of {@code all} replicas of each partition are on this node. */
  void assign(int version, int here, int all) {
    List<Instance> instances = new ArrayList<>();
    for (int i = 0; i < all; i++) {
      instances.add(new Instance(i < here ? NODE : "other" + i + "_1690"));
    }
    List<Partition> partitions = new ArrayList<>();
    for (int i = 0; i < PARTITIONS; i++) {
      partitions.add(new Partition(instances));
    }
    view.assign(new PartitionAssignment(config(version).resource(), partitions));
  }

  /** Gives the store a read quota, and this node one of so many replicas of version 1; Helix is there. */
  AdapterNode inHelix(long quota, int replicas) {
    stores.put(STORE, quota, true, 1);
    assign(1, 1, replicas);
    context.view.complete(view);
    return this;
  }

  AdapterNode start() {
    server = new RustVeniceServer(context);
    server.start();
    return this;
  }

  RustReadPath readPath() {
    return server.readPath();
  }

  String address() {
    return "127.0.0.1:" + readPath().server().port();
  }

  FastClient client(int version) {
    return client(version, InsecureChannelCredentials.create());
  }

  FastClient client(int version, ChannelCredentials credentials) {
    FastClient client =
        new FastClient(
            StoreRoutes.oneServer(config(version).resource(), PARTITIONS, address()),
            FastClient.DEFAULT_BATCH_GET_LIMIT,
            credentials);
    clients.add(client);
    return client;
  }

  /** Returns the read quota of a version as the server holds it, or "none". */
  String quota(int version) {
    return readPath().quotas().getOrDefault(config(version).resource(), "none");
  }

  List<String> events() {
    return context.metrics.events;
  }

  @Override
  public void close() throws Exception {
    clients.forEach(FastClient::close);
    if (server != null) {
      server.shutdown();
    }
    for (StoreVersion version : versions.values()) {
      version.close();
    }
    resources.close();
  }
}
