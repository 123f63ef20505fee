//! What is done with every value of a request.

use std::collections::HashMap;

use venice_avro::{CompileError, Fields, Pace, Schema};
use venice_wire::compute_request::{Operation, OperationKind};

use crate::check::{check, RequestError, ERROR_FIELD};
use crate::kernel::{dot_of, Order};
use crate::target::{Moved, Target};

/// How many kinds of operations there are.
pub const KINDS: usize = OperationKind::Count as usize + 1;

/// A request's operations, for values of one writer's schema. One is used for all keys of the request, and may be kept for
/// the next request of the same schemas and operations.
#[derive(Debug)]
pub struct Plan {
    pub(crate) fields: Fields,
    pub(crate) steps: Vec<Step>,
    pub(crate) results: Vec<ResultField>,
    pub(crate) order: Order,
}

/// Why there is no plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The request does not suit the schemas.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The schemas do not suit each other.
    #[error(transparent)]
    Schemas(#[from] CompileError),
}

/// An operation.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) kind: OperationKind,
    /// Name and number (in `fields`) of the value's field.
    pub(crate) field: String,
    pub(crate) source: usize,
    pub(crate) parameter: Vec<f32>,
    /// Sum of the parameter's squares, for the cosine similarity.
    pub(crate) squares: f32,
    /// Number of the result's field.
    pub(crate) result: usize,
}

/// A field of the result.
#[derive(Debug)]
pub(crate) struct ResultField {
    pub(crate) name: String,
    /// Its type, for texts.
    pub(crate) type_name: &'static str,
    pub(crate) target: Target,
    /// It takes the errors, unless an operation has put something there.
    pub(crate) errors: bool,
    /// The value's field of the same name, which is taken when nothing else is there.
    pub(crate) copied: Option<Copied>,
}

#[derive(Debug)]
pub(crate) struct Copied {
    /// Number in `fields`.
    pub(crate) source: usize,
    /// If the two types differ.
    pub(crate) moved: Option<Moved>,
}

/// Names of fields that are wanted, each once.
#[derive(Default)]
struct Names<'s> {
    names: Vec<&'s str>,
    numbers: HashMap<&'s str, usize>,
}

impl<'s> Names<'s> {
    fn number(&mut self, name: &'s str) -> usize {
        *self.numbers.entry(name).or_insert_with(|| {
            self.names.push(name);
            self.names.len() - 1
        })
    }
}

impl Plan {
    /// Makes a plan for values that were written with `writer`, are read as `reader` has them, and become records of
    /// `result`.
    pub fn new(
        operations: &[Operation<'_>],
        writer: &Schema,
        reader: &Schema,
        result: &Schema,
        order: Order,
    ) -> Result<Plan, PlanError> {
        let schemas = (writer, reader, result);
        Plan::new_while(operations, schemas, order, &Pace::to_the_end())
    }

    /// As [`Plan::new`] for the schemas of writer, reader and result, and given up when `pace` says so. It takes time in
    /// proportion to the operations and the schemas.
    pub fn new_while(
        operations: &[Operation<'_>],
        (writer, reader, result): (&Schema, &Schema, &Schema),
        order: Order,
        pace: &Pace<'_>,
    ) -> Result<Plan, PlanError> {
        let mut checked = check(operations, reader, result, pace)?;
        let mut names = Names::default();
        let mut operated = vec![false; checked.result.len()];
        let mut steps = Vec::with_capacity(operations.len());
        for operation in operations {
            let (result, _) = *checked
                .result
                .get(&*operation.result_field)
                .ok_or_else(|| {
                    RequestError::NoResultField(operation.result_field.clone().into_owned())
                })?;
            operated[result] = true;
            let parameter = operation.parameter.clone();
            let encoded: Vec<u8> = parameter
                .iter()
                .flat_map(|float| float.to_le_bytes())
                .collect();
            pace.did(10 + parameter.len() / 4)
                .map_err(RequestError::from)?;
            steps.push(Step {
                kind: operation.kind,
                field: operation.field.clone().into_owned(),
                source: names.number(&operation.field),
                squares: dot_of(&parameter, &encoded),
                parameter,
                result,
            });
        }
        let mut results = Vec::with_capacity(operated.len());
        for ((name, view), operated) in result.fields().zip(operated) {
            pace.did(30).map_err(RequestError::from)?;
            let sameness = &mut checked.sameness;
            let copied = match checked.value.get(name) {
                // Nothing is copied where there are errors already.
                Some((_, value)) if name != ERROR_FIELD => {
                    let moves = operated && !value.same_by(&view, sameness);
                    Some(Copied {
                        source: names.number(name),
                        moved: moves.then(|| Moved::of(*value, view, sameness)),
                    })
                }
                _ => None,
            };
            results.push(ResultField {
                name: name.to_owned(),
                type_name: view.type_name(),
                target: Target::of(view),
                errors: name == ERROR_FIELD,
                copied,
            });
        }
        Ok(Plan {
            fields: Fields::compile_while(writer, reader, &names.names, pace)?,
            steps,
            results,
            order,
        })
    }

    /// How many operations it has of each kind, by the numbers of [`OperationKind`].
    pub fn kinds(&self) -> [u32; KINDS] {
        let mut kinds = [0; KINDS];
        for step in &self.steps {
            kinds[step.kind as usize] += 1;
        }
        kinds
    }

    /// How many operations it has.
    pub fn operations(&self) -> usize {
        self.steps.len()
    }

    /// Bytes that the plan takes in memory, about.
    pub fn memory(&self) -> usize {
        let of_step = |step: &Step| size_of::<Step>() + step.field.len() + 4 * step.parameter.len();
        let of_result = |result: &ResultField| {
            let moved = result
                .copied
                .as_ref()
                .and_then(|copied| copied.moved.as_ref());
            size_of::<ResultField>()
                + result.name.len()
                + moved.map_or(0, |moved| 16 * moved.branches.len())
        };
        self.fields.memory()
            + self.steps.iter().map(of_step).sum::<usize>()
            + self.results.iter().map(of_result).sum::<usize>()
    }
}
