//! Floods end, and what clients send beside calls does not count as one.

use super::*;
use crate::transport::frames::PRIORITY;

fn frame(kind: u8, flags: u8, length: usize) -> Vec<u8> {
    let head = Head {
        length,
        kind,
        flags,
        stream: 1,
    };
    let mut frame = head.encode().to_vec();
    frame.resize(frame.len() + length, 0xFF);
    frame
}

/// Sends a frame until the connection ends; returns how many were taken.
fn flood(guard: &mut FloodGuard, frame: &[u8]) -> (u32, Flood) {
    // Time brings credits as well, but not a hundred seconds' worth.
    (0..300_000)
        .find_map(|count| guard.received(frame).err().map(|flood| (count, flood)))
        .expect("the flood is noticed")
}

/// Of a client that makes many calls at once, HTTP/2 gets those of a turn, wherever the bytes are cut: a few at
/// first, more each time that it had all of them.
#[test]
fn a_turn_begins_so_many_calls() {
    let call = |at: usize| {
        let head = Head {
            length: 30,
            kind: HEADERS,
            flags: 4,
            stream: 2 * at as u32 + 1,
        };
        [&head.encode()[..], &[7; 30], &frame(PING, 0, 8)].concat()
    };
    let of_a_call = call(0).len();
    for step in [1, 9, 100, 1_000_000] {
        let mut meter = FloodGuard::new(100);
        let mut calls = 0..;
        // Calls of each turn, with so many at once.
        let mut turns = |at_once: usize| {
            let bytes: Vec<u8> = calls.by_ref().take(at_once).flat_map(call).collect();
            let (mut at, mut turns, mut before) = (0, Vec::new(), 0);
            while at < bytes.len() {
                let piece = &bytes[at..bytes.len().min(at + step)];
                at += meter.received_in_turn(piece).unwrap();
                if meter.turn_is_over() {
                    // Behind the head of the last call of the turn.
                    assert_eq!(at % of_a_call, 9, "pieces of {step}");
                    turns.push(at / of_a_call + 1 - before);
                    before = at / of_a_call + 1;
                    meter.begin_turn();
                }
            }
            meter.begin_turn();
            turns
        };
        assert_eq!(turns(20), [8, 8]);
        assert!(turns(7).is_empty());
        assert_eq!(turns(30), [16, 8]);
        assert_eq!(turns(50), [32, 8, 8]);
        assert_eq!(turns(100), [64, 8, 8, 8, 8]);
        assert!(turns(127).is_empty(), "as with a hundred calls in flight");
        assert_eq!(turns(150), [128, 8, 8]);
        assert_eq!(turns(20), [16], "once more from the beginning");
    }
    // What goes on with a call begins none.
    let mut meter = FloodGuard::new(100);
    let trailers = frame(HEADERS, 5, 3).repeat(100);
    assert_eq!(meter.received_in_turn(&trailers), Ok(trailers.len()));
}

#[test]
fn floods_end() {
    for (kind, length) in [
        (PING, 8),
        (SETTINGS, 0),
        (PRIORITY, 5),
        (WINDOW_UPDATE, 4),
        (DATA, 0),
        (99, 3),
    ] {
        let mut guard = FloodGuard::new(100);
        let (count, why) = flood(&mut guard, &frame(kind, 0, length));
        assert!(count >= CONTROL_CREDITS, "{kind}: {count}");
        assert_eq!(why, Flood::Control);
    }
}

#[test]
fn floods_that_the_server_answers_end() {
    // What it answers with entitles to nothing.
    for kind in [PING, SETTINGS] {
        let mut guard = FloodGuard::new(100);
        let taken = (0..200_000)
            .take_while(|_| {
                guard.written(&frame(kind, ACK, 8));
                guard.written(&frame(RST_STREAM, 0, 4));
                guard.written(&frame(WINDOW_UPDATE, 0, 4));
                guard.received(&frame(kind, 0, 8)).is_ok()
            })
            .count();
        assert!(taken < 100_000, "{kind}: {taken}");
    }
}

#[test]
fn answers_that_were_saved_up_are_bounded() {
    let mut guard = FloodGuard::new(100);
    for _ in 0..1_000_000 {
        guard.written(&frame(DATA, 0, 20));
    }
    let (count, why) = flood(&mut guard, &frame(PING, 0, 8));
    assert!(count >= MAX_ANSWERS + CONTROL_CREDITS, "{count}");
    assert_eq!(why, Flood::Control);
    // And pay for nothing but answers.
    let mut guard = FloodGuard::new(100);
    for _ in 0..1_000_000 {
        guard.written(&frame(DATA, 0, 20));
    }
    let (count, _) = flood(&mut guard, &frame(PRIORITY, 0, 5));
    assert!(count < 2 * CONTROL_CREDITS, "{count}");
}

#[test]
fn calls_that_are_cancelled_at_once_end() {
    let mut guard = FloodGuard::new(1000);
    let call = [frame(HEADERS, 5, 20), frame(RST_STREAM, 0, 4)].concat();
    let (count, why) = flood(&mut guard, &call);
    // All that may be open, twice over, and as many again by the calls themselves.
    assert!(count >= 3999, "{count}");
    assert_eq!(why, Flood::Resets);
}

#[test]
fn clients_that_read_never_run_short() {
    let mut guard = FloodGuard::new(100);
    for call in 0..100_000 {
        guard.received(&frame(HEADERS, 4, 30)).unwrap();
        guard.received(&frame(DATA, 1, 300)).unwrap();
        for _ in 0..3 {
            guard.received(&frame(WINDOW_UPDATE, 0, 4)).unwrap();
        }
        guard.received(&frame(PING, 0, 8)).unwrap();
        guard.written(&frame(HEADERS, 0, 20));
        guard.written(&frame(DATA, 0, 200));
        guard.written(&frame(HEADERS, 1, 10));
        // Every second one is cancelled.
        if call % 2 == 0 {
            guard.received(&frame(RST_STREAM, 0, 4)).unwrap();
        }
    }
}

/// What clients answer each DATA of a streamed answer with, at most.
#[test]
fn small_answers_on_one_call_pay_for_what_acknowledges_them() {
    let shapes: [(&str, &[u8]); 4] = [
        // Window of the connection, a PING, window of the stream.
        ("grpc-go", &[WINDOW_UPDATE, PING, WINDOW_UPDATE]),
        ("grpcio", &[PING, WINDOW_UPDATE, WINDOW_UPDATE]),
        ("grpc-java", &[PING]),
        ("grpc-js", &[WINDOW_UPDATE, WINDOW_UPDATE]),
    ];
    for (client, shape) in shapes {
        let mut guard = FloodGuard::new(100);
        guard.received(&frame(HEADERS, 4, 30)).unwrap();
        guard.written(&frame(HEADERS, 4, 30));
        for request in 0..100_000 {
            guard.received(&frame(DATA, 0, 40)).unwrap();
            // Records, and the footer.
            for length in [30, 20] {
                guard.written(&frame(DATA, 0, length));
                for &kind in shape {
                    let length = if kind == PING { 8 } else { 4 };
                    guard
                        .received(&frame(kind, 0, length))
                        .unwrap_or_else(|flood| panic!("{client}, {request}: {flood}"));
                }
                // The server answers a PING, and the client nothing to that.
                guard.written(&frame(PING, ACK, 8));
            }
        }
        assert_eq!(guard.control, CONTROL_CREDITS, "{client}");
    }
}

#[test]
fn large_answers_pay_for_their_window_updates() {
    for frame_bytes in [16 * 1024, 4 * 1024 * 1024] {
        let mut guard = FloodGuard::new(100);
        for _ in 0..(1 << 28) / frame_bytes {
            guard.written(&frame(DATA, 0, frame_bytes));
            let updates = 3 * frame_bytes / (16 * 1024);
            guard
                .received(&frame(WINDOW_UPDATE, 0, 4).repeat(updates))
                .unwrap();
        }
        assert_eq!(guard.control, CONTROL_CREDITS);
    }
}

#[test]
fn frames_are_told_apart_wherever_they_are_cut() {
    let frames = [
        frame(HEADERS, 4, 30),
        frame(DATA, 0, 0),
        frame(DATA, 1, 70),
        frame(PING, 0, 8),
        frame(RST_STREAM, 0, 4),
    ]
    .concat();
    let mut whole = FloodGuard::new(100);
    whole.received(&frames).unwrap();
    for step in 1..40 {
        let mut pieces = FloodGuard::new(100);
        for piece in frames.chunks(step) {
            pieces.received(piece).unwrap();
        }
        assert_eq!(
            (pieces.control, pieces.resets),
            (whole.control, whole.resets)
        );
    }
    assert_eq!(whole.control, CONTROL_CREDITS - 2);
    assert_eq!(whole.resets, whole.most_resets - 2);
}

#[test]
fn the_last_goaway_is_known_wherever_it_is_cut() {
    let goaway = |last: u32, code: u32, debug: &[u8]| {
        let payload = [&last.to_be_bytes()[..], &code.to_be_bytes(), debug].concat();
        let head = Head {
            length: payload.len(),
            kind: GOAWAY,
            flags: 0,
            stream: 0,
        };
        [&head.encode()[..], &payload].concat()
    };
    let written = [
        frame(SETTINGS, 0, 6),
        goaway(0x7FFF_FFFF, 0, b""),
        frame(PING, 0, 8),
        frame(DATA, 0, 100),
        goaway(7, 11, b"why"),
        frame(HEADERS, 5, 9),
    ]
    .concat();
    for step in 1..=written.len() {
        let mut guard = FloodGuard::new(100);
        guard.received(&frame(HEADERS, 4, 3)).unwrap();
        assert_eq!(guard.last_stream(), Some(1));
        for piece in written.chunks(step) {
            guard.written(piece);
        }
        assert_eq!(
            guard.goodbye(),
            Some(GoAway { last: 7, code: 11 }),
            "{step}"
        );
        assert_eq!(guard.last_ping(), Some([0xFF; 8]), "{step}");
        assert_eq!(guard.last_stream(), Some(1));
        guard.written(&frame(DATA, 0, 9)[..5]);
        assert_eq!(guard.last_stream(), None, "in the middle of a frame");
    }
}
