//! How a connection ends: GOAWAY twice, ids that run out, errors.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod driver;
mod peer;

use driver::{message, HEADERS as FIELDS, TRAILERS};
use peer::*;
use venice_http2::{Call, ErrorCode, Limits};

const ALL: u32 = 0x7fff_ffff;

fn peer() -> Peer {
    let mut peer = Peer::new(Limits::default(), 100);
    peer.send(&[hello(&[]), window_update(0, 1 << 30)].concat());
    peer
}

/// Calls that are not answered in their turn.
fn unanswered(peer: &mut Peer, ids: impl Iterator<Item = u32>) -> Vec<Call> {
    let mut calls = Vec::new();
    for id in ids {
        let bytes = call(id, b"x");
        let room = peer.connection.room();
        room[..bytes.len()].copy_from_slice(&bytes);
        peer.connection.received(bytes.len());
        calls.extend_from_slice(peer.connection.turn(peer.now).calls);
    }
    calls
}

fn answer_all(peer: &mut Peer, calls: &[Call]) {
    let message = message(100);
    for call in calls {
        let body = |out: &mut Vec<u8>| out.extend_from_slice(&message);
        let waits = peer
            .connection
            .answers()
            .answer(call, &FIELDS, body, &TRAILERS);
        assert!(waits, "stream {}", call.stream);
    }
    peer.take();
}

#[test]
fn a_thousand_calls_in_flight_are_answered_behind_goaway() {
    let mut peer = peer();
    let ids = || (0..990).map(|n| 2 * n + 1);
    let calls = unanswered(&mut peer, ids());
    assert_eq!(peer.connection.open(), 990);
    peer.connection.begin_goaway();
    peer.take();
    assert_eq!(peer.answered.goaways, [(ALL, NO_ERROR)]);
    let ping = peer.answered.pings[0].clone();
    // Calls that the client made before it read that are taken.
    peer.send(&call(1981, b"x"));
    assert_eq!(peer.answered.ended, [1981]);
    peer.send(&frame(PING, ACK, 0, &ping));
    assert!(!peer.connection.is_over());
    peer.connection.say_last();
    peer.take();
    assert_eq!(peer.answered.goaways, [(ALL, NO_ERROR), (1981, NO_ERROR)]);
    // Later ones are not, whatever comes of them; what compresses their fields is.
    let table = [&POST[..], &[0x40, 1, b'a', 1, b'b']].concat();
    let late = [
        frame(HEADERS, WHOLE, 1983, &table),
        frame(DATA, 0, 1983, &[0; 1000]),
        window_update(1983, 10),
        rst_stream(1983, 8),
        frame(PRIORITY, 0, 1985, &[0; 5]),
        frame(DATA, END_STREAM, 1985, b"x"),
        frame(HEADERS, LAST, 1985, &[&POST[..], &[0xbe]].concat()),
        frame(PING, 0, 0, b"12345678"),
    ];
    peer.send(&late.concat());
    assert_eq!((peer.answered.goaways.len(), peer.answered.pongs), (2, 1));
    answer_all(&mut peer, &calls[..989]);
    assert!(!peer.connection.is_over());
    answer_all(&mut peer, &calls[989..]);
    assert!(peer.connection.is_over());
    assert_eq!(peer.answered.ended.len(), 991);
    assert!(peer.answered.reset.is_empty());
}

#[test]
fn goaway_is_heard_once_and_said_once() {
    let mut peer = peer();
    let heard = |peer: &mut Peer, bytes: &[u8]| {
        let room = peer.connection.room();
        room[..bytes.len()].copy_from_slice(bytes);
        peer.connection.received(bytes.len());
        let turn = peer.connection.turn(peer.now);
        let heard =
            |event: &&venice_http2::Event| matches!(event, venice_http2::Event::GoAwayHeard);
        turn.events.iter().filter(heard).count()
    };
    // Whoever guesses the PING before it is sent says nothing by it.
    let pong = frame(PING, ACK, 0, b"goodbye!");
    assert_eq!(heard(&mut peer, &pong), 0);
    peer.connection.begin_goaway();
    peer.connection.begin_goaway();
    assert_eq!(heard(&mut peer, &[&pong[..], &pong].concat()), 1);
    peer.connection.say_last();
    peer.connection.say_last();
    peer.connection.begin_goaway();
    peer.take();
    assert_eq!(peer.answered.goaways, [(ALL, NO_ERROR), (0, NO_ERROR)]);
    assert!(peer.connection.is_over());
}

#[test]
fn ids_do_not_run_out_without_goaway() {
    let mut peer = peer();
    let answered = |peer: &mut Peer, id: u32| {
        peer.send(&call(id, b"x"));
        assert_eq!(peer.answered.ended.last(), Some(&id));
    };
    answered(&mut peer, 1);
    answered(&mut peer, ALL - 0x2_0000);
    assert!(peer.answered.goaways.is_empty());
    // Some thousand are left for what is sent until the client has read it.
    answered(&mut peer, ALL - 0x1_0000);
    assert_eq!(peer.answered.goaways, [(ALL, NO_ERROR)]);
    answered(&mut peer, ALL - 2);
    answered(&mut peer, ALL);
    assert_eq!(peer.answered.goaways.len(), 1);
    // There is none above it, and it cannot come again.
    peer.send(&call(ALL, b"x"));
    assert_eq!(peer.answered.goaways[1], (ALL, STREAM_CLOSED));
}

#[test]
fn an_error_ends_the_connection_and_says_why() {
    let mut peer = peer();
    let calls = unanswered(&mut peer, [1, 3].into_iter());
    peer.send(&frame(PING, 0, 0, &[0; 7]));
    assert_eq!(peer.answered.goaways, [(3, FRAME_SIZE_ERROR)]);
    assert!(peer.connection.is_over());
    assert_eq!(
        peer.connection.ending().unwrap().reason,
        "PING that has not 8 bytes"
    );
    // Nothing is read or answered any more, and room never ends.
    let mut answers = peer.connection.answers();
    assert!(!answers.answer(&calls[0], &FIELDS, |_| panic!("over"), &TRAILERS));
    for _ in 0..1000 {
        let room = peer.connection.room();
        let length = room.len();
        assert!(length > 0);
        peer.connection.received(length);
        assert!(!peer.connection.has_more());
        assert!(peer.connection.turn(peer.now).calls.is_empty());
    }
    peer.take();
    assert_eq!(peer.answered.goaways.len(), 1);
}

#[test]
fn the_server_may_end_it_at_once() {
    let mut peer = peer();
    peer.send(&call(1, b"x"));
    peer.connection
        .end(ErrorCode::ENHANCE_YOUR_CALM, "holds too much");
    peer.connection.end(ErrorCode::NO_ERROR, "twice");
    peer.take();
    assert_eq!(peer.answered.goaways, [(1, ENHANCE_YOUR_CALM)]);
}

#[test]
fn an_idle_connection_gives_its_buffer_away() {
    let mut peer = peer();
    peer.send(&call(1, b"x"));
    let buffer = peer.connection.reclaim().unwrap();
    assert!(peer.connection.reclaim().is_none());
    peer.connection.lend(buffer);
    // Not while a frame is coming.
    let next = call(3, b"x");
    peer.send(&next[..5]);
    assert!(peer.connection.reclaim().is_none());
    peer.send(&next[5..]);
    assert_eq!(peer.answered.ended, [1, 3]);
}
