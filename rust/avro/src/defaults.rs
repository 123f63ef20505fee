//! Defaults, from JSON to bytes, as Java's `ResolvingGrammarGenerator.encode` writes them: that of a union is one of its
//! first branch.

use serde_json::Value as Json;

use crate::cursor::put_long;
use crate::limits::{CONSTANT_BYTES, SCHEMA_DEPTH};
use crate::schema::{Kind, Node, NodeId, Schema};

/// A default that its type cannot have.
#[derive(Debug)]
pub(crate) enum BadDefault {
    /// Another JSON was expected.
    Other {
        expected: &'static str,
        found: String,
    },
    /// It would be longer than any may be, or has no end: a record whose field is of its own type, and has a default, too.
    TooLarge,
}

/// Whether a type has `json` as a default (`Schema.isValidDefault` of Java). A field that `json` leaves out has its own, which was
/// looked at where it stands. Every value, and every branch that it is tried with, takes one of `budget`: through unions of
/// records there would be no end of them.
pub(crate) fn suits(nodes: &[Node], id: NodeId, json: &Json, budget: &mut usize) -> bool {
    let Some(rest) = budget.checked_sub(1) else {
        return false;
    };
    *budget = rest;
    let mut of = |id, json| suits(nodes, id, json, budget);
    let integer = |json: &Json| json.as_i64();
    match &nodes[id.0 as usize].kind {
        Kind::Null => json.is_null(),
        Kind::Boolean => json.is_boolean(),
        Kind::Int => integer(json).is_some_and(|number| i32::try_from(number).is_ok()),
        Kind::Long => integer(json).is_some(),
        Kind::Float | Kind::Double => json.is_number(),
        Kind::Bytes | Kind::String | Kind::Fixed(..) | Kind::Enum(..) => json.is_string(),
        // Java looks at the first alone when it writes it.
        Kind::Union(branches) => branches.iter().any(|branch| of(*branch, json)),
        Kind::Array(items) => {
            let list = json.as_array();
            list.is_some_and(|list| list.iter().all(|item| of(*items, item)))
        }
        Kind::Map(values) => {
            let map = json.as_object();
            map.is_some_and(|map| map.values().all(|value| of(*values, value)))
        }
        Kind::Record(_, fields) => json.as_object().is_some_and(|values| {
            let mut fields = fields.iter();
            fields.all(|field| match values.get(&field.name) {
                Some(value) => of(field.schema, value),
                None => field.default.is_some(),
            })
        }),
    }
}

/// Appends `json` as a datum of the type.
pub(crate) fn encode(
    out: &mut Vec<u8>,
    schema: &Schema,
    id: NodeId,
    json: &Json,
    budget: &mut usize,
) -> Result<(), BadDefault> {
    put(out, schema, id, json, (0, budget))
}

fn put(
    out: &mut Vec<u8>,
    schema: &Schema,
    id: NodeId,
    json: &Json,
    (depth, budget): (usize, &mut usize),
) -> Result<(), BadDefault> {
    // Defaults of records whose fields have defaults are as many as 2 to the power of their depth, also where they have no bytes.
    *budget = budget.checked_sub(1).ok_or(BadDefault::TooLarge)?;
    if depth > SCHEMA_DEPTH || out.len() > CONSTANT_BYTES {
        return Err(BadDefault::TooLarge);
    }
    let depth = depth + 1;
    let kind = schema.kind(id);
    let bad = || BadDefault::Other {
        expected: kind.type_name(),
        found: json.to_string().chars().take(200).collect(),
    };
    match kind {
        Kind::Null => json.as_null().ok_or_else(bad)?,
        Kind::Boolean => out.push(json.as_bool().ok_or_else(bad)?.into()),
        Kind::Int => {
            let number = json.as_i64().and_then(|number| i32::try_from(number).ok());
            put_long(out, number.ok_or_else(bad)?.into());
        }
        Kind::Long => put_long(out, json.as_i64().ok_or_else(bad)?),
        Kind::Float => {
            let number = json.as_f64().ok_or_else(bad)? as f32;
            out.extend_from_slice(&number.to_le_bytes());
        }
        Kind::Double => {
            let number = json.as_f64().ok_or_else(bad)?;
            out.extend_from_slice(&number.to_le_bytes());
        }
        Kind::String => prefixed(out, json.as_str().ok_or_else(bad)?.as_bytes()),
        Kind::Bytes => prefixed(out, &latin1(json).ok_or_else(bad)?),
        Kind::Fixed(_, size) => {
            let mut bytes = latin1(json).ok_or_else(bad)?;
            if *size > CONSTANT_BYTES {
                return Err(BadDefault::TooLarge);
            }
            bytes.resize(*size, 0);
            out.extend_from_slice(&bytes);
        }
        Kind::Enum(_, symbols, _) => {
            let symbol = json.as_str().ok_or_else(bad)?;
            let index = symbols.iter().position(|other| other == symbol);
            put_long(out, index.ok_or_else(bad)? as i64);
        }
        Kind::Union(branches) => {
            put_long(out, 0);
            put(
                out,
                schema,
                *branches.first().ok_or_else(bad)?,
                json,
                (depth, budget),
            )?;
        }
        Kind::Array(items) => {
            let list = json.as_array().ok_or_else(bad)?;
            count(out, list.len());
            for item in list {
                put(out, schema, *items, item, (depth, budget))?;
            }
            end(out, list.len());
        }
        Kind::Map(values) => {
            let map = json.as_object().ok_or_else(bad)?;
            count(out, map.len());
            for (key, value) in map {
                prefixed(out, key.as_bytes());
                put(out, schema, *values, value, (depth, budget))?;
            }
            end(out, map.len());
        }
        Kind::Record(_, fields) => {
            let values = json.as_object().ok_or_else(bad)?;
            for field in fields {
                let value = values.get(&field.name).or(field.default.as_ref());
                let value = value.ok_or_else(bad)?;
                put(out, schema, field.schema, value, (depth, budget))?;
            }
        }
    }
    Ok(())
}

fn prefixed(out: &mut Vec<u8>, bytes: &[u8]) {
    put_long(out, bytes.len() as i64);
    out.extend_from_slice(bytes);
}

fn count(out: &mut Vec<u8>, items: usize) {
    if items > 0 {
        put_long(out, items as i64);
    }
}

fn end(out: &mut Vec<u8>, _: usize) {
    put_long(out, 0);
}

/// Bytes as JSON has them: each a character. Java puts a question mark for characters that are none.
fn latin1(json: &Json) -> Option<Vec<u8>> {
    let byte = |char: char| u8::try_from(u32::from(char)).unwrap_or(b'?');
    Some(json.as_str()?.chars().map(byte).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(schema: &str, json: &str) -> Option<Vec<u8>> {
        let schema = Schema::parse(schema).unwrap();
        let mut out = Vec::new();
        let json = serde_json::from_str(json).unwrap();
        encode(&mut out, &schema, schema.root, &json, &mut 100).ok()?;
        Some(out)
    }

    #[test]
    fn values_of_every_type() {
        for (schema, json, bytes) in [
            (r#""null""#, "null", &[][..]),
            (r#""boolean""#, "true", &[1]),
            (r#""int""#, "-1", &[1]),
            (r#""long""#, "64", &[0x80, 1]),
            (r#""float""#, "1", &[0, 0, 0x80, 0x3F]),
            (r#""double""#, "0.5", &[0, 0, 0, 0, 0, 0, 0xE0, 0x3F]),
            (r#""string""#, r#""a""#, &[2, b'a']),
            (r#""bytes""#, r#""\u00ff""#, &[2, 0xFF]),
            (r#"["null","int"]"#, "null", &[0]),
            (r#"{"type":"array","items":"int"}"#, "[1,2]", &[4, 2, 4, 0]),
            (r#"{"type":"array","items":"int"}"#, "[]", &[0]),
            (
                r#"{"type":"map","values":"int"}"#,
                r#"{"a":1}"#,
                &[2, 2, b'a', 2, 0],
            ),
            (r#"{"type":"fixed","name":"F","size":2}"#, r#""a""#, b"a\0"),
            (
                r#"{"type":"enum","name":"E","symbols":["A","B"]}"#,
                r#""B""#,
                &[2],
            ),
            (
                r#"{"type":"record","name":"R","fields":[{"name":"a","type":"int"},
                {"name":"b","type":"int","default":7}]}"#,
                r#"{"a":1}"#,
                &[2, 14],
            ),
        ] {
            assert_eq!(encoded(schema, json).as_deref(), Some(bytes), "{schema}");
        }
    }

    #[test]
    fn values_of_other_types_are_refused() {
        for (schema, json) in [
            (r#""int""#, "2147483648"),
            (r#""int""#, "null"),
            (r#"["null","int"]"#, "1"),
            (
                r#"{"type":"enum","name":"E","symbols":["A","B"]}"#,
                r#""C""#,
            ),
        ] {
            assert_eq!(encoded(schema, json), None, "{schema}");
        }
    }
}
