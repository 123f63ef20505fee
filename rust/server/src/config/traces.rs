//! Settings of traces.

use std::time::Duration;

use crate::config::names::TRACES_ENDPOINT;
use crate::config::reasons::SPANS;
use crate::config::setting::{millis, number, settings, text, Field, Setting, DAY};

settings! {
    /// Where spans of traced requests go.
    pub struct TraceSettings {
        /// The URL of a collector of OpenTelemetry, `http` or `https`; without a path it gets `/v1/traces`. A
        /// `get` or `batchGet` whose client sends W3C's `traceparent` with the flag *sampled* becomes a span
        /// there, with its phases (docs/slow-log.md). Without it there are no spans. Headers, time-out, trust
        /// file and resource are those of `metrics.otlp.*`. It needs `metrics.enabled`. In a running server it can be
        /// set, changed, and taken back by `none`: spans that wait are sent to where they were to go.
        endpoint: Option<String> = None, text(TRACES_ENDPOINT).at_run_time(),
            acts in "lifecycle/exporting.rs";

        /// Spans wait for others for so long, unless 512 are there before.
        interval: Duration = Duration::from_secs(5), millis("traces.otlp.interval.ms", 100..=DAY).at_run_time(),
            acts in "lifecycle/exporting.rs";

        /// The spans that may wait. When a collector is away or slow, more are dropped, and counted in
        /// `trace.span_count`.
        queue: usize = 2048, number("traces.queue.spans", "spans", 1..=1_000_000).at_start(SPANS),
            acts in "lifecycle/exporting.rs";
    }
}

/// In place of an endpoint: there is none.
const NONE: &str = "none";

impl TraceSettings {
    /// Where spans go, if they go anywhere.
    pub(crate) fn endpoint(&self) -> Option<&str> {
        let endpoint = self.endpoint.as_deref().map(str::trim);
        endpoint.filter(|endpoint| !endpoint.is_empty() && *endpoint != NONE)
    }
}
