//! What handshakes use now, and how it follows the files.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use arc_swap::ArcSwap;
use parking_lot::{Condvar, Mutex};
use rustls::pki_types::CertificateDer;
use rustls::ServerConfig;
use tokio_rustls::TlsAcceptor;
use venice_metrics::model::Value;
use venice_metrics::{Dimension, Instrument, Observer};

use crate::config::tls::TlsSettings;
use crate::transport::tls::error::TlsError;
use crate::transport::tls::files::{Files, Fingerprint};
use crate::transport::tls::key_store::KeyStores;
use crate::transport::tls::server_config::{H2, HTTP_1};
use crate::transport::tls::validity::not_after;

/// TLS of one server.
pub struct Tls {
    settings: TlsSettings,
    /// How long a file is waited for by who asks for it.
    wait: Duration,
    /// The protocols' names in ALPN.
    protocols: &'static [&'static [u8]],
    current: ArcSwap<ServerConfig>,
    loaded: Mutex<Loaded>,
    /// Loads that have begun.
    begun: AtomicU64,
    watching: Mutex<Watching>,
    /// `watching` is another.
    told: Condvar,
}

/// What who follows the files is told.
struct Watching {
    /// How often it looks; 0 for never.
    reload: Duration,
    stopped: bool,
}

/// The files that `current` was made of.
struct Loaded {
    fingerprint: Fingerprint,
    /// Which load it was, in the order in which they began.
    number: u64,
    /// What the server shows, DER of X.509.
    certificates: Vec<CertificateDer<'static>>,
    /// When the first of them ends, in seconds since 1970.
    first_end: Option<i64>,
    /// When it was.
    at: SystemTime,
    /// Loads before it that were used.
    used: u64,
}

/// The certificates that clients are shown now.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Of each key the server's own first, then those that signed it. DER of X.509.
    pub certificates: Vec<CertificateDer<'static>>,
    /// Since when.
    pub since: SystemTime,
    /// How often the files were read again since the start and used.
    pub generation: u64,
}

impl Loaded {
    fn new(certificates: Vec<CertificateDer<'static>>, files: &Files, number: u64) -> Loaded {
        let ends = certificates.iter();
        Loaded {
            first_end: ends.filter_map(|der| not_after(der)).min(),
            certificates,
            fingerprint: files.fingerprint(),
            number,
            at: SystemTime::now(),
            used: 0,
        }
    }
}

impl Tls {
    /// Loads the files that `settings` name, and waits for each as long as `wait` says; `java` opens those that are no PEM.
    /// `None` if the server is to speak plain HTTP/2.
    pub fn load(
        settings: &TlsSettings,
        http1: bool,
        wait: Duration,
        java: &mut dyn KeyStores,
    ) -> Result<Option<Tls>, TlsError> {
        // The first one that the client offers too is taken.
        let protocols: &'static [&'static [u8]] = if http1 { &[H2, HTTP_1] } else { &[H2] };
        Tls::load_for(settings, protocols, wait, java)
    }

    /// [`Tls::load`] for other protocols, by their names in ALPN.
    pub(crate) fn load_for(
        settings: &TlsSettings,
        protocols: &'static [&'static [u8]],
        wait: Duration,
        java: &mut dyn KeyStores,
    ) -> Result<Option<Tls>, TlsError> {
        if settings.key_store.is_none() {
            return match settings.first_tls_setting() {
                Some(setting) => Err(TlsError::NoKeyStore { setting }),
                None => Ok(None),
            };
        }
        let files = Files::read(settings, Some(wait))?;
        let (config, certificates) = settings.server_config(&files, protocols, java)?;
        Ok(Some(Tls {
            current: ArcSwap::from_pointee(config),
            loaded: Mutex::new(Loaded::new(certificates, &files, 0)),
            begun: AtomicU64::new(0),
            settings: settings.clone(),
            wait,
            protocols,
            watching: Mutex::new(Watching {
                reload: settings.reload,
                stopped: false,
            }),
            told: Condvar::new(),
        }))
    }

    /// Tells how long the certificates in use are valid.
    pub fn observe(&self, observer: &mut Observer<'_>) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let (Some(end), Ok(now)) = (self.loaded.lock().first_end, now) else {
            return;
        };
        let days = (end as f64 - now.as_secs_f64()) / 86_400.0;
        let of = [(Dimension::Certificate, "server")];
        observer.observe(Instrument::TlsCertificateDaysLeft, &of, Value::F64(days));
    }

    /// What clients are shown now.
    pub fn shown(&self) -> Shown {
        let loaded = self.loaded.lock();
        Shown {
            certificates: loaded.certificates.clone(),
            since: loaded.at,
            generation: loaded.used,
        }
    }

    /// What handshakes that begin now use.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.current.load_full())
    }

    /// Loads the files again, for handshakes from now on. An error leaves all as it was, also when a file does not come
    /// in time.
    pub fn reload(&self, java: &mut dyn KeyStores) -> Result<(), TlsError> {
        let number = self.begin();
        let files = Files::read(&self.settings, Some(self.wait))?;
        self.load_again(number, &files, java)
    }

    /// Follows the files, every `tls.reload.ms`, until [`Tls::stop_watching`]; while that is 0 it waits for another
    /// value. For a thread of its own: a file may be on a disk that hangs.
    pub fn watch(&self, java: &mut dyn KeyStores) {
        while !self.wait() {
            match self.reload_if_changed(java) {
                Ok(false) => {}
                Ok(true) => tracing::info!("the files of TLS changed and were read again"),
                // Said each time: the certificate in use will expire.
                Err(error) => {
                    tracing::error!(%error, "the files of TLS cannot be used; what they had before is");
                }
            }
        }
    }

    /// From now on the files are looked at so often.
    pub(crate) fn set_reload(&self, reload: Duration) {
        self.watching.lock().reload = reload;
        self.told.notify_all();
    }

    /// Ends [`Tls::watch`], unless that waits for a disk: then it ends when the disk answers.
    pub fn stop_watching(&self) {
        self.watching.lock().stopped = true;
        self.told.notify_all();
    }

    fn reload_if_changed(&self, java: &mut dyn KeyStores) -> Result<bool, TlsError> {
        let number = self.begin();
        // This thread has nothing else to do.
        let files = Files::read(&self.settings, None)?;
        if self.loaded.lock().fingerprint == files.fingerprint() {
            return Ok(false);
        }
        self.load_again(number, &files, java).map(|()| true)
    }

    fn begin(&self) -> u64 {
        self.begun.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Files are read without a lock: a disk that hangs would never release it. So of two loads at a time the one
    /// that began later, and saw the later files, stays.
    fn load_again(
        &self,
        number: u64,
        files: &Files,
        java: &mut dyn KeyStores,
    ) -> Result<(), TlsError> {
        let (config, certificates) = self.settings.server_config(files, self.protocols, java)?;
        let mut loaded = self.loaded.lock();
        if loaded.number < number {
            self.current.store(Arc::new(config));
            *loaded = Loaded {
                used: loaded.used + 1,
                ..Loaded::new(certificates, files, number)
            };
        }
        Ok(())
    }

    /// Waits until the files are to be looked at, or for the stop. Returns whether that came.
    fn wait(&self) -> bool {
        let since = Instant::now();
        let mut watching = self.watching.lock();
        while !watching.stopped {
            let reload = watching.reload;
            if reload.is_zero() {
                self.told.wait(&mut watching);
            } else if since.elapsed() >= reload {
                return false;
            } else {
                self.told.wait_until(&mut watching, since + reload);
            }
        }
        true
    }
}

impl TlsSettings {
    /// A setting that says that TLS was meant.
    fn first_tls_setting(&self) -> Option<&'static str> {
        [
            ("tls.key.store.type", self.key_store_type.is_some()),
            ("tls.key.store.password", self.key_store_password.is_some()),
            ("tls.key.password", self.key_password.is_some()),
            ("tls.key.alias", self.key_alias.is_some()),
            ("tls.private.key", self.private_key.is_some()),
            ("tls.trust.store", self.trust_store.is_some()),
            ("tls.trust.store.type", self.trust_store_type.is_some()),
            (
                "tls.trust.store.password",
                self.trust_store_password.is_some(),
            ),
        ]
        .into_iter()
        .find_map(|(setting, set)| set.then_some(setting))
    }
}
