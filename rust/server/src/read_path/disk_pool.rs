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
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use bytes::Bytes;
use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;
use venice_engine::Tier;
use venice_metrics::model::Value;
use venice_metrics::{Dimension, Instrument, Observer};

use crate::memory::account::Account;
use crate::memory::buffer_pool::LARGE_BYTES;
use crate::memory::client_memory::Purpose;
use crate::observe::timeline::{Phase, Timeline};
use crate::read_path::failure::Failure;
use crate::read_path::fair_queue::{FairQueue, Pushed, Ticket};
use crate::read_path::step::ReadStep;
use crate::response::builder::EncodedResponse;
use crate::response::place::Place;

/// Reads that may wait per thread. At about 1 ms per read of a slow disk the last of them starts
/// after 256 ms, within the Fast Client's time-out of 1 s for a route.
pub const WAITING_PER_THREAD: usize = 256;

type Read = dyn Fn(&[u8], Tier, &mut Place<'_>) -> ReadStep<EncodedResponse> + Send + Sync;

/// A bounded pool of named threads that run one kind of work: reads that may block.
pub struct DiskPool {
    shared: Arc<Shared>,
    /// Lanes that were given out.
    lanes: AtomicU64,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// Whose turn it is: one for each connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lane(u64);

impl Lane {
    pub(crate) fn number(self) -> u64 {
        self.0
    }
}

struct Shared {
    read: Box<Read>,
    queue: Mutex<Queue>,
    /// A job came, or the pool closes.
    changed: Condvar,
    /// A thread ended.
    ended: Condvar,
}

struct Queue {
    jobs: FairQueue<Work>,
    closed: bool,
    /// Threads that have not ended.
    running: usize,
    /// Those that do work.
    busy: usize,
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
        let pool = DiskPool {
            shared: Arc::new(Shared {
                read: Box::new(read),
                queue: Mutex::new(Queue {
                    jobs: FairQueue::new(threads * WAITING_PER_THREAD),
                    closed: false,
                    running: 0,
                    busy: 0,
                }),
                changed: Condvar::new(),
                ended: Condvar::new(),
            }),
            lanes: AtomicU64::new(0),
            threads: Mutex::new(Vec::with_capacity(threads)),
        };
        for index in 0..threads {
            let shared = Arc::clone(&pool.shared);
            shared.queue.lock().running += 1;
            let thread = thread::Builder::new().name(format!("venice-disk-{index}"));
            match thread.spawn(move || run(&shared)) {
                Ok(thread) => pool.threads.lock().push(thread),
                Err(error) => {
                    pool.shared.queue.lock().running -= 1;
                    pool.stop(None);
                    return Err(error);
                }
            }
        }
        Ok(pool)
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
        match self.submit(lane, work, receiver, Some(timeline)).await {
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
        timeline.begin(Phase::Queue, None);
        let came = Instant::now();
        let (sender, receiver) = oneshot::channel();
        let work = move |ahead: usize| {
            if !sender.is_closed() {
                let begun = Instant::now();
                let result = (work(), ahead as u32);
                let queued = begun.saturating_duration_since(came);
                // The client may have gone meanwhile; then nobody wants the result.
                drop(sender.send((result, queued, begun.elapsed())));
            }
        };
        let work = Work::Other {
            work: Box::new(work),
            ahead: 0,
        };
        match self.submit(lane, work, receiver, Some(timeline)).await {
            Ok(((result, ahead), queued, read)) => {
                timeline.end_on_disk_thread(queued, read);
                Ok((result, queued, ahead))
            }
            Err(failure) => {
                timeline.end();
                Err(failure)
            }
        }
    }

    /// Puts `work` into the queue, and waits for its result.
    async fn submit<R>(
        &self,
        lane: Lane,
        work: Work,
        result: oneshot::Receiver<R>,
        timeline: Option<&mut Timeline>,
    ) -> Result<R, Failure> {
        let mut queued = Queued {
            shared: &self.shared,
            timeline,
            ticket: Some(self.put(lane, work)?),
        };
        self.shared.changed.notify_one();
        let result = result.await;
        queued.ticket = None;
        // The sender was dropped unused: the pool closed, or the work had to give way.
        result.map_err(|_| match self.shared.queue.lock().closed {
            true => Failure::Stopping,
            false => Failure::Overloaded,
        })
    }

    fn put(&self, lane: Lane, mut work: Work) -> Result<Ticket, Failure> {
        let mut queue = self.shared.queue.lock();
        if queue.closed {
            return Err(Failure::Stopping);
        }
        let (Work::Request { ahead, .. } | Work::Other { ahead, .. }) = &mut work;
        *ahead = queue.jobs.len();
        let pushed = queue.jobs.push(lane.0, work);
        drop(queue);
        match pushed {
            // Who waits for what gave way is told by its drop, which needs no lock.
            Pushed::In(ticket, _gave_way) => Ok(ticket),
            Pushed::Full(_) => Err(Failure::Overloaded),
        }
    }

    /// Requests whose turn has not come.
    pub fn waiting(&self) -> usize {
        self.shared.queue.lock().jobs.len()
    }

    /// Tells how many threads there are and work, and how many requests wait for one.
    pub fn observe(&self, observer: &mut Observer<'_>) {
        let queue = self.shared.queue.lock();
        let (threads, busy, waiting) = (queue.running, queue.busy, queue.jobs.len());
        drop(queue);
        let of = [(Dimension::ThreadPool, "disk")];
        for (instrument, value) in [
            (Instrument::ThreadPoolMaxCount, threads),
            (Instrument::ThreadPoolActiveCount, busy),
            (Instrument::ThreadPoolQueueTaskCount, waiting),
        ] {
            observer.observe(instrument, &of, Value::I64(value as i64));
        }
    }

    /// Ends the threads: waiting reads are dropped, running ones finish. Returns whether all ended
    /// by `deadline` (`None`: however long it takes); threads still in a read then end after it, on
    /// their own.
    pub fn stop(&self, deadline: Option<Instant>) -> bool {
        let threads = std::mem::take(&mut *self.threads.lock());
        let mut queue = self.shared.queue.lock();
        queue.closed = true;
        queue.jobs.clear();
        self.shared.changed.notify_all();
        while queue.running > 0 {
            match deadline {
                None => self.shared.ended.wait(&mut queue),
                Some(deadline) => {
                    if self
                        .shared
                        .ended
                        .wait_until(&mut queue, deadline)
                        .timed_out()
                    {
                        break;
                    }
                }
            }
        }
        let ended = queue.running == 0;
        drop(queue);
        if ended {
            for thread in threads {
                // A thread that panicked has ended as well, which is all that matters here.
                drop(thread.join());
            }
        }
        ended
    }
}

impl Drop for DiskPool {
    fn drop(&mut self) {
        // Tells the threads to end; to wait for them is for who calls `stop`.
        self.stop(Some(Instant::now()));
    }
}

fn run(shared: &Shared) {
    // Counted down however the thread ends, or `stop` would wait without end.
    let _running = RunningGuard(shared);
    venice_engine::disable_perf_counters();
    let mut was_busy = false;
    while let Some(work) = next(shared, was_busy) {
        was_busy = true;
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
                        Some(account) => {
                            counted(&account, |place| (shared.read)(&request, tier, place))
                        }
                        None => (shared.read)(&request, tier, &mut Place::apart()),
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

fn next(shared: &Shared, was_busy: bool) -> Option<Work> {
    let mut queue = shared.queue.lock();
    queue.busy -= usize::from(was_busy);
    loop {
        if let Some(work) = queue.jobs.pop() {
            queue.busy += 1;
            return Some(work);
        }
        if queue.closed {
            return None;
        }
        shared.changed.wait(&mut queue);
    }
}

/// A request that was put into the queue, and was not answered yet.
struct Queued<'a> {
    shared: &'a Shared,
    ticket: Option<Ticket>,
    timeline: Option<&'a mut Timeline>,
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        let Some(ticket) = self.ticket else { return };
        let removed = self.shared.queue.lock().jobs.remove(ticket);
        if let (None, Some(timeline)) = (&removed, &mut self.timeline) {
            // A thread has it: for how long, nobody told.
            timeline.is_in(Phase::Read);
        }
        drop(removed);
    }
}

/// Counts a thread of the pool for as long as it runs.
struct RunningGuard<'a>(&'a Shared);

impl Drop for RunningGuard<'_> {
    fn drop(&mut self) {
        self.0.queue.lock().running -= 1;
        self.0.ended.notify_all();
    }
}

#[cfg(test)]
mod tests;
