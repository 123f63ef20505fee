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
    /// Those of Venice's requests over HTTP come last: they are no calls of gRPC, and not counted as such.
    HttpGet,
    HttpBatchGet,
    HttpCompute,
    HttpMetadata,
    HttpDictionary,
    HttpStoreProperties,
    HttpCurrentVersion,
    HttpOther,
}

impl Method {
    /// Whether it is asked for over HTTP, without gRPC.
    #[inline]
    pub(super) fn is_http(self) -> bool {
        self as usize >= OF_GRPC
    }
}

/// How many of them are gRPC's.
pub(super) const OF_GRPC: usize = 12;

/// Their names, in the order of [`Method`].
pub(super) const METHODS: [&str; 20] = [
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
    "GET /storage",
    "POST /storage",
    "POST /compute",
    "GET /metadata",
    "GET /dictionary",
    "GET /store_properties",
    "GET /current_version",
    "http",
];

/// The same without their services.
pub(super) const RPCS: [&str; 20] = [
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
    "GET /storage",
    "POST /storage",
    "POST /compute",
    "GET /metadata",
    "GET /dictionary",
    "GET /store_properties",
    "GET /current_version",
    "http",
];
