//! The threads that compute.
//!
//! Those that answer other reads never do, and these have a nice value of their own, so other reads have their processors. A
//! request is worked at for a turn, then its connection stands behind the others that wait: who asks for much waits, and
//! not who asks for little. The queue is bounded; when it is full, the connection that has most in it gives way
//! ([`crate::read_path::fair_queue`]). What has begun is never given up for something that comes.

use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use bytes::Bytes;
use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;
use venice_engine::Tier;
use venice_metrics::model::Value;
use venice_metrics::{Dimension, Instrument, Observer};

use crate::config::compute::ComputeSettings;
use crate::memory::account::Account;
use crate::observe::timeline::{Phase, Timeline};
use crate::read_path::compute::evaluate::Tools;
use crate::read_path::compute::job::Job;
use crate::read_path::compute::request::{ComputePath, What};
use crate::read_path::disk_pool::Lane;
use crate::read_path::failure::Failure;
use crate::read_path::fair_queue::{FairQueue, Pushed, Ticket};
use crate::read_path::step::ReadStep;
use crate::response::builder::EncodedResponse;
use crate::runtime::nice::weigh;

/// Requests that may wait per thread.
pub const WAITING_PER_THREAD: usize = 256;

/// A bounded pool of named threads that compute.
pub struct ComputePool {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

struct Shared {
    path: ComputePath,
    turn: Duration,
    nice: i32,
    queue: Mutex<Queue>,
    /// A job came, or the pool closes.
    changed: Condvar,
    /// A thread ended.
    ended: Condvar,
}

struct Queue {
    jobs: FairQueue<Entry>,
    closed: bool,
    /// Threads that have not ended.
    running: usize,
    /// Those that do work.
    busy: usize,
}

/// A job, and where it stands.
struct Entry {
    lane: u64,
    work: Work,
    place: Place,
}

/// Where a job stands in the queue, if it does. Changed under the queue's lock alone.
type Place = Arc<Mutex<Option<Ticket>>>;

/// What one turn does, which is told how many waited when it came.
type Once = dyn FnOnce(&ComputePath, &mut Tools, usize) + Send;

enum Work {
    /// A request of one message.
    Request(Box<Job>),
    /// Anything that one turn does, and how many waited when it came.
    Once(Box<Once>, usize),
}

impl ComputePool {
    /// Starts the threads that `settings` say.
    pub(crate) fn start(settings: &ComputeSettings, path: ComputePath) -> io::Result<ComputePool> {
        let pool = ComputePool {
            shared: Arc::new(Shared {
                path,
                turn: settings.turn,
                nice: settings.nice,
                queue: Mutex::new(Queue {
                    jobs: FairQueue::new(settings.threads * WAITING_PER_THREAD),
                    closed: false,
                    running: 0,
                    busy: 0,
                }),
                changed: Condvar::new(),
                ended: Condvar::new(),
            }),
            threads: Mutex::new(Vec::with_capacity(settings.threads)),
        };
        for index in 0..settings.threads {
            let shared = Arc::clone(&pool.shared);
            shared.queue.lock().running += 1;
            let thread = thread::Builder::new().name(format!("venice-compute-{index}"));
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

    /// What requests are admitted by.
    pub(crate) fn path(&self) -> &ComputePath {
        &self.shared.path
    }

    /// Works at a request that was admitted, as far as `tier` goes. It fails with [`Failure::OverCapacity`] when too many
    /// wait and none of another lane has to give way, and also later, when it has to give way itself before its
    /// first turn.
    ///
    /// With an `account`, the memory of a large answer is counted for it while it grows. Where there is no room for it, it is
    /// [`ReadStep::NeedsRoom`], and nobody holds it. `timeline` hears what it waited for.
    ///
    /// Cancel safety: a request whose future was dropped leaves the queue, and is not worked at any more behind its turn.
    pub(crate) async fn answer(
        &self,
        (what, message, tier): (What, Bytes, Tier),
        account: Option<Account>,
        lane: Lane,
        timeline: &mut Timeline,
    ) -> ReadStep<EncodedResponse> {
        timeline.begin(Phase::Queue, Some(&message));
        let (sender, receiver) = oneshot::channel();
        let job = Job {
            what,
            message,
            tier,
            came: Instant::now(),
            ahead: 0,
            account,
            charge: None,
            answer: Some(sender),
            running: None,
            waited: Duration::ZERO,
            worked: Duration::ZERO,
        };
        let (came, work) = (job.came, Work::Request(Box::new(job)));
        match self.submit(lane, work, receiver, timeline).await {
            Ok((step, _, worked)) => {
                // Between turns it waited, too.
                let queued = came.elapsed().saturating_sub(worked);
                timeline.end_on_disk_thread(queued, worked);
                step
            }
            Err(failure) => {
                timeline.end();
                ReadStep::Done(Err(failure))
            }
        }
    }

    /// Does `work`, which does not panic and is done in one turn, on one of the threads; fails as [`ComputePool::answer`].
    /// Beside the result it is told how long it was in the queue, and behind how many.
    ///
    /// Cancel safety: as [`ComputePool::answer`].
    pub(crate) async fn run_noted<R: Send + 'static>(
        &self,
        lane: Lane,
        timeline: &mut Timeline,
        work: impl FnOnce(&ComputePath, &mut Tools) -> R + Send + 'static,
    ) -> Result<(R, Duration, u32), Failure> {
        timeline.begin(Phase::Queue, None);
        let came = Instant::now();
        let (sender, receiver) = oneshot::channel();
        let work = move |path: &ComputePath, tools: &mut Tools, ahead: usize| {
            if !sender.is_closed() {
                let begun = Instant::now();
                let result = (work(path, tools), ahead as u32);
                let queued = begun.saturating_duration_since(came);
                // The client may have gone meanwhile; then nobody wants the result.
                drop(sender.send((result, queued, begun.elapsed())));
            }
        };
        let work = Work::Once(Box::new(work), 0);
        match self.submit(lane, work, receiver, timeline).await {
            Ok(((result, ahead), queued, worked)) => {
                timeline.end_on_disk_thread(queued, worked);
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
        timeline: &mut Timeline,
    ) -> Result<R, Failure> {
        let mut queued = Queued {
            shared: &self.shared,
            timeline,
            place: Some(self.put(lane, work)?),
        };
        self.shared.changed.notify_one();
        let result = result.await;
        queued.place = None;
        // The sender was dropped unused: the pool closed, or the work had to give way.
        result.map_err(|_| match self.shared.queue.lock().closed {
            true => Failure::Stopping,
            false => Failure::OverCapacity,
        })
    }

    fn put(&self, lane: Lane, mut work: Work) -> Result<Place, Failure> {
        let mut queue = self.shared.queue.lock();
        if queue.closed {
            return Err(Failure::Stopping);
        }
        let waiting = queue.jobs.len();
        match &mut work {
            Work::Request(job) => job.ahead = waiting,
            Work::Once(_, ahead) => *ahead = waiting,
        }
        let place = Place::default();
        let entry = Entry {
            lane: lane.number(),
            work,
            place: Arc::clone(&place),
        };
        let pushed = queue
            .jobs
            .push_sparing(lane.number(), entry, Entry::has_begun);
        match pushed {
            // Who waits for what gave way is told by its drop, which needs no lock.
            Pushed::In(ticket, _gave_way) => {
                *place.lock() = Some(ticket);
                drop(queue);
                Ok(place)
            }
            Pushed::Full(_) => Err(Failure::OverCapacity),
        }
    }

    /// Does `work`, which does not panic, on one of the threads; fails as a request does.
    ///
    /// Cancel safety: work whose future was dropped leaves the queue.
    pub async fn run<R: Send + 'static>(
        &self,
        lane: Lane,
        work: impl FnOnce() -> R + Send + 'static,
    ) -> Result<R, Failure> {
        let timeline = &mut Timeline::default();
        let ran = self.run_noted(lane, timeline, |_, _| work()).await;
        ran.map(|(result, ..)| result)
    }

    /// Requests that wait for a turn.
    pub fn waiting(&self) -> usize {
        self.shared.queue.lock().jobs.len()
    }

    /// Tells how many threads there are and work, and how many requests wait for one.
    pub(crate) fn observe(&self, observer: &mut Observer<'_>) {
        let queue = self.shared.queue.lock();
        let (threads, busy, waiting) = (queue.running, queue.busy, queue.jobs.len());
        drop(queue);
        let of = [(Dimension::ThreadPool, "compute")];
        for (instrument, value) in [
            (Instrument::ThreadPoolMaxCount, threads),
            (Instrument::ThreadPoolActiveCount, busy),
            (Instrument::ThreadPoolQueueTaskCount, waiting),
        ] {
            observer.observe(instrument, &of, Value::I64(value as i64));
        }
    }

    /// Ends the threads: what waits is dropped, a turn that runs is finished. Returns whether all ended by `deadline`
    /// (`None`: however long it takes).
    pub(crate) fn stop(&self, deadline: Option<Instant>) -> bool {
        let threads = std::mem::take(&mut *self.threads.lock());
        let mut queue = self.shared.queue.lock();
        queue.closed = true;
        queue.jobs.clear();
        self.shared.changed.notify_all();
        while queue.running > 0 {
            match deadline {
                None => self.shared.ended.wait(&mut queue),
                Some(deadline) => {
                    let wait = self.shared.ended.wait_until(&mut queue, deadline);
                    if wait.timed_out() {
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

impl Drop for ComputePool {
    fn drop(&mut self) {
        // Tells the threads to end; to wait for them is for who calls `stop`.
        self.stop(Some(Instant::now()));
    }
}

impl Entry {
    /// Whether a thread has worked at it, which would be lost.
    fn has_begun(&self) -> bool {
        matches!(&self.work, Work::Request(job) if job.running.is_some())
    }
}

fn run(shared: &Shared) {
    // Counted down however the thread ends, or `stop` would wait without end.
    let _running = RunningGuard(shared);
    if shared.nice != 0 {
        if let Err(error) = weigh(shared.nice) {
            tracing::info!(%error, nice = shared.nice, "compute.nice is not set");
        }
    }
    venice_engine::disable_perf_counters();
    let mut tools = Tools::default();
    let mut unfinished = None;
    let mut was_busy = false;
    while let Some(entry) = next(shared, unfinished.take(), was_busy) {
        was_busy = true;
        let Entry { lane, work, place } = entry;
        match work {
            Work::Once(work, ahead) => work(&shared.path, &mut tools, ahead),
            Work::Request(job) if job.is_given_up() => drop(job),
            Work::Request(mut job) => {
                let ends = Instant::now() + shared.turn;
                if !job.turn(&shared.path, &mut tools, ends) {
                    let work = Work::Request(job);
                    unfinished = Some(Entry { lane, work, place });
                }
            }
        }
    }
}

/// The next job, behind those that wait if `unfinished` is one that had its turn.
fn next(shared: &Shared, unfinished: Option<Entry>, was_busy: bool) -> Option<Entry> {
    let mut queue = shared.queue.lock();
    queue.busy -= usize::from(was_busy);
    if queue.closed {
        return None;
    }
    if let Some(entry) = unfinished {
        let place = Arc::clone(&entry.place);
        // Also where there is no room: it had some until now.
        *place.lock() = Some(queue.jobs.put_back(entry.lane, entry));
    }
    loop {
        if let Some(entry) = queue.jobs.pop() {
            *entry.place.lock() = None;
            queue.busy += 1;
            return Some(entry);
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
    place: Option<Place>,
    timeline: &'a mut Timeline,
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        let Some(place) = &self.place else { return };
        let mut queue = self.shared.queue.lock();
        let ticket = place.lock().take();
        let removed = ticket.and_then(|ticket| queue.jobs.remove(ticket));
        drop(queue);
        if removed.is_none() {
            // A thread has it: for how long, nobody told.
            self.timeline.is_in(Phase::Read);
        }
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
