//! What is counted: where rooms find the registry of metrics, and what an answer brings along to be
//! counted by. Each room has its own instruments (`instruments.rs`), on each of its threads.
//!
//! It must not know what the rooms do.

pub mod facts;
pub mod metrics;
