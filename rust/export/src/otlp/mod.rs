//! OTLP over HTTP, as protobuf (OpenTelemetry Protocol 1.x, "OTLP/HTTP").
//!
//! Counted here is nothing: a snapshot is taken each interval, put into messages of a bounded size, and
//! sent one after the other. With deltas a series' baseline moves when its message arrived, so what a
//! collector missed is in the next one. Spans are sent as they come, many in a message; those that do not
//! arrive are lost.

mod client;
mod delta;
mod exporter;
mod messages;
mod retry;
mod sending;
mod span_exporter;
mod span_messages;
mod trust;

pub(crate) use exporter::Exporter;
pub(crate) use sending::Sending;
pub(crate) use span_exporter::SpanExporter;
pub use trust::TrustError;
