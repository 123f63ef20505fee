//! TLS: rustls over the files that the settings name, loaded at the start and again when they
//! change.
//!
//! | File | What |
//! |---|---|
//! | `mod.rs` | settings, loading, reloading, the handshake's configuration |
//! | `key_store.rs` | what kind a file is, and which key and certificates are meant |
//! | `jks.rs`, `pkcs12.rs` | the two kinds of Java's key stores |
//! | `pbe.rs`, `der.rs` | encryption by password, and the encoding below both |
//! | `ec_key.rs` | what Java leaves out of the keys of elliptic curves |
//!
//! A connection that was made keeps what it was made with: a reload is for handshakes after it. A
//! reload that fails changes nothing.

mod der;
mod ec_key;
mod jks;
mod key_store;
mod pbe;
mod pkcs12;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use parking_lot::Mutex;
use rustls::crypto::ring;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoClientAuth, WebPkiClientVerifier};
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig};
use tokio_rustls::TlsAcceptor;

use crate::tls::key_store::{identity, trusted, Access};
pub use crate::tls::key_store::{KeyStoreError, Password};

/// The protocol's name in ALPN. A client has to offer it: RFC 9113 (3.2) asks for it, and Java's
/// server refuses clients without it.
pub(crate) const H2: &[u8] = b"h2";

/// Whether a client has to show a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClientAuth {
    /// Without one there is no connection.
    #[default]
    Required,
    /// It need not; what it shows has to be trusted.
    Optional,
    /// It is not asked for one.
    None,
}

/// The settings of TLS, as given. Nothing is read before [`Tls::load`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsSettings {
    /// `tls.key.store`: file with the server's private key and certificates: PEM, JKS or PKCS#12.
    /// Without it the server speaks plain HTTP/2, which is the default.
    pub key_store: Option<PathBuf>,
    /// `tls.key.store.password`: of the file; none by default.
    pub key_store_password: Option<Password>,
    /// `tls.key.password`: of the private key; by default that of the file.
    pub key_password: Option<Password>,
    /// `tls.key.alias`: name of the key in a key store; needed if there are several.
    pub key_alias: Option<String>,
    /// `tls.private.key`: PEM file with the private key, if `tls.key.store` is PEM without it.
    pub private_key: Option<PathBuf>,
    /// `tls.trust.store`: file with the certificates that clients' are to be signed by.
    pub trust_store: Option<PathBuf>,
    /// `tls.trust.store.password`: of the file. Without it, a JKS is not checked for changes.
    pub trust_store_password: Option<Password>,
    /// `tls.client.auth`: `required` (default, as Venice's server has it), `optional` or `none`.
    pub client_auth: ClientAuth,
    /// `tls.min.version`: `1.2` (default: Java 8 clients have no other) or `1.3`.
    pub only_tls13: bool,
    /// `tls.reload.ms`: how often the files are looked at for changes, in milliseconds, default
    /// 60 000: certificates are renewed hours before they expire. 0 leaves it to
    /// [`crate::Server::reload_tls`].
    pub reload: Duration,
}

impl Default for TlsSettings {
    fn default() -> TlsSettings {
        TlsSettings {
            key_store: None,
            key_store_password: None,
            key_password: None,
            key_alias: None,
            private_key: None,
            trust_store: None,
            trust_store_password: None,
            client_auth: ClientAuth::default(),
            only_tls13: false,
            reload: Duration::from_secs(60),
        }
    }
}

/// Why TLS cannot be had with these settings.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be used.
    #[error("cannot use {} (setting {setting}): {reason}", .path.display())]
    File {
        /// Which file.
        setting: &'static str,
        /// Where.
        path: PathBuf,
        /// What is wrong with it.
        reason: KeyStoreError,
    },
    /// Clients are to show certificates, and nobody says which.
    #[error(
        "tls.client.auth is {client_auth}, and tls.trust.store is not set; set it to the file with \
         the certificates that clients' are signed by, or tls.client.auth to none"
    )]
    NoTrustStore {
        /// `required` or `optional`.
        client_auth: &'static str,
    },
    /// A setting of TLS, and no TLS.
    #[error("{setting} is set, and tls.key.store is not; set it to have TLS, or remove {setting}")]
    NoKeyStore {
        /// The setting.
        setting: &'static str,
    },
    /// A reload was asked for, and the server has no TLS.
    #[error("the server speaks plain HTTP/2: there is nothing to reload; set tls.key.store")]
    Plain,
}

/// TLS of one server.
pub struct Tls {
    settings: TlsSettings,
    current: ArcSwap<ServerConfig>,
    /// The files when they were loaded.
    loaded: Mutex<Vec<Stamp>>,
}

/// Tells a file from a later one of its name.
type Stamp = Option<(SystemTime, u64)>;

impl Tls {
    /// Loads the files that `settings` name. `None` if the server is to speak plain HTTP/2.
    pub fn load(settings: &TlsSettings) -> Result<Option<Tls>, TlsError> {
        if settings.key_store.is_none() {
            return match settings.needless() {
                Some(setting) => Err(TlsError::NoKeyStore { setting }),
                None => Ok(None),
            };
        }
        // Before the files are read: what changes meanwhile is noticed later.
        let stamps = settings.stamps();
        Ok(Some(Tls {
            current: ArcSwap::from_pointee(settings.server_config()?),
            loaded: Mutex::new(stamps),
            settings: settings.clone(),
        }))
    }

    /// What handshakes that begin now use.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.current.load_full())
    }

    /// Loads the files again, for handshakes from now on. An error leaves all as it was.
    pub fn reload(&self) -> Result<(), TlsError> {
        let mut loaded = self.loaded.lock();
        let stamps = self.settings.stamps();
        self.current.store(Arc::new(self.settings.server_config()?));
        *loaded = stamps;
        Ok(())
    }

    /// Reloads if a file is another than the one that was loaded. Returns whether it was.
    pub(crate) fn reload_if_changed(&self) -> Result<bool, TlsError> {
        if *self.loaded.lock() == self.settings.stamps() {
            return Ok(false);
        }
        self.reload().map(|()| true)
    }

    /// How often to look for changes, if at all.
    pub(crate) fn reload_interval(&self) -> Option<Duration> {
        Some(self.settings.reload).filter(|interval| !interval.is_zero())
    }
}

impl TlsSettings {
    /// A setting that says that TLS was meant.
    fn needless(&self) -> Option<&'static str> {
        [
            ("tls.key.store.password", self.key_store_password.is_some()),
            ("tls.key.password", self.key_password.is_some()),
            ("tls.key.alias", self.key_alias.is_some()),
            ("tls.private.key", self.private_key.is_some()),
            ("tls.trust.store", self.trust_store.is_some()),
            (
                "tls.trust.store.password",
                self.trust_store_password.is_some(),
            ),
        ]
        .into_iter()
        .find_map(|(setting, set)| set.then_some(setting))
    }

    fn stamps(&self) -> Vec<Stamp> {
        let files = [&self.key_store, &self.private_key, &self.trust_store];
        let stamps = files.into_iter().flatten().map(|path| {
            let metadata = fs::metadata(path).ok()?;
            Some((metadata.modified().ok()?, metadata.len()))
        });
        stamps.collect()
    }

    fn server_config(&self) -> Result<ServerConfig, TlsError> {
        let provider = Arc::new(ring::default_provider());
        let versions: &[_] = if self.only_tls13 {
            &[&TLS13]
        } else {
            &[&TLS13, &TLS12]
        };
        let verifier = self.client_verifier(&provider)?;
        let refused = |error: rustls::Error| self.key_store_error(refused(error));
        let config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .map_err(refused)?
            .with_client_cert_verifier(verifier);
        let identity = self.identity()?;
        let mut config = config
            .with_single_cert(identity.chain, identity.key)
            .map_err(refused)?;
        config.alpn_protocols = vec![H2.to_vec()];
        Ok(config)
    }

    fn identity(&self) -> Result<key_store::Identity, TlsError> {
        // `load` looked for it.
        let path = self.key_store.as_deref().unwrap_or(Path::new(""));
        let file = read("tls.key.store", path)?;
        let key_file = match &self.private_key {
            Some(path) => Some(read("tls.private.key", path)?),
            None => None,
        };
        let access = Access {
            password: self.key_store_password.as_ref(),
            key_password: self.key_password.as_ref(),
            alias: self.key_alias.as_deref(),
        };
        identity(&file, key_file.as_deref(), access).map_err(|reason| self.key_store_error(reason))
    }

    fn key_store_error(&self, reason: KeyStoreError) -> TlsError {
        TlsError::File {
            setting: "tls.key.store",
            path: self.key_store.clone().unwrap_or_default(),
            reason,
        }
    }

    fn client_verifier(
        &self,
        provider: &Arc<rustls::crypto::CryptoProvider>,
    ) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
        let client_auth = match self.client_auth {
            ClientAuth::None => return Ok(Arc::new(NoClientAuth)),
            ClientAuth::Optional => "optional",
            ClientAuth::Required => "required",
        };
        let Some(path) = &self.trust_store else {
            return Err(TlsError::NoTrustStore { client_auth });
        };
        let error = |reason| TlsError::File {
            setting: "tls.trust.store",
            path: path.clone(),
            reason,
        };
        let file = read("tls.trust.store", path)?;
        let certificates = trusted(&file, self.trust_store_password.as_ref()).map_err(error)?;
        let mut roots = RootCertStore::empty();
        let (_, unusable) = roots.add_parsable_certificates(certificates);
        if roots.is_empty() {
            return Err(error(KeyStoreError::NoCertificate(" that can be read")));
        }
        if unusable > 0 {
            tracing::warn!(path = %path.display(), unusable, "certificates cannot be read");
        }
        let builder =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
        let builder = match self.client_auth {
            ClientAuth::Optional => builder.allow_unauthenticated(),
            _ => builder,
        };
        builder
            .build()
            .map_err(|refusal| error(KeyStoreError::Refused(refusal.to_string())))
    }
}

/// Reads a file both as what the server shows and as what it trusts.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn parse(file: &[u8], password: Option<&Password>) {
    let access = Access {
        password,
        ..Access::default()
    };
    assert!(identity(file, None, access).map_or(true, |identity| !identity.chain.is_empty()));
    assert!(trusted(file, password).map_or(true, |trusted| !trusted.is_empty()));
}

fn refused(error: rustls::Error) -> KeyStoreError {
    KeyStoreError::Refused(match error {
        rustls::Error::InconsistentKeys(_) => {
            "the private key is not that of the first certificate".to_owned()
        }
        error => error.to_string(),
    })
}

fn read(setting: &'static str, path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|error: io::Error| TlsError::File {
        setting,
        path: path.to_owned(),
        reason: error.into(),
    })
}
