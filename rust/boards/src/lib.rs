//! What is made of the table of metrics, so that it cannot name what is not there: the reference in
//! docs/metrics.md, a board for Grafana, and rules for Prometheus. `examples/write.rs` writes them; a test
//! compares the files with what it would write.
//!
//! Queries are for what Prometheus scrapes from a server with the prefix `server`. What comes by OTLP to a
//! Prometheus has the same names, but for gauges of plain numbers, to which it appends `_ratio`.

#![forbid(unsafe_code)]

mod alerts;
mod board;
mod panels;
mod queries;
mod reference;
mod rules;

pub use alerts::ALERTS;
pub use board::board;
pub use queries::PREFIX;
pub use reference::with_reference;
pub use rules::rules;

/// The files that are written whole, by their path in the repository.
pub fn files() -> Vec<(&'static str, String)> {
    vec![
        ("observability/grafana/read-server.json", board()),
        ("observability/prometheus/rules.yml", rules()),
    ]
}

/// The file of which a section is written.
pub const REFERENCE: &str = "docs/metrics.md";
