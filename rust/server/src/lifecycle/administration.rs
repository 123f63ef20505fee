//! The admin socket of a server, if the settings ask for one.

use std::net::SocketAddr;
use std::sync::Arc;

use crate::admin::control::Control;
use crate::admin::socket::AdminListener;
use crate::admin::thread::AdminThread;
use crate::admin::Administered;
use crate::config::admin::AdminSettings;
use crate::lifecycle::exporting;
use crate::lifecycle::running::Running;
use crate::lifecycle::start_error::StartError;
use crate::services::context::ServerContext;
use crate::transport::connection::Transport;

/// Takes the place of the socket, before anything else is started: who finds it taken does not start.
pub(crate) fn listen(config: &AdminSettings) -> Result<Option<AdminListener>, StartError> {
    let path = config.socket.as_deref();
    Ok(path.map(AdminListener::bind).transpose()?)
}

/// Serves it.
pub(crate) fn start(
    listener: AdminListener,
    context: &Arc<ServerContext>,
    transport: &Arc<Transport>,
    running: &Arc<Running>,
    address: SocketAddr,
) -> Result<AdminThread, StartError> {
    let resource = exporting::resource(&context.config.metrics, address)?;
    let control: Arc<dyn Control> = Arc::clone(running) as Arc<dyn Control>;
    let administered = Administered::new(context, transport, control, address, resource);
    let shows_keys = context.config.admin.socket_keys;
    let thread = AdminThread::start(listener, administered, shows_keys);
    let thread = thread.map_err(|source| StartError::Thread {
        what: "the thread of the admin socket",
        source,
    })?;
    let path = thread.path().display();
    tracing::info!(%path, "operators find the server at its admin socket");
    Ok(thread)
}
