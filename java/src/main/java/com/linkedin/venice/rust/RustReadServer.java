package com.linkedin.venice.rust;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A gRPC read server, written in Rust, that runs inside this JVM and answers from the RocksDB
 * databases which this JVM has open through {@code org.rocksdb}.
 *
 * <p>It serves {@code VeniceReadService}. A database is found by its path: {@code
 * <anything>/<store>_v<N>/<store>_v<N>_<p>} is partition {@code p} of the store version {@code
 * <store>_v<N>}. So Java opens, ingests and closes as ever, before or after the start of the
 * server, and nothing has to be registered.
 *
 * <p>Its threads are plain threads of the operating system: they never enter the JVM and do not
 * keep it from exiting. All methods are thread-safe.
 */
public final class RustReadServer implements AutoCloseable {
  /** So long nobody has to have read for clients to have gone; more than a slow network takes. */
  private static final long QUIET_MILLIS = 200;

  private final long handle;
  private final KeyStoreReader keyStores;
  private final boolean sendsOtlp;
  private final ServerThreads threads = new ServerThreads();

  private final Object stopLock = new Object();
  private volatile boolean stopping;

  /** Of the stop: -1 when all was answered and every connection had said goodbye. */
  private int cut = -1;

  private RustReadServer(long handle, KeyStoreReader keyStores, ReadServerConfig config) {
    this.handle = handle;
    this.keyStores = keyStores;
    String exporters = config.metricsExporters();
    this.sendsOtlp = exporters.equals("otlp") || exporters.equals("all");
  }

  /**
   * Starts a server. When this returns, the port accepts connections.
   *
   * @throws ReadServerException if the port is taken, the address is not one of this host, or the
   *     library that {@code org.rocksdb} loaded is not the one with the read server
   */
  public static RustReadServer start(ReadServerConfig config) {
    Objects.requireNonNull(config, "config");
    return startNative(config, false);
  }

  /**
   * Starts a server that asks {@code accessController} who may read. Clients need certificates for
   * that, so without TLS nobody may.
   *
   * @throws ReadServerException as {@link #start(ReadServerConfig)}
   */
  public static RustReadServer start(
      ReadServerConfig config, ReadAccessController accessController) {
    Objects.requireNonNull(config, "config");
    Objects.requireNonNull(accessController, "accessController");
    RustReadServer server = startNative(config, true);
    for (int i = 0; i < config.accessThreads(); i++) {
      server.start(
          new AccessThread(server.handle, i, accessController),
          "the access controller: lower access.threads");
    }
    return server;
  }

  private static RustReadServer startNative(ReadServerConfig config, boolean accessControl) {
    ReadServerNatives.requireLinked(config.filesTimeout());
    KeyStoreReader keyStores = new KeyStoreReader(config);
    long handle = ReadServerNatives.start0(config.toSettings(), accessControl, keyStores);
    RustReadServer server = new RustReadServer(handle, keyStores, config);
    if (config.hasTlsFiles()) {
      server.start(new TlsThread(handle, keyStores), "the files of TLS: stop other threads");
    }
    SlowReadThread slowReads = SlowReadThread.of(handle);
    if (slowReads != null) {
      server.start(slowReads, "slow requests in recordings: stop other threads");
    }
    return server;
  }

  /** Starts a thread of the server, or stops the server. */
  private void start(Thread thread, String purposeAndRemedy) {
    try {
      threads.start(thread, purposeAndRemedy);
    } catch (ReadServerException e) {
      stop(Duration.ZERO);
      throw e;
    }
  }

  /**
   * Returns the version of the native library.
   *
   * @throws ReadServerException if the library that {@code org.rocksdb} loaded is not the one with
   *     the read server
   */
  public static String version() {
    ReadServerNatives.requireLinked(ReadServerConfig.defaults().filesTimeout());
    return ReadServerNatives.version0();
  }

  /**
   * Returns the port that is listened on, never 0.
   *
   * @throws ReadServerException if the server was stopped
   */
  public int port() {
    return ReadServerNatives.port0(runningHandle());
  }

  /**
   * Returns where Prometheus scrapes the metrics of this server, as {@code 127.0.0.1:9464}, whose
   * port is never 0; null unless {@code metrics.exporters} asks for it.
   *
   * @throws ReadServerException if the server was stopped
   */
  public String prometheusAddress() {
    return ReadServerNatives.prometheus0(runningHandle());
  }

  /**
   * Returns whether this server sends its metrics to a collector by OTLP, as {@code
   * metrics.exporters} has it: who sends them there too would have them counted twice.
   */
  public boolean sendsOtlp() {
    return sendsOtlp;
  }

  /**
   * Sets the read quota of a store version, and replaces what was set for it before.
   *
   * <p>Call it for every version of every store of this node: when a version is added, when the
   * store's quota changes, and when the node's share changes. A request costs one RCU (read
   * capacity unit) for each key; one that finds too few is answered with error code 429, and costs
   * no read.
   *
   * <p>If this node's part, {@code rcuPerSecond * share} rounded up, is as before, what was used
   * stays used; otherwise the version starts with a full bucket, as in Venice.
   *
   * @param storeVersion {@code <store>_v<N>}
   * @param rcuPerSecond the quota of the whole store, at least 1 ({@code Store#getReadQuotaInCU})
   * @param share this node's part of it, 0 to 1: for each partition the replicas here that are
   *     ready to serve over all that are, averaged over the partitions; 0 removes the quota
   * @throws ReadServerException if a value is refused, which leaves what was set before, or if the
   *     server was stopped
   */
  public void setStoreQuota(String storeVersion, long rcuPerSecond, double share) {
    Objects.requireNonNull(storeVersion, "storeVersion");
    ReadServerNatives.setStoreQuota0(runningHandle(), storeVersion, rcuPerSecond, share);
  }

  /**
   * Lets all requests for a store version pass, also when the node is at its capacity: for stores
   * without {@code storageNodeReadQuotaEnabled}.
   *
   * @throws ReadServerException if the name is none of a store version, or the server was stopped
   */
  public void disableStoreQuota(String storeVersion) {
    Objects.requireNonNull(storeVersion, "storeVersion");
    ReadServerNatives.disableStoreQuota0(runningHandle(), storeVersion);
  }

  /**
   * Forgets what was set for a store version: call it when the version is deleted. Its requests are
   * then held to the node's quota alone.
   *
   * @throws ReadServerException if the server was stopped
   */
  public void removeStoreQuota(String storeVersion) {
    Objects.requireNonNull(storeVersion, "storeVersion");
    ReadServerNatives.removeStoreQuota0(runningHandle(), storeVersion);
  }

  /**
   * Sets the read quota of this node, for the requests of all stores together ({@code
   * server.node.capacity.rcu.per.second}). A request that finds too few RCU is answered with error
   * code 503. From then on a request for a store that no quota was set for, and that has no
   * database here, is answered with error code 400.
   *
   * @param rcuPerSecond at least 1
   * @throws ReadServerException if the value is refused, or the server was stopped
   */
  public void setNodeQuota(long rcuPerSecond) {
    ReadServerNatives.setNodeQuota0(runningHandle(), rcuPerSecond);
  }

  /**
   * Removes the quota of the node; those of store versions stay.
   *
   * @throws ReadServerException if the server was stopped
   */
  public void removeNodeQuota() {
    ReadServerNatives.removeNodeQuota0(runningHandle());
  }

  /**
   * Tells what is known of a store beyond its databases, in place of all that was told before: read
   * compute and metadata are answered by it. Call it when the server has started, and whenever
   * something of it changes: schemas, versions, the current version, who serves it. Calls that are
   * under way keep what they began with.
   *
   * @throws ReadServerException if the description is refused, with the place and the reason, which
   *     leaves what was told before; or if the server was stopped
   */
  public void describeStore(StoreDescription store) {
    Objects.requireNonNull(store, "store");
    ReadServerNatives.describeStore0(runningHandle(), store.json().getBytes(UTF_8));
  }

  /**
   * Forgets what was told of a store: call it when the store is deleted.
   *
   * @return whether something was known of it
   * @throws ReadServerException if the server was stopped
   */
  public boolean forgetStore(String store) {
    Objects.requireNonNull(store, "store");
    return ReadServerNatives.forgetStore0(runningHandle(), store);
  }

  /**
   * Returns the names of the stores of which something was told, in order.
   *
   * @throws ReadServerException if the server was stopped
   */
  public List<String> describedStores() {
    return Arrays.asList(ReadServerNatives.describedStores0(runningHandle()));
  }

  /**
   * Returns what the server has counted since its start. Fetch it as often as numbers are written
   * down, once a minute for example; docs/metrics.md has the names, and an adapter to Venice's own.
   *
   * @throws ReadServerException if the server was stopped
   */
  public List<ReadServerMetric> metrics() {
    return ReadServerMetric.parse(ReadServerNatives.metrics0(runningHandle()));
  }

  /**
   * Looks how much each store version that is open in this process was read, by name. Reads cost
   * nothing for it: databases count their readers anyway, to be closed behind the last of them.
   *
   * @throws ReadServerException if the server was stopped
   */
  public List<StoreVersionReads> versionReads() {
    return StoreVersionReads.parse(ReadServerNatives.versionReads0(runningHandle()));
  }

  /**
   * Returns the requests that the server keeps, the oldest first: those that were slow, and some
   * others by chance, with what they waited for. No key and no value is in them.
   *
   * @throws ReadServerException if the server was stopped
   */
  public List<SlowRead> slowReads() {
    return slowReads(runningHandle(), 0);
  }

  /**
   * Returns those of {@link #slowReads()} whose numbers are above {@code sequence}, for who asks
   * again and again: give the number of the last one that you have, 0 at first.
   *
   * @throws ReadServerException if the server was stopped
   */
  public List<SlowRead> slowReadsAfter(long sequence) {
    return slowReads(runningHandle(), sequence);
  }

  static List<SlowRead> slowReads(long handle, long after) {
    return SlowRead.parse(ReadServerNatives.slowReads0(handle, Math.max(0, after)));
  }

  /**
   * Begins to count which keys are read most, until {@code duration} is over: the session ends
   * itself. What the one before has counted goes.
   *
   * @param duration 1 ms to an hour
   * @param showKeys whether reports have the keys; else each has a number, which is another one in
   *     the next session, and no key is kept
   * @throws ReadServerException if a session runs, if the duration is out of its bounds, or if the
   *     server was stopped
   */
  public void startHotKeys(Duration duration, boolean showKeys) {
    ReadServerNatives.startHotKeys0(runningHandle(), duration.toMillis(), showKeys);
  }

  /**
   * Ends the session of {@link #startHotKeys} early. What it has counted can be read on.
   *
   * @throws ReadServerException if the server was stopped
   */
  public void stopHotKeys() {
    ReadServerNatives.stopHotKeys0(runningHandle());
  }

  /**
   * Returns what the last session of {@link #startHotKeys} has counted, also while it goes on; null
   * if there was none.
   *
   * @throws ReadServerException if the server was stopped
   */
  public HotKeys hotKeys() {
    String rows = ReadServerNatives.hotKeys0(runningHandle());
    return rows == null ? null : new HotKeys(rows);
  }

  /**
   * Writes all metrics into {@code direct}, from its first byte, in the form that {@link
   * com.linkedin.venice.rust.metrics.MetricsReader} reads: use that. Nobody else may use the buffer
   * meanwhile.
   *
   * @return how many bytes there are; if that is more than the buffer's capacity, it has only zeros
   * @throws IllegalArgumentException if the buffer is not direct, or is read-only
   * @throws ReadServerException if the server was stopped
   */
  public int fetchMetrics(ByteBuffer direct) {
    Objects.requireNonNull(direct, "direct");
    if (!direct.isDirect() || direct.isReadOnly()) {
      throw new IllegalArgumentException(
          "metrics are written into a direct buffer that is not read-only, and not into " + direct);
    }
    return ReadServerNatives.snapshot0(runningHandle(), direct);
  }

  /**
   * Returns the labels of the metrics that were fetched last, in the form that {@link
   * com.linkedin.venice.rust.metrics.MetricsReader} reads: use that.
   *
   * @throws ReadServerException if the server was stopped
   */
  public byte[] metricLabels() {
    return ReadServerNatives.labels0(runningHandle());
  }

  /**
   * Makes the standard health service ({@code grpc.health.v1.Health}) say that this server serves,
   * or that it does not: for whoever decides where to send reads. Reads are answered in any case.
   * It serves from its start; a server that drains says NOT_SERVING by itself.
   *
   * @throws ReadServerException if the server was stopped
   */
  public void setServing(boolean serving) {
    ReadServerNatives.setServing0(runningHandle(), serving);
  }

  /**
   * Returns how many calls are open: begun, and not answered and sent to their end. Those that watch
   * the health of the server are among them.
   *
   * @throws ReadServerException if the server was stopped
   */
  public int callsInFlight() {
    return ReadServerNatives.callsInFlight0(runningHandle());
  }

  /**
   * Drains the server so that no client notices: the health service says NOT_SERVING, discovery is
   * told by who follows the phases ({@link #followPhases}), clients are waited for until none has
   * read for 200 ms, those that are left are told to go away (GOAWAY), what is in flight is
   * answered, and the server ends. Until it is stopped its metrics can be fetched, and operators
   * find it at the admin socket.
   *
   * <p>Returns when that is done; an interrupt does not end it, {@link #stop} and {@link #undrain}
   * on another thread do.
   *
   * @param bound how long all of it may take before calls in flight are cut, 0 to 24 hours: half of
   *     it at most is spent on waiting for clients to go by themselves
   * @return how it went
   * @throws ReadServerException if it was taken back, if another drain is under way, or if the
   *     server has ended
   */
  public ReadServerDrain drain(Duration bound) {
    long millis = ReadServerSetting.DRAIN.allowed().checkTime("bound", bound);
    return new ReadServerDrain(ReadServerNatives.drain0(runningHandle(), QUIET_MILLIS, millis));
  }

  /**
   * Takes back a drain that has not told clients to go away: the server serves as before, and {@link
   * #drain}, on its thread, throws.
   *
   * @throws ReadServerException if the server serves, or ends, or has ended
   */
  public void undrain() {
    ReadServerNatives.undrain0(runningHandle());
  }

  /** Returns how far the server is; {@link ReadServerPhase#ENDED} of one that was stopped. */
  public ReadServerPhase phase() {
    return phaseOf(ReadServerNatives.awaitStep0(handle, 0, 0));
  }

  /**
   * Has {@code listener} told when the server leaves, comes back, or ends, whoever has it do so.
   * From then on a drain waits for it to mark the server down in discovery. Call it once.
   *
   * @throws ReadServerException if the server was stopped, or there is no thread
   */
  public void followPhases(PhaseListener listener) {
    Objects.requireNonNull(listener, "listener");
    ReadServerNatives.announced0(runningHandle());
    PhaseThread thread = new PhaseThread(this, listener);
    try {
      // Nobody waits for its end: it may be in the listener, which may wait for who stops the server.
      thread.start();
    } catch (OutOfMemoryError e) {
      throw new ReadServerException(
          "cannot start the thread that follows the phases: raise the limits of the process", e);
    }
  }

  /** Waits until the server has gone on from a step, 0 being where it begins. */
  long awaitStep(long known) {
    return ReadServerNatives.awaitStep0(handle, known, Long.MAX_VALUE);
  }

  static ReadServerPhase phaseOf(long step) {
    return ReadServerPhase.values()[(int) (step & 3)];
  }

  /** Tells that discovery holds, or does not, that the server is down. */
  void markedDown(boolean held) {
    if (!stopping) {
      ReadServerNatives.markedDown0(handle, held);
    }
  }

  /**
   * Changes a setting while the server runs: docs/settings.md says which can be. Limits and times
   * of connections hold for those that are made from then on. It lasts until the server ends.
   *
   * @param setting the name, as {@code max.connections}
   * @param value in text form; a size or a time may have a unit, as {@code 64MiB} and {@code 10s}
   * @throws ReadServerException if there is no such setting, if it cannot have this value, or if it
   *     is read at the start alone; then nothing was changed
   */
  public void change(String setting, String value) {
    Objects.requireNonNull(setting, "setting");
    Objects.requireNonNull(value, "value");
    ReadServerNatives.change0(runningHandle(), setting, value);
  }

  /**
   * Returns the value of a setting as it is now, in text form; null if it has none. Of passwords
   * only stars.
   *
   * @throws ReadServerException if there is no such setting, or the server was stopped
   */
  public String setting(String setting) {
    Objects.requireNonNull(setting, "setting");
    return ReadServerNatives.setting0(runningHandle(), setting);
  }

  /**
   * Returns the path of the socket at which operators find this server; null if {@code admin.socket}
   * is not set.
   *
   * @throws ReadServerException if the server was stopped
   */
  public String adminSocket() {
    return ReadServerNatives.adminSocket0(runningHandle());
  }

  /**
   * Returns how many calls {@link #stop} cut because its time was up; 0 before it, and when all were
   * answered.
   */
  public int callsCut() {
    synchronized (stopLock) {
      return Math.max(0, cut);
    }
  }

  /**
   * Reads the files of TLS again, for connections from now on; those that are open stay as they
   * are. A thread does it when the files change, unless {@code tls.reload.ms} is 0.
   *
   * @throws ReadServerException if a file cannot be used, which leaves all as it was; if the server
   *     has no TLS; or if it was stopped
   */
  public void reloadTls() {
    ReadServerNatives.reloadTls0(runningHandle(), keyStores);
  }

  /**
   * Stops accepting, tells clients to go away, and waits for the requests in flight.
   *
   * <p>Only the first call stops the server. Later calls, and calls at the same time, wait for it
   * and return its result.
   *
   * @param drain how long to wait before the requests in flight are cut; 0 to 24 hours
   * @return whether every request in flight was answered within that time
   */
  public boolean stop(Duration drain) {
    long drainMillis = ReadServerSetting.DRAIN.allowed().checkTime("drain.ms", drain);
    synchronized (stopLock) {
      if (!stopping) {
        stopping = true;
        cut = ReadServerNatives.stop0(handle, drainMillis);
        threads.end();
      }
      return cut < 0;
    }
  }

  /** Stops the server with the drain time of its settings, as it is now. Idempotent. */
  @Override
  public void close() {
    Duration drain = Duration.ZERO;
    synchronized (stopLock) {
      if (!stopping) {
        drain = Duration.ofMillis(Long.parseLong(ReadServerNatives.setting0(handle, "drain.ms")));
      }
      stop(drain);
    }
  }

  private long runningHandle() {
    if (stopping) {
      throw new ReadServerException("the read server has been stopped: start a new one");
    }
    return handle;
  }
}
