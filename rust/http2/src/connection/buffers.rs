//! The memory that a connection reads into and writes into. It has some while something is in it, and whoever drives
//! many connections lends one buffer to each of them in turn. [`crate::Answers::lend_out`] lends that of the output.

use crate::connection::Connection;
use crate::frame::{FrameHead, HEAD_BYTES};
use crate::hpack::field::Vocabulary;
use crate::state::State;

/// Whether a buffer is much larger than what is in it.
fn is_wide(buffer: usize, used: usize) -> bool {
    buffer > used + used / 4 + 512
}

impl<V: Vocabulary> Connection<V> {
    /// Takes the input's buffer away, if nothing is in it. A connection on which nothing comes needs none.
    pub fn reclaim(&mut self) -> Option<Vec<u8>> {
        self.end_turn();
        if self.at < self.filled || self.input.is_empty() {
            return None;
        }
        (self.at, self.filled) = (0, 0);
        Some(std::mem::take(&mut self.input))
    }

    /// Moves what is left of the input into memory of its own size, and takes the buffer away, if that is much larger.
    /// For a connection that does not go on now.
    pub fn shrink(&mut self) -> Option<Vec<u8>> {
        self.end_turn();
        if !is_wide(self.input.len(), self.unread()) {
            return None;
        }
        let left = self.input[self.at..self.filled].to_vec();
        (self.at, self.filled) = (0, left.len());
        Some(std::mem::replace(&mut self.input, left))
    }

    /// Gives back what calls needed that are over. For a connection that waits for its peer.
    #[inline]
    pub fn rest(&mut self) {
        self.state.streams.rest();
    }

    /// Takes the input's buffer away with what is in it. For a connection that is over, and reads no more turns.
    pub fn forget_input(&mut self) -> Option<Vec<u8>> {
        self.end_turn();
        self.at = self.filled;
        self.reclaim()
    }

    /// Bytes that came and that no turn has read.
    pub fn unread(&self) -> usize {
        self.filled - self.at
    }

    /// Bytes that the next frame has in all, as far as that is known.
    pub fn next_frame(&self) -> usize {
        let head = FrameHead::read(&self.input[self.at..self.filled]);
        let length = head.map_or(0, |head| head.length);
        HEAD_BYTES + length.min(self.protocol.limits.frame_bytes as usize)
    }

    /// Whether it has no whole buffer for the input.
    pub fn needs_memory(&self) -> bool {
        self.input.len() < HEAD_BYTES + self.protocol.limits.frame_bytes as usize
    }

    /// Lends a buffer for the input, as [`Connection::reclaim`] or [`Connection::shrink`] gave it, to a connection
    /// that has a smaller one or none.
    pub fn lend(&mut self, mut buffer: Vec<u8>) {
        if self.input.len() >= buffer.len() {
            return;
        }
        self.end_turn();
        let unread = self.unread();
        buffer[..unread].copy_from_slice(&self.input[self.at..self.filled]);
        (self.at, self.filled) = (0, unread);
        self.input = buffer;
    }

    /// Takes the output's buffer away, if nothing is in it. A connection that sends nothing needs none.
    pub fn reclaim_out(&mut self) -> Option<Vec<u8>> {
        let out = &mut self.state.out;
        (out.is_empty() && out.capacity() > 0).then(|| std::mem::take(out))
    }

    /// Moves what waits to be written into memory of its own size, and takes the buffer away, empty, if that is much
    /// larger. For a connection that cannot write now.
    pub fn shrink_out(&mut self) -> Option<Vec<u8>> {
        let State { out, written, .. } = &mut self.state;
        if !is_wide(out.capacity(), out.len() - *written) {
            return None;
        }
        let left = out[*written..].to_vec();
        *written = 0;
        let mut buffer = std::mem::replace(out, left);
        buffer.clear();
        Some(buffer)
    }
}
