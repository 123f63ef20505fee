//! The thread of the admin socket.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::sync::Arc;
use std::thread;

use tokio::net::UnixListener;
use tokio::runtime;
use tokio::sync::oneshot;

use crate::admin::rights::Rights;
use crate::admin::routes::respond;
use crate::admin::serve::{serve, Bounds};
use crate::admin::socket::AdminListener;
use crate::admin::Administered;

/// Threads for what may take a while: a drain, which is one at a time, and numbers of RocksDB.
const BLOCKING_THREADS: usize = 4;

/// An admin socket that is served. Dropping it ends it.
pub(crate) struct AdminThread {
    path: PathBuf,
    stop: Option<oneshot::Sender<()>>,
    /// Ends with the thread.
    ended: mpsc::Receiver<()>,
}

impl AdminThread {
    /// Serves `listener` on a thread of its own; `shows_keys` says whether those who have it may see keys.
    pub(crate) fn start(
        listener: AdminListener,
        administered: Administered,
        shows_keys: bool,
    ) -> io::Result<AdminThread> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(BLOCKING_THREADS)
            .thread_name("venice-admin")
            .build()?;
        let socket = {
            let _entered = runtime.enter();
            UnixListener::from_std(listener.socket()?)?
        };
        let path = listener.path().to_owned();
        let rights = Rights::of_socket(shows_keys);
        let administered = Arc::new(administered);
        let (stop, stopped) = oneshot::channel();
        let (ending, ended) = mpsc::channel();
        thread::Builder::new()
            .name("venice-admin".to_owned())
            .spawn(move || {
                let _ending: mpsc::Sender<()> = ending;
                let respond =
                    move |parts, body| respond(Arc::clone(&administered), rights, parts, body);
                let stop = async { drop(stopped.await) };
                runtime.block_on(serve(socket, Bounds::default(), respond, stop));
                // Removes the file before the thread counts as ended.
                drop(listener);
                // What RocksDB is asked is nobody's to wait for.
                runtime.shutdown_background();
            })?;
        Ok(AdminThread {
            path,
            stop: Some(stop),
            ended,
        })
    }

    /// Where the socket is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for AdminThread {
    /// Answers what is under way, for a second at most, and removes the socket.
    fn drop(&mut self) {
        drop(self.stop.take());
        let _ = self.ended.recv();
    }
}
