//! One connection of a server: bytes in, calls and bytes out.

mod bodies;
mod buffers;
mod requests;

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use crate::call::{Bodies, Call, Event};
use crate::error::{Ending, ErrorCode};
use crate::frame::{
    put_ping, FrameHead, CONTINUATION, DATA, GOAWAY, HEADERS, HEAD_BYTES, PING, PREFACE, PRIORITY,
    PUSH_PROMISE, RST_STREAM, SETTINGS, WINDOW_UPDATE,
};
use crate::hpack::decoder::Decoder;
use crate::hpack::field::Vocabulary;
use crate::protocol::Protocol;
use crate::state::control::Then;
use crate::state::sending::Answers;
use crate::state::{GoAway, State};

/// Memory that is kept for the bodies that were put together of pieces.
const KEPT_GATHERED: usize = 16 * 1024;

/// Likewise, for the texts of paths.
const KEPT_PATHS: usize = 4 * 1024;
/// With so many bytes of paths a turn is over: a few bytes of a table's index stand for long ones.
const PATHS_OF_TURN: usize = 64 * 1024;

/// How far the beginning of a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begun {
    Not,
    /// The preface came, and SETTINGS have to.
    Preface,
    Whole,
}

/// A server's side of a connection.
///
/// ```text
/// loop {
///     let came = socket.read(connection.room());
///     connection.received(came);
///     while connection.has_more() {
///         let mut turn = connection.turn(now);
///         for call in turn.calls { turn.answers.answer(call, ...); }
///         let wrote = socket.write(connection.out());
///         connection.sent(wrote);
///     }
/// }
/// ```
#[derive(Debug)]
pub struct Connection<V> {
    protocol: Arc<Protocol<V>>,
    /// What came is in `at..filled`.
    input: Vec<u8>,
    at: usize,
    filled: usize,
    begun: Begun,
    decoder: Decoder,
    /// A block of fields that is not whole.
    block: Option<Block>,
    fragments: Vec<u8>,
    /// Of this turn.
    calls: Vec<Call>,
    /// What they weigh ([`crate::Limits::calls_of_turn`]).
    weight: usize,
    /// Bytes of their bodies that count ([`crate::Limits::bodies_of_turn`]).
    bodies: usize,
    events: Vec<Event>,
    /// Calls whose bodies are wanted soon, and were not whole when their fields came. Some are whole or over.
    unsure: Vec<u32>,
    /// They were waited for long enough.
    late: bool,
    /// Bodies that came in pieces, small and large.
    gathered: Vec<u8>,
    large: Vec<Vec<u8>>,
    /// Texts of the paths of the calls of this turn.
    paths: Vec<u8>,
    state: State,
}

/// HEADERS whose CONTINUATION is to come.
#[derive(Debug, Clone, Copy)]
struct Block {
    stream: u32,
    ends: bool,
    depends_on_itself: bool,
    frames: u32,
}

/// What came since the last turn, and what it is answered by.
pub struct Turn<'c> {
    /// Calls that are whole. One that is not answered in its turn can be answered later, and its body has to be
    /// copied.
    pub calls: &'c [Call],
    /// What else happened, in order.
    pub events: &'c [Event],
    /// The bodies of the calls.
    pub bodies: Bodies<'c>,
    /// Takes the answers.
    pub answers: Answers<'c>,
    /// How many small calls they take as long as ([`Vocabulary::weight`]).
    pub weight: usize,
}

impl<V: Vocabulary> Connection<V> {
    /// A connection on which nothing came yet. What it says first is in [`Connection::out`].
    pub fn new(protocol: &Arc<Protocol<V>>) -> Connection<V> {
        Connection {
            input: Vec::new(),
            at: 0,
            filled: 0,
            begun: Begun::Not,
            decoder: Decoder::new(),
            block: None,
            fragments: Vec::new(),
            calls: Vec::new(),
            weight: 0,
            bodies: 0,
            events: Vec::new(),
            unsure: Vec::new(),
            late: false,
            gathered: Vec::new(),
            large: Vec::new(),
            paths: Vec::new(),
            state: State::new(protocol.limits, &protocol.greeting),
            protocol: Arc::clone(protocol),
        }
    }

    /// Where to put what comes next. Empty while turns have to be taken first.
    pub fn room(&mut self) -> &mut [u8] {
        self.end_turn();
        if self.state.ending.is_some() {
            (self.at, self.filled) = (0, 0);
        }
        if self.at > 0 {
            self.input.copy_within(self.at..self.filled, 0);
            self.filled -= self.at;
            self.at = 0;
        }
        let whole = HEAD_BYTES + self.protocol.limits.frame_bytes as usize;
        if self.input.len() < whole {
            self.input.resize(whole, 0);
        }
        &mut self.input[self.filled..]
    }

    /// So many bytes were put into [`Connection::room`].
    ///
    /// # Panics
    ///
    /// If the room was smaller.
    pub fn received(&mut self, bytes: usize) {
        assert!(
            self.filled + bytes <= self.input.len(),
            "{bytes} bytes were put where there was room for {}",
            self.input.len() - self.filled
        );
        self.filled += bytes;
    }

    /// Whether a turn would read something of what came.
    pub fn has_more(&self) -> bool {
        if self.state.ending.is_some() || self.state.is_full() {
            return false;
        }
        if self.late {
            return true;
        }
        let bytes = &self.input[self.at..self.filled];
        match self.begun {
            Begun::Not => bytes.len() >= PREFACE.len() || !PREFACE.starts_with(bytes),
            _ => FrameHead::read(bytes).is_some_and(|head| {
                let most = self.protocol.limits.frame_bytes as usize;
                bytes.len() >= HEAD_BYTES + head.length || head.length > most
            }),
        }
    }

    /// Whether there may be calls whose bodies are waited for ([`crate::Wanted::Soon`]).
    pub fn is_waiting(&self) -> bool {
        !self.unsure.is_empty()
    }

    /// Has the next turn hand out the calls whose bodies are waited for, as they are. Whoever drives the
    /// connection calls it some milliseconds after [`Connection::is_waiting`] began.
    pub fn stop_waiting(&mut self) {
        self.late = !self.unsure.is_empty();
    }

    /// Reads what came, up to the bounds of a turn. `now` is the time since any moment that stays the same.
    pub fn turn(&mut self, now: Duration) -> Turn<'_> {
        self.end_turn();
        self.state.flood.at(now);
        if self.state.ending.is_none() {
            if let Err(ending) = self.read() {
                self.state.fail(ending);
            }
        }
        Turn {
            calls: &self.calls,
            events: &self.events,
            bodies: Bodies {
                input: &self.input,
                gathered: &self.gathered,
                large: &self.large,
                paths: &self.paths,
            },
            answers: Answers {
                state: &mut self.state,
                taught: &self.protocol.taught,
            },
            weight: self.weight,
        }
    }

    /// Answers calls of earlier turns.
    pub fn answers(&mut self) -> Answers<'_> {
        Answers {
            state: &mut self.state,
            taught: &self.protocol.taught,
        }
    }

    /// What has to be written, as far as windows allow.
    pub fn out(&mut self) -> &[u8] {
        self.state.pump();
        &self.state.out[self.state.written..]
    }

    /// So many bytes of [`Connection::out`] were written.
    pub fn sent(&mut self, bytes: usize) {
        self.state.sent(bytes);
    }

    /// Asks the client for a sign of life, which is [`Event::Pong`].
    pub fn ping(&mut self, payload: [u8; 8]) {
        put_ping(&mut self.state.out, 0, payload);
        self.state.flood.wrote(1);
    }

    /// Tells the client to make no new calls (GOAWAY). Those that are on their way are answered until
    /// [`Connection::say_last`], for which [`Event::GoAwayHeard`] is the earliest time.
    pub fn begin_goaway(&mut self) {
        self.state.begin_goaway();
    }

    /// Tells the client which call is the last that is answered. Later ones are ignored.
    pub fn say_last(&mut self) {
        self.state.say_last();
    }

    /// Ends the connection at once, with a code and a text.
    pub fn end(&mut self, code: ErrorCode, text: &str) {
        let reason = "the server ended the connection";
        self.state.end(Ending { code, reason }, text);
    }

    /// Why the connection ended. Nothing is read any more; [`Connection::out`] says so to the client.
    pub fn ending(&self) -> Option<Ending> {
        self.state.ending
    }

    /// Whether all that is left is to write [`Connection::out`] and to close: it ended, or the last call was
    /// named and is answered.
    pub fn is_over(&self) -> bool {
        let last = matches!(self.state.goaway, GoAway::Last(_));
        self.state.ending.is_some() || (last && self.open() == 0)
    }

    /// Whether the client said that it makes no more calls (GOAWAY). It closes when it has its answers.
    pub fn peer_leaves(&self) -> bool {
        self.state.peer_leaves
    }

    /// Calls that are not over.
    pub fn open(&self) -> usize {
        let unanswered = self.state.marks.iter();
        let direct = |mark: &&crate::state::Mark| **mark == crate::state::Mark::Direct;
        self.state.open() + unanswered.filter(direct).count()
    }

    /// Calls that came after the last one that is answered ([`Connection::say_last`]).
    pub fn late(&self) -> u64 {
        self.state.late
    }

    /// Bytes of bodies that are not whole, or were not taken yet, but for those that are permitted.
    pub fn held(&self) -> usize {
        self.state.held
    }

    /// Bytes of answers that wait for the client's windows.
    pub fn waiting(&mut self) -> usize {
        self.state
            .streams
            .all()
            .map(|stream| stream.outgoing.unsent())
            .sum()
    }

    fn end_turn(&mut self) {
        self.state.settle(&self.calls);
        self.calls.clear();
        (self.weight, self.bodies) = (0, 0);
        self.events.clear();
        self.large.clear();
        self.gathered.clear();
        self.gathered.shrink_to(KEPT_GATHERED);
        self.paths.clear();
        self.paths.shrink_to(KEPT_PATHS);
    }

    fn read(&mut self) -> Result<(), Ending> {
        if self.begun == Begun::Not && !self.preface()? {
            return Ok(());
        }
        let most = self.protocol.limits.frame_bytes as usize;
        let limits = &self.protocol.limits;
        let (calls, bodies) = (limits.calls_of_turn, limits.bodies_of_turn);
        while self.weight < calls
            && self.bodies < bodies
            && self.paths.len() < PATHS_OF_TURN
            && !self.state.is_full()
        {
            let bytes = &self.input[self.at..self.filled];
            let Some(head) = FrameHead::read(bytes) else {
                break;
            };
            if head.length > most {
                return Err(Ending::size("a frame above SETTINGS_MAX_FRAME_SIZE"));
            }
            if bytes.len() < HEAD_BYTES + head.length {
                break;
            }
            let payload = self.at + HEAD_BYTES..self.at + HEAD_BYTES + head.length;
            self.at = payload.end;
            self.frame(head, payload)?;
        }
        if self.late {
            self.late = false;
            self.open_unsure();
        }
        Ok(())
    }

    /// Takes the preface off. `false` if not all of it is there.
    fn preface(&mut self) -> Result<bool, Ending> {
        let bytes = &self.input[self.at..self.filled];
        let length = bytes.len().min(PREFACE.len());
        if bytes[..length] != PREFACE[..length] {
            return Err(Ending::protocol("the client does not speak HTTP/2"));
        }
        if length < PREFACE.len() {
            return Ok(false);
        }
        self.at += length;
        self.begun = Begun::Preface;
        Ok(true)
    }

    #[inline]
    fn frame(&mut self, head: FrameHead, payload: Range<usize>) -> Result<(), Ending> {
        if self.begun != Begun::Whole {
            if head.kind != SETTINGS || head.has(crate::frame::ACK) {
                return Err(Ending::protocol("the first frame is not SETTINGS"));
            }
            self.begun = Begun::Whole;
        }
        if let Some(block) = self.block {
            if head.kind != CONTINUATION || head.stream != block.stream {
                return Err(Ending::protocol(
                    "a frame in the midst of a block of fields",
                ));
            }
            return self.continuation(block, head, payload);
        }
        match head.kind {
            DATA => self.data(head, payload),
            HEADERS => self.headers(head, payload),
            _ => self.control(head, payload),
        }
    }

    fn control(&mut self, head: FrameHead, payload: Range<usize>) -> Result<(), Ending> {
        let bytes = &self.input[payload];
        let then = match head.kind {
            SETTINGS => {
                self.state.settings(head, bytes)?;
                Then::Nothing
            }
            PING => self.state.ping(head, bytes)?,
            GOAWAY => {
                self.state.goaway(head, bytes)?;
                Then::Nothing
            }
            WINDOW_UPDATE => {
                let calls = &self.calls;
                let number = |id| calls.iter().rposition(|call| call.stream == id);
                self.state.window_update(head, bytes, number)?
            }
            RST_STREAM => self.state.rst_stream(head, bytes)?,
            PRIORITY => self.state.priority(head, bytes)?,
            PUSH_PROMISE => return Err(Ending::protocol("PUSH_PROMISE from a client")),
            CONTINUATION => return Err(Ending::protocol("CONTINUATION without HEADERS")),
            // Of an extension that is not known (RFC 9113, 5.5).
            _ => {
                self.state.flood.control()?;
                Then::Nothing
            }
        };
        match then {
            Then::Nothing => {}
            Then::Pong(payload) => self.events.push(Event::Pong(payload)),
            Then::GoAwayHeard => self.events.push(Event::GoAwayHeard),
            Then::Reset(stream, code) => self.reset_by_peer(stream, code),
            Then::Broken(stream, code) => self.broken(stream, code)?,
        }
        Ok(())
    }
}
