//! What takes bytes from the network, behind functions that take any bytes: for `rust/fuzz` and for the tests
//! below. What they check is that nothing panics, and what holds for any input.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::call::{Bodies, Call, Event};
use crate::client::{Client, ClientLimits, ClientProtocol, Heard, Request, ResponseVocabulary};
use crate::connection::Connection;
use crate::frame::{FrameHead, HEAD_BYTES, PREFACE};
use crate::hpack::decoder::{Decoder, Fault, StaticMeanings, Visitor};
use crate::hpack::encoder::{Field, Taught};
use crate::hpack::field::{Head, Vocabulary, Wanted, OVERHEAD};
use crate::protocol::{Limits, Protocol};

/// Calls to this path are streamed.
const ECHO: u64 = 2;
/// And of one whose body is wanted at once.
const SOON: u64 = 3;
/// And of those whose text is wanted.
const TEXT: u64 = 4;
/// What they begin with.
const TEXT_PATH: &[u8] = b"/s/";

#[derive(Debug)]
struct Watch;

impl Vocabulary for Watch {
    fn watched(&self, name: &[u8]) -> Option<u8> {
        (name == b"grpc-timeout").then_some(0)
    }

    fn value(&self, _: u8, value: &[u8]) -> u64 {
        value.len() as u64
    }

    fn path(&self, path: &[u8]) -> u64 {
        match path {
            b"/echo" => ECHO,
            b"/soon" => SOON,
            path if path.starts_with(TEXT_PATH) => TEXT,
            _ => 1,
        }
    }

    fn wants_text(&self, kept: u64) -> bool {
        kept == TEXT
    }

    fn wanted(&self, head: &Head) -> Wanted {
        match head.path() {
            ECHO => Wanted::AsItComes,
            SOON => Wanted::Soon,
            TEXT => Wanted::Now,
            _ => Wanted::Whole,
        }
    }
}

/// Small enough for an input to reach them.
const LIMITS: Limits = Limits {
    streams: 4,
    stream_window: 2000,
    connection_window: 65_535,
    frame_bytes: 16_384,
    header_bytes: 1000,
    held_bytes: 3000,
    calls_of_turn: 3,
    bodies_of_turn: 1024,
    unsent_bytes: 5000,
};
/// Of an answer, so that several do not fit into what may be unsent.
const ANSWER: usize = 2000;

fn protocol() -> &'static Arc<Protocol<Watch>> {
    static PROTOCOL: OnceLock<Arc<Protocol<Watch>>> = OnceLock::new();
    PROTOCOL.get_or_init(|| {
        let taught = Taught::new(&[("content-type", "application/grpc"), ("grpc-status", "0")]);
        Arc::new(Protocol::new(LIMITS, taught, Watch))
    })
}

/// What a client sends, from its first frame on. The first byte says in what pieces it comes, and whether calls
/// are answered in their turn or later.
pub fn connection(bytes: &[u8]) {
    let Some((&how, bytes)) = bytes.split_first() else {
        return;
    };
    let (later, step) = (
        how & 0x80 != 0,
        match usize::from(how & 0x7f) {
            0 => bytes.len().max(1),
            step => step,
        },
    );
    let mut connection = Connection::new(protocol());
    let mut waiting = Vec::new();
    for piece in PREFACE.chunks(PREFACE.len()).chain(bytes.chunks(step)) {
        let mut rest = piece;
        while !rest.is_empty() {
            let room = connection.room();
            let length = room.len().min(rest.len());
            // Nothing that is whole stays unread, so there is room for a frame.
            assert!(length > 0);
            room[..length].copy_from_slice(&rest[..length]);
            rest = &rest[length..];
            connection.received(length);
            loop {
                turn(&mut connection, later, &mut waiting);
                written(&mut connection);
                if !connection.has_more() {
                    break;
                }
            }
        }
    }
    for call in waiting.drain(..) {
        let body = |out: &mut Vec<u8>| out.resize(out.len() + ANSWER, 1);
        connection.answers().answer(&call, &FIELDS, body, &TRAILERS);
    }
    written(&mut connection);
    if connection.ending().is_some() {
        assert!(connection.is_over());
    }
}

const FIELDS: [Field<'static>; 2] = [Field::Status(200), Field::Taught(0)];
const TRAILERS: [Field<'static>; 1] = [Field::Taught(1)];

fn turn(connection: &mut Connection<Watch>, later: bool, waiting: &mut Vec<Call>) {
    let mut turn = connection.turn(Duration::from_secs(1));
    assert!(turn.calls.len() <= LIMITS.calls_of_turn);
    for call in turn.calls {
        assert!(turn.bodies.of(call).len() <= LIMITS.frame_bytes as usize + LIMITS.held_bytes);
        check_path(turn.bodies, call);
        if later {
            waiting.push(*call);
            continue;
        }
        let body = |out: &mut Vec<u8>| out.resize(out.len() + ANSWER, 1);
        turn.answers.answer(call, &FIELDS, body, &TRAILERS);
    }
    for event in turn.events {
        match *event {
            Event::Opened(call) => {
                check_path(turn.bodies, &call);
                turn.answers.open(&call, &FIELDS);
            }
            Event::Data(stream) => {
                let came = turn.answers.received(stream).len();
                turn.answers
                    .send(stream, |out| out.resize(out.len() + came, 2));
                turn.answers.take(stream, came);
            }
            Event::Ended(stream) => {
                turn.answers.finish(stream, &TRAILERS);
            }
            Event::Large(_) | Event::Reset(..) | Event::Pong(_) | Event::GoAwayHeard => {}
        }
    }
    assert!(connection.held() <= LIMITS.held_bytes);
    assert!(connection.open() <= LIMITS.streams as usize);
}

/// A path whose text is wanted has it in its turn, and no other has one.
fn check_path(bodies: Bodies<'_>, call: &Call) {
    let path = bodies.path_of(call);
    assert_eq!(path.is_some(), call.head.path() == TEXT);
    assert!(path.is_none_or(|path| path.starts_with(TEXT_PATH)));
}

/// What is written is whole frames, no more than may be unsent and a turn.
fn written(connection: &mut Connection<Watch>) {
    loop {
        let mut out = connection.out();
        let all = out.len();
        if all == 0 {
            return;
        }
        let most = LIMITS.unsent_bytes + (LIMITS.calls_of_turn + 1) * (ANSWER + 100) + 17_000;
        // Besides, what a turn's frames were answered by, each with no more than two frames.
        assert!(
            all <= most + 2 * (LIMITS.frame_bytes as usize),
            "{all} bytes"
        );
        while let Some(head) = FrameHead::read(out) {
            out = &out[HEAD_BYTES + head.length..];
        }
        assert!(out.is_empty(), "{} bytes are no frame", out.len());
        connection.sent(all);
    }
}

impl ResponseVocabulary for Watch {
    fn watched(&self, name: &[u8]) -> Option<u8> {
        match name {
            b"grpc-status" => Some(0),
            b"grpc-message" => Some(1),
            _ => None,
        }
    }

    fn value(&self, _: u8, value: &[u8]) -> u64 {
        value.len() as u64
    }

    fn wants_text_of(&self, number: u8) -> bool {
        number == 1
    }
}

/// Small enough for an input to reach them.
const CLIENT_LIMITS: ClientLimits = ClientLimits {
    streams: 4,
    stream_window: 2000,
    connection_window: 65_535,
    frame_bytes: 16_384,
    header_bytes: 1000,
    body_bytes: 3000,
    unsent_bytes: 5000,
    input_bytes: 0,
};

fn client_protocol() -> &'static Arc<ClientProtocol<Watch>> {
    static PROTOCOL: OnceLock<Arc<ClientProtocol<Watch>>> = OnceLock::new();
    PROTOCOL.get_or_init(|| {
        let taught = Taught::new(&[(":path", "/a")]);
        Arc::new(ClientProtocol::new(CLIENT_LIMITS, taught, Watch))
    })
}

/// What a server sends, from its first frame on. The first byte says in what pieces it comes. There are always some
/// requests open, of each kind; each ends once.
pub fn client(bytes: &[u8]) {
    let Some((&step, bytes)) = bytes.split_first() else {
        return;
    };
    let mut client = Client::new(client_protocol());
    let mut open = Vec::new();
    let mut token = 0;
    for piece in bytes.chunks(usize::from(step).max(1)) {
        let mut rest = piece;
        while !rest.is_empty() {
            while client.free() > 0 {
                token += 1;
                let request = Request {
                    fields: &[Field::Static(3), Field::Static(6), Field::Taught(0)],
                    body: &[7; 3000][..(token % 4 * 1000) as usize],
                    goes_on: token % 3 == 0,
                    streams: token % 2 == 0,
                };
                let begun = client.begin(token, &request);
                open.push((token, begun.expect("there is room for a request")));
            }
            let room = client.room();
            let length = room.len().min(rest.len());
            assert!(length > 0 || client.out().len() > CLIENT_LIMITS.unsent_bytes);
            let room = client.room();
            room[..length].copy_from_slice(&rest[..length]);
            rest = &rest[length..];
            client.received(length);
            let mut taken = Vec::new();
            client.turn(|heard| hear(&heard, &mut open, &mut taken));
            assert_eq!(client.open(), open.len());
            for (stream, bytes) in taken {
                client.take(stream, bytes);
                client.send(stream, &[8; 100]);
            }
            written_by(&mut client);
        }
        if client.ending().is_some() {
            break;
        }
    }
    let mut left = 0;
    client.abandon(|request| {
        left += 1;
        assert!(open.contains(&(request.token, request.stream)));
    });
    assert_eq!((left, client.open()), (open.len(), 0));
}

/// What is told of a request is told of one that is open, and its end once.
fn hear(heard: &Heard<'_>, open: &mut Vec<(u64, u32)>, taken: &mut Vec<(u32, usize)>) {
    let (request, is_over) = match *heard {
        Heard::Whole(whole) => {
            assert!(whole.body.len() <= CLIENT_LIMITS.body_bytes);
            assert!(whole.text.is_empty() || whole.trailers.watched(1).is_some());
            assert!(whole.head.status() >= 200);
            (whole.request, true)
        }
        Heard::Opened(request, head) => {
            assert!(head.status() >= 200);
            (request, false)
        }
        Heard::Data(request, bytes) => {
            assert!(!bytes.is_empty());
            taken.push((request.stream, bytes.len()));
            (request, false)
        }
        Heard::Ended(request, ..)
        | Heard::Refused(request)
        | Heard::Reset(request, _)
        | Heard::Broken(request, _) => (request, true),
        Heard::Pong(_) | Heard::Leaving(..) => return,
    };
    let at = open
        .iter()
        .position(|&known| known == (request.token, request.stream));
    let at = at.expect("a request that is open");
    if is_over {
        open.swap_remove(at);
    }
}

/// What a client writes is whole frames, behind its preface.
fn written_by(client: &mut Client<Watch>) {
    loop {
        let mut out = client.out();
        let all = out.len();
        if all == 0 {
            return;
        }
        assert!(
            all <= CLIENT_LIMITS.unsent_bytes + 4 * 20_000,
            "{all} bytes"
        );
        out = out.strip_prefix(PREFACE.as_slice()).unwrap_or(out);
        while let Some(head) = FrameHead::read(out) {
            out = &out[HEAD_BYTES + head.length..];
        }
        assert!(out.is_empty(), "{} bytes are no frame", out.len());
        client.sent(all);
    }
}

struct Sum(usize);

impl Visitor for Sum {
    const WANTED: bool = true;
    fn field(&mut self, name: &[u8], value: &[u8]) {
        self.0 += name.len() + value.len() + OVERHEAD;
    }
}

/// Blocks of fields of one connection, each behind its length in two bytes. They mean the same whether texts are
/// asked for or not, and when they were seen before.
pub fn fields(mut bytes: &[u8]) {
    const LIMIT: u32 = 10_000;
    static STATICS: OnceLock<StaticMeanings> = OnceLock::new();
    let statics = STATICS.get_or_init(|| StaticMeanings::new(&Watch));
    let (mut told, mut untold) = (Decoder::new(), Decoder::new());
    while let Some((&length, rest)) = bytes.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes(length)).min(rest.len());
        let (block, behind) = rest.split_at(length);
        bytes = behind;
        for _ in 0..2 {
            let mut sum = Sum(0);
            let head = told.visit(block, statics, &Watch, LIMIT, &mut sum);
            assert_eq!(head, untold.decode(block, statics, &Watch, LIMIT));
            match head {
                Ok(head) => {
                    assert_eq!(head.size() as usize, sum.0);
                    assert!(head.size() <= LIMIT);
                    assert!(!(head.is_request() && head.is_trailers()));
                }
                Err(Fault::Wrong(_) | Fault::TooLarge) => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use venice_mutation::fuzz;

    #[test]
    fn any_bytes_of_a_client() {
        fuzz("http2_connection", 20_000, super::connection);
    }

    #[test]
    fn any_bytes_of_a_server() {
        fuzz("http2_client", 20_000, super::client);
    }

    #[test]
    fn any_blocks_of_fields() {
        fuzz("http2_fields", 15_000, super::fields);
    }
}
