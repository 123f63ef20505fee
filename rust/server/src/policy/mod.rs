//! Whether a request may go on: who may read, and how much.
//!
//! Decides at once from what it knows, or says what it waits for. Answers no request, and reads no
//! database.

pub(crate) mod access;
pub(crate) mod quota;
