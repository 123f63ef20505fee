//! The metrics of a snapshot as Prometheus sees them.

use venice_metrics::model::{Metric, Value};
use venice_metrics::Kind;

use crate::prometheus::names::{family_name, label_name, unit_name};
use crate::settings::Resource;

/// The name of the gauge whose labels are the resource's attributes.
pub(crate) const TARGET_INFO: &str = "target_info";
/// What is said of it.
pub(crate) const TARGET_INFO_HELP: &str = "Who these metrics are of.";

/// Prometheus' types that we have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Counter,
    Gauge,
    Histogram,
    Summary,
}

impl Type {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Type::Counter => "counter",
            Type::Gauge => "gauge",
            Type::Histogram => "histogram",
            Type::Summary => "summary",
        }
    }
}

/// A family: metrics of one name.
pub(crate) struct Family<'a> {
    /// Without `_total`.
    pub(crate) name: String,
    pub(crate) r#type: Type,
    pub(crate) help: &'a str,
    /// The last word of `name`, if that is its unit.
    pub(crate) unit: Option<&'static str>,
}

impl<'a> Family<'a> {
    pub(crate) fn of(metric: &Metric) -> Family<'a> {
        let name = family_name(&metric.name, metric.instrument);
        let unit = unit_name(metric.instrument.unit(), metric.kind);
        Family {
            unit: unit.filter(|unit| name.rsplit('_').next() == Some(unit)),
            name,
            r#type: match metric.kind {
                Kind::Counter => Type::Counter,
                Kind::UpDownCounter | Kind::Gauge => Type::Gauge,
                Kind::Histogram => Type::Histogram,
                Kind::MinMaxCountSum => Type::Summary,
            },
            help: metric.description,
        }
    }
}

/// A plain number; none for what is put together of many.
pub(crate) fn number(value: &Value) -> Option<f64> {
    match value {
        Value::U64(number) => Some(*number as f64),
        Value::I64(number) => Some(*number as f64),
        Value::F64(number) => Some(*number),
        Value::Histogram(_) | Value::Summary(_) => None,
    }
}

/// The labels of `target_info`: each name once, as two attributes may become the same.
pub(crate) fn target_labels(resource: &Resource) -> Vec<(String, &str)> {
    let mut labels: Vec<(String, &str)> = Vec::new();
    for (key, value) in resource.attributes() {
        let name = label_name(key);
        if !labels.iter().any(|(known, _)| *known == name) {
            labels.push((name, value));
        }
    }
    labels
}
