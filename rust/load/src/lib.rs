//! The load generator: the loop that sends, receives and measures, and what it shares with other programs of the
//! benchmark and the command line.

#![forbid(unsafe_code)]

pub mod echo;
pub mod error;
pub mod histogram;
pub mod http2;
pub mod process;
pub mod run;
pub mod socket;
pub mod store;
