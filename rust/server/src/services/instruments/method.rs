//! The methods that calls are counted by.

/// Methods as gRPC's metrics name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    BatchGet,
    StreamingBatchGet,
    Compute,
    StreamingCompute,
    CountByValue,
    Metadata,
    Dictionary,
    StoreProperties,
    CurrentVersion,
    NodeHealth,
    Other,
}

/// Their names, in the order of [`Method`].
pub(super) const METHODS: [&str; 12] = [
    "com.linkedin.venice.protocols.VeniceReadService/get",
    "com.linkedin.venice.protocols.VeniceReadService/batchGet",
    "com.linkedin.venice.rust.protocols.StreamingReadService/batchGet",
    "com.linkedin.venice.rust.protocols.ReadComputeService/compute",
    "com.linkedin.venice.rust.protocols.ReadComputeService/streamingCompute",
    "com.linkedin.venice.protocols.VeniceReadService/countByValue",
    "com.linkedin.venice.rust.protocols.StoreMetadataService/metadata",
    "com.linkedin.venice.rust.protocols.StoreMetadataService/dictionary",
    "com.linkedin.venice.rust.protocols.StoreMetadataService/storeProperties",
    "com.linkedin.venice.rust.protocols.StoreMetadataService/currentVersion",
    "com.linkedin.venice.rust.protocols.StoreMetadataService/health",
    "other",
];

/// The same without their services.
pub(super) const RPCS: [&str; 12] = [
    "get",
    "batchGet",
    "streamingBatchGet",
    "compute",
    "streamingCompute",
    "countByValue",
    "metadata",
    "dictionary",
    "storeProperties",
    "currentVersion",
    "health",
    "other",
];
