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
//!   change of the labels within an epoch; series are in the order of the labels of their generation: those of one
//!   name do not lie together, and totals are behind all others.
//! * `time` and `start` are nanoseconds since 1970; a total has the start of its registry.
//! * `sum`, `min`, `max` and doubles are the bits of IEEE 754; all else are whole numbers.
//! * `kind` is 0 counter, 1 up-down counter, 2 gauge, 3 histogram, 4 summary (count, sum, min, max);
//!   `total` is 1 for what an instrument counted over all series that ever were, which has no
//!   attributes, and 0 for a series.
//!
//! A reader refuses another version. What is added later comes in a new version.

use std::sync::Arc;

use crate::instruments::{Instrument, Kind};
use crate::merge::Merged;
use crate::model::Attribute;
use crate::registry::Registry;
use crate::sink::{Number, Series, Sink};

/// The first word of a snapshot.
pub const MAGIC: u64 = 0x5645_4E4D_0000_0001;
/// The first word of labels.
pub const LABELS_MAGIC: u64 = 0x5645_4E4C_0000_0001;

/// Writes snapshots of one registry, straight from where it counts, and knows the labels of the last.
#[derive(Debug)]
pub struct Encoder {
    epoch: u64,
    generation: u64,
    labels: Vec<Label>,
    /// Memory for buckets at a lower scale.
    counts: Vec<u64>,
}

/// Which series a number is of.
#[derive(Debug)]
struct Label {
    instrument: Instrument,
    name: Arc<str>,
    /// `None` of a total.
    attributes: Option<Arc<[Attribute]>>,
}

impl Encoder {
    /// Nothing was written yet. `epoch` is another for each registry.
    pub fn new(epoch: u64) -> Encoder {
        Encoder {
            epoch,
            generation: 0,
            labels: Vec::new(),
            counts: Vec::new(),
        }
    }

    /// Writes what `registry` has counted from the first byte of `out` on, histograms with `most_buckets` at most, and returns how
    /// many bytes that are. If it is more than `out` has, `out` is all zeros.
    pub fn encode(&mut self, registry: &Registry, most_buckets: usize, out: &mut [u8]) -> usize {
        let mut writing = Writing {
            registry,
            most_buckets,
            epoch: self.epoch,
            labels: &mut self.labels,
            counts: &mut self.counts,
            number: 0,
            has_changed: false,
            words: Words {
                out: out.as_chunks_mut().0,
                at: HEAD,
            },
        };
        let time_unix_nanos = registry.read(&mut writing);
        let Writing {
            number,
            mut has_changed,
            words,
            ..
        } = writing;
        let bytes = words.at * WORD;
        // Some may be there no more.
        has_changed |= number < self.labels.len();
        self.labels.truncate(number);
        self.generation += u64::from(has_changed);
        if bytes > out.len() {
            out.fill(0);
            return bytes;
        }
        let head: [u64; HEAD] = [
            MAGIC,
            bytes as u64,
            self.epoch,
            self.generation,
            time_unix_nanos,
            number as u64,
        ];
        let mut words = Words {
            out: out.as_chunks_mut().0,
            at: 0,
        };
        words.put(&head);
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

/// Bytes of a word.
const WORD: usize = size_of::<u64>();
/// Words before the first series.
const HEAD: usize = 6;

/// A snapshot that is being written.
struct Writing<'a> {
    registry: &'a Registry,
    most_buckets: usize,
    epoch: u64,
    /// Of the snapshot before; as far as this one was written, its own.
    labels: &'a mut Vec<Label>,
    counts: &'a mut Vec<u64>,
    /// Series so far.
    number: usize,
    has_changed: bool,
    words: Words<'a>,
}

impl Writing<'_> {
    /// The next series is this, or the total of an instrument.
    #[inline]
    fn next(&mut self, instrument: Instrument, series: Option<&Series<'_>>) {
        let known = self.labels.get(self.number);
        let is_known = known.is_some_and(|known| {
            known.instrument == instrument
                && match (&known.attributes, series) {
                    (None, None) => true,
                    (Some(known), Some(series)) => series.has(known),
                    _ => false,
                }
        });
        if !is_known {
            self.put_label(instrument, series);
        }
        self.number += 1;
    }

    #[cold]
    fn put_label(&mut self, instrument: Instrument, series: Option<&Series<'_>>) {
        self.has_changed = true;
        let label = Label {
            instrument,
            name: Arc::clone(self.registry.name(instrument)),
            attributes: series.map(Series::attributes),
        };
        match self.labels.get_mut(self.number) {
            Some(place) => *place = label,
            None => self.labels.push(label),
        }
    }

    #[inline]
    fn one(&mut self, start: u64, number: Number) {
        let (shape, bits) = match number {
            Number::U64(number) => (0, number),
            Number::I64(number) => (1, number.cast_unsigned()),
            Number::F64(number) => (2, number.to_bits()),
        };
        self.words.put(&[shape, start, bits]);
    }

    #[inline]
    fn distribution(&mut self, instrument: Instrument, start: u64, recorded: &Merged) {
        let summary = recorded.summary();
        let [sum, min, max] = [summary.sum, summary.min, summary.max].map(f64::to_bits);
        if instrument.kind() == Kind::MinMaxCountSum {
            self.words.put(&[3, start, summary.count, sum, min, max]);
            return;
        }
        let range = recorded.range_of_buckets(self.most_buckets);
        self.words.put(&[
            4,
            start,
            i64::from(range.scale()).cast_unsigned(),
            i64::from(range.offset).cast_unsigned(),
            recorded.zeros(),
            recorded.count(),
            sum,
            min,
            max,
            range.length as u64,
        ]);
        if range.down == 0 {
            recorded.each_bucket(&range, |some| self.words.put(some));
        } else {
            recorded.merge_buckets(&range, self.counts);
            self.words.put(self.counts);
        }
    }
}

impl Sink for Writing<'_> {
    fn number(&mut self, series: Series<'_>, number: Number) {
        self.next(series.instrument, Some(&series));
        self.one(series.start_unix_nanos, number);
    }

    fn recorded(&mut self, series: Series<'_>, recorded: &Merged) {
        self.next(series.instrument, Some(&series));
        self.distribution(series.instrument, series.start_unix_nanos, recorded);
    }

    fn total(&mut self, instrument: Instrument, number: Number) {
        self.next(instrument, None);
        self.one(self.epoch, number);
    }

    fn total_recorded(&mut self, instrument: Instrument, recorded: &Merged) {
        self.next(instrument, None);
        self.distribution(instrument, self.epoch, recorded);
    }
}

/// Words one behind the other, as far as there is room; the others are counted alone.
struct Words<'a> {
    out: &'a mut [[u8; WORD]],
    at: usize,
}

impl Words<'_> {
    #[inline]
    fn put(&mut self, words: &[u64]) {
        let end = self.at + words.len();
        if let Some(places) = self.out.get_mut(self.at..end) {
            for (place, word) in places.iter_mut().zip(words) {
                *place = word.to_le_bytes();
            }
        }
        self.at = end;
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
            let length = encoder.encode(&registry, 160, &mut bytes);
            words_of(&bytes[..length])
        };
        let first = encode(&mut encoder);
        assert_eq!(first[..4], [MAGIC, 8 * first.len() as u64, 42, 1]);
        assert_eq!((first[6], first[8]), (0, 7), "the counter");
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
        // Before the counter of its group: 4.0 is the last of the bucket below 2^2, which is 63 at scale 5.
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
        assert_eq!(third[6], 4);
        assert_eq!(third[8..17], expected);
        assert_eq!((third[17], third[19]), (0, 8));
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
        let mut bytes = [0; 16384];
        let length = Encoder::new(1).encode(&registry, 160, &mut bytes);
        assert!(length < bytes.len());
        assert_eq!(words_of(&bytes)[1], length as u64);
        for room in [0, 1, 8, 12, 48, length - 8, length - 1, length] {
            let mut encoder = Encoder::new(1);
            let mut less = vec![0xFF; room];
            let told = encoder.encode(&registry, 160, &mut less);
            assert_eq!(told, length, "with {room} bytes");
            let is_blank = less.iter().all(|byte| *byte == 0);
            assert_eq!(is_blank, room < length, "with {room} bytes");
            // What was told of labels stays.
            let mut enough = vec![0xFF; length + 3];
            assert_eq!(encoder.encode(&registry, 160, &mut enough), length);
            // But for the time.
            assert_eq!(enough[..32], bytes[..32]);
            assert_eq!(enough[40..length], bytes[40..length]);
            assert_eq!(enough[length..], [0xFF; 3]);
        }
    }
}
