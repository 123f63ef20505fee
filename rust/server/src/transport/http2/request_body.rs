//! The body of a request that comes in pieces.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use parking_lot::Mutex;

/// The body of a request: whole, or as it comes. It asks for each piece, so that what nobody wants stays in
/// the windows of HTTP/2.
#[derive(Debug)]
pub(crate) struct RequestBody(State);

#[derive(Debug)]
enum State {
    /// `None` once it was taken.
    Whole(Option<Bytes>),
    Pieces(Arc<Inbox>),
}

/// What came of one body. The connection fills it, and the call empties it.
#[derive(Debug)]
pub(super) struct Inbox {
    stream: u32,
    pieces: Mutex<Pieces>,
    wanting: Arc<Wanting>,
}

#[derive(Debug, Default)]
struct Pieces {
    next: Option<Bytes>,
    ended: bool,
    reader: Option<Waker>,
}

/// Streams whose calls want more of their bodies, of one connection.
#[derive(Debug, Default)]
pub(super) struct Wanting {
    streams: Mutex<Vec<u32>>,
    connection: Mutex<Option<Waker>>,
}

impl Wanting {
    /// Those that want more since the last time. `waker` is called when there are others.
    pub(super) fn take(&self, waker: &Waker) -> Vec<u32> {
        let mut connection = self.connection.lock();
        match &mut *connection {
            Some(known) => known.clone_from(waker),
            none => *none = Some(waker.clone()),
        }
        drop(connection);
        std::mem::take(&mut *self.streams.lock())
    }

    fn add(&self, stream: u32) {
        self.streams.lock().push(stream);
        if let Some(waker) = &*self.connection.lock() {
            waker.wake_by_ref();
        }
    }
}

impl RequestBody {
    /// A body that is here.
    pub(crate) fn whole(bytes: Bytes) -> RequestBody {
        RequestBody(State::Whole(Some(bytes)))
    }

    pub(super) fn pieces(inbox: &Arc<Inbox>) -> RequestBody {
        RequestBody(State::Pieces(Arc::clone(inbox)))
    }
}

impl Inbox {
    pub(super) fn new(stream: u32, wanting: &Arc<Wanting>) -> Arc<Inbox> {
        Arc::new(Inbox {
            stream,
            pieces: Mutex::default(),
            wanting: Arc::clone(wanting),
        })
    }

    /// Whether a call waits for a piece.
    pub(super) fn is_wanted(&self) -> bool {
        let pieces = self.pieces.lock();
        pieces.next.is_none() && !pieces.ended && pieces.reader.is_some()
    }

    /// Hands a piece to the call, and says whether it was the last.
    pub(super) fn put(&self, piece: Option<Bytes>, ended: bool) {
        let mut pieces = self.pieces.lock();
        if piece.is_some() {
            pieces.next = piece;
        }
        pieces.ended |= ended;
        if let Some(reader) = pieces.reader.take() {
            reader.wake();
        }
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let inbox = match &mut self.0 {
            State::Whole(whole) => {
                return Poll::Ready(whole.take().map(|all| Ok(Frame::data(all))))
            }
            State::Pieces(inbox) => inbox,
        };
        let mut pieces = inbox.pieces.lock();
        if let Some(piece) = pieces.next.take() {
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        if pieces.ended {
            return Poll::Ready(None);
        }
        let asked = pieces.reader.is_some();
        pieces.reader = Some(context.waker().clone());
        drop(pieces);
        if !asked {
            inbox.wanting.add(inbox.stream);
        }
        Poll::Pending
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            State::Whole(whole) => {
                SizeHint::with_exact(whole.as_ref().map_or(0, |all| all.len() as u64))
            }
            State::Pieces(_) => SizeHint::default(),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            State::Whole(whole) => whole.is_none(),
            State::Pieces(inbox) => {
                let pieces = inbox.pieces.lock();
                pieces.next.is_none() && pieces.ended
            }
        }
    }
}
