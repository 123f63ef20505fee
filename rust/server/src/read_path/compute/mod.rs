//! Read compute and `countByValue`: values are read, decompressed and worked at here, on threads of their own, and clients
//! get results (docs/compute.md).
//!
//! ```text
//!   worker:          admit -> decode, access, keys, quota, the store's flag      [request]
//!                      |
//!   compute thread:  [pool] turn by turn:  make a plan, or find it                [asked], [plans]
//!                                          read a slice of keys                  [values]
//!                                          decompress, evaluate by writer schema [evaluate]
//!                                          append the results, in order          [job], [streamed]
//! ```
//!
//! A worker looks at a request, and never computes. A request holds its message, its answer, and numbers of its keys; values are
//! held by the thread that works at a slice of them ([`values`]), and nothing of a database is held while values are
//! decompressed or worked at.

pub(crate) mod asked;
mod baton;
pub(crate) mod decompress;
pub(crate) mod error;
pub(crate) mod evaluate;
pub(crate) mod instruments;
pub(crate) mod job;
pub(crate) mod plans;
pub(crate) mod pool;
pub(crate) mod request;
pub(crate) mod streamed;
pub(crate) mod values;
