//! The rules of RFC 9113: each case breaks one, or looks as if it did, and names what has to come of it.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod driver;
mod peer;

use peer::*;
use venice_http2::Limits;

/// What comes of bytes.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// The call on stream 1 is answered, and the next one too.
    Answered,
    /// That stream is reset; the next call is answered.
    Stream(u32),
    /// The connection ends.
    Connection(u32),
    /// Nothing; the next call is answered.
    Ignored,
}
use Verdict::*;

fn limits() -> Limits {
    Limits {
        frame_bytes: 16_384,
        ..Limits::default()
    }
}

fn verdict(bytes: &[u8]) -> Verdict {
    let mut peer = Peer::new(limits(), 100);
    peer.send(&hello(&[]));
    peer.send(bytes);
    if let Some((_, code)) = peer.answered.goaways.first() {
        assert_eq!(peer.connection.ending().unwrap().code.0, *code);
        return Connection(*code);
    }
    let next = 99;
    peer.send(&call(next, b"more"));
    assert!(peer.answered.ended.contains(&next), "{:?}", peer.answered);
    match peer.answered.reset.values().next() {
        Some(code) => Stream(*code),
        None if peer.answered.ended.contains(&1) => Answered,
        None => Ignored,
    }
}

#[track_caller]
fn check(cases: &[(&str, Vec<Vec<u8>>, Verdict)]) {
    let wrong = cases.iter().filter_map(|(rule, frames, expected)| {
        let came = verdict(&frames.concat());
        (came != *expected).then(|| format!("{rule}: {came:?}, not {expected:?}"))
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(
        wrong.is_empty(),
        "{} cases:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn headers(block: &[u8]) -> Vec<u8> {
    frame(HEADERS, LAST, 1, block)
}

fn open() -> Vec<u8> {
    frame(HEADERS, WHOLE, 1, &POST)
}

fn end() -> Vec<u8> {
    frame(DATA, END_STREAM, 1, b"body")
}

fn with(fields: &[(&str, &str)]) -> Vec<u8> {
    let fields = fields.iter().flat_map(|(name, value)| literal(name, value));
    POST.into_iter().chain(fields).collect()
}

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
fn streams_5() {
    check(&[
        (
            "5.1: DATA on an idle stream",
            vec![frame(DATA, 0, 1, b"x")],
            Connection(PROTOCOL_ERROR),
        ),
        (
            "5.1: RST_STREAM on an idle stream",
            vec![rst_stream(1, 8)],
            Connection(PROTOCOL_ERROR),
        ),
        (
            "5.1: WINDOW_UPDATE on an idle stream",
            vec![window_update(1, 8)],
            Connection(PROTOCOL_ERROR),
        ),
        (
            "5.1: CONTINUATION on an idle stream",
            vec![frame(CONTINUATION, END_HEADERS, 1, &POST)],
            Connection(PROTOCOL_ERROR),
        ),
        (
            "5.1: PRIORITY on an idle stream",
            vec![frame(PRIORITY, 0, 1, &[0, 0, 0, 0, 1]), call(1, b"")],
            Answered,
        ),
        (
            "5.1: DATA behind the end",
            vec![call(1, b""), end()],
            Stream(STREAM_CLOSED),
        ),
        (
            "5.1: HEADERS behind the end",
            vec![call(1, b""), headers(&POST)],
            Stream(STREAM_CLOSED),
        ),
        (
            "5.1: WINDOW_UPDATE and PRIORITY behind the end",
            vec![
                call(1, b""),
                window_update(1, 1),
                frame(PRIORITY, 0, 1, &[0, 0, 0, 0, 1]),
            ],
            Answered,
        ),
        (
            "5.1: DATA behind RST_STREAM",
            vec![open(), rst_stream(1, 8), end()],
            Stream(STREAM_CLOSED),
        ),
        (
            "5.1: HEADERS behind RST_STREAM",
            vec![open(), rst_stream(1, 8), headers(&POST)],
            Stream(STREAM_CLOSED),
        ),
        (
            "5.1.1: an even stream",
            vec![frame(HEADERS, LAST, 2, &POST)],
            Connection(PROTOCOL_ERROR),
        ),
        (
            "5.1.1: a stream below the last",
            vec![call(5, b""), call(3, b"")],
            Connection(PROTOCOL_ERROR),
        ),
        (
            "5.1.1: DATA on one that was skipped",
            vec![call(5, b""), frame(DATA, 0, 3, b"")],
            Connection(PROTOCOL_ERROR),
        ),
    ]);
    // Once the answer has gone, the client knows that the stream is over.
    for late in [end(), headers(&POST)] {
        let mut peer = Peer::new(limits(), 100);
        peer.send(&[hello(&[]), call(1, b"")].concat());
        peer.send(&late);
        assert_eq!(peer.answered.goaways, [(1, STREAM_CLOSED)]);
    }
}

#[test]
fn no_more_calls_than_announced_5_1_2() {
    let two = Limits {
        streams: 2,
        ..limits()
    };
    let mut peer = Peer::new(two, 100);
    let open = |stream| frame(HEADERS, WHOLE, stream, &POST);
    peer.send(&[hello(&[]), open(1), open(3), open(5)].concat());
    assert_eq!(peer.answered.reset, [(5, REFUSED_STREAM)].into());
    // Its DATA was on its way; the others go on.
    let data = |stream| frame(DATA, END_STREAM, stream, b"x");
    peer.send(&[data(5), data(3)].concat());
    peer.send(&[open(7), data(1), data(7)].concat());
    peer.answered.ended.sort_unstable();
    assert_eq!(peer.answered.ended, [1, 3, 7]);
    assert_eq!(peer.answered.reset.len(), 1);
    assert!(peer.answered.goaways.is_empty());
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

#[test]
fn requests_8() {
    let post = |fields: &[(&str, &str)]| headers(&with(fields));
    let with_body = |length: &str| frame(HEADERS, WHOLE, 1, &with(&[("content-length", length)]));
    let trailers = |flags, fields: &[(&str, &str)]| {
        let block: Vec<u8> = fields
            .iter()
            .flat_map(|(name, value)| literal(name, value))
            .collect();
        frame(HEADERS, flags, 1, &block)
    };
    let broken = Stream(PROTOCOL_ERROR);
    check(&[
        (
            "8.1: trailers",
            vec![
                open(),
                frame(DATA, 0, 1, b"x"),
                trailers(LAST, &[("a", "b")]),
            ],
            Answered,
        ),
        (
            "8.1: trailers that do not end",
            vec![open(), trailers(WHOLE, &[("a", "b")])],
            Stream(PROTOCOL_ERROR),
        ),
        (
            "8.1: pseudo-headers in trailers",
            vec![open(), trailers(LAST, &[(":path", "/")])],
            Stream(PROTOCOL_ERROR),
        ),
        (
            "8.1.1: content-length",
            vec![with_body("4"), end()],
            Answered,
        ),
        (
            "8.1.1: content-length, in pieces",
            vec![
                with_body("4"),
                frame(DATA, 0, 1, b"bo"),
                frame(DATA, END_STREAM, 1, b"dy"),
            ],
            Answered,
        ),
        (
            "8.1.1: less than content-length",
            vec![with_body("5"), end()],
            Stream(PROTOCOL_ERROR),
        ),
        (
            "8.1.1: less, in pieces",
            vec![
                with_body("5"),
                frame(DATA, 0, 1, b"bo"),
                frame(DATA, END_STREAM, 1, b"dy"),
            ],
            Stream(PROTOCOL_ERROR),
        ),
        (
            "8.1.1: more than content-length",
            vec![with_body("3"), frame(DATA, 0, 1, b"body")],
            Stream(PROTOCOL_ERROR),
        ),
        (
            "8.1.1: content-length without a body",
            vec![post(&[("content-length", "4")])],
            Stream(PROTOCOL_ERROR),
        ),
        (
            "8.1.1: content-length of no number",
            vec![post(&[("content-length", "x")])],
            Stream(PROTOCOL_ERROR),
        ),
        (
            "8.2: upper case",
            vec![post(&[("Name", "x")])],
            Stream(PROTOCOL_ERROR),
        ),
        (
            "8.2.1: a space in front",
            vec![post(&[("name", " x")])],
            Stream(PROTOCOL_ERROR),
        ),
        (
            "8.2.2: connection",
            vec![post(&[("connection", "close")])],
            Stream(PROTOCOL_ERROR),
        ),
        (
            "8.2.2: te",
            vec![post(&[("te", "gzip")])],
            Stream(PROTOCOL_ERROR),
        ),
        (
            "8.2.2: te: trailers",
            vec![post(&[("te", "trailers")])],
            Answered,
        ),
        (
            "8.3: an unknown pseudo-header",
            vec![post(&[(":what", "x")])],
            Stream(PROTOCOL_ERROR),
        ),
        (
            "8.3: a pseudo-header of answers",
            vec![post(&[(":status", "200")])],
            Stream(PROTOCOL_ERROR),
        ),
        (
            "8.3: a pseudo-header behind a field",
            vec![headers(&[&literal("a", "b")[..], &POST].concat())],
            broken,
        ),
        (
            "8.3.1: no :method",
            vec![headers(&POST[1..])],
            Stream(PROTOCOL_ERROR),
        ),
        (
            "8.3.1: no :scheme",
            vec![headers(&[0x83, 0x84])],
            Stream(PROTOCOL_ERROR),
        ),
        (
            "8.3.1: no :path",
            vec![headers(&POST[..2])],
            Stream(PROTOCOL_ERROR),
        ),
        (
            "8.3.1: an empty :path",
            vec![headers(
                &[&[0x83, 0x86][..], &literal(":path", "")].concat(),
            )],
            Stream(PROTOCOL_ERROR),
        ),
        (
            "8.3.1: :method twice",
            vec![headers(&[0x83, 0x83, 0x86, 0x84])],
            Stream(PROTOCOL_ERROR),
        ),
        (
            "8.3.1: another host",
            vec![post(&[("host", "a")])],
            Answered,
        ),
    ]);
}

#[test]
fn a_broken_stream_leaves_the_table_in_order_4_3() {
    let mut peer = Peer::new(limits(), 100);
    // Malformed, and enters `timeout: 1` into the table, which the next one refers to.
    let mut broken = vec![0x83, 0x86];
    broken.extend([0x40, 4, b't', b'e', b's', b't', 1, b'1']);
    peer.send(&[hello(&[]), headers(&broken)].concat());
    let next = [&POST[..], &[0xbe]].concat();
    peer.send(&frame(HEADERS, LAST, 3, &next));
    assert_eq!(peer.answered.reset, [(1, PROTOCOL_ERROR)].into());
    assert_eq!(peer.answered.ended, [3]);
}

#[test]
fn fields_above_the_limit_get_431_10_5_1() {
    let limits = limits();
    let large = "x".repeat(limits.header_bytes as usize);
    let mut peer = Peer::new(limits, 100);
    let block = with(&[("a", &large)]);
    let pieces: Vec<&[u8]> = block.chunks(10_000).collect();
    let mut sent = hello(&[]);
    sent.extend(frame(HEADERS, 0, 1, pieces[0]));
    sent.extend(frame(CONTINUATION, END_HEADERS, 1, pieces[1]));
    // Its body is on its way.
    sent.extend(frame(DATA, END_STREAM, 1, b"x"));
    sent.extend(call(3, b"x"));
    peer.send(&sent);
    assert_eq!(peer.answered.ended, [1, 3]);
    assert_eq!(peer.answered.reset, [(1, NO_ERROR)].into());
    let (stream, block) = &peer.answered.blocks[0];
    assert_eq!((*stream, &block[..]), (1, &[0x08, 3, b'4', b'3', b'1'][..]));
    assert!(peer.answered.goaways.is_empty());
}
