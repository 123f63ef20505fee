//! What all connections of a client have in common.

use crate::frame::{put_window_update, HEAD_BYTES, MAX_31, PREFACE};
use crate::hpack::decoder::StaticMeanings;
use crate::hpack::encoder::Taught;
use crate::hpack::field::{Head, Vocabulary, Wanted};
use crate::settings::{
    self, DEFAULT_FRAME, DEFAULT_WINDOW, ENABLE_PUSH, INITIAL_WINDOW_SIZE, LARGEST_FRAME,
    MAX_FRAME_SIZE, MAX_HEADER_LIST_SIZE,
};

/// Streams of a client are odd; no request is begun behind this one.
pub(super) const LAST_STREAM: u32 = MAX_31;

/// Limits of a client's connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientLimits {
    /// Requests that are open at once, at most; the server may allow fewer.
    pub streams: u32,
    /// Bytes of a body that may come before they are taken.
    pub stream_window: u32,
    /// Bytes that may be under way on the connection, 65,535 at least.
    pub connection_window: u32,
    /// Bytes of a frame, 16,384 to 16,777,215.
    pub frame_bytes: u32,
    /// Bytes of a response's fields, 32 for each included. With more the connection ends, as its tables cannot be read on.
    pub header_bytes: u32,
    /// Bytes of the body of a response that is wanted whole; a larger one is broken ([`crate::Heard::Broken`]).
    pub body_bytes: usize,
    /// Bytes that wait to be written; with more nothing is read.
    pub unsent_bytes: usize,
    /// Bytes that are read at a time, a frame at least.
    pub input_bytes: usize,
}

impl Default for ClientLimits {
    fn default() -> ClientLimits {
        ClientLimits {
            streams: 1000,
            stream_window: 1024 * 1024,
            connection_window: 16 * 1024 * 1024,
            frame_bytes: 64 * 1024,
            header_bytes: 16 * 1024,
            body_bytes: 64 * 1024 * 1024,
            unsent_bytes: 1024 * 1024,
            input_bytes: 64 * 1024,
        }
    }
}

impl ClientLimits {
    /// The nearest that HTTP/2 allows.
    fn within_bounds(self) -> ClientLimits {
        let frame_bytes = self.frame_bytes.clamp(DEFAULT_FRAME, LARGEST_FRAME);
        ClientLimits {
            streams: self.streams.max(1),
            stream_window: self.stream_window.min(MAX_31),
            connection_window: self.connection_window.clamp(DEFAULT_WINDOW, MAX_31),
            unsent_bytes: self.unsent_bytes.max(1),
            input_bytes: self.input_bytes.max(HEAD_BYTES + frame_bytes as usize),
            frame_bytes,
            ..self
        }
    }
}

/// Gives fields of responses a meaning, as [`Vocabulary`] does for those of requests.
pub trait ResponseVocabulary {
    /// The number, less than [`crate::WATCHED`], of a name that is watched for.
    fn watched(&self, name: &[u8]) -> Option<u8>;

    /// What is kept of a value of the name with that number.
    fn value(&self, number: u8, value: &[u8]) -> u64;

    /// Whether the text of a value is wanted too whose name has that number. One text of a block is told, the last.
    fn wants_text_of(&self, number: u8) -> bool {
        let _ = number;
        false
    }
}

/// The same as HPACK's tables ask for it. A response has no path, and is none that a server would have to read.
#[derive(Debug)]
pub(super) struct OfResponses<W>(pub(super) W);

impl<W: ResponseVocabulary> Vocabulary for OfResponses<W> {
    fn watched(&self, name: &[u8]) -> Option<u8> {
        self.0.watched(name)
    }

    fn value(&self, number: u8, value: &[u8]) -> u64 {
        self.0.value(number, value)
    }

    fn path(&self, _: &[u8]) -> u64 {
        0
    }

    fn wants_text_of(&self, number: u8) -> bool {
        self.0.wants_text_of(number)
    }

    fn wanted(&self, _: &Head) -> Wanted {
        Wanted::Whole
    }
}

/// What all connections of a client share: limits, what fields mean, what is sent often.
#[derive(Debug)]
pub struct ClientProtocol<W> {
    pub(super) vocabulary: OfResponses<W>,
    pub(super) taught: Taught,
    pub(super) limits: ClientLimits,
    pub(super) statics: StaticMeanings,
    /// What a client says first.
    pub(super) greeting: Vec<u8>,
}

impl<W: ResponseVocabulary> ClientProtocol<W> {
    /// Limits that HTTP/2 does not allow become the nearest that it does. `taught` are fields that many requests have,
    /// such as their path.
    pub fn new(limits: ClientLimits, taught: Taught, vocabulary: W) -> ClientProtocol<W> {
        let limits = limits.within_bounds();
        let vocabulary = OfResponses(vocabulary);
        let mut greeting = PREFACE.to_vec();
        let entries = [
            (ENABLE_PUSH, 0),
            (INITIAL_WINDOW_SIZE, limits.stream_window),
            (MAX_FRAME_SIZE, limits.frame_bytes),
            (MAX_HEADER_LIST_SIZE, limits.header_bytes),
        ];
        settings::put(&entries, &mut greeting);
        let more = limits.connection_window - DEFAULT_WINDOW;
        if more > 0 {
            put_window_update(&mut greeting, 0, more);
        }
        ClientProtocol {
            statics: StaticMeanings::new(&vocabulary),
            vocabulary,
            taught,
            limits,
            greeting,
        }
    }
}
