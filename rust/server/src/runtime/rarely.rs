//! A future that is looked at when it woke its task, and not whenever its task is polled for something else.
//!
//! A connection's task is polled for each read, and waits for a dozen things beside it that come once in its life: each look at one
//! of them takes a lock, and some of these locks all workers share.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use parking_lot::Mutex;

/// Looks at `F` at first, and when it is ready to go on.
pub(crate) struct Rarely<F> {
    future: F,
    woken: Arc<Woken>,
    /// That of `woken`, which the future has.
    waker: Waker,
    /// That of the task, as `woken` has it.
    task: Option<Waker>,
}

struct Woken {
    is_due: AtomicBool,
    task: Mutex<Option<Waker>>,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        // Release, and before the task is woken: what made the future ready is seen by who looks at it.
        self.is_due.store(true, Ordering::Release);
        if let Some(task) = &*self.task.lock() {
            task.wake_by_ref();
        }
    }
}

impl<F> Rarely<F> {
    pub(crate) fn new(future: F) -> Rarely<F> {
        let woken = Arc::new(Woken {
            is_due: AtomicBool::new(true),
            task: Mutex::new(None),
        });
        Rarely {
            future,
            waker: Waker::from(Arc::clone(&woken)),
            woken,
            task: None,
        }
    }

    /// The future, to be changed: then it is looked at once more.
    pub(crate) fn change(&mut self) -> &mut F {
        self.woken.is_due.store(true, Ordering::Relaxed);
        &mut self.future
    }

    /// Has `task` woken from now on.
    #[cold]
    fn belongs_to(&mut self, task: &Waker) {
        *self.woken.task.lock() = Some(task.clone());
        self.task = Some(task.clone());
        // What woke the task before may not have been looked at.
        self.woken.is_due.store(true, Ordering::Relaxed);
    }
}

impl<F: Future + Unpin> Rarely<F> {
    /// As the future's own; that is not to be polled again once it was ready, but for [`Rarely::change`].
    #[inline]
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<F::Output> {
        let task = context.waker();
        if !self
            .task
            .as_ref()
            .is_some_and(|known| known.will_wake(task))
        {
            self.belongs_to(task);
        }
        if !self.woken.is_due.load(Ordering::Relaxed) {
            return Poll::Pending;
        }
        self.look()
    }

    #[cold]
    fn look(&mut self) -> Poll<F::Output> {
        // Acquire, and before the look: what makes it ready from here on wakes the task again.
        self.woken.is_due.swap(false, Ordering::AcqRel);
        Pin::new(&mut self.future).poll(&mut Context::from_waker(&self.waker))
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::sync::atomic::AtomicUsize;

    use tokio::sync::oneshot;

    use super::*;

    /// Counts how often it is woken.
    #[derive(Default)]
    struct Task(AtomicUsize);

    impl Wake for Task {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn it_is_looked_at_when_it_woke_its_task_and_not_before() {
        let looks = Arc::new(AtomicUsize::new(0));
        let (sender, mut receiver) = oneshot::channel();
        let counted = Arc::clone(&looks);
        let mut rarely = Rarely::new(poll_fn(move |context| {
            counted.fetch_add(1, Ordering::SeqCst);
            Pin::new(&mut receiver).poll(context)
        }));
        let task = Arc::new(Task::default());
        let waker = Waker::from(Arc::clone(&task));
        let mut context = Context::from_waker(&waker);
        for _ in 0..5 {
            assert!(rarely.poll(&mut context).is_pending());
        }
        assert_eq!(looks.load(Ordering::SeqCst), 1);
        // Another task has it now.
        let other = Arc::new(Task::default());
        let waker = Waker::from(Arc::clone(&other));
        let mut context = Context::from_waker(&waker);
        assert!(rarely.poll(&mut context).is_pending());
        assert_eq!(looks.load(Ordering::SeqCst), 2);
        sender.send(7).unwrap();
        let woken = [&task, &other].map(|task| task.0.load(Ordering::SeqCst));
        assert_eq!(woken, [0, 1]);
        assert_eq!(rarely.poll(&mut context), Poll::Ready(Ok(7)));
    }

    #[tokio::test]
    async fn what_is_changed_is_looked_at_again() {
        let far = std::time::Duration::from_secs(3600);
        let mut rarely = Rarely::new(Box::pin(tokio::time::sleep(far)));
        poll_fn(|context| {
            assert!(rarely.poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
        rarely.change().as_mut().reset(tokio::time::Instant::now());
        poll_fn(|context| rarely.poll(context)).await;
    }
}
