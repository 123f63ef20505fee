//! One histogram of one thread.
//!
//! Only its thread writes; everybody reads. So a record is loads and stores, no locked instruction. The
//! buckets lie on pages of an octave each, made when first hit. Four of them, those of different
//! octaves modulo 4, are found from the cell's one cache line; others hang behind them.
// #[HotPath]

use std::array;
use std::sync::atomic::{AtomicI16, AtomicU64, Ordering};

use once_cell::race::OnceBox;

use crate::index::{index, OCTAVE};
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
    counts: [AtomicU64; OCTAVE],
    next: OnceBox<Page>,
}

impl Page {
    fn new(octave: i16) -> Box<Page> {
        Box::new(Page {
            octave,
            counts: array::from_fn(|_| AtomicU64::new(0)),
            next: OnceBox::new(),
        })
    }

    fn add_one(&self, bucket: usize) {
        let count = &self.counts[bucket % OCTAVE];
        // Released, so that who sees the value counted sees the least and the greatest with it.
        count.store(count.load(Ordering::Relaxed) + 1, Ordering::Release);
    }
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
        let index = index(bits);
        Some(Sample {
            value,
            octave: (index >> OCTAVE.trailing_zeros()) as i16,
            bucket: (index as usize % OCTAVE) as u8,
        })
    }

    /// Adds `times` of it.
    pub(crate) fn add_to(self, merged: &mut Merged, times: u64) {
        merged.add(self.octave, self.bucket.into(), times);
        merged.add_sum(self.value * times as f64, self.value, self.value);
    }
}

impl Cell {
    #[inline]
    pub(crate) fn record(&self, sample: Sample) {
        self.sum_up(sample.value);
        self.hit(sample.octave, sample.bucket.into());
    }

    /// As [`Cell::record`], without buckets.
    #[inline]
    pub(crate) fn record_without_buckets(&self, sample: Sample) {
        self.sum_up(sample.value);
        self.hit(WITHOUT_BUCKETS, 0);
    }

    #[inline]
    fn sum_up(&self, value: f64) {
        let bits = value.to_bits();
        let sum = f64::from_bits(self.sum.load(Ordering::Relaxed)) + value;
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
        let index = octave as usize % FRONT;
        if self.octaves[index].load(Ordering::Relaxed) == octave {
            if let Some(page) = self.pages[index].get() {
                return page.add_one(bucket);
            }
        }
        self.hit_behind(octave, bucket);
    }

    #[cold]
    #[inline(never)]
    fn hit_behind(&self, octave: i16, bucket: usize) {
        let index = octave as usize % FRONT;
        let mut page = self.pages[index].get_or_init(|| Page::new(octave));
        if page.octave == octave {
            self.octaves[index].store(octave, Ordering::Relaxed);
        }
        while page.octave != octave {
            page = page.next.get_or_init(|| Page::new(octave));
        }
        page.add_one(bucket);
    }

    /// Adds what was recorded until now. What is recorded meanwhile may be in it, whole or, for the sum,
    /// ahead of its bucket.
    pub(crate) fn add_to(&self, merged: &mut Merged) {
        let mut any = false;
        for front in &self.pages {
            let mut next = front.get();
            while let Some(page) = next {
                any |= merged.add_page(page.octave, |bucket| {
                    page.counts[bucket].load(Ordering::Acquire)
                });
                next = page.next.get();
            }
        }
        if any {
            let bits = [&self.sum, &self.min, &self.max].map(|bits| bits.load(Ordering::Relaxed));
            let [sum, min, max] = bits.map(f64::from_bits);
            merged.add_sum(sum, min, max);
        }
    }
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
