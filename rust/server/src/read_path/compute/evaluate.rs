//! The values of a slice become results: decompressed, and worked at by the schemas that they were written with, several of
//! one schema at a time.

use std::ops::Range;
use std::time::Instant;

use bytes::Bytes;
use smallvec::SmallVec;
use venice_compute::kernel::LANES;
use venice_compute::{Counts, EvaluateError, Evaluator};
use venice_engine::Tier;

use crate::read_path::compute::asked::Asked;
use crate::read_path::compute::decompress::{DecompressError, Decompressor};
use crate::read_path::compute::error::ComputeFailure;
use crate::read_path::compute::plans::Compiled;
use crate::read_path::compute::request::ComputePath;
use crate::read_path::compute::values::{large_value, shrink, Values, KEPT_BYTES, SLICE_BYTES};
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
    /// Until when it is worked at.
    pub(crate) tier: Tier,
}

impl Tools {
    /// Works at the values of a slice.
    pub(crate) fn evaluate(
        &mut self,
        path: &ComputePath,
        asked: &mut Asked,
        slice: Slice,
        mut wanted: Wanted<'_>,
    ) -> Result<(), Failure> {
        let keys = self.values.found.len();
        if self.results.bytes.capacity() > KEPT_BYTES {
            // Its buffers are as large.
            self.evaluator = Evaluator::default();
        }
        self.results.clear(keys);
        let key_by_key = matches!(
            wanted,
            Wanted::Results {
                key_by_key: true,
                ..
            }
        );
        let mut from = 0;
        while from < keys {
            let part = self.decompress(path, asked, slice, (from, key_by_key))?;
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
                let plan = match asked.plan(path, schema) {
                    Ok(plan) => plan,
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
                let late = || is_late(slice.tier);
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
                            match evaluator.evaluate(plan, &bytes, put) {
                                Ok(()) => {}
                                Err(_) if key_by_key => {
                                    results.bytes.truncate(before);
                                    for (key, value) in &group {
                                        let put = |_: usize, record: &[u8]| {
                                            results.put(*key, record);
                                        };
                                        let done = evaluator.evaluate(plan, &[value], put);
                                        if let Err(error) = done {
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
                            if late() {
                                return Err(ComputeFailure::Late.into());
                            }
                        }
                    }
                    (Wanted::Counts(counts), Compiled::Count(plan)) => {
                        for (_, value) in values.of_schema(schema) {
                            counts.add(plan, value).map_err(ComputeFailure::from)?;
                        }
                        if late() {
                            return Err(ComputeFailure::Late.into());
                        }
                    }
                    // A request has plans of its own kind.
                    _ => {}
                }
            }
        }
        Ok(())
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

    /// Decompresses values from the key `from` of the slice on, as many as are a slice by then, and says of which keys.
    fn decompress(
        &mut self,
        path: &ComputePath,
        asked: &Asked,
        slice: Slice,
        (from, key_by_key): (usize, bool),
    ) -> Result<Range<usize>, ComputeFailure> {
        let keys = self.values.found.len();
        if slice.strategy == NO_OP {
            return Ok(from..keys);
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
        while to < keys && self.decompressed.len() < SLICE_BYTES {
            let start = self.decompressed.len();
            if let Some(found) = &self.values.found[to] {
                let stored = &self.values.bytes[found.at.clone()];
                let Tools {
                    decompressor,
                    decompressed,
                    ..
                } = self;
                let done = decompressor.decompress(
                    slice.strategy,
                    dictionary.as_ref(),
                    stored,
                    limit,
                    decompressed,
                );
                if let Err(error) = done {
                    let failure = refused(error, asked.key_index(slice.next + to), limit);
                    if !key_by_key {
                        return Err(failure);
                    }
                    self.decompressed.truncate(start);
                    self.results.fail(to, failure);
                }
            }
            self.at.push(start..self.decompressed.len());
            to += 1;
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
