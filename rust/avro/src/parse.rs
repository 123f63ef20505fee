//! Schemas are read from their texts, as Java Avro 1.11 reads them (`Schema.Parser`): JSON first, then types out of it.
//!
//! A text may come from anybody, so what it costs is in proportion to its bytes: each type is made once, and a use of its
//! name is a number. Readers that copy a type for each of its aliases, or follow defaults through the defaults of their
//! fields, can be made to take gigabytes, or hours, by some kilobytes (`tests/schema_cost.rs`).

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use crate::defaults::suits;
use crate::error::Shortened;
use crate::limits::{DEFAULT_VALUES, NAME_BYTES, SCHEMA_BYTES, SCHEMA_TYPES};
use crate::schema::{Field, Kind, Named, Node, NodeId, Schema, SchemaError};

type Object = Map<String, Json>;
type Properties = BTreeMap<String, Json>;

/// Members of a type that are no properties of it, beside those of its kind.
const OWN: [&str; 6] = ["type", "name", "namespace", "doc", "aliases", "logicalType"];
/// The same of a field.
const OWN_OF_FIELD: [&str; 5] = ["type", "name", "doc", "default", "aliases"];
/// How fields are sorted unless they say otherwise.
const ASCENDING: &str = "ascending";

impl Schema {
    /// Reads the JSON of a schema.
    pub fn parse(text: &str) -> Result<Schema, SchemaError> {
        if text.len() > SCHEMA_BYTES {
            return Err(SchemaError::TooLong { bytes: text.len() });
        }
        let json: Json = serde_json::from_str(text).map_err(|error| {
            // The one thing that `serde_json` says of depth, which has no number of its own.
            match error.to_string() {
                text if text.contains("recursion limit exceeded") => SchemaError::TooDeep,
                text => wrong(format_args!("it is no JSON: {}", Shortened(&text))),
            }
        })?;
        let mut reading = Reading {
            nodes: Vec::new(),
            names: HashMap::new(),
            name_bytes: 0,
            default_values: DEFAULT_VALUES,
        };
        let root = reading.parse(&json, "")?;
        Ok(Schema {
            // Names, of which those of types are there twice, and what properties and defaults are made of.
            text_bytes: reading.name_bytes + 4 * text.len(),
            nodes: Arc::new(reading.nodes),
            root,
        })
    }
}

/// The types that were read so far.
struct Reading {
    nodes: Vec<Node>,
    names: HashMap<String, NodeId>,
    /// Bytes of full names: they may be longer than what the text has of them.
    name_bytes: usize,
    /// Values that defaults may still have.
    default_values: usize,
}

#[cold]
fn wrong(text: impl std::fmt::Display) -> SchemaError {
    SchemaError::Parse(text.to_string())
}

fn text_of<'j>(object: &'j Object, member: &str) -> Option<&'j str> {
    object.get(member)?.as_str()
}

/// Whether it is a name as Avro has them, without a namespace.
fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    let is_first = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    bytes.next().is_some_and(is_first)
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cold]
fn bad_name(name: &str) -> SchemaError {
    wrong(format_args!(
        "a name is \"{}\"; it has to begin with a letter or _, and go on with letters, digits and _",
        Shortened(name)
    ))
}

/// The full name of one that stands in a namespace; names with a dot have their own.
fn full_name(name: &str, space: &str) -> Result<String, SchemaError> {
    let full = match name.strip_prefix('.') {
        Some(name) => name.to_owned(),
        None if space.is_empty() || name.contains('.') => name.to_owned(),
        None => format!("{space}.{name}"),
    };
    if full.len() > NAME_BYTES {
        return Err(wrong(format_args!(
            "the name of a type has {} bytes, and may have {NAME_BYTES}: \"{}\"",
            full.len(),
            Shortened(&full)
        )));
    }
    match full.split('.').all(is_name) {
        true => Ok(full),
        false => Err(bad_name(&full)),
    }
}

impl Reading {
    fn push(&mut self, kind: Kind, properties: Properties) -> Result<NodeId, SchemaError> {
        if self.nodes.len() >= SCHEMA_TYPES {
            return Err(SchemaError::TooManyTypes);
        }
        let id = NodeId(self.nodes.len() as u32);
        if let Some(named) = kind.named() {
            let aliases = named.aliases.iter().map(String::len);
            self.name_bytes += 2 * named.name.len() + aliases.sum::<usize>();
            if self.names.insert(named.name.clone(), id).is_some() {
                let name = Shortened(&named.name);
                return Err(wrong(format_args!("the type \"{name}\" is defined twice")));
            }
        }
        self.nodes.push(Node { kind, properties });
        Ok(id)
    }

    /// A type that stands in the namespace `space`, which is empty for none.
    fn parse(&mut self, json: &Json, space: &str) -> Result<NodeId, SchemaError> {
        match json {
            Json::String(name) => self.known(name, space, Properties::new()),
            Json::Array(branches) => self.union(branches, space),
            Json::Object(object) => self.object(object, space),
            _ => Err(wrong(format_args!(
                "a type is {}, and has to be a text, an array or an object",
                Shortened(&json.to_string())
            ))),
        }
    }

    /// A primitive type, or one that was defined before.
    fn known(
        &mut self,
        name: &str,
        space: &str,
        properties: Properties,
    ) -> Result<NodeId, SchemaError> {
        let kind = match name {
            "null" => Kind::Null,
            "boolean" => Kind::Boolean,
            "int" => Kind::Int,
            "long" => Kind::Long,
            "float" => Kind::Float,
            "double" => Kind::Double,
            "bytes" => Kind::Bytes,
            "string" => Kind::String,
            _ => {
                let known = |name: &str| self.names.get(name).copied();
                let defined = full_name(name, space).ok().and_then(|full| known(&full));
                // A name without a namespace is also looked for outside of all.
                let defined = defined.or_else(|| known(name));
                return defined.ok_or_else(|| SchemaError::Undefined(cut(name)));
            }
        };
        self.push(kind, properties)
    }

    fn union(&mut self, branches: &[Json], space: &str) -> Result<NodeId, SchemaError> {
        let parsed = branches.iter().map(|branch| self.parse(branch, space));
        let parsed: Vec<NodeId> = parsed.collect::<Result<_, _>>()?;
        let mut names = HashSet::with_capacity(parsed.len());
        for branch in &parsed {
            let kind = &self.nodes[branch.0 as usize].kind;
            if matches!(kind, Kind::Union(_)) {
                return Err(wrong("a union stands in a union"));
            }
            if !names.insert(kind.full_name()) {
                return Err(wrong(format_args!(
                    "a union has the type \"{}\" twice",
                    Shortened(kind.full_name())
                )));
            }
        }
        self.push(Kind::Union(parsed), Properties::new())
    }

    fn object(&mut self, object: &Object, space: &str) -> Result<NodeId, SchemaError> {
        match object.get("type") {
            Some(Json::String(of)) => match of.as_str() {
                "record" | "error" => self.record(object, space),
                "enum" => self.enumeration(object, space),
                "fixed" => self.fixed(object, space),
                "array" => {
                    let items = self.member(object, "items", space)?;
                    self.push(Kind::Array(items), properties(object, &["items"]))
                }
                "map" => {
                    let values = self.member(object, "values", space)?;
                    self.push(Kind::Map(values), properties(object, &["values"]))
                }
                name => self.known(name, space, logical(object, name)),
            },
            Some(inner @ (Json::Object(_) | Json::Array(_))) => self.parse(inner, space),
            Some(_) => Err(wrong("\"type\" is neither a text nor a type")),
            None => Err(wrong("a type has no \"type\"")),
        }
    }

    fn member(&mut self, object: &Object, name: &str, space: &str) -> Result<NodeId, SchemaError> {
        let member = object.get(name);
        let member = member.ok_or_else(|| wrong(format_args!("a type has no \"{name}\"")))?;
        self.parse(member, space)
    }

    fn record(&mut self, object: &Object, space: &str) -> Result<NodeId, SchemaError> {
        let Some(Json::Array(list)) = object.get("fields") else {
            return Err(wrong("a record has no \"fields\" that are an array"));
        };
        let named = named(object, space)?;
        let own_space = named.name.rsplit_once('.');
        let own_space = own_space.map_or(space.to_owned(), |(space, _)| space.to_owned());
        // Its fields may name it.
        let id = self.push(
            Kind::Record(named.clone(), Vec::new()),
            properties(object, &["fields"]),
        )?;
        let mut fields = Vec::with_capacity(list.len());
        let mut names = HashSet::with_capacity(list.len());
        for json in list {
            let field = self.field(json, &own_space)?;
            if !names.insert(field.name.clone()) {
                let name = Shortened(&field.name);
                return Err(wrong(format_args!(
                    "a record has the field \"{name}\" twice"
                )));
            }
            fields.push(field);
        }
        self.nodes[id.0 as usize].kind = Kind::Record(named, fields);
        Ok(id)
    }

    fn field(&mut self, json: &Json, space: &str) -> Result<Field, SchemaError> {
        let Json::Object(object) = json else {
            return Err(wrong("a field is no object"));
        };
        let name = text_of(object, "name").ok_or_else(|| wrong("a field has no \"name\""))?;
        if !is_name(name) {
            return Err(bad_name(name));
        }
        let schema = self.member(object, "type", space)?;
        let default = object.get("default").cloned();
        if let Some(default) = &default {
            let does_suit = suits(&self.nodes, schema, default, &mut self.default_values);
            if self.default_values == 0 {
                return Err(wrong(format_args!(
                    "its defaults have more than {DEFAULT_VALUES} values"
                )));
            }
            if !does_suit {
                return Err(wrong(format_args!(
                    "the default of the field \"{}\" is {}, which its type does not have",
                    Shortened(name),
                    Shortened(&default.to_string())
                )));
            }
        }
        let aliases = texts(object.get("aliases"));
        let others = object.iter().filter(|(name, value)| {
            let is_usual = *name == "order" && value.as_str() == Some(ASCENDING);
            !is_usual && !OWN_OF_FIELD.contains(&name.as_str())
        });
        Ok(Field {
            name: name.to_owned(),
            aliases: aliases.map(str::to_owned).collect(),
            default,
            schema,
            properties: others
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        })
    }

    fn enumeration(&mut self, object: &Object, space: &str) -> Result<NodeId, SchemaError> {
        let Some(Json::Array(list)) = object.get("symbols") else {
            return Err(wrong("an enum has no \"symbols\" that are an array"));
        };
        let mut known = HashSet::with_capacity(list.len());
        let mut symbols = Vec::with_capacity(list.len());
        for symbol in list {
            let symbol = symbol.as_str().filter(|symbol| is_name(symbol));
            let symbol = symbol.ok_or_else(|| wrong("a symbol of an enum is no name"))?;
            if !known.insert(symbol) {
                let symbol = Shortened(symbol);
                return Err(wrong(format_args!(
                    "an enum has the symbol \"{symbol}\" twice"
                )));
            }
            symbols.push(symbol.to_owned());
        }
        let default = object.get("default").map(|default| {
            let default = default.as_str().filter(|symbol| known.contains(symbol));
            default.ok_or_else(|| wrong("the default of an enum is none of its symbols"))
        });
        let default = default.transpose()?.map(str::to_owned);
        let kind = Kind::Enum(named(object, space)?, symbols, default);
        self.push(kind, properties(object, &["symbols", "default"]))
    }

    fn fixed(&mut self, object: &Object, space: &str) -> Result<NodeId, SchemaError> {
        let size = object.get("size").and_then(Json::as_u64);
        let size = size.and_then(|size| i32::try_from(size).ok());
        let size = size.ok_or_else(|| wrong("a fixed has no \"size\" that is one"))?;
        let mut all = properties(object, &["size"]);
        all.extend(logical_of(object, |logical| match logical {
            "decimal" => is_decimal(object),
            "uuid" => size == 16,
            "duration" => size == 12,
            _ => false,
        }));
        let kind = Kind::Fixed(named(object, space)?, size as usize);
        self.push(kind, all)
    }
}

/// A name, at most 200 characters of it.
fn cut(name: &str) -> String {
    name.chars().take(200).collect()
}

fn named(object: &Object, space: &str) -> Result<Named, SchemaError> {
    let name = text_of(object, "name");
    let name = name.ok_or_else(|| wrong("a record, enum or fixed has no \"name\""))?;
    let full = full_name(name, text_of(object, "namespace").unwrap_or(space))?;
    let space = full.rsplit_once('.').map_or("", |(space, _)| space);
    let aliases = texts(object.get("aliases")).map(|alias| full_name(alias, space));
    Ok(Named {
        aliases: aliases.collect::<Result<_, _>>()?,
        name: full,
    })
}

/// The texts of an array, if it is one of texts.
fn texts(json: Option<&Json>) -> impl Iterator<Item = &str> {
    let list = json.and_then(Json::as_array);
    let list = list.filter(|list| list.iter().all(Json::is_string));
    list.into_iter().flatten().filter_map(Json::as_str)
}

/// What stands in a type beside what it is made of.
fn properties(object: &Object, of_kind: &[&str]) -> Properties {
    let is_other = |name: &&str| !OWN.contains(name) && !of_kind.contains(name);
    let others = object.iter().filter(|(name, _)| is_other(&name.as_str()));
    others
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// The logical type of a primitive type, if it is one that the type may have.
fn logical(object: &Object, of: &str) -> Properties {
    let mut properties = logical_of(object, |logical| match (logical, of) {
        ("decimal", "bytes") => is_decimal(object),
        ("big-decimal", "bytes")
        | ("uuid", "string" | "bytes")
        | ("date" | "time-millis", "int") => true,
        ("time-micros", "long") => true,
        (logical, "long") => {
            let logical = logical.strip_prefix("local-").unwrap_or(logical);
            let unit = logical.strip_prefix("timestamp-");
            unit.is_some_and(|unit| ["millis", "micros", "nanos"].contains(&unit))
        }
        _ => false,
    });
    if properties
        .get("logicalType")
        .is_some_and(|logical| logical == "decimal")
    {
        let scale = object.get("scale").cloned().unwrap_or_else(|| 0.into());
        properties.insert("scale".to_owned(), scale);
        properties.extend(
            object
                .get("precision")
                .map(|of| ("precision".to_owned(), of.clone())),
        );
    }
    properties
}

fn logical_of(object: &Object, has: impl Fn(&str) -> bool) -> Properties {
    let logical = text_of(object, "logicalType").filter(|logical| has(logical));
    let logical = logical.map(|logical| ("logicalType".to_owned(), Json::from(logical)));
    logical.into_iter().collect()
}

/// Whether precision and scale are those of a number.
fn is_decimal(object: &Object) -> bool {
    let number = |member| object.get(member).map(Json::as_u64);
    let (precision, scale) = (number("precision"), number("scale").unwrap_or(Some(0)));
    matches!((precision, scale), (Some(Some(precision)), Some(scale)) if precision >= scale.max(1))
}

#[cfg(test)]
mod tests;
