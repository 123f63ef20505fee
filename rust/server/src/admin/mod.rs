//! What operators see of a server, and have it do: HTTP/1.1 on a unix socket, and on a port with certificates
//! (docs/admin.md).
//!
//! | File | What |
//! |---|---|
//! | `socket.rs` | the file of the socket: whose it is, and what becomes of an old one |
//! | `port.rs` | the port and its TLS |
//! | `door.rs` | both ways in as one |
//! | `thread.rs` | the one thread of all this, from its start to its end |
//! | `serve.rs` | connections and their bounds |
//! | `routes.rs` | which request is answered by what |
//! | `changes.rs` | what a request has the server do |
//! | `rights.rs` | who may see and do what |
//! | `answers.rs` | JSON, and refusals |
//! | `page/` | the page: HTML, its style and its script, which shows the JSON |
//! | `views/` | what there is to see, as JSON |
//! | `origins.rs` | connections of one address that are not let in yet |
//! | `rates.rs` | reads per second |
//! | `control.rs` | what a server can be made to do |
//!
//! It reads what the rooms below count and keep, on its own thread: no request here touches a worker, or waits for
//! one. It shows no value of a store, and keys to those alone who have a right of their own. It must not know how a server starts and stops: it is given a [`control::Control`].

mod answers;
mod changes;
pub(crate) mod control;
mod door;
mod origins;
pub(crate) mod port;
mod rates;
mod rights;
mod routes;
mod serve;
pub(crate) mod socket;
pub(crate) mod thread;
mod views;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use venice_export::Resource;

use crate::admin::control::Control;
use crate::admin::rates::Rates;
use crate::services::context::ServerContext;
use crate::transport::connection::Transport;
use crate::transport::tls::Tls;

/// What operators look at.
pub(crate) struct Administered {
    pub(crate) context: Arc<ServerContext>,
    pub(crate) transport: Arc<Transport>,
    pub(crate) control: Arc<dyn Control>,
    /// Where clients connect.
    pub(crate) address: SocketAddr,
    pub(crate) started: (Instant, SystemTime),
    /// By which metrics tell this server from others.
    pub(crate) resource: Resource,
    /// What operators are shown at the port, if there is one.
    pub(crate) port_tls: Option<Arc<Tls>>,
    rates: Rates,
}

impl Administered {
    /// A server that runs.
    pub(crate) fn new(
        context: &Arc<ServerContext>,
        transport: &Arc<Transport>,
        control: Arc<dyn Control>,
        address: SocketAddr,
        resource: Resource,
    ) -> Administered {
        Administered {
            rates: Rates::of(&context.metrics, &context.read_path.registry),
            context: Arc::clone(context),
            transport: Arc::clone(transport),
            control,
            address,
            started: (Instant::now(), SystemTime::now()),
            resource,
            port_tls: None,
        }
    }
}
