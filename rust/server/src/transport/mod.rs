//! Connections: accepted, encrypted, guarded, driven, and ended without losing an answer.
//!
//! From a socket to HTTP requests. What happens to a request is said by a handler that it is given.

pub(crate) mod connection;
mod connection_age;
pub(crate) mod connection_limit;
pub(crate) mod ending;
mod flood;
pub(crate) mod floods;
pub(crate) mod handler;
pub(crate) mod handshakes;
pub(crate) mod http1;
pub(crate) mod http2;
pub(crate) mod instruments;
pub(crate) mod listener;
mod opening;
pub(crate) mod peer;
mod socket;
pub(crate) mod tls;
pub(crate) mod windows;
