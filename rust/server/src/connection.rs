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
use std::task::{ready, Context, Poll};
use std::time::Duration;

use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use parking_lot::Mutex;
use tokio::net::TcpStream;
use tokio::select;
use tokio::time::{sleep, timeout, timeout_at, Instant, Sleep};

use crate::accept::Accepted;
use crate::access::Principal;
use crate::account::{Account, Charge};
use crate::client_memory::Purpose;
use crate::client_stream::{ClientStream, Sender};
use crate::config::Config;
use crate::disk::Lane;
use crate::drain::Drain;
use crate::frame_meter::{Flood, FrameMeter, CALLS_OF_TURN};
use crate::grpc::CALL_BYTES;
use crate::lifetime::{Calls, Lifetime};
use crate::peer::PeerIdentity;
use crate::places::Place;
use crate::runtime::Runtime;
use crate::service;
use crate::settings::MAX_CONNECTION_AGE_GRACE;
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
/// How long a connection on which no HTTP/2 is spoken yet has for it when the server drains, if that is
/// no more than half of the time: three round trips over half the world, and TLS.
const OPENING: Duration = Duration::from_secs(1);
/// How long the client has to close a connection that ended by itself, or for an error. One that was
/// told to go has what is left of `max.connection.age.grace.ms`.
const CLOSING: Duration = Duration::from_secs(5);

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
    /// Of which each call has a share that lasts as long as its client wants, and moves nothing: health's
    /// `Watch`, reflection.
    lasting: Arc<()>,
}

/// Calls of a connection that last so: more than any client needs. Without a bound those of some hundred
/// connections would take all that there is for calls, for good.
pub(crate) const LASTING_CALLS: usize = 16;

/// HTTP/2 keeps memory for as many calls as were once open at a time, as long as the connection lasts.
pub(crate) struct Kept {
    /// Calls that are counted.
    calls: AtomicUsize,
    charge: Mutex<Charge>,
}

/// Bytes for each of them, measured: h2's tables have 1,285 bytes for a stream, its frames and its
/// number.
const KEPT_OF_CALL: usize = 1_288;
/// Calls for which nothing is counted.
const FREE_CALLS: usize = 64;

impl Kept {
    fn new(account: &Account) -> Kept {
        Kept {
            calls: AtomicUsize::new(FREE_CALLS),
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
        // The tables double, and those are in them too that are refused in this turn.
        let kept = (calls + CALLS_OF_TURN).next_power_of_two();
        let counted = self
            .charge
            .lock()
            .try_set(Purpose::Call, kept * KEPT_OF_CALL);
        if counted {
            self.calls.store(kept - CALLS_OF_TURN, Ordering::Relaxed);
        }
        counted
    }
}

impl Connection {
    /// What a new call is counted by; `None` if there is no room for it.
    pub(crate) fn call(connection: &Arc<Connection>) -> Option<Charge> {
        let account = &connection.account;
        if !connection.kept.counts(account.calls() + 1) {
            return None;
        }
        account.try_call(CALL_BYTES)
    }

    /// What a new call holds that lasts as long as its client wants; `None` if there are as many as may be.
    pub(crate) fn lasting(&self) -> Option<Arc<()>> {
        let lasting = Arc::clone(&self.lasting);
        // One is the connection's own.
        (Arc::strong_count(&lasting) <= LASTING_CALLS + 1).then_some(lasting)
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

/// Serves a connection until the client closes it, it breaks, or it has to end: it is old or idle, or
/// the server drains. Then the client is told to send no new calls (GOAWAY), calls in flight are answered,
/// and the connection is closed when the client has all of them, or the grace is over.
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
    let stream = open(stream, &runtime, &place, &mut drain).await?;
    place.spoke();
    let sender = stream.sender();
    let (ended, until) = speak(stream, address, &place, Arc::clone(&runtime), drain).await;
    // Nothing of HTTP/2 is left, so what waits for the client now is what the system holds.
    if let Some(flood) = sender.flood() {
        runtime.floods.note(address, flood);
    }
    // A client that is gone, or does not close in time, has no answer to lose.
    select! {
        _ = timeout_at(until, sender.close()) => {}
        () = left(&place) => {}
    }
    ended
}

/// Waits until the place is another's, and has been for as long as a goodbye may take.
async fn left(place: &Place) {
    place.given_away().await;
    sleep(GIVING_WAY).await;
}

fn gave_way() -> io::Error {
    let text = "it had said nothing, and gave way to a new connection";
    io::Error::new(io::ErrorKind::ConnectionAborted, text)
}

/// Waits for the beginning of HTTP/2.
async fn open(
    stream: TcpStream,
    runtime: &Runtime,
    place: &Place,
    drain: &mut Drain,
) -> io::Result<ClientStream> {
    let tls = runtime.tls.as_deref().map(Tls::acceptor);
    let tls = tls.map(|acceptor| (acceptor, &runtime.handshakes));
    let meter = FrameMeter::new(runtime.config.max_concurrent_streams);
    let opening = ClientStream::open(stream, tls, meter);
    let mut opening = pin!(timeout(runtime.config.handshake, opening));
    let opened = select! {
        opened = opening.as_mut() => opened,
        // Some clients send their first call along. It is answered, like all that comes before GOAWAY.
        deadline = drain.started() => {
            let half = deadline.saturating_duration_since(Instant::now()) / 2;
            timeout(half.min(OPENING), opening).await.and_then(|opened| opened)
        }
        () = place.given_away() => return Err(gave_way()),
    };
    opened.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

/// Speaks HTTP/2 until it ends. Returns how it did, and until when the client may take to close.
async fn speak(
    stream: ClientStream,
    address: SocketAddr,
    place: &Place,
    runtime: Arc<Runtime>,
    mut drain: Drain,
) -> (io::Result<()>, Instant) {
    let config = &runtime.config;
    let account = Account::new(&runtime.memory);
    stream.count_for(&account);
    let http2 = http2(config);
    let grace = config.max_age_grace;
    let patience = config.keep_alive + config.keep_alive_timeout;
    let calls = Calls::default();
    let lifetime = Lifetime::new(config.max_idle, config.max_age, Instant::now());
    let sender = stream.sender();
    let peer = PeerIdentity {
        address,
        certificate: stream.peer_certificate(),
    };
    let connection = Arc::new(Connection {
        drain: drain.clone(),
        lane: runtime.disk.lane(),
        kept: Kept::new(&account),
        lasting: Arc::default(),
        account: account.clone(),
        principal: Principal::new(&peer, runtime.tls.is_some()),
        peer,
        runtime: Arc::clone(&runtime),
    });
    let service = service_fn(|request| {
        calls.count();
        place.called();
        service::call(Arc::clone(&connection), request)
    });
    // Each call that is not answered has its share of it.
    let busy = || Arc::strong_count(&connection) > 1;
    let mut serving = pin!(http2.serve_connection(TokioIo::new(stream), service));
    let until = select! {
        ended = in_turns(serving.as_mut(), &sender, patience) => {
            // Who takes nothing needs no time to take it.
            let stalled = matches!(&ended, Err(error) if error.kind() == io::ErrorKind::TimedOut);
            let closing = if stalled { Duration::ZERO } else { CLOSING };
            return (ended, Instant::now() + closing);
        }
        () = account.has_to_end() => return held_up(&account, config, &sender),
        deadline = drain.started() => deadline,
        why = lifetime.over(&calls, busy) => {
            tracing::debug!(%address, why, "saying goodbye to a client");
            Instant::now() + grace
        }
        () = place.given_away() => {
            tracing::debug!(%address, why = "quiet", "saying goodbye to a client");
            Instant::now() + GIVING_WAY
        }
    };
    serving.as_mut().graceful_shutdown();
    let ended = select! {
        ended = timeout_at(until, in_turns(serving, &sender, patience)) => ended,
        () = left(place) => return (Err(gave_way()), Instant::now()),
        () = account.has_to_end() => return held_up(&account, config, &sender),
    };
    let late = |_| {
        let text = format!(
            "calls were in flight {} ms after GOAWAY (setting {MAX_CONNECTION_AGE_GRACE})",
            grace.as_millis()
        );
        Err(io::Error::new(io::ErrorKind::TimedOut, text))
    };
    (ended.unwrap_or_else(late), until)
}

/// The client keeps others from what they need. It is told so if it reads at all; what HTTP/2 holds for it
/// goes before that.
fn held_up(account: &Account, config: &Config, sender: &Sender) -> (io::Result<()>, Instant) {
    let why = Flood::Held {
        bytes: account.held(),
        limit: config.max_client_bytes,
    };
    let closing = if sender.hang_up(why) {
        CLOSING
    } else {
        Duration::ZERO
    };
    (Err(io::Error::other(why)), Instant::now() + closing)
}

/// Drives HTTP/2, and sends what it wrote whenever it has nothing more to do for now. A client that
/// takes no byte of it for as long as `patience` is given up.
async fn in_turns(
    mut http2: Pin<&mut impl Future<Output = hyper::Result<()>>>,
    sender: &Sender,
    patience: Duration,
) -> io::Result<()> {
    let mut stall = Stall {
        patience,
        sent: 0,
        timer: None,
    };
    poll_fn(|context| {
        let turn = http2.as_mut().poll(context);
        let sent = sender.poll_send(context);
        match (turn, sent) {
            // It has shut the stream down, which sends what is left.
            (Poll::Ready(ended), _) => Poll::Ready(ended.map_err(io::Error::other)),
            (Poll::Pending, Poll::Ready(Err(error))) => Poll::Ready(Err(error)),
            (Poll::Pending, Poll::Ready(Ok(()))) => Poll::Pending,
            (Poll::Pending, Poll::Pending) => stall.poll(context, sender.sent()).map(Err),
        }
    })
    .await
}

/// Notices a client that has stopped reading below HTTP/2. A PING waits behind what it does not read, and
/// so does the end of the connection that its time-out brings.
struct Stall {
    patience: Duration,
    /// Bytes that had been sent when the timer was set.
    sent: u64,
    /// Set once something had to wait; few connections ever have one.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Stall {
    /// Called while something waits to be sent.
    fn poll(&mut self, context: &mut Context<'_>, sent: u64) -> Poll<io::Error> {
        let timer = self.timer.get_or_insert_with(|| {
            self.sent = sent;
            Box::pin(sleep(self.patience))
        });
        loop {
            ready!(timer.as_mut().poll(context));
            if self.sent == sent {
                return Poll::Ready(io::ErrorKind::TimedOut.into());
            }
            self.sent = sent;
            timer.as_mut().reset(Instant::now() + self.patience);
        }
    }
}
