//! Names of metrics and labels in Prometheus.

use venice_metrics::{Instrument, Kind, Unit};

/// The name of a metric's family: of the name with prefix (`venice.server.read.call_time`), words are joined
/// by `_`, and the unit is appended unless the name has it already. A counter's samples have
/// `_total` behind it: see [`sample_name`].
///
/// The rules are OpenTelemetry's ("Prometheus and OpenMetrics Compatibility") as Prometheus carries
/// them out, with one exception: only gauges whose unit is a ratio get `_ratio`, not all whose unit
/// is `1`.
pub fn family_name(full_name: &str, instrument: Instrument) -> String {
    let kind = instrument.kind();
    let words = full_name.split(|c: char| !c.is_ascii_alphanumeric());
    let mut words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    if kind == Kind::Counter {
        words.retain(|word| *word != "total");
    }
    let unit = unit_name(instrument.unit(), kind);
    if let Some(unit) = unit.filter(|unit| !words.contains(unit)) {
        words.push(unit);
    }
    words.join("_")
}

/// The name of the samples of counters and gauges; histograms have `_bucket`, `_sum` and `_count`
/// behind their family's name, and what has no buckets has `_sum` and `_count`.
pub fn sample_name(full_name: &str, instrument: Instrument) -> String {
    let mut name = family_name(full_name, instrument);
    if instrument.kind() == Kind::Counter {
        name.push_str("_total");
    }
    name
}

/// A unit as a word of a name; none for things that are counted.
pub(crate) fn unit_name(unit: Unit, kind: Kind) -> Option<&'static str> {
    match unit {
        Unit::Millisecond => Some("milliseconds"),
        Unit::Second => Some("seconds"),
        Unit::Nanosecond => Some("nanoseconds"),
        Unit::Day => Some("days"),
        Unit::Bytes => Some("bytes"),
        Unit::Ratio => (kind == Kind::Gauge).then_some("ratio"),
        Unit::Number | Unit::Call | Unit::Handshake => None,
    }
}

/// The label of an attribute: `venice.store.name` is `venice_store_name`.
pub fn label_name(key: &str) -> String {
    let valid = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let mut name: String = key.chars().map(valid).collect();
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert_str(0, "key_");
    }
    name
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use venice_metrics::Dimension;

    use super::*;

    fn name(instrument: Instrument) -> String {
        sample_name(&instrument.full_name("server"), instrument)
    }

    #[test]
    fn names_have_their_unit_once_and_counters_end_in_total() {
        for (instrument, expected) in [
            (
                Instrument::ReadCallTime,
                "venice_server_read_call_time_milliseconds",
            ),
            (
                Instrument::ReadCallCount,
                "venice_server_read_call_count_total",
            ),
            (
                Instrument::ReadQuotaUsageRatio,
                "venice_server_read_quota_usage_ratio",
            ),
            (
                Instrument::TlsCertificateDaysLeft,
                "venice_server_tls_certificate_days_left",
            ),
            (
                Instrument::ConnectionActiveCount,
                "venice_server_connection_active_count",
            ),
            (
                Instrument::WorkerBusyTime,
                "venice_server_worker_busy_time_seconds_total",
            ),
            (
                Instrument::GrpcServerCallDuration,
                "grpc_server_call_duration_seconds",
            ),
        ] {
            assert_eq!(name(instrument), expected);
        }
    }

    #[test]
    fn no_two_metrics_have_a_sample_of_the_same_name() {
        let mut names = HashSet::new();
        for instrument in Instrument::ALL {
            let base = name(*instrument);
            let suffixes: &[&str] = match instrument.kind() {
                Kind::Histogram => &["", "_bucket", "_sum", "_count"],
                Kind::MinMaxCountSum => &["", "_sum", "_count"],
                _ => &[""],
            };
            for suffix in suffixes {
                let name = format!("{base}{suffix}");
                assert!(names.insert(name.clone()), "{name} comes twice");
            }
        }
    }

    #[test]
    fn no_two_dimensions_have_the_same_label() {
        let labels: HashSet<_> = Dimension::ALL
            .iter()
            .map(|dimension| label_name(dimension.key()))
            .collect();
        assert_eq!(labels.len(), Dimension::ALL.len());
        assert!(!labels.contains("le") && !labels.contains("quantile"));
        assert_eq!(label_name("venice.store.name"), "venice_store_name");
        assert_eq!(label_name("0day"), "key_0day");
    }
}
