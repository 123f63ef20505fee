//! How Java is asked: which question comes next, when an answer is asked for again, and what an answer
//! changes. On the threads of Java's that ask.

use std::sync::atomic::Ordering;
use std::sync::Arc;
use std::time::{Duration, Instant};

use venice_wire::echoed::Echoed;

use crate::policy::access::cache::{Entry, Subject};
use crate::policy::access::decision::AccessResult;
use crate::policy::access::times::{millis, Times};
use crate::policy::access::{Access, State};

/// How soon a question that failed is asked again, and how long its failure is the answer; the refresh
/// interval if that is less.
const RETRY: Duration = Duration::from_secs(1);
/// Times are looked at no more often than this: with 10,000 entries a look takes 0.1 ms.
const MIN_BETWEEN_LOOKS: u64 = 250;

/// A question for Java. Dropped without an answer it has failed.
#[derive(Debug)]
pub struct Question<'a> {
    access: &'a Access,
    entry: Arc<Entry>,
    is_refresh: bool,
    asked: Instant,
    answered: bool,
}

impl Access {
    /// Waits for a question. `None`: there will be no more, the thread may go.
    pub fn next_question(&self) -> Option<Question<'_>> {
        let mut state = self.state.lock();
        loop {
            if let Some(question) = self.take_question(&mut state) {
                return Some(question);
            }
            if state.closed {
                return None;
            }
            let now = self.clock.millis();
            if state.next_look == u64::MAX {
                self.changed.wait(&mut state);
            } else {
                let pause = Duration::from_millis(state.next_look.saturating_sub(now).max(1));
                self.changed.wait_for(&mut state, pause);
            }
        }
    }

    /// The next question, if there is one now.
    pub fn try_next_question(&self) -> Option<Question<'_>> {
        self.take_question(&mut self.state.lock())
    }

    fn take_question(&self, state: &mut State) -> Option<Question<'_>> {
        if state.closed {
            return None;
        }
        self.enqueue_due_refreshes(state);
        let question = |entry, is_refresh| Question {
            access: self,
            entry,
            is_refresh,
            asked: Instant::now(),
            answered: false,
        };
        if let Some(entry) = state.new_questions.pop_front() {
            return Some(question(entry, false));
        }
        if state.refreshing < self.threads.saturating_sub(1).max(1) {
            let entry = state.refresh.pop_front()?;
            state.refreshing += 1;
            return Some(question(entry, true));
        }
        None
    }

    /// Queues the entries whose time has come, and forgets those that nobody uses.
    fn enqueue_due_refreshes(&self, state: &mut State) {
        let now = self.clock.millis();
        if now < state.next_look {
            return;
        }
        let idle = self.times.load().stale;
        let State { table, refresh, .. } = state;
        let mut next = u64::MAX;
        table.retain(|entry| {
            if entry.asking.load(Ordering::Relaxed) {
                return true;
            }
            let due = entry.due.load(Ordering::Relaxed);
            if due > now {
                next = next.min(due);
                return true;
            }
            if entry.used.swap(false, Ordering::Relaxed) {
                entry.last_used.store(now, Ordering::Relaxed);
            }
            let wanted = now - entry.last_used.load(Ordering::Relaxed) <= idle;
            if wanted {
                entry.asking.store(true, Ordering::Relaxed);
                refresh.push_back(Arc::clone(entry));
            }
            wanted
        });
        state.next_look = next.max(now + MIN_BETWEEN_LOOKS);
        if next == u64::MAX {
            state.next_look = next;
        }
        // Others may be free to ask as well.
        if state.refresh.len() > 1 {
            self.changed.notify_all();
        }
    }

    fn record(&self, entry: &Arc<Entry>, answer: AccessResult, was_refresh: bool) {
        // The text is the controller's own, of any length, and is kept and sent.
        let answer = match answer {
            AccessResult::Failed(text) => {
                AccessResult::Failed(Echoed::new(&text).to_string().into())
            }
            answer => answer,
        };
        let now = self.clock.millis();
        let Times { refresh, stale, .. } = **self.times.load();
        let retry = millis(RETRY).min(refresh);
        let failed = matches!(
            answer,
            AccessResult::ErrorForbidden | AccessResult::Failed(_)
        );

        let mut state = self.state.lock();
        if was_refresh {
            state.refreshing -= 1;
            self.changed.notify_one();
        }
        entry.asking.store(false, Ordering::Relaxed);
        let due = now.saturating_add(if failed { retry } else { refresh });
        // A failure does not replace an answer that holds.
        if !failed {
            let until = due.saturating_add(stale);
            let granted = answer == AccessResult::Granted;
            entry.set(answer, until);
            state.table.reclassify(entry, granted);
        } else if entry.answer(now).is_none() || is_failure(entry, now) {
            entry.set(answer, due.saturating_add(1));
            state.table.reclassify(entry, false);
        }
        entry.due.store(due, Ordering::Relaxed);
        if due < state.next_look {
            state.next_look = due;
            // Who sleeps for longer is to set its alarm anew.
            self.changed.notify_one();
        }
        drop(state);
        entry.answered.notify_waiters();
    }
}

fn is_failure(entry: &Entry, now: u64) -> bool {
    matches!(
        entry.answer(now),
        Some(AccessResult::ErrorForbidden | AccessResult::Failed(_))
    )
}

impl Question<'_> {
    /// Who wants to do what.
    pub fn subject(&self) -> &Subject {
        &self.entry.subject
    }

    /// Takes Java's answer to those who wait.
    pub fn answer(mut self, answer: AccessResult) {
        self.answered = true;
        self.access.answers.answered(&answer, self.asked.elapsed());
        self.access.record(&self.entry, answer, self.is_refresh);
    }
}

impl Drop for Question<'_> {
    fn drop(&mut self) {
        if !self.answered {
            let text = Arc::from("the thread that asked the access controller ended");
            let answer = AccessResult::Failed(text);
            let took = self.asked.elapsed();
            self.access.answers.answered(&answer, took);
            self.access.record(&self.entry, answer, self.is_refresh);
        }
    }
}
