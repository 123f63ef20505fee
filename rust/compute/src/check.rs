//! Whether a request suits the schemas (`ComputeUtils.checkResultSchema`), with Venice's texts.

use std::collections::{HashMap, HashSet};

use venice_avro::{Interrupted, Pace, Sameness, Schema, Shortened, TypeView};
use venice_wire::compute_request::Operation;

/// The field of a result that has the errors of operations, by the fields of their results.
pub const ERROR_FIELD: &str = "__veniceComputationError__";

/// Why a request cannot be answered, whatever the values are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Either schema is something else than a record.
    #[error("Compute result schema and value schema must be RECORD type")]
    NoRecord,
    /// The field of an operation is nowhere.
    #[error("The field {} being operated on is not in value schema", Shortened(.0))]
    NoField(String),
    /// A field of the result is neither the value's nor an operation's.
    #[error(
        "The result field {} is not a field in value schema or an operation result schema.",
        Shortened(.0)
    )]
    ForeignField(String),
    /// The result of an operation has no field. Java finds out with the first value, by a NullPointerException.
    #[error("The result field {} of an operation is not in the result schema.", Shortened(.0))]
    NoResultField(String),
    /// Nobody waits for the answer any more.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// The fields of a record by their names: types, and where they stand.
pub(crate) type ByName<'s> = HashMap<&'s str, (usize, TypeView<'s>)>;

pub(crate) fn by_name(schema: &Schema) -> ByName<'_> {
    let mut fields = ByName::new();
    for (at, (name, view)) in schema.fields().enumerate() {
        fields.entry(name).or_insert((at, view));
    }
    fields
}

/// The fields of both schemas, looked up once.
pub(crate) struct Checked<'s> {
    pub(crate) value: ByName<'s>,
    pub(crate) result: ByName<'s>,
    /// What was found out of pairs of their types.
    pub(crate) sameness: Sameness,
}

pub(crate) fn check<'s>(
    operations: &[Operation<'_>],
    value: &'s Schema,
    result: &'s Schema,
    pace: &Pace<'_>,
) -> Result<Checked<'s>, RequestError> {
    if !value.is_record() || !result.is_record() {
        return Err(RequestError::NoRecord);
    }
    let mut checked = Checked {
        value: by_name(value),
        result: by_name(result),
        sameness: Sameness::default(),
    };
    let mut results = HashSet::with_capacity(operations.len());
    for operation in operations {
        pace.did(10)?;
        if !checked.value.contains_key(&*operation.field) {
            return Err(RequestError::NoField(operation.field.clone().into_owned()));
        }
        results.insert(&*operation.result_field);
    }
    for (name, view) in result.fields() {
        pace.did(30)?;
        let (_, value) = checked.value.get(name).copied().unzip();
        let is_values = value.is_some_and(|other| other.same_by(&view, &mut checked.sameness));
        let is_operations = || view.type_name() == "union" && results.contains(name);
        if !is_values && name != ERROR_FIELD && !is_operations() {
            return Err(RequestError::ForeignField(name.to_owned()));
        }
    }
    let mut operations = operations.iter();
    match operations.find(|operation| !checked.result.contains_key(&*operation.result_field)) {
        Some(operation) => Err(RequestError::NoResultField(
            operation.result_field.clone().into_owned(),
        )),
        None => Ok(checked),
    }
}
