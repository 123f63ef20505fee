//! A running server: its threads, from start to stop.

use std::net::SocketAddr;
use std::sync::atomic::Ordering;
use std::sync::mpsc::sync_channel;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use venice_engine::Registry;
use venice_export::Exporters;

use crate::config::Config;
use crate::lifecycle::exporting;
use crate::lifecycle::scheduling::Scheduling;
use crate::lifecycle::sources::Sources;
use crate::lifecycle::start_error::StartError;
use crate::lifecycle::worker;
use crate::memory::client_memory::ClientMemory;
use crate::observe::metrics::Metrics;
use crate::observe::slow_log::SlowLog;
use crate::observe::slow_text::SlowRequests;
use crate::policy::access::Access;
use crate::policy::quota::Quota;
use crate::read_path::disk_pool::DiskPool;
use crate::runtime::clock::{Clock, MonotonicClock};
use crate::runtime::drain::{self, Drain, DrainSender};
use crate::runtime::metric::Metric;
use crate::services::context::ServerContext;
use crate::services::health::Health;
use crate::services::instruments as calls;
use crate::services::session::Session;
use crate::transport::connection::Transport;
use crate::transport::instruments;
use crate::transport::listener;
use crate::transport::tls::{KeyStores, PemOnly, Tls, TlsError};

/// A read server that listens. Dropping it stops it without a drain.
pub struct Server {
    address: SocketAddr,
    context: Arc<ServerContext>,
    transport: Arc<Transport>,
    /// Asked by snapshots as long as the server is there.
    _sources: Arc<Sources>,
    /// Until the stop.
    exporters: Mutex<Option<Exporters>>,
    running: Mutex<State>,
}

enum State {
    Running(Threads),
    /// What the stop returned.
    Stopped(bool),
}

struct Threads {
    context: Arc<ServerContext>,
    transport: Arc<Transport>,
    drain: DrainSender,
    accept: Option<JoinHandle<()>>,
    workers: Vec<JoinHandle<bool>>,
    /// Those of the workers, which tell how busy they are.
    runtimes: Vec<Handle>,
}

impl Server {
    /// Listens and serves the databases in `registry`. When it returns, connections are accepted. Of
    /// key stores it reads PEM alone, and follows the files by a thread of its own.
    pub fn start(config: Config, registry: Arc<Registry>) -> Result<Server, StartError> {
        Server::start_with_clock(config, registry, Arc::<MonotonicClock>::default())
    }

    /// [`Server::start`] with another clock for quotas.
    pub fn start_with_clock(
        config: Config,
        registry: Arc<Registry>,
        clock: Arc<dyn Clock>,
    ) -> Result<Server, StartError> {
        let server = Server::start_with(config, registry, clock, &mut PemOnly)?;
        // An error ends what was started.
        server.watch_tls()?;
        Ok(server)
    }

    /// [`Server::start`], for who opens more kinds of key stores than PEM, and follows the files by a
    /// thread of its own: see [`Server::tls`].
    pub fn start_with_key_stores(
        config: Config,
        registry: Arc<Registry>,
        key_stores: &mut dyn KeyStores,
    ) -> Result<Server, StartError> {
        let clock = Arc::<MonotonicClock>::default();
        Server::start_with(config, registry, clock, key_stores)
    }

    fn start_with(
        config: Config,
        registry: Arc<Registry>,
        clock: Arc<dyn Clock>,
        key_stores: &mut dyn KeyStores,
    ) -> Result<Server, StartError> {
        let tls = Tls::load(&config.tls, key_stores)?;
        let runtime = runtime("the accept thread")?;
        let address = SocketAddr::new(config.bind_address, config.port);
        let listener = {
            let _entered = runtime.enter();
            listener::bind(address).and_then(|listener| Ok((listener.local_addr()?, listener)))
        };
        let (address, listener) =
            listener.map_err(|source| StartError::Bind { address, source })?;

        let workers = config.worker_threads;
        let config = Arc::new(config);
        let context = ServerContext::start(Arc::clone(&config), registry, clock);
        let context = Arc::new(context.map_err(|source| StartError::Thread {
            what: "a disk thread",
            source,
        })?);
        let transport = Arc::new(Transport::new::<Session>(config, tls));
        let (sender, drain) = drain::channel();
        let mut threads = Threads {
            context: Arc::clone(&context),
            transport: Arc::clone(&transport),
            drain: sender,
            accept: None,
            workers: Vec::new(),
            runtimes: Vec::new(),
        };
        match threads.start(runtime, listener, workers, &drain) {
            Ok(()) => {
                let runtimes = std::mem::take(&mut threads.runtimes);
                let server = Server {
                    address,
                    _sources: Sources::of(&context, &transport, runtimes),
                    context,
                    transport,
                    exporters: Mutex::new(None),
                    running: Mutex::new(State::Running(threads)),
                };
                // An error ends what was started.
                let metrics = &server.context.metrics;
                let config = &server.transport.config.metrics;
                *server.exporters.lock() = exporting::start(config, metrics, address)?;
                Ok(server)
            }
            Err(error) => {
                threads.stop(Duration::ZERO);
                Err(error)
            }
        }
    }

    /// The address listened on; its port is the real one also when 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The port listened on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// The quotas that requests are held to; set them at any time.
    pub fn quota(&self) -> &Quota {
        &self.context.quota
    }

    /// All metrics, for exporters: docs/metrics.md.
    pub fn observed(&self) -> &Metrics {
        &self.context.metrics
    }

    /// Requests that were slow, and some others by chance, with what they waited for: all that are kept.
    pub fn slow_requests(&self) -> SlowRequests {
        self.slow_requests_after(0)
    }

    /// Those of [`Server::slow_requests`] whose numbers are above `sequence`: for who asks again and again.
    pub fn slow_requests_after(&self, sequence: u64) -> SlowRequests {
        let log = &self.context.slow_log;
        let counts = self.context.metrics.registry().is_some();
        SlowRequests {
            threshold: log.threshold().filter(|_| counts),
            requests: log.after(sequence),
        }
    }

    /// The threads that may wait for the disk: who has something to read from it beside clients has it done
    /// there.
    pub fn disk(&self) -> &DiskPool {
        &self.context.disk
    }

    /// The slow log itself, whose threshold may change at any time.
    pub fn slow_log(&self) -> &SlowLog {
        &self.context.slow_log
    }

    /// Where Prometheus scrapes metrics, while it does.
    pub fn prometheus(&self) -> Option<SocketAddr> {
        self.exporters.lock().as_ref()?.prometheus()
    }

    /// What quota counted until now. Costs a few additions for each number: ask as often as numbers are
    /// written down, not for each request.
    pub fn metrics(&self) -> Vec<Metric> {
        let mut metrics = Vec::new();
        self.context.quota.report(&mut metrics);
        metrics
    }

    /// The questions about access that somebody has to answer, if access is controlled. Threads of
    /// the caller's wait for them in [`Access::next_question`] until the server stops.
    pub fn access(&self) -> Option<&Arc<Access>> {
        self.context.access.as_ref()
    }

    /// What the health service says while the server runs; draining, it says NOT_SERVING.
    pub fn health(&self) -> &Health {
        &self.context.health
    }

    /// The memory that clients hold.
    pub fn memory(&self) -> &ClientMemory {
        &self.transport.memory
    }

    /// Calls that are open, of all connections.
    pub fn calls_in_flight(&self) -> usize {
        self.transport.memory.calls()
    }

    /// Calls that [`Server::stop`] broke off when its time was up; 0 before.
    pub fn calls_cut(&self) -> usize {
        self.transport.memory.calls_cut()
    }

    /// Calls on connections that have ended which came after the last GOAWAY: none of them was begun, and
    /// gRPC lets their clients make them again. A client that heeds the first GOAWAY makes none.
    pub fn late_calls(&self) -> u64 {
        self.transport.late_calls.load(Ordering::Relaxed)
    }

    /// What connections are encrypted by, if they are. Who started the server with key stores of its
    /// own has a thread call [`Tls::watch`], which ends when the server stops.
    pub fn tls(&self) -> Option<&Arc<Tls>> {
        self.transport.tls.as_ref()
    }

    /// Reads the files of TLS again, for connections from now on. An error leaves all as it was.
    ///
    /// It is done without asking when the files change, unless `tls.reload.ms` is 0.
    pub fn reload_tls(&self, key_stores: &mut dyn KeyStores) -> Result<(), TlsError> {
        self.tls().ok_or(TlsError::Plain)?.reload(key_stores)
    }

    /// Follows the files of TLS. The thread is nobody's to wait for: a disk may hold it.
    fn watch_tls(&self) -> Result<(), StartError> {
        let Some(tls) = self.tls().filter(|tls| tls.watches()) else {
            return Ok(());
        };
        let tls = Arc::clone(tls);
        let thread = thread::Builder::new()
            .name("venice-tls".to_owned())
            .spawn(move || tls.watch(&mut PemOnly));
        match thread {
            Ok(_detached) => Ok(()),
            Err(source) => Err(StartError::Thread {
                what: "the thread that follows the files of TLS",
                source,
            }),
        }
    }

    /// Stops: takes no new connections and calls, answers the calls in flight, and ends the
    /// threads. Connections that have not ended after `drain` are broken off. Returns whether none
    /// had to be: then every call was answered and every client said goodbye. A second stop, also
    /// one at the same time, returns what the first did.
    pub fn stop(&self, drain: Duration) -> bool {
        let mut running = self.running.lock();
        let drained = match &mut *running {
            State::Running(threads) => threads.stop(drain),
            State::Stopped(drained) => *drained,
        };
        *running = State::Stopped(drained);
        if let Some(exporters) = self.exporters.lock().take() {
            // Everything is counted now. Who cannot wait for clients cannot wait for a collector.
            exporters.stop(drain.min(exporting::LAST_EXPORT));
        }
        drained
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop(Duration::ZERO);
    }
}

impl Threads {
    fn start(
        &mut self,
        runtime: tokio::runtime::Runtime,
        listener: tokio::net::TcpListener,
        workers: usize,
        drain: &Drain,
    ) -> Result<(), StartError> {
        let mut connections = Vec::with_capacity(workers);
        for index in 0..workers {
            let (sender, incoming) = mpsc::unbounded_channel();
            let scheduling = Scheduling::of(&self.transport.config, index);
            let (scheduled, outcome) = sync_channel(1);
            let runtime = self::runtime("a worker thread")?;
            self.runtimes.push(runtime.handle().clone());
            let (context, drain) = (Arc::clone(&self.context), drain.clone());
            let transport = Arc::clone(&self.transport);
            let thread = thread::Builder::new()
                .name(format!("venice-read-{index}"))
                .spawn(move || {
                    let applied = scheduling.apply();
                    let serves = applied.is_ok();
                    // Who starts it waits for this word.
                    drop(scheduled.send(applied));
                    venice_engine::disable_perf_counters();
                    // Dropping the runtime afterwards aborts the connections that are left.
                    serves && runtime.block_on(worker::run(incoming, transport, context, drain))
                })
                .map_err(|source| StartError::Thread {
                    what: "a worker thread",
                    source,
                })?;
            self.workers.push(thread);
            outcome.recv().unwrap_or(Ok(()))?;
            connections.push(sender);
        }
        let (transport, drain) = (Arc::clone(&self.transport), drain.clone());
        let metrics = self.context.metrics.clone();
        let thread = thread::Builder::new()
            .name("venice-accept".to_owned())
            .spawn(move || {
                instruments::enter(&metrics);
                runtime.block_on(listener::run(listener, connections, transport, drain));
            })
            .map_err(|source| StartError::Thread {
                what: "the accept thread",
                source,
            })?;
        self.accept = Some(thread);
        Ok(())
    }

    fn stop(&mut self, drain: Duration) -> bool {
        self.drain.start(tokio::time::Instant::now() + drain);
        // The accept thread first: its end closes the socket, so that clients turn elsewhere at
        // once.
        let accepted = self
            .accept
            .take()
            .is_none_or(|thread| thread.join().is_ok());
        let workers = std::mem::take(&mut self.workers);
        // All are joined before any answer counts. A thread that panicked did not drain.
        let drained = workers
            .into_iter()
            .map(|thread| thread.join().unwrap_or(false));
        let drained = drained.fold(accepted, |all, one| all && one);
        if let Some(tls) = &self.transport.tls {
            tls.stop_watching();
        }
        // No request is left that could wait for an answer, so those who answer may go.
        if let Some(access) = &self.context.access {
            access.close();
        }
        // Nobody waits for the disk any more, but a read that runs has to end by itself: it holds a
        // database.
        let deadline = Instant::now() + self.transport.config.read_deadline;
        if !self.context.disk.stop(Some(deadline)) {
            tracing::warn!(
                "a read of the disk outlived its deadline; its thread ends with the read"
            );
        }
        drained
    }
}

fn runtime(what: &'static str) -> Result<tokio::runtime::Runtime, StartError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .on_thread_unpark(calls::woke)
        .build()
        .map_err(|source| StartError::Thread { what, source })
}
