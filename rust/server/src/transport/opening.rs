//! The first words of a connection: TLS, and what the client speaks.

use std::io;
use std::sync::Arc;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

use crate::transport::handshakes::Handshakes;
use crate::transport::socket::Socket;
use crate::transport::tls::{H2, HTTP_1};

/// What every client of HTTP/2 sends first (RFC 9113, 3.4).
pub(crate) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Length (3 bytes), type, flags, stream (4) of a frame (RFC 9113, 4.1).
const FRAME_HEAD: usize = 9;
/// The type of the first frame.
const SETTINGS: u8 = 4;

/// The same, and the head of its first frame.
pub(crate) const START_BYTES: usize = PREFACE.len() + FRAME_HEAD;

/// A connection on which HTTP/2 has begun.
pub(crate) struct Opening {
    pub(crate) socket: Socket,
    /// What was read of it.
    pub(crate) start: [u8; START_BYTES],
}

/// A connection whose client has said what it speaks.
pub(crate) enum Opened {
    Http2(Opening),
    /// HTTP/1.1, with what was read of it.
    Http1(Socket, Vec<u8>),
}

impl Opened {
    /// Does the handshake of TLS, if there is TLS, and waits for the first words. So that a client can be timed
    /// that says nothing, or says it slowly. Whoever speaks something else than HTTP/2 is refused at the first
    /// byte that differs, unless `http1` says that it may be HTTP/1.1.
    pub(crate) async fn open(
        tcp: TcpStream,
        tls: Option<(TlsAcceptor, &Handshakes)>,
        http1: bool,
    ) -> io::Result<Opened> {
        // Whether both may come: TLS says which.
        let mut may_be_http1 = http1;
        let mut socket = match tls {
            None => Socket::Plain(tcp),
            Some((tls, handshakes)) => {
                let stream = handshakes.in_turn(tls.accept(tcp)).await?;
                match stream.get_ref().1.alpn_protocol() {
                    Some(H2) => may_be_http1 = false,
                    // Without ALPN it is HTTP/1.1, as ever.
                    Some(HTTP_1) | None if http1 => {
                        return Ok(Opened::Http1(Socket::Tls(Box::new(stream)), Vec::new()));
                    }
                    _ => return Err(refused("the client does not offer h2 by ALPN")),
                }
                Socket::Tls(Box::new(stream))
            }
        };
        let mut start = [0; START_BYTES];
        let mut received = 0;
        while received < start.len() {
            let more = socket.read(&mut start[received..]).await?;
            if more == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            received += more;
            let preface = received.min(PREFACE.len());
            if start[..preface] != PREFACE[..preface] {
                if may_be_http1 {
                    return Ok(Opened::Http1(socket, start[..received].to_vec()));
                }
                return Err(refused("the client does not speak HTTP/2"));
            }
        }
        if start[PREFACE.len() + 3] != SETTINGS {
            return Err(refused("the first frame is not SETTINGS"));
        }
        Ok(Opened::Http2(Opening { socket, start }))
    }

    /// The client's own certificate, verified: DER of X.509. `None` if it showed none.
    pub(crate) fn peer_certificate(&self) -> Option<Arc<[u8]>> {
        let (Opened::Http2(Opening { socket, .. }) | Opened::Http1(socket, _)) = self;
        match socket {
            Socket::Plain(_) => None,
            Socket::Tls(stream) => {
                let chain = stream.get_ref().1.peer_certificates()?;
                chain.first().map(|own| Arc::from(own.as_ref()))
            }
        }
    }
}

fn refused(reason: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}
