//! What all clients together can make the server hold, and how they share it.
//!
//! A call is small, but there may be a thousand on a connection; a request that is not whole, and an
//! answer that the client does not read, are large. All of it is counted here, in one number of bytes
//! for the server (`max.client.bytes`), which is never passed. Where there is no room, a request waits
//! in its sender, an answer is given up and read again later, and a new call is refused.
//!
//! ```text
//!   max.client.bytes = buffers kept for answers | places | own parts of connections | shared part
//! ```
//!
//! * **Own part**: a connection gets so much whatever the others hold. There are 72 of them, so that 64
//!   clients that take all they can leave those beside them their part.
//! * **Shared part**: beyond its own a connection may hold a multiple of what nobody holds. So a lone
//!   client gets most of it, and it never runs out in one step (Choudhury and Hahne, "Dynamic queue
//!   length thresholds for shared-memory packet switches", 1998).
//! * **Places**: a message that is larger than that gets through by a place, one at a time for each
//!   connection and direction. Half of them are for clients that are known to read, which come first in
//!   any case: who never took anything cannot have them all. A request never waits for an answer to go, so requests and answers have
//!   places of their own, and those who hold one of each wait for nobody but their client.
//!
//! Who is waited for has to move: see [`ClientMemory::watch`]. Why it is shared so is in ADR 12.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{oneshot, Notify};
use tokio::time::{sleep, Instant};

use crate::config::Config;
use crate::holding::{quanta, Holding, QUANTUM};
use crate::settings::MAX_CLIENT_BYTES;

/// Connections that can take all they may and leave the next one its part.
const OWN_PARTS: usize = 72;
/// An own part is not smaller: some ten calls and their answers.
const LEAST_OWN: usize = 64 * 1024;
/// Places of each kind, at most.
const MOST_PLACES: usize = 64;
/// Bytes that [`crate::answer_buffer`] keeps for answers to come, at most.
const MOST_KEPT: usize = 32 * 1024 * 1024;

/// Quanta that an account keeps unused: it takes and gives them rarely.
const SLACK: usize = 16;
/// The same while others wait.
const SLACK_WHILE_WAITING: usize = 4;
/// Accounts that are looked at when room came, at most.
const SERVED_AT_ONCE: usize = 256;
/// A client that took so many bytes is known to read.
const READS: u64 = 32 * 1024;
/// Between two looks for unused quanta in all accounts.
const SWEEP_PAUSE: Duration = Duration::from_millis(5);

/// Between two lines of the log about clients that were hung up on.
const SAID_PAUSE: Duration = Duration::from_secs(60);
/// Between two looks at who has to end, while somebody waits.
const LOOK_PAUSE: Duration = Duration::from_millis(250);
/// A client that others wait for is judged by what it moved in so long.
const STALL: Duration = Duration::from_secs(1);
/// And has to move all that waits for it within so many of them.
const PACE: u64 = 30;

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

/// Places and queues of messages.
const REQUESTS: usize = 0;
const ANSWERS: usize = 1;

impl Purpose {
    /// Its place and queue, if it has some.
    fn index(self) -> Option<usize> {
        match self {
            Purpose::Call | Purpose::Outgoing => None,
            Purpose::Request => Some(REQUESTS),
            Purpose::Answer => Some(ANSWERS),
        }
    }
}

/// How the bound is divided, in quanta but for the places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Parts {
    /// What accounts can have in all.
    total: usize,
    /// What one always can have.
    own: usize,
    /// What they can have beyond their own parts, in all.
    shared: usize,
    /// Places of each kind.
    places: usize,
    /// Bytes kept for answers to come.
    kept: usize,
}

impl Parts {
    fn new(bound: usize, request: usize, answer: usize) -> Parts {
        let messages = request + answer;
        let bound = bound.max(least_bound(request, answer));
        let kept = (bound / 8).min(MOST_KEPT);
        let places = (bound / 4 / messages.max(1)).clamp(1, MOST_PLACES);
        let total = (bound - kept - places * messages) / QUANTUM;
        let shared = total * 2 / 5;
        let own = (total - shared) / OWN_PARTS;
        Parts {
            total,
            own: own.max(quanta(LEAST_OWN)),
            shared,
            places,
            kept,
        }
    }
}

/// The least that `max.client.bytes` may be where requests and answers have at most so many bytes: two
/// of each, and a few hundred calls.
pub(crate) fn least_bound(request: usize, answer: usize) -> usize {
    (16 * 1024 * 1024).max(request.saturating_add(answer).saturating_mul(2))
}

/// The memory for clients of one server.
#[derive(Debug)]
pub struct ClientMemory {
    parts: Parts,
    /// Charges that wait for room.
    waiting: AtomicUsize,
    /// Somebody waits, or was refused.
    pressed: Notify,
    refused: AtomicU64,
    /// When it was last said that a connection had to end.
    said: Mutex<Option<Instant>>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Quanta that accounts have.
    given: usize,
    /// Those of them that are beyond the own part of their account.
    beyond: usize,
    members: HashMap<u64, Member>,
    /// Accounts with charges that wait, in the order of their turns.
    turns: VecDeque<u64>,
    /// Places that are taken.
    places: [usize; 2],
    next: u64,
    /// When accounts were last asked for unused quanta with little success.
    swept: Option<Instant>,
}

/// An account, as the server sees it.
#[derive(Debug)]
struct Member {
    holding: Arc<Holding>,
    places: [bool; 2],
    waiting: [VecDeque<Waiting>; 2],
    /// A call was refused since the last look.
    refused: bool,
    mark: Option<Mark>,
}

#[derive(Debug)]
struct Waiting {
    number: u64,
    bytes: usize,
    grant: oneshot::Sender<Grant>,
}

/// What a client had moved, and what waited for it, at a time.
#[derive(Debug, Clone, Copy)]
struct Mark {
    at: Instant,
    moved: u64,
    owed: usize,
}

/// Room that was given. It does nothing by itself: who has it gives it back.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Grant {
    /// Bytes used of the account's quanta; 0 with a place.
    pub(crate) bytes: usize,
    /// The place that was taken instead.
    pub(crate) place: Option<Purpose>,
}

impl Member {
    /// Whether its client is known to read.
    fn reads(&self) -> bool {
        self.holding.has_taken(READS)
    }

    fn is_waiting(&self) -> bool {
        self.waiting.iter().any(|queue| !queue.is_empty())
    }
}

impl ClientMemory {
    /// `bound` bytes for clients whose messages have at most `request` and `answer` bytes.
    pub fn new(bound: usize, request: usize, answer: usize) -> ClientMemory {
        ClientMemory {
            parts: Parts::new(bound, request, answer),
            waiting: AtomicUsize::new(0),
            pressed: Notify::new(),
            refused: AtomicU64::new(0),
            said: Mutex::default(),
            state: Mutex::default(),
        }
    }

    /// The memory that a server of `config` has for clients.
    pub fn of(config: &Config) -> ClientMemory {
        ClientMemory::new(
            config.max_client_bytes,
            config.max_request_bytes,
            config.max_response_bytes,
        )
    }

    /// Bytes that buffers for answers to come may keep.
    pub fn kept(&self) -> usize {
        self.parts.kept
    }

    /// Bytes that clients hold, without those of messages that have a place.
    pub fn held(&self) -> usize {
        let state = self.state.lock();
        state.members.values().map(|m| m.holding.used()).sum()
    }

    /// Says, now and then, that a connection was hung up on for the sake of others.
    pub(crate) fn say_ended(&self, address: SocketAddr) {
        let mut said = self.said.lock();
        if said.is_none_or(|said| said.elapsed() >= SAID_PAUSE) {
            *said = Some(Instant::now());
            tracing::warn!(
                %address,
                "a client was hung up on: it does not read what others need the memory for; see \
                 what it does, or raise {MAX_CLIENT_BYTES}"
            );
        }
    }

    /// Calls that were refused for want of room.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// A new account, and its number.
    pub(crate) fn join(&self) -> (u64, Arc<Holding>) {
        let holding = Arc::<Holding>::default();
        let mut state = self.state.lock();
        let number = state.next_number();
        state.members.insert(
            number,
            Member {
                holding: Arc::clone(&holding),
                places: [false; 2],
                waiting: Default::default(),
                refused: false,
                mark: None,
            },
        );
        (number, holding)
    }

    /// Ends an account that uses nothing any more.
    pub(crate) fn leave(&self, number: u64) {
        let mut state = self.state.lock();
        state.take_unused(&self.parts, number, 0);
        state.members.remove(&number);
        self.serve(&mut state);
    }

    /// Room for `bytes`, if there is some now.
    pub(crate) fn try_get(&self, number: u64, purpose: Purpose, bytes: usize) -> Option<Grant> {
        let mut state = self.state.lock();
        if let Some(grant) = self.get(&mut state, number, purpose, bytes) {
            return Some(grant);
        }
        if purpose == Purpose::Call {
            self.refused.fetch_add(1, Ordering::Relaxed);
            if let Some(member) = state.members.get_mut(&number) {
                member.refused = true;
                member.holding.refuse();
            }
            self.pressed.notify_one();
        }
        None
    }

    /// Room for `bytes`; else a number in the queue, and where the room will come.
    pub(crate) fn get_or_wait(
        &self,
        number: u64,
        purpose: Purpose,
        bytes: usize,
    ) -> Result<Grant, (u64, oneshot::Receiver<Grant>)> {
        let mut state = self.state.lock();
        let (sender, receiver) = oneshot::channel();
        let waiter = state.next_number();
        let member = state.members.get(&number);
        let holding = member.map(|member| Arc::clone(&member.holding));
        // Before the last try: what is released from now on sees it.
        // Calls do not wait: they are answered, or refused.
        let queue = purpose.index().unwrap_or(ANSWERS);
        if let Some(holding) = &holding {
            holding.begin_waiting(queue == REQUESTS);
        }
        if let Some(grant) = self.get(&mut state, number, purpose, bytes) {
            if let Some(holding) = &holding {
                holding.end_waiting(queue == REQUESTS);
            }
            return Ok(grant);
        }
        if let Some(member) = state.members.get_mut(&number) {
            let first = !member.is_waiting();
            member.waiting[queue].push_back(Waiting {
                number: waiter,
                bytes,
                grant: sender,
            });
            self.waiting.fetch_add(1, Ordering::SeqCst);
            if first {
                state.turns.push_back(number);
            }
        }
        self.pressed.notify_one();
        Err((waiter, receiver))
    }

    /// Leaves the queue. What was given meanwhile is in the receiver.
    pub(crate) fn give_up(&self, number: u64, waiter: u64) {
        let mut state = self.state.lock();
        let Some(member) = state.members.get_mut(&number) else {
            return;
        };
        for (index, queue) in member.waiting.iter_mut().enumerate() {
            if let Ok(at) = queue.binary_search_by_key(&waiter, |waiting| waiting.number) {
                queue.remove(at);
                member.holding.end_waiting(index == REQUESTS);
                self.waiting.fetch_sub(1, Ordering::SeqCst);
            }
        }
    }

    /// Whether an account gives unused quanta back now, when it has so many.
    #[inline]
    pub(crate) fn wants_back(&self, unused: usize) -> bool {
        unused > SLACK || unused > SLACK_WHILE_WAITING && self.waiting.load(Ordering::Relaxed) > 0
    }

    /// Takes unused quanta of an account, and gives them to those who wait.
    #[cold]
    pub(crate) fn take_back(&self, number: u64) {
        let mut state = self.state.lock();
        let waits = self.waiting.load(Ordering::Relaxed) > 0;
        let keep = if waits { 0 } else { SLACK_WHILE_WAITING };
        state.take_unused(&self.parts, number, keep);
        self.serve(&mut state);
    }

    /// A place is free.
    pub(crate) fn leave_place(&self, number: u64, purpose: Purpose) {
        let mut state = self.state.lock();
        state.leave_place(number, purpose);
        self.serve(&mut state);
    }

    fn get(&self, state: &mut State, number: u64, purpose: Purpose, bytes: usize) -> Option<Grant> {
        let grant = state.get(&self.parts, number, purpose, bytes);
        if grant.is_some() || !state.sweep(&self.parts) {
            return grant;
        }
        state.get(&self.parts, number, purpose, bytes)
    }

    /// Gives room to those who wait, in turns.
    fn serve(&self, state: &mut State) {
        for reads in [true, false] {
            let mut looks = state.turns.len().min(SERVED_AT_ONCE);
            while looks > 0 {
                let Some(number) = state.turns.pop_front() else {
                    return;
                };
                looks -= 1;
                let member = state.members.get(&number);
                if member.is_some_and(|member| member.reads() != reads) {
                    state.turns.push_back(number);
                    continue;
                }
                let mut served = 0;
                for purpose in [Purpose::Answer, Purpose::Request] {
                    served += usize::from(state.serve(&self.parts, number, purpose));
                }
                self.waiting.fetch_sub(served, Ordering::SeqCst);
                if state.members.get(&number).is_some_and(Member::is_waiting) {
                    state.turns.push_back(number);
                }
                if served > 0 {
                    looks = state.turns.len().min(SERVED_AT_ONCE);
                }
            }
        }
    }

    /// Looks, while somebody waits for room or is refused, for unused room, and for connections that
    /// have to end: those for which bytes wait that they do not move. Such a client would hold up the
    /// others for ever. It is judged by the last second: at the pace of that second, all that waits
    /// for it would have to be gone within half a minute. Those that hold most go first.
    ///
    /// Cancel safety: nothing is lost.
    pub async fn watch(&self) {
        loop {
            self.pressed.notified().await;
            loop {
                sleep(LOOK_PAUSE).await;
                if !self.look(Instant::now()) {
                    break;
                }
            }
        }
    }

    /// One look. Returns whether somebody still waits.
    fn look(&self, now: Instant) -> bool {
        let mut state = self.state.lock();
        state.sweep(&self.parts);
        self.serve(&mut state);
        let pressed: Vec<u64> = state
            .members
            .iter_mut()
            .filter_map(|(number, member)| {
                let refused = std::mem::take(&mut member.refused);
                (refused || member.is_waiting()).then_some(*number)
            })
            .collect();
        if pressed.is_empty() {
            for member in state.members.values_mut() {
                member.mark = None;
            }
            return false;
        }
        let mut stalled = Vec::new();
        for (number, member) in &mut state.members {
            // Nobody has to go for what it waits for itself.
            let others_wait = pressed.iter().any(|other| other != number);
            if member.is_stalled(now) && others_wait {
                stalled.push((member.holding.owed(), Arc::clone(&member.holding)));
            }
        }
        let most = stalled.iter().map(|(owed, _)| *owed).max().unwrap_or(0);
        for (owed, holding) in stalled {
            if owed >= most / 2 {
                holding.end();
            }
        }
        true
    }
}

impl Member {
    /// Whether its client does not move what waits for it.
    fn is_stalled(&mut self, now: Instant) -> bool {
        let here = Mark {
            at: now,
            moved: self.holding.moved(),
            owed: self.holding.owed(),
        };
        let mark = *self.mark.get_or_insert(here);
        if now - mark.at < STALL {
            return false;
        }
        self.mark = Some(here);
        let owed = mark.owed.min(here.owed) as u64;
        owed >= QUANTUM as u64 && (here.moved - mark.moved) * PACE < owed
    }
}

impl State {
    fn next_number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn get(&mut self, parts: &Parts, number: u64, purpose: Purpose, bytes: usize) -> Option<Grant> {
        let holding = Arc::clone(&self.members.get(&number)?.holding);
        while let Err(missing) = holding.try_use(bytes) {
            let before = holding.given();
            let after = before + missing;
            if !self.allows(parts, purpose, before, after) {
                return self.take_place(parts, number, purpose);
            }
            holding.give(missing);
            self.count(parts, before, after);
        }
        Some(Grant { bytes, place: None })
    }

    /// Whether an account may have `after` quanta instead of `before`.
    fn allows(&self, parts: &Parts, purpose: Purpose, before: usize, after: usize) -> bool {
        if self.given - before + after > parts.total {
            return false;
        }
        // Requests get less than answers: one that cannot be answered holds its memory for nothing.
        // And both less than calls, so that a client is not refused for answers that are on their way.
        let (own, times) = match purpose {
            Purpose::Call => (parts.own, 8),
            Purpose::Answer | Purpose::Outgoing => (parts.own * 3 / 4, 3),
            Purpose::Request => (parts.own * 3 / 4, 1),
        };
        if after <= own {
            return true;
        }
        let beyond = after.saturating_sub(parts.own).max(1);
        let others = self.beyond - before.saturating_sub(parts.own);
        others + beyond + beyond.div_ceil(times) <= parts.shared
    }

    fn count(&mut self, parts: &Parts, before: usize, after: usize) {
        self.given = self.given - before + after;
        self.beyond =
            self.beyond - before.saturating_sub(parts.own) + after.saturating_sub(parts.own);
    }

    fn take_place(&mut self, parts: &Parts, number: u64, purpose: Purpose) -> Option<Grant> {
        let index = purpose.index()?;
        let member = self.members.get_mut(&number)?;
        let places = if member.reads() {
            parts.places
        } else {
            parts.places.div_ceil(2)
        };
        if member.places[index] || self.places[index] >= places {
            return None;
        }
        member.places[index] = true;
        self.places[index] += 1;
        Some(Grant {
            bytes: 0,
            place: Some(purpose),
        })
    }

    fn leave_place(&mut self, number: u64, purpose: Purpose) {
        let (Some(index), Some(member)) = (purpose.index(), self.members.get_mut(&number)) else {
            return;
        };
        if std::mem::take(&mut member.places[index]) {
            self.places[index] -= 1;
        }
    }

    fn take_unused(&mut self, parts: &Parts, number: u64, keep: usize) {
        let Some(member) = self.members.get(&number) else {
            return;
        };
        let before = member.holding.given();
        let taken = member.holding.take_unused(keep);
        self.count(parts, before, before - taken);
    }

    /// Takes what accounts do not use, unless there was hardly any a moment ago. Returns whether it
    /// did.
    fn sweep(&mut self, parts: &Parts) -> bool {
        let now = Instant::now();
        if self.swept.is_some_and(|swept| now - swept < SWEEP_PAUSE) {
            return false;
        }
        let (mut given, mut beyond, mut taken) = (0, 0, 0);
        for member in self.members.values() {
            taken += member.holding.take_unused(0);
            let left = member.holding.given();
            given += left;
            beyond += left.saturating_sub(parts.own);
        }
        (self.given, self.beyond) = (given, beyond);
        self.swept = (taken <= self.members.len() / 8).then_some(now);
        true
    }

    /// Gives room to the first of an account that waits for it. Returns whether one waits less.
    fn serve(&mut self, parts: &Parts, number: u64, purpose: Purpose) -> bool {
        let Some(queue) = purpose.index() else {
            return false;
        };
        let first = |state: &State| -> Option<usize> {
            Some(state.members.get(&number)?.waiting[queue].front()?.bytes)
        };
        let Some(bytes) = first(self) else {
            return false;
        };
        let Some(grant) = self.get(parts, number, purpose, bytes) else {
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
            if let Some(place) = grant.place {
                self.leave_place(number, place);
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: usize = 1024 * 1024;

    fn memory(bound: usize) -> ClientMemory {
        ClientMemory::new(bound, 4 * MIB, 4 * MIB)
    }

    /// Takes room in steps until there is none without a place. Returns the bytes.
    fn take_all(memory: &ClientMemory, number: u64, purpose: Purpose, step: usize) -> usize {
        let mut taken = 0;
        loop {
            match memory.try_get(number, purpose, step) {
                Some(Grant { bytes, place: None }) => taken += bytes,
                Some(Grant {
                    place: Some(place), ..
                }) => {
                    memory.leave_place(number, place);
                    return taken;
                }
                None => return taken,
            }
        }
    }

    #[test]
    fn the_parts_fit_into_the_bound() {
        for bound in [1, 16 * MIB, 64 * MIB, 256 * MIB, 4096 * MIB] {
            let parts = Parts::new(bound, 4 * MIB, 4 * MIB);
            let bound = bound.max(16 * MIB);
            let bytes = parts.total * QUANTUM + parts.places * 8 * MIB + parts.kept;
            assert!(bytes <= bound && bytes > bound - QUANTUM, "{parts:?}");
            assert!(parts.places >= 1);
        }
        let parts = Parts::new(1, 512 * MIB, 1024 * MIB);
        assert_eq!(parts.places, 1);
        assert!(parts.total * QUANTUM > 1024 * MIB, "{parts:?}");
    }

    #[test]
    fn a_lone_client_gets_most_of_the_shared_part() {
        let memory = memory(256 * MIB);
        let (one, _) = memory.join();
        let taken = take_all(&memory, one, Purpose::Answer, MIB);
        assert!(taken > 45 * MIB, "{taken}");
        let (other, _) = memory.join();
        let taken = take_all(&memory, other, Purpose::Request, MIB);
        assert!(taken > 8 * MIB, "{taken}");
    }

    #[test]
    fn whatever_64_take_the_next_one_has_its_part() {
        for bound in [64 * MIB, 256 * MIB] {
            let memory = memory(bound);
            let mut all = 0;
            for purpose in [Purpose::Answer, Purpose::Request, Purpose::Call].repeat(22) {
                let (number, _) = memory.join();
                all += take_all(&memory, number, purpose, 4096);
            }
            let (next, _) = memory.join();
            let taken = take_all(&memory, next, Purpose::Call, 4096);
            assert!(taken >= memory.parts.own * QUANTUM, "{taken} of {bound}");
            assert!(all + taken <= memory.parts.total * QUANTUM);
        }
    }

    #[test]
    fn a_large_message_gets_a_place_one_at_a_time() {
        let memory = memory(64 * MIB);
        let (hog, _) = memory.join();
        take_all(&memory, hog, Purpose::Answer, 4096);
        let (one, _) = memory.join();
        let (other, _) = memory.join();
        let place = memory.try_get(one, Purpose::Answer, 4 * MIB).unwrap();
        assert_eq!((place.bytes, place.place), (0, Some(Purpose::Answer)));
        assert!(memory.try_get(one, Purpose::Answer, 4 * MIB).is_none());
        assert!(memory.try_get(one, Purpose::Request, 4 * MIB).is_some());
        let mut waits = memory
            .get_or_wait(other, Purpose::Answer, 4 * MIB)
            .unwrap_err()
            .1;
        assert!(waits.try_recv().is_err());
        memory.leave_place(one, Purpose::Answer);
        assert_eq!(waits.try_recv().unwrap().place, Some(Purpose::Answer));
    }

    #[test]
    fn who_is_known_to_read_comes_first_and_has_half_of_the_places() {
        let memory = memory(64 * MIB);
        assert_eq!(memory.parts.places, 2);
        let (hog, _) = memory.join();
        take_all(&memory, hog, Purpose::Answer, 4096);
        let place = |number| memory.get_or_wait(number, Purpose::Answer, 4 * MIB);
        place(hog).unwrap();
        let (unknown, _) = memory.join();
        let mut waits = place(unknown).unwrap_err().1;
        let known: Vec<u64> = (0..2)
            .map(|_| {
                let (number, holding) = memory.join();
                holding.count_taken(MIB);
                holding.owe(MIB);
                holding.settle(MIB);
                number
            })
            .collect();
        place(known[0]).unwrap();
        let mut known_waits = place(known[1]).unwrap_err().1;
        memory.leave_place(hog, Purpose::Answer);
        assert!(known_waits.try_recv().is_ok());
        assert!(waits.try_recv().is_err());
        memory.leave_place(known[0], Purpose::Answer);
        assert!(waits.try_recv().is_err(), "one half is not for it");
        memory.leave_place(known[1], Purpose::Answer);
        assert!(waits.try_recv().is_ok());
    }

    #[test]
    fn those_who_wait_are_served_in_turns() {
        let memory = memory(16 * MIB);
        let (hog, holding) = memory.join();
        let taken = take_all(&memory, hog, Purpose::Answer, 64 * 1024);
        memory.get_or_wait(hog, Purpose::Answer, 4 * MIB).unwrap();
        let (one, _) = memory.join();
        let (other, _) = memory.join();
        let wait = |number| {
            let waits = memory.get_or_wait(number, Purpose::Answer, MIB);
            waits.unwrap_err().1
        };
        let (mut a, mut b, mut c) = (wait(one), wait(one), wait(other));
        assert_eq!(memory.waiting.load(Ordering::SeqCst), 3);
        // Room for one at a time.
        memory.leave_place(hog, Purpose::Answer);
        let mut order = String::new();
        for _ in 0..3 {
            for (name, of, waits) in [("a", one, &mut a), ("b", one, &mut b), ("c", other, &mut c)]
            {
                if let Ok(grant) = waits.try_recv() {
                    order.push_str(name);
                    memory.leave_place(of, grant.place.unwrap());
                }
            }
        }
        assert_eq!(order, "acb");
        assert!(!holding.is_waiting());
        assert_eq!(memory.waiting.load(Ordering::SeqCst), 0);
        holding.release(taken);
        memory.leave(hog);
        assert_eq!(memory.state.lock().given, 0);
    }

    #[test]
    fn unused_quanta_are_taken_when_others_need_them() {
        let memory = memory(16 * MIB);
        for _ in 0..1000 {
            let (number, holding) = memory.join();
            let grant = memory.try_get(number, Purpose::Call, QUANTUM);
            let grant = grant.expect("nobody uses anything");
            let unused = holding.release(grant.bytes);
            assert!(!memory.wants_back(unused), "it keeps a little");
        }
        let (number, _) = memory.join();
        assert!(take_all(&memory, number, Purpose::Answer, QUANTUM) > MIB);
    }

    #[test]
    fn who_does_not_move_what_others_wait_for_has_to_end() {
        let memory = memory(16 * MIB);
        let (hog, hogs) = memory.join();
        take_all(&memory, hog, Purpose::Answer, 4096);
        memory.get_or_wait(hog, Purpose::Answer, 4 * MIB).unwrap();
        hogs.owe(4 * MIB);
        let (reader, readers) = memory.join();
        readers.owe(MIB);
        let waits = memory.get_or_wait(hog, Purpose::Answer, MIB).unwrap_err();

        let mut now = Instant::now();
        let mut look = |seconds: u64| {
            now += Duration::from_secs(seconds);
            readers.count_taken(MIB);
            assert!(memory.look(now));
            let mut ended = pin_ended(&hogs);
            let hog = poll(ended.as_mut());
            assert!(!poll(pin_ended(&readers).as_mut()), "it reads");
            hog
        };
        // It waits for itself.
        assert!(!look(0) && !look(2) && !look(2));
        let others = memory.get_or_wait(reader, Purpose::Answer, 4 * MIB);
        let others = others.unwrap_err();
        assert!(look(2));
        memory.give_up(reader, others.0);
        memory.give_up(hog, waits.0);
        assert!(!memory.look(now), "nobody waits");
    }

    type Ended<'a> = std::pin::Pin<Box<dyn std::future::Future<Output = ()> + 'a>>;

    fn pin_ended(holding: &Holding) -> Ended<'_> {
        Box::pin(holding.ended())
    }

    fn poll(mut ended: std::pin::Pin<&mut (dyn std::future::Future<Output = ()> + '_)>) -> bool {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        ended.as_mut().poll(&mut context).is_ready()
    }
}
