//! The client's side of a test: frames as bytes, and what a connection answers to them.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use venice_http2::{Connection, Limits, Protocol};

use crate::driver::{answer, message, protocol, Watch};

pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

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

pub(crate) const END_STREAM: u8 = 1;
pub(crate) const ACK: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;
pub(crate) const PADDED: u8 = 8;
pub(crate) const HAS_PRIORITY: u8 = 0x20;
/// HEADERS that are all of their block.
pub(crate) const WHOLE: u8 = END_HEADERS;
pub(crate) const LAST: u8 = END_HEADERS | END_STREAM;

pub(crate) const NO_ERROR: u32 = 0;
pub(crate) const PROTOCOL_ERROR: u32 = 1;
pub(crate) const FLOW_CONTROL_ERROR: u32 = 3;
pub(crate) const STREAM_CLOSED: u32 = 5;
pub(crate) const FRAME_SIZE_ERROR: u32 = 6;
pub(crate) const REFUSED_STREAM: u32 = 7;
pub(crate) const COMPRESSION_ERROR: u32 = 9;
pub(crate) const ENHANCE_YOUR_CALM: u32 = 11;

/// A block that makes a request: POST, http, `/`.
pub(crate) const POST: [u8; 3] = [0x83, 0x86, 0x84];

pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let [_, a, b, c] = (payload.len() as u32).to_be_bytes();
    let [d, e, f, g] = stream.to_be_bytes();
    [&[a, b, c, kind, flags, d, e, f, g], payload].concat()
}

pub(crate) fn settings(entries: &[(u16, u32)]) -> Vec<u8> {
    let entry =
        |(name, value): &(u16, u32)| [&name.to_be_bytes()[..], &value.to_be_bytes()].concat();
    let payload: Vec<u8> = entries.iter().flat_map(entry).collect();
    frame(SETTINGS, 0, 0, &payload)
}

pub(crate) fn window_update(stream: u32, bytes: u32) -> Vec<u8> {
    frame(WINDOW_UPDATE, 0, stream, &bytes.to_be_bytes())
}

pub(crate) fn rst_stream(stream: u32, code: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &code.to_be_bytes())
}

/// Preface and SETTINGS.
pub(crate) fn hello(entries: &[(u16, u32)]) -> Vec<u8> {
    [PREFACE, &settings(entries)].concat()
}

pub(crate) const INITIAL_WINDOW_SIZE: u16 = 4;

/// A field as a literal that enters no table.
pub(crate) fn literal(name: &str, value: &str) -> Vec<u8> {
    let mut field = vec![0, name.len() as u8];
    field.extend(name.as_bytes());
    // Lengths of 127 and more in two bytes or three.
    if value.len() < 127 {
        field.push(value.len() as u8);
    } else {
        let mut rest = value.len() - 127;
        field.push(127);
        while rest >= 128 {
            field.push(rest as u8 | 128);
            rest >>= 7;
        }
        field.push(rest as u8);
    }
    field.extend(value.as_bytes());
    field
}

/// A call whose message is in one DATA.
pub(crate) fn call(stream: u32, body: &[u8]) -> Vec<u8> {
    let headers = frame(HEADERS, WHOLE, stream, &POST);
    [headers, frame(DATA, END_STREAM, stream, body)].concat()
}

/// The fields of a get, as grpc-java 1.59.1 sends them on a new connection: 160 bytes with the priority.
pub(crate) fn first_block_of_grpc_java() -> Vec<u8> {
    let mut block = vec![0, 0, 0, 0, 15];
    let mut text = |kind: u8, name: &str, value: &str| {
        block.push(kind);
        if kind == 0x40 {
            block.push(name.len() as u8);
            block.extend(name.as_bytes());
        }
        block.push(value.len() as u8);
        block.extend(value.as_bytes());
        if name == ":path" {
            block.extend([0x83, 0x86]);
        }
    };
    text(0x41, ":authority", "localhost:50051");
    text(
        0x44,
        ":path",
        "/com.linkedin.venice.protocols.VeniceReadService/get",
    );
    text(0x5f, "content-type", "application/grpc");
    text(0x40, "te", "trailers");
    text(0x7a, "user-agent", "grpc-java-netty/1.59.1");
    text(0x40, "grpc-accept-encoding", "gzip");
    block
}

/// The same from the second call on.
pub(crate) const LATER_BLOCK: [u8; 8] = [0xc3, 0xc2, 0x83, 0x86, 0xc1, 0xc0, 0xbf, 0xbe];

/// What a connection sent.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Answered {
    /// Bytes of DATA of each stream.
    pub(crate) data: BTreeMap<u32, Vec<u8>>,
    /// Streams that ended well.
    pub(crate) ended: Vec<u32>,
    /// Streams that were reset, and by which code.
    pub(crate) reset: BTreeMap<u32, u32>,
    /// GOAWAYs: last stream and code.
    pub(crate) goaways: Vec<(u32, u32)>,
    /// Acknowledgements of SETTINGS, and of PING.
    pub(crate) settings: usize,
    pub(crate) pongs: usize,
    /// The server's PINGs.
    pub(crate) pings: Vec<Vec<u8>>,
    /// Bytes that WINDOW_UPDATEs gave back, by stream.
    pub(crate) given: BTreeMap<u32, u64>,
    /// Blocks of fields, by stream.
    pub(crate) blocks: Vec<(u32, Vec<u8>)>,
    pub(crate) largest_frame: usize,
}

impl Answered {
    /// Reads whole frames.
    pub(crate) fn read(&mut self, mut bytes: &[u8]) {
        let number = |bytes: &[u8]| {
            bytes
                .first_chunk()
                .map_or(0, |four| u32::from_be_bytes(*four))
        };
        while !bytes.is_empty() {
            let length = number(&[0, bytes[0], bytes[1], bytes[2]]) as usize;
            let (kind, flags, stream) = (bytes[3], bytes[4], number(&bytes[5..]));
            let payload = &bytes[9..9 + length];
            bytes = &bytes[9 + length..];
            self.largest_frame = self.largest_frame.max(length);
            match kind {
                DATA => self.data.entry(stream).or_default().extend(payload),
                HEADERS => self.blocks.push((stream, payload.to_vec())),
                CONTINUATION => {
                    let block = self.blocks.last_mut();
                    block
                        .expect("CONTINUATION goes on with a block")
                        .1
                        .extend(payload);
                }
                RST_STREAM => drop(self.reset.insert(stream, number(payload))),
                SETTINGS if flags & ACK != 0 => self.settings += 1,
                PING if flags & ACK != 0 => self.pongs += 1,
                PING => self.pings.push(payload.to_vec()),
                GOAWAY => self.goaways.push((number(payload), number(&payload[4..]))),
                WINDOW_UPDATE => {
                    *self.given.entry(stream).or_default() += u64::from(number(payload));
                }
                _ => {}
            }
            if matches!(kind, DATA | HEADERS) && flags & END_STREAM != 0 {
                self.ended.push(stream);
            }
        }
    }
}

/// A connection of the driver's server, and what it answered so far.
pub(crate) struct Peer {
    pub(crate) connection: Connection<Watch>,
    pub(crate) answered: Answered,
    pub(crate) now: Duration,
    message: Vec<u8>,
}

impl Peer {
    pub(crate) fn new(limits: Limits, bytes: usize) -> Peer {
        Peer::of(&protocol(limits), bytes)
    }

    pub(crate) fn of(protocol: &Arc<Protocol<Watch>>, bytes: usize) -> Peer {
        Peer {
            connection: Connection::new(protocol),
            answered: Answered::default(),
            now: Duration::ZERO,
            message: message(bytes),
        }
    }

    /// Sends bytes, and answers what comes of them.
    pub(crate) fn send(&mut self, mut bytes: &[u8]) -> &Answered {
        loop {
            let room = self.connection.room();
            let length = room.len().min(bytes.len());
            room[..length].copy_from_slice(&bytes[..length]);
            bytes = &bytes[length..];
            self.connection.received(length);
            loop {
                answer(&mut self.connection.turn(self.now), &self.message);
                self.take();
                if !self.connection.has_more() {
                    break;
                }
            }
            if bytes.is_empty() {
                return &self.answered;
            }
            if self.connection.ending().is_some() {
                return &self.answered;
            }
        }
    }

    /// Reads all that the connection has to say.
    pub(crate) fn take(&mut self) {
        loop {
            let out = self.connection.out();
            if out.is_empty() {
                return;
            }
            let length = out.len();
            self.answered.read(out);
            self.connection.sent(length);
        }
    }
}
