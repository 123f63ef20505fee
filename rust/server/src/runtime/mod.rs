//! Time, the end of a server, and looking for work before sleeping: what every room above may need.
//!
//! Knows nothing of requests, of settings, or of the engine.

pub(crate) mod busy_poll;
pub(crate) mod clock;
pub(crate) mod company;
pub(crate) mod drain;
pub(crate) mod file_wait;
pub(crate) mod metric;
pub(crate) mod nice;
pub(crate) mod rarely;
