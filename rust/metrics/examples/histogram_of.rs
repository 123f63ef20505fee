//! The histogram of the numbers on standard input, one in a line: for whoever compares it with another's.
//!
//! ```text
//! printf '1\n2.5\n0\n' | cargo run --example histogram_of -- 370      # buckets at most
//! ```
//!
//! Prints a line with scale, offset, zeros, count, sum, min and max, and one with the counts of the buckets.

use std::error::Error;
use std::io;
use std::sync::Arc;

use venice_metrics::model::Value;
use venice_metrics::{Instrument, Layout, Options, Registry};

fn main() -> Result<(), Box<dyn Error>> {
    let most: usize = std::env::args()
        .nth(1)
        .ok_or("how many buckets?")?
        .parse()?;
    let registry = Registry::new(Options::default());
    let mut layout = Layout::builder();
    let slot = layout.histogram(Instrument::ReadCallTime, &[]);
    let writer = registry.group(&Arc::new(layout.build()), &[]).writer();
    for line in io::stdin().lines() {
        writer.record(slot, line?.trim().parse()?);
    }
    let snapshot = registry.snapshot(most);
    let total = snapshot.total(Instrument::ReadCallTime);
    let Some(Value::Histogram(histogram)) = total else {
        return Err("no histogram was recorded".into());
    };
    println!(
        "{} {} {} {} {:e} {:e} {:e}",
        histogram.scale,
        histogram.offset,
        histogram.zero_count,
        histogram.count,
        histogram.sum,
        histogram.min,
        histogram.max
    );
    let counts = histogram.counts.iter().map(u64::to_string);
    println!("{}", counts.collect::<Vec<_>>().join(" "));
    Ok(())
}
