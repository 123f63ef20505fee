//! What an answer brings along to be counted by.
// #[HotPath]
// except system calls: the processor time of one read in 512, and of those on disk threads.

use std::cell::Cell;
use std::time::{Duration, Instant};

use venice_engine::StoreNumber;

use crate::observe::chance::Chance;

/// What was read for an answer. Small, as answers are moved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Facts {
    /// The store version that was read; `None` of answers that were not read.
    pub store: Option<StoreNumber>,
    /// Whether the request was a batch.
    pub is_batch: bool,
    /// Whether it was one of a streaming call.
    pub is_streamed: bool,
    /// Whether something was computed of values, or counted; then it is a batch as well.
    pub is_compute: bool,
    /// Keys that were asked for.
    pub keys: u32,
    /// Those that were not found.
    pub missing: u32,
    /// Bytes of the key; of a batch nothing.
    pub key_bytes: u32,
    /// Bytes of the value, as stored; of a batch nothing.
    pub value_bytes: u32,
    /// Values that were put together from chunks.
    pub chunked: u32,
    /// Bytes of the request's message.
    pub request_bytes: u32,
    /// How long the request waited for a disk thread, and how many waited when it came; if it did.
    pub queued: Option<(Duration, u32)>,
    /// What reading RocksDB took, and making the answer, if that was measured.
    pub spent: Spent,
}

/// One read in so many is timed, of those that memory answers: two looks at the clock cost as much as all
/// the counting.
const TIMED_READS: u32 = 64;
/// Of one of so many that are timed the processor time is measured, too, for which the system is asked.
const TIMED_BY_CPU: u32 = 8;
/// A read on a worker of which it was measured stands for so many.
const STANDS_FOR: u32 = TIMED_READS * TIMED_BY_CPU;

thread_local! {
    /// Which reads are timed.
    static SAMPLING: Cell<Chance> = const { Cell::new(Chance::new()) };
    /// Of which slices the processor time is measured.
    static SLICES: Cell<Chance> = const { Cell::new(Chance::new()) };
}

/// Has the next read of this thread timed: somebody wants to know of it.
pub(crate) fn time_next_read() {
    let mut sampling = SAMPLING.get();
    sampling.hasten();
    SAMPLING.set(sampling);
}

/// What a read took, where it was measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Spent {
    /// On the clock.
    pub time: Option<Duration>,
    /// Nanoseconds of a processor, those of the reads that it stands for included; 0 if they were not
    /// measured.
    pub cpu_nanos: u64,
}

impl Spent {
    /// What was spent on another part of the same request.
    pub(crate) fn add(&mut self, other: Spent) {
        self.time = match (self.time, other.time) {
            (Some(time), Some(other)) => Some(time + other),
            (time, other) => time.or(other),
        };
        self.cpu_nanos += other.cpu_nanos;
    }
}

/// Times some reads.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stopwatch {
    start: Option<Instant>,
    /// The thread's processor time in nanoseconds, and how many reads this one stands for.
    cpu: Option<(u64, u32)>,
}

impl Stopwatch {
    /// Starts it, if it is time for one; or `always`, where the clock costs little beside the read.
    #[inline]
    pub(crate) fn start(always: bool) -> Stopwatch {
        if always {
            return Stopwatch {
                start: Some(Instant::now()),
                cpu: thread_cpu_nanos().map(|nanos| (nanos, 1)),
            };
        }
        let mut sampling = SAMPLING.get();
        let mut stopwatch = Stopwatch {
            start: None,
            cpu: None,
        };
        if sampling.comes() {
            // One that somebody asked for stands for no other.
            if !sampling.resume() && sampling.draw(TIMED_READS).is_multiple_of(TIMED_BY_CPU) {
                stopwatch.cpu = thread_cpu_nanos().map(|nanos| (nanos, STANDS_FOR));
            }
            stopwatch.start = Some(Instant::now());
        }
        SAMPLING.set(sampling);
        stopwatch
    }

    /// Starts it for a slice of a streamed batch, whose many keys cost more than the clock: on a disk thread
    /// as above; else for the processor time by chance.
    pub(crate) fn start_slice(on_disk_thread: bool) -> Stopwatch {
        if on_disk_thread {
            return Stopwatch::start(true);
        }
        let mut sampling = SLICES.get();
        let is_measured = sampling.hits(TIMED_BY_CPU);
        SLICES.set(sampling);
        let cpu = if is_measured {
            thread_cpu_nanos().map(|nanos| (nanos, TIMED_BY_CPU))
        } else {
            None
        };
        Stopwatch {
            start: Some(Instant::now()),
            cpu,
        }
    }

    /// Processor time of the thread since the start; all of the time, where the system does not tell.
    pub(crate) fn processor(self) -> Duration {
        let spent = self.read();
        match self.cpu {
            Some(_) => Duration::from_nanos(spent.cpu_nanos),
            None => spent.time.unwrap_or_default(),
        }
    }

    /// What was spent since the start, if it runs.
    #[inline]
    pub(crate) fn read(self) -> Spent {
        let Some(start) = self.start else {
            return Spent::default();
        };
        let time = start.elapsed();
        let cpu_nanos = self.cpu.and_then(|(start, reads)| {
            let spent = thread_cpu_nanos()?.saturating_sub(start);
            Some(spent.saturating_mul(reads.into()))
        });
        Spent {
            time: Some(time),
            cpu_nanos: cpu_nanos.unwrap_or(0),
        }
    }
}

/// Nanoseconds for which a processor ran this thread; where the system tells it.
#[cfg(target_os = "linux")]
fn thread_cpu_nanos() -> Option<u64> {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let (seconds, nanos) = (u64::try_from(time.tv_sec), u64::try_from(time.tv_nsec));
    Some(seconds.ok()? * 1_000_000_000 + nanos.ok()?)
}

/// As above.
#[cfg(not(target_os = "linux"))]
fn thread_cpu_nanos() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_read_in_so_many_is_timed_and_not_always_the_same_of_those_that_take_turns() {
        const READS: usize = 400_000;
        let (mut timed, mut measured) = ([0u32; 2], 0);
        for read in 0..READS {
            let stopwatch = Stopwatch::start(false);
            timed[read % 2] += u32::from(stopwatch.start.is_some());
            measured += u32::from(stopwatch.cpu.is_some());
        }
        // 3,125 each on average, with a deviation of about 50; and 781.
        let near = |number: u32, mean: u32| number.abs_diff(mean) < mean / 4;
        assert!(timed.iter().all(|number| near(*number, 3125)), "{timed:?}");
        if cfg!(target_os = "linux") {
            assert!(near(measured, 781), "{measured}");
        }
    }

    #[test]
    fn a_read_that_somebody_asks_for_is_timed_and_stands_for_no_other() {
        // Past one that is timed by chance.
        while Stopwatch::start(false).start.is_none() {}
        let mut timed = 0;
        for _ in 0..1000 {
            time_next_read();
            time_next_read();
            let stopwatch = Stopwatch::start(false);
            assert!(stopwatch.start.is_some() && stopwatch.cpu.is_none());
            timed += u32::from(Stopwatch::start(false).start.is_some());
        }
        // 16 on average: those of chance go on as ever.
        assert!((1..100).contains(&timed), "{timed}");
    }

    #[test]
    fn slices_are_timed_and_some_have_their_processor_time() {
        let mut measured = 0;
        for _ in 0..10_000 {
            let stopwatch = Stopwatch::start_slice(false);
            assert!(stopwatch.start.is_some());
            measured += u32::from(
                stopwatch
                    .cpu
                    .is_some_and(|(_, slices)| slices == TIMED_BY_CPU),
            );
        }
        if cfg!(target_os = "linux") {
            assert!((1000..1500).contains(&measured), "{measured}");
        }
        let millis = |number| Some(Duration::from_millis(number));
        let part = |time, cpu_nanos| Spent { time, cpu_nanos };
        let mut spent = Spent::default();
        for other in [part(None, 1), part(millis(1), 2), part(millis(2), 0)] {
            spent.add(other);
        }
        assert_eq!(spent, part(millis(3), 3));
    }

    #[test]
    fn what_always_runs_tells_time_and_processor_time() {
        let stopwatch = Stopwatch::start(true);
        let mut spent = stopwatch.read();
        while cfg!(target_os = "linux") && spent.cpu_nanos == 0 {
            spent = stopwatch.read();
        }
        let nanos = spent.time.map_or(0, |time| time.as_nanos() as u64);
        // The thread cannot have run for longer than it took, but for the steps of both clocks.
        assert!(spent.cpu_nanos <= nanos + 20_000_000, "{spent:?}");
    }
}
