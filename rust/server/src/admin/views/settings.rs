//! `/config`: the settings, as they are and as they could be.

use serde_json::{json, Value};

use crate::admin::Administered;
use crate::config::sections::{sections, Row};
use crate::config::setting::{Changes, Kind};
use crate::config::Config;

/// Every setting, in the order of docs/settings.md. Passwords are stars.
pub(crate) fn settings(server: &Administered) -> Value {
    let now = server.transport.live.now();
    let at_start = server.transport.live.at_start();
    let default = Config::default();
    let all = sections().into_iter().flat_map(|section| {
        let title = section.title;
        section.settings.into_iter().map(move |row| (title, row))
    });
    let settings = all.map(|(section, row)| setting(section, &row, &now, at_start, &default));
    json!({ "settings": settings.collect::<Vec<Value>>() })
}

fn setting(section: &str, row: &Row, now: &Config, at_start: &Config, default: &Config) -> Value {
    let (kind, unit) = match row.spec.kind {
        Kind::Number { unit, .. } => ("number", unit.words()),
        Kind::Flag => ("flag", ""),
        Kind::Choice(_) => ("choice", ""),
        Kind::Address => ("address", ""),
        Kind::Cpus => ("processors", ""),
        Kind::File => ("file", ""),
        Kind::Text => ("text", ""),
        Kind::Password => ("password", ""),
    };
    let bounds = match row.spec.kind {
        Kind::Number { min, max, .. } => json!([min, max]),
        _ => Value::Null,
    };
    let words = match row.spec.kind {
        Kind::Choice(words) => json!(words()),
        Kind::Flag => json!(["true", "false"]),
        _ => Value::Null,
    };
    let (changes, why) = match row.spec.changes {
        Changes::AtStart(why) => ("at start", json!(why)),
        Changes::AtRunTime => ("running", Value::Null),
    };
    let value = row.value(now);
    json!({
        "name": row.spec.name,
        "section": section,
        "value": value,
        "default": row.value(default),
        "changed_since_start": value != row.value(at_start),
        "changes": changes,
        "why_at_start": why,
        "kind": kind,
        "unit": unit,
        "bounds": bounds,
        "words": words,
        "about": row.text,
    })
}
