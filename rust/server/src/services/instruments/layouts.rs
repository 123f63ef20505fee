//! Which series there are of calls and reads: counters and histograms, and where they lie together.

use std::sync::Arc;

use venice_metrics::{
    CounterSlot, Dimension, HistogramSlot, Instrument, Layout, LayoutBuilder, Pair,
};

use crate::observe::facts::Facts;

/// Where reads are counted whose store nobody knows here: names that clients make up are no series.
pub(super) const UNKNOWN_STORE: &str = "unknown_store";

/// Upper bounds of Venice's buckets of numbers of keys, from the second on.
const KEY_COUNTS: [(u32, &str); 8] = [
    (0, "keys_le_0"),
    (1, "keys_eq_1"),
    (150, "keys_2_150"),
    (500, "keys_151_500"),
    (1000, "keys_501_1000"),
    (2000, "keys_1001_2000"),
    (5000, "keys_2001_5000"),
    (u32::MAX, "keys_gt_5000"),
];

const OK: [(Dimension, &str); 3] = [
    (Dimension::Status, "200"),
    (Dimension::StatusCategory, "2xx"),
    (Dimension::VeniceStatusCategory, "success"),
];
const NOT_FOUND: [(Dimension, &str); 3] = [
    (Dimension::Status, "404"),
    (Dimension::StatusCategory, "4xx"),
    (Dimension::VeniceStatusCategory, "success"),
];

/// What a single get is counted in.
pub(super) struct SingleLayout {
    pub(super) layout: Arc<Layout>,
    pub(super) found: StatusSlots,
    pub(super) missing: StatusSlots,
    pub(super) value_size: HistogramSlot,
    pub(super) common: CommonSlots,
    /// Which of these are gRPC's, too, when the read is a call of `get`.
    pub(super) of_grpc: Arc<[Pair]>,
}

/// What a batch get is counted in.
pub(super) struct BatchLayout {
    pub(super) layout: Arc<Layout>,
    pub(super) calls: CounterSlot,
    pub(super) response_size: HistogramSlot,
    pub(super) keys: HistogramSlot,
    /// By the number of keys, as [`KEY_COUNTS`].
    pub(super) times: Vec<HistogramSlot>,
    pub(super) chunked_values: HistogramSlot,
    pub(super) common: CommonSlots,
}

/// What differs by the status.
pub(super) struct StatusSlots {
    pub(super) calls: CounterSlot,
    pub(super) time: HistogramSlot,
    pub(super) response_size: HistogramSlot,
}

/// What all reads have.
pub(super) struct CommonSlots {
    pub(super) key_size: HistogramSlot,
    pub(super) request_size: HistogramSlot,
    pub(super) query_whole: HistogramSlot,
    pub(super) query_chunked: HistogramSlot,
    pub(super) queue_wait: HistogramSlot,
    pub(super) queue_size: HistogramSlot,
    pub(super) not_found: CounterSlot,
    pub(super) cpu: CounterSlot,
}

pub(super) struct FailureLayout {
    pub(super) layout: Arc<Layout>,
    pub(super) calls: CounterSlot,
    pub(super) time: HistogramSlot,
}

pub(super) struct GrpcLayout {
    pub(super) layout: Arc<Layout>,
    pub(super) duration: HistogramSlot,
    pub(super) sent: HistogramSlot,
    pub(super) received: HistogramSlot,
}

pub(super) struct Layouts {
    pub(super) single: SingleLayout,
    pub(super) batch: BatchLayout,
    pub(super) failure: FailureLayout,
    pub(super) grpc: GrpcLayout,
    pub(super) started: (Arc<Layout>, CounterSlot),
    pub(super) refused: (Arc<Layout>, CounterSlot),
}

impl Layouts {
    pub(super) fn new() -> Layouts {
        let grpc = grpc_layout();
        Layouts {
            single: single_layout(&grpc),
            batch: batch_layout(),
            failure: failure_layout(),
            grpc,
            started: one_counter(Instrument::GrpcServerCallStarted),
            refused: one_counter(Instrument::RequestRefusedCount),
        }
    }
}

fn one_counter(instrument: Instrument) -> (Arc<Layout>, CounterSlot) {
    let mut layout = Layout::builder();
    let counter = layout.counter(instrument, &[]);
    (Arc::new(layout.build()), counter)
}

fn single_layout(grpc: &GrpcLayout) -> SingleLayout {
    let mut layout = Layout::builder();
    // What every get touches comes first, so that it lies together.
    let common = common_slots(&mut layout);
    let found = status_slots(&mut layout, &OK);
    let value_size = layout.histogram(Instrument::ReadResponseValueSize, &OK);
    let missing = status_slots(&mut layout, &NOT_FOUND);
    let calls = [found.calls, missing.calls];
    layout.histogram_of_one_value(Instrument::ReadRequestKeyCount, &[], 1.0, &calls);
    let of_grpc = [
        Pair::same(found.response_size, grpc.sent),
        Pair::same(missing.response_size, grpc.sent),
        Pair::same(common.request_size, grpc.received),
        Pair::thousandths(found.time, grpc.duration),
        Pair::thousandths(missing.time, grpc.duration),
    ];
    SingleLayout {
        layout: Arc::new(layout.build()),
        of_grpc: Arc::new(of_grpc),
        found,
        missing,
        value_size,
        common,
    }
}

fn batch_layout() -> BatchLayout {
    let mut layout = Layout::builder();
    let common = common_slots(&mut layout);
    let calls = layout.counter(Instrument::ReadCallCount, &OK);
    let response_size = layout.histogram(Instrument::ReadResponseSize, &OK);
    let keys = layout.histogram(Instrument::ReadRequestKeyCount, &[]);
    let chunked_values = layout.histogram(Instrument::StorageEngineQueryChunkedValueCount, &[]);
    let times = KEY_COUNTS.iter().map(|(_, name)| {
        let [status, category, venice] = OK;
        let of = [status, category, venice, (Dimension::KeyCountBucket, *name)];
        layout.histogram(Instrument::ReadCallTime, &of)
    });
    BatchLayout {
        times: times.collect(),
        layout: Arc::new(layout.build()),
        calls,
        response_size,
        keys,
        chunked_values,
        common,
    }
}

fn common_slots(layout: &mut LayoutBuilder) -> CommonSlots {
    let whole = [(Dimension::Chunking, "unchunked")];
    let chunked = [(Dimension::Chunking, "chunked")];
    CommonSlots {
        not_found: layout.counter(Instrument::ReadResponseKeyNotFoundCount, &[]),
        cpu: layout.counter(Instrument::ReadCpuTime, &[]),
        key_size: layout.histogram(Instrument::ReadRequestKeySize, &[]),
        request_size: layout.histogram(Instrument::ReadRequestSize, &[]),
        query_whole: layout.histogram(Instrument::StorageEngineQueryTime, &whole),
        query_chunked: layout.histogram(Instrument::StorageEngineQueryTime, &chunked),
        queue_wait: layout.histogram(Instrument::StorageEngineQueueWaitTime, &[]),
        queue_size: layout.histogram(Instrument::StorageEngineQueueSize, &[]),
    }
}

fn status_slots(
    layout: &mut LayoutBuilder,
    status: &[(Dimension, &'static str); 3],
) -> StatusSlots {
    let [code, category, venice] = *status;
    let timed = [
        code,
        category,
        venice,
        (Dimension::KeyCountBucket, KEY_COUNTS[1].1),
    ];
    StatusSlots {
        calls: layout.counter(Instrument::ReadCallCount, status),
        time: layout.histogram(Instrument::ReadCallTime, &timed),
        response_size: layout.histogram(Instrument::ReadResponseSize, status),
    }
}

fn failure_layout() -> FailureLayout {
    let mut layout = Layout::builder();
    let fail = [(Dimension::VeniceStatusCategory, "fail")];
    // How many keys there were is known of some failures only.
    let timed = [fail[0], (Dimension::KeyCountBucket, KEY_COUNTS[0].1)];
    let calls = layout.counter(Instrument::ReadCallCount, &fail);
    let time = layout.histogram(Instrument::ReadCallTime, &timed);
    FailureLayout {
        layout: Arc::new(layout.build()),
        calls,
        time,
    }
}

fn grpc_layout() -> GrpcLayout {
    let mut layout = Layout::builder();
    let duration = layout.histogram(Instrument::GrpcServerCallDuration, &[]);
    let sent = layout.histogram(Instrument::GrpcServerCallSent, &[]);
    let received = layout.histogram(Instrument::GrpcServerCallRcvd, &[]);
    GrpcLayout {
        layout: Arc::new(layout.build()),
        duration,
        sent,
        received,
    }
}

pub(super) fn key_count(keys: u32) -> usize {
    let mut bounds = KEY_COUNTS.iter();
    bounds.position(|(most, _)| keys <= *most).unwrap_or(0)
}

/// What a read asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadMethod {
    Single,
    Batch,
    Streamed,
    Compute,
    StreamedCompute,
}

impl ReadMethod {
    /// Of a request of one message.
    pub(super) fn of(is_batch: bool) -> ReadMethod {
        if is_batch {
            ReadMethod::Batch
        } else {
            ReadMethod::Single
        }
    }

    /// Of what an answer was made of.
    pub(super) fn of_facts(facts: &Facts) -> ReadMethod {
        match (facts.is_compute, facts.is_streamed) {
            (true, true) => ReadMethod::StreamedCompute,
            (true, false) => ReadMethod::Compute,
            (false, true) => ReadMethod::Streamed,
            (false, false) => ReadMethod::of(facts.is_batch),
        }
    }

    /// The value of the dimension of methods.
    pub(super) fn name(self) -> &'static str {
        match self {
            ReadMethod::Single => "single_get",
            ReadMethod::Batch => "multi_get",
            ReadMethod::Streamed => "multi_get_streaming",
            ReadMethod::Compute => "compute",
            ReadMethod::StreamedCompute => "compute_streaming",
        }
    }
}

/// The value of the dimension of classes of codes.
pub(super) fn category(status: i32) -> &'static str {
    match status {
        200..300 => "2xx",
        400..500 => "4xx",
        500..600 => "5xx",
        _ => "unknown",
    }
}
