//! How metrics are named and bounded.

use std::time::Duration;

use crate::dimensions::Dimension;

/// How metrics are named and bounded.
#[derive(Clone, Debug)]
pub struct Options {
    /// Names are `venice.<prefix>.<name>`.
    pub prefix: String,
    /// Attributes of every series whose instrument has these dimensions: the cluster, for one.
    pub common: Vec<(Dimension, String)>,
    /// Attributes of every series but gRPC's, whose labels are fixed: what tells ours from those of another
    /// server in the process.
    pub constant: Vec<(Dimension, String)>,
    /// Series of one name, at most. What exceeds it is counted together, in one series with the attribute
    /// `otel.metric.overflow=true` alone.
    pub max_series: usize,
    /// How long the series of a subject that is gone can still be read, so that every reader sees
    /// their last values. A subject that comes back meanwhile goes on where it was.
    pub linger: Duration,
}

impl Default for Options {
    /// Prefix `server`, 2,000 series a name as OpenTelemetry's SDKs have it, and five minutes.
    fn default() -> Self {
        Options {
            prefix: "server".to_owned(),
            common: Vec::new(),
            constant: Vec::new(),
            max_series: 2000,
            linger: Duration::from_secs(300),
        }
    }
}
