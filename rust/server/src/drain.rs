//! The one signal of a server: it drains, until a deadline.

use std::future::pending;

use tokio::sync::watch;
use tokio::time::Instant;

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
}
