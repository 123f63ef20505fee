//! The values of a slice become results: decompressed, and worked at by the schemas that they were written with, several of
//! one schema at a time.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use smallvec::SmallVec;
use venice_avro::{Interrupted, Pace};
use venice_compute::kernel::LANES;
use venice_compute::{Counts, EvaluateError, Evaluator};
use venice_engine::Tier;

use crate::observe::facts::Stopwatch;
use crate::read_path::compute::asked::Asked;
use crate::read_path::compute::baton::Baton;
use crate::read_path::compute::decompress::{DecompressError, Decompressor};
use crate::read_path::compute::error::ComputeFailure;
use crate::read_path::compute::plans::Compiled;
use crate::read_path::compute::request::ComputePath;
use crate::read_path::compute::values::{large_value, shrink, Found, Values, KEPT_BYTES};
use crate::read_path::failure::Failure;
use crate::response::builder::TooLarge;

/// What a thread works with: buffers that are used for one slice after the other, of whatever request.
#[derive(Default)]
pub(crate) struct Tools {
    pub(crate) values: Values,
    pub(crate) results: Results,
    decompressor: Decompressor,
    evaluator: Evaluator,
    /// Decompressed values, one behind the other, and where each is.
    decompressed: Vec<u8>,
    at: Vec<Range<usize>>,
    /// How long values of the last slice took to be decompressed.
    pub(crate) decompressing: Duration,
    /// Whether the server stops, which ends whatever is worked at.
    stopping: Arc<AtomicBool>,
    /// What the thread shares a processor by with others that make long plans; `None` of one that makes none.
    baton: Option<Arc<Baton>>,
    /// Processor time for plans in this turn.
    planned: Duration,
}

/// The results of a slice.
#[derive(Debug, Default)]
pub(crate) struct Results {
    bytes: Vec<u8>,
    /// By the numbers of keys in the slice; empty for keys without one.
    at: Vec<Range<usize>>,
    /// Keys whose values have none.
    failed: Vec<bool>,
    /// Why one of them has none.
    failure: Option<ComputeFailure>,
}

impl Results {
    fn clear(&mut self, keys: usize) {
        self.bytes.clear();
        shrink(&mut self.bytes);
        self.at.clear();
        self.at.resize(keys, 0..0);
        self.failed.clear();
        self.failed.resize(keys, false);
        self.failure = None;
    }

    fn fail(&mut self, key: usize, failure: ComputeFailure) {
        self.at[key] = 0..0;
        self.failed[key] = true;
        self.failure.get_or_insert(failure);
    }

    /// Whether the value of a key could not be worked at.
    pub(crate) fn has_failed(&self, key: usize) -> bool {
        self.failed[key]
    }

    /// Why one of those failed that did; the first that was come upon.
    pub(crate) fn take_failure(&mut self) -> Option<ComputeFailure> {
        self.failure.take()
    }

    fn put(&mut self, key: usize, record: &[u8]) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(record);
        self.at[key] = start..self.bytes.len();
    }

    /// Bytes of all of them.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes.len()
    }

    /// The result of a key that was found.
    pub(crate) fn of(&self, key: usize) -> &[u8] {
        &self.bytes[self.at[key].clone()]
    }
}

/// What is wanted of values.
pub(crate) enum Wanted<'a> {
    /// Their results, of at most so many bytes, but for the last few.
    Results {
        most: usize,
        /// Whether a value that cannot be worked at fails its key alone ([`Results::has_failed`]).
        key_by_key: bool,
    },
    /// Their counts.
    Counts(&'a mut Counts),
}

/// A slice of a request's keys, whose values [`Tools::values`] has.
#[derive(Clone, Copy)]
pub(crate) struct Slice {
    /// Its first key.
    pub(crate) next: usize,
    /// How its values are compressed.
    pub(crate) strategy: i32,
    /// Until when its client waits.
    pub(crate) tier: Tier,
    /// Until when it is worked at, and one value longer: then it is the turn of others.
    pub(crate) ends: Instant,
}

/// Work after which a slice looks at the clock, in bytes of values times operations: a millisecond or less.
const PART_WORK: usize = 4 * 1024 * 1024;
/// Bytes that an operation costs beside those of the value.
const OPERATION_BYTES: usize = 64;
/// Decompressed bytes after which it does.
const PART_BYTES: usize = 256 * 1024;

impl Tools {
    /// Those of a thread that stops when `stopping` says so. With a `baton` it makes plans to their ends.
    pub(super) fn new(stopping: Arc<AtomicBool>, baton: Option<Arc<Baton>>) -> Tools {
        Tools {
            stopping,
            baton,
            ..Tools::default()
        }
    }

    /// Whether its thread makes long plans.
    pub(super) fn makes_long_plans(&self) -> bool {
        self.baton.is_some()
    }

    /// A turn begins.
    pub(crate) fn begin_turn(&mut self) {
        self.planned = Duration::ZERO;
    }

    /// What tells work whether anybody waits for it, and lets others have the processor that it shares.
    pub(crate) fn is_over(&self, tier: Tier) -> impl Fn() -> bool + use<> {
        let (stopping, baton) = (Arc::clone(&self.stopping), self.baton.clone());
        move || {
            if let Some(baton) = &baton {
                baton.pass();
            }
            stopping.load(Ordering::Relaxed) || is_late(tier)
        }
    }

    /// Makes plans by `make`, in the processor time of a turn at most, which is `turn`: what takes longer is
    /// [`ComputeFailure::LongPlan`], but where long ones are made.
    pub(crate) fn planning<R>(
        &mut self,
        (turn, tier): (Duration, Tier),
        make: impl FnOnce(&Pace<'_>) -> Result<R, ComputeFailure>,
    ) -> Result<R, ComputeFailure> {
        let stopwatch = Stopwatch::start(true);
        let left = turn.saturating_sub(self.planned);
        let is_short = self.baton.is_none();
        let is_unwanted = self.is_over(tier);
        let is_over = || is_unwanted() || (is_short && stopwatch.processor() >= left);
        let made = make(&Pace::until(&is_over));
        self.planned += stopwatch.processor();
        match made {
            Err(ComputeFailure::Interrupted(_)) if !is_unwanted() => Err(ComputeFailure::LongPlan),
            made => made,
        }
    }

    /// A failure, and instead of one that says that work was given up, why it was.
    pub(crate) fn told(&self, failure: Failure) -> Failure {
        match failure {
            Failure::Compute(of) if matches!(*of, ComputeFailure::Interrupted(_)) => {
                match self.stopping.load(Ordering::Relaxed) {
                    true => Failure::Stopping,
                    false => ComputeFailure::Late.into(),
                }
            }
            failure => failure,
        }
    }

    /// Works at the values of a slice, key by key until its turn is over, and returns of how many keys the work is done: at
    /// least one.
    pub(crate) fn evaluate(
        &mut self,
        path: &ComputePath,
        asked: &mut Asked,
        slice: Slice,
        mut wanted: Wanted<'_>,
    ) -> Result<usize, Failure> {
        let is_over = self.is_over(slice.tier);
        let pace = Pace::until(&is_over);
        let keys = self.values.found.len();
        if self.results.bytes.capacity() > KEPT_BYTES {
            // Its buffers are as large.
            self.evaluator = Evaluator::default();
        }
        self.results.clear(keys);
        self.decompressing = Duration::ZERO;
        let key_by_key = matches!(
            wanted,
            Wanted::Results {
                key_by_key: true,
                ..
            }
        );
        let mut from = 0;
        while from < keys {
            if from > 0 && Instant::now() >= slice.ends {
                break;
            }
            let begun = (slice.strategy != NO_OP).then(Instant::now);
            let part = self.decompress(path, asked, slice, (from, key_by_key), &pace)?;
            self.decompressing += begun.map_or(Duration::ZERO, |begun| begun.elapsed());
            from = part.end;
            let mut schemas: SmallVec<[i32; 4]> = SmallVec::new();
            for key in part.clone() {
                let found = self.values.found[key].as_ref();
                let found = found.filter(|_| !self.results.failed[key]);
                if let Some(found) = found.filter(|found| !schemas.contains(&found.schema)) {
                    schemas.push(found.schema);
                }
            }
            for schema in schemas {
                let known = asked.known_plan(schema);
                let made = known.map_or_else(
                    || {
                        self.planning((path.turn, slice.tier), |pace| {
                            asked.plan(path, schema, pace)
                        })
                    },
                    Ok,
                );
                let plan = match made {
                    Ok(plan) => plan,
                    Err(failure @ (ComputeFailure::Interrupted(_) | ComputeFailure::LongPlan)) => {
                        return Err(failure.into());
                    }
                    Err(failure) if key_by_key => {
                        self.fail_schema(part.clone(), schema, failure);
                        continue;
                    }
                    Err(failure) => return Err(failure.into()),
                };
                let values = Decompressed {
                    values: &self.values,
                    apart: (slice.strategy != NO_OP).then_some(&self.decompressed),
                    at: &self.at,
                    part: part.clone(),
                };
                match (&mut wanted, &*plan) {
                    (Wanted::Results { most, .. }, Compiled::Compute(plan)) => {
                        let Tools {
                            evaluator, results, ..
                        } = self;
                        let key_index = |key| asked.key_index(slice.next + key);
                        let mut group: SmallVec<[(usize, &[u8]); LANES]> = SmallVec::new();
                        let mut of_schema = values.of_schema(schema);
                        loop {
                            group.clear();
                            let good = of_schema.by_ref().filter(|(key, _)| !results.failed[*key]);
                            group.extend(good.take(LANES));
                            if group.is_empty() {
                                break;
                            }
                            let bytes: SmallVec<[&[u8]; LANES]> =
                                group.iter().map(|(_, value)| *value).collect();
                            let before = results.bytes.len();
                            let put = |at: usize, record: &[u8]| results.put(group[at].0, record);
                            match evaluator.evaluate_while(plan, &bytes, &pace, put) {
                                Ok(()) => {}
                                Err(EvaluateError::Interrupted { .. }) => {
                                    return Err(ComputeFailure::Interrupted(Interrupted).into());
                                }
                                Err(_) if key_by_key => {
                                    results.bytes.truncate(before);
                                    for (key, value) in &group {
                                        let put = |_: usize, record: &[u8]| {
                                            results.put(*key, record);
                                        };
                                        let done =
                                            evaluator.evaluate_while(plan, &[value], &pace, put);
                                        if let Err(error) = done {
                                            if matches!(error, EvaluateError::Interrupted { .. }) {
                                                let of = ComputeFailure::Interrupted(Interrupted);
                                                return Err(of.into());
                                            }
                                            let failure = of_key(error, |_| key_index(*key));
                                            results.fail(*key, failure);
                                        }
                                    }
                                }
                                Err(error) => {
                                    let failure = of_key(error, |at| key_index(group[at].0));
                                    return Err(failure.into());
                                }
                            }
                            let size = results.bytes.len();
                            if size > *most {
                                return Err(TooLarge { size, limit: *most }.into());
                            }
                        }
                    }
                    (Wanted::Counts(counts), Compiled::Count(plan)) => {
                        for (_, value) in values.of_schema(schema) {
                            let work = 20 * plan.fields() + value.len() / 64;
                            pace.did(work).map_err(ComputeFailure::Interrupted)?;
                            counts.add(plan, value).map_err(ComputeFailure::from)?;
                        }
                    }
                    // A request has plans of its own kind.
                    _ => {}
                }
            }
        }
        Ok(from)
    }

    /// None of the values of a schema in `part` can be worked at.
    fn fail_schema(&mut self, part: Range<usize>, schema: i32, failure: ComputeFailure) {
        let mut failure = Some(failure);
        for key in part {
            let found = self.values.found[key].as_ref();
            if found.is_some_and(|found| found.schema == schema) && !self.results.failed[key] {
                self.results.failed[key] = true;
                if let Some(failure) = failure.take() {
                    self.results.fail(key, failure);
                }
            }
        }
    }

    /// Decompresses values from the key `from` of the slice on, at least one and as many as take no long time, and says of which
    /// keys.
    fn decompress(
        &mut self,
        path: &ComputePath,
        asked: &Asked,
        slice: Slice,
        (from, key_by_key): (usize, bool),
        pace: &Pace<'_>,
    ) -> Result<Range<usize>, ComputeFailure> {
        let keys = self.values.found.len();
        let mut work = 0;
        let operations = 1 + asked.operations();
        let mut is_enough = move |bytes: usize| {
            work += (bytes + OPERATION_BYTES) * operations;
            work >= PART_WORK
        };
        if slice.strategy == NO_OP {
            let mut rest = self.values.found[from..].iter();
            let bytes = |found: &Option<Found>| found.as_ref().map_or(0, |found| found.at.len());
            let last = rest.position(|found| is_enough(bytes(found)));
            return Ok(from..last.map_or(keys, |last| from + last + 1));
        }
        let described = || {
            let version = asked.store.version(asked.number)?;
            version.dictionary.clone().map(Bytes::from_owner)
        };
        // That of the state which names the strategy, first.
        let dictionary = self.values.dictionary.clone().or_else(described);
        let limit = path.read_path.limits.compute_value_bytes();
        self.decompressed.clear();
        shrink(&mut self.decompressed);
        self.at.clear();
        let mut to = from;
        let mut is_over = false;
        while to < keys && !is_over {
            let start = self.decompressed.len();
            if let Some(found) = &self.values.found[to] {
                let stored = &self.values.bytes[found.at.clone()];
                let Tools {
                    decompressor,
                    decompressed,
                    ..
                } = self;
                let of = (slice.strategy, dictionary.as_ref());
                let done = decompressor.decompress(of, stored, limit, decompressed, pace);
                if let Err(error) = done {
                    if let DecompressError::Interrupted(of) = error {
                        return Err(ComputeFailure::Interrupted(of));
                    }
                    let failure = refused(error, asked.key_index(slice.next + to), limit);
                    if !key_by_key {
                        return Err(failure);
                    }
                    self.decompressed.truncate(start);
                    self.results.fail(to, failure);
                }
            }
            let end = self.decompressed.len();
            self.at.push(start..end);
            to += 1;
            is_over = is_enough(end - start) || end >= PART_BYTES;
        }
        Ok(from..to)
    }
}

const NO_OP: i32 = 0;

/// Values that can be worked at.
struct Decompressed<'a> {
    values: &'a Values,
    /// Where they are, if they were compressed, and where in it, by their numbers in the part.
    apart: Option<&'a Vec<u8>>,
    at: &'a [Range<usize>],
    /// Of the keys of the slice.
    part: Range<usize>,
}

impl<'a> Decompressed<'a> {
    /// Those that were written with a schema, with the numbers of their keys in the slice.
    fn of_schema(&self, schema: i32) -> impl Iterator<Item = (usize, &'a [u8])> + use<'a> {
        let Decompressed {
            values, apart, at, ..
        } = *self;
        let first = self.part.start;
        self.part.clone().filter_map(move |key| {
            let found = values.found[key].as_ref()?;
            let value = match apart {
                None => &values.bytes[found.at.clone()],
                Some(apart) => &apart[at[key - first].clone()],
            };
            (found.schema == schema).then_some((key, value))
        })
    }
}

/// Whether the client's deadline has passed.
pub(crate) fn is_late(tier: Tier) -> bool {
    matches!(tier, Tier::Until(deadline) if Instant::now() >= deadline)
}

/// The same error with the key's number in the request.
fn of_key(error: EvaluateError, key_index: impl Fn(usize) -> i32) -> ComputeFailure {
    let key_index = key_index(error.index());
    ComputeFailure::Evaluate { key_index, error }
}

fn refused(error: DecompressError, key_index: i32, limit: usize) -> ComputeFailure {
    match error {
        DecompressError::TooLarge { size } => large_value(key_index, size, limit),
        error => ComputeFailure::Decompress { key_index, error },
    }
}
