//! Schemas, as far as records need them: types in one list, which refer to each other by number.

use std::collections::BTreeMap;
use std::sync::Arc;

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
    /// Bytes of its texts, about.
    pub(crate) text_bytes: usize,
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
    /// It is no schema, or no JSON.
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
    /// Properties that are not the type's own, the logical type among them. Of primitive types that one alone is kept.
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
        self.nodes.len() * 256 + self.text_bytes
    }

    pub(crate) fn kind(&self, id: NodeId) -> &Kind {
        &self.nodes[id.0 as usize].kind
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }
}
