//! What memory is wanted for, and how the bound is divided.

use crate::memory::holding::{quanta, QUANTUM};

/// Connections that can take all they may and leave the next one its part.
const OWN_PARTS: usize = 72;
/// An own part is not smaller: some ten calls and their answers.
const MIN_OWN: usize = 64 * 1024;
/// Permits of each kind, at most.
const MAX_PERMITS: usize = 64;
/// Bytes that [`crate::memory::buffer_pool`] keeps for answers to come, at most.
const MAX_KEPT: usize = 32 * 1024 * 1024;

/// What memory is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// An open call, and what little comes with it.
    Call,
    /// A request message.
    Request,
    /// An answer message.
    Answer,
    /// Bytes on their way out, beside messages.
    Outgoing,
}

/// Permits and queues of messages.
pub(super) const REQUESTS: usize = 0;
pub(super) const ANSWERS: usize = 1;

impl Purpose {
    /// Its permit and queue, if it has some.
    pub(super) fn index(self) -> Option<usize> {
        match self {
            Purpose::Call | Purpose::Outgoing => None,
            Purpose::Request => Some(REQUESTS),
            Purpose::Answer => Some(ANSWERS),
        }
    }
}

/// How the bound is divided, in quanta but for the permits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Parts {
    /// What accounts can have in all.
    pub(super) total: usize,
    /// What one always can have.
    pub(super) own: usize,
    /// What they can have beyond their own parts, in all.
    pub(super) shared: usize,
    /// Permits of each kind.
    pub(super) permits: usize,
    /// Bytes kept for answers to come.
    pub(super) kept: usize,
}

impl Parts {
    pub(super) fn new(bound: usize, request: usize, answer: usize) -> Parts {
        let messages = request + answer;
        let bound = bound.max(least_bound(request, answer));
        let kept = (bound / 8).min(MAX_KEPT);
        let permits = (bound / 4 / messages.max(1)).clamp(1, MAX_PERMITS);
        let total = (bound - kept - permits * messages) / QUANTUM;
        let shared = total * 2 / 5;
        let own = (total - shared) / OWN_PARTS;
        Parts {
            total,
            own: own.max(quanta(MIN_OWN)),
            shared,
            permits,
            kept,
        }
    }
}

/// The least that `max.client.bytes` may be where requests and answers have at most so many bytes: two
/// of each, and a few hundred calls.
pub(crate) fn least_bound(request: usize, answer: usize) -> usize {
    (16 * 1024 * 1024).max(request.saturating_add(answer).saturating_mul(2))
}
