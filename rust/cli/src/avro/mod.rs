//! Avro: rows, keys and values between files, texts, JSON and bytes. It knows no store version and no
//! network.

mod codec;
mod json;
mod rows;

pub(crate) use codec::{parse_schema, Codec};
pub(crate) use rows::{Row, Rows, Shape};
