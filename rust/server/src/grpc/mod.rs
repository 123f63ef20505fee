//! gRPC over HTTP bodies: messages and their prefix, statuses in trailers, deadlines.
//!
//! Knows no method and no connection. Nothing here reads a database.

pub mod body;
pub mod deadline;
pub mod framing;
pub mod messages;
