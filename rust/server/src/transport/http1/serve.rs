//! A connection of HTTP/1.1, from its first request to its end.

use std::future::{poll_fn, Future};
use std::io;
use std::net::SocketAddr;
use std::pin::{pin, Pin};
use std::sync::Arc;
use std::task::{ready, Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderValue, CONNECTION};
use http::{Request, Response, StatusCode};
use http_body::Body as _;
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::select;
use tokio::time::{sleep_until, timeout_at, Instant, Sleep};

use crate::config::Config;
use crate::http_form::error::FormError;
use crate::memory::account::Account;
use crate::transport::connection_age::{Calls, ConnectionAge};
use crate::transport::connection_limit::ConnectionPermit;
use crate::transport::ending::{
    gave_way, has_to_go, held_up, in_flight, left, time_to_close, Ends, Stall, CLOSING, GIVING_WAY,
};
use crate::transport::floods::Floods;
use crate::transport::handler::Handler;
use crate::transport::http1::head::FIELDS;
use crate::transport::http1::io::Line;
use crate::transport::http1::leaving::{while_waited_for, Client};
use crate::transport::http1::request_body::RequestBody;
use crate::transport::instruments::{self, Refused};
use crate::transport::socket::Socket;

/// The least that hyper takes for a limit of heads.
const LEAST_HEAD: usize = 8 * 1024;

/// A connection on which HTTP/1.1 has begun.
pub(crate) struct Begun<'a> {
    pub(crate) socket: Socket,
    /// What was read of it.
    pub(crate) first: Vec<u8>,
    pub(crate) address: SocketAddr,
    pub(crate) permit: &'a ConnectionPermit,
    pub(crate) account: Account,
    pub(crate) ends: Ends,
}

/// Serves a connection to its end, as [`crate::transport::connection::serve`] says. A client that has to go is told so
/// by `connection: close` on the answer to the request that it has under way, and by the end of the connection.
///
/// Cancel safety: dropping the future closes the connection, whatever is in flight.
pub(crate) async fn serve<H: Handler>(
    connection: Begun<'_>,
    config: &Config,
    floods: &Floods,
    handler: H,
) -> io::Result<()> {
    let Begun {
        socket,
        first,
        address,
        permit,
        account,
        ends,
    } = connection;
    let head = LEAST_HEAD.max(config.max_header_bytes as usize);
    let line = Line::new(socket, first, head, &account);
    let (ended, until) = speak(
        &line, address, permit, config, &account, floods, handler, ends,
    )
    .await;
    select! {
        _ = timeout_at(until, line.close()) => {}
        () = left(permit) => {}
    }
    ended
}

/// Speaks HTTP/1.1 until it ends. Returns how it did, and until when the client may take to close.
#[allow(
    clippy::too_many_arguments,
    reason = "what a connection has, which only these two functions take apart"
)]
async fn speak(
    line: &Line,
    address: SocketAddr,
    permit: &ConnectionPermit,
    config: &Config,
    account: &Account,
    floods: &Floods,
    handler: impl Handler,
    mut ends: Ends,
) -> (io::Result<()>, Instant) {
    let head = LEAST_HEAD.max(config.max_header_bytes as usize);
    let mut http1 = Builder::new();
    http1
        .timer(TokioTimer::new())
        // hyper's runs while no request is there, too: see [`Patience`].
        .header_read_timeout(None)
        .max_header_size(head)
        .max_buf_size(head)
        .max_headers(FIELDS)
        // A client that has said all may still read what it is told.
        .half_close(true)
        // A large answer stays where it was encoded, and is counted as long as it is there.
        .writev(true)
        .auto_date_header(false);
    let grace = config.max_age_grace;
    let calls = Calls::default();
    let lifetime = ConnectionAge::new(config.max_idle, config.max_age, Instant::now());
    let handler = Arc::new(handler);
    let patience = config.receive;
    let service = service_fn(|request: Request<Incoming>| {
        calls.count();
        permit.called();
        let framed = line.called(request.body().size_hint().exact());
        let mut request = request.map(|body| RequestBody::new(body, line));
        if let Err(fault) = framed {
            // Whoever answers says so, and does nothing else.
            request.extensions_mut().insert(fault);
        }
        let answer = Handler::call(Arc::clone(&handler), request);
        let handler = Arc::clone(&handler);
        async move {
            let mut answer = match while_waited_for(answer, || line.client(), patience).await {
                Ok(Ok(answer)) => answer,
                Ok(Err(never)) => match never {},
                Err(Client::Gone) => return Err(io::Error::from(io::ErrorKind::ConnectionReset)),
                Err(_) => refuse(handler, patience).await,
            };
            line.answered();
            say_close(&mut answer, line.is_broken());
            Ok(answer)
        }
    });
    // Each call that is not answered holds it.
    let busy = || Arc::strong_count(&handler) > 1;
    let mut serving = pin!(http1.serve_connection(TokioIo::new(line.clone()), service));
    let mut patience = Patience::new(line, config);
    let expired = lifetime.expired(&calls, busy);
    let hang_up = |why| {
        floods.note(address, why);
        line.blocked().is_none()
    };
    let until = select! {
        // Who has to go is told so by an answer that is made in the same moment.
        biased;
        () = account.has_to_end() => return held_up(account, config, hang_up),
        until = has_to_go(&mut ends.drain, expired, permit, address, grace) => until,
        ended = drive(serving.as_mut(), &mut patience) => {
            let closing = time_to_close(&ended);
            return (ended, Instant::now() + closing);
        }
    };
    let is_idle = !busy();
    serving.as_mut().graceful_shutdown();
    let ended = select! {
        ended = async {
            if is_idle {
                // Half a head is no request: it may become one at once, or never.
                let short = until.min(Instant::now() + GIVING_WAY);
                match timeout_at(short, drive(serving.as_mut(), &mut patience)).await {
                    Ok(ended) => return Ok(ended),
                    Err(_) if !busy() => return Ok(Ok(())),
                    Err(_) => {}
                }
            }
            timeout_at(until, drive(serving, &mut patience)).await
        } => ended,
        () = left(permit) => return (Err(gave_way()), Instant::now()),
        () = account.has_to_end() => return held_up(account, config, hang_up),
        never = ends.tell_calls(until) => match never {},
    };
    // There is no PING by which a client would say that it has heard: who has nothing under way gets little time.
    let closing = if is_idle { GIVING_WAY } else { CLOSING };
    let until = until.min(Instant::now() + closing);
    (ended.unwrap_or_else(|_| Err(in_flight(grace))), until)
}

/// What tells the client of a request that has ended its sending, and has waited for too long.
async fn refuse<H: Handler>(handler: Arc<H>, had: Duration) -> Response<H::Body> {
    let mut request = Request::new(Empty::<Bytes>::new());
    let millis = had.as_millis();
    request
        .extensions_mut()
        .insert(FormError::SaidAll { millis });
    match H::call(handler, request).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    }
}

/// Says that the connection ends behind an answer to a request of which not all was read.
fn say_close<B>(answer: &mut Response<B>, is_broken: bool) {
    let unread = [StatusCode::REQUEST_TIMEOUT, StatusCode::PAYLOAD_TOO_LARGE];
    if is_broken || unread.contains(&answer.status()) {
        let close = HeaderValue::from_static("close");
        answer.headers_mut().insert(CONNECTION, close);
    }
}

/// Drives hyper, as long as the client does its part. A head that comes too late is answered, like one that is malformed.
async fn drive(
    mut http1: Pin<&mut impl Future<Output = hyper::Result<()>>>,
    patience: &mut Patience<'_>,
) -> io::Result<()> {
    poll_fn(|context| loop {
        if let Poll::Ready(ended) = http1.as_mut().poll(context) {
            return Poll::Ready(ended.map_err(|error| {
                if error.is_parse_too_large() {
                    instruments::refused_call(Refused::HeaderBytes);
                }
                io::Error::other(error)
            }));
        }
        match ready!(patience.poll(context)) {
            Late::Head => {}
            Late::Client(why) => return Poll::Ready(Err(why)),
        }
    })
    .await
}

/// Waits for a client that sends the head of its request, or reads its answer, and no longer.
struct Patience<'a> {
    line: &'a Line,
    head: Duration,
    timer: Option<Pin<Box<Sleep>>>,
    stall: Stall,
}

/// What took too long.
enum Late {
    /// The head of a request. hyper has another in its place, and has to be polled.
    Head,
    /// The client, to read its answer.
    Client(io::Error),
}

impl Patience<'_> {
    fn new<'a>(line: &'a Line, config: &Config) -> Patience<'a> {
        Patience {
            line,
            head: config.receive,
            timer: None,
            stall: Stall::new(config.keep_alive + config.keep_alive_timeout),
        }
    }

    /// Ready when something has taken too long.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Late> {
        if let Some(sent) = self.line.blocked() {
            return self.stall.poll(context, sent).map(Late::Client);
        }
        let Some(since) = self.line.head_since() else {
            return Poll::Pending;
        };
        let until = since + self.head;
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(sleep_until(until)));
        if timer.deadline() != until {
            timer.as_mut().reset(until);
        }
        ready!(timer.as_mut().poll(context));
        if self.line.refuse_late(self.head) {
            return Poll::Ready(Late::Head);
        }
        // hyper does not take what it was handed: it has ended its reading.
        let text = "a request over HTTP/1.1 was not read";
        Poll::Ready(Late::Client(io::Error::new(io::ErrorKind::TimedOut, text)))
    }
}
