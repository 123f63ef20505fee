//! Metrics as a server writes them for Prometheus, read line by line.

use std::collections::BTreeMap;

/// What names begin with, unless `metrics.prefix` is set.
const PREFIX: &str = "venice_server_";
/// How the name of a metric ends that every server has.
const ALWAYS_THERE: &str = "metrics_series_count";

/// The numbers of one look.
#[derive(Debug, Default)]
pub(crate) struct Samples(Vec<Sample>);

#[derive(Debug)]
struct Sample {
    name: String,
    /// As they are written: `a="b",c="d"`.
    labels: String,
    value: f64,
}

impl Samples {
    /// Reads the text format; what is no sample of one line is left out. Names are as if `metrics.prefix` were not set.
    pub(crate) fn of(text: &str) -> Samples {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let mut samples: Vec<Sample> = lines.filter_map(Sample::of).collect();
        let prefix = samples
            .iter()
            .find_map(|sample| sample.name.strip_suffix(ALWAYS_THERE));
        if let Some(prefix) = prefix.filter(|prefix| *prefix != PREFIX).map(str::to_owned) {
            for sample in &mut samples {
                if let Some(name) = sample.name.strip_prefix(&prefix) {
                    sample.name = format!("{PREFIX}{name}");
                }
            }
        }
        Samples(samples)
    }

    /// The values of a metric added up, by the value of a label.
    pub(crate) fn by(&self, name: &str, label: &str) -> BTreeMap<String, f64> {
        self.add_up(name, label, |_| true)
    }

    /// As [`Samples::by`], of the samples whose label `only.0` has the value `only.1`.
    pub(crate) fn by_where(
        &self,
        name: &str,
        label: &str,
        only: (&str, &str),
    ) -> BTreeMap<String, f64> {
        self.add_up(name, label, |sample| sample.label(only.0) == Some(only.1))
    }

    fn add_up(
        &self,
        name: &str,
        label: &str,
        wanted: impl Fn(&Sample) -> bool,
    ) -> BTreeMap<String, f64> {
        let mut sums = BTreeMap::new();
        let of_name = self.0.iter().filter(|sample| sample.name == name);
        for sample in of_name.filter(|sample| wanted(sample)) {
            let value = sample.label(label).unwrap_or_default().to_owned();
            *sums.entry(value).or_insert(0.0) += sample.value;
        }
        sums
    }

    /// All values of a metric added up; none if it has none.
    pub(crate) fn sum(&self, name: &str) -> Option<f64> {
        let mut of_name = self
            .0
            .iter()
            .filter(|sample| sample.name == name)
            .peekable();
        of_name.peek()?;
        Some(of_name.map(|sample| sample.value).sum())
    }
}

impl Sample {
    fn of(line: &str) -> Option<Sample> {
        // A label's value may have spaces and braces, and what is behind the last brace has neither.
        let (name, rest) = match line.split_once('{') {
            Some((name, rest)) => (name, rest.rsplit_once('}')?),
            None => {
                let (name, value) = line.split_once(' ')?;
                (name, ("", value))
            }
        };
        let (labels, value) = rest;
        let value = value.split_whitespace().next()?.parse().ok()?;
        Some(Sample {
            name: name.to_owned(),
            labels: labels.to_owned(),
            value,
        })
    }

    /// The value of a label, as it is written.
    fn label(&self, name: &str) -> Option<&str> {
        let mut rest = &self.labels[..];
        loop {
            let (found, behind) = rest.split_once("=\"")?;
            let end = end_of_value(behind)?;
            let value = &behind[..end];
            if found.trim_start_matches(',') == name {
                return Some(value);
            }
            rest = &behind[end + 1..];
        }
    }
}

/// Where the quote is that ends a value: no backslash is before it.
fn end_of_value(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'"' if !escaped => return Some(at),
            b'\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_of_a_page() {
        let text = "# HELP a b\n# TYPE a counter\na_total{store=\"x\",m=\"get\"} 3\n\
                    a_total{store=\"x\",m=\"batch\"} 4 1700000000\na_total{store=\"y} \\\"q\",m=\"get\"} 0.5\n\
                    plain 7\nno sample\nbad{x=\"y\"} z\n";
        let samples = Samples::of(text);
        assert_eq!(samples.sum("a_total"), Some(7.5));
        assert_eq!(samples.sum("plain"), Some(7.0));
        assert_eq!(samples.sum("bad"), None);
        let by = samples.by("a_total", "store");
        assert_eq!(by.get("x"), Some(&7.0));
        assert_eq!(by.get("y} \\\"q"), Some(&0.5));
        assert_eq!(samples.by("a_total", "m").get("get"), Some(&3.5));
        assert_eq!(samples.by("a_total", "none").get(""), Some(&7.5));
        let only = samples.by_where("a_total", "store", ("m", "get"));
        assert_eq!((only.len(), only.get("x")), (2, Some(&3.0)));
    }

    #[test]
    fn another_prefix_is_none() {
        let text =
            "venice_my_own_metrics_series_count 9\nvenice_my_own_a_total 3\ngrpc_b_total 4\n";
        let samples = Samples::of(text);
        assert_eq!(samples.sum("venice_server_a_total"), Some(3.0));
        assert_eq!(samples.sum("venice_server_metrics_series_count"), Some(9.0));
        assert_eq!(samples.sum("grpc_b_total"), Some(4.0));
        let same = Samples::of("venice_server_metrics_series_count 9\nvenice_server_a_total 3\n");
        assert_eq!(same.sum("venice_server_a_total"), Some(3.0));
    }
}
