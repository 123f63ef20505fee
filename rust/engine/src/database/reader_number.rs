//! Small numbers of threads that read, so that each can have a counter of its own in every gate.
//!
//! There are as many as a gate has room for. A thread takes one when it first reads, and gives it back at its end. Who finds none
//! counts where all such threads do.
// #[HotPath]

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

/// As many threads have a number at a time. Workers and disk threads read; a thread of Java's does now and then.
pub(super) const NUMBERS: usize = 64;

/// A thread that has not asked yet.
const UNASKED: u8 = u8::MAX;
/// One that found no number, or is past its end.
const NONE: u8 = u8::MAX - 1;

/// A bit for each number that is taken.
static TAKEN: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static CURRENT: Cell<u8> = const { Cell::new(UNASKED) };
    static GIVES_BACK: Cell<Option<Taken>> = const { Cell::new(None) };
}

/// Gives the number back when its thread ends.
struct Taken(u8);

impl Drop for Taken {
    fn drop(&mut self) {
        CURRENT.set(NONE);
        // Release: who takes it next goes on with this thread's counters.
        TAKEN.fetch_and(!(1 << self.0), Ordering::Release);
    }
}

/// That of the calling thread, which takes one.
#[inline]
pub(super) fn take() -> Option<usize> {
    match CURRENT.get() {
        UNASKED => first(),
        number => of(number),
    }
}

/// That of the calling thread, if it has one.
#[inline]
pub(super) fn current() -> Option<usize> {
    of(CURRENT.get())
}

#[inline]
fn of(number: u8) -> Option<usize> {
    let number = usize::from(number);
    (number < NUMBERS).then_some(number)
}

#[cold]
fn first() -> Option<usize> {
    let mut taken = TAKEN.load(Ordering::Relaxed);
    let number = loop {
        let free = (!taken).trailing_zeros();
        if free as usize >= NUMBERS {
            break NONE;
        }
        match TAKEN.compare_exchange_weak(
            taken,
            taken | 1 << free,
            Ordering::Acquire,
            Ordering::Relaxed,
        ) {
            Ok(_) => break free as u8,
            Err(now) => taken = now,
        }
    };
    CURRENT.set(number);
    if number != NONE
        && GIVES_BACK
            .try_with(|it| it.set(Some(Taken(number))))
            .is_err()
    {
        // The thread is past its end: what it took it would keep.
        drop(Taken(number));
    }
    of(CURRENT.get())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Barrier;

    use super::*;

    /// Other tests of the process have numbers meanwhile, so there are fewer than all.
    #[test]
    fn threads_that_run_have_different_numbers_and_some_have_none() {
        let all_run = Barrier::new(NUMBERS + 8);
        let numbers: Vec<_> = std::thread::scope(|threads| {
            let one = || {
                assert_eq!(current(), None);
                let number = take();
                assert_eq!((take(), current()), (number, number));
                all_run.wait();
                number
            };
            let threads: Vec<_> = (0..NUMBERS + 8).map(|_| threads.spawn(one)).collect();
            threads.into_iter().map(|it| it.join().unwrap()).collect()
        });
        let some: Vec<usize> = numbers.iter().flatten().copied().collect();
        assert!(some.iter().all(|&number| number < NUMBERS));
        assert!(some.len() <= NUMBERS && some.len() + 8 <= numbers.len());
        let different: HashSet<_> = some.iter().collect();
        assert_eq!(different.len(), some.len());
        // They come back with the ends of the threads: a thousand more find one, one after the other.
        let found = (0..1000).filter(|_| std::thread::spawn(take).join().unwrap().is_some());
        assert!(found.count() > 0);
    }
}
