//! JSON as a tree of values, and the first member that an object has twice: serde_json's own keeps the last of them, and
//! says nothing.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use venice_wire::echoed::Echoed;

use super::members::{shown, Problem};

/// Reads JSON. The problem is that of a member that is there twice; of the two the last is in the tree.
pub(super) fn read(json: &[u8]) -> Result<(Value, Option<Problem>), serde_json::Error> {
    let twice = RefCell::new(None);
    let mut reader = serde_json::Deserializer::from_slice(json);
    let seed = Seed {
        place: Place::Whole,
        twice: &twice,
    };
    let value = seed.deserialize(&mut reader)?;
    reader.end()?;
    Ok((value, twice.into_inner()))
}

/// Where a value is.
#[derive(Clone, Copy)]
enum Place<'a> {
    Whole,
    Member(&'a Place<'a>, &'a str),
    Item(&'a Place<'a>, usize),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_plain = |name: &str| name.starts_with(|c: char| c.is_ascii_alphabetic());
        match self {
            Place::Whole => Ok(()),
            Place::Member(Place::Whole, name) => write!(f, "{}", Echoed::new(name)),
            Place::Member(of, name) if is_plain(name) => write!(f, "{of}.{}", Echoed::new(name)),
            Place::Member(of, name) => write!(f, "{of}[{:?}]", Echoed::new(name)),
            Place::Item(of, index) => write!(f, "{of}[{index}]"),
        }
    }
}

/// Reads the value that is at a place.
#[derive(Clone, Copy)]
struct Seed<'a> {
    place: Place<'a>,
    twice: &'a RefCell<Option<Problem>>,
}

impl Seed<'_> {
    fn note_twice(&self, name: &str, before: &Value, after: &Value) {
        let mut twice = self.twice.borrow_mut();
        if twice.is_none() {
            let place = match self.place {
                Place::Whole => "it".to_owned(),
                place => place.to_string(),
            };
            *twice = Some(format!(
                "{place} has the member {:?} twice, with the values {} and {}; keep one of them",
                Echoed::new(name),
                shown(before),
                shown(after)
            ));
        }
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value of JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E: Error>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = items.next_element_seed(Seed {
            place: Place::Item(&self.place, values.len()),
            ..self
        })? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(Seed {
                place: Place::Member(&self.place, &name),
                ..self
            })?;
            if let Some(before) = values.get(&name) {
                self.note_twice(&name, before, &value);
            }
            values.insert(name, value);
        }
        Ok(Value::Object(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(json: &str) -> Option<String> {
        let (value, problem) = read(json.as_bytes()).unwrap();
        assert_eq!(value, serde_json::from_str::<Value>(json).unwrap());
        problem
    }

    #[test]
    fn values_are_those_of_serde_json() {
        for json in [
            "null",
            "[true, false, 0, -1, 18446744073709551615, 1.5, -1e300, \"a\\u00e4\\n\"]",
            r#"{"a": {}, "b": [[], {"a": 1}], "": null}"#,
        ] {
            assert_eq!(problem(json), None);
        }
        for json in ["", "{", "[1,]", "1 2", "nul", "{\"a\" 1}", "\"\\ud800\""] {
            let expected = serde_json::from_str::<Value>(json).unwrap_err().to_string();
            assert_eq!(read(json.as_bytes()).unwrap_err().to_string(), expected);
        }
        let deep = "[".repeat(1000);
        let error = read(deep.as_bytes()).unwrap_err().to_string();
        assert!(error.contains("recursion limit exceeded"), "{error}");
    }

    #[test]
    fn the_first_member_that_is_there_twice_is_told_with_its_place() {
        for (json, says) in [
            (r#"{"a": 1, "a": [2]}"#, "it has the member \"a\" twice, with the values 1 and an array of 1; keep one of them"),
            (r#"{"a": 1, "\u0061": 1}"#, "it has the member \"a\" twice, with the values 1 and 1; keep one of them"),
            (
                r#"{"v": [0, {"p": {"1": {"x": null, "x": ""}}}], "v": 1}"#,
                "v[1].p[\"1\"] has the member \"x\" twice, with the values null and \"\"; keep one of them",
            ),
        ] {
            assert_eq!(problem(json).as_deref(), Some(says));
        }
        let long = "n".repeat(10_000);
        let text = problem(&format!(
            r#"{{"{long}": {{"a": "{long}", "a": "{long}"}}}}"#
        ))
        .unwrap();
        assert!(text.len() < 1000, "{text}");
    }
}
