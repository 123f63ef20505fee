//! How large things may be.

/// Bytes of a schema's text.
pub const SCHEMA_BYTES: usize = 1 << 20;

/// How deep arrays and objects stand in each other in a schema's text: `serde_json`'s own bound.
pub const JSON_DEPTH: usize = 127;

/// Types in a schema, each use of a primitive type one.
pub const SCHEMA_TYPES: usize = 100_000;

/// Bytes of a name with its namespace. What stands in a namespace has it in its own name.
pub const NAME_BYTES: usize = 1024;

/// Values that all defaults of a program have together, each item and each field one: 10 ms or so.
pub const DEFAULT_VALUES: usize = 1 << 18;

/// Instructions of a program.
pub const PROGRAM_OPS: usize = 1 << 20;

/// Bytes of a program's constants: defaults, as often as they are needed.
pub const CONSTANT_BYTES: usize = 1 << 24;

/// How deep records, unions, arrays and maps stand in each other in one record; a list of records has two levels for
/// each of its links. Java has its thread's stack for a bound.
pub const DEPTH: usize = 512;

/// How deep types of schemas stand in each other, each use of a record by its name one level. Text has room for fewer, as
/// JSON is read 128 deep; but by names each type may hold the one before it, and a thread's stack is no larger than it is.
pub const SCHEMA_DEPTH: usize = 200;

/// Work that is done for nothing: items of arrays that have no bytes, and records without any, in one record, beyond
/// 16 for each of its bytes.
pub const EMPTY_ITEMS: u64 = 1 << 16;

/// Bytes that [`crate::Fields::copy`] makes of a field: as many as Java's largest array.
pub const COPIED_BYTES: usize = i32::MAX as usize;
