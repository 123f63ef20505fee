//! What the load generator shares with other programs of the benchmark.

#![forbid(unsafe_code)]

pub mod process;
pub mod store;
