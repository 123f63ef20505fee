//! What can go wrong in a native of `RustReadServer`.

use venice_catalog::CatalogError;
use venice_server::{
    ChangeError, ConfigError, DrainError, HotKeysError, QuotaError, StartError, TlsError,
};

/// Becomes the message of a `ReadServerException`.
#[derive(Debug, thiserror::Error)]
pub enum ReadServerError {
    /// A setting is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The server could not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// A quota is wrong.
    #[error(transparent)]
    Quota(#[from] QuotaError),
    /// A description of a store is refused.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// A setting cannot be changed.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The server is not drained, or not taken back.
    #[error(transparent)]
    Drain(#[from] DrainError),
    /// A session of hot keys does not start.
    #[error(transparent)]
    HotKeys(#[from] HotKeysError),
    /// The files of TLS cannot be read again.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// No server has this handle, or no longer.
    #[error("read server {handle} is stopped or was never started; start a new one")]
    NoSuchServer {
        /// The handle as given.
        handle: i64,
    },
    /// Not a valid time.
    #[error("drain time is {millis} ms; give 0 or more")]
    NegativeDrain {
        /// The time as given.
        millis: i64,
    },
    /// Null in place of the settings, or of one of them.
    #[error("{what} is null; give a value")]
    Null {
        /// What should have been there.
        what: String,
    },
    /// JNI itself failed, or a Java exception is pending.
    #[error("cannot talk to the JVM: {0}")]
    Jni(#[from] jni::errors::Error),
}
