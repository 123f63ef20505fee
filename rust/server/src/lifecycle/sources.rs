//! What is asked of the rooms when metrics are read, rather than counted.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use venice_metrics::model::Value;
use venice_metrics::{Dimension, Instrument, Observer, Source};

use crate::lifecycle::databases::Databases;
use crate::lifecycle::reads::Reads;
use crate::services::context::ServerContext;
use crate::transport::connection::Transport;

/// The rooms of one server that are asked.
pub(crate) struct Sources {
    context: Arc<ServerContext>,
    transport: Arc<Transport>,
    databases: Databases,
    reads: Reads,
    /// Of the workers.
    runtimes: Vec<Handle>,
}

impl Sources {
    /// They are asked at each snapshot, as long as the result is held.
    pub(crate) fn of(
        context: &Arc<ServerContext>,
        transport: &Arc<Transport>,
        runtimes: Vec<Handle>,
    ) -> Arc<Sources> {
        let interval = transport.config.metrics.rocksdb_interval;
        let sources = Arc::new(Sources {
            databases: Databases::of(&context.read_path.registry, interval),
            reads: Reads::of(&context.read_path.registry),
            context: Arc::clone(context),
            transport: Arc::clone(transport),
            runtimes,
        });
        context.metrics.add_source(&sources);
        sources
    }
}

impl Sources {
    /// How often RocksDB is asked for its numbers, from now on.
    pub(crate) fn set_interval(&self, interval: Duration) {
        self.databases.set_interval(interval);
    }
}

impl Source for Sources {
    fn observe(&self, observer: &mut Observer<'_>) {
        self.context.quota.observe(observer);
        self.context.disk.observe(observer);
        if let Some(compute) = &self.context.compute {
            compute.observe(observer);
        }
        if let Some(access) = &self.context.access {
            access.observe(observer);
        }
        self.transport.memory.observe(observer);
        if let Some(tls) = &self.transport.tls {
            tls.observe(observer);
        }
        self.context.traces.observe(observer);
        self.databases.observe(observer);
        self.reads.observe(observer);
        for (index, runtime) in self.runtimes.iter().enumerate() {
            let busy = runtime.metrics().worker_total_busy_duration(0);
            let worker = index.to_string();
            let of = [(Dimension::Worker, worker.as_str())];
            let busy = Value::F64(busy.as_secs_f64());
            observer.observe(Instrument::WorkerBusyTime, &of, busy);
        }
    }
}
