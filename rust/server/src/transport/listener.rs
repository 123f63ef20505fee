//! The listening socket and the thread that accepts.
//!
//! One thread accepts for all workers. Read clients keep their connections for hours, so accepting
//! is rare and never the limit, and one loop deals them out evenly, where SO_REUSEPORT leaves the
//! spread to a hash and lets a second process steal the port without a word.

use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use tokio::net::{TcpListener, TcpSocket};
use tokio::select;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::sleep;
use venice_metrics::LogThrottle;

use crate::config::names::{MAX_CONNECTIONS, MAX_OF_ADDRESS};
use crate::runtime::drain::Drain;
use crate::transport::connection::{Accepted, Transport};
use crate::transport::connection_limit::{ConnectionLimit, Full};
use crate::transport::instruments;

/// Connections that may wait for `accept`; the backlog of Venice's own listeners.
const BACKLOG: u32 = 1000;

/// Pause after an error that every further `accept` would meet as well, such as no free
/// descriptors.
const PAUSE: Duration = Duration::from_millis(50);

/// Opens the listening socket. Needs the runtime that will run [`run`].
pub(crate) fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    // Lets a restarted server take its port while old connections linger in TIME_WAIT. It does not
    // share a port that someone listens on.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Accepts until the server drains, giving connections to the workers in turn, and looks after the
/// memory for clients.
pub(crate) async fn run(
    listener: TcpListener,
    workers: Vec<UnboundedSender<Accepted>>,
    transport: Arc<Transport>,
    drain: Drain,
) {
    let limit = transport.connection_limit.clone();
    select! {
        () = distribute(listener, workers, limit, drain) => {}
        () = transport.memory.watch() => {}
    }
}

async fn distribute(
    listener: TcpListener,
    workers: Vec<UnboundedSender<Accepted>>,
    limit: ConnectionLimit,
    mut drain: Drain,
) {
    let mut log = Log::default();
    let mut spare = Spare::default();
    let mut workers = workers.iter().cycle();
    'serving: for worker in workers.by_ref() {
        loop {
            let accepted = select! {
                accepted = listener.accept() => accepted,
                _ = drain.started() => break 'serving,
            };
            // The socket moves to the worker's runtime, so it leaves this one.
            match accepted.and_then(|(stream, address)| Ok((stream.into_std()?, address))) {
                Ok((stream, address)) => {
                    let permit = match limit.take(address.ip()) {
                        Ok(permit) => permit,
                        Err(full) => {
                            // Closed at once, so that the client turns to another server and does
                            // not wait for this one.
                            instruments::refused(full);
                            log.refused(full, address, &limit);
                            continue;
                        }
                    };
                    if permit.took_over() {
                        log.gave_way(&limit);
                    }
                    // A worker that takes no more is draining; the client sees a closed connection.
                    drop(worker.send(Accepted {
                        stream,
                        address,
                        permit,
                    }));
                    break;
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    log.failed(&error);
                    if is_out_of_descriptors(&error) && spare.turn_away(&listener) {
                        continue;
                    }
                    select! {
                        () = sleep(PAUSE) => {}
                        _ = drain.started() => break 'serving,
                    }
                }
            }
        }
    }
    // What the system has connected already is served too: closing the listener would reset it.
    let Ok(listener) = listener.into_std() else {
        return;
    };
    for worker in workers.take(BACKLOG as usize) {
        let Some((stream, address)) = waiting(&listener) else {
            return;
        };
        if let Ok(permit) = limit.take(address.ip()) {
            drop(worker.send(Accepted {
                stream,
                address,
                permit,
            }));
        }
    }
}

/// A connection that waits to be accepted; `None` when no more do. The listener does not block.
fn waiting(listener: &std::net::TcpListener) -> Option<(std::net::TcpStream, SocketAddr)> {
    loop {
        let accepted = listener.accept().and_then(|(stream, address)| {
            stream.set_nonblocking(true)?;
            Ok((stream, address))
        });
        match accepted {
            Ok(accepted) => return Some(accepted),
            Err(error) if is_of_one_connection(&error) => {}
            // There is none, or no descriptor for one.
            Err(_) => return None,
        }
    }
}

/// A descriptor that is kept for the time when there is no other: with it, those who wait to be
/// accepted are accepted and closed, and turn to another server. Without it they would wait for as
/// long as this process has none, and longer than they have patience.
struct Spare(Option<File>);

impl Default for Spare {
    fn default() -> Spare {
        Spare(Spare::open())
    }
}

impl Spare {
    fn open() -> Option<File> {
        File::open("/dev/null").ok()
    }

    /// Closes the connection that has waited longest. Returns whether there was one; it may also be
    /// that another thread of the process was quicker to take the descriptor.
    fn turn_away(&mut self, listener: &TcpListener) -> bool {
        self.0 = None;
        let mut context = Context::from_waker(Waker::noop());
        let waited = listener.poll_accept(&mut context);
        let turned_away = matches!(waited, Poll::Ready(Ok(_)));
        drop(waited);
        self.0 = Spare::open();
        turned_away
    }
}

/// What is said about connections that cannot be had: each thing now and then, as it may be so for
/// each of thousands.
#[derive(Default)]
struct Log {
    full: LogThrottle,
    gave_way: LogThrottle,
    failed: LogThrottle,
}

impl Log {
    fn refused(&mut self, full: Full, address: SocketAddr, limit: &ConnectionLimit) {
        let Some(times) = self.full.count(Instant::now()) else {
            return;
        };
        match full {
            Full::Server => tracing::warn!(
                %address,
                times,
                connections = limit.most(),
                "connections are refused: there are as many as {MAX_CONNECTIONS} allows, and all \
                 have made calls; raise it, or find out who has them"
            ),
            Full::Address => tracing::warn!(
                %address,
                times,
                connections = limit.most_of_address(),
                "connections are refused: their address has as many as {MAX_OF_ADDRESS} allows; \
                 raise it if many clients share the address"
            ),
        }
    }

    fn gave_way(&mut self, limit: &ConnectionLimit) {
        if let Some(times) = self.gave_way.count(Instant::now()) {
            tracing::warn!(
                times,
                connections = limit.most(),
                "connections without a call give way to new ones: there are as many as \
                 {MAX_CONNECTIONS} or {MAX_OF_ADDRESS} allows; raise it, or find out who has them"
            );
        }
    }

    fn failed(&mut self, error: &io::Error) {
        let Some(times) = self.failed.count(Instant::now()) else {
            return;
        };
        if is_out_of_descriptors(error) {
            tracing::warn!(
                %error,
                times,
                "cannot accept connections: no descriptor is free, and those who wait are turned \
                 away; raise the limit of open files of the process (ulimit -n), or lower \
                 {MAX_CONNECTIONS}"
            );
        } else {
            tracing::warn!(%error, times, "cannot accept a connection");
        }
    }
}

/// Whether an error of `accept` says that the process (EMFILE) or the system (ENFILE) has as many open
/// files as it may have. The numbers are those of Linux and of macOS.
fn is_out_of_descriptors(error: &io::Error) -> bool {
    const ENFILE: i32 = 23;
    const EMFILE: i32 = 24;
    matches!(error.raw_os_error(), Some(ENFILE | EMFILE))
}

/// Whether an error of `accept` is that of a connection which ended while it waited.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}
