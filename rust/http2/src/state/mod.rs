//! What a connection remembers besides its input: its calls, windows, limits, and what has to be written.

pub(crate) mod control;
pub(crate) mod sending;
mod writing;

use crate::call::Call;
use crate::error::{Ending, ErrorCode};
use crate::flood_guard::FloodGuard;
use crate::frame::{put_goaway, put_ping, put_rst_stream, put_window_update, ACK, MAX_31};
use crate::hpack::encoder::Encoder;
use crate::ids::Ids;
use crate::outgoing::Queue;
use crate::protocol::Limits;
use crate::settings::PeerSettings;
use crate::streams::Streams;
use crate::windows::{ReceiveWindow, SendWindow};

/// What a client answers that has read GOAWAY.
const GOAWAY_PING: [u8; 8] = *b"goodbye!";

/// Behind this id a client is told to make a new connection. It has some thousand left for what it sends
/// until it reads that.
const LAST_IDS: u32 = MAX_31 - 0x1_0000;

/// What became of a call of this turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    /// Nothing yet, and no stream was entered for it.
    Direct,
    /// There is a stream for it.
    Entered,
    /// It is over.
    Over,
}

/// How far the end of a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GoAway {
    Unsaid,
    /// GOAWAY was written, and the PING behind it.
    Said,
    /// The PING was answered.
    Heard,
    /// The last call is this one.
    Last(u32),
}

#[derive(Debug)]
pub(crate) struct State {
    /// What has to be written, from `written` on.
    pub(crate) out: Vec<u8>,
    pub(crate) written: usize,
    /// Bytes that may wait to be written now; with as many nothing is read and nothing is sent.
    pub(crate) room: usize,
    pub(crate) limits: Limits,
    pub(crate) encoder: Encoder,
    pub(crate) peer: PeerSettings,
    pub(crate) send: SendWindow,
    pub(crate) receive: ReceiveWindow,
    pub(crate) ids: Ids,
    pub(crate) streams: Streams,
    /// Streams that have something to send and were not stopped by their own window.
    pub(crate) queue: Queue,
    pub(crate) flood: FloodGuard,
    /// Of the calls of the turn with this number.
    pub(crate) marks: Vec<Mark>,
    pub(crate) turn: u32,
    /// Bytes of bodies that were not handed out, but for those that are permitted.
    pub(crate) held: usize,
    /// Calls that crossed the last GOAWAY, and the latest of them.
    pub(crate) late: u64,
    latest: u32,
    pub(crate) goaway: GoAway,
    pub(crate) peer_leaves: bool,
    pub(crate) ending: Option<Ending>,
}

impl State {
    pub(crate) fn new(limits: Limits, greeting: &[u8]) -> State {
        let mut flood = FloodGuard::new(limits.streams);
        // The greeting is acknowledged.
        flood.wrote(1);
        State {
            out: greeting.to_vec(),
            written: 0,
            room: limits.unsent_bytes,
            limits,
            encoder: Encoder::new(),
            peer: PeerSettings::default(),
            send: SendWindow::new(crate::settings::DEFAULT_WINDOW),
            receive: ReceiveWindow::new(limits.connection_window),
            ids: Ids::new(),
            streams: Streams::default(),
            queue: Queue::default(),
            flood,
            marks: Vec::new(),
            turn: 0,
            held: 0,
            late: 0,
            latest: 0,
            goaway: GoAway::Unsaid,
            peer_leaves: false,
            ending: None,
        }
    }

    /// Bytes that wait to be written, but for those that wait for windows.
    pub(crate) fn unwritten(&self) -> usize {
        self.out.len() - self.written
    }

    /// Whether so much waits to be written that nothing more is read.
    #[inline]
    pub(crate) fn is_full(&self) -> bool {
        self.unwritten() >= self.room
    }

    /// Bytes that may still be written.
    #[inline]
    pub(crate) fn left(&self) -> usize {
        self.room.saturating_sub(self.unwritten())
    }

    /// Lets so many bytes wait to be written, one at least, but no more than the limit.
    #[inline]
    pub(crate) fn set_room(&mut self, bytes: usize) {
        self.room = bytes.clamp(1, self.limits.unsent_bytes);
    }

    /// So many bytes were written.
    pub(crate) fn sent(&mut self, bytes: usize) {
        self.written = (self.written + bytes).min(self.out.len());
        if self.written == self.out.len() {
            self.out.clear();
            self.written = 0;
        } else if self.written > self.out.len() / 2 && self.written > 4096 {
            self.out.drain(..self.written);
            self.written = 0;
        }
    }

    /// Ends the connection for what the peer did.
    pub(crate) fn fail(&mut self, ending: Ending) {
        self.end(ending, ending.reason);
    }

    /// Ends the connection, and says so with `text`.
    pub(crate) fn end(&mut self, ending: Ending, text: &str) {
        if self.ending.is_none() {
            let last = self.last();
            put_goaway(&mut self.out, last, ending.code, text);
            self.ending = Some(ending);
        }
    }

    /// The last call that is answered, as far as that is known.
    fn last(&self) -> u32 {
        match self.goaway {
            GoAway::Last(last) => last,
            _ => self.ids.last(),
        }
    }

    /// Whether calls with this id crossed the last GOAWAY.
    #[inline]
    pub(crate) fn crossed(&self, id: u32) -> bool {
        matches!(self.goaway, GoAway::Last(last) if id > last)
    }

    pub(crate) fn begin_goaway(&mut self) {
        if self.goaway == GoAway::Unsaid && self.ending.is_none() {
            put_goaway(&mut self.out, MAX_31, ErrorCode::NO_ERROR, "");
            put_ping(&mut self.out, 0, GOAWAY_PING);
            self.flood.wrote(1);
            self.goaway = GoAway::Said;
        }
    }

    pub(crate) fn say_last(&mut self) {
        if !matches!(self.goaway, GoAway::Last(_)) && self.ending.is_none() {
            let last = self.ids.last();
            put_goaway(&mut self.out, last, ErrorCode::NO_ERROR, "");
            self.goaway = GoAway::Last(last);
        }
    }

    /// Whether an answer to a PING says that GOAWAY was read.
    pub(crate) fn hears(&mut self, pong: [u8; 8]) -> bool {
        let hears = pong == GOAWAY_PING && self.goaway == GoAway::Said;
        if hears {
            self.goaway = GoAway::Heard;
        }
        hears
    }

    /// Counts a call that crossed the last GOAWAY; its trailers are none.
    pub(crate) fn count_late(&mut self, id: u32) {
        if id > self.latest {
            self.latest = id;
            self.late += 1;
        }
    }

    /// Begins a stream. Ids run out after a billion calls: before that the client is told to come anew.
    pub(crate) fn begin(&mut self, id: u32) {
        self.ids.begin(id);
        if id >= LAST_IDS {
            self.begin_goaway();
        }
    }

    /// Calls that are not over, but for those of this turn.
    pub(crate) fn open(&self) -> usize {
        self.streams.len()
    }

    /// Enters the calls of the last turn that were not answered in it.
    pub(crate) fn settle(&mut self, calls: &[Call]) {
        for (number, call) in calls.iter().enumerate() {
            if self.marks.get(number) == Some(&Mark::Direct) {
                self.enter(call.stream, number);
            }
        }
        self.marks.clear();
        self.turn = self.turn.wrapping_add(1);
    }

    /// Enters a whole call of this turn.
    pub(crate) fn enter(&mut self, stream: u32, number: usize) {
        let window = self.peer.initial_window;
        let stream = self.streams.insert(stream, window, 0);
        stream.remote_closed = true;
        stream.handed_out = true;
        if let Some(mark) = self.marks.get_mut(number) {
            *mark = Mark::Entered;
        }
    }

    /// Takes a stream out of the table.
    pub(crate) fn close(&mut self, id: u32) {
        let held = self.streams.remove(id);
        self.release(held);
    }

    /// Ends a stream without its answer.
    pub(crate) fn reset(&mut self, id: u32, code: ErrorCode) {
        put_rst_stream(&mut self.out, id, code);
        self.ids.reset_by_us(id);
        self.close(id);
    }

    /// Counts what came, and gives it back.
    #[inline]
    pub(crate) fn receive(&mut self, bytes: usize) -> Result<(), Ending> {
        self.take(bytes)?;
        self.give_back(bytes);
        Ok(())
    }

    /// Bytes of bodies are held no more.
    pub(crate) fn release(&mut self, held: usize) {
        if held > 0 {
            self.held -= held;
            self.give_back(held);
        }
    }

    /// Counts what came.
    #[inline]
    pub(crate) fn take(&mut self, bytes: usize) -> Result<(), Ending> {
        if !self.receive.take(bytes) {
            return Err(Ending::new(
                ErrorCode::FLOW_CONTROL_ERROR,
                "DATA beyond the window of the connection",
            ));
        }
        Ok(())
    }

    /// Lets as many bytes come on the connection as were taken, and says so when it is worth a frame.
    #[inline]
    pub(crate) fn give_back(&mut self, bytes: usize) {
        if let Some(bytes) = self.receive.give_back(bytes) {
            put_window_update(&mut self.out, 0, bytes);
        }
    }

    fn pong(&mut self, payload: [u8; 8]) {
        put_ping(&mut self.out, ACK, payload);
    }
}
