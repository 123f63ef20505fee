//! One HTTP/2 connection of a client, as much of RFC 9113 as calls need.
//!
//! Headers are encoded as clients of gRPC do it: literals that enter the table (RFC 7541) with the
//! first request, one byte each from then on. Headers of answers are not decoded: whether an answer
//! is right shows in its message.

use std::collections::{HashMap, VecDeque};

use crate::error::LoadError;
use crate::socket::Socket;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const FRAME_HEAD: usize = 9;
/// The window of a stream: the largest answer fits, so that no answer waits for us.
const STREAM_WINDOW: u32 = 16 << 20;
/// What the window of the connection is raised to.
const CONNECTION_WINDOW: u32 = 1 << 30;
/// Received bytes after which the connection's window is topped up.
const TOP_UP: u32 = 64 << 20;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PUSH_PROMISE: u8 = 5;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;
const PADDED: u8 = 8;

/// A finished answer.
pub struct Answer {
    /// Its number, in the order in which requests were sent.
    pub token: u64,
    /// Payload of all DATA frames.
    pub body: Vec<u8>,
}

struct Stream {
    token: u64,
    body: Vec<u8>,
    window: i64,
    /// What the windows did not let pass yet.
    pending: Vec<u8>,
}

/// A connection with calls in flight.
pub(crate) struct Connection {
    pub(crate) socket: Socket,
    input: Vec<u8>,
    streams: HashMap<u32, Stream>,
    /// Streams with something pending, the first to be sent first.
    blocked: VecDeque<u32>,
    next_id: u32,
    window: i64,
    first_headers: Option<Vec<u8>>,
    headers: Vec<u8>,
    peer_window: i64,
    peer_frame: usize,
    peer_streams: usize,
    received: u32,
    spare: Vec<Vec<u8>>,
}

/// The header block of the first request, and that of every other.
pub struct HeaderBlocks {
    first: Vec<u8>,
    other: Vec<u8>,
}

impl HeaderBlocks {
    /// A POST of gRPC.
    pub fn grpc(path: &str, authority: &str, tls: bool) -> HeaderBlocks {
        HeaderBlocks::new(
            // :method POST
            0x83,
            tls,
            &[
                (":path", path),
                (":authority", authority),
                ("te", "trailers"),
                ("content-type", "application/grpc"),
                ("user-agent", "venice-load"),
            ],
        )
    }

    /// A GET of a file.
    pub fn get(path: &str, authority: &str) -> HeaderBlocks {
        let fields = [(":path", path), (":authority", authority)];
        HeaderBlocks::new(0x82, false, &fields)
    }

    fn new(method: u8, tls: bool, fields: &[(&str, &str)]) -> HeaderBlocks {
        // :scheme https or http
        let pseudo = [method, if tls { 0x87 } else { 0x86 }];
        let mut first = pseudo.to_vec();
        let mut other = pseudo.to_vec();
        for (index, (name, value)) in fields.iter().enumerate() {
            // Literal with incremental indexing, new name, no Huffman code.
            first.push(0x40);
            for text in [name, value] {
                assert!(text.len() < 127, "a header text of more than 126 bytes");
                first.push(text.len() as u8);
                first.extend_from_slice(text.as_bytes());
            }
            // The table's dynamic part begins at 62 with what entered last.
            other.push(0x80 | (62 + fields.len() - 1 - index) as u8);
        }
        HeaderBlocks { first, other }
    }
}

impl Connection {
    pub(crate) fn new(mut socket: Socket, headers: &HeaderBlocks) -> Connection {
        let out = socket.out();
        out.extend_from_slice(PREFACE);
        // ENABLE_PUSH 0, INITIAL_WINDOW_SIZE.
        let mut settings = vec![0, 2, 0, 0, 0, 0, 0, 4];
        settings.extend_from_slice(&STREAM_WINDOW.to_be_bytes());
        frame(out, SETTINGS, 0, 0, &settings);
        frame(
            out,
            WINDOW_UPDATE,
            0,
            0,
            &(CONNECTION_WINDOW - 65_535).to_be_bytes(),
        );
        Connection {
            socket,
            input: Vec::new(),
            streams: HashMap::new(),
            blocked: VecDeque::new(),
            next_id: 1,
            window: 65_535,
            first_headers: Some(headers.first.clone()),
            headers: headers.other.clone(),
            peer_window: 65_535,
            peer_frame: 16_384,
            peer_streams: usize::MAX,
            received: 0,
            spare: Vec::new(),
        }
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.streams.len()
    }

    /// Whether the server takes one more call, of `most` that we want at a time.
    pub(crate) fn has_room(&self, most: usize) -> bool {
        self.streams.len() < most.min(self.peer_streams)
    }

    /// Begins a call; an empty message is none. [`Connection::flush`] sends it.
    pub(crate) fn call(&mut self, token: u64, message: &[u8]) {
        let id = self.next_id;
        self.next_id += 2;
        let end = if message.is_empty() { END_STREAM } else { 0 };
        let first = self.first_headers.take();
        let headers = first.as_deref().unwrap_or(&self.headers);
        frame(self.socket.out(), HEADERS, END_HEADERS | end, id, headers);
        let mut stream = Stream {
            token,
            body: self.spare.pop().unwrap_or_default(),
            window: self.peer_window,
            pending: Vec::new(),
        };
        let fits = message.len() as i64 <= self.window.min(stream.window)
            && message.len() <= self.peer_frame;
        if fits && !message.is_empty() && self.blocked.is_empty() {
            self.window -= message.len() as i64;
            stream.window -= message.len() as i64;
            frame(self.socket.out(), DATA, END_STREAM, id, message);
        } else if !message.is_empty() {
            stream.pending.extend_from_slice(message);
            self.blocked.push_back(id);
        }
        self.streams.insert(id, stream);
        self.send_pending();
    }

    /// Sends what the windows let pass.
    fn send_pending(&mut self) {
        for _ in 0..self.blocked.len() {
            let Some(id) = self.blocked.pop_front() else {
                return;
            };
            let Some(stream) = self.streams.get_mut(&id) else {
                continue;
            };
            while !stream.pending.is_empty() && self.window.min(stream.window) > 0 {
                let length = stream.pending.len().min(self.peer_frame);
                let length = length.min(self.window.min(stream.window) as usize);
                let last = length == stream.pending.len();
                let flags = if last { END_STREAM } else { 0 };
                let out = self.socket.out();
                frame(out, DATA, flags, id, &stream.pending[..length]);
                stream.pending.drain(..length);
                stream.window -= length as i64;
                self.window -= length as i64;
            }
            if !stream.pending.is_empty() {
                self.blocked.push_back(id);
            }
        }
    }

    pub(crate) fn flush(&mut self) -> Result<(), LoadError> {
        self.socket.flush()
    }

    /// Takes back a body, for its memory.
    pub(crate) fn recycle(&mut self, mut body: Vec<u8>) {
        body.clear();
        self.spare.push(body);
    }

    /// Reads what has come, and appends the answers that are complete.
    pub(crate) fn receive(&mut self, answers: &mut Vec<Answer>) -> Result<(), LoadError> {
        self.socket.receive(&mut self.input)?;
        let input = std::mem::take(&mut self.input);
        let mut at = 0;
        while let Some(head) = input.get(at..at + FRAME_HEAD) {
            let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
            let id = u32::from_be_bytes([head[5], head[6], head[7], head[8]]) & (u32::MAX >> 1);
            let begin = at + FRAME_HEAD;
            let Some(payload) = input.get(begin..begin + length) else {
                break;
            };
            self.frame(head[3], head[4], id, payload, answers)?;
            at = begin + length;
        }
        self.input = input;
        self.input.drain(..at);
        Ok(())
    }

    fn frame(
        &mut self,
        kind: u8,
        flags: u8,
        id: u32,
        payload: &[u8],
        answers: &mut Vec<Answer>,
    ) -> Result<(), LoadError> {
        match kind {
            DATA => {
                if flags & PADDED != 0 {
                    return Err(LoadError::Http2("the server pads its frames".to_owned()));
                }
                self.top_up(payload.len() as u32);
                if let Some(stream) = self.streams.get_mut(&id) {
                    stream.body.extend_from_slice(payload);
                }
                self.end(flags, id, answers);
            }
            HEADERS => self.end(flags, id, answers),
            SETTINGS if flags & ACK == 0 => {
                self.settings(payload);
                frame(self.socket.out(), SETTINGS, ACK, 0, &[]);
            }
            PING if flags & ACK == 0 => frame(self.socket.out(), PING, ACK, 0, payload),
            WINDOW_UPDATE => {
                let increment = number(payload) as i64;
                match (id, self.streams.get_mut(&id)) {
                    (0, _) => self.window += increment,
                    (_, Some(stream)) => stream.window += increment,
                    // Of a stream that ended.
                    (_, None) => {}
                }
                self.send_pending();
            }
            RST_STREAM | GOAWAY | PUSH_PROMISE => {
                let text = String::from_utf8_lossy(payload.get(8..).unwrap_or_default());
                return Err(LoadError::Http2(format!(
                    "the server sent a frame of type {kind} on stream {id}, code {}: {text}",
                    number(
                        payload
                            .get(if kind == GOAWAY { 4.. } else { 0.. })
                            .unwrap_or(&[])
                    )
                )));
            }
            SETTINGS | PING | CONTINUATION => {}
            // Unknown frames are ignored (RFC 9113, section 4.1).
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, flags: u8, id: u32, answers: &mut Vec<Answer>) {
        if flags & END_STREAM == 0 {
            return;
        }
        if let Some(stream) = self.streams.remove(&id) {
            answers.push(Answer {
                token: stream.token,
                body: stream.body,
            });
        }
    }

    fn settings(&mut self, payload: &[u8]) {
        for setting in payload.chunks_exact(6) {
            let value = number(&setting[2..]);
            match u16::from_be_bytes([setting[0], setting[1]]) {
                3 => self.peer_streams = value as usize,
                4 => {
                    let change = i64::from(value) - self.peer_window;
                    self.peer_window += change;
                    for stream in self.streams.values_mut() {
                        stream.window += change;
                    }
                }
                5 => self.peer_frame = value as usize,
                _ => {}
            }
        }
        self.send_pending();
    }

    fn top_up(&mut self, bytes: u32) {
        self.received += bytes;
        if self.received >= TOP_UP {
            let increment = self.received.to_be_bytes();
            frame(self.socket.out(), WINDOW_UPDATE, 0, 0, &increment);
            self.received = 0;
        }
    }
}

fn number(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .take(4)
        .fold(0, |number, byte| number << 8 | u32::from(*byte))
}

fn frame(out: &mut Vec<u8>, kind: u8, flags: u8, id: u32, payload: &[u8]) {
    let length = (payload.len() as u32).to_be_bytes();
    out.extend_from_slice(&length[1..]);
    out.extend_from_slice(&[kind, flags]);
    out.extend_from_slice(&id.to_be_bytes());
    out.extend_from_slice(payload);
}
