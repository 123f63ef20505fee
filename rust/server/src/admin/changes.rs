//! What operators have a server do: settings, hot keys, drain. Who may is in `rights.rs`.

use std::sync::Arc;
use std::time::Duration;

use http::header::{HeaderName, CONTENT_TYPE, HOST, ORIGIN};
use http::request::Parts;
use http::StatusCode;
use serde_json::{json, Value};

use crate::admin::answers::{as_json, blocking, text_of, Answer, Refused};
use crate::admin::control::{DrainError, DrainPlan};
use crate::admin::rights::Rights;

use crate::admin::{views, Administered};
use crate::config::live::ChangeError;
use crate::observe::hot_keys::{HotKeysError, HotKeysSession};

/// A year in milliseconds: no drain takes longer, and later times overflow the clock of some systems.
const LONGEST_MILLIS: u64 = 365 * 24 * 60 * 60 * 1000;
/// A session of hot keys, if nobody says how long.
const HOT_KEYS: Duration = Duration::from_secs(10);

/// What can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Setting,
    StartHotKeys,
    StopHotKeys,
    Drain,
    Undrain,
}

/// Does what a request asks for, if the one who asks may.
pub(super) async fn change(
    server: Arc<Administered>,
    rights: Rights,
    change: Change,
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
    if !rights.changes {
        return Err(Refused(StatusCode::FORBIDDEN, rights.without_change()));
    }
    let wanted = Wanted::read(parts, body)?;
    match change {
        Change::StartHotKeys => {
            let session = wanted.hot_keys()?;
            if session.shows_keys && !rights.sees_keys {
                return Err(Refused(StatusCode::FORBIDDEN, rights.without_keys()));
            }
            let started = server.context.read_path.hot_keys.start(session);
            started.map_err(|error| {
                let status = match error {
                    HotKeysError::Running { .. } => StatusCode::CONFLICT,
                    HotKeysError::Duration(_) => StatusCode::BAD_REQUEST,
                };
                Refused(status, error.to_string())
            })?;
            let milliseconds = u64::try_from(session.duration.as_millis()).unwrap_or(u64::MAX);
            let shows_keys = session.shows_keys;
            tracing::info!(milliseconds, shows_keys, "an operator has hot keys counted");
            let told = views::hot_keys::hot_keys(&server, rights.sees_keys);
            Ok(as_json(StatusCode::OK, &told))
        }
        Change::StopHotKeys => {
            wanted.only(&[])?;
            server.context.read_path.hot_keys.stop();
            let told = views::hot_keys::hot_keys(&server, rights.sees_keys);
            Ok(as_json(StatusCode::OK, &told))
        }
        Change::Drain => {
            let plan = wanted.drain_plan(server.transport.live.now().drain)?;
            let report = blocking(move || server.control.drain(plan)).await?;
            let report = report.map_err(not_now)?;
            Ok(as_json(StatusCode::OK, &views::status::drained(&report)))
        }
        Change::Undrain => {
            wanted.only(&[])?;
            server.control.undrain().map_err(not_now)?;
            Ok(as_json(StatusCode::OK, &views::status::status(&server)))
        }
        Change::Setting => {
            let (name, value) = wanted.setting()?;
            let change = blocking(move || server.control.change(&name, &value)).await?;
            let change = change.map_err(|error| {
                let status = match error {
                    ChangeError::Invalid(_) | ChangeError::Stores(_) | ChangeError::Unusable(_) => {
                        StatusCode::BAD_REQUEST
                    }
                    ChangeError::AtStart { .. } | ChangeError::UnderWay(_) => StatusCode::CONFLICT,
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
        Ok(DrainPlan {
            quiet: self.millis("quiet_ms")?.unwrap_or(DrainPlan::QUIET),
            bound: self.millis("bound_ms")?.unwrap_or(bound),
            end: self.flag("end")?.unwrap_or(true),
        })
    }

    fn hot_keys(&self) -> Result<HotKeysSession, Refused> {
        self.only(&["duration_ms", "show_keys"])?;
        Ok(HotKeysSession {
            duration: self.millis("duration_ms")?.unwrap_or(HOT_KEYS),
            shows_keys: self.flag("show_keys")?.unwrap_or(false),
        })
    }

    fn flag(&self, name: &str) -> Result<Option<bool>, Refused> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(_) => Err(bad(format!("{name} is true or false"))),
        }
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
