//! What runs over a record: instructions in one list, and the tables that they name.

use crate::schema::NodeId;

/// Where a routine begins, by its number. A routine ends with [`Op::Return`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Routine(pub(crate) u32);

/// A part of the constants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Constant {
    pub(crate) from: u32,
    pub(crate) to: u32,
}

/// A part of the list of routines or of symbols.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) from: u32,
    pub(crate) length: u32,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Op {
    /// The end of a routine.
    Return,
    /// A record, by the routine that it has alone.
    Call(Routine),
    /// Schemas do not fit here; which text says so.
    Fail(u32),

    SkipInt,
    SkipLong,
    SkipPrefixed,
    SkipRaw(u32),
    SkipUnion(Table),
    SkipArray {
        item: Routine,
        least: u32,
    },
    SkipMap {
        value: Routine,
        least: u32,
    },

    /// What the reader has and the writer has not.
    Put(Constant),
    Boolean,
    Int,
    Long,
    Prefixed,
    Raw(u32),
    IntToFloat,
    IntToDouble,
    LongToFloat,
    LongToDouble,
    FloatToDouble,
    Enum(Table),
    Union(Table),
    Array {
        item: Routine,
        least: u32,
    },
    Map {
        value: Routine,
        least: u32,
    },
    /// A record whose fields the reader has in another order.
    Reordered(u32),
}

/// A record whose fields are found first, and copied then.
#[derive(Debug)]
pub(crate) struct Reordered {
    /// Over the writer's fields, in their order; the last part of it needs no place.
    pub(crate) walk: Vec<Step>,
    /// In the reader's order.
    pub(crate) emit: Vec<Emit>,
}

/// Skips, and remembers where that leads.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) skip: Option<Routine>,
    /// Whether a field begins there that will be copied.
    pub(crate) place: bool,
}

#[derive(Debug)]
pub(crate) enum Emit {
    Put(Constant),
    Copy { place: u32, routine: Routine },
}

/// Everything that was made of two schemas.
#[derive(Debug, Default)]
pub(crate) struct Program {
    pub(crate) ops: Vec<Op>,
    /// Where routines begin.
    pub(crate) starts: Vec<u32>,
    /// Routines of unions' branches.
    pub(crate) branches: Vec<Routine>,
    /// The reader's symbol for each of the writer's; where there is none, -1 less the number of the text that says so.
    pub(crate) symbols: Vec<i32>,
    pub(crate) constants: Vec<u8>,
    pub(crate) texts: Vec<Box<str>>,
    pub(crate) reordered: Vec<Reordered>,
}

impl Program {
    pub(crate) fn constant(&self, constant: Constant) -> &[u8] {
        &self.constants[constant.from as usize..constant.to as usize]
    }

    pub(crate) fn start(&self, routine: Routine) -> usize {
        self.starts[routine.0 as usize] as usize
    }

    pub(crate) fn branch(&self, table: Table, index: usize) -> Routine {
        self.branches[table.from as usize + index]
    }
}

/// Where a field that is wanted comes from.
#[derive(Debug)]
pub(crate) enum Source {
    /// The writer does not have it.
    Default(Constant),
    /// It lies at a place.
    Place {
        place: u32,
        routine: Routine,
        floats: Floats,
    },
}

/// Whether a field's bytes can be an array of floats as they are.
#[derive(Debug)]
pub(crate) enum Floats {
    No,
    Array,
    /// For each branch of the writer's union.
    Branches(Vec<Branch>),
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Branch {
    Null,
    Floats,
    Other,
}

/// A field of the reader's schema that is wanted.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) name: String,
    pub(crate) source: Source,
    /// Its type, in the reader's schema.
    pub(crate) schema: NodeId,
}
