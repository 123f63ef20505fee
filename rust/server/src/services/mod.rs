//! The methods that a client can call, and what their calls share.
//!
//! From an HTTP request to an HTTP response. Knows no socket: the rooms below bring requests, and send
//! responses.

pub mod at_once;
pub(crate) mod channelz;
pub mod context;
pub mod health;
pub(crate) mod instruments;
pub mod read;
pub mod reflection;
pub mod routes;
pub mod session;
pub mod streaming;
