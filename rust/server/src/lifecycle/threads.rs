//! The threads of a server: one that accepts, and the workers.

use std::sync::mpsc::sync_channel;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;
use tokio::sync::mpsc;

use crate::lifecycle::scheduling::Scheduling;
use crate::lifecycle::start_error::StartError;
use crate::lifecycle::worker;
use crate::runtime::drain::{Drain, DrainSender};
use crate::services::context::ServerContext;
use crate::transport::connection::Transport;
use crate::transport::{instruments, listener};

/// Those that run.
pub(crate) struct Threads {
    pub(crate) context: Arc<ServerContext>,
    pub(crate) transport: Arc<Transport>,
    pub(crate) drain: DrainSender,
    pub(crate) accept: Option<JoinHandle<()>>,
    pub(crate) workers: Vec<JoinHandle<bool>>,
    /// Those of the workers, which tell how busy they are.
    pub(crate) runtimes: Vec<Handle>,
}

impl Threads {
    pub(crate) fn start(
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

    pub(crate) fn stop(&mut self, drain: Duration) -> bool {
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
        let deadline = Instant::now() + self.transport.live.now().read_deadline;
        let compute = self.context.compute.as_ref();
        let computed = compute.is_none_or(|compute| compute.stop(Some(deadline)));
        if !self.context.disk.stop(Some(deadline)) || !computed {
            tracing::warn!(
                "a read of the disk outlived its deadline; its thread ends with the read"
            );
        }
        drained
    }
}

pub(crate) fn runtime(what: &'static str) -> Result<tokio::runtime::Runtime, StartError> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .on_thread_unpark(worker::woke)
        .build()
        .map_err(|source| StartError::Thread { what, source })
}
