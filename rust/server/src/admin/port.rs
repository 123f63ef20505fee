//! The port of operators: TCP, TLS of its own, and a certificate of who asks, by whose names he has rights.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crate::admin::rights::Allowed;
use crate::config::admin::AdminSettings;
use crate::config::names::{ADMIN_PORT, ADMIN_VIEW};
use crate::config::tls::{ClientAuth, FileNames, TlsSettings, TlsVersion};
use crate::transport::tls::{PemOnly, Tls, TlsError, HTTP_1};

/// Why there is no port.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// A file of TLS is missing.
    #[error(
        "{ADMIN_PORT} is set, and {setting} is not; operators are known by certificates alone: set it, or {ADMIN_PORT} to -1"
    )]
    Missing {
        /// The setting of the file.
        setting: &'static str,
    },
    /// Nobody may do anything there.
    #[error(
        "{ADMIN_PORT} is set, and no certificate is given a right; set {ADMIN_VIEW} to names such as CN=operator or \
         DNS:host.example, or {ADMIN_PORT} to -1"
    )]
    Nobody,
    /// The files of TLS cannot be used.
    #[error(transparent)]
    Tls(TlsError),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}; set {ADMIN_PORT} and admin.bind.address to what is free on this machine")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        source: io::Error,
    },
    /// The system gives no thread.
    #[error("cannot start the thread that follows the files of TLS of {ADMIN_PORT}: {0}")]
    Thread(io::Error),
}

/// What the files are called.
const FILES: FileNames = FileNames {
    key_store: "admin.tls.key.store",
    private_key: "admin.tls.private.key",
    trust_store: "admin.tls.trust.store",
};

/// A port that is listened on.
pub(crate) struct AdminPort {
    pub(crate) listener: std::net::TcpListener,
    pub(crate) address: SocketAddr,
    pub(crate) tls: Arc<Tls>,
    pub(crate) allowed: Allowed,
}

impl AdminPort {
    /// Listens, if the settings say so. Waits for each file of TLS as long as `wait` says.
    pub(crate) fn bind(
        settings: &AdminSettings,
        main: &TlsSettings,
        wait: Duration,
    ) -> Result<Option<AdminPort>, PortError> {
        let Ok(port) = u16::try_from(settings.port) else {
            return Ok(None);
        };
        let files = [
            (FILES.key_store, &settings.tls_key_store),
            (FILES.trust_store, &settings.tls_trust_store),
        ];
        for (setting, file) in files {
            if file.is_none() {
                return Err(PortError::Missing { setting });
            }
        }
        let allowed = Allowed::of(settings);
        if allowed.is_nobody() {
            return Err(PortError::Nobody);
        }
        let tls = TlsSettings {
            key_store: settings.tls_key_store.clone(),
            private_key: settings.tls_private_key.clone(),
            trust_store: settings.tls_trust_store.clone(),
            client_auth: ClientAuth::Required,
            // Who looks after servers has a newer program than who reads from them.
            min_version: TlsVersion::V13,
            reload: main.reload,
            names: FILES,
            ..TlsSettings::default()
        };
        let tls = Tls::load_for(&tls, &[HTTP_1], wait, &mut PemOnly).map_err(PortError::Tls)?;
        let tls = tls.ok_or(PortError::Missing {
            setting: FILES.key_store,
        })?;
        let address = SocketAddr::new(settings.bind_address, port);
        let bound = std::net::TcpListener::bind(address).and_then(|listener| {
            listener.set_nonblocking(true)?;
            Ok((listener.local_addr()?, listener))
        });
        let (address, listener) = bound.map_err(|source| PortError::Bind { address, source })?;
        Ok(Some(AdminPort {
            listener,
            address,
            tls: Arc::new(tls),
            allowed,
        }))
    }
}

/// Follows the files of TLS, until [`Tls::stop_watching`]. The thread is nobody's to wait for: a disk may hold it.
pub(crate) fn watch(tls: &Arc<Tls>) -> Result<(), PortError> {
    let tls = Arc::clone(tls);
    let thread = thread::Builder::new()
        .name("venice-admin-tls".to_owned())
        .spawn(move || tls.watch(&mut PemOnly));
    thread.map(drop).map_err(PortError::Thread)
}
