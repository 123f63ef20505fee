//! What is counted of calls: gRPC's own metrics, and Venice's of reads. Each worker has writers of its
//! own, found without a lock or a hash: by the number of the store version.
//!
//! The clock is read when a call was answered, and when the first call after a sleep of the thread begins.
//! Other calls begin where the last answer ended: their bytes were there by then, or came while the
//! thread had other work, and waited for it.
// #[HotPath]
// except formatting: the code of a failure, once for each of its series.

mod call_writer;
mod layouts;
mod method;
mod slow;
pub(crate) mod streamed;

use std::cell::RefCell;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use venice_engine::StoreNumber;
use venice_export::spans::SpanQueue;
use venice_metrics::{Dimension, HistogramSlot, Layout, Registry, Sample, Writer};
use venice_wire::status::{Code, Status};
use venice_wire::store_name::store_name;

use crate::observe::facts::Facts;
use crate::observe::metrics::Metrics;
use crate::observe::slow_log::{Kept, SlowLog};
use crate::observe::timeline::Timeline;
use crate::read_path::failure::Failure;
use crate::services::instruments::call_writer::CallWriter;
use crate::services::instruments::layouts::{
    category, key_count, FailureLayout, Layouts, ReadMethod,
};
pub(crate) use crate::services::instruments::method::Method;
use crate::services::instruments::method::{METHODS, OF_GRPC, RPCS};
pub(crate) use crate::services::instruments::slow::asked_in;
use crate::services::instruments::slow::{store_version, Over, SlowRequests};

/// Where reads are counted whose store nobody knows here: names that clients make up are no series.
const UNKNOWN_STORE: &str = "unknown_store";

/// One for all threads, whose numbers are added up.
static LAYOUTS: LazyLock<Layouts> = LazyLock::new(Layouts::new);

thread_local! {
    static WRITERS: RefCell<Option<Writers>> = const { RefCell::new(None) };
}

/// What one thread counts calls by.
struct Writers {
    registry: Registry,
    layouts: &'static Layouts,
    /// By [`Method`].
    calls: [CallWriter; OF_GRPC],
    /// By [`StoreNumber::index`].
    stores: Vec<Option<StoreWriters>>,
    /// Reads that failed, by store, method and code. Few.
    failures: Vec<(String, ReadMethod, i32, Writer)>,
    /// When the clock was read last, unless the thread slept since.
    now: Option<Instant>,
    /// Refusals, by reason. Few.
    refusals: Vec<(&'static str, Writer)>,
    slow: SlowRequests,
}

struct StoreWriters {
    serial: u32,
    store_version: Arc<str>,
    single: Option<Writer>,
    batch: Option<Writer>,
    streamed: Option<Writer>,
    compute: Option<Writer>,
    streamed_compute: Option<Writer>,
}

/// A call that began.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Begun {
    /// `None` if nothing is counted.
    at: Option<Instant>,
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
pub(crate) fn enter(metrics: &Metrics, slow_log: &Arc<SlowLog>, traces: Option<&SpanQueue>) {
    if let Some(registry) = metrics.registry() {
        let writers = Writers::new(registry, SlowRequests::new(slow_log, traces));
        WRITERS.with(|cell| *cell.borrow_mut() = Some(writers));
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

/// A call of `method` begins.
#[inline]
pub(crate) fn begin(method: Method) -> Begun {
    let at = with(|writers| {
        let started = writers.layouts.started.1;
        if let Some(writer) = writers.calls.get(method as usize) {
            writer.started.add(started, 1);
        }
        *writers.now.get_or_insert_with(Instant::now)
    });
    Begun { at, method }
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
        let took = writers.since(at);
        let mut is_sampled = false;
        match outcome {
            Ok((facts, bytes)) => {
                let sizes = Sizes::of(facts.request_bytes as usize, bytes);
                writers.count_call(begun.method, None, took, sizes);
                if let Some(number) = facts.store {
                    is_sampled = writers.count_read(number, took, sizes, facts, &names);
                }
            }
            Err(status) => {
                writers.count_call(begun.method, Some(status.code), took, Sizes::of(0, 0));
            }
        }
        let is_slow = writers.slow.is_slow(nanos(took));
        let is_kept = is_slow | is_sampled | timeline.is_asked();
        is_kept.then(|| {
            let why = (is_slow, is_sampled);
            writers.keep((begun.method, at), outcome, took, why, timeline, &names)
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

/// The call was refused before it came as far as its method.
#[cold]
pub(crate) fn refused(begun: Begun, status: &Status) {
    if let Some(at) = begun.at {
        with(|writers| {
            let took = writers.since(at);
            writers.count_call(begun.method, Some(status.code), took, Sizes::of(0, 0));
            writers.refuse("call");
        });
    }
}

/// The call had no meaning, so that nothing was asked of a method.
#[cold]
pub(crate) fn not_asked(begun: Begun) {
    if begun.at.is_some() {
        with(|writers| writers.refuse("unparsable"));
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
        let took = writers.since(at);
        let method = match begun.method {
            Method::Compute | Method::HttpCompute | Method::CountByValue => ReadMethod::Compute,
            _ => ReadMethod::of(is_batch),
        };
        writers.count_failure(store, method, code, took);
        writers.slow.is_slow(nanos(took))
    });
    is_slow.unwrap_or(false)
}

/// The thread slept: what it knew of the time is old.
#[inline]
pub(crate) fn woke() {
    with(|writers| writers.now = None);
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

impl Writers {
    fn new(registry: &Registry, slow: SlowRequests) -> Writers {
        let layouts: &Layouts = &LAYOUTS;
        Writers {
            calls: std::array::from_fn(|at| CallWriter::new(registry, layouts, METHODS[at])),
            registry: registry.clone(),
            layouts,
            stores: Vec::new(),
            failures: Vec::new(),
            now: None,
            refusals: Vec::new(),
            slow,
        }
    }

    /// Reads the clock.
    fn since(&mut self, at: Instant) -> Duration {
        let now = Instant::now();
        self.now = Some(now);
        now.saturating_duration_since(at)
    }

    fn count_call(&mut self, method: Method, status: Option<Code>, took: Duration, sizes: Sizes) {
        let grpc = &self.layouts.grpc;
        let Some(writers) = self.calls.get_mut(method as usize) else {
            return;
        };
        let writer = match status {
            None => &writers.ok,
            Some(code) => writers.failed(&self.registry, &grpc.layout, code),
        };
        writer.record(grpc.duration, nanos(took) * 1e-9);
        record(writer, grpc.sent, sizes.response);
        record(writer, grpc.received, sizes.request);
    }

    /// Whether the read is to be kept, by chance.
    fn count_read(
        &mut self,
        number: StoreNumber,
        took: Duration,
        sizes: Sizes,
        facts: &Facts,
        names: &impl Names,
    ) -> bool {
        let Writers {
            registry,
            layouts,
            stores,
            slow,
            ..
        } = self;
        let index = number.index as usize;
        let known = stores.get_mut(index).and_then(Option::as_mut);
        let store = match known {
            Some(store) if store.serial == number.serial => store,
            _ => match names.name_of(number) {
                Some(store_version) => new_store(stores, number, store_version),
                None => return false, // gone meanwhile
            },
        };
        let millis = self::millis(took);
        let (writer, common) = if facts.is_batch {
            let batch = &layouts.batch;
            let method = ReadMethod::of_facts(facts);
            let writer = match method {
                ReadMethod::Streamed => &mut store.streamed,
                ReadMethod::Compute => &mut store.compute,
                ReadMethod::StreamedCompute => &mut store.streamed_compute,
                ReadMethod::Batch | ReadMethod::Single => &mut store.batch,
            };
            let store_version = &store.store_version;
            let writer =
                writer.get_or_insert_with(|| reads(registry, &batch.layout, store_version, method));
            writer.add(batch.calls, 1);
            writer.record(batch.times[key_count(facts.keys)], millis);
            record(writer, batch.response_size, sizes.response);
            writer.record(batch.keys, f64::from(facts.keys));
            writer.record(batch.chunked_values, f64::from(facts.chunked));
            (writer, &batch.common)
        } else {
            let single = &layouts.single;
            let writer = store.single.get_or_insert_with(|| {
                let method = ReadMethod::Single;
                reads(registry, &single.layout, &store.store_version, method)
            });
            let status = if facts.missing == 0 {
                writer.record(single.value_size, f64::from(facts.value_bytes));
                &single.found
            } else {
                &single.missing
            };
            writer.add(status.calls, 1);
            writer.record(status.time, millis);
            record(writer, status.response_size, sizes.response);
            writer.record(single.common.key_size, f64::from(facts.key_bytes));
            (writer, &single.common)
        };
        record(writer, common.request_size, sizes.request);
        let mut is_sampled = false;
        if let Some(query) = facts.spent.time {
            let slot = if facts.chunked == 0 {
                common.query_whole
            } else {
                common.query_chunked
            };
            writer.record(slot, self::millis(query));
            writer.add(common.cpu, facts.spent.cpu_nanos);
            is_sampled = slow.is_sampled(facts);
        }
        if let Some((waited, ahead)) = facts.queued {
            writer.record(common.queue_wait, self::millis(waited));
            writer.record(common.queue_size, f64::from(ahead));
        }
        if facts.missing > 0 {
            writer.add(common.not_found, facts.missing.into());
        }
        is_sampled
    }

    #[cold]
    fn keep(
        &self,
        (method, began): (Method, Instant),
        outcome: Outcome<'_>,
        took: Duration,
        (is_slow, is_sampled): (bool, bool),
        timeline: &mut Timeline,
        names: &impl Names,
    ) -> Box<Kept> {
        let answered = outcome.ok();
        let facts = answered.map(|(facts, _)| facts);
        let facts = facts.filter(|facts| facts.store.is_some());
        let known = facts.and_then(|facts| self.stores.get(facts.store?.index as usize)?.as_ref());
        let known = known.map(|store| &store.store_version);
        let over = Over {
            method: RPCS[method as usize],
            rpc: METHODS[method as usize],
            facts,
            response_bytes: answered.map_or(0, |(_, bytes)| bytes),
            status: outcome.err().map(|status| status.code),
            of: method,
            store_version: store_version(method, known, timeline, |name| names.is_here(name)),
            began,
            took,
            now: self.now.unwrap_or_else(Instant::now),
        };
        self.slow.keep(over, is_slow, is_sampled, timeline)
    }

    fn count_failure(&mut self, store: &str, method: ReadMethod, status: i32, took: Duration) {
        let FailureLayout {
            layout,
            calls,
            time,
        } = &self.layouts.failure;
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
        let writer = &self.failures[at].3;
        writer.add(*calls, 1);
        writer.record(*time, millis(took));
    }

    fn refuse(&mut self, reason: &'static str) {
        let (layout, refused) = &self.layouts.refused;
        let known = self.refusals.iter().position(|(known, _)| *known == reason);
        let at = known.unwrap_or_else(|| {
            let group = self.registry.group(layout, &[(Dimension::Reason, reason)]);
            self.refusals.push((reason, group.writer()));
            self.refusals.len() - 1
        });
        self.refusals[at].1.add(*refused, 1);
    }
}

#[cold]
fn new_store(
    stores: &mut Vec<Option<StoreWriters>>,
    number: StoreNumber,
    store_version: String,
) -> &mut StoreWriters {
    let index = number.index as usize;
    if stores.len() <= index {
        stores.resize_with(index + 1, || None);
    }
    stores[index].insert(StoreWriters {
        serial: number.serial,
        store_version: store_version.into(),
        single: None,
        batch: None,
        streamed: None,
        compute: None,
        streamed_compute: None,
    })
}

#[cold]
fn reads(
    registry: &Registry,
    layout: &Arc<Layout>,
    store_version: &str,
    method: ReadMethod,
) -> Writer {
    let store = store_name(store_version).unwrap_or(UNKNOWN_STORE);
    let subject = [
        (Dimension::Store, store),
        (Dimension::Method, method.name()),
    ];
    registry.group(layout, &subject).writer()
}

/// Bytes of a call's messages, which several histograms take.
#[derive(Clone, Copy)]
struct Sizes {
    request: Option<Sample>,
    response: Option<Sample>,
}

impl Sizes {
    #[inline]
    fn of(request: usize, response: usize) -> Sizes {
        Sizes {
            request: Sample::of(request as f64),
            response: Sample::of(response as f64),
        }
    }
}

#[inline]
fn record(writer: &Writer, histogram: HistogramSlot, sample: Option<Sample>) {
    if let Some(sample) = sample {
        writer.record_sample(histogram, sample);
    }
}

fn millis(took: Duration) -> f64 {
    nanos(took) * 1e-6
}

/// Not by [`Duration::as_nanos`], whose 128 bits cost more than the counting.
fn nanos(took: Duration) -> f64 {
    took.as_secs() as f64 * 1e9 + f64::from(took.subsec_nanos())
}
