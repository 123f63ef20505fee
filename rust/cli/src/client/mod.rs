//! A client of the read service: gRPC calls over HTTP/2, with Venice's messages.

mod calls;
mod connection;
mod probe;

pub(crate) use calls::{batch_message, get_message, Value, BATCH_GET, GET, KEY_NOT_FOUND, OK};
pub(crate) use connection::{Client, ServerOptions};
pub(crate) use probe::{Answer, Probe};
