//! Recording rules and alerts for Prometheus.

/// A series that Prometheus computes.
pub(crate) struct Record {
    pub(crate) name: &'static str,
    /// A template of a query: [`crate::queries::query`].
    pub(crate) expression: &'static str,
}

/// What people have to know.
pub struct Alert {
    /// Its name.
    pub name: &'static str,
    /// `page` for at once, `ticket` for working hours.
    pub severity: &'static str,
    /// A template of a query.
    pub(crate) expression: &'static str,
    /// How long it has to be so.
    pub(crate) after: &'static str,
    /// One line, with Prometheus' templates.
    pub(crate) summary: &'static str,
    /// What to look at, and what to do.
    pub(crate) description: &'static str,
}

/// Names say by what they are: level, metric, operation.
pub(crate) const RECORDS: &[Record] = &[
    Record {
        name: "instance_method:venice_read_calls:rate5m",
        expression: "sum by (job, instance, venice_request_method) (rate(<read.call_count>[5m]))",
    },
    Record {
        name: "store_method:venice_read_calls:rate5m",
        expression: "sum by (job, venice_store_name, venice_request_method) (rate(<read.call_count>[5m]))",
    },
    Record {
        name: "instance:venice_read_failures:ratio5m",
        expression: "sum by (job, instance) (rate(<read.call_count>{http_response_status_code_category=\"5xx\"}[5m])) / (sum by (job, instance) (rate(<read.call_count>[5m])) > 0)",
    },
    Record {
        name: "instance_method:venice_read_call_milliseconds:p99_5m",
        expression: "histogram_quantile(0.99, sum by (job, instance, venice_request_method, le) (rate(<read.call_time:bucket>[5m])))",
    },
    Record {
        name: "store_method:venice_read_call_milliseconds:p99_5m",
        expression: "histogram_quantile(0.99, sum by (job, venice_store_name, venice_request_method, le) (rate(<read.call_time:bucket>[5m])))",
    },
    Record {
        name: "store:venice_cpu_seconds:rate5m",
        expression: "sum by (job, venice_store_name) (rate(<read.cpu_time>[5m])) / 1e9",
    },
    Record {
        name: "instance:venice_worker_busy:ratio5m",
        expression: "avg by (job, instance) (rate(<worker.busy_time>[5m]))",
    },
    Record {
        name: "store:venice_quota_rejected:ratio5m",
        expression: "sum by (job, venice_store_name) (rate(<read.quota.request.count>{venice_quota_request_outcome=\"rejected\"}[5m])) / (sum by (job, venice_store_name) (rate(<read.quota.request.count>[5m])) > 0)",
    },
    Record {
        name: "instance:venice_queue_wait_milliseconds:p99_5m",
        expression: "histogram_quantile(0.99, sum by (job, instance, le) (rate(<storage_engine.queue.wait_time:bucket>[5m])))",
    },
];

/// The alerts.
pub const ALERTS: &[Alert] = &[
    Alert {
        name: "VeniceReadsFail",
        severity: "page",
        expression: "instance:venice_read_failures:ratio5m > 0.01",
        after: "5m",
        summary: "{{ $value | humanizePercentage }} of the reads of {{ $labels.instance }} fail",
        description: "The board's row \"Who is refused, and why\" has the reasons: read_error is RocksDB's, over_capacity the node's quota, deadline a client that waits no longer.",
    },
    Alert {
        name: "VeniceSingleGetsSlow",
        severity: "page",
        expression: "instance_method:venice_read_call_milliseconds:p99_5m{venice_request_method=\"single_get\"} > 20",
        after: "10m",
        summary: "One of a hundred single gets of {{ $labels.instance }} takes {{ $value | humanize }} ms or more",
        description: "The board's row \"Why are requests slow\" splits the time: waiting for a disk thread or reading RocksDB is the disk, sending is the client or the network; if it is none of them, look at the worker threads.",
    },
    Alert {
        name: "VeniceWorkersBusy",
        severity: "ticket",
        expression: "instance:venice_worker_busy:ratio5m > 0.9",
        after: "15m",
        summary: "The workers of {{ $labels.instance }} are busy {{ $value | humanizePercentage }} of the time",
        description: "store:venice_cpu_seconds:rate5m tells which store takes most. More workers (worker.threads) help if the machine has processors to spare.",
    },
    Alert {
        name: "VeniceDiskThreadsBusy",
        severity: "ticket",
        expression: "sum by (job, instance) (<thread_pool.queue.task_count>{venice_thread_pool_name=\"disk\"}) > 0 and sum by (job, instance) (<thread_pool.thread.active_count>{venice_thread_pool_name=\"disk\"}) >= sum by (job, instance) (<thread_pool.thread.max_count>{venice_thread_pool_name=\"disk\"})",
        after: "5m",
        summary: "{{ $value | humanize }} reads of {{ $labels.instance }} wait, and all disk threads work",
        description: "The disk is slow, or more is read from it than before: look at the block cache's hits, then at the disk. More threads (disk.threads) help if the disk is not at its limit.",
    },
    Alert {
        name: "VeniceReadsWaitForDisk",
        severity: "ticket",
        expression: "instance:venice_queue_wait_milliseconds:p99_5m > 10",
        after: "10m",
        summary: "One of a hundred reads of {{ $labels.instance }} that go to disk waits {{ $value | humanize }} ms or more for a thread",
        description: "As VeniceDiskThreadsBusy; this one also sees bursts.",
    },
    Alert {
        name: "VeniceDiskReadErrors",
        severity: "page",
        expression: "sum by (job, instance) (increase(<request.refused_count>{venice_server_reason=~\"read_error|read_deadline\"}[15m])) > 0",
        after: "0m",
        summary: "RocksDB failed {{ $value | humanize }} reads of {{ $labels.instance }} in 15 minutes",
        description: "The server's log has RocksDB's status: Corruption is a damaged file, IOError the disk, TimedOut a disk that answers later than read.deadline.ms. Take the host out, and look at the system's log.",
    },
    Alert {
        name: "VeniceStoreOverQuota",
        severity: "ticket",
        expression: "store:venice_quota_rejected:ratio5m > 0.05",
        after: "10m",
        summary: "{{ $value | humanizePercentage }} of the requests for store {{ $labels.venice_store_name }} are over its quota",
        description: "The store needs a larger read quota, or a client reads more than it should.",
    },
    Alert {
        name: "VeniceNodeOverCapacity",
        severity: "page",
        expression: "sum by (job, instance) (rate(<read.quota.node.request.count>{venice_quota_request_outcome=\"over_capacity\"}[5m])) > 0",
        after: "5m",
        summary: "{{ $labels.instance }} refuses {{ $value | humanize }} requests a second, as the node's capacity is used up",
        description: "Clients try other replicas. If all replicas do so, the cluster is too small for what its stores' quotas allow.",
    },
    Alert {
        name: "VeniceRequestsRefused",
        severity: "ticket",
        expression: "sum by (job, instance, venice_server_reason) (rate(<request.refused_count>{venice_server_reason!~\"quota|read_error|read_deadline|over_capacity|unknown_store|stopping\"}[5m])) > 1",
        after: "10m",
        summary: "{{ $labels.instance }} refuses {{ $value | humanize }} requests a second: {{ $labels.venice_server_reason }}",
        description: "`venice limits` shows each limit with its setting, what is in use and how often it was met: max_... are limits of sizes and numbers, disk_queue and compute_queue threads that do not keep up, receive_timeout clients that send too slowly, client_memory that clients hold more than max.client.bytes. access means that clients read what they may not, access_wait that Java does not say in time whether they may.",
    },
    Alert {
        name: "VeniceConnectionsRefused",
        severity: "page",
        expression: "sum by (job, instance, venice_server_reason) (rate(<connection.refused_count>[5m])) > 0.1",
        after: "5m",
        summary: "{{ $labels.instance }} refuses {{ $value | humanize }} connections a second: {{ $labels.venice_server_reason }}",
        description: "The limit of that name is reached. Clients that connect anew for each request, or a restart of all of them at once, do it.",
    },
    Alert {
        name: "VeniceClientsHungUpOn",
        severity: "ticket",
        expression: "sum by (job, instance, venice_server_reason) (increase(<connection.ended_count>{venice_server_reason=~\"control_frames|resets|http2_errors|held_memory\"}[15m])) > 10",
        after: "0m",
        summary: "{{ $labels.instance }} hung up on {{ $value | humanize }} connections in 15 minutes: {{ $labels.venice_server_reason }}",
        description: "Clients flood it with frames, or do not read their answers (held_memory). The server's log names their addresses.",
    },
    Alert {
        name: "VeniceClientMemoryFull",
        severity: "ticket",
        expression: "sum by (job, instance) (<client_memory.size>{venice_server_purpose=\"held\"}) / sum by (job, instance) (<client_memory.size>{venice_server_purpose=\"limit\"}) > 0.9",
        after: "5m",
        summary: "Clients of {{ $labels.instance }} hold {{ $value | humanizePercentage }} of the memory that they may",
        description: "Requests will wait or be refused. Clients that are slow to read large answers do it; max.client.bytes is the limit.",
    },
    Alert {
        name: "VeniceCertificateEndsSoon",
        severity: "ticket",
        expression: "min by (job, instance, venice_server_certificate) (<tls.certificate.days_left>) < 21",
        after: "1h",
        summary: "The certificate {{ $labels.venice_server_certificate }} of {{ $labels.instance }} ends in {{ $value | humanize }} days",
        description: "Replace the file: the server reads it anew, without a restart.",
    },
    Alert {
        name: "VeniceCertificateEnds",
        severity: "page",
        expression: "min by (job, instance, venice_server_certificate) (<tls.certificate.days_left>) < 7",
        after: "0m",
        summary: "The certificate {{ $labels.venice_server_certificate }} of {{ $labels.instance }} ends in {{ $value | humanize }} days",
        description: "Replace the file: the server reads it anew, without a restart. After its end no client connects.",
    },
    Alert {
        name: "VeniceHandshakesFail",
        severity: "ticket",
        expression: "sum by (job, instance) (rate(<tls.handshake_count>{venice_server_outcome=\"failure\"}[5m])) / (sum by (job, instance) (rate(<tls.handshake_count>[5m])) > 0) > 0.2",
        after: "10m",
        summary: "{{ $value | humanizePercentage }} of the TLS handshakes with {{ $labels.instance }} fail",
        description: "Clients have an old certificate, or do not trust the server's; or somebody looks for open ports.",
    },
    Alert {
        name: "VeniceAccessSlow",
        severity: "page",
        expression: "sum by (job, instance) (<access.queue.size>) > 100",
        after: "5m",
        summary: "{{ $value | humanize }} questions of {{ $labels.instance }} whether a client may read wait for Java",
        description: "The access controller is slow or hangs. Decisions that are known go on being used until they are too old; new clients wait.",
    },
    Alert {
        name: "VeniceTooManySeries",
        severity: "ticket",
        expression: "count by (job, instance) ({otel_metric_overflow=\"true\"}) > 0",
        after: "0m",
        summary: "{{ $labels.instance }} counts several stores together in {{ $value | humanize }} series",
        description: "More stores than metrics.max.series has room for: raise it, if the receiver takes as many series.",
    },
    Alert {
        name: "VeniceMetricsMissing",
        severity: "ticket",
        expression: "sum by (job, instance) (max_over_time(<metrics.series_count>[1h])) unless sum by (job, instance) (<metrics.series_count>)",
        after: "10m",
        summary: "{{ $labels.instance }} gave metrics in the last hour, and gives none now",
        description: "The server is down, or Prometheus does not reach it: all other alerts are blind for it.",
    },
];
