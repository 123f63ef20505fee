//! Venice's requests over HTTP, as a Fast Client sends them to a storage node: what their lines and fields mean,
//! and how answers look. docs/http.md has the forms.
//!
//! Knows no store, no session and no socket. A read becomes the message that the same read is over gRPC, so
//! that there is one read path.

pub(crate) mod answer;
pub(crate) mod body;
pub(crate) mod error;
pub(crate) mod head;
pub(crate) mod single_get;
pub(crate) mod target;
