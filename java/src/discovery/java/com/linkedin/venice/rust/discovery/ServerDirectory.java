package com.linkedin.venice.rust.discovery;

import com.linkedin.d2.balancer.properties.UriProperties;
import com.linkedin.d2.discovery.stores.zk.ZooKeeper;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.data.Stat;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client's view of the servers in discovery: for each server that Venice's routing names {@code
 * host:http}, the address at which to read over gRPC.
 *
 * <p>It follows ZooKeeper with watches. When ZooKeeper is away, what was seen last holds. A read of
 * it is a read of an immutable snapshot, without a lock.
 *
 * <p>Venice's {@code GrpcTransportClient} copies the map of its {@code GrpcClientConfig} once, into
 * a HashMap that it extends without a lock when it meets a server that is not in it. So the map has
 * to be complete before the client is built ({@link #awaitServers}), and {@link GrpcTargets} gives
 * one that stays true without being copied again.
 */
public final class ServerDirectory implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServerDirectory.class);

  /** Called after a change, on the directory's own thread; it has to return soon. */
  public interface Listener {
    /**
     * Takes the new addresses.
     *
     * @param addresses as {@link ServerDirectory#addresses}
     */
    void changed(SortedMap<String, String> addresses);
  }

  private final D2Nodes nodes;
  private final String rustCluster;
  private final String javaCluster;
  private final int javaGrpcPort;
  private final double position;
  private final D2Session session;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();

  private final Object lock = new Object();

  /** Clusters whose nodes changed since they were read. */
  private final Set<String> changedClusters = new HashSet<>();

  private boolean known;
  private volatile View view = new View(Collections.<String, AnnouncedServer>emptyMap(), empty());

  /** Each cluster's nodes by name; a node never changes. Of the session's thread alone. */
  private final Map<String, Map<String, UriProperties>> seen = new HashMap<>();

  /** What is known at one time. Immutable. */
  private static final class View {
    final Map<String, AnnouncedServer> servers;
    final SortedMap<String, String> addresses;

    View(Map<String, AnnouncedServer> servers, SortedMap<String, String> addresses) {
      this.servers = servers;
      this.addresses = addresses;
    }
  }

  private static SortedMap<String, String> empty() {
    return Collections.unmodifiableSortedMap(new TreeMap<String, String>());
  }

  private ServerDirectory(Builder builder) {
    nodes = new D2Nodes(builder.basePath);
    rustCluster = Names.cluster(builder.rustService);
    javaCluster = builder.javaService == null ? null : Names.cluster(builder.javaService);
    javaGrpcPort = builder.javaGrpcPort;
    position = builder.position;
    session =
        D2Session.open(
            builder.zooKeeper, builder.sessionTimeout, "venice-rust-directory", this::read);
  }

  /**
   * Returns a builder for the servers of one resource.
   *
   * @param zooKeeper the connect string, {@code host:port,host:port}
   */
  public static Builder builder(String zooKeeper) {
    return new Builder(zooKeeper);
  }

  /**
   * Returns {@code host:http} to {@code host:grpc} for every server that can be read over gRPC:
   * from its Rust server if one is announced and this client belongs to its share, else from its
   * Java server if that port was given. An immutable snapshot.
   */
  public SortedMap<String, String> addresses() {
    return view.addresses;
  }

  /** Returns the servers by {@code host:http}. An immutable snapshot. */
  public Map<String, AnnouncedServer> servers() {
    return view.servers;
  }

  /**
   * Waits until all of these servers have an address.
   *
   * @param servers as Venice's routing names them, {@code host:http}; if none, until ZooKeeper was
   *     read once
   * @return whether they have, within the time
   */
  public boolean awaitServers(Collection<String> servers, Duration time)
      throws InterruptedException {
    long deadline = System.nanoTime() + time.toNanos();
    synchronized (lock) {
      while (!known || !view.addresses.keySet().containsAll(servers)) {
        long millis = (deadline - System.nanoTime()) / 1_000_000;
        if (millis <= 0) {
          return false;
        }
        lock.wait(millis);
      }
      return true;
    }
  }

  /** Adds a listener, which hears of changes from now on. */
  public void addListener(Listener listener) {
    listeners.add(Objects.requireNonNull(listener, "listener"));
  }

  /** Removes a listener. */
  public void removeListener(Listener listener) {
    listeners.remove(listener);
  }

  /** Returns whether ZooKeeper is there; if not, what was seen last holds. */
  public boolean isConnected() {
    return session.isConnected();
  }

  /** Ends the connection to ZooKeeper; what was seen last stays to be read. */
  @Override
  public void close() {
    session.close();
  }

  /** Reads what changed. On the session's thread. */
  private void read(ZooKeeper zooKeeper, boolean newSession)
      throws KeeperException, InterruptedException {
    Set<String> clusters;
    synchronized (lock) {
      clusters = new HashSet<>(changedClusters);
      changedClusters.clear();
    }
    if (newSession) {
      seen.clear();
      clusters.add(rustCluster);
      if (javaCluster != null) {
        clusters.add(javaCluster);
      }
    }
    // seen is whole again before it is looked at: a failure leaves the last view, and comes back
    // with newSession.
    for (String cluster : clusters) {
      seen.put(cluster, children(zooKeeper, cluster));
    }
    show();
  }

  private Map<String, UriProperties> children(ZooKeeper zooKeeper, String cluster)
      throws KeeperException, InterruptedException {
    String path = nodes.uris(cluster);
    Map<String, UriProperties> before = seen.get(cluster);
    Map<String, UriProperties> now = new HashMap<>();
    List<String> names;
    while (true) {
      try {
        names = zooKeeper.getChildren(path, event -> changed(cluster));
        break;
      } catch (KeeperException.NoNodeException e) {
        if (zooKeeper.exists(path, event -> changed(cluster)) == null) {
          return now;
        }
      }
    }
    for (String name : names) {
      UriProperties node = before == null ? null : before.get(name);
      if (node == null) {
        try {
          String child = path + "/" + name;
          node = nodes.read(zooKeeper.getData(child, false, new Stat()), child);
        } catch (KeeperException.NoNodeException e) {
          // Gone since; the watch says so too.
        }
      }
      if (node != null) {
        now.put(name, node);
      }
    }
    return now;
  }

  /** On the thread of ZooKeeper's events. */
  private void changed(String cluster) {
    synchronized (lock) {
      changedClusters.add(cluster);
    }
    session.wake();
  }

  private void show() {
    Map<String, AnnouncedServer> servers = new LinkedHashMap<>();
    if (javaCluster != null) {
      addTo(servers, javaCluster);
    }
    addTo(servers, rustCluster);
    SortedMap<String, String> addresses = new TreeMap<>();
    for (Map.Entry<String, AnnouncedServer> entry : servers.entrySet()) {
      AnnouncedServer server = entry.getValue();
      if (server.grpcPort() != 0 && position < server.grpcWeight()) {
        addresses.put(entry.getKey(), server.grpcAddress());
      } else if (javaGrpcPort != 0) {
        addresses.put(entry.getKey(), server.host() + ":" + javaGrpcPort);
      }
    }
    View before = view;
    View now =
        new View(
            Collections.unmodifiableMap(servers), Collections.unmodifiableSortedMap(addresses));
    synchronized (lock) {
      view = now;
      known = true;
      lock.notifyAll();
    }
    if (!before.addresses.equals(addresses)) {
      LOG.info("addresses of gRPC: {}", addresses);
      for (Listener listener : listeners) {
        try {
          listener.changed(now.addresses);
        } catch (RuntimeException e) {
          LOG.warn("a listener of discovery failed", e);
        }
      }
    }
  }

  /** Of several nodes for one URI the newest holds: its number is the highest. */
  private void addTo(Map<String, AnnouncedServer> servers, String cluster) {
    SortedMap<String, UriProperties> bySequence =
        new TreeMap<>(
            Comparator.comparing((String name) -> name.substring(name.lastIndexOf('-') + 1))
                .thenComparing(Comparator.<String>naturalOrder()));
    Map<String, UriProperties> ofCluster = seen.get(cluster);
    if (ofCluster == null) {
      return;
    }
    bySequence.putAll(ofCluster);
    for (UriProperties node : bySequence.values()) {
      for (URI uri : node.Uris()) {
        if (uri.getHost() != null) {
          AnnouncedServer server = AnnouncedServer.of(node, uri);
          servers.put(server.serverAddress(), server);
        }
      }
    }
  }

  /** Builds a {@link ServerDirectory}. */
  public static final class Builder {
    private final String zooKeeper;
    private String basePath = "/d2";
    private Duration sessionTimeout = Duration.ofSeconds(5);
    private String rustService = DiscoveryConfig.RUST_SERVICE;
    private String javaService;
    private int javaGrpcPort;
    private double position = Math.random();

    private Builder(String zooKeeper) {
      this.zooKeeper = Objects.requireNonNull(zooKeeper, "zooKeeper");
    }

    /** Sets the node under which D2 lives. Default {@code /d2}. */
    public Builder basePath(String value) {
      basePath = value;
      return this;
    }

    /** Sets the timeout of the session with ZooKeeper. Default 5 seconds. */
    public Builder sessionTimeout(Duration value) {
      sessionTimeout = value;
      return this;
    }

    /**
     * Sets the resource of the Rust servers: {@code d2.service.name} of the servers. Default {@code
     * venice-server-rust-d2}; mode shared has {@code venice-server-d2}.
     */
    public Builder service(String value) {
      rustService = Names.check("service", value);
      return this;
    }

    /** Sets the resource of one store, of servers in mode {@link DiscoveryMode#STORE}. */
    public Builder store(String value) {
      rustService = Names.storeService(DiscoveryConfig.RUST_SERVICE, Names.check("store", value));
      return this;
    }

    /**
     * Has servers without a Rust server, and those whose share this client is not in, read from
     * their Java gRPC server.
     *
     * @param service the resource of the Java servers, {@code venice-server-d2}
     * @param grpcPort {@code grpc.read.server.port} of the Java servers
     */
    public Builder javaServers(String service, int grpcPort) {
      if (grpcPort < 1 || grpcPort > 65_535) {
        throw new IllegalArgumentException(
            "port of the Java gRPC servers is " + grpcPort + ": give 1 to 65535");
      }
      javaService = Names.check("service", service);
      javaGrpcPort = grpcPort;
      return this;
    }

    /**
     * Sets where this client stands among all clients, 0 to 1 (not included): it reads from the
     * Rust servers whose weight is above. Default: at random, so that of all clients a share as
     * large as the weight does.
     */
    public Builder position(double value) {
      if (!(value >= 0 && value < 1)) {
        throw new IllegalArgumentException("position is " + value + ": give 0 to below 1");
      }
      position = value;
      return this;
    }

    /** Connects; see {@link ServerDirectory#awaitServers}. */
    public ServerDirectory open() {
      return new ServerDirectory(this);
    }
  }
}
