//! Where spans of traced calls go, which may change at any time: to a queue of an exporter, or nowhere.
//!
//! Whether calls are traced every call looks at, so that stands with the limits
//! ([`crate::config::limits::Limits::traces`]): here only those look that are.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use venice_export::spans::{SpanCounts, SpanQueue};
use venice_metrics::model::Value;
use venice_metrics::{Dimension, Instrument, Observer};

/// Where spans go.
#[derive(Debug, Default)]
pub struct Tracing {
    queue: ArcSwapOption<SpanQueue>,
    /// Of all queues that there were.
    counts: SpanCounts,
    /// Whether there was one.
    counted: AtomicBool,
}

impl Tracing {
    /// Where a span goes now, if it goes anywhere.
    pub(crate) fn queue(&self) -> Option<SpanQueue> {
        self.queue.load().as_deref().cloned()
    }

    /// From now on spans go there, or nowhere.
    pub(crate) fn set(&self, queue: Option<SpanQueue>) {
        if queue.is_some() {
            self.counted.store(true, Ordering::Relaxed);
        }
        self.queue.store(queue.map(Arc::new));
    }

    /// What a queue counts in, so that what is counted does not fall when spans go elsewhere.
    pub(crate) fn counts(&self) -> &SpanCounts {
        &self.counts
    }

    /// Tells what became of spans, once there could be any.
    pub(crate) fn observe(&self, observer: &mut Observer<'_>) {
        if !self.counted.load(Ordering::Relaxed) {
            return;
        }
        for (outcome, spans) in [
            ("exported", self.counts.exported()),
            ("queue_full", self.counts.dropped_for_room()),
            ("collector", self.counts.dropped_by_collector()),
        ] {
            let of = [(Dimension::Outcome, outcome)];
            observer.observe(Instrument::TraceSpanCount, &of, Value::U64(spans));
        }
    }
}
