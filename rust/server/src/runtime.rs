//! What all connections of one server share.

use std::io;
use std::sync::Arc;

use venice_engine::Registry;

use crate::access::Access;
use crate::answer_buffer;
use crate::client_memory::ClientMemory;
use crate::clock::Clock;
use crate::config::Config;
use crate::disk::DiskPool;
use crate::floods::Floods;
use crate::handshakes::Handshakes;
use crate::health::Health;
use crate::places::Places;
use crate::quota::Quota;
use crate::stack::ReadPath;
use crate::tls::Tls;

/// Shared handles: the settings, the way to the databases, and the threads that may wait for the
/// disk.
pub struct Runtime {
    /// The settings, as parsed.
    pub config: Config,
    /// Answers on the calling thread.
    pub read_path: ReadPath,
    /// Answers on a thread that may wait.
    pub disk: DiskPool,
    /// Who may read; `None` if everybody may.
    pub access: Option<Arc<Access>>,
    /// What store versions and the node may use.
    pub quota: Quota,
    /// What the health service says.
    pub health: Health,
    /// How many connections there may be.
    pub places: Places,
    /// How many handshakes of TLS are worked at.
    pub handshakes: Handshakes,
    /// What clients can make the server hold.
    pub memory: Arc<ClientMemory>,
    /// Who was hung up on.
    pub floods: Floods,
    /// How connections are encrypted, if they are.
    pub tls: Option<Arc<Tls>>,
}

impl Runtime {
    /// Starts the disk threads; the rest is handles.
    ///
    /// The read deadline is the registry's: of several servers over one, the last to start sets it
    /// for all.
    pub fn start(
        config: Config,
        tls: Option<Tls>,
        registry: Arc<Registry>,
        clock: Arc<dyn Clock>,
    ) -> io::Result<Runtime> {
        registry.set_read_deadline(config.read_deadline);
        let read_path = ReadPath::new(registry, &config);
        let disk_path = read_path.clone();
        let disk = DiskPool::start(config.disk_threads, move |request, tier| {
            disk_path.answer(request, tier)
        })?;
        let access = config
            .access_control
            .then(|| Arc::new(Access::new(config.access.clone(), Arc::clone(&clock))));
        let quota = Quota::new(config.quota_refill, config.worker_threads, clock);
        let memory = Arc::new(ClientMemory::of(&config));
        answer_buffer::keep_at_most(memory.kept());
        Ok(Runtime {
            handshakes: Handshakes::new(config.handshakes_at_once()),
            health: Health::default(),
            places: Places::new(config.max_connections, config.connections_of_address()),
            floods: Floods::default(),
            config,
            read_path,
            disk,
            access,
            quota,
            memory,
            tls: tls.map(Arc::new),
        })
    }
}
