//! Clients below HTTP/2 that take what they can get: they follow the rules of flow control, and no
//! others. One thread drives many of them.

use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};

use crate::harness::raw::{
    frame, head, ACK, DATA, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PING, PREFACE, RST_STREAM,
    SETTINGS, WINDOW_UPDATE,
};

const FRAME_HEAD: usize = 9;
const FRAME_BYTES: usize = 16 * 1024;
const DEFAULT_WINDOW: i64 = 65_535;
/// `SETTINGS_INITIAL_WINDOW_SIZE`
const INITIAL_WINDOW: u16 = 4;

/// A call that a hostile client makes.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) path: &'static str,
    pub(crate) body: Arc<[u8]>,
    /// Whether the call ends with its body.
    pub(crate) ends: bool,
}

/// What a hostile client is.
#[derive(Clone)]
pub(crate) struct Habits {
    /// The window that it gives each answer.
    pub(crate) window: u32,
    /// Whether it reads from its socket at all.
    pub(crate) reads: bool,
    pub(crate) call: Call,
    /// Calls that it makes.
    pub(crate) calls: usize,
    /// Bytes of a frame of DATA.
    pub(crate) frame: usize,
}

/// What a client speaks over, which does not block.
trait Socket: Read + Write {}

impl<S: Read + Write> Socket for S {}

/// One such client.
pub(crate) struct Hostile {
    habits: Habits,
    socket: Box<dyn Socket>,
    /// On their way to the server.
    out: Vec<u8>,
    incoming: Vec<u8>,
    window: i64,
    initial: i64,
    windows: HashMap<u32, i64>,
    /// Calls that are not sent whole, and how much of them is.
    sending: Vec<(u32, usize)>,
    next: u32,
    opened: usize,
    pub(crate) ended: usize,
    pub(crate) hung_up: bool,
    pub(crate) goaway: Option<u32>,
}

impl Hostile {
    pub(crate) fn connect(address: SocketAddr, habits: &Habits) -> Hostile {
        let socket = TcpStream::connect(address).unwrap();
        socket.set_nonblocking(true).unwrap();
        Hostile::over(Box::new(socket), habits)
    }

    /// Over TLS: it shakes hands, and then does as ever.
    pub(crate) fn connect_tls(
        address: SocketAddr,
        config: &Arc<ClientConfig>,
        habits: &Habits,
    ) -> Hostile {
        let mut socket = TcpStream::connect(address).unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let mut tls = ClientConnection::new(Arc::clone(config), name).unwrap();
        while tls.is_handshaking() {
            tls.complete_io(&mut socket).unwrap();
        }
        socket.set_nonblocking(true).unwrap();
        Hostile::over(Box::new(StreamOwned::new(tls, socket)), habits)
    }

    fn over(socket: Box<dyn Socket>, habits: &Habits) -> Hostile {
        let [a, b, c, d] = habits.window.to_be_bytes();
        let [high, low] = INITIAL_WINDOW.to_be_bytes();
        let settings = frame(SETTINGS, 0, 0, &[high, low, a, b, c, d]);
        // The window of the connection is no obstacle.
        let update = frame(WINDOW_UPDATE, 0, 0, &0x4000_0000u32.to_be_bytes());
        Hostile {
            habits: habits.clone(),
            socket,
            out: [PREFACE, &settings, &update].concat(),
            incoming: Vec::new(),
            window: DEFAULT_WINDOW,
            initial: DEFAULT_WINDOW,
            windows: HashMap::new(),
            sending: Vec::new(),
            next: 1,
            opened: 0,
            ended: 0,
            hung_up: false,
            goaway: None,
        }
    }

    /// Sends and reads what it can now. Returns whether there was something.
    pub(crate) fn drive(&mut self) -> bool {
        if self.hung_up {
            return false;
        }
        let read = self.habits.reads && self.read();
        self.make();
        let wrote = self.write();
        read || wrote
    }

    /// Puts frames into `out`, while that is short.
    fn make(&mut self) {
        while self.out.len() < 64 * 1024 {
            if self.sending.is_empty() && self.opened < self.habits.calls {
                let call = &self.habits.call;
                let flags = if call.body.is_empty() && call.ends {
                    END_HEADERS | END_STREAM
                } else {
                    END_HEADERS
                };
                let open = frame(HEADERS, flags, self.next, &head(call.path));
                self.out.extend(open);
                if !call.body.is_empty() {
                    self.sending.push((self.next, 0));
                }
                self.opened += 1;
                self.next += 2;
                continue;
            }
            // All that are begun go on, and if none can, another one begins.
            let body = Arc::clone(&self.habits.call.body);
            let Some(at) = self.sending.iter().position(|(stream, _)| {
                self.window
                    .min(self.initial + self.windows.get(stream).unwrap_or(&0))
                    > 0
            }) else {
                if self.window > 0 && self.opened < self.habits.calls {
                    self.sending.push((self.next, 0));
                    let open = frame(
                        HEADERS,
                        END_HEADERS,
                        self.next,
                        &head(self.habits.call.path),
                    );
                    self.out.extend(open);
                    self.opened += 1;
                    self.next += 2;
                    continue;
                }
                return;
            };
            let (stream, sent) = self.sending[at];
            let window = self.windows.entry(stream).or_default();
            let most = self.window.min(self.initial + *window);
            let rest = &body[sent..];
            let length = rest.len().min(most as usize).min(self.habits.frame);
            let last = length == rest.len();
            let flags = if last && self.habits.call.ends {
                END_STREAM
            } else {
                0
            };
            self.out.extend(frame(DATA, flags, stream, &rest[..length]));
            *window -= length as i64;
            self.window -= length as i64;
            if last {
                self.sending.remove(at);
            } else {
                self.sending[at].1 += length;
            }
        }
    }

    fn write(&mut self) -> bool {
        match self.socket.write(&self.out) {
            Ok(written) => {
                self.out.drain(..written);
                written > 0
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => false,
            Err(_) => {
                self.hung_up = true;
                false
            }
        }
    }

    fn read(&mut self) -> bool {
        let mut bytes = [0; 16 * 1024];
        match self.socket.read(&mut bytes) {
            Ok(0) => self.hung_up = true,
            Ok(length) => self.incoming.extend_from_slice(&bytes[..length]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => return false,
            Err(_) => self.hung_up = true,
        }
        let mut at = 0;
        while let Some(head) = self.incoming.get(at..at + FRAME_HEAD) {
            let length =
                usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
            let (kind, flags) = (head[3], head[4]);
            let stream = u32::from_be_bytes([head[5] & 0x7F, head[6], head[7], head[8]]);
            let from = at + FRAME_HEAD;
            let Some(payload) = self.incoming.get(from..from + length) else {
                break;
            };
            let payload = payload.to_vec();
            at = from + length;
            self.came(kind, flags, stream, &payload);
        }
        self.incoming.drain(..at);
        !self.hung_up
    }

    fn came(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) {
        let number = |at: usize| u32::from_be_bytes(payload[at..at + 4].try_into().unwrap());
        match kind {
            SETTINGS if flags & ACK == 0 => {
                for setting in payload.chunks(6) {
                    if setting[..2] == INITIAL_WINDOW.to_be_bytes() {
                        let value: [u8; 4] = setting[2..].try_into().unwrap();
                        self.initial = i64::from(u32::from_be_bytes(value));
                    }
                }
                self.out.extend(frame(SETTINGS, ACK, 0, &[]));
            }
            PING if flags & ACK == 0 => self.out.extend(frame(PING, ACK, 0, payload)),
            WINDOW_UPDATE if stream == 0 => self.window += i64::from(number(0)),
            WINDOW_UPDATE => *self.windows.entry(stream).or_default() += i64::from(number(0)),
            GOAWAY => self.goaway = Some(number(4)),
            RST_STREAM => self.end(stream),
            HEADERS | DATA if flags & END_STREAM != 0 => self.end(stream),
            _ => {}
        }
    }

    fn end(&mut self, stream: u32) {
        self.ended += 1;
        self.sending.retain(|(sending, _)| *sending != stream);
        self.windows.remove(&stream);
    }
}

/// Bytes of a frame, as most clients send them.
pub(crate) const USUAL_FRAME: usize = FRAME_BYTES;
