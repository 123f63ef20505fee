//! The client's side in the tests of it: what it wants to know of fields, what it asks, and what it heard.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::collections::BTreeMap;
use std::sync::Arc;

use venice_http2::{
    Client, ClientLimits, ClientProtocol, ErrorCode, Field, Head, Heard, Request,
    ResponseVocabulary, Taught,
};

/// Numbers of the names that are watched for.
pub(crate) const GRPC_STATUS: u8 = 0;
pub(crate) const GRPC_MESSAGE: u8 = 1;

#[derive(Debug)]
pub(crate) struct Statuses;

impl ResponseVocabulary for Statuses {
    fn watched(&self, name: &[u8]) -> Option<u8> {
        match name {
            b"grpc-status" => Some(GRPC_STATUS),
            b"grpc-message" => Some(GRPC_MESSAGE),
            _ => None,
        }
    }

    fn value(&self, number: u8, value: &[u8]) -> u64 {
        match (number, value) {
            (GRPC_STATUS, [digit @ b'0'..=b'9']) => u64::from(digit - b'0'),
            _ => value.len() as u64,
        }
    }

    fn wants_text_of(&self, number: u8) -> bool {
        number == GRPC_MESSAGE
    }
}

/// POST over http to `/get`, or to `/echo`, which is streamed.
pub(crate) const GET: [Field<'static>; 4] = [
    Field::Static(3),
    Field::Static(6),
    Field::Taught(0),
    Field::Taught(2),
];
pub(crate) const ECHO: [Field<'static>; 4] = [
    Field::Static(3),
    Field::Static(6),
    Field::Taught(1),
    Field::Taught(2),
];

pub(crate) fn protocol(limits: ClientLimits) -> Arc<ClientProtocol<Statuses>> {
    let taught = Taught::new(&[
        (":path", "/get"),
        (":path", "/echo"),
        ("content-type", "application/grpc"),
    ]);
    Arc::new(ClientProtocol::new(limits, taught, Statuses))
}

pub(crate) fn client(limits: ClientLimits) -> Client<Statuses> {
    Client::new(&protocol(limits))
}

/// A request whose body is this, and whose response is wanted whole.
pub(crate) fn whole<'r>(fields: &'r [Field<'r>], body: &'r [u8]) -> Request<'r> {
    Request {
        fields,
        body,
        goes_on: false,
        streams: false,
    }
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// With this status of HTTP, and of gRPC if there is one.
    Whole(u16, Option<u64>),
    Refused,
    Reset(ErrorCode),
    Broken(ErrorCode, &'static str),
}

/// What was heard of requests, by their tokens.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) ends: BTreeMap<u64, End>,
    pub(crate) bodies: BTreeMap<u64, Vec<u8>>,
    pub(crate) texts: BTreeMap<u64, String>,
    /// Bytes of responses in pieces that came since somebody took the list: stream, and how many.
    pub(crate) untaken: Vec<(u32, usize)>,
    pub(crate) pongs: Vec<[u8; 8]>,
    pub(crate) leaving: Vec<(ErrorCode, String)>,
    opened: BTreeMap<u64, Head>,
}

impl Log {
    pub(crate) fn heard(&mut self, heard: Heard<'_>) {
        let status =
            |head: Head, trailers: Head| End::Whole(head.status(), trailers.watched(GRPC_STATUS));
        let text = |text: &[u8]| String::from_utf8(text.to_vec()).expect("a text");
        let (token, end) = match heard {
            Heard::Whole(whole) => {
                let token = whole.request.token;
                self.bodies.insert(token, whole.body.to_vec());
                self.texts.insert(token, text(whole.text));
                (token, status(whole.head, whole.trailers))
            }
            Heard::Opened(request, head) => {
                assert!(self.opened.insert(request.token, head).is_none());
                self.bodies.insert(request.token, Vec::new());
                return;
            }
            Heard::Data(request, bytes) => {
                assert!(!bytes.is_empty());
                let body = self.bodies.get_mut(&request.token).expect("it was opened");
                body.extend_from_slice(bytes);
                self.untaken.push((request.stream, bytes.len()));
                return;
            }
            Heard::Ended(request, trailers, said) => {
                self.texts.insert(request.token, text(said));
                let head = self.opened[&request.token];
                (request.token, status(head, trailers.unwrap_or_default()))
            }
            Heard::Refused(request) => (request.token, End::Refused),
            Heard::Reset(request, code) => (request.token, End::Reset(code)),
            Heard::Broken(request, fault) => (request.token, End::Broken(fault.code, fault.reason)),
            Heard::Pong(payload) => return self.pongs.push(payload),
            Heard::Leaving(code, said) => return self.leaving.push((code, text(said))),
        };
        assert!(
            self.ends.insert(token, end).is_none(),
            "request {token} ended twice"
        );
    }
}

/// Hands bytes to a client, so many at a time, and logs what it hears of them.
pub(crate) fn feed(client: &mut Client<Statuses>, bytes: &[u8], step: usize, log: &mut Log) {
    for mut piece in bytes.chunks(step.max(1)) {
        while !piece.is_empty() && client.ending().is_none() {
            let room = client.room();
            let length = room.len().min(piece.len());
            assert!(length > 0, "there is no room");
            room[..length].copy_from_slice(&piece[..length]);
            piece = &piece[length..];
            client.received(length);
            client.turn(|heard| log.heard(heard));
        }
    }
}

/// What a client has to say, all of it.
pub(crate) fn said(client: &mut Client<Statuses>) -> Vec<u8> {
    let mut said = Vec::new();
    loop {
        let out = client.out();
        if out.is_empty() {
            return said;
        }
        let length = out.len();
        said.extend_from_slice(out);
        client.sent(length);
    }
}
