//! The machine and the process of a server, as Linux tells of them below `/proc` and `/sys`. It knows no commands.
//!
//! Everything is optional: what cannot be read (another system, another user, a container that hides it) is missing.

mod cgroup;
mod files;
mod host;
mod process;

pub(crate) use cgroup::Cgroup;
pub(crate) use host::{Host, PRESSURES};
pub(crate) use process::{threads, Process, Thread, TICKS};
