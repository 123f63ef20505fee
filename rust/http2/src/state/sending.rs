//! Answers: written at once where windows allow, else kept and sent in turns.

use crate::call::Call;
use crate::error::ErrorCode;
use crate::frame::{
    end_frame, put_head, put_window_update, split_block, DATA, END_HEADERS, END_STREAM, HEADERS,
    HEAD_BYTES,
};
use crate::hpack::encoder::{detached, Field, Taught};
use crate::state::{Mark, State};

/// Answers the calls of a connection.
pub struct Answers<'c> {
    pub(crate) state: &'c mut State,
    pub(crate) taught: &'c Taught,
}

impl Answers<'_> {
    /// Answers a call: its first block, what `body` writes, and the block behind it, if that has fields. The
    /// body is not kept to the windows by the caller: what they do not allow is sent when they do.
    ///
    /// `false` if nobody waits for the answer; `body` is then not asked.
    #[inline]
    pub fn answer(
        &mut self,
        call: &Call,
        fields: &[Field<'_>],
        body: impl FnOnce(&mut Vec<u8>),
        trailers: &[Field<'_>],
    ) -> bool {
        let state = &mut *self.state;
        let Some((mark, window)) = state.awaited(call) else {
            return false;
        };
        let begin = state.out.len();
        let data = state.begin_answer(call, fields, self.taught);
        body(&mut state.out);
        let bytes = state.out.len() - data - HEAD_BYTES;
        if bytes > state.at_once(window) {
            state.flood.wrote(2);
            state.keep(call, mark, data, trailers, self.taught);
            return true;
        }
        state.end_answer(call, mark, begin..data, trailers, self.taught);
        true
    }

    /// As [`Answers::answer`], of a body that may turn out not to be there: `body` gets how many bytes may go
    /// at once, `most` at most, and says whether it has written all there is. If not, if it wrote more, or
    /// if nobody waits, nothing is sent, and the result is `false`.
    #[inline]
    pub fn answer_at_once(
        &mut self,
        call: &Call,
        fields: &[Field<'_>],
        most: usize,
        body: impl FnOnce(&mut Vec<u8>, usize) -> bool,
        trailers: &[Field<'_>],
    ) -> bool {
        let state = &mut *self.state;
        let Some((mark, window)) = state.awaited(call) else {
            return false;
        };
        if state.is_full() {
            return false;
        }
        let most = most.min(window).min(state.send.left());
        // What the block teaches is not taught, if it is not sent.
        let (begin, encoder) = (state.out.len(), state.encoder);
        let data = state.begin_answer(call, fields, self.taught);
        let whole = body(&mut state.out, most);
        if !whole || state.out.len() - data - HEAD_BYTES > most {
            state.out.truncate(begin);
            state.encoder = encoder;
            return false;
        }
        state.end_answer(call, mark, begin..data, trailers, self.taught);
        true
    }

    /// Answers a call by its fields alone.
    pub fn answer_briefly(&mut self, call: &Call, fields: &[Field<'_>]) -> bool {
        self.answer(call, fields, |_| {}, &[])
    }

    /// Begins an answer that goes on for longer. `false` if nobody waits for it.
    pub fn open(&mut self, call: &Call, fields: &[Field<'_>]) -> bool {
        let state = &mut *self.state;
        match state.mark(call) {
            Mark::Over => return false,
            Mark::Direct => state.enter(call.stream, call.number as usize),
            Mark::Entered => {}
        }
        match state.streams.get(call.stream) {
            Some(stream) if !stream.answered => stream.answered = true,
            _ => return false,
        }
        state.block(call.stream, 0, fields, self.taught);
        state.flood.wrote(1);
        true
    }

    /// Goes on with an answer that was begun. What windows do not allow waits, see [`Answers::unsent`].
    /// `false` if nobody waits for it.
    pub fn send(&mut self, stream: u32, body: impl FnOnce(&mut Vec<u8>)) -> bool {
        let full = self.state.is_full();
        let state = &mut *self.state;
        let Some(open) = state.streams.get(stream) else {
            return false;
        };
        if !open.answered || open.finished {
            return false;
        }
        if full || open.outgoing.unsent() > 0 {
            body(open.outgoing.more());
        } else {
            let data = state.out.len();
            put_head(&mut state.out, 0, DATA, 0, stream);
            body(&mut state.out);
            let bytes = state.out.len() - data - HEAD_BYTES;
            let most = open
                .outgoing
                .window
                .left()
                .min(state.send.left())
                .min(state.peer.max_frame as usize);
            if bytes == 0 {
                state.out.truncate(data);
            } else if bytes <= most {
                end_frame(&mut state.out, data);
                open.outgoing.window.take(bytes);
                state.send.take(bytes);
                state.flood.wrote_data(bytes);
            } else {
                open.outgoing
                    .more()
                    .extend_from_slice(&state.out[data + HEAD_BYTES..]);
                state.out.truncate(data);
            }
        }
        state.queue_if_ready(stream);
        true
    }

    /// Goes on with an answer that was begun by a frame whose bytes stay where they are: as many of `most` as windows and one
    /// frame allow, which is the result. Only the head of the frame is written. Whoever drives the connection writes so many
    /// bytes of the answer behind all that [`Connection::out`](crate::Connection::out) has now, and before what comes later.
    ///
    /// 0, and nothing is written, if nothing may go now, or if nobody waits for it.
    pub fn send_apart(&mut self, stream: u32, most: usize) -> usize {
        let full = self.state.is_full();
        let state = &mut *self.state;
        let Some(open) = state.streams.get(stream) else {
            return 0;
        };
        if full || !open.answered || open.finished || open.outgoing.unsent() > 0 {
            return 0;
        }
        let windows = open.outgoing.window.left().min(state.send.left());
        let bytes = most.min(windows).min(state.peer.max_frame as usize);
        if bytes > 0 {
            put_head(&mut state.out, bytes, DATA, 0, stream);
            open.outgoing.window.take(bytes);
            state.send.take(bytes);
            state.flood.wrote_data(bytes);
        }
        bytes
    }

    /// Ends an answer that was begun, behind all that it has sent. `false` if nobody waits for it.
    pub fn finish(&mut self, stream: u32, trailers: &[Field<'_>]) -> bool {
        let state = &mut *self.state;
        let Some(open) = state.streams.get(stream) else {
            return false;
        };
        if !open.answered || open.finished {
            return false;
        }
        open.finished = true;
        if open.outgoing.unsent() > 0 {
            for field in trailers {
                detached(*field, self.taught, &mut open.trailers);
            }
            return true;
        }
        if trailers.is_empty() {
            put_head(&mut state.out, 0, DATA, END_STREAM, stream);
            state.flood.wrote_data(0);
        } else {
            state.block(stream, END_STREAM, trailers, self.taught);
            state.flood.wrote(1);
        }
        state.over(stream);
        true
    }

    /// Ends a call without an answer, or in the midst of it (RST_STREAM).
    pub fn reset(&mut self, call: &Call, code: ErrorCode) {
        match self.state.mark(call) {
            Mark::Over => {}
            Mark::Direct => {
                self.state.marks[call.number as usize] = Mark::Over;
                self.state.reset(call.stream, code);
            }
            Mark::Entered => self.state.reset(call.stream, code),
        }
    }

    /// Bytes of its body that an answer to this call may send at once, as windows and what waits allow it.
    pub fn at_once(&self, call: &Call) -> usize {
        let window = self.state.awaited(call).map_or(0, |(_, window)| window);
        self.state.allowed(window)
    }

    /// Bytes of an answer that wait for windows; `None` when the call is over.
    pub fn unsent(&self, stream: u32) -> Option<usize> {
        self.state
            .streams
            .look(stream)
            .map(|stream| stream.outgoing.unsent())
    }

    /// Bytes that an answer which was begun may send at once, as windows and what waits allow it.
    pub fn allowed_of(&self, stream: u32) -> usize {
        let stream = self.state.streams.look(stream);
        stream.map_or(0, |stream| {
            self.state.allowed(stream.outgoing.window.left())
        })
    }

    /// Bytes that a frame may have. What [`Answers::answer`] and [`Answers::send`] get is written at once if it
    /// has no more, and windows allow it.
    #[inline]
    pub fn frame_bytes(&self) -> usize {
        self.state.peer.max_frame as usize
    }

    /// Lets so many bytes of [`crate::Connection::out`] wait, up to [`crate::Limits::unsent_bytes`], which is the value at
    /// first. With more nothing is read, and what answers send waits. One answer may go beyond it.
    #[inline]
    pub fn set_room(&mut self, bytes: usize) {
        self.state.set_room(bytes);
    }

    /// Lends an empty buffer for what is written to a connection that has none: one that
    /// [`crate::Connection::reclaim_out`] or [`crate::Connection::shrink_out`] gave, or a new one.
    #[inline]
    pub fn lend_out(&mut self, buffer: impl FnOnce() -> Vec<u8>) {
        if self.state.out.capacity() == 0 {
            self.state.out = buffer();
            debug_assert!(self.state.out.is_empty());
        }
    }

    /// Bytes that are written and were not sent.
    #[inline]
    pub fn waiting(&self) -> usize {
        self.state.out.len() - self.state.written
    }

    /// What came of a body and was not taken yet.
    pub fn received(&self, stream: u32) -> &[u8] {
        self.state
            .streams
            .look(stream)
            .map_or(&[], |stream| &stream.body)
    }

    /// Takes so many bytes of it, and lets as many more come.
    pub fn take(&mut self, stream: u32, bytes: usize) {
        let state = &mut *self.state;
        let Some(open) = state.streams.get(stream) else {
            return;
        };
        let bytes = bytes.min(open.body.len());
        open.body.drain(..bytes);
        let held = if open.permitted { 0 } else { bytes };
        if let Some(more) = open
            .receive
            .give_back(bytes)
            .filter(|_| !open.remote_closed)
        {
            put_window_update(&mut state.out, stream, more);
        }
        state.release(held);
    }

    /// Lets `bytes` more come of a body, and does not count it among what is held. Who permits has the room.
    pub fn permit(&mut self, stream: u32, bytes: u32) {
        let state = &mut *self.state;
        let Some(open) = state.streams.get(stream) else {
            return;
        };
        let permitted = std::mem::replace(&mut open.permitted, true);
        let held = if permitted { 0 } else { open.body.len() };
        if let Some(more) = open.receive.raise(bytes).filter(|_| !open.remote_closed) {
            put_window_update(&mut state.out, stream, more);
        }
        state.release(held);
    }
}

impl State {
    #[inline]
    fn mark(&self, call: &Call) -> Mark {
        if self.ending.is_some() {
            return Mark::Over;
        }
        if call.turn != self.turn {
            return Mark::Entered;
        }
        // A call that is streamed has no mark.
        let mark = self.marks.get(call.number as usize).copied();
        mark.unwrap_or(Mark::Entered)
    }

    #[inline]
    fn allowed(&self, window: usize) -> usize {
        window.min(self.send.left()).min(self.left())
    }

    /// Where an answer to the call goes, and the window of its stream; `None` if nobody waits for one.
    #[inline]
    fn awaited(&self, call: &Call) -> Option<(Mark, usize)> {
        let mark = self.mark(call);
        let window = match mark {
            Mark::Direct => self.peer.initial_window as usize,
            Mark::Entered => match self.streams.look(call.stream) {
                Some(stream) if !stream.answered => stream.outgoing.window.left(),
                _ => return None,
            },
            Mark::Over => return None,
        };
        Some((mark, window))
    }

    /// Bytes of one frame that may go now, with such a window of its stream.
    #[inline]
    fn at_once(&self, window: usize) -> usize {
        window
            .min(self.send.left())
            .min(self.peer.max_frame as usize)
    }

    /// Keeps an answer that was written behind the head at `data` and may not go as it is.
    #[cold]
    fn keep(
        &mut self,
        call: &Call,
        mark: Mark,
        data: usize,
        trailers: &[Field<'_>],
        taught: &Taught,
    ) {
        if mark == Mark::Direct {
            self.enter(call.stream, call.number as usize);
        }
        if let Some(stream) = self.streams.get(call.stream) {
            stream.answered = true;
            stream.finished = true;
            stream
                .outgoing
                .more()
                .extend_from_slice(&self.out[data + HEAD_BYTES..]);
            for field in trailers {
                detached(*field, taught, &mut stream.trailers);
            }
        }
        self.out.truncate(data);
        self.queue_if_ready(call.stream);
    }

    /// The last frame of an answer is written.
    pub(super) fn over(&mut self, id: u32) {
        let closed = self
            .streams
            .look(id)
            .is_some_and(|stream| stream.remote_closed);
        if closed {
            self.close(id);
        } else {
            // Nobody wants the rest of the request (RFC 9113, 8.1).
            self.reset(id, ErrorCode::NO_ERROR);
        }
    }

    /// Lets a stream send, if it has something to send and its window allows some of it.
    pub(crate) fn queue_if_ready(&mut self, id: u32) {
        if let Some(stream) = self.streams.get(id) {
            self.queue.add(stream);
        }
    }

    /// Writes what windows allow, each stream some bytes in its turn, until enough waits to be written.
    pub(crate) fn pump(&mut self) {
        while !self.queue.is_empty() && !self.is_full() && self.send.left() > 0 {
            self.pump_stream();
        }
    }

    fn pump_stream(&mut self) {
        let Some(stream) = self.queue.next(&mut self.streams) else {
            return;
        };
        let (id, finished) = (stream.id, stream.finished);
        let bare = stream.trailers.is_empty();
        let last = if finished && bare { END_STREAM } else { 0 };
        let (most, out) = (self.peer.max_frame as usize, &mut self.out);
        let put = stream.outgoing.put(id, &mut self.send, most, last, out);
        let Some((bytes, is_all)) = put else {
            // Comes back with its window.
            return;
        };
        self.flood.wrote_data(bytes);
        if !(is_all && finished) {
            self.queue.add(stream);
            return;
        }
        if !bare {
            let at = self.out.len();
            put_head(&mut self.out, 0, HEADERS, END_HEADERS | END_STREAM, id);
            self.encoder.begin(&mut self.out);
            self.out.extend_from_slice(&stream.trailers);
            end_frame(&mut self.out, at);
            let most = self.peer.max_frame as usize;
            if self.out.len() - at - HEAD_BYTES > most {
                split_block(&mut self.out, at, most, END_STREAM, id);
            }
        }
        self.over(id);
    }
}
