//! What operations see of a field: a vector of floats, or what else is there.

use crate::cursor::Cursor;
use crate::error::At;
use crate::program::{Branch, Floats};
use crate::schema::{Kind, NodeId, Schema};

/// A field as a vector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Vector<'a> {
    /// It is null.
    Null,
    /// Floats, little-endian, four bytes each. Other numbers have become floats, as `Number.floatValue` of Java makes them.
    Floats(&'a [u8]),
    /// A list with something else in it.
    List(List),
    /// No list, but of this type (`int`, `map`, ...).
    Other(&'static str),
}

/// A list that has an element that is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct List {
    /// Elements.
    pub length: usize,
    /// The first one that is no number.
    pub first: Element,
}

/// An element that is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Element {
    /// It is null.
    Null,
    /// It is of this type.
    Type(&'static str),
}

/// The floats at `at` as they lie in the record: None if they do not lie in one piece, or not as floats.
pub(crate) fn in_place<'r>(
    record: &'r [u8],
    at: usize,
    floats: &Floats,
) -> Result<Option<Vector<'r>>, At> {
    let mut cursor = Cursor::new(record, at);
    match floats {
        Floats::No => return Ok(None),
        Floats::Array => {}
        Floats::Branches(branches) => {
            let index = cursor.branch(branches.len() as u32)?;
            match branches[index] {
                Branch::Null => return Ok(Some(Vector::Null)),
                Branch::Floats => {}
                Branch::Other => return Ok(None),
            }
        }
    }
    let block = cursor.block(4)?;
    if block.items == 0 {
        return Ok(Some(Vector::Floats(&[])));
    }
    let bytes = cursor.take(4 * block.items as usize)?;
    if block.size.is_some_and(|size| size != bytes.len()) || cursor.block(4)?.items != 0 {
        return Ok(None);
    }
    Ok(Some(Vector::Floats(bytes)))
}

/// The type of a datum that was copied, and where it begins behind a union's index.
fn datum(schema: &Schema, id: NodeId, copied: &[u8]) -> Result<(NodeId, usize), At> {
    match schema.kind(id) {
        Kind::Union(branches) => {
            let mut cursor = Cursor::new(copied, 0);
            let index = cursor.branch(branches.len() as u32)?;
            Ok((branches[index], cursor.at))
        }
        _ => Ok((id, 0)),
    }
}

/// A number as a float; None if it is none.
fn number(kind: &Kind, cursor: &mut Cursor<'_>) -> Result<Option<f32>, At> {
    Ok(Some(match kind {
        Kind::Int => cursor.int()? as f32,
        Kind::Long => cursor.long()? as f32,
        Kind::Float => f32::from_le_bytes(cursor.array()?),
        Kind::Double => f64::from_le_bytes(cursor.array()?) as f32,
        _ => return Ok(None),
    }))
}

/// A field that was copied, as a vector; numbers that are no floats, or stand in unions, are gathered.
pub(crate) fn of_copy<'a>(
    schema: &Schema,
    id: NodeId,
    copied: &'a [u8],
    gathered: &'a mut Vec<u8>,
) -> Result<Vector<'a>, At> {
    let (id, at) = datum(schema, id, copied)?;
    let items = match schema.kind(id) {
        Kind::Null => return Ok(Vector::Null),
        Kind::Array(items) => *items,
        other => return Ok(Vector::Other(other.type_name())),
    };
    let mut cursor = Cursor::new(copied, at);
    // One block: it was copied.
    let length = cursor.block(0)?.items as usize;
    let list = |first| Ok(Vector::List(List { length, first }));
    let branches = match schema.kind(items) {
        _ if length == 0 => return Ok(Vector::Floats(&[])),
        Kind::Float => return Ok(Vector::Floats(cursor.take(4 * length)?)),
        Kind::Union(branches) => Some(branches),
        _ => None,
    };
    gathered.clear();
    for _ in 0..length {
        let item = match branches {
            Some(branches) => branches[cursor.branch(branches.len() as u32)?],
            None => items,
        };
        let kind = schema.kind(item);
        match number(kind, &mut cursor)? {
            Some(float) => gathered.extend_from_slice(&float.to_le_bytes()),
            None if matches!(kind, Kind::Null) => return list(Element::Null),
            None => return list(Element::Type(kind.type_name())),
        }
    }
    Ok(Vector::Floats(gathered))
}

/// Items of a field that was copied, if it is an array or a map; else its type.
pub(crate) fn count(
    schema: &Schema,
    id: NodeId,
    copied: &[u8],
) -> Result<Result<usize, &'static str>, At> {
    let (id, at) = datum(schema, id, copied)?;
    match schema.kind(id) {
        Kind::Array(_) | Kind::Map(_) => Ok(Ok(Cursor::new(copied, at).block(0)?.items as usize)),
        other => Ok(Err(other.type_name())),
    }
}
