//! Values become results.

use venice_avro::{Interrupted, Pace, Places, ReadError, Shortened, Vector};
use venice_wire::compute_request::OperationKind;

use crate::error_map;
use crate::kernel::{hadamard, sums, LANES};
use crate::plan::{Plan, Step};
use crate::target::put_long;
use crate::texts;

/// Why a value has no result, and the whole request no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvaluateError {
    /// It is not what the schemas say.
    #[error("value {index}: {error}")]
    Read {
        /// Number of the value in the call.
        index: usize,
        /// What is wrong.
        error: ReadError,
    },
    /// A result's type does not take what was computed. Java's text begins alike.
    #[error("Not in {type_name}: {found} (field \"{}\", value {index})", Shortened(.field))]
    Unfit {
        /// Number of the value in the call.
        index: usize,
        /// The field of the result.
        field: String,
        /// Its type.
        type_name: &'static str,
        /// What it does not take.
        found: &'static str,
    },
    /// Nobody waits for the result any more.
    #[error("{Interrupted} (value {index})")]
    Interrupted {
        /// Number of the first value that was being worked at.
        index: usize,
    },
}

impl EvaluateError {
    /// Number of the value in the call.
    pub fn index(&self) -> usize {
        match self {
            EvaluateError::Read { index, .. }
            | EvaluateError::Unfit { index, .. }
            | EvaluateError::Interrupted { index } => *index,
        }
    }
}

/// Buffers for values that are worked at together. One is used for many calls, by one thread at a time; nothing is allocated
/// for a value, once they have grown, unless something is wrong with it.
#[derive(Debug, Default)]
pub struct Evaluator {
    lanes: [Lane; LANES],
    out: Vec<u8>,
    copied: Vec<u8>,
}

/// What is known of one value.
#[derive(Debug, Default)]
struct Lane {
    places: Places,
    /// For each field of the result.
    computed: Vec<Computed>,
    /// Products of vectors.
    products: Vec<u8>,
    errors: Errors,
}

/// What is wrong with operations on one value.
#[derive(Debug, Default)]
struct Errors {
    /// Number of the result's field, and text, each field once, as they came first.
    texts: Vec<(usize, String)>,
    /// For each field of the result where its text is, if it has one.
    at: Vec<Option<u32>>,
}

impl Errors {
    fn clear(&mut self, results: usize) {
        self.texts.clear();
        self.at.clear();
        self.at.resize(results, None);
    }

    /// The later text of a field is the one that stays.
    fn put(&mut self, result: usize, text: String) {
        match self.at[result] {
            Some(at) => self.texts[at as usize].1 = text,
            None => {
                self.at[result] = Some(self.texts.len() as u32);
                self.texts.push((result, text));
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Computed {
    Null,
    Float(f32),
    Int(i32),
    /// From and to, in `products`.
    Floats(usize, usize),
}

impl Lane {
    fn fail(&mut self, step: &Step, computed: Computed, text: String) {
        fail(&mut self.errors, &mut self.computed, step, computed, text);
    }
}

fn fail(
    errors: &mut Errors,
    results: &mut [Computed],
    step: &Step,
    computed: Computed,
    text: String,
) {
    results[step.result] = computed;
    errors.put(step.result, text);
}

impl Evaluator {
    /// Computes the result of each value, and hands it to `each` with the value's number, in order. Values are without
    /// the four bytes of their schema's id, and not compressed.
    ///
    /// # Errors
    ///
    /// The first value, in order of groups of [`LANES`], that cannot be read or has no result. What came before it
    /// may have been handed out.
    pub fn evaluate(
        &mut self,
        plan: &Plan,
        values: &[&[u8]],
        each: impl FnMut(usize, &[u8]),
    ) -> Result<(), EvaluateError> {
        self.evaluate_while(plan, values, &Pace::to_the_end(), each)
    }

    /// As [`Evaluator::evaluate`], and given up, between two operations, when `pace` says so.
    pub fn evaluate_while(
        &mut self,
        plan: &Plan,
        values: &[&[u8]],
        pace: &Pace<'_>,
        mut each: impl FnMut(usize, &[u8]),
    ) -> Result<(), EvaluateError> {
        for (group, values) in values.chunks(LANES).enumerate() {
            let first = group * LANES;
            let bytes = values.iter().map(|value| value.len()).sum::<usize>();
            // An operation costs what its vector does at least, and may cost a look at all of the value.
            let work = 10 + bytes / 64;
            self.group(plan, values, first, &|| {
                let interrupted = |Interrupted| EvaluateError::Interrupted { index: first };
                pace.did(work).map_err(interrupted)
            })?;
            for (lane, value) in values.iter().enumerate() {
                self.encode(plan, lane, value, first + lane)?;
                each(first + lane, &self.out);
            }
        }
        Ok(())
    }

    /// All operations on the values of a group.
    fn group(
        &mut self,
        plan: &Plan,
        values: &[&[u8]],
        first: usize,
        goes_on: &dyn Fn() -> Result<(), EvaluateError>,
    ) -> Result<(), EvaluateError> {
        for (index, (lane, value)) in self.lanes.iter_mut().zip(values).enumerate() {
            lane.computed.clear();
            lane.computed.resize(plan.results.len(), Computed::Null);
            lane.products.clear();
            lane.errors.clear(plan.results.len());
            let located = plan.fields.locate(value, &mut lane.places);
            located.map_err(read_error(first + index))?;
        }
        for step in &plan.steps {
            goes_on()?;
            match step.kind {
                OperationKind::Count => self.count(plan, step, values, first)?,
                _ => self.multiply(plan, step, values, first)?,
            }
        }
        Ok(())
    }

    fn count(
        &mut self,
        plan: &Plan,
        step: &Step,
        values: &[&[u8]],
        first: usize,
    ) -> Result<(), EvaluateError> {
        for (index, (lane, value)) in self.lanes.iter_mut().zip(values).enumerate() {
            let counted = plan.fields.count(step.source, value, &mut lane.places);
            match counted.map_err(read_error(first + index))? {
                // As many items as a Java collection has.
                Ok(items) => {
                    lane.computed[step.result] = Computed::Int(items.min(i32::MAX as usize) as i32)
                }
                Err("null") => lane.fail(step, Computed::Int(0), texts::null(&step.field)),
                Err(_) => {
                    let text = texts::no_items(&plan.results[step.result].name);
                    lane.fail(step, Computed::Int(-1), text);
                }
            }
        }
        Ok(())
    }

    /// The operations on vectors.
    fn multiply(
        &mut self,
        plan: &Plan,
        step: &Step,
        values: &[&[u8]],
        first: usize,
    ) -> Result<(), EvaluateError> {
        // What an error leaves as the result.
        let failed = match step.kind {
            OperationKind::HadamardProduct => Computed::Null,
            _ => Computed::Float(0.0),
        };
        let mut vectors: [&[u8]; LANES] = [&[]; LANES];
        let mut lanes_of = [0; LANES];
        let mut ready = 0;
        for (index, (lane, value)) in self.lanes.iter_mut().zip(values).enumerate() {
            let Lane {
                places,
                computed,
                products,
                errors,
            } = lane;
            let vector = plan.fields.vector(step.source, value, places);
            let (length, floats) = match vector.map_err(read_error(first + index))? {
                Vector::Null => (0, None),
                Vector::Floats(floats) => (floats.len() / 4, Some(Ok(floats))),
                Vector::List(list) => (list.length, Some(Err(list.first))),
                Vector::Other(found) => {
                    fail(
                        errors,
                        computed,
                        step,
                        failed,
                        texts::no_list(&step.field, found),
                    );
                    continue;
                }
            };
            let parameter = step.parameter.len();
            if length == 0 || parameter == 0 {
                computed[step.result] = Computed::Null;
                continue;
            }
            if length != parameter {
                let text = texts::size_mismatch(step.kind, &step.field, parameter, length);
                fail(errors, computed, step, failed, text);
                continue;
            }
            match floats {
                Some(Ok(floats)) if step.kind == OperationKind::HadamardProduct => {
                    let from = products.len();
                    hadamard(&step.parameter, floats, products);
                    computed[step.result] = Computed::Floats(from, products.len());
                }
                Some(Ok(floats)) => {
                    vectors[ready] = floats;
                    lanes_of[ready] = index;
                    ready += 1;
                }
                Some(Err(element)) => fail(
                    errors,
                    computed,
                    step,
                    failed,
                    texts::element(step.kind, element),
                ),
                None => {}
            }
        }
        if ready > 0 {
            let cosine = step.kind == OperationKind::CosineSimilarity;
            let sums = sums(plan.order, &step.parameter, &vectors[..ready], cosine);
            for (at, lane) in lanes_of[..ready].iter().enumerate() {
                let mut result = sums.dots[at];
                if cosine {
                    let squares = f64::from(sums.norms[at] * step.squares);
                    result = (f64::from(result) / squares.sqrt()) as f32;
                }
                self.lanes[*lane].computed[step.result] = Computed::Float(result);
            }
        }
        Ok(())
    }

    /// Puts the record of a value's results into `out`.
    fn encode(
        &mut self,
        plan: &Plan,
        lane: usize,
        value: &[u8],
        index: usize,
    ) -> Result<(), EvaluateError> {
        let Lane {
            places,
            computed,
            products,
            errors,
        } = &mut self.lanes[lane];
        let out = &mut self.out;
        out.clear();
        for (result, computed) in plan.results.iter().zip(computed) {
            let unfit = |found: &'static str| EvaluateError::Unfit {
                index,
                field: result.name.clone(),
                type_name: result.type_name,
                found,
            };
            let whole = |put: bool, found| put.then_some(()).ok_or_else(|| unfit(found));
            let target = &result.target;
            match *computed {
                Computed::Float(float) => {
                    whole(target.float.put(out), "a float")?;
                    out.extend_from_slice(&float.to_le_bytes());
                }
                Computed::Int(int) => {
                    whole(target.int.put(out), "an int")?;
                    put_long(out, int.into());
                }
                Computed::Floats(from, to) => {
                    whole(target.floats.put(out), "a list of floats")?;
                    put_long(out, ((to - from) / 4) as i64);
                    out.extend_from_slice(&products[from..to]);
                    out.push(0);
                }
                Computed::Null if result.errors => {
                    whole(target.texts.put(out), "a map of errors")?;
                    let errors = &mut errors.texts;
                    error_map::sort(errors, |(result, _)| {
                        error_map::hash(&plan.results[*result].name)
                    });
                    if !errors.is_empty() {
                        put_long(out, errors.len() as i64);
                    }
                    for (result, text) in errors.iter() {
                        for text in [&plan.results[*result].name, text] {
                            put_long(out, text.len() as i64);
                            out.extend_from_slice(text.as_bytes());
                        }
                    }
                    out.push(0);
                }
                Computed::Null => match &result.copied {
                    None => whole(target.null.put(out), "null")?,
                    Some(copied) => match &copied.moved {
                        None => {
                            let copied = plan.fields.copy(copied.source, value, places, out);
                            copied.map_err(read_error(index))?;
                        }
                        Some(moved) => {
                            self.copied.clear();
                            let copied =
                                plan.fields
                                    .copy(copied.source, value, places, &mut self.copied);
                            copied.map_err(read_error(index))?;
                            whole(
                                moved.put(&self.copied, out),
                                "the value's field of this name",
                            )?;
                        }
                    },
                },
            }
        }
        Ok(())
    }
}

fn read_error(index: usize) -> impl Fn(ReadError) -> EvaluateError {
    move |error| EvaluateError::Read { index, error }
}
