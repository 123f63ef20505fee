//! One histogram of one thread.
//!
//! Only its thread writes; everybody reads. So a record is loads and stores, no locked instruction. The
//! buckets lie on pages of an octave each, made when first hit. Four of them, those of different
//! octaves modulo 4, are found from the cell's one cache line; others hang behind them.
// #[HotPath]

use std::sync::atomic::{AtomicI16, AtomicU64, Ordering};
use std::{array, iter};

use once_cell::race::OnceBox;

use crate::index::{index, is_upper, OCTAVE, THOUSAND};
use crate::merge::{Merged, WITHOUT_BUCKETS, ZEROS};

/// The bits of infinity; above them are only numbers that are refused.
const INFINITY: u64 = 0x7FF0_0000_0000_0000;

/// In place of an octave: none.
const NONE: i16 = i16::MAX;

/// Pages that are found from the cell's line.
const FRONT: usize = 4;

/// Values that were recorded.
#[repr(align(64))]
pub(crate) struct Cell {
    /// The bits of the sum.
    sum: AtomicU64,
    /// The bits of the least and the greatest value; numbers that are not negative are ordered as
    /// their bits.
    min: AtomicU64,
    max: AtomicU64,
    /// The octaves of `pages`, for the writer.
    octaves: [AtomicI16; FRONT],
    pages: [OnceBox<Page>; FRONT],
}

/// Buckets of an octave.
struct Page {
    octave: i16,
    counts: Counts,
    /// Of values whose thousandths are counted, too: those in the upper parts of their buckets.
    upper: OnceBox<Counts>,
    next: OnceBox<Page>,
}

type Counts = [AtomicU64; OCTAVE];

impl Page {
    fn new(octave: i16) -> Box<Page> {
        Box::new(Page {
            octave,
            counts: array::from_fn(|_| AtomicU64::new(0)),
            upper: OnceBox::new(),
            next: OnceBox::new(),
        })
    }

    #[inline]
    fn add_one(&self, bucket: usize) {
        add_one(&self.counts, bucket);
    }

    #[inline]
    fn upper(&self) -> &Counts {
        self.upper
            .get_or_init(|| Box::new(array::from_fn(|_| AtomicU64::new(0))))
    }
}

#[inline]
fn add_one(counts: &Counts, bucket: usize) {
    add(counts, bucket, 1);
}

#[inline]
fn add(counts: &Counts, bucket: usize, times: u64) {
    let count = &counts[bucket % OCTAVE];
    // Released, so that who sees the value counted sees the least and the greatest with it.
    count.store(count.load(Ordering::Relaxed) + times, Ordering::Release);
}

impl Default for Cell {
    fn default() -> Self {
        Cell {
            sum: AtomicU64::new(0),
            min: AtomicU64::new(u64::MAX),
            max: AtomicU64::new(0),
            octaves: array::from_fn(|_| AtomicI16::new(NONE)),
            pages: array::from_fn(|_| OnceBox::new()),
        }
    }
}

/// A value, and the bucket that it belongs to: looked for once, however many histograms take it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    value: f64,
    octave: i16,
    bucket: u8,
}

impl Sample {
    /// None if the value is negative, infinite or not a number: no histogram takes it.
    #[inline]
    pub fn of(value: f64) -> Option<Sample> {
        let bits = bits(value)?;
        if bits == 0 {
            return Some(Sample {
                value: 0.0,
                octave: ZEROS,
                bucket: 0,
            });
        }
        Some(Sample::in_bucket(value))
    }

    /// As [`Sample::of`]: every whole number can be recorded.
    #[inline]
    pub(crate) fn of_whole(number: u32) -> Sample {
        let value = f64::from(number);
        if number == 0 {
            return Sample {
                value,
                octave: ZEROS,
                bucket: 0,
            };
        }
        Sample::in_bucket(value)
    }

    #[inline]
    fn in_bucket(value: f64) -> Sample {
        let index = index(value.to_bits());
        Sample {
            value,
            octave: (index >> OCTAVE.trailing_zeros()) as i16,
            bucket: (index as usize % OCTAVE) as u8,
        }
    }

    /// Adds `times` of it.
    pub(crate) fn add_to(self, has_buckets: bool, merged: &mut Merged, times: u64) {
        if has_buckets {
            merged.add(self.octave, self.bucket.into(), times);
        } else {
            merged.add(WITHOUT_BUCKETS, 0, times);
        }
        merged.add_sum(self.value * times as f64, self.value, self.value);
    }
}

impl Cell {
    #[inline]
    pub(crate) fn record(&self, sample: Sample) {
        self.sum_up(sample.value, sample.value);
        self.hit(sample.octave, sample.bucket.into());
    }

    /// As [`Cell::record`], so many times, of a value whose thousandth is read, too ([`Cell::add_thousandths_to`]).
    #[inline]
    pub(crate) fn record_with_thousandth(&self, sample: Sample, times: u16) {
        self.sum_up(sample.value, sample.value * f64::from(times));
        let page = self.page(sample.octave);
        let bucket = usize::from(sample.bucket);
        if is_upper(sample.value.to_bits(), bucket) && sample.octave != ZEROS {
            add(page.upper(), bucket, times.into());
        } else {
            add(&page.counts, bucket, times.into());
        }
    }

    /// Records a value that came so often.
    #[inline]
    pub(crate) fn record_times(&self, sample: Sample, has_buckets: bool, times: u64) {
        self.sum_up(sample.value, sample.value * times as f64);
        let (page, bucket) = if has_buckets {
            (self.page(sample.octave), sample.bucket.into())
        } else {
            (self.page(WITHOUT_BUCKETS), 0)
        };
        add(&page.counts, bucket, times);
    }

    /// As [`Cell::record`], without buckets.
    #[inline]
    pub(crate) fn record_without_buckets(&self, sample: Sample) {
        self.sum_up(sample.value, sample.value);
        self.hit(WITHOUT_BUCKETS, 0);
    }

    #[inline]
    fn sum_up(&self, value: f64, more: f64) {
        let bits = value.to_bits();
        let sum = f64::from_bits(self.sum.load(Ordering::Relaxed)) + more;
        self.sum.store(sum.to_bits(), Ordering::Relaxed);
        if bits < self.min.load(Ordering::Relaxed) {
            self.min.store(bits, Ordering::Relaxed);
        }
        if bits > self.max.load(Ordering::Relaxed) {
            self.max.store(bits, Ordering::Relaxed);
        }
    }

    #[inline]
    fn hit(&self, octave: i16, bucket: usize) {
        self.page(octave).add_one(bucket);
    }

    /// The page of an octave, which is made if there is none.
    #[inline]
    fn page(&self, octave: i16) -> &Page {
        let index = octave as usize % FRONT;
        match self.pages[index].get() {
            Some(page) if self.octaves[index].load(Ordering::Relaxed) == octave => page,
            Some(page) => page_behind(page, octave),
            None => self.first_page(octave),
        }
    }

    #[cold]
    #[inline(never)]
    fn first_page(&self, octave: i16) -> &Page {
        let index = octave as usize % FRONT;
        let page = self.pages[index].get_or_init(|| Page::new(octave));
        self.octaves[index].store(octave, Ordering::Relaxed);
        page
    }

    /// Whether anything was recorded.
    #[inline]
    pub(crate) fn has_values(&self) -> bool {
        self.min.load(Ordering::Relaxed) != u64::MAX
    }

    fn all_pages(&self) -> impl Iterator<Item = &Page> {
        let fronts = self.pages.iter();
        fronts.flat_map(|front| iter::successors(front.get(), |page| page.next.get()))
    }

    /// Adds what was recorded until now. What is recorded meanwhile may be in it, whole or, for the sum,
    /// ahead of its bucket.
    pub(crate) fn add_to(&self, merged: &mut Merged) {
        let mut any = false;
        for page in self.all_pages() {
            let counts = &page.counts;
            any |= match page.upper.get() {
                None => merged.add_page(page.octave, |bucket| load(counts, bucket)),
                Some(upper) => merged.add_page(page.octave, |bucket| {
                    load(counts, bucket) + load(upper, bucket)
                }),
            };
        }
        if any {
            let [sum, min, max] = self.sums();
            merged.add_sum(sum, min, max);
        }
    }

    /// Adds the thousandths of what was recorded by [`Cell::record_with_thousandth`], likewise.
    pub(crate) fn add_thousandths_to(&self, merged: &mut Merged) {
        let mut any = false;
        for page in self.all_pages() {
            let counts = &page.counts;
            any |= merged.add_page_below::<{ THOUSAND + 1 }>(page.octave, |at| load(counts, at));
            if let Some(upper) = page.upper.get() {
                any |= merged.add_page_below::<THOUSAND>(page.octave, |at| load(upper, at));
            }
        }
        if any {
            let [sum, min, max] = self.sums().map(|millis| millis / 1000.0);
            merged.add_sum(sum, min, max);
        }
    }

    fn sums(&self) -> [f64; 3] {
        [&self.sum, &self.min, &self.max].map(|bits| f64::from_bits(bits.load(Ordering::Relaxed)))
    }
}

#[inline]
fn load(counts: &Counts, bucket: usize) -> u64 {
    counts[bucket % OCTAVE].load(Ordering::Acquire)
}

/// A page behind this one.
#[inline(never)]
fn page_behind(mut page: &Page, octave: i16) -> &Page {
    while let Some(next) = page.next.get() {
        page = next;
        if page.octave == octave {
            return page;
        }
    }
    page.next.get_or_init(|| Page::new(octave))
}

/// The bits of a value that can be recorded.
#[inline]
fn bits(value: f64) -> Option<u64> {
    let bits = value.to_bits();
    if bits < INFINITY {
        Some(bits)
    } else {
        (value == 0.0).then_some(0) // negative zero
    }
}
