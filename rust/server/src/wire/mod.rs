//! Venice's messages: requests as they come, and the names and keys in them, decoded where they lie.
//!
//! Bytes in, values out. Reads nothing else, keeps nothing, waits for nothing.

pub mod echoed;
pub mod key_records;
pub mod key_string;
pub mod request;
pub mod status;
pub mod store_name;
pub(crate) mod varint;
