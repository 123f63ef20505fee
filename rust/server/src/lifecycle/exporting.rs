//! Metrics that leave the process without Java: what the settings ask for, as the exporters know it.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::uri::{Scheme, Uri};
use venice_export::settings::{
    attributes, endpoint, headers, traces_endpoint, Invalid, Temporality,
};
use venice_export::spans::{self, SpanQueue, Spans};
use venice_export::{
    Exporters, OtlpChange, OtlpSettings, PrometheusSettings, Resource, Settings, Traces, TrustFile,
};

use crate::config::live::ChangeError;
use crate::config::metrics::{self, MetricsSettings};
use crate::config::names::{
    METRICS_RESOURCE, OTLP_ENDPOINT, OTLP_HEADERS, OTLP_TRUST_FILE, TRACES_ENDPOINT,
};
use crate::config::Config;
use crate::lifecycle::start_error::StartError;
use crate::observe::metrics::Metrics;
use crate::runtime::file_wait;

/// How long a stop waits for the last message to a collector.
pub(crate) const LAST_EXPORT: Duration = Duration::from_secs(2);

/// Bytes of a trust file that are read: many times what systems have.
const TRUST_BYTES: u64 = 16 * 1024 * 1024;

/// The queue of spans and its other end, if the settings send them anywhere.
pub(crate) fn spans(config: &Config) -> Option<(SpanQueue, Spans)> {
    let traces = &config.traces;
    let is_sent = traces.endpoint.is_some() && config.metrics.enabled;
    is_sent.then(|| spans::queue(traces.queue))
}

/// Starts the exporters that the settings ask for; none if they ask for none, or if nothing is counted.
/// `address` is that of the server, by which it is told from others; `spans` are those that are sent.
pub(crate) fn start(
    config: &Config,
    metrics: &Metrics,
    address: SocketAddr,
    spans: Option<Spans>,
) -> Result<Option<Exporters>, StartError> {
    let traces = match spans {
        Some(spans) => Some(Traces {
            otlp: trace_settings(config)?,
            spans,
        }),
        None => None,
    };
    let wait = config.files_timeout;
    let config = &config.metrics;
    let (prometheus, otlp) = match config.exporters {
        metrics::Exporters::None => (false, false),
        metrics::Exporters::Prometheus => (true, false),
        metrics::Exporters::Otlp => (false, true),
        metrics::Exporters::All => (true, true),
    };
    if metrics.registry().is_none() || !(prometheus || otlp || traces.is_some()) {
        return Ok(None);
    }
    let settings = Settings {
        prometheus: prometheus.then(|| PrometheusSettings {
            address: (config.prometheus_address, config.prometheus_port).into(),
            ..PrometheusSettings::default()
        }),
        otlp: otlp.then(|| otlp_settings(config, wait)).transpose()?,
        resource: resource(config, address)?,
    };
    let metrics = metrics.clone();
    let source = Arc::new(move || metrics.snapshot(usize::MAX));
    let exporters = Exporters::start_with_traces(settings, source, traces)?;
    if let Some(address) = exporters.prometheus() {
        tracing::info!("metrics can be scraped at http://{address}/metrics");
    }
    Ok(Some(exporters))
}

/// What a change of settings makes of where metrics and spans are sent; none if that stays. It is refused if nothing
/// could be sent by them.
pub(crate) fn change(before: &Config, after: &Config) -> Result<Option<OtlpChange>, ChangeError> {
    let others = MetricsSettings {
        rocksdb_interval: after.metrics.rocksdb_interval,
        ..before.metrics.clone()
    };
    if others == after.metrics && before.traces == after.traces {
        return Ok(None);
    }
    if before.traces.endpoint.is_some() != after.traces.endpoint.is_some() {
        let text = format!(
            "{TRACES_ENDPOINT}: whether calls are traced is decided with the server; start it with the setting or without"
        );
        return Err(ChangeError::Unusable(text));
    }
    let change = || -> Result<OtlpChange, StartError> {
        let metrics = otlp_settings(&after.metrics, after.files_timeout)?;
        let is_traced = after.traces.endpoint.is_some();
        let spans = is_traced.then(|| trace_settings(after)).transpose()?;
        // As they are told at the start, too.
        let change = OtlpChange::new(Some(metrics), spans);
        change.map_err(|error| venice_export::StartError::from(error).into())
    };
    let unusable = |error: StartError| ChangeError::Unusable(error.to_string());
    change().map(Some).map_err(unusable)
}

/// As for metrics, but for where and how often.
fn trace_settings(config: &Config) -> Result<OtlpSettings, StartError> {
    let metrics = MetricsSettings {
        otlp_endpoint: None,
        ..config.metrics.clone()
    };
    let endpoint = config.traces.endpoint.as_deref().unwrap_or_default();
    let endpoint = traces_endpoint(endpoint).map_err(bad(TRACES_ENDPOINT))?;
    Ok(OtlpSettings {
        trust: trust(&endpoint, &metrics, config.files_timeout)?,
        endpoint,
        interval: config.traces.interval,
        ..otlp_settings(&metrics, config.files_timeout)?
    })
}

fn otlp_settings(config: &MetricsSettings, wait: Duration) -> Result<OtlpSettings, StartError> {
    let default = OtlpSettings::default();
    let endpoint = match &config.otlp_endpoint {
        Some(text) => endpoint(text).map_err(bad(OTLP_ENDPOINT))?,
        None => default.endpoint.clone(),
    };
    Ok(OtlpSettings {
        trust: trust(&endpoint, config, wait)?,
        endpoint,
        headers: match &config.otlp_headers {
            Some(text) => headers(text.text()).map_err(bad(OTLP_HEADERS))?,
            None => Vec::new(),
        },
        interval: config.otlp_interval,
        timeout: config.otlp_timeout,
        temporality: match config.otlp_temporality {
            metrics::Temporality::Cumulative => Temporality::Cumulative,
            metrics::Temporality::Delta => Temporality::Delta,
        },
        most_buckets: config.otlp_max_buckets,
        scope: match &config.prefix {
            Some(prefix) => format!("venice.{prefix}.rust"),
            None => default.scope.clone(),
        },
        ..default
    })
}

/// The certificates that a collector is trusted by, if it is spoken to with TLS.
fn trust(
    endpoint: &Uri,
    config: &MetricsSettings,
    wait: Duration,
) -> Result<Option<TrustFile>, StartError> {
    let Some(file) = &config.otlp_trust_file else {
        return Ok(None);
    };
    if endpoint.scheme() != Some(&Scheme::HTTPS) {
        return Ok(None);
    }
    let place = file.clone();
    let read = file_wait::within(wait, file, move |_| {
        let mut pem = Vec::new();
        let read = File::open(place)?.take(TRUST_BYTES).read_to_end(&mut pem);
        read.map(|_| pem)
    });
    let read = read.map_err(io::Error::from).and_then(|pem| pem);
    let pem = read.map_err(|source| StartError::File {
        setting: OTLP_TRUST_FILE,
        path: file.clone(),
        source,
    })?;
    let file = file.clone();
    Ok(Some(TrustFile { file, pem }))
}

/// By what this server is told from others.
pub(crate) fn resource(
    config: &MetricsSettings,
    address: SocketAddr,
) -> Result<Resource, StartError> {
    // Elsewhere than on Linux the settings have to say it.
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let host = host.trim();
    let port = address.port();
    let known = [
        ("service.name", "venice-server".to_owned()),
        ("host.name", host.to_owned()),
        ("service.instance.id", format!("{host}:{port}")),
    ];
    let known = known.map(|(key, value)| (key.to_owned(), value));
    let given = config.resource.as_deref().unwrap_or_default();
    let given = attributes(given).map_err(bad(METRICS_RESOURCE))?;
    Ok(Resource::new(known.into_iter().chain(given)))
}

fn bad(setting: &'static str) -> impl Fn(Invalid) -> StartError {
    move |source| StartError::MetricsSetting { setting, source }
}
