//! Answers: encoded once, in memory that is used again, and sent from where they were encoded.
//!
//! Values in, one message out. Knows no transport but for the room in front of a message.

pub(crate) mod builder;
pub(crate) mod place;
pub(crate) mod records;
