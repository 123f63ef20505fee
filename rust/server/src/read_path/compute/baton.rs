//! Threads of which one works at a time: together they take one processor, and none of them waits for the end of what
//! another does.

use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex, MutexGuard};

/// What the one has that works. Who wants it gets it in the order of asking.
pub(super) struct Baton {
    state: Mutex<State>,
    passed: Condvar,
    /// How long one has it while others wait.
    turn: Duration,
}

struct State {
    /// Numbers of those who ask next, and of the one who has it or may take it.
    next: u64,
    now: u64,
    since: Instant,
}

/// Has the baton, until it is dropped.
pub(super) struct Held<'a>(&'a Baton);

impl Baton {
    pub(super) fn new(turn: Duration) -> Baton {
        Baton {
            state: Mutex::new(State {
                next: 0,
                now: 0,
                since: Instant::now(),
            }),
            passed: Condvar::new(),
            turn,
        }
    }

    /// Waits for it.
    pub(super) fn take(&self) -> Held<'_> {
        self.wait_in(&mut self.state.lock());
        Held(self)
    }

    /// Who has it, by [`Baton::take`], lets the others have it in between, if there are any and its turn is over.
    pub(super) fn pass(&self) {
        let mut state = self.state.lock();
        let others = state.next - state.now > 1;
        if others && state.since.elapsed() >= self.turn {
            state.now += 1;
            self.passed.notify_all();
            // Without a moment in between in which it does not wait, and the others are alone.
            self.wait_in(&mut state);
        }
    }

    fn wait_in(&self, state: &mut MutexGuard<'_, State>) {
        let own = state.next;
        state.next += 1;
        while state.now != own {
            self.passed.wait(state);
        }
        state.since = Instant::now();
    }

    fn leave(&self) {
        self.state.lock().now += 1;
        self.passed.notify_all();
    }

    /// Who has it or waits for it.
    #[cfg(test)]
    fn wanted(&self) -> u64 {
        let state = self.state.lock();
        state.next - state.now
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.leave();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn one_works_at_a_time_and_others_come_in_between() {
        let baton = Baton::new(Duration::ZERO);
        let (at_work, order) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        let work = |name: usize| {
            assert_eq!(at_work.fetch_add(1, Ordering::SeqCst), 0);
            order.lock().push(name);
            at_work.fetch_sub(1, Ordering::SeqCst);
        };
        let first = baton.take();
        thread::scope(|scope| {
            for name in [1, 2] {
                let (baton, work) = (&baton, &work);
                scope.spawn(move || {
                    let _held = baton.take();
                    for _ in 0..3 {
                        work(name);
                        baton.pass();
                    }
                });
                // In this order.
                while baton.wanted() < name as u64 + 1 {
                    thread::yield_now();
                }
            }
            drop(first);
        });
        assert_eq!(*order.lock(), [1, 2, 1, 2, 1, 2]);
        assert_eq!(baton.wanted(), 0);
    }

    #[test]
    fn who_is_alone_or_has_its_turn_keeps_it() {
        let baton = Baton::new(Duration::from_secs(3600));
        let held = baton.take();
        baton.pass();
        assert_eq!(baton.wanted(), 1);
        thread::scope(|scope| {
            let other = scope.spawn(|| drop(baton.take()));
            while baton.wanted() < 2 {
                thread::yield_now();
            }
            baton.pass();
            assert_eq!(baton.wanted(), 2);
            drop(held);
            other.join().unwrap();
        });
        assert_eq!(baton.wanted(), 0);
    }
}
