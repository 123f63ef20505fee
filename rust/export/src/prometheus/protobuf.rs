//! Prometheus' protobuf format, for its native histograms.
//!
//! The messages are those of `io.prometheus.client` (client_model's metrics.proto), as far as they
//! are used here. Each is written with its length before it.

use prost::Message;
use venice_metrics::model::{self, Metric as OurMetric, Point, Snapshot, Value};
use venice_metrics::Unit;

use crate::prometheus::buckets::cumulative;
use crate::prometheus::families::{
    number, target_labels, Family, Type, TARGET_INFO, TARGET_INFO_HELP,
};
use crate::prometheus::names::label_name;
use crate::settings::Resource;

/// What native histograms can have (`schema`).
const SCALES: std::ops::RangeInclusive<i32> = -4..=8;

/// So many empty buckets between two others are cheaper written down than a further span.
const SHORT_GAP: usize = 2;

#[derive(Clone, PartialEq, Message)]
struct MetricFamily {
    #[prost(string, optional, tag = "1")]
    name: Option<String>,
    #[prost(string, optional, tag = "2")]
    help: Option<String>,
    #[prost(enumeration = "MetricType", optional, tag = "3")]
    r#type: Option<i32>,
    #[prost(message, repeated, tag = "4")]
    metric: Vec<Metric>,
    #[prost(string, optional, tag = "5")]
    unit: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration)]
#[repr(i32)]
enum MetricType {
    Counter = 0,
    Gauge = 1,
    Summary = 2,
    Histogram = 4,
}

#[derive(Clone, PartialEq, Message)]
struct Metric {
    #[prost(message, repeated, tag = "1")]
    label: Vec<LabelPair>,
    #[prost(message, optional, tag = "2")]
    gauge: Option<Number>,
    #[prost(message, optional, tag = "3")]
    counter: Option<Number>,
    #[prost(message, optional, tag = "4")]
    summary: Option<Summary>,
    #[prost(message, optional, tag = "7")]
    histogram: Option<Histogram>,
}

#[derive(Clone, PartialEq, Message)]
struct LabelPair {
    #[prost(string, optional, tag = "1")]
    name: Option<String>,
    #[prost(string, optional, tag = "2")]
    value: Option<String>,
}

/// `Gauge` and `Counter`, which have their value in the same place.
#[derive(Clone, PartialEq, Message)]
struct Number {
    #[prost(double, optional, tag = "1")]
    value: Option<f64>,
}

#[derive(Clone, PartialEq, Message)]
struct Summary {
    #[prost(uint64, optional, tag = "1")]
    sample_count: Option<u64>,
    #[prost(double, optional, tag = "2")]
    sample_sum: Option<f64>,
}

#[derive(Clone, PartialEq, Message)]
struct Histogram {
    #[prost(uint64, optional, tag = "1")]
    sample_count: Option<u64>,
    #[prost(double, optional, tag = "2")]
    sample_sum: Option<f64>,
    #[prost(message, repeated, tag = "3")]
    bucket: Vec<Bucket>,
    #[prost(sint32, optional, tag = "5")]
    schema: Option<i32>,
    #[prost(double, optional, tag = "6")]
    zero_threshold: Option<f64>,
    #[prost(uint64, optional, tag = "7")]
    zero_count: Option<u64>,
    #[prost(message, repeated, tag = "12")]
    positive_span: Vec<BucketSpan>,
    #[prost(sint64, repeated, packed = "false", tag = "13")]
    positive_delta: Vec<i64>,
}

#[derive(Clone, PartialEq, Message)]
struct Bucket {
    #[prost(uint64, optional, tag = "1")]
    cumulative_count: Option<u64>,
    #[prost(double, optional, tag = "2")]
    upper_bound: Option<f64>,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct BucketSpan {
    /// From the end of the span before, or the index of the first bucket.
    #[prost(sint32, optional, tag = "1")]
    offset: Option<i32>,
    #[prost(uint32, optional, tag = "2")]
    length: Option<u32>,
}

/// The exposition.
pub(crate) fn render(snapshot: &Snapshot, resource: &Resource) -> Vec<u8> {
    let mut out = target_info(resource).encode_length_delimited_to_vec();
    for metric in &snapshot.metrics {
        // Into a vector it never lacks room.
        let _ = family(metric).encode_length_delimited(&mut out);
    }
    out
}

fn target_info(resource: &Resource) -> MetricFamily {
    let labels = target_labels(resource).into_iter();
    MetricFamily {
        name: Some(TARGET_INFO.to_owned()),
        help: Some(TARGET_INFO_HELP.to_owned()),
        r#type: Some(MetricType::Gauge as i32),
        metric: vec![Metric {
            label: labels.map(|(name, value)| label(name, value)).collect(),
            gauge: Some(Number { value: Some(1.0) }),
            ..Metric::default()
        }],
        unit: None,
    }
}

fn label(name: String, value: &str) -> LabelPair {
    LabelPair {
        name: Some(name),
        value: Some(value.to_owned()),
    }
}

fn family(metric: &OurMetric) -> MetricFamily {
    let family = Family::of(metric);
    let unit = metric.instrument.unit();
    let mut name = family.name;
    let points = metric.points.iter();
    // Here the family of a counter is called as its samples.
    if family.r#type == Type::Counter {
        name.push_str("_total");
    }
    MetricFamily {
        name: Some(name),
        help: Some(family.help.to_owned()),
        r#type: Some(match family.r#type {
            Type::Counter => MetricType::Counter,
            Type::Gauge => MetricType::Gauge,
            Type::Summary => MetricType::Summary,
            Type::Histogram => MetricType::Histogram,
        } as i32),
        metric: points
            .map(|point| one(point, family.r#type, unit))
            .collect(),
        unit: family.unit.map(str::to_owned),
    }
}

fn one(point: &Point, r#type: Type, unit: Unit) -> Metric {
    let attributes = point.attributes.iter();
    let mut metric = Metric {
        label: attributes
            .map(|attribute| label(label_name(attribute.key), &attribute.value))
            .collect(),
        ..Metric::default()
    };
    match &point.value {
        Value::Histogram(histogram) => metric.histogram = Some(native(histogram, unit)),
        Value::Summary(summary) => {
            metric.summary = Some(Summary {
                sample_count: Some(summary.count),
                sample_sum: Some(summary.sum),
            });
        }
        value => {
            let value = number(value);
            let field = match r#type {
                Type::Counter => &mut metric.counter,
                _ => &mut metric.gauge,
            };
            *field = Some(Number { value });
        }
    }
    metric
}

/// With its exponential buckets, and with the fixed ones for who keeps those.
fn native(histogram: &model::Histogram, unit: Unit) -> Histogram {
    let buckets = cumulative(histogram, unit).into_iter();
    let mut native = Histogram {
        sample_count: Some(histogram.count),
        sample_sum: Some(histogram.sum),
        bucket: buckets
            .map(|(bound, count)| Bucket {
                cumulative_count: Some(count),
                upper_bound: Some(bound),
            })
            .collect(),
        ..Histogram::default()
    };
    let mut fine = histogram.clone();
    let above = fine.scale - *SCALES.end();
    fine.merge_neighbours(above.max(0) as u32);
    if !SCALES.contains(&fine.scale) {
        return native; // too coarse
    }
    native.schema = Some(fine.scale);
    native.zero_threshold = Some(0.0);
    native.zero_count = Some(fine.zero_count);
    let (spans, deltas) = spans(&fine);
    native.positive_span = spans;
    native.positive_delta = deltas;
    native
}

/// Stretches of buckets with few empty ones, and the difference of each bucket to the one before.
///
/// Bucket `i` of OpenTelemetry is bucket `i + 1` of Prometheus, which counts by upper bounds.
fn spans(histogram: &model::Histogram) -> (Vec<BucketSpan>, Vec<i64>) {
    let mut spans: Vec<BucketSpan> = Vec::new();
    let mut deltas = Vec::new();
    let mut before = 0;
    let mut empty = 0;
    for (i, count) in histogram.counts.iter().enumerate() {
        if *count == 0 {
            empty += 1;
            continue;
        }
        match spans.last_mut().filter(|_| empty <= SHORT_GAP) {
            Some(span) => {
                for _ in 0..empty {
                    deltas.push(-before);
                    before = 0;
                }
                span.length = span.length.map(|length| length + empty as u32 + 1);
            }
            None => {
                let first = histogram.offset + 1 + i as i32;
                let offset = if spans.is_empty() {
                    first
                } else {
                    empty as i32
                };
                spans.push(BucketSpan {
                    offset: Some(offset),
                    length: Some(1),
                });
            }
        }
        empty = 0;
        deltas.push(*count as i64 - before);
        before = *count as i64;
    }
    if spans.is_empty() {
        // How a native histogram without values is told from one of the old kind.
        spans.push(BucketSpan {
            offset: Some(0),
            length: Some(0),
        });
    }
    (spans, deltas)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Prometheus makes of spans: buckets by OpenTelemetry's index.
    fn decoded(spans: &[BucketSpan], deltas: &[i64]) -> Vec<(i32, i64)> {
        let mut buckets = Vec::new();
        let mut index = 0;
        let mut count = 0;
        let mut deltas = deltas.iter();
        for span in spans {
            index += span.offset();
            for _ in 0..span.length() {
                count += deltas.next().expect("a delta for each bucket");
                buckets.push((index - 1, count));
                index += 1;
            }
        }
        assert_eq!(deltas.next(), None);
        buckets.retain(|(_, count)| *count > 0);
        buckets
    }

    #[test]
    fn spans_hold_the_buckets_over_gaps_of_every_length() {
        let histogram = model::Histogram {
            scale: 5,
            offset: -9,
            counts: vec![4, 0, 3, 0, 0, 5, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 9],
            ..model::Histogram::default()
        };
        let (spans, deltas) = spans(&histogram);
        let counts = histogram.counts.iter().enumerate();
        let expected: Vec<_> = counts
            .filter(|(_, count)| **count > 0)
            .map(|(i, count)| (histogram.offset + i as i32, *count as i64))
            .collect();
        assert_eq!(decoded(&spans, &deltas), expected);
        assert_eq!(spans.len(), 3);
    }

    #[test]
    fn a_histogram_without_values_is_still_a_native_one() {
        let native = native(&model::Histogram::default(), Unit::Bytes);
        assert_eq!(native.positive_span.len(), 1);
        assert_eq!(native.positive_span[0].length(), 0);
    }
}
