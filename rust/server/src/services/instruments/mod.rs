//! What is counted of calls: gRPC's own metrics, and Venice's of reads. Each worker has writers of its
//! own, found without a lock or a hash: by the number of the store version.
//!
//! The clock is read when a call was answered, and when the first call after a sleep of the thread begins.
//! Other calls begin where the last answer ended: their bytes were there by then, or came while the
//! thread had other work, and waited for it. Single gets that are answered together are counted together
//! ([`together`]).
// #[HotPath]
// except formatting: the code of a failure, once for each of its series.

mod alike;
mod call_writer;
mod layouts;
mod method;
mod reads;
mod slow;
pub(crate) mod streamed;
pub(crate) mod together;

use std::cell::{Cell, RefCell};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use venice_engine::StoreNumber;
use venice_metrics::{Dimension, Moment, Registry, Writer};
use venice_wire::status::{Code, Status};
use venice_wire::store_name::store_name;

use crate::grpc::framing::FrameError;
use crate::observe::facts::Facts;
use crate::observe::metrics::Metrics;
use crate::observe::refusals::Refusals;
use crate::observe::slow_log::{Kept, SlowLog};
use crate::observe::timeline::Timeline;
use crate::observe::tracing::Tracing;
use crate::read_path::failure::Failure;
use crate::services::instruments::alike::Waiting;
use crate::services::instruments::call_writer::CallWriter;
use crate::services::instruments::layouts::{
    category, FailureLayout, Layouts, ReadMethod, UNKNOWN_STORE,
};
pub(crate) use crate::services::instruments::method::Method;
use crate::services::instruments::method::OF_GRPC;
use crate::services::instruments::reads::{bytes, new_store, Counted, Read, StoreWriters};
pub(crate) use crate::services::instruments::slow::asked_in;
use crate::services::instruments::slow::{store_version, Over, SlowRequests};

/// One for all threads, whose numbers are added up.
static LAYOUTS: LazyLock<Layouts> = LazyLock::new(Layouts::new);

thread_local! {
    static WRITERS: RefCell<Option<Writers>> = const { RefCell::new(None) };
    /// Beside them, as it is looked at for each call.
    static CLOCK: Cell<Clock> = const { Cell::new(Clock::Off) };
}

/// What a thread knows of the time.
#[derive(Clone, Copy)]
enum Clock {
    /// Nothing is counted.
    Off,
    /// It slept since it looked.
    Old,
    /// When it looked last.
    Read(Moment),
}

/// What one thread counts calls by.
struct Writers {
    registry: Registry,
    layouts: &'static Layouts,
    /// By [`Method`].
    calls: [CallWriter; OF_GRPC],
    /// By [`StoreNumber::index`].
    stores: Vec<Option<StoreWriters>>,
    /// Of reads whose store version went before they were counted.
    gone: Option<StoreWriters>,
    /// Reads that failed, by store, method and code. Few.
    failures: Vec<(String, ReadMethod, i32, Writer)>,
    /// Refusals, by reason. Few.
    refusals: Vec<(&'static str, Refusals)>,
    slow: SlowRequests,
    waiting: Waiting,
}

/// A call that began.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Begun {
    /// `None` if nothing is counted.
    at: Option<Moment>,
    method: Method,
}

impl Begun {
    /// Whether the call came over HTTP, without gRPC.
    #[inline]
    pub(crate) fn is_http(self) -> bool {
        self.method.is_http()
    }
}

/// From now on this thread counts calls, and keeps those that are slow, until it ends.
pub(crate) fn enter(metrics: &Metrics, slow_log: &Arc<SlowLog>, traces: &Arc<Tracing>) {
    if let Some(registry) = metrics.registry() {
        let writers = Writers::new(registry, SlowRequests::new(slow_log, traces));
        WRITERS.with(|cell| *cell.borrow_mut() = Some(writers));
        CLOCK.set(Clock::Old);
    }
}

fn with<R>(work: impl FnOnce(&mut Writers) -> R) -> Option<R> {
    // At the end of a thread there is nothing left to count in.
    let done = WRITERS.try_with(|cell| cell.borrow_mut().as_mut().map(work));
    done.ok().flatten()
}

impl Begun {
    /// What it is a call of.
    pub(crate) fn method(&self) -> Method {
        self.method
    }
}

/// A call of `method` begins. It is not counted yet: [`begins`], or [`answered`].
#[inline]
pub(crate) fn look(method: Method) -> Begun {
    let at = match CLOCK.get() {
        Clock::Off => None,
        Clock::Old => Some(read_clock()),
        Clock::Read(now) => Some(now),
    };
    Begun { at, method }
}

#[inline]
fn read_clock() -> Moment {
    let now = Moment::now();
    CLOCK.set(Clock::Read(now));
    now
}

/// The call was not answered at once: it is counted as one that has begun.
#[inline]
pub(crate) fn begins(begun: Begun) {
    if begun.at.is_some() {
        with(|writers| writers.start(begun.method));
    }
}

/// A call of `method` begins.
#[inline]
pub(crate) fn begin(method: Method) -> Begun {
    let begun = look(method);
    begins(begun);
    begun
}

/// The call of [`look`] was answered at once, by a message of so many bytes, made of what the facts say: it began and
/// ended.
#[inline]
pub(crate) fn answered(begun: Begun, facts: &Facts, bytes: usize, names: &impl Names) {
    let Some(at) = begun.at else {
        return;
    };
    with(|writers| {
        writers.start(begun.method);
        let took = writers.took(at);
        let is_sampled = writers.count_answer(begun.method, took, (facts, bytes), names);
        let is_slow = writers.slow.is_slow(took as f64);
        if is_slow | is_sampled {
            let why = (is_slow, is_sampled);
            let mut timeline = Timeline::default();
            // It has nothing to wait for: its answer goes with the turn.
            let answer = Ok((facts, bytes));
            drop(writers.keep(begun.method, answer, took, why, &mut timeline, names));
        }
    });
}

/// How a call ended: by a message of so many bytes, made of what the facts say, or by a status.
pub(crate) type Outcome<'a> = Result<(&'a Facts, usize), &'a Status>;

/// The call was answered, or ended by a status. `names` tells names of store versions; it is asked once for
/// each. Returns what is kept of it, until it was sent.
#[inline]
pub(crate) fn ended(
    begun: Begun,
    outcome: Outcome<'_>,
    timeline: &mut Timeline,
    names: impl Names,
) -> Option<Box<Kept>> {
    let at = begun.at?;
    let kept = with(|writers| {
        let took = writers.took(at);
        let mut is_sampled = false;
        match outcome {
            Ok(answer) => {
                is_sampled = writers.count_answer(begun.method, took, answer, &names);
            }
            Err(status) => {
                writers.count_call(begun.method, Some(status.code), took, (0, 0));
            }
        }
        let is_slow = writers.slow.is_slow(took as f64);
        let is_kept = is_slow | is_sampled | timeline.is_asked();
        is_kept.then(|| {
            let why = (is_slow, is_sampled);
            writers.keep(begun.method, outcome, took, why, timeline, &names)
        })
    });
    kept.flatten()
}

/// Tells which store versions are here.
pub(crate) trait Names {
    /// The name of a store version.
    fn name_of(&self, number: StoreNumber) -> Option<String>;
    /// Whether a store version of that name is here.
    fn is_here(&self, store_version: &str) -> bool;
}

/// The call was refused before it came as far as its method; `reason` is what it is counted as, unless that was done.
#[cold]
pub(crate) fn refused(begun: Begun, status: &Status, reason: Option<&'static str>) {
    if let Some(at) = begun.at {
        with(|writers| {
            let took = writers.took(at);
            writers.count_call(begun.method, Some(status.code), took, (0, 0));
            if let Some(reason) = reason {
                writers.refuse(reason);
            }
        });
    }
}

/// A request did not come, or not whole: it is counted by the limit that it met, if it met one.
#[cold]
pub(crate) fn not_received(error: &FrameError) {
    if let Some(reason) = error.reason() {
        refuse(reason);
    }
}

/// A request was refused for this reason, of which there are few.
#[cold]
pub(crate) fn refuse(reason: &'static str) {
    with(|writers| writers.refuse(reason));
}

/// The call had no meaning, so that nothing was asked of a method.
#[cold]
pub(crate) fn not_asked(begun: Begun) {
    not_asked_for(begun, "unparsable");
}

/// As above, for this reason.
#[cold]
pub(crate) fn not_asked_for(begun: Begun, reason: &'static str) {
    if begun.at.is_some() {
        with(|writers| writers.refuse(reason));
    }
}

/// The request of the call failed, and its client is told `code`. `store_version` is what it asked for, if that is here. The call
/// itself has yet to end. Whether it is slow already.
#[cold]
pub(crate) fn failed(
    begun: Begun,
    failure: &Failure,
    code: i32,
    is_batch: bool,
    store_version: Option<&str>,
) -> bool {
    let Some(at) = begun.at else {
        return false;
    };
    let is_slow = with(|writers| {
        writers.refuse(failure.reason());
        // As in Java: quota's refusals are no failures of the read, and its own metrics have them. They
        // waited for nothing but access.
        if matches!(failure, Failure::QuotaExceeded) {
            return false;
        }
        let store = store_version.and_then(store_name).unwrap_or(UNKNOWN_STORE);
        let took = writers.took(at);
        let method = match begun.method {
            Method::Compute | Method::HttpCompute | Method::CountByValue => ReadMethod::Compute,
            _ => ReadMethod::of(is_batch),
        };
        writers.count_failure(store, method, code, took);
        writers.slow.is_slow(took as f64)
    });
    is_slow.unwrap_or(false)
}

/// The thread slept: what it knew of the time is old.
#[inline]
pub(crate) fn woke() {
    if let Clock::Read(_) = CLOCK.get() {
        CLOCK.set(Clock::Old);
    }
}

/// Forgets the store versions that are here no more, so that their series can go.
pub(crate) fn forget(is_here: impl Fn(&str, StoreNumber) -> bool) {
    with(|writers| {
        for (index, store) in writers.stores.iter_mut().enumerate() {
            let gone = store.as_ref().is_some_and(|store| {
                let number = StoreNumber {
                    index: index as u32,
                    serial: store.serial,
                };
                !is_here(&store.store_version, number)
            });
            if gone {
                *store = None;
            }
        }
        writers.failures.clear();
    });
}

/// When the clock was read last.
fn last_look() -> Instant {
    match CLOCK.get() {
        Clock::Read(now) => now.instant(),
        Clock::Off | Clock::Old => Instant::now(),
    }
}

impl Writers {
    fn new(registry: &Registry, slow: SlowRequests) -> Writers {
        let layouts: &Layouts = &LAYOUTS;
        Writers {
            calls: std::array::from_fn(|at| {
                CallWriter::new(registry, layouts, Method::of_grpc(at).name())
            }),
            registry: registry.clone(),
            layouts,
            stores: Vec::new(),
            gone: None,
            failures: Vec::new(),
            refusals: Vec::new(),
            slow,
            waiting: Waiting::new(),
        }
    }

    /// Nanoseconds that a call took which began then, and is over. So are those that wait to be counted.
    #[inline]
    fn took(&mut self, began: Moment) -> u64 {
        let now = read_clock();
        if !self.waiting.is_empty() {
            self.count_waiting(now);
        }
        now.since(began)
    }

    #[inline]
    fn start(&self, method: Method) {
        if let Some(writer) = self.calls.get(method as usize) {
            writer.started.add(self.layouts.started.1, 1);
        }
    }

    /// Counts an answer, as a read and as a call of gRPC. Whether it is to be kept, by chance.
    #[inline]
    fn count_answer(
        &mut self,
        method: Method,
        took: u64,
        (facts, response_bytes): (&Facts, usize),
        names: &impl Names,
    ) -> bool {
        let read = Read {
            method,
            took,
            response_bytes,
            facts,
        };
        let counted = match facts.store {
            Some(number) => self.count_read(number, &read, names),
            None => Counted::default(),
        };
        if !counted.is_call {
            let sizes = (facts.request_bytes as usize, response_bytes);
            self.count_call(method, None, took, sizes);
        }
        counted.is_sampled
    }

    /// Counts a call of gRPC, and bytes of its messages in both directions.
    #[inline]
    fn count_call(
        &mut self,
        method: Method,
        status: Option<Code>,
        took: u64,
        (received, sent): (usize, usize),
    ) {
        let grpc = &self.layouts.grpc;
        let Some(writers) = self.calls.get_mut(method as usize) else {
            return;
        };
        let writer = match status {
            None => &writers.ok,
            Some(code) => writers.failed(&self.registry, &grpc.layout, code),
        };
        writer.record(grpc.duration, took as f64 * 1e-9);
        bytes(writer, grpc.sent, sent);
        bytes(writer, grpc.received, received);
    }

    #[inline]
    fn count_read(&mut self, number: StoreNumber, read: &Read<'_>, names: &impl Names) -> Counted {
        let index = number.index as usize;
        let known = self.stores.get_mut(index).and_then(Option::as_mut);
        let store = match known {
            Some(store) if store.serial == number.serial => store,
            _ => match names.name_of(number) {
                Some(store_version) => new_store(&mut self.stores, number, store_version),
                // Gone since it was read, and its name with it.
                None => self.gone.get_or_insert_with(StoreWriters::of_nobody),
            },
        };
        let of_get = &self.calls[Method::Get as usize].ok;
        let counted = store.count(&self.registry, self.layouts, of_get, read);
        Counted {
            is_sampled: read.facts.spent.time.is_some() && self.slow.is_sampled(read.facts),
            ..counted
        }
    }

    #[cold]
    fn keep(
        &self,
        method: Method,
        outcome: Outcome<'_>,
        took: u64,
        (is_slow, is_sampled): (bool, bool),
        timeline: &mut Timeline,
        names: &impl Names,
    ) -> Box<Kept> {
        let (now, took) = (last_look(), Duration::from_nanos(took));
        let answered = outcome.ok();
        let facts = answered.map(|(facts, _)| facts);
        let facts = facts.filter(|facts| facts.store.is_some());
        let known = facts.and_then(|facts| self.stores.get(facts.store?.index as usize)?.as_ref());
        let known = known.map(|store| &store.store_version);
        let over = Over {
            method: method.short_name(),
            rpc: method.name(),
            facts,
            response_bytes: answered.map_or(0, |(_, bytes)| bytes),
            status: outcome.err().map(|status| status.code),
            of: method,
            store_version: store_version(method, known, timeline, |name| names.is_here(name)),
            // As long before as it took: both moments are known by another clock only.
            began: now.checked_sub(took).unwrap_or(now),
            took,
            now,
        };
        self.slow.keep(over, is_slow, is_sampled, timeline)
    }

    fn count_failure(&mut self, store: &str, method: ReadMethod, status: i32, took: u64) {
        let FailureLayout { layout, time } = &self.layouts.failure;
        let known = self
            .failures
            .iter()
            .position(|(known, of, code, _)| known == store && *of == method && *code == status);
        let at = known.unwrap_or_else(|| {
            let (category, digits) = (category(status), status.to_string());
            let group = self.registry.group(
                layout,
                &[
                    (Dimension::Store, store),
                    (Dimension::Method, method.name()),
                    (Dimension::Status, &digits),
                    (Dimension::StatusCategory, category),
                ],
            );
            self.failures
                .push((store.to_owned(), method, status, group.writer()));
            self.failures.len() - 1
        });
        self.failures[at].3.record(*time, took as f64 * 1e-6);
    }

    fn refuse(&mut self, reason: &'static str) {
        let known = self.refusals.iter().position(|(known, _)| *known == reason);
        let at = known.unwrap_or_else(|| {
            let refusals = Refusals::new(&self.registry, reason);
            self.refusals.push((reason, refusals));
            self.refusals.len() - 1
        });
        self.refusals[at].1.count();
    }
}
