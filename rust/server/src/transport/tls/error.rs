//! Why TLS cannot be had.

use std::path::PathBuf;

use crate::transport::tls::key_store::KeyStoreError;

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
