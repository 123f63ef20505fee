//! Fields of Avro records, read and copied where they lie.
//!
//! A record is encoded by a writer's schema and read by a reader's. [`Fields::compile`] turns the two, and the fields
//! that somebody wants, into a program once; for each record the program then runs over the encoded bytes: what nobody
//! wants is skipped, what is wanted is copied in the reader's encoding, and arrays of floats are handed out as the bytes
//! that they are. No tree of values is made, and nothing is allocated for a record, once buffers have grown.
//!
//! Schemas resolve as Java Avro 1.11 resolves them (`Resolver`, `Schema.applyAliases`), which is where this differs from
//! the specification: a record matches whatever its name is; of a reader's union the branch of the same name comes first,
//! then one of the same structure. A mismatch that Java finds when it reads is found when the program gets there, and not
//! before.
//!
//! ```
//! use venice_avro::{Fields, Places, Schema};
//!
//! let writer = Schema::parse(r#"{"type":"record","name":"R","fields":[
//!     {"name":"a","type":"string"},{"name":"b","type":"int"}]}"#)?;
//! let reader = Schema::parse(r#"{"type":"record","name":"R","fields":[{"name":"b","type":"double"}]}"#)?;
//! let fields = Fields::compile(&writer, &reader, &["b"])?;
//!
//! let record = b"\x04hi\x06";
//! let mut places = Places::default();
//! fields.locate(record, &mut places)?;
//! let mut out = Vec::new();
//! fields.copy(0, record, &mut places, &mut out)?;
//! assert_eq!(out, 3f64.to_le_bytes());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Bytes come from files and schemas from elsewhere, so neither is believed: every length is checked against what is left
//! before it is used, and depth, items without bytes and the size of what is copied are bounded ([`limits`]).

#![forbid(unsafe_code)]

mod compile;
mod cursor;
mod defaults;
mod error;
mod fields;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
pub mod limits;
mod pace;
mod parse;
mod program;
mod resolve;
mod run;
mod same;
mod scalar;
mod schema;
mod vector;
mod view;

pub use compile::CompileError;
pub use error::{ReadError, Shortened};
pub use fields::{Fields, Places};
pub use pace::{Interrupted, Pace};
pub use same::Sameness;
pub use scalar::Scalar;
pub use schema::{Schema, SchemaError};
pub use vector::{Element, List, Vector};
pub use view::TypeView;
