//! What a reader sees: OpenTelemetry's data model of metrics, as plain data.
//!
//! Times are nanoseconds since 1970. Counters and histograms are cumulative since the start time of their
//! point; a difference of two snapshots is the reader's to make.

use std::fmt;
use std::sync::Arc;

use crate::instruments::{Instrument, Kind};

/// All metrics at one moment.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// When it was taken.
    pub time_unix_nanos: u64,
    /// Metrics that have points, in the order of [`Instrument::ALL`].
    pub metrics: Vec<Metric>,
    /// Of each counter and histogram, all that was ever counted, over all series, those that are
    /// gone included. In the order of [`Instrument::ALL`]; gauges have none.
    pub totals: Vec<Total>,
}

/// One metric with the points of its series.
#[derive(Clone, Debug)]
pub struct Metric {
    /// Which.
    pub instrument: Instrument,
    /// The name, with the prefix of this process.
    pub name: Arc<str>,
    /// One sentence for people.
    pub description: &'static str,
    /// The unit as UCUM writes it (`ms`, `By`, `1`). [`Instrument::unit`] has Venice's.
    pub unit: &'static str,
    /// What the values are.
    pub kind: Kind,
    /// One for each series; no two have the same attributes.
    pub points: Vec<Point>,
}

/// The value of one series.
#[derive(Clone, Debug)]
pub struct Point {
    /// In the order of the instrument's dimensions.
    pub attributes: Arc<[Attribute]>,
    /// When counting began.
    pub start_unix_nanos: u64,
    /// What was counted or observed.
    pub value: Value,
}

/// A dimension's name and its value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Attribute {
    /// As `venice.store.name`.
    pub key: &'static str,
    /// Never empty.
    pub value: Arc<str>,
}

/// All that was ever counted by one instrument.
#[derive(Clone, Debug)]
pub struct Total {
    /// Which.
    pub instrument: Instrument,
    /// Over all its series.
    pub value: Value,
}

/// A number, or many of them put together.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Of [`Kind::Counter`], in whole numbers.
    U64(u64),
    /// Of [`Kind::UpDownCounter`].
    I64(i64),
    /// Of gauges, and of counters that have fractions.
    F64(f64),
    /// Of [`Kind::Histogram`].
    Histogram(Histogram),
    /// Of [`Kind::MinMaxCountSum`].
    Summary(Summary),
}

/// Numbers without buckets.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Summary {
    /// How many.
    pub count: u64,
    /// Their sum.
    pub sum: f64,
    /// The smallest; 0 if there is none.
    pub min: f64,
    /// The largest; 0 if there is none.
    pub max: f64,
}

/// A base-2 exponential histogram. The bucket `offset + i` holds the values above
/// `2^((offset + i) / 2^scale)`, up to and including `2^((offset + i + 1) / 2^scale)`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histogram {
    /// From [`crate::SCALE`] downwards.
    pub scale: i32,
    /// How many zeros.
    pub zero_count: u64,
    /// `zero_count` and all of `counts`.
    pub count: u64,
    /// The sum of the values.
    pub sum: f64,
    /// The smallest; 0 if there is none.
    pub min: f64,
    /// The largest; 0 if there is none.
    pub max: f64,
    /// The bucket of the first of `counts`.
    pub offset: i32,
    /// From the first bucket that has values to the last one.
    pub counts: Vec<u64>,
}

impl Snapshot {
    /// The metric of an instrument, if it has a point.
    pub fn metric(&self, instrument: Instrument) -> Option<&Metric> {
        let mut metrics = self.metrics.iter();
        metrics.find(|metric| metric.instrument == instrument)
    }

    /// All that an instrument ever counted.
    pub fn total(&self, instrument: Instrument) -> Option<&Value> {
        let mut totals = self.totals.iter();
        let total = totals.find(|total| total.instrument == instrument);
        total.map(|total| &total.value)
    }
}

impl Metric {
    /// The value of the series that has these attributes, among others.
    pub fn value(&self, attributes: &[(&str, &str)]) -> Option<&Value> {
        let mut points = self.points.iter();
        let point = points.find(|point| {
            let mut wanted = attributes.iter();
            wanted.all(|(key, value)| point.attribute(key) == Some(value))
        });
        point.map(|point| &point.value)
    }
}

impl Point {
    /// The value of an attribute.
    pub fn attribute(&self, key: &str) -> Option<&str> {
        let mut attributes = self.attributes.iter();
        let attribute = attributes.find(|attribute| attribute.key == key);
        attribute.map(|attribute| &*attribute.value)
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}={}", self.key, self.value)
    }
}

impl Histogram {
    /// Merges neighbours, which is exact in base 2, until there are no more than `most` buckets (at
    /// least 1), by the least that does it. This is how OpenTelemetry's SDKs do it.
    pub fn fit(&mut self, most: usize) {
        let last = self.offset + self.counts.len().saturating_sub(1) as i32;
        let down = scale_reduction(self.offset, last, most);
        self.merge_neighbours(down);
    }

    /// Lowers the scale by `down`.
    pub fn merge_neighbours(&mut self, down: u32) {
        if down == 0 {
            return;
        }
        let offset = self.offset >> down;
        for from in 0..self.counts.len() {
            let to = ((self.offset + from as i32) >> down) - offset;
            let count = std::mem::take(&mut self.counts[from]);
            self.counts[to as usize] += count;
        }
        let last = (self.offset + self.counts.len().saturating_sub(1) as i32) >> down;
        let length = (last - offset + 1) as usize;
        self.counts.truncate(length);
        self.offset = offset;
        self.scale -= down as i32;
    }

    /// The value that a part `quantile` (0 to 1) of all values does not exceed: an estimate, in the
    /// middle of its bucket (the geometric mean of the bounds), and between the least and the greatest
    /// value. 0 without values.
    pub fn quantile(&self, quantile: f64) -> f64 {
        if self.count == 0 {
            return 0.0;
        }
        let rank = (quantile.clamp(0.0, 1.0) * self.count as f64)
            .ceil()
            .max(1.0) as u64;
        let mut seen = self.zero_count;
        if rank <= seen {
            return 0.0;
        }
        let width = (-f64::from(self.scale)).exp2();
        for (i, count) in self.counts.iter().enumerate() {
            seen += count;
            if rank <= seen {
                let middle = (f64::from(self.offset) + i as f64 + 0.5) * width;
                return middle.exp2().clamp(self.min, self.max);
            }
        }
        self.max
    }
}

/// By how much the scale has to fall for the buckets from `first` to `last` to be at most `most`.
pub(crate) fn scale_reduction(mut first: i32, mut last: i32, most: usize) -> u32 {
    let mut down = 0;
    // The buckets on both sides of 1 never come together.
    while (last - first + 1) as usize > most.max(1) && (first, last) != (-1, 0) {
        first >>= 1;
        last >>= 1;
        down += 1;
    }
    down
}
