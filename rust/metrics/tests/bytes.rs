//! Bytes for Java hold what a snapshot holds.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::Duration;

use venice_metrics::binary::{Encoder, LABELS_MAGIC, MAGIC};
use venice_metrics::model::{Attribute, Histogram, Snapshot, Summary, Value};
use venice_metrics::{
    CounterSlot, Dimension, HistogramSlot, Instrument, Kind, Layout, Observer, Options, Pair,
    Registry, Source, Writer,
};

const BUCKETS: usize = 20;

/// Reads words as Java does.
struct Words<'a>(&'a [u8]);

impl Words<'_> {
    fn word(&mut self) -> u64 {
        let (word, rest) = self.0.split_first_chunk().unwrap();
        self.0 = rest;
        u64::from_le_bytes(*word)
    }

    fn double(&mut self) -> f64 {
        f64::from_bits(self.word())
    }

    fn text(&mut self) -> String {
        let length = self.word() as usize;
        let text = String::from_utf8(self.0[..length].to_vec()).unwrap();
        self.0 = &self.0[length.next_multiple_of(8)..];
        text
    }

    fn value(&mut self) -> (u64, Value) {
        let (shape, start) = (self.word(), self.word());
        let value = match shape {
            0 => Value::U64(self.word()),
            1 => Value::I64(self.word() as i64),
            2 => Value::F64(self.double()),
            3 => Value::Summary(Summary {
                count: self.word(),
                sum: self.double(),
                min: self.double(),
                max: self.double(),
            }),
            4 => {
                let [scale, offset] = [0; 2].map(|_| self.word() as i64 as i32);
                Value::Histogram(Histogram {
                    scale,
                    offset,
                    zero_count: self.word(),
                    count: self.word(),
                    sum: self.double(),
                    min: self.double(),
                    max: self.double(),
                    counts: (0..self.word()).map(|_| self.word()).collect(),
                })
            }
            other => panic!("{other} is no shape"),
        };
        (start, value)
    }

    /// The name and the attributes of a series; a total has none.
    fn label(&mut self) -> String {
        let (kind, is_total) = (self.word(), self.word());
        let [name, unit, _, about] = [(); 4].map(|()| self.text());
        let attributes = (0..self.word()).map(|_| format!("{}={}", self.text(), self.text()));
        let attributes: Vec<String> = attributes.collect();
        line(kind, is_total, &name, &unit, &about, &attributes)
    }
}

fn line(
    kind: u64,
    is_total: u64,
    name: &str,
    unit: &str,
    about: &str,
    attributes: &[String],
) -> String {
    format!("{kind} {is_total} {name} {unit} {about} {attributes:?}")
}

/// All series with their values, in order of their labels; and the generation.
fn decoded(encoder: &mut Encoder, registry: &Registry) -> (u64, Vec<String>) {
    let mut bytes = vec![0xFF; 1 << 20];
    let length = encoder.encode(registry, BUCKETS, &mut bytes);
    let mut numbers = Words(&bytes[..length]);
    assert_eq!(numbers.word(), MAGIC);
    assert_eq!(numbers.word(), length as u64);
    assert_eq!(numbers.word(), registry.start_unix_nanos());
    let (generation, _, number) = (numbers.word(), numbers.word(), numbers.word());
    let labels = encoder.labels();
    let mut labels = Words(&labels);
    assert_eq!(labels.word(), LABELS_MAGIC);
    assert_eq!((labels.word(), labels.word()), (generation, number));
    let series = (0..number).map(|_| format!("{} {:?}", labels.label(), numbers.value()));
    let mut series: Vec<String> = series.collect();
    assert!(labels.0.is_empty() && numbers.0.is_empty());
    series.sort();
    (generation, series)
}

/// The same of a snapshot.
fn of_snapshot(snapshot: &Snapshot, registry: &Registry) -> Vec<String> {
    let text = |instrument: Instrument, attributes: Option<&[Attribute]>, start, value: &Value| {
        let description = instrument.describe();
        let kind = match description.kind {
            Kind::Counter => 0,
            Kind::UpDownCounter => 1,
            Kind::Gauge => 2,
            Kind::Histogram => 3,
            Kind::MinMaxCountSum => 4,
        };
        let is_total = attributes.is_none().into();
        let attributes = attributes.unwrap_or_default().iter();
        let attributes: Vec<String> = attributes.map(Attribute::to_string).collect();
        let label = line(
            kind,
            is_total,
            &instrument.full_name(registry.prefix()),
            description.unit.ucum(),
            description.about,
            &attributes,
        );
        format!("{label} {:?}", (start, value))
    };
    let points = snapshot.metrics.iter().flat_map(|metric| {
        let points = metric.points.iter();
        points.map(|point| {
            let attributes = Some(&*point.attributes);
            let start = point.start_unix_nanos;
            text(metric.instrument, attributes, start, &point.value)
        })
    });
    let totals = snapshot.totals.iter();
    let totals = totals.map(|total| {
        text(
            total.instrument,
            None,
            registry.start_unix_nanos(),
            &total.value,
        )
    });
    let mut series: Vec<String> = points.chain(totals).collect();
    series.sort();
    series
}

/// Numbers that come, change their attributes, and go.
struct Gauges(AtomicU64);

impl Source for Gauges {
    fn observe(&self, observer: &mut Observer<'_>) {
        let step = self.0.load(Ordering::Relaxed);
        for index in step..(2 * step).min(step + 3) {
            let worker = index.to_string();
            let of = [(Dimension::Worker, worker.as_str())];
            observer.observe(Instrument::WorkerBusyTime, &of, Value::F64(step as f64));
        }
        for index in 0..step {
            let reason = index.to_string();
            let of = [(Dimension::Reason, reason.as_str())];
            observer.observe(Instrument::RequestRefusedCount, &of, Value::U64(step));
        }
        observer.add_to_total(Instrument::RequestRefusedCount, step);
    }
}

struct Slots {
    layout: Arc<Layout>,
    calls: CounterSlot,
    open: CounterSlot,
    sizes: HistogramSlot,
    keys: HistogramSlot,
    chunks: HistogramSlot,
}

fn slots() -> Slots {
    let mut layout = Layout::builder();
    let calls = layout.counter(Instrument::ReadCallCount, &[]);
    let open = layout.counter(Instrument::ConnectionActiveCount, &[]);
    let sizes = layout.histogram(Instrument::ReadRequestSize, &[]);
    let keys = layout.histogram(Instrument::ReadRequestKeySize, &[]);
    let chunks = layout.histogram(Instrument::StorageEngineQueryChunkedValueCount, &[]);
    layout.histogram_of_one_value(Instrument::ReadRequestKeyCount, &[], 1.0, &[sizes]);
    Slots {
        layout: Arc::new(layout.build()),
        calls,
        open,
        sizes,
        keys,
        chunks,
    }
}

impl Slots {
    /// Histograms with and without gaps, at the scale that is recorded at and below it, and without buckets; some of zeros alone.
    fn count(&self, writer: &Writer, step: u64, store: u64) {
        writer.add(self.calls, step);
        writer.subtract(self.open, store);
        let top = if step.is_multiple_of(2) { 9.0 } else { 1e9 };
        for size in [0.0, 3.0, 100.0, top] {
            writer.record(self.sizes, size);
        }
        for key in [0, 0, store as u32 / 3, 7, 7] {
            writer.record_whole(self.keys, key);
        }
        if store.is_multiple_of(3) {
            writer.record_whole(self.keys, 4000);
        }
        writer.record_whole(self.chunks, (store / 4) as u32);
    }
}

/// Series that come and go, more than the bound, some shared by groups; buckets, zeros, totals and starts.
#[test]
fn bytes_hold_what_a_snapshot_holds_while_series_come_and_go() {
    let slots = slots();
    let registry = Registry::new(Options {
        max_series: 6,
        linger: Duration::ZERO,
        common: vec![(Dimension::Cluster, "c0".to_owned())],
        ..Options::default()
    });
    let gauges = Arc::new(Gauges(AtomicU64::new(0)));
    registry.add_source(&(Arc::clone(&gauges) as Arc<dyn Source>));
    let mut calls = Layout::builder();
    let received = calls.histogram(Instrument::GrpcServerCallRcvd, &[]);
    let get = registry.group(&Arc::new(calls.build()), &[(Dimension::GrpcMethod, "get")]);
    let pairs: Arc<[Pair]> = Arc::new([Pair::same(slots.keys, received)]);
    let mut encoder = Encoder::new(registry.start_unix_nanos());
    let mut writers = Vec::new();
    let mut generation = 0;
    for step in [0u64, 1, 3, 4, 2, 9, 5, 0] {
        gauges.0.store(step, Ordering::Relaxed);
        writers.truncate(step as usize / 2);
        for store in 0..step {
            let name = format!("s{store}");
            let group = registry.group(&slots.layout, &[(Dimension::Store, &name)]);
            let writer = group.writer_shared_with(&get, &pairs);
            slots.count(&writer, step, store);
            writers.push(writer);
        }
        let (next, series) = decoded(&mut encoder, &registry);
        let expected = of_snapshot(&registry.snapshot(BUCKETS), &registry);
        assert_eq!(series, expected, "step {step}");
        assert!(next > generation, "series came or went at step {step}");
        generation = next;
        assert_eq!(decoded(&mut encoder, &registry), (next, expected));
    }
}
