//! What is exported, and where to. Texts are checked here, so that an error names what is wrong.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use http::uri::Scheme;
use http::{HeaderName, HeaderValue, Uri};
use venice_metrics::model::Snapshot;

/// Takes a snapshot, with histograms as fine as they are. Called on the exporters' thread.
pub type SnapshotSource = Arc<dyn Fn() -> Snapshot + Send + Sync>;

/// The bytes of a value that an error shows.
const SHOWN: usize = 200;

/// What is exported. Nothing unless asked for.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Text to scrape.
    pub prometheus: Option<PrometheusSettings>,
    /// Messages to a collector.
    pub otlp: Option<OtlpSettings>,
    /// Who the metrics are of.
    pub resource: Resource,
}

/// Where Prometheus finds the metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrometheusSettings {
    /// Who reaches it reads the names of all stores: there is no authentication. Port 0 takes a free one.
    pub address: SocketAddr,
    /// Bytes of pages that scrapers have yet to take, at most; one page there always may be. Who asks for more is
    /// refused with 503.
    pub held_bytes: usize,
}

impl Default for PrometheusSettings {
    /// This machine alone, at the port that OpenTelemetry reserves for it.
    fn default() -> Self {
        PrometheusSettings {
            address: (IpAddr::V4(Ipv4Addr::LOCALHOST), 9464).into(),
            held_bytes: 64 << 20,
        }
    }
}

/// How metrics get to a collector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtlpSettings {
    /// The whole URL, path included: see [`endpoint`].
    pub endpoint: Uri,
    /// Sent with each request: see [`headers`]. The values are secrets.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// From one export to the next.
    pub interval: Duration,
    /// Of one request, from connecting to the answer's last byte.
    pub timeout: Duration,
    /// Of counters and histograms.
    pub temporality: Temporality,
    /// Buckets of a histogram, at most. 160 is what OpenTelemetry's SDKs have; Venice's Java server has
    /// 370.
    pub most_buckets: usize,
    /// How units are written.
    pub units: Units,
    /// The instrumentation scope. Another one than the Java server's, whose series of the same names are not
    /// these.
    pub scope: String,
    /// The certificates that the collector's may be signed by. Needed for `https`.
    pub trust: Option<TrustFile>,
    /// When a request is sent again.
    pub retry: Retry,
    /// Bytes of one request's body, about. A snapshot that needs more goes in several.
    pub request_bytes: usize,
}

impl Default for OtlpSettings {
    /// Of OpenTelemetry's specification: to this machine's port 4318, each minute, ten seconds.
    fn default() -> Self {
        OtlpSettings {
            endpoint: Uri::from_static("http://localhost:4318/v1/metrics"),
            headers: Vec::new(),
            interval: Duration::from_secs(60),
            timeout: Duration::from_secs(10),
            temporality: Temporality::Cumulative,
            most_buckets: 160,
            units: Units::Ucum,
            scope: "venice.server.rust".to_owned(),
            trust: None,
            retry: Retry::default(),
            request_bytes: 4 * 1024 * 1024,
        }
    }
}

/// A file of certificates. Whoever names it reads it, as nobody here can tell how long its disk may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustFile {
    /// Which it is, for errors.
    pub file: PathBuf,
    /// Its bytes.
    pub pem: Vec<u8>,
}

/// What a number counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Temporality {
    /// From the start.
    Cumulative,
    /// From the last export that arrived. What may fall stays cumulative, as OpenTelemetry's
    /// "delta" preference has it.
    Delta,
}

/// How units are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Units {
    /// `ms`, as receivers of OpenTelemetry expect.
    Ucum,
    /// `MILLISECOND`, as Venice's Java server writes it.
    Venice,
}

/// When a request is sent again: after pauses that grow, each shortened by chance, by up to a half, so that
/// servers that failed together do not come back together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Attempts in all, the first included.
    pub attempts: u32,
    /// The first pause.
    pub first: Duration,
    /// The longest one. A collector that asks for longer is not tried again before the next export.
    pub longest: Duration,
}

impl Default for Retry {
    /// Five attempts in about twelve seconds.
    fn default() -> Self {
        Retry {
            attempts: 5,
            first: Duration::from_secs(1),
            longest: Duration::from_secs(30),
        }
    }
}

/// Attributes of whom the metrics are of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resource {
    attributes: Vec<(String, String)>,
}

impl Resource {
    /// From pairs of OpenTelemetry's names, as `service.name`, and values. The last of the same name is
    /// taken, and none with an empty value.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Resource {
        let mut attributes: Vec<(String, String)> = Vec::new();
        for (key, value) in pairs {
            attributes.retain(|(known, _)| *known != key);
            if !value.is_empty() {
                attributes.push((key, value));
            }
        }
        Resource { attributes }
    }

    /// Names and values.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, &str)> {
        let attributes = self.attributes.iter();
        attributes.map(|(key, value)| (key.as_str(), value.as_str()))
    }
}

/// Why a text is no value of a setting. It names the value and what is allowed; who reads settings puts the
/// setting's name before it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(String);

/// The URL of a collector, as `http://collector:4318/v1/metrics`. Without a path it gets that of metrics.
pub fn endpoint(text: &str) -> Result<Uri, Invalid> {
    collector(text, "/v1/metrics")
}

/// The same for spans, as `http://collector:4318/v1/traces`.
pub fn traces_endpoint(text: &str) -> Result<Uri, Invalid> {
    collector(text, "/v1/traces")
}

fn collector(text: &str, path: &'static str) -> Result<Uri, Invalid> {
    let wrong = |why: &str| {
        let shown = shown(text);
        Err(Invalid(format!(
            "\"{shown}\" is no URL of a collector: {why}; write one as http://collector.example:4318{path}"
        )))
    };
    let uri: Uri = match text.parse() {
        Ok(uri) => uri,
        Err(error) => return wrong(&error.to_string()),
    };
    if ![Some(&Scheme::HTTP), Some(&Scheme::HTTPS)].contains(&uri.scheme()) {
        return wrong("it begins neither with http:// nor with https://");
    }
    let Some(authority) = uri.authority().filter(|of| !of.host().is_empty()) else {
        return wrong("it names no host");
    };
    if authority.as_str().contains('@') {
        return wrong("user and password do not belong there, but into a header");
    }
    if uri.path() != "/" {
        return Ok(uri);
    }
    let mut parts = uri.into_parts();
    parts.path_and_query = Some(http::uri::PathAndQuery::from_static(path));
    Uri::from_parts(parts).or_else(|error| wrong(&error.to_string()))
}

/// Headers, as `OTEL_EXPORTER_OTLP_HEADERS` has them: `name=value,name=value`, with `%2C` for a comma in a value.
/// Errors do not show values, which are secrets.
pub fn headers(text: &str) -> Result<Vec<(HeaderName, HeaderValue)>, Invalid> {
    let pairs = pairs(text, false)?.into_iter();
    pairs
        .map(|(name, value)| {
            let shown = shown(&name).to_owned();
            let header = HeaderName::from_bytes(name.as_bytes())
                .map_err(|_| Invalid(format!("\"{shown}\" is no name of an HTTP header")))?;
            if OURS.contains(&header.as_str()) {
                return Err(Invalid(format!(
                    "the header \"{shown}\" is set by the exporter itself; leave it out"
                )));
            }
            let mut value = HeaderValue::from_str(&value).map_err(|_| {
                Invalid(format!(
                    "the value of \"{shown}\" has characters that no HTTP header may have"
                ))
            })?;
            value.set_sensitive(true);
            Ok((header, value))
        })
        .collect()
}

/// Headers that say how the body is sent.
const OURS: &[&str] = &[
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Attributes, as `OTEL_RESOURCE_ATTRIBUTES` has them: `key=value,key=value`, with `%2C` for a comma in a value.
pub fn attributes(text: &str) -> Result<Vec<(String, String)>, Invalid> {
    pairs(text, true)
}

fn pairs(text: &str, show: bool) -> Result<Vec<(String, String)>, Invalid> {
    let texts = text.split(',').map(str::trim);
    let texts = texts.filter(|text| !text.is_empty());
    texts
        .enumerate()
        .map(|(i, text)| {
            let pair = text.split_once('=');
            let pair = pair.filter(|(key, _)| !key.trim().is_empty());
            let pair = pair.and_then(|(key, value)| {
                Some((key.trim().to_owned(), percent_decoded(value.trim())?))
            });
            pair.ok_or_else(|| {
                let place = if show {
                    format!("\"{}\"", shown(text))
                } else {
                    format!("entry {}", i + 1)
                };
                Invalid(format!(
                    "{place} is no pair; write name=value,name=value, with % and two hexadecimal digits for other characters"
                ))
            })
        })
        .collect()
}

/// None if a `%` has no two digits behind it, or if it is no UTF-8.
fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first == b'%' {
            let digit = |at: usize| char::from(*tail.get(at)?).to_digit(16);
            bytes.push((digit(0)? * 16 + digit(1)?) as u8);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

/// At most [`SHOWN`] bytes of it.
fn shown(text: &str) -> &str {
    let mut end = text.len().min(SHOWN);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_without_a_path_gets_that_of_metrics() {
        for (text, uri) in [
            ("http://a:4318", "http://a:4318/v1/metrics"),
            ("https://a.b/", "https://a.b/v1/metrics"),
            (
                "http://[::1]:1/otlp/v1/metrics",
                "http://[::1]:1/otlp/v1/metrics",
            ),
        ] {
            assert_eq!(endpoint(text).expect(text).to_string(), uri);
        }
        let traces = traces_endpoint("http://a:4318").expect("a URL");
        assert_eq!(traces.to_string(), "http://a:4318/v1/traces");
        let error = traces_endpoint("a").expect_err("no URL").to_string();
        assert!(error.ends_with(":4318/v1/traces"), "{error}");
    }

    #[test]
    fn a_wrong_endpoint_is_named_with_the_remedy() {
        for (text, why) in [
            ("collector:4318", "http://"),
            ("/v1/metrics", "http://"),
            ("grpc://a:4317", "neither with http://"),
            ("http://user:secret@a", "into a header"),
            ("http://a b", "\"http://a b\" is no URL"),
            ("", "\"\" is no URL"),
        ] {
            let error = endpoint(text).expect_err(text).to_string();
            assert!(error.contains(why), "{text}: {error}");
            assert!(error.contains("write one as"), "{error}");
        }
        let long = "x".repeat(10_000);
        let error = endpoint(&long).expect_err("no scheme").to_string();
        assert!(error.len() < 500, "{error}");
    }

    #[test]
    fn headers_are_decoded_and_never_shown() {
        let read = headers("authorization=Bearer%20abc%2Cd, X-Scope = 7,").expect("two headers");
        let read: Vec<_> = read
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default()))
            .collect();
        assert_eq!(read, [("authorization", "Bearer abc,d"), ("x-scope", "7")]);
        for (text, why) in [
            ("a=1,secret", "entry 2 is no pair"),
            ("a b=secret", "\"a b\" is no name"),
            ("a=secret%0a", "the value of \"a\""),
            ("a=secret%2", "entry 1 is no pair"),
            ("Content-Length=1", "leave it out"),
        ] {
            let error = headers(text).expect_err(text).to_string();
            assert!(error.contains(why), "{text}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn the_last_attribute_of_a_name_is_taken() {
        let pairs = attributes("service.name=a,host.name=h,service.name=b,empty=").expect("pairs");
        let resource = Resource::new(pairs);
        let attributes: Vec<_> = resource.attributes().collect();
        assert_eq!(attributes, [("host.name", "h"), ("service.name", "b")]);
        let error = attributes_error("oops");
        assert!(error.contains("\"oops\" is no pair"), "{error}");
    }

    fn attributes_error(text: &str) -> String {
        attributes(text).expect_err(text).to_string()
    }
}
