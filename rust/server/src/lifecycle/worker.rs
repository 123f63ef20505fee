//! A worker: one thread, one runtime, its own connections.
//!
//! A connection stays on its worker, so its state is in one core's cache and no lock of the runtime
//! is shared between cores.

use std::sync::Arc;

use tokio::select;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;
use tokio::time::timeout_at;

use crate::runtime::busy_poll;
use crate::runtime::drain::Drain;
use crate::services::context::ServerContext;
use crate::services::session::Session;
use crate::transport::connection::{self, Accepted, Transport};

/// Serves the connections that come in until the server drains, then waits for them to end. Returns
/// whether all did before the deadline; those that did not end with the thread's runtime.
pub async fn run(
    mut incoming: UnboundedReceiver<Accepted>,
    transport: Arc<Transport>,
    context: Arc<ServerContext>,
    mut drain: Drain,
) -> bool {
    let spin_time = transport.config.worker_spin;
    if !spin_time.is_zero() {
        // Ends with the thread's runtime.
        tokio::spawn(busy_poll::busy_poll(spin_time));
    }
    let serve = |accepted, drain| {
        let context = Arc::clone(&context);
        let open = |established| Session::new(context, established);
        connection::serve(accepted, Arc::clone(&transport), drain, open)
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
