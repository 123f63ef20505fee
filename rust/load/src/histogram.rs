//! Latencies: recorded in HdrHistograms, kept as text, merged, and shown as percentiles.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use hdrhistogram::Histogram;

use crate::error::LoadError;

/// The client's own retry: Venice's Fast Client asks a second server after so long.
const RETRY_NANOS: u64 = 1_000_000;
const MAX_NANOS: u64 = 600_000_000_000;

/// From 1 ns to ten minutes, three digits.
pub fn new() -> Histogram<u64> {
    Histogram::new_with_bounds(1, MAX_NANOS, 3).expect("bounds that hold")
}

/// Counts a latency.
pub fn record(histogram: &mut Histogram<u64>, nanos: u64) {
    histogram.saturating_record(nanos.max(1));
}

/// The fields of JSON that say what is in a histogram; times in microseconds.
pub fn summary(histogram: &Histogram<u64>) -> String {
    let mut text = format!("\"samples\":{}", histogram.len());
    for (name, quantile) in [
        ("p50", 0.5),
        ("p90", 0.9),
        ("p99", 0.99),
        ("p99.9", 0.999),
        ("p99.99", 0.9999),
        ("max", 1.0),
    ] {
        let micros = histogram.value_at_quantile(quantile) as f64 / 1e3;
        let _ = write!(text, ",\"{name}\":{micros:.1}");
    }
    let over = histogram.len() - histogram.count_between(0, RETRY_NANOS);
    let share = over as f64 / histogram.len().max(1) as f64;
    let _ = write!(text, ",\"over_1ms\":{share:.6}");
    text
}

/// Writes a line for each value that occurred, with its count.
pub fn write(histogram: &Histogram<u64>, file: &Path) -> Result<(), LoadError> {
    let mut text = String::new();
    for value in histogram.iter_recorded() {
        let _ = writeln!(
            text,
            "{} {}",
            value.value_iterated_to(),
            value.count_at_value()
        );
    }
    fs::write(file, text).map_err(LoadError::io(file.display().to_string()))
}

fn read(histogram: &mut Histogram<u64>, file: &Path) -> Result<(), LoadError> {
    let text = fs::read_to_string(file).map_err(LoadError::io(file.display().to_string()))?;
    for line in text.lines() {
        let numbers = line
            .split_once(' ')
            .and_then(|(value, count)| Some((value.parse().ok()?, count.parse().ok()?)));
        let (value, count): (u64, u64) = numbers.ok_or_else(|| {
            LoadError::Usage(format!("{} is no histogram: {line:?}", file.display()))
        })?;
        histogram.saturating_record_n(value, count);
    }
    Ok(())
}

/// Prints the percentiles of several histograms together, and writes them as HdrHistogram's own
/// programs do.
pub fn merge(files: &[PathBuf], hgrm: Option<&Path>) -> Result<(), LoadError> {
    let mut histogram = new();
    for file in files {
        read(&mut histogram, file)?;
    }
    if let Some(file) = hgrm {
        fs::write(file, percentiles(&histogram))
            .map_err(LoadError::io(file.display().to_string()))?;
    }
    println!("{{{}}}", summary(&histogram));
    Ok(())
}

/// The percentile distribution, in the format of HdrHistogram's plotter; times in microseconds.
fn percentiles(histogram: &Histogram<u64>) -> String {
    let micros = |nanos: f64| nanos / 1e3;
    let mut text = format!(
        "{:>12} {:>14} {:>10} {:>14}\n\n",
        "Value", "Percentile", "TotalCount", "1/(1-Percentile)"
    );
    let mut total = 0;
    for step in histogram.iter_quantiles(5) {
        total += step.count_since_last_iteration();
        let quantile = step.quantile_iterated_to();
        let value = micros(step.value_iterated_to() as f64);
        let _ = write!(text, "{value:>12.3} {quantile:>14.12} {total:>10}");
        if quantile < 1.0 {
            let _ = write!(text, " {:>14.2}", 1.0 / (1.0 - quantile));
        }
        text.push('\n');
    }
    let _ = writeln!(
        text,
        "#[Mean    = {:>12.3}, StdDeviation   = {:>12.3}]\n\
         #[Max     = {:>12.3}, Total count    = {:>12}]\n\
         #[Buckets = {:>12}, SubBuckets     = {:>12}]",
        micros(histogram.mean()),
        micros(histogram.stdev()),
        micros(histogram.max() as f64),
        histogram.len(),
        histogram.buckets(),
        2048,
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_merge_to_what_was_recorded() {
        let folder = std::env::temp_dir().join(format!("venice-load-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let mut all = new();
        for slice in 0..3u64 {
            let mut histogram = new();
            for nanos in 1..1000 {
                record(&mut histogram, nanos * 1000 * (slice + 1));
                record(&mut all, nanos * 1000 * (slice + 1));
            }
            write(&histogram, &folder.join(slice.to_string())).unwrap();
        }
        let mut merged = new();
        for slice in 0..3 {
            read(&mut merged, &folder.join(slice.to_string())).unwrap();
        }
        assert_eq!(summary(&merged), summary(&all));
        assert!(summary(&merged).starts_with("\"samples\":2997,\"p50\":"));
        assert!(percentiles(&merged).contains("Total count    =         2997"));
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn the_share_over_a_millisecond_counts_what_is_over_it() {
        let mut histogram = new();
        for _ in 0..3 {
            record(&mut histogram, 500_000);
        }
        record(&mut histogram, 2_000_000);
        assert!(summary(&histogram).ends_with("\"over_1ms\":0.250000"));
    }
}
