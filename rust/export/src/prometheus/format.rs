//! In which format a scrape is answered.

/// A format of expositions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Prometheus' text, for whoever does not say what he understands.
    Text,
    /// OpenMetrics 1.0.0, as text.
    OpenMetrics,
    /// Prometheus' protobuf, the only one with native histograms.
    Protobuf,
}

impl Format {
    /// What the client likes best of what there is, by its header `accept`.
    pub fn accepted(accept: Option<&str>) -> Format {
        let mut best = (0.0, Format::Text);
        for kind in accept.unwrap_or_default().split(',') {
            let mut parameters = kind.split(';').map(str::trim);
            let name = parameters.next().unwrap_or_default().to_ascii_lowercase();
            let mut quality = 1.0;
            let mut served = true;
            let mut message = false;
            for parameter in parameters {
                let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
                let value = value.trim().trim_matches('"');
                match key.trim().to_ascii_lowercase().as_str() {
                    "q" => quality = value.parse().unwrap_or(0.0),
                    "version" => served = matches!(value, "0.0.1" | "0.0.4" | "1.0.0"),
                    "encoding" => served &= value == "delimited",
                    "proto" => message = value == "io.prometheus.client.MetricFamily",
                    _ => {}
                }
            }
            let format = match name.as_str() {
                "application/vnd.google.protobuf" if message => Format::Protobuf,
                "application/openmetrics-text" => Format::OpenMetrics,
                "text/plain" | "text/*" | "*/*" => Format::Text,
                _ => continue,
            };
            if served && quality > best.0 {
                best = (quality, format);
            }
        }
        best.1
    }

    /// The header `content-type` of the answer.
    pub fn content_type(self) -> &'static str {
        match self {
            Format::Text => "text/plain; version=0.0.4; charset=utf-8",
            Format::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            Format::Protobuf => {
                "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_is_the_one_that_the_client_likes_best() {
        for (accept, format) in [
            (None, Format::Text),
            (Some(""), Format::Text),
            (Some("*/*"), Format::Text),
            (Some("application/json"), Format::Text),
            // Prometheus 2 and 3.
            (
                Some("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"),
                Format::OpenMetrics,
            ),
            (
                Some("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2"),
                Format::OpenMetrics,
            ),
            // With native histograms.
            (
                Some("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3"),
                Format::Protobuf,
            ),
            (
                Some("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text"),
                Format::Text,
            ),
            (Some("application/openmetrics-text;version=2.0.0"), Format::Text),
            (Some("application/openmetrics-text;q=0"), Format::Text),
        ] {
            assert_eq!(Format::accepted(accept), format, "{accept:?}");
        }
    }
}
