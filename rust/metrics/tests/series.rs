//! How many series there are, and when they go.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

use std::sync::Arc;
use std::time::Duration;

use venice_metrics::model::{Snapshot, Value};
use venice_metrics::{
    CounterSlot, Dimension, Group, HistogramSlot, Instrument, Layout, Observer, Options, Registry,
    Source,
};

const CALLS: Instrument = Instrument::ReadCallCount;
const SIZES: Instrument = Instrument::ReadRequestSize;
const KEYS: Instrument = Instrument::ReadRequestKeyCount;

struct Reads {
    layout: Arc<Layout>,
    found: CounterSlot,
    missing: CounterSlot,
    size: HistogramSlot,
}

fn reads() -> Reads {
    let mut layout = Layout::builder();
    let found = layout.counter(CALLS, &[(Dimension::Status, "200")]);
    let missing = layout.counter(CALLS, &[(Dimension::Status, "404")]);
    let size = layout.histogram(SIZES, &[]);
    Reads {
        layout: Arc::new(layout.build()),
        found,
        missing,
        size,
    }
}

fn registry(max_series: usize, linger: Duration) -> Registry {
    Registry::new(Options {
        max_series,
        linger,
        common: vec![(Dimension::Cluster, "c0".to_owned())],
        ..Options::default()
    })
}

fn of_store(registry: &Registry, reads: &Reads, store: &str) -> Group {
    registry.group(&reads.layout, &[(Dimension::Store, store)])
}

/// The points of a counter, as text, sorted.
fn counts(snapshot: &Snapshot, instrument: Instrument) -> Vec<String> {
    let points = snapshot
        .metric(instrument)
        .map_or(&[][..], |metric| &metric.points);
    let texts = points.iter().map(|point| {
        let attributes: Vec<String> = point
            .attributes
            .iter()
            .map(|attribute| attribute.to_string())
            .collect();
        format!("{} {:?}", attributes.join(","), point.value)
    });
    let mut texts: Vec<String> = texts.collect();
    texts.sort();
    texts
}

const S: &str = "venice.store.name=s,venice.cluster.name=c0,http.response.status_code=200";

#[test]
fn a_series_is_shown_once_it_counted() {
    let reads = reads();
    let registry = registry(10, Duration::ZERO);
    let writer = of_store(&registry, &reads, "s").writer();
    assert!(registry.snapshot(160).metric(CALLS).is_none());
    writer.add(reads.found, 2);
    assert_eq!(
        counts(&registry.snapshot(160), CALLS),
        [format!("{S} U64(2)")]
    );
}

#[test]
fn what_alerts_watch_is_shown_from_the_start() {
    let mut layout = Layout::builder();
    layout.counter_from_the_start(
        Instrument::ConnectionRefusedCount,
        &[(Dimension::Reason, "limit")],
    );
    let registry = registry(10, Duration::ZERO);
    let _writer = registry.group(&Arc::new(layout.build()), &[]).writer();
    assert_eq!(
        counts(&registry.snapshot(160), Instrument::ConnectionRefusedCount),
        ["venice.cluster.name=c0,venice.server.reason=limit U64(0)"]
    );
}

#[test]
fn what_exceeds_the_bound_is_one_series() {
    let reads = reads();
    // Each store has two series of the name: there is room for two stores.
    let registry = registry(5, Duration::ZERO);
    let writers: Vec<_> = (0..5)
        .map(|store| of_store(&registry, &reads, &format!("s{store}")).writer())
        .collect();
    for writer in &writers {
        writer.add(reads.found, 1);
        writer.add(reads.missing, 10);
        writer.record(reads.size, 100.0);
    }
    let snapshot = registry.snapshot(160);
    let of_calls = counts(&snapshot, CALLS);
    assert_eq!(of_calls.len(), 5, "{of_calls:?}");
    assert_eq!(of_calls[0], "otel.metric.overflow=true U64(33)");
    let sizes = snapshot.metric(SIZES).unwrap();
    assert_eq!(sizes.points.len(), 3);
    let Some(Value::Histogram(rest)) = sizes.value(&[("otel.metric.overflow", "true")]) else {
        panic!("{sizes:?}");
    };
    assert_eq!((rest.count, rest.sum), (3, 300.0));
    assert_eq!(snapshot.total(CALLS), Some(&Value::U64(55)));

    // When stores go, there is room for others; what was counted in the rest stays there.
    drop(writers);
    let writer = of_store(&registry, &reads, "s").writer();
    writer.add(reads.found, 1);
    let snapshot = registry.snapshot(160);
    assert_eq!(
        counts(&snapshot, CALLS),
        [
            "otel.metric.overflow=true U64(33)".to_owned(),
            format!("{S} U64(1)")
        ]
    );
    assert_eq!(snapshot.total(CALLS), Some(&Value::U64(56)));
}

#[test]
fn series_go_with_their_subject_and_totals_stay() {
    let reads = reads();
    let registry = registry(10, Duration::ZERO);
    let group = of_store(&registry, &reads, "s");
    let writer = group.writer();
    writer.add(reads.found, 3);
    writer.record(reads.size, 8.0);
    drop(group);
    assert_eq!(
        counts(&registry.snapshot(160), CALLS).len(),
        1,
        "the writer holds it"
    );
    drop(writer);
    let snapshot = registry.snapshot(160);
    assert!(snapshot.metric(CALLS).is_none() && snapshot.metric(SIZES).is_none());
    assert_eq!(snapshot.total(CALLS), Some(&Value::U64(3)));

    // The same subject anew: from 0, with a later start.
    let writer = of_store(&registry, &reads, "s").writer();
    writer.add(reads.found, 1);
    let snapshot = registry.snapshot(160);
    assert_eq!(counts(&snapshot, CALLS), [format!("{S} U64(1)")]);
    assert_eq!(snapshot.total(CALLS), Some(&Value::U64(4)));
    let Some(Value::Histogram(sizes)) = snapshot.total(SIZES) else {
        panic!("no sizes");
    };
    assert_eq!((sizes.count, sizes.sum), (1, 8.0));
}

#[test]
fn series_linger_so_that_readers_see_their_last_values() {
    let reads = reads();
    let registry = registry(10, Duration::from_secs(3600));
    let writer = of_store(&registry, &reads, "s").writer();
    writer.add(reads.found, 3);
    let start = |snapshot: &Snapshot| snapshot.metric(CALLS).unwrap().points[0].start_unix_nanos;
    let first = start(&registry.snapshot(160));
    drop(writer);
    assert_eq!(
        counts(&registry.snapshot(160), CALLS),
        [format!("{S} U64(3)")]
    );
    // Back in time: it goes on, from the same start.
    let writer = of_store(&registry, &reads, "s").writer();
    writer.add(reads.found, 1);
    let snapshot = registry.snapshot(160);
    assert_eq!(counts(&snapshot, CALLS), [format!("{S} U64(4)")]);
    assert_eq!(start(&snapshot), first);
}

#[test]
fn a_subject_without_a_name_is_unknown() {
    let reads = reads();
    let registry = registry(10, Duration::ZERO);
    let writer = of_store(&registry, &reads, "").writer();
    writer.add(reads.found, 1);
    let counted = counts(&registry.snapshot(160), CALLS);
    assert!(
        counted[0].starts_with("venice.store.name=unknown,"),
        "{counted:?}"
    );
}

struct Quota {
    stores: usize,
}

impl Source for Quota {
    fn observe(&self, observer: &mut Observer<'_>) {
        for store in 0..self.stores {
            let store = format!("s{store}");
            let of = [(Dimension::Store, store.as_str())];
            observer.observe(Instrument::ReadQuotaRequestCount, &of, Value::U64(2));
            observer.observe(Instrument::ReadQuotaUsageRatio, &of, Value::F64(0.5));
        }
    }
}

#[test]
fn sources_are_asked_while_they_live_and_bounded_too() {
    let registry = registry(3, Duration::ZERO);
    let quota: Arc<dyn Source> = Arc::new(Quota { stores: 5 });
    registry.add_source(&quota);
    let snapshot = registry.snapshot(160);
    let requests = counts(&snapshot, Instrument::ReadQuotaRequestCount);
    assert_eq!(requests.len(), 4);
    assert_eq!(requests[0], "otel.metric.overflow=true U64(4)");
    assert_eq!(
        snapshot.total(Instrument::ReadQuotaRequestCount),
        Some(&Value::U64(10))
    );
    assert_eq!(counts(&snapshot, Instrument::ReadQuotaUsageRatio).len(), 3);
    drop(quota);
    assert!(registry
        .snapshot(160)
        .metric(Instrument::ReadQuotaRequestCount)
        .is_none());
}

#[test]
#[should_panic(expected = "ReadCallCount is a Counter, no histogram")]
fn a_layout_refuses_the_wrong_kind() {
    Layout::builder().histogram(CALLS, &[]);
}

#[test]
#[should_panic(expected = "ReadCallCount has no dimension Worker")]
fn a_layout_refuses_a_foreign_dimension() {
    Layout::builder().counter(CALLS, &[(Dimension::Worker, "1")]);
}

#[test]
fn what_histograms_tell_is_as_if_it_had_been_counted_and_recorded() {
    let mut layout = Layout::builder();
    let status = |code| [(Dimension::Status, code)];
    let found = layout.histogram(Instrument::ReadResponseSize, &status("200"));
    let missing = layout.histogram(Instrument::ReadResponseSize, &status("404"));
    let recorded = layout.histogram(SIZES, &[]);
    layout.histogram_of_one_value(KEYS, &[], 3.0, &[found, missing]);
    layout.counter_of_records(CALLS, &status("200"), &[found]);
    layout.counter_of_records(CALLS, &status("404"), &[missing]);
    let layout = Arc::new(layout.build());
    let registry = registry(10, Duration::ZERO);
    let group = registry.group(&layout, &[(Dimension::Store, "s")]);
    assert!(registry.snapshot(160).metric(KEYS).is_none());
    let (one, other) = (group.writer(), group.writer());
    for (writer, slot) in [(&one, found), (&other, missing), (&one, missing)] {
        writer.record_whole(slot, 7);
        writer.record(recorded, 3.0);
    }
    let same = |snapshot: &Snapshot| {
        let of = [("venice.store.name", "s")];
        let value = |instrument| snapshot.metric(instrument).unwrap().value(&of).cloned();
        assert!(
            matches!(value(KEYS), Some(Value::Histogram(of)) if of.count == 3 && of.sum == 9.0)
        );
        assert_eq!(value(KEYS), value(SIZES));
        assert_eq!(snapshot.total(KEYS), snapshot.total(SIZES));
        for (code, counted) in [("200", 1), ("404", 2)] {
            let of = [
                ("venice.store.name", "s"),
                ("http.response.status_code", code),
            ];
            let calls = snapshot.metric(CALLS).unwrap().value(&of);
            assert_eq!(calls, Some(&Value::U64(counted)));
        }
    };
    same(&registry.snapshot(160));
    drop(one);
    same(&registry.snapshot(160));
    drop((other, group));
    let gone = registry.snapshot(160);
    assert!(gone.metric(KEYS).is_none());
    assert_eq!(gone.total(KEYS), gone.total(SIZES));
    assert_eq!(gone.total(CALLS), Some(&Value::U64(3)));
    assert!(matches!(gone.total(KEYS), Some(Value::Histogram(of)) if of.count == 3));
}

/// Each subject costs the same, however many there are: who looked at all for each took minutes for these.
#[test]
fn a_hundred_thousand_series_come_while_others_go() {
    const STAY: usize = 34_000;
    let reads = reads();
    let registry = registry(1_000_000, Duration::ZERO);
    let mut writers = Vec::new();
    for store in 0..STAY {
        for (version, stays) in [(1, false), (2, true)] {
            let name = format!("s{store}_{version}");
            let writer = of_store(&registry, &reads, &name).writer();
            writer.add(reads.found, 1);
            writer.add(reads.missing, 2);
            writer.record(reads.size, 8.0);
            if stays {
                writers.push(writer);
            }
        }
    }
    let check = |stay: usize| {
        let snapshot = registry.snapshot(160);
        let series = snapshot.metric(Instrument::MetricsSeriesCount).unwrap();
        assert_eq!(series.points[0].value, Value::I64(3 * stay as i64));
        let points = |of| {
            let metric = snapshot.metric(of);
            metric.map_or(0, |metric| metric.points.len())
        };
        assert_eq!((points(CALLS), points(SIZES)), (2 * stay, stay));
        let calls = 3 * 2 * STAY as u64;
        assert_eq!(snapshot.total(CALLS), Some(&Value::U64(calls)));
        let Some(Value::Histogram(sizes)) = snapshot.total(SIZES) else {
            panic!("no sizes");
        };
        assert_eq!(sizes.count, 2 * STAY as u64);
    };
    check(STAY);
    writers.truncate(1000);
    check(1000);
    writers.clear();
    check(0);
}
