//! Which of the reader's types takes what the writer wrote: the rules of Java Avro 1.11's `Resolver`, `Schema` and
//! `ResolvingGrammarGenerator`, without their trees.

use std::collections::{HashMap, HashSet};

use crate::same::same;
use crate::schema::{Field, Kind, NodeId, Schema};

/// The writer's schema with the names that the reader's aliases give (`Schema.applyAliases`).
pub(crate) fn aliased(writer: &Schema, reader: &Schema) -> Schema {
    let mut renamed = writer.clone();
    if same((writer, writer.root), (reader, reader.root)) {
        return renamed;
    }
    let (types, fields) = aliases_of(reader);
    for node in &mut renamed.nodes {
        match &mut node.kind {
            Kind::Record(named, record_fields) => {
                rename(&mut named.name, &types);
                if let Some(fields) = fields.get(&named.name) {
                    for field in record_fields {
                        rename(&mut field.name, fields);
                    }
                }
            }
            Kind::Enum(named, _, _) | Kind::Fixed(named, _) => rename(&mut named.name, &types),
            _ => {}
        }
    }
    renamed
}

type Names = HashMap<String, String>;

fn rename(name: &mut String, names: &Names) {
    if let Some(other) = names.get(name) {
        name.clone_from(other);
    }
}

/// New names of types by their aliases, and those of fields by the record.
fn aliases_of(reader: &Schema) -> (Names, HashMap<String, Names>) {
    let mut types = Names::new();
    let mut fields: HashMap<String, Names> = HashMap::new();
    for node in &reader.nodes {
        let Some(named) = node.kind.named() else {
            continue;
        };
        for alias in &named.aliases {
            types.insert(alias.clone(), named.name.clone());
        }
        let Kind::Record(_, record_fields) = &node.kind else {
            continue;
        };
        let mut of_record = Names::new();
        for field in record_fields {
            for alias in &field.aliases {
                of_record.insert(alias.clone(), field.name.clone());
            }
        }
        if !of_record.is_empty() {
            for alias in &named.aliases {
                fields.insert(alias.clone(), of_record.clone());
            }
            fields.insert(named.name.clone(), of_record);
        }
    }
    (types, fields)
}

/// The pair that is read: the writer's schema with the reader's aliases in it, and the reader's.
#[derive(Debug)]
pub(crate) struct Pair<'s> {
    pub(crate) writer: Schema,
    pub(crate) reader: &'s Schema,
}

/// How a type that is no union becomes one of the reader's.
#[derive(Debug, PartialEq)]
pub(crate) enum Match {
    /// Both are of one type.
    Same,
    /// A number or text becomes another.
    Promote,
    /// The reader has a union: this branch of it.
    Branch(usize),
    /// It does not.
    No,
}

impl<'s> Pair<'s> {
    /// How the writer's type, which is no union, becomes the reader's.
    pub(crate) fn match_of(&self, writer: NodeId, reader: NodeId) -> Match {
        let (w, r) = (self.writer.kind(writer), self.reader.kind(reader));
        let yes = |matches: bool| match matches {
            true => Match::Same,
            false => Match::No,
        };
        match (w, r) {
            (_, Kind::Union(branches)) => match self.branch_for(writer, branches) {
                Some(index) => Match::Branch(index),
                None => Match::No,
            },
            (Kind::Fixed(w, w_size), Kind::Fixed(r, r_size)) => {
                yes(w.name == r.name && w_size == r_size)
            }
            (Kind::Enum(w, _, _), Kind::Enum(r, _, _)) => yes(w.name == r.name),
            (Kind::Record(..), Kind::Record(..)) => yes(self.missing(writer, reader).is_none()),
            _ if std::mem::discriminant(w) == std::mem::discriminant(r) => Match::Same,
            _ if promotes(w, r) => Match::Promote,
            _ => Match::No,
        }
    }

    /// What Java says of two types that do not match.
    pub(crate) fn mismatch(&self, writer: NodeId, reader: NodeId) -> Box<str> {
        let (w, r) = (self.writer.kind(writer), self.reader.kind(reader));
        let mut text = format!("Found {}, expecting {}", w.full_name(), r.full_name());
        if let Some(missing) = self.missing(writer, reader) {
            text.push_str(", missing required field ");
            text.push_str(missing);
        }
        text.into()
    }

    /// The last field of the reader's record that the writer's does not have and that has no default.
    pub(crate) fn missing(&self, writer: NodeId, reader: NodeId) -> Option<&'s str> {
        let (Kind::Record(_, w), Kind::Record(_, r)) =
            (self.writer.kind(writer), self.reader.kind(reader))
        else {
            return None;
        };
        let written: HashSet<&str> = w.iter().map(|field| field.name.as_str()).collect();
        let missing =
            |field: &&Field| field.default.is_none() && !written.contains(field.name.as_str());
        r.iter()
            .rev()
            .find(missing)
            .map(|field| field.name.as_str())
    }

    /// The branch of the reader's union that takes the type: of its name, then of its structure, then by promotion.
    fn branch_for(&self, writer: NodeId, branches: &[NodeId]) -> Option<usize> {
        let w = self.writer.kind(writer);
        let mut structure = None;
        for (index, branch) in branches.iter().enumerate() {
            let r = self.reader.kind(*branch);
            if std::mem::discriminant(w) != std::mem::discriminant(r) {
                continue;
            }
            let (Some(w_name), Some(r_name)) = (w.named(), r.named()) else {
                return Some(index);
            };
            if w_name.name == r_name.name {
                return Some(index);
            }
            if matches!(w, Kind::Record(..))
                && (structure.is_none() || w_name.short() == r_name.short())
                && self.structure_matches(writer, *branch)
            {
                structure = Some(index);
            }
        }
        structure.or_else(|| {
            let takes = |branch: &NodeId| promotes(w, self.reader.kind(*branch));
            branches.iter().position(takes)
        })
    }

    /// Whether a record has all fields that the reader wants, and none of a type that cannot be read at all.
    fn structure_matches(&self, writer: NodeId, reader: NodeId) -> bool {
        let (Kind::Record(_, w), Kind::Record(_, r)) =
            (self.writer.kind(writer), self.reader.kind(reader))
        else {
            return false;
        };
        self.missing(writer, reader).is_none()
            && w.iter().all(|field| {
                let to = r.iter().find(|other| other.name == field.name);
                to.is_none_or(|to| {
                    matches!(self.writer.kind(field.schema), Kind::Union(_))
                        || self.direct(field.schema, to.schema)
                })
            })
    }

    /// As [`Pair::match_of`], and for a union of the reader's that holds records, by their names alone: Java would look
    /// at their structure too, but a structure within a structure may have no end.
    fn direct(&self, writer: NodeId, reader: NodeId) -> bool {
        match (self.writer.kind(writer), self.reader.kind(reader)) {
            (w @ Kind::Record(named, _), Kind::Union(branches)) => branches.iter().any(|branch| {
                let r = self.reader.kind(*branch);
                std::mem::discriminant(w) == std::mem::discriminant(r)
                    && (r.named().is_some_and(|other| other.name == named.name)
                        || self.missing(writer, *branch).is_none())
            }),
            _ => self.match_of(writer, reader) != Match::No,
        }
    }

    /// Whether two unions have the same branches in the same order, types below them and short names included: then a
    /// branch is read as the one of the same number.
    pub(crate) fn unions_match(&self, writer: NodeId, reader: NodeId) -> bool {
        self.equivalent(writer, reader, &mut HashMap::new())
    }

    fn equivalent(
        &self,
        writer: NodeId,
        reader: NodeId,
        seen: &mut HashMap<(NodeId, NodeId), bool>,
    ) -> bool {
        let (w, r) = (self.writer.kind(writer), self.reader.kind(reader));
        if let (Some(w), Some(r)) = (w.named(), r.named()) {
            if w.short() != r.short() {
                return false;
            }
        }
        match (w, r) {
            (Kind::Record(_, w), Kind::Record(_, r)) => {
                let pair = (writer, reader);
                if let Some(known) = seen.get(&pair) {
                    return *known;
                }
                // Until something else turns up.
                seen.insert(pair, true);
                let equivalent = w.len() == r.len()
                    && w.iter().zip(r).all(|(w, r)| {
                        w.name == r.name && self.equivalent(w.schema, r.schema, seen)
                    });
                seen.insert(pair, equivalent);
                equivalent
            }
            (Kind::Union(w), Kind::Union(r)) => {
                w.len() == r.len() && w.iter().zip(r).all(|(w, r)| self.equivalent(*w, *r, seen))
            }
            (Kind::Array(w), Kind::Array(r)) | (Kind::Map(w), Kind::Map(r)) => {
                self.equivalent(*w, *r, seen)
            }
            (Kind::Enum(_, w, _), Kind::Enum(_, r, _)) => w == r,
            (Kind::Fixed(_, w), Kind::Fixed(_, r)) => w == r,
            _ => std::mem::discriminant(w) == std::mem::discriminant(r),
        }
    }
}

fn promotes(writer: &Kind, reader: &Kind) -> bool {
    matches!(
        (writer, reader),
        (Kind::Int, Kind::Long | Kind::Float | Kind::Double)
            | (Kind::Long, Kind::Float | Kind::Double)
            | (Kind::Float, Kind::Double)
            | (Kind::String, Kind::Bytes)
            | (Kind::Bytes, Kind::String)
    )
}
