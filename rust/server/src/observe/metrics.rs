//! The metrics of one server.

use std::sync::Arc;

use parking_lot::Mutex;
use venice_metrics::binary::Encoder;
use venice_metrics::model::Snapshot;
use venice_metrics::{Dimension, Options, Registry, Source};

use crate::config::metrics::MetricsSettings;

/// What names have between `venice.` and their own.
const PREFIX: &str = "server";
/// The cluster's name, as long as nobody tells another.
const UNKNOWN_CLUSTER: &str = "unknown";
/// Tells our series from the Java server's of the same name.
const TRANSPORT: &str = "rust_grpc";

/// The metrics of one server. Clones are the same.
#[derive(Clone)]
pub struct Metrics {
    /// `None`: nothing is counted.
    counted: Option<Counted>,
}

#[derive(Clone)]
struct Counted {
    registry: Registry,
    /// What is fetched by Java, again and again.
    for_java: Arc<Mutex<Encoder>>,
}

impl Metrics {
    /// Counts as the settings say. Each series tells that it is ours.
    pub fn of(settings: &MetricsSettings) -> Metrics {
        if !settings.enabled {
            return Metrics { counted: None };
        }
        let cluster = settings.cluster.as_deref().unwrap_or(UNKNOWN_CLUSTER);
        let registry = Registry::new(Options {
            prefix: settings.prefix.as_deref().unwrap_or(PREFIX).to_owned(),
            common: vec![(Dimension::Cluster, cluster.to_owned())],
            constant: vec![(Dimension::Transport, TRANSPORT.to_owned())],
            max_series: settings.max_series,
            ..Options::default()
        });
        let encoder = Encoder::new(registry.start_unix_nanos());
        Metrics {
            counted: Some(Counted {
                registry,
                for_java: Arc::new(Mutex::new(encoder)),
            }),
        }
    }

    /// Where threads find what they count in; `None` if nothing is counted.
    pub fn registry(&self) -> Option<&Registry> {
        self.counted.as_ref().map(|counted| &counted.registry)
    }

    /// Asks `source` at every snapshot, as long as somebody else holds it.
    pub fn add_source<S: Source + 'static>(&self, source: &Arc<S>) {
        if let Some(registry) = self.registry() {
            let source: Arc<dyn Source> = Arc::clone(source) as Arc<dyn Source>;
            registry.add_source(&source);
        }
    }

    /// All metrics now, with histograms of `most_buckets` at most; none if nothing is counted.
    pub fn snapshot(&self, most_buckets: usize) -> Snapshot {
        let registry = self.registry();
        registry.map_or_else(Snapshot::default, |registry| {
            registry.snapshot(most_buckets)
        })
    }

    /// [`Metrics::snapshot`] as bytes, from the first of `out` on: [`venice_metrics::binary`]. Returns how many there are; if
    /// that is more than `out` has, it is all zeros. No bytes if nothing is counted.
    pub fn encode(&self, most_buckets: usize, out: &mut [u8]) -> usize {
        let Some(Counted { registry, for_java }) = &self.counted else {
            return 0;
        };
        for_java.lock().encode(registry, most_buckets, out)
    }

    /// The labels of what was encoded last.
    pub fn labels(&self) -> Vec<u8> {
        let counted = self.counted.as_ref();
        counted.map_or_else(Vec::new, |counted| counted.for_java.lock().labels())
    }
}
