//! The thread of all exporters: it starts, and ends.

use std::io;
use std::net::SocketAddr;
use std::sync::mpsc;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::{self, Runtime};
use tokio::sync::mpsc::{unbounded_channel, UnboundedSender};
use tokio::sync::oneshot;

use crate::otlp;
use crate::prometheus::endpoint;
use crate::settings::{OtlpSettings, Settings, SnapshotSource};
use crate::spans::Spans;

/// Exporters that run. Dropping them ends them, without a last export.
pub struct Exporters {
    prometheus: Option<SocketAddr>,
    /// Tell the thread how long it may take for a last export.
    stop: Vec<oneshot::Sender<Duration>>,
    /// Tell who sends what is sent from now on, and where to.
    change_metrics: UnboundedSender<otlp::Sending>,
    change_spans: UnboundedSender<otlp::Sending>,
    /// Ends with the thread.
    ended: mpsc::Receiver<()>,
}

/// Spans that are sent, and where to: of the settings, temporality, buckets and units say nothing.
#[derive(Debug)]
pub struct Traces {
    /// How they are sent.
    pub otlp: OtlpSettings,
    /// Where they come from.
    pub spans: Spans,
}

/// Where metrics and spans are sent from some time on; checked, and not yet in use.
pub struct OtlpChange {
    metrics: Option<otlp::Sending>,
    spans: Option<otlp::Sending>,
}

impl OtlpChange {
    /// Makes what they are sent by. `spans` is as [`Traces::otlp`].
    pub fn new(
        metrics: Option<OtlpSettings>,
        spans: Option<OtlpSettings>,
    ) -> Result<OtlpChange, otlp::TrustError> {
        Ok(OtlpChange {
            metrics: metrics.map(otlp::Sending::of_metrics).transpose()?,
            spans: spans.map(otlp::Sending::of_spans).transpose()?,
        })
    }
}

/// Why exporters do not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The endpoint for Prometheus.
    #[error("metrics cannot be served at {address}: {source}; give another address, or port 0 for a free one")]
    Bind {
        /// Where.
        address: SocketAddr,
        /// The system's.
        source: io::Error,
    },
    /// The certificates that a collector is trusted by.
    #[error(transparent)]
    Trust(#[from] otlp::TrustError),
    /// The thread or its runtime.
    #[error("the thread that exports metrics does not start: {0}")]
    Thread(io::Error),
}

impl Exporters {
    /// Starts what `settings` ask for, on one thread; none of it makes `source` wait for a network.
    /// When it returns, Prometheus can scrape.
    pub fn start(settings: Settings, source: SnapshotSource) -> Result<Exporters, StartError> {
        Exporters::start_with_traces(settings, source, None)
    }

    /// The same, and sends spans.
    pub fn start_with_traces(
        settings: Settings,
        source: SnapshotSource,
        traces: Option<Traces>,
    ) -> Result<Exporters, StartError> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(1) // looks names up
            .thread_name("venice-metrics")
            .build()
            .map_err(StartError::Thread)?;
        let Settings {
            prometheus,
            otlp,
            resource,
        } = settings;
        let resource = Arc::new(resource);
        let otlp = otlp.map(|otlp| otlp::Exporter::new(otlp, Arc::clone(&resource)));
        let otlp = otlp.transpose()?;
        let traces = traces.map(|Traces { otlp, spans }| {
            otlp::SpanExporter::new(otlp, Arc::clone(&resource), spans)
        });
        let traces = traces.transpose()?;
        let held_bytes = prometheus
            .as_ref()
            .map_or(0, |prometheus| prometheus.held_bytes);
        let listener = prometheus.map(|prometheus| bind(&runtime, prometheus.address));
        let listener = listener.transpose()?;
        let address = listener.as_ref().map(|(_, address)| *address);

        let (stop, stopped) = oneshot::channel();
        let (stop_traces, traces_stopped) = oneshot::channel();
        let (change_metrics, metrics_changes) = unbounded_channel();
        let (change_spans, spans_changes) = unbounded_channel();
        let (ending, ended) = mpsc::channel();
        thread::Builder::new()
            .name("venice-metrics".to_owned())
            .spawn(move || {
                let _ending: mpsc::Sender<()> = ending;
                runtime.block_on(async {
                    if let Some((listener, _)) = listener {
                        let (source, resource) = (Arc::clone(&source), Arc::clone(&resource));
                        let pages = endpoint::Pages::new(source, resource, held_bytes);
                        tokio::spawn(endpoint::serve(listener, pages));
                    }
                    let metrics = async {
                        match otlp {
                            Some(otlp) => otlp.run(&source, metrics_changes, stopped).await,
                            None => drop(stopped.await),
                        }
                    };
                    let traces = async {
                        if let Some(traces) = traces {
                            traces.run(spans_changes, traces_stopped).await;
                        }
                    };
                    tokio::join!(metrics, traces);
                });
                // A name that is being looked up is nobody's to wait for.
                runtime.shutdown_background();
            })
            .map_err(StartError::Thread)?;
        Ok(Exporters {
            prometheus: address,
            stop: vec![stop, stop_traces],
            change_metrics,
            change_spans,
            ended,
        })
    }

    /// Where Prometheus scrapes, if it does; the port is the real one.
    pub fn prometheus(&self) -> Option<SocketAddr> {
        self.prometheus
    }

    /// Sends otherwise from now on, as soon as a request that is under way has ended; no further one is tried
    /// before. What did not arrive yet comes with the next export. Says nothing to what was not started.
    pub fn change(&self, change: OtlpChange) {
        let OtlpChange { metrics, spans } = change;
        // Who is not there does not hear it.
        if let Some(sending) = metrics {
            let _ = self.change_metrics.send(sending);
        }
        if let Some(sending) = spans {
            let _ = self.change_spans.send(sending);
        }
    }

    /// Ends all, after a last export, which takes `wait` at most. To be called before what is counted
    /// goes away.
    pub fn stop(mut self, wait: Duration) {
        self.end(wait);
    }

    fn end(&mut self, wait: Duration) {
        let stops = std::mem::take(&mut self.stop).into_iter();
        // One that sends nothing has nobody who listens.
        if stops
            .map(|stop| stop.send(wait))
            .filter(Result::is_ok)
            .count()
            > 0
        {
            // The thread keeps to the time itself, but for the snapshot that it may be taking.
            let _ = self.ended.recv();
        }
    }
}

impl Drop for Exporters {
    fn drop(&mut self) {
        self.end(Duration::ZERO);
    }
}

fn bind(runtime: &Runtime, address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let _entered = runtime.enter();
    let bound = endpoint::bind(address);
    bound
        .and_then(|listener| listener.local_addr().map(|address| (listener, address)))
        .map_err(|source| StartError::Bind { address, source })
}
