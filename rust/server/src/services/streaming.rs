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

use std::fmt::Display;
use std::mem;
use std::sync::Arc;

use bytes::Bytes;
use http_body::Body;
use tokio::select;
use tokio::sync::mpsc;
use tokio::task::{yield_now, JoinSet};
use tokio::time::Instant;
use venice_engine::Tier;
use venice_wire::status::Status;

use crate::grpc::body::{framed, ResponseBody, StreamItem};
use crate::grpc::deadline;
use crate::grpc::messages::Messages;
use crate::memory::account::{Account, Charge};
use crate::memory::client_memory::Purpose;
use crate::observe::timeline::Timeline;
use crate::read_path::driver::{self, Work};
use crate::read_path::failure::Failure;
use crate::read_path::stack::ReadPath;
use crate::read_path::step::ReadStep;
use crate::read_path::streamed_batch::{self, StreamedBatch};
use crate::response::builder::EncodedResponse;
use crate::services::session::Session;

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

/// Answers the requests in `body` until the client has sent its last, the call is past its deadline, or
/// the server drains, or the connection is too old, and has answered what came ([`crate::runtime::drain::LastRequests`]). `None` if there is no memory for it.
pub(crate) fn batch_get<B>(
    session: Arc<Session>,
    deadline: Option<Instant>,
    body: B,
) -> Option<ResponseBody>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Display,
{
    let charge = session.account.try_charge(Purpose::Call, CALL_BYTES)?;
    let (sender, receiver) = mpsc::channel(CHUNKS_AHEAD);
    // Ends with the call: it notices when the receiver goes.
    drop(tokio::spawn(async move {
        let status = answer_all(&session, deadline, body, charge, &sender).await;
        // If nobody listens any more, nobody wants to know.
        let _ = sender.send(StreamItem::End(status)).await;
    }));
    Some(ResponseBody::stream(receiver))
}

async fn answer_all<B>(
    session: &Arc<Session>,
    deadline: Option<Instant>,
    body: B,
    charge: Charge,
    sender: &mpsc::Sender<StreamItem>,
) -> Result<(), Status>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Display,
{
    let config = &session.context.config;
    let messages = Messages::new(body, config.max_request_bytes);
    let keys = KEY_BYTES * config.max_batch_keys;
    let mut messages = messages.charged(charge, keys, config.receive);
    // Dropped with what runs in it.
    let mut requests = JoinSet::new();
    let mut last = session.leaving.last_requests();
    let (mut more, mut stopping) = (true, false);
    while more || !requests.is_empty() {
        let taking = more && requests.len() < REQUESTS_AT_ONCE;
        if !taking {
            messages.paused();
        }
        let idle = requests.is_empty();
        select! {
            message = messages.next(), if taking => match message? {
                Some(message) => {
                    let session = Arc::clone(session);
                    requests.spawn(answer(session, deadline, message, sender.clone()));
                }
                None => more = false,
            },
            Some(answered) = requests.join_next() => answered.unwrap_or_else(|error| {
                Err(Failure::Panicked(error.to_string()).into_status())
            })?,
            () = last.over(idle), if more => {
                stopping = last.is_half_over() || !messages.has_begun();
                more = !stopping;
            }
            () = deadline::passed(deadline) => return Err(Failure::DeadlineExceeded.into_status()),
            () = sender.closed() => return Ok(()),
        }
    }
    if stopping {
        // What was asked is answered; what comes now goes to another replica.
        return Err(session.ends());
    }
    Ok(())
}

/// Answers one request. Errors end the whole call; what ends only the request is in its footer.
async fn answer(
    session: Arc<Session>,
    deadline: Option<Instant>,
    message: Bytes,
    sender: mpsc::Sender<StreamItem>,
) -> Result<(), Status> {
    let context = &session.context;
    let mut request_id = 0;
    let admit = |message: &_, admission: &_| {
        let read_path = &context.read_path;
        read_path.admit_streamed(message, admission, &mut request_id)
    };
    // Of a stream it is not kept what it waited for: it waits for its client, mostly.
    let admitted = {
        let mut timeline = Timeline::default();
        driver::admitted(session.admission(), &mut timeline, &message, admit).await
    };
    let batch = match admitted {
        Ok(batch) => batch,
        // A message that is no request has no number to answer to.
        Err(failure @ (Failure::Request(_) | Failure::Panicked(_))) => {
            return Err(failure.into_status());
        }
        Err(failure) => {
            drop(message);
            let footer = streamed_batch::rejected(request_id, failure);
            send(&session.account, &sender, footer).await;
            return Ok(());
        }
    };
    drop(message);
    let mut slices = Slices {
        session: &session,
        disk_tier: deadline.map_or(Tier::Any, |deadline| Tier::Until(deadline.into_std())),
        on_disk_threads: false,
        held: Held {
            batch,
            charge: session.account.nothing(),
        },
    };
    let wanted = context.config.stream_chunk_bytes + BESIDE_CHUNK;
    while !slices.held.batch.is_done() {
        // Room first: what is read is sent at once.
        let Ok(room) = sender.reserve().await else {
            return Ok(());
        };
        slices.held.charge = session.account.charge(Purpose::Answer, wanted).await;
        let step = slices.read_next();
        let chunk = driver::finished(step, &mut slices).await;
        let held = &mut slices.held;
        let mut charge = mem::replace(&mut held.charge, session.account.nothing());
        match chunk {
            Ok(Some(chunk)) => {
                charge.owe(chunk.held());
                room.send(StreamItem::Message(framed(chunk.with_charge(charge))));
                // The first bytes are on their way.
                slices.on_disk_threads |= !context.read_path.reads_inline(&held.batch);
            }
            Ok(None) => {}
            Err(failure @ Failure::DeadlineExceeded) => return Err(failure.into_status()),
            // The disk threads did not take it.
            Err(failure) => held.batch.fail_rest(failure),
        }
        // Other requests of this thread have their turn.
        yield_now().await;
    }
    let footer = slices.held.batch.footer();
    drop(slices);
    send(&session.account, &sender, footer).await;
    Ok(())
}

/// The slices of one request, read one after the other.
struct Slices<'a> {
    session: &'a Session,
    /// How far a disk thread goes.
    disk_tier: Tier,
    /// Once the disk was needed it will be needed again; and many keys go there anyway.
    on_disk_threads: bool,
    held: Held,
}

/// What goes to a disk thread and comes back.
struct Held {
    batch: StreamedBatch,
    /// Counts the next chunk.
    charge: Charge,
}

impl Held {
    /// The next chunk, if `charge` has room for it. Else it was given up, and `batch` is where it was.
    fn read(&mut self, read_path: &ReadPath, tier: Tier) -> ReadStep<Option<EncodedResponse>> {
        let mark = self.batch.mark();
        match read_path.next_chunk(&mut self.batch, tier) {
            ReadStep::Done(Ok(Some(chunk)))
                if !self.charge.try_set(Purpose::Answer, chunk.held()) =>
            {
                self.batch.go_back(mark);
                ReadStep::NeedsRoom {
                    bytes: chunk.held(),
                }
            }
            step => step,
        }
    }
}

impl Slices<'_> {
    /// Reads the next one on this thread, if it is to be read here.
    fn read_next(&mut self) -> ReadStep<Option<EncodedResponse>> {
        if self.on_disk_threads {
            ReadStep::NeedsDisk
        } else {
            let read_path = &self.session.context.read_path;
            self.held.read(read_path, Tier::Memory)
        }
    }
}

impl Work for Slices<'_> {
    type Output = Option<EncodedResponse>;

    async fn read_on_disk_thread(&mut self) -> ReadStep<Option<EncodedResponse>> {
        self.on_disk_threads = true;
        let Session {
            context,
            account,
            lane,
            ..
        } = self.session;
        let (read_path, tier) = (context.read_path.clone(), self.disk_tier);
        let stand_in = Held {
            batch: self.held.batch.stand_in(),
            charge: account.nothing(),
        };
        let mut held = mem::replace(&mut self.held, stand_in);
        let read = context.disk.run(*lane, move || {
            let step = held.read(&read_path, tier);
            (held, step)
        });
        match read.await {
            Ok((held, step)) => {
                self.held = held;
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
        self.held.charge = account.charge(Purpose::Answer, bytes).await;
        self.read_next()
    }
}

/// Sends the last message of a request, once there is room for it.
async fn send(account: &Account, sender: &mpsc::Sender<StreamItem>, reply: EncodedResponse) {
    let mut charge = account.charge(Purpose::Answer, reply.held()).await;
    charge.owe(reply.held());
    let reply = reply.with_charge(charge);
    // If nobody listens any more, the call is over.
    let _ = sender.send(StreamItem::Message(framed(reply))).await;
}
