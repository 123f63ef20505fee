//! gRPC over HTTP bodies: messages and their prefix, statuses in trailers, deadlines.
//!
//! Knows no method and no connection. Nothing here reads a database.

pub(crate) mod body;
mod broken;
pub(crate) mod deadline;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod frames;
pub(crate) mod framing;
pub(crate) mod messages;
