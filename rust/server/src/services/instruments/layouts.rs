//! Which series there are of calls and reads: counters and histograms, and where they lie together.

use std::sync::Arc;

use venice_metrics::{
    CounterSlot, Dimension, HistogramSlot, Instrument, Layout, LayoutBuilder, Neighbours, Pair,
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
    /// Of the key ([`KEY`]), the request ([`REQUEST`]), the answer and the value that was found.
    pub(super) sizes: Neighbours<4>,
    pub(super) time: HistogramSlot,
    pub(super) missing_response_size: HistogramSlot,
    pub(super) missing_time: HistogramSlot,
    pub(super) common: CommonSlots,
    /// Which of these are gRPC's, too, when the read is a call of `get`.
    pub(super) of_grpc: Arc<[Pair]>,
}

/// Among [`SingleLayout::sizes`].
pub(super) const KEY: usize = 0;
pub(super) const REQUEST: usize = 1;
const RESPONSE: usize = 2;

/// What a batch get is counted in.
pub(super) struct BatchLayout {
    pub(super) layout: Arc<Layout>,
    /// Of the request, the answer, and its keys in number.
    pub(super) sizes: Neighbours<3>,
    /// By the number of keys, as [`KEY_COUNTS`].
    pub(super) times: Vec<HistogramSlot>,
    pub(super) chunked_values: HistogramSlot,
    pub(super) common: CommonSlots,
}

/// What all reads have.
pub(super) struct CommonSlots {
    pub(super) query_whole: HistogramSlot,
    pub(super) query_chunked: HistogramSlot,
    pub(super) queue_wait: HistogramSlot,
    pub(super) queue_size: HistogramSlot,
    pub(super) not_found: CounterSlot,
    pub(super) cpu: CounterSlot,
}

pub(super) struct FailureLayout {
    pub(super) layout: Arc<Layout>,
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
    let sizes = layout.neighbours([
        (Instrument::ReadRequestKeySize, &[]),
        (Instrument::ReadRequestSize, &[]),
        (Instrument::ReadResponseSize, &OK),
        (Instrument::ReadResponseValueSize, &OK),
    ]);
    let one_key = KEY_COUNTS[1].1;
    let time = layout.histogram(Instrument::ReadCallTime, &timed(&OK, one_key));
    let missing_response_size = layout.histogram(Instrument::ReadResponseSize, &NOT_FOUND);
    let missing_time = layout.histogram(Instrument::ReadCallTime, &timed(&NOT_FOUND, one_key));
    layout.counter_of_records(Instrument::ReadCallCount, &OK, &[time]);
    layout.counter_of_records(Instrument::ReadCallCount, &NOT_FOUND, &[missing_time]);
    let times = [time, missing_time];
    layout.histogram_of_one_value(Instrument::ReadRequestKeyCount, &[], 1.0, &times);
    let of_grpc = [
        Pair::same(sizes.slot(RESPONSE), grpc.sent),
        Pair::same(missing_response_size, grpc.sent),
        Pair::same(sizes.slot(REQUEST), grpc.received),
        Pair::thousandths(time, grpc.duration),
        Pair::thousandths(missing_time, grpc.duration),
    ];
    SingleLayout {
        common: common_slots(&mut layout),
        layout: Arc::new(layout.build()),
        of_grpc: Arc::new(of_grpc),
        sizes,
        time,
        missing_response_size,
        missing_time,
    }
}

fn batch_layout() -> BatchLayout {
    let mut layout = Layout::builder();
    let sizes = layout.neighbours([
        (Instrument::ReadRequestSize, &[]),
        (Instrument::ReadResponseSize, &OK),
        (Instrument::ReadRequestKeyCount, &[]),
    ]);
    let chunked_values = layout.histogram(Instrument::StorageEngineQueryChunkedValueCount, &[]);
    let times: Vec<HistogramSlot> = KEY_COUNTS
        .iter()
        .map(|(_, name)| layout.histogram(Instrument::ReadCallTime, &timed(&OK, name)))
        .collect();
    layout.counter_of_records(Instrument::ReadCallCount, &OK, &times);
    BatchLayout {
        common: common_slots(&mut layout),
        layout: Arc::new(layout.build()),
        sizes,
        times,
        chunked_values,
    }
}

/// A status and a number of keys.
fn timed(
    status: &[(Dimension, &'static str); 3],
    keys: &'static str,
) -> [(Dimension, &'static str); 4] {
    let [code, category, venice] = *status;
    [code, category, venice, (Dimension::KeyCountBucket, keys)]
}

fn common_slots(layout: &mut LayoutBuilder) -> CommonSlots {
    let whole = [(Dimension::Chunking, "unchunked")];
    let chunked = [(Dimension::Chunking, "chunked")];
    CommonSlots {
        not_found: layout.counter(Instrument::ReadResponseKeyNotFoundCount, &[]),
        cpu: layout.counter(Instrument::ReadCpuTime, &[]),
        query_whole: layout.histogram(Instrument::StorageEngineQueryTime, &whole),
        query_chunked: layout.histogram(Instrument::StorageEngineQueryTime, &chunked),
        queue_wait: layout.histogram(Instrument::StorageEngineQueueWaitTime, &[]),
        queue_size: layout.histogram(Instrument::StorageEngineQueueSize, &[]),
    }
}

fn failure_layout() -> FailureLayout {
    let mut layout = Layout::builder();
    let fail = [(Dimension::VeniceStatusCategory, "fail")];
    // How many keys there were is known of some failures only.
    let timed = [fail[0], (Dimension::KeyCountBucket, KEY_COUNTS[0].1)];
    let time = layout.histogram(Instrument::ReadCallTime, &timed);
    layout.counter_of_records(Instrument::ReadCallCount, &fail, &[time]);
    FailureLayout {
        layout: Arc::new(layout.build()),
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
