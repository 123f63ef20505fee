//! Bodies that are wanted soon: whole if they come soon behind their fields, else in pieces.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod driver;
mod peer;

use peer::*;
use venice_http2::Limits;

fn greeted(limits: Limits) -> Peer {
    let mut peer = Peer::new(limits, 100);
    peer.send(&hello(&[]));
    peer
}

/// What one read of these bytes brings: bodies of the calls that are whole, and the events.
fn turn_of(peer: &mut Peer, bytes: &[u8]) -> (Vec<Vec<u8>>, String) {
    let room = peer.connection.room();
    room[..bytes.len()].copy_from_slice(bytes);
    peer.connection.received(bytes.len());
    let mut turn = peer.connection.turn(peer.now);
    let bodies = turn.calls.iter().map(|call| turn.bodies.of(call).to_vec());
    let bodies = bodies.collect();
    let events = turn.events.iter().map(|event| match event {
        venice_http2::Event::Opened(call) => format!("opened {}", call.stream),
        venice_http2::Event::Data(stream) => {
            format!("data {stream}: {:?}", turn.answers.received(*stream))
        }
        venice_http2::Event::Ended(stream) => format!("ended {stream}"),
        other => format!("{other:?}"),
    });
    let events = events.collect::<Vec<_>>().join(", ");
    driver::answer(&mut turn, b"\0\0\0\0\0");
    (bodies, events)
}

fn soon() -> Vec<u8> {
    let mut block = vec![0x83, 0x86];
    block.extend(literal(":path", "/soon"));
    block
}

#[test]
fn bodies_that_come_with_their_fields_are_whole() {
    let mut peer = greeted(Limits::default());
    let block = soon();
    let part =
        |stream, bytes: &[u8], end| frame(DATA, if end { END_STREAM } else { 0 }, stream, bytes);
    let headers = |stream| frame(HEADERS, END_HEADERS, stream, &block);
    let all = [
        headers(1),
        headers(3),
        headers(5),
        part(3, b"ab", true),
        part(1, b"c", false),
        part(1, b"d", true),
        part(5, b"e", false),
        part(5, b"", true),
        frame(HEADERS, LAST, 7, &block),
    ]
    .concat();
    let (bodies, events) = turn_of(&mut peer, &all);
    let expected: [&[u8]; 4] = [b"ab", b"cd", b"e", b""];
    assert_eq!(
        (bodies, events.as_str()),
        (expected.map(<[u8]>::to_vec).to_vec(), "")
    );
}

#[test]
fn bodies_that_come_soon_are_whole_too() {
    let mut peer = greeted(Limits::default());
    let block = soon();
    let headers = |stream| frame(HEADERS, END_HEADERS, stream, &block);
    assert!(!peer.connection.is_waiting());
    let (bodies, events) = turn_of(&mut peer, &[headers(1), headers(3)].concat());
    assert!(bodies.is_empty() && events.is_empty());
    assert!(peer.connection.is_waiting());
    let data = [
        frame(DATA, 0, 1, b"ab"),
        frame(DATA, END_STREAM, 1, b"c"),
        frame(DATA, END_STREAM, 3, b"d"),
    ];
    let (bodies, events) = turn_of(&mut peer, &data.concat());
    assert_eq!(
        (bodies, events.as_str()),
        (vec![b"abc".to_vec(), b"d".to_vec()], "")
    );
    // Nothing is left to hand out.
    peer.connection.stop_waiting();
    assert_eq!(turn_of(&mut peer, &[]), (Vec::new(), String::new()));
    assert!(!peer.connection.is_waiting() && !peer.connection.has_more());
}

#[test]
fn bodies_that_come_later_come_in_pieces() {
    let mut peer = greeted(Limits::default());
    let block = soon();
    let part =
        |stream, bytes: &[u8], end| frame(DATA, if end { END_STREAM } else { 0 }, stream, bytes);
    let headers = |stream| frame(HEADERS, END_HEADERS, stream, &block);
    let cut = part(1, b"abc", false);
    let first = [
        headers(1),
        headers(3),
        part(3, b"x", false),
        cut[..10].to_vec(),
    ]
    .concat();
    assert_eq!(turn_of(&mut peer, &first), (Vec::new(), String::new()));
    peer.connection.stop_waiting();
    assert!(peer.connection.has_more());
    let (bodies, events) = turn_of(&mut peer, &[]);
    assert!(bodies.is_empty());
    assert_eq!(events, "opened 1, opened 3, data 3: [120]");
    let second = [cut[10..].to_vec(), part(3, b"y", true)].concat();
    let (bodies, events) = turn_of(&mut peer, &second);
    assert!(bodies.is_empty());
    assert_eq!(events, "data 1: [97, 98, 99], data 3: [121], ended 3");
    assert_eq!(peer.connection.open(), 1);
}

/// No more are waited for than a peer may make remembered.
#[test]
fn not_too_many_are_waited_for() {
    let limits = Limits {
        streams: 5000,
        ..Limits::default()
    };
    let mut peer = greeted(limits);
    let block = soon();
    let mut opened = 0;
    for at in 0..2000 {
        let open = frame(HEADERS, END_HEADERS, 2 * at + 1, &block);
        let (_, events) = turn_of(&mut peer, &open);
        opened += events.matches("opened").count();
    }
    // All but the last few: 64 at a time.
    assert_eq!(opened, 1984);
}

/// A turn hands out so many calls, and what they were read with is read in the next.
#[test]
fn bodies_behind_the_end_of_a_turn_are_whole_too() {
    let limits = Limits {
        calls_of_turn: 2,
        ..Limits::default()
    };
    let mut peer = greeted(limits);
    let block = soon();
    let mut all: Vec<u8> = Vec::new();
    for stream in [1, 3, 5, 7] {
        all.extend(frame(HEADERS, END_HEADERS, stream, &block));
    }
    for stream in [1, 3, 5, 7] {
        all.extend(frame(DATA, END_STREAM, stream, &[stream as u8]));
    }
    assert_eq!(
        turn_of(&mut peer, &all),
        (vec![vec![1], vec![3]], String::new())
    );
    assert!(peer.connection.has_more());
    assert_eq!(
        turn_of(&mut peer, &[]),
        (vec![vec![5], vec![7]], String::new())
    );
}

/// Who makes large calls has its turn as often as who makes small ones, and no longer.
#[test]
fn a_turn_ends_with_many_bytes_of_bodies_and_not_with_small_ones() {
    let limits = Limits {
        calls_of_turn: 8,
        bodies_of_turn: 300,
        ..Limits::default()
    };
    let calls_of_turns = |bytes: usize| {
        let mut peer = greeted(limits);
        let mut all: Vec<u8> = Vec::new();
        for stream in (0..12).map(|at| 2 * at + 1) {
            all.extend(frame(HEADERS, END_HEADERS, stream, &soon()));
            all.extend(frame(DATA, END_STREAM, stream, &vec![7; bytes]));
        }
        let mut turns = vec![turn_of(&mut peer, &all).0.len()];
        while peer.connection.has_more() {
            turns.push(turn_of(&mut peer, &[]).0.len());
        }
        turns
    };
    assert_eq!(calls_of_turns(Limits::SMALL_BODY), [8, 4]);
    assert_eq!(calls_of_turns(Limits::SMALL_BODY + 100), [3; 4]);
    assert_eq!(calls_of_turns(1000), [1; 12]);
}

#[test]
fn a_turn_ends_with_calls_that_weigh_as_much_as_it_may_have() {
    let limits = Limits {
        calls_of_turn: 8,
        ..Limits::default()
    };
    let calls_of_turns = |weights: &[u8]| {
        let mut peer = greeted(limits);
        let mut all: Vec<u8> = Vec::new();
        for (at, weight) in (0..).zip(weights) {
            all.extend(frame(HEADERS, END_HEADERS, 2 * at + 1, &soon()));
            // One whose body comes in pieces weighs as much.
            if at % 2 == 0 {
                all.extend(frame(DATA, END_STREAM, 2 * at + 1, &[*weight, 0]));
            } else {
                all.extend(frame(DATA, 0, 2 * at + 1, &[*weight]));
                all.extend(frame(DATA, END_STREAM, 2 * at + 1, &[0]));
            }
        }
        let mut turns = vec![turn_of(&mut peer, &all).0.len()];
        while peer.connection.has_more() {
            turns.push(turn_of(&mut peer, &[]).0.len());
        }
        turns
    };
    assert_eq!(calls_of_turns(&[0, 1, 1, 0, 1, 1, 1, 1, 1, 1]), [8, 2]);
    assert_eq!(
        calls_of_turns(&[4, 3, 1, 1, 100, 8, 7, 1, 2]),
        [3, 2, 1, 2, 1]
    );
}

/// What nobody takes stays in the window of the connection, and no call is refused for it.
#[test]
fn what_is_held_is_not_given_back() {
    let limits = Limits {
        connection_window: 65_535,
        stream_window: 65_535,
        held_bytes: 65_535,
        ..Limits::default()
    };
    let mut peer = greeted(limits);
    let mut block = vec![0x83, 0x86];
    block.extend(literal(":path", "/echo"));
    let open = |stream| frame(HEADERS, END_HEADERS, stream, &block);
    let piece = vec![7; 16_000];
    let came = |peer: &mut Peer, bytes: &[u8]| {
        let room = peer.connection.room();
        room[..bytes.len()].copy_from_slice(bytes);
        peer.connection.received(bytes.len());
        peer.connection.turn(peer.now);
        peer.take();
    };
    for stream in [1, 3, 5, 7] {
        came(&mut peer, &open(stream));
        came(&mut peer, &frame(DATA, 0, stream, &piece));
    }
    assert_eq!(peer.connection.held(), 64_000);
    assert!(peer.answered.reset.is_empty());
    let given = |peer: &Peer| peer.answered.given.get(&0).copied().unwrap_or(0);
    let greeting = given(&peer);
    // More would break the rules of windows; of what is taken as much comes again.
    for stream in [1, 3, 5] {
        peer.connection.answers().take(stream, 16_000);
    }
    peer.take();
    assert_eq!(given(&peer) - greeting, 48_000);
    assert_eq!(peer.connection.held(), 16_000);
    // A call that is over holds nothing.
    came(&mut peer, &rst_stream(7, 8));
    assert_eq!(peer.connection.held(), 0);
}
