//! The handshakes of TLS: how many of a server are worked at at the same time.
//!
//! A step of a handshake (a signature, a key exchange, the check of a client's chain) takes a worker up
//! to a millisecond, during which none of its other connections is served. When thousands of clients
//! come at once, as after a restart, their steps would run one after the other before any request had
//! its turn. So each step needs one of a few permits, has to wait for it in order, and lets all other
//! work of its thread go first. A client that is waited for has no permit: who stops in the middle of
//! its handshake holds up nobody.

use std::future::{poll_fn, Future};
use std::pin::pin;
use std::task::Poll;

use parking_lot::Mutex;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::yield_now;

/// The permits of one server.
#[derive(Debug)]
pub struct Handshakes {
    permits: Semaphore,
    numbers: Mutex<Numbers>,
}

/// How many permits there are to be.
#[derive(Debug)]
struct Numbers {
    wanted: usize,
    /// More than that there still are, in use: they go as they come back.
    surplus: usize,
}

impl Handshakes {
    /// As many permits, at least one.
    pub fn new(permits: usize) -> Handshakes {
        let wanted = permits.max(1);
        Handshakes {
            permits: Semaphore::new(wanted),
            numbers: Mutex::new(Numbers { wanted, surplus: 0 }),
        }
    }

    /// As many permits from now on, at least one. A step that is under way keeps its permit to its end.
    pub(crate) fn set(&self, permits: usize) {
        let mut numbers = self.numbers.lock();
        let wanted = permits.max(1);
        let there = numbers.wanted + numbers.surplus;
        if wanted >= there {
            self.permits.add_permits(wanted - there);
            numbers.surplus = 0;
        } else {
            let gone = self.permits.forget_permits(there - wanted);
            numbers.surplus = there - wanted - gone;
        }
        numbers.wanted = wanted;
    }

    /// Waits for a permit.
    async fn turn(&self) -> Turn<'_> {
        Turn {
            handshakes: self,
            permit: self.permits.acquire().await.ok(),
        }
    }

    /// Does `handshake` step by step, each in its turn. What it is woken for is a step.
    ///
    /// Cancel safety: that of `handshake`.
    pub(crate) async fn in_turn<F: Future>(&self, handshake: F) -> F::Output {
        let mut handshake = pin!(handshake);
        loop {
            let turn = self.turn().await;
            // What else is ready on this thread comes first. The turn is taken meanwhile, or all who
            // wait would have had their turn by then.
            yield_now().await;
            let step = poll_fn(|context| Poll::Ready(handshake.as_mut().poll(context)));
            if let Poll::Ready(done) = step.await {
                return done;
            }
            drop(turn);
            // Returns to the thread at once, so that no wake-up since that step is lost.
            woken().await;
        }
    }
}

/// The permit of one step.
struct Turn<'a> {
    handshakes: &'a Handshakes,
    /// The semaphore is never closed, so there always is one.
    permit: Option<SemaphorePermit<'a>>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut numbers = self.handshakes.numbers.lock();
        if numbers.surplus > 0 {
            numbers.surplus -= 1;
            if let Some(permit) = self.permit.take() {
                permit.forget();
            }
        }
    }
}

/// Waits for the next wake-up of this task.
async fn woken() {
    let mut first = true;
    poll_fn(|_| {
        if std::mem::take(&mut first) {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    })
    .await;
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::pending;
    use std::rc::Rc;

    use tokio::task::LocalSet;

    use super::*;

    /// Work of so many steps, each of which is counted.
    async fn steps(count: usize, done: Rc<Cell<usize>>) {
        for _ in 0..count {
            done.set(done.get() + 1);
            yield_now().await;
        }
    }

    async fn most_between_turns_of_others(handshakes: Handshakes) -> usize {
        let handshakes = Rc::new(handshakes);
        let done = Rc::new(Cell::new(0));
        let waiting: Vec<_> = (0..100)
            .map(|_| {
                let (handshakes, done) = (Rc::clone(&handshakes), Rc::clone(&done));
                tokio::task::spawn_local(async move { handshakes.in_turn(steps(3, done)).await })
            })
            .collect();
        // Another connection of the thread, which always has something to do.
        let mut most = 0;
        let mut before = 0;
        while !waiting.iter().all(|handshake| handshake.is_finished()) {
            yield_now().await;
            most = most.max(done.get() - before);
            before = done.get();
        }
        assert_eq!(before, 300);
        most
    }

    #[tokio::test]
    async fn others_have_their_turn_between_a_few_steps() {
        for permits in [1, 4] {
            let most = most_between_turns_of_others(Handshakes::new(permits));
            let most = LocalSet::new().run_until(most).await;
            assert!(most <= permits, "{most} steps with {permits} permits");
        }
    }

    #[tokio::test]
    async fn fewer_and_more_permits_hold_from_the_next_step_on() {
        let handshakes = Handshakes::new(4);
        let turns = [
            handshakes.turn().await,
            handshakes.turn().await,
            handshakes.turn().await,
        ];
        let free = || handshakes.permits.available_permits();
        assert_eq!(free(), 1);
        handshakes.set(1);
        assert_eq!(free(), 0);
        // More than one still has a turn.
        handshakes.set(2);
        let [first, second, third] = turns;
        drop(first);
        assert_eq!(free(), 0, "two are at work");
        drop(second);
        assert_eq!(free(), 1);
        handshakes.set(0);
        assert_eq!(free(), 0, "one is at work, and there is always one permit");
        handshakes.set(5);
        assert_eq!(free(), 4);
        drop(third);
        assert_eq!(free(), 5);
    }

    #[tokio::test]
    async fn who_is_waited_for_has_no_place() {
        let local = LocalSet::new();
        let handshakes = Rc::new(Handshakes::new(1));
        let silent: Vec<_> = (0..100)
            .map(|_| {
                let handshakes = Rc::clone(&handshakes);
                local.spawn_local(async move { handshakes.in_turn(pending::<()>()).await })
            })
            .collect();
        let done = Rc::new(Cell::new(0));
        local
            .run_until(handshakes.in_turn(steps(3, Rc::clone(&done))))
            .await;
        assert_eq!(done.get(), 3);
        assert!(!silent.iter().any(|handshake| handshake.is_finished()));
    }
}
