//! What is counted is what is read, while threads count, come and go.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use venice_metrics::model::{Histogram, Snapshot, Value};
use venice_metrics::{
    CounterSlot, Dimension, HistogramSlot, Instrument, Layout, Options, Registry,
};

const CALLS: Instrument = Instrument::ReadCallCount;
const TIMES: Instrument = Instrument::ReadCallTime;

struct Reads {
    layout: Arc<Layout>,
    calls: CounterSlot,
    time: HistogramSlot,
}

fn reads() -> Reads {
    let mut layout = Layout::builder();
    let calls = layout.counter(CALLS, &[(Dimension::Status, "200")]);
    let time = layout.histogram(TIMES, &[(Dimension::Status, "200")]);
    Reads {
        layout: Arc::new(layout.build()),
        calls,
        time,
    }
}

fn registry(linger: Duration) -> Registry {
    Registry::new(Options {
        linger,
        ..Options::default()
    })
}

fn total(snapshot: &Snapshot) -> (u64, Histogram) {
    let Some(Value::U64(calls)) = snapshot.total(CALLS) else {
        panic!("{CALLS:?} has no total");
    };
    let Some(Value::Histogram(times)) = snapshot.total(TIMES) else {
        panic!("{TIMES:?} has no total");
    };
    (*calls, times.clone())
}

fn assert_whole(histogram: &Histogram) {
    let buckets: u64 = histogram.counts.iter().sum();
    assert_eq!(histogram.count, histogram.zero_count + buckets);
    if histogram.count > 0 {
        assert!(histogram.min <= histogram.max, "{histogram:?}");
    }
}

#[test]
fn totals_only_grow_and_end_exact() {
    const THREADS: usize = 4;
    const ROUNDS: u64 = 40;
    const RECORDS: u64 = 2_000;
    let reads = reads();
    // A linger of nothing: stores that nobody writes to go at once, and come back anew.
    let registry = registry(Duration::ZERO);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (mut calls, mut count) = (0, 0);
            let mut of_series = HashMap::new();
            while !done.load(Ordering::Relaxed) {
                let snapshot = registry.snapshot(160);
                let (now, times) = total(&snapshot);
                assert!(now >= calls, "{now} calls after {calls}");
                assert!(times.count >= count, "{} times after {count}", times.count);
                assert_whole(&times);
                (calls, count) = (now, times.count);
                for point in snapshot
                    .metric(TIMES)
                    .into_iter()
                    .flat_map(|metric| &metric.points)
                {
                    let Value::Histogram(histogram) = &point.value else {
                        panic!("{point:?}");
                    };
                    assert_whole(histogram);
                    let store = point.attribute("venice.store.name").unwrap().to_owned();
                    let series = (store, point.start_unix_nanos);
                    let last = of_series.insert(series, histogram.count).unwrap_or(0);
                    assert!(histogram.count >= last, "{point:?} after {last}");
                }
            }
        });
        let (reads, registry) = (&reads, &registry);
        let writers: Vec<_> = (0..THREADS)
            .map(|thread| {
                scope.spawn(move || {
                    for round in 0..ROUNDS {
                        // Some stores are shared by threads, some come and go.
                        let store = format!("store_{}", (round + thread as u64) % 7);
                        let group = registry.group(&reads.layout, &[(Dimension::Store, &store)]);
                        let writer = group.writer();
                        drop(group);
                        for record in 0..RECORDS {
                            writer.add(reads.calls, 1);
                            writer.record(reads.time, (record % 100) as f64 / 16.0);
                        }
                    }
                })
            })
            .collect();
        writers
            .into_iter()
            .for_each(|writer| writer.join().unwrap());
        done.store(true, Ordering::Relaxed);
        reader.join().unwrap();
    });
    let counted = THREADS as u64 * ROUNDS * RECORDS;
    let snapshot = registry.snapshot(160);
    let (calls, times) = total(&snapshot);
    assert_eq!(calls, counted);
    assert_eq!(times.count, counted);
    assert_eq!(times.zero_count, counted / 100);
    // Sixteenths, so the sum is exact: (0 + ... + 99) / 16 for each hundred.
    assert_eq!(times.sum, counted as f64 / 100.0 * 4950.0 / 16.0);
    assert_eq!((times.min, times.max), (0.0, 99.0 / 16.0));
    assert!(snapshot.metric(CALLS).is_none(), "all stores are gone");
}

#[test]
fn threads_of_a_store_are_one_series() {
    let reads = reads();
    let registry = registry(Duration::ZERO);
    let group = registry.group(&reads.layout, &[(Dimension::Store, "s")]);
    let again = registry.group(&reads.layout, &[(Dimension::Store, "s")]);
    let writers = [group.writer(), again.writer(), group.writer()];
    for (writer, time) in writers.iter().zip([0.5, 3.0, 0.0]) {
        writer.add(reads.calls, 2);
        writer.record(reads.time, time);
    }
    let counted = registry.snapshot(160);
    drop(writers); // what they counted stays
    let left = registry.snapshot(160);
    for snapshot in [counted, left] {
        let calls = snapshot.metric(CALLS).unwrap();
        assert_eq!(&*calls.name, "venice.server.read.call_count");
        assert_eq!(calls.points.len(), 1);
        let ok = [
            ("venice.store.name", "s"),
            ("http.response.status_code", "200"),
        ];
        assert_eq!(calls.value(&ok), Some(&Value::U64(6)));
        let Some(Value::Histogram(times)) = snapshot.metric(TIMES).unwrap().value(&ok) else {
            panic!("no histogram");
        };
        assert_eq!((times.count, times.zero_count, times.sum), (3, 1, 3.5));
        assert_eq!((times.min, times.max), (0.0, 3.0));
    }
}

#[test]
fn what_may_fall_falls() {
    let mut layout = Layout::builder();
    let open = layout.counter(
        Instrument::ConnectionActiveCount,
        &[(Dimension::ConnectionSource, "client")],
    );
    let registry = registry(Duration::ZERO);
    let group = registry.group(&Arc::new(layout.build()), &[]);
    let (one, other) = (group.writer(), group.writer());
    one.add(open, 3);
    other.subtract(open, 2); // a connection may end on another thread
    let value = |registry: &Registry| {
        let snapshot = registry.snapshot(160);
        let metric = snapshot.metric(Instrument::ConnectionActiveCount).unwrap();
        metric.points[0].value.clone()
    };
    assert_eq!(value(&registry), Value::I64(1));
    drop(one);
    assert_eq!(value(&registry), Value::I64(1));
}

#[test]
fn numbers_without_buckets_have_count_sum_and_range() {
    let mut layout = Layout::builder();
    let queue = layout.histogram(Instrument::StorageEngineQueueSize, &[]);
    let registry = registry(Duration::ZERO);
    let group = registry.group(&Arc::new(layout.build()), &[(Dimension::Store, "s")]);
    let writer = group.writer();
    for size in [3.0, 0.0, 8.0] {
        writer.record(queue, size);
    }
    let snapshot = registry.snapshot(160);
    let metric = snapshot.metric(Instrument::StorageEngineQueueSize).unwrap();
    let Value::Summary(summary) = metric.points[0].value else {
        panic!("{metric:?}");
    };
    assert_eq!((summary.count, summary.sum), (3, 11.0));
    assert_eq!((summary.min, summary.max), (0.0, 8.0));
}
