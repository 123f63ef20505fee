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
use std::sync::Arc;

use bytes::Bytes;
use http_body::Body;
use tokio::select;
use tokio::sync::mpsc;
use tokio::task::{yield_now, JoinSet};
use tokio::time::Instant;
use venice_engine::Tier;

use crate::grpc::body::{framed, ResponseBody, StreamItem};
use crate::grpc::deadline;
use crate::grpc::messages::Messages;
use crate::memory::account::{Account, Charge};
use crate::memory::client_memory::Purpose;
use crate::read_path::failure::Failure;
use crate::read_path::stack::ReadPath;
use crate::read_path::streamed_batch::{Rejected, StreamedBatch};
use crate::response::builder::EncodedResponse;
use crate::services::session::Session;
use crate::wire::status::Status;

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
/// the server drains and has answered what came ([`crate::runtime::drain::LastRequests`]). `None` if there is no memory for it.
pub fn batch_get<B>(
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
    let mut last = session.drain.last_requests();
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
        return Err(Failure::Stopping.into_status());
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
    let mut batch = match admit(&session, &message).await {
        Ok(batch) => batch,
        // A message that is no request has no number to answer to.
        Err(Rejected {
            failure: failure @ (Failure::Request(_) | Failure::Panicked(_)),
            ..
        }) => return Err(failure.into_status()),
        Err(refused) => {
            drop(message);
            send(&session.account, &sender, refused.footer()).await;
            return Ok(());
        }
    };
    drop(message);
    let context = &session.context;
    let disk_tier = deadline.map_or(Tier::Any, |deadline| Tier::Until(deadline.into_std()));
    // Once the disk was needed it will be needed again; and many keys go there anyway.
    let mut tier = Tier::Memory;
    let mut wanted = context.config.stream_chunk_bytes + BESIDE_CHUNK;
    while !batch.is_done() {
        // Room first: what is read is sent at once.
        let Ok(room) = sender.reserve().await else {
            return Ok(());
        };
        let mut charge = session.account.charge(Purpose::Answer, wanted).await;
        let chunk = if tier == Tier::Memory {
            read(&context.read_path, &mut batch, tier, &mut charge)
        } else {
            let read_path = context.read_path.clone();
            let rest = batch.rest();
            let mut on_disk_thread = (batch, charge);
            let read = context.disk.run(session.lane, move || {
                let (batch, charge) = &mut on_disk_thread;
                let chunk = read(&read_path, batch, tier, charge);
                (on_disk_thread, chunk)
            });
            match read.await {
                Ok((read, chunk)) => {
                    (batch, charge) = read;
                    chunk
                }
                Err(failure) => {
                    room.send(StreamItem::Message(framed(rest.footer(failure))));
                    return Ok(());
                }
            }
        };
        match chunk {
            Ok(Some(chunk)) => {
                charge.owe(chunk.held());
                room.send(StreamItem::Message(framed(chunk.with_charge(charge))));
                wanted = context.config.stream_chunk_bytes + BESIDE_CHUNK;
                // The first bytes are on their way.
                if tier == Tier::Memory && !context.read_path.reads_inline(&batch) {
                    tier = disk_tier;
                }
            }
            Ok(None) => {}
            Err(Failure::WouldBlock) => tier = disk_tier,
            // One large record. It is read again when there is room for it.
            Err(Failure::NoRoom { bytes }) => wanted = bytes,
            Err(failure) => return Err(failure.into_status()),
        }
        // Other requests of this thread have their turn.
        yield_now().await;
    }
    let footer = batch.footer();
    drop(batch);
    send(&session.account, &sender, footer).await;
    Ok(())
}

/// The next chunk, counted by `charge`. With [`Failure::NoRoom`] it was given up, and `batch` is where
/// it was.
fn read(
    read_path: &ReadPath,
    batch: &mut StreamedBatch,
    tier: Tier,
    charge: &mut Charge,
) -> Result<Option<EncodedResponse>, Failure> {
    let mark = batch.mark();
    let chunk = read_path.next_chunk(batch, tier)?;
    match chunk {
        Some(chunk) if !charge.try_set(Purpose::Answer, chunk.held()) => {
            batch.go_back(mark);
            Err(Failure::NoRoom {
                bytes: chunk.held(),
            })
        }
        chunk => Ok(chunk),
    }
}

async fn admit(session: &Session, message: &Bytes) -> Result<StreamedBatch, Rejected> {
    let read_path = &session.context.read_path;
    let admission = session.admission();
    match (
        read_path.admit_streamed(message, &admission),
        admission.access,
    ) {
        (
            Err(Rejected {
                failure: Failure::AccessUnknown(waiting),
                request_id,
            }),
            Some((access, _)),
        ) => match access.answered(&waiting).await {
            Ok(()) => read_path.admit_streamed(message, &admission.with_access()),
            Err(denial) => Err(Rejected {
                request_id,
                failure: Failure::Denied(denial),
            }),
        },
        (admitted, _) => admitted,
    }
}

async fn send(account: &Account, sender: &mpsc::Sender<StreamItem>, reply: EncodedResponse) {
    let mut charge = account.charge(Purpose::Answer, reply.held()).await;
    charge.owe(reply.held());
    let reply = reply.with_charge(charge);
    // If nobody listens any more, the call is over.
    let _ = sender.send(StreamItem::Message(framed(reply))).await;
}
