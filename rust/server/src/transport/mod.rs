//! Connections: accepted, encrypted, guarded, driven, and ended without losing an answer.
//!
//! From a socket to HTTP requests. What happens to a request is said by a handler that it is given.

pub mod connection;
mod connection_age;
pub mod connection_limit;
pub(crate) mod ending;
pub mod flood_guard;
pub mod floods;
mod frames;
pub(crate) mod goodbye;
pub mod handler;
pub mod handshakes;
pub(crate) mod http2;
pub(crate) mod instruments;
pub mod listener;
pub mod peer;
mod small_data;
mod socket;
mod stream;
pub mod tls;
pub(crate) mod windows;
mod write_queue;
