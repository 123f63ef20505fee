//! What a server has to know of stores, beyond what lies in its databases: schemas, versions, partitioners,
//! dictionaries, and who serves which partition.
//!
//! It is pushed, never pulled: Java's server hands over a description of a store whenever something of it changes, and a
//! server without Venice reads descriptions from a file. Both have one form, JSON (`docs/metadata.md`), read by
//! [`Store::from_json`]. A [`Catalog`] holds the latest of each store. Those who read it take a lock never, and hold an
//! immutable [`Store`] for as long as their request lasts.
//!
//! | Module | What it has |
//! |---|---|
//! | `catalog` | [`Catalog`]: the stores, replaced one by one |
//! | `table` | the stores at one moment; the next moment's shares what did not change |
//! | `json` | a description's form: members, bounds, errors with the place of what is wrong |
//! | `store` | [`Store`], [`Version`], [`Routing`], and what must be true of them together |
//! | `partitioner` | [`Partitioner`]: which partition a key is in |
//! | [`limits`] | how large each thing may be |
//!
//! It knows no database, no network, and nothing of Avro but what a text has to have to be a schema.

#![forbid(unsafe_code)]

mod catalog;
mod error;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod json;
pub mod limits;
mod partitioner;
mod store;
mod table;

pub use catalog::Catalog;
pub use error::CatalogError;
pub use partitioner::{partition_of, ComputedPartitioner, Partitioner, UncomputedPartitioner};
pub use store::{Compression, Routing, Store, StoreProperties, Version};
