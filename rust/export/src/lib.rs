//! Metrics out of the process, without Java: text that Prometheus scrapes, and OTLP to a collector; spans
//! likewise.
//!
//! ```text
//!   Fn() -> Snapshot ----> prometheus: GET /metrics      (who asks waits; nobody else does)
//!                    \---> otlp: POST to a collector     (each interval)
//!   spans --> queue -------> otlp: POST to a collector     (each interval, or when it fills a message)
//! ```
//!
//! | Room | What happens there |
//! |---|---|
//! | [`exporters`] | the one thread of all exporters starts and stops |
//! | [`prometheus`] | names, text, protobuf, and the endpoint that serves them |
//! | [`otlp`] | messages, deltas, sending and sending again |
//! | [`spans`] | spans of requests wait here, a bounded number |
//! | [`settings`] | what is exported, where to; texts are checked |
//!
//! What it is not: it counts nothing, and knows no server. It is given a function that takes a
//! snapshot, and calls it on its own thread, so that neither a slow collector nor a thousand scrapes
//! make a read wait.

#![forbid(unsafe_code)]

pub mod exporters;
pub mod otlp;
pub mod prometheus;
pub mod settings;
pub mod spans;

pub use exporters::{Exporters, OtlpChange, StartError, Traces};
pub use settings::{
    OtlpSettings, PrometheusSettings, Resource, Settings, SnapshotSource, TrustFile,
};
