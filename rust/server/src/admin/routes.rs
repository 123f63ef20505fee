//! Which request is answered by what, and which requests are answered at all.
//!
//! Who can open the socket is the user of this process. But that may be a browser, by a forwarded port, which a page of
//! somebody else has ask: so a request that names another host than this one is refused, and one that changes something has to
//! be of JSON, and not of another page.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    HeaderName, ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, ORIGIN,
};
use http::request::Parts;
use http::{HeaderValue, Method, Response, StatusCode};
use http_body_util::Full;
use serde_json::{json, Value};
use tokio::task::spawn_blocking;
use venice_export::prometheus::{render, Format};

use crate::admin::control::{DrainError, DrainPlan, DrainReport};
use crate::admin::serve::Answer;
use crate::admin::{views, Administered};
use crate::config::live::ChangeError;

/// Connections that `/connections` shows unless it is asked for another number.
const CONNECTIONS_SHOWN: usize = 1000;
/// A year in milliseconds: no drain takes longer, and later times overflow the clock of some systems.
const LONGEST_MILLIS: u64 = 365 * 24 * 60 * 60 * 1000;

const JSON: &str = "application/json";

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Status,
    Stores,
    Connections,
    Certificates,
    Limits,
    Access,
    Quota,
    Config,
    Metrics,
    Slow,
    /// A file of the page.
    Page(&'static str, &'static str),
    Drain,
    Undrain,
}

const INDEX: Target = Target::Page("text/html; charset=utf-8", include_str!("page/index.html"));
const STYLE: Target = Target::Page("text/css; charset=utf-8", include_str!("page/page.css"));
const SCRIPT: Target = Target::Page(
    "text/javascript; charset=utf-8",
    include_str!("page/page.js"),
);
/// What may run in the page, and what it may ask: its own files and this server.
const PAGE_POLICY: &str =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                           base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The paths, what is there, and which methods it has.
const TARGETS: &[(&str, Target, &str)] = &[
    ("/", INDEX, "GET, HEAD"),
    ("/page.css", STYLE, "GET, HEAD"),
    ("/page.js", SCRIPT, "GET, HEAD"),
    ("/status", Target::Status, "GET, HEAD"),
    ("/stores", Target::Stores, "GET, HEAD"),
    ("/connections", Target::Connections, "GET, HEAD"),
    ("/certificates", Target::Certificates, "GET, HEAD"),
    ("/limits", Target::Limits, "GET, HEAD"),
    ("/access", Target::Access, "GET, HEAD"),
    ("/quota", Target::Quota, "GET, HEAD"),
    ("/config", Target::Config, "GET, HEAD, POST"),
    ("/metrics", Target::Metrics, "GET, HEAD"),
    ("/slow", Target::Slow, "GET, HEAD"),
    ("/drain", Target::Drain, "POST"),
    ("/undrain", Target::Undrain, "POST"),
];

/// A request that is not answered, and why.
struct Refused(StatusCode, String);

/// Answers a request.
pub(crate) async fn respond(server: Arc<Administered>, parts: Parts, body: Bytes) -> Answer {
    let (target, methods) = match look_up(&parts) {
        Ok(found) => found,
        Err(refused) => return refused.into_answer(),
    };
    if !methods
        .split(", ")
        .any(|method| *method == *parts.method.as_str())
    {
        let text = format!("{} has {methods} alone", parts.uri.path());
        let mut answer = Refused(StatusCode::METHOD_NOT_ALLOWED, text).into_answer();
        let methods = HeaderValue::from_static(methods);
        answer.headers_mut().insert(ALLOW, methods);
        return answer;
    }
    let answered = if parts.method == Method::POST {
        change(server, target, &parts, &body).await
    } else {
        view(server, target, &parts).await
    };
    answered.unwrap_or_else(Refused::into_answer)
}

fn look_up(parts: &Parts) -> Result<(Target, &'static str), Refused> {
    // A page of somebody else can have a name of its own lead here, and read answers as if they were its own.
    let host = parts.headers.get(HOST).map_or("", text_of);
    if !is_this_host(host) {
        return Err(Refused(
            StatusCode::MISDIRECTED_REQUEST,
            "ask for localhost or an IP address, not for a host with another name".to_owned(),
        ));
    }
    let path = parts.uri.path();
    match TARGETS.iter().find(|(known, _, _)| *known == path) {
        Some((_, target, methods)) => Ok((*target, methods)),
        None => {
            let paths: Vec<&str> = TARGETS.iter().map(|(path, _, _)| *path).collect();
            let text = format!("there is nothing here; there is {}", paths.join(", "));
            Err(Refused(StatusCode::NOT_FOUND, text))
        }
    }
}

/// Whether a header `Host` is that of who knows this server by its socket or its address: no name but
/// `localhost` has a dot or a meaning for browsers.
fn is_this_host(host: &str) -> bool {
    if let Some(rest) = host.strip_prefix('[') {
        return rest.contains(']');
    }
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let is_address = name
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    is_address || name.eq_ignore_ascii_case("localhost")
}

fn text_of(value: &HeaderValue) -> &str {
    // What is no text is no name.
    value.to_str().unwrap_or("?.")
}

async fn view(server: Arc<Administered>, target: Target, parts: &Parts) -> Result<Answer, Refused> {
    if target == Target::Metrics {
        let accepts = parts.headers.get_all(ACCEPT).iter();
        let accepts: Vec<&str> = accepts.map(text_of).collect();
        let format = Format::accepted(Some(&accepts.join(",")));
        let rendered = blocking(move || {
            let snapshot = server.context.metrics.snapshot(usize::MAX);
            render(&snapshot, &server.resource, format)
        });
        return Ok(answer(
            StatusCode::OK,
            format.content_type(),
            rendered.await?,
        ));
    }
    if let Target::Page(kind, text) = target {
        let mut page = answer(StatusCode::OK, kind, text.as_bytes().to_vec());
        let policy = HeaderValue::from_static(PAGE_POLICY);
        page.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
        return Ok(page);
    }
    if target == Target::Slow {
        let after = parameter(parts, "after")?.unwrap_or(0);
        let told = blocking(move || views::slow::slow(&server, after as u64));
        return Ok(answer(StatusCode::OK, JSON, told.await?.into_bytes()));
    }
    let limit = parameter(parts, "limit")?;
    let reads = match target {
        Target::Stores => server.rates.now().await,
        _ => None,
    };
    let value = blocking(move || match target {
        Target::Status => views::status::status(&server),
        Target::Stores => views::stores::stores(&server, reads.as_deref()),
        Target::Connections => {
            views::connections::connections(&server, limit.unwrap_or(CONNECTIONS_SHOWN))
        }
        Target::Certificates => views::connections::certificates(&server),
        Target::Limits => views::limits::limits(&server),
        Target::Access => views::policies::access(&server),
        Target::Quota => views::policies::quota(&server),
        Target::Config => views::settings::settings(&server),
        Target::Page(..) | Target::Metrics | Target::Slow | Target::Drain | Target::Undrain => {
            Value::Null
        }
    });
    Ok(as_json(StatusCode::OK, &value.await?))
}

/// A number of the query.
fn parameter(parts: &Parts, name: &str) -> Result<Option<usize>, Refused> {
    let query = parts.uri.query().unwrap_or_default();
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let Some((_, value)) = pairs.find(|(key, _)| *key == name) else {
        return Ok(None);
    };
    let refused = || {
        let value: String = value.chars().take(50).collect();
        let text = format!("{name} is {value:?}; give a whole number");
        Refused(StatusCode::BAD_REQUEST, text)
    };
    value.parse().map(Some).map_err(|_| refused())
}

async fn change(
    server: Arc<Administered>,
    target: Target,
    parts: &Parts,
    body: &[u8],
) -> Result<Answer, Refused> {
    let fetch_site = HeaderName::from_static("sec-fetch-site");
    let site = parts.headers.get(fetch_site).map(text_of);
    let is_foreign = site.is_some_and(|site| !matches!(site, "same-origin" | "none"));
    let host = parts.headers.get(HOST).map_or("", text_of);
    let origin = parts.headers.get(ORIGIN).map(text_of);
    let is_own = |origin: &str| origin.split_once("://").is_some_and(|(_, of)| of == host);
    if is_foreign || origin.is_some_and(|origin| !is_own(origin)) {
        let text = "a page of another origin may change nothing here".to_owned();
        return Err(Refused(StatusCode::FORBIDDEN, text));
    }
    let wanted = Wanted::read(parts, body)?;
    match target {
        Target::Drain => {
            let plan = wanted.drain_plan(server.transport.live.now().drain)?;
            let report = blocking(move || server.control.drain(plan)).await?;
            let report = report.map_err(not_now)?;
            Ok(as_json(StatusCode::OK, &drained(&report)))
        }
        Target::Undrain => {
            wanted.only(&[])?;
            server.control.undrain().map_err(not_now)?;
            Ok(as_json(StatusCode::OK, &views::status::status(&server)))
        }
        _ => {
            let (name, value) = wanted.setting()?;
            let change = blocking(move || server.control.change(&name, &value)).await?;
            let change = change.map_err(|error| {
                let status = match error {
                    ChangeError::Invalid(_) => StatusCode::BAD_REQUEST,
                    ChangeError::AtStart { .. } => StatusCode::CONFLICT,
                };
                Refused(status, error.to_string())
            })?;
            tracing::info!(
                setting = change.setting,
                before = change.before,
                after = change.after,
                "an operator changed a setting"
            );
            let change = json!({
                "setting": change.setting,
                "before": change.before,
                "value": change.after,
            });
            Ok(as_json(StatusCode::OK, &change))
        }
    }
}

fn not_now(error: DrainError) -> Refused {
    Refused(StatusCode::CONFLICT, error.to_string())
}

/// How a drain went, as JSON.
pub(crate) fn drained(report: &DrainReport) -> Value {
    json!({
        "marked_down": report.marked_down,
        "idle": report.idle,
        "ended": report.ended,
        "answered": report.answered,
        "calls_cut": report.calls_cut,
        "milliseconds": u64::try_from(report.time.as_millis()).unwrap_or(u64::MAX),
    })
}

/// The body of a request that changes something: an object of JSON, or nothing.
struct Wanted(serde_json::Map<String, Value>);

impl Wanted {
    fn read(parts: &Parts, body: &[u8]) -> Result<Wanted, Refused> {
        let kind = parts.headers.get(CONTENT_TYPE).map_or("", text_of);
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            let text = "send the header content-type: application/json".to_owned();
            return Err(Refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, text));
        }
        if body.is_empty() {
            return Ok(Wanted(serde_json::Map::new()));
        }
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Ok(Wanted(fields)),
            Ok(_) => Err(bad("the body is no object of JSON".to_owned())),
            Err(error) => Err(bad(format!("the body is no JSON: {error}"))),
        }
    }

    /// Refuses fields that nobody asked for: they are misspelt, and would be missed.
    fn only(&self, known: &[&str]) -> Result<(), Refused> {
        match self.0.keys().find(|key| !known.contains(&key.as_str())) {
            None => Ok(()),
            Some(unknown) => {
                let unknown: String = unknown.chars().take(50).collect();
                let known = match known {
                    [] => "none are taken".to_owned(),
                    known => format!("give {}", known.join(", ")),
                };
                Err(bad(format!("the body has the field {unknown:?}; {known}")))
            }
        }
    }

    fn drain_plan(&self, bound: Duration) -> Result<DrainPlan, Refused> {
        self.only(&["bound_ms", "quiet_ms", "end"])?;
        let end = match self.0.get("end") {
            None => true,
            Some(Value::Bool(end)) => *end,
            Some(_) => return Err(bad("end is true or false".to_owned())),
        };
        Ok(DrainPlan {
            quiet: self.millis("quiet_ms")?.unwrap_or(DrainPlan::QUIET),
            bound: self.millis("bound_ms")?.unwrap_or(bound),
            end,
        })
    }

    fn millis(&self, name: &str) -> Result<Option<Duration>, Refused> {
        let Some(value) = self.0.get(name) else {
            return Ok(None);
        };
        match value.as_u64().filter(|millis| *millis <= LONGEST_MILLIS) {
            Some(millis) => Ok(Some(Duration::from_millis(millis))),
            None => Err(bad(format!(
                "{name} is a whole number of milliseconds from 0 to {LONGEST_MILLIS}"
            ))),
        }
    }

    /// Name and value of a setting.
    fn setting(&self) -> Result<(String, String), Refused> {
        self.only(&["setting", "value"])?;
        let value = match self.0.get("value") {
            Some(Value::String(text)) => text.clone(),
            Some(value @ (Value::Number(_) | Value::Bool(_))) => value.to_string(),
            _ => {
                return Err(bad(
                    "value is missing, or no text, number or flag".to_owned()
                ))
            }
        };
        match self.0.get("setting") {
            Some(Value::String(name)) => Ok((name.clone(), value)),
            _ => Err(bad(
                "setting is missing: the name of the one to change".to_owned()
            )),
        }
    }
}

fn bad(text: String) -> Refused {
    Refused(StatusCode::BAD_REQUEST, text)
}

/// Does `work` on a thread that may wait.
async fn blocking<R: Send + 'static>(
    work: impl FnOnce() -> R + Send + 'static,
) -> Result<R, Refused> {
    spawn_blocking(work).await.map_err(|_| {
        let text = "the request failed; the log says why".to_owned();
        Refused(StatusCode::INTERNAL_SERVER_ERROR, text)
    })
}

impl Refused {
    fn into_answer(self) -> Answer {
        let Refused(status, text) = self;
        as_json(status, &json!({ "error": text }))
    }
}

fn as_json(status: StatusCode, value: &Value) -> Answer {
    answer(status, JSON, format!("{value}\n").into_bytes())
}

fn answer(status: StatusCode, content_type: &'static str, body: Vec<u8>) -> Answer {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let no_sniffing = HeaderName::from_static("x-content-type-options");
    headers.insert(no_sniffing, HeaderValue::from_static("nosniff"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_knows_this_host_by_no_name_is_answered() {
        for host in [
            "",
            "localhost",
            "LocalHost:8080",
            "127.0.0.1",
            "10.1.2.3:80",
            "[::1]:80",
        ] {
            assert!(is_this_host(host), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example:80",
            "admin",
            "127.0.0.1.evil.example",
        ] {
            assert!(!is_this_host(host), "{host}");
        }
    }
}
