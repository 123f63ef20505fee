//! The text formats: Prometheus' 0.0.4, and OpenMetrics 1.0.0.

use std::fmt::Write;

use venice_metrics::model::{Metric, Point, Snapshot, Value};

use crate::prometheus::buckets::cumulative;
use crate::prometheus::families::{
    number, target_labels, Family, Type, TARGET_INFO, TARGET_INFO_HELP,
};
use crate::prometheus::names::label_name;
use crate::settings::Resource;

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Prometheus,
    OpenMetrics,
}

/// The exposition.
pub(crate) fn render(snapshot: &Snapshot, resource: &Resource, style: Style) -> Vec<u8> {
    let mut text = Text {
        out: String::new(),
        style,
        labels: String::new(),
    };
    text.target_info(resource);
    for metric in &snapshot.metrics {
        text.metric(metric);
    }
    if style == Style::OpenMetrics {
        text.out.push_str("# EOF\n");
    }
    text.out.into_bytes()
}

struct Text {
    out: String,
    style: Style,
    /// Of the point that is written, without braces.
    labels: String,
}

impl Text {
    fn metric(&mut self, metric: &Metric) {
        let family = Family::of(metric);
        let mut name = family.name.clone();
        if family.r#type == Type::Counter {
            name.push_str("_total");
        }
        // In Prometheus' own format the family is called as its samples.
        let called = match self.style {
            Style::Prometheus => &name,
            Style::OpenMetrics => &family.name,
        };
        self.head(called, &family);
        let unit = metric.instrument.unit();
        for point in &metric.points {
            self.point_labels(point);
            match &point.value {
                Value::Histogram(histogram) => {
                    for (bound, count) in cumulative(histogram, unit) {
                        self.bucket(&name, &float(bound), count);
                    }
                    self.bucket(&name, "+Inf", histogram.count);
                    self.sum_and_count(&name, histogram.sum, histogram.count);
                }
                Value::Summary(summary) => self.sum_and_count(&name, summary.sum, summary.count),
                // Whole numbers above 2^53 would lose their last digits as floats.
                Value::U64(count) => self.sample(&name, "", &count.to_string()),
                Value::I64(count) => self.sample(&name, "", &count.to_string()),
                value @ Value::F64(_) => {
                    let value = number(value).unwrap_or(f64::NAN);
                    self.sample(&name, "", &float(value));
                }
            }
        }
    }

    fn head(&mut self, called: &str, family: &Family<'_>) {
        let help = escaped(family.help, self.style == Style::OpenMetrics);
        let out = &mut self.out;
        // Writing to a string does not fail.
        let _ = writeln!(out, "# HELP {called} {help}");
        let _ = writeln!(out, "# TYPE {called} {}", family.r#type.name());
        if let Some(unit) = family.unit.filter(|_| self.style == Style::OpenMetrics) {
            let _ = writeln!(out, "# UNIT {called} {unit}");
        }
    }

    fn target_info(&mut self, resource: &Resource) {
        let (name, r#type) = match self.style {
            Style::Prometheus => (TARGET_INFO, "gauge"),
            Style::OpenMetrics => ("target", "info"),
        };
        let out = &mut self.out;
        let _ = writeln!(out, "# HELP {name} {TARGET_INFO_HELP}");
        let _ = writeln!(out, "# TYPE {name} {type}");
        self.labels.clear();
        for (name, value) in target_labels(resource) {
            self.label(&name, value);
        }
        self.sample(TARGET_INFO, "", "1");
    }

    fn point_labels(&mut self, point: &Point) {
        self.labels.clear();
        for attribute in point.attributes.iter() {
            self.label(&label_name(attribute.key), &attribute.value);
        }
    }

    fn label(&mut self, name: &str, value: &str) {
        if !self.labels.is_empty() {
            self.labels.push(',');
        }
        let value = escaped(value, true);
        let _ = write!(self.labels, "{name}=\"{value}\"");
    }

    fn bucket(&mut self, name: &str, bound: &str, count: u64) {
        let comma = if self.labels.is_empty() { "" } else { "," };
        let Text { out, labels, .. } = self;
        let _ = writeln!(
            out,
            "{name}_bucket{{{labels}{comma}le=\"{bound}\"}} {count}"
        );
    }

    fn sum_and_count(&mut self, name: &str, sum: f64, count: u64) {
        self.sample(name, "_sum", &float(sum));
        self.sample(name, "_count", &count.to_string());
    }

    fn sample(&mut self, name: &str, suffix: &str, value: &str) {
        let Text { out, labels, .. } = self;
        let _ = if labels.is_empty() {
            writeln!(out, "{name}{suffix} {value}")
        } else {
            writeln!(out, "{name}{suffix}{{{labels}}} {value}")
        };
    }
}

/// As Go writes numbers, which OpenMetrics calls canonical: `1.0`, `9.5367431640625e-07`.
fn float(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let text = format!("{value:?}");
    let Some((mantissa, exponent)) = text.split_once('e') else {
        return text;
    };
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent),
    };
    format!("{mantissa}e{sign}{digits:0>2}")
}

/// Backslashes, ends of lines and, if asked for, quotes.
fn escaped(text: &str, quotes: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '"' if quotes => out.push_str("\\\""),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_go_does() {
        for (value, text) in [
            (1.0, "1.0"),
            (0.0009765625, "0.0009765625"),
            (9.5367431640625e-7, "9.5367431640625e-07"),
            (1e300, "1e+300"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
            (f64::NAN, "NaN"),
        ] {
            assert_eq!(float(value), text);
        }
    }

    #[test]
    fn what_ends_a_text_is_escaped() {
        assert_eq!(escaped("a\\b\"c\nd", true), "a\\\\b\\\"c\\nd");
        assert_eq!(escaped("a \"b\"", false), "a \"b\"");
    }
}
