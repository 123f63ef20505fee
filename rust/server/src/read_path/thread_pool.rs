//! Threads that share a bounded queue fairly: what the pools that wait for the disk and that compute have in common.
//!
//! Connections have their turns one after the other, and when the queue is full, the connection that has most in it
//! gives way ([`crate::read_path::turns`]). Who waits for work that leaves the queue undone is told by its drop.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;
use venice_metrics::model::Value;
use venice_metrics::{Dimension, Instrument, Observer};

use crate::observe::timeline::{Phase, Timeline};
use crate::read_path::failure::Failure;
use crate::read_path::turns::{Over, Turn, Turns, Work, PLACES_PER_THREAD};

/// Work that may wait for each thread. At about 1 ms per read of a slow disk the last of it starts
/// after 256 ms, within the Fast Client's time-out of 1 s for a route.
pub const WAITING_PER_THREAD: usize = 256;

/// Whose turn it is: one for each connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lane(pub(super) u64);

/// The threads of a pool, and what waits for one.
pub(super) struct Threads<W> {
    queue: Mutex<Queue<W>>,
    /// Work came, or the pool closes.
    changed: Condvar,
    /// A thread ended.
    ended: Condvar,
    /// The pool closes: for work that looks at it.
    stopping: Arc<AtomicBool>,
    handles: Mutex<Vec<JoinHandle<()>>>,
}

struct Queue<W> {
    jobs: Turns<W>,
    closed: bool,
    /// Threads that have not ended.
    running: usize,
    /// Those that do work.
    busy: usize,
}

/// A result and how many were ahead of the work; how long it waited; how long a thread was busy with it.
pub(super) type Noted<R> = ((R, u32), Duration, Duration);

impl<W: Work> Threads<W> {
    /// Starts `count` threads of that name, each of which does `run`: it takes work by [`Threads::next`] until there is
    /// no more. For each of them so much work may wait.
    pub(super) fn start(
        name: &str,
        (count, waiting): (usize, usize),
        run: impl Fn(&Threads<W>) + Clone + Send + 'static,
    ) -> io::Result<Arc<Threads<W>>> {
        let threads = Arc::new(Threads {
            queue: Mutex::new(Queue {
                jobs: Turns::new(count * waiting, count * PLACES_PER_THREAD),
                closed: false,
                running: 0,
                busy: 0,
            }),
            changed: Condvar::new(),
            ended: Condvar::new(),
            stopping: Arc::default(),
            handles: Mutex::new(Vec::with_capacity(count)),
        });
        for index in 0..count {
            let (shared, run) = (Arc::clone(&threads), run.clone());
            threads.queue.lock().running += 1;
            let thread = thread::Builder::new().name(format!("{name}-{index}"));
            let spawned = thread.spawn(move || {
                // Counted down however the thread ends, or `stop` would wait without end.
                let _running = RunningGuard(&shared);
                run(&shared);
            });
            match spawned {
                Ok(thread) => threads.handles.lock().push(thread),
                Err(error) => {
                    threads.queue.lock().running -= 1;
                    threads.stop(None);
                    return Err(error);
                }
            }
        }
        Ok(threads)
    }

    /// The next turn. `before` is the one that the thread had last: `None` if this is its first.
    pub(super) fn next(&self, before: Option<Over<W>>) -> Option<Turn<W>> {
        let mut queue = self.queue.lock();
        queue.busy -= usize::from(before.is_some());
        if let Some(over) = before.filter(|_| !queue.closed) {
            // Who waits for what gives way is told by its drop, which needs no lock.
            drop(queue.jobs.over(over));
        }
        loop {
            if let Some(turn) = queue.jobs.next() {
                queue.busy += 1;
                return Some(turn);
            }
            if queue.closed {
                return None;
            }
            self.changed.wait(&mut queue);
        }
    }

    /// Puts `work` into the queue, and waits for its result.
    ///
    /// Cancel safety: work whose future was dropped leaves the queue, and is not begun.
    pub(super) async fn submit<R>(
        &self,
        lane: Lane,
        work: W,
        result: oneshot::Receiver<R>,
        timeline: &mut Timeline,
    ) -> Result<R, Failure> {
        let mut queued = Queued {
            threads: self,
            timeline,
            place: Some(self.put(lane, work)?),
        };
        self.changed.notify_one();
        let result = result.await;
        queued.place = None;
        // The sender was dropped unused: the pool closed, or the work had to give way.
        result.map_err(|_| match self.queue.lock().closed {
            true => Failure::Stopping,
            false => W::full(),
        })
    }

    fn put(&self, lane: Lane, mut work: W) -> Result<W::Place, Failure> {
        let mut queue = self.queue.lock();
        if queue.closed {
            return Err(Failure::Stopping);
        }
        work.comes(queue.jobs.len());
        let mut place = work.place();
        queue.jobs.push(lane.0, work, &mut place)?;
        drop(queue);
        Ok(place)
    }

    /// Does the work that `make` makes of when it came and of whom to tell ([`tell`]), and notes in `timeline` what it
    /// waited for. Beside the result it says how long that was in the queue, and behind how many.
    ///
    /// Cancel safety: as [`Threads::submit`].
    pub(super) async fn noted<R>(
        &self,
        lane: Lane,
        timeline: &mut Timeline,
        make: impl FnOnce(Instant, oneshot::Sender<Noted<R>>) -> W,
    ) -> Result<(R, Duration, u32), Failure> {
        timeline.begin(Phase::Queue, None);
        let (sender, receiver) = oneshot::channel();
        let work = make(Instant::now(), sender);
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

    /// What says that the pool closes, to work that would go on for long.
    pub(super) fn stopping(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.stopping)
    }

    /// Work whose turn has not come.
    pub(super) fn waiting(&self) -> usize {
        self.queue.lock().jobs.len()
    }

    /// Threads that are at work.
    pub(super) fn busy(&self) -> usize {
        self.queue.lock().busy
    }

    /// Tells how many threads there are and work, and how much waits for one.
    pub(super) fn observe(&self, pool: &'static str, observer: &mut Observer<'_>) {
        let queue = self.queue.lock();
        let (threads, busy, waiting) = (queue.running, queue.busy, queue.jobs.len());
        drop(queue);
        let of = [(Dimension::ThreadPool, pool)];
        for (instrument, value) in [
            (Instrument::ThreadPoolMaxCount, threads),
            (Instrument::ThreadPoolActiveCount, busy),
            (Instrument::ThreadPoolQueueTaskCount, waiting),
        ] {
            observer.observe(instrument, &of, Value::I64(value as i64));
        }
    }

    /// Tells the threads to end, and waits for none of them.
    pub(super) fn close(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        let mut queue = self.queue.lock();
        queue.closed = true;
        queue.jobs.clear();
        self.changed.notify_all();
    }

    /// Ends the threads: what waits is dropped; what runs is finished, or given up if it looks at
    /// [`Threads::stopping`]. Returns whether all ended by `deadline` (`None`:
    /// however long it takes); threads that are still at work then end after it, on their own.
    pub(super) fn stop(&self, deadline: Option<Instant>) -> bool {
        self.close();
        let handles = std::mem::take(&mut *self.handles.lock());
        let mut queue = self.queue.lock();
        while queue.running > 0 {
            match deadline {
                None => self.ended.wait(&mut queue),
                Some(deadline) => {
                    if self.ended.wait_until(&mut queue, deadline).timed_out() {
                        break;
                    }
                }
            }
        }
        let ended = queue.running == 0;
        drop(queue);
        if ended {
            for handle in handles {
                // A thread that panicked has ended as well, which is all that matters here.
                drop(handle.join());
            }
        }
        ended
    }
}

/// Does `work` for who waits for `sender`, if anybody still does.
pub(super) fn tell<R>(
    sender: oneshot::Sender<Noted<R>>,
    (came, ahead): (Instant, usize),
    work: impl FnOnce() -> R,
) {
    if !sender.is_closed() {
        let begun = Instant::now();
        let result = (work(), ahead as u32);
        let queued = begun.saturating_duration_since(came);
        // The client may have gone meanwhile; then nobody wants the result.
        drop(sender.send((result, queued, begun.elapsed())));
    }
}

/// Work that was put into the queue, and is not done yet.
struct Queued<'a, W: Work> {
    threads: &'a Threads<W>,
    place: Option<W::Place>,
    timeline: &'a mut Timeline,
}

impl<W: Work> Drop for Queued<'_, W> {
    fn drop(&mut self) {
        let Some(place) = &mut self.place else { return };
        let mut queue = self.threads.queue.lock();
        let removed = W::leaves(place).and_then(|ticket| queue.jobs.remove(ticket));
        drop(queue);
        if removed.is_none() {
            // A thread has it: for how long, nobody told.
            self.timeline.is_in(Phase::Read);
        }
    }
}

/// Counts a thread of the pool for as long as it runs.
struct RunningGuard<'a, W>(&'a Threads<W>);

impl<W> Drop for RunningGuard<'_, W> {
    fn drop(&mut self) {
        self.0.queue.lock().running -= 1;
        self.0.ended.notify_all();
    }
}
