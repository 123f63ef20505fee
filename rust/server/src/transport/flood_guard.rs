//! Flood protection: a token budget for control frames and resets.
//!
//! HTTP/2 lets a client make a server work without asking for anything: PING, SETTINGS, PRIORITY,
//! WINDOW_UPDATE, empty DATA, calls that are reset at once (CVE-2019-9511 to 9518, CVE-2023-44487).
//! h2 answers them one by one, without limit. So every connection has a credit: such a frame costs
//! one, a call and time bring some back, and who has none left is hung up on. Only heads of frames
//! are looked at, nothing is kept of them.
//!
//! What acknowledges the server's own frames costs nothing of that. Clients answer each DATA with
//! up to two WINDOW_UPDATEs and a PING that measures the line (grpc-go and grpcio do, however small
//! the frame), each SETTINGS and PING with an acknowledgement. So frames are counted on their way out
//! too: each entitles the client to what answers it. On a call that streams small answers this is all
//! that there is to live on: it brings no further calls, and few bytes.
//!
//! Cancelled calls count by themselves: a client that sends each call twice and cancels the slower one
//! resets half of them, and one whose patience ends resets all that are open, at once.
// #[HotPath]

use std::time::Instant;

use crate::config::names::MAX_CLIENT_BYTES;
use crate::transport::frames::{
    Frames, Head, ACK, CONTINUATION, DATA, END_STREAM, GOAWAY, HEADERS, PING, PING_BYTES,
    RST_STREAM, SETTINGS, WINDOW_UPDATE,
};
use crate::transport::goodbye::GoAway;
use crate::transport::small_data;

/// Credits at the start, and at most: a burst that costs a millisecond or two.
const CONTROL_CREDITS: u32 = 10_000;
/// Credits for each call: what clients send beside one, and as much again.
const CONTROL_PER_CALL: u32 = 8;
/// Credits for each second: that many frames take no noticeable part of a core.
const CONTROL_PER_SECOND: u32 = 1_000;
/// Cancelled calls for each second, beside those that calls allow.
const RESETS_PER_SECOND: u32 = 100;

/// Frames that may answer a DATA: WINDOW_UPDATEs of stream and connection, one more when the client
/// waits for a larger message, a PING.
const PER_DATA: u32 = 4;
/// Bytes of DATA that entitle to a further frame: clients that take frames of more than 16 KiB
/// acknowledge them in parts.
const BYTES_PER_ANSWER: usize = 4 * 1024;
/// Answers that may be outstanding. So many small frames are on their way to a client at most, whose
/// windows hold some megabytes; and a client that saved them up costs no more than 50 ms.
const MAX_ANSWERS: u32 = 100_000;

/// Calls that may begin in one turn of a connection. HTTP/2 takes in all that came before anybody sees
/// the first call of it, and never gives back the memory for as many as it once had at a time. So each
/// turn brings it no more than this, and calls for which there is no room are gone before the next ones
/// come.
pub(crate) const CALLS_OF_TURN: usize = 128;
/// The same for who is new, and for who has more at once than its turns may begin, until nothing of that is left:
/// or dozens of clients that make a thousand calls at once would make one with a few calls wait for thousands of
/// theirs, round by round. Who brings more than a turn now and then, as clients with a hundred calls in flight do,
/// has turns twice as long after each time, up to [`CALLS_OF_TURN`].
const CALLS_OF_SHORT_TURN: usize = 8;

/// Why a client is hung up on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Flood {
    /// It sends frames that ask for nothing.
    #[error("the client floods the connection with frames beside calls")]
    Control,
    /// It cancels nearly all of its calls.
    #[error("the client cancels its calls as fast as it makes them")]
    Resets,
    /// HTTP/2 has had enough of it: its GOAWAY says so.
    #[error("the client makes more errors, or smaller frames, than HTTP/2 takes")]
    Http2,
    /// It does not move what it makes the server hold, and others need the room: not for its frames.
    #[error(
        "the client holds {bytes} bytes of the server's memory that others need, and does not read its \
         answers, finish its requests or use its calls (setting {MAX_CLIENT_BYTES}: {limit})"
    )]
    Held {
        /// What it holds.
        bytes: usize,
        /// What all clients may hold.
        limit: usize,
    },
}

/// Counts the frames of one connection, in both directions.
#[derive(Debug)]
pub(crate) struct FloodGuard {
    received: Frames,
    /// The head of the last frame, and whether a DATA continued another since that was last asked.
    last: Option<Head>,
    continued: bool,
    written: Frames,
    control: u32,
    /// Frames that the client may send because of ours.
    answers: u32,
    /// Bytes of DATA that have not entitled to a frame yet.
    bytes: usize,
    /// In halves: a reset costs two, a call brings one.
    resets: u32,
    most_resets: u32,
    /// When time last brought credits.
    refilled: Instant,
    /// The latest stream that the client opened.
    opened: u32,
    /// Calls that began in this turn, that may, and that may in a turn when nothing is left of earlier ones.
    begun: usize,
    most_begun: usize,
    usually_begun: usize,
    /// Whether there was more than the last turn could begin.
    backlog: bool,
    /// Calls that came after the last GOAWAY was written.
    late: u64,
    farewell: Farewell,
}

/// The last GOAWAY that was written: stream and error code, 8 bytes. And the first PING after the first,
/// as long.
#[derive(Debug, Default)]
struct Farewell {
    bytes: [u8; PING_BYTES],
    filled: usize,
    /// The type of the frame whose bytes are coming.
    comes: Option<u8>,
    said: Option<GoAway>,
    ping: Option<[u8; PING_BYTES]>,
}

impl FloodGuard {
    /// A connection that may have `streams` calls in flight, and cancel them all, twice.
    pub(crate) fn new(streams: u32) -> FloodGuard {
        let most_resets = streams.saturating_mul(4).max(1000);
        FloodGuard {
            received: Frames::default(),
            last: None,
            continued: false,
            written: Frames::default(),
            control: CONTROL_CREDITS,
            answers: 0,
            bytes: 0,
            resets: most_resets,
            most_resets,
            refilled: Instant::now(),
            opened: 0,
            begun: 0,
            most_begun: CALLS_OF_SHORT_TURN,
            usually_begun: CALLS_OF_SHORT_TURN,
            backlog: false,
            late: 0,
            farewell: Farewell::default(),
        }
    }

    /// Looks at the next bytes that the client sent; the preface is none of them.
    pub(crate) fn received(&mut self, mut bytes: &[u8]) -> Result<(), Flood> {
        while !bytes.is_empty() {
            let looked_at = self.received_in_turn(bytes)?;
            bytes = &bytes[looked_at..];
            self.begin_turn();
        }
        Ok(())
    }

    /// Looks at the next bytes that the client sent, up to the head of the last call that this turn may
    /// begin. Returns how many it looked at.
    pub(crate) fn received_in_turn(&mut self, all: &[u8]) -> Result<usize, Flood> {
        let mut bytes = all;
        while let Some(head) = self.received.next(&mut bytes) {
            let last = self.last.replace(head);
            self.continued |= last.is_some_and(|last| small_data::continues(last, head));
            match head.kind {
                HEADERS => {
                    self.begun += usize::from(head.stream > self.opened);
                    if let Some(said) = self.farewell.said {
                        self.late += u64::from(head.stream > said.last);
                    }
                    self.opened = self.opened.max(head.stream);
                    self.control = (self.control + CONTROL_PER_CALL).min(CONTROL_CREDITS);
                    self.resets = (self.resets + 1).min(self.most_resets);
                }
                // h2 has limits of its own for these.
                CONTINUATION => {}
                DATA if head.length > 0 || head.flags & END_STREAM != 0 => {}
                RST_STREAM => {
                    if self.resets < 2 {
                        self.refill();
                    }
                    self.resets = self.resets.checked_sub(2).ok_or(Flood::Resets)?;
                }
                PING | SETTINGS | WINDOW_UPDATE if self.answers > 0 => self.answers -= 1,
                _ => {
                    if self.control == 0 {
                        self.refill();
                    }
                    self.control = self.control.checked_sub(1).ok_or(Flood::Control)?;
                }
            }
            if self.turn_is_over() {
                break;
            }
        }
        Ok(all.len() - bytes.len())
    }

    /// Whether this turn has begun as many calls as it may.
    #[inline]
    pub(crate) fn turn_is_over(&self) -> bool {
        self.begun >= self.most_begun
    }

    /// Begins a turn.
    #[inline]
    pub(crate) fn begin_turn(&mut self) {
        if self.begun > 0 {
            self.measure_turn();
        }
        self.begun = 0;
    }

    /// Sets how many calls the next turn may begin.
    #[inline]
    fn measure_turn(&mut self) {
        if self.turn_is_over() {
            if self.begun >= CALLS_OF_TURN {
                self.usually_begun = CALLS_OF_SHORT_TURN;
            }
            self.backlog = true;
            self.most_begun = CALLS_OF_SHORT_TURN;
        } else if self.backlog {
            self.backlog = false;
            self.usually_begun = (2 * self.usually_begun).min(CALLS_OF_TURN);
            self.most_begun = self.usually_begun;
        }
    }

    /// Looks at the next bytes that are written to the client.
    pub(crate) fn written(&mut self, mut bytes: &[u8]) {
        loop {
            if self.farewell.comes.is_some() {
                let left = self.written.payload_left().min(bytes.len());
                self.farewell.take(&bytes[..left]);
            }
            let Some(head) = self.written.next(&mut bytes) else {
                return;
            };
            let answers = match head.kind {
                DATA => {
                    self.bytes += head.length;
                    let further = self.bytes / BYTES_PER_ANSWER;
                    self.bytes %= BYTES_PER_ANSWER;
                    PER_DATA + further as u32
                }
                // The beginning and the end of an answer; some measure the line by them too.
                HEADERS => 1,
                SETTINGS | PING if head.flags & ACK == 0 => {
                    if head.kind == PING && self.farewell.wants_ping() {
                        self.farewell.begin(PING);
                    }
                    1
                }
                GOAWAY => {
                    self.farewell.begin(GOAWAY);
                    0
                }
                // What answers the client's frames is not answered.
                _ => 0,
            };
            self.answers = (self.answers + answers).min(MAX_ANSWERS);
        }
    }

    /// Where in its frames the client is.
    pub(crate) fn client(&self) -> &Frames {
        &self.received
    }

    /// Whether there were small DATA frames that can be joined, since this was last asked.
    pub(crate) fn continued(&mut self) -> bool {
        std::mem::take(&mut self.continued)
    }

    /// The last GOAWAY that was written.
    pub(crate) fn goodbye(&self) -> Option<GoAway> {
        self.farewell.said
    }

    /// What the first PING says that was written after a GOAWAY.
    pub(crate) fn last_ping(&self) -> Option<[u8; PING_BYTES]> {
        self.farewell.ping
    }

    /// The latest stream that the client opened.
    pub(crate) fn opened(&self) -> u32 {
        self.opened
    }

    /// Calls that came after the last GOAWAY was written, and were ignored.
    pub(crate) fn late(&self) -> u64 {
        self.late
    }

    /// The last stream that a GOAWAY of now has to name, and whether one can be written: not in the
    /// middle of a frame.
    pub(crate) fn last_stream(&self) -> Option<u32> {
        let last = self.opened;
        let last = self.goodbye().map_or(last, |said| last.min(said.last));
        self.written.between().then_some(last)
    }

    /// Only who has run out makes anyone look at the clock.
    fn refill(&mut self) {
        let millis = self.refilled.elapsed().as_millis();
        let credits = |per_second: u32| {
            u32::try_from(millis * u128::from(per_second) / 1000).unwrap_or(u32::MAX)
        };
        if millis > 0 {
            self.refilled = Instant::now();
        }
        self.control = self
            .control
            .saturating_add(credits(CONTROL_PER_SECOND))
            .min(CONTROL_CREDITS);
        self.resets = self
            .resets
            .saturating_add(credits(2 * RESETS_PER_SECOND))
            .min(self.most_resets);
    }
}

impl Farewell {
    fn wants_ping(&self) -> bool {
        self.said.is_some() && self.ping.is_none()
    }

    fn begin(&mut self, kind: u8) {
        (self.filled, self.comes) = (0, Some(kind));
    }

    fn take(&mut self, bytes: &[u8]) {
        let taken = (PING_BYTES - self.filled).min(bytes.len());
        self.bytes[self.filled..self.filled + taken].copy_from_slice(&bytes[..taken]);
        self.filled += taken;
        if self.filled < PING_BYTES {
            return;
        }
        if self.comes.take() == Some(PING) {
            self.ping = Some(self.bytes);
        } else {
            let [a, b, c, d, code @ ..] = self.bytes;
            self.said = Some(GoAway {
                last: u32::from_be_bytes([a, b, c, d]),
                code: u32::from_be_bytes(code),
            });
        }
    }
}

#[cfg(test)]
mod tests;
