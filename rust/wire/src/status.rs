//! How a call ends in gRPC's own terms.

/// gRPC status codes that this server sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The call was cancelled, by the client.
    Cancelled = 1,
    /// What grpc-java sends when a service throws.
    Unknown = 2,
    /// The call was not answered within its `grpc-timeout`.
    DeadlineExceeded = 4,
    /// A request that access control, or reflection, can make nothing of.
    InvalidArgument = 3,
    /// The client may not read.
    PermissionDenied = 7,
    /// The health, or the description, of what is not here.
    NotFound = 5,
    /// A message over its limit, or a client over its share.
    ResourceExhausted = 8,
    /// No such method, or a feature of gRPC that we do not have.
    Unimplemented = 12,
    /// A call that breaks gRPC's framing, or a bug of ours.
    Internal = 13,
    /// Try another replica.
    Unavailable = 14,
    /// The client does not say who it is.
    Unauthenticated = 16,
}

impl Code {
    /// As gRPC's metrics write it.
    pub fn name(self) -> &'static str {
        match self {
            Code::Cancelled => "CANCELLED",
            Code::Unknown => "UNKNOWN",
            Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
            Code::InvalidArgument => "INVALID_ARGUMENT",
            Code::PermissionDenied => "PERMISSION_DENIED",
            Code::NotFound => "NOT_FOUND",
            Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
            Code::Unimplemented => "UNIMPLEMENTED",
            Code::Internal => "INTERNAL",
            Code::Unavailable => "UNAVAILABLE",
            Code::Unauthenticated => "UNAUTHENTICATED",
        }
    }
}

/// An ended call in gRPC's own terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Goes into `grpc-status`.
    pub code: Code,
    /// Goes into `grpc-message`.
    pub message: String,
}
