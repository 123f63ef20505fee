//! Memory that connections are lent: nothing that came or has to be written is lost with it.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod driver;
mod peer;

use peer::*;
use venice_http2::Limits;

const ANSWER: usize = 1030;

fn peer() -> Peer {
    let mut peer = Peer::new(Limits::default(), ANSWER);
    peer.send(&hello(&[(INITIAL_WINDOW_SIZE, 0x7fff_ffff)]));
    peer
}

fn put(peer: &mut Peer, bytes: &[u8]) {
    peer.connection.room()[..bytes.len()].copy_from_slice(bytes);
    peer.connection.received(bytes.len());
}

#[test]
fn a_frame_that_is_not_whole_outlives_its_buffer() {
    let whole = call(1, &[7; 3000]);
    for cut in [0, 1, 8, 9, 40, whole.len() - 1] {
        let mut peer = peer();
        put(&mut peer, &whole[..cut]);
        while peer.connection.has_more() {
            assert!(peer.connection.turn(peer.now).calls.is_empty());
        }
        let unread = peer.connection.unread();
        let buffer = peer.connection.shrink().unwrap();
        assert!(buffer.len() > 16_384, "{}", buffer.len());
        assert!(peer.connection.needs_memory());
        assert_eq!(
            (peer.connection.unread(), peer.connection.shrink()),
            (unread, None)
        );
        // With the buffer again, or without.
        if cut % 2 == 0 {
            peer.connection.lend(buffer);
            assert!(!peer.connection.needs_memory());
        }
        // A smaller one is not taken.
        peer.connection.lend(Vec::new());
        assert_eq!(peer.connection.unread(), unread);
        peer.send(&whole[cut..]);
        assert_eq!(peer.answered.ended, [1], "{cut}");
    }
}

#[test]
fn the_next_frame_is_known_by_its_head() {
    let mut peer = peer();
    assert_eq!(peer.connection.next_frame(), 9);
    put(&mut peer, &frame(PING, 0, 0, b"12345678")[..10]);
    assert_eq!(peer.connection.next_frame(), 17);
    assert!(peer.connection.forget_input().is_some());
    assert_eq!(peer.connection.unread(), 0);
}

#[test]
fn no_more_is_read_than_may_wait_to_be_written() {
    let mut peer = peer();
    peer.connection.answers().set_room(100);
    let pings: Vec<u8> = (0..50).flat_map(|n| frame(PING, 0, 0, &[n; 8])).collect();
    put(&mut peer, &pings);
    let mut pongs = Vec::new();
    while peer.connection.has_more() {
        peer.connection.turn(peer.now);
        let out = peer.connection.out();
        assert!((17..117).contains(&out.len()), "{}", out.len());
        assert!(!peer.connection.has_more() || peer.connection.out().len() < 100);
        pongs.extend_from_slice(peer.connection.out());
        let all = peer.connection.out().len();
        peer.connection.sent(all);
    }
    let expected: Vec<u8> = (0..50).flat_map(|n| frame(PING, ACK, 0, &[n; 8])).collect();
    assert_eq!(pongs, expected);
}

#[test]
fn what_waits_to_be_written_outlives_its_buffer() {
    let mut peer = peer();
    assert!(peer.connection.reclaim_out().is_some());
    peer.connection
        .answers()
        .lend_out(|| Vec::with_capacity(64 * 1024));
    put(&mut peer, &call(1, b"x"));
    driver::answer(
        &mut peer.connection.turn(peer.now),
        &driver::message(ANSWER),
    );
    assert_eq!(peer.connection.reclaim_out(), None);
    let whole = peer.connection.out().to_vec();
    peer.connection.sent(10);
    let buffer = peer.connection.shrink_out().unwrap();
    assert_eq!((buffer.len(), buffer.capacity()), (0, 64 * 1024));
    assert_eq!(peer.connection.out(), &whole[10..]);
    assert_eq!(peer.connection.shrink_out(), None);
    // One that has a buffer takes no other.
    peer.connection.answers().lend_out(|| unreachable!());
    let left = peer.connection.out().len();
    peer.connection.sent(left);
    assert!(peer.connection.reclaim_out().is_some());
    assert_eq!(peer.connection.reclaim_out(), None);
}
