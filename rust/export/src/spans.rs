//! Spans of requests: what they are, and the bounded queue in which they wait for the exporter.
//!
//! Who puts a span in never waits: when the queue is full, the span is dropped, and counted.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::{channel, Receiver, Sender};

/// A call that somebody traces, and what its time went into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The trace of the client.
    pub trace_id: [u8; 16],
    /// The client's span.
    pub parent_id: [u8; 8],
    /// `<service>/<method>`.
    pub name: &'static str,
    /// When it began: since 1970.
    pub start: Duration,
    /// How long it took.
    pub took: Duration,
    /// The number of gRPC's status.
    pub grpc_status: i32,
    /// Whether the server failed.
    pub failed: bool,
    /// By name.
    pub attributes: Vec<(&'static str, Value)>,
    /// Parts of it: name, when it began after the start, how long it took.
    pub phases: Vec<(&'static str, Duration, Duration)>,
}

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(Arc<str>),
    /// A whole number.
    Number(i64),
}

/// Where spans are put. Clones are the same queue.
#[derive(Debug, Clone)]
pub struct SpanQueue(Arc<Queue>);

#[derive(Debug)]
struct Queue {
    sender: Sender<Span>,
    counts: SpanCounts,
}

/// What became of spans; all only grow. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct SpanCounts(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    exported: AtomicU64,
    full: AtomicU64,
    failed: AtomicU64,
}

/// The other end of a queue.
#[derive(Debug)]
pub struct Spans {
    pub(crate) receiver: Receiver<Span>,
    pub(crate) counts: SpanCounts,
}

/// A queue of so many spans, and its end for the exporter.
pub fn queue(capacity: usize) -> (SpanQueue, Spans) {
    queue_counted_in(capacity, &SpanCounts::default())
}

/// The same, in place of an earlier queue: what becomes of its spans is added to what became of the earlier one's.
pub fn queue_counted_in(capacity: usize, counts: &SpanCounts) -> (SpanQueue, Spans) {
    let (sender, receiver) = channel(capacity.max(1));
    let counts = counts.clone();
    let queue = Queue {
        sender,
        counts: counts.clone(),
    };
    (SpanQueue(Arc::new(queue)), Spans { receiver, counts })
}

impl SpanQueue {
    /// Has a span exported, if there is room in the queue.
    pub fn push(&self, span: Span) {
        if self.0.sender.try_send(span).is_err() {
            self.0.counts.0.full.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// What became of spans until now.
    pub fn counts(&self) -> &SpanCounts {
        &self.0.counts
    }
}

impl SpanCounts {
    /// Those that a collector took.
    pub fn exported(&self) -> u64 {
        self.0.exported.load(Ordering::Relaxed)
    }

    /// Those for which the queue had no room.
    pub fn dropped_for_room(&self) -> u64 {
        self.0.full.load(Ordering::Relaxed)
    }

    /// Those that no collector took.
    pub fn dropped_by_collector(&self) -> u64 {
        self.0.failed.load(Ordering::Relaxed)
    }

    pub(crate) fn count(&self, spans: usize, rejected: u64, arrived: bool) {
        let spans = spans as u64;
        let taken = if arrived {
            spans.saturating_sub(rejected)
        } else {
            0
        };
        self.0.exported.fetch_add(taken, Ordering::Relaxed);
        self.0.failed.fetch_add(spans - taken, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_drops_and_counts() {
        let (queue, mut spans) = queue(2);
        let span = |number| Span {
            trace_id: [number; 16],
            parent_id: [7; 8],
            name: "service/method",
            start: Duration::ZERO,
            took: Duration::ZERO,
            grpc_status: 0,
            failed: false,
            attributes: Vec::new(),
            phases: Vec::new(),
        };
        for number in 0..5 {
            queue.push(span(number));
        }
        assert_eq!(queue.counts().dropped_for_room(), 3);
        for number in 0..2 {
            assert_eq!(spans.receiver.try_recv(), Ok(span(number)));
        }
        drop(spans);
        queue.push(span(9));
        assert_eq!(queue.counts().dropped_for_room(), 4, "nobody takes it");
    }

    #[test]
    fn what_a_collector_rejects_is_dropped() {
        let counts = SpanCounts::default();
        counts.count(10, 3, true);
        counts.count(5, 0, false);
        counts.count(1, 100, true);
        assert_eq!((counts.exported(), counts.dropped_by_collector()), (7, 9));
    }
}
