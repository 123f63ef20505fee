//! Avro data as JSON: plain, in the order of the schema's fields, and so that [`super::Codec::of_json`] reads it back.

use std::fmt::Write as _;

use apache_avro::types::Value;

use crate::output::string;

/// Appends a datum. Unions are their value alone; bytes are arrays of numbers; what JSON numbers cannot
/// be, NaN and infinities, is a string.
pub(crate) fn write(out: &mut String, value: &Value) {
    // Writing to a string does not fail.
    let mut number = |text: std::fmt::Arguments<'_>| {
        let _ = out.write_fmt(text);
    };
    match value {
        Value::Null => out.push_str("null"),
        Value::Boolean(value) => number(format_args!("{value}")),
        Value::Int(value) | Value::Date(value) | Value::TimeMillis(value) => {
            number(format_args!("{value}"));
        }
        Value::Long(value)
        | Value::TimeMicros(value)
        | Value::TimestampMillis(value)
        | Value::TimestampMicros(value)
        | Value::TimestampNanos(value)
        | Value::LocalTimestampMillis(value)
        | Value::LocalTimestampMicros(value)
        | Value::LocalTimestampNanos(value) => number(format_args!("{value}")),
        Value::Float(value) if value.is_finite() => number(format_args!("{value}")),
        Value::Double(value) if value.is_finite() => number(format_args!("{value}")),
        Value::Float(value) => out.push_str(not_finite((*value).into())),
        Value::Double(value) => out.push_str(not_finite(*value)),
        Value::Bytes(bytes) | Value::Fixed(_, bytes) => list(out, bytes, |out, byte| {
            let _ = write!(out, "{byte}");
        }),
        Value::String(text) | Value::Enum(_, text) => out.push_str(&string(text)),
        Value::Union(_, value) => write(out, value),
        Value::Array(items) => list(out, items, write),
        Value::Map(entries) => {
            // In an order that does not change from run to run.
            let mut sorted: Vec<_> = entries.iter().collect();
            sorted.sort_by_key(|(name, _)| *name);
            members(out, sorted.into_iter());
        }
        Value::Record(fields) => members(out, fields.iter().map(|(name, value)| (name, value))),
        other => match serde_json::Value::try_from(other.clone()) {
            Ok(json) => out.push_str(&json.to_string()),
            Err(_) => out.push_str(&string(&format!("{other:?}"))),
        },
    }
}

fn not_finite(value: f64) -> &'static str {
    if value.is_nan() {
        "\"NaN\""
    } else if value > 0.0 {
        "\"Infinity\""
    } else {
        "\"-Infinity\""
    }
}

fn list<T>(out: &mut String, items: &[T], mut each: impl FnMut(&mut String, &T)) {
    out.push('[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        each(out, item);
    }
    out.push(']');
}

fn members<'a>(out: &mut String, members: impl Iterator<Item = (&'a String, &'a Value)>) {
    out.push('{');
    for (at, (name, value)) in members.enumerate() {
        if at > 0 {
            out.push(',');
        }
        out.push_str(&string(name));
        out.push(':');
        write(out, value);
    }
    out.push('}');
}
