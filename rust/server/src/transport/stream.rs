//! The bytes of a connection: TCP, with or without TLS, as HTTP/2 reads and writes them.

use std::future::{poll_fn, Future};
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{ready, Context, Poll};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{sleep, Sleep};

use crate::memory::account::Account;
use crate::runtime::busy_poll;
use crate::transport::flood_guard::{Flood, FloodGuard};
use crate::transport::frames::{Head, ENHANCE_YOUR_CALM, GOAWAY};
use crate::transport::goodbye::Crossing;
use crate::transport::opening::{Opening, PREFACE, START_BYTES};
use crate::transport::small_data;
use crate::transport::socket::Socket;
use crate::transport::write_queue::WriteQueue;

/// Bytes that are read and forgotten after the end: twice what the windows of a connection let a client
/// have under way. Who sends more does not mean to stop.
pub(crate) const MAX_FORGOTTEN: usize = 8 * 1024 * 1024;
/// How much of what a client sends is looked at in one go once it was told to go.
const CROSSING_BYTES: usize = 16 * 1024;

/// How long calls are taken after the client has answered the PING behind GOAWAY: until those who make
/// calls have heard of it.
pub(crate) const FAREWELL_PAUSE: Duration = Duration::from_millis(100);

/// A client that speaks HTTP/2: its first bytes have said so. HTTP/2 reads and writes it; what is
/// written goes out by [`Flusher::poll_send`].
pub(crate) struct ClientStream {
    connection: Arc<Mutex<ConnectionIo>>,
}

/// Sends what was written to the [`ClientStream`] that it is of.
pub(crate) struct Flusher {
    connection: Arc<Mutex<ConnectionIo>>,
}

/// Both have it in turns, within one task.
struct ConnectionIo {
    socket: Socket,
    /// Preface and head of the first frame, which HTTP/2 has still to see.
    start: [u8; START_BYTES],
    /// How much of it HTTP/2 has seen.
    replayed: usize,
    write_queue: WriteQueue,
    /// Bytes that the system took.
    sent: u64,
    guard: FloodGuard,
    account: Option<Account>,
    /// What came behind the last call that a turn may begin, and how much of it was looked at since.
    behind: Vec<u8>,
    looked_at: usize,
    /// Why the client is hung up on.
    flood: Option<Flood>,
    /// Since the first GOAWAY.
    leaving: Option<Box<Leaving>>,
    /// No more is written.
    shut: bool,
}

/// A client that was told to go.
struct Leaving {
    crossing: Crossing,
    /// While the answer to the last PING is held back.
    pause: Option<Pin<Box<Sleep>>>,
    /// What HTTP/2 may see of what came, and how much of it it has.
    received: Vec<u8>,
    shown: usize,
}

impl ClientStream {
    /// A client that hyper speaks with.
    pub(crate) fn new(opening: Opening, mut guard: FloodGuard) -> io::Result<ClientStream> {
        let Opening { socket, start } = opening;
        let first = &start[PREFACE.len()..];
        guard.received(first).map_err(io::Error::other)?;
        Ok(ClientStream {
            connection: Arc::new(Mutex::new(ConnectionIo {
                socket,
                start,
                replayed: 0,
                write_queue: WriteQueue::default(),
                sent: 0,
                guard,
                account: None,
                behind: Vec::new(),
                looked_at: 0,
                flood: None,
                leaving: None,
                shut: false,
            })),
        })
    }

    /// Counts what waits to be sent, and what was, for `account`.
    pub(crate) fn count_for(&self, account: &Account) {
        let mut connection = self.connection.lock();
        connection.write_queue.count_for(account);
        connection.account = Some(account.clone());
    }

    /// Who sends what is written here.
    pub(crate) fn sender(&self) -> Flusher {
        Flusher {
            connection: Arc::clone(&self.connection),
        }
    }
}

impl Flusher {
    /// Sends all that was written until now.
    pub(crate) fn poll_send(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.connection.lock().poll_send(context)
    }

    /// Bytes that the system took, since the beginning. They grow while the client reads.
    pub(crate) fn sent(&self) -> u64 {
        self.connection.lock().sent
    }

    /// Why the client is hung up on, if it is.
    pub(crate) fn flood(&self) -> Option<Flood> {
        let connection = self.connection.lock();
        let calm = |code| code == ENHANCE_YOUR_CALM;
        let by_http2 = connection
            .guard
            .goodbye()
            .is_some_and(|said| calm(said.code));
        connection.flood.or(by_http2.then_some(Flood::Http2))
    }

    /// Calls that came after the last GOAWAY; over TLS those that came before the end of HTTP/2.
    pub(crate) fn late(&self) -> u64 {
        self.connection.lock().guard.late()
    }

    /// Hangs up on the client. Returns whether it takes what is sent, so that it can be told why.
    pub(crate) fn hang_up(&self, why: Flood) -> bool {
        let mut connection = self.connection.lock();
        connection.flood = Some(why);
        connection.write_queue.is_empty()
    }

    /// Ends the connection when HTTP/2 has ended, so that the client gets all that was written.
    ///
    /// A socket that is closed while the client sends, as every client does that reads, answers with a
    /// reset, and what the client has not read is lost. So the sending side is shut (over TLS after
    /// close_notify), and what comes is read and forgotten until the client closes, or has sent more
    /// than it can have had under way. A client that is hung up on is told why first (GOAWAY).
    ///
    /// Cancel safety: dropping the future leaves the connection open until the sender is dropped too.
    pub(crate) async fn close(&self) -> io::Result<()> {
        self.connection.lock().tell_why();
        poll_fn(|context| self.connection.lock().poll_shut(context)).await?;
        let mut forgotten = 0;
        while forgotten < MAX_FORGOTTEN {
            match poll_fn(|context| self.connection.lock().poll_forget(context)).await? {
                0 => break,
                more => forgotten += more,
            }
        }
        Ok(())
    }
}

impl ConnectionIo {
    /// The next bytes of the client, as they come.
    fn poll_receive(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.guard.turn_is_over() {
            // The rest in the next turn, which comes when the calls of this one had theirs.
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        ready!(self.poll_bytes(context, buffer))?;
        busy_poll::note_activity();
        let begin = self.guard.client().clone();
        let received = self.guard.received_in_turn(&buffer.filled()[before..]);
        self.flood = received.err();
        let looked_at = before + received.map_err(io::Error::other)?;
        if looked_at < buffer.filled().len() {
            self.keep_behind(&buffer.filled()[looked_at..]);
            buffer.set_filled(looked_at);
        }
        if self.guard.continued() {
            let left = small_data::join(&begin, &mut buffer.filled_mut()[before..]);
            buffer.set_filled(before + left);
        }
        Poll::Ready(Ok(()))
    }

    /// The next bytes that nobody has looked at.
    #[inline]
    fn poll_bytes(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.behind.is_empty() {
            return Pin::new(&mut self.socket).poll_read(context, buffer);
        }
        let rest = &self.behind[self.looked_at..];
        let length = rest.len().min(buffer.remaining());
        buffer.put_slice(&rest[..length]);
        self.looked_at += length;
        if self.looked_at == self.behind.len() {
            (self.behind, self.looked_at) = (Vec::new(), 0);
        }
        Poll::Ready(Ok(()))
    }

    /// Keeps the last bytes that came for the next turn.
    #[cold]
    fn keep_behind(&mut self, bytes: &[u8]) {
        if self.behind.is_empty() {
            self.behind = bytes.to_vec();
        } else {
            // They are of what is kept already.
            self.looked_at -= bytes.len();
        }
    }

    /// The next bytes of a client that was told to go, without those that HTTP/2 has to ignore.
    fn poll_receive_leaving(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
        leaving: &mut Leaving,
    ) -> Poll<io::Result<()>> {
        while leaving.shown == leaving.received.len() {
            leaving.received.clear();
            leaving.shown = 0;
            if leaving.crossing.is_held() {
                let pause = &mut leaving.pause;
                let pause = pause.get_or_insert_with(|| Box::pin(sleep(FAREWELL_PAUSE)));
                if pause.as_mut().poll(context).is_ready() {
                    leaving.crossing.release(&mut leaving.received);
                    if !leaving.received.is_empty() {
                        break;
                    }
                }
            }
            let mut bytes = [0; CROSSING_BYTES];
            let mut bytes = ReadBuf::new(&mut bytes);
            ready!(self.poll_receive(context, &mut bytes))?;
            if bytes.filled().is_empty() {
                return Poll::Ready(Ok(()));
            }
            let ping = self.guard.last_ping();
            leaving
                .crossing
                .filter(bytes.filled(), ping, &mut leaving.received);
        }
        let rest = &leaving.received[leaving.shown..];
        let length = rest.len().min(buffer.remaining());
        buffer.put_slice(&rest[..length]);
        leaving.shown += length;
        Poll::Ready(Ok(()))
    }

    /// Takes what HTTP/2 writes, as far as there is room, and tells how much.
    fn write(&mut self, bytes: &[u8]) -> usize {
        let taken = self.write_queue.put(bytes);
        self.guard.written(&bytes[..taken]);
        if self.leaving.is_none() && self.guard.goodbye().is_some() {
            self.leaving = Some(Box::new(Leaving {
                crossing: Crossing::new(self.guard.client(), self.guard.opened()),
                pause: None,
                received: Vec::new(),
                shown: 0,
            }));
        }
        taken
    }

    /// Writes a GOAWAY for a client that is hung up on. HTTP/2 has not: to it the line broke.
    fn tell_why(&mut self) {
        let (Some(flood), Some(last)) = (self.flood, self.guard.last_stream()) else {
            return;
        };
        let why = flood.to_string();
        let head = Head {
            length: 8 + why.len(),
            kind: GOAWAY,
            flags: 0,
            stream: 0,
        };
        self.write(&head.encode());
        self.write(&last.to_be_bytes());
        self.write(&ENHANCE_YOUR_CALM.to_be_bytes());
        self.write(why.as_bytes());
    }

    /// Sends what is left, and shuts the sending side.
    fn poll_shut(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.shut {
            ready!(self.poll_send(context))?;
            ready!(Pin::new(&mut self.socket).poll_shutdown(context))?;
            self.shut = true;
        }
        Poll::Ready(Ok(()))
    }

    /// Reads bytes, below TLS, for nobody but who counts calls; tells how many.
    fn poll_forget(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut bytes = [0; CROSSING_BYTES];
        let mut bytes = ReadBuf::new(&mut bytes);
        ready!(Pin::new(self.socket.tcp()).poll_read(context, &mut bytes))?;
        if matches!(self.socket, Socket::Plain(_)) {
            // Whether it floods does not matter any more.
            let _ = self.guard.received(bytes.filled());
        }
        Poll::Ready(Ok(bytes.filled().len()))
    }

    fn poll_send(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.guard.begin_turn();
        let sent = &mut self.sent;
        self.write_queue
            .poll_send(context, &mut self.socket, |more| *sent += more as u64)
    }

    fn poll_capacity(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let sent = &mut self.sent;
        self.write_queue
            .poll_capacity(context, &mut self.socket, |more| *sent += more as u64)
    }
}

impl AsyncRead for ClientStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let connection = &mut *self.connection.lock();
        if connection.replayed < connection.start.len() {
            let rest = &connection.start[connection.replayed..];
            let length = rest.len().min(buffer.remaining());
            buffer.put_slice(&rest[..length]);
            connection.replayed += length;
            return Poll::Ready(Ok(()));
        }
        // Calls are refused as fast as they come, but HTTP/2 never gives back the memory for as many as
        // it once had at a time. So those that are here are answered before more is read.
        if connection
            .account
            .as_ref()
            .is_some_and(Account::has_refused)
        {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let Some(mut leaving) = connection.leaving.take() else {
            return connection.poll_receive(context, buffer);
        };
        let received = connection.poll_receive_leaving(context, buffer, &mut leaving);
        connection.leaving = Some(leaving);
        received
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let connection = &mut *self.connection.lock();
        ready!(connection.poll_capacity(context))?;
        Poll::Ready(Ok(connection.write(bytes)))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let connection = &mut *self.connection.lock();
        ready!(connection.poll_capacity(context))?;
        let mut written = 0;
        for slice in slices {
            let taken = connection.write(slice);
            written += taken;
            if taken < slice.len() {
                break;
            }
        }
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// Leaves the sending to the end of the turn.
    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.connection.lock().poll_shut(context)
    }
}
