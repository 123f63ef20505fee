//! What all connections of one server share.

use std::io;
use std::sync::Arc;

use venice_engine::Registry;

use crate::config::Config;
use crate::disk::DiskPool;
use crate::stack::ReadPath;

/// Shared handles: the settings, the way to the databases, and the threads that may wait for the
/// disk.
pub struct Runtime {
    /// The settings, as parsed.
    pub config: Config,
    /// Answers on the calling thread.
    pub read_path: ReadPath,
    /// Answers on a thread that may wait.
    pub disk: DiskPool,
}

impl Runtime {
    /// Starts the disk threads; the rest is handles.
    ///
    /// The read deadline is the registry's: of several servers over one, the last to start sets it
    /// for all.
    pub fn start(config: Config, registry: Arc<Registry>) -> io::Result<Runtime> {
        registry.set_read_deadline(config.read_deadline);
        let read_path = ReadPath::new(registry, &config);
        let disk_path = read_path.clone();
        let disk = DiskPool::start(config.disk_threads, move |request, tier| {
            disk_path.answer(request, tier)
        })?;
        Ok(Runtime {
            config,
            read_path,
            disk,
        })
    }
}
