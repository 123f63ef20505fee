//! One open database: which reads and calls are under way, and how it is closed once they are over.
//!
//! Knows no store version and no record.

mod closing;
mod deadlines;
mod deferred;
mod instance;
mod reader_gate;
mod reader_number;

pub use crate::database::closing::LongCall;
pub(crate) use crate::database::deadlines::Deadlines;
pub use crate::database::instance::Tier;
pub(crate) use crate::database::instance::{Database, ReadGuard, FEW_KEYS};
