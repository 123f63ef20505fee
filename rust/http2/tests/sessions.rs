//! Sessions of real clients, cut at every byte: where bytes are cut means nothing.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod driver;
mod peer;

use peer::*;
use venice_http2::Limits;

/// What grpc-java 1.59.1 sends: SETTINGS with windows of 1 MiB, the fields of its first call at length and of
/// later ones by their indexes, a message in one DATA or with an empty one behind it, acknowledgements.
fn session() -> Vec<u8> {
    let mut sent = hello(&[(2, 0), (3, 0), (4, 1 << 20), (6, 8192)]);
    sent.extend(window_update(0, (1 << 20) - 65_535));
    let first = first_block_of_grpc_java();
    assert_eq!(first.len(), 160);
    sent.extend(frame(HEADERS, WHOLE | HAS_PRIORITY, 3, &first));
    sent.extend(frame(DATA, END_STREAM, 3, &[7; 65]));
    sent.extend(frame(SETTINGS, ACK, 0, &[]));
    for (at, stream) in (5..41).step_by(2).enumerate() {
        sent.extend(frame(HEADERS, WHOLE, stream, &LATER_BLOCK));
        match at % 6 {
            // A race in netty.
            1 => {
                sent.extend(frame(DATA, 0, stream, &[7; 65]));
                sent.extend(frame(DATA, END_STREAM, stream, &[]));
            }
            2 => {
                sent.extend(frame(DATA, 0, stream, &[7; 30]));
                sent.extend(frame(PING, 0, 0, b"12345678"));
                sent.extend(frame(DATA, END_STREAM, stream, &[7; 35]));
            }
            3 => sent.extend(rst_stream(stream, 8)),
            4 => {
                // With a deadline, which enters the table; the indexes of what follows are other ones.
                sent.extend(frame(DATA, END_STREAM, stream, &[7; 65]));
                sent.extend(window_update(0, 1100));
            }
            _ => sent.extend(frame(DATA, END_STREAM, stream, &[7; 65])),
        }
    }
    sent.extend(deadlines(12));
    sent
}

/// Calls with a deadline, which enters the table each time. With more than 55 the indexes of the first entries are
/// two bytes.
fn deadlines(calls: u32) -> Vec<u8> {
    let mut sent = Vec::new();
    // Each is one more before the six entries of the first block.
    for call in 0..calls {
        let since = call as u8;
        let stream = 41 + 2 * call;
        let old = |at: u8| 0x80 | (at + since);
        let mut block = vec![
            old(0x43),
            old(0x42),
            0x83,
            0x86,
            old(0x41),
            old(0x40),
            old(0x3f),
            old(0x3e),
        ];
        let deadline = format!("{}u", 999_850 + call);
        if call == 0 {
            block.extend([0x40, 12]);
            block.extend(b"grpc-timeout");
        } else {
            // The name is that of the newest entry.
            block.push(0x7e);
        }
        block.push(deadline.len() as u8);
        block.extend(deadline.as_bytes());
        sent.extend(frame(HEADERS, WHOLE, stream, &block));
        sent.extend(frame(DATA, END_STREAM, stream, &[7; 65]));
    }
    sent
}

fn whole() -> Answered {
    let mut peer = Peer::new(Limits::default(), 1030);
    peer.send(&session());
    peer.answered.clone()
}

/// Order among answers may be another, as turns are.
fn sorted(mut answered: Answered) -> Answered {
    answered.ended.sort_unstable();
    answered.blocks.sort_unstable();
    answered
}

#[test]
fn a_session_of_grpc_java_is_answered() {
    let answered = whole();
    assert!(answered.goaways.is_empty(), "{:?}", answered.goaways);
    // All but the three that were cancelled.
    assert_eq!(answered.ended.len(), 1 + 18 - 3 + 12);
    assert!(answered.reset.is_empty());
    assert!(answered.data.values().all(|data| data.len() == 1030));
    assert_eq!((answered.settings, answered.pongs), (1, 3));
}

#[test]
fn every_cut_gives_the_same_answers() {
    let session = session();
    let expected = sorted(whole());
    for cut in 1..session.len() {
        let mut peer = Peer::new(Limits::default(), 1030);
        peer.send(&session[..cut]);
        peer.send(&session[cut..]);
        assert!(sorted(peer.answered) == expected, "cut at {cut}");
    }
    for step in 1..40 {
        let mut peer = Peer::new(Limits::default(), 1030);
        for piece in session.chunks(step) {
            peer.send(piece);
        }
        assert!(sorted(peer.answered) == expected, "pieces of {step}");
    }
}

#[test]
fn turns_of_any_size_give_the_same_answers() {
    let expected = sorted(whole());
    for calls_of_turn in [1, 2, 3, 63, 1000] {
        let limits = Limits {
            calls_of_turn,
            ..Limits::default()
        };
        let mut peer = Peer::new(limits, 1030);
        peer.send(&session());
        assert!(sorted(peer.answered) == expected, "{calls_of_turn} calls");
    }
}

#[test]
fn deadlines_are_read() {
    let mut peer = Peer::new(Limits::default(), 1030);
    peer.send(&hello(&[]));
    let first = first_block_of_grpc_java();
    let calls = [
        frame(HEADERS, WHOLE | HAS_PRIORITY, 3, &first),
        frame(DATA, END_STREAM, 3, &[7; 65]),
        deadlines(55),
    ]
    .concat();
    let room = peer.connection.room();
    room[..calls.len()].copy_from_slice(&calls);
    peer.connection.received(calls.len());
    let turn = peer.connection.turn(peer.now);
    let deadlines: Vec<_> = turn
        .calls
        .iter()
        .map(|call| call.head.watched(driver::TIMEOUT))
        .collect();
    let expected = (0..55).map(|call| Some(999_850 + call));
    assert_eq!(
        deadlines,
        std::iter::once(None).chain(expected).collect::<Vec<_>>()
    );
    assert!(turn
        .calls
        .iter()
        .all(|call| call.head.watched(driver::CONTENT_TYPE) == Some(1)));
    assert!(turn
        .calls
        .iter()
        .all(|call| turn.bodies.of(call) == [7; 65]));
}

/// DATA in two frames of which the last is empty costs no credit, however often it comes.
#[test]
fn an_empty_end_is_no_flood() {
    let mut peer = Peer::new(Limits::default(), 100);
    peer.send(&hello(&[(4, 0x7fff_ffff)]));
    for call in 0..30_000 {
        let stream = 2 * call + 1;
        let open = frame(HEADERS, WHOLE, stream, &POST);
        let data = frame(DATA, 0, stream, &[7; 65]);
        peer.send(&[open, data, frame(DATA, END_STREAM, stream, &[])].concat());
        if call % 100 == 0 {
            peer.send(&window_update(0, 65_535));
        }
        assert!(peer.answered.goaways.is_empty(), "call {call}");
        peer.answered = Answered::default();
    }
}
