//! One connection: HTTP/2 over TCP or TLS, from its first byte to its end; or HTTP/1.1 ([`crate::transport::http1`]).
//!
//! Our own HTTP/2 drives it ([`crate::transport::http2`]), without tonic's server on top. tonic boxes the future and both bodies of every call, wants a codec that owns its
//! messages, and hides the connection; here a call costs one task, the request is decoded where it lies,
//! the answer is encoded once, and a drain reaches each connection. tonic (with its router and layers) is
//! linked by tests only.

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::atomic::AtomicU64;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::net::TcpStream;
use tokio::select;
use tokio::time::{timeout, Instant};
use venice_http2::Protocol;

use crate::config::limits::Limits;
use crate::config::live::Live;
use crate::config::{Config, HttpRequests};
use crate::memory::account::Account;
use crate::memory::buffer_pool::PoolBound;
use crate::memory::client_memory::{Client, ClientMemory};
use crate::runtime::drain::{self, Drain};
use crate::transport::connection_limit::{ConnectionLimit, ConnectionPermit};
use crate::transport::ending::{gave_way, Ends};
use crate::transport::floods::Floods;
use crate::transport::handler::Handler;
use crate::transport::handshakes::Handshakes;
use crate::transport::http1;
use crate::transport::http2::{self, Fields, Gathering};
use crate::transport::instruments::{self, Ended};
use crate::transport::opening::Opened;
use crate::transport::peer::PeerIdentity;
use crate::transport::tls::Tls;

/// How long a connection on which no HTTP/2 is spoken yet has for it when the server drains, if that is
/// no more than half of the time: three round trips over half the world, and TLS.
const OPENING: Duration = Duration::from_secs(1);

/// What the connections of one server share, below their calls.
pub struct Transport {
    /// The settings, as the server started with them.
    pub config: Arc<Config>,
    /// The settings as they are now.
    pub live: Arc<Live>,
    /// How many connections there may be.
    pub connection_limit: ConnectionLimit,
    /// How many handshakes of TLS are worked at.
    pub handshakes: Handshakes,
    /// What clients can make the server hold.
    pub memory: Arc<ClientMemory>,
    /// Its part that is kept for answers to come.
    pub(crate) pool: PoolBound,
    /// Who was hung up on.
    pub floods: Floods,
    /// Calls that came after the last GOAWAY of their connection: they were not begun, and their clients make
    /// them again elsewhere.
    pub late_calls: AtomicU64,
    /// How connections are encrypted, if they are.
    pub tls: Option<Arc<Tls>>,
    /// What all connections that begin now share of HTTP/2.
    protocol: ArcSwap<Protocol<Fields>>,
    /// Makes it.
    make_protocol: fn(&Config, &Arc<Limits>) -> Arc<Protocol<Fields>>,
}

impl Transport {
    /// No connection yet, for calls that `H` answers.
    pub fn new<H: Handler>(live: &Arc<Live>, tls: Option<Tls>) -> Transport {
        let config = Arc::clone(live.at_start());
        let make_protocol = |config: &Config, now: &Arc<Limits>| {
            http2::protocol(config, now, H::PATHS, H::UNARY, H::weight)
        };
        let memory = Arc::new(ClientMemory::of(&config));
        let pool = PoolBound::new(memory.kept());
        Transport {
            handshakes: Handshakes::new(config.max_handshakes()),
            connection_limit: ConnectionLimit::new(
                config.max_connections,
                config.max_connections_per_address(),
            ),
            floods: Floods::default(),
            late_calls: AtomicU64::new(0),
            memory,
            pool,
            tls: tls.map(Arc::new),
            protocol: ArcSwap::new(make_protocol(&config, live.limits())),
            make_protocol,
            live: Arc::clone(live),
            config,
        }
    }

    /// Connections from now on are told what `after` says. Those that are there keep to what they were told.
    pub(crate) fn change(&self, before: &Config, after: &Config) {
        let told = |config: &Config| (config.max_concurrent_streams, config.max_header_bytes);
        if told(before) != told(after) {
            self.protocol
                .store((self.make_protocol)(after, self.live.limits()));
        }
    }
}

/// A connection on its way to a worker.
pub struct Accepted {
    /// The socket.
    pub stream: std::net::TcpStream,
    /// Where it comes from.
    pub address: SocketAddr,
    /// One of the permits that the server has.
    pub permit: ConnectionPermit,
}

/// A connection on which HTTP/2 is spoken, as whoever answers its calls sees it.
pub struct Established {
    /// The client.
    pub peer: PeerIdentity,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// What the client makes the server hold.
    pub account: Account,
    /// Tells when the server drains.
    pub drain: Drain,
    /// Tells when calls that would go on have to end, for the connection does: the server drains, or the
    /// connection is old and half of its grace is over.
    pub leaving: Drain,
}

/// Serves a connection until the client closes it, it breaks, or it has to end: it is old or idle, or
/// the server drains. Then the client is told to send no new calls (GOAWAY), calls in flight are answered,
/// and the connection is closed when the client has all of them, or the grace is over. With others of its thread it is
/// answered by `gathering`.
///
/// Cancel safety: dropping the future closes the connection, whatever is in flight.
pub async fn serve<H: Handler>(
    accepted: Accepted,
    transport: Arc<Transport>,
    mut drain: Drain,
    gathering: Arc<Gathering<H>>,
    open: impl FnOnce(Established) -> H,
) -> io::Result<()> {
    let Accepted {
        stream,
        address,
        permit,
    } = accepted;
    // An answer is written in one go; to wait for more of it (Nagle) only adds a delay.
    stream.set_nodelay(true)?;
    let permit = Arc::new(permit);
    let stream = TcpStream::from_std(stream)?;
    let _open = instruments::opened();
    let begun = Instant::now();
    let shaken = handshake(stream, &transport, &permit, &mut drain).await;
    if transport.tls.is_some() {
        instruments::shook_hands(begun.elapsed(), shaken.is_ok());
    }
    let opened = shaken?;
    permit.spoke();
    let account = Account::of_client(
        &transport.memory,
        Client {
            address,
            encrypted: transport.tls.is_some(),
            certificate: opened.peer_certificate(),
            since: begun.into_std(),
        },
    );
    // It keeps to what holds now for as long as it lasts.
    let config = transport.live.now();
    let (calls, leaving) = drain::channel();
    let handler = open(Established {
        peer: PeerIdentity {
            address,
            certificate: opened.peer_certificate(),
        },
        encrypted: transport.tls.is_some(),
        account: account.clone(),
        drain: drain.clone(),
        leaving,
    });
    let ends = Ends { drain, calls };
    let opening = match opened {
        Opened::Http2(opening) => opening,
        Opened::Http1(socket, first) => {
            let connection = http1::Begun {
                socket,
                first,
                address,
                permit: &permit,
                account,
                ends,
            };
            return http1::serve(connection, &config, &transport.floods, handler).await;
        }
    };
    let protocol = &transport.protocol.load_full();
    let connection = http2::Begun {
        opening,
        address,
        permit,
        account,
        ends,
    };
    let (floods, late_calls) = (&transport.floods, &transport.late_calls);
    http2::serve(
        connection, &config, floods, late_calls, protocol, &gathering, handler,
    )
    .await
}

/// Waits for the beginning of HTTP/2, or of HTTP/1.1 if that may be.
async fn handshake(
    stream: TcpStream,
    transport: &Transport,
    permit: &ConnectionPermit,
    drain: &mut Drain,
) -> io::Result<Opened> {
    let tls = transport.tls.as_deref().map(Tls::acceptor);
    let tls = tls.map(|acceptor| (acceptor, &transport.handshakes));
    let http1 = transport.config.http_requests == HttpRequests::All;
    let opening = Opened::open(stream, tls, http1);
    let mut opening = pin!(timeout(transport.live.now().handshake, opening));
    let opened = select! {
        opened = opening.as_mut() => {
            if opened.is_err() {
                instruments::ended(Ended::Handshake);
            }
            opened
        }
        // Some clients send their first call along. It is answered, like all that comes before GOAWAY.
        deadline = drain.started() => {
            let half = deadline.saturating_duration_since(Instant::now()) / 2;
            timeout(half.min(OPENING), opening).await.and_then(|opened| opened)
        }
        () = permit.given_away() => return Err(gave_way()),
    };
    opened.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}
