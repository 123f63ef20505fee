package com.linkedin.venice.rust.discovery;

import com.linkedin.d2.discovery.stores.zk.ZooKeeper;
import com.linkedin.venice.servicediscovery.ServiceDiscoveryAnnouncer;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.zookeeper.KeeperException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Announces a Rust read server in D2, and takes it back.
 *
 * <p>Give it to {@code VeniceServerContext.Builder#setServiceDiscoveryAnnouncers}, or let the
 * adapter do it. What is announced is held by a session of ZooKeeper: it goes when this process
 * dies, and comes back by itself after an expired session or a restart of ZooKeeper. Every change
 * puts the new node before it takes the old one away, so that clients never see the server
 * missing. It belongs to no {@code RustReadServer}: what was announced, the weight and the stores
 * hold when that is stopped and another one started.
 *
 * <p>In mode {@link DiscoveryMode#SHARED} it announces the Java server's own URI, with the port of
 * gRPC in the URI's properties. D2 holds one announcement for a URI, so Venice's own announcer of
 * that resource ({@code server.d2.announce.enabled}) has to be off.
 *
 * <p>Thread-safe. No method throws because ZooKeeper is away.
 */
public final class RustServerAnnouncer implements ServiceDiscoveryAnnouncer, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RustServerAnnouncer.class);

  private final DiscoveryConfig config;
  private final D2Nodes nodes;

  private final Object lock = new Object();
  private final Set<String> stores;
  private int grpcPort;
  private boolean rustServes = true;
  private double weight;
  private boolean registered;
  private D2Session session;

  /** What is to be announced, by service. */
  private Map<String, AnnouncedServer> wanted = new HashMap<>();

  /** Grows with each change of {@link #wanted}. */
  private long wantedVersion;

  /** The version of {@link #wanted} that ZooKeeper holds. */
  private long heldVersion;

  /**
   * By service, what may stand in ZooKeeper of this server: entered before it is written, and taken
   * out after it was removed, so that nothing is left behind by a write whose answer was lost.
   */
  private final Map<String, Map<URI, AnnouncedServer>> touched = new HashMap<>();

  /**
   * Makes an announcer; nothing is announced before {@link #register}.
   *
   * @param grpcPort the port of the Rust server, 1 to 65535
   */
  public RustServerAnnouncer(DiscoveryConfig config, int grpcPort) {
    this.config = config;
    this.nodes = new D2Nodes(config.basePath());
    this.stores = new TreeSet<>(config.stores());
    this.weight = config.weight();
    this.grpcPort = checkPort(grpcPort);
  }

  private static int checkPort(int port) {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port of gRPC is " + port + ": give 1 to 65535");
    }
    return port;
  }

  /**
   * Announces the server. Waits for ZooKeeper as long as the configuration says; if it is not there
   * by then, that is logged, and the announcement follows when it comes.
   */
  @Override
  public void register() {
    synchronized (lock) {
      registered = true;
      if (session == null && config.mode() != DiscoveryMode.NONE) {
        session =
            D2Session.open(
                config.zooKeeper(), config.sessionTimeout(), "venice-rust-announcer", this::publish);
      }
      changed();
    }
    awaitOrWarn("announced");
  }

  /**
   * Takes everything back and ends the session with ZooKeeper. Waits as {@link #register} does; what
   * ZooKeeper did not confirm by then goes when it sees the session's end or misses it.
   */
  @Override
  public void unregister() {
    D2Session ending;
    synchronized (lock) {
      registered = false;
      ending = session;
      changed();
    }
    if (ending == null) {
      return;
    }
    awaitOrWarn("taken back");
    synchronized (lock) {
      if (registered || session != ending) {
        return;
      }
      session = null;
    }
    ending.close();
  }

  /** As {@link #unregister}. */
  @Override
  public void close() {
    unregister();
  }

  /**
   * Says whether the Rust server serves. While it does not, modes own and store announce nothing,
   * and mode shared announces the Java server alone.
   *
   * @return whether ZooKeeper holds it before the configured time to wait ends
   */
  public boolean setRustServes(boolean serves) {
    synchronized (lock) {
      rustServes = serves;
      changed();
    }
    return await(config.waitTime());
  }

  /**
   * Says that the Rust server listens on another port.
   *
   * @return as {@link #setRustServes}
   */
  public boolean setGrpcPort(int port) {
    synchronized (lock) {
      grpcPort = checkPort(port);
      changed();
    }
    return await(config.waitTime());
  }

  /**
   * Changes the weight of the Rust server, 0 to 1000; 1 is the default, and 0.05 sends five clients
   * of a hundred to it.
   *
   * @return as {@link #setRustServes}
   */
  public boolean setWeight(double value) {
    synchronized (lock) {
      weight = DiscoveryConfig.checkWeight(value);
      changed();
    }
    return await(config.waitTime());
  }

  /** Returns the weight of the Rust server. */
  public double weight() {
    synchronized (lock) {
      return weight;
    }
  }

  /**
   * Announces stores, or takes them back; only in mode {@link DiscoveryMode#STORE}.
   *
   * @return as {@link #setRustServes}
   * @throws IllegalStateException in another mode
   */
  public boolean setStoresAnnounced(Iterable<String> names, boolean announced) {
    if (config.mode() != DiscoveryMode.STORE) {
      throw new IllegalStateException(
          "single stores are announced in mode store only, and the mode is "
              + config.mode().propertyValue());
    }
    List<String> checked = new ArrayList<>();
    for (String name : names) {
      checked.add(Names.check("store", name));
    }
    synchronized (lock) {
      if (announced) {
        stores.addAll(checked);
      } else {
        stores.removeAll(checked);
      }
      changed();
    }
    return await(config.waitTime());
  }

  /** Returns the stores that are announced while the server is registered, in mode store. */
  public Set<String> announcedStores() {
    synchronized (lock) {
      return new TreeSet<>(stores);
    }
  }

  /** Returns whether ZooKeeper holds what is wanted, and nothing else of this server. */
  public boolean isUpToDate() {
    synchronized (lock) {
      return session == null || heldVersion == wantedVersion && session.isConnected();
    }
  }

  /** Waits until ZooKeeper holds all that was wanted when this was called. */
  public boolean await(Duration time) {
    long deadline = System.nanoTime() + time.toNanos();
    synchronized (lock) {
      long version = wantedVersion;
      while (session != null && heldVersion < version) {
        long millis = (deadline - System.nanoTime()) / 1_000_000;
        if (millis <= 0) {
          return false;
        }
        try {
          lock.wait(millis);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return false;
        }
      }
      return true;
    }
  }

  private void awaitOrWarn(String what) {
    if (await(config.waitTime())) {
      LOG.info("{}: {}", this, what);
    } else {
      LOG.warn(
          "{}: not {} after {} ms, because ZooKeeper at {} did not answer; it follows when it does",
          this,
          what,
          config.waitTime().toMillis(),
          config.zooKeeper());
    }
  }

  /** Called with the lock. */
  private void changed() {
    wanted = wanted();
    wantedVersion++;
    if (session != null) {
      session.wake();
    }
  }

  /** What has to be announced now, by service. Called with the lock. */
  private Map<String, AnnouncedServer> wanted() {
    Map<String, AnnouncedServer> result = new LinkedHashMap<>();
    if (!registered) {
      return result;
    }
    switch (config.mode()) {
      case SHARED:
        result.put(config.serviceName(), server(config.httpPort(), 1));
        break;
      case OWN:
        if (rustServes) {
          result.put(config.serviceName(), server(grpcPort, weight));
        }
        break;
      case STORE:
        if (rustServes) {
          for (String store : stores) {
            result.put(
                Names.storeService(config.serviceName(), store), server(grpcPort, weight));
          }
        }
        break;
      default:
        break;
    }
    return result;
  }

  private AnnouncedServer server(int port, double uriWeight) {
    Map<String, Object> properties = new HashMap<>();
    properties.put(Names.HTTP_PORT, config.httpPort());
    if (rustServes) {
      properties.put(Names.GRPC_PORT, grpcPort);
      properties.put(Names.GRPC_WEIGHT, weight);
      properties.put(Names.GRPC_SERVER, "rust");
    }
    return new AnnouncedServer(
        URI.create(scheme() + "://" + bracketed(config.host()) + ":" + port),
        uriWeight,
        properties);
  }

  private String scheme() {
    return config.tls() ? "https" : "http";
  }

  private static String bracketed(String host) {
    return host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
  }

  /** Makes ZooKeeper hold what is wanted. On the session's thread. */
  private void publish(ZooKeeper zooKeeper, boolean newSession)
      throws KeeperException, InterruptedException {
    Map<String, AnnouncedServer> target;
    long version;
    synchronized (lock) {
      target = wanted;
      version = wantedVersion;
    }
    synchronized (touched) {
      Set<String> services = new LinkedHashSet<>(target.keySet());
      services.addAll(touched.keySet());
      for (String service : services) {
        publish(zooKeeper, service, target.get(service), newSession);
      }
    }
    synchronized (lock) {
      heldVersion = Math.max(heldVersion, version);
      lock.notifyAll();
    }
  }

  /** Makes one service hold {@code server}, or nothing of ours if that is null. */
  private void publish(
      ZooKeeper zooKeeper, String service, AnnouncedServer server, boolean newSession)
      throws KeeperException, InterruptedException {
    String cluster = Names.cluster(service);
    Map<URI, AnnouncedServer> ours = touched.computeIfAbsent(service, key -> new HashMap<>());
    if (server != null) {
      boolean holds = ours.size() == 1 && server.equals(ours.get(server.uri()));
      if (holds && !newSession) {
        return;
      }
      nodes.describe(zooKeeper, service, scheme());
      ours.put(server.uri(), server);
      nodes.put(zooKeeper, cluster, server);
    }
    for (AnnouncedServer other : new ArrayList<>(ours.values())) {
      if (server == null || !other.uri().equals(server.uri())) {
        nodes.remove(zooKeeper, cluster, other);
        ours.remove(other.uri());
      }
    }
    if (ours.isEmpty()) {
      touched.remove(service);
    }
  }

  @Override
  public String toString() {
    synchronized (lock) {
      return "RustServerAnnouncer{mode="
          + config.mode().propertyValue()
          + ", service="
          + config.serviceName()
          + ", server="
          + config.host()
          + ":"
          + config.httpPort()
          + ", grpc="
          + grpcPort
          + "}";
    }
  }
}
