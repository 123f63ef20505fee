//! Who is at the other end of a connection.

use std::net::SocketAddr;

/// What is known of the client for as long as its connection lives. Calls borrow it from
/// [`crate::connection::Connection`]; it never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerIdentity {
    /// The other end of the socket.
    pub address: SocketAddr,
    /// The client's certificate chain, as TLS verified it: DER of X.509, the client's own
    /// certificate first. Empty without TLS, and when the client showed no certificate.
    pub certificates: Box<[Box<[u8]>]>,
}

impl PeerIdentity {
    /// A client of which only the address is known.
    pub fn without_certificates(address: SocketAddr) -> PeerIdentity {
        PeerIdentity {
            address,
            certificates: Box::default(),
        }
    }

    /// The client's own certificate, DER of X.509.
    pub fn certificate(&self) -> Option<&[u8]> {
        self.certificates.first().map(|der| &**der)
    }
}
