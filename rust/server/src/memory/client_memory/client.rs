//! Whose a connection is, and what it holds: for operators.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

/// The client of one connection.
#[derive(Debug, Clone)]
pub struct Client {
    /// The other end of the socket.
    pub address: SocketAddr,
    /// Whether the connection is encrypted.
    pub encrypted: bool,
    /// The client's own certificate, if it showed one: DER of X.509.
    pub certificate: Option<Arc<[u8]>>,
    /// When the connection was accepted.
    pub since: Instant,
}

/// What the client of one connection holds, and did.
#[derive(Debug, Clone)]
pub struct ClientHolds {
    /// In the order in which they came, from 0; never given again.
    pub number: u64,
    /// Whose it is.
    pub client: Client,
    /// Calls that were begun.
    pub calls: u64,
    /// Those of them that are open.
    pub open_calls: usize,
    /// Bytes that the server holds for it.
    pub bytes_held: usize,
    /// Bytes that wait for it: answers that it has to take, requests that it has to finish.
    pub bytes_owed: usize,
    /// Bytes of answers that it took.
    pub bytes_taken: u64,
    /// Whether it waits for room in the memory that clients share.
    pub waits: bool,
}
