//! A call of the read service: from an HTTP/2 request to an HTTP/2 response.
// #[HotPath]

use std::convert::Infallible;
use std::fmt::Display;
use std::future::{poll_fn, Future};
use std::pin::pin;
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
/// Cancel safety: a dropped call (the client reset its stream) leaves nothing behind.
pub async fn call<B>(
    connection: Arc<Connection>,
    request: Request<B>,
) -> Result<Response<ResponseBody>, Infallible>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Display,
{
    if let Err(status) = grpc::check_head(&request) {
        return Ok(grpc::http_error(status));
    }
    let outcome = match request.uri().path() {
        // One handler for both: the request itself says whether it is a batch.
        GET | BATCH_GET => match deadline::of_call(request.headers()) {
            Ok(deadline) => read(&connection, deadline, request.into_body()).await,
            Err(error) => Err(error.into()),
        },
        STREAMING_BATCH_GET => match deadline::of_call(request.headers()) {
            Ok(deadline) => {
                let body = streaming::batch_get(connection, deadline, request.into_body());
                return Ok(grpc::streamed(body));
            }
            Err(error) => Err(error.into()),
        },
        health::CHECK => {
            let health = &connection.runtime.health;
            match health.check(&connection.drain, request.into_body()).await {
                Ok(body) => return Ok(grpc::streamed(body)),
                Err(status) => Err(status),
            }
        }
        health::WATCH => match deadline::of_call(request.headers()) {
            Ok(deadline) => {
                let health = &connection.runtime.health;
                let body = request.into_body();
                match health.watch(&connection.drain, deadline, body).await {
                    Ok(body) => return Ok(grpc::streamed(body)),
                    Err(status) => Err(status),
                }
            }
            Err(error) => Err(error.into()),
        },
        reflection::V1 | reflection::V1ALPHA if connection.runtime.config.reflection => {
            match deadline::of_call(request.headers()) {
                Ok(deadline) => {
                    let drain = connection.drain.clone();
                    let body = reflection::answer(drain, deadline, request.into_body());
                    return Ok(grpc::streamed(body));
                }
                Err(error) => Err(error.into()),
            }
        }
        // In the proto since VIP-5, and in no server.
        path @ COUNT_BY_VALUE => Err(status::unimplemented(path)),
        path => Err(status::not_found(path)),
    };
    Ok(grpc::response(outcome))
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
    let answered = answer(connection, deadline, body);
    match deadline {
        None => answered.await,
        // What waits for the disk is taken out of its queue by the drop.
        Some(deadline) => match timeout_at(deadline, answered).await {
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
    let message = in_time(
        runtime.config.receive,
        grpc::receive(body, runtime.config.max_request_bytes, &connection.large),
    )
    .await?;
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
        answer = match access.answered(waiting).await {
            Ok(()) => runtime.read_path.admit(&message, &admission.with_access()),
            Err(denial) => Err(Failure::Denied(denial)),
        };
    }
    let tier = deadline.map_or(Tier::Any, |deadline| Tier::Until(deadline.into_std()));
    let answer = match answer {
        Err(Failure::WouldBlock) => runtime.disk.answer(message.clone(), tier).await,
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
    let place = connection.large.answer().await;
    let answer = runtime.disk.answer(message, tier).await;
    Ok(answer.or_else(Failure::into_reply)?.with_place(place))
}

/// Waits for a request, but not for ever. Most are here whole when their call begins; those need no
/// timer.
async fn in_time(
    limit: Duration,
    receiving: impl Future<Output = Result<Bytes, FrameError>>,
) -> Result<Bytes, FrameError> {
    let mut receiving = pin!(receiving);
    if let Poll::Ready(received) =
        poll_fn(|context| Poll::Ready(receiving.as_mut().poll(context))).await
    {
        return received;
    }
    let received = timeout(limit, receiving).await;
    received.unwrap_or(Err(FrameError::Slow { limit }))
}
