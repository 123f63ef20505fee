//! Venice's read service as generated Rust: the messages and a tonic client.
//!
//! This is what a *client* of the read service uses, and what the server's tests compare with. The
//! server itself does not link it: it decodes requests in place and encodes answers once
//! (`venice_server::request`, `venice_server::response`).
//!
//! Wire source: `proto/VeniceReadService.proto`.

#![forbid(unsafe_code)]

/// The package `com.linkedin.venice.protocols`.
#[allow(missing_docs, clippy::all, reason = "generated code")]
pub mod protocols {
    tonic::include_proto!("com.linkedin.venice.protocols");
}

pub use protocols::venice_read_service_client::VeniceReadServiceClient;
pub use protocols::{VeniceClientRequest, VeniceServerResponse};
