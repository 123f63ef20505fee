//! Requests, as windows allow.

use crate::client::protocol::ResponseVocabulary;
use crate::client::Client;
use crate::frame::{
    end_frame, put_head, split_block, END_HEADERS, END_STREAM, HEADERS, HEAD_BYTES,
};
use crate::hpack::encoder::Field;

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
            self.queue.add(stream);
        }
    }

    /// Writes what windows allow, each stream some bytes in its turn, until enough waits to be written.
    pub(super) fn pump(&mut self) {
        while !self.queue.is_empty() && !self.is_full() && self.send.left() > 0 {
            let Some(stream) = self.queue.next(&mut self.streams) else {
                continue;
            };
            let (id, finished) = (stream.id, stream.finished);
            let last = if finished { END_STREAM } else { 0 };
            let (most, out) = (self.peer.max_frame as usize, &mut self.out);
            let put = stream.outgoing.put(id, &mut self.send, most, last, out);
            if let Some((_, is_all)) = put {
                stream.closed = is_all && finished;
                self.queue.add(stream);
            }
        }
    }
}
