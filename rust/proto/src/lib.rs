//! Venice's read service as generated Rust: the messages, a tonic client, and a tonic service.
//!
//! This is what a *client* of the read service uses, and what tests compare with. The server itself does
//! not link it: it decodes requests in place (`venice_wire`) and encodes answers once
//! (`venice_server::response`).
//!
//! Wire sources: `proto/VeniceReadService.proto`, `proto/StreamingReadService.proto`,
//! `proto/StoreMetadataService.proto`, `proto/ReadComputeService.proto`.

#![forbid(unsafe_code)]

/// The package `com.linkedin.venice.protocols`.
#[allow(
    missing_docs,
    nonstandard_style,
    clippy::all,
    reason = "generated code"
)]
pub mod protocols {
    tonic::include_proto!("com.linkedin.venice.protocols");
}

/// The package `com.linkedin.venice.rust.protocols`: this project's additions.
#[allow(
    missing_docs,
    nonstandard_style,
    clippy::all,
    reason = "generated code"
)]
pub mod streaming {
    tonic::include_proto!("com.linkedin.venice.rust.protocols");
}

pub use protocols::venice_read_service_client::VeniceReadServiceClient;
pub use protocols::{VeniceClientRequest, VeniceServerResponse};
pub use streaming::read_compute_service_client::ReadComputeServiceClient;
pub use streaming::store_metadata_service_client::StoreMetadataServiceClient;
pub use streaming::streaming_read_service_client::StreamingReadServiceClient;
pub use streaming::{
    DictionaryRequest, NodeHealthRequest, StoreMetadataResponse, StorePropertiesRequest,
    StoreRequest,
};
pub use streaming::{
    ReadComputeRequest, ReadComputeResponse, StreamingComputeFooter, StreamingComputeRequest,
    StreamingComputeResponse,
};
pub use streaming::{StreamingBatchGetFooter, StreamingBatchGetRequest, StreamingBatchGetResponse};

/// What the server is compiled with, as it is generated now: its `tests/generated_files.rs` compares.
#[doc(hidden)]
pub mod generated {
    /// The names of the files below the server's `src/services/generated`, and their texts.
    pub const FILES: [(&str, &str); 2] = [
        (
            "reflection_files.inc",
            include_str!(concat!(env!("OUT_DIR"), "/reflection_files.inc")),
        ),
        (
            "channelz_messages.inc",
            include_str!(concat!(env!("OUT_DIR"), "/grpc.channelz.v1.rs")),
        ),
    ];
}
