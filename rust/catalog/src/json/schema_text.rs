//! Whether a text is a schema of Avro: as Java's parser of Avro has it that checks neither names nor defaults, as Venice
//! does with schemas that are registered already (Avro 1.11's specification, "Schema Declaration").
//!
//! It is the least that every reader of schemas asks for. What a schema is for is not known here.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use venice_wire::echoed::Echoed;

use super::members::{shown, Problem};

const PRIMITIVE: [&str; 8] = [
    "null", "boolean", "int", "long", "float", "double", "bytes", "string",
];

/// What no type is called.
const UNION: &str = "[]";

/// Refuses JSON that is no schema. The problem says where in the schema it is, and what.
pub(super) fn check(schema: &Value) -> Result<(), Problem> {
    let mut names = Names::default();
    names.check(schema, "", &Place(None, Step::Whole)).map(drop)
}

/// The types that are defined so far, by their full names.
#[derive(Default)]
struct Names(BTreeSet<String>);

/// Where a part of a schema is.
struct Place<'a>(Option<&'a Place<'a>>, Step<'a>);

#[derive(Clone, Copy)]
enum Step<'a> {
    Whole,
    Member(&'a str),
    Item(usize),
    /// A field of a record, by its name.
    Field(&'a str),
}

impl<'a> Place<'a> {
    fn then(&'a self, step: Step<'a>) -> Place<'a> {
        Place(Some(self), step)
    }

    fn is(&self, what: String) -> Problem {
        match self.text() {
            place if place.is_empty() => format!("it {what}"),
            place => format!("its {place} {what}"),
        }
    }

    fn text(&self) -> String {
        let before = self.0.map_or_else(String::new, Place::text);
        let step = match self.1 {
            Step::Whole => return before,
            Step::Member(name) => name.to_owned(),
            Step::Item(index) => format!("branch {index}"),
            Step::Field(name) => format!("field {:?}", Echoed::new(name)),
        };
        if before.is_empty() {
            return step;
        }
        // Of deep places the last steps tell most.
        let before = before.get(before.len().saturating_sub(LONGEST_PLACE)..);
        format!("{}, {step}", before.unwrap_or("..."))
    }
}

/// Bytes of a place that are told.
const LONGEST_PLACE: usize = 200;

impl Names {
    /// Checks a schema that stands in `space`, the namespace of what is around it. Returns the name by which a union
    /// tells its branches apart.
    fn check(&mut self, schema: &Value, space: &str, place: &Place<'_>) -> Result<String, Problem> {
        match schema {
            Value::String(name) => self.check_known(name, space, place),
            Value::Array(branches) => {
                let mut known = BTreeSet::new();
                for (index, branch) in branches.iter().enumerate() {
                    let place = place.then(Step::Item(index));
                    let name = self.check(branch, space, &place)?;
                    if name == UNION {
                        return Err(place.is("is a union in a union".to_owned()));
                    }
                    if let Some(name) = known.replace(name) {
                        let name = Echoed::new(&name);
                        return Err(place.is(format!("is {name:?}, as one before it")));
                    }
                }
                Ok(UNION.to_owned())
            }
            Value::Object(members) => self.check_object(members, space, place),
            other => Err(place.is(format!(
                "is {}, and must be a text, an object or an array",
                shown(other)
            ))),
        }
    }

    fn check_known(&self, name: &str, space: &str, place: &Place<'_>) -> Result<String, Problem> {
        // A name without a namespace is also looked for outside of all.
        let full = full_name(name, space);
        if self.0.contains(&full) {
            return Ok(full);
        }
        if PRIMITIVE.contains(&name) || self.0.contains(name) {
            return Ok(name.to_owned());
        }
        let name = Echoed::new(name);
        Err(place.is(format!(
            "names the type {name:?}, which is none of Avro's and is not defined before"
        )))
    }

    fn check_object(
        &mut self,
        members: &Map<String, Value>,
        space: &str,
        place: &Place<'_>,
    ) -> Result<String, Problem> {
        let need = |name: &'static str| {
            let missing = || place.is(format!("has no member {name:?}"));
            members.get(name).ok_or_else(missing)
        };
        let of = need("type")?;
        match of.as_str() {
            Some("record" | "error") => {
                let full = self.define(members, space, place)?;
                let space = full.rsplit_once('.').map_or("", |(space, _)| space);
                self.check_fields(need("fields")?, space, place)?;
                Ok(full)
            }
            Some("enum") => {
                let full = self.define(members, space, place)?;
                let symbols = need("symbols")?.as_array();
                let symbols = symbols.filter(|symbols| symbols.iter().all(Value::is_string));
                let Some(symbols) = symbols else {
                    return Err(place.is("has \"symbols\" that are no array of texts".to_owned()));
                };
                let mut known = BTreeSet::new();
                let mut symbols = symbols.iter().filter_map(Value::as_str);
                match symbols.find(|symbol| !known.insert(*symbol)) {
                    None => Ok(full),
                    Some(twice) => {
                        let twice = Echoed::new(twice);
                        Err(place.is(format!("has the symbol {twice:?} twice")))
                    }
                }
            }
            Some("fixed") => {
                let full = self.define(members, space, place)?;
                let size = need("size")?;
                match size
                    .as_i64()
                    .filter(|size| (0..=i32::MAX.into()).contains(size))
                {
                    Some(_) => Ok(full),
                    None => Err(place.is(format!(
                        "has the \"size\" {}, and it must be a whole number from 0 to {}",
                        shown(size),
                        i32::MAX
                    ))),
                }
            }
            Some(of @ ("array" | "map")) => {
                let inner = if of == "array" { "items" } else { "values" };
                self.check(need(inner)?, space, &place.then(Step::Member(inner)))?;
                Ok(of.to_owned())
            }
            _ => self.check(of, space, &place.then(Step::Member("type"))),
        }
    }

    fn check_fields(
        &mut self,
        fields: &Value,
        space: &str,
        place: &Place<'_>,
    ) -> Result<(), Problem> {
        let Some(fields) = fields.as_array() else {
            return Err(place.is(format!(
                "has \"fields\" that are {}, and must be an array",
                shown(fields)
            )));
        };
        let mut known = BTreeSet::new();
        for (index, field) in fields.iter().enumerate() {
            let Some(name) = field.get("name").and_then(Value::as_str) else {
                return Err(place.is(format!("has the field {index} without a name")));
            };
            let place = place.then(Step::Field(name));
            if !known.insert(name) {
                return Err(place.is("is there twice".to_owned()));
            }
            let of = field.get("type");
            let of = of.ok_or_else(|| place.is("has no type".to_owned()))?;
            self.check(of, space, &place)?;
        }
        Ok(())
    }

    /// Takes the name of a type, and returns it in full.
    fn define(
        &mut self,
        members: &Map<String, Value>,
        space: &str,
        place: &Place<'_>,
    ) -> Result<String, Problem> {
        let text = |name| members.get(name).and_then(Value::as_str);
        let Some(name) = text("name").filter(|name| !name.is_empty()) else {
            return Err(place.is("has no name".to_owned()));
        };
        let full = full_name(name, text("namespace").unwrap_or(space));
        if !self.0.insert(full.clone()) {
            return Err(place.is(format!("defines the type {:?} again", Echoed::new(name))));
        }
        Ok(full)
    }
}

/// A name that has dots has its namespace in it.
fn full_name(name: &str, space: &str) -> String {
    if name.contains('.') || space.is_empty() {
        return name.to_owned();
    }
    format!("{space}.{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(text: &str) -> Result<(), String> {
        check(&serde_json::from_str(text).unwrap())
    }

    #[test]
    fn schemas_are_taken_as_java_takes_them() {
        for text in [
            r#""int""#,
            r#"{"type": "string", "avro.java.string": "String"}"#,
            r#"{"type": {"type": "map", "values": "bytes"}}"#,
            r#"["null", {"type": "array", "items": ["int", "string"]}]"#,
            "[]",
            r#"{"type": "record", "name": "R", "namespace": "a.b", "fields": [
                {"name": "e", "type": {"type": "enum", "name": "E", "symbols": ["A", "no-name"]}, "default": 7},
                {"name": "f", "type": {"type": "fixed", "name": "x.F", "size": 16, "logicalType": "no-such"}},
                {"name": "again", "type": ["null", "R", "E", "x.F"], "default": "of another branch"},
                {"name": "in_full", "type": "a.b.R"},
                {"name": "with-hyphen", "type": {"type": "R"}}
            ]}"#,
            r#"{"type": "record", "name": "Outer", "fields": [
                {"name": "i", "type": {"type": "record", "name": "n.Inner", "fields": [{"name": "o", "type": "Outer"}]}}
            ]}"#,
            r#"{"type": "error", "name": "X", "fields": []}"#,
        ] {
            assert_eq!(checked(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn what_is_no_schema_is_refused_with_its_place() {
        for (text, problem) in [
            ("3", "is 3, and must be a text, an object or an array"),
            ("{}", "has no member \"type\""),
            (r#""strin""#, "names the type \"strin\", which is none of Avro's and is not defined before"),
            (r#"{"type": "recor", "name": "R", "fields": []}"#, "its type names the type \"recor\", which is none of Avro's and is not defined before"),
            (r#"{"type": null}"#, "its type is null, and must be a text, an object or an array"),
            (r#"{"type": "record", "fields": []}"#, "has no name"),
            (r#"{"type": "record", "name": "R"}"#, "has no member \"fields\""),
            (r#"{"type": "record", "name": "R", "fields": {}}"#, "has \"fields\" that are an object of 0, and must be an array"),
            (r#"{"type": "record", "name": "R", "fields": [{"type": "int"}]}"#, "has the field 0 without a name"),
            (r#"{"type": "record", "name": "R", "fields": [{"name": "f"}]}"#, "its field \"f\" has no type"),
            (
                r#"{"type": "record", "name": "R", "fields": [{"name": "f", "type": "int"}, {"name": "f", "type": "int"}]}"#,
                "its field \"f\" is there twice",
            ),
            (
                r#"{"type": "record", "name": "R", "fields": [{"name": "f", "type": ["null", {"type": "map", "values": "Q"}]}]}"#,
                "its field \"f\", branch 1, values names the type \"Q\", which is none of Avro's and is not defined before",
            ),
            (r#"[{"type": "fixed", "name": "F", "size": 1}, {"type": "fixed", "name": "F", "size": 1}]"#, "its branch 1 defines the type \"F\" again"),
            (r#"["int", ["null"]]"#, "its branch 1 is a union in a union"),
            (r#"["int", {"type": "int"}]"#, "its branch 1 is \"int\", as one before it"),
            (r#"{"type": "enum", "name": "E", "symbols": ["A", "A"]}"#, "has the symbol \"A\" twice"),
            (r#"{"type": "enum", "name": "E", "symbols": [1]}"#, "has \"symbols\" that are no array of texts"),
            (r#"{"type": "fixed", "name": "F", "size": -1}"#, "has the \"size\" -1, and it must be a whole number from 0 to 2147483647"),
            (r#"{"type": "array"}"#, "has no member \"items\""),
        ] {
            let problem = match problem.starts_with("its ") {
                true => problem.to_owned(),
                false => format!("it {problem}"),
            };
            assert_eq!(checked(text), Err(problem), "{text}");
        }
        let mut deep = format!("\"{}\"", "n".repeat(1000));
        for _ in 0..20 {
            let name = "f".repeat(1000);
            deep = format!(
                r#"{{"type": "record", "name": "R{}", "fields": [{{"name": "{name}", "type": {deep}}}]}}"#,
                deep.len()
            );
        }
        let text = checked(&deep).unwrap_err();
        assert!(text.len() < 1500, "{}", text.len());
    }
}
