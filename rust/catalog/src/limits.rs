//! How large things may be. A description comes from Java's server or from an operator, so that the bounds are there
//! for mistakes, and are far above what Venice has.

/// Bytes of a description, as JSON.
pub const DESCRIPTION_BYTES: usize = 64 << 20;

/// Values in a description's JSON, names of members aside. serde_json holds each in 32 bytes, whatever it is.
pub const DESCRIPTION_VALUES: usize = 2_000_000;

/// Stores in a catalog.
pub const STORES: usize = 50_000;

/// Bytes of all stores in a catalog.
pub const CATALOG_BYTES: usize = 2 << 30;

/// Bytes of a store's name.
pub const NAME_BYTES: usize = venice_wire::store_name::STORE_BYTES;

/// Bytes of one schema's text.
pub const SCHEMA_BYTES: usize = 4 << 20;

/// Schemas of keys, and of values.
pub const SCHEMAS: usize = 10_000;

/// Versions of a store. Venice keeps a handful.
pub const VERSIONS: usize = 1_000;

/// Partitions of a version. Below 2²³, where the arithmetic of Venice's partitioner leaves Java's `int`.
pub const PARTITIONS: i32 = 1_000_000;

/// Bytes of a partitioner's class name, of each of its parameters, and of their names.
pub const PARTITIONER_TEXT_BYTES: usize = 4 << 10;

/// Parameters of a partitioner.
pub const PARTITIONER_PARAMS: usize = 1_000;

/// Bytes of a dictionary. Venice makes them of up to 1 MB.
pub const DICTIONARY_BYTES: usize = 16 << 20;

/// Bytes of a store's properties, in Avro.
pub const PROPERTIES_BYTES: usize = 16 << 20;

/// Instances that serve one partition.
pub const REPLICAS: usize = 1_000;

/// Bytes of an instance's URL.
pub const URL_BYTES: usize = 512;

/// Instances that are in a Helix group.
pub const GROUPED_INSTANCES: usize = 100_000;
