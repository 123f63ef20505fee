//! Text for a terminal.

use std::fmt::Write as _;

use crate::output::grouped;
use crate::plots::{buckets, fullest, time, Summary};

const BUCKETS: usize = 20;
const BAR: usize = 50;

/// The result, its quantiles, and a bar for each bucket of latencies.
pub(crate) fn text(summary: &Summary<'_>) -> String {
    let mut out = format!(
        "{}: {}\n{}\n\n",
        summary.title, summary.load, summary.result
    );
    for (name, nanos) in &summary.quantiles {
        // Writing to a string does not fail.
        let _ = writeln!(out, "{name:>9}  {:>10}", time(*nanos as f64));
    }
    out.push('\n');
    let buckets = buckets(summary.latencies, BUCKETS);
    let most = fullest(&buckets);
    for (from, _, latencies) in buckets {
        let length = bar(latencies, most);
        let _ = writeln!(
            out,
            "{:>10} |{:<BAR$} {}",
            time(from),
            "\u{2588}".repeat(length),
            grouped(latencies)
        );
    }
    out.truncate(out.trim_end().len());
    out
}

/// A bar for whatever is there: a single latency is to be seen too.
fn bar(count: u64, most: u64) -> usize {
    let length = (count as f64 / most as f64 * BAR as f64).round() as usize;
    match count {
        0 => 0,
        _ => length.max(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plots::tests::latencies;

    #[test]
    fn quantiles_and_bars() {
        let latencies = latencies();
        let summary = Summary {
            title: "a".to_owned(),
            load: "b".to_owned(),
            result: "c".to_owned(),
            quantiles: vec![("p50", 100_000), ("max", 30_000_000)],
            latencies: &latencies,
        };
        let text = text(&summary);
        assert!(
            text.starts_with("a: b\nc\n\n      p50    100.0 \u{b5}s\n      max    30.00 ms\n"),
            "{text}"
        );
        let bars: Vec<&str> = text.lines().filter(|line| line.contains('|')).collect();
        assert_eq!(bars.len(), BUCKETS);
        // The one that is late.
        assert!(
            bars[BUCKETS - 1].contains("|\u{2588} ") && bars[BUCKETS - 1].ends_with(" 1"),
            "{text}"
        );
        assert_eq!(bar(0, 10), 0);
        assert_eq!(bar(1, 1_000_000), 1);
        assert_eq!(bar(10, 10), BAR);
    }
}
