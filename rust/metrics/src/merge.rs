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

/// Which buckets a histogram has.
#[derive(Clone, Copy, Default)]
pub(crate) struct BucketRange {
    /// By how much its scale is below the one that is recorded at.
    pub(crate) down: u32,
    /// The first bucket.
    pub(crate) offset: i32,
    pub(crate) length: usize,
}

impl BucketRange {
    pub(crate) fn scale(&self) -> i32 {
        SCALE - self.down as i32
    }
}

/// What was recorded by several writers, octave by octave.
#[derive(Clone, Default)]
pub(crate) struct Merged {
    zeros: u64,
    without_buckets: u64,
    /// Octaves in their order, and which of `pages` each has. Few, so looked for one by one.
    octaves: Vec<(i16, u16)>,
    /// In the order in which they came; behind them, what is left of others.
    pages: Vec<Page>,
    /// How many values are in pages.
    in_pages: u64,
    sum: f64,
    /// None before the first value.
    range: Option<(f64, f64)>,
}

impl Merged {
    /// As new, with the memory that it has.
    pub(crate) fn clear(&mut self) {
        self.octaves.clear();
        (self.zeros, self.without_buckets, self.in_pages) = (0, 0, 0);
        self.sum = 0.0;
        self.range = None;
    }

    pub(crate) fn add(&mut self, octave: i16, bucket: usize, count: u64) {
        match octave {
            ZEROS => self.zeros += count,
            WITHOUT_BUCKETS => self.without_buckets += count,
            _ => {
                self.octave(octave)[bucket] += count;
                self.in_pages += count;
            }
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
        let mut all = 0;
        let at = self.place_from(0, octave);
        if self.is_at(at, octave) {
            let page = &mut self.pages[usize::from(self.octaves[at].1)];
            for (bucket, mine) in page.iter_mut().enumerate() {
                let count = count(bucket);
                *mine += count;
                all += count;
            }
        } else {
            let page = self.insert(at, octave);
            for (bucket, mine) in page.iter_mut().enumerate() {
                let count = count(bucket);
                *mine = count;
                all += count;
            }
        }
        self.in_pages += all;
        all > 0
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
        // Each bucket is so many above one of the octave that is so many lower, or of the next one.
        let up = const { DOWN.next_multiple_of(OCTAVE) - DOWN };
        let lower = octave - DOWN.div_ceil(OCTAVE) as i16;
        let mut all = 0;
        let here = &mut self.octave(lower)[up..];
        for (bucket, mine) in here.iter_mut().enumerate() {
            let count = count(bucket);
            *mine += count;
            all += count;
        }
        for above in 0..up {
            let count = count(OCTAVE - up + above);
            if count > 0 {
                self.octave(lower + 1)[above] += count;
                all += count;
            }
        }
        self.in_pages += all;
        all > 0
    }

    pub(crate) fn add_sum(&mut self, sum: f64, min: f64, max: f64) {
        self.sum += sum;
        self.range = Some(match self.range {
            Some((least, most)) => (least.min(min), most.max(max)),
            None => (min, max),
        });
    }

    pub(crate) fn add_all(&mut self, other: &Merged) {
        self.in_pages += other.in_pages;
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
        self.zeros + self.without_buckets + self.in_pages
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
    #[inline]
    fn insert(&mut self, at: usize, octave: i16) -> &mut Page {
        let page = self.octaves.len();
        self.octaves.push((octave, page as u16));
        // Few, and mostly none: moved one by one.
        for place in (at..page).rev() {
            self.octaves.swap(place, place + 1);
        }
        if page == self.pages.len() {
            self.pages.push([0; OCTAVE]);
        }
        &mut self.pages[page]
    }

    fn in_order(&self) -> impl DoubleEndedIterator<Item = (i16, &Page)> {
        let octaves = self.octaves.iter();
        octaves.map(|(octave, page)| (*octave, &self.pages[usize::from(*page)]))
    }

    pub(crate) fn zeros(&self) -> u64 {
        self.zeros
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

    /// As a value of that kind. A histogram has `most_buckets` at most.
    pub(crate) fn value(&self, kind: Kind, most_buckets: usize) -> Value {
        if kind == Kind::MinMaxCountSum {
            return Value::Summary(self.summary());
        }
        let range = self.range_of_buckets(most_buckets);
        let mut counts = Vec::with_capacity(range.length);
        if range.down == 0 {
            self.each_bucket(&range, |some| counts.extend_from_slice(some));
        } else {
            self.merge_buckets(&range, &mut counts);
        }
        let (min, max) = self.range.unwrap_or_default();
        Value::Histogram(Histogram {
            scale: range.scale(),
            zero_count: self.zeros,
            count: self.zeros + self.in_pages,
            sum: self.sum,
            min,
            max,
            offset: range.offset,
            counts,
        })
    }

    /// Where the buckets of a histogram begin that has `most` at most, and how many there are.
    pub(crate) fn range_of_buckets(&self, most: usize) -> BucketRange {
        let Some((first, last)) = self.bounds() else {
            return BucketRange::default();
        };
        let down = scale_reduction(first, last, most);
        let offset = first >> down;
        BucketRange {
            down,
            offset,
            length: ((last >> down) - offset + 1) as usize,
        }
    }

    /// Hands over the buckets of `range`, which is at the scale that is recorded at, in their order and some at a time.
    #[inline]
    pub(crate) fn each_bucket(&self, range: &BucketRange, mut put: impl FnMut(&[u64])) {
        let mut at = range.offset;
        let end = range.offset + range.length as i32;
        for (octave, page) in self.in_order() {
            let begin = global_index(octave, 0);
            // Between the octaves that were hit.
            while at < begin.min(end) {
                let none = &[0; OCTAVE][..((begin.min(end) - at) as usize).min(OCTAVE)];
                put(none);
                at += none.len() as i32;
            }
            // Those before the first with values and behind the last are empty.
            let skipped = (at - begin) as usize;
            let some = page.get(skipped..OCTAVE.min(skipped + (end - at) as usize));
            let some = some.unwrap_or_default();
            put(some);
            at += some.len() as i32;
        }
    }

    /// As [`Merged::each_bucket`], at a lower scale: into `counts`, in place of what is in it.
    pub(crate) fn merge_buckets(&self, range: &BucketRange, counts: &mut Vec<u64>) {
        let BucketRange { down, offset, .. } = *range;
        counts.clear();
        counts.resize(range.length, 0);
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
