//! Snapshots as bytes, for a reader in another language that shares the process.
//!
//! Numbers cross at each fetch, labels only when they change. All words are 64 bits, little-endian, at
//! multiples of 8. Version 1 is:
//!
//! ```text
//! snapshot  = MAGIC, bytes of the snapshot, epoch, generation, time, number of series, series...
//! series    = shape, start, value
//! value     = number                                    shape 0: unsigned, 1: signed, 2: double
//!           | count, sum, min, max                      shape 3: summary
//!           | scale, offset, zeros, count, sum, min, max, n, n counts
//!                                                       shape 4: base-2 exponential histogram
//!
//! labels    = LABELS_MAGIC, generation, number of series, label...
//! label     = kind, total, name, unit, Venice's unit, description, n, n times (key, value)
//! text      = bytes of UTF-8, the bytes, zeros up to a multiple of 8
//! ```
//!
//! * `MAGIC` is `0x56454E4D` << 32 and the version; `LABELS_MAGIC` likewise with `0x56454E4C`.
//! * `epoch` tells registries apart: when it changes, all begin anew. `generation` grows with each
//!   change of the labels within an epoch; series are in the order of the labels of their generation.
//! * `time` and `start` are nanoseconds since 1970; a total has the start of its registry.
//! * `sum`, `min`, `max` and doubles are the bits of IEEE 754; all else are whole numbers.
//! * `kind` is 0 counter, 1 up-down counter, 2 gauge, 3 histogram, 4 summary (count, sum, min, max);
//!   `total` is 1 for what an instrument counted over all series that ever were, which has no
//!   attributes, and 0 for a series.
//!
//! A reader refuses another version. What is added later comes in a new version.

use std::sync::Arc;

use crate::instruments::{Instrument, Kind};
use crate::model::{Attribute, Snapshot, Value};

/// The first word of a snapshot.
pub const MAGIC: u64 = 0x5645_4E4D_0000_0001;
/// The first word of labels.
pub const LABELS_MAGIC: u64 = 0x5645_4E4C_0000_0001;

/// Writes snapshots of one registry, and knows the labels of the last.
#[derive(Debug)]
pub struct Encoder {
    epoch: u64,
    generation: u64,
    labels: Vec<Label>,
}

/// Which series a number is of.
#[derive(Debug, PartialEq, Eq)]
struct Label {
    instrument: Instrument,
    name: Arc<str>,
    /// `None` of a total.
    attributes: Option<Arc<[Attribute]>>,
}

impl Label {
    fn is(&self, instrument: Instrument, attributes: Option<&Arc<[Attribute]>>) -> bool {
        self.instrument == instrument
            && match (&self.attributes, attributes) {
                (None, None) => true,
                (Some(known), Some(other)) => Arc::ptr_eq(known, other) || known == other,
                _ => false,
            }
    }
}

impl Encoder {
    /// Nothing was written yet. `epoch` is another for each registry.
    pub fn new(epoch: u64) -> Encoder {
        Encoder {
            epoch,
            generation: 0,
            labels: Vec::new(),
        }
    }

    /// Writes a snapshot from the first byte of `out` on, and returns how many bytes it has. If that is more than `out` has,
    /// none is written. Full names are made with `prefix`.
    pub fn encode(&mut self, snapshot: &Snapshot, prefix: &str, out: &mut [u8]) -> usize {
        let series = || {
            let points = snapshot.metrics.iter().flat_map(|metric| {
                let points = metric.points.iter();
                points.map(|point| {
                    let attributes = Some(&point.attributes);
                    (
                        metric.instrument,
                        attributes,
                        point.start_unix_nanos,
                        &point.value,
                    )
                })
            });
            let totals = snapshot.totals.iter();
            points.chain(totals.map(|total| (total.instrument, None, self.epoch, &total.value)))
        };
        // One look at all before they are written: there may be too many, and others.
        let mut known = self.labels.iter();
        let (mut number, mut words, mut same) = (0, HEAD, true);
        for (instrument, attributes, _, value) in series() {
            number += 1;
            words += self::words(value);
            let label = known.next();
            same = same && label.is_some_and(|label| label.is(instrument, attributes));
        }
        let same = same && known.next().is_none();
        let generation = self.generation + u64::from(!same);
        let bytes = words * size_of::<u64>();
        if let Some(out) = out.get_mut(..bytes) {
            let mut out = Numbers { out };
            let head: [u64; HEAD] = [
                MAGIC,
                bytes as u64,
                self.epoch,
                generation,
                snapshot.time_unix_nanos,
                number,
            ];
            out.words(&head);
            for (_, _, start, value) in series() {
                out.value(start, value);
            }
        }
        if !same {
            let labels = series().map(|(instrument, attributes, ..)| Label {
                instrument,
                name: instrument.full_name(prefix).into(),
                attributes: attributes.cloned(),
            });
            self.labels = labels.collect();
            self.generation = generation;
        }
        bytes
    }

    /// The labels of the snapshot that was written last.
    pub fn labels(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for word in [LABELS_MAGIC, self.generation, self.labels.len() as u64] {
            self::word(&mut out, word);
        }
        for label in &self.labels {
            let description = label.instrument.describe();
            word(&mut out, kind(description.kind));
            word(&mut out, label.attributes.is_none().into());
            let texts = [
                &*label.name,
                description.unit.ucum(),
                description.unit.venice(),
                description.about,
            ];
            texts.iter().for_each(|text| self::text(&mut out, text));
            let attributes = label.attributes.as_deref().unwrap_or_default();
            word(&mut out, attributes.len() as u64);
            for Attribute { key, value } in attributes {
                text(&mut out, key);
                text(&mut out, value);
            }
        }
        out
    }
}

fn kind(kind: Kind) -> u64 {
    match kind {
        Kind::Counter => 0,
        Kind::UpDownCounter => 1,
        Kind::Gauge => 2,
        Kind::Histogram => 3,
        Kind::MinMaxCountSum => 4,
    }
}

/// Words before the first series.
const HEAD: usize = 6;

/// Words of a series with this value.
fn words(value: &Value) -> usize {
    match value {
        Value::U64(_) | Value::I64(_) | Value::F64(_) => 3,
        Value::Summary(_) => 6,
        Value::Histogram(histogram) => 10 + histogram.counts.len(),
    }
}

/// Room for the numbers that are not written yet.
struct Numbers<'a> {
    out: &'a mut [u8],
}

impl Numbers<'_> {
    fn words(&mut self, words: &[u64]) {
        let out = std::mem::take(&mut self.out);
        let (now, later) = out.split_at_mut(size_of_val(words).min(out.len()));
        let places = now.chunks_exact_mut(size_of::<u64>());
        for (place, word) in places.zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        self.out = later;
    }

    fn value(&mut self, start: u64, value: &Value) {
        let number = |shape, number| [shape, start, number];
        match value {
            Value::U64(value) => self.words(&number(0, *value)),
            Value::I64(value) => self.words(&number(1, *value as u64)),
            Value::F64(value) => self.words(&number(2, value.to_bits())),
            Value::Summary(summary) => {
                let [sum, min, max] = [summary.sum, summary.min, summary.max].map(f64::to_bits);
                self.words(&[3, start, summary.count, sum, min, max]);
            }
            Value::Histogram(histogram) => {
                let [sum, min, max] =
                    [histogram.sum, histogram.min, histogram.max].map(f64::to_bits);
                self.words(&[
                    4,
                    start,
                    i64::from(histogram.scale) as u64,
                    i64::from(histogram.offset) as u64,
                    histogram.zero_count,
                    histogram.count,
                    sum,
                    min,
                    max,
                    histogram.counts.len() as u64,
                ]);
                self.words(&histogram.counts);
            }
        }
    }
}

fn word(out: &mut Vec<u8>, word: u64) {
    out.extend_from_slice(&word.to_le_bytes());
}

fn text(out: &mut Vec<u8>, text: &str) {
    word(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
    out.resize(out.len().next_multiple_of(8), 0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dimensions::Dimension;
    use crate::layout::Layout;
    use crate::options::Options;
    use crate::registry::Registry;

    fn words_of(bytes: &[u8]) -> Vec<u64> {
        assert_eq!(bytes.len() % 8, 0);
        let words = bytes.chunks(8);
        words
            .map(|word| u64::from_le_bytes(word.try_into().unwrap()))
            .collect()
    }

    #[test]
    fn numbers_are_in_the_order_of_labels_which_change_with_series_only() {
        let mut layout = Layout::builder();
        let calls = layout.counter(Instrument::ReadCallCount, &[]);
        let sizes = layout.histogram(Instrument::ReadRequestSize, &[]);
        let registry = Registry::new(Options::default());
        let layout = Arc::new(layout.build());
        let writer = registry.group(&layout, &[(Dimension::Store, "s")]).writer();
        writer.add(calls, 7);
        let mut encoder = Encoder::new(42);
        let mut bytes = [0; 4096];
        let mut encode = |encoder: &mut Encoder| {
            let length = encoder.encode(&registry.snapshot(160), "server", &mut bytes);
            words_of(&bytes[..length])
        };
        let first = encode(&mut encoder);
        assert_eq!(first[..4], [MAGIC, 8 * first.len() as u64, 42, 1]);
        // The first metric of the table that has a point is read.call_count.
        assert_eq!((first[6], first[8]), (0, 7));
        let labels = String::from_utf8_lossy(&encoder.labels()).into_owned();
        assert!(labels.contains("venice.server.read.call_count"), "{labels}");
        assert!(labels.contains("venice.store.name"), "{labels}");

        writer.add(calls, 1);
        let second = encode(&mut encoder);
        assert_eq!(
            (second[3], second[8]),
            (1, 8),
            "numbers changed, labels did not"
        );

        writer.record(sizes, 4.0);
        let third = encode(&mut encoder);
        assert_eq!(third[3], 2);
        assert_eq!(third[5], first[5] + 1);
        // Behind the counter: 4.0 is the last of the bucket below 2^2, which is 63 at scale 5.
        let expected = [
            5,
            63,
            0,
            1,
            4f64.to_bits(),
            4f64.to_bits(),
            4f64.to_bits(),
            1,
            1,
        ];
        assert_eq!(third[9], 4);
        assert_eq!(third[11..20], expected);
        let labels = words_of(&encoder.labels());
        assert_eq!(labels[..3], [LABELS_MAGIC, 2, third[5]]);
    }
    #[test]
    fn how_much_room_is_needed_is_told_also_where_there_is_less() {
        let mut layout = Layout::builder();
        let sizes = layout.histogram(Instrument::ReadRequestSize, &[]);
        let registry = Registry::new(Options::default());
        let writer = registry.group(&Arc::new(layout.build()), &[]).writer();
        writer.record(sizes, 4.0);
        writer.record(sizes, 8.0);
        let snapshot = registry.snapshot(160);
        let mut bytes = [0; 16384];
        let length = Encoder::new(1).encode(&snapshot, "server", &mut bytes);
        assert!(length < bytes.len());
        assert_eq!(words_of(&bytes)[1], length as u64);
        for room in [0, 1, 8, 12, 48, length - 8, length - 1, length] {
            let mut less = vec![0; room];
            let told = Encoder::new(1).encode(&snapshot, "server", &mut less);
            assert_eq!(told, length, "with {room} bytes");
            let is_written = less.iter().any(|byte| *byte != 0);
            assert_eq!(is_written, room == length, "with {room} bytes");
        }
        let mut enough = vec![0; length];
        Encoder::new(1).encode(&snapshot, "server", &mut enough);
        assert_eq!(enough, bytes[..length]);
    }
}
