//! Paths whose texts are wanted: they are there in the turn of their call, however they were written.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod driver;
mod peer;

use peer::*;
use venice_http2::{Call, Event, Limits};

/// What one read brings: the paths of calls that are whole with their bodies, and of those that began.
type Brought = (Vec<(String, Vec<u8>)>, Vec<String>);

fn brought(peer: &mut Peer, bytes: &[u8]) -> Brought {
    let room = peer.connection.room();
    room[..bytes.len()].copy_from_slice(bytes);
    peer.connection.received(bytes.len());
    let mut turn = peer.connection.turn(peer.now);
    let text = |call: &Call| match turn.bodies.path_of(call) {
        Some(path) => String::from_utf8(path.to_vec()).unwrap(),
        None => "none".to_owned(),
    };
    let calls = turn.calls.iter();
    let calls = calls.map(|call| (text(call), turn.bodies.of(call).to_vec()));
    let calls = calls.collect();
    let opened = turn.events.iter().filter_map(|event| match event {
        Event::Opened(call) => Some(text(call)),
        _ => None,
    });
    let opened = opened.collect();
    driver::answer(&mut turn, b"\0\0\0\0\0");
    (calls, opened)
}

fn greeted() -> Peer {
    let mut peer = Peer::new(Limits::default(), 100);
    peer.send(&hello(&[]));
    peer
}

/// GET, http, and a path by a literal of this kind: 0x44 enters the table, 0x04 does not.
fn get(kind: u8, path: &str) -> Vec<u8> {
    let path = &literal(":path", path)[":path".len() + 2..];
    [&[0x82, 0x86, kind][..], path].concat()
}

fn whole(path: &str) -> (String, Vec<u8>) {
    (path.to_owned(), Vec::new())
}

#[test]
fn each_call_of_a_turn_has_its_own() {
    let mut peer = greeted();
    let long = format!("/text/{}", "k".repeat(5000));
    let all = [
        frame(HEADERS, LAST, 1, &get(0x04, "/text/a")),
        frame(HEADERS, LAST, 3, &get(0x44, "/text/b?f=b64")),
        frame(HEADERS, LAST, 5, &get(0x04, "/other")),
        frame(HEADERS, LAST, 7, &get(0x04, &long)),
        // The newest entry of the table, and one of HPACK's own.
        frame(HEADERS, LAST, 9, &[0x82, 0x86, 0xbe]),
        frame(HEADERS, LAST, 11, &[0x82, 0x86, 0x85]),
    ]
    .concat();
    let expected = [
        "/text/a",
        "/text/b?f=b64",
        "none",
        &long,
        "/text/b?f=b64",
        "/index.html",
    ];
    assert_eq!(
        brought(&mut peer, &all),
        (expected.map(whole).to_vec(), Vec::new())
    );
    // And again in a later turn, when the same block was seen before.
    for stream in [13, 15] {
        let again = frame(HEADERS, LAST, stream, &[0x82, 0x86, 0xbe]);
        assert_eq!(
            brought(&mut peer, &again),
            (vec![whole("/text/b?f=b64")], Vec::new())
        );
    }
}

#[test]
fn one_that_leaves_the_table_in_its_own_block_is_there() {
    let mut peer = greeted();
    let first = frame(HEADERS, LAST, 1, &get(0x44, "/text/a"));
    brought(&mut peer, &first);
    // Two fields of 2,000 bytes each push everything else out of 4,096.
    let mut block = vec![0x82, 0x86, 0xbe];
    for name in ["x", "y"] {
        let mut field = literal(name, &"v".repeat(2040));
        field[0] = 0x40;
        block.extend(field);
    }
    let second = frame(HEADERS, LAST, 3, &block);
    assert_eq!(
        brought(&mut peer, &second),
        (vec![whole("/text/a")], Vec::new())
    );
    let gone = frame(HEADERS, LAST, 5, &[0x82, 0x86, 0xc0]);
    brought(&mut peer, &gone);
    assert!(peer.connection.ending().is_some(), "the index is no more");
}

#[test]
fn blocks_in_pieces_have_theirs() {
    let mut peer = greeted();
    let block = get(0x04, "/text/in-pieces");
    let all = [
        frame(HEADERS, END_STREAM, 1, &block[..6]),
        frame(CONTINUATION, 0, 1, &block[6..9]),
        frame(CONTINUATION, END_HEADERS, 1, &block[9..]),
    ]
    .concat();
    assert_eq!(
        brought(&mut peer, &all),
        (vec![whole("/text/in-pieces")], Vec::new())
    );
}

/// A body that is here with its fields makes a whole call; for one that is not, the call begins without it, and
/// nothing is waited for.
#[test]
fn calls_begin_with_their_path_before_their_body_is_here() {
    let mut peer = greeted();
    let mut post = get(0x04, "/text/post");
    post[0] = 0x83;
    let all = [
        frame(HEADERS, WHOLE, 1, &post),
        frame(DATA, END_STREAM, 1, b"keys"),
        frame(HEADERS, WHOLE, 3, &post),
    ]
    .concat();
    let with_body = ("/text/post".to_owned(), b"keys".to_vec());
    assert_eq!(
        brought(&mut peer, &all),
        (vec![with_body], vec!["/text/post".to_owned()])
    );
    assert!(!peer.connection.is_waiting());
}

/// An index of a table stands for a long path: a turn ends when it has enough of them.
#[test]
fn a_turn_has_so_many_bytes_of_paths() {
    let mut peer = greeted();
    let path = format!("/text/{}", "k".repeat(4000));
    brought(&mut peer, &frame(HEADERS, LAST, 1, &get(0x44, &path)));
    let again = |stream| frame(HEADERS, LAST, stream, &[0x82, 0x86, 0xbe]);
    let all: Vec<u8> = (0..40).flat_map(|at| again(2 * at + 3)).collect();
    let (calls, _) = brought(&mut peer, &all);
    assert_eq!(calls.len(), 17);
    assert!(peer.connection.has_more());
    let mut seen = calls.len();
    while peer.connection.has_more() {
        let (calls, _) = brought(&mut peer, &[]);
        assert!(calls.iter().all(|(text, _)| *text == path));
        seen += calls.len();
    }
    assert_eq!(seen, 40);
}
