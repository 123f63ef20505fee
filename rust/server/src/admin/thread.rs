//! The thread of the admin socket and the admin port.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::sync::Arc;
use std::thread;

use tokio::net::{TcpListener, UnixListener};
use tokio::sync::watch;
use tokio::{join, runtime};

use crate::admin::door::{PortEntrance, SocketEntrance};
use crate::admin::port::AdminPort;
use crate::admin::rights::Rights;
use crate::admin::routes::respond;
use crate::admin::serve::{serve, Bounds};
use crate::admin::socket::AdminListener;
use crate::admin::Administered;
use crate::transport::tls::Tls;

/// Threads for what may take a while: a drain, which is one at a time, and numbers of RocksDB.
const BLOCKING_THREADS: usize = 4;

/// The ways in that are served.
#[derive(Default)]
pub(crate) struct Entrances {
    pub(crate) socket: Option<AdminListener>,
    pub(crate) port: Option<AdminPort>,
}

/// Ways in that are served. Dropping it ends that.
pub(crate) struct AdminThread {
    path: Option<PathBuf>,
    address: Option<SocketAddr>,
    /// Of the port.
    tls: Option<Arc<Tls>>,
    stop: Option<watch::Sender<()>>,
    /// Ends with the thread.
    ended: mpsc::Receiver<()>,
}

impl AdminThread {
    /// Serves what there is on a thread of its own; `shows_keys` says whether who has the socket may see keys.
    pub(crate) fn start(
        entrances: Entrances,
        mut administered: Administered,
        shows_keys: bool,
    ) -> io::Result<AdminThread> {
        let Entrances { socket, port } = entrances;
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(BLOCKING_THREADS)
            .thread_name("venice-admin")
            .build()?;
        let (path, address) = (
            socket.as_ref().map(|socket| socket.path().to_owned()),
            port.as_ref().map(|port| port.address),
        );
        let tls = port.as_ref().map(|port| Arc::clone(&port.tls));
        administered.port_tls.clone_from(&tls);
        let entered = runtime.enter();
        let by_socket = match &socket {
            None => None,
            Some(socket) => Some(SocketEntrance {
                listener: UnixListener::from_std(socket.socket()?)?,
                rights: Rights::of_socket(shows_keys),
            }),
        };
        let by_port = match port {
            None => None,
            Some(port) => Some(PortEntrance {
                listener: TcpListener::from_std(port.listener)?,
                tls: port.tls,
                allowed: port.allowed,
            }),
        };
        drop(entered);
        let administered = Arc::new(administered);
        let (stop, stopped) = watch::channel(());
        let (ending, ended) = mpsc::channel();
        thread::Builder::new()
            .name("venice-admin".to_owned())
            .spawn(move || {
                let _ending: mpsc::Sender<()> = ending;
                let respond = move |rights, parts, body| {
                    respond(Arc::clone(&administered), rights, parts, body)
                };
                let stop = || {
                    let mut stopped = stopped.clone();
                    // Nothing is ever sent: it ends with its sender.
                    async move { drop(stopped.changed().await) }
                };
                let by_socket = async {
                    if let Some(entrance) = by_socket {
                        serve(entrance, Bounds::default(), respond.clone(), stop()).await;
                    }
                };
                let by_port = async {
                    if let Some(entrance) = by_port {
                        serve(entrance, Bounds::default(), respond.clone(), stop()).await;
                    }
                };
                runtime.block_on(async { join!(by_socket, by_port) });
                // Removes the file before the thread counts as ended.
                drop(socket);
                // What RocksDB is asked is nobody's to wait for.
                runtime.shutdown_background();
            })?;
        Ok(AdminThread {
            path,
            address,
            tls,
            stop: Some(stop),
            ended,
        })
    }

    /// Where the socket is.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Where the port is.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.address
    }
}

impl Drop for AdminThread {
    /// Answers what is under way, for a second at most, and removes the socket.
    fn drop(&mut self) {
        if let Some(tls) = &self.tls {
            tls.stop_watching();
        }
        drop(self.stop.take());
        let _ = self.ended.recv();
    }
}
