//! Frames of an answer, as they are written into the output.

use std::ops::Range;

use crate::call::Call;
use crate::frame::{
    end_frame, put_head, split_block, FrameHead, DATA, END_HEADERS, END_STREAM, HEADERS, HEAD_BYTES,
};
use crate::hpack::encoder::{Field, Taught};
use crate::state::{Mark, State};

impl State {
    /// Writes the block in front of an answer, and the head of its frame of data. Where that stands.
    #[inline]
    pub(super) fn begin_answer(
        &mut self,
        call: &Call,
        fields: &[Field<'_>],
        taught: &Taught,
    ) -> usize {
        self.block(call.stream, 0, fields, taught);
        let data = self.out.len();
        put_head(&mut self.out, 0, DATA, 0, call.stream);
        data
    }

    /// Ends an answer whose block stands at `at.start`, and its frame of data, which may go, at `at.end`.
    #[inline]
    pub(super) fn end_answer(
        &mut self,
        call: &Call,
        mark: Mark,
        at: Range<usize>,
        trailers: &[Field<'_>],
        taught: &Taught,
    ) {
        let Range {
            start: begin,
            end: data,
        } = at;
        let bytes = self.out.len() - data - HEAD_BYTES;
        self.send.take(bytes);
        self.flood.wrote(2);
        self.flood.wrote_data(bytes);
        let mut last = data;
        if bytes == 0 {
            self.out.truncate(data);
            last = begin;
        } else if bytes <= self.peer.max_frame as usize {
            end_frame(&mut self.out, data);
        } else {
            last = self.split_data(call.stream, data);
        }
        if trailers.is_empty() {
            self.out[last + 4] |= END_STREAM;
        } else {
            self.block(call.stream, END_STREAM, trailers, taught);
        }
        if mark == Mark::Direct {
            self.marks[call.number as usize] = Mark::Over;
        } else {
            self.over(call.stream);
        }
    }

    /// Cuts the data behind the head at `data` into frames. Where the last of them stands.
    #[cold]
    fn split_data(&mut self, stream: u32, data: usize) -> usize {
        let most = self.peer.max_frame as usize;
        let (from, bytes) = (data + HEAD_BYTES, self.out.len() - data - HEAD_BYTES);
        let more = bytes.div_ceil(most) - 1;
        self.flood.wrote(more as u32);
        self.out.resize(self.out.len() + more * HEAD_BYTES, 0);
        // From the last on, so that nothing is overwritten that has yet to move.
        for number in (0..=more).rev() {
            let begin = from + number * most;
            let length = most.min(from + bytes - begin);
            let to = begin + number * HEAD_BYTES;
            self.out.copy_within(begin..begin + length, to);
            let head = FrameHead {
                length,
                kind: DATA,
                flags: 0,
                stream,
            };
            self.out[to - HEAD_BYTES..to].copy_from_slice(&head.bytes());
        }
        data + more * (most + HEAD_BYTES)
    }

    /// Writes a block of fields.
    #[inline]
    pub(crate) fn block(&mut self, stream: u32, flags: u8, fields: &[Field<'_>], taught: &Taught) {
        let at = self.out.len();
        put_head(&mut self.out, 0, HEADERS, flags | END_HEADERS, stream);
        self.encoder.encode(fields, taught, &mut self.out);
        end_frame(&mut self.out, at);
        let most = self.peer.max_frame as usize;
        if self.out.len() - at - HEAD_BYTES > most {
            split_block(&mut self.out, at, most, flags, stream);
        }
    }
}
