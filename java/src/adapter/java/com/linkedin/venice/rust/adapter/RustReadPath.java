package com.linkedin.venice.rust.adapter;

import com.linkedin.venice.rust.PhaseListener;
import com.linkedin.venice.rust.ReadAccessController;
import com.linkedin.venice.rust.ReadServerConfig;
import com.linkedin.venice.rust.ReadServerDrain;
import com.linkedin.venice.rust.RustReadServer;
import com.linkedin.venice.rust.discovery.DiscoveryConfig;
import com.linkedin.venice.rust.discovery.RustServerAnnouncer;
import com.linkedin.venice.rust.metrics.MetricsListener;
import com.linkedin.venice.rust.metrics.MetricsReporter;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Rust read path of one Venice server: a {@link RustReadServer}, its quotas, who may read, its
 * keys, and its announcement. Made by {@link #start}, which never throws: where it cannot start, the
 * Java server goes on as without it, and one line of the log says why.
 *
 * <p>Quotas, the access controller and what is announced belong to this object, and hold when its
 * server is drained and started anew ({@link #drain}, {@link #resume}). Thread-safe.
 */
public final class RustReadPath implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RustReadPath.class);

  /** Whether the read path serves, and if not, why. */
  public enum State {
    /** {@code grpc.read.server.rust.enabled} is not true. */
    DISABLED,
    /** It could not start; see {@link RustReadPath#failure}. */
    FAILED,
    /** It serves. */
    SERVING,
    /** It was drained, and can be resumed. */
    DRAINED,
    /** It was closed. */
    CLOSED
  }

  private final Parts parts;

  /** Held while it starts, drains, resumes and closes: one after the other. */
  private final Object lock = new Object();

  private volatile State state = State.DISABLED;
  private volatile String failure;
  private volatile QuotaFeed quotas;
  private volatile DescriptionFeed descriptions;
  private volatile RustServerAnnouncer announcer;
  private volatile RustReadServer server;
  private MetricsReporter reporter;
  private UsageFeed usage;
  private ReadServerConfig config;
  private boolean announced;

  private RustReadPath(Parts parts) {
    this.parts = parts;
  }

  /** Returns what a read path is made of, to be filled in. */
  public static Parts parts(Map<String, String> properties) {
    return new Parts(properties);
  }

  /**
   * Starts the read path, if the properties say so. When this returns in state SERVING, the port
   * accepts connections and every quota that is known holds; nothing is announced yet.
   *
   * <p>Never throws; see {@link #state} and {@link #failure}.
   */
  public static RustReadPath start(Parts parts) {
    RustReadPath path = new RustReadPath(parts);
    try {
      path.startOrThrow();
    } catch (RuntimeException | LinkageError e) {
      path.fail(e);
    }
    return path;
  }

  private void startOrThrow() {
    AdapterConfig adapter = new AdapterConfig(parts.properties);
    if (!adapter.enabled) {
      return;
    }
    if (adapter.quotaMode == AdapterConfig.QuotaMode.EXCLUSIVE && parts.javaGrpc) {
      throw new IllegalArgumentException(
          AdapterConfig.QUOTA_MODE
              + "=exclusive means that Java answers no reads of gRPC: set grpc.read.server.enabled"
              + " to false, or the mode to full");
    }
    synchronized (lock) {
      config = adapter.serverConfig(parts.keys, parts.settings);
      DiscoveryConfig discovery = adapter.discovery(adapter.hasTls(parts.keys));
      server = newServer();
      announcer = new RustServerAnnouncer(discovery, server.port());
      if (parts.stores != null && parts.nodeRcu.isPresent()) {
        quotas = new QuotaFeed(parts.stores, parts.shares, parts.nodeRcu.getAsLong());
        quotas.start();
        quotas.tell(server);
      }
      if (parts.descriptions != null) {
        descriptions = new DescriptionFeed(parts.descriptions);
        descriptions.start();
        descriptions.tell(server);
      }
      if (parts.usage != null) {
        usage = new UsageFeed(parts.usage, parts.usageInterval);
      }
      report();
      state = State.SERVING;
    }
    LOG.info(
        "the Rust read path serves on port {}{}; {}",
        server.port(),
        parts.access == null ? " without access control" : "",
        announcer);
  }

  private RustReadServer newServer() {
    RustReadServer started =
        parts.access == null
            ? RustReadServer.start(config)
            : RustReadServer.start(config, parts.access);
    started.followPhases(new Follower(started));
    return started;
  }

  private void report() {
    if (parts.metrics != null) {
      reporter = MetricsReporter.start(server, parts.metricsInterval, parts.metrics);
    }
    if (usage != null) {
      usage.follow(server);
    }
  }

  /** Tells the last numbers of a server that is about to end. */
  private void stopReport() {
    if (reporter != null) {
      reporter.close();
      reporter = null;
    }
    if (usage != null) {
      usage.leave();
    }
  }

  private void fail(Throwable cause) {
    synchronized (lock) {
      state = State.FAILED;
      String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
      failure =
          "the Rust read path did not start, and the Java server goes on without it: "
              + message.replace('\n', ' ');
      if (quotas != null) {
        quotas.stop();
      }
      if (descriptions != null) {
        descriptions.stop();
      }
      stopReport();
      if (server != null) {
        server.close();
        server = null;
      }
    }
    LOG.error(failure);
    LOG.debug("the cause", cause);
  }

  /** Returns whether it serves, and if not, why. */
  public State state() {
    return state;
  }

  /** Returns the line that says why it did not start; null if it did. */
  public String failure() {
    return failure;
  }

  /** Returns the server, or null while there is none. */
  public RustReadServer server() {
    return server;
  }

  /** Returns the announcer, or null if the path is disabled or failed. */
  public RustServerAnnouncer announcer() {
    return state == State.FAILED ? null : announcer;
  }

  /** Returns the quota of each store version as the server holds it, in words. */
  public Map<String, String> quotas() {
    QuotaFeed feed = quotas;
    return feed == null ? Collections.<String, String>emptyMap() : feed.describe();
  }

  /** Returns the names of the stores of which the server was told. */
  public Set<String> describedStores() {
    DescriptionFeed feed = descriptions;
    return feed == null ? Collections.<String>emptySet() : feed.stores();
  }

  /** Announces the server, as the configuration says. Does nothing unless it serves. */
  public void announce() {
    RustServerAnnouncer toRegister;
    synchronized (lock) {
      if (state != State.SERVING && state != State.DRAINED) {
        return;
      }
      announced = true;
      toRegister = announcer;
    }
    toRegister.register();
  }

  /**
   * Takes the announcement back, and lets the health service say that this server does not serve;
   * reads are answered as before. The first step of a shutdown.
   */
  public void withdraw() {
    RustServerAnnouncer toUnregister;
    synchronized (lock) {
      if (!announced) {
        return;
      }
      announced = false;
      toUnregister = announcer;
      if (server != null) {
        server.setServing(false);
      }
    }
    toUnregister.unregister();
  }

  /**
   * Stops the server so that no client notices: the health service says NOT_SERVING, it is marked
   * down in discovery, clients are waited for to read elsewhere, those that are left are told to go
   * away (GOAWAY), what is in flight is answered, and it ends. An operator's drain at the admin
   * socket does the same, and leads to the same state.
   *
   * @param bound how long all of it may take before calls in flight are cut, up to 24 hours: half
   *     of it at most is spent on waiting for clients to go by themselves, and what is left on their
   *     last calls
   * @return how it went
   * @throws IllegalStateException if it does not serve
   * @throws com.linkedin.venice.rust.ReadServerException if the drain was taken back ({@link
   *     RustReadServer#undrain}), or another is under way
   */
  public ReadServerDrain drain(Duration bound) {
    RustReadServer drained;
    synchronized (lock) {
      if (state != State.SERVING) {
        throw new IllegalStateException("nothing to drain: the Rust read path is " + state);
      }
      drained = server;
    }
    ReadServerDrain report = drained.drain(bound);
    LOG.info("the Rust read path was drained: {}", report);
    ended(drained);
    return report;
  }

  /** Lets go of a server that has ended. */
  private void ended(RustReadServer drained) {
    synchronized (lock) {
      if (server != drained || state != State.SERVING) {
        return;
      }
      if (quotas != null) {
        quotas.tell(null);
      }
      if (descriptions != null) {
        descriptions.tell(null);
      }
      stopReport();
      drained.close();
      server = null;
      state = State.DRAINED;
    }
    LOG.info("the Rust read path is drained, and can be resumed");
  }

  /** Follows one server: what an operator has it do holds for discovery, and here. */
  private final class Follower implements PhaseListener {
    private final RustReadServer followed;

    Follower(RustReadServer followed) {
      this.followed = followed;
    }

    @Override
    public boolean leaving() {
      return serves(false);
    }

    @Override
    public void serving() {
      serves(true);
    }

    private boolean serves(boolean serving) {
      synchronized (lock) {
        return server == followed && announcer != null && announcer.setRustServes(serving);
      }
    }

    @Override
    public void ended() {
      RustReadPath.this.ended(followed);
    }
  }

  /**
   * Starts the server again after {@link #drain}, on the configured port and with all that it held:
   * quotas, access, announcement.
   *
   * @throws RuntimeException if it cannot start, which leaves it drained
   */
  public void resume() {
    synchronized (lock) {
      if (state != State.DRAINED) {
        throw new IllegalStateException("nothing to resume: the Rust read path is " + state);
      }
      server = newServer();
      if (quotas != null) {
        quotas.tell(server);
      }
      if (descriptions != null) {
        descriptions.tell(server);
      }
      report();
      state = State.SERVING;
      announcer.setGrpcPort(server.port());
      announcer.setRustServes(true);
      LOG.info("the Rust read path serves again, on port {}", server.port());
    }
  }

  /** Withdraws the announcement and stops the server with its configured drain time. */
  @Override
  public void close() {
    withdraw();
    synchronized (lock) {
      if (quotas != null) {
        quotas.stop();
        quotas = null;
      }
      if (descriptions != null) {
        descriptions.stop();
        descriptions = null;
      }
      stopReport();
      if (server != null) {
        server.close();
        server = null;
      }
      if (state == State.SERVING || state == State.DRAINED) {
        state = State.CLOSED;
        LOG.info("the Rust read path is closed");
      }
    }
    if (parts.keys instanceof AutoCloseable) {
      try {
        ((AutoCloseable) parts.keys).close();
      } catch (Exception e) {
        LOG.warn("the keys of the Rust read path were not cleaned up: {}", e.toString());
      }
    }
  }

  /** What a read path is made of. */
  public static final class Parts {
    private final Map<String, String> properties;
    private final Map<String, String> settings = new HashMap<>();
    private StoreSource stores;
    private ShareSource shares;
    private DescriptionSource descriptions;
    private OptionalLong nodeRcu = OptionalLong.empty();
    private ReadAccessController access;
    private KeyMaterial keys;
    private MetricsListener metrics;
    private Duration metricsInterval;
    private Consumer<String> usage;
    private Duration usageInterval;
    private boolean javaGrpc;

    private Parts(Map<String, String> properties) {
      this.properties = new HashMap<>(properties);
    }

    /**
     * Has read quota enforced: {@code server.quota.enforcement.enabled}.
     *
     * @param nodeRcuPerSecond the quota of the node, at least 1
     */
    public Parts quota(StoreSource storeSource, ShareSource shareSource, long nodeRcuPerSecond) {
      stores = Objects.requireNonNull(storeSource, "storeSource");
      shares = Objects.requireNonNull(shareSource, "shareSource");
      nodeRcu = OptionalLong.of(nodeRcuPerSecond);
      return this;
    }

    /** Has the server told what is known of stores beyond their databases. */
    public Parts descriptions(DescriptionSource source) {
      descriptions = Objects.requireNonNull(source, "source");
      return this;
    }

    /** Sets who may read; null: everybody. */
    public Parts access(ReadAccessController value) {
      access = value;
      return this;
    }

    /** Sets where keys come from, unless the properties name key stores; null: no TLS. */
    public Parts keys(KeyMaterial value) {
      keys = value;
      return this;
    }

    /**
     * Has {@code listener} told the metrics of the server, also of one that was drained and started
     * anew.
     *
     * @param every 1 ms to 24 hours
     */
    public Parts metrics(MetricsListener listener, Duration every) {
      metrics = Objects.requireNonNull(listener, "listener");
      metricsInterval = Objects.requireNonNull(every, "every");
      return this;
    }

    /**
     * Has {@code listener} told the name of each store version that was read since the last look,
     * {@code <store>_v<N>}.
     *
     * @param every at least 1 ms
     */
    public Parts usage(Consumer<String> listener, Duration every) {
      usage = Objects.requireNonNull(listener, "listener");
      usageInterval = Objects.requireNonNull(every, "every");
      return this;
    }

    /** Says whether Java serves gRPC too ({@code grpc.read.server.enabled}). */
    public Parts javaGrpc(boolean value) {
      javaGrpc = value;
      return this;
    }

    /** Sets a setting of the server that the properties may override. */
    public Parts setting(String name, String value) {
      settings.put(name, value);
      return this;
    }

    /** Sets a property that the given ones do not have. */
    public Parts defaultProperty(String name, String value) {
      properties.putIfAbsent(name, value);
      return this;
    }
  }
}
