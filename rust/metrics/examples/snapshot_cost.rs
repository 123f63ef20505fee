//! What it costs to write all that is counted for Java: microseconds, and how many numbers it has.
//!
//! ```text
//! snapshot_cost STORES        # 35 stores are some 30,000 numbers
//! ```
//!
//! Each store has what a server counts of it by one thread: single gets, whose sizes and time are those of a method of gRPC,
//! too, and batches; and histograms that nobody recorded, as a server's threads have most of them.

use std::sync::Arc;
use std::time::Instant;

use venice_metrics::binary::Encoder;
use venice_metrics::{
    CounterSlot, Dimension, HistogramSlot, Instrument, Layout, Options, Pair, Registry, Writer,
};

const ROUNDS: usize = 401;
/// Whose values are recorded.
const SIZES: [Instrument; 5] = [
    Instrument::ReadRequestSize,
    Instrument::ReadResponseSize,
    Instrument::ReadRequestKeySize,
    Instrument::ReadResponseValueSize,
    Instrument::ReadRequestKeyCount,
];
/// Those that nobody records.
const EMPTY: [Instrument; 7] = [
    Instrument::StorageEngineQueueWaitTime,
    Instrument::AccessAnswerTime,
    Instrument::ConnectionSetupTime,
    Instrument::StorageEngineQueueWaitTime,
    Instrument::AccessAnswerTime,
    Instrument::ConnectionSetupTime,
    Instrument::StorageEngineQueryTime,
];

/// Slots of a store's layout.
struct Slots {
    layout: Arc<Layout>,
    calls: CounterSlot,
    time: HistogramSlot,
    sizes: [HistogramSlot; SIZES.len()],
}

impl Slots {
    fn new() -> Slots {
        let mut layout = Layout::builder();
        let calls = layout.counter(Instrument::ReadCallCount, &[]);
        let time = layout.histogram(Instrument::ReadCallTime, &[]);
        let sizes = SIZES.map(|instrument| layout.histogram(instrument, &[]));
        for instrument in EMPTY {
            layout.histogram(instrument, &[]);
        }
        Slots {
            layout: Arc::new(layout.build()),
            calls,
            time,
            sizes,
        }
    }

    /// Times over seven octaves, sizes over two.
    fn count(&self, writer: &Writer) {
        for value in 1..1000_u32 {
            writer.add(self.calls, 1);
            let part = f64::from(value) / 1000.0;
            writer.record_with_thousandth(self.time, 0.02 * 128_f64.powf(part), 1);
            for slot in self.sizes {
                writer.record(slot, 1.0 + 3.0 * part);
            }
        }
    }
}

fn main() {
    let stores = std::env::args().nth(1).and_then(|text| text.parse().ok());
    let stores: usize = stores.unwrap_or(35);
    let registry = Registry::new(Options::default());
    let (single, batch) = (Slots::new(), Slots::new());
    let mut call = Layout::builder();
    let duration = call.histogram(Instrument::GrpcServerCallDuration, &[]);
    let received = call.histogram(Instrument::GrpcServerCallRcvd, &[]);
    let sent = call.histogram(Instrument::GrpcServerCallSent, &[]);
    let get = [(Dimension::GrpcMethod, "get")];
    let get = registry.group(&Arc::new(call.build()), &get);
    let pairs: Arc<[Pair]> = Arc::new([
        Pair::same(single.sizes[1], sent),
        Pair::same(single.sizes[0], received),
        Pair::thousandths(single.time, duration),
    ]);
    let mut writers = Vec::new();
    for number in 0..stores {
        let name = format!("store_{number}");
        let of = |method| [(Dimension::Store, &*name), (Dimension::Method, method)];
        let group = registry.group(&single.layout, &of("single_get"));
        writers.push(group.writer_shared_with(&get, &pairs));
        single.count(&writers[2 * number]);
        let group = registry.group(&batch.layout, &of("multi_get"));
        writers.push(group.writer());
        batch.count(&writers[2 * number + 1]);
    }
    let mut encoder = Encoder::new(1);
    let mut out = vec![0; 4 << 20];
    let mut length = 0;
    let mut micros: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            length = encoder.encode(&registry, 370, &mut out);
            begun.elapsed().as_nanos() as f64 / 1000.0
        })
        .collect();
    micros.sort_by(f64::total_cmp);
    let at = |part: usize| micros[(ROUNDS - 1) * part / 100];
    println!(
        "snapshot of {} numbers: {:.1} us (median of {ROUNDS}; {:.1} to {:.1})",
        length / 8,
        at(50),
        at(10),
        at(90)
    );
}
