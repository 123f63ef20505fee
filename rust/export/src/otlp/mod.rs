//! OTLP over HTTP, as protobuf (OpenTelemetry Protocol 1.x, "OTLP/HTTP").
//!
//! Counted here is nothing: a snapshot is taken each interval, put into messages of a bounded size, and
//! sent one after the other. With deltas a series' baseline moves when its message arrived, so what a
//! collector missed is in the next one.

mod client;
mod delta;
mod exporter;
mod messages;
mod retry;
mod trust;

pub(crate) use exporter::Exporter;
pub use trust::TrustError;
