//! What can be wrong with a record.

use std::fmt;

use crate::limits::{COPIED_BYTES, DEPTH, EMPTY_ITEMS};

/// Why bytes are not the record that their schema says. Its text names the field, the byte, and what was there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault} (field \"{}\", byte {at} of {length})", Shortened(.field))]
pub struct ReadError {
    pub(crate) fault: Fault,
    /// The field that was being read, or the first that lies behind what was being skipped.
    pub(crate) field: String,
    /// Where it begins.
    pub(crate) at: usize,
    /// Bytes of the record.
    pub(crate) length: usize,
}

impl ReadError {
    /// Position of what could not be read, in bytes from the start of the record.
    pub fn at(&self) -> usize {
        self.at
    }

    /// What is wrong, without where. Of schemas that do not fit each other it is Java's text.
    pub fn fault(&self) -> String {
        self.fault.to_string()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    #[error("the record ends where {needed} more bytes should be")]
    Truncated { needed: usize },
    #[error("a number is longer than its type")]
    LongNumber,
    #[error("a length is {0}")]
    NegativeLength(i64),
    #[error("a block says that it has {said} bytes, and has {had}")]
    BlockSize { said: i64, had: usize },
    #[error(
        "an array or map says that it has {0} items, which are more than the record has bytes for"
    )]
    Items(u64),
    #[error("more than {EMPTY_ITEMS} items have no bytes")]
    Empty,
    #[error("a union of {branches} branches has the branch {index}")]
    Branch { index: i32, branches: u32 },
    #[error("an enum of {symbols} symbols has the symbol {index}")]
    Symbol { index: i32, symbols: u32 },
    #[error("types stand more than {DEPTH} deep in each other")]
    Deep,
    #[error("it would be copied as more than {COPIED_BYTES} bytes")]
    Large,
    /// Schemas do not fit each other, in Java's words.
    #[error("{0}")]
    Unresolved(Box<str>),
}

/// Bytes of a name that a text repeats.
const NAME_BYTES: usize = 200;

/// A name as texts have it: what is longer than 200 bytes is cut, as schemas and requests may come from anybody.
/// Java's texts have all of it.
pub struct Shortened<'a>(
    /// The whole name.
    pub &'a str,
);

impl fmt::Display for Shortened<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.0;
        let beginning = &name[..name.floor_char_boundary(NAME_BYTES)];
        f.write_str(beginning)?;
        match beginning.len() == name.len() {
            true => Ok(()),
            false => write!(f, "... (of {} bytes)", name.len()),
        }
    }
}

/// A fault, and where it begins.
#[derive(Debug, PartialEq)]
pub(crate) struct At(pub(crate) usize, pub(crate) Fault);
