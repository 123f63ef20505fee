//! The threads that compute.
//!
//! Those that answer other reads never do, and these have a nice value of their own, so other reads have their processors. A
//! request is worked at for a turn, then its connection stands behind the others that wait: who asks for much waits, and
//! not who asks for little. The queue is bounded; when it is full, the connection that has most in it gives way. Whose turn it is,
//! and how many may have begun at a time: [`crate::read_path::turns`].
//!
//! ```text
//!   request --> [ threads ] -----> answer
//!                 |     ^
//!    a plan takes |     | it is made
//!   longer than a v     |
//!   turn        [ planners ] ----> answer     one of them works at a time
//! ```
//!
//! A plan is not made in pieces, so one that takes more processor time than a turn is given up, and its request goes to the planners: threads
//! that have one processor together, in turns, and less weight than the others. Who asks for something new each time
//! that takes long has those, and the threads that compute are left to the others.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::oneshot;
use venice_engine::Tier;
use venice_metrics::Observer;

use crate::config::compute::ComputeSettings;
use crate::memory::account::Account;
use crate::observe::reasons;
use crate::observe::timeline::{Phase, Timeline};
use crate::read_path::compute::baton::Baton;
use crate::read_path::compute::evaluate::Tools;
use crate::read_path::compute::job::{Job, Turned, Worked};
use crate::read_path::compute::request::{ComputePath, What};
use crate::read_path::failure::{Failure, FullQueue};
use crate::read_path::step::ReadStep;
use crate::read_path::thread_pool::{tell, Lane, Threads, WAITING_PER_THREAD};
use crate::read_path::turns::{self, Over, Ticket, Turn};
use crate::response::builder::EncodedResponse;
use crate::runtime::nice::weigh;

/// So many plans are made side by side, and a short one does not wait for the end of a long one. They share a processor, so no
/// more of them are of use; and each may hold a plan that is not counted for its client yet, and what a slice of a stream takes.
const PLANNERS: usize = 4;
/// So much nicer they are.
const PLANNERS_NICER: i32 = 5;
/// The nicest that there is.
const NICEST: i32 = 19;

/// A bounded pool of named threads that compute.
pub struct ComputePool {
    path: Arc<ComputePath>,
    threads: Arc<Threads<Entry>>,
    /// Threads for requests whose plans take longer to make than a turn.
    planners: Arc<Threads<Entry>>,
}

/// A job, and where it stands.
struct Entry {
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
        let path = Arc::new(path);
        let (nice, of_threads) = (settings.nice, Arc::clone(&path));
        let compute = move |threads: &Threads<Entry>| run(threads, &of_threads, nice, None);
        let threads = (settings.threads, WAITING_PER_THREAD);
        let threads = Threads::start("venice-compute", threads, compute)?;
        let (nice, of_planners) = ((nice + PLANNERS_NICER).min(NICEST), Arc::clone(&path));
        let baton = Arc::new(Baton::new(settings.turn));
        let plan = move |threads: &Threads<Entry>| {
            run(threads, &of_planners, nice, Some(&baton));
        };
        // As many in all as for the threads that compute.
        let waiting = settings.threads * WAITING_PER_THREAD / PLANNERS;
        let planners = (PLANNERS, waiting);
        let planners = Threads::start("venice-plans", planners, plan).inspect_err(|_| {
            threads.stop(None);
        })?;
        Ok(ComputePool {
            path,
            threads,
            planners,
        })
    }

    /// What requests are admitted by.
    pub(crate) fn path(&self) -> &ComputePath {
        &self.path
    }

    /// Works at a request that was admitted, as far as `tier` goes. It fails with [`Failure::Overloaded`] when too many
    /// wait and none of another lane has to give way, and also later, when it has to give way itself.
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
        let mut job = Box::new(Job {
            what,
            message,
            tier,
            came: Instant::now(),
            ahead: 0,
            account,
            charge: None,
            answer: None,
            running: None,
            waited: Duration::ZERO,
            worked: Duration::ZERO,
        });
        let came = job.came;
        let (mut threads, mut others) = (&self.threads, &self.planners);
        loop {
            let (sender, receiver) = oneshot::channel();
            job.answer = Some(sender);
            let entry = Entry::new(Work::Request(job));
            match threads.submit(lane, entry, receiver, timeline).await {
                Ok(Worked::Done((step, _, worked))) => {
                    // Between turns it waited, too.
                    let queued = came.elapsed().saturating_sub(worked);
                    timeline.end_on_disk_thread(queued, worked);
                    return step;
                }
                Ok(Worked::Elsewhere(given_back)) => {
                    job = given_back;
                    std::mem::swap(&mut threads, &mut others);
                }
                Err(failure) => {
                    timeline.end();
                    return ReadStep::Done(Err(failure));
                }
            }
        }
    }

    /// Does `work`, which does not panic and is done in one turn, on one of the threads, or where long plans are made if
    /// `is_long`; fails as [`ComputePool::answer`]. Beside the result it is told how long it was in the queue, and behind how many.
    ///
    /// Cancel safety: as [`ComputePool::answer`].
    pub(crate) async fn run_noted<R: Send + 'static>(
        &self,
        (lane, is_long): (Lane, bool),
        timeline: &mut Timeline,
        work: impl FnOnce(&ComputePath, &mut Tools) -> R + Send + 'static,
    ) -> Result<(R, Duration, u32), Failure> {
        let make = |came, sender| {
            let once = move |path: &ComputePath, tools: &mut Tools, ahead: usize| {
                tell(sender, (came, ahead), || work(path, tools));
            };
            Entry::new(Work::Once(Box::new(once), 0))
        };
        let threads = if is_long {
            &self.planners
        } else {
            &self.threads
        };
        threads.noted(lane, timeline, make).await
    }

    /// Does `work`, which does not panic, on one of the threads; fails as a request does.
    ///
    /// Cancel safety: work whose future was dropped leaves the queue.
    pub async fn run<R: Send + 'static>(
        &self,
        lane: Lane,
        work: impl FnOnce() -> R + Send + 'static,
    ) -> Result<R, Failure> {
        self.run_among((lane, false), work).await
    }

    /// As [`ComputePool::run`], where long plans are made, of which none is made meanwhile.
    pub async fn run_as_planner<R: Send + 'static>(
        &self,
        lane: Lane,
        work: impl FnOnce() -> R + Send + 'static,
    ) -> Result<R, Failure> {
        self.run_among((lane, true), work).await
    }

    async fn run_among<R: Send + 'static>(
        &self,
        of: (Lane, bool),
        work: impl FnOnce() -> R + Send + 'static,
    ) -> Result<R, Failure> {
        let timeline = &mut Timeline::default();
        let ran = self.run_noted(of, timeline, |_, _| work()).await;
        ran.map(|(result, ..)| result)
    }

    /// Requests that wait for a turn.
    pub fn waiting(&self) -> usize {
        self.threads.waiting() + self.planners.waiting()
    }

    /// Requests and other work that the planners have, or will have.
    pub fn planning(&self) -> usize {
        self.planners.waiting() + self.planners.busy()
    }

    /// Threads that are at work.
    pub fn busy(&self) -> usize {
        self.threads.busy() + self.planners.busy()
    }

    /// Tells how many threads there are and work, and how many requests wait for one.
    pub(crate) fn observe(&self, observer: &mut Observer<'_>) {
        self.threads.observe("compute", observer);
        self.planners.observe("compute_plans", observer);
    }

    /// Ends the threads: what waits is dropped, a turn that runs is given up between two values or operations. Returns whether all ended by `deadline`
    /// (`None`: however long it takes).
    pub(crate) fn stop(&self, deadline: Option<Instant>) -> bool {
        self.threads.close();
        self.planners.close();
        // Both are waited for.
        self.threads.stop(deadline) & self.planners.stop(deadline)
    }
}

impl Drop for ComputePool {
    fn drop(&mut self) {
        // Tells the threads to end; to wait for them is for who calls `stop`.
        self.stop(Some(Instant::now()));
    }
}

impl Entry {
    fn new(work: Work) -> Entry {
        Entry {
            work,
            place: Place::default(),
        }
    }
}

impl turns::Work for Entry {
    type Place = Place;

    fn full() -> Failure {
        Failure::Overloaded(FullQueue {
            wait: "to be computed",
            per_thread: WAITING_PER_THREAD,
            setting: "compute.threads",
            remedy: "ask for fewer keys or operations at a time",
            reason: reasons::COMPUTE_QUEUE,
        })
    }

    fn comes(&mut self, behind: usize) {
        match &mut self.work {
            Work::Request(job) => job.ahead = behind,
            Work::Once(_, ahead) => *ahead = behind,
        }
    }

    fn place(&self) -> Place {
        Arc::clone(&self.place)
    }

    fn stands(place: &mut Place, ticket: Ticket) {
        *place.lock() = Some(ticket);
    }

    fn leaves(place: &mut Place) -> Option<Ticket> {
        place.lock().take()
    }

    fn begins(&self) {
        *self.place.lock() = None;
    }
}

fn run(threads: &Threads<Entry>, path: &ComputePath, nice: i32, baton: Option<&Arc<Baton>>) {
    if nice != 0 {
        if let Err(error) = weigh(nice) {
            tracing::info!(%error, nice, "the nice value of a thread that computes is not set");
        }
    }
    venice_engine::disable_perf_counters();
    let mut tools = Tools::new(threads.stopping(), baton.cloned());
    let mut before = None;
    while let Some(Turn { work, of }) = threads.next(before) {
        let _held = baton.map(|baton| baton.take());
        let begun = Instant::now();
        let Entry { work, place } = work;
        let goes_on = match work {
            Work::Once(work, ahead) => {
                work(path, &mut tools, ahead);
                None
            }
            Work::Request(job) if job.is_given_up() => None,
            Work::Request(mut job) => {
                match job.turn(path, &mut tools, begun + path.turn) {
                    Turned::Over => None,
                    Turned::Unfinished if baton.is_none() => Some(Entry {
                        work: Work::Request(job),
                        place,
                    }),
                    // A long plan is to be made, or was.
                    Turned::Unfinished | Turned::Long => {
                        job.give_back();
                        None
                    }
                }
            }
        };
        before = Some(Over {
            of,
            took: begun.elapsed(),
            goes_on,
        });
    }
}
