//! The rules of RFC 9113 for streams and requests (5, 8, 10.5.1): each case breaks one, or looks as if it did.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod cases;
mod driver;
mod peer;

use cases::*;
use peer::*;
use venice_http2::Limits;

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
