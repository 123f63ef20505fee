//! The client's side of a connection: requests in, bytes out; bytes in, responses out.
//!
//! It stands on the parts of the server's side, and like that knows no socket, clock or thread, and allocates nothing for
//! a request in the steady state. Who drives it sends [`Client::out`], puts what came into [`Client::room`], and is told
//! by [`Client::turn`] what that was ([`Heard`]).

mod fields;
mod heard;
mod protocol;
mod reading;
mod requests;
mod stream;
mod writing;

use std::sync::Arc;

use crate::client::stream::ClientStream;
use crate::error::{Ending, ErrorCode};
use crate::frame::{put_goaway, put_ping, FrameHead, HEAD_BYTES};
use crate::hpack::decoder::Decoder;
use crate::hpack::encoder::Encoder;
use crate::ids::Ids;
use crate::outgoing::Queue;
use crate::settings::{PeerSettings, DEFAULT_WINDOW};
use crate::slots::Slots;
use crate::windows::{ReceiveWindow, SendWindow};

pub use heard::{Heard, NotBegun, Request, RequestId, Response};
pub use protocol::{ClientLimits, ClientProtocol, ResponseVocabulary};

/// A block of fields that is not whole.
#[derive(Debug, Clone, Copy)]
struct Block {
    stream: u32,
    ends: bool,
    frames: u32,
}

/// The client's side of a connection.
#[derive(Debug)]
pub struct Client<W> {
    protocol: Arc<ClientProtocol<W>>,
    input: Vec<u8>,
    /// What is read of it ends here, and what came here.
    at: usize,
    filled: usize,
    /// The server's SETTINGS came.
    begun: bool,
    decoder: Decoder,
    /// A block of fields that is not whole, and its bytes.
    block: Option<Block>,
    fragments: Vec<u8>,
    streams: Slots<ClientStream>,
    ids: Ids,
    peer: PeerSettings,
    encoder: Encoder,
    send: SendWindow,
    receive: ReceiveWindow,
    /// Streams that have something to send and a window for it.
    queue: Queue,
    out: Vec<u8>,
    written: usize,
    /// The last stream that the server answers.
    last: Option<u32>,
    ending: Option<Ending>,
}

impl<W: ResponseVocabulary> Client<W> {
    /// A connection on which nothing came yet. What it says first is in [`Client::out`].
    pub fn new(protocol: &Arc<ClientProtocol<W>>) -> Client<W> {
        Client {
            input: Vec::new(),
            at: 0,
            filled: 0,
            begun: false,
            decoder: Decoder::new(),
            block: None,
            fragments: Vec::new(),
            streams: Slots::default(),
            ids: Ids::new(),
            peer: PeerSettings::default(),
            encoder: Encoder::new(),
            send: SendWindow::new(DEFAULT_WINDOW),
            receive: ReceiveWindow::new(protocol.limits.connection_window),
            queue: Queue::default(),
            out: protocol.greeting.clone(),
            written: 0,
            last: None,
            ending: None,
            protocol: Arc::clone(protocol),
        }
    }

    /// Where to put what comes next. Empty while a turn has to be taken first.
    pub fn room(&mut self) -> &mut [u8] {
        if self.ending.is_some() {
            (self.at, self.filled) = (0, 0);
        }
        if self.at > 0 {
            self.input.copy_within(self.at..self.filled, 0);
            self.filled -= self.at;
            self.at = 0;
        }
        if self.input.len() < self.protocol.limits.input_bytes {
            self.input.resize(self.protocol.limits.input_bytes, 0);
        }
        &mut self.input[self.filled..]
    }

    /// So many bytes were put into [`Client::room`].
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

    /// Whether a turn would read something of what came. It reads nothing while more waits to be written than
    /// [`ClientLimits::unsent_bytes`].
    pub fn has_more(&self) -> bool {
        if self.ending.is_some() || self.is_full() {
            return false;
        }
        let bytes = &self.input[self.at..self.filled];
        FrameHead::read(bytes).is_some_and(|head| {
            let most = self.protocol.limits.frame_bytes as usize;
            bytes.len() >= HEAD_BYTES + head.length || head.length > most
        })
    }

    /// Reads what came, and tells `heard` of it, in order.
    pub fn turn(&mut self, mut heard: impl FnMut(Heard<'_>)) {
        while self.has_more() {
            if let Err(ending) = self.read_frame(&mut heard) {
                self.end(ending.code, ending.reason, ending);
            }
        }
    }

    /// What has to be written, as far as windows allow.
    pub fn out(&mut self) -> &[u8] {
        self.pump();
        &self.out[self.written..]
    }

    /// So many bytes of [`Client::out`] were written.
    ///
    /// # Panics
    ///
    /// If there were fewer.
    pub fn sent(&mut self, bytes: usize) {
        self.written += bytes;
        assert!(
            self.written <= self.out.len(),
            "more was written than there is"
        );
        if self.written == self.out.len() {
            self.out.clear();
            self.written = 0;
        } else if self.written > self.out.len() / 2 {
            // A server that never takes all keeps nobody's memory but what it has not taken.
            self.out.drain(..self.written);
            self.written = 0;
        }
    }

    /// Requests that are not over.
    pub fn open(&self) -> usize {
        self.streams.len()
    }

    /// Requests that may be begun now.
    pub fn free(&self) -> usize {
        if self.ending.is_some() || self.is_leaving() {
            return 0;
        }
        let most = self.peer.max_streams.min(self.protocol.limits.streams) as usize;
        most.saturating_sub(self.streams.len())
    }

    /// Whether no more requests can be begun on this connection, as the server said so or its streams are used up.
    pub fn is_leaving(&self) -> bool {
        self.last.is_some() || self.ids.last() >= protocol::LAST_STREAM
    }

    /// Why the connection ended, for a fault of the server's or by [`Client::close`]. Nothing is read any more;
    /// [`Client::out`] says so to the server.
    pub fn ending(&self) -> Option<Ending> {
        self.ending
    }

    /// Asks the server for a sign of life, which is [`Heard::Pong`].
    pub fn ping(&mut self, payload: [u8; 8]) {
        put_ping(&mut self.out, 0, payload);
    }

    /// Ends the connection (GOAWAY, NO_ERROR). Requests that are open get no response.
    pub fn close(&mut self) {
        let code = ErrorCode::NO_ERROR;
        let reason = "the client closed the connection";
        self.end(code, "", Ending { code, reason });
    }

    /// Takes out the requests that are open, for a connection that ended or broke off: they get no response.
    pub fn abandon(&mut self, mut heard: impl FnMut(RequestId)) {
        for stream in self.streams.all() {
            heard(stream.request());
        }
        self.streams = Slots::default();
        self.queue.clear();
    }

    fn end(&mut self, code: ErrorCode, text: &str, ending: Ending) {
        if self.ending.is_none() {
            self.ending = Some(ending);
            // The server begins no streams.
            put_goaway(&mut self.out, 0, code, text);
        }
    }

    /// Whether so much waits to be written that nothing is read.
    fn is_full(&self) -> bool {
        self.out.len() - self.written > self.protocol.limits.unsent_bytes
    }
}
