//! The threads that may wait for the disk.
//!
//! A connection's thread never does: what memory cannot answer is handed over, and the request
//! waits here while its neighbours go on. The queue is bounded, because reads that wait longer than
//! the client does are work for nobody. For the same reason a call that was cancelled, or whose
//! deadline has passed, leaves the queue and is not read.
//!
//! Connections share the queue: their reads have their turns one after the other, and when the queue
//! is full, the connection that has most in it gives way ([`crate::read_path::fair_queue`]).

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::oneshot;
use venice_engine::Tier;
use venice_metrics::Observer;

use crate::memory::account::Account;
use crate::memory::buffer_pool::LARGE_BYTES;
use crate::memory::client_memory::Purpose;
use crate::observe::reasons;
use crate::observe::timeline::{Phase, Timeline};
use crate::read_path::failure::{Failure, FullQueue};
use crate::read_path::step::ReadStep;
use crate::read_path::thread_pool::{tell, Lane, Threads, WAITING_PER_THREAD};
use crate::read_path::turns::{self, Over, Ticket, Turn};
use crate::response::builder::EncodedResponse;
use crate::response::place::Place;

type Read = dyn Fn(&[u8], Tier, &mut Place<'_>) -> ReadStep<EncodedResponse> + Send + Sync;

/// A bounded pool of named threads that run one kind of work: reads that may block.
pub struct DiskPool {
    threads: Arc<Threads<Work>>,
    /// Lanes that were given out.
    lanes: AtomicU64,
}

/// What came of a request, how long it waited, and how long a thread was busy with it.
type Timed = (ReadStep<EncodedResponse>, Duration, Duration);

enum Work {
    /// A request of one message, for which nothing is allocated.
    Request {
        request: Bytes,
        tier: Tier,
        /// When it came, and how many waited then; that is said when it is put into the queue.
        came: Instant,
        ahead: usize,
        /// What a large answer is counted for.
        account: Option<Account>,
        answer: oneshot::Sender<Timed>,
    },
    /// Anything else, which is told how many waited when it came.
    Other {
        work: Box<dyn FnOnce(usize) + Send>,
        ahead: usize,
    },
}

impl DiskPool {
    /// Starts `threads` threads that answer requests by `read`, which does not panic.
    pub fn start(
        threads: usize,
        read: impl Fn(&[u8], Tier, &mut Place<'_>) -> ReadStep<EncodedResponse> + Send + Sync + 'static,
    ) -> io::Result<DiskPool> {
        let read: Arc<Read> = Arc::new(read);
        let run = move |threads: &Threads<Work>| run(threads, &*read);
        Ok(DiskPool {
            threads: Threads::start("venice-disk", (threads, WAITING_PER_THREAD), run)?,
            lanes: AtomicU64::new(0),
        })
    }

    /// A lane for a connection that is new.
    pub fn lane(&self) -> Lane {
        Lane(self.lanes.fetch_add(1, Ordering::Relaxed))
    }

    /// Answers `request` on one of the threads, as far as `tier` goes. It fails with
    /// [`Failure::Overloaded`] when too many reads wait and none of another lane has to give way,
    /// and also later, when it has to give way itself.
    ///
    /// With an `account`, the memory of a large answer is counted for it before anybody has it. Where
    /// there is no room for it, it is [`ReadStep::NeedsRoom`], and nobody holds it. `timeline` hears what it
    /// waited for.
    ///
    /// Cancel safety: a request whose future was dropped leaves the queue, and is not read if its turn
    /// has not come.
    pub(crate) async fn answer(
        &self,
        account: Option<Account>,
        lane: Lane,
        request: Bytes,
        tier: Tier,
        timeline: &mut Timeline,
    ) -> ReadStep<EncodedResponse> {
        timeline.begin(Phase::Queue, Some(&request));
        let (sender, receiver) = oneshot::channel();
        let work = Work::Request {
            request,
            tier,
            came: Instant::now(),
            ahead: 0,
            account,
            answer: sender,
        };
        match self.threads.submit(lane, work, receiver, timeline).await {
            Ok((step, queued, read)) => {
                timeline.end_on_disk_thread(queued, read);
                step
            }
            Err(failure) => {
                timeline.end();
                ReadStep::Done(Err(failure))
            }
        }
    }

    /// Does `work`, which does not panic, on one of the threads; fails as [`DiskPool::answer`].
    ///
    /// Cancel safety: as [`DiskPool::answer`].
    pub async fn run<R: Send + 'static>(
        &self,
        lane: Lane,
        work: impl FnOnce() -> R + Send + 'static,
    ) -> Result<R, Failure> {
        let timeline = &mut Timeline::default();
        let ran = self.run_noted(lane, timeline, work).await;
        ran.map(|(result, ..)| result)
    }

    /// As above. `timeline` hears what it waited for; beside the result it is told how long it was in the queue,
    /// and behind how many.
    pub(crate) async fn run_noted<R: Send + 'static>(
        &self,
        lane: Lane,
        timeline: &mut Timeline,
        work: impl FnOnce() -> R + Send + 'static,
    ) -> Result<(R, Duration, u32), Failure> {
        let make = |came, sender| Work::Other {
            work: Box::new(move |ahead| tell(sender, (came, ahead), work)),
            ahead: 0,
        };
        self.threads.noted(lane, timeline, make).await
    }

    /// Requests whose turn has not come.
    pub fn waiting(&self) -> usize {
        self.threads.waiting()
    }

    /// Tells how many threads there are and work, and how many requests wait for one.
    pub fn observe(&self, observer: &mut Observer<'_>) {
        self.threads.observe("disk", observer);
    }

    /// Ends the threads: waiting reads are dropped, running ones finish. Returns whether all ended
    /// by `deadline` (`None`: however long it takes); threads still in a read then end after it, on
    /// their own.
    pub fn stop(&self, deadline: Option<Instant>) -> bool {
        self.threads.stop(deadline)
    }
}

impl Drop for DiskPool {
    fn drop(&mut self) {
        // Tells the threads to end; to wait for them is for who calls `stop`.
        self.stop(Some(Instant::now()));
    }
}

impl turns::Work for Work {
    type Place = Option<Ticket>;

    fn full() -> Failure {
        Failure::Overloaded(FullQueue {
            wait: "for the disk",
            per_thread: WAITING_PER_THREAD,
            setting: "disk.threads",
            remedy: "ask for fewer keys at a time",
            reason: reasons::DISK_QUEUE,
        })
    }

    fn comes(&mut self, behind: usize) {
        let (Work::Request { ahead, .. } | Work::Other { ahead, .. }) = self;
        *ahead = behind;
    }

    fn place(&self) -> Option<Ticket> {
        None
    }

    fn stands(place: &mut Option<Ticket>, ticket: Ticket) {
        *place = Some(ticket);
    }

    fn leaves(place: &mut Option<Ticket>) -> Option<Ticket> {
        place.take()
    }
}

fn run(threads: &Threads<Work>, read: &Read) {
    venice_engine::disable_perf_counters();
    let mut before = None;
    while let Some(Turn { work, of }) = threads.next(before) {
        before = Some(Over::done(of));
        match work {
            Work::Other { work, ahead } => work(ahead),
            Work::Request {
                request,
                tier,
                came,
                ahead,
                account,
                answer,
            } => {
                let begun = Instant::now();
                let waited = begun.saturating_duration_since(came);
                let queued = (waited, ahead as u32);
                let step = match tier {
                    Tier::Until(deadline) if Instant::now() >= deadline => {
                        ReadStep::Done(Err(Failure::DeadlineExceeded))
                    }
                    tier => match account {
                        Some(account) => counted(&account, |place| read(&request, tier, place)),
                        None => read(&request, tier, &mut Place::apart()),
                    },
                };
                let step = match step {
                    ReadStep::Done(Ok(reply)) => ReadStep::Done(Ok(reply.after_queue(queued))),
                    step => step,
                };
                // The client may have gone meanwhile; then nobody wants the answer.
                drop(answer.send((step, waited, begun.elapsed())));
            }
        }
    }
}

/// Reads an answer that is counted, if it is large, before it is made.
fn counted(
    account: &Account,
    read: impl FnOnce(&mut Place<'_>) -> ReadStep<EncodedResponse>,
) -> ReadStep<EncodedResponse> {
    let mut charge = account.nothing();
    let mut reserve = |bytes| charge.try_set(Purpose::Answer, bytes);
    let reply = match read(&mut Place::counted(&mut reserve)) {
        ReadStep::Done(Ok(reply)) => reply,
        step => return step,
    };
    let held = reply.held();
    if held <= LARGE_BYTES {
        return ReadStep::Done(Ok(reply));
    }
    if charge.try_set(Purpose::Answer, held) {
        ReadStep::Done(Ok(reply.with_charge(charge)))
    } else {
        ReadStep::NeedsRoom { bytes: held }
    }
}

#[cfg(test)]
mod tests;
