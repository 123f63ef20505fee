//! The methods that calls are counted by.

/// Declares [`Method`], and its names in one table, so that no two lists can differ in their order.
macro_rules! methods {
    ($($(#[$about:meta])* $method:ident: $name:literal, $short:literal;)*) => {
        /// Methods as gRPC's metrics name them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Method {
            $($(#[$about])* $method,)*
        }

        /// Each with its name, and the name without the service. In the order of [`Method`].
        const ALL: [(Method, &str, &str); 20] = [$((Method::$method, $name, $short),)*];
    };
}

methods! {
    Get: "com.linkedin.venice.protocols.VeniceReadService/get", "get";
    BatchGet: "com.linkedin.venice.protocols.VeniceReadService/batchGet", "batchGet";
    StreamingBatchGet: "com.linkedin.venice.rust.protocols.StreamingReadService/batchGet", "streamingBatchGet";
    Compute: "com.linkedin.venice.rust.protocols.ReadComputeService/compute", "compute";
    StreamingCompute: "com.linkedin.venice.rust.protocols.ReadComputeService/streamingCompute", "streamingCompute";
    CountByValue: "com.linkedin.venice.protocols.VeniceReadService/countByValue", "countByValue";
    Metadata: "com.linkedin.venice.rust.protocols.StoreMetadataService/metadata", "metadata";
    Dictionary: "com.linkedin.venice.rust.protocols.StoreMetadataService/dictionary", "dictionary";
    StoreProperties: "com.linkedin.venice.rust.protocols.StoreMetadataService/storeProperties", "storeProperties";
    CurrentVersion: "com.linkedin.venice.rust.protocols.StoreMetadataService/currentVersion", "currentVersion";
    NodeHealth: "com.linkedin.venice.rust.protocols.StoreMetadataService/health", "health";
    Other: "other", "other";
    /// Those of Venice's requests over HTTP come last: they are no calls of gRPC, and not counted as such.
    HttpGet: "GET /storage", "GET /storage";
    HttpBatchGet: "POST /storage", "POST /storage";
    HttpCompute: "POST /compute", "POST /compute";
    HttpMetadata: "GET /metadata", "GET /metadata";
    HttpDictionary: "GET /dictionary", "GET /dictionary";
    HttpStoreProperties: "GET /store_properties", "GET /store_properties";
    HttpCurrentVersion: "GET /current_version", "GET /current_version";
    HttpOther: "http", "http";
}

/// How many of them are gRPC's.
pub(super) const OF_GRPC: usize = Method::HttpGet as usize;

impl Method {
    /// Those of gRPC, in the order of their numbers.
    pub(super) fn of_grpc(number: usize) -> Method {
        ALL[number].0
    }

    /// Whether it is asked for over HTTP, without gRPC.
    #[inline]
    pub(super) fn is_http(self) -> bool {
        self as usize >= OF_GRPC
    }

    /// As metrics and traces have it, with its service.
    pub(super) fn name(self) -> &'static str {
        ALL[self as usize].1
    }

    /// As the log of slow requests has it, without its service.
    pub(super) fn short_name(self) -> &'static str {
        ALL[self as usize].2
    }
}
