//! Adds up the histograms of several threads.

use crate::index::{OCTAVE, SCALE};
use crate::instruments::Kind;
use crate::model::{scale_reduction, Histogram, Summary, Value};

/// In place of an octave: zeros, in its first bucket.
pub(crate) const ZEROS: i16 = i16::MIN;
/// In place of an octave: numbers without buckets.
pub(crate) const WITHOUT_BUCKETS: i16 = i16::MIN + 1;

/// Buckets of an octave.
pub(crate) type Page = [u64; OCTAVE];

/// What was recorded by several writers, octave by octave.
#[derive(Clone, Default)]
pub(crate) struct Merged {
    zeros: u64,
    without_buckets: u64,
    /// Octaves in their order, and which of `pages` each has. Few, so looked for one by one.
    octaves: Vec<(i16, u16)>,
    /// In the order in which they came; behind them, what is left of others.
    pages: Vec<Page>,
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

    /// Adds the buckets of an octave, and says whether one of them has values. Each is asked for once, and goes to where it
    /// is added: a copy of a page that is written number by number takes long to be read again in larger pieces.
    #[inline]
    pub(crate) fn add_page(&mut self, octave: i16, count: impl Fn(usize) -> u64) -> bool {
        if matches!(octave, ZEROS | WITHOUT_BUCKETS) {
            let count = count(0);
            self.add(octave, 0, count);
            return count > 0;
        }
        let mut any = 0;
        let at = self.place_from(0, octave);
        if self.is_at(at, octave) {
            let page = &mut self.pages[usize::from(self.octaves[at].1)];
            for (bucket, mine) in page.iter_mut().enumerate() {
                let count = count(bucket);
                *mine += count;
                any |= count;
            }
        } else {
            for (bucket, mine) in self.insert(at, octave).iter_mut().enumerate() {
                *mine = count(bucket);
                any |= *mine;
            }
        }
        any > 0
    }

    /// As [`Merged::add_page`], of buckets that are `DOWN` lower.
    #[inline]
    pub(crate) fn add_page_below<const DOWN: usize>(
        &mut self,
        octave: i16,
        count: impl Fn(usize) -> u64,
    ) -> bool {
        if octave == ZEROS {
            let count = count(0);
            self.add(ZEROS, 0, count);
            return count > 0;
        }
        let any = (0..OCTAVE).fold(0, |all, bucket| all | count(bucket)) > 0;
        if any {
            // Each bucket is so many above one of the octave that is `octaves` lower, or of the next one.
            let up = const { DOWN.next_multiple_of(OCTAVE) - DOWN };
            let lower = octave - DOWN.div_ceil(OCTAVE) as i16;
            let here = &mut self.octave(lower)[up..];
            for (bucket, mine) in here.iter_mut().enumerate() {
                *mine += count(bucket);
            }
            let next = OCTAVE - up..OCTAVE;
            if next.clone().any(|bucket| count(bucket) > 0) {
                let page = self.octave(lower + 1);
                for (bucket, mine) in next.zip(page) {
                    *mine += count(bucket);
                }
            }
        }
        any
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
        let mut at = 0;
        for (octave, counts) in other.in_order() {
            at = self.add_to_octave(at, octave, counts);
        }
        if let Some((min, max)) = other.range {
            self.add_sum(other.sum, min, max);
        }
    }

    /// How many values there are.
    pub(crate) fn count(&self) -> u64 {
        let pages = self.in_order().map(|(_, page)| page.iter().sum::<u64>());
        self.zeros + self.without_buckets + pages.sum::<u64>()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.range.is_none()
    }

    fn octave(&mut self, octave: i16) -> &mut Page {
        let at = self.place_from(0, octave);
        if !self.is_at(at, octave) {
            *self.insert(at, octave) = [0; OCTAVE];
        }
        &mut self.pages[usize::from(self.octaves[at].1)]
    }

    /// Adds the buckets of an octave, whose place is not before `at`; returns its place.
    #[inline]
    fn add_to_octave(&mut self, at: usize, octave: i16, counts: &Page) -> usize {
        let at = self.place_from(at, octave);
        if self.is_at(at, octave) {
            add_each(&mut self.pages[usize::from(self.octaves[at].1)], counts);
        } else {
            *self.insert(at, octave) = *counts;
        }
        at
    }

    /// Where an octave is, or would be; not before `at`.
    #[inline]
    fn place_from(&self, mut at: usize, octave: i16) -> usize {
        while self
            .octaves
            .get(at)
            .is_some_and(|(known, _)| *known < octave)
        {
            at += 1;
        }
        at
    }

    #[inline]
    fn is_at(&self, at: usize, octave: i16) -> bool {
        self.octaves
            .get(at)
            .is_some_and(|(known, _)| *known == octave)
    }

    /// A page for a new octave, with anything in it.
    fn insert(&mut self, at: usize, octave: i16) -> &mut Page {
        let page = self.octaves.len();
        self.octaves.insert(at, (octave, page as u16));
        if page == self.pages.len() {
            self.pages.push([0; OCTAVE]);
        }
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
        if down == 0 {
            self.put_buckets(first, length, &mut histogram.counts);
        } else {
            histogram.counts.resize(length, 0);
            self.merge_buckets(down, histogram.offset, &mut histogram.counts);
        }
        histogram.count += histogram.counts.iter().sum::<u64>();
    }

    /// So many buckets from the `first` one on, as they are.
    fn put_buckets(&self, first: i32, length: usize, counts: &mut Vec<u64>) {
        for (octave, page) in self.in_order() {
            let begin = global_index(octave, 0) - first;
            // Those before the first with values and behind the last are empty.
            let skipped = begin.min(0).unsigned_abs() as usize;
            let begin = begin.max(0) as usize;
            if skipped < OCTAVE && begin < length {
                counts.resize(begin, 0);
                let end = OCTAVE.min(skipped + length - begin);
                counts.extend_from_slice(&page[skipped..end]);
            }
        }
    }

    /// Buckets of which 2^`down` are one.
    fn merge_buckets(&self, down: u32, offset: i32, counts: &mut [u64]) {
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
            let begin = (global_index(octave, 0) >> down) - offset;
            // Those before the first with values and behind the last are empty.
            let skipped = begin.min(0).unsigned_abs() as usize;
            let page = page[..buckets].get(skipped..).unwrap_or_default();
            let counts = counts.get_mut(begin.max(0) as usize..);
            add_each(counts.unwrap_or_default(), page);
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

/// As far as both go.
#[inline]
fn add_each(mine: &mut [u64], more: &[u64]) {
    for (mine, more) in mine.iter_mut().zip(more) {
        *mine += more;
    }
}

fn global_index(octave: i16, bucket: usize) -> i32 {
    i32::from(octave) * OCTAVE as i32 + bucket as i32
}
