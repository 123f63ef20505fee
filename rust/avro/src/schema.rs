//! Schemas, as far as records need them: types in one list, which refer to each other by number.
//!
//! `apache-avro` reads the text, and nothing more is asked of it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use apache_avro::schema::{Aliases, InnerDecimalSchema, Name, UuidSchema};
use apache_avro::Schema as Parsed;
use serde_json::Value as Json;

use crate::error::Shortened;
use crate::limits::{JSON_DEPTH, SCHEMA_BYTES, SCHEMA_TYPES};

/// A schema that has been read.
///
/// A copy of it is the same memory.
#[derive(Debug, Clone)]
pub struct Schema {
    pub(crate) nodes: Arc<Vec<Node>>,
    pub(crate) root: NodeId,
}

/// Why a text is no schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// Too long to be read.
    #[error("the schema has {bytes} bytes, and may have {SCHEMA_BYTES}; ask for fewer fields, or leave out documentation")]
    TooLong {
        /// Of the text.
        bytes: usize,
    },
    /// Too many types.
    #[error("the schema has more than {SCHEMA_TYPES} types; ask for fewer fields")]
    TooManyTypes,
    /// Types stand too deep in each other.
    #[error(
        "the types of the schema stand more than {JSON_DEPTH} deep in each other, counted as JSON; define inner ones first, and use \
         them by their names"
    )]
    TooDeep,
    /// As `apache-avro` says.
    #[error("it is no Avro schema: {0}")]
    Parse(String),
    /// A name that is nowhere defined.
    #[error("the schema names the type \"{}\", and does not define it before", Shortened(.0))]
    Undefined(String),
}

/// The number of a type in its schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NodeId(pub(crate) u32);

/// A type, and what stands beside it.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// Properties that are not the type's own, the logical type among them. `apache-avro` keeps none of primitive types.
    pub(crate) properties: BTreeMap<String, Json>,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Null,
    Boolean,
    Int,
    Long,
    Float,
    Double,
    Bytes,
    String,
    Array(NodeId),
    Map(NodeId),
    Union(Vec<NodeId>),
    Record(Named, Vec<Field>),
    Enum(Named, Vec<String>, Option<String>),
    Fixed(Named, usize),
}

/// Full names.
#[derive(Debug, Clone)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) aliases: Vec<String>,
}

#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) aliases: Vec<String>,
    pub(crate) default: Option<Json>,
    pub(crate) schema: NodeId,
    pub(crate) properties: BTreeMap<String, Json>,
}

impl Named {
    /// Without its namespace.
    pub(crate) fn short(&self) -> &str {
        self.name.rsplit('.').next().unwrap_or(&self.name)
    }
}

impl Kind {
    /// The name of a type that has one.
    pub(crate) fn named(&self) -> Option<&Named> {
        match self {
            Kind::Record(named, _) | Kind::Enum(named, _, _) | Kind::Fixed(named, _) => Some(named),
            _ => None,
        }
    }

    /// `Schema.getFullName` of Java: the name, or that of the type.
    pub(crate) fn full_name(&self) -> &str {
        match self.named() {
            Some(named) => &named.name,
            None => self.type_name(),
        }
    }

    /// Of the type, as schemas write it.
    pub(crate) fn type_name(&self) -> &'static str {
        match self {
            Kind::Null => "null",
            Kind::Boolean => "boolean",
            Kind::Int => "int",
            Kind::Long => "long",
            Kind::Float => "float",
            Kind::Double => "double",
            Kind::Bytes => "bytes",
            Kind::String => "string",
            Kind::Array(_) => "array",
            Kind::Map(_) => "map",
            Kind::Union(_) => "union",
            Kind::Record(..) => "record",
            Kind::Enum(..) => "enum",
            Kind::Fixed(..) => "fixed",
        }
    }
}

impl Schema {
    /// Bytes that the schema takes in memory, about.
    pub fn memory(&self) -> usize {
        self.nodes.len() * 256
    }

    /// Reads the JSON of a schema.
    pub fn parse(text: &str) -> Result<Schema, SchemaError> {
        if text.len() > SCHEMA_BYTES {
            return Err(SchemaError::TooLong { bytes: text.len() });
        }
        let parsed = Parsed::parse_str(text).map_err(|error| {
            // Some of its texts have the whole schema in them.
            let mut text = error.to_string();
            let mut source = std::error::Error::source(&error);
            while let Some(of) = source {
                text = format!("{text}: {of}");
                source = of.source();
            }
            // The one thing that `serde_json` says of depth, which has no number of its own.
            if text.contains("recursion limit exceeded") {
                return SchemaError::TooDeep;
            }
            if let Some((end, _)) = text.char_indices().nth(200) {
                text.truncate(end);
                text.push_str("...");
            }
            SchemaError::Parse(text)
        })?;
        let mut reading = Reading {
            nodes: Vec::new(),
            names: HashMap::new(),
        };
        let root = reading.node(&parsed)?;
        Ok(Schema {
            nodes: Arc::new(reading.nodes),
            root,
        })
    }

    pub(crate) fn kind(&self, id: NodeId) -> &Kind {
        &self.nodes[id.0 as usize].kind
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }
}

struct Reading {
    nodes: Vec<Node>,
    names: HashMap<String, NodeId>,
}

fn logical(name: &str) -> BTreeMap<String, Json> {
    BTreeMap::from([("logicalType".to_owned(), Json::from(name))])
}

fn named(name: &Name, aliases: &Aliases) -> Named {
    let full = |alias: &apache_avro::schema::Alias| alias.fullname(None);
    Named {
        name: name.fullname(None),
        aliases: aliases.iter().flatten().map(full).collect(),
    }
}

impl Reading {
    fn push(
        &mut self,
        kind: Kind,
        properties: BTreeMap<String, Json>,
    ) -> Result<NodeId, SchemaError> {
        if self.nodes.len() >= SCHEMA_TYPES {
            return Err(SchemaError::TooManyTypes);
        }
        let id = NodeId(self.nodes.len() as u32);
        if let Some(named) = kind.named() {
            self.names.insert(named.name.clone(), id);
        }
        self.nodes.push(Node { kind, properties });
        Ok(id)
    }

    fn fixed(
        &mut self,
        fixed: &apache_avro::schema::FixedSchema,
        logical_type: Option<&str>,
    ) -> Result<NodeId, SchemaError> {
        let mut properties = fixed.attributes.clone();
        properties.extend(logical_type.into_iter().flat_map(logical));
        self.push(
            Kind::Fixed(named(&fixed.name, &fixed.aliases), fixed.size),
            properties,
        )
    }

    fn node(&mut self, parsed: &Parsed) -> Result<NodeId, SchemaError> {
        let (kind, logical_type) = match parsed {
            Parsed::Null => (Kind::Null, None),
            Parsed::Boolean => (Kind::Boolean, None),
            Parsed::Int => (Kind::Int, None),
            Parsed::Long => (Kind::Long, None),
            Parsed::Float => (Kind::Float, None),
            Parsed::Double => (Kind::Double, None),
            Parsed::Bytes => (Kind::Bytes, None),
            Parsed::String => (Kind::String, None),
            Parsed::BigDecimal => (Kind::Bytes, Some("big-decimal")),
            Parsed::Date => (Kind::Int, Some("date")),
            Parsed::TimeMillis => (Kind::Int, Some("time-millis")),
            Parsed::TimeMicros => (Kind::Long, Some("time-micros")),
            Parsed::TimestampMillis => (Kind::Long, Some("timestamp-millis")),
            Parsed::TimestampMicros => (Kind::Long, Some("timestamp-micros")),
            Parsed::TimestampNanos => (Kind::Long, Some("timestamp-nanos")),
            Parsed::LocalTimestampMillis => (Kind::Long, Some("local-timestamp-millis")),
            Parsed::LocalTimestampMicros => (Kind::Long, Some("local-timestamp-micros")),
            Parsed::LocalTimestampNanos => (Kind::Long, Some("local-timestamp-nanos")),
            Parsed::Uuid(UuidSchema::String) => (Kind::String, Some("uuid")),
            Parsed::Uuid(UuidSchema::Bytes) => (Kind::Bytes, Some("uuid")),
            Parsed::Uuid(UuidSchema::Fixed(fixed)) => return self.fixed(fixed, Some("uuid")),
            Parsed::Duration(fixed) => return self.fixed(fixed, Some("duration")),
            Parsed::Fixed(fixed) => return self.fixed(fixed, None),
            Parsed::Decimal(decimal) => {
                let mut properties = logical("decimal");
                properties.insert("precision".to_owned(), Json::from(decimal.precision));
                properties.insert("scale".to_owned(), Json::from(decimal.scale));
                return match &decimal.inner {
                    InnerDecimalSchema::Bytes => self.push(Kind::Bytes, properties),
                    InnerDecimalSchema::Fixed(fixed) => {
                        let id = self.fixed(fixed, None)?;
                        self.nodes[id.0 as usize].properties.extend(properties);
                        Ok(id)
                    }
                };
            }
            Parsed::Array(array) => {
                let items = self.node(&array.items)?;
                return self.push(Kind::Array(items), array.attributes.clone());
            }
            Parsed::Map(map) => {
                let values = self.node(&map.types)?;
                return self.push(Kind::Map(values), map.attributes.clone());
            }
            Parsed::Union(union) => {
                let branches = union.variants().iter().map(|branch| self.node(branch));
                let branches = branches.collect::<Result<_, _>>()?;
                return self.push(Kind::Union(branches), BTreeMap::new());
            }
            Parsed::Enum(symbols) => {
                let kind = Kind::Enum(
                    named(&symbols.name, &symbols.aliases),
                    symbols.symbols.clone(),
                    symbols.default.clone(),
                );
                return self.push(kind, symbols.attributes.clone());
            }
            Parsed::Record(record) => {
                // Its fields may name it.
                let name = named(&record.name, &record.aliases);
                let id = self.push(
                    Kind::Record(name.clone(), Vec::new()),
                    record.attributes.clone(),
                )?;
                let fields = record.fields.iter().map(|field| {
                    Ok(Field {
                        name: field.name.clone(),
                        aliases: field.aliases.clone(),
                        default: field.default.clone(),
                        schema: self.node(&field.schema)?,
                        properties: field.custom_attributes.clone(),
                    })
                });
                let fields = fields.collect::<Result<_, SchemaError>>()?;
                self.nodes[id.0 as usize].kind = Kind::Record(name, fields);
                return Ok(id);
            }
            Parsed::Ref { name } => {
                let name = name.fullname(None);
                let id = self.names.get(&name).copied();
                return id.ok_or(SchemaError::Undefined(name));
            }
        };
        self.push(kind, logical_type.map(logical).unwrap_or_default())
    }
}
