//! What is counted and kept of requests: where rooms find the registry of metrics, what an answer brings
//! along to be counted by, and why requests were slow. Each room has its own instruments
//! (`instruments.rs`), on each of its threads.
//!
//! It must not know what the rooms do.

pub(crate) mod chance;
pub(crate) mod facts;
pub(crate) mod hot_keys;
pub(crate) mod metrics;
pub(crate) mod reasons;
pub(crate) mod refusals;
pub(crate) mod slow_log;
pub(crate) mod slow_text;
pub(crate) mod space_saving;
pub(crate) mod timeline;
pub(crate) mod trace_parent;
pub(crate) mod tracing;
