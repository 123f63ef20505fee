//! The frames of HTTP/2, found in a stream of bytes however it is cut (RFC 9113, 4.1).
//!
//! Only heads are looked at, and nothing is kept of what they head.
// #[HotPath]

/// Length (3 bytes), type, flags, stream (4).
pub(crate) const FRAME_HEAD: usize = 9;

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const PRIORITY: u8 = 2;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

/// Flag of DATA and HEADERS.
pub(crate) const END_STREAM: u8 = 1;
/// Flag of SETTINGS and PING.
pub(crate) const ACK: u8 = 1;

/// Bytes of a PING.
pub(crate) const PING_BYTES: usize = 8;

/// Error code of a peer that makes too much work.
pub(crate) const ENHANCE_YOUR_CALM: u32 = 11;
/// The greatest number of a stream.
pub(crate) const LAST_STREAM: u32 = 0x7FFF_FFFF;

/// The head of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    /// Bytes behind the head.
    pub(crate) length: usize,
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    /// 0 for the connection.
    pub(crate) stream: u32,
}

impl Head {
    pub(crate) fn decode(bytes: [u8; FRAME_HEAD]) -> Head {
        let [a, b, c, kind, flags, stream @ ..] = bytes;
        Head {
            length: u32::from_be_bytes([0, a, b, c]) as usize,
            kind,
            flags,
            // The first bit means nothing.
            stream: u32::from_be_bytes(stream) & LAST_STREAM,
        }
    }

    pub(crate) fn encode(self) -> [u8; FRAME_HEAD] {
        let [_, a, b, c] = (self.length as u32).to_be_bytes();
        let [d, e, f, g] = self.stream.to_be_bytes();
        [a, b, c, self.kind, self.flags, d, e, f, g]
    }
}

/// Where in its frame a stream of bytes is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Frames {
    /// The next head, as far as it came.
    head: [u8; FRAME_HEAD],
    filled: usize,
    /// Bytes left of the frame before it.
    payload: usize,
}

impl Frames {
    /// The next head in `bytes`, which then begin behind it; `None` when they are used up.
    pub(crate) fn next(&mut self, bytes: &mut &[u8]) -> Option<Head> {
        let skipped = self.payload.min(bytes.len());
        self.payload -= skipped;
        *bytes = &bytes[skipped..];
        if bytes.is_empty() {
            return None;
        }
        let taken = (FRAME_HEAD - self.filled).min(bytes.len());
        self.head[self.filled..self.filled + taken].copy_from_slice(&bytes[..taken]);
        self.filled += taken;
        *bytes = &bytes[taken..];
        if self.filled < FRAME_HEAD {
            return None;
        }
        self.filled = 0;
        let head = Head::decode(self.head);
        self.payload = head.length;
        Some(head)
    }

    /// Bytes still to come of the frame whose head came last.
    pub(crate) fn payload_left(&self) -> usize {
        self.payload
    }

    /// The beginning of a head that has not come whole.
    pub(crate) fn partial_head(&self) -> &[u8] {
        &self.head[..self.filled]
    }

    /// Whether a frame may begin here.
    pub(crate) fn between(&self) -> bool {
        self.payload == 0 && self.filled == 0
    }
}

/// A frame as it is sent, for tests.
#[cfg(test)]
pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let head = Head {
        length: payload.len(),
        kind,
        flags,
        stream,
    };
    [&head.encode()[..], payload].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_found_wherever_the_bytes_are_cut() {
        let heads = [
            (HEADERS, 4, 30, 1),
            (DATA, 0, 0, 1),
            (DATA, 1, 70_000, 3),
            (PING, ACK, 8, 0),
        ]
        .map(|(kind, flags, length, stream)| Head {
            length,
            kind,
            flags,
            stream,
        });
        let mut bytes = Vec::new();
        for head in heads {
            bytes.extend(head.encode());
            bytes.resize(bytes.len() + head.length, 0xFF);
        }
        for step in (1..40).chain([70_000, 1_000_000]) {
            let mut frames = Frames::default();
            let mut found = Vec::new();
            for mut piece in bytes.chunks(step) {
                while let Some(head) = frames.next(&mut piece) {
                    found.push(head);
                }
                assert!(piece.is_empty());
            }
            assert_eq!(found, heads, "pieces of {step}");
            assert!(frames.between());
        }
    }

    #[test]
    fn the_first_bit_of_a_stream_means_nothing() {
        let head = Head::decode([0, 1, 2, WINDOW_UPDATE, 0, 0x80, 0, 0, 5]);
        assert_eq!((head.length, head.stream), (258, 5));
    }
}
