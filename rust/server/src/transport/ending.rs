//! How connections end.

use std::convert::Infallible;
use std::future::{pending, Future};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{ready, Context, Poll};
use std::time::Duration;

use tokio::select;
use tokio::time::{sleep, Instant, Sleep};

use crate::config::names::MAX_CONNECTION_AGE_GRACE;
use crate::config::Config;
use crate::memory::account::Account;
use crate::runtime::drain::{Drain, DrainSender};
use crate::transport::connection_limit::ConnectionPermit;
use crate::transport::flood::Flood;
use crate::transport::instruments::{self, Ended};

/// How long a connection whose permit is another's may take to say goodbye: a client that answers does
/// so within a round trip, and one that does not would be counted nowhere.
pub(crate) const GIVING_WAY: Duration = Duration::from_secs(1);
/// How long the client has to close a connection that ended by itself, or for an error. One that was
/// told to go has what is left of `max.connection.age.grace.ms`.
pub(crate) const CLOSING: Duration = Duration::from_secs(5);

/// Bytes that are read and forgotten after the end: twice what the windows of a connection let a client
/// have under way. Who sends more does not mean to stop.
pub(crate) const MAX_FORGOTTEN: usize = 8 * 1024 * 1024;

/// What ends a connection, and tells its calls.
pub(crate) struct Ends {
    pub(crate) drain: Drain,
    pub(crate) calls: DrainSender,
}

impl Ends {
    /// Tells calls that would go on that the connection ends at `until`, so that they end by themselves: at
    /// once if the server drains, else when half of the time is over. Never returns.
    pub(crate) async fn tell_calls(&mut self, until: Instant) -> Infallible {
        let half = until.saturating_duration_since(Instant::now()) / 2;
        let until = select! {
            deadline = self.drain.started() => deadline.min(until),
            () = sleep(half) => until,
        };
        self.calls.start(until);
        pending().await
    }
}

/// Waits until the permit is another's, and has been for as long as a goodbye may take.
pub(crate) async fn left(permit: &ConnectionPermit) {
    permit.given_away().await;
    sleep(GIVING_WAY).await;
}

/// How long a client may take to close whose connection ended so: who takes nothing needs no time for it.
pub(crate) fn time_to_close(ended: &io::Result<()>) -> Duration {
    match ended {
        Err(error) if error.kind() == io::ErrorKind::TimedOut => Duration::ZERO,
        _ => CLOSING,
    }
}

/// Waits until the client has to be told to go, for the connection is old or idle, or gives way, or the server
/// drains. Returns until when it may take.
pub(crate) async fn has_to_go(
    drain: &mut Drain,
    expired: impl Future<Output = Ended>,
    permit: &ConnectionPermit,
    address: SocketAddr,
    grace: Duration,
) -> Instant {
    let (why, until) = select! {
        deadline = drain.started() => return deadline,
        why = expired => {
            instruments::ended(why);
            (why.text(), grace)
        }
        () = permit.given_away() => ("quiet", GIVING_WAY),
    };
    tracing::debug!(%address, why, "sending GOAWAY");
    Instant::now() + until
}

/// Ends a connection that keeps others from what they need, by `hang_up`, which tells whether the client takes
/// what is sent: then it is told so.
pub(crate) fn held_up(
    account: &Account,
    config: &Config,
    hang_up: impl FnOnce(Flood) -> bool,
) -> (io::Result<()>, Instant) {
    let why = Flood::Held {
        bytes: account.held(),
        limit: config.max_client_bytes,
    };
    let closing = if hang_up(why) {
        CLOSING
    } else {
        Duration::ZERO
    };
    (Err(io::Error::other(why)), Instant::now() + closing)
}

pub(crate) fn gave_way() -> io::Error {
    let text = "it had said nothing, and gave way to a new connection";
    io::Error::new(io::ErrorKind::ConnectionAborted, text)
}

pub(crate) fn in_flight(grace: Duration) -> io::Error {
    instruments::ended(Ended::Grace);
    let text = format!(
        "calls were in flight {} ms after GOAWAY (setting {MAX_CONNECTION_AGE_GRACE})",
        grace.as_millis()
    );
    io::Error::new(io::ErrorKind::TimedOut, text)
}

/// Notices a client that has stopped reading below HTTP/2. A PING waits behind what it does not read, and
/// so does the end of the connection that its time-out brings.
pub(crate) struct Stall {
    patience: Duration,
    /// Bytes that had been sent when the timer was set.
    sent: u64,
    /// Set once something had to wait; few connections ever have one.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Stall {
    pub(crate) fn new(patience: Duration) -> Stall {
        Stall {
            patience,
            sent: 0,
            timer: None,
        }
    }

    /// Called while something waits to be sent.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>, sent: u64) -> Poll<io::Error> {
        let timer = self.timer.get_or_insert_with(|| {
            self.sent = sent;
            Box::pin(sleep(self.patience))
        });
        loop {
            ready!(timer.as_mut().poll(context));
            if self.sent == sent {
                instruments::ended(Ended::KeepAlive);
                return Poll::Ready(io::ErrorKind::TimedOut.into());
            }
            self.sent = sent;
            timer.as_mut().reset(Instant::now() + self.patience);
        }
    }
}
