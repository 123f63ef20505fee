//! Whole numbers that come again and again, as sizes of keys do: a thread counts how often the last one came, and
//! records it when another comes.
// #[HotPath]
// except system calls: a reader that waits for a writer lets other threads run.

use std::sync::atomic::{fence, AtomicU64, Ordering};
use std::{hint, thread};

use crate::cell::{Cell, Sample};
use crate::merge::Merged;

/// Runs on a cache line that no other thread writes.
pub(crate) const RUNS: usize = 8;

/// The runs of some histograms of one thread.
#[derive(Default)]
#[repr(align(64))]
pub(crate) struct Runs(pub(crate) [Run; RUNS]);

/// The whole number that came last, and how often it came again, which is not in the histogram's cell yet.
///
/// In one word, so that readers see both as of one moment: the number in the high half; 16 bits of how often it came, or
/// [`RECORDING`]; and 16 bits that are others after each time that it was recorded. So one comparison tells whether the
/// number is the same, and there is room for one more.
#[derive(Default)]
pub(crate) struct Run(AtomicU64);

const NUMBER: u32 = u64::BITS - u32::BITS;
/// Of the bits that are others after each time, the mask.
const RECORDED: u64 = 0xFFFF;
/// It came once more.
const ONCE: u64 = RECORDED + 1;
/// How often it came, the mask.
const TIMES: u64 = 0xFFFF * ONCE;
/// In place of how often it came: it is being recorded. So that is more than a number can have come.
const RECORDING: u64 = TIMES;

/// A reader that has looked so often lets another thread run: the writer may have lost the processor.
const PATIENCE: u32 = 100;

impl Run {
    /// Counts the number so many times, if it is the one that comes again. Else [`Run::turn`] does.
    #[inline]
    pub(crate) fn count(&self, number: u32, times: u16) -> bool {
        let run = self.0.load(Ordering::Relaxed);
        let more = u64::from(times) * ONCE;
        if run ^ u64::from(number) << NUMBER >= RECORDING - more {
            return false;
        }
        self.0.store(run + more, Ordering::Relaxed);
        true
    }

    /// Records `number` in `cell`, and what came before it. From now on it is the one that may come again, at least `u16::MAX - 1`
    /// times.
    #[inline]
    pub(crate) fn turn(&self, cell: &Cell, has_buckets: bool, number: u32) {
        let run = self.0.load(Ordering::Relaxed);
        let recorded = if run & TIMES == 0 {
            run & RECORDED
        } else {
            self.record(cell, has_buckets, run)
        };
        cell.record_times(Sample::of_whole(number), has_buckets, 1);
        let run = u64::from(number) << NUMBER | recorded;
        self.0.store(run, Ordering::Release);
    }

    /// Returns what tells that it was done.
    #[inline(never)]
    fn record(&self, cell: &Cell, has_buckets: bool, run: u64) -> u64 {
        // Readers that see something of it in the cell see this, too.
        self.0.store(run | RECORDING, Ordering::Relaxed);
        fence(Ordering::Release);
        cell.record_times(number(run), has_buckets, times(run));
        run.wrapping_add(1) & RECORDED
    }

    /// Whether all that came is in the cell, for who looks at that behind this.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.load(Ordering::Acquire) & TIMES == 0
    }

    /// Adds what is in a cell by `add`, and what came since. Nothing is left out, nor added twice, also while it turns; `spare` is
    /// memory.
    pub(crate) fn add_to(
        &self,
        has_buckets: bool,
        merged: &mut Merged,
        spare: &mut Merged,
        add: impl Fn(&mut Merged),
    ) {
        for look in 0u32.. {
            let before = self.0.load(Ordering::Acquire);
            if before & TIMES == RECORDING {
                if look % PATIENCE == PATIENCE - 1 {
                    thread::yield_now();
                }
                hint::spin_loop();
                continue;
            }
            if before & TIMES == 0 {
                add(merged);
                return;
            }
            // Where it is taken back, if it has to be.
            let is_first = merged.is_empty();
            if is_first {
                add(merged);
            } else {
                spare.clear();
                add(spare);
            }
            fence(Ordering::Acquire);
            let after = self.0.load(Ordering::Relaxed);
            // What came meanwhile is in neither, or it was recorded.
            if after & !TIMES == before & !TIMES && after & TIMES != RECORDING {
                if !is_first {
                    merged.add_all(spare);
                }
                number(before).add_to(has_buckets, merged, times(before));
                return;
            }
            if is_first {
                merged.clear();
            }
        }
    }
}

#[inline]
fn number(run: u64) -> Sample {
    Sample::of_whole((run >> NUMBER) as u32)
}

#[inline]
fn times(run: u64) -> u64 {
    (run & TIMES) / ONCE
}

#[cfg(test)]
mod tests {
    use std::cell;

    use super::*;

    /// How many there are, and their sum, if the writer does `meanwhile` before the cell is read, or behind that.
    fn read(run: &Run, cell: &Cell, before: bool, meanwhile: impl Fn()) -> (u64, f64) {
        let nothing = read_after(0, run, cell, before, &meanwhile);
        // What other threads recorded was read before. All that is to come has come.
        let (count, sum) = read_after(1, run, cell, before, || ());
        assert!(
            count > nothing.0 && sum > nothing.1,
            "{count} {sum} after {nothing:?}"
        );
        nothing
    }

    /// As [`read`], behind so many ones of other threads.
    fn read_after(
        ones: u64,
        run: &Run,
        cell: &Cell,
        before: bool,
        meanwhile: impl Fn(),
    ) -> (u64, f64) {
        let (mut merged, mut spare) = (Merged::default(), Merged::default());
        if ones > 0 {
            Sample::of_whole(1).add_to(true, &mut merged, ones);
        }
        let first = cell::Cell::new(true);
        run.add_to(true, &mut merged, &mut spare, |merged| {
            let is_first = first.replace(false);
            if is_first && before {
                meanwhile();
            }
            cell.add_to(merged);
            if is_first && !before {
                meanwhile();
            }
        });
        (merged.count(), merged.summary().sum)
    }

    #[test]
    fn what_is_recorded_while_it_is_read_is_neither_left_out_nor_added_twice() {
        for before in [true, false] {
            let (run, cell) = (Run::default(), Cell::default());
            run.turn(&cell, true, 5);
            assert!(run.count(5, 1) && run.count(5, 1) && !run.count(7, 1));
            assert_eq!(read(&run, &cell, before, || ()), (3, 15.0));
            // One more of the same may be in it or not.
            let more = read(&run, &cell, before, || assert!(run.count(5, 1)));
            assert!([(3, 15.0), (4, 20.0)].contains(&more), "{more:?}");
            let other = read(&run, &cell, before, || run.turn(&cell, true, 7));
            assert_eq!(other, (5, 27.0));
            assert!(run.count(7, 1));
            let others = read_after(2, &run, &cell, before, || run.turn(&cell, true, 9));
            assert_eq!(others, (9, 45.0));
            run.turn(&cell, true, 7);
            assert!(run.count(7, 1));
            // The same number comes again in between.
            let back = read(&run, &cell, before, || {
                run.turn(&cell, true, 8);
                run.turn(&cell, true, 7);
                assert!(run.count(7, 1));
            });
            assert_eq!(back, (12, 79.0));
        }
    }

    #[test]
    fn what_came_several_times_is_counted_as_often_as_there_is_room() {
        const MOST: u16 = u16::MAX - 1;
        let (run, cell) = (Run::default(), Cell::default());
        run.turn(&cell, true, 5);
        assert!(run.count(5, MOST - 7) && run.count(5, 7));
        assert!(!run.count(5, 1), "there is no room for one more");
        let so_far = u64::from(MOST) + 1;
        let read = || read(&run, &cell, true, || ());
        assert_eq!(read(), (so_far, 5.0 * so_far as f64));
        run.turn(&cell, true, 5);
        assert!(!run.count(5, u16::MAX), "there is no room for so many");
        assert!(run.count(5, MOST - 1) && !run.count(5, 2) && run.count(5, 1));
        let so_far = 2 * so_far;
        assert_eq!(read(), (so_far, 5.0 * so_far as f64));
    }

    #[test]
    fn a_reader_waits_for_what_is_being_recorded() {
        let (run, cell) = (Run::default(), Cell::default());
        run.turn(&cell, true, 5);
        assert!(run.count(5, 1));
        let now = run.0.load(Ordering::Relaxed);
        run.0.store(now | RECORDING, Ordering::Relaxed);
        thread::scope(|scope| {
            let reader = scope.spawn(|| read(&run, &cell, true, || ()));
            // As the writer does, after a while that no reader sees the end of.
            thread::yield_now();
            cell.record_times(Sample::of_whole(5), true, 1);
            run.0.store((now & !TIMES) + 1, Ordering::Release);
            assert!(matches!(reader.join(), Ok((2, sum)) if sum == 10.0));
        });
    }
}
