//! What the user of a connection does with its requests.

use crate::client::heard::{NotBegun, Request, RequestId};
use crate::client::protocol::ResponseVocabulary;
use crate::client::Client;
use crate::error::ErrorCode;
use crate::frame::{put_head, put_rst_stream, put_window_update, DATA, END_STREAM};
use crate::hpack::encoder::{Field, Taught};

impl<W: ResponseVocabulary> Client<W> {
    /// Begins a request, and returns its stream. What [`Heard`](crate::Heard) tells of it has `token` in it.
    ///
    /// A body that the windows do not let pass is kept until they do; [`Client::unsent`] tells how much that is.
    pub fn begin(&mut self, token: u64, request: &Request<'_>) -> Result<u32, NotBegun> {
        if self.ending.is_some() {
            return Err(NotBegun::Ended);
        }
        if self.is_leaving() {
            return Err(NotBegun::Leaving);
        }
        if self.free() == 0 {
            return Err(NotBegun::Full);
        }
        // 1, 3, 5, ...
        let stream = (self.ids.last() + 1) | 1;
        self.ids.begin(stream);
        let ends = !request.goes_on;
        let bare = ends && request.body.is_empty();
        let flags = if bare { END_STREAM } else { 0 };
        self.put_block(stream, flags, request.fields);
        let (send, receive) = (self.peer.initial_window, self.protocol.limits.stream_window);
        let begun = self.streams.place(stream);
        begun.begin(RequestId { stream, token }, send, receive);
        begun.streams = request.streams;
        begun.bodiless = is_head(request.fields, &self.protocol.taught);
        begun.finished = ends;
        begun.closed = bare;
        if !request.body.is_empty() {
            self.send_body(stream, request.body);
        }
        Ok(stream)
    }

    /// Sends more of the body of a request that goes on. Nothing if it is over or finished.
    pub fn send(&mut self, stream: u32, body: &[u8]) {
        let goes_on = self.streams.look(stream).is_some_and(|at| !at.finished);
        if goes_on && !body.is_empty() {
            self.send_body(stream, body);
        }
    }

    /// Ends the body of a request that goes on.
    pub fn finish(&mut self, stream: u32) {
        let Some(at) = self.streams.get(stream) else {
            return;
        };
        if at.finished {
            return;
        }
        at.finished = true;
        if at.outgoing.unsent() == 0 {
            at.closed = true;
            put_head(&mut self.out, 0, DATA, END_STREAM, stream);
        }
    }

    /// Bytes of a request's body that wait for windows.
    pub fn unsent(&self, stream: u32) -> usize {
        self.streams
            .look(stream)
            .map_or(0, |at| at.outgoing.unsent())
    }

    /// Gives back so many bytes of a response that is told in pieces: the server may send as many more.
    pub fn take(&mut self, stream: u32, bytes: usize) {
        let Some(at) = self.streams.get(stream) else {
            return;
        };
        let bytes = bytes.min(at.untaken);
        at.untaken -= bytes;
        if let Some(more) = at.receive.give_back(bytes) {
            put_window_update(&mut self.out, stream, more);
        }
        self.give_back(bytes);
    }

    /// Gives a request up (CANCEL). It is over, and nothing more is told of it.
    pub fn cancel(&mut self, stream: u32) {
        if self.streams.look(stream).is_some() {
            self.reset(stream, ErrorCode::CANCEL);
        }
    }

    /// Ends a stream before its time.
    pub(super) fn reset(&mut self, stream: u32, code: ErrorCode) {
        put_rst_stream(&mut self.out, stream, code);
        self.ids.reset_by_us(stream);
        self.over(stream);
    }

    /// A request is over. What nobody took of its response is given back.
    pub(super) fn over(&mut self, stream: u32) {
        let untaken = self.streams.take_out(stream, |at| at.untaken);
        self.give_back(untaken.unwrap_or(0));
    }

    /// Gives bytes back to the connection's window.
    #[inline]
    pub(super) fn give_back(&mut self, bytes: usize) {
        if let Some(more) = self.receive.give_back(bytes) {
            put_window_update(&mut self.out, 0, more);
        }
    }

    fn send_body(&mut self, stream: u32, body: &[u8]) {
        let Some(at) = self.streams.get(stream) else {
            return;
        };
        let window = at.outgoing.window.left().min(self.send.left());
        let fits = body.len() <= window.min(self.peer.max_frame as usize);
        if at.outgoing.unsent() > 0 || !fits || !self.queue.is_empty() {
            at.outgoing.more().extend_from_slice(body);
            return self.queue_if_ready(stream);
        }
        at.outgoing.window.take(body.len());
        self.send.take(body.len());
        at.closed = at.finished;
        let flags = if at.closed { END_STREAM } else { 0 };
        put_head(&mut self.out, body.len(), DATA, flags, stream);
        self.out.extend_from_slice(body);
    }
}

/// Whether a request is answered without a body, whatever the fields of the response say.
fn is_head(fields: &[Field<'_>], taught: &Taught) -> bool {
    let is_head = |(name, value): (&[u8], &[u8])| name == b":method" && value == b"HEAD";
    fields.iter().any(|field| match *field {
        Field::Literal(name, value) => is_head((name, value)),
        Field::Taught(number) => taught.get(number).is_some_and(is_head),
        Field::Status(_) | Field::Static(_) => false,
    })
}
