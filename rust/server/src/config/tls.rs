//! Settings of TLS: plain data. What is made of it is in `transport/tls`.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::config::reasons::CERTIFICATES;
use crate::config::setting::{
    choice, file, millis, password, settings, text, Choice, Field, Setting, Spec, DAY,
};

/// Whether a client has to show a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientAuth {
    /// Without one there is no connection.
    Required,
    /// It need not; what it shows has to be trusted.
    Optional,
    /// It is not asked for one.
    None,
}

/// The oldest version of TLS that a client may speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsVersion {
    /// TLS 1.2.
    V12,
    /// TLS 1.3.
    V13,
}

impl Choice for ClientAuth {
    const ALL: &'static [(&'static str, ClientAuth)] = &[
        ("required", ClientAuth::Required),
        ("optional", ClientAuth::Optional),
        ("none", ClientAuth::None),
    ];
}

impl Choice for TlsVersion {
    const ALL: &'static [(&'static str, TlsVersion)] =
        &[("1.2", TlsVersion::V12), ("1.3", TlsVersion::V13)];
}

settings! {
    /// The settings of TLS, as given. Nothing is read before [`crate::transport::tls::Tls::load`].
    pub struct TlsSettings {
        /// File with the server's private key and certificates: PEM, or, inside a JVM, what
        /// `java.security.KeyStore` opens, such as PKCS#12, JKS and JCEKS. At most 64 MiB. Without it the
        /// server speaks plain HTTP/2.
        key_store: Option<PathBuf> = None, file("tls.key.store").at_start(CERTIFICATES),
            acts in "transport/tls/reload.rs";

        /// `PEM`, or a type of `java.security.KeyStore`. Without it the bytes tell: they are tried as
        /// PKCS12, JKS, JCEKS, and, with a provider that has them, BKS, BCFKS and UBER.
        key_store_type: Option<String> = None, text("tls.key.store.type").at_start(CERTIFICATES),
            acts in "transport/tls/reload.rs";

        /// Password of the key store. PEM files have none.
        key_store_password: Option<Password> = None, password("tls.key.store.password").at_start(CERTIFICATES),
            acts in "transport/tls/reload.rs";

        /// Password of the private key. Without it, that of the key store.
        key_password: Option<Password> = None, password("tls.key.password").at_start(CERTIFICATES),
            acts in "transport/tls/reload.rs";

        /// Name of the private key in the key store. Without it, of several keys a client is shown the
        /// first that it can verify, in the order of Java's key manager SunX509; the log names them.
        key_alias: Option<String> = None, text("tls.key.alias").at_start(CERTIFICATES),
            acts in "transport/tls/reload.rs";

        /// PEM file with the private key, for a key store that is PEM without the key.
        private_key: Option<PathBuf> = None, file("tls.private.key").at_start(CERTIFICATES),
            acts in "transport/tls/reload.rs";

        /// File with the certificates that clients' are to be signed by; formats as for `tls.key.store`.
        trust_store: Option<PathBuf> = None, file("tls.trust.store").at_start(CERTIFICATES),
            acts in "transport/tls/reload.rs";

        /// Type of the trust store, as `tls.key.store.type`.
        trust_store_type: Option<String> = None, text("tls.trust.store.type").at_start(CERTIFICATES),
            acts in "transport/tls/reload.rs";

        /// Password of the trust store. Without it, a JKS is not checked for changes.
        trust_store_password: Option<Password> = None, password("tls.trust.store.password").at_start(CERTIFICATES),
            acts in "transport/tls/reload.rs";

        /// Whether a client has to show a certificate. The default is that of Venice's server, and needs
        /// a trust store. With `optional` a client need not show one, but what it shows has to be
        /// trusted; with `none` it is not asked for one.
        client_auth: ClientAuth = ClientAuth::Required, choice::<ClientAuth>("tls.client.auth").at_start(CERTIFICATES),
            acts in "transport/tls/server_config.rs";

        /// The oldest version of TLS that a client may speak. Java 8 clients may have no newer one than
        /// the default.
        min_version: TlsVersion = TlsVersion::V12, choice::<TlsVersion>("tls.min.version").at_start(CERTIFICATES),
            acts in "transport/tls/server_config.rs";

        /// How often the files of TLS are looked at, to be read again when they changed: certificates are
        /// renewed hours before they expire. 0 means never: `reloadTls()` alone reads them again.
        reload: Duration = Duration::from_secs(60), millis("tls.reload.ms", 0..=DAY).at_run_time(),
            acts in "transport/tls/reload.rs";
    }
    parts {
        /// What the settings of its files are called, for errors.
        names: FileNames,
    }
}

/// Names of the settings that name files of TLS: the port of operators has files of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileNames {
    /// Of [`TlsSettings::key_store`].
    pub(crate) key_store: &'static str,
    /// Of [`TlsSettings::private_key`].
    pub(crate) private_key: &'static str,
    /// Of [`TlsSettings::trust_store`].
    pub(crate) trust_store: &'static str,
}

impl Default for FileNames {
    fn default() -> FileNames {
        FileNames {
            key_store: "tls.key.store",
            private_key: "tls.private.key",
            trust_store: "tls.trust.store",
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

    /// What was kept, for who it is meant for.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Field for Option<Password> {
    fn parse(text: &str, _: &Spec) -> Option<Option<Password>> {
        Some(Some(Password::new(text)))
    }

    fn print(&self, _: &Spec) -> Option<String> {
        self.as_ref().map(|password| format!("{password:?}"))
    }
}
