//! The admin socket and the admin port of a server, if the settings ask for them.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::admin::control::Control;
use crate::admin::port::{watch, AdminPort};
use crate::admin::socket::{AdminListener, SocketError};
use crate::admin::thread::{AdminThread, Entrances};
use crate::admin::Administered;
use crate::config::Config;
use crate::lifecycle::exporting;
use crate::lifecycle::running::Running;
use crate::lifecycle::start_error::StartError;
use crate::runtime::file_wait;
use crate::services::context::ServerContext;
use crate::transport::connection::Transport;

/// Takes the places of the socket and of the port, before anything else is started: who finds one taken does not start.
pub(crate) fn listen(config: &Config) -> Result<Option<Entrances>, StartError> {
    let wait = config.files_timeout;
    let socket = match config.admin.socket.clone() {
        None => None,
        Some(path) => {
            // Its folder may be on any disk. One that comes late closes, and takes its file away.
            let place = path.clone();
            let bound = file_wait::within(wait, &path, move |_| AdminListener::bind(&place));
            Some(bound.map_err(|error| SocketError::System {
                what: "listen on",
                source: error.into(),
                path,
            })??)
        }
    };
    let port = AdminPort::bind(&config.admin, &config.tls, wait)?;
    match (&socket, &port) {
        (None, None) => Ok(None),
        _ => Ok(Some(Entrances { socket, port })),
    }
}

/// Serves them.
pub(crate) fn start(
    entrances: Entrances,
    context: &Arc<ServerContext>,
    transport: &Arc<Transport>,
    running: &Arc<Running>,
    address: SocketAddr,
) -> Result<AdminThread, StartError> {
    let tls = entrances.port.as_ref().map(|port| Arc::clone(&port.tls));
    let resource = exporting::resource(&context.config.metrics, address)?;
    let control: Arc<dyn Control> = Arc::clone(running) as Arc<dyn Control>;
    let administered = Administered::new(context, transport, control, address, resource);
    let shows_keys = context.config.admin.socket_keys;
    let thread = AdminThread::start(entrances, administered, shows_keys);
    let thread = thread.map_err(|source| StartError::Thread {
        what: "the thread of the admin socket",
        source,
    })?;
    // An error ends the thread.
    if let Some(tls) = tls {
        watch(&tls)?;
        running.reloads(tls);
    }
    if let Some(path) = thread.path() {
        let path = path.display();
        tracing::info!(%path, "operators find the server at its admin socket");
    }
    if let Some(address) = thread.address() {
        tracing::info!(%address, "operators find the server at its admin port");
    }
    Ok(thread)
}
