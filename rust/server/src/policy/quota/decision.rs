//! What read quota says of a request.

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It is within its quotas, or none is enforced.
    Allowed,
    /// Quota is enforced and Java has not said how much this store version has.
    AllowedUnintentionally,
    /// The store version has too few tokens.
    Rejected,
    /// The node has too few tokens.
    OverCapacity,
    /// Neither Java nor a database here knows the store.
    UnknownStore,
}
