//! The dimensions of metrics, by the names that receivers see.

macro_rules! dimensions {
    ($($(#[$about:meta])* $name:ident = $key:literal,)*) => {
        /// A dimension: the key of an attribute. Venice's are those of
        /// `com.linkedin.venice.stats.dimensions.VeniceMetricsDimensions`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Dimension { $($(#[$about])* $name,)* }

        impl Dimension {
            /// All of them.
            pub const ALL: &'static [Dimension] = &[$(Dimension::$name,)*];

            /// The key, as it is exported.
            pub fn key(self) -> &'static str {
                match self { $(Dimension::$name => $key,)* }
            }
        }
    };
}

dimensions! {
    /// The store; `unknown_store` when nobody knows it.
    Store = "venice.store.name",
    /// The cluster of the server.
    Cluster = "venice.cluster.name",
    /// `single_get`, `multi_get`, `multi_get_streaming`.
    Method = "venice.request.method",
    /// The status that the Java server would answer over HTTP, in digits.
    Status = "http.response.status_code",
    /// `1xx` to `5xx`, `unknown`.
    StatusCategory = "http.response.status_code_category",
    /// `success`, `fail`.
    VeniceStatusCategory = "venice.response.status_code_category",
    /// `keys_le_0`, `keys_eq_1`, `keys_2_150`, ... `keys_gt_5000`.
    KeyCountBucket = "venice.request.key_count_bucket",
    /// `chunked`, `unchunked`: whether the request put a value together.
    Chunking = "venice.chunking.status",
    /// `backup`, `current`, `future`.
    VersionRole = "venice.version.role",
    /// The number of the store version, where its role is not known.
    Version = "venice.store.version",
    /// `allowed`, `rejected`, `allowed_unintentionally`; ours: `over_capacity`, `unknown_store`.
    QuotaOutcome = "venice.quota.request.outcome",
    /// `router`, `client`.
    ConnectionSource = "venice.connection.source",
    /// `dot_product`, `cosine_similarity`, `hadamard_product`, `count`.
    ComputeOperation = "venice.read_compute.operation_type",
    /// `index`, `filter`, `data`, `compression_dict`.
    BlockCacheComponent = "venice.rocksdb.block_cache_component",
    /// `level_0`, `level_1`, `level_2_and_up`.
    RocksDbLevel = "venice.rocksdb.level",
    /// `rust_grpc`: tells these series from the Java server's of the same name and store.
    Transport = "venice.server.transport",
    /// The full name of a method of gRPC, or `other`.
    GrpcMethod = "grpc.method",
    /// The name of a status of gRPC, as `OK`, `DEADLINE_EXCEEDED`.
    GrpcStatus = "grpc.status",
    /// Why something was refused or ended.
    Reason = "venice.server.reason",
    /// The index of a worker thread.
    Worker = "venice.server.worker",
    /// The file or the role of a certificate.
    Certificate = "venice.server.certificate",
    /// `success`, `failure`, or what else came of something.
    Outcome = "venice.server.outcome",
    /// The name of a pool of threads.
    ThreadPool = "venice.thread_pool.name",
    /// What a thread or an amount of memory is for.
    Purpose = "venice.server.purpose",
    /// `true` on what exceeds `metrics.max.series` (OpenTelemetry's specification, metrics SDK,
    /// "Overflow attribute"); it comes alone.
    Overflow = "otel.metric.overflow",
}
