//! Latencies as plots: for a terminal, and as a page. It knows no server.

pub(crate) mod html;
pub(crate) mod terminal;

use hdrhistogram::Histogram;

/// What is plotted.
pub(crate) struct Summary<'h> {
    pub(crate) title: String,
    pub(crate) load: String,
    pub(crate) result: String,
    /// Names and nanoseconds.
    pub(crate) quantiles: Vec<(&'static str, u64)>,
    /// Nanoseconds.
    pub(crate) latencies: &'h Histogram<u64>,
}

/// A time for people: 12.3 µs, 4.56 ms.
pub(crate) fn time(nanos: f64) -> String {
    if nanos < 1e3 {
        format!("{nanos:.0} ns")
    } else if nanos < 1e6 {
        format!("{:.1} \u{b5}s", nanos / 1e3)
    } else if nanos < 1e9 {
        format!("{:.2} ms", nanos / 1e6)
    } else {
        format!("{:.2} s", nanos / 1e9)
    }
}

/// Edges of buckets from the least to the largest latency, each larger than the one before by the same factor, with how
/// many latencies each bucket has.
pub(crate) fn buckets(latencies: &Histogram<u64>, most: usize) -> Vec<(f64, f64, u64)> {
    if latencies.is_empty() {
        return Vec::new();
    }
    let (low, high) = (latencies.min().max(1) as f64, latencies.max() as f64 + 1.0);
    let factor = (high / low).powf(1.0 / most as f64);
    let edges: Vec<f64> = (0..=most).map(|at| low * factor.powi(at as i32)).collect();
    let mut buckets: Vec<(f64, f64, u64)> =
        edges.windows(2).map(|pair| (pair[0], pair[1], 0)).collect();
    for value in latencies.iter_recorded() {
        let nanos = (value.value_iterated_to() as f64).clamp(low, high);
        let at = edges.partition_point(|edge| *edge <= nanos);
        buckets[at.clamp(1, most) - 1].2 += value.count_at_value();
    }
    buckets
}

/// How many latencies the fullest bucket has, and 1 if none has any: what bars are measured by.
pub(crate) fn fullest(buckets: &[(f64, f64, u64)]) -> u64 {
    let most = buckets.iter().map(|bucket| bucket.2).max();
    most.unwrap_or(1).max(1)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn latencies() -> Histogram<u64> {
        let mut latencies = venice_load::histogram::new();
        for nanos in (0..10_000u64).map(|n| 50_000 + n * 10) {
            venice_load::histogram::record(&mut latencies, nanos);
        }
        venice_load::histogram::record(&mut latencies, 30_000_000);
        latencies
    }

    #[test]
    fn every_latency_is_in_one_bucket() {
        let latencies = latencies();
        for most in [1, 7, 40] {
            let buckets = buckets(&latencies, most);
            assert_eq!(buckets.len(), most);
            let sum: u64 = buckets.iter().map(|bucket| bucket.2).sum();
            assert_eq!(sum, latencies.len());
            assert!(buckets.windows(2).all(|pair| pair[0].1 == pair[1].0));
            assert!(buckets[most - 1].2 >= 1);
        }
        assert!(super::buckets(&venice_load::histogram::new(), 5).is_empty());
    }

    #[test]
    fn times_for_people() {
        let all = [999.0, 1500.0, 2_345_000.0, 3.2e9].map(time);
        assert_eq!(all, ["999 ns", "1.5 \u{b5}s", "2.35 ms", "3.20 s"]);
    }
}
