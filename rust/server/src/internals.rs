//! What this crate's own tests reach into the rooms for, by the name of the room.
//!
//! Tests in `tests/` are crates of their own, so what they use has to be public. It stands here, in one
//! list, so that `pub` in a room means one thing: for `venice_bridge` and the command line, by the root of
//! the crate, or for tests, by this list. Nothing here is for another crate; `//tests/architecture` checks
//! that.

/// The settings as rows of a table, and parts of a configuration.
pub mod config {
    pub use crate::config::access::AccessSettings;
    pub use crate::config::limits::Limits;
    pub use crate::config::live::Live;
    pub use crate::config::quota::RefillPolicy;
    pub use crate::config::sections::{Row, Section};
    pub use crate::config::setting::{Changes, Kind, Unit};
}

/// What is kept of requests.
pub mod observe {
    pub use crate::observe::hot_keys::{HotKeysReport, LONGEST};
    pub use crate::observe::metrics::Metrics;
    pub use crate::observe::slow_log::{Ended, Request as SlowRequest, SlowLog, Why};
    pub use crate::observe::timeline::Phase;
}

/// Who may read, and how much.
pub mod policy {
    pub use crate::policy::access::{Decision, Principal};
    pub use crate::policy::quota::Quota;
}

/// One request, step by step.
pub mod read_path {
    pub use crate::read_path::compute::pool::ComputePool;
    pub use crate::read_path::disk_pool::DiskPool;
    pub use crate::read_path::failure::Failure;
    pub use crate::read_path::stack::{
        Admission, ReadPath, INLINE_BATCH_KEYS, INLINE_PLAIN_BATCH_KEYS, INLINE_VALUE_BYTES,
    };
    pub use crate::read_path::step::{AdmissionStep, ReadStep};
    pub use crate::read_path::thread_pool::WAITING_PER_THREAD;
}

/// Answers as bytes.
pub mod response {
    pub use crate::response::builder::{EncodedResponse, Fields, ResponseBuilder};
    pub use crate::response::place::Place;
}

/// Clocks, and the drain of a server.
pub mod runtime {
    pub use crate::runtime::clock::{Clock, ManualClock, MonotonicClock};
    pub use crate::runtime::drain::channel as drain_channel;
}

/// What the calls of a connection share, and the paths of methods.
pub mod services {
    pub use crate::services::context::ServerContext;
    pub use crate::services::health::{CHECK, WATCH};
    pub use crate::services::session::Session;

    /// The paths of server reflection.
    pub mod reflection {
        pub use crate::services::reflection::{V1, V1ALPHA};
    }
}

/// One connection, and TLS.
pub mod transport {
    pub use crate::transport::connection::{serve, Accepted, Transport};
    pub use crate::transport::http2::Gathering;
    pub use crate::transport::peer::PeerIdentity;
    pub use crate::transport::tls::{provider, CertificateFacts};
}
