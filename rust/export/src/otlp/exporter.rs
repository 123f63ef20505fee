//! The exporter: takes a snapshot each interval, and sends it to a collector.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::oneshot;
use tokio::time::{interval_at, timeout_at, Instant, Interval, MissedTickBehavior};
use venice_metrics::model::{Metric, Point, Snapshot};

use crate::otlp::delta::{has_deltas, Baselines, Change};
use crate::otlp::messages::{Batch, DataPoint};
use crate::otlp::sending::{Outcome, Sending};
use crate::otlp::trust::TrustError;
use crate::settings::{OtlpSettings, Resource, SnapshotSource, Temporality};

/// Sends snapshots, one at a time.
pub(crate) struct Exporter {
    resource: Arc<Resource>,
    baselines: Baselines,
    sending: Sending,
}

impl Exporter {
    pub(crate) fn new(
        settings: OtlpSettings,
        resource: Arc<Resource>,
    ) -> Result<Exporter, TrustError> {
        Ok(Exporter {
            sending: Sending::of_metrics(settings)?,
            resource,
            baselines: Baselines::default(),
        })
    }

    /// Exports each interval until `stopped` says how long it may still take; then ends what is under way,
    /// so that nothing is sent twice, and exports once more. What comes by `changes` is sent by from then on: a
    /// request that is under way ends before, and what arrived nowhere comes with the next export.
    pub(crate) async fn run(
        mut self,
        source: &SnapshotSource,
        mut changes: UnboundedReceiver<Sending>,
        mut stopped: oneshot::Receiver<Duration>,
    ) {
        let mut ticks = ticks(self.sending.settings.interval);
        let deadline = loop {
            let mut next = None;
            tokio::select! {
                _ = ticks.tick() => {}
                Some(change) = changes.recv() => next = Some(change),
                wait = &mut stopped => break until(wait),
            }
            let mut deadline = None;
            if next.is_none() {
                let attempts = self.sending.settings.retry.attempts;
                let no_more = Arc::clone(&self.sending.no_more);
                let mut export = pin!(self.export(source, attempts));
                loop {
                    tokio::select! {
                        () = &mut export => break,
                        Some(change) = changes.recv() => {
                            no_more.notify_one();
                            next = Some(change);
                        }
                        wait = &mut stopped => {
                            let end = until(wait);
                            let _ = timeout_at(end, export).await;
                            deadline = Some(end);
                            break;
                        }
                    }
                }
            }
            if let Some(next) = next {
                if next.settings.interval != self.sending.settings.interval {
                    ticks = self::ticks(next.settings.interval);
                }
                self.sending = next;
            }
            if let Some(deadline) = deadline {
                break deadline;
            }
        };
        if deadline > Instant::now() {
            let _ = timeout_at(deadline, self.export(source, 1)).await;
        }
    }

    async fn export(&mut self, source: &SnapshotSource, attempts: u32) {
        let snapshot = source();
        let settings = Arc::clone(&self.sending.settings);
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
        let outcome = self.sending.send(body, attempts).await;
        if matches!(outcome, Outcome::Arrived { .. })
            && self.sending.settings.temporality == Temporality::Delta
        {
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
}

/// The first an interval from now.
pub(super) fn ticks(interval: Duration) -> Interval {
    let mut ticks = interval_at(Instant::now() + interval, interval);
    // After a slow collector: an interval later, not several exports at once.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Nobody waits who went away.
pub(super) fn until(wait: Result<Duration, oneshot::error::RecvError>) -> Instant {
    Instant::now() + wait.unwrap_or_default()
}
