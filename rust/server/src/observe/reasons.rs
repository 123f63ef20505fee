//! What requests are counted as that met a limit (`request.refused_count`), and connections that did
//! (`connection.refused_count`, `connection.ended_count`): the attribute `venice.server.reason`. One name for each limit, for
//! who counts and for who shows it (`/limits`).

/// `max.request.bytes`
pub(crate) const MAX_REQUEST_SIZE: &str = "max_request_size";
/// `max.header.bytes`
pub(crate) const MAX_HEADER_SIZE: &str = "max_header_size";
/// `max.concurrent.streams`
pub(crate) const MAX_STREAMS: &str = "max_concurrent_streams";
/// `max.response.bytes`
pub(crate) const MAX_RESPONSE_SIZE: &str = "max_response_size";
/// `max.batch.keys`
pub(crate) const MAX_KEYS: &str = "max_batch_keys";
/// `max.client.bytes`
pub(crate) const CLIENT_MEMORY: &str = "client_memory";
/// `disk.threads`
pub(crate) const DISK_QUEUE: &str = "disk_queue";
/// `compute.threads`
pub(crate) const COMPUTE_QUEUE: &str = "compute_queue";
/// `compute.max.operations`
pub(crate) const MAX_OPERATIONS: &str = "compute_max_operations";
/// `compute.max.result.schema.bytes`
pub(crate) const MAX_RESULT_SCHEMA: &str = "compute_max_result_schema";
/// `compute.max.value.bytes`
pub(crate) const MAX_VALUE: &str = "compute_max_value";
/// `receive.timeout.ms`
pub(crate) const RECEIVE_TIMEOUT: &str = "receive_timeout";
/// `read.deadline.ms`
pub(crate) const READ_DEADLINE: &str = "read_deadline";
/// `access.wait.ms`
pub(crate) const ACCESS_WAIT: &str = "access_wait";
/// Calls that last, of one connection: health's Watch, and reflection.
pub(crate) const LASTING_CALLS: &str = "max_lasting_calls";

/// `max.connections`
pub(crate) const MAX_CONNECTIONS: &str = "max_connections";
/// `max.connections.per.address`
pub(crate) const MAX_OF_ADDRESS: &str = "max_connections_per_address";

/// `handshake.timeout.ms`
pub(crate) const HANDSHAKE_TIMEOUT: &str = "handshake_timeout";
/// `keep.alive.timeout.ms`
pub(crate) const KEEP_ALIVE_TIMEOUT: &str = "keep_alive_timeout";
/// `max.connection.idle.ms`
pub(crate) const MAX_IDLE: &str = "max_connection_idle";
/// `max.connection.age.ms`
pub(crate) const MAX_AGE: &str = "max_connection_age";
/// `max.connection.age.grace.ms`
pub(crate) const MAX_AGE_GRACE: &str = "max_connection_age_grace";
