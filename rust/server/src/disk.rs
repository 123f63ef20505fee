//! The threads that may wait for the disk.
//!
//! A connection's thread never does: what memory cannot answer is handed over, and the request
//! waits here while its neighbours go on. The queue is bounded, because reads that wait longer than
//! the client does are work for nobody. For the same reason a call that was cancelled, or whose
//! deadline has passed, gives its place back and is not read.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Instant;

use bytes::Bytes;
use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;
use venice_engine::Tier;

use crate::response::Reply;
use crate::status::Failure;

/// Reads that may wait per thread. At about 1 ms per read of a slow disk the last of them starts
/// after 256 ms, within the Fast Client's time-out of 1 s for a route.
pub const WAITING_PER_THREAD: usize = 256;

type Answer = Result<Reply, Failure>;
type Read = dyn Fn(&[u8], Tier) -> Answer + Send + Sync;

/// A bounded pool of named threads that run one kind of work: reads that may block.
pub struct DiskPool {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

struct Shared {
    read: Box<Read>,
    capacity: usize,
    queue: Mutex<Queue>,
    /// A job came, or the pool closes.
    changed: Condvar,
    /// A thread ended.
    ended: Condvar,
}

struct Queue {
    /// In the order of their numbers.
    jobs: VecDeque<Job>,
    next_number: u64,
    closed: bool,
    running: usize,
}

struct Job {
    number: u64,
    work: Work,
}

enum Work {
    /// A request of one message, for which nothing is allocated.
    Request {
        request: Bytes,
        tier: Tier,
        answer: oneshot::Sender<Answer>,
    },
    /// Anything else.
    Other(Box<dyn FnOnce() + Send>),
}

impl DiskPool {
    /// Starts `threads` threads that answer requests by `read`, which does not panic.
    pub fn start(
        threads: usize,
        read: impl Fn(&[u8], Tier) -> Answer + Send + Sync + 'static,
    ) -> io::Result<DiskPool> {
        let pool = DiskPool {
            shared: Arc::new(Shared {
                read: Box::new(read),
                capacity: threads * WAITING_PER_THREAD,
                queue: Mutex::new(Queue {
                    jobs: VecDeque::new(),
                    next_number: 0,
                    closed: false,
                    running: 0,
                }),
                changed: Condvar::new(),
                ended: Condvar::new(),
            }),
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

    /// Answers `request` on one of the threads, as far as `tier` goes.
    ///
    /// Cancel safety: a request whose future was dropped gives back its place in the queue, and is
    /// not read if its turn has not come.
    pub async fn answer(&self, request: Bytes, tier: Tier) -> Answer {
        let (sender, receiver) = oneshot::channel();
        let work = Work::Request {
            request,
            tier,
            answer: sender,
        };
        self.done(work, receiver).await.unwrap_or_else(Err)
    }

    /// Does `work`, which does not panic, on one of the threads.
    ///
    /// Cancel safety: as [`DiskPool::answer`].
    pub async fn run<R: Send + 'static>(
        &self,
        work: impl FnOnce() -> R + Send + 'static,
    ) -> Result<R, Failure> {
        let (sender, receiver) = oneshot::channel();
        let work = move || {
            if !sender.is_closed() {
                // The client may have gone meanwhile; then nobody wants the result.
                drop(sender.send(work()));
            }
        };
        self.done(Work::Other(Box::new(work)), receiver).await
    }

    async fn done<R>(&self, work: Work, result: oneshot::Receiver<R>) -> Result<R, Failure> {
        let mut waiting = {
            let mut queue = self.shared.queue.lock();
            if queue.closed {
                return Err(Failure::Stopping);
            }
            if queue.jobs.len() >= self.shared.capacity {
                return Err(Failure::OverCapacity);
            }
            let number = queue.next_number;
            queue.next_number += 1;
            queue.jobs.push_back(Job { number, work });
            Waiting {
                shared: &self.shared,
                number: Some(number),
            }
        };
        self.shared.changed.notify_one();
        // The sender is dropped unused only when the pool closes.
        let result = result.await.map_err(|_| Failure::Stopping);
        waiting.number = None;
        result
    }

    /// Requests whose turn has not come.
    pub fn waiting(&self) -> usize {
        self.shared.queue.lock().jobs.len()
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
    // Counted down however the thread ends, or `stop` would wait for ever.
    let _ended = Ended(shared);
    venice_engine::count_nothing_on_this_thread();
    while let Some(job) = next(shared) {
        match job.work {
            Work::Other(work) => work(),
            Work::Request {
                request,
                tier,
                answer,
            } => {
                let read = match tier {
                    Tier::Until(deadline) if Instant::now() >= deadline => {
                        Err(Failure::DeadlineExceeded)
                    }
                    tier => (shared.read)(&request, tier),
                };
                // The client may have gone meanwhile; then nobody wants the answer.
                drop(answer.send(read));
            }
        }
    }
}

fn next(shared: &Shared) -> Option<Job> {
    let mut queue = shared.queue.lock();
    loop {
        if let Some(job) = queue.jobs.pop_front() {
            return Some(job);
        }
        if queue.closed {
            return None;
        }
        shared.changed.wait(&mut queue);
    }
}

/// A request that was put into the queue, and was not answered yet.
struct Waiting<'a> {
    shared: &'a Shared,
    number: Option<u64>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let Some(number) = self.number else { return };
        let mut queue = self.shared.queue.lock();
        if let Ok(at) = queue.jobs.binary_search_by_key(&number, |job| job.number) {
            queue.jobs.remove(at);
        }
    }
}

struct Ended<'a>(&'a Shared);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        self.0.queue.lock().running -= 1;
        self.0.ended.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::Pin;
    use std::sync::mpsc;
    use std::task::{Context, Poll, Waker};
    use std::time::Duration;

    use super::*;

    fn block_on<F: Future>(future: F) -> F::Output {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(future)
    }

    /// A pool of one thread whose reads announce themselves and then wait to be let through.
    fn gated_pool() -> (DiskPool, mpsc::Receiver<Vec<u8>>, mpsc::Sender<()>) {
        let (started, starts) = mpsc::channel();
        let (gate, gates) = mpsc::channel();
        let gates = Mutex::new(gates);
        let pool = DiskPool::start(1, move |request, _| {
            started.send(request.to_vec()).unwrap();
            gates.lock().recv().unwrap();
            Ok(Reply::error(request.len() as i32, ""))
        });
        (pool.unwrap(), starts, gate)
    }

    #[test]
    fn reads_are_answered() {
        let pool =
            DiskPool::start(2, |request, _| Ok(Reply::error(request.len() as i32, ""))).unwrap();
        for length in 1..100 {
            let reply = block_on(pool.answer(Bytes::from(vec![0; length]), Tier::Any)).unwrap();
            assert_eq!(reply.message(), [0x30, length as u8]);
        }
        assert!(pool.stop(None));
    }

    type Answering<'a> = Pin<Box<dyn Future<Output = Answer> + 'a>>;

    /// A request that was put into the queue: its future, polled once.
    fn asked<'a>(pool: &'a DiskPool, request: &'static [u8]) -> Answering<'a> {
        let mut answer: Answering<'a> =
            Box::pin(pool.answer(Bytes::from_static(request), Tier::Any));
        assert!(poll_once(&mut answer).is_pending());
        answer
    }

    fn poll_once(answer: &mut Answering<'_>) -> Poll<Answer> {
        answer
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn a_full_queue_says_so() {
        let (pool, starts, gate) = gated_pool();
        let mut waiting = vec![asked(&pool, b"running")];
        assert_eq!(starts.recv().unwrap(), b"running");
        waiting.extend((0..WAITING_PER_THREAD).map(|_| asked(&pool, b"waiting")));

        let mut refused: Answering<'_> = Box::pin(pool.answer(Bytes::new(), Tier::Any));
        assert!(matches!(
            poll_once(&mut refused),
            Poll::Ready(Err(Failure::OverCapacity))
        ));

        for answer in waiting {
            gate.send(()).unwrap();
            block_on(answer).unwrap();
        }
    }

    #[test]
    fn a_cancelled_read_is_not_done() {
        let (pool, starts, gate) = gated_pool();
        let first = asked(&pool, b"first");
        assert_eq!(starts.recv().unwrap(), b"first");
        let second = asked(&pool, b"second");
        let third = asked(&pool, b"third");
        drop(second);
        gate.send(()).unwrap();
        gate.send(()).unwrap();
        block_on(first).unwrap();
        block_on(third).unwrap();
        assert_eq!(starts.recv().unwrap(), b"third");
    }

    #[test]
    fn a_cancelled_read_gives_its_place_back() {
        let (pool, starts, gate) = gated_pool();
        let running = asked(&pool, b"running");
        assert_eq!(starts.recv().unwrap(), b"running");
        let mut waiting: Vec<_> = (0..WAITING_PER_THREAD)
            .map(|_| asked(&pool, b"waiting"))
            .collect();
        // From the middle, from the front and from the back.
        for at in [WAITING_PER_THREAD / 2, 0, WAITING_PER_THREAD - 3] {
            drop(waiting.remove(at));
            waiting.push(asked(&pool, b"instead"));
        }
        let mut refused: Answering<'_> = Box::pin(pool.answer(Bytes::new(), Tier::Any));
        assert!(matches!(
            poll_once(&mut refused),
            Poll::Ready(Err(Failure::OverCapacity))
        ));

        for answer in std::iter::once(running).chain(waiting) {
            gate.send(()).unwrap();
            block_on(answer).unwrap();
        }
        let read: Vec<_> = starts.try_iter().collect();
        assert_eq!(read.len(), WAITING_PER_THREAD);
        assert_eq!(read.iter().filter(|name| **name == b"instead").count(), 3);
    }

    #[test]
    fn a_read_whose_deadline_has_passed_is_not_done() {
        let (pool, starts, gate) = gated_pool();
        let running = asked(&pool, b"running");
        assert_eq!(starts.recv().unwrap(), b"running");
        let passed = Tier::Until(Instant::now());
        let mut late: Answering<'_> = Box::pin(pool.answer(Bytes::from_static(b"late"), passed));
        assert!(poll_once(&mut late).is_pending());
        let last = asked(&pool, b"last");
        gate.send(()).unwrap();
        gate.send(()).unwrap();
        block_on(running).unwrap();
        assert!(matches!(block_on(late), Err(Failure::DeadlineExceeded)));
        block_on(last).unwrap();
        assert_eq!(starts.recv().unwrap(), b"last");
    }

    #[test]
    fn stop_drops_waiting_reads_and_refuses_new_ones() {
        let (pool, starts, gate) = gated_pool();
        let running = asked(&pool, b"running");
        assert_eq!(starts.recv().unwrap(), b"running");
        let waiting = asked(&pool, b"waiting");

        assert!(!pool.stop(Some(Instant::now())), "a read is running");
        assert!(matches!(block_on(waiting), Err(Failure::Stopping)));
        assert!(matches!(
            block_on(pool.answer(Bytes::new(), Tier::Any)),
            Err(Failure::Stopping)
        ));

        gate.send(()).unwrap();
        block_on(running).unwrap();
        assert!(pool.stop(Some(Instant::now() + Duration::from_secs(60))));
    }
}
