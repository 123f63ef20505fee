//! A call of `get` or `batchGet`: one request, one response.
// #[HotPath]
// except awaits: an answer from memory comes at the first poll; access, room and the disk are waited for.

use std::fmt::Display;
use std::future::{poll_fn, Future};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use http_body::Body;
use tokio::time::{error::Elapsed, timeout, timeout_at, Instant};
use venice_engine::Tier;
use venice_wire::request::Request;
use venice_wire::status::Status;

use crate::grpc::framing::{self, FrameError, CALL_BYTES};
use crate::memory::account::Charge;
use crate::memory::buffer_pool::LARGE_BYTES;
use crate::memory::client_memory::Purpose;
use crate::read_path::driver::{self, Work};
use crate::read_path::failure::Failure;
use crate::read_path::step::ReadStep;
use crate::response::builder::EncodedResponse;
use crate::services::instruments::{self, Begun};
use crate::services::session::Session;

/// Answers of a connection that are read although there may be no room for them: small ones find some
/// where large ones do not.
const ANSWERS_READ_AHEAD: usize = 8;
/// Requests of fewer bytes are copied when their call waits for long.
const SHORT_REQUEST: usize = 1024;

/// Answers the request in `body` by `deadline`; `charge` counts the call until its answer is sent.
///
/// Cancel safety: what waits for the disk leaves its queue.
// Neither this nor the next two is an `async fn`, which would keep its arguments twice.
#[allow(
    clippy::manual_async_fn,
    reason = "an async fn keeps its arguments twice"
)]
pub(crate) fn call<B>(
    session: Arc<Session>,
    deadline: Option<Instant>,
    body: B,
    charge: Charge,
    begun: Begun,
) -> impl Future<Output = Result<EncodedResponse, Status>> + use<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Display,
{
    let mut charge = Some(charge);
    async move {
        let answer = answer(&session, deadline, body, &mut charge, begun);
        let answer = match deadline {
            None => answer.await,
            Some(at) => match Box::pin(timeout_at(at, answer)).await {
                Ok(answer) => answer,
                Err(Elapsed { .. }) => late(begun),
            },
        };
        let name_of = |number| session.context.read_path.name_of(number);
        instruments::ended(begun, &answer, name_of);
        answer
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
    begun: Begun,
) -> impl Future<Output = Result<EncodedResponse, Status>> + use<'a, B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Display,
{
    async move {
        let message = received(session, body, charge).await?;
        // A timer looks at what it times before it looks at the clock.
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return late(begun);
        }
        if session.account.answers_that_wait() >= ANSWERS_READ_AHEAD {
            // It would be read for nothing.
            Box::pin(wait_in_line(charge)).await;
        }
        let tier = deadline.map_or(Tier::Any, |deadline| Tier::Until(deadline.into_std()));
        let mut read = Read {
            session,
            message,
            tier,
            charge,
            has_room: false,
        };
        // On this thread first: most reads are answered from memory, and a change of threads costs
        // more.
        let read_path = &session.context.read_path;
        let admit = |admission: &_| read_path.admit(&read.message, admission);
        let answer = match driver::admitted(session.admission(), admit).await {
            Ok(step) => {
                let step = read.counted(step);
                driver::finished(step, &mut read).await
            }
            Err(failure) => Err(failure),
        };
        let reply = match answer {
            Ok(reply) => reply,
            // A short text, for which there is room in what the call has.
            Err(failure) => {
                count_failure(begun, session, &read.message, &failure);
                if let (true, Some(charge)) = (read.has_room, read.charge.as_mut()) {
                    charge.shrink(CALL_BYTES);
                }
                failure.into_reply()?
            }
        };
        let reply = reply.in_answer_to(read.message.len());
        Ok(match read.charge.take() {
            Some(charge) => reply.with_charge(charge),
            None => reply,
        })
    }
}

/// The deadline passed before what was asked for was known.
fn late(begun: Begun) -> Result<EncodedResponse, Status> {
    let failure = Failure::DeadlineExceeded;
    instruments::failed(begun, &failure, false, None);
    failure.into_reply()
}

#[cold]
fn count_failure(begun: Begun, session: &Session, message: &[u8], failure: &Failure) {
    let request = Request::decode(message).ok();
    let is_batch = request.as_ref().is_some_and(|request| request.is_batch);
    let store_version = request.and_then(|request| {
        let read_path = &session.context.read_path;
        read_path.known(request.resource_name)
    });
    instruments::failed(begun, failure, is_batch, store_version);
}

/// The read of one request. Its answer is counted until the client has taken it.
struct Read<'a> {
    session: &'a Session,
    message: Bytes,
    /// How far a disk thread goes.
    tier: Tier,
    charge: &'a mut Option<Charge>,
    /// The charge has room for the answer already.
    has_room: bool,
}

impl Read<'_> {
    /// Counts the answer, if there is room for it. Else nobody keeps it.
    fn counted(&mut self, step: ReadStep<EncodedResponse>) -> ReadStep<EncodedResponse> {
        let mut reply = match step {
            ReadStep::Done(Ok(reply)) => reply,
            step => return step,
        };
        let Some(charge) = self.charge else {
            return ReadStep::Done(Ok(reply));
        };
        let held = reply.held();
        match reply.take_charge() {
            Some(counted) => charge.absorb(counted),
            None if charge.try_set(Purpose::Answer, CALL_BYTES + held) => {}
            None => return ReadStep::NeedsRoom { bytes: held },
        }
        charge.owe(held);
        ReadStep::Done(Ok(reply))
    }

    async fn read_elsewhere(&mut self) -> ReadStep<EncodedResponse> {
        let Session {
            context,
            lane,
            account,
            ..
        } = self.session;
        let account = (!self.has_room).then(|| account.clone());
        let message = self.message.clone();
        let step = context
            .disk
            .answer(account, *lane, message, self.tier)
            .await;
        self.counted(step)
    }
}

impl Work for Read<'_> {
    type Output = EncodedResponse;

    async fn read_on_disk_thread(&mut self) -> ReadStep<EncodedResponse> {
        self.read_elsewhere().await
    }

    /// On a disk thread as well: an answer for which there was no room is a large one.
    async fn read_with_room(&mut self, bytes: usize) -> ReadStep<EncodedResponse> {
        // A short one may keep a larger buffer.
        if self.message.len() <= SHORT_REQUEST {
            self.message = Bytes::copy_from_slice(&self.message);
        }
        if let Some(charge) = self.charge {
            charge.set(Purpose::Answer, CALL_BYTES + bytes).await;
        }
        self.has_room = true;
        self.read_elsewhere().await
    }
}

/// Waits for the request, as long as the setting says.
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
