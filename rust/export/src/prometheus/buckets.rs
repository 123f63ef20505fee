//! Turns exponential histograms into ones with fixed bounds.

use venice_metrics::model::Histogram;
use venice_metrics::Unit;

/// The bounds are `2^first`, `2^(first + step)`, ... `2^last`.
struct Range {
    first: i32,
    last: i32,
    step: usize,
}

/// What reads of a store have: from a microsecond to 16 seconds, from a byte to 64 MiB, up to 16,384 things.
fn range(unit: Unit) -> Range {
    let (first, last, step) = match unit {
        Unit::Millisecond => (-10, 14, 1),
        Unit::Second => (-20, 4, 1),
        Unit::Nanosecond => (10, 34, 1),
        Unit::Bytes => (0, 26, 2),
        Unit::Ratio => (-10, 0, 1),
        Unit::Number | Unit::Day | Unit::Call | Unit::Handshake => (0, 14, 1),
    };
    Range { first, last, step }
}

/// Upper bounds, rising, and how many values do not exceed each. The last, infinity, is not among them:
/// it has all.
///
/// Exact for histograms of scale 0 and above. Below, a bucket may reach over a bound; its values
/// count as above it.
pub(crate) fn cumulative(histogram: &Histogram, unit: Unit) -> Vec<(f64, u64)> {
    let Range { first, last, step } = range(unit);
    let mut below = histogram.zero_count;
    let mut counts = histogram.counts.iter();
    // In widths of a bucket: the upper bound of the next one.
    let mut upper = i64::from(histogram.offset) + 1;
    let bounds = (first..=last).step_by(step);
    bounds
        .map(|exponent| {
            let reach = shifted(exponent, histogram.scale);
            while upper <= reach {
                let Some(count) = counts.next() else { break };
                below += count;
                upper += 1;
            }
            (f64::from(exponent).exp2(), below)
        })
        .collect()
}

/// `exponent * 2^scale`, rounded down.
fn shifted(exponent: i32, scale: i32) -> i64 {
    let exponent = i64::from(exponent);
    if scale >= 0 {
        exponent << scale.min(32)
    } else {
        exponent >> scale.unsigned_abs().min(63)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Of values, by its definition.
    fn histogram(values: &[f64], scale: i32) -> Histogram {
        let index = |value: f64| (value.log2() * f64::from(scale).exp2()).ceil() as i32 - 1;
        let positive: Vec<_> = values.iter().filter(|value| **value > 0.0).collect();
        let indexes: Vec<_> = positive.iter().map(|value| index(**value)).collect();
        let offset = indexes.iter().copied().min().unwrap_or(0);
        let last = indexes.iter().copied().max().unwrap_or(-1);
        let mut counts = vec![0; (last - offset + 1).max(0) as usize];
        for index in &indexes {
            counts[(index - offset) as usize] += 1;
        }
        Histogram {
            scale,
            zero_count: (values.len() - positive.len()) as u64,
            count: values.len() as u64,
            sum: values.iter().sum(),
            offset,
            counts,
            ..Histogram::default()
        }
    }

    proptest! {
        #[test]
        fn as_many_values_lie_below_each_bound_as_there_are(
            values in prop::collection::vec(prop_oneof![
                Just(0.0), Just(1.0), Just(2.0), Just(0.25), 1e-4..1e-2, 1e-2..10.0, 10.0..1e6f64
            ], 0..60),
            scale in 0..=5i32,
        ) {
            let histogram = histogram(&values, scale);
            for unit in [Unit::Millisecond, Unit::Second, Unit::Bytes, Unit::Number] {
                for (bound, count) in cumulative(&histogram, unit) {
                    let below = values.iter().filter(|value| **value <= bound).count();
                    prop_assert_eq!(count, below as u64, "up to {}", bound);
                }
            }
        }
    }

    #[test]
    fn bounds_rise_and_do_not_depend_on_the_values() {
        let none = cumulative(&Histogram::default(), Unit::Millisecond);
        let some = cumulative(&histogram(&[3.0, 1e5], 5), Unit::Millisecond);
        let bounds = |of: &[(f64, u64)]| of.iter().map(|(bound, _)| *bound).collect::<Vec<_>>();
        assert_eq!(bounds(&none), bounds(&some));
        assert!(bounds(&none).is_sorted_by(|a, b| a < b));
        assert_eq!(none.len(), 25);
        assert_eq!(some.last(), Some(&(16384.0, 1)));
    }

    #[test]
    fn wide_buckets_count_below_the_first_bound_that_they_do_not_exceed() {
        // One bucket, (1, 16].
        let wide = Histogram {
            scale: -2,
            count: 7,
            counts: vec![7],
            ..Histogram::default()
        };
        for (bound, count) in cumulative(&wide, Unit::Number) {
            assert_eq!(count, if bound >= 16.0 { 7 } else { 0 }, "up to {bound}");
        }
    }
}
