//! Whose turn it is: work that is new, and work that has begun and was not done in its turn.
//!
//! ```text
//!   new ---> [ fresh ] --- first turn ---> done
//!                              |
//!                              v  not done
//!                          [ resting ] <----- who has a place too many, or had it for long
//!                              |  a place is free            ^
//!                              v                             |
//!                          [ begun ] --- one more turn ------+---> done
//! ```
//!
//! Each of the three is shared fairly by connections ([`crate::read_path::fair_queue`]), and bounded. That is what they are for:
//!
//! * A short request is done in its first turn, however many long ones there are, of its own connection too: it waits for
//!   other first turns, and for as much time of those that have begun.
//! * Those that have begun take turns among few, so they come to their ends one after the other, instead of all of them too late.
//! * However many have begun, none of them has a place of one that is new.
//! * What a connection has of the places is no more than others have, if others want them; and who has had one for
//!   [`TURNS_IN_A_ROW`] turns leaves it to who waits.
//!
//! Nothing is lost of what rests, until more rests than there is room for: then the connection that has most of it gives way.
//! Where nothing ever begins and comes back, as at the disk, there is only the first queue.

use std::collections::HashMap;
use std::time::Duration;

use crate::read_path::failure::Failure;
use crate::read_path::fair_queue::{self, FairQueue, Pushed};

/// Places for work that has begun, for each thread. Few: what takes a tenth of a second by itself ends within a second, a Fast
/// Client's time-out for a route, beside as many others.
pub(crate) const PLACES_PER_THREAD: usize = 8;
/// So many turns work has its place, if other work waits for one.
const TURNS_IN_A_ROW: u32 = 64;
/// Lanes that are looked at after a turn for one that should have its place instead. Where more wait, others are looked at after the
/// next one.
const LOOKED_AT: usize = 8;
/// So much more time one of both kinds, first turns and later ones, may have had than the other, which then makes up for it.
const LEAD: Duration = Duration::from_millis(100);

/// What threads of a pool do. All but [`Work::full`] is called under the queue's lock.
pub(super) trait Work: Send + 'static {
    /// Where it stands, for who waits for it.
    type Place: Send;

    /// Why it fails where there is no room in the queue.
    fn full() -> Failure;
    /// It comes, behind so many.
    fn comes(&mut self, ahead: usize);
    /// Where it will stand.
    fn place(&self) -> Self::Place;
    /// Now it stands there.
    fn stands(place: &mut Self::Place, ticket: Ticket);
    /// Where it stands, if it does; it is about to leave.
    fn leaves(place: &mut Self::Place) -> Option<Ticket>;
    /// A thread has it.
    fn begins(&self) {}
}

/// Where work stands, while it does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ticket {
    queue: Which,
    at: fair_queue::Ticket,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    Fresh,
    Begun,
    Resting,
}

/// Work that has its turn.
pub(super) struct Turn<W> {
    pub(super) work: W,
    pub(super) of: Of,
}

/// Whose turn it is, or was.
#[derive(Debug, Clone, Copy)]
pub(super) struct Of {
    lane: u64,
    /// Turns in its place until now; `None` of the first turn of all.
    turns: Option<u32>,
}

/// A turn that is over.
pub(super) struct Over<W> {
    pub(super) of: Of,
    pub(super) took: Duration,
    /// Work that is not done.
    pub(super) goes_on: Option<W>,
}

impl<W> Over<W> {
    /// Of work that is done. How long it took is of no account where all work is done in one turn.
    pub(super) fn done(of: Of) -> Over<W> {
        Over {
            of,
            took: Duration::ZERO,
            goes_on: None,
        }
    }
}

/// Work that has begun.
struct Begun<W> {
    work: W,
    turns: u32,
}

/// All that waits for a turn.
pub(super) struct Turns<W> {
    fresh: FairQueue<W>,
    begun: FairQueue<Begun<W>>,
    resting: FairQueue<W>,
    /// Places that are taken, by lane: of work in `begun`, and of work that has its turn.
    taken: HashMap<u64, usize>,
    free: usize,
    /// Nanoseconds that first turns had more than the later ones.
    lead: i128,
}

impl<W: Work> Turns<W> {
    /// Room for so much new work, and as much that rests, with `places` for what has begun.
    pub(super) fn new(capacity: usize, places: usize) -> Turns<W> {
        Turns {
            fresh: FairQueue::new(capacity),
            begun: FairQueue::new(places),
            resting: FairQueue::new(capacity),
            taken: HashMap::new(),
            free: places,
            lead: 0,
        }
    }

    /// All that waits.
    pub(super) fn len(&self) -> usize {
        self.fresh.len() + self.begun.len() + self.resting.len()
    }

    /// New work. What gives way to it is dropped, by which who waits for it is told.
    pub(super) fn push(&mut self, lane: u64, work: W, place: &mut W::Place) -> Result<(), Failure> {
        match self.fresh.push(lane, work) {
            Pushed::In(at, _gave_way) => {
                let queue = Which::Fresh;
                W::stands(place, Ticket { queue, at });
                Ok(())
            }
            Pushed::Full(_) => Err(W::full()),
        }
    }

    /// The next turn. Both kinds have half of the time, as long as there is work of both.
    pub(super) fn next(&mut self) -> Option<Turn<W>> {
        let fresh_first = self.lead <= 0;
        let (work, of) = match fresh_first || self.begun.len() == 0 {
            true => self.next_fresh().or_else(|| self.next_begun()),
            false => self.next_begun(),
        }?;
        work.begins();
        Some(Turn { work, of })
    }

    fn next_fresh(&mut self) -> Option<(W, Of)> {
        let (lane, work) = self.fresh.pop()?;
        Some((work, Of { lane, turns: None }))
    }

    fn next_begun(&mut self) -> Option<(W, Of)> {
        let (lane, Begun { work, turns }) = self.begun.pop()?;
        let turns = Some(turns);
        Some((work, Of { lane, turns }))
    }

    /// A turn is over. Returns work that has to give way, to be dropped.
    pub(super) fn over(&mut self, over: Over<W>) -> Option<W> {
        let Over { of, took, goes_on } = over;
        let took = took.as_nanos() as i128;
        let most = LEAD.as_nanos() as i128;
        let lead = match of.turns {
            None => self.lead + took,
            Some(_) => self.lead - took,
        };
        self.lead = lead.clamp(-most, most);
        match (goes_on, of.turns) {
            (None, None) => None,
            (None, Some(_)) => {
                self.leave_place(of.lane);
                None
            }
            (Some(work), None) => {
                let gave_way = self.rest(of.lane, work);
                self.fill_places();
                gave_way
            }
            (Some(work), Some(turns)) => {
                self.go_on(of.lane, work, turns + 1);
                None
            }
        }
    }

    /// Takes work out, wherever it stands.
    pub(super) fn remove(&mut self, ticket: Ticket) -> Option<W> {
        match ticket.queue {
            Which::Fresh => self.fresh.remove(ticket.at),
            Which::Resting => self.resting.remove(ticket.at),
            Which::Begun => {
                let lane = self.begun.lane_of(ticket.at)?;
                let begun = self.begun.remove(ticket.at)?;
                self.leave_place(lane);
                Some(begun.work)
            }
        }
    }

    /// Drops all.
    pub(super) fn clear(&mut self) {
        self.fresh.clear();
        self.begun.clear();
        self.resting.clear();
    }

    /// Work rests that was not done in its first turn. Returns what has to give way, which may be that work itself.
    fn rest(&mut self, lane: u64, work: W) -> Option<W> {
        let mut place = work.place();
        match self.resting.push(lane, work) {
            Pushed::In(at, gave_way) => {
                let queue = Which::Resting;
                W::stands(&mut place, Ticket { queue, at });
                gave_way
            }
            Pushed::Full(work) => Some(work),
        }
    }

    /// Work has a place, which it keeps unless somebody should have it instead.
    fn go_on(&mut self, lane: u64, work: W, turns: u32) {
        let waits = self.resting.len() > 0 && turns >= TURNS_IN_A_ROW;
        if !waits && !self.has_too_many(lane) {
            return self.wait_in_place(lane, work, turns);
        }
        // First the other one, so that there is room where it rested.
        self.release(lane);
        self.fill_places();
        let mut place = work.place();
        let at = self.resting.put(lane, work);
        let queue = Which::Resting;
        W::stands(&mut place, Ticket { queue, at });
    }

    /// Whether a lane has two places more than one that waits, which is the next one then.
    fn has_too_many(&mut self, lane: u64) -> bool {
        let own = self.places_of(lane);
        if own < 2 {
            return false;
        }
        for _ in 0..LOOKED_AT {
            match self.resting.next_lane() {
                Some(next) if own > self.places_of(next) + 1 => return true,
                Some(_) => self.resting.pass(),
                None => return false,
            }
        }
        false
    }

    fn wait_in_place(&mut self, lane: u64, work: W, turns: u32) {
        let mut place = work.place();
        let at = self.begun.put(lane, Begun { work, turns });
        let queue = Which::Begun;
        W::stands(&mut place, Ticket { queue, at });
    }

    fn places_of(&self, lane: u64) -> usize {
        self.taken.get(&lane).copied().unwrap_or(0)
    }

    fn release(&mut self, lane: u64) {
        if let Some(places) = self.taken.get_mut(&lane) {
            self.free += 1;
            *places -= 1;
            if *places == 0 {
                self.taken.remove(&lane);
            }
        }
    }

    fn leave_place(&mut self, lane: u64) {
        self.release(lane);
        self.fill_places();
    }

    fn fill_places(&mut self) {
        while self.free > 0 {
            let Some((lane, work)) = self.resting.pop() else {
                return;
            };
            self.free -= 1;
            *self.taken.entry(lane).or_insert(0) += 1;
            self.wait_in_place(lane, work, 0);
        }
    }
}

#[cfg(test)]
mod tests;
