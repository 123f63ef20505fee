//! How large things may be.

/// Bytes of a schema's text.
pub const SCHEMA_BYTES: usize = 1 << 20;

/// Types in a schema, each use of a primitive type one.
pub const SCHEMA_TYPES: usize = 100_000;

/// Instructions of a program.
pub const PROGRAM_OPS: usize = 1 << 20;

/// How deep records, unions, arrays and maps stand in each other in one record; a list of records has two levels for
/// each of its links. Java has its thread's stack for a bound.
pub const DEPTH: usize = 512;

/// Work that is done for nothing: items of arrays that have no bytes, and records without any, in one record, beyond
/// 16 for each of its bytes.
pub const EMPTY_ITEMS: u64 = 1 << 16;

/// Bytes that [`crate::Fields::copy`] makes of a field: as many as Java's largest array.
pub const COPIED_BYTES: usize = i32::MAX as usize;
