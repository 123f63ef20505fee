//! What the calls of all connections share.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use venice_catalog::Catalog;
use venice_engine::Registry;
use venice_wire::store_name::store_name;

use crate::config::live::Live;
use crate::config::Config;
use crate::observe::metrics::Metrics;
use crate::observe::slow_log::SlowLog;
use crate::observe::tracing::Tracing;
use crate::policy::access::Access;
use crate::policy::quota::Quota;
use crate::read_path::compute::instruments::Instruments;
use crate::read_path::compute::plans::Plans;
use crate::read_path::compute::pool::ComputePool;
use crate::read_path::compute::request::ComputePath;
use crate::read_path::disk_pool::DiskPool;
use crate::read_path::http_status::CurrentVersions;
use crate::read_path::stack::ReadPath;
use crate::runtime::clock::Clock;
use crate::services::health::Health;

/// Shared handles: the settings, the way to the databases, and the threads that may wait for the
/// disk.
pub struct ServerContext {
    /// The settings, as the server started with them.
    pub config: Arc<Config>,
    /// The settings as they are now.
    pub live: Arc<Live>,
    /// Where clients connect.
    pub address: SocketAddr,
    /// Answers on the calling thread.
    pub read_path: ReadPath,
    /// Answers on a thread that may wait.
    pub disk: DiskPool,
    /// Threads that compute, and what is computed by; `None` if that is switched off.
    pub compute: Option<ComputePool>,
    /// Who may read; `None` if everybody may.
    pub access: Option<Arc<Access>>,
    /// What is known of stores beyond their databases.
    pub catalog: Arc<Catalog>,
    /// What store versions and the node may use.
    pub quota: Quota,
    /// What the health service says.
    pub health: Health,
    /// What is counted.
    pub metrics: Metrics,
    /// Where spans of traced requests go, if they go anywhere.
    pub traces: Arc<Tracing>,
    /// Requests that were slow, and some others.
    pub slow_log: Arc<SlowLog>,
}

impl ServerContext {
    /// Starts the threads that wait for the disk, and those that compute; the rest is handles.
    ///
    /// The read deadline is the registry's: of several servers over one, the last to start sets it
    /// for all.
    pub fn start(
        live: &Arc<Live>,
        registry: Arc<Registry>,
        clock: Arc<dyn Clock>,
        address: SocketAddr,
    ) -> io::Result<ServerContext> {
        let config = Arc::clone(live.at_start());
        registry.set_read_deadline(config.read_deadline);
        let read_path = ReadPath::new(registry, live.limits());
        let disk_path = read_path.clone();
        let disk = DiskPool::start(config.disk_threads, move |request, tier, place| {
            disk_path.answer(request, tier, place)
        })?;
        let metrics = Metrics::of(&config.metrics);
        let catalog = Arc::<Catalog>::default();
        let settings = &config.compute;
        let compute = settings.enabled.then(|| {
            let path = ComputePath {
                read_path: read_path.clone(),
                catalog: Arc::clone(&catalog),
                plans: Arc::new(Plans::new(settings.plan_bytes)),
                turn: settings.turn,
                instruments: Instruments::of(metrics.registry()),
            };
            ComputePool::start(settings, path)
        });
        let compute = compute.transpose()?;
        let access = config
            .access_control
            .then(|| Arc::new(Access::new(config.access.clone(), Arc::clone(&clock))));
        if let Some(access) = &access {
            access.count_in(&metrics);
        }
        let quota = Quota::new(config.quota_refill, config.worker_threads, clock);
        Ok(ServerContext {
            slow_log: SlowLog::of(&config.slow_log, config.worker_threads),
            traces: Arc::default(),
            health: Health::default(),
            metrics,
            address,
            live: Arc::clone(live),
            config,
            read_path,
            disk,
            compute,
            catalog,
            access,
            quota,
        })
    }
}

impl CurrentVersions for ServerContext {
    fn is_current(&self, store_version: &str) -> bool {
        let Some(name) = store_name(store_version) else {
            return false;
        };
        let number = store_version[name.len() + "_v".len()..].parse();
        let store = self.catalog.store(name);
        store.is_some_and(|store| Ok(store.current_version) == number)
    }
}
