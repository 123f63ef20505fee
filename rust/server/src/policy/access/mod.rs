//! Access control: may the holder of this certificate call this method on this store?
//!
//! Java knows. It is asked once per (certificate, store, method) and again every refresh interval,
//! by threads that wait in [`Access::next_question`] and have nothing to do with requests. A request
//! whose answer is known looks at one entry and goes on, whatever Java does meanwhile:
//!
//! ```text
//!   request --> entry: known? --yes--> granted, or the refusal
//!                        |no
//!                        +--> queue --> thread of Java's: ReadAccessController --> entry, waiters
//!   refresh is due ------------^           (all who asked meanwhile wait for the same answer)
//! ```
//!
//! How old an answer may be: it is asked for again `refresh` after it came. While Java is slow or
//! fails the old answer stays for `stale` longer; then requests wait for Java again. A failure
//! is cached for [`RETRY`], and only if no earlier result is still valid. What nobody used for `stale` is
//! forgotten, and not asked for any more.
//!
//! The order of checks, texts and codes are those of `SRV/listener/ServerStoreAclHandler.java` and
//! `COM/acl/handler/`. The header with which a client of the Java server can switch the check off
//! (`SERVER_ACL_APPROVED_ATTRIBUTE_KEY`) means nothing here.
// #[HotPath]
// except locks: one of the connection, which its own worker alone takes; the table's when the connection asks for the first time.
// except awaits: the first answer of the access controller.
// except formatting: why the access controller failed.

mod cache;
pub(crate) mod decision;
mod instruments;
mod times;

use std::collections::{HashMap, VecDeque};
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use parking_lot::{Condvar, Mutex};
use smallvec::SmallVec;
use tokio::time::timeout;
use venice_metrics::model::Value;
use venice_metrics::{Instrument, Observer};
use venice_wire::echoed::Echoed;
use venice_wire::store_name::store_name;

use crate::config::access::AccessSettings;
use crate::observe::metrics::Metrics;
pub use crate::policy::access::cache::Subject;
use crate::policy::access::cache::{Entry, Table};
use crate::policy::access::decision::{AccessResult, Denial};
use crate::policy::access::instruments::Answers;
pub(crate) use crate::policy::access::times::AccessFacts;
use crate::policy::access::times::{millis, Times};
use crate::runtime::clock::Clock;

/// How soon a question that failed is asked again, and how long its failure is the answer.
const RETRY: Duration = Duration::from_secs(1);
/// Times are looked at no more often than this: with 10,000 entries a look takes 0.1 ms.
const MIN_BETWEEN_LOOKS: u64 = 250;
/// First questions that may wait. At 1 ms each and four threads the last one waits for 256 ms.
const WAITING_QUESTIONS: usize = 1024;
/// Stores that a connection remembers; a client that reads more of them looks into the table. With
/// the methods of each it bounds the entries that only the connection still holds.
const RECENT_STORES: usize = 64;
/// Methods of each.
const RECENT_METHODS: usize = 2;

/// What is known at once.
#[derive(Debug)]
pub enum Decision<'a> {
    /// Go on.
    Granted,
    /// Stop.
    Denied(Denial),
    /// Java has been asked.
    Unknown(PendingAccess<'a>),
}

/// A decision that Java has been asked for.
#[derive(Debug)]
pub struct PendingAccess<'a> {
    access: &'a Access,
    entry: Arc<Entry>,
}

/// The entries of one store: a client has two methods.
type Entries = SmallVec<[Arc<Entry>; RECENT_METHODS]>;

/// The client of one connection, as access control sees it.
#[derive(Debug)]
pub struct Principal {
    encrypted: bool,
    certificate: Option<Arc<[u8]>>,
    /// Entries of the stores that it reads. A connection lives on one thread, so nobody else wants
    /// this lock.
    recent: Mutex<HashMap<Box<str>, Entries>>,
}

impl Principal {
    /// `certificate` is what the client showed, DER of X.509; `encrypted` says whether the connection
    /// uses TLS.
    pub fn new(certificate: Option<Arc<[u8]>>, encrypted: bool) -> Principal {
        Principal {
            encrypted,
            certificate,
            recent: Mutex::default(),
        }
    }
}

/// The access decisions of one server.
#[derive(Debug)]
pub struct Access {
    /// Of the settings, those that can be changed.
    times: ArcSwap<Times>,
    threads: usize,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// A question came, or the end.
    changed: Condvar,
    answers: Answers,
}

#[derive(Debug)]
struct State {
    table: Table,
    /// Requests wait for these.
    new_questions: VecDeque<Arc<Entry>>,
    /// Nobody waits for these.
    refresh: VecDeque<Arc<Entry>>,
    /// Refreshes that threads are asking.
    refreshing: usize,
    /// When to look for entries that are due.
    next_look: u64,
    closed: bool,
}

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
    /// Knows nothing yet.
    pub fn new(settings: AccessSettings, clock: Arc<dyn Clock>) -> Access {
        Access {
            state: Mutex::new(State {
                table: Table::new(settings.entries, settings.bytes),
                new_questions: VecDeque::new(),
                refresh: VecDeque::new(),
                refreshing: 0,
                next_look: u64::MAX,
                closed: false,
            }),
            times: ArcSwap::from_pointee(Times::from(&settings)),
            threads: settings.threads,
            clock,
            changed: Condvar::new(),
            answers: Answers::default(),
        }
    }

    /// Has answers hold as long as `settings` say, those that come from now on. The other settings of access
    /// stay as they were.
    pub fn set_times(&self, settings: &AccessSettings) {
        self.times.store(Arc::new(Times::from(settings)));
    }

    /// Counts Java's answers from now on.
    pub fn count_in(&self, metrics: &Metrics) {
        self.answers.count_in(metrics);
    }

    /// Decides about a request, at once if the answer is known.
    pub fn decide(&self, principal: &Principal, resource: &str, method: &str) -> Decision<'_> {
        if !principal.encrypted {
            return Decision::Denied(Denial::SslRequired);
        }
        let store = match store_name(resource) {
            Some(store) if !method.is_empty() => store,
            _ => return Decision::Denied(Denial::InvalidRequest),
        };
        let Some(certificate) = &principal.certificate else {
            return Decision::Denied(Denial::NoCertificate);
        };
        let mut recent = principal.recent.lock();
        let known = recent.get(store).and_then(|entries| {
            let mut entries = entries.iter();
            entries.find(|entry| *entry.subject.method == *method)
        });
        if let Some(entry) = known {
            if entry.in_cache.load(Ordering::Acquire) {
                entry.mark_used();
                if let Some(answer) = entry.answer(self.clock.millis()) {
                    return decided(answer);
                }
            }
        }
        let subject = Subject {
            certificate: Arc::clone(certificate),
            store: store.into(),
            method: method.into(),
        };
        let (entry, decision) = self.look_up(subject);
        if recent.len() >= RECENT_STORES && !recent.contains_key(store) {
            recent.clear();
        }
        let entries = recent.entry(store.into()).or_default();
        entries.retain(|old| old.in_cache.load(Ordering::Acquire) && !Arc::ptr_eq(old, &entry));
        if entries.len() == RECENT_METHODS {
            entries.remove(0);
        }
        entries.push(entry);
        decision
    }

    /// Looks into the table, and asks if need be.
    fn look_up(&self, subject: Subject) -> (Arc<Entry>, Decision<'_>) {
        let mut state = self.state.lock();
        let entry = state.table.entry(subject);
        entry.mark_used();
        let decision = if let Some(answer) = entry.answer(self.clock.millis()) {
            decided(answer)
        } else if state.closed {
            Decision::Denied(Denial::Stopping)
        } else if entry.asking.load(Ordering::Relaxed) {
            // Now somebody waits for it.
            let queued = state.refresh.iter().position(|e| Arc::ptr_eq(e, &entry));
            if let Some(entry) = queued.and_then(|at| state.refresh.remove(at)) {
                state.new_questions.push_back(entry);
                self.changed.notify_one();
            }
            self.pending(&entry)
        } else if state.new_questions.len() >= WAITING_QUESTIONS {
            Decision::Denied(Denial::Busy)
        } else {
            entry.asking.store(true, Ordering::Relaxed);
            state.new_questions.push_back(Arc::clone(&entry));
            self.changed.notify_one();
            self.pending(&entry)
        };
        (entry, decision)
    }

    fn pending(&self, entry: &Arc<Entry>) -> Decision<'_> {
        Decision::Unknown(PendingAccess {
            access: self,
            entry: Arc::clone(entry),
        })
    }

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

    /// What is known and waited for now.
    pub fn facts(&self) -> AccessFacts {
        let now = self.clock.millis();
        let state = self.state.lock();
        let mut facts = AccessFacts {
            kept: state.table.len(),
            new_questions: state.new_questions.len(),
            refreshes: state.refresh.len(),
            refreshing: state.refreshing,
            oldest_millis: None,
        };
        let end = state.table.first_end(now);
        drop(state);
        let times = self.times.load();
        let lasts = times.refresh.saturating_add(times.stale);
        facts.oldest_millis = end.map(|end| now.saturating_add(lasts).saturating_sub(end));
        facts
    }

    /// Tells how many decisions are kept, how old they are, and how many questions wait.
    pub fn observe(&self, observer: &mut Observer<'_>) {
        let facts = self.facts();
        let waiting = facts.new_questions + facts.refreshes;
        for (instrument, number) in [
            (Instrument::AccessQueueSize, waiting),
            (Instrument::AccessDecisionCount, facts.kept),
        ] {
            observer.observe(instrument, &[], Value::I64(number as i64));
        }
        if let Some(age) = facts.oldest_millis {
            let age = Value::F64(age as f64 / 1000.0);
            observer.observe(Instrument::AccessDecisionAge, &[], age);
        }
    }

    /// Ends the questions: threads that wait for one go, requests that wait for an answer fail.
    /// Answers that are known stay.
    pub fn close(&self) {
        let mut state = self.state.lock();
        state.closed = true;
        let waited_for = std::mem::take(&mut state.new_questions);
        state.refresh.clear();
        self.changed.notify_all();
        drop(state);
        for entry in waited_for {
            entry.answered.notify_waiters();
        }
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

fn decided(answer: AccessResult) -> Decision<'static> {
    match answer {
        AccessResult::Granted => Decision::Granted,
        answer => Decision::Denied(Denial::Answered(answer)),
    }
}

impl PendingAccess<'_> {
    /// Waits until access is granted.
    ///
    /// Cancel safety: the question is asked all the same, and its answer remembered.
    pub async fn granted(&self) -> Result<(), Denial> {
        let PendingAccess { access, entry } = self;
        // Listens before it looks, so that no answer comes between.
        let mut answered = pin!(entry.answered.notified());
        answered.as_mut().enable();
        let mut answer = entry.answer(access.clock.millis());
        if answer.is_none() && !access.state.lock().closed {
            let wait = access.times.load().wait;
            if timeout(wait, answered).await.is_err() {
                return Err(Denial::NoAnswer { wait });
            }
            answer = entry.answer(access.clock.millis());
        }
        match answer {
            Some(AccessResult::Granted) => Ok(()),
            Some(answer) => Err(Denial::Answered(answer)),
            None => Err(Denial::Stopping),
        }
    }
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

#[cfg(test)]
mod tests;
