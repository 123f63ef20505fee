//! Cases of the tests of RFC 9113's rules: bytes of a client, and what has to come of them.

#![allow(dead_code, reason = "each test uses a part of it")]

use venice_http2::Limits;

use crate::peer::*;

/// What comes of bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The call on stream 1 is answered, and the next one too.
    Answered,
    /// That stream is reset; the next call is answered.
    Stream(u32),
    /// The connection ends.
    Connection(u32),
    /// Nothing; the next call is answered.
    Ignored,
}
pub(crate) use Verdict::*;

pub(crate) fn limits() -> Limits {
    Limits {
        frame_bytes: 16_384,
        ..Limits::default()
    }
}

pub(crate) fn verdict(bytes: &[u8]) -> Verdict {
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
pub(crate) fn check(cases: &[(&str, Vec<Vec<u8>>, Verdict)]) {
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

pub(crate) fn headers(block: &[u8]) -> Vec<u8> {
    frame(HEADERS, LAST, 1, block)
}

pub(crate) fn open() -> Vec<u8> {
    frame(HEADERS, WHOLE, 1, &POST)
}

pub(crate) fn end() -> Vec<u8> {
    frame(DATA, END_STREAM, 1, b"body")
}

pub(crate) fn with(fields: &[(&str, &str)]) -> Vec<u8> {
    let fields = fields.iter().flat_map(|(name, value)| literal(name, value));
    POST.into_iter().chain(fields).collect()
}
