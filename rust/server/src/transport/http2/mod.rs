//! HTTP/2 by the crate `venice_http2`: calls that are whole are answered in the turn that brought them, all
//! others by a task each.
//!
//! ```text
//!   socket --> venice_http2 --> call that is whole --> handler.unary, polled once --> written at once
//!                          \--> any other ----------> task ---> channel ---> written as windows allow
//! ```

mod calls;
mod driver;
mod fields;
mod gathering;
mod input;
mod output;
mod pieces;
mod request_body;
mod serve;
mod spare;
mod turn;

pub(crate) use fields::protocol;
pub(crate) use fields::Fields;
pub use gathering::Gathering;
pub(crate) use request_body::RequestBody;
pub(crate) use serve::{serve, Begun};
