//! A client that sends and reads frames of HTTP/2 one by one, over a socket that blocks.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};

use prost::Message;
use socket2::{Domain, Socket, Type};

use crate::harness::http2::framed;
use crate::harness::HANG;

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const PRIORITY: u8 = 2;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;
pub(crate) const ACK: u8 = 1;
pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;

/// What a client sends first.
pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// SETTINGS_INITIAL_WINDOW_SIZE
pub(crate) fn initial_window(bytes: u32) -> Vec<u8> {
    [&[0, 4][..], &bytes.to_be_bytes()].concat()
}

pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = (payload.len() as u32).to_be_bytes()[1..].to_vec();
    frame.extend([kind, flags]);
    frame.extend(stream.to_be_bytes());
    frame.extend_from_slice(payload);
    frame
}

pub(crate) fn window_update(stream: u32, bytes: u32) -> Vec<u8> {
    frame(WINDOW_UPDATE, 0, stream, &bytes.to_be_bytes())
}

/// A header that is not put into the table of HPACK, without Huffman's code.
pub(crate) fn literal(name: &[u8], value: &[u8]) -> Vec<u8> {
    let length = |bytes: &[u8]| {
        assert!(bytes.len() < 127);
        bytes.len() as u8
    };
    [&[0, length(name)], name, &[length(value)], value].concat()
}

/// The headers of a call of `path`.
pub(crate) fn head(path: &str) -> Vec<u8> {
    [
        // POST, http, both of HPACK's static table.
        vec![0x83, 0x86],
        literal(b":path", path.as_bytes()),
        literal(b"content-type", b"application/grpc"),
        literal(b"te", b"trailers"),
    ]
    .concat()
}

/// A whole call.
pub(crate) fn call(stream: u32, path: &str, request: &impl Message) -> Vec<u8> {
    let message = framed(0, &request.encode_to_vec());
    [
        frame(HEADERS, END_HEADERS, stream, &head(path)),
        frame(DATA, END_STREAM, stream, &message),
    ]
    .concat()
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) stream: u32,
    pub(crate) payload: Vec<u8>,
}

impl Frame {
    /// Last stream, error code and text of a GOAWAY.
    pub(crate) fn goodbye(&self) -> (u32, u32, String) {
        assert_eq!(self.kind, GOAWAY);
        let number = |at: usize| u32::from_be_bytes(self.payload[at..at + 4].try_into().unwrap());
        let text = String::from_utf8(self.payload[8..].to_vec()).unwrap();
        (number(0), number(4), text)
    }

    pub(crate) fn is(&self, kind: u8, flag: u8) -> bool {
        self.kind == kind && self.flags & flag != 0
    }
}

/// A connection that waits for `receive_buffer` bytes at most, if it is given.
pub(crate) fn connect(address: SocketAddr, receive_buffer: Option<usize>) -> TcpStream {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None).unwrap();
    if let Some(bytes) = receive_buffer {
        socket.set_recv_buffer_size(bytes).unwrap();
    }
    socket.connect(&address.into()).unwrap();
    let stream = TcpStream::from(socket);
    stream.set_nodelay(true).unwrap();
    stream.set_read_timeout(Some(HANG)).unwrap();
    stream.set_write_timeout(Some(HANG)).unwrap();
    stream
}

pub(crate) struct Raw<S> {
    stream: S,
    received: Vec<u8>,
    /// Bytes that one read may take.
    pub(crate) at_once: usize,
}

impl<S: Read + Write> Raw<S> {
    /// Says nothing yet.
    pub(crate) fn of(stream: S) -> Raw<S> {
        Raw {
            stream,
            received: Vec::new(),
            at_once: 65536,
        }
    }

    /// Sends the preface and SETTINGS.
    pub(crate) fn hello(stream: S, settings: &[u8]) -> Raw<S> {
        let mut raw = Raw::of(stream);
        let hello = [PREFACE, &frame(SETTINGS, 0, 0, settings)].concat();
        raw.send(&hello).unwrap();
        raw
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)?;
        self.stream.flush()
    }

    /// The next frame; `None` when the server has ended the connection in order.
    pub(crate) fn next(&mut self) -> io::Result<Option<Frame>> {
        loop {
            if let Some(frame) = self.taken() {
                return Ok(Some(frame));
            }
            let mut bytes = vec![0; self.at_once];
            match self.stream.read(&mut bytes)? {
                0 if self.received.is_empty() => return Ok(None),
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => self.received.extend_from_slice(&bytes[..read]),
            }
        }
    }

    fn taken(&mut self) -> Option<Frame> {
        let head = self.received.get(..9)?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let (kind, flags) = (head[3], head[4]);
        let stream = u32::from_be_bytes(head[5..9].try_into().unwrap());
        let payload = self.received.get(9..9 + length)?.to_vec();
        self.received.drain(..9 + length);
        Some(Frame {
            kind,
            flags,
            stream,
            payload,
        })
    }
}
