//! What a server counts, for its owner to fetch: see [`crate::Server::metrics`]. Names, units and
//! meanings are in `docs/metrics.md`.

use std::fmt;

/// A number, and what it is the number of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    /// Venice's name of it, without `venice.server.`.
    pub name: &'static str,
    /// What it is about, by name and value.
    pub dimensions: Vec<(&'static str, String)>,
    /// Counted since the server's start, or since its subject came.
    pub value: u64,
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dimensions = self.dimensions.iter();
        let dimensions: Vec<String> = dimensions
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        write!(
            f,
            "{}{{{}}} {}",
            self.name,
            dimensions.join(","),
            self.value
        )
    }
}
