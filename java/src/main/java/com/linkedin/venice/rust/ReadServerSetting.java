// Printed from the tables of settings in rust/server/src/config. Change them there, and run
// `./bazelw run //rust/server:settings_files_test`; a test compares.
package com.linkedin.venice.rust;

/** The settings of a read server, by the names that the server has for them. */
enum ReadServerSetting {
  BIND_ADDRESS("bind.address", SettingValues.text("0.0.0.0")),
  PORT("port", SettingValues.number("0", "", 0L, 65535L)),
  WORKER_THREADS("worker.threads", SettingValues.number(null, "threads", 1L, 1024L)),
  WORKER_CPUS("worker.cpus", SettingValues.text(null)),
  WORKER_SPIN_MICROS("worker.spin.us", SettingValues.number("0", "microseconds", 0L, 10000L)),
  WORKER_NICE("worker.nice", SettingValues.number("0", "", -20L, 19L)),
  WORKER_SLICE_MICROS("worker.slice.us", SettingValues.number("100", "microseconds", 0L, 100000L)),
  DISK_THREADS("disk.threads", SettingValues.number(null, "threads", 1L, 1024L)),
  MAX_REQUEST_BYTES("max.request.bytes", SettingValues.number("4194304", "bytes", 1L, 2147483647L)),
  MAX_RESPONSE_BYTES(
      "max.response.bytes", SettingValues.number("4194304", "bytes", 1L, 2147483647L)),
  MAX_BATCH_KEYS("max.batch.keys", SettingValues.number("10000", "keys", 1L, 2147483647L)),
  STREAM_CHUNK_BYTES("stream.chunk.bytes", SettingValues.number("65536", "bytes", 1L, 2147483647L)),
  MAX_CONCURRENT_STREAMS(
      "max.concurrent.streams", SettingValues.number("1000", "requests", 1L, 2147483647L)),
  MAX_HEADER_BYTES("max.header.bytes", SettingValues.number("16384", "bytes", 1024L, 1048576L)),
  MAX_CLIENT_BYTES(
      "max.client.bytes", SettingValues.number("268435456", "bytes", 16777216L, 1099511627776L)),
  MAX_CONNECTIONS("max.connections", SettingValues.number("10000", "connections", 1L, 1000000L)),
  MAX_CONNECTIONS_PER_ADDRESS(
      "max.connections.per.address", SettingValues.number("0", "connections", 0L, 1000000L)),
  MAX_HANDSHAKES("max.handshakes", SettingValues.number("0", "handshakes", 0L, 1024L)),
  MAX_CONNECTION_IDLE(
      "max.connection.idle.ms", SettingValues.number("3600000", "milliseconds", 0L, 86400000L)),
  MAX_CONNECTION_AGE(
      "max.connection.age.ms", SettingValues.number("0", "milliseconds", 0L, 86400000L)),
  MAX_CONNECTION_AGE_GRACE(
      "max.connection.age.grace.ms", SettingValues.number("60000", "milliseconds", 1L, 86400000L)),
  KEEP_ALIVE("keep.alive.ms", SettingValues.number("60000", "milliseconds", 1L, 86400000L)),
  KEEP_ALIVE_TIMEOUT(
      "keep.alive.timeout.ms", SettingValues.number("20000", "milliseconds", 1L, 86400000L)),
  RECEIVE_TIMEOUT(
      "receive.timeout.ms", SettingValues.number("10000", "milliseconds", 1L, 86400000L)),
  HANDSHAKE_TIMEOUT(
      "handshake.timeout.ms", SettingValues.number("10000", "milliseconds", 1L, 86400000L)),
  DRAIN("drain.ms", SettingValues.number("10000", "milliseconds", 0L, 86400000L)),
  READ_DEADLINE("read.deadline.ms", SettingValues.number("10000", "milliseconds", 1L, 86400000L)),
  REFLECTION("reflection", SettingValues.choice("false", "true", "false")),
  CHANNELZ("channelz", SettingValues.choice("false", "true", "false")),
  STORES_DESCRIPTIONS("stores.descriptions", SettingValues.text(null)),
  FILES_TIMEOUT("files.timeout.ms", SettingValues.number("10000", "milliseconds", 1L, 86400000L)),
  STORES_CLUSTER("stores.cluster", SettingValues.text(null)),
  HTTP_REQUESTS("http.requests", SettingValues.choice("http2", "off", "http2", "all")),
  TLS_KEY_STORE("tls.key.store", SettingValues.text(null)),
  TLS_KEY_STORE_TYPE("tls.key.store.type", SettingValues.text(null)),
  TLS_KEY_STORE_PASSWORD("tls.key.store.password", SettingValues.password()),
  TLS_KEY_PASSWORD("tls.key.password", SettingValues.password()),
  TLS_KEY_ALIAS("tls.key.alias", SettingValues.text(null)),
  TLS_PRIVATE_KEY("tls.private.key", SettingValues.text(null)),
  TLS_TRUST_STORE("tls.trust.store", SettingValues.text(null)),
  TLS_TRUST_STORE_TYPE("tls.trust.store.type", SettingValues.text(null)),
  TLS_TRUST_STORE_PASSWORD("tls.trust.store.password", SettingValues.password()),
  TLS_CLIENT_AUTH(
      "tls.client.auth", SettingValues.choice("required", "required", "optional", "none")),
  TLS_MIN_VERSION("tls.min.version", SettingValues.choice("1.2", "1.2", "1.3")),
  TLS_RELOAD("tls.reload.ms", SettingValues.number("60000", "milliseconds", 0L, 86400000L)),
  QUOTA_INTERVAL("quota.interval.ms", SettingValues.number("10000", "milliseconds", 1L, 86400000L)),
  QUOTA_CAPACITY_MULTIPLE(
      "quota.capacity.multiple", SettingValues.number("5", "refills", 1L, 1000L)),
  ACCESS_THREADS("access.threads", SettingValues.number("4", "threads", 1L, 1024L)),
  ACCESS_REFRESH("access.refresh.ms", SettingValues.number("60000", "milliseconds", 1L, 86400000L)),
  ACCESS_STALE("access.stale.ms", SettingValues.number("600000", "milliseconds", 0L, 86400000L)),
  ACCESS_WAIT("access.wait.ms", SettingValues.number("5000", "milliseconds", 1L, 86400000L)),
  ACCESS_CACHE_ENTRIES(
      "access.cache.entries", SettingValues.number("10000", "answers", 1L, 2147483647L)),
  ACCESS_CACHE_BYTES(
      "access.cache.bytes", SettingValues.number("33554432", "bytes", 65536L, 2147483647L)),
  COMPUTE_ENABLED("compute.enabled", SettingValues.choice("true", "true", "false")),
  COMPUTE_THREADS("compute.threads", SettingValues.number(null, "threads", 1L, 1024L)),
  COMPUTE_NICE("compute.nice", SettingValues.number("5", "", 0L, 19L)),
  COMPUTE_TURN_MICROS(
      "compute.turn.us", SettingValues.number("2000", "microseconds", 100L, 100000L)),
  COMPUTE_MAX_OPERATIONS(
      "compute.max.operations", SettingValues.number("1000", "operations", 1L, 2147483647L)),
  COMPUTE_MAX_RESULT_SCHEMA_BYTES(
      "compute.max.result.schema.bytes", SettingValues.number("65536", "bytes", 1L, 1048576L)),
  COMPUTE_MAX_VALUE_BYTES(
      "compute.max.value.bytes", SettingValues.number("33554432", "bytes", 1L, 2147483647L)),
  COMPUTE_PLAN_CACHE_BYTES(
      "compute.plan.cache.bytes", SettingValues.number("33554432", "bytes", 65536L, 2147483647L)),
  PLAIN_TABLES_LOOK(
      "plain.tables.look.ms", SettingValues.number("1000", "milliseconds", 0L, 86400000L)),
  PLAIN_TABLES_POPULATE("plain.tables.populate", SettingValues.choice("auto", "off", "auto", "on")),
  PLAIN_TABLES_LOCK("plain.tables.lock", SettingValues.choice("false", "true", "false")),
  METRICS_ENABLED("metrics.enabled", SettingValues.choice("true", "true", "false")),
  METRICS_MAX_SERIES("metrics.max.series", SettingValues.number("10000", "series", 1L, 1000000L)),
  METRICS_PREFIX("metrics.prefix", SettingValues.text(null)),
  METRICS_CLUSTER_NAME("metrics.cluster.name", SettingValues.text(null)),
  METRICS_ROCKSDB_INTERVAL(
      "metrics.rocksdb.interval.ms", SettingValues.number("30000", "milliseconds", 0L, 86400000L)),
  METRICS_EXPORTERS(
      "metrics.exporters", SettingValues.choice("none", "none", "prometheus", "otlp", "all")),
  METRICS_PROMETHEUS_ADDRESS("metrics.prometheus.address", SettingValues.text("127.0.0.1")),
  METRICS_PROMETHEUS_PORT("metrics.prometheus.port", SettingValues.number("9464", "", 0L, 65535L)),
  METRICS_OTLP_ENDPOINT(
      "metrics.otlp.endpoint", SettingValues.text("http://localhost:4318/v1/metrics")),
  METRICS_OTLP_HEADERS("metrics.otlp.headers", SettingValues.password()),
  METRICS_OTLP_INTERVAL(
      "metrics.otlp.interval.ms", SettingValues.number("60000", "milliseconds", 100L, 86400000L)),
  METRICS_OTLP_TIMEOUT(
      "metrics.otlp.timeout.ms", SettingValues.number("10000", "milliseconds", 100L, 86400000L)),
  METRICS_OTLP_TEMPORALITY(
      "metrics.otlp.temporality", SettingValues.choice("cumulative", "cumulative", "delta")),
  METRICS_OTLP_MAX_BUCKETS(
      "metrics.otlp.max.buckets", SettingValues.number("160", "buckets", 2L, 1000L)),
  METRICS_OTLP_TRUST_FILE("metrics.otlp.trust.file", SettingValues.text(null)),
  METRICS_RESOURCE("metrics.resource", SettingValues.text(null)),
  SLOW_LOG_THRESHOLD_MICROS(
      "slow.log.threshold.us", SettingValues.number("10000", "microseconds", 0L, 60000000L)),
  SLOW_LOG_BYTES("slow.log.bytes", SettingValues.number("1048576", "bytes", 65536L, 1073741824L)),
  ADMIN_SOCKET("admin.socket", SettingValues.text(null)),
  ADMIN_SOCKET_KEYS("admin.socket.keys", SettingValues.choice("false", "true", "false")),
  ADMIN_PORT("admin.port", SettingValues.number("-1", "", -1L, 65535L)),
  ADMIN_BIND_ADDRESS("admin.bind.address", SettingValues.text("127.0.0.1")),
  ADMIN_TLS_KEY_STORE("admin.tls.key.store", SettingValues.text(null)),
  ADMIN_TLS_PRIVATE_KEY("admin.tls.private.key", SettingValues.text(null)),
  ADMIN_TLS_TRUST_STORE("admin.tls.trust.store", SettingValues.text(null)),
  ADMIN_PORT_VIEW("admin.port.view", SettingValues.text(null)),
  ADMIN_PORT_CHANGE("admin.port.change", SettingValues.text(null)),
  ADMIN_PORT_KEYS("admin.port.keys", SettingValues.text(null)),
  TRACES_OTLP_ENDPOINT("traces.otlp.endpoint", SettingValues.text(null)),
  TRACES_OTLP_INTERVAL(
      "traces.otlp.interval.ms", SettingValues.number("5000", "milliseconds", 100L, 86400000L)),
  TRACES_QUEUE_SPANS("traces.queue.spans", SettingValues.number("2048", "spans", 1L, 1000000L));

  private final String settingName;
  private final SettingValues allowed;

  ReadServerSetting(String settingName, SettingValues allowed) {
    this.settingName = settingName;
    this.allowed = allowed;
  }

  /** The name that a properties file has. */
  String settingName() {
    return settingName;
  }

  /** What values it takes. */
  SettingValues allowed() {
    return allowed;
  }
}
