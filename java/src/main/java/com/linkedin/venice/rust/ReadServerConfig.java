package com.linkedin.venice.rust;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * The immutable configuration of a {@link RustReadServer}.
 *
 * <p>Each builder method documents its unit, its default and its effect, and refuses a bad value at
 * once with an {@link IllegalArgumentException} that names the value and the limit. The setting
 * names ({@code port}, {@code drain.ms}, ...) are those of the server itself, so that a properties
 * file can be handed over with {@link #fromSettings}.
 */
public final class ReadServerConfig {
  /** What was set, in the form of the settings; what is absent has its default. */
  private final EnumMap<ReadServerSetting, String> values;

  private ReadServerConfig(Builder builder) {
    values = builder.values.clone();
  }

  /** Returns a builder that holds the defaults. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns the configuration with every default: all addresses, any free port. */
  public static ReadServerConfig defaults() {
    return builder().build();
  }

  /**
   * Reads settings by name, for example from a properties file. What is absent keeps its default.
   *
   * @throws IllegalArgumentException if a name is unknown or a value is bad
   */
  public static ReadServerConfig fromSettings(Map<String, String> settings) {
    Builder builder = builder();
    settings.forEach(builder::set);
    return builder.build();
  }

  /** The local address that is listened on. */
  public String bindAddress() {
    return text(ReadServerSetting.BIND_ADDRESS);
  }

  /** The port asked for; 0 means any free port, see {@link RustReadServer#port()}. */
  public int port() {
    return number(ReadServerSetting.PORT);
  }

  /** The threads that serve connections; empty means one per available core. */
  public OptionalInt workerThreads() {
    return optional(ReadServerSetting.WORKER_THREADS);
  }

  /** The processors that workers stay on; empty means that they stay on none. */
  public Optional<String> workerCpus() {
    return Optional.ofNullable(text(ReadServerSetting.WORKER_CPUS));
  }

  /** Microseconds for which a worker looks for work before it sleeps. */
  public int workerSpinMicros() {
    return number(ReadServerSetting.WORKER_SPIN_MICROS);
  }

  /** How little a worker insists on the processor; below 0 it insists more than others. */
  public int workerNice() {
    return number(ReadServerSetting.WORKER_NICE);
  }

  /** Microseconds of a worker's time slice; 0 means the system's own. */
  public int workerSliceMicros() {
    return number(ReadServerSetting.WORKER_SLICE_MICROS);
  }

  /** The threads for reads that touch the disk; empty means twice the cores, at least 4. */
  public OptionalInt diskThreads() {
    return optional(ReadServerSetting.DISK_THREADS);
  }

  /** The largest request accepted, in bytes. */
  public int maxRequestBytes() {
    return number(ReadServerSetting.MAX_REQUEST_BYTES);
  }

  /** The largest response sent, in bytes. */
  public int maxResponseBytes() {
    return number(ReadServerSetting.MAX_RESPONSE_BYTES);
  }

  /** What all clients together can make the server hold, in bytes. */
  public long maxClientBytes() {
    return Long.parseLong(text(ReadServerSetting.MAX_CLIENT_BYTES));
  }

  /** The keys that one batch get may have. */
  public int maxBatchKeys() {
    return number(ReadServerSetting.MAX_BATCH_KEYS);
  }

  /** The requests that one connection may have in flight. */
  public int maxConcurrentStreams() {
    return number(ReadServerSetting.MAX_CONCURRENT_STREAMS);
  }

  /** How long {@link RustReadServer#close()} waits for requests in flight. */
  public Duration drainTime() {
    return time(ReadServerSetting.DRAIN);
  }

  /** How long one read of RocksDB may take. */
  public Duration readDeadline() {
    return time(ReadServerSetting.READ_DEADLINE);
  }

  /** The bytes of records in one message of a streamed answer. */
  public int streamChunkBytes() {
    return number(ReadServerSetting.STREAM_CHUNK_BYTES);
  }

  /** Whether gRPC's server reflection is there. */
  public boolean reflection() {
    return Boolean.parseBoolean(text(ReadServerSetting.REFLECTION));
  }

  /** How often the buckets of read quotas are refilled. */
  public Duration quotaInterval() {
    return time(ReadServerSetting.QUOTA_INTERVAL);
  }

  /** How many refills the bucket of a read quota holds. */
  public int quotaCapacityMultiple() {
    return number(ReadServerSetting.QUOTA_CAPACITY_MULTIPLE);
  }

  /** The threads that ask the {@link ReadAccessController}. */
  public int accessThreads() {
    return number(ReadServerSetting.ACCESS_THREADS);
  }

  /** How long after an answer the {@link ReadAccessController} is asked again. */
  public Duration accessRefresh() {
    return time(ReadServerSetting.ACCESS_REFRESH);
  }

  /** How much longer an answer holds when the {@link ReadAccessController} gives no new one. */
  public Duration accessStale() {
    return time(ReadServerSetting.ACCESS_STALE);
  }

  /** How long a request waits for the first answer of the {@link ReadAccessController}. */
  public Duration accessWait() {
    return time(ReadServerSetting.ACCESS_WAIT);
  }

  /** The answers that are remembered. */
  public int accessCacheEntries() {
    return number(ReadServerSetting.ACCESS_CACHE_ENTRIES);
  }

  /** The bytes of the answers that are remembered. */
  public int accessCacheBytes() {
    return number(ReadServerSetting.ACCESS_CACHE_BYTES);
  }

  /** Returns name, value, name, value..., the form in which native code takes the settings. */
  String[] toSettings() {
    return values.entrySet().stream()
        .flatMap(entry -> Stream.of(entry.getKey().settingName(), entry.getValue()))
        .toArray(String[]::new);
  }

  /** Returns whether the files of TLS are to be followed. */
  boolean followsTlsFiles() {
    return text(ReadServerSetting.TLS_KEY_STORE) != null
        && number(ReadServerSetting.TLS_RELOAD) > 0;
  }

  /** Returns the value of a setting in text form; null if it is not set and has no default. */
  String text(ReadServerSetting setting) {
    return values.getOrDefault(setting, setting.defaultValue());
  }

  private int number(ReadServerSetting setting) {
    return Integer.parseInt(text(setting));
  }

  private OptionalInt optional(ReadServerSetting setting) {
    return text(setting) == null ? OptionalInt.empty() : OptionalInt.of(number(setting));
  }

  private Duration time(ReadServerSetting setting) {
    return Duration.ofMillis(number(setting));
  }

  /** Whether a client has to show a certificate. */
  public enum ClientAuth {
    /** Without one there is no connection. */
    REQUIRED,
    /** It need not; what it shows has to be trusted. */
    OPTIONAL,
    /** It is not asked for one. */
    NONE
  }

  /** Builds a {@link ReadServerConfig}. Not thread-safe. */
  public static final class Builder {
    private final EnumMap<ReadServerSetting, String> values =
        new EnumMap<>(ReadServerSetting.class);

    private Builder() {}

    /**
     * Sets {@code bind.address}, the IP address of this host to listen on. Default {@code 0.0.0.0},
     * every IPv4 address; {@code 127.0.0.1} serves clients of this host only.
     */
    public Builder bindAddress(String address) {
      return put(ReadServerSetting.BIND_ADDRESS, address);
    }

    /** Sets {@code port}, 0 to 65535. Default 0: the system picks a free port. */
    public Builder port(int value) {
      return put(ReadServerSetting.PORT, value);
    }

    /**
     * Sets {@code worker.threads}, 1 to 1024: the threads that serve connections and answer from
     * memory. Default: one per available core.
     */
    public Builder workerThreads(int value) {
      return put(ReadServerSetting.WORKER_THREADS, value);
    }

    /**
     * Sets {@code worker.cpus}, numbers of processors and ranges of them such as {@code 0-3,8}:
     * each worker stays on one, in turn. Default: on none, the system decides. Only for processors
     * that nothing else uses: a worker that may not move waits for its neighbour. Linux only;
     * elsewhere, and with a processor that this process may not use, the server does not start.
     */
    public Builder workerCpus(String list) {
      return put(ReadServerSetting.WORKER_CPUS, list);
    }

    /**
     * Sets {@code worker.spin.us}, 0 to 10,000 microseconds: for so long after bytes came a worker
     * looks for more before it sleeps, so that the next request need not wake it. It takes a whole
     * processor meanwhile. Default 0.
     */
    public Builder workerSpinMicros(int value) {
      return put(ReadServerSetting.WORKER_SPIN_MICROS, value);
    }

    /**
     * Sets {@code worker.nice}, -20 to 19: below 0 a worker that has work takes the processor from
     * other threads sooner, such as those of the garbage collector; the process needs the right to
     * it ({@code CAP_SYS_NICE}), or the server does not start. Default 0. Linux only.
     */
    public Builder workerNice(int value) {
      return put(ReadServerSetting.WORKER_NICE, value);
    }

    /**
     * Sets {@code worker.slice.us}, 0 to 100,000 microseconds: the time slices of a worker. With
     * shorter ones than other threads, such as those of the garbage collector, a worker that wakes
     * gets the processor sooner, but no more of it. Default 100, the least that Linux has; 0 leaves
     * the system's own. It needs no right, and does nothing before Linux 6.12 and elsewhere.
     */
    public Builder workerSliceMicros(int value) {
      return put(ReadServerSetting.WORKER_SLICE_MICROS, value);
    }

    /**
     * Sets {@code disk.threads}, 1 to 1024: the threads for reads that memory cannot answer, and so
     * the number of disk reads at the same time. Default: twice the available cores, at least 4.
     */
    public Builder diskThreads(int value) {
      return put(ReadServerSetting.DISK_THREADS, value);
    }

    /**
     * Sets {@code max.request.bytes}, at least 1: a larger request is refused with the gRPC status
     * RESOURCE_EXHAUSTED. Default 4 MiB, as in grpc-java servers.
     */
    public Builder maxRequestBytes(int value) {
      return put(ReadServerSetting.MAX_REQUEST_BYTES, value);
    }

    /**
     * Sets {@code max.response.bytes}, at least 1: a larger answer becomes error code 500. Default
     * 4 MiB, what gRPC clients take by default; raise it only together with the clients' limit.
     */
    public Builder maxResponseBytes(int value) {
      return put(ReadServerSetting.MAX_RESPONSE_BYTES, value);
    }

    /**
     * Sets {@code max.batch.keys}, at least 1: a batch get of more keys becomes error code 400.
     * Default 10,000, twice the largest fan-out that Venice describes.
     */
    public Builder maxBatchKeys(int value) {
      return put(ReadServerSetting.MAX_BATCH_KEYS, value);
    }

    /**
     * Sets {@code max.concurrent.streams}, at least 1: the requests that one connection may have in
     * flight; a client queues the others. Default 1000.
     */
    public Builder maxConcurrentStreams(int value) {
      return put(ReadServerSetting.MAX_CONCURRENT_STREAMS, value);
    }

    /**
     * Sets {@code max.header.bytes}, 1 KiB to 1 MiB: the headers of one call, as HTTP/2 counts
     * them. Default 16 KiB: those of gRPC, and room for tracing.
     */
    public Builder maxHeaderBytes(int value) {
      return put(ReadServerSetting.MAX_HEADER_BYTES, value);
    }

    /**
     * Sets {@code max.client.bytes}, 16 MiB to 1 TiB: what all clients together can make the server
     * hold: open calls, requests, and answers until they were sent. Clients share it so that none can
     * keep the others from theirs: large requests and answers wait for room, calls of a connection
     * that holds more than its share are refused with the gRPC status RESOURCE_EXHAUSTED, and a
     * client that does not read what others need room for is hung up on. Default 256 MiB; two
     * requests and two answers of their largest size always fit.
     */
    public Builder maxClientBytes(long value) {
      return put(ReadServerSetting.MAX_CLIENT_BYTES, value);
    }

    /**
     * Sets {@code max.connections}, 1 to 1,000,000: a further one takes the place of the oldest that
     * has not spoken HTTP/2 yet, else of the oldest that never made a call; if all have, it is closed
     * at once. Default 10,000, which is some 600 MB of idle connections with TLS.
     */
    public Builder maxConnections(int value) {
      return put(ReadServerSetting.MAX_CONNECTIONS, value);
    }

    /**
     * Sets {@code max.connections.per.address}, 0 to 1,000,000: the connections that the clients of
     * one address may have, of an IPv6 network of 64 bits together. Default 0: three quarters of
     * {@code max.connections}. Raise it where all clients come through one proxy.
     */
    public Builder maxConnectionsPerAddress(int value) {
      return put(ReadServerSetting.MAX_CONNECTIONS_PER_ADDRESS, value);
    }

    /**
     * Sets {@code max.handshakes}, 0 to 1024: the handshakes of TLS that are worked at at the same
     * time; the others have their turn in the order in which their clients spoke. Default 0: one for
     * each worker thread.
     */
    public Builder maxHandshakes(int value) {
      return put(ReadServerSetting.MAX_HANDSHAKES, value);
    }

    /**
     * Sets {@code max.connection.idle.ms}, whole milliseconds from 0 (for ever) to 24 hours: after
     * so long without a call a connection is ended by GOAWAY. Default one hour.
     */
    public Builder maxConnectionIdle(Duration value) {
      return put(ReadServerSetting.MAX_CONNECTION_IDLE, value);
    }

    /**
     * Sets {@code max.connection.age.ms}, whole milliseconds from 0 (for ever) to 24 hours: a
     * connection that old, or up to a tenth younger, is ended by GOAWAY. Default 0.
     */
    public Builder maxConnectionAge(Duration value) {
      return put(ReadServerSetting.MAX_CONNECTION_AGE, value);
    }

    /**
     * Sets {@code max.connection.age.grace.ms}, whole milliseconds from 1 to 24 hours: how long a
     * connection lasts after its GOAWAY; calls that are not answered by then, or whose answers are
     * not read, end with it. Default one minute, more than any client waits for an answer.
     */
    public Builder maxConnectionAgeGrace(Duration value) {
      return put(ReadServerSetting.MAX_CONNECTION_AGE_GRACE, value);
    }

    /**
     * Sets {@code keep.alive.ms}, whole milliseconds from 1 to 24 hours: after so long without a
     * byte the server asks a client for a sign of life. Default one minute.
     */
    public Builder keepAlive(Duration value) {
      return put(ReadServerSetting.KEEP_ALIVE, value);
    }

    /**
     * Sets {@code keep.alive.timeout.ms}, whole milliseconds from 1 to 24 hours: how long the
     * server waits for that sign before it closes the connection. Default 20 seconds, as in
     * grpc-java.
     */
    public Builder keepAliveTimeout(Duration value) {
      return put(ReadServerSetting.KEEP_ALIVE_TIMEOUT, value);
    }

    /**
     * Sets {@code receive.timeout.ms}, whole milliseconds from 1 to 24 hours: how long a request
     * may take to arrive after the headers of its call. Default 10 seconds.
     */
    public Builder receiveTimeout(Duration value) {
      return put(ReadServerSetting.RECEIVE_TIMEOUT, value);
    }

    /**
     * Sets {@code handshake.timeout.ms}, whole milliseconds from 1 to 24 hours: how long a new
     * connection may take until it speaks HTTP/2, the handshake of TLS included. Default 10
     * seconds.
     */
    public Builder handshakeTimeout(Duration value) {
      return put(ReadServerSetting.HANDSHAKE_TIMEOUT, value);
    }

    /**
     * Sets {@code tls.key.store} and {@code tls.key.store.password}, the file with the server's
     * private key and certificates: what {@link java.security.KeyStore} opens, such as PKCS12, JKS
     * and JCEKS, or PEM. Up to 64 MiB. Default: no TLS.
     *
     * @param password null for PEM
     */
    public Builder tlsKeyStore(Path file, String password) {
      put(ReadServerSetting.TLS_KEY_STORE, file.toString());
      return password == null ? this : put(ReadServerSetting.TLS_KEY_STORE_PASSWORD, password);
    }

    /**
     * Sets {@code tls.key.store.type}, a type of {@link java.security.KeyStore}, or {@code PEM}.
     * Default: the bytes tell; they are tried as PKCS12, JKS, JCEKS, and, with a provider that has
     * them, BKS, BCFKS and UBER.
     */
    public Builder tlsKeyStoreType(String type) {
      return put(ReadServerSetting.TLS_KEY_STORE_TYPE, type);
    }

    /** Sets {@code tls.key.password}, of the private key. Default: that of the key store. */
    public Builder tlsKeyPassword(String password) {
      return put(ReadServerSetting.TLS_KEY_PASSWORD, password);
    }

    /**
     * Sets {@code tls.key.alias}, the name of the private key. Default: of several keys a client is
     * shown the first that it can verify, in the order of Java's key manager SunX509; the log names
     * them.
     */
    public Builder tlsKeyAlias(String alias) {
      return put(ReadServerSetting.TLS_KEY_ALIAS, alias);
    }

    /** Sets {@code tls.private.key}, a PEM file, for a key store that is PEM without the key. */
    public Builder tlsPrivateKey(Path file) {
      return put(ReadServerSetting.TLS_PRIVATE_KEY, file.toString());
    }

    /**
     * Sets {@code tls.trust.store} and {@code tls.trust.store.password}, the file with the
     * certificates that clients' are to be signed by: as {@link #tlsKeyStore}.
     *
     * @param password null for PEM, and for JKS that need not be checked for changes
     */
    public Builder tlsTrustStore(Path file, String password) {
      put(ReadServerSetting.TLS_TRUST_STORE, file.toString());
      return password == null ? this : put(ReadServerSetting.TLS_TRUST_STORE_PASSWORD, password);
    }

    /** Sets {@code tls.trust.store.type}; as {@link #tlsKeyStoreType}. */
    public Builder tlsTrustStoreType(String type) {
      return put(ReadServerSetting.TLS_TRUST_STORE_TYPE, type);
    }

    /**
     * Sets {@code tls.client.auth}: whether clients have to show a certificate. Default {@link
     * ClientAuth#REQUIRED}, as in Venice's server; it needs a trust store.
     */
    public Builder tlsClientAuth(ClientAuth value) {
      return put(ReadServerSetting.TLS_CLIENT_AUTH, value.name().toLowerCase(Locale.ROOT));
    }

    /** Sets {@code tls.min.version}, {@code 1.2} or {@code 1.3}. Default {@code 1.2}. */
    public Builder tlsMinVersion(String version) {
      return put(ReadServerSetting.TLS_MIN_VERSION, version);
    }

    /**
     * Sets {@code tls.reload.ms}, whole milliseconds from 0 to 24 hours: how often the files of TLS
     * are looked at, to be read again when they changed. Default one minute; 0 leaves it to {@link
     * RustReadServer#reloadTls()}.
     */
    public Builder tlsReload(Duration value) {
      return put(ReadServerSetting.TLS_RELOAD, value);
    }

    /**
     * Sets {@code drain.ms}, whole milliseconds from 0 to 24 hours: how long {@link
     * RustReadServer#close()} waits for requests in flight before it cuts them. Default 10 seconds.
     */
    public Builder drainTime(Duration value) {
      return put(ReadServerSetting.DRAIN, value);
    }

    /**
     * Sets {@code read.deadline.ms}, whole milliseconds from 1 to 24 hours: the longest that one
     * RocksDB read may take before it fails. It also bounds how long closing a partition waits for
     * readers. Default 10 seconds.
     */
    public Builder readDeadline(Duration value) {
      return put(ReadServerSetting.READ_DEADLINE, value);
    }

    /**
     * Sets {@code stream.chunk.bytes}, at least 1: a message of a streamed answer has at most so
     * many bytes of records, unless it has a single one. Default 64 KiB. A stream whose client does
     * not read holds about three such messages.
     */
    public Builder streamChunkBytes(int value) {
      return put(ReadServerSetting.STREAM_CHUNK_BYTES, value);
    }

    /**
     * Sets {@code reflection}: whether gRPC's server reflection tells everyone who can connect what
     * can be asked. Default false.
     */
    public Builder reflection(boolean value) {
      return put(ReadServerSetting.REFLECTION, Boolean.toString(value));
    }

    /**
     * Sets {@code quota.interval.ms}, whole milliseconds from 1 to 24 hours: how often the buckets
     * of read quotas are refilled. Default 10 seconds, as {@code
     * server.quota.enforcement.interval.in.millis} of Venice.
     */
    public Builder quotaInterval(Duration value) {
      return put(ReadServerSetting.QUOTA_INTERVAL, value);
    }

    /**
     * Sets {@code quota.capacity.multiple}, 1 to 1000: how many refills the bucket of a read quota
     * holds, and so how far a burst may go. Default 5, as {@code
     * server.quota.enforcement.capacity.multiple} of Venice.
     */
    public Builder quotaCapacityMultiple(int value) {
      return put(ReadServerSetting.QUOTA_CAPACITY_MULTIPLE, value);
    }

    /**
     * Sets {@code access.threads}, 1 to 1024: so many questions are asked of the {@link
     * ReadAccessController} at the same time. If there is more than one, one of them is kept for
     * clients that are new. Default 4.
     */
    public Builder accessThreads(int value) {
      return put(ReadServerSetting.ACCESS_THREADS, value);
    }

    /**
     * Sets {@code access.refresh.ms}, whole milliseconds from 1 to 24 hours: how long after an
     * answer the {@link ReadAccessController} is asked again, and so how long a change of
     * permissions takes to be felt. Default 1 minute.
     */
    public Builder accessRefresh(Duration value) {
      return put(ReadServerSetting.ACCESS_REFRESH, value);
    }

    /**
     * Sets {@code access.stale.ms}, whole milliseconds from 0 to 24 hours: how much longer an
     * answer holds while the {@link ReadAccessController} is slow or fails. An answer that nobody
     * used for so long is forgotten. Default 10 minutes.
     */
    public Builder accessStale(Duration value) {
      return put(ReadServerSetting.ACCESS_STALE, value);
    }

    /**
     * Sets {@code access.wait.ms}, whole milliseconds from 1 to 24 hours: how long a request waits
     * for the first answer of the {@link ReadAccessController} before it ends with gRPC status
     * UNAVAILABLE. Default 5 seconds.
     */
    public Builder accessWait(Duration value) {
      return put(ReadServerSetting.ACCESS_WAIT, value);
    }

    /**
     * Sets {@code access.cache.entries}, at least 1: how many answers are remembered, one for each
     * certificate, store and method. A quarter of them is for clients that may not read. Default
     * 10,000.
     */
    public Builder accessCacheEntries(int value) {
      return put(ReadServerSetting.ACCESS_CACHE_ENTRIES, value);
    }

    /**
     * Sets {@code access.cache.bytes}, at least 65,536: what these answers may take together, a
     * quarter of it for clients that may not read. An answer counts 640 bytes, its names and its
     * certificate. Default 32 MiB.
     */
    public Builder accessCacheBytes(int value) {
      return put(ReadServerSetting.ACCESS_CACHE_BYTES, value);
    }

    /**
     * Sets one setting by its name.
     *
     * @throws IllegalArgumentException if the name is unknown or the value is bad
     */
    public Builder set(String name, String value) {
      return put(ReadServerSetting.named(name), value);
    }

    /** Returns the configuration. */
    public ReadServerConfig build() {
      return new ReadServerConfig(this);
    }

    private Builder put(ReadServerSetting setting, String value) {
      Objects.requireNonNull(value, setting.settingName());
      values.put(setting, setting.check(value));
      return this;
    }

    private Builder put(ReadServerSetting setting, long value) {
      setting.checkRange(value, value);
      values.put(setting, Long.toString(value));
      return this;
    }

    private Builder put(ReadServerSetting setting, Duration value) {
      values.put(setting, Long.toString(setting.checkTime(value)));
      return this;
    }
  }
}
