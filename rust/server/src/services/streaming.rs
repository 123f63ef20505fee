//! A call of the streaming read service: many requests on one stream, many messages for each.
//!
//! ```text
//!   request messages --> [ call ] --> one task for each request, a few at a time
//!                                       |  room in the channel? then read a slice, send it
//!   response body <-- [ channel of CHUNKS_AHEAD ] <--+
//! ```
//!
//! A task reads only when there is room for what it reads: in the channel, which has some when HTTP/2
//! took the chunk before, and in the memory that the connection may hold. So a client that does not
//! read costs a few chunks, however much it asked for, and a task that waits holds nothing of a
//! database. Requests are counted as long as they are held.
// #[HotPath]
// except awaits: the client takes messages at its own pace.
// except formatting: the text of a panic.

use std::mem;
use std::sync::Arc;
use std::time;

use bytes::Bytes;
use http_body::Body;
use tokio::select;
use tokio::sync::mpsc;
use tokio::task::{yield_now, JoinSet};
use tokio::time::Instant;
use venice_engine::Tier;
use venice_wire::status::{Code, Status};

use crate::grpc::body::{framed, ResponseBody, StreamItem};
use crate::grpc::deadline;
use crate::grpc::framing::FrameError;
use crate::grpc::messages::Messages;
use crate::memory::account::Charge;
use crate::memory::client_memory::Purpose;
use crate::observe::slow_text::Times;
use crate::observe::timeline::{Asked, Phase};
use crate::read_path::driver::{self, Work};
use crate::read_path::failure::Failure;
use crate::read_path::step::ReadStep;
use crate::read_path::streamed_batch;
use crate::response::builder::EncodedResponse;
use crate::services::instruments::{not_received, streamed, Begun};
use crate::services::session::Session;
use crate::services::streamed::{Held, Streamed};
use crate::services::streamed_request::{Answered, StreamedRequest};

/// Chunks that wait for HTTP/2, so that the next one is read while one is sent.
const CHUNKS_AHEAD: usize = 2;
/// Requests of one call that are answered at the same time. More wait, in the client in the end.
const REQUESTS_AT_ONCE: usize = 8;

/// Bytes of memory that a call costs beside that of any: its tasks, its channel, and what HTTP/2 keeps
/// of it while it takes no requests.
const CALL_BYTES: usize = 16 * 1024;
/// Bytes that a key takes where it is kept, beside those of its request.
const KEY_BYTES: usize = 16;
/// Bytes of a chunk's buffer beside its records.
const BESIDE_CHUNK: usize = 1024;

/// What a call is counted by, and who wants to know of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallOf {
    pub(crate) begun: Begun,
    pub(crate) asked: Option<Asked>,
}

/// What the requests of a call came to.
#[derive(Debug, Default)]
struct Sums {
    /// Bytes of messages.
    received: usize,
    sent: usize,
    /// Of requests that are over; several may be answered at the same time.
    times: Times,
}

impl Sums {
    fn add(&mut self, answered: &Answered) {
        self.sent += answered.sent;
        let Some((total, phases)) = &answered.times else {
            return;
        };
        self.times.0 += *total;
        for (sum, took) in self.times.1.iter_mut().zip(phases) {
            *sum += *took;
        }
    }
}

/// Answers the requests in `body`, of the kind `S`, until the client has sent its last, the call is past its deadline, or
/// the server drains, or the connection is too old, and has answered what came ([`crate::runtime::drain::LastRequests`]). `None` if there is no memory for it.
pub(crate) fn answer_all<S, B>(
    session: Arc<Session>,
    deadline: Option<Instant>,
    call: CallOf,
    body: B,
) -> Option<ResponseBody>
where
    S: Streamed,
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<FrameError>,
{
    let charge = session.account.try_charge(Purpose::Call, CALL_BYTES)?;
    let (sender, receiver) = mpsc::channel(CHUNKS_AHEAD);
    // Ends with the call: it notices when the receiver goes.
    drop(tokio::spawn(async move {
        let mut sums = Sums::default();
        let all = Requests {
            session: &session,
            deadline,
            asked: call.asked.unwrap_or_default(),
            sender: &sender,
        };
        let end = all.answer::<S, B>(body, charge, &mut sums).await;
        let code = match &end {
            Ok(()) if sender.is_closed() => Some(Code::Cancelled),
            end => end.as_ref().err().map(|status| status.code),
        };
        streamed::call_ended(call.begun, code, sums.received, sums.sent);
        let last = if all.asked.trailer {
            StreamItem::TimedEnd(end, sums.times)
        } else {
            StreamItem::End(end)
        };
        // If nobody listens any more, nobody wants to know.
        let _ = sender.send(last).await;
    }));
    Some(ResponseBody::stream(receiver))
}

/// The requests of one call.
struct Requests<'a> {
    session: &'a Arc<Session>,
    deadline: Option<Instant>,
    asked: Asked,
    sender: &'a mpsc::Sender<StreamItem>,
}

impl Requests<'_> {
    async fn answer<S, B>(&self, body: B, charge: Charge, sums: &mut Sums) -> Result<(), Status>
    where
        S: Streamed,
        B: Body<Data = Bytes> + Unpin,
        B::Error: Into<FrameError>,
    {
        let Requests {
            session,
            deadline,
            asked,
            sender,
        } = *self;
        let limits = &session.context.read_path.limits;
        let messages = Messages::new(body, limits.max_request_bytes());
        let keys = KEY_BYTES * limits.max_batch_keys();
        let mut messages = messages.charged(charge, keys, limits.receive());
        // Dropped with what runs in it.
        let mut requests: JoinSet<Answered> = JoinSet::new();
        let mut last = session.leaving.last_requests();
        let (mut more, mut stopping) = (true, false);
        while more || !requests.is_empty() {
            let taking = more && requests.len() < REQUESTS_AT_ONCE;
            if !taking {
                messages.paused();
            }
            let idle = requests.is_empty();
            select! {
                message = messages.next(), if taking => match message.inspect_err(not_received)? {
                    Some(message) => {
                        sums.received += message.len();
                        let of = (S::METHOD, deadline);
                        let request = StreamedRequest::begin(session, of, asked, message.len());
                        requests.spawn(answer::<S>(request, message, sender.clone()));
                    }
                    None => more = false,
                },
                Some(answered) = requests.join_next() => {
                    let answered = answered.map_err(|error| {
                        Failure::Panicked(error.to_string()).into_status()
                    })?;
                    sums.add(&answered);
                    answered.end?;
                }
                () = last.over(idle), if more => {
                    stopping = last.is_half_over() || !messages.has_begun();
                    more = !stopping;
                }
                () = deadline::passed(deadline) => {
                    return Err(Failure::DeadlineExceeded.into_status());
                }
                () = sender.closed() => return Ok(()),
            }
        }
        if stopping {
            // What was asked is answered; what comes now goes to another replica.
            return Err(session.ends());
        }
        Ok(())
    }
}

/// Answers one request.
async fn answer<S: Streamed>(
    mut request: StreamedRequest,
    message: Bytes,
    sender: mpsc::Sender<StreamItem>,
) -> Answered {
    let session = Arc::clone(request.session());
    let context = &session.context;
    let mut request_id = 0;
    let admit = |message: &_, admission: &_| S::admit(context, message, admission, &mut request_id);
    let timeline = request.timeline();
    let admitted = driver::admitted(session.admission(), timeline, &message, admit).await;
    let batch = match admitted {
        Ok(batch) => batch,
        Err(failure) => {
            request.refused(&message, &failure);
            drop(message);
            // A message that is no request has no number to answer to.
            if matches!(failure, Failure::Request(_) | Failure::Panicked(_)) {
                return request.ends_call(failure);
            }
            let footer = streamed_batch::rejected(request_id, failure);
            return send_last(request, &sender, footer).await;
        }
    };
    drop(message);
    request.asks(batch.resource());
    let mut slices: Slices<'_, S> = Slices {
        disk_tier: request.disk_tier(),
        session: &session,
        on_disk_threads: false,
        held: Held {
            batch,
            charge: session.account.nothing(),
        },
        request,
    };
    let wanted = context.read_path.limits.stream_chunk_bytes() + BESIDE_CHUNK;
    while !slices.held.batch.is_done() {
        // Room first: what is read is sent at once.
        let timeline = slices.request.timeline();
        let Ok(room) = timeline.waits_for(Phase::Send, sender.reserve()).await else {
            return slices.request.given_up();
        };
        let charge = session.account.charge(Purpose::Answer, wanted);
        slices.held.charge = timeline.waits_for(Phase::Room, charge).await;
        let step = slices.read_next();
        let chunk = driver::finished(step, &mut slices).await;
        let held = &mut slices.held;
        let mut charge = mem::replace(&mut held.charge, session.account.nothing());
        slices.request.read(held.batch.done().facts());
        match chunk {
            Ok(Some(chunk)) => {
                charge.owe(chunk.held());
                slices.request.sends(chunk.message().len());
                room.send(StreamItem::Message(framed(chunk.with_charge(charge))));
                // The first bytes are on their way.
                slices.on_disk_threads |= !held.batch.reads_inline(&context.read_path);
            }
            Ok(None) => {}
            Err(failure @ Failure::DeadlineExceeded) => return slices.request.ends_call(failure),
            // The disk threads did not take it.
            Err(failure) => held.batch.fail_rest(failure),
        }
        // Other requests of this thread have their turn.
        yield_now().await;
    }
    let Slices {
        held, mut request, ..
    } = slices;
    request.ends(held.batch.done().facts(), held.batch.done().outcome());
    let footer = held.batch.footer();
    drop(held);
    send_last(request, &sender, footer).await
}

/// Sends the last message of a request, once there is room for it.
async fn send_last(
    mut request: StreamedRequest,
    sender: &mpsc::Sender<StreamItem>,
    footer: EncodedResponse,
) -> Answered {
    let session = Arc::clone(request.session());
    let charge = session.account.charge(Purpose::Answer, footer.held());
    let mut charge = request.timeline().waits_for(Phase::Room, charge).await;
    charge.owe(footer.held());
    request.sends(footer.message().len());
    let message = framed(footer.with_charge(charge));
    let reserved = request.timeline().waits_for(Phase::Send, sender.reserve());
    let Ok(room) = reserved.await else {
        // Nobody listens any more: the call is over.
        return request.given_up();
    };
    let (kept, answered) = request.answered();
    room.send(StreamItem::Message(match kept {
        Some(kept) => kept.with(message),
        None => message,
    }));
    answered
}

/// The slices of one request, read one after the other.
struct Slices<'a, S> {
    session: &'a Session,
    /// How far a disk thread goes.
    disk_tier: Tier,
    /// Once the disk was needed it will be needed again; and many keys go there anyway.
    on_disk_threads: bool,
    held: Held<S>,
    request: StreamedRequest,
}

impl<S: Streamed> Slices<'_, S> {
    /// Reads the next one on this thread, if it is to be read here.
    fn read_next(&mut self) -> ReadStep<Option<EncodedResponse>> {
        if self.on_disk_threads {
            ReadStep::NeedsDisk
        } else {
            let read_path = &self.session.context.read_path;
            let start = time::Instant::now();
            streamed::reads();
            let step = S::read_inline(&mut self.held, read_path);
            self.request.timeline().note(Phase::Read, start);
            step
        }
    }
}

impl<S: Streamed> Work for Slices<'_, S> {
    type Output = Option<EncodedResponse>;

    async fn read_on_disk_thread(&mut self) -> ReadStep<Option<EncodedResponse>> {
        self.on_disk_threads = true;
        let held = self.held.take();
        let timeline = self.request.timeline();
        let read = S::read_elsewhere(self.session, timeline, self.disk_tier, held);
        match read.await {
            Ok((held, step, queued, ahead)) => {
                self.held = held;
                self.held.batch.done_mut().waited(queued, ahead);
                step
            }
            Err(failure) => ReadStep::Done(Err(failure)),
        }
    }

    /// One large record, which has a chunk of its own.
    async fn read_with_room(&mut self, bytes: usize) -> ReadStep<Option<EncodedResponse>> {
        let account = &self.session.account;
        // Nothing is held while it waits.
        self.held.charge = account.nothing();
        let charge = account.charge(Purpose::Answer, bytes);
        let timeline = self.request.timeline();
        self.held.charge = timeline.waits_for(Phase::Room, charge).await;
        self.read_next()
    }
}
