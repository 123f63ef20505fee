//! Settings of metrics.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

use crate::config::names::{METRICS_RESOURCE, OTLP_ENDPOINT, OTLP_HEADERS, OTLP_TRUST_FILE};
use crate::config::reasons::{COUNTED, EXPORTERS, LISTENS, TEMPORALITY};
use crate::config::setting::{
    address, choice, file, flag, millis, number, password, settings, text, Choice, Field, Setting,
    DAY,
};
use crate::config::tls::Password;

/// Who gets metrics without Java's help.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exporters {
    /// Nobody.
    None,
    /// Prometheus scrapes them.
    Prometheus,
    /// They are sent to a collector.
    Otlp,
    /// Both.
    All,
}

impl Choice for Exporters {
    const ALL: &'static [(&'static str, Exporters)] = &[
        ("none", Exporters::None),
        ("prometheus", Exporters::Prometheus),
        ("otlp", Exporters::Otlp),
        ("all", Exporters::All),
    ];
}

/// What is sent to a collector: what was counted from the start, or since the last message that arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Temporality {
    /// From the start.
    Cumulative,
    /// Since the last message that arrived.
    Delta,
}

impl Choice for Temporality {
    const ALL: &'static [(&'static str, Temporality)] = &[
        ("cumulative", Temporality::Cumulative),
        ("delta", Temporality::Delta),
    ];
}

settings! {
    /// How metrics are counted.
    pub struct MetricsSettings {
        /// Whether metrics are counted. What they cost a get is in docs/metrics.md.
        enabled: bool = true, flag("metrics.enabled").at_start(COUNTED),
            acts in "observe/metrics.rs";

        /// How many series one metric may have. What exceeds it is counted together, in one series. A store has
        /// ten series of its reads' times if its batches are of all sizes.
        max_series: usize = 10_000, number("metrics.max.series", "series", 1..=1_000_000).at_start(COUNTED),
            acts in "observe/metrics.rs";

        /// What names of metrics have between `venice.` and their own, as `otel.venice.metrics.prefix` of
        /// Venice's server; without it, `server`.
        prefix: Option<String> = None, text("metrics.prefix").at_start(COUNTED),
            acts in "observe/metrics.rs";

        /// The value of the dimension `venice.cluster.name`; without it, `unknown`.
        cluster: Option<String> = None, text("metrics.cluster.name").at_start(COUNTED),
            acts in "observe/metrics.rs";

        /// How often RocksDB is asked for its own numbers of the open databases (`rocksdb.*`), at most: when
        /// metrics are read, and the last answer is older. It takes a moment for each database, and
        /// RocksDB's locks. 0 means never.
        rocksdb_interval: Duration = Duration::from_secs(30), millis("metrics.rocksdb.interval.ms", 0..=DAY).at_run_time(),
            acts in "lifecycle/sources.rs";

        /// Who gets metrics without Java's help: `none`, `prometheus`, which scrapes them at
        /// `metrics.prometheus.address`, `otlp`, a collector of OpenTelemetry at `metrics.otlp.endpoint`, or
        /// `all`. Java may read them besides; but do not send them to one collector by both, which would
        /// count twice.
        exporters: Exporters = Exporters::None, choice::<Exporters>("metrics.exporters").at_start(EXPORTERS),
            acts in "lifecycle/exporting.rs";

        /// The IP address that Prometheus scrapes, by `GET /metrics`. Who reaches it reads the names of all
        /// stores, so by default only this host does.
        prometheus_address: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST), address("metrics.prometheus.address").at_start(LISTENS),
            acts in "lifecycle/exporting.rs";

        /// The TCP port that Prometheus scrapes. The default is OpenTelemetry's for this. 0 means a free one,
        /// and the log tells which.
        prometheus_port: u16 = 9464, number("metrics.prometheus.port", "", 0..=65535).at_start(LISTENS),
            acts in "lifecycle/exporting.rs";

        /// The URL of the collector, `http` or `https`. Without a path it gets `/v1/metrics`. A change loses
        /// nothing: what did not arrive at the one collector goes to the other.
        otlp_endpoint: Option<String> = Some("http://localhost:4318/v1/metrics".to_owned()), text(OTLP_ENDPOINT).at_run_time(),
            acts in "lifecycle/exporting.rs";

        /// Headers of each request to the collector, as `name=value,name=value`, with `%2C` for a comma in a
        /// value.
        otlp_headers: Option<Password> = None, password(OTLP_HEADERS).at_run_time(),
            acts in "lifecycle/exporting.rs";

        /// From one message to the next. What happens between two of them is in the later one.
        otlp_interval: Duration = Duration::from_secs(60), millis("metrics.otlp.interval.ms", 100..=DAY).at_run_time(),
            acts in "lifecycle/exporting.rs";

        /// How long one request to the collector may take, its answer included. It is tried five times.
        otlp_timeout: Duration = Duration::from_secs(10), millis("metrics.otlp.timeout.ms", 100..=DAY).at_run_time(),
            acts in "lifecycle/exporting.rs";

        /// What a collector gets: `cumulative` is what was counted from the start, `delta` what was counted
        /// since the last message that arrived, as Venice's server sends it.
        otlp_temporality: Temporality = Temporality::Cumulative,
            choice::<Temporality>("metrics.otlp.temporality").at_start(TEMPORALITY),
            acts in "lifecycle/exporting.rs";

        /// The buckets of a histogram that is sent to a collector. Neighbours are merged, exactly, until there
        /// are no more. The default is that of OpenTelemetry's SDKs; Venice's server has 370.
        otlp_max_buckets: usize = 160, number("metrics.otlp.max.buckets", "buckets", 2..=1000).at_run_time(),
            acts in "lifecycle/exporting.rs";

        /// PEM file with the certificates that the collector's may be signed by, such as
        /// `/etc/ssl/certs/ca-certificates.crt`. An endpoint with `https` needs it.
        otlp_trust_file: Option<PathBuf> = None, file(OTLP_TRUST_FILE).at_run_time(),
            acts in "lifecycle/exporting.rs";

        /// Attributes of this server, as `name=value,name=value`, over those that it knows: `service.name`
        /// (`venice-server`), `host.name`, and `service.instance.id` (the host's name and the port).
        resource: Option<String> = None, text(METRICS_RESOURCE).at_start(EXPORTERS),
            acts in "lifecycle/exporting.rs";
    }
}
