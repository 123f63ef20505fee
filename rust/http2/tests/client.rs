//! The client's side against the server's: whatever pieces their bytes come in, each request has its response.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod asker;
mod driver;

use std::time::Duration;

use asker::*;
use driver::Watch;
use proptest::prelude::*;
use venice_http2::{Client, ClientLimits, Connection, ErrorCode, Field, Limits, NotBegun, Request};

/// Both sides, and the bytes between them.
struct Link {
    client: Client<Statuses>,
    server: Connection<Watch>,
    log: Log,
    message: Vec<u8>,
    /// So many bytes come at a time, to either side.
    step: usize,
    /// The client takes what it hears of responses in pieces.
    takes: bool,
}

impl Link {
    fn new(client: ClientLimits, server: Limits, answer: usize) -> Link {
        Link {
            client: asker::client(client),
            server: Connection::new(&driver::protocol(server)),
            log: Log::default(),
            message: driver::message(answer),
            step: usize::MAX,
            takes: true,
        }
    }

    /// Until neither side has anything to say.
    fn settle(&mut self) {
        loop {
            if self.takes {
                for (stream, bytes) in std::mem::take(&mut self.log.untaken) {
                    self.client.take(stream, bytes);
                }
            }
            let to_server = self.client.out().len().min(self.step);
            if to_server > 0 {
                let room = self.server.room();
                let length = to_server.min(room.len());
                room[..length].copy_from_slice(&self.client.out()[..length]);
                self.client.sent(length);
                self.server.received(length);
            }
            while self.server.has_more() {
                let mut turn = self.server.turn(Duration::ZERO);
                driver::answer(&mut turn, &self.message);
                if !self.server.out().is_empty() {
                    break;
                }
            }
            let to_client = self.server.out().len().min(self.step);
            if to_client > 0 {
                let bytes = self.server.out()[..to_client].to_vec();
                self.server.sent(to_client);
                feed(&mut self.client, &bytes, self.step, &mut self.log);
            }
            if to_server == 0 && to_client == 0 && !self.server.has_more() {
                assert_eq!(self.client.ending(), None);
                assert_eq!(self.server.ending(), None);
                return;
            }
        }
    }

    fn get(&mut self, token: u64, body: &[u8]) -> Result<u32, NotBegun> {
        self.client.begin(token, &whole(&GET, body))
    }

    fn open_echo(&mut self, token: u64) -> u32 {
        let request = Request {
            fields: &ECHO,
            body: b"",
            goes_on: true,
            streams: true,
        };
        self.client.begin(token, &request).unwrap()
    }
}

const FOUND: End = End::Whole(200, Some(0));

#[test]
fn gets_are_answered() {
    let mut link = Link::new(ClientLimits::default(), Limits::default(), 1030);
    for round in 0..20 {
        for number in 0..100 {
            let token = round * 100 + number;
            link.get(token, &[7; 60]).unwrap();
        }
        assert_eq!(link.client.open(), 100);
        link.settle();
        assert_eq!(link.client.open(), 0);
    }
    assert_eq!(link.log.ends.len(), 2000);
    assert!(link.log.ends.values().all(|end| *end == FOUND));
    assert!(link.log.bodies.values().all(|body| *body == link.message));
}

/// The fields of a request are some bytes from the second one on, as all are in the table.
#[test]
fn fields_are_taught_once() {
    let mut client = asker::client(ClientLimits::default());
    said(&mut client);
    client.begin(1, &whole(&GET, b"")).unwrap();
    let first = said(&mut client).len();
    client.begin(2, &whole(&GET, b"")).unwrap();
    let second = said(&mut client).len();
    assert_eq!((first > 30, second), (true, 9 + 4));
}

#[test]
fn a_body_larger_than_all_windows_and_frames_goes_and_comes_whole() {
    let limits = ClientLimits {
        stream_window: 70_000,
        connection_window: 100_000,
        ..ClientLimits::default()
    };
    let mut link = Link::new(limits, Limits::default(), 1_000_005);
    let body = vec![3; 2_000_000];
    let stream = link.get(1, &body).unwrap();
    let small = link.get(2, b"small").unwrap();
    assert!(link.client.unsent(stream) > 0 && small > stream);
    link.settle();
    assert_eq!(link.client.unsent(stream), 0);
    assert_eq!((link.log.ends[&1], link.log.ends[&2]), (FOUND, FOUND));
    assert!(link.log.bodies.values().all(|body| *body == link.message));
}

/// What a client does not take holds the server up at the window of its stream, and of no other.
#[test]
fn a_response_in_pieces_waits_for_whoever_takes_it() {
    let limits = ClientLimits {
        stream_window: 20_000,
        ..ClientLimits::default()
    };
    let mut link = Link::new(limits, Limits::default(), 1030);
    link.takes = false;
    // Its window is known to the server from here on.
    link.settle();
    let stream = link.open_echo(1);
    let sent: Vec<u8> = (0..100_000u32).map(|at| at as u8).collect();
    for piece in sent.chunks(1000) {
        link.client.send(stream, piece);
    }
    link.client.finish(stream);
    link.settle();
    assert_eq!(link.log.bodies[&1], sent[..20_000]);
    link.get(2, b"").unwrap();
    link.settle();
    assert_eq!(link.log.ends[&2], FOUND);
    // Now it takes.
    link.takes = true;
    link.settle();
    assert_eq!((&link.log.bodies[&1], link.log.ends[&1]), (&sent, FOUND));
}

#[test]
fn a_request_that_is_cancelled_is_told_nothing_more() {
    let mut link = Link::new(ClientLimits::default(), Limits::default(), 1030);
    let stream = link.open_echo(1);
    link.client.send(stream, b"some");
    link.settle();
    assert_eq!(link.log.bodies[&1], b"some");
    link.client.send(stream, b"more");
    link.client.cancel(stream);
    // Neither is there any more.
    link.client.send(stream, b"nobody");
    link.client.finish(stream);
    link.client.take(stream, 1);
    link.settle();
    assert_eq!((link.client.open(), link.server.open()), (0, 0));
    assert!(link.log.ends.is_empty());
    link.get(2, b"").unwrap();
    link.settle();
    assert_eq!(link.log.ends[&2], FOUND);
}

#[test]
fn no_more_is_begun_than_the_server_allows() {
    let limits = Limits {
        streams: 3,
        ..Limits::default()
    };
    let mut link = Link::new(ClientLimits::default(), limits, 1030);
    // Before its SETTINGS came, nobody knows: what is too much may be made again.
    for token in 0..5 {
        link.open_echo(token);
    }
    link.settle();
    assert_eq!(link.log.ends.len(), 2);
    assert!(link.log.ends.values().all(|end| *end == End::Refused));
    assert_eq!(
        (link.client.free(), link.get(9, b"")),
        (0, Err(NotBegun::Full))
    );
    link.client.cancel(1);
    link.get(10, b"").unwrap();
    link.settle();
    assert_eq!(link.log.ends[&10], FOUND);
}

#[test]
fn a_server_that_leaves_answers_what_it_has() {
    let mut link = Link::new(ClientLimits::default(), Limits::default(), 1030);
    let stream = link.open_echo(1);
    link.settle();
    link.server.begin_goaway();
    link.settle();
    let leaving = (ErrorCode::NO_ERROR, String::new());
    assert_eq!(link.log.leaving, std::slice::from_ref(&leaving));
    assert_eq!(link.get(2, b""), Err(NotBegun::Leaving));
    assert!(link.client.is_leaving() && link.client.free() == 0);
    link.server.say_last();
    link.client.send(stream, b"the last");
    link.client.finish(stream);
    link.settle();
    assert_eq!(
        (link.log.ends[&1], &link.log.bodies[&1][..]),
        (FOUND, &b"the last"[..])
    );
    assert_eq!(link.log.leaving, [leaving.clone(), leaving]);
    assert!(link.server.is_over());
}

/// A request that crosses the last GOAWAY is one that may be made again.
#[test]
fn what_the_server_did_not_begin_may_be_made_again() {
    let mut link = Link::new(ClientLimits::default(), Limits::default(), 1030);
    link.get(1, b"").unwrap();
    link.settle();
    link.get(2, b"").unwrap();
    link.server.say_last();
    link.settle();
    assert_eq!(link.log.ends[&2], End::Refused);
    assert_eq!(link.client.open(), 0);
}

#[test]
fn the_server_is_asked_for_a_sign_of_life() {
    let mut link = Link::new(ClientLimits::default(), Limits::default(), 1030);
    link.client.ping(*b"is there");
    link.settle();
    assert_eq!(link.log.pongs, [*b"is there"]);
    link.server.ping(*b"and here");
    link.settle();
}

#[test]
fn a_client_that_closes_says_so_and_knows_what_is_open() {
    let mut link = Link::new(ClientLimits::default(), Limits::default(), 1030);
    link.open_echo(7);
    link.settle();
    link.client.close();
    assert_eq!(link.get(8, b""), Err(NotBegun::Ended));
    let mut open = Vec::new();
    link.client.abandon(|request| open.push(request.token));
    assert_eq!((open, link.client.open()), (vec![7], 0));
    let out = said(&mut link.client);
    assert_eq!(out[3], 7, "GOAWAY");
    let room = link.server.room();
    room[..out.len()].copy_from_slice(&out);
    link.server.received(out.len());
    link.server.turn(Duration::ZERO);
    assert!(link.server.peer_leaves());
}

/// Fields longer than a frame of the server's go in several.
#[test]
fn a_long_block_of_fields_is_cut() {
    let mut link = Link::new(
        ClientLimits::default(),
        Limits {
            header_bytes: 100_000,
            frame_bytes: 16_384,
            ..Limits::default()
        },
        1030,
    );
    let long = vec![b'v'; 40_000];
    let fields = [&GET[..], &[Field::Literal(b"x-long", &long)]].concat();
    link.client.begin(1, &whole(&fields, b"body")).unwrap();
    link.settle();
    assert_eq!(link.log.ends[&1], FOUND);
}

#[derive(Debug, Clone)]
enum Step {
    Get(usize),
    Open,
    Send(usize, usize),
    Finish(usize),
    Cancel(usize),
    Settle,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0usize..40_000).prop_map(Step::Get),
        2 => Just(Step::Open),
        3 => (any::<usize>(), 0usize..30_000).prop_map(|(at, n)| Step::Send(at, n)),
        2 => any::<usize>().prop_map(Step::Finish),
        1 => any::<usize>().prop_map(Step::Cancel),
        1 => Just(Step::Settle),
    ];
    proptest::collection::vec(step, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_is_asked_is_answered(
        steps in steps(),
        step in prop_oneof![Just(1usize), 2usize..50, 50usize..5000, Just(usize::MAX)],
        stream_window in 1u32..70_000,
        answer in 5usize..100_000,
    ) {
        // Byte by byte not everything has to be large.
        let most = step.saturating_mul(200);
        let answer = answer.min(most.saturating_add(5));
        let client = ClientLimits { stream_window, connection_window: 65_535, ..ClientLimits::default() };
        let server = Limits { stream_window: 5000, held_bytes: 1 << 20, ..Limits::default() };
        let mut link = Link::new(client, server, answer);
        link.step = step;
        // Before it has read SETTINGS it may send more than the server's window has.
        link.settle();
        let (mut open, mut echoed) = (Vec::new(), std::collections::BTreeMap::new());
        let mut gets = Vec::new();
        for (token, step) in steps.into_iter().enumerate() {
            let token = token as u64;
            match step {
                Step::Get(bytes) => {
                    link.get(token, &vec![5; bytes.min(most)]).unwrap();
                    gets.push(token);
                }
                Step::Open => {
                    open.push((link.open_echo(token), token));
                    echoed.insert(token, Vec::new());
                }
                Step::Send(at, bytes) if !open.is_empty() => {
                    let (stream, token) = open[at % open.len()];
                    let body = vec![token as u8; bytes.min(most)];
                    link.client.send(stream, &body);
                    echoed.get_mut(&token).unwrap().extend(body);
                }
                Step::Finish(at) if !open.is_empty() => {
                    let (stream, _) = open.swap_remove(at % open.len());
                    link.client.finish(stream);
                }
                Step::Cancel(at) if !open.is_empty() => {
                    let (stream, token) = open.swap_remove(at % open.len());
                    link.client.cancel(stream);
                    echoed.remove(&token);
                }
                Step::Settle => link.settle(),
                _ => {}
            }
        }
        for (stream, _) in open {
            link.client.finish(stream);
        }
        link.settle();
        prop_assert_eq!((link.client.open(), link.server.open()), (0, 0));
        for token in gets {
            prop_assert_eq!(link.log.ends.get(&token), Some(&FOUND));
            prop_assert!(link.log.bodies[&token] == link.message);
        }
        for (token, body) in echoed {
            prop_assert_eq!(link.log.ends.get(&token), Some(&FOUND));
            prop_assert!(link.log.bodies[&token] == body);
        }
    }
}
