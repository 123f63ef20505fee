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

use tokio::sync::Semaphore;
use tokio::task::yield_now;

/// The permits of one server.
#[derive(Debug)]
pub struct Handshakes(Semaphore);

impl Handshakes {
    /// As many permits, at least one.
    pub fn new(permits: usize) -> Handshakes {
        Handshakes(Semaphore::new(permits.max(1)))
    }

    /// Does `handshake` step by step, each in its turn. What it is woken for is a step.
    ///
    /// Cancel safety: that of `handshake`.
    pub(crate) async fn in_turn<F: Future>(&self, handshake: F) -> F::Output {
        let mut handshake = pin!(handshake);
        loop {
            let permit = self.0.acquire().await;
            // What else is ready on this thread comes first. The permit is taken meanwhile, or all who
            // wait would have had their turn by then.
            yield_now().await;
            let step = poll_fn(|context| Poll::Ready(handshake.as_mut().poll(context)));
            if let Poll::Ready(done) = step.await {
                return done;
            }
            drop(permit);
            // Returns to the thread at once, so that no wake-up since that step is lost.
            woken().await;
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
