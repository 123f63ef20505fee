//! Who is at the other end of a connection.

use std::net::SocketAddr;
use std::sync::Arc;

/// What is known of the client for as long as its connection lives; it never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerIdentity {
    /// The other end of the socket.
    pub address: SocketAddr,
    /// The client's own certificate, as TLS verified it: DER of X.509. `None` without TLS, and when
    /// the client showed none. The rest of its chain is not kept: nobody asks for it, and a client may
    /// put 64 KiB of anything into it.
    pub certificate: Option<Arc<[u8]>>,
}

impl PeerIdentity {
    /// A client of which only the address is known.
    pub fn without_certificate(address: SocketAddr) -> PeerIdentity {
        PeerIdentity {
            address,
            certificate: None,
        }
    }
}
