//! A worker: one thread, one runtime, its own connections.
//!
//! A connection stays on its worker, so its state is in one core's cache and no lock of the runtime
//! is shared between cores.

use std::sync::Arc;
use std::time::Duration;

use tokio::select;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout_at};

use crate::runtime::drain::Drain;
use crate::runtime::{busy_poll, company};
use crate::services::context::ServerContext;
use crate::services::instruments as calls;
use crate::services::session::Session;
use crate::transport::connection::{self, Accepted, Transport};
use crate::transport::http2::Gathering;
use crate::transport::instruments as connections;

/// How often a worker lets go of store versions that are here no more.
const LOOK_AFTER: Duration = Duration::from_secs(1);

/// Has this thread count what it does.
fn count_in(context: &Arc<ServerContext>) {
    if context.metrics.registry().is_none() {
        return;
    }
    calls::enter(&context.metrics, &context.slow_log, &context.traces);
    connections::enter(&context.metrics);
    let context = Arc::clone(context);
    // Ends with the thread's runtime.
    tokio::spawn(async move {
        loop {
            sleep(LOOK_AFTER).await;
            let is_here = |name: &str, number| context.read_path.is_here(name, number);
            calls::forget(is_here);
            if let Some(compute) = &context.compute {
                compute.path().instruments.forget(is_here);
            }
        }
    });
}

/// To be called when a worker's thread has slept, or had nothing to do.
pub(crate) fn woke() {
    calls::woke();
    company::woke();
}

/// Serves the connections that come in until the server drains, then waits for them to end. Returns
/// whether all did before the deadline; those that did not end with the thread's runtime.
pub(crate) async fn run(
    mut incoming: UnboundedReceiver<Accepted>,
    transport: Arc<Transport>,
    context: Arc<ServerContext>,
    mut drain: Drain,
) -> bool {
    count_in(&context);
    let spin_time = transport.config.worker_spin;
    if !spin_time.is_zero() {
        // Ends with the thread's runtime.
        tokio::spawn(busy_poll::busy_poll(spin_time, woke));
    }
    let gathering = Arc::<Gathering<Session>>::default();
    // Likewise.
    tokio::spawn(Arc::clone(&gathering).gather());
    let serve = |accepted, drain| {
        let context = Arc::clone(&context);
        let open = |established| Session::new(context, established);
        let gathering = Arc::clone(&gathering);
        connection::serve(accepted, Arc::clone(&transport), drain, gathering, open)
    };
    let mut connections = JoinSet::new();
    let deadline = loop {
        select! {
            deadline = drain.started() => break deadline,
            Some(accepted) = incoming.recv() => {
                connections.spawn(serve(accepted, drain.clone()));
            }
            Some(ended) = connections.join_next() => {
                // Resets and broken pipes are everyday life and the client's to report.
                if let Ok(Err(error)) = ended {
                    tracing::debug!(%error, "connection ended");
                }
            }
            else => break drain.started().await,
        }
    };
    // What was accepted before the drain is served like any other. The accept thread ends at once, also
    // when there is no time left.
    while let Some(accepted) = incoming.recv().await {
        connections.spawn(serve(accepted, drain.clone()));
    }
    let drained = timeout_at(deadline, async {
        while connections.join_next().await.is_some() {}
    });
    let drained = drained.await.is_ok();
    if !drained {
        transport.memory.note_cut();
    }
    drained
}
