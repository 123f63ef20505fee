//! One connection: HTTP/2 over TCP or TLS, from its first byte to its end.
//!
//! hyper drives HTTP/2 directly, without tonic's server on top. tonic boxes the future and both
//! bodies of every call, wants a codec that owns its messages, and hides the connection; here a
//! call costs one task, the request is decoded where it lies, the answer is encoded once, and a
//! drain reaches each connection. tonic (with its router and layers) is linked by tests only.

use std::future::{poll_fn, Future};
use std::io;
use std::net::SocketAddr;
use std::pin::{pin, Pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use parking_lot::Mutex;
use tokio::net::TcpStream;
use tokio::select;
use tokio::time::{sleep, timeout, Instant};

use crate::accept::Accepted;
use crate::access::Principal;
use crate::account::{Account, Charge};
use crate::client_memory::Purpose;
use crate::client_stream::{ClientStream, Sender};
use crate::config::Config;
use crate::disk::Lane;
use crate::drain::Drain;
use crate::frame_meter::FrameMeter;
use crate::grpc::CALL_BYTES;
use crate::lifetime::{Calls, Lifetime};
use crate::peer::PeerIdentity;
use crate::runtime::Runtime;
use crate::service;
use crate::stack::Admission;
use crate::tls::Tls;

/// Receive window of one request. gRPC's default of 64 KiB makes a larger batch wait for a round
/// trip.
const STREAM_WINDOW: u32 = 128 * 1024;
/// Receive window of a connection: bounds what a client can make HTTP/2 hold for requests that wait
/// for room, which is counted nowhere else.
const CONNECTION_WINDOW: u32 = 256 * 1024;
/// Largest frame a client may send. A request in one frame is decoded in place; 64 KiB holds a
/// batch of 500 keys of 100 bytes, where the protocol's least of 16 KiB would split it.
const FRAME_BYTES: u32 = 64 * 1024;
/// Streams that the server may reset because the client broke the rules, before it hangs up:
/// CVE-2025-8671 makes servers reset streams, and forget them, faster than they can end their work.
const LOCAL_ERROR_RESETS: usize = 1024;

/// How long a connection whose place is another's may take to say goodbye: a client that answers does
/// so within a round trip, and one that does not would be counted nowhere.
const GIVING_WAY: Duration = Duration::from_secs(1);

/// What the calls of one connection share.
pub struct Connection {
    /// What all connections of the server share.
    pub runtime: Arc<Runtime>,
    /// The client.
    pub peer: PeerIdentity,
    /// Tells when the server drains.
    pub drain: Drain,
    /// The client, as access control sees it.
    pub principal: Principal,
    /// Its turns among the reads that wait for the disk.
    pub lane: Lane,
    /// What the client makes the server hold.
    pub account: Account,
    /// What HTTP/2 keeps of it.
    pub(crate) kept: Kept,
}

/// HTTP/2 keeps memory for as many calls as were once open at a time, as long as the connection lasts.
pub(crate) struct Kept {
    calls: AtomicUsize,
    charge: Mutex<Charge>,
}

/// Bytes for each of them: its stream, and its frames.
const KEPT_OF_CALL: usize = 2 * 1024;
/// Calls for which nothing is counted, and by how many the count grows.
const KEPT_CALLS: usize = 64;

impl Kept {
    fn new(account: &Account) -> Kept {
        Kept {
            calls: AtomicUsize::new(KEPT_CALLS),
            charge: Mutex::new(account.nothing()),
        }
    }

    /// Counts what is kept for so many calls; whether there is room for it.
    #[inline]
    fn counts(&self, calls: usize) -> bool {
        calls <= self.calls.load(Ordering::Relaxed) || self.grow(calls)
    }

    #[cold]
    fn grow(&self, calls: usize) -> bool {
        let bytes = calls.next_multiple_of(KEPT_CALLS) * KEPT_OF_CALL;
        let counted = self.charge.lock().try_set(Purpose::Call, bytes);
        if counted {
            self.calls
                .store(calls.next_multiple_of(KEPT_CALLS), Ordering::Relaxed);
        }
        counted
    }
}

impl Connection {
    /// What a new call is counted by; `None` if there is no room for it.
    pub(crate) fn call(connection: &Arc<Connection>) -> Option<Charge> {
        // Each open call has its share of the connection.
        if !connection.kept.counts(Arc::strong_count(connection)) {
            return None;
        }
        connection.account.try_charge(Purpose::Call, CALL_BYTES)
    }

    /// What the requests of this connection have to pass.
    pub fn admission(&self) -> Admission<'_> {
        let access = self.runtime.access.as_deref();
        Admission {
            access: access.map(|access| (access, &self.principal)),
            quota: &self.runtime.quota,
        }
    }
}

fn http2(config: &Config) -> http2::Builder<TokioExecutor> {
    let mut http2 = http2::Builder::new(TokioExecutor::new());
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

/// Serves `stream` until the client closes it, it breaks, or the server drains: then the client is
/// told to send no new calls (GOAWAY), calls in flight are answered, and the connection ends.
///
/// Cancel safety: dropping the future closes the connection, whatever is in flight.
pub async fn serve(accepted: Accepted, runtime: Arc<Runtime>, mut drain: Drain) -> io::Result<()> {
    let Accepted {
        stream,
        address,
        place,
    } = accepted;
    // An answer is written in one go; to wait for more of it (Nagle) only adds a delay.
    stream.set_nodelay(true)?;
    let stream = TcpStream::from_std(stream)?;
    let tls = runtime.tls.as_deref().map(Tls::acceptor);
    let tls = tls.map(|acceptor| (acceptor, &runtime.handshakes));
    let meter = FrameMeter::new(runtime.config.max_concurrent_streams);
    let opened = ClientStream::open(stream, tls, meter);
    let opened = timeout(runtime.config.handshake, opened);
    let stream = select! {
        opened = opened => opened.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??,
        // No call is in flight.
        _ = drain.started() => return Ok(()),
        () = place.given_away() => return Err(gave_way()),
    };
    place.spoke();
    let account = Account::new(&runtime.memory);
    stream.count_for(&account);
    let http2 = http2(&runtime.config);
    let calls = Calls::default();
    let lifetime = Lifetime::new(
        runtime.config.max_idle,
        runtime.config.max_age,
        Instant::now(),
    );
    let sender = stream.sender();
    let peer = PeerIdentity {
        address,
        certificate: stream.peer_certificate(),
    };
    let connection = Arc::new(Connection {
        drain: drain.clone(),
        lane: runtime.disk.lane(),
        kept: Kept::new(&account),
        account: account.clone(),
        principal: Principal::new(&peer, runtime.tls.is_some()),
        peer,
        runtime,
    });
    let service = service_fn(|request| {
        calls.count();
        place.called();
        service::call(Arc::clone(&connection), request)
    });
    let mut serving = pin!(http2.serve_connection(TokioIo::new(stream), service));
    select! {
        ended = in_turns(serving.as_mut(), &sender) => return ended,
        () = account.has_to_end() => return Err(held_up(&account, address)),
        _ = drain.started() => {}
        why = lifetime.over(&calls) => {
            tracing::debug!(%address, why, "saying goodbye to a client");
        }
        () = place.given_away() => {
            tracing::debug!(%address, why = "quiet", "saying goodbye to a client");
        }
    }
    serving.as_mut().graceful_shutdown();
    let left = async {
        place.given_away().await;
        sleep(GIVING_WAY).await;
    };
    select! {
        ended = in_turns(serving.as_mut(), &sender) => ended,
        () = left => Err(gave_way()),
        () = account.has_to_end() => Err(held_up(&account, address)),
    }
}

fn gave_way() -> io::Error {
    let text = "it had said nothing, and gave way to a new connection";
    io::Error::new(io::ErrorKind::ConnectionAborted, text)
}

/// The client keeps others from what they need.
fn held_up(account: &Account, address: SocketAddr) -> io::Error {
    account.say_ended(address);
    io::Error::other("the client does not read what others need the memory for")
}

/// Drives HTTP/2, and sends what it wrote whenever it has nothing more to do for now.
async fn in_turns(
    mut http2: Pin<&mut impl Future<Output = hyper::Result<()>>>,
    sender: &Sender,
) -> io::Result<()> {
    poll_fn(|context| {
        let turn = http2.as_mut().poll(context);
        let sent = sender.poll_send(context);
        match (turn, sent) {
            // It has shut the stream down, which sends what is left.
            (Poll::Ready(ended), _) => Poll::Ready(ended.map_err(io::Error::other)),
            (Poll::Pending, Poll::Ready(Err(error))) => Poll::Ready(Err(error)),
            (Poll::Pending, _) => Poll::Pending,
        }
    })
    .await
}
