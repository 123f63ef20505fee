//! The rules of RFC 9113 for frames (3.4, 4, 6): each case breaks one, or looks as if it did.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod cases;
mod driver;
mod peer;

use cases::*;
use peer::*;

#[test]
fn preface_3_4() {
    for (bytes, ends) in [
        (&b"GET / HTTP/1.1\r\n\r\n"[..], true),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\rX", true),
        (b"PRI * HTTP/2.0\r\n", false),
    ] {
        let mut peer = Peer::new(limits(), 100);
        peer.send(bytes);
        assert_eq!(peer.connection.ending().is_some(), ends);
    }
    // The first frame is SETTINGS, and no acknowledgement.
    for first in [frame(PING, 0, 0, &[0; 8]), frame(SETTINGS, ACK, 0, &[])] {
        let mut peer = Peer::new(limits(), 100);
        peer.send(&[PREFACE, &first].concat());
        assert_eq!(peer.answered.goaways, [(0, PROTOCOL_ERROR)]);
    }
}

#[test]
fn frames_4() {
    check(&[
        (
            "4.1: unknown types are ignored",
            vec![frame(77, 0xff, 3, b"what"), call(1, b"x")],
            Answered,
        ),
        (
            "4.1: unknown flags are ignored",
            vec![frame(HEADERS, LAST | 0x42, 1, &POST)],
            Answered,
        ),
        (
            "4.2: a frame above the limit",
            vec![open(), frame(DATA, 0, 1, &[0; 16_385])],
            Connection(FRAME_SIZE_ERROR),
        ),
        (
            "4.2: a frame as large as it may be",
            vec![open(), frame(DATA, END_STREAM, 1, &[0; 16_384])],
            Answered,
        ),
        (
            "4.3: a block that cannot be read",
            vec![headers(&[0x80])],
            Connection(COMPRESSION_ERROR),
        ),
        (
            "4.3: a frame in the midst of a block",
            vec![
                frame(HEADERS, END_STREAM, 1, &POST),
                frame(PING, 0, 0, &[0; 8]),
            ],
            Connection(PROTOCOL_ERROR),
        ),
        (
            "5.5: an unknown frame in the midst of a block",
            vec![frame(HEADERS, END_STREAM, 1, &POST), frame(77, 0, 0, &[])],
            Connection(PROTOCOL_ERROR),
        ),
    ]);
}

#[test]
fn data_6_1() {
    check(&[
        (
            "6.1: DATA on the connection",
            vec![frame(DATA, 0, 0, b"x")],
            Connection(PROTOCOL_ERROR),
        ),
        (
            "6.1: padding",
            vec![open(), frame(DATA, PADDED | END_STREAM, 1, b"\x02x\0\0")],
            Answered,
        ),
        (
            "6.1: nothing but padding",
            vec![open(), frame(DATA, PADDED | END_STREAM, 1, b"\x02\0\0")],
            Answered,
        ),
        (
            "6.1: padding as long as the frame",
            vec![open(), frame(DATA, PADDED, 1, b"\x02\0")],
            Connection(PROTOCOL_ERROR),
        ),
        (
            "6.1: no length of the padding",
            vec![open(), frame(DATA, PADDED, 1, b"")],
            Connection(FRAME_SIZE_ERROR),
        ),
        (
            "6.1: split in two",
            vec![
                open(),
                frame(DATA, 0, 1, b"bo"),
                frame(DATA, END_STREAM, 1, b"dy"),
            ],
            Answered,
        ),
        (
            "6.1: an empty end",
            vec![
                open(),
                frame(DATA, 0, 1, b"body"),
                frame(DATA, END_STREAM, 1, b""),
            ],
            Answered,
        ),
    ]);
}

#[test]
fn headers_6_2() {
    let priority = |on: u32, block: &[u8]| [&on.to_be_bytes()[..], &[9], block].concat();
    let padded = [&[3], &POST[..], &[0, 0, 0]].concat();
    let both = [&[2, 0, 0, 0, 0, 9], &POST[..], &[0, 0]].concat();
    check(&[
        (
            "6.2: HEADERS on the connection",
            vec![frame(HEADERS, LAST, 0, &POST)],
            Connection(PROTOCOL_ERROR),
        ),
        (
            "6.2: padding",
            vec![frame(HEADERS, LAST | PADDED, 1, &padded)],
            Answered,
        ),
        (
            "6.2: padding and priority",
            vec![frame(HEADERS, LAST | PADDED | HAS_PRIORITY, 1, &both)],
            Answered,
        ),
        (
            "6.2: padding as long as the frame",
            vec![frame(HEADERS, LAST | PADDED, 1, &[4, 0x83, 0x86, 0x84])],
            Connection(PROTOCOL_ERROR),
        ),
        (
            "6.2: priority",
            vec![frame(HEADERS, LAST | HAS_PRIORITY, 1, &priority(0, &POST))],
            Answered,
        ),
        (
            "6.2: priority that is cut off",
            vec![frame(HEADERS, LAST | HAS_PRIORITY, 1, &[0, 0])],
            Connection(FRAME_SIZE_ERROR),
        ),
        (
            "RFC 7540, 5.3.1: a stream that depends on itself",
            vec![frame(HEADERS, LAST | HAS_PRIORITY, 1, &priority(1, &POST))],
            Stream(PROTOCOL_ERROR),
        ),
        (
            "6.10: CONTINUATION",
            vec![
                frame(HEADERS, END_STREAM, 1, &POST[..1]),
                frame(CONTINUATION, 0, 1, &POST[1..2]),
                frame(CONTINUATION, END_HEADERS, 1, &POST[2..]),
            ],
            Answered,
        ),
        (
            "6.10: CONTINUATION of another stream",
            vec![
                frame(HEADERS, END_STREAM, 1, &POST),
                frame(CONTINUATION, END_HEADERS, 3, &[]),
            ],
            Connection(PROTOCOL_ERROR),
        ),
        (
            "6.10: CONTINUATION behind the end",
            vec![
                frame(HEADERS, LAST, 1, &POST),
                frame(CONTINUATION, END_HEADERS, 1, &[]),
            ],
            Connection(PROTOCOL_ERROR),
        ),
        (
            "6.10: CONTINUATION on the connection",
            vec![frame(CONTINUATION, END_HEADERS, 0, &[])],
            Connection(PROTOCOL_ERROR),
        ),
    ]);
}

#[test]
fn frames_of_the_connection_6_3_to_6_9() {
    check(&[
        (
            "6.3: PRIORITY on the connection",
            vec![frame(PRIORITY, 0, 0, &[0; 5])],
            Connection(PROTOCOL_ERROR),
        ),
        (
            "6.3: PRIORITY of 4 bytes",
            vec![open(), frame(PRIORITY, 0, 1, &[0; 4])],
            Stream(FRAME_SIZE_ERROR),
        ),
        (
            "6.4: RST_STREAM on the connection",
            vec![rst_stream(0, 8)],
            Connection(PROTOCOL_ERROR),
        ),
        (
            "6.4: RST_STREAM of 3 bytes",
            vec![open(), frame(RST_STREAM, 0, 1, &[0; 3])],
            Connection(FRAME_SIZE_ERROR),
        ),
        (
            "6.4: RST_STREAM twice",
            vec![open(), rst_stream(1, 8), rst_stream(1, 8)],
            Ignored,
        ),
        (
            "6.5: SETTINGS with ACK and payload",
            vec![frame(SETTINGS, ACK, 0, &[0; 6])],
            Connection(FRAME_SIZE_ERROR),
        ),
        (
            "6.5: SETTINGS on a stream",
            vec![frame(SETTINGS, 0, 1, &[])],
            Connection(PROTOCOL_ERROR),
        ),
        (
            "6.5: SETTINGS of 5 bytes",
            vec![frame(SETTINGS, 0, 0, &[0; 5])],
            Connection(FRAME_SIZE_ERROR),
        ),
        (
            "6.5.2: ENABLE_PUSH of 2",
            vec![settings(&[(2, 2)])],
            Connection(PROTOCOL_ERROR),
        ),
        (
            "6.5.2: a window above 2^31-1",
            vec![settings(&[(4, 1 << 31)])],
            Connection(FLOW_CONTROL_ERROR),
        ),
        (
            "6.5.2: frames of 16,383",
            vec![settings(&[(5, 16_383)])],
            Connection(PROTOCOL_ERROR),
        ),
        (
            "6.5.2: frames of 2^24",
            vec![settings(&[(5, 1 << 24)])],
            Connection(PROTOCOL_ERROR),
        ),
        (
            "6.5.2: unknown settings",
            vec![settings(&[(0xabc, 1)]), call(1, b"")],
            Answered,
        ),
        (
            "6.6: PUSH_PROMISE from a client",
            vec![frame(PUSH_PROMISE, END_HEADERS, 1, &[0; 4])],
            Connection(PROTOCOL_ERROR),
        ),
        (
            "6.7: PING on a stream",
            vec![frame(PING, 0, 1, &[0; 8])],
            Connection(PROTOCOL_ERROR),
        ),
        (
            "6.7: PING of 7 bytes",
            vec![frame(PING, 0, 0, &[0; 7])],
            Connection(FRAME_SIZE_ERROR),
        ),
        (
            "6.7: an answer to no PING",
            vec![frame(PING, ACK, 0, &[0; 8]), call(1, b"")],
            Answered,
        ),
        (
            "6.8: GOAWAY on a stream",
            vec![frame(GOAWAY, 0, 1, &[0; 8])],
            Connection(PROTOCOL_ERROR),
        ),
        (
            "6.8: GOAWAY of 7 bytes",
            vec![frame(GOAWAY, 0, 0, &[0; 7])],
            Connection(FRAME_SIZE_ERROR),
        ),
        (
            "6.8: GOAWAY",
            vec![frame(GOAWAY, 0, 0, &[0; 8]), call(1, b"")],
            Answered,
        ),
        (
            "6.9: WINDOW_UPDATE of 0 on the connection",
            vec![window_update(0, 0)],
            Connection(PROTOCOL_ERROR),
        ),
        (
            "6.9: WINDOW_UPDATE of 0",
            vec![open(), window_update(1, 0)],
            Stream(PROTOCOL_ERROR),
        ),
        (
            "6.9: WINDOW_UPDATE of 3 bytes",
            vec![open(), frame(WINDOW_UPDATE, 0, 1, &[0; 3])],
            Connection(FRAME_SIZE_ERROR),
        ),
        (
            "6.9.1: a window of the connection above 2^31-1",
            vec![window_update(0, 0x7fff_ffff)],
            Connection(FLOW_CONTROL_ERROR),
        ),
        (
            "6.9.1: a window above 2^31-1",
            vec![open(), window_update(1, 0x7fff_ffff)],
            Stream(FLOW_CONTROL_ERROR),
        ),
        (
            "6.9.2: SETTINGS make a window larger than that",
            vec![
                open(),
                window_update(1, 0x7fff_0000),
                settings(&[(4, 0x7fff_ffff)]),
            ],
            Connection(FLOW_CONTROL_ERROR),
        ),
        (
            "6.9.2: SETTINGS do so between two sizes of one frame",
            vec![
                open(),
                window_update(1, 0x7fff_0000),
                settings(&[(4, 0), (4, 0x7fff_ffff), (4, 1)]),
            ],
            Connection(FLOW_CONTROL_ERROR),
        ),
    ]);
    let mut peer = Peer::new(limits(), 100);
    peer.send(&[hello(&[]), settings(&[]), frame(PING, 0, 0, b"12345678")].concat());
    assert_eq!((peer.answered.settings, peer.answered.pongs), (2, 1));
}

/// Also behind the answer.
#[test]
fn a_priority_of_4_bytes_resets_a_stream_that_is_over_6_3() {
    let mut peer = Peer::new(limits(), 100);
    peer.send(&[hello(&[]), call(1, b"x")].concat());
    peer.send(&frame(PRIORITY, 0, 1, &[0; 4]));
    assert_eq!(peer.answered.reset, [(1, FRAME_SIZE_ERROR)].into());
}
