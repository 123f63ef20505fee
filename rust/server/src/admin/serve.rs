//! Connections to the admin socket: HTTP/1.1, one request each.
//!
//! Bounded in every direction: connections at a time, bytes and time of a request's head and of its body, and
//! the time that a client may take for the answer. How long the answer takes to be made is the server's matter: a drain
//! may take minutes.

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{UnixListener, UnixStream};
use tokio::select;
use tokio::sync::{watch, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until, timeout, Instant};
use venice_metrics::LogThrottle;

/// What clients may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Connections at a time. A further one is closed.
    pub(crate) connections: usize,
    /// Bytes of a request's line and headers.
    pub(crate) head_bytes: usize,
    /// How long they may take, from the connection on.
    pub(crate) head_time: Duration,
    /// Bytes of a request's body.
    pub(crate) body_bytes: usize,
    /// How long it may take.
    pub(crate) body_time: Duration,
    /// How long a client may take to read the answer.
    pub(crate) answer_time: Duration,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds {
            connections: 16,
            head_bytes: 8 * 1024,
            head_time: Duration::from_secs(5),
            body_bytes: 4 * 1024,
            body_time: Duration::from_secs(5),
            answer_time: Duration::from_secs(10),
        }
    }
}

/// An answer, whole.
pub(crate) type Answer = Response<Full<Bytes>>;

/// After an error of `accept` that the next one would meet as well.
const PAUSE: Duration = Duration::from_millis(50);
/// How long connections have, when this ends, to take the answers that they wait for.
const GOODBYE: Duration = Duration::from_secs(1);

/// Answers requests by `respond` until `stop` is over, and those that are under way then.
pub(crate) async fn serve<F, R>(
    listener: UnixListener,
    bounds: Bounds,
    respond: F,
    stop: impl Future<Output = ()>,
) where
    F: Fn(Parts, Bytes) -> R + Send + Sync + 'static,
    R: Future<Output = Answer> + Send + 'static,
{
    let respond = Arc::new(respond);
    let permits = Arc::new(Semaphore::new(bounds.connections));
    let (mut full, mut failed) = (LogThrottle::default(), LogThrottle::default());
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let accepted = select! {
            accepted = listener.accept() => accepted,
            () = stop.as_mut() => break,
            Some(_) = connections.join_next() => continue,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                if let Some(times) = failed.count(std::time::Instant::now()) {
                    tracing::warn!(%error, times, "no connection to the admin socket can be accepted");
                }
                sleep(PAUSE).await;
                continue;
            }
        };
        let Ok(permit) = Arc::clone(&permits).try_acquire_owned() else {
            if let Some(times) = full.count(std::time::Instant::now()) {
                let limit = bounds.connections;
                tracing::warn!(
                    times,
                    limit,
                    "too many connections to the admin socket: closed"
                );
            }
            continue;
        };
        let respond = Arc::clone(&respond);
        connections.spawn(async move {
            let _permit = permit;
            answer(stream, bounds, &*respond).await;
        });
    }
    drop(listener);
    let over = async { while connections.join_next().await.is_some() {} };
    // Those that are left are broken off.
    let _ = timeout(GOODBYE, over).await;
}

/// Answers the one request of a connection.
async fn answer<F, R>(stream: UnixStream, bounds: Bounds, respond: &F)
where
    F: Fn(Parts, Bytes) -> R + Send + Sync,
    R: Future<Output = Answer> + Send,
{
    // Until when the client has to have done its part; none while it waits for the server.
    let (until, mut changes) = watch::channel(Some(Instant::now() + bounds.head_time));
    let service = service_fn(|request: Request<Incoming>| {
        until.send_replace(Some(Instant::now() + bounds.body_time));
        let until = &until;
        async move {
            let (parts, body) = request.into_parts();
            let answer = match Limited::new(body, bounds.body_bytes).collect().await {
                Ok(body) => {
                    until.send_replace(None);
                    respond(parts, body.to_bytes()).await
                }
                Err(_) => too_large(bounds.body_bytes),
            };
            until.send_replace(Some(Instant::now() + bounds.answer_time));
            Ok::<_, Infallible>(answer)
        }
    });
    let connection = http1::Builder::new()
        .keep_alive(false)
        .max_buf_size(bounds.head_bytes)
        .timer(TokioTimer::new())
        .header_read_timeout(bounds.head_time)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    loop {
        let end = *changes.borrow_and_update();
        let late = async {
            match end {
                Some(end) => sleep_until(end).await,
                None => std::future::pending().await,
            }
        };
        select! {
            // A client that breaks off is no error of ours.
            _ = connection.as_mut() => return,
            _ = changes.changed() => {}
            () = late => return,
        }
    }
}

fn too_large(limit: usize) -> Answer {
    let text =
        format!("{{\"error\":\"the body did not come whole, or has more than {limit} bytes\"}}\n");
    let mut answer = Response::new(Full::new(Bytes::from(text)));
    *answer.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
    answer
}

#[cfg(test)]
mod tests;
