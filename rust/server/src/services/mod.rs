//! The methods that a client can call, and what their calls share.
//!
//! From an HTTP request to an HTTP response. Knows no socket: the rooms below bring requests, and send
//! responses.

pub(crate) mod asked;
pub(crate) mod at_once;
pub(crate) mod channelz;
pub(crate) mod context;
pub(crate) mod health;
pub(crate) mod http;
pub(crate) mod http_metadata;
pub(crate) mod http_reply;
pub(crate) mod instruments;
pub(crate) mod read;
pub(crate) mod reflection;
pub(crate) mod routes;
pub(crate) mod session;
pub(crate) mod store_metadata;
pub(crate) mod streamed;
pub(crate) mod streamed_request;
pub(crate) mod streaming;
