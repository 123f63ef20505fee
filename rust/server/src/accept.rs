//! The listening socket and the thread that accepts.
//!
//! One thread accepts for all workers. Read clients keep their connections for hours, so accepting
//! is rare and never the limit, and one loop deals them out evenly, where SO_REUSEPORT leaves the
//! spread to a hash and lets a second process steal the port without a word.

use std::future::pending;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket};
use tokio::select;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::{sleep, Instant};

use crate::drain::Drain;
use crate::runtime::Runtime;
use crate::settings::MAX_CONNECTIONS;

/// Connections that may wait for `accept`; the backlog of Venice's own listeners.
const BACKLOG: u32 = 1000;

/// Pause after an error that every further `accept` would meet as well, such as no free
/// descriptors.
const PAUSE: Duration = Duration::from_millis(50);

/// A connection on its way to a worker.
pub struct Accepted {
    /// The socket.
    pub stream: std::net::TcpStream,
    /// Where it comes from.
    pub address: SocketAddr,
    /// One of the places that the server has.
    pub place: Place,
}

/// The connections that a server may have at a time.
#[derive(Debug, Clone)]
pub struct Places {
    taken: Arc<AtomicUsize>,
    most: usize,
}

/// One of them; free again when it is dropped.
#[derive(Debug)]
pub struct Place(Arc<AtomicUsize>);

impl Places {
    /// As many places.
    pub fn new(most: usize) -> Places {
        Places {
            taken: Arc::default(),
            most,
        }
    }

    /// Takes a place, if there is one.
    pub fn take(&self) -> Option<Place> {
        let taken = self.taken.fetch_add(1, Ordering::Relaxed);
        let place = Place(Arc::clone(&self.taken));
        (taken < self.most).then_some(place)
    }

    /// Connections that there are.
    pub fn taken(&self) -> usize {
        self.taken.load(Ordering::Relaxed)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Between two lines of the log about too many connections.
const FULL_PAUSE: Duration = Duration::from_secs(60);

/// Opens the listening socket. Needs the runtime that will run [`run`].
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
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
/// files of TLS.
pub async fn run(
    listener: TcpListener,
    workers: Vec<UnboundedSender<Accepted>>,
    runtime: Arc<Runtime>,
    drain: Drain,
) {
    let places = runtime.places.clone();
    select! {
        () = deal(listener, workers, places, drain) => {}
        () = renew_tls(&runtime) => {}
    }
}

/// Reads the files of TLS again when they change, for ever. On this thread, because the workers have
/// better things to do than to derive keys from passwords.
async fn renew_tls(runtime: &Runtime) {
    let tls = runtime.tls.as_ref();
    let Some((tls, every)) = tls.and_then(|tls| Some((tls, tls.reload_interval()?))) else {
        return pending().await;
    };
    loop {
        sleep(every).await;
        match tls.reload_if_changed() {
            Ok(false) => {}
            Ok(true) => tracing::info!("the files of TLS changed and were read again"),
            // Said each time: the old certificate will expire.
            Err(error) => tracing::error!(%error, "the files of TLS changed and cannot be used"),
        }
    }
}

async fn deal(
    listener: TcpListener,
    workers: Vec<UnboundedSender<Accepted>>,
    places: Places,
    mut drain: Drain,
) {
    let mut full = Full::default();
    for worker in workers.iter().cycle() {
        loop {
            let accepted = select! {
                accepted = listener.accept() => accepted,
                _ = drain.started() => return,
            };
            // The socket moves to the worker's reactor, so it leaves this one.
            match accepted.and_then(|(stream, address)| Ok((stream.into_std()?, address))) {
                Ok((stream, address)) => {
                    let Some(place) = places.take() else {
                        // Closed at once, so that the client turns to another server and does not
                        // wait for this one.
                        full.say(address, &places);
                        continue;
                    };
                    // A worker that takes no more is draining; the client sees a closed connection.
                    drop(worker.send(Accepted {
                        stream,
                        address,
                        place,
                    }));
                    break;
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    select! {
                        () = sleep(PAUSE) => {}
                        _ = drain.started() => return,
                    }
                }
            }
        }
    }
}

/// Says that there is no place, now and then.
#[derive(Default)]
struct Full {
    said: Option<Instant>,
}

impl Full {
    fn say(&mut self, address: SocketAddr, places: &Places) {
        if self.said.is_none_or(|said| said.elapsed() >= FULL_PAUSE) {
            self.said = Some(Instant::now());
            tracing::warn!(
                %address,
                connections = places.most,
                "connections are refused: there are as many as {MAX_CONNECTIONS} allows; raise it, \
                 or find out who has them"
            );
        }
    }
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
