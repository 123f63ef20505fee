//! What it costs to take a snapshot and to write it for Java: microseconds, and how many numbers it has.
//!
//! ```text
//! snapshot_cost STORES        # 35 stores are some 30,000 numbers
//! ```

use std::sync::Arc;
use std::time::Instant;

use venice_metrics::binary::Encoder;
use venice_metrics::model::Snapshot;
use venice_metrics::{Dimension, Instrument, Layout, Options, Registry, Writer};

const ROUNDS: usize = 401;
const HISTOGRAMS: [Instrument; 10] = [
    Instrument::ReadCallTime,
    Instrument::ReadRequestKeyCount,
    Instrument::ReadRequestSize,
    Instrument::ReadResponseSize,
    Instrument::ReadRequestKeySize,
    Instrument::ReadResponseValueSize,
    Instrument::StorageEngineQueryTime,
    Instrument::StorageEngineQueueWaitTime,
    Instrument::AccessAnswerTime,
    Instrument::ConnectionSetupTime,
];

/// A store whose histograms have two octaves each.
fn store(registry: &Registry, name: &str) -> Writer {
    let mut layout = Layout::builder();
    let slots = HISTOGRAMS.map(|instrument| layout.histogram(instrument, &[]));
    let layout = Arc::new(layout.build());
    let writer = registry
        .group(&layout, &[(Dimension::Store, name)])
        .writer();
    for value in 1..1000 {
        for slot in slots {
            writer.record(slot, 1.0 + 3.0 * f64::from(value) / 1000.0);
        }
    }
    writer
}

fn main() {
    let stores = std::env::args().nth(1).and_then(|text| text.parse().ok());
    let stores: usize = stores.unwrap_or(35);
    let registry = Registry::new(Options::default());
    let _writers: Vec<_> = (0..stores)
        .map(|number| store(&registry, &format!("store_{number}")))
        .collect();
    let mut encoder = Encoder::new(1);
    let (mut snapshot, mut out) = (Snapshot::default(), Vec::new());
    let mut micros: Vec<f64> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            registry.snapshot_into(370, &mut snapshot);
            encoder.encode(&snapshot, registry.prefix(), &mut out);
            begun.elapsed().as_nanos() as f64 / 1000.0
        })
        .collect();
    micros.sort_by(f64::total_cmp);
    let at = |part: usize| micros[(ROUNDS - 1) * part / 100];
    println!(
        "snapshot of {} numbers: {:.1} us (median of {ROUNDS}; {:.1} to {:.1})",
        out.len() / 8,
        at(50),
        at(10),
        at(90)
    );
}
