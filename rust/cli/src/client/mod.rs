//! A client of the read service: gRPC calls over HTTP/2, with Venice's messages.

mod calls;
mod connection;
mod tls;

pub(crate) use calls::Value;
pub(crate) use connection::{Client, ServerOptions};
