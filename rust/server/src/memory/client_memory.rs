//! What all clients together can make the server hold, and how they share it.
//!
//! A call is small, but there may be a thousand on a connection; a request that is not whole, and an
//! answer that the client does not read, are large. All of it is counted here, in one number of bytes
//! for the server (`max.client.bytes`), which is never passed. Where there is no room, a request waits
//! in its sender, an answer is given up and read again later, and a new call is refused.
//!
//! ```text
//!   max.client.bytes = buffers kept for answers | permits | own parts of connections | shared part
//! ```
//!
//! * **Own part**: a connection gets so much whatever the others hold. There are 72 of them, so that 64
//!   clients that take all they can leave those beside them their part.
//! * **Shared part**: beyond its own a connection may hold a multiple of what nobody holds. So a lone
//!   client gets most of it, and it never runs out in one step (Choudhury and Hahne, "Dynamic queue
//!   length thresholds for shared-memory packet switches", 1998).
//! * **Permits**: a message that is larger than that gets through by a permit, one at a time for each
//!   connection and direction. Half of them are for clients that are known to read, which come first in
//!   any case: who never took anything cannot have them all. A request never waits for an answer to go, so requests and answers have
//!   permits of their own, and those who hold one of each wait for nobody but their client.
//!
//! Who is waited for has to move: see [`ClientMemory::watch`]. Why it is shared so is in ADR 12.

mod activity;
mod client;
mod clients;
mod parts;
mod state;
#[cfg(test)]
mod tests;
mod watch;

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{oneshot, Notify};
use venice_metrics::model::Value;
use venice_metrics::{Dimension, Instrument, Observer};

use crate::config::Config;
use crate::memory::holding::Holding;
use crate::observe::reasons;

use parts::{Parts, ANSWERS, REQUESTS};
use state::{Member, State, Waiting};

pub(crate) use client::{Client, ClientHolds};
pub(crate) use parts::Purpose;
pub(crate) use state::Grant;

/// Quanta that an account keeps unused: it takes and gives them rarely.
const SLACK: usize = 16;
/// The same while others wait.
const SLACK_WHILE_WAITING: usize = 4;
/// Accounts that are looked at when room came, at most.
const SERVED_AT_ONCE: usize = 256;

/// The memory for clients of one server.
#[derive(Debug)]
pub struct ClientMemory {
    /// Charges that wait for room.
    waiting: AtomicUsize,
    /// Somebody waits, or was refused.
    pressed: Notify,
    refused: AtomicU64,
    /// One more than the calls that a drain broke off; 0 if none had to.
    cut: AtomicUsize,
    state: Mutex<State>,
}

impl ClientMemory {
    /// `bound` bytes for clients whose messages have at most `request` and `answer` bytes.
    pub fn new(bound: usize, request: usize, answer: usize) -> ClientMemory {
        ClientMemory {
            waiting: AtomicUsize::new(0),
            pressed: Notify::new(),
            refused: AtomicU64::new(0),
            cut: AtomicUsize::new(0),
            state: Mutex::new(State::new(Parts::new(bound, request, answer))),
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

    /// Divides another bound from now on, among clients whose messages have other limits. What is held
    /// stays; where that is more than the new bound allows, nothing is given until it has gone.
    pub(crate) fn change(&self, config: &Config) {
        let Config {
            max_client_bytes,
            max_request_bytes,
            max_response_bytes,
            ..
        } = *config;
        let parts = Parts::new(max_client_bytes, max_request_bytes, max_response_bytes);
        let mut state = self.state.lock();
        if state.parts != parts {
            state.divide(parts);
            self.serve(&mut state);
        }
    }

    /// Bytes that buffers for answers to come may keep.
    pub fn kept(&self) -> usize {
        self.state.lock().parts.kept
    }

    /// Bytes that clients hold, without those of messages that have a permit.
    pub fn held(&self) -> usize {
        let state = self.state.lock();
        state.members.values().map(|m| m.holding.used()).sum()
    }

    /// Tells what is held, and what may be.
    pub fn observe(&self, observer: &mut Observer<'_>) {
        let limit = self.bound();
        let held = [("held", self.held()), ("limit", limit)];
        for (purpose, bytes) in held {
            let of = [(Dimension::Purpose, purpose)];
            observer.observe(Instrument::ClientMemoryBytes, &of, Value::I64(bytes as i64));
        }
        let of = [(Dimension::Reason, reasons::CLIENT_MEMORY)];
        let refused = Value::U64(self.refused());
        observer.observe(Instrument::RequestRefusedCount, &of, refused);
    }

    /// Calls that were refused for want of room.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Messages that wait for room.
    pub fn waiting(&self) -> usize {
        self.waiting.load(Ordering::SeqCst)
    }

    /// A new account, and its number.
    pub(crate) fn join(&self, client: Option<Client>) -> (u64, Arc<Holding>) {
        let holding = Arc::<Holding>::default();
        let mut state = self.state.lock();
        let number = state.next_number();
        state.members.insert(
            number,
            Member {
                holding: Arc::clone(&holding),
                client,
                permits: [false; 2],
                waiting: Default::default(),
                refused: false,
                mark: None,
                moves: None,
                rests: false,
            },
        );
        (number, holding)
    }

    /// Ends an account that uses nothing any more.
    pub(crate) fn leave(&self, number: u64) {
        let mut state = self.state.lock();
        state.take_unused(number, 0);
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
            state.refuse(number);
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
        state.take_unused(number, keep);
        self.serve(&mut state);
    }

    /// A permit is free.
    pub(crate) fn return_permit(&self, number: u64, purpose: Purpose) {
        let mut state = self.state.lock();
        state.return_permit(number, purpose);
        self.serve(&mut state);
    }

    fn get(&self, state: &mut State, number: u64, purpose: Purpose, bytes: usize) -> Option<Grant> {
        let grant = state.get(number, purpose, bytes);
        if grant.is_some() || !state.sweep() {
            return grant;
        }
        state.get(number, purpose, bytes)
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
                    served += usize::from(state.serve(number, purpose));
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
}
