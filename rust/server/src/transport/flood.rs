//! Why clients are hung up on.

use crate::config::names::MAX_CLIENT_BYTES;

/// Why a client is hung up on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Flood {
    /// It sends frames that ask for nothing.
    #[error("the client floods the connection with frames beside calls")]
    Control,
    /// It cancels nearly all of its calls.
    #[error("the client cancels its calls as fast as it makes them")]
    Resets,
    /// HTTP/2 has had enough of it: its GOAWAY says so.
    #[error("the client makes more errors, or smaller frames, than HTTP/2 takes")]
    Http2,
    /// It does not move what it makes the server hold, and others need the room: not for its frames.
    #[error(
        "the client holds {bytes} bytes of the server's memory that others need, and does not read its \
         answers, finish its requests or use its calls (setting {MAX_CLIENT_BYTES}: {limit})"
    )]
    Held {
        /// What it holds.
        bytes: usize,
        /// What all clients may hold.
        limit: usize,
    },
}
