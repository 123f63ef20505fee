//! A server from its start to its end: its threads, and how the rooms below are put together.

mod databases;
mod exporting;
mod scheduling;
pub mod server;
mod sources;
pub mod start_error;
pub mod worker;
