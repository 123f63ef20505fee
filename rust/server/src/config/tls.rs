//! Settings of TLS: plain data. What is made of it is in `transport/tls`.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

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

/// The settings of TLS, as given. Nothing is read before [`crate::transport::tls::Tls::load`].
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

/// A password of the settings; its text is in no log.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Keeps `password` from being printed.
    pub fn new(password: &str) -> Password {
        Password(password.to_owned())
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}
