//! Adds up the histograms of several threads.

use crate::index::{OCTAVE, SCALE};
use crate::instruments::Kind;
use crate::model::{scale_reduction, Histogram, Summary, Value};

/// In place of an octave: zeros, in its first bucket.
pub(crate) const ZEROS: i16 = i16::MIN;
/// In place of an octave: numbers without buckets.
pub(crate) const WITHOUT_BUCKETS: i16 = i16::MIN + 1;

/// Buckets of an octave.
type Page = [u64; OCTAVE];

/// What was recorded by several writers, octave by octave.
#[derive(Clone, Default)]
pub(crate) struct Merged {
    zeros: u64,
    without_buckets: u64,
    /// Octaves in their order, and which of `pages` each has. Few, so looked for one by one.
    octaves: Vec<(i16, u16)>,
    /// In the order in which they came.
    pages: Vec<Page>,
    sum: f64,
    /// None before the first value.
    range: Option<(f64, f64)>,
}

impl Merged {
    /// As new, with the memory that it has.
    pub(crate) fn clear(&mut self) {
        self.octaves.clear();
        self.pages.clear();
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

    /// Adds the buckets of an octave, and says whether one of them has values.
    #[inline]
    pub(crate) fn add_page(&mut self, octave: i16, count: impl Fn(usize) -> u64) -> bool {
        if matches!(octave, ZEROS | WITHOUT_BUCKETS) {
            let count = count(0);
            self.add(octave, 0, count);
            return count > 0;
        }
        let mut any = 0;
        for (bucket, mine) in self.octave(octave).iter_mut().enumerate() {
            let count = count(bucket);
            *mine += count;
            any |= count;
        }
        any > 0
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
        for (octave, counts) in other.in_order() {
            add_each(self.octave(octave), counts);
        }
        if let Some((min, max)) = other.range {
            self.add_sum(other.sum, min, max);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.range.is_none()
    }

    fn octave(&mut self, octave: i16) -> &mut Page {
        let at = self.octaves.iter().position(|(known, _)| *known >= octave);
        let at = at.unwrap_or(self.octaves.len());
        let page = match self.octaves.get(at) {
            Some((known, page)) if *known == octave => usize::from(*page),
            _ => {
                self.octaves.insert(at, (octave, self.pages.len() as u16));
                self.pages.push([0; OCTAVE]);
                self.pages.len() - 1
            }
        };
        &mut self.pages[page]
    }

    fn in_order(&self) -> impl DoubleEndedIterator<Item = (i16, &Page)> {
        let octaves = self.octaves.iter();
        octaves.map(|(octave, page)| (*octave, &self.pages[usize::from(*page)]))
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

    /// Into `value`; if that is a histogram, too, its memory is used again.
    pub(crate) fn put(&self, kind: Kind, most_buckets: usize, value: &mut Value) {
        if kind == Kind::MinMaxCountSum {
            *value = Value::Summary(self.summary());
            return;
        }
        match value {
            Value::Histogram(histogram) => self.histogram(most_buckets, histogram),
            other => {
                let mut histogram = Histogram::default();
                self.histogram(most_buckets, &mut histogram);
                *other = Value::Histogram(histogram);
            }
        }
    }

    /// Into `histogram`, whose memory is used again, with `most` buckets at most.
    fn histogram(&self, most: usize, histogram: &mut Histogram) {
        let (min, max) = self.range.unwrap_or_default();
        histogram.counts.clear();
        histogram.scale = SCALE;
        histogram.offset = 0;
        histogram.zero_count = self.zeros;
        (histogram.sum, histogram.min, histogram.max) = (self.sum, min, max);
        histogram.count = self.zeros;
        let Some((first, last)) = self.bounds() else {
            return;
        };
        let down = scale_reduction(first, last, most);
        histogram.scale -= down as i32;
        histogram.offset = first >> down;
        let length = ((last >> down) - histogram.offset + 1) as usize;
        histogram.counts.resize(length, 0);
        for (octave, page) in self.in_order() {
            let mut page = *page;
            let mut buckets = OCTAVE;
            // An octave begins at a power of two, so neighbours are of the same octave until it has one bucket.
            for _ in 0..down.min(SCALE as u32) {
                buckets /= 2;
                for bucket in 0..buckets {
                    page[bucket] = page[2 * bucket] + page[2 * bucket + 1];
                }
            }
            let begin = (global_index(octave, 0) >> down) - histogram.offset;
            // Those before the first with values and behind the last are empty.
            let skipped = begin.min(0).unsigned_abs() as usize;
            let page = page[..buckets].get(skipped..).unwrap_or_default();
            let counts = histogram.counts.get_mut(begin.max(0) as usize..);
            for (count, more) in counts.unwrap_or_default().iter_mut().zip(page) {
                *count += more;
                histogram.count += more;
            }
        }
    }

    /// The first bucket with values and the last one.
    fn bounds(&self) -> Option<(i32, i32)> {
        let mut octaves = self.in_order();
        let first = octaves.find_map(|(octave, page)| {
            let first = page.iter().position(|count| *count > 0)?;
            Some(global_index(octave, first))
        })?;
        let mut octaves = self.in_order().rev();
        let last = octaves.find_map(|(octave, page)| {
            let last = page.iter().rposition(|count| *count > 0)?;
            Some(global_index(octave, last))
        })?;
        Some((first, last))
    }
}

fn add_each(mine: &mut Page, more: &Page) {
    for (mine, more) in mine.iter_mut().zip(more) {
        *mine += more;
    }
}

fn global_index(octave: i16, bucket: usize) -> i32 {
    i32::from(octave) * OCTAVE as i32 + bucket as i32
}
