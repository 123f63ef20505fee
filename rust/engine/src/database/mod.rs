//! One open database: who is inside, and how it is closed behind them.
//!
//! Knows no store version and no record.

mod closing;
mod deadlines;
mod deferred;
mod instance;
mod reader_gate;

pub use crate::database::closing::LongCall;
pub(crate) use crate::database::deadlines::Deadlines;
pub use crate::database::instance::Tier;
pub(crate) use crate::database::instance::{Database, ReadGuard, FEW_KEYS};
