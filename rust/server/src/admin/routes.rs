//! Which request is answered by what, and which requests are answered at all.
//!
//! Who can open the socket is the user of this process. But that may be a browser, by a forwarded port, which a page of
//! somebody else has ask: so a request that names another host than this one is refused, and one that changes something has to
//! be of JSON, and not of another page.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, ALLOW, CONTENT_SECURITY_POLICY, HOST};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};
use serde_json::Value;
use venice_export::prometheus::{render, Format};

use crate::admin::answers::{answer, as_json, blocking, text_of, Answer, Refused, JSON};
use crate::admin::changes::{self, Change};
use crate::admin::rights::{Door, Rights};

use crate::admin::{views, Administered};
use crate::http_form::head::check_host;

/// Connections that `/connections` shows unless it is asked for another number.
const CONNECTIONS_SHOWN: usize = 1000;

/// Stores that `/descriptions` shows unless it is asked for another number.
const STORES_SHOWN: usize = 1000;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Target {
    Status,
    Stores,
    Descriptions,
    Connections,
    Certificates,
    Limits,
    Access,
    Quota,
    Config,
    Metrics,
    Slow,
    HotKeys,
    /// A file of the page.
    Page(&'static str, &'static str),
    /// Nothing to see: it is there to be changed.
    Action,
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

/// The paths, what is there to see, and what can be done there.
const TARGETS: &[(&str, Target, Option<Change>)] = &[
    ("/", INDEX, None),
    ("/page.css", STYLE, None),
    ("/page.js", SCRIPT, None),
    ("/status", Target::Status, None),
    ("/stores", Target::Stores, None),
    ("/descriptions", Target::Descriptions, None),
    ("/connections", Target::Connections, None),
    ("/certificates", Target::Certificates, None),
    ("/limits", Target::Limits, None),
    ("/access", Target::Access, None),
    ("/quota", Target::Quota, None),
    ("/config", Target::Config, Some(Change::Setting)),
    ("/metrics", Target::Metrics, None),
    ("/slow", Target::Slow, None),
    ("/hotkeys", Target::HotKeys, Some(Change::StartHotKeys)),
    ("/hotkeys/stop", Target::Action, Some(Change::StopHotKeys)),
    ("/drain", Target::Action, Some(Change::Drain)),
    ("/undrain", Target::Action, Some(Change::Undrain)),
];

/// Answers a request of one who has these rights.
pub(crate) async fn respond(
    server: Arc<Administered>,
    rights: Rights,
    parts: Parts,
    body: Bytes,
) -> Answer {
    if !rights.sees {
        return Refused(StatusCode::FORBIDDEN, rights.without_view()).into_answer();
    }
    let (target, change) = match look_up(&rights, &parts) {
        Ok(found) => found,
        Err(refused) => return refused.into_answer(),
    };
    let methods = match (target, change) {
        (Target::Action, _) => "POST",
        (_, Some(_)) => "GET, HEAD, POST",
        (_, None) => "GET, HEAD",
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
    let answered = match change.filter(|_| parts.method == Method::POST) {
        Some(change) => changes::change(server, rights, change, &parts, &body).await,
        None => view(server, rights, target, &parts).await,
    };
    answered.unwrap_or_else(Refused::into_answer)
}

fn look_up(rights: &Rights, parts: &Parts) -> Result<(Target, Option<Change>), Refused> {
    if let Err(error) = check_host(parts.version, &parts.headers) {
        return Err(Refused(StatusCode::BAD_REQUEST, error.to_string()));
    }
    // A page of somebody else can have a name of its own lead here, and read answers as if they were its own.
    let host = parts.headers.get(HOST).map_or("", text_of);
    // A certificate names the port, and there is no other name for it.
    if rights.door == Door::Socket && !is_this_host(host) {
        return Err(Refused(
            StatusCode::MISDIRECTED_REQUEST,
            "ask for localhost or an IP address, not for a host with another name".to_owned(),
        ));
    }
    let path = parts.uri.path();
    match TARGETS.iter().find(|(known, _, _)| *known == path) {
        Some((_, target, change)) => Ok((*target, *change)),
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

async fn view(
    server: Arc<Administered>,
    rights: Rights,
    target: Target,
    parts: &Parts,
) -> Result<Answer, Refused> {
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
        Target::Stores => Some(server.rates.now().await),
        _ => None,
    };
    let value = blocking(move || match target {
        Target::Status => views::status::status(&server),
        Target::Stores => views::stores::stores(&server, &reads.unwrap_or_default()),
        Target::Descriptions => {
            views::descriptions::descriptions(&server, limit.unwrap_or(STORES_SHOWN))
        }
        Target::Connections => {
            views::connections::connections(&server, limit.unwrap_or(CONNECTIONS_SHOWN))
        }
        Target::Certificates => views::connections::certificates(&server),
        Target::Limits => views::limits::limits(&server),
        Target::Access => views::policies::access(&server),
        Target::Quota => views::policies::quota(&server),
        Target::Config => views::settings::settings(&server),
        Target::HotKeys => views::hot_keys::hot_keys(&server, rights.sees_keys),
        Target::Page(..) | Target::Metrics | Target::Slow | Target::Action => Value::Null,
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
