//! What clients make the server hold, counted in bytes and shared fairly.
//!
//! Every byte that is kept for a client stands in its account: calls, requests, answers until they are
//! sent. Knows no protocol: who holds something takes a charge for it, and gives it back by dropping it.

pub(crate) mod account;
pub(crate) mod buffer_pool;
pub(crate) mod client_memory;
mod holding;
