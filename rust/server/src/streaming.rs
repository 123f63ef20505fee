//! A call of the streaming read service: many requests on one stream, many messages for each.
//!
//! ```text
//!   request messages --> [ call ] --> one task for each request, a few at a time
//!                                       |  room in the channel? then read a slice, send it
//!   response body <-- [ channel of CHUNKS_AHEAD ] <--+
//! ```
//!
//! A task reads only when there is room for what it reads, and there is room when HTTP/2 took the
//! chunk before. So a client that does not read costs a few chunks, however much it asked for, and
//! a task that waits holds nothing of a database.
// #[HotPath]

use std::fmt::Display;
use std::sync::Arc;

use bytes::Bytes;
use http_body::Body;
use tokio::select;
use tokio::sync::mpsc;
use tokio::task::{yield_now, JoinSet};
use tokio::time::Instant;
use venice_engine::Tier;

use crate::connection::Connection;
use crate::deadline;
use crate::grpc::{Part, ResponseBody};
use crate::grpc_messages::{framed, Messages};
use crate::response::Reply;
use crate::status::{Failure, Status};
use crate::streamed_batch::{Refused, StreamedBatch};

/// Chunks that wait for HTTP/2, so that the next one is read while one is sent.
const CHUNKS_AHEAD: usize = 2;
/// Requests of one call that are answered at the same time. More wait, in the client in the end.
const REQUESTS_AT_ONCE: usize = 8;

/// Answers the requests in `body` until the client has sent its last, the call is past its
/// deadline, or the server drains.
pub fn batch_get<B>(connection: Arc<Connection>, deadline: Option<Instant>, body: B) -> ResponseBody
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Display,
{
    let (sender, receiver) = mpsc::channel(CHUNKS_AHEAD);
    // Ends with the call: it notices when the receiver goes.
    drop(tokio::spawn(async move {
        let status = answer_all(&connection, deadline, body, &sender).await;
        // If nobody listens any more, nobody wants to know.
        let _ = sender.send(Part::End(status)).await;
    }));
    ResponseBody::stream(receiver)
}

async fn answer_all<B>(
    connection: &Arc<Connection>,
    deadline: Option<Instant>,
    body: B,
    sender: &mpsc::Sender<Part>,
) -> Result<(), Status>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Display,
{
    let mut messages = Messages::new(body, connection.runtime.config.max_request_bytes);
    // Dropped with what runs in it.
    let mut requests = JoinSet::new();
    let mut drain = connection.drain.clone();
    let (mut more, mut draining) = (true, false);
    while more || !requests.is_empty() {
        let taking = more && requests.len() < REQUESTS_AT_ONCE;
        select! {
            message = messages.next(), if taking => match message? {
                Some(message) => {
                    let connection = Arc::clone(connection);
                    requests.spawn(answer(connection, deadline, message, sender.clone()));
                }
                None => more = false,
            },
            Some(answered) = requests.join_next() => answered.unwrap_or_else(|error| {
                Err(Failure::Panicked(error.to_string()).into_status())
            })?,
            _ = drain.started(), if !draining => (more, draining) = (false, true),
            () = deadline::passed(deadline) => return Err(Failure::DeadlineExceeded.into_status()),
            () = sender.closed() => return Ok(()),
        }
    }
    if draining {
        // What was asked is answered; what comes now goes to another replica.
        return Err(Failure::Stopping.into_status());
    }
    Ok(())
}

/// Answers one request. Errors end the whole call; what ends only the request is in its footer.
async fn answer(
    connection: Arc<Connection>,
    deadline: Option<Instant>,
    message: Bytes,
    sender: mpsc::Sender<Part>,
) -> Result<(), Status> {
    let mut batch = match admit(&connection, &message).await {
        Ok(batch) => batch,
        // A message that is no request has no number to answer to.
        Err(Refused {
            failure: failure @ (Failure::Request(_) | Failure::Panicked(_)),
            ..
        }) => return Err(failure.into_status()),
        Err(refused) => {
            send(&sender, refused.footer()).await;
            return Ok(());
        }
    };
    drop(message);
    let runtime = &connection.runtime;
    let disk_tier = deadline.map_or(Tier::Any, |deadline| Tier::Until(deadline.into_std()));
    // Once the disk was needed it will be needed again; and many keys go there anyway.
    let mut tier = Tier::Memory;
    while !batch.is_done() {
        // Room first: what is read is sent at once.
        let Ok(room) = sender.reserve().await else {
            return Ok(());
        };
        let chunk = if tier == Tier::Memory {
            runtime.read_path.next_chunk(&mut batch, tier)
        } else {
            let read_path = runtime.read_path.clone();
            let rest = batch.rest();
            let mut on_disk_thread = batch;
            let read = runtime.disk.run(connection.lane, move || {
                let chunk = read_path.next_chunk(&mut on_disk_thread, tier);
                (on_disk_thread, chunk)
            });
            match read.await {
                Ok((read, chunk)) => {
                    batch = read;
                    chunk
                }
                Err(failure) => {
                    room.send(Part::Message(framed(rest.footer(failure))));
                    return Ok(());
                }
            }
        };
        match chunk {
            Ok(Some(chunk)) => {
                room.send(Part::Message(framed(chunk)));
                // The first bytes are on their way.
                if tier == Tier::Memory && !runtime.read_path.reads_inline(&batch) {
                    tier = disk_tier;
                }
            }
            Ok(None) => {}
            Err(Failure::WouldBlock) => tier = disk_tier,
            Err(failure) => return Err(failure.into_status()),
        }
        // Other requests of this thread have their turn.
        yield_now().await;
    }
    send(&sender, batch.footer()).await;
    Ok(())
}

async fn admit(connection: &Connection, message: &Bytes) -> Result<StreamedBatch, Refused> {
    let read_path = &connection.runtime.read_path;
    let admission = connection.admission();
    match (
        read_path.admit_streamed(message, &admission),
        admission.access,
    ) {
        (
            Err(Refused {
                failure: Failure::AccessUnknown(waiting),
                request_id,
            }),
            Some((access, _)),
        ) => match access.answered(&waiting).await {
            Ok(()) => read_path.admit_streamed(message, &admission.with_access()),
            Err(denial) => Err(Refused {
                request_id,
                failure: Failure::Denied(denial),
            }),
        },
        (admitted, _) => admitted,
    }
}

async fn send(sender: &mpsc::Sender<Part>, reply: Reply) {
    // If nobody listens any more, the call is over.
    let _ = sender.send(Part::Message(framed(reply))).await;
}
