//! One HTTP/2 connection of a load: the client of `venice-http2` on a socket that does not block.

use std::sync::Arc;

use venice_http2::{
    Client, ClientLimits, ClientProtocol, Field, Heard, NotBegun, Request, Response,
    ResponseVocabulary, Taught,
};

use crate::error::LoadError;
use crate::socket::Socket;

/// Numbers of the names of fields that are watched for.
const GRPC_STATUS: u8 = 0;
const GRPC_MESSAGE: u8 = 1;
const HTTP_OK: u16 = 200;

/// The largest answer fits into the window of its stream, so that none waits for us. Frames are as large as a client's are
/// that announces nothing; much is read at a time.
const LIMITS: ClientLimits = ClientLimits {
    streams: u32::MAX,
    stream_window: 16 << 20,
    connection_window: 1 << 30,
    frame_bytes: 16_384,
    header_bytes: 64 * 1024,
    body_bytes: 1 << 30,
    unsent_bytes: 64 << 20,
    input_bytes: 256 * 1024,
};

/// A finished answer.
pub struct Answer {
    /// Its number, in the order in which requests were sent.
    pub token: u64,
    /// Payload of all DATA frames.
    pub body: Vec<u8>,
    /// What the server says instead of an answer, by its status.
    pub failure: Option<String>,
}

/// What is kept of statuses: their number, and the length of a text.
#[derive(Debug)]
struct Statuses;

impl ResponseVocabulary for Statuses {
    fn watched(&self, name: &[u8]) -> Option<u8> {
        match name {
            b"grpc-status" => Some(GRPC_STATUS),
            b"grpc-message" => Some(GRPC_MESSAGE),
            _ => None,
        }
    }

    fn value(&self, _: u8, value: &[u8]) -> u64 {
        let number = std::str::from_utf8(value)
            .ok()
            .and_then(|text| text.parse().ok());
        number.unwrap_or(u64::MAX)
    }

    fn wants_text_of(&self, number: u8) -> bool {
        number == GRPC_MESSAGE
    }
}

/// The requests of a load: their fields, which enter the server's table with the first one of a connection and are a byte
/// each from then on, as clients of gRPC send them.
#[derive(Clone)]
pub struct Requests {
    protocol: Arc<ClientProtocol<Statuses>>,
    fields: Vec<Field<'static>>,
}

impl Requests {
    /// POST of gRPC.
    pub fn grpc(path: &str, authority: &str, tls: bool) -> Requests {
        const POST: u8 = 3;
        let fields = [
            (":path", path),
            (":authority", authority),
            ("te", "trailers"),
            ("content-type", "application/grpc"),
            ("user-agent", "venice-load"),
        ];
        Requests::new(POST, tls, &fields)
    }

    /// GET of a file.
    pub fn get(path: &str, authority: &str) -> Requests {
        const GET: u8 = 2;
        Requests::new(GET, false, &[(":path", path), (":authority", authority)])
    }

    fn new(method: u8, tls: bool, fields: &[(&str, &str)]) -> Requests {
        let scheme = if tls { 7 } else { 6 };
        let taught = (0..fields.len() as u8).map(Field::Taught);
        let pseudo = [Field::Static(method), Field::Static(scheme)];
        Requests {
            fields: pseudo.into_iter().chain(taught).collect(),
            protocol: Arc::new(ClientProtocol::new(LIMITS, Taught::new(fields), Statuses)),
        }
    }
}

/// A connection with calls in flight.
pub(crate) struct Connection {
    pub(crate) socket: Socket,
    client: Client<Statuses>,
    fields: Vec<Field<'static>>,
    /// Bodies that are done with, for their memory.
    spare: Vec<Vec<u8>>,
    /// Calls that the server did not begin, to be made again.
    refused: Vec<u64>,
}

impl Connection {
    pub(crate) fn new(socket: Socket, requests: &Requests) -> Connection {
        Connection {
            socket,
            client: Client::new(&requests.protocol),
            fields: requests.fields.clone(),
            spare: Vec::new(),
            refused: Vec::new(),
        }
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.client.open()
    }

    /// Whether the server takes one more call, of `most` that we want at a time.
    pub(crate) fn has_room(&self, most: usize) -> bool {
        self.client.open() < most && self.client.free() > 0
    }

    /// Whether the server takes no more calls, and all that it took are answered: the next ones go on another connection.
    pub(crate) fn is_over(&self) -> bool {
        self.client.is_leaving() && self.client.open() == 0
    }

    /// Begins a call; an empty message is none. [`Connection::flush`] sends it. False if the server takes none now.
    pub(crate) fn call(&mut self, token: u64, message: &[u8]) -> Result<bool, LoadError> {
        let request = Request {
            fields: &self.fields,
            body: message,
            goes_on: false,
            streams: false,
        };
        match self.client.begin(token, &request) {
            Ok(_) => Ok(true),
            Err(NotBegun::Full | NotBegun::Leaving) => Ok(false),
            Err(NotBegun::Ended) => Err(self.ended()),
        }
    }

    /// Sends what the kernel takes.
    pub(crate) fn flush(&mut self) -> Result<(), LoadError> {
        // TLS may have something to say when we have not.
        while let bytes @ 1.. = self.socket.write(self.client.out())? {
            self.client.sent(bytes);
        }
        Ok(())
    }

    /// Takes back a body, for its memory.
    pub(crate) fn recycle(&mut self, mut body: Vec<u8>) {
        body.clear();
        self.spare.push(body);
    }

    /// The calls that the server did not begin since somebody asked.
    pub(crate) fn refused(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.refused)
    }

    /// Reads what has come, and appends the answers that are complete.
    pub(crate) fn receive(&mut self, answers: &mut Vec<Answer>) -> Result<(), LoadError> {
        loop {
            let room = self.client.room();
            let most = room.len();
            let read = match self.socket.read(room) {
                // It said that it would.
                Err(_) if self.is_over() => return Ok(()),
                read => read?,
            };
            self.client.received(read);
            let mut broken = None;
            let (spare, refused) = (&mut self.spare, &mut self.refused);
            self.client.turn(|heard| match heard {
                Heard::Whole(whole) => answers.push(answer(&whole, spare)),
                Heard::Refused(request) => refused.push(request.token),
                Heard::Reset(_, code) => {
                    broken = Some(format!("the server reset a call, code {}", code.0));
                }
                Heard::Broken(_, fault) => {
                    broken = Some(format!("the server sent {}", fault.reason));
                }
                Heard::Leaving(code, text) if code.0 != 0 => {
                    let text = String::from_utf8_lossy(text);
                    broken = Some(format!(
                        "the server ended the connection, code {}: {text}",
                        code.0
                    ));
                }
                // None is streamed, and none was asked for.
                Heard::Leaving(..)
                | Heard::Opened(..)
                | Heard::Data(..)
                | Heard::Ended(..)
                | Heard::Pong(_) => {}
            });
            if let Some(text) = broken {
                return Err(LoadError::Http2(text));
            }
            if self.client.ending().is_some() {
                return Err(self.ended());
            }
            // Less than there was room for: the socket is empty, and asking again costs a call.
            if read < most {
                return Ok(());
            }
        }
    }

    fn ended(&self) -> LoadError {
        let reason = self.client.ending().map_or("", |ending| ending.reason);
        LoadError::Http2(format!("the server breaks HTTP/2: {reason}"))
    }
}

fn answer(whole: &Response<'_>, spare: &mut Vec<Vec<u8>>) -> Answer {
    let mut body = spare.pop().unwrap_or_default();
    body.extend_from_slice(whole.body);
    let failure = match (whole.head.status(), whole.trailers.watched(GRPC_STATUS)) {
        (HTTP_OK, None | Some(0)) => None,
        (HTTP_OK, Some(status)) => {
            let text = String::from_utf8_lossy(whole.text);
            Some(format!("status {status} of gRPC: {text}"))
        }
        (status, _) => Some(format!("status {status} of HTTP")),
    };
    Answer {
        token: whole.request.token,
        body,
        failure,
    }
}
