//! What a server may not say, and what becomes of it at the client (RFC 9113; the sections are named).

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod asker;
mod driver;
mod peer;

use asker::*;
use peer::*;
use venice_http2::{Client, ClientLimits, ErrorCode, Field, Request};

/// `:status` 200, and that of gRPC's as a literal.
const STATUS: [u8; 1] = [0x88];

fn ok() -> Vec<u8> {
    literal("grpc-status", "0")
}

/// A client with two requests, 1 and 3, whose tokens are these, the second in pieces.
fn asked() -> Client<Statuses> {
    let limits = ClientLimits {
        stream_window: 1000,
        connection_window: 65_535,
        frame_bytes: 16_384,
        header_bytes: 1000,
        body_bytes: 1500,
        ..ClientLimits::default()
    };
    let mut client = asker::client(limits);
    client.begin(1, &whole(&GET, b"body")).unwrap();
    let echo = Request {
        fields: &ECHO,
        body: b"",
        goes_on: true,
        streams: true,
    };
    client.begin(3, &echo).unwrap();
    said(&mut client);
    client
}

fn hear(frames: &[Vec<u8>]) -> (Client<Statuses>, Log) {
    let mut client = asked();
    let mut log = Log::default();
    let bytes = [settings(&[]), frames.concat()].concat();
    feed(&mut client, &bytes, usize::MAX, &mut log);
    (client, log)
}

/// These frames end the connection, with this code.
#[track_caller]
fn ends(frames: &[Vec<u8>], code: ErrorCode) {
    let (mut client, _) = hear(frames);
    let ending = client.ending().expect("the connection ended");
    assert_eq!(ending.code, code, "{}", ending.reason);
    let mut answered = Answered::default();
    answered.read(&said(&mut client));
    assert_eq!(answered.goaways, [(0, code.0)]);
    assert!(client.room().len() > 9 && !client.has_more());
}

/// They end a request, with this code, and no other.
#[track_caller]
fn breaks(frames: &[Vec<u8>], token: u64, code: ErrorCode) {
    let (mut client, log) = hear(frames);
    assert_eq!(client.ending(), None);
    let end = log.ends.get(&token).expect("the request ended");
    assert!(
        matches!(end, End::Broken(found, _) if *found == code),
        "{end:?}"
    );
    assert_eq!((log.ends.len(), client.open()), (1, 1));
    let mut answered = Answered::default();
    answered.read(&said(&mut client));
    assert_eq!(answered.reset[&(token as u32)], code.0);
}

const WRONG: ErrorCode = ErrorCode::PROTOCOL_ERROR;

#[test]
fn the_first_frame_is_settings() {
    for first in [
        frame(PING, 0, 0, &[0; 8]),
        frame(SETTINGS, ACK, 0, &[]),
        b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec(),
    ] {
        let mut client = asked();
        feed(&mut client, &first, usize::MAX, &mut Log::default());
        assert!(client.ending().is_some(), "{first:?}");
    }
}

#[test]
fn frames_have_their_sizes_and_their_streams() {
    let size = ErrorCode::FRAME_SIZE_ERROR;
    ends(&[frame(DATA, 0, 1, &vec![0; 16_385])], size);
    ends(&[frame(PING, 0, 0, &[0; 7])], size);
    ends(&[frame(RST_STREAM, 0, 1, &[0; 3])], size);
    ends(&[frame(WINDOW_UPDATE, 0, 0, &[0; 5])], size);
    ends(&[frame(SETTINGS, 0, 0, &[0; 5])], size);
    ends(&[frame(SETTINGS, ACK, 0, &[0; 6])], size);
    ends(&[frame(GOAWAY, 0, 0, &[0; 7])], size);
    ends(&[frame(HEADERS, LAST | HAS_PRIORITY, 1, &[0; 4])], size);
    ends(&[frame(DATA, PADDED, 1, &[])], size);
    for (kind, payload) in [(PING, 8), (SETTINGS, 0), (GOAWAY, 8)] {
        ends(&[frame(kind, 0, 1, &vec![0; payload])], WRONG);
    }
    for (kind, payload) in [(DATA, 1), (HEADERS, 1), (RST_STREAM, 4), (PRIORITY, 5)] {
        ends(&[frame(kind, 0, 0, &vec![0; payload])], WRONG);
    }
    ends(&[frame(DATA, PADDED, 1, &[5, 1, 1])], WRONG);
}

/// 5.1: only what the client began has responses, and 8.4: nothing is pushed.
#[test]
fn a_server_begins_nothing() {
    for stream in [2, 5, 4001] {
        ends(&[frame(HEADERS, LAST, stream, &STATUS)], WRONG);
        ends(&[frame(DATA, 0, stream, b"x")], WRONG);
        ends(&[rst_stream(stream, 8)], WRONG);
        ends(&[window_update(stream, 1)], WRONG);
    }
    ends(&[frame(PUSH_PROMISE, WHOLE, 1, &[0, 0, 0, 2, 0x82])], WRONG);
}

/// 5.1: nothing comes behind the end of a response, but of one that this side gave up.
#[test]
fn nothing_comes_behind_the_end() {
    let closed = ErrorCode::STREAM_CLOSED;
    let end = frame(HEADERS, LAST, 1, &STATUS);
    ends(&[end.clone(), frame(DATA, 0, 1, b"x")], closed);
    ends(&[end.clone(), frame(HEADERS, LAST, 1, &STATUS)], closed);
    ends(&[rst_stream(1, 2), frame(DATA, 0, 1, b"x")], closed);
    // These may have been under way.
    let (client, _) = hear(&[end, rst_stream(1, 0), window_update(1, 1)]);
    assert_eq!((client.ending(), client.open()), (None, 1));
    let (mut client, mut log) = (asked(), Log::default());
    client.cancel(3);
    let late = [
        settings(&[]),
        frame(HEADERS, WHOLE, 3, &STATUS),
        frame(DATA, 0, 3, &[1; 900]),
        frame(HEADERS, LAST, 3, &ok()),
    ];
    feed(&mut client, &late.concat(), 1, &mut log);
    assert_eq!((client.ending(), log.ends.len()), (None, 0));
}

#[test]
fn a_block_of_fields_is_in_one_piece() {
    ends(&[frame(CONTINUATION, WHOLE, 1, &STATUS)], WRONG);
    let begun = frame(HEADERS, 0, 1, &STATUS);
    ends(&[begun.clone(), frame(PING, 0, 0, &[0; 8])], WRONG);
    ends(&[begun.clone(), frame(CONTINUATION, WHOLE, 3, &[])], WRONG);
    let (_, log) = hear(&[
        frame(HEADERS, END_STREAM, 1, &STATUS),
        frame(CONTINUATION, 0, 1, &ok()[..3]),
        frame(CONTINUATION, WHOLE, 1, &ok()[3..]),
    ]);
    assert_eq!(log.ends[&1], End::Whole(200, Some(0)));
    // Nor without an end.
    let calm = ErrorCode::ENHANCE_YOUR_CALM;
    let empty = vec![frame(CONTINUATION, 0, 1, &[]); 40];
    ends(&[&[begun.clone()][..], &empty].concat(), calm);
    let long = vec![frame(CONTINUATION, 0, 1, &[0x88; 400]); 3];
    ends(&[&[begun][..], &long].concat(), calm);
}

#[test]
fn fields_are_those_of_hpack_and_not_too_many() {
    let compression = ErrorCode::COMPRESSION_ERROR;
    ends(&[frame(HEADERS, LAST, 1, &[0x80])], compression);
    ends(&[frame(HEADERS, LAST, 1, &[0xff, 0xff])], compression);
    ends(
        &[frame(HEADERS, LAST, 1, &[0x88, 0x3f, 0xff, 0x7f])],
        compression,
    );
    let calm = ErrorCode::ENHANCE_YOUR_CALM;
    // 1,000 bytes as HPACK counts them, by references to one that is long.
    let bomb = [
        &STATUS[..],
        &[0x40, 1, b'x', 100],
        &[b'v'; 100],
        &[0xbe; 30],
    ]
    .concat();
    ends(&[frame(HEADERS, LAST, 1, &bomb)], calm);
}

/// 8.1 and 8.3.2.
#[test]
fn a_response_has_one_status_and_begins_with_it() {
    let field = literal("a", "b");
    for block in [
        vec![],
        field.clone(),
        [&field[..], &STATUS].concat(),
        [STATUS, STATUS].concat(),
        [&STATUS[..], &[0x82]].concat(),
        literal(":status", "20"),
        literal(":status", "2000"),
        [&STATUS[..], &literal("Upper", "x")].concat(),
        [&STATUS[..], &literal("connection", "close")].concat(),
        [&STATUS[..], &literal("x", "a\nb")].concat(),
        // One before the response does not end it.
        literal(":status", "100"),
    ] {
        breaks(&[frame(HEADERS, LAST, 1, &block)], 1, WRONG);
    }
    breaks(&[frame(DATA, 0, 1, b"x")], 1, WRONG);
    let begun = frame(HEADERS, WHOLE, 1, &STATUS);
    // What comes behind are trailers, and the end.
    breaks(&[begun.clone(), frame(HEADERS, WHOLE, 1, &ok())], 1, WRONG);
    breaks(&[begun.clone(), frame(HEADERS, LAST, 1, &STATUS)], 1, WRONG);
    let data = frame(DATA, 0, 1, b"x");
    breaks(
        &[begun.clone(), data, frame(HEADERS, LAST, 1, &STATUS)],
        1,
        WRONG,
    );
    let interim = frame(HEADERS, WHOLE, 1, &literal(":status", "103"));
    breaks(&vec![interim.clone(); 40], 1, WRONG);
    let (_, log) = hear(&[interim, frame(HEADERS, LAST, 1, &STATUS)]);
    assert_eq!(log.ends[&1], End::Whole(200, None));
}

/// 8.1.1.
#[test]
fn a_body_is_as_long_as_it_says() {
    let said = |length| {
        let block = [&STATUS[..], &literal("content-length", length)].concat();
        frame(HEADERS, WHOLE, 1, &block)
    };
    breaks(&[said("3"), frame(DATA, END_STREAM, 1, b"ab")], 1, WRONG);
    breaks(&[said("3"), frame(DATA, END_STREAM, 1, b"abcd")], 1, WRONG);
    breaks(&[said("3"), frame(HEADERS, LAST, 1, &ok())], 1, WRONG);
    breaks(&[said("x")], 1, WRONG);
    let (_, log) = hear(&[said("3"), frame(DATA, END_STREAM, 1, b"abc")]);
    assert_eq!(&log.bodies[&1][..], b"abc");
    // What is not sent has its length all the same.
    let block = [literal(":status", "304"), literal("content-length", "9")].concat();
    let (_, log) = hear(&[frame(HEADERS, LAST, 1, &block)]);
    assert_eq!(log.ends[&1], End::Whole(304, None));
    let mut client = asker::client(ClientLimits::default());
    let head = [
        Field::Literal(b":method", b"HEAD"),
        Field::Static(6),
        Field::Taught(0),
    ];
    client.begin(1, &whole(&head, b"")).unwrap();
    let mut log = Log::default();
    let block = [&STATUS[..], &literal("content-length", "9")].concat();
    let bytes = [settings(&[]), frame(HEADERS, LAST, 1, &block)].concat();
    feed(&mut client, &bytes, usize::MAX, &mut log);
    assert_eq!(log.ends[&1], End::Whole(200, None));
}

#[test]
fn windows_hold_for_the_server_too() {
    let flow = ErrorCode::FLOW_CONTROL_ERROR;
    let begun = |id| frame(HEADERS, WHOLE, id, &STATUS);
    // What is whole is taken at once; what comes in pieces when somebody does.
    let piece = |id| frame(DATA, 0, id, &[1; 400]);
    breaks(&[begun(3), piece(3), piece(3), piece(3)], 3, flow);
    let (client, _) = hear(&[begun(1), piece(1), piece(1), piece(1)]);
    assert_eq!(client.open(), 2);
    breaks(&[begun(1), frame(DATA, 0, 1, &[1; 1001])], 1, flow);
    // A body that is larger than this side takes.
    let cancel = ErrorCode::CANCEL;
    breaks(
        &[begun(1), piece(1), piece(1), piece(1), piece(1)],
        1,
        cancel,
    );
    ends(&[window_update(0, 0)], WRONG);
    breaks(&[window_update(3, 0)], 3, WRONG);
    ends(&[window_update(0, u32::MAX >> 1)], flow);
    breaks(&[window_update(3, u32::MAX >> 1)], 3, flow);
    ends(&[settings(&[(INITIAL_WINDOW_SIZE, 1 << 31)])], flow);
    ends(
        &[
            window_update(3, 1 << 30),
            settings(&[(INITIAL_WINDOW_SIZE, (1 << 31) - 1)]),
        ],
        flow,
    );
    ends(&[settings(&[(2, 2)])], WRONG);
}

#[test]
fn a_server_that_leaves_does_not_come_back() {
    let goaway = |last: u32, code: u32, text: &str| {
        let payload = [
            &last.to_be_bytes()[..],
            &code.to_be_bytes(),
            text.as_bytes(),
        ]
        .concat();
        frame(GOAWAY, 0, 0, &payload)
    };
    let (client, log) = hear(&[goaway(1, 11, "too many pings")]);
    assert_eq!(log.ends[&3], End::Refused);
    assert_eq!((client.open(), client.free()), (1, 0));
    let calm = (ErrorCode::ENHANCE_YOUR_CALM, "too many pings".to_owned());
    assert_eq!(log.leaving, [calm]);
    ends(&[goaway(1, 0, ""), goaway(3, 0, "")], WRONG);
    // All that are open, in the end.
    let (client, log) = hear(&[goaway(MAX, 0, ""), goaway(0, 0, "")]);
    assert_eq!((client.open(), log.ends.len()), (0, 2));
}

const MAX: u32 = u32::MAX >> 1;

/// gRPC's Trailers-Only, its text, and a server that ends a call whose request goes on.
#[test]
fn a_failure_is_told_with_its_text() {
    let block = [
        &STATUS[..],
        &literal("grpc-status", "5"),
        &literal("grpc-message", "no such store"),
    ]
    .concat();
    let (mut client, log) = hear(&[
        frame(HEADERS, LAST, 1, &block),
        frame(HEADERS, LAST, 3, &block),
    ]);
    for token in [1, 3] {
        assert_eq!(log.ends[&token], End::Whole(200, Some(5)));
        assert_eq!(log.texts[&token], "no such store");
    }
    let mut answered = Answered::default();
    answered.read(&said(&mut client));
    let cancel = ErrorCode::CANCEL.0;
    assert_eq!(
        answered.reset.into_iter().collect::<Vec<_>>(),
        [(3, cancel)]
    );
    assert_eq!(client.open(), 0);
    let (_, log) = hear(&[rst_stream(1, 2), rst_stream(3, 7)]);
    assert_eq!(log.ends[&1], End::Reset(ErrorCode::INTERNAL_ERROR));
    assert_eq!(log.ends[&3], End::Refused);
}

/// A server that asks and does not read is not answered without end.
#[test]
fn pings_of_a_server_that_reads_nothing_are_left_unread() {
    let limits = ClientLimits {
        unsent_bytes: 1000,
        ..ClientLimits::default()
    };
    let mut client = asker::client(limits);
    let pings = frame(PING, 0, 0, &[0; 8]).repeat(1000);
    let bytes = [settings(&[]), pings].concat();
    let room = client.room();
    room[..bytes.len()].copy_from_slice(&bytes);
    client.received(bytes.len());
    client.turn(|_| {});
    assert!(client.out().len() < 1100 && !client.has_more());
    while !client.out().is_empty() {
        let length = client.out().len();
        client.sent(length);
        client.turn(|_| {});
    }
    assert!(client.room().len() >= bytes.len());
}
