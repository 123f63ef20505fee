//! Why a server could not start, and what to do about it.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::admin::port::PortError;
use crate::admin::socket::SocketError;
use crate::config::live::StoresError;
use crate::config::names::WORKER_CPUS;
use crate::transport::tls::TlsError;

/// Why a server could not start. Nothing is left running.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}; {}", bind_remedy(source))]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The files of TLS cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The descriptions of stores cannot be used.
    #[error(transparent)]
    Stores(#[from] StoresError),
    /// A setting of metrics is wrong.
    #[error("setting {setting}: {source}")]
    MetricsSetting {
        /// The setting.
        setting: &'static str,
        /// What is wrong with it.
        source: venice_export::settings::Invalid,
    },
    /// A file that a setting names cannot be read.
    #[error("setting {setting}: {} cannot be read: {source}", .path.display())]
    File {
        /// The setting.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Metrics cannot leave the process.
    #[error(transparent)]
    Metrics(#[from] venice_export::StartError),
    /// The admin socket cannot be had.
    #[error(transparent)]
    Admin(#[from] SocketError),
    /// The admin port cannot be had.
    #[error(transparent)]
    AdminPort(#[from] PortError),
    /// The system does not schedule a worker as asked for.
    #[error(
        "cannot set {setting} {value} for a worker: {source}; {}, or leave it out",
        scheduling_remedy(setting)
    )]
    Scheduling {
        /// The setting.
        setting: &'static str,
        /// Its value for this worker.
        value: String,
        /// What the system says.
        source: io::Error,
    },
    /// The system gives no thread, or no descriptor for its event queue.
    #[error(
        "cannot start {what}: {source}; lower worker.threads or disk.threads, or raise the limits \
         of the process"
    )]
    Thread {
        /// What was to be started.
        what: &'static str,
        /// What the system says.
        source: io::Error,
    },
}

fn bind_remedy(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => "set port to a free one, or to 0 for any free one",
        io::ErrorKind::AddrNotAvailable => "set bind.address to an address of this machine",
        io::ErrorKind::PermissionDenied => "set port to 1024 or above",
        _ => "check bind.address and port",
    }
}

fn scheduling_remedy(setting: &str) -> &'static str {
    if setting == WORKER_CPUS {
        "give processors that this process may use (`taskset -p` tells)"
    } else {
        "give the process the right to it (CAP_SYS_NICE)"
    }
}
