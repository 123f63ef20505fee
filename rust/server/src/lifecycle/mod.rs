//! A server from its start to its end: its threads, and how the rooms below are put together.

mod administration;
mod databases;
pub(crate) mod description_reader;
mod descriptions;
mod exporting;
mod machine;
mod plain_tables;
mod reads;
mod running;
mod scheduling;
pub(crate) mod server;
mod sources;
pub(crate) mod start_error;
mod threads;
pub(crate) mod worker;
