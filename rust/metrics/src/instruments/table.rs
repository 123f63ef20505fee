//! The table. A line is: kind, unit, name, dimensions, the Java server's, meaning; and why it is not
//! served, if so. Names, types and dimensions that are marked `SAME` are those of Venice's
//! `*OtelMetricEntity` classes.

use super::description::{Description, Java, Kind, Unit};
use crate::dimensions::Dimension;

const SAME: Java = Java::Same;
/// The Java server has nothing like it.
const NONE: Java = Java::Other("none");

macro_rules! absent {
    () => {
        None
    };
    ($why:literal) => {
        Some($why)
    };
}

macro_rules! instruments {
    ($($name:ident: $kind:ident, $unit:ident, $text:literal, [$($dimension:ident),*], $java:expr,
       $about:literal $(, absent $why:literal)?;)*) => {
        /// A metric that this server has, or that the Java server's read path has.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u16)]
        pub enum Instrument { $(#[doc = $about] $name,)* }

        impl Instrument {
            /// All of them, in the order of the table.
            pub const ALL: &'static [Instrument] = &[$(Instrument::$name,)*];
        }

        pub(super) const TABLE: &[Description] = &[$(Description {
            name: $text,
            kind: Kind::$kind,
            unit: Unit::$unit,
            dimensions: &[$(Dimension::$dimension),*],
            java: $java,
            about: $about,
            absent: absent!($($why)?),
        },)*];
    };
}

instruments! {
    // Requests, as ServerReadOtelMetricEntity.
    ReadCallTime: Histogram, Millisecond, "read.call_time", [Store, Cluster, Method, Status, StatusCategory, VeniceStatusCategory, KeyCountBucket], SAME, "Server-side latency of a read request.";
    ReadCallCount: Counter, Number, "read.call_count", [Store, Cluster, Method, Status, StatusCategory, VeniceStatusCategory], SAME, "Read requests.";
    ReadRequestKeyCount: Histogram, Number, "read.request.key_count", [Store, Cluster, Method], SAME, "Keys of a read request.";
    ReadRequestSize: Histogram, Bytes, "read.request.size", [Store, Cluster, Method], SAME, "Size of a read request's message.";
    ReadResponseSize: Histogram, Bytes, "read.response.size", [Store, Cluster, Method, Status, StatusCategory, VeniceStatusCategory], SAME, "Size of an answer's message.";
    ReadRequestKeySize: Histogram, Bytes, "read.request.key_size", [Store, Cluster, Method], SAME, "Size of a key.";
    ReadResponseValueSize: Histogram, Bytes, "read.response.value_size", [Store, Cluster, Method, Status, StatusCategory, VeniceStatusCategory], SAME, "Size of a value that was found.";
    ReadResponseFlushTime: Histogram, Millisecond, "read.response.flush_time", [Store, Cluster, Method], SAME, "Time from an answer's hand-over to HTTP/2 until its last byte went to the socket.", absent "Not measured: an answer's last byte leaves with those of other calls of its connection.";
    ReadResponseKeyNotFoundCount: Counter, Number, "read.response.key.not_found_count", [Store, Cluster, Method], SAME, "Keys that were not found.";
    StorageEngineQueryTime: Histogram, Millisecond, "storage_engine.query.time", [Store, Cluster, Method, Chunking], SAME, "Time of a request's reads from RocksDB.";
    StorageEngineQueryChunkedValueCount: MinMaxCountSum, Number, "storage_engine.query.chunked_value_count", [Store, Cluster, Method], SAME, "Values that a request put together from chunks.";
    StorageEngineQueueWaitTime: Histogram, Millisecond, "storage_engine.queue.wait_time", [Store, Cluster, Method], SAME, "Time that a request waited for a disk thread.";
    StorageEngineQueueSize: MinMaxCountSum, Number, "storage_engine.queue.size", [Store, Cluster, Method], SAME, "Requests that waited for a disk thread when one more came.";
    StorageEngineReadComputeDeserializationTime: Histogram, Millisecond, "storage_engine.read.compute.deserialization_time", [Store, Cluster, Chunking], SAME, "Time of decoding the values of a request to compute: decompressing them, as operations are done where values lie, and nothing else is deserialized.";
    StorageEngineReadComputeSerializationTime: Histogram, Millisecond, "storage_engine.read.compute.serialization_time", [Store, Cluster], SAME, "Time of putting the results of a request to compute into its answer. They are encoded as they are computed, which is in execution_time.";
    StorageEngineReadComputeExecutionCount: MinMaxCountSum, Number, "storage_engine.read.compute.execution_count", [Store, Cluster, ComputeOperation], SAME, "How often a request to compute carried out the operations of a kind: their number times the values that were found. countByValue has none.";
    StorageEngineReadComputeExecutionTime: Histogram, Millisecond, "storage_engine.read.compute.execution_time", [Store, Cluster], SAME, "Time of the operations of a request to compute.";

    // Quota, as ServerReadQuotaOtelMetricEntity, and what Venice counts nowhere.
    ReadQuotaRequestCount: Counter, Number, "read.quota.request.count", [Store, Cluster, Version, QuotaOutcome], Java::Other("the same, with venice.version.role: Java knows which version is current"), "Requests that quota decided on.";
    ReadQuotaKeyCount: Counter, Number, "read.quota.key.count", [Store, Cluster, Version, QuotaOutcome], Java::Other("the same, with venice.version.role: Java knows which version is current"), "Keys (RCU) of the requests that quota decided on.";
    ReadQuotaUsageRatio: Gauge, Ratio, "read.quota.usage_ratio", [Store, Cluster, Version], SAME, "Keys asked for in a second, of those that this node answers for.", absent "Its parts are read.quota.key.count and the quota that Java set.";
    ReadQuotaNodeRequestCount: Counter, Number, "read.quota.node.request.count", [Store, Cluster, Version, QuotaOutcome], Java::Other("none: a node at its capacity is counted nowhere"), "Requests that the node's capacity refused, or whose store nobody knows.";
    ReadQuotaNodeKeyCount: Counter, Number, "read.quota.node.key.count", [Store, Cluster, Version, QuotaOutcome], Java::Other("none: a node at its capacity is counted nowhere"), "Keys (RCU) of the requests that the node's capacity refused, or whose store nobody knows.";

    // Connections, as ServerConnectionOtelMetricEntity, and their ends.
    ConnectionActiveCount: UpDownCounter, Number, "connection.active_count", [Cluster, ConnectionSource], SAME, "Open connections.";
    ConnectionRequestCount: Counter, Number, "connection.request_count", [Cluster, ConnectionSource], SAME, "Connections that were made.";
    ConnectionSetupTime: Histogram, Millisecond, "connection.setup_time", [Cluster, ConnectionSource], SAME, "Time of a TLS handshake, from the accepted connection to its end.";
    ConnectionRefusedCount: Counter, Number, "connection.refused_count", [Cluster, Reason], NONE, "Connections that were refused, by the limit.";
    ConnectionEndedCount: Counter, Number, "connection.ended_count", [Cluster, Reason], NONE, "Connections that the server ended, by what the client did, or by the limit of time that passed.";

    // What other parts of the Java server count.
    LoadControllerRequestCount: Counter, Number, "load_controller.request.count", [Cluster], SAME, "Requests by outcome of load control.", absent "This server has no load controller: its bounds are quota, memory and connections.";
    LoadControllerRequestRejectionRatio: MinMaxCountSum, Ratio, "load_controller.request.rejection_ratio", [Cluster], SAME, "Part of the requests that load control rejects.", absent "This server has no load controller: its bounds are quota, memory and connections.";
    MetadataRequestCount: Counter, Number, "metadata.request_count", [Store, Cluster, VeniceStatusCategory], SAME, "Requests for metadata.", absent "Metadata is asked of the Java server, over HTTP.";
    DiskHealthStatus: Gauge, Number, "disk.health.status", [Cluster], SAME, "1 if the disk is healthy, 0 if not.", absent "The Java server checks the disk that both read from; request.refused_count with the reason read_error has what reads met.";

    // gRPC's own: its proposal A66.
    GrpcServerCallStarted: Counter, Call, "grpc.server.call.started", [GrpcMethod], NONE, "Calls that began.";
    GrpcServerCallDuration: Histogram, Second, "grpc.server.call.duration", [GrpcMethod, GrpcStatus], NONE, "Time of a call, from its headers to its status.";
    GrpcServerCallSent: Histogram, Bytes, "grpc.server.call.sent_total_compressed_message_size", [GrpcMethod, GrpcStatus], NONE, "Bytes of a call's answers.";
    GrpcServerCallRcvd: Histogram, Bytes, "grpc.server.call.rcvd_total_compressed_message_size", [GrpcMethod, GrpcStatus], NONE, "Bytes of a call's requests.";

    // TLS and access.
    TlsHandshakeCount: Counter, Handshake, "tls.handshake_count", [Cluster, Outcome], NONE, "TLS handshakes, by how they ended.";
    TlsCertificateDaysLeft: Gauge, Day, "tls.certificate.days_left", [Cluster, Certificate], NONE, "Days until a certificate ends; negative afterwards.";
    AccessDecisionAge: Gauge, Second, "access.decision.age", [Cluster], NONE, "Age of the oldest kept decision that requests may still be answered by.";
    AccessDecisionCount: Gauge, Number, "access.decision.count", [Cluster], NONE, "Decisions that are kept.";
    AccessQuestionCount: Counter, Number, "access.question_count", [Cluster, Outcome], NONE, "Questions to Java whether a client may read, by what came of them.";
    AccessAnswerTime: Histogram, Millisecond, "access.answer_time", [Cluster], NONE, "Time from a question to Java until its answer.";
    AccessQueueSize: Gauge, Number, "access.queue.size", [Cluster], NONE, "Questions that no thread of Java has taken yet.";

    // The server itself.
    RequestRefusedCount: Counter, Number, "request.refused_count", [Cluster, Reason], NONE, "Requests that were refused or failed, by the reason.";
    StoreVersionReadCount: Counter, Number, "store.version.read_count", [Store, Cluster, Version], Java::Other("none: its usage tracker keeps a time alone"), "Reads of the partitions of a store version by the read servers of the process, since it came: a batch is one for each of its partitions, and what goes to disk counts again there. What nobody read has no series.";
    StoreVersionLastReadAge: Gauge, Second, "store.version.last_read.age", [Store, Cluster, Version], Java::Other("none: its usage tracker keeps a time alone"), "Time since a store version was read last, as exact as metrics are read often.";
    ClientMemoryBytes: Gauge, Bytes, "client_memory.size", [Cluster, Purpose], NONE, "Bytes held for clients, and the limit.";
    WorkerBusyTime: Counter, Second, "worker.busy_time", [Cluster, Worker], NONE, "Time that a worker thread spent with work, not waiting. Its rate is the busy share.";
    ReadCpuTime: Counter, Nanosecond, "read.cpu_time", [Store, Cluster, Method], NONE, "Processor time of reading a store and making its answers, without what HTTP/2 takes, on Linux: measured of one read in 512, by chance, which stands for the others; and of each on a disk thread.";
    TraceSpanCount: Counter, Number, "trace.span_count", [Cluster, Outcome], NONE, "Spans of traced calls, by what came of them: exported, queue_full, or collector, which did not take them.";
    ThreadPoolActiveCount: Gauge, Number, "thread_pool.thread.active_count", [Cluster, ThreadPool], SAME, "Threads of the pool that work.";
    ThreadPoolMaxCount: Gauge, Number, "thread_pool.thread.max_count", [Cluster, ThreadPool], SAME, "Threads of the pool.";
    ThreadPoolQueueTaskCount: Gauge, Number, "thread_pool.queue.task_count", [Cluster, ThreadPool], SAME, "Tasks that wait for a thread of the pool.";
    MetricsOverflowCount: Counter, Number, "metrics.overflow_count", [Cluster], NONE, "Times that a thread found no room within metrics.max.series for the series of a store or a reason, which are counted under otel.metric.overflow since.";
    MetricsRefusedValueCount: Counter, Number, "metrics.refused_value_count", [Cluster], Java::Other("venice.internal.metric_record_failure"), "Values that no histogram can hold: negative, infinite, or not a number.";
    MetricsSeriesCount: Gauge, Number, "metrics.series_count", [Cluster], NONE, "Series that are kept.";

    // RocksDB, of the databases that are open here: RocksDBStatsOtelMetricEntity and RocksDBMemoryOtelMetricEntity.
    RocksDbBlockCacheMissCount: Gauge, Number, "rocksdb.block_cache.miss.count", [Cluster, BlockCacheComponent], SAME, "Block cache misses by component.";
    RocksDbBlockCacheHitCount: Gauge, Number, "rocksdb.block_cache.hit.count", [Cluster, BlockCacheComponent], SAME, "Block cache hits by component.";
    RocksDbBlockCacheAddCount: Gauge, Number, "rocksdb.block_cache.add.count", [Cluster, BlockCacheComponent], SAME, "Blocks added to cache by component.";
    RocksDbBlockCacheBytesInserted: Gauge, Bytes, "rocksdb.block_cache.bytes.inserted", [Cluster, BlockCacheComponent], SAME, "Bytes inserted into cache by component.";
    RocksDbBlockCacheAddFailureCount: Gauge, Number, "rocksdb.block_cache.add.failure.count", [Cluster], SAME, "Failed attempts to add blocks to cache.";
    RocksDbBlockCacheBytesRead: Gauge, Bytes, "rocksdb.block_cache.bytes.read", [Cluster], SAME, "Bytes served from block cache on hits.";
    RocksDbBlockCacheBytesWritten: Gauge, Bytes, "rocksdb.block_cache.bytes.written", [Cluster], SAME, "Bytes written into block cache on misses.";
    RocksDbBloomFilterUsefulCount: Gauge, Number, "rocksdb.bloom_filter.useful_count", [Cluster], SAME, "Bloom filter checks that avoided a disk read.";
    RocksDbMemtableHitCount: Gauge, Number, "rocksdb.memtable.hit.count", [Cluster], SAME, "Get requests served from memtable.";
    RocksDbMemtableMissCount: Gauge, Number, "rocksdb.memtable.miss.count", [Cluster], SAME, "Get requests not found in memtable.";
    RocksDbGetHitCount: Gauge, Number, "rocksdb.get.hit.count", [Cluster, RocksDbLevel], SAME, "Get requests served from SST files by level.";
    RocksDbCompactionCancelledCount: Gauge, Number, "rocksdb.compaction.cancelled_count", [Cluster], SAME, "Compactions cancelled.";
    RocksDbReadAmplificationFactor: Gauge, Ratio, "rocksdb.read_amplification_factor", [Cluster], SAME, "Read amplification: ratio of total bytes read to useful bytes. Values > 1.0 indicate amplification.";
    RocksDbMemtableImmutableUnflushedCount: Gauge, Number, "rocksdb.memtable.immutable.unflushed_count", [Cluster], SAME, "RocksDB's property rocksdb.num-immutable-mem-table, added up over the open databases.";
    RocksDbMemtableImmutableFlushPending: Gauge, Number, "rocksdb.memtable.immutable.flush_pending", [Cluster], SAME, "RocksDB's property rocksdb.mem-table-flush-pending, added up over the open databases.";
    RocksDbMemtableActiveSize: Gauge, Bytes, "rocksdb.memtable.active.size", [Cluster], SAME, "RocksDB's property rocksdb.cur-size-active-mem-table, added up over the open databases.";
    RocksDbMemtableActiveAndUnflushedImmutableSize: Gauge, Bytes, "rocksdb.memtable.active_and_unflushed_immutable.size", [Cluster], SAME, "RocksDB's property rocksdb.cur-size-all-mem-tables, added up over the open databases.";
    RocksDbMemtableAllSize: Gauge, Bytes, "rocksdb.memtable.all.size", [Cluster], SAME, "RocksDB's property rocksdb.size-all-mem-tables, added up over the open databases.";
    RocksDbMemtableActiveEntryCount: Gauge, Number, "rocksdb.memtable.active.entry_count", [Cluster], SAME, "RocksDB's property rocksdb.num-entries-active-mem-table, added up over the open databases.";
    RocksDbMemtableImmutableEntryCount: Gauge, Number, "rocksdb.memtable.immutable.entry_count", [Cluster], SAME, "RocksDB's property rocksdb.num-entries-imm-mem-tables, added up over the open databases.";
    RocksDbMemtableActiveDeleteCount: Gauge, Number, "rocksdb.memtable.active.delete_count", [Cluster], SAME, "RocksDB's property rocksdb.num-deletes-active-mem-table, added up over the open databases.";
    RocksDbMemtableImmutableDeleteCount: Gauge, Number, "rocksdb.memtable.immutable.delete_count", [Cluster], SAME, "RocksDB's property rocksdb.num-deletes-imm-mem-tables, added up over the open databases.";
    RocksDbCompactionPending: Gauge, Number, "rocksdb.compaction.pending", [Cluster], SAME, "RocksDB's property rocksdb.compaction-pending, added up over the open databases.";
    RocksDbCompactionEstimatedPendingBytes: Gauge, Bytes, "rocksdb.compaction.estimated_pending_bytes", [Cluster], SAME, "RocksDB's property rocksdb.estimate-pending-compaction-bytes, added up over the open databases.";
    RocksDbCompactionRunningCount: Gauge, Number, "rocksdb.compaction.running_count", [Cluster], SAME, "RocksDB's property rocksdb.num-running-compactions, added up over the open databases.";
    RocksDbFlushRunningCount: Gauge, Number, "rocksdb.flush.running_count", [Cluster], SAME, "RocksDB's property rocksdb.num-running-flushes, added up over the open databases.";
    RocksDbBackgroundErrors: Gauge, Number, "rocksdb.background_errors", [Cluster], SAME, "RocksDB's property rocksdb.background-errors, added up over the open databases.";
    RocksDbKeysEstimatedCount: Gauge, Number, "rocksdb.keys.estimated_count", [Cluster], SAME, "RocksDB's property rocksdb.estimate-num-keys, added up over the open databases.";
    RocksDbTableReadersEstimatedMemory: Gauge, Bytes, "rocksdb.table_readers.estimated_memory", [Cluster], SAME, "RocksDB's property rocksdb.estimate-table-readers-mem, added up over the open databases.";
    RocksDbSnapshotsCount: Gauge, Number, "rocksdb.snapshots.count", [Cluster], SAME, "RocksDB's property rocksdb.num-snapshots, added up over the open databases.";
    RocksDbVersionsLiveCount: Gauge, Number, "rocksdb.versions.live_count", [Cluster], SAME, "RocksDB's property rocksdb.num-live-versions, added up over the open databases.";
    RocksDbDataEstimatedLiveSize: Gauge, Bytes, "rocksdb.data.estimated_live_size", [Cluster], SAME, "RocksDB's property rocksdb.estimate-live-data-size, added up over the open databases.";
    RocksDbMinLogNumberToKeep: Gauge, Number, "rocksdb.min_log_number_to_keep", [Cluster], SAME, "RocksDB's property rocksdb.min-log-number-to-keep, added up over the open databases.";
    RocksDbActualDelayedWriteRate: Gauge, Number, "rocksdb.actual_delayed_write_rate", [Cluster], SAME, "RocksDB's property rocksdb.actual-delayed-write-rate, added up over the open databases.";
    RocksDbSstTotalSize: Gauge, Bytes, "rocksdb.sst.total_size", [Cluster], SAME, "RocksDB's property rocksdb.total-sst-files-size, added up over the open databases.";
    RocksDbSstLiveSize: Gauge, Bytes, "rocksdb.sst.live_size", [Cluster], SAME, "RocksDB's property rocksdb.live-sst-files-size, added up over the open databases.";
    RocksDbBlockCacheCapacity: Gauge, Bytes, "rocksdb.block_cache.capacity", [Cluster], SAME, "RocksDB's property rocksdb.block-cache-capacity.";
    RocksDbBlockCacheUsage: Gauge, Bytes, "rocksdb.block_cache.usage", [Cluster], SAME, "RocksDB's property rocksdb.block-cache-usage.";
    RocksDbBlockCachePinnedUsage: Gauge, Bytes, "rocksdb.block_cache.pinned_usage", [Cluster], SAME, "RocksDB's property rocksdb.block-cache-pinned-usage.";
    RocksDbBlobFileCount: Gauge, Number, "rocksdb.blob.file_count", [Cluster], SAME, "RocksDB's property rocksdb.num-blob-files, added up over the open databases.";
    RocksDbBlobTotalSize: Gauge, Bytes, "rocksdb.blob.total_size", [Cluster], SAME, "RocksDB's property rocksdb.total-blob-file-size, added up over the open databases.";
    RocksDbBlobLiveSize: Gauge, Bytes, "rocksdb.blob.live_size", [Cluster], SAME, "RocksDB's property rocksdb.live-blob-file-size, added up over the open databases.";
    RocksDbBlobGarbageSize: Gauge, Bytes, "rocksdb.blob.garbage_size", [Cluster], SAME, "RocksDB's property rocksdb.live-blob-file-garbage-size, added up over the open databases.";
    RocksDbRmdBlockCacheCapacity: Gauge, Bytes, "rocksdb.rmd_block_cache.capacity", [Cluster], SAME, "Of the block cache of replication metadata.", absent "Java keeps replication metadata, and its cache in an object of its own; this server does not read it.";
    RocksDbRmdBlockCacheUsage: Gauge, Bytes, "rocksdb.rmd_block_cache.usage", [Cluster], SAME, "Of the block cache of replication metadata.", absent "Java keeps replication metadata, and its cache in an object of its own; this server does not read it.";
    RocksDbRmdBlockCachePinnedUsage: Gauge, Bytes, "rocksdb.rmd_block_cache.pinned_usage", [Cluster], SAME, "Of the block cache of replication metadata.", absent "Java keeps replication metadata, and its cache in an object of its own; this server does not read it.";
}
