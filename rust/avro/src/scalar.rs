//! Single values, as who counts them sees them.

use crate::cursor::Cursor;
use crate::error::At;
use crate::schema::{Kind, NodeId, Schema};

/// A field's value, if it is a single one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Scalar<'a> {
    /// It is null.
    Null,
    /// A truth value.
    Boolean(bool),
    /// An int or a long.
    Integer(i64),
    /// A float.
    Float(f32),
    /// A double.
    Double(f64),
    /// A string; nobody has checked that it is UTF-8.
    Text(&'a [u8]),
    /// The symbol of an enum.
    Symbol(&'a str),
    /// Something of another type: `array`, `bytes`, ...
    Other(&'static str),
}

/// A field that was copied, as a single value.
pub(crate) fn of_copy<'a>(
    schema: &'a Schema,
    id: NodeId,
    copied: &'a [u8],
) -> Result<Scalar<'a>, At> {
    let mut cursor = Cursor::new(copied, 0);
    let kind = match schema.kind(id) {
        Kind::Union(branches) => schema.kind(branches[cursor.branch(branches.len() as u32)?]),
        kind => kind,
    };
    Ok(match kind {
        Kind::Null => Scalar::Null,
        Kind::Boolean => Scalar::Boolean(cursor.take(1)? == [1]),
        Kind::Int => Scalar::Integer(cursor.int()?.into()),
        Kind::Long => Scalar::Integer(cursor.long()?),
        Kind::Float => Scalar::Float(f32::from_le_bytes(cursor.array()?)),
        Kind::Double => Scalar::Double(f64::from_le_bytes(cursor.array()?)),
        Kind::String => Scalar::Text(cursor.prefixed()?),
        Kind::Enum(_, symbols, _) => Scalar::Symbol(&symbols[cursor.branch(symbols.len() as u32)?]),
        other => Scalar::Other(other.type_name()),
    })
}
