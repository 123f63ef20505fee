//! What clients do to make a server work for nothing: what h2 mended up to 2026, and older attacks. Each ends
//! by ENHANCE_YOUR_CALM or is bounded, and none makes memory grow.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod driver;
mod peer;

use peer::*;
use venice_http2::Limits;

fn peer() -> Peer {
    let mut peer = Peer::new(Limits::default(), 100);
    peer.send(&hello(&[]));
    peer
}

/// Sends what `next` makes until the connection ends; how often that was. What is answered is forgotten.
#[track_caller]
fn flood(peer: &mut Peer, mut next: impl FnMut(u32) -> Vec<u8>) -> u32 {
    for count in 0..150_000 {
        peer.send(&next(count));
        if let Some((_, code)) = peer.answered.goaways.first() {
            assert_eq!(*code, ENHANCE_YOUR_CALM);
            return count;
        }
        assert!(peer.connection.held() <= Limits::default().held_bytes);
        assert!(peer.connection.open() <= Limits::default().streams as usize);
        peer.answered = Answered::default();
    }
    panic!("the flood is not noticed");
}

/// Frames that ask for nothing: PING and SETTINGS (CVE-2019-9512, 9515), PRIORITY (9513), empty DATA (9518),
/// window updates of a byte, unknown frames.
#[test]
fn frames_that_ask_for_nothing() {
    let open = frame(HEADERS, WHOLE, 1, &POST);
    let cases: [(&str, Vec<u8>); 11] = [
        ("PING", frame(PING, 0, 0, &[0; 8])),
        ("answers to no PING", frame(PING, ACK, 0, &[0; 8])),
        ("SETTINGS", settings(&[])),
        (
            "SETTINGS that change windows",
            settings(&[(4, 1), (4, 65_535)]),
        ),
        (
            "acknowledged SETTINGS that were not sent",
            frame(SETTINGS, ACK, 0, &[]),
        ),
        ("PRIORITY", frame(PRIORITY, 0, 1, &[0; 5])),
        ("tiny updates of the connection", window_update(0, 1)),
        ("tiny updates of a stream", window_update(1, 1)),
        ("empty DATA", frame(DATA, 0, 1, &[])),
        ("DATA that is padding", frame(DATA, PADDED, 1, &[0])),
        ("unknown frames", frame(200, 0, 0, b"x")),
    ];
    for (name, frame) in cases {
        let mut peer = peer();
        peer.send(&open);
        let count = flood(&mut peer, |_| frame.clone());
        assert!((5_000..20_000).contains(&count), "{name}: {count}");
    }
}

#[test]
fn time_and_calls_bring_credit() {
    let mut peer = peer();
    for second in 0..100 {
        peer.now = std::time::Duration::from_secs(second);
        for _ in 0..900 {
            peer.send(&frame(PING, 0, 0, &[0; 8]));
        }
    }
    for call_number in 0..5_000 {
        peer.send(&call(2 * call_number + 1, b"x"));
        peer.send(&window_update(0, 100));
        peer.send(&frame(PING, 0, 0, &[0; 8]).repeat(7));
    }
    assert!(peer.answered.goaways.is_empty());
}

/// Rapid reset (CVE-2023-44487), in all its forms: calls that are whole and those that are not, before and
/// behind their answers.
#[test]
fn calls_that_are_cancelled_at_once() {
    for (name, flags) in [("whole", LAST), ("open", WHOLE)] {
        let mut peer = peer();
        let count = flood(&mut peer, |count| {
            let stream = 2 * count + 1;
            [frame(HEADERS, flags, stream, &POST), rst_stream(stream, 8)].concat()
        });
        assert!(count < 5_000, "{name}: {count}");
    }
    // The same RST_STREAM again and again: a frame that asks for nothing.
    let mut once = peer();
    once.send(&frame(HEADERS, WHOLE, 1, &POST));
    let count = flood(&mut once, |_| rst_stream(1, 8));
    assert!((5_000..20_000).contains(&count), "{count}");
}

/// Netty answers each DATA that is on its way when it cancels a call with an RST_STREAM of its own.
#[test]
fn a_reset_for_each_data_on_its_way_is_no_flood() {
    const ANSWER: usize = 1024 * 1024;
    let mut peer = Peer::new(Limits::default(), ANSWER);
    peer.send(&hello(&[(INITIAL_WINDOW_SIZE, ANSWER as u32 / 2)]));
    for number in 0..200 {
        peer.send(&window_update(0, ANSWER as u32 / 2));
        let id = 2 * number + 1;
        peer.send(&call(id, b"x"));
        let frames = ANSWER / 2 / peer.answered.largest_frame;
        peer.send(&rst_stream(id, 8));
        assert_eq!(peer.connection.open(), 0);
        peer.send(&rst_stream(id, 5).repeat(frames));
        assert!(peer.answered.goaways.is_empty(), "{number}");
    }
}

/// A client that has 1,000 calls open, and cancels them all, is no attacker.
#[test]
fn a_client_may_lose_its_patience() {
    let mut peer = peer();
    let ids = || (0..1000).map(|n| 2 * n + 1);
    for id in ids() {
        peer.send(&frame(HEADERS, WHOLE, id, &POST));
    }
    for id in ids() {
        peer.send(&rst_stream(id, 8));
    }
    assert!(peer.answered.goaways.is_empty());
    assert_eq!(peer.connection.open(), 0);
}

/// The server made to reset (CVE-2025-8671).
#[test]
fn calls_that_make_the_server_reset() {
    type Broken = fn(u32) -> Vec<u8>;
    let cases: [(&str, Broken); 5] = [
        ("malformed", |id| frame(HEADERS, LAST, id, &[0x83])),
        ("a window update of 0", |id| {
            [frame(HEADERS, WHOLE, id, &POST), window_update(id, 0)].concat()
        }),
        ("a window beyond the largest", |id| {
            [
                frame(HEADERS, WHOLE, id, &POST),
                window_update(id, 0x7fff_ffff),
            ]
            .concat()
        }),
        ("PRIORITY of 4 bytes", |id| {
            [
                frame(HEADERS, WHOLE, id, &POST),
                frame(PRIORITY, 0, id, &[0; 4]),
            ]
            .concat()
        }),
        ("fields behind the end", |id| {
            [
                frame(HEADERS, LAST, id, &POST),
                frame(HEADERS, LAST, id, &POST),
            ]
            .concat()
        }),
    ];
    for (name, broken) in cases {
        let mut peer = peer();
        let count = flood(&mut peer, |count| broken(2 * count + 1));
        assert!(count < 5_000, "{name}: {count}");
    }
}

/// Calls above the limit are refused; whoever makes nothing else is not served for ever.
#[test]
fn calls_above_the_limit() {
    let mut peer = peer();
    for id in 0..1000 {
        peer.send(&frame(HEADERS, WHOLE, 2 * id + 1, &POST));
    }
    for id in 1000..5000 {
        peer.send(&call(2 * id + 1, b"x"));
        assert!(peer.connection.open() <= 1000);
    }
    assert_eq!(peer.answered.reset.len(), 4000);
    assert!(peer
        .answered
        .reset
        .values()
        .all(|code| *code == REFUSED_STREAM));
}

/// CONTINUATION without end (CVE-2024-27316), empty or not.
#[test]
fn blocks_that_do_not_end() {
    for piece in [&[][..], &[0x82][..], &[0; 10_000][..]] {
        let mut peer = peer();
        peer.send(&frame(HEADERS, 0, 1, &POST));
        let count = flood(&mut peer, |_| frame(CONTINUATION, 0, 1, piece));
        assert!(count <= 32, "{count}");
    }
}

/// HPACK bombs (CVE-2016-6581, CVE-2026-49975): one large entry and thousands of references to it.
#[test]
fn fields_that_unpack_to_megabytes() {
    let mut large = POST.to_vec();
    large.extend([0x40, 1, b'a', 0x7f, 0xa1, 0x1e]);
    large.resize(large.len() + 4000, b'x');
    let bomb = [&POST[..], &[0xbe; 16_000]].concat();
    let mut peer = peer();
    peer.send(&frame(HEADERS, LAST, 1, &large));
    peer.send(&frame(HEADERS, LAST, 3, &bomb));
    assert_eq!(peer.answered.goaways, [(3 - 2, ENHANCE_YOUR_CALM)]);
    // 25,000 names.
    let mut peer = Peer::new(Limits::default(), 100);
    let names: Vec<u8> = (0..2_000u32)
        .flat_map(|n| literal(&format!("n{n}"), "v"))
        .collect();
    peer.send(
        &[
            hello(&[]),
            frame(HEADERS, LAST, 1, &[&POST[..], &names].concat()),
        ]
        .concat(),
    );
    assert_eq!(peer.answered.goaways, [(0, ENHANCE_YOUR_CALM)]);
}

/// Windows of nothing, and windows that open a byte at a time: what waits stays with the stream, and no more is
/// read while a socket is full (CVE-2019-9511, 9517).
#[test]
fn answers_that_nobody_takes() {
    let mut peer = Peer::new(Limits::default(), 10_000);
    peer.send(&hello(&[(INITIAL_WINDOW_SIZE, 0)]));
    for id in 0..2000 {
        peer.send(&call(2 * id + 1, b"x"));
    }
    assert_eq!(peer.answered.reset.len(), 1000);
    assert_eq!(peer.connection.waiting(), 1000 * 10_000);
    assert_eq!(peer.connection.open(), 1000);
    // All of a sudden none is wanted.
    for id in 0..1000 {
        peer.send(&rst_stream(2 * id + 1, 8));
    }
    assert_eq!((peer.connection.waiting(), peer.connection.open()), (0, 0));
}
