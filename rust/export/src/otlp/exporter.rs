//! The exporter: takes a snapshot each interval, and sends it to a collector.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceResponse;
use prost::Message;
use tokio::sync::oneshot;
use tokio::time::{interval_at, sleep, timeout_at, Instant, MissedTickBehavior};
use venice_metrics::model::{Metric, Point, Snapshot};
use venice_metrics::LogThrottle;

use crate::otlp::client::{Answer, Client, NoAnswer};
use crate::otlp::delta::{has_deltas, Baselines, Change};
use crate::otlp::messages::{Batch, DataPoint};
use crate::otlp::retry;
use crate::otlp::trust::TrustError;
use crate::settings::{OtlpSettings, Resource, SnapshotSource, Temporality};

/// Of what a collector says, in a line of the log.
const SHOWN: usize = 200;

/// Sends snapshots, one at a time.
pub(crate) struct Exporter {
    settings: Arc<OtlpSettings>,
    resource: Arc<Resource>,
    client: Client,
    baselines: Baselines,
    failures: Log,
    rejections: LogThrottle,
}

/// Failures are said now and then, and that they are over.
#[derive(Default)]
struct Log {
    throttle: LogThrottle,
    failing: bool,
}

/// What became of a batch.
enum Outcome {
    Arrived,
    /// The collector does not want this one; it may want others.
    Refused,
    /// There is no collector now.
    Unreachable,
}

impl Exporter {
    pub(crate) fn new(
        settings: OtlpSettings,
        resource: Arc<Resource>,
    ) -> Result<Exporter, TrustError> {
        let settings = Arc::new(settings);
        Ok(Exporter {
            client: Client::new(Arc::clone(&settings))?,
            settings,
            resource,
            baselines: Baselines::default(),
            failures: Log::default(),
            rejections: LogThrottle::default(),
        })
    }

    /// Exports each interval until `stopped` says how long it may still take; then ends what is under way,
    /// so that nothing is sent twice, and exports once more.
    pub(crate) async fn run(
        mut self,
        source: &SnapshotSource,
        mut stopped: oneshot::Receiver<Duration>,
    ) {
        let interval = self.settings.interval;
        let attempts = self.settings.retry.attempts;
        let mut ticks = interval_at(Instant::now() + interval, interval);
        // After a slow collector: an interval later, not several exports at once.
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let deadline = loop {
            tokio::select! {
                _ = ticks.tick() => {}
                wait = &mut stopped => break until(wait),
            }
            let mut export = pin!(self.export(source, attempts));
            let wait = tokio::select! {
                () = &mut export => continue,
                wait = &mut stopped => wait,
            };
            let deadline = until(wait);
            let _ = timeout_at(deadline, export).await;
            break deadline;
        };
        if deadline > Instant::now() {
            let _ = timeout_at(deadline, self.export(source, 1)).await;
        }
    }

    async fn export(&mut self, source: &SnapshotSource, attempts: u32) {
        let snapshot = source();
        let settings = Arc::clone(&self.settings);
        let mut batch = Batch::new(&self.resource, &settings.scope, settings.units);
        for (m, metric) in snapshot.metrics.iter().enumerate() {
            let is_cumulative =
                settings.temporality == Temporality::Cumulative || !has_deltas(metric.kind);
            for (p, point) in metric.points.iter().enumerate() {
                let Some(change) = self.change(metric, point, is_cumulative) else {
                    continue;
                };
                let point = DataPoint::new(
                    &point.attributes,
                    &change,
                    snapshot.time_unix_nanos,
                    settings.most_buckets,
                );
                batch.push(metric, is_cumulative, (m, p), point);
                if batch.bytes() >= settings.request_bytes
                    && !self.send(&mut batch, &snapshot, attempts).await
                {
                    return;
                }
            }
        }
        if !batch.indexes().is_empty() {
            self.send(&mut batch, &snapshot, attempts).await;
        }
        self.baselines.keep(&snapshot);
    }

    fn change(&self, metric: &Metric, point: &Point, is_cumulative: bool) -> Option<Change> {
        if !is_cumulative {
            return self.baselines.since(metric, point);
        }
        Some(Change {
            start_unix_nanos: point.start_unix_nanos,
            value: point.value.clone(),
            is_first: true,
        })
    }

    /// Sends a batch and empties it. False if there is no use in sending others now.
    async fn send(&mut self, batch: &mut Batch, snapshot: &Snapshot, attempts: u32) -> bool {
        let body = Bytes::from(batch.encode());
        let outcome = self.send_body(body, attempts).await;
        if matches!(outcome, Outcome::Arrived) && self.settings.temporality == Temporality::Delta {
            for (m, p) in batch.indexes() {
                let metric = &snapshot.metrics[*m];
                if has_deltas(metric.kind) {
                    let time = snapshot.time_unix_nanos;
                    self.baselines.arrived(time, metric, &metric.points[*p]);
                }
            }
        }
        batch.clear();
        !matches!(outcome, Outcome::Unreachable)
    }

    async fn send_body(&mut self, body: Bytes, most_attempts: u32) -> Outcome {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let answer = self.client.post(body.clone()).await;
            let asked = match &answer {
                Ok(answer) if answer.status.is_success() => {
                    self.arrived(answer);
                    return Outcome::Arrived;
                }
                Ok(answer) if !retry::is_retryable(answer.status) => {
                    self.failed(&said(answer), attempts);
                    return Outcome::Refused;
                }
                Ok(answer) => retry::retry_after(answer.retry_after.as_deref()),
                Err(_) => None,
            };
            let retry = &self.settings.retry;
            let pause = (attempts < most_attempts).then(|| retry::pause(retry, attempts, asked));
            let Some(pause) = pause.flatten() else {
                self.failed(&why(&answer), attempts);
                return Outcome::Unreachable;
            };
            sleep(pause).await;
        }
    }

    fn arrived(&mut self, answer: &Answer) {
        if std::mem::take(&mut self.failures.failing) {
            tracing::info!(endpoint = %self.settings.endpoint, "metrics arrive again");
        }
        // A success with a body that is no message is a success.
        let message = ExportMetricsServiceResponse::decode(answer.body.clone());
        let partial = message.ok().and_then(|message| message.partial_success);
        let Some(partial) = partial else { return };
        if partial.rejected_data_points == 0 && partial.error_message.is_empty() {
            return;
        }
        if let Some(times) = self.rejections.count(Instant::now().into_std()) {
            tracing::warn!(
                endpoint = %self.settings.endpoint,
                rejected = partial.rejected_data_points,
                times,
                message = shown(&partial.error_message),
                "the collector took only part of the metrics"
            );
        }
    }

    fn failed(&mut self, why: &str, attempts: u32) {
        self.failures.failing = true;
        if let Some(times) = self.failures.throttle.count(Instant::now().into_std()) {
            tracing::warn!(
                endpoint = %self.settings.endpoint,
                attempts,
                times,
                why,
                "metrics do not arrive at the collector; the next export has them"
            );
        }
    }
}

/// Nobody waits who went away.
fn until(wait: Result<Duration, oneshot::error::RecvError>) -> Instant {
    Instant::now() + wait.unwrap_or_default()
}

fn why(answer: &Result<Answer, NoAnswer>) -> String {
    match answer {
        Ok(answer) => said(answer),
        Err(error) => error.to_string(),
    }
}

fn said(answer: &Answer) -> String {
    let status = answer.status;
    let text = String::from_utf8_lossy(&answer.body);
    let hint = match status {
        StatusCode::NOT_FOUND => "; is the path right (/v1/metrics)?",
        StatusCode::PAYLOAD_TOO_LARGE => "; is a smaller request needed?",
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => "; is a header missing?",
        _ => "",
    };
    format!("it answered {status}: {}{hint}", shown(&text))
}

/// One line of it, and not all.
fn shown(text: &str) -> String {
    let chars = text.chars().filter(|c| !c.is_control());
    chars.take(SHOWN).collect()
}
