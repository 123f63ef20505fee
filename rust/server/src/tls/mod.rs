//! TLS: rustls over the files that the settings name, loaded at the start and again when they
//! change.
//!
//! | File | What |
//! |---|---|
//! | `mod.rs` | settings, and the handshake's configuration made of them |
//! | `files.rs` | the bytes of the files |
//! | `reload.rs` | what handshakes use now; how changed files are noticed |
//! | `key_store.rs` | keys and certificates in a file: PEM, and what Java opens |
//! | `server_keys.rs` | which of several keys a client is shown |
//! | `signing_key.rs` | which keys can sign |
//! | `provider.rs`, `ecdsa.rs`, `pss.rs` | cryptography: ring, and what it lacks |
//!
//! A connection that was made keeps what it was made with: a reload is for handshakes after it. A
//! reload that fails changes nothing.

mod ecdsa;
mod files;
mod key_store;
mod provider;
mod pss;
mod reload;
mod server_keys;
mod signing_key;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::CryptoProvider;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoClientAuth, WebPkiClientVerifier};
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig};

use crate::tls::files::Files;
use crate::tls::key_store::{identities, trusted};
pub use crate::tls::key_store::{Alias, KeyEntry, KeyStoreError, KeyStores, Password, PemOnly};
pub use crate::tls::provider::provider;
use crate::tls::provider::ClientVerifier;
pub use crate::tls::reload::Tls;
use crate::tls::server_keys::ServerKeys;

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
    /// `tls.key.store`: file with the server's private key and certificates: PEM, or, inside a JVM, what
    /// its `KeyStore` opens, such as PKCS#12 and JKS. At most 64 MiB. Without it the server speaks plain
    /// HTTP/2, which is the default.
    pub key_store: Option<PathBuf>,
    /// `tls.key.store.type`: `PEM`, or a type of Java's `KeyStore`; by default the bytes tell.
    pub key_store_type: Option<String>,
    /// `tls.key.store.password`: of the file; none by default.
    pub key_store_password: Option<Password>,
    /// `tls.key.password`: of the private key; by default that of the file.
    pub key_password: Option<Password>,
    /// `tls.key.alias`: name of the key in a key store. By default, of several keys a client is shown
    /// the first that it can verify.
    pub key_alias: Option<String>,
    /// `tls.private.key`: PEM file with the private key, if `tls.key.store` is PEM without it.
    pub private_key: Option<PathBuf>,
    /// `tls.trust.store`: file with the certificates that clients' are to be signed by; as
    /// `tls.key.store`.
    pub trust_store: Option<PathBuf>,
    /// `tls.trust.store.type`: as `tls.key.store.type`.
    pub trust_store_type: Option<String>,
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
            key_store_type: None,
            key_store_password: None,
            key_password: None,
            key_alias: None,
            private_key: None,
            trust_store: None,
            trust_store_type: None,
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

impl TlsSettings {
    /// A setting that says that TLS was meant.
    fn needless(&self) -> Option<&'static str> {
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

    /// What handshakes use with these files.
    fn server_config(
        &self,
        files: &Files,
        java: &mut dyn KeyStores,
    ) -> Result<ServerConfig, TlsError> {
        let provider = Arc::new(provider());
        let versions: &[_] = if self.only_tls13 {
            &[&TLS13]
        } else {
            &[&TLS13, &TLS12]
        };
        let verifier = self.client_verifier(files, java, &provider)?;
        let error = |reason| self.key_store_error(reason);
        let identities = identities(
            &files.key_store,
            files.private_key.as_ref().map(|file| &file[..]),
            self.key_store_type.as_deref(),
            java,
        );
        let keys = ServerKeys::new(identities.map_err(error)?).map_err(error)?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(versions)
            .map_err(|refusal| error(KeyStoreError::Refused(refusal.to_string())))?
            .with_client_cert_verifier(verifier)
            .with_cert_resolver(Arc::new(keys));
        config.alpn_protocols = vec![H2.to_vec()];
        Ok(config)
    }

    fn key_store_error(&self, reason: KeyStoreError) -> TlsError {
        TlsError::File {
            setting: "tls.key.store",
            path: self.key_store.clone().unwrap_or_default(),
            reason,
        }
    }

    /// The file whose certificates clients are checked by, if they are.
    fn trust_file(&self) -> Result<Option<&PathBuf>, TlsError> {
        let client_auth = match self.client_auth {
            ClientAuth::None => return Ok(None),
            ClientAuth::Optional => "optional",
            ClientAuth::Required => "required",
        };
        match &self.trust_store {
            Some(path) => Ok(Some(path)),
            None => Err(TlsError::NoTrustStore { client_auth }),
        }
    }

    fn client_verifier(
        &self,
        files: &Files,
        java: &mut dyn KeyStores,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Arc<dyn ClientCertVerifier>, TlsError> {
        let (Some(path), Some(file)) = (self.trust_file()?, &files.trust_store) else {
            return Ok(Arc::new(NoClientAuth));
        };
        let error = |reason| TlsError::File {
            setting: "tls.trust.store",
            path: path.clone(),
            reason,
        };
        let certificates = trusted(file, self.trust_store_type.as_deref(), java).map_err(error)?;
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
        match builder.build() {
            Ok(verifier) => Ok(Arc::new(ClientVerifier(verifier))),
            Err(refusal) => Err(error(KeyStoreError::Refused(refusal.to_string()))),
        }
    }
}

/// Reads a file of PEM both as what the server shows and as what it trusts.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn parse_pem(file: &[u8]) {
    if let Ok(identities) = identities(file, None, None, &mut PemOnly) {
        assert!(identities.iter().all(|identity| !identity.chain.is_empty()));
        drop(ServerKeys::new(identities));
    }
    assert!(trusted(file, None, &mut PemOnly).map_or(true, |trusted| !trusted.is_empty()));
}

/// Takes bytes for a private key of PKCS#8, as Java hands it over.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn parse_key(key: &[u8]) {
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(key).into();
    drop(signing_key::signing_key(&key, &(&[][..]).into()));
}

/// Takes bytes for public key and signature of a client, by every algorithm that is ours. The first two
/// bytes say how long the key is.
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) fn verify_signature(bytes: &[u8]) {
    let Some((length, rest)) = bytes.split_first_chunk() else {
        return;
    };
    let length = usize::from(u16::from_be_bytes(*length));
    let (key, signature) = rest.split_at(length.min(rest.len()));
    for algorithm in ecdsa::VERIFICATION.iter().chain(pss::VERIFICATION) {
        // Nobody finds the signature of these words by chance.
        let verified = algorithm.verify_signature(key, b"words", signature);
        assert!(verified.is_err());
    }
}
