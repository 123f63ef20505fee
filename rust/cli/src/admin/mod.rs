//! The admin socket of a running server: what operators see and change (docs/admin.md). It knows no commands.

mod samples;
mod socket;
mod text;

pub(crate) use samples::Samples;
pub(crate) use socket::{AdminOptions, AdminSocket};
pub(crate) use text::text;
