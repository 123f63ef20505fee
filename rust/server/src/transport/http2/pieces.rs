//! Parts of large answers on their way to the socket: they are written from where they were encoded, each behind the head of its
//! frame, which is in the connection's output.
//!
//! ```text
//!   output:  | frames, head |           head |           trailers, frames |
//!   pieces:                 | 16 KiB of it   | 16 KiB of it
//! ```
//!
//! A piece is counted by its answer's charge until it is written. Nothing of it counts as output.

use std::collections::VecDeque;
use std::io::IoSlice;

use bytes::{Buf, Bytes};

/// Shorter parts are copied into the output: that costs less than a slice of a system call.
pub(super) const SHORTEST: usize = 4 * 1024;
/// With so many bytes in pieces no more are taken before some are written.
const MOST_BYTES: usize = 256 * 1024;
/// Likewise, of pieces: a system call has two slices for each.
const MOST: usize = 32;
/// Slices of one system call.
const SLICES: usize = 2 * MOST + 1;

/// Room for the slices of one system call.
type Slices<'b> = [IoSlice<'b>; SLICES];

/// A part of an answer.
#[derive(Debug)]
struct Piece {
    /// Bytes of the output between the piece before and this one.
    behind: usize,
    bytes: Bytes,
}

/// Parts of answers, in the order in which they are written.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    queue: VecDeque<Piece>,
    bytes: usize,
    /// Bytes of the output before the last piece.
    before: usize,
}

impl Pieces {
    /// Whether all are written.
    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Whether no more are taken before some are written.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.bytes >= MOST_BYTES || self.queue.len() >= MOST
    }

    /// Takes a piece that comes behind so many bytes of the output that are not written.
    pub(super) fn push(&mut self, waiting: usize, bytes: Bytes) {
        self.bytes += bytes.len();
        let behind = waiting - self.before;
        self.before = waiting;
        self.queue.push_back(Piece { behind, bytes });
    }

    /// Has `write` write pieces between the parts of `out`, the output that is not written.
    pub(super) fn write<T>(&self, out: &[u8], write: impl FnOnce(&[IoSlice<'_>]) -> T) -> T {
        let mut slices: Slices<'_> = [IoSlice::new(&[]); SLICES];
        let count = self.gather(out, &mut slices);
        write(&slices[..count])
    }

    /// What is to be written. How many slices it is.
    fn gather<'b>(&'b self, out: &'b [u8], slices: &mut Slices<'b>) -> usize {
        let (mut rest, mut count) = (out, 0);
        let mut put = |slice: &'b [u8]| {
            if let Some(place) = slices.get_mut(count).filter(|_| !slice.is_empty()) {
                *place = IoSlice::new(slice);
                count += 1;
            }
        };
        for piece in &self.queue {
            let (before, behind) = rest.split_at(piece.behind);
            rest = behind;
            put(before);
            put(&piece.bytes);
        }
        // Only behind all pieces: who has no room for one has none for what comes later.
        put(rest);
        count
    }

    /// So many bytes were written. How many of them were the output's.
    pub(super) fn wrote(&mut self, bytes: usize) -> usize {
        let (mut left, mut of_output) = (bytes, 0);
        while let Some(piece) = self.queue.front_mut() {
            let before = left.min(piece.behind);
            piece.behind -= before;
            self.before -= before;
            of_output += before;
            left -= before;
            let some = left.min(piece.bytes.len());
            piece.bytes.advance(some);
            self.bytes -= some;
            left -= some;
            if piece.behind > 0 || !piece.bytes.is_empty() {
                return of_output;
            }
            self.queue.pop_front();
        }
        of_output + left
    }

    /// All is written: what is left holds nothing.
    #[inline]
    pub(super) fn rest(&mut self) {
        if self.queue.capacity() > 0 {
            self.queue = VecDeque::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes what there is, `step` bytes at a time, and adds the output that is left.
    fn written(mut pieces: Pieces, out: &[u8], step: usize) -> Vec<u8> {
        let (mut written, mut at) = (Vec::new(), 0);
        loop {
            let all = pieces.write(&out[at..], |slices| {
                let all = slices.iter().flat_map(|one| one.to_vec());
                all.collect::<Vec<u8>>()
            });
            if all.is_empty() {
                assert!(pieces.is_empty() && pieces.bytes == 0 && pieces.before == 0);
                return written;
            }
            let some = step.min(all.len());
            written.extend_from_slice(&all[..some]);
            at += pieces.wrote(some);
        }
    }

    fn pieces(of: &[(usize, &'static [u8])]) -> Pieces {
        let mut pieces = Pieces::default();
        for (waiting, bytes) in of {
            pieces.push(*waiting, Bytes::from_static(bytes));
        }
        pieces
    }

    #[test]
    fn pieces_come_where_they_belong_however_few_bytes_are_written_at_a_time() {
        for step in 1..30 {
            let some = pieces(&[(2, b"CDE"), (4, b"H"), (4, b"IJ")]);
            assert_eq!(written(some, b"abfgkl", step), b"abCDEfgHIJkl", "{step}");
            let first = pieces(&[(0, b"AB"), (3, b"FG")]);
            assert_eq!(written(first, b"cde", step), b"ABcdeFG", "{step}");
            assert_eq!(written(Pieces::default(), b"abc", step), b"abc", "{step}");
        }
    }

    #[test]
    fn a_piece_may_come_while_others_are_written_in_part() {
        let mut some = pieces(&[(3, b"DEF")]);
        // `ab` of the output, which is then `c`, and `gh` behind it.
        assert_eq!(some.wrote(2), 2);
        some.push(3, Bytes::from_static(b"IJ"));
        assert_eq!(written(some, b"cghk", 2), b"cDEFghIJk");
        let mut some = pieces(&[(1, b"BCD")]);
        assert_eq!((some.wrote(3), some.bytes), (1, 1));
        some.push(0, Bytes::from_static(b"EF"));
        assert_eq!(written(some, b"g", 1), b"DEFg");
    }

    #[test]
    fn no_more_are_taken_than_one_system_call_writes() {
        let mut some = Pieces::default();
        while !some.is_full() {
            some.push(2 * (some.queue.len() + 1), Bytes::from_static(b"BC"));
        }
        assert_eq!(some.queue.len(), MOST);
        let out = b"aa".repeat(MOST + 1);
        assert_eq!(some.write(&out, |slices| slices.len()), SLICES);
        assert_eq!(
            written(some, &out, usize::MAX),
            [b"aaBC".repeat(MOST), b"aa".to_vec()].concat()
        );
        let mut one = Pieces::default();
        one.push(0, Bytes::from(vec![0; MOST_BYTES]));
        assert!(one.is_full());
    }
}
