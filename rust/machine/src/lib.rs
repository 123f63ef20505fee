//! The machine and the processes of a server, as Linux tells of them below `/proc` and `/sys`, and what of it is bad for
//! latencies. It knows no server and no command.
//!
//! Everything is optional: what cannot be read (another system, another user, a container that hides it) is missing.

mod cgroup;
mod files;
mod host;
mod process;
mod remarks;

pub use cgroup::Cgroup;
pub use host::{Host, PRESSURES};
pub use process::{threads, Process, Thread, TICKS};
pub use remarks::{pressures, remarks, room, Machine, Remark, Server};
