//! Workers that look for more work for a while before they sleep.
//!
//! To wake a thread that sleeps takes the system some microseconds, tens of them on a virtual
//! machine, and each request that comes alone waits for it. A worker that spins has no such wait, and
//! takes a processor for it.
// #[HotPath]
// except awaits: of a worker that has nothing to do.

use std::cell::Cell;
use std::future::poll_fn;
use std::task::{Poll, Waker};
use std::time::{Duration, Instant};

use tokio::task::yield_now;

thread_local! {
    /// How many times bytes came, on any connection of this worker.
    static ARRIVALS: Cell<u64> = const { Cell::new(0) };
    /// Who spins, while there is nothing to spin for.
    static SLEEPER: Cell<Option<Waker>> = const { Cell::new(None) };
}

/// Says that bytes came on a connection of this thread.
#[inline]
pub(crate) fn note_activity() {
    ARRIVALS.set(ARRIVALS.get().wrapping_add(1));
    if let Some(sleeper) = SLEEPER.take() {
        sleeper.wake();
    }
}

/// Keeps the runtime of this thread from sleeping until nothing has come for so long. Never ends. `idle`
/// is called each time that nothing had come.
pub(crate) async fn busy_poll(after_the_last: Duration, idle: impl Fn()) {
    let mut seen = ARRIVALS.get();
    loop {
        poll_fn(|context| {
            if ARRIVALS.get() != seen {
                return Poll::Ready(());
            }
            SLEEPER.set(Some(context.waker().clone()));
            Poll::Pending
        })
        .await;
        let mut end = Instant::now() + after_the_last;
        // The runtime runs all other tasks in between, and asks the system for events without
        // waiting for any.
        while Instant::now() < end {
            yield_now().await;
            if ARRIVALS.get() != seen {
                seen = ARRIVALS.get();
                end = Instant::now() + after_the_last;
            } else {
                idle();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sleeps() -> bool {
        let sleeper = SLEEPER.take();
        let sleeps = sleeper.is_some();
        SLEEPER.set(sleeper);
        sleeps
    }

    async fn until(condition: impl Fn() -> bool) {
        while !condition() {
            yield_now().await;
        }
    }

    #[tokio::test]
    async fn it_spins_after_an_arrival_and_then_sleeps() {
        let spinner = tokio::spawn(busy_poll(Duration::from_millis(1), || ()));
        until(sleeps).await;
        for _ in 0..3 {
            note_activity();
            assert!(!sleeps(), "an arrival wakes it");
            until(sleeps).await;
        }
        spinner.abort();
    }
}
