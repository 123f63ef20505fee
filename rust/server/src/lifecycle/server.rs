//! A running server: its threads, from start to stop.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use venice_catalog::Catalog;
use venice_engine::{Registry, VersionReads};

use crate::admin::control::{Control, DrainError, DrainPlan, DrainReport, Phase, Step};
use crate::admin::thread::{AdminThread, Entrances};
use crate::config::live::{Change, ChangeError, Live};
use crate::config::{Config, HttpRequests};
use crate::lifecycle::exporting::{self, TracesChange};
use crate::lifecycle::plain_tables::TableKeeper;
use crate::lifecycle::running::Running;
use crate::lifecycle::sources::Sources;
use crate::lifecycle::start_error::StartError;
use crate::lifecycle::threads::{runtime, Threads};
use crate::lifecycle::{administration, descriptions, machine};
use crate::memory::client_memory::ClientMemory;
use crate::observe::hot_keys::HotKeys;
use crate::observe::metrics::Metrics;
use crate::observe::slow_log::SlowLog;
use crate::observe::slow_text::SlowRequests;
use crate::policy::access::Access;
use crate::policy::quota::Quota;
use crate::read_path::compute::pool::ComputePool;
use crate::read_path::disk_pool::DiskPool;
use crate::runtime::clock::{Clock, MonotonicClock};
use crate::runtime::drain;
use crate::runtime::metric::Metric;
use crate::services::context::ServerContext;
use crate::services::health::Health;
use crate::services::session::Session;
use crate::transport::connection::Transport;
use crate::transport::listener;
use crate::transport::tls::{KeyStores, PemOnly, Tls, TlsError};

/// A read server that listens. Dropping it stops it without a drain.
pub struct Server {
    address: SocketAddr,
    context: Arc<ServerContext>,
    transport: Arc<Transport>,
    running: Arc<Running>,
    /// Asked by snapshots as long as the server is there.
    _sources: Arc<Sources>,
    /// Until the stop.
    admin: Mutex<Option<AdminThread>>,
    /// Until the stop.
    tables: Mutex<Option<TableKeeper>>,
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
        let http1 = config.http_requests == HttpRequests::All;
        let wait = config.files_timeout;
        let tls = Tls::load(&config.tls, http1, wait, key_stores)?;
        let described = config
            .stores
            .as_deref()
            .map(|path| descriptions::read_within(path, wait))
            .transpose()?;
        let admin = administration::listen(&config)?;
        let runtime = runtime("the accept thread")?;
        let address = SocketAddr::new(config.bind_address, config.port);
        let listener = {
            let _entered = runtime.enter();
            listener::bind(address).and_then(|listener| Ok((listener.local_addr()?, listener)))
        };
        let (address, listener) =
            listener.map_err(|source| StartError::Bind { address, source })?;

        let workers = config.worker_threads;
        let live = Live::new(config);
        let context = ServerContext::start(&live, registry, clock, address);
        let context = Arc::new(context.map_err(|source| StartError::Thread {
            what: "a disk thread or a compute thread",
            source,
        })?);
        let transport = Arc::new(Transport::new::<Session>(&live, tls));
        let tables = TableKeeper::start(&context.config.plain_tables, &context.read_path.registry);
        let tables = tables.map_err(|source| StartError::Thread {
            what: "the thread that looks at plain tables",
            source,
        })?;
        machine::say(
            &context.config,
            tables.as_ref().map_or(0, |keeper| keeper.seen.bytes),
        );
        let (sender, drain) = drain::channel();
        let mut threads = Threads {
            context: Arc::clone(&context),
            transport: Arc::clone(&transport),
            drain: sender,
            accept: None,
            workers: Vec::new(),
            runtimes: Vec::new(),
        };
        if let Err(error) = threads.start(runtime, listener, workers, &drain) {
            threads.stop(Duration::ZERO);
            return Err(error);
        }
        let runtimes = std::mem::take(&mut threads.runtimes);
        let sources = Sources::of(&context, &transport, runtimes);
        let running = Running::new(&context, &transport, Arc::clone(&sources), threads);
        let server = Server {
            address,
            context,
            transport,
            running: Arc::new(running),
            _sources: sources,
            admin: Mutex::new(None),
            tables: Mutex::new(tables),
        };
        // An error ends what was started.
        server.running.describe(described.unwrap_or_default())?;
        server.open_to_others(admin)?;
        Ok(server)
    }

    /// Starts what shows the server to others than its clients.
    fn open_to_others(&self, admin: Option<Entrances>) -> Result<(), StartError> {
        let config = &self.context.config;
        let exporters = exporting::start(config, &self.context.metrics, self.address)?;
        *self.running.exporters.lock() = exporters;
        if let Some((queue, exporters)) = exporting::start_traces(config, &self.context)? {
            self.running.trace(TracesChange::Begins(queue, exporters));
        }
        if let Some(entrances) = admin {
            let (context, transport) = (&self.context, &self.transport);
            let (running, address) = (&self.running, self.address);
            let admin = administration::start(entrances, context, transport, running, address)?;
            *self.admin.lock() = Some(admin);
        }
        Ok(())
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

    /// What is known of stores beyond their databases: describe them at any time (docs/metadata.md).
    pub fn catalog(&self) -> &Arc<Catalog> {
        &self.context.catalog
    }

    /// All metrics, for exporters: docs/metrics.md.
    pub fn observed(&self) -> &Metrics {
        &self.context.metrics
    }

    /// How much each store version was read, and when last: by all servers of this process.
    pub fn version_reads(&self) -> Vec<VersionReads> {
        self.context.read_path.registry.version_reads()
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

    /// Finds the keys that are read most: a session that somebody starts, and that ends itself.
    pub fn hot_keys(&self) -> &HotKeys {
        &self.context.read_path.hot_keys
    }

    /// The threads that may wait for the disk: who has something to read from it beside clients has it done
    /// there.
    pub fn disk(&self) -> &DiskPool {
        &self.context.disk
    }

    /// The threads that compute, unless that is switched off.
    pub fn compute(&self) -> Option<&ComputePool> {
        self.context.compute.as_ref()
    }

    /// The slow log itself, whose threshold may change at any time.
    pub fn slow_log(&self) -> &SlowLog {
        &self.context.slow_log
    }

    /// Where Prometheus scrapes metrics, while it does.
    pub fn prometheus(&self) -> Option<SocketAddr> {
        let exporters = self.running.exporters.lock();
        exporters.as_ref()?.prometheus()
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
        let Some(tls) = self.tls() else {
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
    /// one at the same time, and one after a drain, returns what the first did.
    pub fn stop(&self, drain: Duration) -> bool {
        let drained = self.running.stop(drain);
        let tracers = self.running.tracers.lock().take();
        let exporters = self.running.exporters.lock().take();
        for exporters in tracers.into_iter().chain(exporters) {
            // Everything is counted now. Who cannot wait for clients cannot wait for a collector.
            exporters.stop(drain.min(exporting::LAST_EXPORT));
        }
        drop(self.tables.lock().take());
        // Who drained it there has the answer.
        drop(self.admin.lock().take());
        drained
    }

    /// Has clients go elsewhere, and ends the server so that none of them notices: the health service says
    /// NOT_SERVING, clients are waited for to have gone, those that are left are told to go away
    /// (GOAWAY), and what is in flight is answered. The socket for operators, and exporters of metrics, stay until
    /// [`Server::stop`].
    pub fn drain(&self, plan: DrainPlan) -> Result<DrainReport, DrainError> {
        self.running.drain(plan)
    }

    /// Takes back a drain that has not told clients to go away.
    pub fn undrain(&self) -> Result<(), DrainError> {
        self.running.undrain()
    }

    /// Whether it serves.
    pub fn phase(&self) -> Phase {
        self.running.phase()
    }

    /// From now on somebody marks the server down in discovery when it leaves, and tells so by
    /// [`Server::marked_down`]: a drain waits for that before it waits for clients to go.
    pub fn is_announced(&self) {
        self.running.is_announced();
    }

    /// The server that leaves is marked down; whether discovery held it in time.
    pub fn marked_down(&self, held: bool) {
        self.running.marked_down(held);
    }

    /// Waits until the server has gone on from `known`, for `bound` at most. Returns where it is.
    pub fn await_step(&self, known: Step, bound: Duration) -> Step {
        self.running.await_step(known, bound)
    }

    /// Changes a setting of a server that runs, if that can be done.
    pub fn change(&self, name: &str, value: &str) -> Result<Change, ChangeError> {
        self.running.change(name, value)
    }

    /// The settings as they are now.
    pub fn settings(&self) -> Arc<Config> {
        self.transport.live.now()
    }

    /// Where operators find the server, if there is such a socket.
    pub fn admin_socket(&self) -> Option<PathBuf> {
        let admin = self.admin.lock();
        admin.as_ref()?.path().map(Path::to_owned)
    }

    /// Where operators find the server over TLS, if there is such a port.
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin.lock().as_ref()?.address()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop(Duration::ZERO);
    }
}
