//! Names of settings that errors and logs mention, so that a reader knows the remedy.

/// Setting name of [`crate::Config::max_request_bytes`].
pub(crate) const MAX_REQUEST_BYTES: &str = "max.request.bytes";
/// Setting name of [`crate::Config::max_response_bytes`].
pub(crate) const MAX_RESPONSE_BYTES: &str = "max.response.bytes";
/// Setting name of [`crate::config::access::AccessSettings::wait`].
pub(crate) const ACCESS_WAIT: &str = "access.wait.ms";
/// Setting name of [`crate::Config::max_connections`].
pub(crate) const MAX_CONNECTIONS: &str = "max.connections";
/// Setting name of [`crate::Config::max_connections_per_address()`].
pub(crate) const MAX_OF_ADDRESS: &str = "max.connections.per.address";
/// Setting name of [`crate::Config::max_client_bytes`].
pub(crate) const MAX_CLIENT_BYTES: &str = "max.client.bytes";
/// Setting name of [`crate::Config::max_age`].
pub(crate) const MAX_CONNECTION_AGE: &str = "max.connection.age.ms";
/// Setting name of [`crate::Config::max_age_grace`].
pub(crate) const MAX_CONNECTION_AGE_GRACE: &str = "max.connection.age.grace.ms";
/// Setting name of [`crate::Config::max_header_bytes`].
pub(crate) const MAX_HEADER_BYTES: &str = "max.header.bytes";
/// Setting name of [`crate::Config::max_handshakes`].
pub(crate) const MAX_HANDSHAKES: &str = "max.handshakes";
/// Setting name of [`crate::Config::max_idle`].
pub(crate) const MAX_IDLE: &str = "max.connection.idle.ms";
/// Setting name of [`crate::Config::keep_alive`].
pub(crate) const KEEP_ALIVE: &str = "keep.alive.ms";
/// Setting name of [`crate::Config::keep_alive_timeout`].
pub(crate) const KEEP_ALIVE_TIMEOUT: &str = "keep.alive.timeout.ms";
/// Setting name of [`crate::Config::handshake`].
pub(crate) const HANDSHAKE_TIMEOUT: &str = "handshake.timeout.ms";
/// Setting name of [`crate::Config::read_deadline`].
pub(crate) const READ_DEADLINE: &str = "read.deadline.ms";
/// Setting name of [`crate::Config::receive`].
pub(crate) const RECEIVE_TIMEOUT: &str = "receive.timeout.ms";
/// Setting name of [`crate::Config::max_batch_keys`].
pub(crate) const MAX_BATCH_KEYS: &str = "max.batch.keys";

/// Setting name of [`crate::Config::stores`].
pub(crate) const STORES: &str = "stores.descriptions";
/// Setting name of [`crate::config::compute::ComputeSettings::enabled`].
pub(crate) const COMPUTE_ENABLED: &str = "compute.enabled";
/// Setting name of [`crate::config::compute::ComputeSettings::max_operations`].
pub(crate) const COMPUTE_OPERATIONS: &str = "compute.max.operations";
/// Setting name of [`crate::config::compute::ComputeSettings::max_schema_bytes`].
pub(crate) const COMPUTE_SCHEMA_BYTES: &str = "compute.max.result.schema.bytes";
/// Setting name of [`crate::config::compute::ComputeSettings::max_value_bytes`].
pub(crate) const COMPUTE_VALUE_BYTES: &str = "compute.max.value.bytes";

/// Setting name of [`crate::Config::worker_cpus`].
pub(crate) const WORKER_CPUS: &str = "worker.cpus";
/// Setting name of [`crate::Config::worker_nice`].
pub(crate) const WORKER_NICE: &str = "worker.nice";
/// Setting name of [`crate::Config::worker_slice`].
pub(crate) const WORKER_SLICE: &str = "worker.slice.us";

/// Setting name of [`crate::config::plain_tables::PlainTableSettings::populate`].
pub(crate) const PLAIN_TABLES_POPULATE: &str = "plain.tables.populate";
/// Setting name of [`crate::config::plain_tables::PlainTableSettings::lock`].
pub(crate) const PLAIN_TABLES_LOCK: &str = "plain.tables.lock";

/// Setting name of [`crate::config::admin::AdminSettings::socket`].
pub(crate) const ADMIN_SOCKET: &str = "admin.socket";
/// Setting name of [`crate::config::admin::AdminSettings::port`].
pub(crate) const ADMIN_PORT: &str = "admin.port";
/// Setting name of [`crate::config::admin::AdminSettings::port_view`].
pub(crate) const ADMIN_VIEW: &str = "admin.port.view";
/// Setting name of [`crate::config::admin::AdminSettings::port_change`].
pub(crate) const ADMIN_CHANGE: &str = "admin.port.change";
/// Setting name of [`crate::config::admin::AdminSettings::port_keys`].
pub(crate) const ADMIN_KEYS: &str = "admin.port.keys";

/// Setting name of [`crate::config::metrics::MetricsSettings::otlp_endpoint`].
pub(crate) const OTLP_ENDPOINT: &str = "metrics.otlp.endpoint";
/// Setting name of [`crate::config::traces::TraceSettings::endpoint`].
pub(crate) const TRACES_ENDPOINT: &str = "traces.otlp.endpoint";
/// Setting name of [`crate::config::metrics::MetricsSettings::otlp_headers`].
pub(crate) const OTLP_TRUST_FILE: &str = "metrics.otlp.trust.file";
pub(crate) const OTLP_HEADERS: &str = "metrics.otlp.headers";
/// Setting name of [`crate::config::metrics::MetricsSettings::resource`].
pub(crate) const METRICS_RESOURCE: &str = "metrics.resource";
