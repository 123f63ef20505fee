//! A call of one request and one response: `get`, `batchGet`, `compute`, `countByValue`.
// #[HotPath]
// except awaits: an answer from memory comes at the first poll; access, room and the disk are waited for.

use std::future::{poll_fn, Future};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::task::Poll;

use bytes::Bytes;
use http::Response;
use http_body::Body;
use tokio::time::{error::Elapsed, timeout, timeout_at, Instant};
use venice_engine::{StoreNumber, Tier};
use venice_wire::request::Request;
use venice_wire::status::Status;

use crate::grpc::body::{self, ResponseBody};
use crate::grpc::framing::{self, FrameError, CALL_BYTES};
use crate::memory::account::{Account, Charge};
use crate::memory::buffer_pool::LARGE_BYTES;
use crate::memory::client_memory::Purpose;
use crate::observe::slow_log::Kept;
use crate::observe::timeline::{Phase, Timeline};
use crate::read_path::compute::error::ComputeFailure;
use crate::read_path::compute::request::What;
use crate::read_path::driver::{self, Work};
use crate::read_path::failure::Failure;
use crate::read_path::http_status;
use crate::read_path::stack::{Admission, ReadPath};
use crate::read_path::step::ReadStep;
use crate::response::builder::EncodedResponse;
use crate::response::place::Place;
use crate::services::context::ServerContext;
use crate::services::http_reply;
use crate::services::instruments::{self, Begun, Method, Names};
use crate::services::session::Session;
use crate::transport::handler::Reply;

/// Answers of a connection that are read although there may be no room for them: small ones find some
/// where large ones do not.
pub(super) const ANSWERS_READ_AHEAD: usize = 8;
/// Requests of fewer bytes are copied when their call waits for long.
const SHORT_REQUEST: usize = 1024;

/// What the read path did for a request before it was known that the call has to wait.
pub(crate) type Step = Result<ReadStep<EncodedResponse>, Failure>;

/// How a call begins.
pub(crate) struct Start {
    pub(crate) begun: Begun,
    pub(crate) timeline: Timeline,
    /// How far it came already, if it has begun.
    pub(crate) step: Option<Box<Step>>,
    /// Whether the client makes it again, and may say so.
    pub(crate) is_retry: bool,
    /// Bytes of the message that are the server's own, and do not count for its limit.
    pub(crate) own_bytes: u32,
}

impl Start {
    pub(crate) fn of(begun: Begun, timeline: Timeline) -> Start {
        Start {
            begun,
            timeline,
            step: None,
            is_retry: false,
            own_bytes: 0,
        }
    }
}

/// Answers the request in `body` by `deadline`; `charge` counts the call until its answer is sent. One that has
/// begun goes on from there.
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
    start: Start,
) -> impl Future<Output = Answered> + use<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<FrameError>,
{
    let mut call = Call {
        begun: start.begun,
        charge: Some(charge),
        timeline: start.timeline,
        step: start.step,
        is_retry: start.is_retry,
        own_bytes: start.own_bytes,
    };
    async move {
        let answer = answer(&session, deadline, body, &mut call);
        let answer = match deadline {
            None => answer.await,
            Some(at) => {
                let answered = Box::pin(timeout_at(at, answer)).await;
                answered.unwrap_or_else(|Elapsed { .. }| late(&session.context, &mut call))
            }
        };
        let names = &session.context.read_path;
        let outcome = answer.as_ref();
        let outcome = outcome.map(|reply| (reply.facts(), reply.message().len()));
        let kept = instruments::ended(call.begun, outcome, &mut call.timeline, names);
        Answered { answer, kept }
    }
}

/// A call that goes on.
struct Call {
    begun: Begun,
    /// Counts it until its answer is sent.
    charge: Option<Charge>,
    timeline: Timeline,
    /// How far it came, if it has begun.
    step: Option<Box<Step>>,
    is_retry: bool,
    own_bytes: u32,
}

impl Call {
    /// What tells the client that the request failed.
    #[cold]
    fn reply_to(
        &self,
        failure: Failure,
        context: &ServerContext,
    ) -> Result<EncodedResponse, Status> {
        if self.begun.is_http() {
            Ok(failure.into_http_reply(context))
        } else {
            reply_of(&self.begun, failure)
        }
    }

    /// What tells the client that its request was not received.
    #[cold]
    fn not_received(&mut self, error: FrameError) -> Result<EncodedResponse, Status> {
        instruments::not_received(&error);
        if !self.begun.is_http() {
            return Err(error.into());
        }
        let (status, text) = http_status::of_frame(&error);
        self.timeline.note_failure(status.into());
        Ok(EncodedResponse::error(status.into(), &text))
    }
}

/// A call that is over but for its sending.
pub(crate) struct Answered {
    answer: Result<EncodedResponse, Status>,
    /// What is kept of it; of most nothing.
    kept: Option<Box<Kept>>,
}

impl Answered {
    /// The answer as bytes, where nothing else is needed.
    #[inline]
    pub(crate) fn into_reply(self) -> Reply<ResponseBody> {
        match self {
            Answered {
                answer: Ok(reply),
                kept: None,
            } => Reply::Message(body::framed(reply)),
            Answered {
                answer: Ok(reply),
                kept: Some(kept),
            } if !kept.asked.trailer => Reply::Message(kept.with(body::framed(reply))),
            answered => Reply::Response(Box::new(answered.into_response())),
        }
    }

    /// The answer as HTTP has it, to a request that asked for streaming or did not.
    pub(crate) fn into_http(self, is_streaming: bool) -> Response<ResponseBody> {
        let response = http_reply::response(self.answer, is_streaming);
        match self.kept {
            None => response,
            Some(kept) => body::kept(response, kept),
        }
    }

    /// The answer with its trailers.
    #[inline]
    pub(crate) fn into_response(self) -> Response<ResponseBody> {
        let response = body::response(self.answer);
        match self.kept {
            None => response,
            Some(kept) => body::kept(response, kept),
        }
    }
}

/// Tells who counts which store versions are here.
impl Names for &ReadPath {
    fn name_of(&self, number: StoreNumber) -> Option<String> {
        ReadPath::name_of(self, number)
    }

    fn is_here(&self, store_version: &str) -> bool {
        self.known(store_version).is_some()
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
    call: &'a mut Call,
) -> impl Future<Output = Result<EncodedResponse, Status>> + use<'a, B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<FrameError>,
{
    async move {
        let message = match received(session, body, call).await {
            Ok(message) => message,
            Err(error) => return call.not_received(error),
        };
        // A timer looks at what it times before it looks at the clock.
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            call.timeline.keep_message(&message);
            return late(&session.context, call);
        }
        if session.account.answers_that_wait() >= ANSWERS_READ_AHEAD {
            // It would be read for nothing.
            call.timeline.begin(Phase::Room, Some(&message));
            Box::pin(wait_in_line(&mut call.charge)).await;
            call.timeline.end();
        }
        let tier = deadline.map_or(Tier::Any, |deadline| Tier::Until(deadline.into_std()));
        let mut read = Read {
            session,
            message,
            tier,
            call,
            has_room: false,
        };
        // On this thread first: most reads are answered from memory, and a change of threads costs
        // more.
        let read_path = &session.context.read_path;
        let mut room = Room::default();
        let what = what(&read.call.begun);
        let admit = |message: &Bytes, admission: &_| {
            if let Some((what, compute)) = what.zip(session.context.compute.as_ref()) {
                return compute.path().admit(what, message, admission);
            }
            let mut reserve = |bytes| room.reserve(&session.account, bytes);
            read_path.admit(message, admission, &mut Place::counted(&mut reserve))
        };
        let step = match read.call.step.take() {
            Some(step) => *step,
            None => {
                let timeline = &mut read.call.timeline;
                let admission = Admission {
                    is_retry: read.call.is_retry,
                    batches_wait: read.call.begun.method() == Method::Get,
                    ..session.admission()
                };
                let step = driver::admitted(admission, timeline, &read.message, admit).await;
                room.of(step)
            }
        };
        let answer = match step {
            Ok(step) => {
                let step = read.counted(step);
                driver::finished(step, &mut read).await
            }
            Err(failure) => Err(failure),
        };
        let reply = match answer {
            Ok(reply) => reply,
            Err(failure) => {
                read.failed(&failure);
                read.call.reply_to(failure, &session.context)?
            }
        };
        let reply = reply.in_answer_to(read.message.len());
        Ok(match read.call.charge.take() {
            Some(charge) => reply.with_charge(charge),
            None => reply,
        })
    }
}

/// What a call has computed, if it has.
#[inline]
fn what(begun: &Begun) -> Option<What> {
    match begun.method() {
        Method::Compute | Method::HttpCompute => Some(What::Compute),
        Method::CountByValue => Some(What::Count),
        _ => None,
    }
}

/// The answer that tells why there is no other.
#[cold]
fn reply_of(begun: &Begun, failure: Failure) -> Result<EncodedResponse, Status> {
    match what(begun) {
        Some(What::Count) => failure.into_count_reply(),
        _ => failure.into_reply(),
    }
}

/// Room for a large answer, which is made once it is there.
#[derive(Default)]
pub(super) struct Room(Option<Box<Charge>>);

impl Room {
    /// Whether there is room for `bytes` in all.
    pub(super) fn reserve(&mut self, account: &Account, bytes: usize) -> bool {
        let charge = self.0.get_or_insert_with(|| Box::new(account.nothing()));
        charge.try_set(Purpose::Answer, bytes)
    }

    /// The step, whose answer is counted by the room that was reserved for it.
    #[inline]
    pub(super) fn of(self, step: Step) -> Step {
        match (step, self.0) {
            (Ok(ReadStep::Done(Ok(reply))), Some(charge)) => {
                Ok(ReadStep::Done(Ok(reply.with_charge(*charge))))
            }
            (step, _) => step,
        }
    }
}

/// The deadline passed before there was an answer.
#[cold]
fn late(context: &ServerContext, call: &mut Call) -> Result<EncodedResponse, Status> {
    let failure = match what(&call.begun) {
        Some(_) => ComputeFailure::Late.into(),
        None => Failure::DeadlineExceeded,
    };
    count_failure(call.begun, context, call.timeline.message(), &failure);
    call.timeline
        .note_failure(code_of(call.begun, &failure, context));
    call.reply_to(failure, context)
}

/// What a failure is counted as: the code that the client gets.
fn code_of(begun: Begun, failure: &Failure, context: &ServerContext) -> i32 {
    if begun.is_http() {
        failure.http_status(context).into()
    } else {
        failure.error_code()
    }
}

/// Whether the request is slow already.
#[cold]
fn count_failure(
    begun: Begun,
    context: &ServerContext,
    message: Option<&Bytes>,
    failure: &Failure,
) -> bool {
    let request = message.and_then(|message| Request::decode(message).ok());
    let is_batch = request.as_ref().is_some_and(|request| request.is_batch);
    let asked = message.and_then(|message| instruments::asked_in(begun.method(), message));
    let store_version = asked.and_then(|(resource, _)| context.read_path.known(resource));
    let code = code_of(begun, failure, context);
    instruments::failed(begun, failure, code, is_batch, store_version)
}

/// The read of one request. Its answer is counted until the client has taken it.
struct Read<'a> {
    session: &'a Session,
    message: Bytes,
    /// How far a disk thread goes.
    tier: Tier,
    call: &'a mut Call,
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
        let Some(charge) = &mut self.call.charge else {
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

    /// Its answer is a short text, for which there is room in what the call has.
    #[cold]
    fn failed(&mut self, failure: &Failure) {
        let Call {
            begun,
            charge,
            timeline,
            ..
        } = &mut *self.call;
        let context = &self.session.context;
        if count_failure(*begun, context, Some(&self.message), failure) {
            timeline.keep_message(&self.message);
        }
        timeline.note_failure(code_of(*begun, failure, context));
        if let (true, Some(charge)) = (self.has_room, charge) {
            charge.shrink(CALL_BYTES);
        }
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
        let Call {
            timeline, begun, ..
        } = &mut *self.call;
        let step = match what(begun).zip(context.compute.as_ref()) {
            Some((what, compute)) => {
                let request = (what, message, self.tier);
                let answer = compute.answer(request, account, *lane, timeline);
                Box::pin(answer).await
            }
            None => {
                let disk = &context.disk;
                disk.answer(account, *lane, message, self.tier, timeline)
                    .await
            }
        };
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
        let Call {
            charge, timeline, ..
        } = &mut *self.call;
        if let Some(charge) = charge {
            timeline.begin(Phase::Room, Some(&self.message));
            charge.set(Purpose::Answer, CALL_BYTES + bytes).await;
            timeline.end();
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
    call: &'a mut Call,
) -> impl Future<Output = Result<Bytes, FrameError>> + use<'a, B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<FrameError>,
{
    async move {
        let limits = &session.context.read_path.limits;
        let waits = AtomicBool::new(false);
        let most = limits.max_request_bytes() + call.own_bytes as usize;
        let mut receiving = pin!(framing::receive(body, most, &session.account, &waits));
        // Most are here whole when their call begins; those need no timer.
        let now = poll_fn(|context| Poll::Ready(receiving.as_mut().poll(context)));
        if let Poll::Ready(received) = now.await {
            return received;
        }
        owe(&mut call.charge, CALL_BYTES);
        let limit = limits.receive();
        call.timeline.begin(Phase::Receive, None);
        let received = Box::pin(timeout(limit, receiving)).await;
        call.timeline.end();
        owe(&mut call.charge, 0);
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
