//! The one signal of a server: it drains, until a deadline.

use std::future::pending;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{sleep_until, Instant};

/// A call on which nothing was asked for so long while the server drains takes no more requests. What the
/// client had sent before is there by then, over any line.
const QUIET: Duration = Duration::from_millis(500);

/// Sends the signal.
#[derive(Debug)]
pub struct DrainSender(watch::Sender<Option<Instant>>);

/// Waits for the signal. Each thread and each connection has its own.
#[derive(Debug, Clone)]
pub struct Drain(watch::Receiver<Option<Instant>>);

/// A signal that was not sent yet.
pub fn channel() -> (DrainSender, Drain) {
    let (sender, receiver) = watch::channel(None);
    (DrainSender(sender), Drain(receiver))
}

impl DrainSender {
    /// Tells everyone who waits, now or later.
    pub fn start(&self, deadline: Instant) {
        self.0.send_replace(Some(deadline));
    }
}

impl Drain {
    /// Whether the server drains.
    pub fn has_started(&self) -> bool {
        self.0.borrow().is_some()
    }

    /// Waits until the server drains, and returns when it has to be over.
    ///
    /// Cancel safety: nothing is lost.
    pub async fn started(&mut self) -> Instant {
        match self
            .0
            .wait_for(Option::is_some)
            .await
            .map(|deadline| *deadline)
        {
            Ok(Some(deadline)) => deadline,
            // The sender lives as long as the server's threads; without one no signal comes.
            Ok(None) | Err(_) => pending().await,
        }
    }

    /// Tells a call of many requests how long it takes them while the server drains.
    pub fn last_requests(&self) -> LastRequests {
        LastRequests {
            drain: self.clone(),
            until: None,
        }
    }
}

/// How long a call of many requests takes them while the server drains.
///
/// A client's library does not tell those who have a call that the server goes. So requests that were
/// sent before the drain, and more of them, come in the midst of it. They are answered, as long as they come
/// without a pause, for half of the time that there is; the other half is for their answers.
#[derive(Debug)]
pub struct LastRequests {
    drain: Drain,
    until: Option<Instant>,
}

impl LastRequests {
    /// Waits until the half of the time is over; of a call that is `idle`, nothing that was asked being
    /// unanswered, until it has had a pause in the drain. What comes ends the pause: then this is asked
    /// anew.
    ///
    /// Cancel safety: nothing is lost but the pause.
    pub async fn over(&mut self, idle: bool) {
        let until = self.until().await;
        let pause = if idle { Instant::now() + QUIET } else { until };
        sleep_until(until.min(pause)).await;
    }

    /// Whether the half of the time is over.
    pub fn is_half_over(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() >= until)
    }

    async fn until(&mut self) -> Instant {
        if let Some(until) = self.until {
            return until;
        }
        let deadline = self.drain.started().await;
        let now = Instant::now();
        let until = now + deadline.saturating_duration_since(now) / 2;
        *self.until.insert(until)
    }
}
