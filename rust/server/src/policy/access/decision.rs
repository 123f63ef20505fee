//! What Java says of a client, and why a request may not go on.

use std::sync::Arc;
use std::time::Duration;

/// What Java says. The first four are `ReadAccessDecision`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccessResult {
    /// Go on.
    Granted,
    /// There is an access-control list, and the client is not on it.
    Forbidden,
    /// There is no access-control list for the store.
    Unauthorized,
    /// The controller failed, and is not to let clients in when it does.
    ErrorForbidden,
    /// The certificate cannot be read.
    InvalidCertificate,
    /// The controller threw something. Of the text about 200 bytes are kept.
    Failed(Arc<str>),
}

/// Why a request may not go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Denial {
    /// Access control needs certificates, and the connection is not encrypted.
    SslRequired,
    /// No store in the resource name, or no method.
    InvalidRequest,
    /// The client has no certificate.
    NoCertificate,
    /// What Java said; never [`AccessResult::Granted`].
    Answered(AccessResult),
    /// Java did not say anything in time.
    NoAnswer {
        /// The time.
        wait: Duration,
    },
    /// Too many first questions wait.
    Busy,
    /// The server stops.
    Stopping,
}
