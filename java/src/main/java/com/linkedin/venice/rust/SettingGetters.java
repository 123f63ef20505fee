// Printed from the tables of settings in rust/server/src/config. Change them there, and run
// `./bazelw run //rust/server:settings_files_test`; a test compares.
package com.linkedin.venice.rust;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** The settings that a {@code ReadServerConfig} has. */
abstract class SettingGetters {
  /** Returns the value of a setting in text form; null if it is not set and has no default. */
  abstract String text(ReadServerSetting setting);

  /** The value of {@code bind.address}. */
  public String bindAddress() {
    return text(ReadServerSetting.BIND_ADDRESS);
  }

  /** The value of {@code port}. */
  public int port() {
    return Integer.parseInt(text(ReadServerSetting.PORT));
  }

  /** The value of {@code worker.threads}. Empty means one for each available core. */
  public OptionalInt workerThreads() {
    return SettingValues.optional(text(ReadServerSetting.WORKER_THREADS));
  }

  /** The value of {@code worker.cpus}. Empty if it is not set. */
  public Optional<String> workerCpus() {
    return Optional.ofNullable(text(ReadServerSetting.WORKER_CPUS));
  }

  /** The value of {@code worker.spin.us}. */
  public int workerSpinMicros() {
    return Integer.parseInt(text(ReadServerSetting.WORKER_SPIN_MICROS));
  }

  /** The value of {@code worker.nice}. */
  public int workerNice() {
    return Integer.parseInt(text(ReadServerSetting.WORKER_NICE));
  }

  /** The value of {@code worker.slice.us}. */
  public int workerSliceMicros() {
    return Integer.parseInt(text(ReadServerSetting.WORKER_SLICE_MICROS));
  }

  /** The value of {@code disk.threads}. Empty means twice the available cores, at least 4. */
  public OptionalInt diskThreads() {
    return SettingValues.optional(text(ReadServerSetting.DISK_THREADS));
  }

  /** The value of {@code max.request.bytes}. */
  public int maxRequestBytes() {
    return Integer.parseInt(text(ReadServerSetting.MAX_REQUEST_BYTES));
  }

  /** The value of {@code max.response.bytes}. */
  public int maxResponseBytes() {
    return Integer.parseInt(text(ReadServerSetting.MAX_RESPONSE_BYTES));
  }

  /** The value of {@code max.batch.keys}. */
  public int maxBatchKeys() {
    return Integer.parseInt(text(ReadServerSetting.MAX_BATCH_KEYS));
  }

  /** The value of {@code stream.chunk.bytes}. */
  public int streamChunkBytes() {
    return Integer.parseInt(text(ReadServerSetting.STREAM_CHUNK_BYTES));
  }

  /** The value of {@code max.concurrent.streams}. */
  public int maxConcurrentStreams() {
    return Integer.parseInt(text(ReadServerSetting.MAX_CONCURRENT_STREAMS));
  }

  /** The value of {@code max.header.bytes}. */
  public int maxHeaderBytes() {
    return Integer.parseInt(text(ReadServerSetting.MAX_HEADER_BYTES));
  }

  /** The value of {@code max.client.bytes}. */
  public long maxClientBytes() {
    return Long.parseLong(text(ReadServerSetting.MAX_CLIENT_BYTES));
  }

  /** The value of {@code max.connections}. */
  public int maxConnections() {
    return Integer.parseInt(text(ReadServerSetting.MAX_CONNECTIONS));
  }

  /** The value of {@code max.connections.per.address}. */
  public int maxConnectionsPerAddress() {
    return Integer.parseInt(text(ReadServerSetting.MAX_CONNECTIONS_PER_ADDRESS));
  }

  /** The value of {@code max.handshakes}. */
  public int maxHandshakes() {
    return Integer.parseInt(text(ReadServerSetting.MAX_HANDSHAKES));
  }

  /** The value of {@code max.connection.idle.ms}. */
  public Duration maxConnectionIdle() {
    return Duration.ofMillis(Long.parseLong(text(ReadServerSetting.MAX_CONNECTION_IDLE)));
  }

  /** The value of {@code max.connection.age.ms}. */
  public Duration maxConnectionAge() {
    return Duration.ofMillis(Long.parseLong(text(ReadServerSetting.MAX_CONNECTION_AGE)));
  }

  /** The value of {@code max.connection.age.grace.ms}. */
  public Duration maxConnectionAgeGrace() {
    return Duration.ofMillis(Long.parseLong(text(ReadServerSetting.MAX_CONNECTION_AGE_GRACE)));
  }

  /** The value of {@code keep.alive.ms}. */
  public Duration keepAlive() {
    return Duration.ofMillis(Long.parseLong(text(ReadServerSetting.KEEP_ALIVE)));
  }

  /** The value of {@code keep.alive.timeout.ms}. */
  public Duration keepAliveTimeout() {
    return Duration.ofMillis(Long.parseLong(text(ReadServerSetting.KEEP_ALIVE_TIMEOUT)));
  }

  /** The value of {@code receive.timeout.ms}. */
  public Duration receiveTimeout() {
    return Duration.ofMillis(Long.parseLong(text(ReadServerSetting.RECEIVE_TIMEOUT)));
  }

  /** The value of {@code handshake.timeout.ms}. */
  public Duration handshakeTimeout() {
    return Duration.ofMillis(Long.parseLong(text(ReadServerSetting.HANDSHAKE_TIMEOUT)));
  }

  /** The value of {@code drain.ms}. */
  public Duration drain() {
    return Duration.ofMillis(Long.parseLong(text(ReadServerSetting.DRAIN)));
  }

  /** The value of {@code read.deadline.ms}. */
  public Duration readDeadline() {
    return Duration.ofMillis(Long.parseLong(text(ReadServerSetting.READ_DEADLINE)));
  }

  /** The value of {@code reflection}. */
  public boolean reflection() {
    return Boolean.parseBoolean(text(ReadServerSetting.REFLECTION));
  }

  /** The value of {@code channelz}. */
  public boolean channelz() {
    return Boolean.parseBoolean(text(ReadServerSetting.CHANNELZ));
  }

  /** The value of {@code stores.descriptions}. Empty if it is not set. */
  public Optional<String> storesDescriptions() {
    return Optional.ofNullable(text(ReadServerSetting.STORES_DESCRIPTIONS));
  }

  /** The value of {@code files.timeout.ms}. */
  public Duration filesTimeout() {
    return Duration.ofMillis(Long.parseLong(text(ReadServerSetting.FILES_TIMEOUT)));
  }

  /** The value of {@code stores.cluster}. Empty if it is not set. */
  public Optional<String> storesCluster() {
    return Optional.ofNullable(text(ReadServerSetting.STORES_CLUSTER));
  }

  /** The value of {@code http.requests}. */
  public String httpRequests() {
    return text(ReadServerSetting.HTTP_REQUESTS);
  }

  /** The value of {@code tls.key.store}. Empty if it is not set. */
  public Optional<String> tlsKeyStore() {
    return Optional.ofNullable(text(ReadServerSetting.TLS_KEY_STORE));
  }

  /** The value of {@code tls.key.store.type}. Empty if it is not set. */
  public Optional<String> tlsKeyStoreType() {
    return Optional.ofNullable(text(ReadServerSetting.TLS_KEY_STORE_TYPE));
  }

  /** The value of {@code tls.key.alias}. Empty if it is not set. */
  public Optional<String> tlsKeyAlias() {
    return Optional.ofNullable(text(ReadServerSetting.TLS_KEY_ALIAS));
  }

  /** The value of {@code tls.private.key}. Empty if it is not set. */
  public Optional<String> tlsPrivateKey() {
    return Optional.ofNullable(text(ReadServerSetting.TLS_PRIVATE_KEY));
  }

  /** The value of {@code tls.trust.store}. Empty if it is not set. */
  public Optional<String> tlsTrustStore() {
    return Optional.ofNullable(text(ReadServerSetting.TLS_TRUST_STORE));
  }

  /** The value of {@code tls.trust.store.type}. Empty if it is not set. */
  public Optional<String> tlsTrustStoreType() {
    return Optional.ofNullable(text(ReadServerSetting.TLS_TRUST_STORE_TYPE));
  }

  /** The value of {@code tls.client.auth}. */
  public String tlsClientAuth() {
    return text(ReadServerSetting.TLS_CLIENT_AUTH);
  }

  /** The value of {@code tls.min.version}. */
  public String tlsMinVersion() {
    return text(ReadServerSetting.TLS_MIN_VERSION);
  }

  /** The value of {@code tls.reload.ms}. */
  public Duration tlsReload() {
    return Duration.ofMillis(Long.parseLong(text(ReadServerSetting.TLS_RELOAD)));
  }

  /** The value of {@code quota.interval.ms}. */
  public Duration quotaInterval() {
    return Duration.ofMillis(Long.parseLong(text(ReadServerSetting.QUOTA_INTERVAL)));
  }

  /** The value of {@code quota.capacity.multiple}. */
  public int quotaCapacityMultiple() {
    return Integer.parseInt(text(ReadServerSetting.QUOTA_CAPACITY_MULTIPLE));
  }

  /** The value of {@code access.threads}. */
  public int accessThreads() {
    return Integer.parseInt(text(ReadServerSetting.ACCESS_THREADS));
  }

  /** The value of {@code access.refresh.ms}. */
  public Duration accessRefresh() {
    return Duration.ofMillis(Long.parseLong(text(ReadServerSetting.ACCESS_REFRESH)));
  }

  /** The value of {@code access.stale.ms}. */
  public Duration accessStale() {
    return Duration.ofMillis(Long.parseLong(text(ReadServerSetting.ACCESS_STALE)));
  }

  /** The value of {@code access.wait.ms}. */
  public Duration accessWait() {
    return Duration.ofMillis(Long.parseLong(text(ReadServerSetting.ACCESS_WAIT)));
  }

  /** The value of {@code access.cache.entries}. */
  public int accessCacheEntries() {
    return Integer.parseInt(text(ReadServerSetting.ACCESS_CACHE_ENTRIES));
  }

  /** The value of {@code access.cache.bytes}. */
  public int accessCacheBytes() {
    return Integer.parseInt(text(ReadServerSetting.ACCESS_CACHE_BYTES));
  }

  /** The value of {@code compute.enabled}. */
  public boolean computeEnabled() {
    return Boolean.parseBoolean(text(ReadServerSetting.COMPUTE_ENABLED));
  }

  /** The value of {@code compute.threads}. Empty means half the available cores, at least 1. */
  public OptionalInt computeThreads() {
    return SettingValues.optional(text(ReadServerSetting.COMPUTE_THREADS));
  }

  /** The value of {@code compute.nice}. */
  public int computeNice() {
    return Integer.parseInt(text(ReadServerSetting.COMPUTE_NICE));
  }

  /** The value of {@code compute.turn.us}. */
  public int computeTurnMicros() {
    return Integer.parseInt(text(ReadServerSetting.COMPUTE_TURN_MICROS));
  }

  /** The value of {@code compute.max.operations}. */
  public int computeMaxOperations() {
    return Integer.parseInt(text(ReadServerSetting.COMPUTE_MAX_OPERATIONS));
  }

  /** The value of {@code compute.max.result.schema.bytes}. */
  public int computeMaxResultSchemaBytes() {
    return Integer.parseInt(text(ReadServerSetting.COMPUTE_MAX_RESULT_SCHEMA_BYTES));
  }

  /** The value of {@code compute.max.value.bytes}. */
  public int computeMaxValueBytes() {
    return Integer.parseInt(text(ReadServerSetting.COMPUTE_MAX_VALUE_BYTES));
  }

  /** The value of {@code compute.plan.cache.bytes}. */
  public int computePlanCacheBytes() {
    return Integer.parseInt(text(ReadServerSetting.COMPUTE_PLAN_CACHE_BYTES));
  }

  /** The value of {@code plain.tables.look.ms}. */
  public Duration plainTablesLook() {
    return Duration.ofMillis(Long.parseLong(text(ReadServerSetting.PLAIN_TABLES_LOOK)));
  }

  /** The value of {@code plain.tables.populate}. */
  public String plainTablesPopulate() {
    return text(ReadServerSetting.PLAIN_TABLES_POPULATE);
  }

  /** The value of {@code plain.tables.lock}. */
  public boolean plainTablesLock() {
    return Boolean.parseBoolean(text(ReadServerSetting.PLAIN_TABLES_LOCK));
  }

  /** The value of {@code metrics.enabled}. */
  public boolean metricsEnabled() {
    return Boolean.parseBoolean(text(ReadServerSetting.METRICS_ENABLED));
  }

  /** The value of {@code metrics.max.series}. */
  public int metricsMaxSeries() {
    return Integer.parseInt(text(ReadServerSetting.METRICS_MAX_SERIES));
  }

  /** The value of {@code metrics.prefix}. Empty if it is not set. */
  public Optional<String> metricsPrefix() {
    return Optional.ofNullable(text(ReadServerSetting.METRICS_PREFIX));
  }

  /** The value of {@code metrics.cluster.name}. Empty if it is not set. */
  public Optional<String> metricsClusterName() {
    return Optional.ofNullable(text(ReadServerSetting.METRICS_CLUSTER_NAME));
  }

  /** The value of {@code metrics.rocksdb.interval.ms}. */
  public Duration metricsRocksdbInterval() {
    return Duration.ofMillis(Long.parseLong(text(ReadServerSetting.METRICS_ROCKSDB_INTERVAL)));
  }

  /** The value of {@code metrics.exporters}. */
  public String metricsExporters() {
    return text(ReadServerSetting.METRICS_EXPORTERS);
  }

  /** The value of {@code metrics.prometheus.address}. */
  public String metricsPrometheusAddress() {
    return text(ReadServerSetting.METRICS_PROMETHEUS_ADDRESS);
  }

  /** The value of {@code metrics.prometheus.port}. */
  public int metricsPrometheusPort() {
    return Integer.parseInt(text(ReadServerSetting.METRICS_PROMETHEUS_PORT));
  }

  /** The value of {@code metrics.otlp.endpoint}. */
  public String metricsOtlpEndpoint() {
    return text(ReadServerSetting.METRICS_OTLP_ENDPOINT);
  }

  /** The value of {@code metrics.otlp.interval.ms}. */
  public Duration metricsOtlpInterval() {
    return Duration.ofMillis(Long.parseLong(text(ReadServerSetting.METRICS_OTLP_INTERVAL)));
  }

  /** The value of {@code metrics.otlp.timeout.ms}. */
  public Duration metricsOtlpTimeout() {
    return Duration.ofMillis(Long.parseLong(text(ReadServerSetting.METRICS_OTLP_TIMEOUT)));
  }

  /** The value of {@code metrics.otlp.temporality}. */
  public String metricsOtlpTemporality() {
    return text(ReadServerSetting.METRICS_OTLP_TEMPORALITY);
  }

  /** The value of {@code metrics.otlp.max.buckets}. */
  public int metricsOtlpMaxBuckets() {
    return Integer.parseInt(text(ReadServerSetting.METRICS_OTLP_MAX_BUCKETS));
  }

  /** The value of {@code metrics.otlp.trust.file}. Empty if it is not set. */
  public Optional<String> metricsOtlpTrustFile() {
    return Optional.ofNullable(text(ReadServerSetting.METRICS_OTLP_TRUST_FILE));
  }

  /** The value of {@code metrics.resource}. Empty if it is not set. */
  public Optional<String> metricsResource() {
    return Optional.ofNullable(text(ReadServerSetting.METRICS_RESOURCE));
  }

  /** The value of {@code slow.log.threshold.us}. */
  public int slowLogThresholdMicros() {
    return Integer.parseInt(text(ReadServerSetting.SLOW_LOG_THRESHOLD_MICROS));
  }

  /** The value of {@code slow.log.bytes}. */
  public int slowLogBytes() {
    return Integer.parseInt(text(ReadServerSetting.SLOW_LOG_BYTES));
  }

  /** The value of {@code admin.socket}. Empty if it is not set. */
  public Optional<String> adminSocket() {
    return Optional.ofNullable(text(ReadServerSetting.ADMIN_SOCKET));
  }

  /** The value of {@code admin.socket.keys}. */
  public boolean adminSocketKeys() {
    return Boolean.parseBoolean(text(ReadServerSetting.ADMIN_SOCKET_KEYS));
  }

  /** The value of {@code admin.port}. */
  public int adminPort() {
    return Integer.parseInt(text(ReadServerSetting.ADMIN_PORT));
  }

  /** The value of {@code admin.bind.address}. */
  public String adminBindAddress() {
    return text(ReadServerSetting.ADMIN_BIND_ADDRESS);
  }

  /** The value of {@code admin.tls.key.store}. Empty if it is not set. */
  public Optional<String> adminTlsKeyStore() {
    return Optional.ofNullable(text(ReadServerSetting.ADMIN_TLS_KEY_STORE));
  }

  /** The value of {@code admin.tls.private.key}. Empty if it is not set. */
  public Optional<String> adminTlsPrivateKey() {
    return Optional.ofNullable(text(ReadServerSetting.ADMIN_TLS_PRIVATE_KEY));
  }

  /** The value of {@code admin.tls.trust.store}. Empty if it is not set. */
  public Optional<String> adminTlsTrustStore() {
    return Optional.ofNullable(text(ReadServerSetting.ADMIN_TLS_TRUST_STORE));
  }

  /** The value of {@code admin.port.view}. Empty if it is not set. */
  public Optional<String> adminPortView() {
    return Optional.ofNullable(text(ReadServerSetting.ADMIN_PORT_VIEW));
  }

  /** The value of {@code admin.port.change}. Empty if it is not set. */
  public Optional<String> adminPortChange() {
    return Optional.ofNullable(text(ReadServerSetting.ADMIN_PORT_CHANGE));
  }

  /** The value of {@code admin.port.keys}. Empty if it is not set. */
  public Optional<String> adminPortKeys() {
    return Optional.ofNullable(text(ReadServerSetting.ADMIN_PORT_KEYS));
  }

  /** The value of {@code traces.otlp.endpoint}. Empty if it is not set. */
  public Optional<String> tracesOtlpEndpoint() {
    return Optional.ofNullable(text(ReadServerSetting.TRACES_OTLP_ENDPOINT));
  }

  /** The value of {@code traces.otlp.interval.ms}. */
  public Duration tracesOtlpInterval() {
    return Duration.ofMillis(Long.parseLong(text(ReadServerSetting.TRACES_OTLP_INTERVAL)));
  }

  /** The value of {@code traces.queue.spans}. */
  public int tracesQueueSpans() {
    return Integer.parseInt(text(ReadServerSetting.TRACES_QUEUE_SPANS));
  }
}
