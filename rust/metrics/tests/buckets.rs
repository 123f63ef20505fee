//! Values fall into the buckets of OpenTelemetry's rule, and merges lose nothing.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use venice_metrics::model::{Histogram, Value};
use venice_metrics::{
    Dimension, HistogramSlot, Instrument, Layout, Options, Registry, Writer, SCALE,
};

const TIMES: Instrument = Instrument::StorageEngineQueryTime;

fn writer() -> (Registry, Writer, HistogramSlot) {
    let mut layout = Layout::builder();
    let slot = layout.histogram(TIMES, &[]);
    let registry = Registry::new(Options::default());
    let group = registry.group(&Arc::new(layout.build()), &[(Dimension::Store, "s")]);
    (registry, group.writer(), slot)
}

fn recorded(values: &[f64], most_buckets: usize) -> Histogram {
    let (registry, writer, slot) = writer();
    for value in values {
        writer.record(slot, *value);
    }
    read(&registry, most_buckets)
}

fn read(registry: &Registry, most_buckets: usize) -> Histogram {
    let snapshot = registry.snapshot(most_buckets);
    match snapshot.total(TIMES) {
        Some(Value::Histogram(histogram)) => histogram.clone(),
        other => panic!("{other:?}"),
    }
}

/// The buckets that have values, by index.
fn buckets(histogram: &Histogram) -> BTreeMap<i32, u64> {
    let counts = histogram.counts.iter().enumerate();
    counts
        .filter(|(_, count)| **count > 0)
        .map(|(at, count)| (histogram.offset + at as i32, *count))
        .collect()
}

fn merged_down(buckets: &BTreeMap<i32, u64>, down: u32) -> BTreeMap<i32, u64> {
    let mut merged = BTreeMap::new();
    for (index, count) in buckets {
        *merged.entry(index >> down).or_default() += count;
    }
    merged
}

/// `powi` makes 0 of the smallest.
fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(match exponent {
        -1074..-1022 => 1 << (exponent + 1074),
        _ => ((exponent + 1023) as u64) << 52,
    })
}

#[test]
fn powers_of_two_are_the_last_of_their_bucket() {
    for exponent in -1074..=1023 {
        let histogram = recorded(&[power_of_two(exponent)], 160);
        assert_eq!(histogram.scale, SCALE);
        assert_eq!(
            buckets(&histogram),
            [(exponent * 32 - 1, 1)].into(),
            "2^{exponent}"
        );
    }
}

#[test]
fn zeros_have_a_count_of_their_own() {
    let histogram = recorded(&[0.0, -0.0, 1.5], 160);
    assert_eq!((histogram.count, histogram.zero_count), (3, 2));
    assert_eq!(
        (histogram.min, histogram.max, histogram.sum),
        (0.0, 1.5, 1.5)
    );
}

#[test]
fn what_no_histogram_can_hold_is_refused_and_counted() {
    let (registry, writer, slot) = writer();
    let refused = [
        -1.0,
        -f64::MIN_POSITIVE,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::NAN,
        -f64::NAN,
    ];
    for value in refused {
        writer.record(slot, value);
    }
    writer.record(slot, f64::MAX);
    writer.record(slot, 4e-324);
    let histogram = read(&registry, usize::MAX);
    assert_eq!(histogram.count, 2);
    assert_eq!(
        buckets(&histogram),
        [(-1074 * 32 - 1, 1), (1024 * 32 - 1, 1)].into()
    );
    let snapshot = registry.snapshot(160);
    let count = snapshot
        .metric(Instrument::MetricsRefusedValueCount)
        .unwrap();
    assert_eq!(count.points[0].value, Value::U64(refused.len() as u64));
}

#[test]
fn the_whole_range_fits_into_few_buckets() {
    let values: Vec<f64> = (-1074..=1023).map(power_of_two).collect();
    for most in [1, 2, 3, 160, 370] {
        let histogram = recorded(&values, most);
        // Values below and above 1 never share a bucket.
        assert!(
            histogram.counts.len() <= most.max(2),
            "{} buckets",
            histogram.counts.len()
        );
        assert_eq!(histogram.count, values.len() as u64);
    }
}

#[test]
fn two_microseconds_to_150_milliseconds_are_one_scale_lower_for_venice() {
    let values: Vec<f64> = (2..=150_000)
        .step_by(7)
        .map(|micros| f64::from(micros) / 1000.0)
        .collect();
    assert_eq!(recorded(&values, 370).scale, 4);
    assert_eq!(recorded(&values, 160).scale, 3);
    assert_eq!(recorded(&values, 1000).scale, SCALE);
}

#[test]
fn quantiles_are_as_near_as_buckets_are_wide() {
    let values: Vec<f64> = (1..=1000).map(f64::from).collect();
    let histogram = recorded(&values, 1000);
    for (quantile, exact) in [
        (0.5, 500.0),
        (0.95, 950.0),
        (0.99, 990.0),
        (1.0, 1000.0),
        (0.0, 1.0),
    ] {
        let estimate = histogram.quantile(quantile);
        assert!(
            (estimate / exact - 1.0).abs() < 0.02,
            "{quantile}: {estimate}"
        );
    }
    assert_eq!(Histogram::default().quantile(0.5), 0.0);
    assert_eq!(recorded(&[0.0, 0.0, 7.0], 160).quantile(0.5), 0.0);
}

fn positive() -> impl Strategy<Value = f64> {
    // All magnitudes alike, subnormal ones included.
    (1u64..0x7FF0_0000_0000_0000).prop_map(f64::from_bits)
}

proptest! {
    #[test]
    fn a_value_lies_within_its_bucket(value in positive()) {
        let histogram = recorded(&[value], 160);
        let buckets = buckets(&histogram);
        prop_assert_eq!(buckets.len(), 1);
        let index = f64::from(*buckets.keys().next().unwrap());
        // Up to what log2 rounds; the bounds themselves are tested by the bits, in src/index.rs.
        let place = value.log2() * 32.0;
        prop_assert!(index - 1e-9 < place && place <= index + 1.0 + 1e-9, "{} in {}", place, index);
    }

    #[test]
    fn merges_are_exact(
        values in prop::collection::vec(positive(), 1..40),
        most in 1usize..400,
    ) {
        let whole = recorded(&values, usize::MAX);
        prop_assert_eq!(whole.scale, SCALE);
        let small = recorded(&values, most);
        let down = (SCALE - small.scale) as u32;
        prop_assert_eq!(buckets(&small), merged_down(&buckets(&whole), down));
        prop_assert!(small.counts.len() <= most.max(2));
        prop_assert_eq!(small.count, values.len() as u64);
        // A receiver that takes less gets the same in two steps as in one.
        let mut again = whole.clone();
        again.fit(most.saturating_mul(3));
        again.fit(most);
        prop_assert_eq!(buckets(&again), buckets(&small));
        prop_assert_eq!(again.scale, small.scale);
    }

    #[test]
    fn threads_merge_as_one(
        values in prop::collection::vec(0.0f64..1e6, 1..60),
        split in 0usize..60,
    ) {
        let (registry, writer, slot) = writer();
        let other = writer.group().writer();
        for (at, value) in values.iter().enumerate() {
            (if at < split { &writer } else { &other }).record(slot, *value);
        }
        let merged = read(&registry, 160);
        let one = recorded(&values, 160);
        prop_assert_eq!(buckets(&merged), buckets(&one));
        prop_assert_eq!((merged.count, merged.zero_count), (one.count, one.zero_count));
        prop_assert_eq!((merged.min, merged.max), (one.min, one.max));
        prop_assert!((merged.sum - one.sum).abs() <= one.sum * 1e-12);
    }
}
