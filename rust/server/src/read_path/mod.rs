//! One request, from its bytes to its answer: decoded, admitted, read, encoded.
//!
//! Knows no HTTP/2 and no gRPC: what it returns is an answer or a failure, and the rooms above put
//! either on the wire. Only the lists of what failures are over gRPC ([`failure`]) and over HTTP
//! ([`http_status`]) have their words. Start with [`stack`]; [`driver`] awaits what a request needs on its way.

pub(crate) mod ahead;
pub(crate) mod compute;
pub(crate) mod disk_pool;
pub(crate) mod driver;
pub(crate) mod failure;
mod fair_queue;
pub(crate) mod http_status;
pub(crate) mod ready;
pub(crate) mod stack;
pub(crate) mod step;
pub(crate) mod streamed_batch;
pub(crate) mod streamed_done;
pub(crate) mod thread_pool;
pub(crate) mod turns;
