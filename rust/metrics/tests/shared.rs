//! What is counted once and read in two series, and numbers that are often the one before.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use proptest::prelude::*;
use venice_metrics::model::{Histogram, Snapshot, Value};
use venice_metrics::{Dimension, HistogramSlot, Instrument, Layout, Options, Pair, Registry};

const SIZES: Instrument = Instrument::ReadRequestSize;
const RECEIVED: Instrument = Instrument::GrpcServerCallRcvd;
const METHOD: [(Dimension, &str); 1] = [(Dimension::GrpcMethod, "get")];

struct Layouts {
    reads: (Arc<Layout>, HistogramSlot),
    calls: (Arc<Layout>, HistogramSlot),
    pairs: Arc<[Pair]>,
}

fn layouts() -> Layouts {
    let mut reads = Layout::builder();
    let key = reads.histogram(Instrument::ReadRequestKeySize, &[]);
    let size = reads.histogram(SIZES, &[]);
    let mut calls = Layout::builder();
    let received = calls.histogram(RECEIVED, &[]);
    let summary = calls.histogram(Instrument::StorageEngineQueryChunkedValueCount, &[]);
    Layouts {
        reads: (Arc::new(reads.build()), size),
        calls: (Arc::new(calls.build()), received),
        // The second has no buckets, the first has.
        pairs: Arc::new([Pair::same(size, received), Pair::same(key, summary)]),
    }
}

fn registry() -> Registry {
    Registry::new(Options {
        linger: Duration::ZERO,
        ..Options::default()
    })
}

fn histogram(value: Option<&Value>) -> Histogram {
    match value {
        None => Histogram::default(),
        Some(Value::Histogram(histogram)) => histogram.clone(),
        Some(other) => panic!("{other:?} is no histogram"),
    }
}

fn of(snapshot: &Snapshot, instrument: Instrument) -> Histogram {
    let metric = snapshot.metric(instrument);
    histogram(metric.and_then(|metric| metric.value(&[])))
}

#[test]
fn what_is_recorded_once_is_read_in_both_and_stays() {
    let layouts = layouts();
    let registry = registry();
    let calls = registry.group(&layouts.calls.0, &METHOD);
    // What is no read is recorded here.
    let own = calls.writer();
    own.record(layouts.calls.1, 3.0);
    for store in ["a", "b"] {
        let group = registry.group(&layouts.reads.0, &[(Dimension::Store, store)]);
        let alone = group.writer();
        alone.record(layouts.reads.1, 1000.0);
        let writer = group.writer_shared_with(&calls, &layouts.pairs);
        writer.record(layouts.reads.1, 5.0);
        writer.record_whole(layouts.reads.1, 5);
        writer.record_whole(layouts.reads.1, 5);
    }
    // Both stores are gone.
    let snapshot = registry.snapshot(160);
    assert!(snapshot.metric(SIZES).is_none());
    let received = of(&snapshot, RECEIVED);
    assert_eq!((received.count, received.sum), (7, 33.0));
    assert_eq!((received.min, received.max), (3.0, 5.0));
    let sizes = histogram(snapshot.total(SIZES));
    assert_eq!((sizes.count, sizes.sum), (8, 2030.0));
    assert!(snapshot
        .metric(Instrument::StorageEngineQueryChunkedValueCount)
        .is_none());
}

#[test]
fn what_is_shared_only_grows_while_stores_come_and_go() {
    const THREADS: u64 = 3;
    const ROUNDS: u64 = 60;
    const RECORDS: u64 = 500;
    let layouts = layouts();
    let registry = registry();
    let calls = registry.group(&layouts.calls.0, &METHOD);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut last = 0;
            while !done.load(Ordering::Relaxed) {
                let received = of(&registry.snapshot(160), RECEIVED);
                assert!(received.count >= last, "{} after {last}", received.count);
                last = received.count;
            }
        });
        let writers: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (layouts, registry, calls) = (&layouts, &registry, &calls);
                scope.spawn(move || {
                    for round in 0..ROUNDS {
                        let store = format!("store_{}", (thread + round) % 4);
                        let subject = [(Dimension::Store, store.as_str())];
                        let group = registry.group(&layouts.reads.0, &subject);
                        let writer = group.writer_shared_with(calls, &layouts.pairs);
                        for record in 0..RECORDS {
                            writer.record_whole(layouts.reads.1, (record / 100) as u32);
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
    let snapshot = registry.snapshot(160);
    let received = of(&snapshot, RECEIVED);
    assert_eq!(received.count, THREADS * ROUNDS * RECORDS);
    assert_eq!(received.zero_count, THREADS * ROUNDS * 100);
    assert_eq!(received, histogram(snapshot.total(SIZES)));
}

/// Milliseconds of a read, and seconds of the call that it is, in what they were recorded in and in what they are
/// read from.
fn recorded_and_read(nanos: impl Iterator<Item = u64>) -> (Histogram, Histogram, Histogram) {
    let mut reads = Layout::builder();
    let time = reads.histogram(Instrument::ReadCallTime, &[]);
    let reads = Arc::new(reads.build());
    let mut calls = Layout::builder();
    let duration = calls.histogram(Instrument::GrpcServerCallDuration, &[]);
    let calls = Arc::new(calls.build());
    let (registry, other) = (registry(), registry());
    let pairs: Arc<[Pair]> = Arc::new([Pair::thousandths(time, duration)]);
    let call = registry.group(&calls, &METHOD);
    let read = registry
        .group(&reads, &[])
        .writer_shared_with(&call, &pairs);
    let expected = other.group(&calls, &METHOD).writer();
    for nanos in nanos {
        read.record_with_thousandth(time, nanos as f64 * 1e-6, 1);
        expected.record(duration, nanos as f64 * 1e-9);
    }
    let read = registry.snapshot(usize::MAX);
    let expected = of(
        &other.snapshot(usize::MAX),
        Instrument::GrpcServerCallDuration,
    );
    let times = of(&read, Instrument::ReadCallTime);
    (
        times,
        of(&read, Instrument::GrpcServerCallDuration),
        expected,
    )
}

fn assert_same_buckets(one: &Histogram, other: &Histogram) {
    let near = |one: f64, other: f64| (one - other).abs() <= one.abs() * 1e-12;
    assert!(near(one.sum, other.sum) && near(one.min, other.min) && near(one.max, other.max));
    assert_eq!(
        (one.scale, one.offset, one.zero_count),
        (other.scale, other.offset, other.zero_count)
    );
    assert_eq!((one.count, &one.counts), (other.count, &other.counts));
}

/// All nanoseconds beside the ends of buckets of seconds and of milliseconds, up to more than an hour.
#[test]
fn milliseconds_are_read_as_seconds_in_the_buckets_of_seconds() {
    let mut nanos = vec![0];
    for index in 0..42 * 32 {
        for unit in [1e6f64, 1e9] {
            let end = (f64::from(index) / 32.0 + unit.log2().fract()).exp2();
            let near = (end * 4.0) as u64;
            nanos.extend(near.saturating_sub(2)..near + 3);
            let near = end as u64;
            nanos.extend(near.saturating_sub(2)..near + 3);
        }
    }
    let (times, durations, expected) = recorded_and_read(nanos.iter().copied());
    assert_eq!(times.count, nanos.len() as u64);
    assert!(
        expected.zero_count > 0 && expected.max > 3600.0,
        "{}",
        expected.max
    );
    assert_same_buckets(&durations, &expected);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_milliseconds_are_read_as_seconds(nanos in prop::collection::vec(
        prop_oneof![0..100_000u64, 0..1_000_000_000u64, any::<u64>().prop_map(|nanos| nanos >> 16)], 0..300,
    )) {
        let (times, durations, expected) = recorded_and_read(nanos.iter().copied());
        prop_assert_eq!(times.count, nanos.len() as u64);
        if !nanos.is_empty() {
            assert_same_buckets(&durations, &expected);
        }
    }

    /// Few different numbers, so that many are the one before; of octaves that lie on one page and on several.
    #[test]
    fn whole_numbers_are_recorded_as_others(numbers in prop::collection::vec(
        prop_oneof![Just(0u32), 1..4u32, Just(16), Just(300), Just(70_000), Just(u32::MAX)], 0..200,
    )) {
        let layouts = layouts();
        let (registry, other) = (registry(), registry());
        let subject = [(Dimension::Store, "s")];
        let writer = registry.group(&layouts.reads.0, &subject).writer();
        let expected = other.group(&layouts.reads.0, &subject).writer();
        for number in numbers {
            writer.record_whole(layouts.reads.1, number);
            expected.record(layouts.reads.1, f64::from(number));
        }
        prop_assert_eq!(of(&registry.snapshot(160), SIZES), of(&other.snapshot(160), SIZES));
    }
}

/// Those of a thread that never recorded anything else are in no bucket of its own yet.
#[test]
fn zeros_alone_are_read() {
    let layouts = layouts();
    let registry = registry();
    let group = registry.group(&layouts.reads.0, &[(Dimension::Store, "s")]);
    let (one, other) = (group.writer(), group.writer());
    for zeros in 1..4 {
        one.record_whole(layouts.reads.1, 0);
        let read = of(&registry.snapshot(160), SIZES);
        assert_eq!((read.count, read.zero_count, read.max), (zeros, zeros, 0.0));
    }
    other.record(layouts.reads.1, 8.0);
    let read = of(&registry.snapshot(160), SIZES);
    assert_eq!((read.count, read.zero_count, read.max), (4, 3, 8.0));
}

#[test]
fn numbers_that_come_again_and_again_are_read_whole_while_others_come() {
    const RECORDS: u64 = 400_000;
    let mut layout = Layout::builder();
    let sizes = layout.neighbours([
        (Instrument::ReadRequestKeySize, &[][..]),
        (SIZES, &[]),
        (Instrument::ReadRequestKeyCount, &[]),
    ]);
    let layout = Arc::new(layout.build());
    let registry = registry();
    let group = registry.group(&layout, &[(Dimension::Store, "s")]);
    let other = group.writer();
    other.record_wholes(sizes, [1, 1, 1]);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (mut count, mut sum, mut reads) = (0, 0.0, 0);
            while !done.load(Ordering::Relaxed) || reads == 0 {
                let read = histogram(registry.snapshot(160).total(SIZES));
                assert!(read.count >= count, "{} after {count}", read.count);
                assert!(read.sum >= sum, "{} after {sum}", read.sum);
                assert_eq!(read.count, read.counts.iter().sum::<u64>());
                // Numbers are 1 or 2, and the sum may be ahead.
                assert!(read.sum >= read.count as f64, "{read:?}");
                (count, sum) = (read.count, read.sum);
                reads += 1;
            }
        });
        let writer = group.writer();
        for record in 0..RECORDS {
            // Runs of one to five.
            let number = 1 + (record % 7 > 4 || record % 3 == 0) as u32;
            writer.record_wholes(sizes, [16, number, 7]);
        }
        drop(writer);
        done.store(true, Ordering::Relaxed);
        assert!(reader.join().is_ok());
    });
    let snapshot = registry.snapshot(160);
    let twos = (0..RECORDS).filter(|record| record % 7 > 4 || record % 3 == 0);
    let sum = (1 + RECORDS) as f64 + twos.count() as f64;
    let read = of(&snapshot, SIZES);
    assert_eq!((read.count, read.sum), (1 + RECORDS, sum));
    let keys = of(&snapshot, Instrument::ReadRequestKeySize);
    assert_eq!(
        (keys.count, keys.sum),
        (1 + RECORDS, 1.0 + 16.0 * RECORDS as f64)
    );
    assert_eq!((keys.min, keys.max), (1.0, 16.0));
}

#[test]
fn a_run_is_longer_than_its_count_has_room_for() {
    let layouts = layouts();
    let registry = registry();
    let group = registry.group(&layouts.reads.0, &[(Dimension::Store, "s")]);
    let writer = group.writer();
    for number in [0, u32::MAX] {
        for _ in 0..200_000 {
            writer.record_whole(layouts.reads.1, number);
        }
    }
    let read = of(&registry.snapshot(160), SIZES);
    assert_eq!((read.count, read.zero_count), (400_000, 200_000));
    assert_eq!(read.sum, 200_000.0 * f64::from(u32::MAX));
    assert_eq!((read.min, read.max), (0.0, f64::from(u32::MAX)));
}
