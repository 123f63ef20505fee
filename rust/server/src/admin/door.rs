//! The ways in: a unix socket, and a port of TLS. What comes in by either is a stream, and the rights of who is there.

use std::future::Future;
use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};
use tokio_rustls::server::TlsStream;

use crate::admin::rights::{Allowed, Rights};
use crate::transport::connection_limit::Origin;
use crate::transport::tls::{names_of, Tls};

/// A way in.
pub(crate) trait Entrance: Send + Sync + 'static {
    /// A connection of which nothing is known yet.
    type Raw: Send + 'static;
    /// A connection that requests come by.
    type Stream: AsyncRead + AsyncWrite + Unpin + Send;
    /// What it is called in the log.
    const NAME: &'static str;

    /// Where a connection comes from, if it may be from anywhere.
    fn origin(raw: &Self::Raw) -> Option<Origin>;

    /// Waits for the next connection.
    fn accept(&self) -> impl Future<Output = io::Result<Self::Raw>> + Send;

    /// Lets a connection in, and says what its client may do; none if it is none of a client that is known. May wait
    /// for the client as long as the caller does.
    fn admit(&self, raw: Self::Raw) -> impl Future<Output = Option<(Self::Stream, Rights)>> + Send;
}

/// The unix socket.
pub(crate) struct SocketEntrance {
    pub(crate) listener: UnixListener,
    pub(crate) rights: Rights,
}

impl Entrance for SocketEntrance {
    type Raw = UnixStream;
    type Stream = UnixStream;
    const NAME: &'static str = "admin socket";

    /// They are all of this user.
    fn origin(_: &UnixStream) -> Option<Origin> {
        None
    }

    async fn accept(&self) -> io::Result<UnixStream> {
        Ok(self.listener.accept().await?.0)
    }

    async fn admit(&self, raw: UnixStream) -> Option<(UnixStream, Rights)> {
        Some((raw, self.rights.clone()))
    }
}

/// The port.
pub(crate) struct PortEntrance {
    pub(crate) listener: TcpListener,
    pub(crate) tls: Arc<Tls>,
    pub(crate) allowed: Allowed,
}

impl Entrance for PortEntrance {
    type Raw = TcpStream;
    type Stream = TlsStream<TcpStream>;
    const NAME: &'static str = "admin port";

    fn origin(raw: &TcpStream) -> Option<Origin> {
        Some(raw.peer_addr().ok()?.ip().into())
    }

    async fn accept(&self) -> io::Result<TcpStream> {
        Ok(self.listener.accept().await?.0)
    }

    async fn admit(&self, raw: TcpStream) -> Option<(TlsStream<TcpStream>, Rights)> {
        // Who shows no certificate that is trusted, or does not speak TLS, is told so by TLS.
        let stream = self.tls.acceptor().accept(raw).await.ok()?;
        let (_, session) = stream.get_ref();
        let certificate = session.peer_certificates()?.first()?;
        let rights = self.allowed.rights(names_of(certificate));
        Some((stream, rights))
    }
}
