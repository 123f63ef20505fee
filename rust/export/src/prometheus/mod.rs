//! What Prometheus scrapes.
//!
//! Names are those that Prometheus itself gives to metrics that come by OTLP (its "otlptranslator"):
//! `venice.server.read.call_time` in milliseconds is `venice_server_read_call_time_milliseconds`,
//! counters end in `_total`. So a board works for both ways, but for gauges of plain numbers, which
//! Prometheus would call ratios.
//!
//! Histograms come with buckets at fixed powers of 2, the same at every scrape, which is what rates of
//! buckets need; they are exact, as these are bounds of exponential buckets of every scale from 0.
//! Who asks for protobuf (a Prometheus with native histograms) gets all exponential buckets beside them.

pub(crate) mod buckets;
pub(crate) mod endpoint;
pub(crate) mod families;
pub(crate) mod format;
pub mod names;
pub(crate) mod protobuf;
pub(crate) mod text;

pub use format::Format;

use venice_metrics::model::Snapshot;

use crate::settings::Resource;

/// The body of an answer to a scrape: all metrics of `snapshot`, and the resource as `target_info`.
pub fn render(snapshot: &Snapshot, resource: &Resource, format: Format) -> Vec<u8> {
    match format {
        Format::Text => text::render(snapshot, resource, text::Style::Prometheus),
        Format::OpenMetrics => text::render(snapshot, resource, text::Style::OpenMetrics),
        Format::Protobuf => protobuf::render(snapshot, resource),
    }
}
