//! Connections of a worker that became readable together are answered together: the gets of all are looked for side by side, as those of
//! one connection are. A client with one call at a time on each of many connections is the rule, and each of its gets would wait
//! for memory alone.
//!
//! ```text
//!   connection's task: reads a little ---> hands itself in ---> the next connection's task: likewise ...
//!                                                                |
//!   the worker's gatherer, behind all tasks that were ready <----'   or as soon as there are enough
//!      answers the turns of all, then goes on with each where its task was: writes, and waits for more
//! ```
//!
//! Nothing waits for time, or for what has not come: the gatherer is a task that was made ready when the first connection handed itself in, so
//! it comes behind those that were ready with it, and no later. What is handed in is small, and so is a gathering, so that nobody else waits
//! longer than for a turn of one connection. A connection that comes alone, as far as its worker knows ([`company`](crate::runtime::company)), is
//! answered in its task.
//!
//! Whoever holds a connection's lock is on its worker's thread, and nobody waits for it.
// #[HotPath]
// except locks: of what only one thread has.
// except awaits: of the gatherer, which waits for connections.

use std::future::poll_fn;
use std::io;
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use parking_lot::{Mutex, MutexGuard};
use smallvec::SmallVec;
use tokio::time::Instant;

use crate::transport::handler::Handler;
use crate::transport::http2::driver::{Http2Connection, Went};
use crate::transport::http2::spare::MEMBERS;
use crate::transport::http2::turn;

/// With so many bytes no more are waited for: some thirty gets.
const BYTES: usize = 2 * 1024;

/// With calls that take as long as so many gets no more are answered together: a few bytes may ask for many keys.
const GETS: usize = 64;

/// The connections of a worker that are to be answered together.
pub struct Gathering<H: Handler>(Mutex<Waiting<H>>);

struct Waiting<H: Handler> {
    members: Vec<Member<H>>,
    /// What they have read.
    bytes: usize,
    /// Wakes the gatherer.
    gatherer: Option<Waker>,
}

struct Member<H: Handler> {
    connection: Arc<Mutex<Http2Connection<H>>>,
    /// That of its task.
    waker: Waker,
}

/// A connection, and where it hands itself in.
pub(crate) struct Gathered<H: Handler> {
    connection: Arc<Mutex<Http2Connection<H>>>,
    gathering: Arc<Gathering<H>>,
}

impl<H: Handler> Default for Gathering<H> {
    fn default() -> Gathering<H> {
        Gathering(Mutex::new(Waiting {
            members: Vec::new(),
            bytes: 0,
            gatherer: None,
        }))
    }
}

impl<H: Handler> Gathering<H> {
    /// Answers those that are handed in. Never ends; a task of the worker whose connections they are.
    pub async fn gather(self: Arc<Self>) {
        poll_fn(|context| {
            let mut waiting = self.0.lock();
            match &mut waiting.gatherer {
                Some(known) => known.clone_from(context.waker()),
                none => *none = Some(context.waker().clone()),
            }
            drop(waiting);
            self.answer();
            Poll::<()>::Pending
        })
        .await;
    }

    /// Whether there is somebody who answers.
    fn has_gatherer(&self) -> bool {
        self.0.lock().gatherer.is_some()
    }

    fn hand_in(&self, connection: &Arc<Mutex<Http2Connection<H>>>, bytes: usize, waker: &Waker) {
        let mut waiting = self.0.lock();
        waiting.bytes += bytes;
        waiting.members.push(Member {
            connection: Arc::clone(connection),
            waker: waker.clone(),
        });
        let are_enough = waiting.members.len() >= MEMBERS || waiting.bytes >= BYTES;
        match &waiting.gatherer {
            Some(gatherer) if !are_enough && waiting.members.len() == 1 => gatherer.wake_by_ref(),
            _ => {}
        }
        drop(waiting);
        if are_enough {
            self.answer();
        }
    }

    /// Answers those that wait.
    fn answer(&self) {
        let mut waiting = self.0.lock();
        if waiting.members.is_empty() {
            return;
        }
        waiting.bytes = 0;
        let members = waiting.members.drain(..);
        let members: SmallVec<[Member<H>; MEMBERS]> = members.collect();
        drop(waiting);
        let mut held: SmallVec<[MutexGuard<'_, Http2Connection<H>>; MEMBERS]> = members
            .iter()
            .map(|member| member.connection.lock())
            .collect();
        // A panic of one may be that of another's answer, and must end none but them: the gatherer is everybody's.
        let answered = catch_unwind(AssertUnwindSafe(|| answer_turns(&mut held)));
        for (connection, member) in held.iter_mut().zip(&members) {
            let context = &mut Context::from_waker(&member.waker);
            let went = answered.is_ok().then(|| {
                let go_on = AssertUnwindSafe(|| connection.go_on_behind_others(context));
                catch_unwind(go_on).ok()
            });
            let over = match went.flatten() {
                Some(Poll::Pending) => continue,
                Some(Poll::Ready(over)) => over,
                None => Err(io::Error::other(
                    "a panic while it was answered together with others",
                )),
            };
            connection.is_over_with(over);
            member.waker.wake_by_ref();
        }
    }
}

/// Answers what came on connections, if it is more than one.
fn answer_turns<H: Handler>(held: &mut [MutexGuard<'_, Http2Connection<H>>]) {
    let handed_in = held.iter_mut().filter(|one| one.is_handed_in());
    let mut handed_in: SmallVec<[_; MEMBERS]> = handed_in.collect();
    if handed_in.len() > 1 {
        let now = Instant::now();
        let mut gets = 0;
        let mut turns = SmallVec::<[_; MEMBERS]>::new();
        for one in &mut handed_in {
            if gets >= GETS {
                one.put_off();
                continue;
            }
            let open = one.begin_turn(now);
            gets += open.turn.weight;
            turns.push(open);
        }
        turn::answer(&mut turns);
    }
}

impl<H: Handler> Gathered<H> {
    pub(crate) fn new(
        connection: Http2Connection<H>,
        gathering: &Arc<Gathering<H>>,
    ) -> Gathered<H> {
        Gathered {
            connection: Arc::new(Mutex::new(connection)),
            gathering: Arc::clone(gathering),
        }
    }

    /// The connection, for a moment.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Http2Connection<H>> {
        self.connection.lock()
    }

    /// Answers calls until the connection is over: the client left, or it broke a rule, or was told to go and
    /// has all its answers.
    pub(crate) fn poll(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let has_gatherer = self.gathering.has_gatherer();
        let went = self.connection.lock().poll(context, has_gatherer);
        match went {
            Went::Rests(poll) => poll,
            Went::HandsIn { bytes } => {
                self.gathering
                    .hand_in(&self.connection, bytes, context.waker());
                match self.connection.lock().take_over() {
                    Some(over) => Poll::Ready(over),
                    None => Poll::Pending,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
