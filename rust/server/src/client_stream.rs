//! The bytes of a connection: TCP, with or without TLS, as HTTP/2 reads and writes them.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{ready, Context, Poll};

use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;
use tokio_rustls::TlsAcceptor;

use crate::account::Account;
use crate::frame_meter::FrameMeter;
use crate::handshakes::Handshakes;
use crate::outbox::Outbox;
use crate::spin;
use crate::tls::H2;

/// What every client sends first (RFC 9113, 3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// And then a frame of this type.
const SETTINGS: u8 = 4;
/// Length (3), type, flags, stream (4).
const FRAME_HEADER: usize = 9;

/// A client that speaks HTTP/2: its first bytes have said so. HTTP/2 reads and writes it; what is
/// written goes out by [`Sender::poll_send`].
pub(crate) struct ClientStream {
    line: Arc<Mutex<Line>>,
}

/// Sends what was written to the [`ClientStream`] that it is of.
pub(crate) struct Sender {
    line: Arc<Mutex<Line>>,
}

/// Both have it in turns, within one task.
struct Line {
    transport: Transport,
    /// Preface and head of the first frame, which HTTP/2 has still to see.
    start: [u8; PREFACE.len() + FRAME_HEADER],
    /// How much of it HTTP/2 has seen.
    replayed: usize,
    outbox: Outbox,
    meter: FrameMeter,
    account: Option<Account>,
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
        tls: Option<(TlsAcceptor, &Handshakes)>,
        mut meter: FrameMeter,
    ) -> io::Result<ClientStream> {
        let mut transport = match tls {
            None => Transport::Plain(tcp),
            Some((tls, handshakes)) => {
                let stream = handshakes.in_turn(tls.accept(tcp)).await?;
                if stream.get_ref().1.alpn_protocol() != Some(H2) {
                    return Err(refused("the client does not offer h2 by ALPN"));
                }
                Transport::Tls(Box::new(stream))
            }
        };
        let mut start = [0; PREFACE.len() + FRAME_HEADER];
        let mut received = 0;
        while received < start.len() {
            let more = transport.read(&mut start[received..]).await?;
            if more == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            received += more;
            let preface = received.min(PREFACE.len());
            if start[..preface] != PREFACE[..preface] {
                return Err(refused("the client does not speak HTTP/2"));
            }
        }
        let first = &start[PREFACE.len()..];
        if first[3] != SETTINGS {
            return Err(refused("the first frame is not SETTINGS"));
        }
        meter.received(first).map_err(io::Error::other)?;
        Ok(ClientStream {
            line: Arc::new(Mutex::new(Line {
                transport,
                start,
                replayed: 0,
                outbox: Outbox::default(),
                meter,
                account: None,
            })),
        })
    }

    /// The client's own certificate, verified: DER of X.509. `None` if it showed none.
    pub(crate) fn peer_certificate(&self) -> Option<Arc<[u8]>> {
        match &self.line.lock().transport {
            Transport::Plain(_) => None,
            Transport::Tls(stream) => {
                let chain = stream.get_ref().1.peer_certificates()?;
                chain.first().map(|own| Arc::from(own.as_ref()))
            }
        }
    }

    /// Counts what waits to be sent, and what was, for `account`.
    pub(crate) fn count_for(&self, account: &Account) {
        let mut line = self.line.lock();
        line.outbox.count_for(account);
        line.account = Some(account.clone());
    }

    /// Who sends what is written here.
    pub(crate) fn sender(&self) -> Sender {
        Sender {
            line: Arc::clone(&self.line),
        }
    }
}

impl Sender {
    /// Sends all that was written until now.
    pub(crate) fn poll_send(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.line.lock().poll_send(context)
    }
}

impl Line {
    fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let meter = &mut self.meter;
        self.outbox
            .poll_send(context, &mut self.transport, |sent| meter.sent(sent))
    }

    fn poll_room(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let meter = &mut self.meter;
        self.outbox
            .poll_room(context, &mut self.transport, |sent| meter.sent(sent))
    }
}

fn refused(reason: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, reason)
}

impl AsyncRead for ClientStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let line = &mut *self.line.lock();
        if line.replayed < line.start.len() {
            let rest = &line.start[line.replayed..];
            let length = rest.len().min(buffer.remaining());
            buffer.put_slice(&rest[..length]);
            line.replayed += length;
            return Poll::Ready(Ok(()));
        }
        // Calls are refused as fast as they come, but HTTP/2 never gives back the memory for as many as
        // it once had at a time. So those that are here are answered before more is read.
        if line.account.as_ref().is_some_and(Account::has_refused) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut line.transport).poll_read(context, buffer))?;
        spin::arrived();
        let received = line.meter.received(&buffer.filled()[before..]);
        Poll::Ready(received.map_err(io::Error::other))
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let line = &mut *self.line.lock();
        ready!(line.poll_room(context))?;
        Poll::Ready(Ok(line.outbox.put(bytes)))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let line = &mut *self.line.lock();
        ready!(line.poll_room(context))?;
        let mut written = 0;
        for slice in slices {
            let taken = line.outbox.put(slice);
            written += taken;
            if taken < slice.len() {
                break;
            }
        }
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// Leaves the sending to the end of the turn.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let line = &mut *self.line.lock();
        ready!(line.poll_send(context))?;
        Pin::new(&mut line.transport).poll_shutdown(context)
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
        true
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
