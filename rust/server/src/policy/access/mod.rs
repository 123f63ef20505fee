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
//! is cached for `RETRY` (`asking.rs`), and only if no earlier result is still valid. What nobody used for `stale` is
//! forgotten, and not asked for any more.
//!
//! The order of checks, texts and codes are those of `SRV/listener/ServerStoreAclHandler.java` and
//! `COM/acl/handler/`. The header with which a client of the Java server can switch the check off
//! (`SERVER_ACL_APPROVED_ATTRIBUTE_KEY`) means nothing here.
// #[HotPath]
// except locks: one of the connection, which its own worker alone takes; the table's when the connection asks for the first time.
// except awaits: the first answer of the access controller.

mod asking;
mod cache;
pub(crate) mod decision;
mod instruments;
mod times;

use std::collections::{HashMap, VecDeque};
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::sync::Arc;

use arc_swap::ArcSwap;
use parking_lot::{Condvar, Mutex};
use smallvec::SmallVec;
use tokio::time::timeout;
use venice_metrics::model::Value;
use venice_metrics::{Instrument, Observer};
use venice_wire::store_name::store_name;

use crate::config::access::AccessSettings;
use crate::observe::metrics::Metrics;
pub use crate::policy::access::cache::Subject;
use crate::policy::access::cache::{Entry, Table};
use crate::policy::access::decision::{AccessResult, Denial};
use crate::policy::access::instruments::Answers;
pub(crate) use crate::policy::access::times::AccessFacts;
use crate::policy::access::times::Times;
use crate::runtime::clock::Clock;

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

    /// Has answers hold as long as `settings` say, those that come from now on, and keeps as many as they say.
    /// The number of threads stays as it was.
    pub fn change(&self, settings: &AccessSettings) {
        self.times.store(Arc::new(Times::from(settings)));
        let mut state = self.state.lock();
        state.table.bound(settings.entries, settings.bytes);
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

#[cfg(test)]
mod tests;
