//! The fields of a record that somebody wants: found, copied, seen as vectors.

use std::collections::HashSet;

use crate::compile::{CompileError, Compiler};
use crate::cursor::Cursor;
use crate::error::{At, Fault, ReadError};
use crate::pace::Pace;
use crate::program::{Branch, Floats, Program, Source, Step, Wanted};
use crate::resolve::{aliased, by_name, Match, Pair};
use crate::run::Copy;
use crate::scalar::{self, Scalar};
use crate::schema::{Field, Kind, NodeId, Schema};
use crate::vector::{count, in_place, of_copy, Vector};
use crate::view::TypeView;

/// A program for the records of a writer's schema, as a reader's schema sees them, and some fields of the latter.
#[derive(Debug)]
pub struct Fields {
    program: Program,
    reader: Schema,
    wanted: Vec<Wanted>,
    /// Over the writer's fields, to the last one that is wanted.
    walk: Vec<Step>,
    /// Names of the fields to which the steps lead.
    names: Vec<String>,
    /// Why no record can be read.
    fails: Option<Box<str>>,
}

/// Where the fields of one record are, and buffers for them. One is used for many records.
#[derive(Debug, Default)]
pub struct Places {
    at: Vec<usize>,
    stack: Vec<usize>,
    copied: Vec<u8>,
    gathered: Vec<u8>,
}

impl Fields {
    /// Makes the program for the fields of these names, which are the reader's.
    ///
    /// # Errors
    ///
    /// A schema is no record, a field is not in the reader's, a default does not fit its field, or the program is too large.
    /// That a field cannot be read as the reader has it is no error of this function: Java, too, finds out with the record.
    pub fn compile(
        writer: &Schema,
        reader: &Schema,
        names: &[&str],
    ) -> Result<Fields, CompileError> {
        Fields::compile_while(writer, reader, names, &Pace::to_the_end())
    }

    /// As [`Fields::compile`], and given up when `pace` says so. It takes time in proportion to both schemas and the names.
    pub fn compile_while(
        writer: &Schema,
        reader: &Schema,
        names: &[&str],
        pace: &Pace<'_>,
    ) -> Result<Fields, CompileError> {
        let writer = aliased(writer, reader);
        let pair = Pair::new(&writer, reader);
        let written = fields_of(&writer, "writer's")?;
        let read = fields_of(reader, "reader's")?;
        no_name_twice(&writer)?;
        let (writer_root, reader_root) = (writer.root, reader.root);
        let mut compiler = Compiler::new(pair, pace);
        let fails = compiler.always_fails(writer_root, reader_root);

        let mut found = Vec::with_capacity(names.len());
        let (read, at) = (by_name(read), by_name(written));
        for name in names {
            let (_, field) = *read
                .get(name)
                .ok_or_else(|| CompileError::NoField((*name).to_owned()))?;
            found.push((field, at.get(name).map(|(at, _)| *at)));
        }
        let mut places: Vec<usize> = found.iter().filter_map(|(_, index)| *index).collect();
        places.sort_unstable();
        places.dedup();
        let mut walk = Vec::with_capacity(places.len());
        let mut at = 0;
        for place in &places {
            walk.push(Step {
                skip: compiler.skip_fields(&written[at..*place])?,
                place: true,
            });
            at = *place;
        }
        let names = places.iter().map(|place| written[*place].name.clone());
        let names = names.collect();
        let mut wanted = Vec::with_capacity(found.len());
        for (field, index) in found {
            let source = match index {
                None => Source::Default(compiler.default_of(field)?),
                Some(index) => Source::Place {
                    place: places.partition_point(|place| *place < index) as u32,
                    routine: compiler.copy_routine(written[index].schema, field.schema)?,
                    floats: floats(&compiler.pair, written[index].schema, field.schema),
                },
            };
            wanted.push(Wanted {
                name: field.name.clone(),
                source,
                schema: field.schema,
            });
        }
        Ok(Fields {
            program: compiler.program,
            reader: reader.clone(),
            wanted,
            walk,
            names,
            fails,
        })
    }

    /// How many fields are wanted. They are numbered as their names were.
    pub fn len(&self) -> usize {
        self.wanted.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.wanted.is_empty()
    }

    /// The type of a field in the reader's schema.
    pub fn type_of(&self, field: usize) -> TypeView<'_> {
        TypeView {
            schema: &self.reader,
            id: self.wanted[field].schema,
        }
    }

    /// Bytes that the program takes in memory, about.
    pub fn memory(&self) -> usize {
        let program = &self.program;
        size_of_val(program.ops.as_slice())
            + size_of_val(program.starts.as_slice())
            + size_of_val(program.branches.as_slice())
            + size_of_val(program.symbols.as_slice())
            + program.constants.len()
            + program
                .texts
                .iter()
                .map(|text| text.len() + 16)
                .sum::<usize>()
            + self.reader.nodes.len() * 256
    }

    /// Finds the fields in a record. What lies behind the last one is not looked at.
    pub fn locate(&self, record: &[u8], places: &mut Places) -> Result<(), ReadError> {
        places.at.clear();
        places.stack.clear();
        let mut cursor = Cursor::new(record, 0);
        let walked = match &self.fails {
            Some(text) => Err(At(0, Fault::Unresolved(text.clone()))),
            None => self
                .program
                .walk(&self.walk, &mut cursor, &mut places.at, 0),
        };
        walked.map_err(|at| {
            let field = self.names.get(places.at.len()).map_or("", String::as_str);
            error(at, field, record)
        })
    }

    /// Appends a field of the record that was located, in the encoding of the reader's schema: arrays and maps are one
    /// block, as Java writes them.
    pub fn copy(
        &self,
        field: usize,
        record: &[u8],
        places: &mut Places,
        out: &mut Vec<u8>,
    ) -> Result<(), ReadError> {
        let wanted = &self.wanted[field];
        match &wanted.source {
            Source::Default(constant) => {
                out.extend_from_slice(self.program.constant(*constant));
                Ok(())
            }
            Source::Place { place, routine, .. } => {
                places.stack.clear();
                let mut copy = Copy {
                    program: &self.program,
                    cursor: &mut Cursor::new(record, places.at[*place as usize]),
                    out,
                    places: &mut places.stack,
                };
                let run = copy.run(*routine, 0);
                run.map_err(|at| error(at, &wanted.name, record))
            }
        }
    }

    /// A field of the record that was located, as a vector. Floats are those in the record, unless they are not in one
    /// piece, or something else becomes a float.
    pub fn vector<'a>(
        &self,
        field: usize,
        record: &'a [u8],
        places: &'a mut Places,
    ) -> Result<Vector<'a>, ReadError> {
        let wanted = &self.wanted[field];
        if let Source::Place { place, floats, .. } = &wanted.source {
            let vector = in_place(record, places.at[*place as usize], floats);
            let vector = vector.map_err(|at| error(at, &wanted.name, record))?;
            if let Some(vector) = vector {
                return Ok(vector);
            }
        }
        self.copied(field, record, places)?;
        of_copy(
            &self.reader,
            wanted.schema,
            &places.copied,
            &mut places.gathered,
        )
        .map_err(|at| error(at, &wanted.name, record))
    }

    /// How many items a field of the record that was located has, if it is an array or a map; else its type. A key that
    /// a map has twice counts twice.
    pub fn count(
        &self,
        field: usize,
        record: &[u8],
        places: &mut Places,
    ) -> Result<Result<usize, &'static str>, ReadError> {
        self.copied(field, record, places)?;
        let wanted = &self.wanted[field];
        count(&self.reader, wanted.schema, &places.copied)
            .map_err(|at| error(at, &wanted.name, record))
    }

    /// A field of the record that was located, as a single value.
    pub fn scalar<'a>(
        &'a self,
        field: usize,
        record: &[u8],
        places: &'a mut Places,
    ) -> Result<Scalar<'a>, ReadError> {
        self.copied(field, record, places)?;
        let wanted = &self.wanted[field];
        scalar::of_copy(&self.reader, wanted.schema, &places.copied)
            .map_err(|at| error(at, &wanted.name, record))
    }

    /// Copies a field into the buffer for it.
    fn copied(&self, field: usize, record: &[u8], places: &mut Places) -> Result<(), ReadError> {
        let mut copied = std::mem::take(&mut places.copied);
        copied.clear();
        let result = self.copy(field, record, places, &mut copied);
        places.copied = copied;
        result
    }
}

fn error(At(at, fault): At, field: &str, record: &[u8]) -> ReadError {
    ReadError {
        fault,
        field: field.to_owned(),
        at,
        length: record.len(),
    }
}

fn fields_of<'s>(schema: &'s Schema, which: &'static str) -> Result<&'s [Field], CompileError> {
    match schema.kind(schema.root) {
        Kind::Record(_, fields) => Ok(fields),
        other => Err(CompileError::NoRecord {
            which,
            found: other.type_name(),
        }),
    }
}

fn no_name_twice(schema: &Schema) -> Result<(), CompileError> {
    for node in schema.nodes.iter() {
        if let Kind::Record(named, fields) = &node.kind {
            let mut names = HashSet::new();
            if let Some(twice) = fields.iter().find(|field| !names.insert(&field.name)) {
                return Err(CompileError::TwoFields {
                    record: named.name.clone(),
                    field: twice.name.clone(),
                });
            }
        }
    }
    Ok(())
}

/// Where the writer's bytes are the reader's floats.
fn floats(pair: &Pair<'_>, writer: NodeId, reader: NodeId) -> Floats {
    let is_floats = |kind: &Kind, schema: &Schema| match kind {
        Kind::Array(items) => matches!(schema.kind(*items), Kind::Float),
        _ => false,
    };
    // The reader's type for a type of the writer's that is no union.
    let target = |writer: NodeId| match (pair.match_of(writer, reader), pair.reader.kind(reader)) {
        (Match::Branch(index), Kind::Union(branches)) => Some(branches[index]),
        (Match::Same, _) => Some(reader),
        _ => None,
    };
    let branch = |writer: NodeId, to: Option<NodeId>| {
        let Some(to) = to.map(|to| pair.reader.kind(to)) else {
            return Branch::Other;
        };
        match pair.writer.kind(writer) {
            Kind::Null => Branch::Null,
            w if is_floats(w, pair.writer) && is_floats(to, pair.reader) => Branch::Floats,
            _ => Branch::Other,
        }
    };
    match (pair.writer.kind(writer), pair.reader.kind(reader)) {
        (Kind::Union(branches), Kind::Union(to)) if pair.unions_match(writer, reader) => {
            let pairs = branches.iter().zip(to);
            Floats::Branches(
                pairs
                    .map(|(branch_, to)| branch(*branch_, Some(*to)))
                    .collect(),
            )
        }
        (Kind::Union(branches), _) => {
            let branches = branches
                .iter()
                .map(|writer| branch(*writer, target(*writer)));
            Floats::Branches(branches.collect())
        }
        _ => match branch(writer, target(writer)) {
            Branch::Floats => Floats::Array,
            _ => Floats::No,
        },
    }
}
