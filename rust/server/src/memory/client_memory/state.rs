//! Who has what: accounts, their permits, and their turns.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::client::Client;
use super::parts::{Parts, Purpose, REQUESTS};
use crate::memory::holding::{Holding, QUANTUM};

/// A client that took so many bytes is known to read.
const READS: u64 = 32 * 1024;
/// Between two looks for unused quanta in all accounts.
const SWEEP_PAUSE: Duration = Duration::from_millis(5);

/// A client that others wait for is judged by what it moved in so long.
const STALL: Duration = Duration::from_secs(1);
/// And has to move all that waits for it within so many of them.
const PACE: u64 = 30;
/// A client that was refused is looked after for so long, or until somebody gave way.
const REMEMBERED: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(super) struct State {
    /// How the bound is divided.
    pub(super) parts: Parts,
    /// Quanta that accounts have.
    pub(super) given: usize,
    /// Those of them that are beyond the own part of their account.
    pub(super) beyond: usize,
    pub(super) members: HashMap<u64, Member>,
    /// Accounts with charges that wait, in the order of their turns.
    pub(super) turns: VecDeque<u64>,
    /// Permits that are taken.
    pub(super) permits: [usize; 2],
    pub(super) next: u64,
    /// When accounts were last asked for unused quanta with little success.
    pub(super) swept: Option<Instant>,
    /// Most quanta that accounts had since freed memory was last given back to the system, and when that
    /// was.
    pub(super) most: usize,
    pub(super) gave_back: Option<Instant>,
    /// The least that somebody held who was refused since the last look.
    pub(super) refused: Option<usize>,
    /// For whom somebody has to give way.
    pub(super) wanted: Option<Wanted>,
}

/// A client that was refused: remembered for a while, as it may come again by another connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// Bytes that it held.
    pub(super) held: usize,
    /// When a look found it.
    pub(super) at: Instant,
}

/// An account, as the server sees it.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) holding: Arc<Holding>,
    /// Whose it is, if that is told.
    pub(super) client: Option<Client>,
    pub(super) permits: [bool; 2],
    pub(super) waiting: [VecDeque<Waiting>; 2],
    /// A call was refused since the last look.
    pub(super) refused: bool,
    pub(super) mark: Option<Mark>,
    /// Whether it moved what waited for it, when it was last judged; `None` if hardly anything did.
    pub(super) moves: Option<bool>,
    /// Whether it moved next to nothing for what it held, when it was last judged.
    pub(super) rests: bool,
}

#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) number: u64,
    pub(super) bytes: usize,
    pub(super) grant: oneshot::Sender<Grant>,
}

/// What a client had moved, and what waited for it, at a time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    pub(super) at: Instant,
    pub(super) moved: u64,
    pub(super) owed: usize,
    pub(super) used: usize,
}

/// Room that was given. It does nothing by itself: who has it gives it back.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    /// Bytes used of the account's quanta; 0 with a permit.
    pub(crate) bytes: usize,
    /// The permit that was taken instead.
    pub(crate) permit: Option<Purpose>,
}

impl Member {
    /// Whether its client is known to read.
    pub(super) fn reads(&self) -> bool {
        !self.is_stalled() && self.holding.has_taken(READS)
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.waiting.iter().any(|queue| !queue.is_empty())
    }

    /// Judges, now and then, whether its client moves what waits for it.
    pub(super) fn judge(&mut self, now: Instant) {
        let here = Mark {
            at: now,
            moved: self.holding.moved(),
            owed: self.holding.owed(),
            used: self.holding.used(),
        };
        let mark = *self.mark.get_or_insert(here);
        if now - mark.at < STALL {
            return;
        }
        self.mark = Some(here);
        let owed = mark.owed.min(here.owed) as u64;
        let at_this_pace = (here.moved - mark.moved) * PACE;
        let moves = at_this_pace >= owed;
        self.rests = at_this_pace < mark.used.min(here.used) as u64;
        self.moves = (owed >= QUANTUM as u64).then_some(moves);
    }

    /// Whether it waits for its own client: that has much to take or to bring, and is not known to do so.
    /// For its sake nobody has to go, or clients that do not read would hang up on each other.
    pub(super) fn holds_up(&self) -> bool {
        self.holding.owed() >= QUANTUM && self.moves != Some(true) && !self.reads()
    }

    /// Whether it has calls open with which it does next to nothing, and has them for more than twice what
    /// somebody holds who is refused: such calls owe nobody anything, and may last without limit.
    pub(super) fn gives_way_to(&self, held: usize) -> bool {
        self.rests && self.holding.used() >= 2 * held.max(QUANTUM)
    }

    /// Whether it does not move what waits for it.
    pub(super) fn is_stalled(&self) -> bool {
        self.moves == Some(false) && self.holding.owed() >= QUANTUM
    }
}

impl State {
    /// Nobody has anything.
    pub(super) fn new(parts: Parts) -> State {
        State {
            parts,
            given: 0,
            beyond: 0,
            members: HashMap::new(),
            turns: VecDeque::new(),
            permits: [0; 2],
            next: 0,
            swept: None,
            most: 0,
            gave_back: None,
            refused: None,
            wanted: None,
        }
    }

    /// Divides another bound from now on.
    pub(super) fn divide(&mut self, parts: Parts) {
        self.parts = parts;
        // What is beyond own parts is counted anew.
        self.swept = None;
        self.sweep();
    }

    pub(super) fn next_number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    /// Notes that a call was refused. For one that waits for its own client nobody has to go.
    pub(super) fn refuse(&mut self, number: u64) {
        let Some(member) = self.members.get_mut(&number) else {
            return;
        };
        member.refused = true;
        if !member.holds_up() {
            let held = member.holding.used();
            self.refused = Some(self.refused.map_or(held, |least| least.min(held)));
        }
    }

    /// For whom somebody has to give way now: who held least of those that were refused lately.
    pub(super) fn find_wanted(&mut self, now: Instant) -> Option<Wanted> {
        let fresh = self.refused.take().map(|held| Wanted { held, at: now });
        let before = self.wanted.filter(|before| now - before.at < REMEMBERED);
        let both = fresh.into_iter().chain(before);
        self.wanted = both.min_by_key(|wanted| wanted.held);
        self.wanted
    }

    pub(super) fn get(&mut self, number: u64, purpose: Purpose, bytes: usize) -> Option<Grant> {
        let holding = Arc::clone(&self.members.get(&number)?.holding);
        while let Err(missing) = holding.try_use(bytes) {
            let before = holding.given();
            let after = before + missing;
            if !self.allows(purpose, before, after) {
                return self.take_place(number, purpose);
            }
            holding.give(missing);
            self.count(before, after);
        }
        Some(Grant {
            bytes,
            permit: None,
        })
    }

    /// Whether an account may have `after` quanta instead of `before`.
    pub(super) fn allows(&self, purpose: Purpose, before: usize, after: usize) -> bool {
        if self.given - before + after > self.parts.total {
            return false;
        }
        // Requests get less than answers: one that cannot be answered holds its memory for nothing.
        // And both less than calls, so that a client is not refused for answers that are on their way.
        let (own, times) = match purpose {
            Purpose::Call => (self.parts.own, 8),
            Purpose::Answer | Purpose::Outgoing => (self.parts.own * 3 / 4, 3),
            Purpose::Request => (self.parts.own * 3 / 4, 1),
        };
        if after <= own {
            return true;
        }
        let beyond = after.saturating_sub(self.parts.own).max(1);
        let others = self.beyond - before.saturating_sub(self.parts.own);
        others + beyond + beyond.div_ceil(times) <= self.parts.shared
    }

    pub(super) fn count(&mut self, before: usize, after: usize) {
        self.given = self.given - before + after;
        self.most = self.most.max(self.given);
        self.beyond = self.beyond - before.saturating_sub(self.parts.own)
            + after.saturating_sub(self.parts.own);
    }

    pub(super) fn take_place(&mut self, number: u64, purpose: Purpose) -> Option<Grant> {
        let index = purpose.index()?;
        let member = self.members.get_mut(&number)?;
        let permits = if member.reads() {
            self.parts.permits
        } else {
            self.parts.permits.div_ceil(2)
        };
        if member.permits[index] || self.permits[index] >= permits {
            return None;
        }
        member.permits[index] = true;
        self.permits[index] += 1;
        Some(Grant {
            bytes: 0,
            permit: Some(purpose),
        })
    }

    pub(super) fn return_permit(&mut self, number: u64, purpose: Purpose) {
        let (Some(index), Some(member)) = (purpose.index(), self.members.get_mut(&number)) else {
            return;
        };
        if std::mem::take(&mut member.permits[index]) {
            self.permits[index] -= 1;
        }
    }

    pub(super) fn take_unused(&mut self, number: u64, keep: usize) {
        let Some(member) = self.members.get(&number) else {
            return;
        };
        let before = member.holding.given();
        let taken = member.holding.take_unused(keep);
        self.count(before, before - taken);
    }

    /// Takes what accounts do not use, unless there was hardly any a moment ago. Returns whether it
    /// did.
    pub(super) fn sweep(&mut self) -> bool {
        let now = Instant::now();
        if self.swept.is_some_and(|swept| now - swept < SWEEP_PAUSE) {
            return false;
        }
        let (mut given, mut beyond, mut taken) = (0, 0, 0);
        for member in self.members.values() {
            taken += member.holding.take_unused(0);
            let left = member.holding.given();
            given += left;
            beyond += left.saturating_sub(self.parts.own);
        }
        (self.given, self.beyond) = (given, beyond);
        self.swept = (taken <= self.members.len() / 8).then_some(now);
        true
    }

    /// Gives room to the first of an account that waits for it. Returns whether one waits less.
    pub(super) fn serve(&mut self, number: u64, purpose: Purpose) -> bool {
        let Some(queue) = purpose.index() else {
            return false;
        };
        let first = |state: &State| -> Option<usize> {
            Some(state.members.get(&number)?.waiting[queue].front()?.bytes)
        };
        let Some(bytes) = first(self) else {
            return false;
        };
        let Some(grant) = self.get(number, purpose, bytes) else {
            return false;
        };
        let Some(member) = self.members.get_mut(&number) else {
            return false;
        };
        let Some(waiting) = member.waiting[queue].pop_front() else {
            return false;
        };
        member.holding.end_waiting(queue == REQUESTS);
        if let Err(grant) = waiting.grant.send(grant) {
            // It gives up, and has not come to say so.
            member.holding.release(grant.bytes);
            if let Some(permit) = grant.permit {
                self.return_permit(number, permit);
            }
        }
        true
    }
}
