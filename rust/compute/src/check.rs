//! Whether a request suits the schemas (`ComputeUtils.checkResultSchema`), with Venice's texts.

use venice_avro::{Schema, TypeView};
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
    #[error("The field {0} being operated on is not in value schema")]
    NoField(String),
    /// A field of the result is neither the value's nor an operation's.
    #[error("The result field {0} is not a field in value schema or an operation result schema.")]
    ForeignField(String),
    /// The result of an operation has no field. Java finds out with the first value, by a NullPointerException.
    #[error("The result field {0} of an operation is not in the result schema.")]
    NoResultField(String),
}

/// The type of a field.
pub(crate) fn field<'s>(schema: &'s Schema, name: &str) -> Option<TypeView<'s>> {
    schema
        .fields()
        .find(|(other, _)| *other == name)
        .map(|(_, view)| view)
}

pub(crate) fn check(
    operations: &[Operation<'_>],
    value: &Schema,
    result: &Schema,
) -> Result<(), RequestError> {
    if !value.is_record() || !result.is_record() {
        return Err(RequestError::NoRecord);
    }
    for operation in operations {
        if field(value, &operation.field).is_none() {
            return Err(RequestError::NoField(operation.field.clone().into_owned()));
        }
    }
    for (name, view) in result.fields() {
        let is_values = field(value, name).is_some_and(|other| other.same_as(&view));
        let is_operations = || {
            view.type_name() == "union"
                && operations
                    .iter()
                    .any(|operation| operation.result_field == name)
        };
        if !is_values && name != ERROR_FIELD && !is_operations() {
            return Err(RequestError::ForeignField(name.to_owned()));
        }
    }
    match operations
        .iter()
        .find(|operation| field(result, &operation.result_field).is_none())
    {
        Some(operation) => Err(RequestError::NoResultField(
            operation.result_field.clone().into_owned(),
        )),
        None => Ok(()),
    }
}
