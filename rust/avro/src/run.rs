//! Programs run: the only code that is there for each record.
// #[HotPath]

use crate::cursor::{put_long, Cursor};
use crate::error::{At, Fault};
use crate::limits::{COPIED_BYTES, DEPTH};
use crate::program::{Emit, Op, Program, Routine, Step, Table};

type Run = Result<(), At>;

impl Program {
    /// Goes past what the routine is for.
    pub(crate) fn skip(&self, routine: Routine, cursor: &mut Cursor<'_>, depth: usize) -> Run {
        deep(cursor, depth)?;
        let mut pc = self.start(routine);
        loop {
            match self.ops[pc] {
                Op::Return => return Ok(()),
                op => self.skip_op(op, cursor, depth)?,
            }
            pc += 1;
        }
    }

    #[inline]
    fn skip_op(&self, op: Op, cursor: &mut Cursor<'_>, depth: usize) -> Run {
        match op {
            Op::SkipInt => drop(cursor.int()?),
            Op::SkipLong => drop(cursor.long()?),
            Op::SkipPrefixed => drop(cursor.prefixed()?),
            Op::SkipRaw(size) => drop(cursor.take(size as usize)?),
            Op::Call(routine) => {
                cursor.spend(1)?;
                self.skip(routine, cursor, depth + 1)?;
            }
            Op::SkipUnion(table) => {
                let index = cursor.branch(table.length)?;
                self.skip(self.branch(table, index), cursor, depth + 1)?;
            }
            Op::SkipArray { item, least } => self.skip_blocks(item, least, false, cursor, depth)?,
            Op::SkipMap { value, least } => self.skip_blocks(value, least, true, cursor, depth)?,
            // The others stand in routines that copy.
            _ => {}
        }
        Ok(())
    }

    fn skip_blocks(
        &self,
        item: Routine,
        least: u32,
        keys: bool,
        cursor: &mut Cursor<'_>,
        depth: usize,
    ) -> Run {
        // Numbers and the like have all of their bytes in one piece.
        let body = self.start(item);
        let raw = match (keys, self.ops[body], self.ops.get(body + 1)) {
            (false, Op::SkipRaw(size), Some(Op::Return)) => Some(size),
            _ => None,
        };
        loop {
            let block = cursor.block(least)?;
            if block.items == 0 {
                return Ok(());
            }
            if let Some(size) = block.size {
                cursor.take(size)?;
                continue;
            }
            if let Some(size) = raw {
                // It fits: each item has these bytes, and all are there.
                cursor.take(block.items as usize * size as usize)?;
                continue;
            }
            for _ in 0..block.items {
                if keys {
                    cursor.prefixed()?;
                }
                self.skip(item, cursor, depth + 1)?;
            }
        }
    }

    /// Goes over `walk`, and leaves in `places` where fields begin.
    pub(crate) fn walk(
        &self,
        walk: &[Step],
        cursor: &mut Cursor<'_>,
        places: &mut Vec<usize>,
        depth: usize,
    ) -> Run {
        for step in walk {
            if let Some(skip) = step.skip {
                self.skip(skip, cursor, depth + 1)?;
            }
            if step.place {
                places.push(cursor.at);
            }
        }
        Ok(())
    }
}

fn deep(cursor: &Cursor<'_>, depth: usize) -> Run {
    match depth > DEPTH {
        true => Err(At(cursor.at, Fault::Deep)),
        false => Ok(()),
    }
}

/// One datum being copied.
pub(crate) struct Copy<'p, 'c, 'r> {
    pub(crate) program: &'p Program,
    pub(crate) cursor: &'c mut Cursor<'r>,
    pub(crate) out: &'c mut Vec<u8>,
    /// Where fields of records begin whose order is another: a stack.
    pub(crate) places: &'c mut Vec<usize>,
}

impl Copy<'_, '_, '_> {
    /// Copies what the routine is for.
    pub(crate) fn run(&mut self, routine: Routine, depth: usize) -> Run {
        deep(self.cursor, depth)?;
        let mut pc = self.program.start(routine);
        loop {
            let op = self.program.ops[pc];
            match op {
                Op::Return => return Ok(()),
                Op::Call(routine) => {
                    self.cursor.spend(1)?;
                    self.run(routine, depth + 1)?;
                }
                Op::Fail(text) => {
                    let text = self.program.texts[text as usize].clone();
                    return Err(At(self.cursor.at, Fault::Unresolved(text)));
                }
                Op::Put(constant) => self.out.extend_from_slice(self.program.constant(constant)),
                // Java takes all but 1 for false.
                Op::Boolean => {
                    let [byte] = self.cursor.array()?;
                    self.out.push((byte == 1).into());
                }
                Op::Int => put_long(self.out, self.cursor.int()?.into()),
                Op::Long => put_long(self.out, self.cursor.long()?),
                Op::Prefixed => {
                    let bytes = self.cursor.prefixed()?;
                    put_long(self.out, bytes.len() as i64);
                    self.out.extend_from_slice(bytes);
                }
                Op::Raw(size) => self.out.extend_from_slice(self.cursor.take(size as usize)?),
                Op::IntToFloat => {
                    let number = self.cursor.int()? as f32;
                    self.out.extend_from_slice(&number.to_le_bytes());
                }
                Op::IntToDouble => {
                    let number = f64::from(self.cursor.int()?);
                    self.out.extend_from_slice(&number.to_le_bytes());
                }
                Op::LongToFloat => {
                    let number = self.cursor.long()? as f32;
                    self.out.extend_from_slice(&number.to_le_bytes());
                }
                Op::LongToDouble => {
                    let number = self.cursor.long()? as f64;
                    self.out.extend_from_slice(&number.to_le_bytes());
                }
                Op::FloatToDouble => {
                    let number = f64::from(f32::from_le_bytes(self.cursor.array()?));
                    self.out.extend_from_slice(&number.to_le_bytes());
                }
                Op::Enum(table) => self.symbol(table)?,
                Op::Union(table) => {
                    let index = self.cursor.branch(table.length)?;
                    self.run(self.program.branch(table, index), depth + 1)?;
                }
                Op::Array { item, least } => self.blocks(item, least, false, depth)?,
                Op::Map { value, least } => self.blocks(value, least, true, depth)?,
                Op::Reordered(number) => self.reordered(number as usize, depth)?,
                skip => self.program.skip_op(skip, self.cursor, depth)?,
            }
            pc += 1;
        }
    }

    fn symbol(&mut self, table: Table) -> Run {
        let start = self.cursor.at;
        let index = self.cursor.int()?;
        let wrong = Fault::Symbol {
            index,
            symbols: table.length,
        };
        match u32::try_from(index) {
            Ok(index) if index < table.length => {
                let symbol = self.program.symbols[(table.from + index) as usize];
                if symbol < 0 {
                    let text = self.program.texts[-(symbol + 1) as usize].clone();
                    return Err(At(start, Fault::Unresolved(text)));
                }
                put_long(self.out, symbol.into());
                Ok(())
            }
            _ => Err(At(start, wrong)),
        }
    }

    /// Java writes all items as one block, whose count comes first.
    fn blocks(&mut self, item: Routine, least: u32, keys: bool, depth: usize) -> Run {
        let body = self.program.start(item);
        let raw = match (keys, self.program.ops[body], self.program.ops.get(body + 1)) {
            (false, Op::Raw(size), Some(Op::Return)) => Some(size),
            _ => None,
        };
        let start = self.out.len();
        let mut behind = start;
        let (mut first, mut total) = (0, 0);
        loop {
            let block = self.cursor.block(least)?;
            if block.items == 0 {
                break;
            }
            if total == 0 {
                first = block.items;
                put_long(self.out, block.items as i64);
                behind = self.out.len();
            }
            total += block.items;
            let begin = self.cursor.at;
            match raw {
                Some(size) => {
                    let bytes = self.cursor.take(block.items as usize * size as usize)?;
                    self.out.extend_from_slice(bytes);
                }
                None => {
                    for _ in 0..block.items {
                        if keys {
                            let key = self.cursor.prefixed()?;
                            put_long(self.out, key.len() as i64);
                            self.out.extend_from_slice(key);
                        }
                        self.run(item, depth + 1)?;
                        if self.out.len() > COPIED_BYTES {
                            return Err(At(self.cursor.at, Fault::Large));
                        }
                    }
                }
            }
            let had = self.cursor.at - begin;
            match block.size {
                Some(said) if said != had => {
                    let said = said as i64;
                    return Err(At(begin, Fault::BlockSize { said, had }));
                }
                _ => {}
            }
        }
        if total != first {
            // The count that stands there is that of the first block.
            let end = self.out.len();
            put_long(self.out, total as i64);
            let length = self.out.len() - end;
            self.out[start..].rotate_right(length);
            self.out.drain(start + length..behind + length);
        }
        put_long(self.out, 0);
        Ok(())
    }

    fn reordered(&mut self, number: usize, depth: usize) -> Run {
        let program = self.program;
        let reordered = &program.reordered[number];
        let base = self.places.len();
        program.walk(&reordered.walk, self.cursor, self.places, depth)?;
        let end = self.cursor.at;
        for emit in &reordered.emit {
            match emit {
                Emit::Put(constant) => self.out.extend_from_slice(program.constant(*constant)),
                Emit::Copy { place, routine } => {
                    self.cursor.at = self.places[base + *place as usize];
                    self.run(*routine, depth + 1)?;
                }
            }
        }
        self.cursor.at = end;
        self.places.truncate(base);
        Ok(())
    }
}
