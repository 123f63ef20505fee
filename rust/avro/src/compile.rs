//! Programs, made of two schemas.

use std::collections::HashMap;

use crate::defaults::{encode, BadDefault};
use crate::error::Shortened;
use crate::limits::{CONSTANT_BYTES, DEFAULT_VALUES, PROGRAM_OPS, SCHEMA_DEPTH};
use crate::pace::{Interrupted, Pace};
use crate::program::{Constant, Emit, Op, Program, Reordered, Routine, Step, Table};
use crate::resolve::{by_name, Match, Pair};
use crate::schema::{Field, Kind, NodeId};

/// Why two schemas have no program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// A schema is something else than a record, which alone has fields.
    #[error("the {which} schema is of the type {found}, and has to be a record")]
    NoRecord {
        /// The writer's or the reader's.
        which: &'static str,
        /// Its type.
        found: &'static str,
    },
    /// A field that is wanted is not there.
    #[error("the field \"{}\" is not in the reader's schema", Shortened(.0))]
    NoField(String),
    /// A default that its field cannot have.
    #[error("the field \"{}\" has the default {found}, which is no {expected}", Shortened(.field))]
    BadDefault {
        /// The field.
        field: String,
        /// The type that was expected.
        expected: &'static str,
        /// The JSON that was found.
        found: String,
    },
    /// The reader's aliases give two fields one name.
    #[error(
        "by the reader's aliases the record \"{}\" has two fields \"{}\"",
        Shortened(.record), Shortened(.field)
    )]
    TwoFields {
        /// The record.
        record: String,
        /// The name.
        field: String,
    },
    /// Too large a program.
    #[error(
        "the two schemas would make a program of more than {PROGRAM_OPS} instructions, or have defaults of more than \
         {CONSTANT_BYTES} bytes or {DEFAULT_VALUES} values; ask for fewer fields, or make the schemas smaller"
    )]
    TooLarge,
    /// Types hold each other too deep.
    #[error(
        "the writer's and the reader's types stand more than {SCHEMA_DEPTH} deep in each other; make them flatter"
    )]
    Deep,
    /// Nobody wants the program any more.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

pub(crate) struct Compiler<'s> {
    pub(crate) pair: Pair<'s>,
    pub(crate) pace: &'s Pace<'s>,
    pub(crate) program: Program,
    /// Instructions of all bodies, also of those that are not whole yet.
    made: usize,
    /// Values that defaults may still have.
    default_values: usize,
    /// Routines that are being made, each for one before it.
    depth: usize,
    /// Tables of enums, and texts of failures: fields of the same types have the same.
    enums: HashMap<(NodeId, NodeId), Table>,
    failures: HashMap<(NodeId, NodeId), u32>,
    skips: HashMap<NodeId, Routine>,
    copies: HashMap<(NodeId, NodeId), Routine>,
    /// Least bytes of a datum of the writer's types.
    least: HashMap<NodeId, u32>,
}

type Body = Vec<Op>;
type Made<T> = Result<T, CompileError>;

impl<'s> Compiler<'s> {
    pub(crate) fn new(pair: Pair<'s>, pace: &'s Pace<'s>) -> Compiler<'s> {
        Compiler {
            pair,
            pace,
            default_values: DEFAULT_VALUES,
            program: Program::default(),
            made: 0,
            depth: 0,
            enums: HashMap::new(),
            failures: HashMap::new(),
            skips: HashMap::new(),
            copies: HashMap::new(),
            least: HashMap::new(),
        }
    }

    /// A number for a routine whose body comes later.
    fn declare(&mut self) -> Routine {
        self.program.starts.push(0);
        Routine(self.program.starts.len() as u32 - 1)
    }

    /// One routine within another begins.
    fn deeper(&mut self) -> Made<()> {
        self.depth += 1;
        match self.depth > SCHEMA_DEPTH {
            true => Err(CompileError::Deep),
            false => Ok(()),
        }
    }

    fn define(&mut self, routine: Routine, body: Body) {
        self.program.starts[routine.0 as usize] = self.program.ops.len() as u32;
        self.program.ops.extend(body);
        self.program.ops.push(Op::Return);
    }

    fn add(&mut self, body: &mut Body, op: Op) -> Made<()> {
        if let (Some(Op::SkipRaw(before)), Op::SkipRaw(more)) = (body.last_mut(), op) {
            if let Some(sum) = before.checked_add(more) {
                *before = sum;
                return Ok(());
            }
        }
        self.made += 1;
        self.pace.did(10)?;
        if self.made > PROGRAM_OPS {
            return Err(CompileError::TooLarge);
        }
        body.push(op);
        Ok(())
    }

    /// A routine that goes past a datum of the writer's type.
    pub(crate) fn skip_routine(&mut self, writer: NodeId) -> Made<Routine> {
        if let Some(routine) = self.skips.get(&writer) {
            return Ok(*routine);
        }
        self.deeper()?;
        let routine = self.declare();
        self.skips.insert(writer, routine);
        let mut body = Body::new();
        match self.pair.writer.kind(writer) {
            Kind::Record(_, fields) => {
                for field in fields {
                    self.skip(&mut body, field.schema)?;
                }
            }
            _ => self.skip(&mut body, writer)?,
        }
        self.depth -= 1;
        self.define(routine, body);
        Ok(routine)
    }

    /// A routine that goes past several fields; None for no fields.
    pub(crate) fn skip_fields(&mut self, fields: &[Field]) -> Made<Option<Routine>> {
        if fields.is_empty() {
            return Ok(None);
        }
        let routine = self.declare();
        let mut body = Body::new();
        for field in fields {
            self.skip(&mut body, field.schema)?;
        }
        self.define(routine, body);
        Ok(Some(routine))
    }

    fn skip(&mut self, body: &mut Body, writer: NodeId) -> Made<()> {
        let op = match self.pair.writer.kind(writer) {
            Kind::Null => return Ok(()),
            Kind::Boolean => Op::SkipRaw(1),
            Kind::Int | Kind::Enum(..) => Op::SkipInt,
            Kind::Long => Op::SkipLong,
            Kind::Float => Op::SkipRaw(4),
            Kind::Double => Op::SkipRaw(8),
            Kind::Fixed(_, size) => Op::SkipRaw(raw(*size)),
            Kind::Bytes | Kind::String => Op::SkipPrefixed,
            Kind::Record(..) => Op::Call(self.skip_routine(writer)?),
            Kind::Array(items) => Op::SkipArray {
                item: self.skip_routine(*items)?,
                least: self.least(*items),
            },
            Kind::Map(values) => Op::SkipMap {
                value: self.skip_routine(*values)?,
                least: self.least(*values).saturating_add(1),
            },
            Kind::Union(branches) => {
                let routines = branches.iter().map(|branch| self.skip_routine(*branch));
                let routines = routines.collect::<Made<Vec<_>>>()?;
                Op::SkipUnion(self.table(routines))
            }
        };
        self.add(body, op)
    }

    fn table(&mut self, routines: Vec<Routine>) -> Table {
        let from = self.program.branches.len() as u32;
        self.program.branches.extend(routines);
        Table {
            from,
            length: self.program.branches.len() as u32 - from,
        }
    }

    /// The fewest bytes that a datum of the writer's type has; of a type that holds itself, 0 on the way round.
    fn least(&mut self, writer: NodeId) -> u32 {
        self.least_of(writer, 0)
    }

    fn least_of(&mut self, writer: NodeId, depth: usize) -> u32 {
        if let Some(least) = self.least.get(&writer) {
            return *least;
        }
        // What stands deeper is not read.
        if depth > SCHEMA_DEPTH {
            return 0;
        }
        let depth = depth + 1;
        self.least.insert(writer, 0);
        let least = match self.pair.writer.kind(writer) {
            Kind::Null => 0,
            Kind::Float => 4,
            Kind::Double => 8,
            Kind::Fixed(_, size) => raw(*size),
            Kind::Record(_, fields) => {
                let sum = |sum: u32, field: &Field| {
                    sum.saturating_add(self.least_of(field.schema, depth))
                };
                fields.iter().fold(0, sum)
            }
            Kind::Union(branches) => {
                let least = branches.iter().map(|branch| self.least_of(*branch, depth));
                let least = least.min();
                least.unwrap_or(0).saturating_add(1)
            }
            _ => 1,
        };
        self.least.insert(writer, least);
        least
    }

    /// A routine that copies a datum of the writer's type as one of the reader's.
    pub(crate) fn copy_routine(&mut self, writer: NodeId, reader: NodeId) -> Made<Routine> {
        if let Some(routine) = self.copies.get(&(writer, reader)) {
            return Ok(*routine);
        }
        self.deeper()?;
        let routine = self.declare();
        self.copies.insert((writer, reader), routine);
        let mut body = Body::new();
        let kinds = (self.pair.writer.kind(writer), self.pair.reader.kind(reader));
        match kinds {
            (Kind::Record(_, w), Kind::Record(_, r))
                if self.pair.missing(writer, reader).is_none() =>
            {
                self.record(&mut body, w, r)?;
            }
            _ => self.copy(&mut body, writer, reader)?,
        }
        self.depth -= 1;
        self.define(routine, body);
        Ok(routine)
    }

    fn fail(&mut self, body: &mut Body, writer: NodeId, reader: NodeId) -> Made<()> {
        let text = match self.failures.get(&(writer, reader)) {
            Some(text) => *text,
            None => {
                self.program.texts.push(self.pair.mismatch(writer, reader));
                let text = self.program.texts.len() as u32 - 1;
                self.failures.insert((writer, reader), text);
                text
            }
        };
        self.add(body, Op::Fail(text))
    }

    /// The text of a failure that comes with every record; None when there is none.
    pub(crate) fn always_fails(&self, writer: NodeId, reader: NodeId) -> Option<Box<str>> {
        let missing = self.pair.missing(writer, reader);
        missing.map(|_| self.pair.mismatch(writer, reader))
    }

    fn put(&mut self, bytes: &[u8]) -> Constant {
        let from = self.program.constants.len() as u32;
        self.program.constants.extend_from_slice(bytes);
        Constant {
            from,
            to: self.program.constants.len() as u32,
        }
    }

    fn copy(&mut self, body: &mut Body, writer: NodeId, reader: NodeId) -> Made<()> {
        let w = self.pair.writer.kind(writer);
        let r = self.pair.reader.kind(reader);
        if let Kind::Union(branches) = w {
            let to = match r {
                Kind::Union(to) if self.pair.unions_match(writer, reader) => Some(to),
                _ => None,
            };
            let mut routines = Vec::with_capacity(branches.len());
            for (index, branch) in branches.iter().enumerate() {
                routines.push(match to {
                    Some(to) => self.branch_routine(*branch, index, to[index])?,
                    None => self.copy_routine(*branch, reader)?,
                });
            }
            let table = self.table(routines);
            return self.add(body, Op::Union(table));
        }
        let op = match (self.pair.match_of(writer, reader), w, r) {
            (Match::No, _, _) => return self.fail(body, writer, reader),
            (Match::Branch(index), _, Kind::Union(branches)) => {
                let put = self.index(index);
                self.add(body, put)?;
                return self.copy(body, writer, branches[index]);
            }
            (_, Kind::Null, _) => return Ok(()),
            (_, Kind::Boolean, _) => Op::Boolean,
            (_, Kind::Int, Kind::Float) => Op::IntToFloat,
            (_, Kind::Int, Kind::Double) => Op::IntToDouble,
            (_, Kind::Int, _) => Op::Int,
            (_, Kind::Long, Kind::Float) => Op::LongToFloat,
            (_, Kind::Long, Kind::Double) => Op::LongToDouble,
            (_, Kind::Long, _) => Op::Long,
            (_, Kind::Float, Kind::Double) => Op::FloatToDouble,
            (_, Kind::Float, _) => Op::Raw(4),
            (_, Kind::Double, _) => Op::Raw(8),
            (_, Kind::Fixed(_, size), _) => Op::Raw(raw(*size)),
            (_, Kind::Bytes | Kind::String, _) => Op::Prefixed,
            (_, Kind::Enum(_, from, _), Kind::Enum(_, to, default)) => {
                let table = match self.enums.get(&(writer, reader)) {
                    Some(table) => *table,
                    None => {
                        let table = self.symbols(from, to, default.as_deref());
                        self.enums.insert((writer, reader), table);
                        table
                    }
                };
                Op::Enum(table)
            }
            (_, Kind::Array(from), Kind::Array(to)) => Op::Array {
                item: self.copy_routine(*from, *to)?,
                least: self.least(*from),
            },
            (_, Kind::Map(from), Kind::Map(to)) => Op::Map {
                value: self.copy_routine(*from, *to)?,
                least: self.least(*from).saturating_add(1),
            },
            (_, Kind::Record(..), Kind::Record(..)) => Op::Call(self.copy_routine(writer, reader)?),
            // A match is of one type, a promotion or a branch, and all of them are above.
            _ => return self.fail(body, writer, reader),
        };
        self.add(body, op)
    }

    /// The reader's symbols for the writer's.
    fn symbols(&mut self, from: &[String], to: &[String], default: Option<&str>) -> Table {
        let to: HashMap<&str, usize> = to.iter().map(String::as_str).zip(0..).collect();
        let default = default.and_then(|symbol| to.get(symbol));
        let program = &mut self.program;
        let table = Table {
            from: program.symbols.len() as u32,
            length: from.len() as u32,
        };
        for symbol in from {
            let index = to.get(symbol.as_str()).or(default).map_or_else(
                || {
                    let text = format!("No match for {}", Shortened(symbol));
                    program.texts.push(text.into());
                    -(program.texts.len() as i32)
                },
                |index| *index as i32,
            );
            program.symbols.push(index);
        }
        table
    }

    fn index(&mut self, index: usize) -> Op {
        let mut bytes = Vec::new();
        crate::cursor::put_long(&mut bytes, index as i64);
        Op::Put(self.put(&bytes))
    }

    fn branch_routine(&mut self, writer: NodeId, index: usize, to: NodeId) -> Made<Routine> {
        let routine = self.declare();
        let mut body = Body::new();
        let put = self.index(index);
        self.add(&mut body, put)?;
        self.copy(&mut body, writer, to)?;
        self.define(routine, body);
        Ok(routine)
    }

    /// The bytes of a field that the writer does not have.
    pub(crate) fn default_of(&mut self, field: &Field) -> Made<Constant> {
        let mut bytes = Vec::new();
        if let Some(default) = &field.default {
            let reader = self.pair.reader;
            let budget = &mut self.default_values;
            encode(&mut bytes, reader, field.schema, default, budget).map_err(|bad| match bad {
                BadDefault::Other { expected, found } => CompileError::BadDefault {
                    field: field.name.clone(),
                    expected,
                    found,
                },
                BadDefault::TooLarge => CompileError::TooLarge,
            })?;
        }
        self.pace.did(bytes.len() / 16)?;
        if self.program.constants.len() + bytes.len() > CONSTANT_BYTES {
            return Err(CompileError::TooLarge);
        }
        Ok(self.put(&bytes))
    }

    /// A record, of which the reader misses nothing.
    fn record(&mut self, body: &mut Body, writer: &[Field], reader: &[Field]) -> Made<()> {
        let written = by_name(writer);
        let position = |field: &Field| written.get(field.name.as_str()).map(|(at, _)| *at);
        let found: Vec<Option<usize>> = reader.iter().map(position).collect();
        if found.iter().flatten().is_sorted() {
            let mut at = 0;
            for (field, index) in reader.iter().zip(found) {
                let Some(index) = index else {
                    let put = Op::Put(self.default_of(field)?);
                    self.add(body, put)?;
                    continue;
                };
                for passed in &writer[at..index] {
                    self.skip(body, passed.schema)?;
                }
                self.copy(body, writer[index].schema, field.schema)?;
                at = index + 1;
            }
            for passed in &writer[at..] {
                self.skip(body, passed.schema)?;
            }
            return Ok(());
        }
        let mut places: Vec<usize> = found.iter().flatten().copied().collect();
        places.sort_unstable();
        let mut walk = Vec::with_capacity(places.len() + 1);
        let mut at = 0;
        for place in &places {
            walk.push(Step {
                skip: self.skip_fields(&writer[at..*place])?,
                place: true,
            });
            at = *place;
        }
        walk.push(Step {
            skip: self.skip_fields(&writer[at..])?,
            place: false,
        });
        let mut emit = Vec::with_capacity(reader.len());
        for (field, index) in reader.iter().zip(found) {
            emit.push(match index {
                None => Emit::Put(self.default_of(field)?),
                Some(index) => Emit::Copy {
                    place: places.partition_point(|place| *place < index) as u32,
                    routine: self.copy_routine(writer[index].schema, field.schema)?,
                },
            });
        }
        self.program.reordered.push(Reordered { walk, emit });
        let number = self.program.reordered.len() as u32 - 1;
        self.add(body, Op::Reordered(number))
    }
}

/// Bytes of a fixed type; as many as the largest record has, if it says more.
fn raw(size: usize) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}
