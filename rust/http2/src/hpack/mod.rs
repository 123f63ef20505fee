//! HPACK: how fields are compressed (RFC 7541).
//!
//! What comes is not turned into fields. Each field is looked at once, when it enters a table or comes as
//! a literal: what it means (`field.rs`) is kept beside it, and a block that refers to it takes the
//! meaning and leaves the text. It knows no frame and no stream.

pub(crate) mod decoder;
pub(crate) mod encoder;
pub(crate) mod field;
mod huffman;
mod integer;
mod static_table;
mod table;
#[cfg(test)]
pub(crate) mod testing;
