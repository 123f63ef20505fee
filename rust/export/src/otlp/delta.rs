//! Delta temporality: what was counted since the last message that the collector took.

use std::collections::HashMap;
use std::sync::Arc;

use venice_metrics::model::{Attribute, Histogram, Metric, Point, Snapshot, Summary, Value};
use venice_metrics::{Instrument, Kind};

type Series = (Instrument, Arc<[Attribute]>);

/// What arrived of each series: as many as the last snapshot had.
#[derive(Default)]
pub(crate) struct Baselines {
    series: HashMap<Series, Baseline>,
}

struct Baseline {
    /// When the series began; another one is a series that begins anew.
    start_unix_nanos: u64,
    /// Of the snapshot that arrived.
    time_unix_nanos: u64,
    value: Value,
}

/// A part of a series in time.
#[derive(Debug, PartialEq)]
pub(crate) struct Change {
    pub(crate) start_unix_nanos: u64,
    pub(crate) value: Value,
    /// Whether the least and the greatest value are those of this part, which is so for a series' first.
    pub(crate) is_first: bool,
}

/// Whether a kind can be sent as deltas: OpenTelemetry's preference "delta" leaves alone what may fall.
pub(crate) fn has_deltas(kind: Kind) -> bool {
    matches!(kind, Kind::Counter | Kind::Histogram | Kind::MinMaxCountSum)
}

impl Baselines {
    /// What was counted since it last arrived. None if that is nothing.
    pub(crate) fn since(&self, metric: &Metric, point: &Point) -> Option<Change> {
        let before = self.series.get(&key(metric, point));
        let before = before.filter(|before| before.start_unix_nanos == point.start_unix_nanos);
        let difference = before.map(|before| difference(&point.value, &before.value));
        let change = match (before, difference) {
            (Some(before), Some(Some(value))) => Change {
                start_unix_nanos: before.time_unix_nanos,
                value,
                is_first: false,
            },
            // It never arrived, or it fell: then it is another one.
            _ => Change {
                start_unix_nanos: point.start_unix_nanos,
                value: point.value.clone(),
                is_first: true,
            },
        };
        (!is_nothing(&change.value)).then_some(change)
    }

    /// A point of a snapshot arrived.
    pub(crate) fn arrived(&mut self, time_unix_nanos: u64, metric: &Metric, point: &Point) {
        let baseline = Baseline {
            start_unix_nanos: point.start_unix_nanos,
            time_unix_nanos,
            value: point.value.clone(),
        };
        self.series.insert(key(metric, point), baseline);
    }

    /// Forgets series that are not there any more.
    pub(crate) fn keep(&mut self, snapshot: &Snapshot) {
        let metrics = snapshot.metrics.iter();
        let series = metrics.flat_map(|metric| {
            let points = metric.points.iter();
            points.map(|point| key(metric, point))
        });
        let mut kept = HashMap::new();
        for series in series {
            if let Some(baseline) = self.series.remove(&series) {
                kept.insert(series, baseline);
            }
        }
        self.series = kept;
    }
}

fn key(metric: &Metric, point: &Point) -> Series {
    (metric.instrument, Arc::clone(&point.attributes))
}

/// None if it fell.
fn difference(now: &Value, before: &Value) -> Option<Value> {
    Some(match (now, before) {
        (Value::U64(now), Value::U64(before)) => Value::U64(now.checked_sub(*before)?),
        (Value::F64(now), Value::F64(before)) if now >= before => Value::F64(now - before),
        (Value::Summary(now), Value::Summary(before)) => Value::Summary(Summary {
            count: now.count.checked_sub(before.count)?,
            sum: now.sum - before.sum,
            ..*now
        }),
        (Value::Histogram(now), Value::Histogram(before)) => {
            Value::Histogram(histogram_difference(now, before)?)
        }
        _ => return None,
    })
}

/// Both at the coarser of their scales; without empty buckets at its ends.
fn histogram_difference(now: &Histogram, before: &Histogram) -> Option<Histogram> {
    let mut now = now.clone();
    let mut before = before.clone();
    let down = now.scale - before.scale;
    now.merge_neighbours(down.max(0) as u32);
    before.merge_neighbours((-down).max(0) as u32);
    now.zero_count = now.zero_count.checked_sub(before.zero_count)?;
    now.count = now.count.checked_sub(before.count)?;
    now.sum -= before.sum;
    for (i, count) in before.counts.iter().enumerate() {
        if *count > 0 {
            let index = usize::try_from(before.offset + i as i32 - now.offset).ok()?;
            let left = now.counts.get_mut(index)?;
            *left = left.checked_sub(*count)?;
        }
    }
    let filled = |counts: &[u64]| counts.iter().position(|count| *count > 0);
    let first = filled(&now.counts).unwrap_or(now.counts.len());
    now.counts.drain(..first);
    now.offset += first as i32;
    let last = now.counts.iter().rposition(|count| *count > 0);
    now.counts.truncate(last.map_or(0, |last| last + 1));
    Some(now)
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::U64(number) => *number == 0,
        Value::I64(number) => *number == 0,
        Value::F64(number) => *number == 0.0,
        Value::Histogram(histogram) => histogram.count == 0,
        Value::Summary(summary) => summary.count == 0,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn histogram(scale: i32, offset: i32, counts: &[u64]) -> Histogram {
        let count = counts.iter().sum();
        Histogram {
            scale,
            offset,
            count,
            sum: count as f64,
            counts: counts.to_vec(),
            ..Histogram::default()
        }
    }

    fn buckets(histogram: &Histogram) -> Vec<(i32, u64)> {
        let counts = histogram.counts.iter().enumerate();
        let filled = counts.filter(|(_, count)| **count > 0);
        filled
            .map(|(i, count)| (histogram.offset + i as i32, *count))
            .collect()
    }

    proptest! {
        /// The first and what came since are the second, at whatever scales.
        #[test]
        fn differences_add_up_to_the_whole(
            first in prop::collection::vec(0..9u64, 1..40),
            more in prop::collection::vec(0..9u64, 1..60),
            offset in -50..50i32,
            left in 0..20i32,
            coarser in 0..3u32,
        ) {
            let before = histogram(5, offset, &first);
            // The second begins further left, and has all of the first in it.
            let mut counts = more;
            counts.resize(counts.len().max(left as usize + first.len()), 0);
            for (i, count) in first.iter().enumerate() {
                counts[left as usize + i] += count;
            }
            let mut now = histogram(5, offset - left, &counts);
            now.merge_neighbours(coarser);
            let difference = histogram_difference(&now, &before).expect("it did not fall");
            prop_assert_eq!(difference.count, now.count - before.count);
            let mut sum = std::collections::BTreeMap::new();
            let mut same_scale = before.clone();
            same_scale.merge_neighbours(coarser);
            for (bucket, count) in buckets(&same_scale).into_iter().chain(buckets(&difference)) {
                *sum.entry(bucket).or_insert(0) += count;
            }
            let sum: Vec<_> = sum.into_iter().collect();
            prop_assert_eq!(sum, buckets(&now));
        }
    }

    #[test]
    fn a_histogram_that_lost_values_is_another_one() {
        let before = histogram(5, 0, &[3, 1]);
        assert_eq!(
            histogram_difference(&histogram(5, 0, &[2, 4]), &before),
            None
        );
        assert_eq!(histogram_difference(&histogram(5, 1, &[9]), &before), None);
        assert_eq!(difference(&Value::U64(1), &Value::U64(2)), None);
        assert_eq!(difference(&Value::U64(1), &Value::F64(2.0)), None);
    }
}
