//! Adds up the histograms of several threads.

use crate::index::{OCTAVE, SCALE};
use crate::instruments::Kind;
use crate::model::{scale_reduction, Histogram, Summary, Value};

/// In place of an octave: zeros, in its first bucket.
pub(crate) const ZEROS: i16 = i16::MIN;
/// In place of an octave: numbers without buckets.
pub(crate) const WITHOUT_BUCKETS: i16 = i16::MIN + 1;

/// What was recorded by several writers, octave by octave.
#[derive(Clone, Default)]
pub(crate) struct Merged {
    zeros: u64,
    without_buckets: u64,
    /// By octave. Few, so looked for one by one.
    octaves: Vec<(i16, [u64; OCTAVE])>,
    sum: f64,
    /// None before the first value.
    range: Option<(f64, f64)>,
}

impl Merged {
    /// As new, with the memory that it has.
    pub(crate) fn clear(&mut self) {
        self.octaves.clear();
        (self.zeros, self.without_buckets) = (0, 0);
        self.sum = 0.0;
        self.range = None;
    }

    pub(crate) fn add(&mut self, octave: i16, bucket: usize, count: u64) {
        match octave {
            ZEROS => self.zeros += count,
            WITHOUT_BUCKETS => self.without_buckets += count,
            _ => self.octave(octave)[bucket] += count,
        }
    }

    /// Adds the buckets of an octave, one of which has values.
    pub(crate) fn add_page(&mut self, octave: i16, counts: &[u64; OCTAVE]) {
        match octave {
            ZEROS | WITHOUT_BUCKETS => self.add(octave, 0, counts[0]),
            _ => add_each(self.octave(octave), counts),
        }
    }

    pub(crate) fn add_sum(&mut self, sum: f64, min: f64, max: f64) {
        self.sum += sum;
        self.range = Some(match self.range {
            Some((least, most)) => (least.min(min), most.max(max)),
            None => (min, max),
        });
    }

    pub(crate) fn add_all(&mut self, other: &Merged) {
        self.zeros += other.zeros;
        self.without_buckets += other.without_buckets;
        for (octave, counts) in &other.octaves {
            add_each(self.octave(*octave), counts);
        }
        if let Some((min, max)) = other.range {
            self.add_sum(other.sum, min, max);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.range.is_none()
    }

    fn octave(&mut self, octave: i16) -> &mut [u64; OCTAVE] {
        let at = match self.octaves.iter().position(|(known, _)| *known >= octave) {
            Some(at) if self.octaves[at].0 == octave => at,
            Some(at) => {
                self.octaves.insert(at, (octave, [0; OCTAVE]));
                at
            }
            None => {
                self.octaves.push((octave, [0; OCTAVE]));
                self.octaves.len() - 1
            }
        };
        &mut self.octaves[at].1
    }

    pub(crate) fn summary(&self) -> Summary {
        let (min, max) = self.range.unwrap_or_default();
        Summary {
            count: self.without_buckets,
            sum: self.sum,
            min,
            max,
        }
    }

    pub(crate) fn value(&self, kind: Kind, most_buckets: usize) -> Value {
        if kind == Kind::MinMaxCountSum {
            return Value::Summary(self.summary());
        }
        let mut histogram = Histogram::default();
        self.histogram(most_buckets, &mut histogram);
        Value::Histogram(histogram)
    }

    /// Into `histogram`, whose memory is used again, with `most` buckets at most.
    pub(crate) fn histogram(&self, most: usize, histogram: &mut Histogram) {
        let (min, max) = self.range.unwrap_or_default();
        histogram.counts.clear();
        histogram.scale = SCALE;
        histogram.offset = 0;
        histogram.zero_count = self.zeros;
        (histogram.sum, histogram.min, histogram.max) = (self.sum, min, max);
        let mut count = self.zeros;
        if let Some((first, last)) = self.bounds() {
            let down = scale_reduction(first, last, most);
            histogram.scale -= down as i32;
            histogram.offset = first >> down;
            let length = (last >> down) - histogram.offset + 1;
            histogram.counts.resize(length as usize, 0);
            for (octave, counts) in &self.octaves {
                for (bucket, more) in counts.iter().enumerate().filter(|(_, more)| **more > 0) {
                    let index = (global_index(*octave, bucket) >> down) - histogram.offset;
                    histogram.counts[index as usize] += more;
                    count += more;
                }
            }
        }
        histogram.count = count;
    }

    /// The first bucket with values and the last one.
    fn bounds(&self) -> Option<(i32, i32)> {
        let (low, first) = self.octaves.first()?;
        let (high, last) = self.octaves.last()?;
        let first = first.iter().position(|count| *count > 0)?;
        let last = last.iter().rposition(|count| *count > 0)?;
        Some((global_index(*low, first), global_index(*high, last)))
    }
}

fn add_each(mine: &mut [u64; OCTAVE], more: &[u64; OCTAVE]) {
    for (mine, more) in mine.iter_mut().zip(more) {
        *mine += more;
    }
}

fn global_index(octave: i16, bucket: usize) -> i32 {
    i32::from(octave) * OCTAVE as i32 + bucket as i32
}
