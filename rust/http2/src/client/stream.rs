//! A request that is not over.

use crate::client::heard::RequestId;
use crate::hpack::field::Head;
use crate::outgoing::{Outgoing, Sends};
use crate::slots::Slot;
use crate::windows::ReceiveWindow;

/// Buffers of requests that are over, which are kept for the next ones, have no more than this.
const KEPT_BUFFER: usize = 64 * 1024;

/// A request, and how far its response is.
#[derive(Debug)]
pub(super) struct ClientStream {
    pub(super) id: u32,
    pub(super) token: u64,
    /// The response is told in pieces.
    pub(super) streams: bool,
    /// It has no body, whatever its fields say: it answers HEAD.
    pub(super) bodiless: bool,
    /// What the first fields of the response mean, once they came.
    pub(super) head: Option<Head>,
    /// Responses before it (1xx).
    pub(super) interim: u32,
    pub(super) receive: ReceiveWindow,
    /// Bytes of the response's body that came, and those of them that nobody has taken.
    pub(super) received: u64,
    pub(super) untaken: usize,
    /// The body, if it is wanted whole and came in several pieces.
    pub(super) body: Vec<u8>,
    /// What waits for windows.
    pub(super) outgoing: Outgoing,
    /// Nothing comes behind `outgoing`.
    pub(super) finished: bool,
    /// The last frame of the request is written.
    pub(super) closed: bool,
}

impl Slot for ClientStream {
    fn free() -> ClientStream {
        ClientStream {
            id: 0,
            token: 0,
            streams: false,
            bodiless: false,
            head: None,
            interim: 0,
            receive: ReceiveWindow::new(0),
            received: 0,
            untaken: 0,
            body: Vec::new(),
            outgoing: Outgoing::nothing(),
            finished: false,
            closed: false,
        }
    }

    fn id(&self) -> u32 {
        self.id
    }

    fn leave(&mut self) {
        self.id = 0;
    }

    fn capacity(&self) -> usize {
        self.body.capacity() + self.outgoing.capacity()
    }
}

impl Sends for ClientStream {
    fn outgoing(&mut self) -> &mut Outgoing {
        &mut self.outgoing
    }
}

impl ClientStream {
    /// Begins anew, with the buffers of the request that was here.
    pub(super) fn begin(&mut self, request: RequestId, send: u32, receive: u32) {
        let RequestId { stream, token } = request;
        self.outgoing.begin(send, KEPT_BUFFER);
        self.body.clear();
        self.body.shrink_to(KEPT_BUFFER);
        *self = ClientStream {
            id: stream,
            token,
            receive: ReceiveWindow::new(receive),
            body: std::mem::take(&mut self.body),
            outgoing: std::mem::replace(&mut self.outgoing, Outgoing::nothing()),
            ..ClientStream::free()
        };
    }

    pub(super) fn request(&self) -> RequestId {
        RequestId {
            stream: self.id,
            token: self.token,
        }
    }

    /// Whether a body of the size that came is what the first fields say.
    pub(super) fn is_as_said(&self) -> bool {
        /// Not Modified, whose fields are those of what is not sent.
        const NOT_MODIFIED: u16 = 304;
        let said = self.head.and_then(|head| head.content_length());
        let without = self.bodiless || self.head.is_some_and(|head| head.status() == NOT_MODIFIED);
        said.is_none_or(|said| said == self.received || without && self.received == 0)
    }
}
