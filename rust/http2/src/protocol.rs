//! What all connections of a server have in common.

use crate::frame::{put_window_update, MAX_31};
use crate::hpack::decoder::StaticMeanings;
use crate::hpack::encoder::Taught;
use crate::hpack::field::Vocabulary;
use crate::settings::{
    self, DEFAULT_FRAME, DEFAULT_WINDOW, INITIAL_WINDOW_SIZE, LARGEST_FRAME,
    MAX_CONCURRENT_STREAMS, MAX_FRAME_SIZE, MAX_HEADER_LIST_SIZE,
};

/// Limits of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Calls that may be open at once. More are refused (REFUSED_STREAM).
    pub streams: u32,
    /// Bytes of a body that may come before the user of the crate takes or permits them. A client that has not read
    /// SETTINGS yet may send 65,535 (RFC 9113, 6.9.2): with fewer here, such a call is reset (FLOW_CONTROL_ERROR).
    pub stream_window: u32,
    /// Bytes that may be under way on a connection, 65,535 at least.
    pub connection_window: u32,
    /// Bytes of a frame, 16,384 to 16,777,215.
    pub frame_bytes: u32,
    /// Bytes of a request's fields, 32 for each included. A call with more gets status 431; four times as
    /// much ends the connection.
    pub header_bytes: u32,
    /// Bytes of bodies that are not whole, all calls together, but for those that are permitted. What is
    /// more is refused (REFUSED_STREAM). The window of the connection bounds them too, as what is held is not given
    /// back: with as much here as that, none is refused.
    pub held_bytes: usize,
    /// With so many calls a turn hands out no more; each counts as many as it takes as long as ([`Vocabulary::weight`]), so
    /// that the last one may go beyond.
    pub calls_of_turn: usize,
    /// With so many bytes of their bodies a turn hands out no more, so that who makes large calls has no larger share of a thread than
    /// who makes small ones. Of each body the first [`Limits::SMALL_BODY`] are not counted.
    pub bodies_of_turn: usize,
    /// Bytes that wait to be written; with more nothing is read.
    pub unsent_bytes: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            streams: 1000,
            stream_window: 128 * 1024,
            connection_window: 256 * 1024,
            frame_bytes: 64 * 1024,
            header_bytes: 16 * 1024,
            held_bytes: 1024 * 1024,
            calls_of_turn: 64,
            bodies_of_turn: 2 * 1024,
            unsent_bytes: 256 * 1024,
        }
    }
}

impl Limits {
    /// A call with a body of no more bytes is a small one.
    pub const SMALL_BODY: usize = 128;

    /// The nearest that HTTP/2 allows.
    fn within_bounds(self) -> Limits {
        Limits {
            streams: self.streams.max(1),
            stream_window: self.stream_window.min(MAX_31),
            connection_window: self.connection_window.clamp(DEFAULT_WINDOW, MAX_31),
            frame_bytes: self.frame_bytes.clamp(DEFAULT_FRAME, LARGEST_FRAME),
            header_bytes: self.header_bytes.min(MAX_31 / 4),
            calls_of_turn: self.calls_of_turn.max(1),
            bodies_of_turn: self.bodies_of_turn.max(1),
            unsent_bytes: self.unsent_bytes.max(1),
            ..self
        }
    }
}

/// What all connections of a server share: limits, what fields mean, what is sent often.
#[derive(Debug)]
pub struct Protocol<V> {
    pub(crate) vocabulary: V,
    pub(crate) taught: Taught,
    pub(crate) limits: Limits,
    pub(crate) statics: StaticMeanings,
    /// What a server says first.
    pub(crate) greeting: Vec<u8>,
}

impl<V: Vocabulary> Protocol<V> {
    /// What fields mean.
    pub fn vocabulary(&self) -> &V {
        &self.vocabulary
    }

    /// Limits that HTTP/2 does not allow become the nearest that it does.
    pub fn new(limits: Limits, taught: Taught, vocabulary: V) -> Protocol<V> {
        let limits = limits.within_bounds();
        let mut greeting = Vec::new();
        let entries = [
            (MAX_CONCURRENT_STREAMS, limits.streams),
            (INITIAL_WINDOW_SIZE, limits.stream_window),
            (MAX_FRAME_SIZE, limits.frame_bytes),
            (MAX_HEADER_LIST_SIZE, limits.header_bytes),
        ];
        settings::put(&entries, &mut greeting);
        let more = limits.connection_window - DEFAULT_WINDOW;
        if more > 0 {
            put_window_update(&mut greeting, 0, more);
        }
        Protocol {
            statics: StaticMeanings::new(&vocabulary),
            vocabulary,
            taught,
            limits,
            greeting,
        }
    }
}
