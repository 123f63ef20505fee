//! Which of the reader's types takes what the writer wrote: the rules of Java Avro 1.11's `Resolver`, `Schema` and
//! `ResolvingGrammarGenerator`, without their trees.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::error::Shortened;
use crate::limits::SCHEMA_DEPTH;
use crate::same::{same, Verdicts};
use crate::schema::{Field, Kind, NodeId, Schema};

/// The writer's schema with the names that the reader's aliases give (`Schema.applyAliases`).
pub(crate) fn aliased(writer: &Schema, reader: &Schema) -> Schema {
    let mut renamed = writer.clone();
    let (types, fields) = aliases_of(reader);
    if types.is_empty() && fields.is_empty() {
        return renamed;
    }
    if same((writer, writer.root), (reader, reader.root)) {
        return renamed;
    }
    for node in Arc::make_mut(&mut renamed.nodes) {
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
    for node in reader.nodes.iter() {
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
    pub(crate) writer: &'s Schema,
    pub(crate) reader: &'s Schema,
    known: RefCell<Known<'s>>,
}

/// What was found out about pairs of types, so that nothing is looked at again for each field that is of them.
#[derive(Debug, Default)]
struct Known<'s> {
    missing: HashMap<(NodeId, NodeId), Option<&'s str>>,
    structures: HashMap<(NodeId, NodeId), bool>,
    /// Whether unions, and what is in them, have the same branches.
    equivalent: Equivalent,
}

/// Pairs of named types that are equivalent, and pairs that are not.
type Equivalent = Verdicts;

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
    pub(crate) fn new(writer: &'s Schema, reader: &'s Schema) -> Pair<'s> {
        Pair {
            writer,
            reader,
            known: RefCell::default(),
        }
    }

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
        let (w, r) = (Shortened(w.full_name()), Shortened(r.full_name()));
        let mut text = format!("Found {w}, expecting {r}");
        if let Some(missing) = self.missing(writer, reader) {
            text.push_str(", missing required field ");
            text.push_str(&Shortened(missing).to_string());
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
        if let Some(known) = self.known.borrow().missing.get(&(writer, reader)) {
            return *known;
        }
        let written: HashSet<&str> = w.iter().map(|field| field.name.as_str()).collect();
        let missing =
            |field: &&Field| field.default.is_none() && !written.contains(field.name.as_str());
        let last = r.iter().rev().find(missing);
        let last = last.map(|field| field.name.as_str());
        let missing = &mut self.known.borrow_mut().missing;
        missing.insert((writer, reader), last);
        last
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
        if let Some(known) = self.known.borrow().structures.get(&(writer, reader)) {
            return *known;
        }
        let matches = self.missing(writer, reader).is_none() && {
            let read = by_name(r);
            w.iter().all(|field| {
                let to = read.get(field.name.as_str());
                to.is_none_or(|(_, to)| {
                    matches!(self.writer.kind(field.schema), Kind::Union(_))
                        || self.direct(field.schema, to.schema)
                })
            })
        };
        let structures = &mut self.known.borrow_mut().structures;
        structures.insert((writer, reader), matches);
        matches
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
        let known = &mut self.known.borrow_mut().equivalent;
        let equivalent = self.equivalent(writer, reader, known, 0);
        known.all_said(equivalent);
        equivalent
    }

    fn equivalent(
        &self,
        writer: NodeId,
        reader: NodeId,
        known: &mut Equivalent,
        depth: usize,
    ) -> bool {
        // What stands deeper in each other is not read either.
        if depth > SCHEMA_DEPTH {
            return false;
        }
        let (w, r) = (self.writer.kind(writer), self.reader.kind(reader));
        if let (Some(w), Some(r)) = (w.named(), r.named()) {
            if w.short() != r.short() {
                return false;
            }
        }
        let depth = depth + 1;
        let pair = (writer, reader);
        match (w, r) {
            (Kind::Record(_, w), Kind::Record(_, r)) => {
                if let Some(known) = known.begin(pair) {
                    return known;
                }
                let equivalent = w.len() == r.len()
                    && w.iter().zip(r).all(|(w, r)| {
                        w.name == r.name && self.equivalent(w.schema, r.schema, known, depth)
                    });
                known.end(pair, equivalent)
            }
            (Kind::Union(w), Kind::Union(r)) => {
                let mut pairs = w.iter().zip(r);
                w.len() == r.len() && pairs.all(|(w, r)| self.equivalent(*w, *r, known, depth))
            }
            (Kind::Array(w), Kind::Array(r)) | (Kind::Map(w), Kind::Map(r)) => {
                self.equivalent(*w, *r, known, depth)
            }
            (Kind::Enum(_, w, _), Kind::Enum(_, r, _)) => match known.begin(pair) {
                Some(known) => known,
                None => known.end(pair, w == r),
            },
            (Kind::Fixed(_, w), Kind::Fixed(_, r)) => w == r,
            _ => std::mem::discriminant(w) == std::mem::discriminant(r),
        }
    }
}

/// Fields by their names, and where they stand. Of two of one name it is the first.
pub(crate) fn by_name(fields: &[Field]) -> HashMap<&str, (usize, &Field)> {
    let mut named = HashMap::with_capacity(fields.len());
    for (at, field) in fields.iter().enumerate() {
        named.entry(field.name.as_str()).or_insert((at, field));
    }
    named
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
