//! A server that speaks HTTP/1.1, and a client of it that writes its requests byte by byte, over a socket that blocks.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use venice_engine::testing::TestStoreVersion;
use venice_engine::Registry;

use super::raw::connect;
use super::{batch_request, store, Harness};

/// A request to which a server that serves says OK.
pub(crate) const HEALTH: &str = "GET /health HTTP/1.1\r\nHost: venice\r\n\r\n";

/// A server with one store version, `store_v1`, of one record: `key`.
pub(crate) struct Served {
    pub(crate) harness: Harness,
    pub(crate) store: TestStoreVersion,
}

impl Served {
    pub(crate) fn new(settings: &[&str]) -> Served {
        let registry: Arc<Registry> = Registry::new();
        let store = store(&registry, "store_v1");
        store.put(0, b"key", 7, b"payload");
        Served {
            harness: Harness::start(&registry, &[&["http.requests", "all"], settings].concat()),
            store,
        }
    }

    pub(crate) fn client(&self) -> Http1<TcpStream> {
        Http1::of(connect(self.harness.address(), None))
    }
}

/// The body of a batch get that asks for the record so often.
pub(crate) fn keys(number: usize) -> Vec<u8> {
    batch_request("", &vec![(0, &b"key"[..]); number]).key_bytes
}

/// A batch get of this version of HTTP, with these fields more, each line with its end.
pub(crate) fn post(version: &str, fields: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST /storage/store_v1 HTTP/{version}\r\nHost: venice\r\nX-VENICE-API-VERSION: 1\r\n{fields}\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// A batch get whose body has the size that it says.
pub(crate) fn sized(body: &[u8]) -> Vec<u8> {
    post("1.1", &format!("Content-Length: {}\r\n", body.len()), body)
}

/// An answer, as it came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer1 {
    pub(crate) status: u16,
    /// Lines of the head but the first, in lower case, sorted.
    pub(crate) fields: Vec<String>,
    pub(crate) body: Vec<u8>,
}

impl Answer1 {
    pub(crate) fn field(&self, name: &str) -> &str {
        let value = |line: &'_ String| line.strip_prefix(name)?.strip_prefix(": ").map(str::len);
        let found = self.fields.iter().find(|line| value(line).is_some());
        found.map_or("", |line| &line[name.len() + 2..])
    }

    pub(crate) fn text(&self) -> (u16, &str) {
        (self.status, std::str::from_utf8(&self.body).unwrap())
    }
}

/// A connection, and what came that nobody read.
pub(crate) struct Http1<S> {
    pub(crate) stream: S,
    received: Vec<u8>,
}

impl<S: Read + Write> Http1<S> {
    pub(crate) fn of(stream: S) -> Http1<S> {
        Http1 {
            stream,
            received: Vec::new(),
        }
    }

    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
        self.stream.flush().unwrap();
    }

    /// Sends a request and reads its answer.
    pub(crate) fn ask(&mut self, bytes: impl AsRef<[u8]>) -> Answer1 {
        self.send(bytes);
        self.answer().unwrap()
    }

    /// The next answer; `None` when the server has closed.
    pub(crate) fn answer(&mut self) -> Option<Answer1> {
        self.answer_to(true)
    }

    /// The same, with a body or, as to HEAD, without one.
    pub(crate) fn answer_to(&mut self, has_body: bool) -> Option<Answer1> {
        let head = loop {
            let end = self
                .received
                .windows(4)
                .position(|four| four == b"\r\n\r\n");
            if let Some(end) = end {
                break self.received.drain(..end + 4).collect::<Vec<u8>>();
            }
            if !self.read() {
                assert!(self.received.is_empty(), "half an answer: {self:?}");
                return None;
            }
        };
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let first = lines.next().unwrap();
        let status = first
            .strip_prefix("HTTP/1.1 ")
            .or(first.strip_prefix("HTTP/1.0 "));
        let status = status.unwrap()[..3].parse().unwrap();
        let mut fields: Vec<String> = lines.map(str::to_lowercase).collect();
        fields.sort();
        let mut answer = Answer1 {
            status,
            fields,
            body: Vec::new(),
        };
        if has_body && status >= 200 {
            let length = answer.field("content-length").parse().unwrap();
            while self.received.len() < length {
                assert!(self.read(), "the body is cut off");
            }
            answer.body = self.received.drain(..length).collect();
        }
        Some(answer)
    }

    /// The server answers with this text and nothing more, says that it closes, and does.
    pub(crate) fn is_told_and_closed(&mut self, status: u16, text: &str) {
        let answer = self.answer_to(!text.is_empty()).expect("an answer");
        assert_eq!(answer.text(), (status, text));
        assert_eq!(answer.field("connection"), "close");
        assert!(self.is_closed(), "{self:?}");
    }

    /// Whether the server closes, and says nothing more.
    pub(crate) fn is_closed(&mut self) -> bool {
        self.received.is_empty() && !self.read()
    }

    /// `false` at the end.
    fn read(&mut self) -> bool {
        let mut bytes = [0; 64 * 1024];
        match self.stream.read(&mut bytes) {
            Ok(0) => false,
            Ok(read) => {
                self.received.extend_from_slice(&bytes[..read]);
                true
            }
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => false,
            Err(error) => panic!("{error}"),
        }
    }
}

impl<S> std::fmt::Debug for Http1<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.received))
    }
}
