//! The board's rows and panels. Each row answers a question that an operator has.

/// A row of the board.
pub(crate) struct Row {
    pub(crate) title: &'static str,
    pub(crate) panels: &'static [Panel],
}

/// A graph over time.
pub(crate) struct Panel {
    pub(crate) title: &'static str,
    pub(crate) about: &'static str,
    /// As Grafana calls it.
    pub(crate) unit: &'static str,
    /// Templates of queries ([`crate::queries::query`]), and what their curves are called.
    pub(crate) queries: &'static [(&'static str, &'static str)],
}

/// What Grafana fills in: the instances and stores that are chosen, and a window of several scrapes.
///
/// `$of` and `$read` are ours: see [`crate::board::board`].
pub(crate) const ROWS: &[Row] = &[
    Row {
        title: "Is it well",
        panels: &[
            Panel {
                title: "Reads",
                about: "Read requests in a second, by method.",
                unit: "reqps",
                queries: &[(
                    "sum by (venice_request_method) (rate(<read.call_count>{$read}[$__rate_interval]))",
                    "{{venice_request_method}}",
                )],
            },
            Panel {
                title: "Failed reads",
                about: "Part of the reads that ended with a failure of this server (5xx), and with a refusal (4xx but 404).",
                unit: "percentunit",
                queries: &[
                    (
                        "sum(rate(<read.call_count>{$read,http_response_status_code_category=\"5xx\"}[$__rate_interval])) / sum(rate(<read.call_count>{$read}[$__rate_interval]))",
                        "failed",
                    ),
                    (
                        "sum(rate(<read.call_count>{$read,http_response_status_code_category=\"4xx\",http_response_status_code!=\"404\"}[$__rate_interval])) / sum(rate(<read.call_count>{$read}[$__rate_interval]))",
                        "refused",
                    ),
                ],
            },
            Panel {
                title: "Latency of reads",
                about: "In the server, of all reads that are chosen. Between the bounds of buckets, which double, it is an estimate.",
                unit: "ms",
                queries: &[
                    ("histogram_quantile(0.5, sum by (le) (rate(<read.call_time:bucket>{$read}[$__rate_interval])))", "p50"),
                    ("histogram_quantile(0.99, sum by (le) (rate(<read.call_time:bucket>{$read}[$__rate_interval])))", "p99"),
                    ("histogram_quantile(0.999, sum by (le) (rate(<read.call_time:bucket>{$read}[$__rate_interval])))", "p99.9"),
                ],
            },
            Panel {
                title: "Keys",
                about: "Keys that were asked for and not found, in a second.",
                unit: "ops",
                queries: &[
                    ("sum(rate(<read.request.key_count:sum>{$read}[$__rate_interval]))", "asked for"),
                    ("sum(rate(<read.response.key.not_found_count>{$read}[$__rate_interval]))", "not found"),
                ],
            },
        ],
    },
    Row {
        title: "Which store eats my CPU",
        panels: &[
            Panel {
                title: "Processor time by store",
                about: "Processors that reads of a store keep busy, by sampling, without what HTTP/2 takes: the ten that take most.",
                unit: "short",
                queries: &[(
                    "topk(10, sum by (venice_store_name) (rate(<read.cpu_time>{$read}[$__rate_interval])) / 1e9)",
                    "{{venice_store_name}}",
                )],
            },
            Panel {
                title: "Reads by store",
                about: "The ten stores that are read most.",
                unit: "reqps",
                queries: &[(
                    "topk(10, sum by (venice_store_name) (rate(<read.call_count>{$read}[$__rate_interval])))",
                    "{{venice_store_name}}",
                )],
            },
            Panel {
                title: "Bytes by store",
                about: "Answers' bytes in a second: the ten stores that send most.",
                unit: "Bps",
                queries: &[(
                    "topk(10, sum by (venice_store_name) (rate(<read.response.size:sum>{$read}[$__rate_interval])))",
                    "{{venice_store_name}}",
                )],
            },
            Panel {
                title: "Reads by store version",
                about: "Reads of partitions in a second: the ten versions that are read most. After a swap the old one falls to nothing.",
                unit: "reqps",
                queries: &[(
                    "topk(10, sum by (venice_store_name, venice_store_version) (rate(<store.version.read_count>{$read}[$__rate_interval])))",
                    "{{venice_store_name}}_v{{venice_store_version}}",
                )],
            },
            Panel {
                title: "Store versions that are read no more",
                about: "Time since the last read on any of the servers: the ten longest. What was never read is not here; `venice stores` shows it.",
                unit: "s",
                queries: &[(
                    "topk(10, min by (venice_store_name, venice_store_version) (<store.version.last_read.age>{$read}))",
                    "{{venice_store_name}}_v{{venice_store_version}}",
                )],
            },
            Panel {
                title: "Worker threads",
                about: "Part of the time that workers had work; above 0.8 requests wait for each other.",
                unit: "percentunit",
                queries: &[
                    ("avg by (instance) (rate(<worker.busy_time>{$of}[$__rate_interval]))", "{{instance}} on average"),
                    ("max by (instance) (rate(<worker.busy_time>{$of}[$__rate_interval]))", "{{instance}} the busiest"),
                ],
            },
        ],
    },
    Row {
        title: "Why are requests slow",
        panels: &[
            Panel {
                title: "p99 by store",
                about: "The ten slowest stores.",
                unit: "ms",
                queries: &[(
                    "topk(10, histogram_quantile(0.99, sum by (le, venice_store_name) (rate(<read.call_time:bucket>{$read}[$__rate_interval]))))",
                    "{{venice_store_name}}",
                )],
            },
            Panel {
                title: "Where the time goes",
                about: "p99 of a call and of its parts.",
                unit: "ms",
                queries: &[
                    ("histogram_quantile(0.99, sum by (le) (rate(<read.call_time:bucket>{$read}[$__rate_interval])))", "call"),
                    ("histogram_quantile(0.99, sum by (le) (rate(<storage_engine.queue.wait_time:bucket>{$read}[$__rate_interval])))", "waiting for a disk thread"),
                    ("histogram_quantile(0.99, sum by (le) (rate(<storage_engine.query.time:bucket>{$read}[$__rate_interval])))", "reading RocksDB"),
                ],
            },
            Panel {
                title: "p99 by number of keys",
                about: "Whether it is large batches that are slow.",
                unit: "ms",
                queries: &[(
                    "histogram_quantile(0.99, sum by (le, venice_request_key_count_bucket) (rate(<read.call_time:bucket>{$read}[$__rate_interval])))",
                    "{{venice_request_key_count_bucket}}",
                )],
            },
            Panel {
                title: "Size of answers",
                about: "Whether it is large answers that are slow: p99 by method.",
                unit: "bytes",
                queries: &[(
                    "histogram_quantile(0.99, sum by (le, venice_request_method) (rate(<read.response.size:bucket>{$read}[$__rate_interval])))",
                    "{{venice_request_method}}",
                )],
            },
        ],
    },
    Row {
        title: "Who is refused, and why",
        panels: &[
            Panel {
                title: "Refused requests by reason",
                about: "Requests in a second that were refused or failed.",
                unit: "reqps",
                queries: &[(
                    "sum by (venice_server_reason) (rate(<request.refused_count>{$of}[$__rate_interval]))",
                    "{{venice_server_reason}}",
                )],
            },
            Panel {
                title: "Quota, by store",
                about: "Keys (RCU) in a second that the quota of a store refused: the ten with most.",
                unit: "ops",
                queries: &[(
                    "topk(10, sum by (venice_store_name) (rate(<read.quota.key.count>{$read,venice_quota_request_outcome=\"rejected\"}[$__rate_interval])))",
                    "{{venice_store_name}}",
                )],
            },
            Panel {
                title: "Quota of the node",
                about: "Keys (RCU) in a second that the node's capacity refused.",
                unit: "ops",
                queries: &[(
                    "sum by (instance, venice_quota_request_outcome) (rate(<read.quota.node.key.count>{$of}[$__rate_interval]))",
                    "{{instance}} {{venice_quota_request_outcome}}",
                )],
            },
            Panel {
                title: "Connections",
                about: "Open ones.",
                unit: "short",
                queries: &[("sum by (instance) (<connection.active_count>{$of})", "{{instance}}")],
            },
            Panel {
                title: "Refused and ended connections",
                about: "In a second: refused by a limit, and ended for what the client did, or by a limit of time.",
                unit: "ops",
                queries: &[
                    ("sum by (venice_server_reason) (rate(<connection.refused_count>{$of}[$__rate_interval]))", "refused: {{venice_server_reason}}"),
                    ("sum by (venice_server_reason) (rate(<connection.ended_count>{$of}[$__rate_interval]))", "ended: {{venice_server_reason}}"),
                ],
            },
            Panel {
                title: "Access",
                about: "Questions to Java whether a client may read, in a second, and those that wait.",
                unit: "short",
                queries: &[
                    ("sum by (venice_server_outcome) (rate(<access.question_count>{$of}[$__rate_interval]))", "{{venice_server_outcome}}"),
                    ("sum(<access.queue.size>{$of})", "waiting"),
                ],
            },
        ],
    },
    Row {
        title: "Is it disk or memory",
        panels: &[
            Panel {
                title: "Disk threads",
                about: "Those that work, of all; and reads that wait for one.",
                unit: "short",
                queries: &[
                    ("sum by (instance) (<thread_pool.thread.active_count>{$of,venice_thread_pool_name=\"disk\"})", "{{instance}} working"),
                    ("sum by (instance) (<thread_pool.thread.max_count>{$of,venice_thread_pool_name=\"disk\"})", "{{instance}} all"),
                    ("sum by (instance) (<thread_pool.queue.task_count>{$of,venice_thread_pool_name=\"disk\"})", "{{instance}} waiting"),
                ],
            },
            Panel {
                title: "Reads that go to disk",
                about: "Part of the reads that memory could not answer, by method.",
                unit: "percentunit",
                queries: &[(
                    "sum by (venice_request_method) (rate(<storage_engine.queue.wait_time:count>{$read}[$__rate_interval])) / sum by (venice_request_method) (rate(<read.call_count>{$read}[$__rate_interval]))",
                    "{{venice_request_method}}",
                )],
            },
            Panel {
                title: "Memory held for clients",
                about: "Calls, requests and answers that are not sent yet, and what they may have.",
                unit: "bytes",
                queries: &[(
                    "sum by (instance, venice_server_purpose) (<client_memory.size>{$of})",
                    "{{instance}} {{venice_server_purpose}}",
                )],
            },
            Panel {
                title: "Time in RocksDB",
                about: "p99 of a request's reads, by whether values were put together from chunks. Of reads from memory one in 64 is timed, of those from disk each.",
                unit: "ms",
                queries: &[(
                    "histogram_quantile(0.99, sum by (le, venice_chunking_status) (rate(<storage_engine.query.time:bucket>{$read}[$__rate_interval])))",
                    "{{venice_chunking_status}}",
                )],
            },
        ],
    },
    Row {
        title: "What does read compute take",
        panels: &[
            Panel {
                title: "Requests to compute",
                about: "In a second, by method; countByValue is among those of compute.",
                unit: "reqps",
                queries: &[(
                    "sum by (venice_request_method) (rate(<read.call_count>{$read,venice_request_method=~\"compute.*\"}[$__rate_interval]))",
                    "{{venice_request_method}}",
                )],
            },
            Panel {
                title: "Processor time of computing, by store",
                about: "Processors that requests to compute keep busy: the ten stores that take most.",
                unit: "short",
                queries: &[(
                    "topk(10, sum by (venice_store_name) (rate(<read.cpu_time>{$read,venice_request_method=~\"compute.*\"}[$__rate_interval])) / 1e9)",
                    "{{venice_store_name}}",
                )],
            },
            Panel {
                title: "Where the time of computing goes",
                about: "p99 of a request and of its parts. Results are encoded as they are computed.",
                unit: "ms",
                queries: &[
                    ("histogram_quantile(0.99, sum by (le) (rate(<read.call_time:bucket>{$read,venice_request_method=~\"compute.*\"}[$__rate_interval])))", "request"),
                    ("histogram_quantile(0.99, sum by (le) (rate(<storage_engine.queue.wait_time:bucket>{$read,venice_request_method=~\"compute.*\"}[$__rate_interval])))", "waiting for a thread"),
                    ("histogram_quantile(0.99, sum by (le) (rate(<storage_engine.query.time:bucket>{$read,venice_request_method=~\"compute.*\"}[$__rate_interval])))", "reading RocksDB"),
                    ("histogram_quantile(0.99, sum by (le) (rate(<storage_engine.read.compute.deserialization_time:bucket>{$read}[$__rate_interval])))", "decompressing"),
                    ("histogram_quantile(0.99, sum by (le) (rate(<storage_engine.read.compute.execution_time:bucket>{$read}[$__rate_interval])))", "operations"),
                    ("histogram_quantile(0.99, sum by (le) (rate(<storage_engine.read.compute.serialization_time:bucket>{$read}[$__rate_interval])))", "results into the answer"),
                ],
            },
            Panel {
                title: "Operations",
                about: "Operations on a value, in a second, by store and kind: the ten with most.",
                unit: "ops",
                queries: &[(
                    "topk(10, sum by (venice_store_name, venice_read_compute_operation_type) (rate(<storage_engine.read.compute.execution_count:sum>{$read}[$__rate_interval])))",
                    "{{venice_store_name}} {{venice_read_compute_operation_type}}",
                )],
            },
            Panel {
                title: "Threads that compute",
                about: "Those that work, of all; and requests that wait for one.",
                unit: "short",
                queries: &[
                    ("sum by (instance) (<thread_pool.thread.active_count>{$of,venice_thread_pool_name=\"compute\"})", "{{instance}} working"),
                    ("sum by (instance) (<thread_pool.thread.max_count>{$of,venice_thread_pool_name=\"compute\"})", "{{instance}} all"),
                    ("sum by (instance) (<thread_pool.queue.task_count>{$of,venice_thread_pool_name=\"compute\"})", "{{instance}} waiting"),
                ],
            },
            Panel {
                title: "Requests to compute that are refused",
                about: "In a second, by the limit that they met: its setting is compute.*, and `venice limits` shows it.",
                unit: "reqps",
                queries: &[(
                    "sum by (venice_server_reason) (rate(<request.refused_count>{$of,venice_server_reason=~\"compute_.*\"}[$__rate_interval]))",
                    "{{venice_server_reason}}",
                )],
            },
        ],
    },
    Row {
        title: "Is the certificate about to end, and who connects",
        panels: &[
            Panel {
                title: "Days left of certificates",
                about: "Negative: it has ended.",
                unit: "d",
                queries: &[(
                    "min by (instance, venice_server_certificate) (<tls.certificate.days_left>{$of})",
                    "{{instance}} {{venice_server_certificate}}",
                )],
            },
            Panel {
                title: "Handshakes",
                about: "Of TLS, in a second.",
                unit: "ops",
                queries: &[(
                    "sum by (venice_server_outcome) (rate(<tls.handshake_count>{$of}[$__rate_interval]))",
                    "{{venice_server_outcome}}",
                )],
            },
            Panel {
                title: "Time of handshakes",
                about: "p99, from the accepted connection to the end of its handshake.",
                unit: "ms",
                queries: &[(
                    "histogram_quantile(0.99, sum by (le, instance) (rate(<connection.setup_time:bucket>{$of}[$__rate_interval])))",
                    "{{instance}}",
                )],
            },
            Panel {
                title: "Calls by gRPC's status",
                about: "In a second.",
                unit: "reqps",
                queries: &[(
                    "sum by (grpc_status) (rate(<grpc.server.call.duration:count>{$of}[$__rate_interval]))",
                    "{{grpc_status}}",
                )],
            },
        ],
    },
];
