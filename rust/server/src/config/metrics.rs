//! Settings of metrics.

use crate::config::setting::{flag, number, settings, text, Field, Setting};

settings! {
    /// How metrics are counted.
    pub struct MetricsSettings {
        /// Whether metrics are counted. What they cost a get is in docs/metrics.md.
        enabled: bool = true, flag("metrics.enabled"),
            acts in "observe/metrics.rs";

        /// How many series one metric may have. What exceeds it is counted together, in one series. A store has
        /// ten series of its reads' times if its batches are of all sizes.
        max_series: usize = 10_000, number("metrics.max.series", "series", 1..=1_000_000),
            acts in "observe/metrics.rs";

        /// What names of metrics have between `venice.` and their own, as `otel.venice.metrics.prefix` of
        /// Venice's server; without it, `server`.
        prefix: Option<String> = None, text("metrics.prefix"),
            acts in "observe/metrics.rs";

        /// The value of the dimension `venice.cluster.name`; without it, `unknown`.
        cluster: Option<String> = None, text("metrics.cluster.name"),
            acts in "observe/metrics.rs";
    }
}
