//! Windows: answers that wait for them, bodies that wait for room.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod driver;
mod peer;

use driver::{HEADERS as FIELDS, TRAILERS};
use peer::*;
use venice_http2::{ErrorCode, Limits};

fn peer_of(bytes: usize, window: u32) -> Peer {
    let mut peer = Peer::new(Limits::default(), bytes);
    peer.send(&hello(&[(INITIAL_WINDOW_SIZE, window)]));
    peer
}

fn data(peer: &Peer, stream: u32) -> usize {
    peer.answered.data.get(&stream).map_or(0, Vec::len)
}

#[test]
fn an_answer_comes_byte_by_byte_if_the_window_grows_so() {
    let mut peer = peer_of(1030, 0);
    peer.send(&call(1, b"x"));
    assert_eq!((data(&peer, 1), peer.connection.waiting()), (0, 1030));
    for bytes in 1..=1030 {
        assert!(peer.answered.ended.is_empty());
        peer.send(&window_update(1, 1));
        assert_eq!(data(&peer, 1), bytes);
    }
    assert_eq!(peer.answered.ended, [1]);
    assert_eq!(peer.answered.data[&1], driver::message(1030));
    assert_eq!((peer.connection.open(), peer.connection.waiting()), (0, 0));
}

#[test]
fn settings_shrink_a_window_below_zero_in_the_midst_of_an_answer() {
    let mut peer = peer_of(1000, 600);
    peer.send(&call(1, b"x"));
    assert_eq!(data(&peer, 1), 600);
    peer.send(&settings(&[(INITIAL_WINDOW_SIZE, 100)]));
    // 500 below zero.
    peer.send(&window_update(1, 500));
    assert_eq!(data(&peer, 1), 600);
    peer.send(&window_update(1, 1));
    assert_eq!(data(&peer, 1), 601);
    peer.send(&settings(&[(INITIAL_WINDOW_SIZE, 200)]));
    assert_eq!(data(&peer, 1), 701);
    // Twice in one frame: both count.
    peer.send(&settings(&[
        (INITIAL_WINDOW_SIZE, 0),
        (INITIAL_WINDOW_SIZE, 1000),
    ]));
    assert_eq!(peer.answered.ended, [1]);
    assert_eq!(peer.answered.data[&1], driver::message(1000));
}

#[test]
fn the_window_of_the_connection_is_shared_in_turns() {
    let mut peer = peer_of(100_000, 0x7fff_ffff);
    let calls: Vec<u8> = [1, 3, 5]
        .into_iter()
        .flat_map(|id| call(id, b"x"))
        .collect();
    peer.send(&calls);
    // 16 KiB each in turn, until 65,535 are out.
    assert_eq!(
        [1, 3, 5].map(|id| data(&peer, id)),
        [16_384 + 16_383, 16_384, 16_384]
    );
    assert_eq!(peer.answered.largest_frame, 16_384);
    // Small answers wait for it too, and in order.
    peer.send(&window_update(0, 300_000));
    assert_eq!(peer.answered.ended.len(), 3);
    assert!(peer
        .answered
        .data
        .values()
        .all(|data| *data == driver::message(100_000)));
}

#[test]
fn a_small_answer_does_not_wait_for_a_large_one() {
    let mut peer = Peer::new(Limits::default(), 100);
    peer.send(
        &[
            hello(&[(INITIAL_WINDOW_SIZE, 1000)]),
            window_update(0, 1 << 20),
        ]
        .concat(),
    );
    let open = frame(HEADERS, WHOLE, 1, &POST);
    let bytes = [open, frame(DATA, END_STREAM, 1, b"x")].concat();
    let room = peer.connection.room();
    room[..bytes.len()].copy_from_slice(&bytes);
    peer.connection.received(bytes.len());
    let mut turn = peer.connection.turn(peer.now);
    let large = turn.calls[0];
    assert!(turn.answers.answer(
        &large,
        &FIELDS,
        |out| out.resize(out.len() + 50_000, 1),
        &TRAILERS
    ));
    assert!(!turn
        .answers
        .answer(&large, &FIELDS, |_| panic!("twice"), &TRAILERS));
    peer.take();
    assert_eq!(data(&peer, 1), 1000);
    peer.send(&call(3, b"x"));
    assert_eq!(peer.answered.ended, [3]);
    peer.send(&window_update(1, 49_000));
    assert_eq!(peer.answered.ended, [3, 1]);
}

/// The calls that `bytes` bring, and who answers them.
fn turn_of<'p>(peer: &'p mut Peer, bytes: &[u8]) -> venice_http2::Turn<'p> {
    let room = peer.connection.room();
    room[..bytes.len()].copy_from_slice(bytes);
    peer.connection.received(bytes.len());
    peer.connection.turn(peer.now)
}

#[test]
fn an_answer_that_is_not_there_at_once_leaves_nothing_behind() {
    let mut peer = Peer::new(Limits::default(), 100);
    peer.send(&hello(&[(INITIAL_WINDOW_SIZE, 1000)]));
    let turn = turn_of(&mut peer, &[call(1, b"x"), call(3, b"x")].concat());
    let (mut answers, [first, second]) = (turn.answers, [turn.calls[0], turn.calls[1]]);
    let none = |out: &mut Vec<u8>, most| {
        assert_eq!(most, 1000);
        out.extend_from_slice(b"half of it");
        false
    };
    let long = |out: &mut Vec<u8>, most| {
        out.resize(out.len() + most + 1, 7);
        true
    };
    assert_eq!(
        (answers.at_once(&first), answers.at_once(&second)),
        (1000, 1000)
    );
    // The first block of a connection teaches its fields. Nobody has learnt them by these.
    assert!(!answers.answer_at_once(&first, &FIELDS, 2000, none, &TRAILERS));
    assert!(!answers.answer_at_once(&first, &FIELDS, 2000, long, &TRAILERS));
    let whole = |out: &mut Vec<u8>, most| {
        out.resize(out.len() + most, 7);
        true
    };
    assert!(answers.answer_at_once(&second, &FIELDS, 2000, whole, &TRAILERS));
    assert_eq!(answers.at_once(&second), 0, "it was answered");
    let never = |_: &mut Vec<u8>, _| panic!("it was answered");
    assert!(!answers.answer_at_once(&second, &FIELDS, 2000, never, &TRAILERS));
    assert!(answers.answer(&first, &FIELDS, |out| out.push(1), &TRAILERS));
    let sent = peer.connection.out().to_vec();
    let taught = |name: &[u8]| {
        sent.windows(name.len())
            .filter(|here| here == &name)
            .count()
    };
    assert_eq!(taught(b"application/grpc"), 1);
    peer.take();
    assert_eq!(peer.answered.ended, [3, 1]);
    assert_eq!((data(&peer, 1), data(&peer, 3)), (1, 1000));
}

#[test]
fn an_answer_at_once_may_have_several_frames() {
    for bytes in [0, 1, 16_384, 16_385, 32_768, 40_000, 60_000] {
        for trailers in [&TRAILERS[..], &[]] {
            let mut peer = Peer::new(Limits::default(), 100);
            peer.send(&hello(&[(INITIAL_WINDOW_SIZE, 60_000)]));
            let mut turn = turn_of(&mut peer, &call(1, b"x"));
            let first = turn.calls[0];
            let body: Vec<u8> = (0..bytes).map(|at| (at % 251) as u8).collect();
            let write = |out: &mut Vec<u8>, most| {
                assert_eq!(most, 60_000);
                out.extend_from_slice(&body);
                true
            };
            let answers = &mut turn.answers;
            assert!(answers.answer_at_once(&first, &FIELDS, 1 << 20, write, trailers));
            peer.take();
            assert_eq!(peer.answered.ended, [1], "{bytes}");
            assert_eq!(data(&peer, 1), bytes);
            assert!(bytes == 0 || peer.answered.data[&1] == body, "{bytes}");
            assert!(peer.answered.largest_frame <= 16_384);
        }
    }
}

#[test]
fn what_is_not_read_is_not_asked_for() {
    let limits = Limits {
        unsent_bytes: 10_000,
        ..Limits::default()
    };
    let mut peer = Peer::new(limits, 1030);
    peer.send(&hello(&[(INITIAL_WINDOW_SIZE, 0x7fff_ffff)]));
    let calls: Vec<u8> = (0..200).flat_map(|n| call(2 * n + 1, b"x")).collect();
    let room = peer.connection.room();
    room[..calls.len()].copy_from_slice(&calls);
    peer.connection.received(calls.len());
    let message = driver::message(1030);
    driver::answer(&mut peer.connection.turn(peer.now), &message);
    // A turn of 64 answers is above it: no more is read.
    assert!(!peer.connection.has_more());
    assert_eq!(peer.connection.turn(peer.now).calls.len(), 0);
    let bytes = peer.connection.out().len();
    assert!((64 * 1030..64 * 1100).contains(&bytes), "{bytes}");
    peer.take();
    assert!(peer.connection.has_more());
    peer.send(b"");
    // But for the window of the connection: 65,535 bytes.
    peer.send(&window_update(0, 1 << 20));
    assert_eq!(peer.answered.ended.len(), 200);
}

#[test]
fn answers_may_come_later_and_in_any_order() {
    let mut peer = peer_of(100, 65_535);
    let calls: Vec<u8> = [1, 3, 5, 7]
        .into_iter()
        .flat_map(|id| call(id, b"x"))
        .collect();
    let room = peer.connection.room();
    room[..calls.len()].copy_from_slice(&calls);
    peer.connection.received(calls.len());
    let calls = peer.connection.turn(peer.now).calls.to_vec();
    peer.send(&rst_stream(5, 8));
    assert_eq!(peer.connection.open(), 3);
    let body = |out: &mut Vec<u8>| out.extend_from_slice(b"late");
    let mut answers = peer.connection.answers();
    let done: Vec<bool> = calls
        .iter()
        .rev()
        .map(|call| answers.answer(call, &FIELDS, body, &TRAILERS))
        .collect();
    assert_eq!(done, [true, false, true, true]);
    peer.take();
    assert_eq!(peer.answered.ended, [7, 3, 1]);
    assert_eq!(peer.connection.open(), 0);
}

#[test]
fn a_large_body_waits_until_it_is_permitted() {
    let mut peer = peer_of(100, 65_535);
    let protocol = Limits::default();
    let open = frame(HEADERS, WHOLE, 1, &POST);
    peer.send(&open);
    // The driver permits when half of the window is full; so all of it goes through.
    for _ in 0..100 {
        peer.send(&frame(DATA, 0, 1, &[7; 10_000]));
        assert!(peer.answered.reset.is_empty());
    }
    assert!(peer.answered.given[&1] > 1_000_000);
    assert_eq!(
        peer.connection.held(),
        0,
        "what is permitted is not counted"
    );
    peer.send(&frame(DATA, END_STREAM, 1, b""));
    assert_eq!(peer.answered.ended, [1]);
    // All of it was given back to the connection, but for less than half of its window.
    let given = peer.answered.given[&0];
    let all = 1_000_000 + u64::from(protocol.connection_window) - 65_535;
    assert!(
        given <= all && given + u64::from(protocol.connection_window) / 2 > all,
        "{given}"
    );
}

#[test]
fn bodies_that_nobody_permits_are_bounded() {
    let limits = Limits {
        held_bytes: 100_000,
        ..Limits::default()
    };
    let mut peer = Peer::new(limits, 100);
    peer.send(&hello(&[]));
    for call in 0..500 {
        let stream = 2 * call + 1;
        peer.send(&frame(HEADERS, WHOLE, stream, &POST));
        peer.send(&frame(DATA, 0, stream, &[7; 1000]));
        assert!(peer.connection.held() <= 100_000);
    }
    assert_eq!(peer.answered.reset.len(), 400);
    assert!(peer
        .answered
        .reset
        .values()
        .all(|code| *code == REFUSED_STREAM));
    // Those that were there first come through, and make room.
    peer.send(&frame(DATA, END_STREAM, 1, b"end"));
    assert_eq!(
        (peer.answered.ended.clone(), peer.connection.held()),
        (vec![1], 99_000)
    );
}

#[test]
fn data_beyond_a_window_is_refused() {
    let mut peer = peer_of(100, 65_535);
    let stream = Limits {
        stream_window: 20_000,
        ..Limits::default()
    };
    let mut small = Peer::new(stream, 100);
    small.send(&hello(&[]));
    small.send(
        &[
            frame(HEADERS, WHOLE, 1, &POST),
            frame(DATA, END_STREAM, 1, &[0; 20_001]),
        ]
        .concat(),
    );
    assert_eq!(small.answered.reset, [(1, FLOW_CONTROL_ERROR)].into());
    // Of the connection: what came is given back at once, so only one frame can be too much.
    let least = Limits {
        connection_window: 65_535,
        frame_bytes: 100_000,
        stream_window: 200_000,
        ..Limits::default()
    };
    let mut connection = Peer::new(least, 100);
    connection.send(&hello(&[]));
    connection.send(
        &[
            frame(HEADERS, WHOLE, 1, &POST),
            frame(DATA, 0, 1, &[0; 65_536]),
        ]
        .concat(),
    );
    assert_eq!(connection.answered.goaways, [(1, FLOW_CONTROL_ERROR)]);
    peer.send(
        &[
            frame(HEADERS, WHOLE, 1, &POST),
            frame(DATA, END_STREAM, 1, &[0; 65_535]),
        ]
        .concat(),
    );
    assert_eq!(peer.answered.ended, [1]);
}

/// `/echo` sends back what comes.
#[test]
fn a_long_call_goes_both_ways() {
    let mut peer = peer_of(100, 65_535);
    let mut block = vec![0x83, 0x86];
    block.extend(literal(":path", "/echo"));
    peer.send(&frame(HEADERS, WHOLE, 1, &block));
    // The answer has begun before the request has ended.
    assert_eq!(peer.answered.blocks.len(), 1);
    for round in 1..=50 {
        peer.send(&frame(DATA, 0, 1, &[7; 10_000]));
        peer.send(&[window_update(1, 10_000), window_update(0, 10_000)].concat());
        assert_eq!(data(&peer, 1), round * 10_000);
    }
    assert!(peer.answered.given[&1] >= 500_000 - 65_536);
    peer.send(&frame(DATA, END_STREAM, 1, b"end"));
    assert_eq!(peer.answered.ended, [1]);
    assert_eq!(peer.answered.blocks.len(), 2);
    assert_eq!(peer.connection.open(), 0);
    // One that the client resets, and one that the server does.
    peer.send(&frame(HEADERS, WHOLE, 3, &block));
    peer.send(&rst_stream(3, 8));
    assert_eq!(peer.connection.answers().unsent(3), None);
    assert!(!peer
        .connection
        .answers()
        .send(3, |_| panic!("nobody waits")));
    assert!(!peer.connection.answers().finish(3, &TRAILERS));
    let open = frame(HEADERS, WHOLE, 5, &block);
    let room = peer.connection.room();
    room[..open.len()].copy_from_slice(&open);
    peer.connection.received(open.len());
    let mut turn = peer.connection.turn(peer.now);
    let venice_http2::Event::Opened(call) = turn.events[0] else {
        panic!("{:?}", turn.events);
    };
    turn.answers.reset(&call, ErrorCode::INTERNAL_ERROR);
    peer.take();
    assert_eq!(peer.answered.reset, [(5, 2)].into());
    // What was on its way is ignored.
    peer.send(&frame(DATA, END_STREAM, 5, b"late"));
    assert!(peer.answered.goaways.is_empty());
}

#[test]
fn an_answer_before_the_end_of_its_request_ends_both() {
    let mut peer = peer_of(100, 65_535);
    let mut block = vec![0x83, 0x86];
    block.extend(literal(":path", "/echo"));
    let open = frame(HEADERS, WHOLE, 1, &block);
    let room = peer.connection.room();
    room[..open.len()].copy_from_slice(&open);
    peer.connection.received(open.len());
    let mut turn = peer.connection.turn(peer.now);
    let venice_http2::Event::Opened(call) = turn.events[0] else {
        panic!("{:?}", turn.events);
    };
    assert!(turn.answers.answer_briefly(&call, &FIELDS));
    peer.take();
    assert_eq!(peer.answered.ended, [1]);
    assert_eq!(peer.answered.reset, [(1, NO_ERROR)].into());
}

#[test]
fn fields_longer_than_a_frame_are_cut() {
    let mut peer = peer_of(100, 65_535);
    let one = call(1, b"x");
    let room = peer.connection.room();
    room[..one.len()].copy_from_slice(&one);
    peer.connection.received(one.len());
    let long = vec![b'x'; 40_000];
    let mut turn = peer.connection.turn(peer.now);
    let calls = turn.calls;
    let field = [venice_http2::Field::Literal(b"grpc-message", &long)];
    turn.answers.answer(&calls[0], &FIELDS, |_| {}, &field);
    peer.take();
    assert_eq!(peer.answered.largest_frame, 16_384);
    assert_eq!(
        peer.answered.blocks.last().unwrap().1.len(),
        40_000 + 2 + 12 + 4
    );
    assert_eq!(peer.answered.ended, [1]);
}

#[test]
fn a_call_may_be_older_than_thousands_of_others() {
    let mut peer = peer_of(100, 65_535);
    let mut block = vec![0x83, 0x86];
    block.extend(literal(":path", "/echo"));
    let long = [1, 3, 5].map(|id| frame(HEADERS, WHOLE, id, &block));
    peer.send(&long.concat());
    for number in 0..3000 {
        peer.send(&[call(2 * number + 7, b"x"), window_update(0, 100)].concat());
    }
    peer.send(&frame(DATA, END_STREAM, 1, b"still here"));
    assert_eq!(peer.answered.data[&1], b"still here");
    peer.send(&rst_stream(3, 8));
    peer.send(&window_update(5, 0));
    assert_eq!(peer.answered.reset, [(5, PROTOCOL_ERROR)].into());
    assert_eq!(peer.connection.open(), 0);
    assert!(peer.answered.goaways.is_empty());
    // What is as old, and over, is ignored.
    peer.send(&[rst_stream(1, 8), frame(DATA, 0, 1, b"late")].concat());
    assert!(peer.answered.goaways.is_empty());
}

/// The bytes of a large answer need not be copied: heads are written, and the bytes come behind them.
#[test]
fn an_answer_may_stay_where_it_is() {
    let mut peer = peer_of(100, 20_000);
    let turn = turn_of(&mut peer, &[call(1, b"x"), call(3, b"x")].concat());
    let (mut answers, [first, second]) = (turn.answers, [turn.calls[0], turn.calls[1]]);
    assert_eq!(answers.send_apart(1, 10), 0, "it was not begun");
    assert!(answers.open(&first, &FIELDS) && answers.open(&second, &FIELDS));
    assert_eq!(answers.send_apart(5, 10), 0, "there is no such call");
    let before = answers.waiting();
    // A frame, then what is left of the stream's window.
    assert_eq!(answers.send_apart(1, 100_000), 16_384);
    assert_eq!(answers.send_apart(1, 100_000), 20_000 - 16_384);
    assert_eq!(answers.send_apart(1, 100_000), 0);
    assert_eq!(answers.waiting() - before, 18, "two heads");
    assert_eq!(answers.send_apart(3, 7), 7);
    // What waits for a window goes first.
    assert!(answers.send(3, |out| out.resize(out.len() + 20_000, 2)));
    assert!(answers.send(3, |out| out.push(3)));
    assert_eq!(answers.send_apart(3, 7), 0);
    let out = peer.connection.out().to_vec();
    let heads = [
        frame(DATA, 0, 1, &[])[3..].to_vec(),
        frame(DATA, 0, 3, &[])[3..].to_vec(),
    ];
    let at = |length: usize, head: &[u8]| {
        let head = [&(length as u32).to_be_bytes()[1..], head].concat();
        out.windows(9).position(|here| here == head)
    };
    assert!(at(16_384, &heads[0]) < at(3_616, &heads[0]) && at(3_616, &heads[0]).is_some());
    assert!(at(7, &heads[1]).is_some());
    // The window of the connection holds for it too: 65,535 bytes, of which 40,000 went.
    let bytes = out.len();
    peer.connection.sent(bytes);
    let more = [window_update(1, 100_000), window_update(3, 100_000)].concat();
    assert!(turn_of(&mut peer, &more).calls.is_empty());
    let mut answers = peer.connection.answers();
    assert_eq!(answers.send_apart(1, 16_000), 16_000);
    assert_eq!(answers.send_apart(1, 16_000), 65_535 - 40_000 - 16_000);
}
