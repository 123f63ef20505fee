//! The bytes of a connection of HTTP/1.1: hyper reads and writes them, and what goes over the line is counted.

use std::borrow::Cow;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{ready, Context, Poll};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use crate::http_form::error::FormError;
use crate::memory::account::Account;
use crate::runtime::busy_poll;
use crate::transport::ending::MAX_FORGOTTEN;
use crate::transport::http1::extent::Extent;
use crate::transport::http1::head;
use crate::transport::http1::leaving::Client;
use crate::transport::socket::Socket;

/// A client's connection, as hyper has it. Clones are the same: whoever ends the connection has one.
#[derive(Clone)]
pub(super) struct Line(Arc<Mutex<State>>);

struct State {
    socket: Socket,
    /// What was read and hyper has not seen all of, from `seen` on: the beginning of the connection, and what came
    /// with the end of a head or of a body. At most as much as hyper reads at once.
    held: Vec<u8>,
    seen: usize,
    /// The head that comes, of which hyper has nothing until it is whole, and is known to be one that it takes; and the most
    /// bytes that it may have.
    head: Vec<u8>,
    most: usize,
    /// What hyper has of a head next, and how much of it it has seen.
    next: Cow<'static, [u8]>,
    given: usize,
    /// How far the bytes are that came.
    extent: Extent,
    account: Account,
    /// Bytes that the system took.
    sent: u64,
    /// A write has to wait for the client.
    is_blocked: bool,
    request: Phase,
    /// A body broke in its midst, or nobody knows where it ends.
    is_broken: bool,
    is_shut: bool,
}

/// How far a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// There is none.
    None,
    /// Its first bytes came then, and its head is not whole.
    Head(Instant),
    /// Its head is whole, and it is not answered.
    Called,
}

impl Line {
    /// A connection of which `first` was read, and whose heads have `most` bytes.
    pub(super) fn new(socket: Socket, first: Vec<u8>, most: usize, account: &Account) -> Line {
        // Over TLS a client may have nothing to ask yet.
        let request = if first.is_empty() {
            Phase::None
        } else {
            Phase::Head(Instant::now())
        };
        Line(Arc::new(Mutex::new(State {
            socket,
            held: first,
            seen: 0,
            head: Vec::new(),
            most,
            next: Cow::default(),
            given: 0,
            extent: Extent::new(),
            account: account.clone(),
            sent: 0,
            is_blocked: false,
            request,
            is_broken: false,
            is_shut: false,
        })))
    }

    /// Bytes that the system took, if others wait for it.
    pub(super) fn blocked(&self) -> Option<u64> {
        let state = self.0.lock();
        state.is_blocked.then_some(state.sent)
    }

    /// Since when the head of a request is awaited whose first bytes are here.
    pub(super) fn head_since(&self) -> Option<Instant> {
        match self.0.lock().request {
            Phase::Head(since) => Some(since),
            Phase::None | Phase::Called => None,
        }
    }

    /// The head of a request is whole. Its body has so many bytes, or comes in chunks. An error if others might find another
    /// end: nothing more is read then.
    pub(super) fn called(&self, body: Option<u64>) -> Result<(), FormError> {
        let mut state = self.0.lock();
        let read = state.extent.read_head(body);
        state.is_broken |= read.is_err();
        state.request = Phase::Called;
        read
    }

    /// The head that comes is refused, for it took too long: hyper has to be polled then, and has as much time again to answer.
    /// False if none comes, as hyper has it already, or was handed it.
    pub(super) fn refuse_late(&self, had: Duration) -> bool {
        let millis = had.as_millis();
        let mut state = self.0.lock();
        if !state.extent.is_in_head() {
            return false;
        }
        state.extent.refuse(FormError::LateHead { millis });
        state.hand_over_head();
        state.request = Phase::Head(Instant::now());
        true
    }

    /// The body of a request broke: hyper reads nothing behind it.
    pub(super) fn broke(&self) {
        self.0.lock().is_broken = true;
    }

    /// Whether that is so.
    pub(super) fn is_broken(&self) -> bool {
        self.0.lock().is_broken
    }

    /// The request is answered, but for the sending. The next one may have begun already: its time begins now.
    pub(super) fn answered(&self) {
        let mut state = self.0.lock();
        state.request = Phase::None;
        state.note_begun();
    }

    /// What the system knows of the client.
    pub(super) fn client(&self) -> Client {
        Client::of(self.0.lock().socket.tcp())
    }

    /// Sends what the system has, and reads what comes until the client closes, or has sent more than it can have
    /// had under way: what it has not read of its last answer would be lost with a reset.
    ///
    /// Cancel safety: dropping the future leaves the connection open until the last clone is dropped too.
    pub(super) async fn close(&self) -> io::Result<()> {
        std::future::poll_fn(|context| self.0.lock().poll_shut(context)).await?;
        let mut forgotten = 0;
        while forgotten < MAX_FORGOTTEN {
            match std::future::poll_fn(|context| self.0.lock().poll_forget(context)).await? {
                0 => break,
                more => forgotten += more,
            }
        }
        Ok(())
    }
}

impl State {
    fn poll_shut(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.is_shut {
            ready!(Pin::new(&mut self.socket).poll_shutdown(context))?;
            self.is_shut = true;
        }
        Poll::Ready(Ok(()))
    }

    /// Reads bytes, below TLS, for nobody; tells how many.
    fn poll_forget(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let mut bytes = [0; 16 * 1024];
        let mut bytes = ReadBuf::new(&mut bytes);
        ready!(Pin::new(self.socket.tcp()).poll_read(context, &mut bytes))?;
        Poll::Ready(Ok(bytes.filled().len()))
    }

    /// Gathers a head, until hyper may have it, or another one in its place.
    fn poll_head(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        while self.extent.is_in_head() {
            if self.seen == self.held.len() {
                let before = buffer.filled().len();
                match ready!(Pin::new(&mut self.socket).poll_read(context, buffer)) {
                    // Over TLS the client has closed without saying so first.
                    Err(error)
                        if error.kind() == io::ErrorKind::UnexpectedEof
                            && self.extent.has_begun() => {}
                    read => read?,
                }
                let came = &buffer.filled()[before..];
                if came.is_empty() {
                    if !self.extent.has_begun() {
                        return Poll::Ready(Ok(()));
                    }
                    // The client may have ended its sending alone, and read what it is told.
                    self.extent.refuse(FormError::CutHead);
                    break;
                }
                busy_poll::note_activity();
                (self.held, self.seen) = (came.to_vec(), 0);
                buffer.set_filled(before);
            }
            let rest = &self.held[self.seen..];
            let taken = self.extent.take(rest);
            let came = &rest[..taken];
            // hyper looks at each byte that comes; here each line is looked at, and what comes first.
            let is_looked_at = self.head.is_empty() || came.contains(&b'\n');
            self.head.extend_from_slice(came);
            self.took(taken);
            let fault = match self.head.len() > self.most {
                true => Some(FormError::LargeHead { limit: self.most }),
                false if is_looked_at => head::fault(&self.head),
                false => None,
            };
            if let Some(fault) = fault {
                self.extent.refuse(fault);
            }
            self.note_begun();
        }
        self.hand_over_head();
        Poll::Ready(Ok(()))
    }

    /// hyper has the head next, or another one in its place.
    fn hand_over_head(&mut self) {
        let head = std::mem::take(&mut self.head);
        self.given = 0;
        self.next = match self.extent.is_refused() {
            true => Cow::Borrowed(head::instead_of(&head)),
            false => Cow::Owned(head),
        };
    }

    /// So many bytes of those that are held are done with.
    fn took(&mut self, bytes: usize) {
        self.seen += bytes;
        if self.seen == self.held.len() {
            // A quiet connection keeps nothing.
            (self.held, self.seen) = (Vec::new(), 0);
        }
    }

    /// The head of a request has its time from its first byte on.
    fn note_begun(&mut self) {
        if self.request == Phase::None && self.extent.has_begun() {
            self.request = Phase::Head(Instant::now());
        }
    }

    fn wrote(&mut self, wrote: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.is_blocked = wrote.is_pending();
        if let Poll::Ready(Ok(bytes)) = wrote {
            self.sent += bytes as u64;
            self.account.taken(bytes);
            // A request that came while the last answer is sent has its time behind it.
            if let Phase::Head(since) = &mut self.request {
                *since = Instant::now();
            }
        }
        wrote
    }
}

impl AsyncRead for Line {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let state = &mut *self.0.lock();
        let before = buffer.filled().len();
        match state.extent.ended() {
            Some(Err(malformed)) => return Poll::Ready(Err(malformed)),
            // The answer that refuses the request ends the connection.
            Some(Ok(())) => return Poll::Pending,
            None => {}
        }
        if state.extent.is_in_head() {
            ready!(state.poll_head(context, buffer))?;
        }
        if state.given < state.next.len() {
            let rest = &state.next[state.given..];
            let length = rest.len().min(buffer.remaining());
            buffer.put_slice(&rest[..length]);
            state.given += length;
            if state.given == state.next.len() {
                (state.next, state.given) = (Cow::default(), 0);
            }
        } else if state.extent.is_in_head() {
            // The client has closed.
        } else if state.seen < state.held.len() {
            let rest = &state.held[state.seen..];
            let length = rest.len().min(buffer.remaining());
            let taken = state.extent.take(&rest[..length]);
            buffer.put_slice(&rest[..taken]);
            state.took(taken);
        } else {
            ready!(Pin::new(&mut state.socket).poll_read(context, buffer))?;
            let came = &buffer.filled()[before..];
            if !came.is_empty() {
                busy_poll::note_activity();
            }
            let taken = state.extent.take(came);
            state.held = came[taken..].to_vec();
            buffer.set_filled(before + taken);
        }
        state.note_begun();
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let state = &mut *self.0.lock();
        let wrote = Pin::new(&mut state.socket).poll_write(context, bytes);
        state.wrote(wrote)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let state = &mut *self.0.lock();
        let wrote = Pin::new(&mut state.socket).poll_write_vectored(context, slices);
        state.wrote(wrote)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let state = &mut *self.0.lock();
        let flushed = Pin::new(&mut state.socket).poll_flush(context);
        state.is_blocked |= flushed.is_pending();
        flushed
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.lock().poll_shut(context)
    }
}
