//! What a client still sends after it was told to go (GOAWAY; RFC 9113, 6.8).
//!
//! Calls may cross the last GOAWAY: the client sent them before it read that they are taken no more,
//! and makes them again elsewhere. Their frames are ignored. h2 does so with most of them: HEADERS it
//! decodes, because HPACK's table is the connection's, DATA it adds to the connection's window. But it
//! takes WINDOW_UPDATE for one on a stream that was never opened, and ends the connection, with the
//! calls that are in flight. So those are taken out before h2 sees them.

use crate::transport::frames::{
    Frames, Head, ACK, FRAME_HEAD, HEADERS, PING, PING_BYTES, PRIORITY, WINDOW_UPDATE,
};

/// A GOAWAY that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct GoAway {
    /// Streams above it are ignored.
    pub(crate) last: u32,
    /// Why.
    pub(crate) code: u32,
}

/// Takes out of what a client sends the frames that h2 has to ignore and does not.
///
/// h2 takes calls until the client has answered the PING that follows the first GOAWAY, and then says in a
/// second one which call is the last. Some clients answer a PING before those who make calls hear of the
/// GOAWAY before it, and make such a call again only once (grpc-js). So the answer is held back for a
/// while, and what comes meanwhile is served.
#[derive(Debug)]
pub(crate) struct Crossing {
    /// The head that is coming.
    head: [u8; FRAME_HEAD],
    filled: usize,
    /// Bytes of it that h2 has already.
    shown: usize,
    /// Bytes left of the frame before it.
    payload: usize,
    /// Whether that frame is ignored.
    ignored: bool,
    /// The payload of an answer to a PING that is coming, and how much of it is here.
    coming: [u8; PING_BYTES],
    answered: Option<usize>,
    /// The answer that h2 waits for; whether it is held back, and has to go at the end of a frame.
    answer: [u8; PING_BYTES],
    held: bool,
    due: bool,
    /// The latest call that was opened.
    opened: u32,
    /// No more are.
    closed: bool,
}

/// What answers a PING.
const ANSWER: Head = Head {
    length: PING_BYTES,
    kind: PING,
    flags: ACK,
    stream: 0,
};

impl Crossing {
    /// Begins where `received` is; `opened` is the latest call until there.
    pub(crate) fn new(received: &Frames, opened: u32) -> Crossing {
        let partial = received.partial_head();
        let mut head = [0; FRAME_HEAD];
        head[..partial.len()].copy_from_slice(partial);
        Crossing {
            head,
            filled: partial.len(),
            shown: partial.len(),
            payload: received.payload_left(),
            ignored: false,
            coming: [0; PING_BYTES],
            answered: None,
            answer: [0; PING_BYTES],
            held: false,
            due: false,
            opened,
            closed: false,
        }
    }

    /// Adds to `kept` what h2 may see of `bytes`, but for the answer to `ping`. A head is held back until all
    /// of it is here.
    pub(crate) fn filter(
        &mut self,
        mut bytes: &[u8],
        ping: Option<[u8; PING_BYTES]>,
        kept: &mut Vec<u8>,
    ) {
        loop {
            let rest = self.payload.min(bytes.len());
            if !self.ignored {
                kept.extend_from_slice(&bytes[..rest]);
            }
            self.answer(&bytes[..rest], ping, kept);
            self.payload -= rest;
            bytes = &bytes[rest..];
            if bytes.is_empty() {
                return;
            }
            if self.due && self.filled == 0 {
                self.let_go(kept);
            }
            let taken = (FRAME_HEAD - self.filled).min(bytes.len());
            self.head[self.filled..self.filled + taken].copy_from_slice(&bytes[..taken]);
            self.filled += taken;
            bytes = &bytes[taken..];
            if self.filled < FRAME_HEAD {
                return;
            }
            let head = Head::decode(self.head);
            let answers = head == ANSWER && self.shown == 0;
            if answers {
                self.answered = Some(0);
            }
            if head.kind == HEADERS && !self.closed {
                self.opened = self.opened.max(head.stream);
            }
            let crosses = self.closed
                && self.shown == 0
                && head.stream > self.opened
                && matches!(head.kind, WINDOW_UPDATE | PRIORITY);
            self.ignored = answers || crosses;
            if !self.ignored {
                // Of a head that h2 has a part of, it has to have the rest.
                kept.extend_from_slice(&self.head[self.shown..]);
            }
            self.payload = head.length;
            (self.filled, self.shown) = (0, 0);
        }
    }

    /// Whether the answer that h2 waits for is here, and held back.
    pub(crate) fn is_held(&self) -> bool {
        self.held
    }

    /// Adds that answer to `kept`, as soon as no other frame is in its midst. Calls that come after it are
    /// ignored.
    pub(crate) fn release(&mut self, kept: &mut Vec<u8>) {
        self.due = self.held;
        if self.due && self.payload == 0 && self.filled == 0 {
            self.let_go(kept);
        }
    }

    fn let_go(&mut self, kept: &mut Vec<u8>) {
        kept.extend_from_slice(&ANSWER.encode());
        kept.extend_from_slice(&self.answer);
        (self.held, self.due, self.closed) = (false, false, true);
    }

    /// Looks at a part of the payload of an answer to a PING: to which?
    fn answer(&mut self, bytes: &[u8], ping: Option<[u8; PING_BYTES]>, kept: &mut Vec<u8>) {
        let Some(filled) = self.answered else {
            return;
        };
        let known = filled + bytes.len();
        self.coming[filled..known].copy_from_slice(bytes);
        let answer = self.coming;
        self.answered = (known < PING_BYTES).then_some(known);
        if known < PING_BYTES {
            return;
        }
        if ping == Some(answer) && !self.held && !self.closed {
            (self.answer, self.held) = (answer, true);
        } else {
            kept.extend_from_slice(&ANSWER.encode());
            kept.extend_from_slice(&answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::frames::{frame, DATA, RST_STREAM};

    const FAREWELL: [u8; PING_BYTES] = *b"farewell";

    /// Frames of which some are kept: those of calls after 7 are ignored, where h2 would not.
    fn crossing() -> (Vec<u8>, Vec<u8>) {
        let update = |stream| frame(WINDOW_UPDATE, 0, stream, &[0, 0, 1, 0]);
        let frames = [
            (frame(HEADERS, 4, 5, b"head"), true),
            (update(5), true),
            // Not the answer that counts.
            (frame(PING, ACK, 0, b"liveness"), true),
            (frame(PING, 0, 0, &FAREWELL), true),
            (frame(HEADERS, 4, 7, b"head"), true),
            (update(7), true),
            (frame(PING, ACK, 0, &FAREWELL), true),
            // From here on the answer was released.
            (frame(HEADERS, 4, 9, b"head"), true),
            (update(9), false),
            (frame(DATA, 0, 9, b"some data"), true),
            (frame(PRIORITY, 0, 9, &[0, 0, 0, 3, 16]), false),
            (update(7), true),
            (update(0), true),
            (frame(RST_STREAM, 0, 9, &[0, 0, 0, 8]), true),
            (update(11), false),
            (frame(PING, 0, 0, b"12345678"), true),
        ];
        let sent = frames.iter().flat_map(|(bytes, _)| bytes.clone());
        let kept = frames.iter().filter(|(_, kept)| *kept);
        let kept = kept.flat_map(|(bytes, _)| bytes.clone()).collect();
        (sent.collect(), kept)
    }

    /// Where the answer to the PING ends in what is sent.
    fn end_of_answer(sent: &[u8]) -> usize {
        let mut windows = sent.windows(PING_BYTES);
        windows.rposition(|bytes| bytes == FAREWELL).unwrap() + PING_BYTES
    }

    /// Filters pieces of what is sent; the answer is released as soon as it is held.
    fn filtered(crossing: &mut Crossing, sent: &[u8], step: usize, kept: &mut Vec<u8>) {
        for piece in sent.chunks(step) {
            crossing.filter(piece, Some(FAREWELL), kept);
            if crossing.is_held() {
                crossing.release(kept);
            }
        }
    }

    #[test]
    fn window_updates_of_crossing_calls_are_taken_out_wherever_they_are_cut() {
        let (sent, expected) = crossing();
        let answer = end_of_answer(&sent);
        for step in 1..=sent.len() {
            let mut crossing = Crossing::new(&Frames::default(), 3);
            let mut kept = Vec::new();
            // What comes together with the answer is served, so it comes alone.
            filtered(&mut crossing, &sent[..answer], step, &mut kept);
            filtered(&mut crossing, &sent[answer..], step, &mut kept);
            assert!(kept == expected, "pieces of {step}");
        }
    }

    #[test]
    fn calls_are_taken_while_the_answer_is_held_back() {
        let (sent, _) = crossing();
        let answer = frame(PING, ACK, 0, &FAREWELL);
        let at = sent
            .windows(answer.len())
            .position(|bytes| bytes == answer)
            .unwrap();
        let without = [&sent[..at], &sent[at + answer.len()..]].concat();
        for step in 1..=sent.len() {
            let mut crossing = Crossing::new(&Frames::default(), 3);
            let mut kept = Vec::new();
            for piece in sent.chunks(step) {
                crossing.filter(piece, Some(FAREWELL), &mut kept);
            }
            assert!(kept == without, "pieces of {step}");
            // In the midst of a frame it waits for its end.
            let update = frame(WINDOW_UPDATE, 0, 9, &[0, 0, 1, 0]);
            let late = frame(WINDOW_UPDATE, 0, 13, &[0, 0, 1, 0]);
            kept.clear();
            crossing.filter(&update[..11], Some(FAREWELL), &mut kept);
            crossing.release(&mut kept);
            let rest = [&update[11..], &late].concat();
            crossing.filter(&rest, Some(FAREWELL), &mut kept);
            assert!(kept == [&update[..], &answer].concat(), "pieces of {step}");
        }
    }

    #[test]
    fn nothing_is_taken_out_before_the_ping_is_sent() {
        let (sent, _) = crossing();
        for ping in [None, Some(*b"not sent")] {
            let mut crossing = Crossing::new(&Frames::default(), 3);
            let mut kept = Vec::new();
            crossing.filter(&sent, ping, &mut kept);
            assert!(kept == sent);
        }
    }

    #[test]
    fn it_may_begin_within_any_frame() {
        let (sent, expected) = crossing();
        let answer = end_of_answer(&sent);
        // Of the first two frames, 26 bytes, some were seen already.
        for seen in 0..26 {
            let mut frames = Frames::default();
            let (mut bytes, mut opened) = (&sent[..seen], 3);
            while let Some(head) = frames.next(&mut bytes) {
                opened = opened.max(head.stream);
            }
            let mut crossing = Crossing::new(&frames, opened);
            let mut kept = sent[..seen].to_vec();
            filtered(&mut crossing, &sent[seen..answer], 1000, &mut kept);
            filtered(&mut crossing, &sent[answer..], 1000, &mut kept);
            assert!(kept == expected, "after {seen} bytes");
        }
    }
}
