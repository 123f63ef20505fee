//! Connections of operators: HTTP/1.1, one request each.
//!
//! Bounded in every direction: connections at a time, those that are not let in yet and those that are, bytes and time of a request's head and of its body, and
//! the time that a client may take for the answer. How long the answer takes to be made is the server's matter: a drain
//! may take minutes.

use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::select;
use tokio::sync::{watch, Semaphore};
use tokio::task::JoinSet;
use tokio::time::{sleep, sleep_until, timeout, Instant};
use venice_metrics::LogThrottle;

use crate::admin::answers::{Answer, Refused};
use crate::admin::door::Entrance;
use crate::admin::origins::Origins;
use crate::admin::rights::Rights;
use crate::grpc::framing::FrameError;

/// What clients may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    /// Connections at a time whose client is not known yet: they have `head_time` for that. A further one is closed.
    pub(crate) unknown: usize,
    /// Those of them that may come from one address.
    pub(crate) unknown_of_address: usize,
    /// Connections at a time whose client is known. A further one is closed.
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
            unknown: 64,
            unknown_of_address: 8,
            connections: 16,
            head_bytes: 8 * 1024,
            head_time: Duration::from_secs(5),
            body_bytes: 4 * 1024,
            body_time: Duration::from_secs(5),
            answer_time: Duration::from_secs(10),
        }
    }
}

/// After an error of `accept` that the next one would meet as well.
const PAUSE: Duration = Duration::from_millis(50);
/// How long connections have, when this ends, to take the answers that they wait for.
const GOODBYE: Duration = Duration::from_secs(1);

/// Answers requests by `respond` until `stop` is over, and those that are under way then.
pub(crate) async fn serve<E, F, R>(
    entrance: E,
    bounds: Bounds,
    respond: F,
    stop: impl Future<Output = ()>,
) where
    E: Entrance,
    F: Fn(Rights, Parts, Bytes) -> R + Send + Sync + 'static,
    R: Future<Output = Answer> + Send + 'static,
{
    let shared = Arc::new(Shared {
        entrance,
        respond,
        permits: Semaphore::new(bounds.connections),
        full: Mutex::default(),
    });
    let unknown = Arc::new(Semaphore::new(bounds.unknown));
    let origins = Origins::new(bounds.unknown_of_address);
    let mut failed = LogThrottle::default();
    let mut connections = JoinSet::new();
    let mut stop = pin!(stop);
    loop {
        let accepted = select! {
            accepted = shared.entrance.accept() => accepted,
            () = stop.as_mut() => break,
            Some(_) = connections.join_next() => continue,
        };
        let raw = match accepted {
            Ok(raw) => raw,
            Err(error) => {
                if let Some(times) = failed.count(std::time::Instant::now()) {
                    tracing::warn!(%error, times, "no connection to the {} can be accepted", E::NAME);
                }
                sleep(PAUSE).await;
                continue;
            }
        };
        let Ok(of_origin) = origins.enter(E::origin(&raw)) else {
            shared.tell_full(bounds.unknown_of_address);
            continue;
        };
        let Ok(unknown) = Arc::clone(&unknown).try_acquire_owned() else {
            shared.tell_full(bounds.unknown);
            continue;
        };
        let shared = Arc::clone(&shared);
        connections.spawn(async move {
            let admitted = timeout(bounds.head_time, shared.entrance.admit(raw)).await;
            let Ok(Some((stream, rights))) = admitted else {
                return;
            };
            let Ok(_permit) = shared.permits.try_acquire() else {
                shared.tell_full(bounds.connections);
                return;
            };
            drop((unknown, of_origin));
            answer(stream, rights, bounds, &shared.respond).await;
        });
    }
    let over = async { while connections.join_next().await.is_some() {} };
    // Those that are left are broken off.
    let _ = timeout(GOODBYE, over).await;
}

/// What the connections of one way in share.
struct Shared<E, F> {
    entrance: E,
    respond: F,
    /// Of clients that are known.
    permits: Semaphore,
    full: Mutex<LogThrottle>,
}

impl<E: Entrance, F> Shared<E, F> {
    fn tell_full(&self, limit: usize) {
        if let Some(times) = self.full.lock().count(std::time::Instant::now()) {
            let entrance = E::NAME;
            tracing::warn!(
                times,
                limit,
                "too many connections to the {entrance}: closed"
            );
        }
    }
}

/// Answers the one request of a connection.
async fn answer<S, F, R>(stream: S, rights: Rights, bounds: Bounds, respond: &F)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
    F: Fn(Rights, Parts, Bytes) -> R + Send + Sync,
    R: Future<Output = Answer> + Send,
{
    // Until when the client has to have done its part; none while it waits for the server.
    let (until, mut changes) = watch::channel(Some(Instant::now() + bounds.head_time));
    let service = service_fn(|request: Request<Incoming>| {
        until.send_replace(Some(Instant::now() + bounds.body_time));
        let (until, rights) = (&until, rights.clone());
        async move {
            let (parts, body) = request.into_parts();
            let answer = match Limited::new(body, bounds.body_bytes).collect().await {
                Ok(body) => {
                    until.send_replace(None);
                    respond(rights, parts, body.to_bytes()).await
                }
                Err(error) => not_received(error, bounds.body_bytes),
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

/// Why a body did not come to its end.
fn not_received(error: Box<dyn Error + Send + Sync>, limit: usize) -> Answer {
    let refused = match error.downcast::<hyper::Error>() {
        Ok(error) => Refused(
            StatusCode::BAD_REQUEST,
            FrameError::from(*error).to_string(),
        ),
        Err(_) => Refused(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("the body has more than {limit} bytes, which is the limit; send less"),
        ),
    };
    refused.into_answer()
}

#[cfg(test)]
mod tests;
