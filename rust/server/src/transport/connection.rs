//! One connection: HTTP/2 over TCP or TLS, from its first byte to its end; or HTTP/1.1 ([`crate::transport::http1`]).
//!
//! Our own HTTP/2 drives it ([`crate::transport::http2`]), or with `http2=hyper` hyper; neither has tonic's
//! server on top. tonic boxes the future and both bodies of every call, wants a codec that owns its
//! messages, and hides the connection; here a call costs one task, the request is decoded where it lies,
//! the answer is encoded once, and a drain reaches each connection. tonic (with its router and layers) is
//! linked by tests only.

use std::future::{poll_fn, Future};
use std::io;
use std::net::SocketAddr;
use std::pin::{pin, Pin};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use arc_swap::ArcSwap;
use hyper::server::conn::http2 as hyper_http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::select;
use tokio::time::{timeout, timeout_at, Instant};
use venice_http2::Protocol;

use crate::config::limits::Limits;
use crate::config::live::Live;
use crate::config::{Config, Http2, HttpRequests};
use crate::memory::account::Account;
use crate::memory::buffer_pool::PoolBound;
use crate::memory::client_memory::{Client, ClientMemory};
use crate::runtime::drain::{self, Drain};
use crate::transport::connection_age::{Calls, ConnectionAge};
use crate::transport::connection_limit::{ConnectionLimit, ConnectionPermit};
use crate::transport::ending::{
    gave_way, has_to_go, held_up, in_flight, left, time_to_close, Ends, Stall,
};
use crate::transport::flood_guard::FloodGuard;
use crate::transport::floods::Floods;
use crate::transport::handler::Handler;
use crate::transport::handshakes::Handshakes;
use crate::transport::http1;
use crate::transport::http2::{self, Fields};
use crate::transport::instruments::{self, Ended};
use crate::transport::opening::Opened;
use crate::transport::peer::PeerIdentity;
use crate::transport::stream::{ClientStream, Flusher};
use crate::transport::tls::Tls;
use crate::transport::windows::{CONNECTION_WINDOW, FRAME_BYTES, STREAM_WINDOW};

/// Streams that the server may reset because the client broke the rules, before it hangs up:
/// CVE-2025-8671 makes servers reset streams, and forget them, faster than they can end their work.
const LOCAL_ERROR_RESETS: usize = 1024;

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
    /// What speaks, if that is our own HTTP/2.
    http2: Option<OwnHttp2>,
}

/// Our own HTTP/2.
struct OwnHttp2 {
    /// What all connections that begin now share.
    protocol: ArcSwap<Protocol<Fields>>,
    /// Makes it.
    make: fn(&Config, &Arc<Limits>) -> Arc<Protocol<Fields>>,
}

impl Transport {
    /// No connection yet, for calls that `H` answers.
    pub fn new<H: Handler>(live: &Arc<Live>, tls: Option<Tls>) -> Transport {
        let config = Arc::clone(live.at_start());
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
            http2: match config.http2 {
                Http2::Own => {
                    let make = |config: &Config, now: &Arc<Limits>| {
                        http2::protocol(config, now, H::PATHS, H::UNARY)
                    };
                    Some(OwnHttp2 {
                        protocol: ArcSwap::new(make(&config, live.limits())),
                        make,
                    })
                }
                Http2::Hyper => None,
            },
            live: Arc::clone(live),
            config,
        }
    }

    /// Connections from now on are told what `after` says. Those that are there keep to what they were told.
    pub(crate) fn change(&self, before: &Config, after: &Config) {
        let told = |config: &Config| (config.max_concurrent_streams, config.max_header_bytes);
        if let Some(http2) = self.http2.as_ref().filter(|_| told(before) != told(after)) {
            http2
                .protocol
                .store((http2.make)(after, self.live.limits()));
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

fn hyper_http2(config: &Config) -> hyper_http2::Builder<TokioExecutor> {
    let mut http2 = hyper_http2::Builder::new(TokioExecutor::new());
    http2
        .timer(TokioTimer::new())
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        // The windows above are constant: measuring the line by extra pings gains nothing for small
        // calls.
        .adaptive_window(false)
        .max_frame_size(FRAME_BYTES)
        .max_concurrent_streams(config.max_concurrent_streams)
        .max_header_list_size(config.max_header_bytes)
        // A client that vanished without closing is found within interval and time-out together.
        // Pings from the server count against no client's limit (too_many_pings is for the other
        // direction).
        .keep_alive_interval(config.keep_alive)
        .keep_alive_timeout(config.keep_alive_timeout)
        // h2 closes the whole connection after 20 streams that were reset before they were
        // accepted. Clients cancel slow calls all at once, so as many as may be open are
        // legitimate.
        .max_pending_accept_reset_streams(config.max_concurrent_streams as usize)
        .max_local_error_reset_streams(LOCAL_ERROR_RESETS)
        // gRPC has no use for a date, and it would be formatted and sent with every answer.
        .auto_date_header(false);
    http2
}

/// Serves a connection until the client closes it, it breaks, or it has to end: it is old or idle, or
/// the server drains. Then the client is told to send no new calls (GOAWAY), calls in flight are answered,
/// and the connection is closed when the client has all of them, or the grace is over.
///
/// Cancel safety: dropping the future closes the connection, whatever is in flight.
pub async fn serve<H: Handler>(
    accepted: Accepted,
    transport: Arc<Transport>,
    mut drain: Drain,
    open: impl FnOnce(Established) -> H,
) -> io::Result<()> {
    let Accepted {
        stream,
        address,
        permit,
    } = accepted;
    // An answer is written in one go; to wait for more of it (Nagle) only adds a delay.
    stream.set_nodelay(true)?;
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
    if let Some(http2) = &transport.http2 {
        let protocol = &http2.protocol.load_full();
        let connection = http2::Begun {
            opening,
            address,
            permit: &permit,
            account,
            ends,
        };
        let (floods, late_calls) = (&transport.floods, &transport.late_calls);
        return http2::serve(connection, &config, floods, late_calls, protocol, handler).await;
    }
    let guard = FloodGuard::new(config.max_concurrent_streams);
    let stream = ClientStream::new(opening, guard)?;
    stream.count_for(&account);
    let sender = stream.sender();
    let (ended, until) = speak(stream, address, &permit, &config, account, handler, ends).await;
    // Nothing of HTTP/2 is left, so what waits for the client now is what the system holds.
    if let Some(flood) = sender.flood() {
        transport.floods.note(address, flood);
    }
    // A client that is gone, or does not close in time, has no answer to lose.
    select! {
        _ = timeout_at(until, sender.close()) => {}
        () = left(&permit) => {}
    }
    transport
        .late_calls
        .fetch_add(sender.late(), Ordering::Relaxed);
    ended
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

/// Speaks HTTP/2 until it ends. Returns how it did, and until when the client may take to close.
async fn speak(
    stream: ClientStream,
    address: SocketAddr,
    permit: &ConnectionPermit,
    config: &Config,
    account: Account,
    handler: impl Handler,
    mut ends: Ends,
) -> (io::Result<()>, Instant) {
    let http2 = hyper_http2(config);
    let grace = config.max_age_grace;
    let patience = config.keep_alive + config.keep_alive_timeout;
    let calls = Calls::default();
    let lifetime = ConnectionAge::new(config.max_idle, config.max_age, Instant::now());
    let sender = stream.sender();
    let handler = Arc::new(handler);
    let service = service_fn(|request| {
        calls.count();
        permit.called();
        Handler::call(Arc::clone(&handler), request)
    });
    // Each call that is not answered holds it.
    let busy = || Arc::strong_count(&handler) > 1;
    let mut serving = pin!(http2.serve_connection(TokioIo::new(stream), service));
    let expired = lifetime.expired(&calls, busy);
    let until = select! {
        ended = drive_and_flush(serving.as_mut(), &sender, patience) => {
            let closing = time_to_close(&ended);
            return (ended, Instant::now() + closing);
        }
        // What HTTP/2 holds for it goes before it is told why.
        () = account.has_to_end() => return held_up(&account, config, |why| sender.hang_up(why)),
        until = has_to_go(&mut ends.drain, expired, permit, address, grace) => until,
    };
    serving.as_mut().graceful_shutdown();
    let ended = select! {
        ended = timeout_at(until, drive_and_flush(serving, &sender, patience)) => ended,
        () = left(permit) => return (Err(gave_way()), Instant::now()),
        () = account.has_to_end() => return held_up(&account, config, |why| sender.hang_up(why)),
        never = ends.tell_calls(until) => match never {},
    };
    (ended.unwrap_or_else(|_| Err(in_flight(grace))), until)
}

/// Drives HTTP/2, and sends what it wrote whenever it has nothing more to do for now. A client that
/// takes no byte of it for as long as `patience` is given up.
async fn drive_and_flush(
    mut http2: Pin<&mut impl Future<Output = hyper::Result<()>>>,
    sender: &Flusher,
    patience: Duration,
) -> io::Result<()> {
    let mut stall = Stall::new(patience);
    poll_fn(|context| {
        let turn = http2.as_mut().poll(context);
        let sent = sender.poll_send(context);
        match (turn, sent) {
            // It has shut the stream down, which sends what is left.
            (Poll::Ready(ended), _) => Poll::Ready(ended.map_err(|error| {
                if error.is_timeout() {
                    instruments::ended(Ended::KeepAlive);
                }
                io::Error::other(error)
            })),
            (Poll::Pending, Poll::Ready(Err(error))) => Poll::Ready(Err(error)),
            (Poll::Pending, Poll::Ready(Ok(()))) => Poll::Pending,
            (Poll::Pending, Poll::Pending) => stall.poll(context, sender.sent()).map(Err),
        }
    })
    .await
}
