//! What a turn of a connection hands out.

use std::ops::Range;

use crate::error::ErrorCode;
use crate::hpack::field::Head;

/// A request that is whole, or the beginning of one whose body is handed out as it comes.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    /// The stream, by which it is known until it is answered.
    pub stream: u32,
    /// What its fields mean.
    pub head: Head,
    pub(crate) body: BodyAt,
    /// Its place among the calls of its turn.
    pub(crate) number: u32,
    pub(crate) turn: u32,
}

/// Where the body of a call is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyAt {
    /// In one piece, where it came.
    Input { at: u32, length: u32 },
    /// Put together of pieces, beside others.
    Gathered { at: u32, length: u32 },
    /// The same, large, and by itself.
    Large(u32),
}

impl BodyAt {
    pub(crate) const NOTHING: BodyAt = BodyAt::Input { at: 0, length: 0 };

    pub(crate) fn input(range: &Range<usize>) -> BodyAt {
        BodyAt::Input {
            at: range.start as u32,
            length: range.len() as u32,
        }
    }
}

/// What else happened.
#[derive(Debug, Clone, Copy)]
pub enum Event {
    /// A call began whose body is handed out as it comes ([`crate::Vocabulary::wanted`]).
    Opened(Call),
    /// There is more of such a body ([`crate::Answers::received`]).
    Data(u32),
    /// There is no more of it.
    Ended(u32),
    /// A body that is not whole has filled half of its window, and gets no further unless it is permitted
    /// ([`crate::Answers::permit`]).
    Large(u32),
    /// A call that was handed out is over: its client cancelled it, or broke a rule on it. What is
    /// answered to it goes nowhere.
    Reset(u32, ErrorCode),
    /// A PING of [`crate::Connection::ping`] was answered.
    Pong([u8; 8]),
    /// The client has answered the PING behind GOAWAY, so no call can be on its way that was made before it
    /// read that ([`crate::Connection::say_last`]).
    GoAwayHeard,
}

/// The bodies of the calls of a turn, and the texts of their paths.
#[derive(Debug, Clone, Copy)]
pub struct Bodies<'c> {
    pub(crate) input: &'c [u8],
    pub(crate) gathered: &'c [u8],
    pub(crate) large: &'c [Vec<u8>],
    pub(crate) paths: &'c [u8],
}

impl<'c> Bodies<'c> {
    /// The body of a call of this turn; empty for one of another.
    #[inline]
    pub fn of(&self, call: &Call) -> &'c [u8] {
        let (bytes, at, length) = match call.body {
            BodyAt::Input { at, length } => (self.input, at, length),
            BodyAt::Gathered { at, length } => (self.gathered, at, length),
            BodyAt::Large(number) => {
                let body = self.large.get(number as usize);
                return body.map_or(&[], |body| &body[..]);
            }
        };
        let at = at as usize;
        bytes.get(at..at + length as usize).unwrap_or_default()
    }

    /// The path of a call of this turn, begun or whole, if its text is wanted
    /// ([`crate::Vocabulary::wants_text`]).
    pub fn path_of(&self, call: &Call) -> Option<&'c [u8]> {
        self.paths.get(call.head.text()?)
    }
}
