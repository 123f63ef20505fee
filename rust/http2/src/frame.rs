//! Frames (RFC 9113, 4.1 and 6): their heads, and those that are written whole.

use std::ops::Range;

use crate::error::{Ending, ErrorCode};

/// What a client sends first (RFC 9113, 3.4).
pub(crate) const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Bytes of a head: length (3), type, flags, stream (4).
pub(crate) const HEAD_BYTES: usize = 9;

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const PRIORITY: u8 = 2;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PUSH_PROMISE: u8 = 5;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

/// Flag of DATA and HEADERS.
pub(crate) const END_STREAM: u8 = 1;
/// Flag of SETTINGS and PING.
pub(crate) const ACK: u8 = 1;
/// Flag of HEADERS and CONTINUATION.
pub(crate) const END_HEADERS: u8 = 4;
/// Flag of DATA and HEADERS.
pub(crate) const PADDED: u8 = 8;
/// Flag of HEADERS.
pub(crate) const HAS_PRIORITY: u8 = 0x20;

/// The greatest number of a stream, and of a window.
pub(crate) const MAX_31: u32 = 0x7fff_ffff;

/// The head of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FrameHead {
    /// Bytes behind the head.
    pub(crate) length: usize,
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    /// 0 for the connection.
    pub(crate) stream: u32,
}

impl FrameHead {
    /// The head at the front of `bytes`, if all of it is there.
    #[inline]
    pub(crate) fn read(bytes: &[u8]) -> Option<FrameHead> {
        let [a, b, c, kind, flags, d, e, f, g] = *bytes.first_chunk::<HEAD_BYTES>()?;
        Some(FrameHead {
            length: u32::from_be_bytes([0, a, b, c]) as usize,
            kind,
            flags,
            // The first bit means nothing.
            stream: u32::from_be_bytes([d, e, f, g]) & MAX_31,
        })
    }

    pub(crate) fn has(self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    #[inline]
    pub(crate) fn bytes(self) -> [u8; HEAD_BYTES] {
        let [_, a, b, c] = (self.length as u32).to_be_bytes();
        let [d, e, f, g] = self.stream.to_be_bytes();
        [a, b, c, self.kind, self.flags, d, e, f, g]
    }
}

/// Adds a head; its length can be set later.
#[inline]
pub(crate) fn put_head(out: &mut Vec<u8>, length: usize, kind: u8, flags: u8, stream: u32) {
    let head = FrameHead {
        length,
        kind,
        flags,
        stream,
    };
    out.extend_from_slice(&head.bytes());
}

/// Sets the length of the frame whose head is at `at` and which ends where `out` does.
#[inline]
pub(crate) fn end_frame(out: &mut [u8], at: usize) {
    let length = (out.len() - at - HEAD_BYTES) as u32;
    if let Some(field) = out.get_mut(at..at + 3) {
        field.copy_from_slice(&length.to_be_bytes()[1..]);
    }
}

/// Cuts the block of fields behind the head at `at`, which is longer than a frame of the peer may be: `most` bytes.
#[cold]
pub(crate) fn split_block(out: &mut Vec<u8>, at: usize, most: usize, flags: u8, stream: u32) {
    let block = out.split_off(at + HEAD_BYTES);
    out.truncate(at);
    let pieces = block.chunks(most);
    let last = pieces.len() - 1;
    for (number, piece) in pieces.enumerate() {
        let (kind, flags) = match number {
            0 => (HEADERS, flags),
            _ => (CONTINUATION, 0),
        };
        let end = if number == last { END_HEADERS } else { 0 };
        put_head(out, piece.len(), kind, flags | end, stream);
        out.extend_from_slice(piece);
    }
}

/// Where the payload of a frame is without its padding (RFC 9113, 6.1).
#[inline]
pub(crate) fn unpadded(head: FrameHead, payload: &[u8]) -> Result<Range<usize>, Ending> {
    if !head.has(PADDED) {
        return Ok(0..payload.len());
    }
    let Some(&padding) = payload.first() else {
        return Err(Ending::size("a padded frame without the padding's length"));
    };
    if usize::from(padding) >= payload.len() {
        return Err(Ending::protocol("padding that is as long as its frame"));
    }
    Ok(1..payload.len() - usize::from(padding))
}

/// What PING says (6.7).
pub(crate) fn ping(head: FrameHead, payload: &[u8]) -> Result<[u8; 8], Ending> {
    let Ok(payload) = <[u8; 8]>::try_from(payload) else {
        return Err(Ending::size("PING that has not 8 bytes"));
    };
    if head.stream != 0 {
        return Err(Ending::protocol("PING on a stream"));
    }
    Ok(payload)
}

/// What GOAWAY says (6.8): the last stream that is answered, the code, and a text.
pub(crate) fn goaway(head: FrameHead, payload: &[u8]) -> Result<(u32, ErrorCode, &[u8]), Ending> {
    if head.stream != 0 {
        return Err(Ending::protocol("GOAWAY on a stream"));
    }
    let Some((fixed, text)) = payload.split_first_chunk::<8>() else {
        return Err(Ending::size("GOAWAY of less than 8 bytes"));
    };
    let code = ErrorCode(number(&fixed[4..]));
    Ok((number(fixed) & MAX_31, code, text))
}

pub(crate) fn put_rst_stream(out: &mut Vec<u8>, stream: u32, code: ErrorCode) {
    put_head(out, 4, RST_STREAM, 0, stream);
    out.extend(code.0.to_be_bytes());
}

pub(crate) fn put_window_update(out: &mut Vec<u8>, stream: u32, bytes: u32) {
    put_head(out, 4, WINDOW_UPDATE, 0, stream);
    out.extend(bytes.to_be_bytes());
}

pub(crate) fn put_ping(out: &mut Vec<u8>, flags: u8, payload: [u8; 8]) {
    put_head(out, 8, PING, flags, 0);
    out.extend(payload);
}

pub(crate) fn put_goaway(out: &mut Vec<u8>, last: u32, code: ErrorCode, text: &str) {
    put_head(out, 8 + text.len(), GOAWAY, 0, 0);
    out.extend(last.to_be_bytes());
    out.extend(code.0.to_be_bytes());
    out.extend(text.as_bytes());
}

/// The first four bytes of a payload as a number.
pub(crate) fn number(payload: &[u8]) -> u32 {
    payload
        .first_chunk()
        .map_or(0, |bytes| u32::from_be_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_comes_as_it_went() {
        let head = FrameHead {
            length: 0x01_02_03,
            kind: HEADERS,
            flags: END_STREAM | END_HEADERS,
            stream: MAX_31,
        };
        let bytes = head.bytes();
        assert_eq!(bytes, [1, 2, 3, 1, 5, 0x7f, 0xff, 0xff, 0xff]);
        assert_eq!(FrameHead::read(&bytes), Some(head));
        assert_eq!(FrameHead::read(&bytes[..8]), None);
        // The reserved bit is ignored (RFC 9113, 4.1).
        let reserved = [0, 0, 0, 8, 0, 0x80, 0, 0, 5];
        assert_eq!(FrameHead::read(&reserved).unwrap().stream, 5);
    }

    #[test]
    fn a_length_is_set_later() {
        let mut out = vec![9; 4];
        put_head(&mut out, 0, DATA, END_STREAM, 7);
        out.resize(out.len() + 0x0102, 0);
        end_frame(&mut out, 4);
        assert_eq!(out[4..13], [0, 1, 2, DATA, END_STREAM, 0, 0, 0, 7]);
    }
}
