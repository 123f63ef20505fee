//! What the tests count.

use std::sync::Arc;
use std::time::Duration;

use venice_export::SnapshotSource;
use venice_metrics::{
    CounterSlot, Dimension, HistogramSlot, Instrument, Layout, Options, Registry, Writer,
};

pub(crate) const CALLS: Instrument = Instrument::ReadCallCount;
pub(crate) const TIME: Instrument = Instrument::ReadCallTime;
pub(crate) const QUEUE: Instrument = Instrument::StorageEngineQueueSize;

/// A registry with reads of stores.
pub(crate) struct Counted {
    pub(crate) registry: Registry,
    layout: Arc<Layout>,
    calls: CounterSlot,
    time: HistogramSlot,
    queue: HistogramSlot,
}

/// Counts of one store.
pub(crate) struct Store {
    writer: Writer,
    calls: CounterSlot,
    time: HistogramSlot,
    queue: HistogramSlot,
}

impl Counted {
    pub(crate) fn new() -> Counted {
        let mut layout = Layout::builder();
        let calls = layout.counter(CALLS, &[(Dimension::Status, "200")]);
        let time = layout.histogram(TIME, &[(Dimension::Status, "200")]);
        let queue = layout.histogram(QUEUE, &[]);
        Counted {
            registry: Registry::new(Options {
                max_series: 5000,
                linger: Duration::from_secs(300),
                common: vec![(Dimension::Cluster, "c0".to_owned())],
                ..Options::default()
            }),
            layout: Arc::new(layout.build()),
            calls,
            time,
            queue,
        }
    }

    pub(crate) fn store(&self, name: &str) -> Store {
        let group = self
            .registry
            .group(&self.layout, &[(Dimension::Store, name)]);
        Store {
            writer: group.writer(),
            calls: self.calls,
            time: self.time,
            queue: self.queue,
        }
    }

    pub(crate) fn source(&self) -> SnapshotSource {
        let registry = self.registry.clone();
        Arc::new(move || registry.snapshot(usize::MAX))
    }
}

impl Store {
    pub(crate) fn read(&self, millis: f64) {
        self.writer.add(self.calls, 1);
        self.writer.record(self.time, millis);
        self.writer.record(self.queue, 3.0);
    }
}
