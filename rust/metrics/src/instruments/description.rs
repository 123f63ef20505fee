//! What the table of metrics says of each.

use crate::dimensions::Dimension;

/// What a metric is to its receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A sum that only grows.
    Counter,
    /// A sum that may fall.
    UpDownCounter,
    /// The value at the moment of reading.
    Gauge,
    /// A base-2 exponential histogram.
    Histogram,
    /// Count, sum, least and greatest value: Venice's `MIN_MAX_COUNT_SUM_AGGREGATIONS`, which is a
    /// histogram without buckets.
    MinMaxCountSum,
}

/// The unit of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Number,
    /// Milliseconds.
    Millisecond,
    /// Nanoseconds.
    Nanosecond,
    /// Seconds.
    Second,
    /// Days.
    Day,
    /// Bytes.
    Bytes,
    /// Parts of 1.
    Ratio,
    /// Calls, as gRPC's metrics have it.
    Call,
    /// TLS handshakes, likewise.
    Handshake,
}

impl Unit {
    /// As UCUM writes it, which OpenTelemetry's exporters want.
    pub fn ucum(self) -> &'static str {
        match self {
            Unit::Number | Unit::Ratio => "1",
            Unit::Millisecond => "ms",
            Unit::Nanosecond => "ns",
            Unit::Second => "s",
            Unit::Day => "d",
            Unit::Bytes => "By",
            Unit::Call => "{call}",
            Unit::Handshake => "{handshake}",
        }
    }

    /// As Venice's Java server writes it: the name of its `MetricUnit`. What it has no unit for is
    /// as in UCUM.
    pub fn venice(self) -> &'static str {
        match self {
            Unit::Number => "NUMBER",
            Unit::Ratio => "RATIO",
            Unit::Millisecond => "MILLISECOND",
            Unit::Second => "SECOND",
            Unit::Bytes => "BYTES",
            Unit::Nanosecond | Unit::Day | Unit::Call | Unit::Handshake => self.ucum(),
        }
    }
}

/// What the Java server has beside a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Java {
    /// A metric of the same name and type.
    Same,
    /// Something else, or why nothing.
    Other(&'static str),
}

/// One line of the table.
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// Without prefix, as `read.call_time`.
    pub name: &'static str,
    /// What the values are.
    pub kind: Kind,
    /// Their unit.
    pub unit: Unit,
    /// The keys of attributes, in the order in which points have them.
    pub dimensions: &'static [Dimension],
    /// The Java server's.
    pub java: Java,
    /// What is counted, for people.
    pub about: &'static str,
    /// Why this server does not have it, although Venice's read path does.
    pub absent: Option<&'static str>,
}
