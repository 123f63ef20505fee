//! Whether the client of a request that is worked at still waits for the answer.
//!
//! hyper reads nothing while a request is worked at, and a client that has closed looks like one that has ended its sending alone,
//! until something is written to it. So the system is asked, now and then, what it knows of the connection; it knows that also
//! where bytes lie that nobody has read.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::io::Interest;
use tokio::net::TcpStream;
use tokio::select;
use tokio::time::{sleep, Instant};

/// How often it is looked at: a request that takes less is not looked at.
const LOOK: Duration = Duration::from_secs(1);

/// What the system knows of a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Client {
    /// It may send more.
    Sends,
    /// It has ended its sending, or closed.
    SaidAll,
    /// It has reset the connection, or this is so after a write to one that has closed.
    Gone,
}

impl Client {
    /// What the system knows now. No task is woken when that changes.
    pub(super) fn of(tcp: &TcpStream) -> Client {
        let known = pin!(tcp.ready(Interest::READABLE | Interest::WRITABLE));
        match known.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Err(_)) => Client::Gone,
            Poll::Ready(Ok(ready)) if ready.is_write_closed() => Client::Gone,
            Poll::Ready(Ok(ready)) if ready.is_read_closed() => Client::SaidAll,
            Poll::Ready(Ok(_)) | Poll::Pending => Client::Sends,
        }
    }
}

/// What comes of `work`, unless its client is found gone, or to have said all `patience` ago: it may be gone then.
///
/// Cancel safety: that of `work`.
pub(super) async fn while_waited_for<F: Future>(
    work: F,
    look: impl Fn() -> Client,
    patience: Duration,
) -> Result<F::Output, Client> {
    select! {
        biased;
        done = work => Ok(done),
        client = left(look, patience) => Err(client),
    }
}

/// Returns when that is so. `look` tells what the system knows.
async fn left(look: impl Fn() -> Client, patience: Duration) -> Client {
    let mut said_all = None;
    loop {
        sleep(LOOK.min(patience)).await;
        match look() {
            Client::Sends => {}
            Client::Gone => return Client::Gone,
            Client::SaidAll => {
                let since = *said_all.get_or_insert_with(Instant::now);
                if since.elapsed() >= patience {
                    return Client::SaidAll;
                }
            }
        }
    }
}
