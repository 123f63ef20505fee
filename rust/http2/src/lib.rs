//! HTTP/2 without I/O (RFC 9113, RFC 7541): the frames, fields, streams and windows of one connection, of a server's
//! ([`Connection`]) or a client's ([`Client`]).
//!
//! It knows no socket, no clock, no thread, and nothing of what is served. Who drives it gives it the
//! bytes that came and the time, and takes the calls and the bytes that have to go. In the steady state a
//! call allocates nothing.

#![forbid(unsafe_code)]

mod call;
mod client;
mod connection;
mod error;
mod flood_guard;
mod frame;
#[cfg(any(test, feature = "fuzzing"))]
pub mod fuzzing;
mod hpack;
mod ids;
mod outgoing;
mod protocol;
mod settings;
mod slots;
mod state;
mod streams;
mod windows;

pub use call::{Bodies, Call, Event};
pub use client::{
    Client, ClientLimits, ClientProtocol, Heard, NotBegun, Request, RequestId, Response,
    ResponseVocabulary,
};
pub use connection::{Connection, Turn};
pub use error::{Ending, ErrorCode};
pub use hpack::encoder::{Field, Taught};
pub use hpack::field::{Exceeded, Head, Vocabulary, Wanted, WATCHED};
pub use protocol::{Limits, Protocol};
pub use state::sending::Answers;
