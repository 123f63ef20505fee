//! Programs, made of two schemas.

use std::collections::HashMap;

use crate::defaults::{encode, BadDefault};
use crate::limits::PROGRAM_OPS;
use crate::program::{Constant, Emit, Op, Program, Reordered, Routine, Step, Table};
use crate::resolve::{Match, Pair};
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
    #[error("the field {0:?} is not in the reader's schema")]
    NoField(String),
    /// A default that its field cannot have.
    #[error("the field {field:?} has the default {found}, which is no {expected}")]
    BadDefault {
        /// The field.
        field: String,
        /// The type that was expected.
        expected: &'static str,
        /// The JSON that was found.
        found: String,
    },
    /// The reader's aliases give two fields one name.
    #[error("by the reader's aliases the record {record:?} has two fields {field:?}")]
    TwoFields {
        /// The record.
        record: String,
        /// The name.
        field: String,
    },
    /// Too large a program.
    #[error("the two schemas would make a program of more than {PROGRAM_OPS} instructions")]
    TooLarge,
}

pub(crate) struct Compiler<'s> {
    pub(crate) pair: Pair<'s>,
    pub(crate) program: Program,
    /// Instructions of all bodies, also of those that are not whole yet.
    made: usize,
    skips: HashMap<NodeId, Routine>,
    copies: HashMap<(NodeId, NodeId), Routine>,
    /// Least bytes of a datum of the writer's types.
    least: HashMap<NodeId, u32>,
}

type Body = Vec<Op>;
type Made<T> = Result<T, CompileError>;

impl<'s> Compiler<'s> {
    pub(crate) fn new(pair: Pair<'s>) -> Compiler<'s> {
        Compiler {
            pair,
            program: Program::default(),
            made: 0,
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
        let routine = self.declare();
        self.skips.insert(writer, routine);
        let mut body = Body::new();
        match self.pair.writer.kind(writer).clone() {
            Kind::Record(_, fields) => {
                for field in &fields {
                    self.skip(&mut body, field.schema)?;
                }
            }
            _ => self.skip(&mut body, writer)?,
        }
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
        let op = match self.pair.writer.kind(writer).clone() {
            Kind::Null => return Ok(()),
            Kind::Boolean => Op::SkipRaw(1),
            Kind::Int | Kind::Enum(..) => Op::SkipInt,
            Kind::Long => Op::SkipLong,
            Kind::Float => Op::SkipRaw(4),
            Kind::Double => Op::SkipRaw(8),
            Kind::Fixed(_, size) => Op::SkipRaw(raw(size)),
            Kind::Bytes | Kind::String => Op::SkipPrefixed,
            Kind::Record(..) => Op::Call(self.skip_routine(writer)?),
            Kind::Array(items) => Op::SkipArray {
                item: self.skip_routine(items)?,
                least: self.least(items),
            },
            Kind::Map(values) => Op::SkipMap {
                value: self.skip_routine(values)?,
                least: self.least(values).saturating_add(1),
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
        if let Some(least) = self.least.get(&writer) {
            return *least;
        }
        self.least.insert(writer, 0);
        let least = match self.pair.writer.kind(writer).clone() {
            Kind::Null => 0,
            Kind::Float => 4,
            Kind::Double => 8,
            Kind::Fixed(_, size) => raw(size),
            Kind::Record(_, fields) => {
                let sum = |sum: u32, field: &Field| sum.saturating_add(self.least(field.schema));
                fields.iter().fold(0, sum)
            }
            Kind::Union(branches) => {
                let least = branches.iter().map(|branch| self.least(*branch)).min();
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
        let routine = self.declare();
        self.copies.insert((writer, reader), routine);
        let mut body = Body::new();
        let kinds = (
            self.pair.writer.kind(writer).clone(),
            self.pair.reader.kind(reader),
        );
        match kinds {
            (Kind::Record(_, w), Kind::Record(_, r))
                if self.pair.missing(writer, reader).is_none() =>
            {
                self.record(&mut body, &w, r)?;
            }
            _ => self.copy(&mut body, writer, reader)?,
        }
        self.define(routine, body);
        Ok(routine)
    }

    fn fail(&mut self, body: &mut Body, writer: NodeId, reader: NodeId) -> Made<()> {
        let text = self.pair.mismatch(writer, reader);
        self.program.texts.push(text);
        self.add(body, Op::Fail(self.program.texts.len() as u32 - 1))
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
        let w = self.pair.writer.kind(writer).clone();
        let r = self.pair.reader.kind(reader);
        if let Kind::Union(branches) = &w {
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
        let op = match (self.pair.match_of(writer, reader), &w, r) {
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
                let position = |symbol: &String| to.iter().position(|other| other == symbol);
                let default = default.as_ref().and_then(position);
                let table = Table {
                    from: self.program.symbols.len() as u32,
                    length: from.len() as u32,
                };
                for symbol in from {
                    let index = position(symbol).or(default).map_or_else(
                        || {
                            self.program
                                .texts
                                .push(format!("No match for {symbol}").into());
                            -(self.program.texts.len() as i32)
                        },
                        |index| index as i32,
                    );
                    self.program.symbols.push(index);
                }
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
            encode(&mut bytes, self.pair.reader, field.schema, default).map_err(
                |bad: BadDefault| CompileError::BadDefault {
                    field: field.name.clone(),
                    expected: bad.expected,
                    found: bad.found,
                },
            )?;
        }
        Ok(self.put(&bytes))
    }

    /// A record, of which the reader misses nothing.
    fn record(&mut self, body: &mut Body, writer: &[Field], reader: &[Field]) -> Made<()> {
        let position = |field: &Field| writer.iter().position(|other| other.name == field.name);
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
