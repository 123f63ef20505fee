//! The bytes of a connection: TCP, with or without TLS, as HTTP/2 reads and writes them.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{ready, Context, Poll};

use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tokio_rustls::TlsAcceptor;

use crate::frame_meter::FrameMeter;
use crate::tls::H2;

/// What every client sends first (RFC 9113, 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// And then a frame of this type.
const SETTINGS: u8 = 4;
/// Length (3), type, flags, stream (4).
const FRAME_HEADER: usize = 9;

/// A client that speaks HTTP/2: its first bytes have said so.
pub(crate) struct ClientStream {
    transport: Transport,
    /// Preface and head of the first frame, which HTTP/2 has still to see.
    start: [u8; PREFACE.len() + FRAME_HEADER],
    /// How much of it HTTP/2 has seen.
    replayed: usize,
    meter: FrameMeter,
}

enum Transport {
    Plain(TcpStream),
    // Some hundred bytes of state, which plain connections need not carry.
    Tls(Box<TlsStream<TcpStream>>),
}

impl ClientStream {
    /// Does the handshake of TLS, if there is TLS, and waits for the beginning of HTTP/2. So that a
    /// client can be timed that says nothing, or says it slowly. Whoever speaks something else is
    /// refused at the first byte that differs.
    pub(crate) async fn open(
        tcp: TcpStream,
        tls: Option<TlsAcceptor>,
        meter: FrameMeter,
    ) -> io::Result<ClientStream> {
        let transport = match tls {
            None => Transport::Plain(tcp),
            Some(tls) => {
                let stream = tls.accept(tcp).await?;
                if stream.get_ref().1.alpn_protocol() != Some(H2) {
                    return Err(refused("the client does not offer h2 by ALPN"));
                }
                Transport::Tls(Box::new(stream))
            }
        };
        let mut stream = ClientStream {
            transport,
            start: [0; PREFACE.len() + FRAME_HEADER],
            replayed: 0,
            meter,
        };
        let mut received = 0;
        while received < stream.start.len() {
            let more = stream.transport.read(&mut stream.start[received..]).await?;
            if more == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            received += more;
            let preface = received.min(PREFACE.len());
            if stream.start[..preface] != PREFACE[..preface] {
                return Err(refused("the client does not speak HTTP/2"));
            }
        }
        if stream.start[PREFACE.len() + 3] != SETTINGS {
            return Err(refused("the first frame is not SETTINGS"));
        }
        let first = &stream.start[PREFACE.len()..];
        stream.meter.received(first).map_err(io::Error::other)?;
        Ok(stream)
    }

    /// The chain that the client showed, verified; empty if none.
    pub(crate) fn peer_certificates(&self) -> &[CertificateDer<'static>] {
        match &self.transport {
            Transport::Plain(_) => &[],
            Transport::Tls(stream) => stream.get_ref().1.peer_certificates().unwrap_or_default(),
        }
    }
}

fn refused(reason: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

impl AsyncRead for ClientStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let stream = &mut *self;
        if stream.replayed < stream.start.len() {
            let rest = &stream.start[stream.replayed..];
            let length = rest.len().min(buffer.remaining());
            buffer.put_slice(&rest[..length]);
            stream.replayed += length;
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut stream.transport).poll_read(context, buffer))?;
        let received = stream.meter.received(&buffer.filled()[before..]);
        Poll::Ready(received.map_err(io::Error::other))
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let sent = ready!(Pin::new(&mut self.transport).poll_write(context, bytes))?;
        self.meter.sent(sent);
        Poll::Ready(Ok(sent))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let sent = ready!(Pin::new(&mut self.transport).poll_write_vectored(context, slices))?;
        self.meter.sent(sent);
        Poll::Ready(Ok(sent))
    }

    fn is_write_vectored(&self) -> bool {
        self.transport.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.transport).poll_shutdown(context)
    }
}

impl AsyncRead for Transport {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match &mut *self {
            Transport::Plain(tcp) => Pin::new(tcp).poll_read(context, buffer),
            Transport::Tls(tls) => Pin::new(tls).poll_read(context, buffer),
        }
    }
}

impl AsyncWrite for Transport {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut *self {
            Transport::Plain(tcp) => Pin::new(tcp).poll_write(context, bytes),
            Transport::Tls(tls) => Pin::new(tls).poll_write(context, bytes),
        }
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match &mut *self {
            Transport::Plain(tcp) => Pin::new(tcp).poll_write_vectored(context, slices),
            Transport::Tls(tls) => Pin::new(tls).poll_write_vectored(context, slices),
        }
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Transport::Plain(tcp) => tcp.is_write_vectored(),
            Transport::Tls(tls) => tls.is_write_vectored(),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Transport::Plain(tcp) => Pin::new(tcp).poll_flush(context),
            Transport::Tls(tls) => Pin::new(tls).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut *self {
            Transport::Plain(tcp) => Pin::new(tcp).poll_shutdown(context),
            Transport::Tls(tls) => Pin::new(tls).poll_shutdown(context),
        }
    }
}
