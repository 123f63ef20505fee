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
use venice_export::spans::{self, SpanQueue};
use venice_export::{
    Exporters, OtlpChange, OtlpSettings, PrometheusSettings, Resource, Settings, Traces, TrustFile,
};
use venice_metrics::model::Snapshot;

use crate::config::live::ChangeError;
use crate::config::metrics::{self, MetricsSettings};
use crate::config::names::{
    METRICS_RESOURCE, OTLP_ENDPOINT, OTLP_HEADERS, OTLP_TRUST_FILE, TRACES_ENDPOINT,
};
use crate::config::Config;
use crate::lifecycle::start_error::StartError;
use crate::observe::metrics::Metrics;
use crate::runtime::file_wait;
use crate::services::context::ServerContext;

/// How long a stop waits for the last message to a collector.
pub(crate) const LAST_EXPORT: Duration = Duration::from_secs(2);

/// Bytes of a trust file that are read: many times what systems have.
const TRUST_BYTES: u64 = 16 * 1024 * 1024;

/// Where spans are put, and who sends them from there: started when calls are traced, and stopped when they are not any
/// more. `None` if the settings do not send spans anywhere.
pub(crate) fn start_traces(
    config: &Config,
    context: &ServerContext,
) -> Result<Option<(SpanQueue, Exporters)>, StartError> {
    if config.traces.endpoint().is_none() || !config.metrics.enabled {
        return Ok(None);
    }
    let otlp = trace_settings(config)?;
    let (queue, spans) = spans::queue_counted_in(config.traces.queue, context.traces.counts());
    let settings = Settings {
        prometheus: None,
        otlp: None,
        resource: resource(&config.metrics, context.address)?,
    };
    // Nobody asks it.
    let nothing = Arc::new(Snapshot::default);
    let exporters = Exporters::start_with_traces(settings, nothing, Some(Traces { otlp, spans }))?;
    Ok(Some((queue, exporters)))
}

/// Starts the exporters that the settings ask for; none if they ask for none, or if nothing is counted.
/// `address` is that of the server, by which it is told from others.
pub(crate) fn start(
    config: &Config,
    metrics: &Metrics,
    address: SocketAddr,
) -> Result<Option<Exporters>, StartError> {
    let wait = config.files_timeout;
    let config = &config.metrics;
    let (prometheus, otlp) = match config.exporters {
        metrics::Exporters::None => (false, false),
        metrics::Exporters::Prometheus => (true, false),
        metrics::Exporters::Otlp => (false, true),
        metrics::Exporters::All => (true, true),
    };
    if metrics.registry().is_none() || !(prometheus || otlp) {
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
    let exporters = Exporters::start(settings, source)?;
    if let Some(address) = exporters.prometheus() {
        tracing::info!("metrics can be scraped at http://{address}/metrics");
    }
    Ok(Some(exporters))
}

/// What a change of settings makes of where metrics and spans are sent.
#[derive(Default)]
pub(crate) struct Change {
    /// Of metrics.
    pub(crate) metrics: Option<OtlpChange>,
    /// Of spans.
    pub(crate) traces: TracesChange,
}

/// What becomes of spans.
#[derive(Default)]
pub(crate) enum TracesChange {
    /// As before.
    #[default]
    Stays,
    /// They are sent, and were not. Who sends them has begun.
    Begins(SpanQueue, Exporters),
    /// They are sent elsewhere, or otherwise.
    Goes(OtlpChange),
    /// They are sent no more.
    Ends,
}

/// Prepares a change. It is refused if nothing could be sent by the settings `after`.
pub(crate) fn change(
    before: &Config,
    after: &Config,
    context: &ServerContext,
) -> Result<Change, ChangeError> {
    let others = MetricsSettings {
        rocksdb_interval: after.metrics.rocksdb_interval,
        ..before.metrics.clone()
    };
    if others == after.metrics && before.traces == after.traces {
        return Ok(Change::default());
    }
    if after.traces.endpoint().is_some() && !after.metrics.enabled {
        let text = format!(
            "{TRACES_ENDPOINT}: calls are traced where metrics are counted; start the server with metrics.enabled=true"
        );
        return Err(ChangeError::Unusable(text));
    }
    let prepare = || -> Result<Change, StartError> {
        // As they are told at the start, too.
        let failed = venice_export::StartError::from;
        let metrics = OtlpChange::new(
            Some(otlp_settings(&after.metrics, after.files_timeout)?),
            None,
        );
        let is_traced = |config: &Config| config.traces.endpoint().is_some();
        let traces = match (is_traced(before), is_traced(after)) {
            (false, false) => TracesChange::Stays,
            (true, false) => TracesChange::Ends,
            (true, true) => {
                let spans = OtlpChange::new(None, Some(trace_settings(after)?));
                TracesChange::Goes(spans.map_err(failed)?)
            }
            (false, true) => match start_traces(after, context)? {
                Some((queue, exporters)) => TracesChange::Begins(queue, exporters),
                None => TracesChange::Stays,
            },
        };
        Ok(Change {
            metrics: Some(metrics.map_err(failed)?),
            traces,
        })
    };
    prepare().map_err(|error| ChangeError::Unusable(error.to_string()))
}

/// As for metrics, but for where and how often.
fn trace_settings(config: &Config) -> Result<OtlpSettings, StartError> {
    let metrics = MetricsSettings {
        otlp_endpoint: None,
        ..config.metrics.clone()
    };
    let endpoint = config.traces.endpoint().unwrap_or_default();
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
