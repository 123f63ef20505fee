//! Where Prometheus scrapes: `GET /metrics`, one request a connection.
//!
//! Bounded in every direction: connections at a time, bytes and time of a request's head, time of a
//! connection, bytes of pages that were made and not taken. What a client keeps waiting is a task of the exporters' thread, never of a worker.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use venice_metrics::LogThrottle;

use crate::prometheus::{render, Format};
use crate::settings::{Resource, SnapshotSource};

/// Connections at a time; two Prometheus servers and somebody with curl need three.
const CONNECTIONS: usize = 8;
/// Bytes of a request's line and headers.
const HEAD_BYTES: usize = 8 * 1024;
/// How long they may take.
const HEAD_TIME: Duration = Duration::from_secs(5);
/// How long a connection may take, the answer included. Prometheus waits ten seconds by default.
const CONNECTION_TIME: Duration = Duration::from_secs(30);
/// Connections that may wait for `accept`.
const BACKLOG: u32 = 16;
/// After an error of `accept` that the next one would meet as well.
const PAUSE: Duration = Duration::from_millis(50);

/// Opens the socket. Needs a runtime.
pub(crate) fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    // A restarted server takes its port while old connections linger.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// What pages are made of, and how much of them is held.
pub(crate) struct Pages {
    source: SnapshotSource,
    resource: Arc<Resource>,
    held: Arc<Held>,
}

/// Pages that scrapers have yet to take.
struct Held {
    bytes: AtomicUsize,
    /// Of the last page, as long as which the next one will be.
    last: AtomicUsize,
    most: usize,
}

impl Held {
    fn has_room(&self) -> bool {
        let (held, next) = (self.bytes.load(Relaxed), self.last.load(Relaxed));
        held == 0 || held + next <= self.most
    }
}

/// A page, counted until it was sent.
struct Page {
    text: Vec<u8>,
    held: Arc<Held>,
}

impl Page {
    fn new(text: Vec<u8>, held: &Arc<Held>) -> Page {
        held.bytes.fetch_add(text.len(), Relaxed);
        held.last.store(text.len(), Relaxed);
        Page {
            text,
            held: Arc::clone(held),
        }
    }
}

impl AsRef<[u8]> for Page {
    fn as_ref(&self) -> &[u8] {
        &self.text
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.held.bytes.fetch_sub(self.text.len(), Relaxed);
    }
}

impl Pages {
    pub(crate) fn new(source: SnapshotSource, resource: Arc<Resource>, held_bytes: usize) -> Pages {
        let held = Held {
            bytes: AtomicUsize::new(0),
            last: AtomicUsize::new(0),
            most: held_bytes,
        };
        Pages {
            source,
            resource,
            held: Arc::new(held),
        }
    }
}

/// Answers until it is dropped. Never returns.
pub(crate) async fn serve(listener: TcpListener, pages: Pages) {
    let pages = Arc::new(pages);
    let permits = Arc::new(Semaphore::new(CONNECTIONS));
    let mut full = LogThrottle::default();
    let mut failed = LogThrottle::default();
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                if let Some(times) = failed.count(Instant::now()) {
                    tracing::warn!(%error, times, "no connection of a scraper can be accepted");
                }
                sleep(PAUSE).await;
                continue;
            }
        };
        let Ok(permit) = Arc::clone(&permits).try_acquire_owned() else {
            if let Some(times) = full.count(Instant::now()) {
                tracing::warn!(
                    times,
                    limit = CONNECTIONS,
                    "too many connections to the metrics' endpoint: closed"
                );
            }
            continue;
        };
        let pages = Arc::clone(&pages);
        tokio::spawn(async move {
            let _permit = permit;
            // Who is too slow is hung up on.
            let _ = timeout(CONNECTION_TIME, answer(stream, pages)).await;
        });
    }
}

async fn answer(stream: TcpStream, pages: Arc<Pages>) {
    let service = service_fn(|request| {
        let response = respond(&request, &pages);
        async { Ok::<_, Infallible>(response) }
    });
    let connection = http1::Builder::new()
        .keep_alive(false)
        .max_buf_size(HEAD_BYTES)
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .serve_connection(TokioIo::new(stream), service);
    // A client that breaks off is no error of ours.
    let _ = connection.await;
}

fn respond<B>(request: &Request<B>, pages: &Pages) -> Response<Full<Bytes>> {
    if request.uri().path() != "/metrics" {
        return text(StatusCode::NOT_FOUND, "Metrics are at /metrics.\n");
    }
    // hyper leaves the body of an answer to HEAD out.
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "Only GET is answered.\n");
        let allowed = HeaderValue::from_static("GET, HEAD");
        response.headers_mut().insert(ALLOW, allowed);
        return response;
    }
    // A client may say it in several lines.
    let accepts = request.headers().get_all(ACCEPT).iter();
    let accepts: Vec<&str> = accepts.filter_map(|value| value.to_str().ok()).collect();
    let accepts = accepts.join(",");
    let format = Format::accepted(Some(&accepts));
    let held = &pages.held;
    if !held.has_room() {
        let text = format!(
            "Other scrapers have yet to take {} bytes of pages, with the next one more than the {} that may be: ask later, \
             with fewer scrapers at a time.\n",
            held.bytes.load(Relaxed),
            held.most
        );
        return self::text(StatusCode::SERVICE_UNAVAILABLE, text);
    }
    let page = Page::new(render(&(pages.source)(), &pages.resource, format), held);
    let mut response = Response::new(Full::new(Bytes::from_owner(page)));
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static(format.content_type()),
    );
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn text(status: StatusCode, text: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(text.into()));
    *response.status_mut() = status;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}
