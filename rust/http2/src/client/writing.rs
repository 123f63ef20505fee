//! Requests, as windows allow.

use crate::client::protocol::ResponseVocabulary;
use crate::client::Client;
use crate::frame::{
    end_frame, put_head, split_block, DATA, END_HEADERS, END_STREAM, HEADERS, HEAD_BYTES,
};
use crate::hpack::encoder::Field;

/// What a stream sends before the next has its turn.
const TURN_BYTES: usize = 16 * 1024;

impl<W: ResponseVocabulary> Client<W> {
    /// Writes the fields of a request.
    #[inline]
    pub(super) fn put_block(&mut self, stream: u32, flags: u8, fields: &[Field<'_>]) {
        let at = self.out.len();
        put_head(&mut self.out, 0, HEADERS, flags | END_HEADERS, stream);
        let taught = &self.protocol.taught;
        self.encoder.encode(fields, taught, &mut self.out);
        end_frame(&mut self.out, at);
        let most = self.peer.max_frame as usize;
        if self.out.len() - at - HEAD_BYTES > most {
            split_block(&mut self.out, at, most, flags, stream);
        }
    }

    /// Lets a stream send, if it has something to send and its window allows some of it.
    pub(super) fn queue_if_ready(&mut self, id: u32) {
        if let Some(stream) = self.streams.get(id) {
            if !stream.queued && stream.unsent() > 0 && stream.send.left() > 0 {
                stream.queued = true;
                self.queue.push_back(id);
            }
        }
    }

    /// The same for all.
    pub(super) fn queue_all(&mut self) {
        for stream in self.streams.all() {
            if !stream.queued && stream.unsent() > 0 && stream.send.left() > 0 {
                stream.queued = true;
                self.queue.push_back(stream.id);
            }
        }
    }

    /// Writes what windows allow, each stream some bytes in its turn, until enough waits to be written.
    pub(super) fn pump(&mut self) {
        while !self.queue.is_empty() && !self.is_full() && self.send.left() > 0 {
            let Some(id) = self.queue.pop_front() else {
                return;
            };
            self.pump_stream(id);
        }
    }

    fn pump_stream(&mut self, id: u32) {
        let Some(stream) = self.streams.get(id) else {
            return;
        };
        stream.queued = false;
        let most = TURN_BYTES.min(self.peer.max_frame as usize);
        let window = stream.send.left().min(self.send.left());
        let bytes = stream.unsent().min(window).min(most);
        if bytes == 0 {
            // Comes back with its window.
            return;
        }
        let (from, to) = (stream.sent, stream.sent + bytes);
        let is_last = to == stream.outgoing.len();
        stream.closed = is_last && stream.finished;
        let flags = if stream.closed { END_STREAM } else { 0 };
        put_head(&mut self.out, bytes, DATA, flags, id);
        self.out.extend_from_slice(&stream.outgoing[from..to]);
        stream.sent = to;
        stream.send.take(bytes);
        self.send.take(bytes);
        if is_last {
            stream.outgoing.clear();
            stream.sent = 0;
        }
        self.queue_if_ready(id);
    }
}
