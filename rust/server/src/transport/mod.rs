//! Connections: accepted, encrypted, guarded, driven, and ended without losing an answer.
//!
//! From a socket to HTTP requests. What happens to a request is said by a handler that it is given.

pub(crate) mod connection;
mod connection_age;
pub(crate) mod connection_limit;
pub(crate) mod ending;
pub(crate) mod flood_guard;
pub(crate) mod floods;
mod frames;
pub(crate) mod goodbye;
pub(crate) mod handler;
pub(crate) mod handshakes;
pub(crate) mod http1;
pub(crate) mod http2;
pub(crate) mod instruments;
pub(crate) mod listener;
mod opening;
pub(crate) mod peer;
mod small_data;
mod socket;
mod stream;
pub(crate) mod tls;
pub(crate) mod windows;
mod write_queue;
