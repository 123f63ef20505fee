//! Metrics as a server writes them for Prometheus, read line by line.

use std::collections::BTreeMap;

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
    /// Reads the text format; what is no sample of one line is left out.
    pub(crate) fn of(text: &str) -> Samples {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        Samples(lines.filter_map(Sample::of).collect())
    }

    /// The values of a metric added up, by the value of a label.
    pub(crate) fn by(&self, name: &str, label: &str) -> BTreeMap<String, f64> {
        let mut sums = BTreeMap::new();
        for sample in self.0.iter().filter(|sample| sample.name == name) {
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
    }
}
