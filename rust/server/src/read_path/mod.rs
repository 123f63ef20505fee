//! One request, from its bytes to its answer: decoded, admitted, read, encoded.
//!
//! Knows no HTTP/2 and no gRPC: what it returns is an answer or a failure, and the rooms above put
//! either on the wire. Start with [`stack`]; [`driver`] awaits what a request needs on its way.

pub(crate) mod compute;
pub(crate) mod disk_pool;
pub(crate) mod driver;
pub(crate) mod failure;
mod fair_queue;
pub(crate) mod stack;
pub(crate) mod step;
pub(crate) mod streamed_batch;
