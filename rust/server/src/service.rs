//! A call of the read service: from an HTTP/2 request to an HTTP/2 response.
// #[HotPath]

use std::convert::Infallible;
use std::fmt::Display;
use std::future::{poll_fn, ready, Future};
use std::pin::{pin, Pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tokio::time::{error::Elapsed, timeout, timeout_at, Instant};
use venice_engine::Tier;

use crate::connection::Connection;
use crate::deadline;
use crate::grpc::{self, FrameError, ResponseBody};
use crate::health;
use crate::large_message::LARGE_BYTES;
use crate::reflection;
use crate::response::Reply;
use crate::status::{self, Failure, Status};
use crate::streaming;

const GET: &str = "/com.linkedin.venice.protocols.VeniceReadService/get";
const BATCH_GET: &str = "/com.linkedin.venice.protocols.VeniceReadService/batchGet";
const STREAMING_BATCH_GET: &str =
    "/com.linkedin.venice.rust.protocols.StreamingReadService/batchGet";
const COUNT_BY_VALUE: &str = "/com.linkedin.venice.protocols.VeniceReadService/countByValue";

/// Answers one call. Every failure is an answer; the error type says that there is no other.
///
/// hyper moves the future several times before the first poll, so it is kept small: what most gets
/// do not come to is behind a box.
///
/// Cancel safety: a dropped call (the client reset its stream) leaves nothing behind.
pub fn call<B>(
    connection: Arc<Connection>,
    request: Request<B>,
) -> impl Future<Output = Result<Response<ResponseBody>, Infallible>> + Send + use<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Display + Send,
{
    let route = route(connection, request);
    async move {
        Ok(match route {
            Route::Get(connection, deadline, body) => {
                grpc::response(read(&connection, deadline, body).await)
            }
            Route::Other(response) => response.await,
        })
    }
}

/// Where a call goes.
enum Route<B> {
    /// The read path.
    Get(Arc<Connection>, Option<Instant>, B),
    /// Elsewhere, or it is refused.
    Other(Pin<Box<dyn Future<Output = Response<ResponseBody>> + Send>>),
}

impl<B> Route<B> {
    fn other(response: impl Future<Output = Response<ResponseBody>> + Send + 'static) -> Route<B> {
        Route::Other(Box::pin(response))
    }

    fn refused(status: Status) -> Route<B> {
        Route::other(ready(grpc::response(Err(status))))
    }
}

fn route<B>(connection: Arc<Connection>, request: Request<B>) -> Route<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Display + Send,
{
    if let Err(status) = grpc::check_head(&request) {
        return Route::other(ready(grpc::http_error(status)));
    }
    let path = request.uri().path();
    if path == health::CHECK {
        return Route::other(async move {
            let runtime = &connection.runtime;
            let (health, receive) = (&runtime.health, runtime.config.receive);
            let checked = health.check(&connection.drain, receive, request.into_body());
            checked
                .await
                .map_or_else(|status| grpc::response(Err(status)), grpc::streamed)
        });
    }
    let reflects = connection.runtime.config.reflection;
    let goes = match path {
        // One handler for both: the request itself says whether it is a batch.
        GET | BATCH_GET => Path::Get,
        STREAMING_BATCH_GET => Path::StreamingBatchGet,
        health::WATCH => Path::Watch,
        reflection::V1 | reflection::V1ALPHA if reflects => Path::Reflection,
        // In the proto since VIP-5, and in no server.
        COUNT_BY_VALUE => return Route::refused(status::unimplemented(path)),
        path => return Route::refused(status::not_found(path)),
    };
    let deadline = match deadline::of_call(request.headers()) {
        Ok(deadline) => deadline,
        Err(error) => return Route::refused(error.into()),
    };
    let body = request.into_body();
    match goes {
        Path::Get => Route::Get(connection, deadline, body),
        Path::StreamingBatchGet => {
            let body = streaming::batch_get(connection, deadline, body);
            Route::other(ready(grpc::streamed(body)))
        }
        Path::Watch => Route::other(async move {
            let runtime = &connection.runtime;
            let (health, receive) = (&runtime.health, runtime.config.receive);
            let watched = health.watch(&connection.drain, receive, deadline, body);
            watched
                .await
                .map_or_else(|status| grpc::response(Err(status)), grpc::streamed)
        }),
        Path::Reflection => {
            let (drain, receive) = (connection.drain.clone(), connection.runtime.config.receive);
            let body = reflection::answer(drain, deadline, receive, body);
            Route::other(ready(grpc::streamed(body)))
        }
    }
}

/// The methods that have a deadline.
enum Path {
    Get,
    StreamingBatchGet,
    Watch,
    Reflection,
}

async fn read<B>(
    connection: &Connection,
    deadline: Option<Instant>,
    body: B,
) -> Result<Reply, Status>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Display,
{
    match deadline {
        None => answer(connection, None, body).await,
        // What waits for the disk is taken out of its queue by the drop.
        Some(at) => match Box::pin(timeout_at(at, answer(connection, deadline, body))).await {
            Ok(answer) => answer,
            Err(Elapsed { .. }) => Failure::DeadlineExceeded.into_reply(),
        },
    }
}

async fn answer<B>(
    connection: &Connection,
    deadline: Option<Instant>,
    body: B,
) -> Result<Reply, Status>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Display,
{
    let runtime = &*connection.runtime;
    let message = {
        let most = runtime.config.max_request_bytes;
        let mut receiving = pin!(grpc::receive(body, most, &connection.large));
        in_time(runtime.config.receive, receiving.as_mut()).await?
    };
    // A timer looks at what it times before it looks at the clock.
    if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
        return Failure::DeadlineExceeded.into_reply();
    }
    // On this thread first: most reads are answered from memory, and a change of threads costs
    // more.
    let admission = connection.admission();
    let mut answer = runtime.read_path.admit(&message, &admission);
    if let (Err(Failure::AccessUnknown(waiting)), Some((access, _))) = (&answer, admission.access) {
        // Once per client and store. Others of this thread go on meanwhile.
        answer = match Box::pin(access.answered(waiting)).await {
            Ok(()) => runtime.read_path.admit(&message, &admission.with_access()),
            Err(denial) => Err(Failure::Denied(denial)),
        };
    }
    let tier = deadline.map_or(Tier::Any, |deadline| Tier::Until(deadline.into_std()));
    let answer = match answer {
        Err(Failure::WouldBlock) => {
            let read = runtime.disk.answer(connection.lane, message.clone(), tier);
            Box::pin(read).await
        }
        answer => answer,
    };
    let reply = answer.or_else(Failure::into_reply)?;
    if reply.message().len() <= LARGE_BYTES {
        return Ok(reply);
    }
    if let Some(place) = connection.large.try_answer() {
        return Ok(reply.with_place(place));
    }
    // The client has not read the large answers before this one. Nobody keeps this one for it.
    drop(reply);
    Box::pin(async {
        let place = connection.large.answer().await;
        let answer = runtime.disk.answer(connection.lane, message, tier).await;
        Ok(answer.or_else(Failure::into_reply)?.with_place(place))
    })
    .await
}

/// Waits for a request, but not for ever. Most are here whole when their call begins; those need no
/// timer.
async fn in_time(
    limit: Duration,
    mut receiving: Pin<&mut impl Future<Output = Result<Bytes, FrameError>>>,
) -> Result<Bytes, FrameError> {
    let now = poll_fn(|context| Poll::Ready(receiving.as_mut().poll(context)));
    if let Poll::Ready(received) = now.await {
        return received;
    }
    let received = Box::pin(timeout(limit, receiving)).await;
    received.unwrap_or(Err(FrameError::Slow { limit }))
}

#[cfg(test)]
mod tests {
    use hyper::body::Incoming;

    use super::*;

    fn bytes_of<A, B, F: Future>(_: impl Fn(A, B) -> F) -> usize {
        size_of::<F>()
    }

    /// hyper moves it from hand to hand and then into the task of the call.
    #[test]
    fn a_call_is_small() {
        let bytes = bytes_of(call::<Incoming>);
        println!("the future of a call: {bytes} bytes");
        assert!(bytes <= MOST_CALL_BYTES, "{bytes} > {MOST_CALL_BYTES}");
    }

    /// Request and answer in the making, and little else. It had 2056 when all was in one future.
    const MOST_CALL_BYTES: usize = 800;
}
