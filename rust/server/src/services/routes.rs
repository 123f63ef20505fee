//! A call of the read service: from an HTTP/2 request to an HTTP/2 response.
// #[HotPath]
// except awaits: an answer from memory comes at the first poll; access, room and the disk are waited for.
// except formatting: refusals.

use std::convert::Infallible;
use std::fmt::Display;
use std::future::{poll_fn, ready, Future};
use std::pin::{pin, Pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use tokio::time::{error::Elapsed, timeout, timeout_at, Instant};
use venice_engine::Tier;

use crate::grpc::body::{self, ResponseBody};
use crate::grpc::deadline;
use crate::grpc::framing::{self, FrameError, CALL_BYTES};
use crate::memory::account::Charge;
use crate::memory::buffer_pool::LARGE_BYTES;
use crate::memory::client_memory::Purpose;
use crate::read_path::failure::Failure;
use crate::response::builder::EncodedResponse;
use crate::services::health;
use crate::services::reflection;
use crate::services::session::{Session, LASTING_CALLS};
use crate::services::streaming;
use crate::transport::connection::Handler;
use crate::wire::echoed::Echoed;
use crate::wire::status::{Code, Status};
use hyper::body::Incoming;

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
    session: Arc<Session>,
    request: Request<B>,
) -> impl Future<Output = Result<Response<ResponseBody>, Infallible>> + Send + use<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Display + Send,
{
    let route = route(session, request);
    async move {
        Ok(match route {
            Route::Get(session, deadline, body, charge) => {
                body::response(read(session, deadline, body, charge).await)
            }
            Route::Other(response, charge) => body::charged(response.await, charge),
            Route::Refused(response) => *response,
        })
    }
}

impl Handler for Session {
    type Body = ResponseBody;

    fn call(
        session: Arc<Session>,
        request: Request<Incoming>,
    ) -> impl Future<Output = Result<Response<ResponseBody>, Infallible>> + Send {
        call(session, request)
    }
}

/// Where a call goes, and what it is counted by.
enum Route<B> {
    /// The read path.
    Get(Arc<Session>, Option<Instant>, B, Charge),
    /// Elsewhere.
    Other(
        Pin<Box<dyn Future<Output = Response<ResponseBody>> + Send>>,
        Charge,
    ),
    /// Nowhere.
    Refused(Box<Response<ResponseBody>>),
}

fn refused<B>(status: Status) -> Route<B> {
    Route::Refused(Box::new(body::response(Err(status))))
}

fn route<B>(session: Arc<Session>, request: Request<B>) -> Route<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Display + Send,
{
    if let Err(status) = framing::check_head(&request) {
        return Route::Refused(Box::new(body::http_error(status)));
    }
    // Before anything is done for it.
    let Some(charge) = Session::begin_call(&session) else {
        return refused(FrameError::NoRoom.into());
    };
    let path = request.uri().path();
    if path == health::CHECK {
        let answered = async move {
            let context = &session.context;
            let (health, receive) = (&context.health, context.config.receive);
            let checked = health.check(&session.drain, receive, request.into_body());
            checked
                .await
                .map_or_else(|status| body::response(Err(status)), body::streamed)
        };
        return Route::Other(Box::pin(answered), charge);
    }
    let reflects = session.context.config.reflection;
    let goes = match path {
        // One handler for both: the request itself says whether it is a batch.
        GET | BATCH_GET => Path::Get,
        STREAMING_BATCH_GET => Path::StreamingBatchGet,
        health::WATCH => Path::Watch,
        reflection::V1 | reflection::V1ALPHA if reflects => Path::Reflection,
        // In the proto since VIP-5, and in no server.
        COUNT_BY_VALUE => return refused(unimplemented(path)),
        path => return refused(not_found(path)),
    };
    let deadline = match deadline::of_call(request.headers()) {
        Ok(deadline) => deadline,
        Err(error) => return refused(error.into()),
    };
    let body = request.into_body();
    match goes {
        Path::Get => Route::Get(session, deadline, body, charge),
        Path::StreamingBatchGet => {
            let Some(body) = streaming::batch_get(session, deadline, body) else {
                return refused(FrameError::NoRoom.into());
            };
            Route::Other(Box::pin(ready(body::streamed(body))), charge)
        }
        Path::Watch => {
            let Some(lasting) = session.lasting() else {
                return refused(too_many_last());
            };
            let answered = async move {
                let context = &session.context;
                let (health, receive) = (&context.health, context.config.receive);
                let held = (Arc::clone(&session), lasting);
                let watched = health.watch(&session.drain, receive, deadline, body, held);
                watched
                    .await
                    .map_or_else(|status| body::response(Err(status)), body::streamed)
            };
            Route::Other(Box::pin(answered), charge)
        }
        Path::Reflection => {
            let Some(lasting) = session.lasting() else {
                return refused(too_many_last());
            };
            let counted = session.account.nothing();
            let (drain, receive) = (session.drain.clone(), session.context.config.receive);
            let body = reflection::answer(drain, deadline, receive, body, counted, lasting);
            Route::Other(Box::pin(ready(body::streamed(body))), charge)
        }
    }
}

fn too_many_last() -> Status {
    Status {
        code: Code::ResourceExhausted,
        message: format!(
            "the connection has {LASTING_CALLS} open calls of health's Watch and of reflection, which is \
             as many as it may have; end one first"
        ),
    }
}

/// The methods that have a deadline.
enum Path {
    Get,
    StreamingBatchGet,
    Watch,
    Reflection,
}

// Neither this nor the next two is an `async fn`, which would keep its arguments twice.
#[allow(
    clippy::manual_async_fn,
    reason = "an async fn keeps its arguments twice"
)]
fn read<B>(
    session: Arc<Session>,
    deadline: Option<Instant>,
    body: B,
    charge: Charge,
) -> impl Future<Output = Result<EncodedResponse, Status>> + use<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Display,
{
    let mut charge = Some(charge);
    async move {
        let answer = answer(&session, deadline, body, &mut charge);
        match deadline {
            None => answer.await,
            // What waits for the disk is taken out of its queue by the drop.
            Some(at) => match Box::pin(timeout_at(at, answer)).await {
                Ok(answer) => answer,
                Err(Elapsed { .. }) => Failure::DeadlineExceeded.into_reply(),
            },
        }
    }
}

#[allow(
    clippy::manual_async_fn,
    reason = "an async fn keeps its arguments twice"
)]
fn answer<'a, B>(
    session: &'a Session,
    deadline: Option<Instant>,
    body: B,
    charge: &'a mut Option<Charge>,
) -> impl Future<Output = Result<EncodedResponse, Status>> + use<'a, B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Display,
{
    async move {
        let message = received(session, body, charge).await?;
        // A timer looks at what it times before it looks at the clock.
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Failure::DeadlineExceeded.into_reply();
        }
        if session.account.answers_that_wait() >= ANSWERS_READ_AHEAD {
            // It would be read for nothing.
            Box::pin(wait_in_line(charge)).await;
        }
        let tier = deadline.map_or(Tier::Any, |deadline| Tier::Until(deadline.into_std()));
        let answer = answer_to(session, &message, tier).await;
        let Some(mut charge) = charge.take() else {
            return answer.or_else(Failure::into_reply);
        };
        let wanted = match answer {
            Ok(reply) => match counted(reply, &mut charge) {
                Ok(reply) => return Ok(reply.with_charge(charge)),
                Err(held) => held,
            },
            Err(Failure::NoRoom { bytes }) => bytes,
            // A short text, for which there is room in what the call has. It is not read again: that
            // would let pass what was refused.
            Err(failure) => return Ok(failure.into_reply()?.with_charge(charge)),
        };
        Box::pin(wait_for_room(session, message, tier, wanted, charge)).await
    }
}

/// The reply, once `charge` counts it until the client has taken it; else the bytes that it takes.
fn counted(mut reply: EncodedResponse, charge: &mut Charge) -> Result<EncodedResponse, usize> {
    let held = reply.held();
    match reply.take_charge() {
        Some(counted) => charge.absorb(counted),
        None if charge.try_set(Purpose::Answer, CALL_BYTES + held) => {}
        None => return Err(held),
    }
    charge.owe(held);
    Ok(reply)
}

async fn answer_to(
    session: &Session,
    message: &Bytes,
    tier: Tier,
) -> Result<EncodedResponse, Failure> {
    let context = &*session.context;
    // On this thread first: most reads are answered from memory, and a change of threads costs
    // more.
    let admission = session.admission();
    let mut answer = context.read_path.admit(message, &admission);
    if let (Err(Failure::AccessUnknown(waiting)), Some((access, _))) = (&answer, admission.access) {
        // Once per client and store. Others of this thread go on meanwhile.
        answer = match Box::pin(access.answered(waiting)).await {
            Ok(()) => context.read_path.admit(message, &admission.with_access()),
            Err(denial) => Err(Failure::Denied(denial)),
        };
    }
    match answer {
        Err(Failure::WouldBlock) => {
            let account = Some(session.account.clone());
            let read = context
                .disk
                .answer_for(account, session.lane, message.clone(), tier);
            Box::pin(read).await
        }
        answer => answer,
    }
}

/// Waits for the request, but not for ever.
#[allow(
    clippy::manual_async_fn,
    reason = "an async fn keeps its arguments twice"
)]
fn received<'a, B>(
    session: &'a Session,
    body: B,
    charge: &'a mut Option<Charge>,
) -> impl Future<Output = Result<Bytes, FrameError>> + use<'a, B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Display,
{
    async move {
        let config = &session.context.config;
        let waits = AtomicBool::new(false);
        let most = config.max_request_bytes;
        let mut receiving = pin!(framing::receive(body, most, &session.account, &waits));
        // Most are here whole when their call begins; those need no timer.
        let now = poll_fn(|context| Poll::Ready(receiving.as_mut().poll(context)));
        if let Poll::Ready(received) = now.await {
            return received;
        }
        owe(charge, CALL_BYTES);
        let limit = config.receive;
        let received = Box::pin(timeout(limit, receiving)).await;
        owe(charge, 0);
        match received {
            Ok(received) => received,
            Err(_) if waits.load(Ordering::Relaxed) => Err(FrameError::NoRoom),
            Err(_) => Err(FrameError::ReceiveTimeout { limit }),
        }
    }
}

/// Counts what waits for the client.
fn owe(charge: &mut Option<Charge>, bytes: usize) {
    if let Some(charge) = charge {
        charge.owe(bytes);
    }
}

/// Waits behind the answers of this connection that wait for room.
async fn wait_in_line(charge: &mut Option<Charge>) {
    if let Some(charge) = charge {
        charge.set(Purpose::Answer, CALL_BYTES + LARGE_BYTES).await;
    }
}

/// Answers of a connection that are read although there may be no room for them: small ones find some
/// where large ones do not.
const ANSWERS_READ_AHEAD: usize = 8;

/// There is no room for an answer of so many bytes: the client has not read those before it. Nobody
/// keeps it for the client; it is read again when there is room.
async fn wait_for_room(
    session: &Session,
    message: Bytes,
    tier: Tier,
    mut wanted: usize,
    mut charge: Charge,
) -> Result<EncodedResponse, Status> {
    // A short one may keep a larger buffer.
    let message = if message.len() <= SHORT_REQUEST {
        Bytes::copy_from_slice(&message)
    } else {
        message
    };
    let disk = &session.context.disk;
    loop {
        charge.set(Purpose::Answer, CALL_BYTES + wanted).await;
        let answer = disk.answer(session.lane, message.clone(), tier).await;
        let reply = answer.or_else(Failure::into_reply)?;
        match counted(reply, &mut charge) {
            Ok(reply) => return Ok(reply.with_charge(charge)),
            Err(held) => wanted = held,
        }
    }
}

/// Requests of fewer bytes are copied when their call waits for long.
const SHORT_REQUEST: usize = 1024;

/// A method of the proto that no server has.
pub fn unimplemented(path: &str) -> Status {
    let message = format!("Method {} is unimplemented", method_name(path));
    Status {
        code: Code::Unimplemented,
        message,
    }
}

/// A path that is no method of the proto.
pub fn not_found(path: &str) -> Status {
    let message = format!("Method not found: {}", method_name(path));
    Status {
        code: Code::Unimplemented,
        message,
    }
}

/// `<service>/<method>`, as the texts of grpc-java (`ServerCalls`, `ServerImpl`) have it.
fn method_name(path: &str) -> Echoed {
    Echoed::new(path.strip_prefix('/').unwrap_or(path))
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
        assert!(bytes <= MAX_CALL_BYTES, "{bytes} > {MAX_CALL_BYTES}");
    }

    /// Request and answer in the making, and little else. It had 2056 when all was in one future.
    const MAX_CALL_BYTES: usize = 832;
}
