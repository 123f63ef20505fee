//! JSON for people: names and values, and tables of what comes several times.

use serde_json::{Map, Value as Json};

use crate::output::{grouped, table};

/// A text of an object: its plain members first, then each list of objects as a table, and each object below its name.
pub(crate) fn text(json: &Json) -> String {
    let mut parts = Vec::new();
    add("", json, &mut parts);
    parts.join("\n\n")
}

fn add(name: &str, json: &Json, parts: &mut Vec<String>) {
    match json {
        Json::Object(members) => add_object(name, members, parts),
        Json::Array(items) if items.iter().any(Json::is_object) => add_list(name, items, parts),
        _ => parts.push(titled(name, cell(json))),
    }
}

fn add_object(name: &str, members: &Map<String, Json>, parts: &mut Vec<String>) {
    let plain: Vec<Vec<String>> = members
        .iter()
        .filter(|(_, value)| is_plain(value))
        .map(|(name, value)| vec![name.replace('_', " "), cell(value)])
        .collect();
    if !plain.is_empty() {
        parts.push(titled(name, table(&plain)));
    }
    for (inner, value) in members.iter().filter(|(_, value)| !is_plain(value)) {
        add(&joined(name, inner), value, parts);
    }
}

/// The objects of a list as rows, and what is below them in further tables.
fn add_list(name: &str, items: &[Json], parts: &mut Vec<String>) {
    let objects: Vec<&Map<String, Json>> = items.iter().filter_map(Json::as_object).collect();
    let mut columns: Vec<&String> = Vec::new();
    for object in &objects {
        for (column, value) in *object {
            if is_plain(value) && !columns.contains(&column) {
                columns.push(column);
            }
        }
    }
    // What a row is about stands first.
    let first = |column: &&String| match column.as_str() {
        "name" | "setting" | "store" | "number" | "partition" | "sequence" | "subject" => 0,
        "about" => 2,
        _ => 1,
    };
    columns.sort_by_key(first);
    let mut rows = vec![columns
        .iter()
        .map(|column| column.replace('_', " "))
        .collect()];
    for object in &objects {
        let cells = columns
            .iter()
            .map(|column| object.get(*column).map_or(String::new(), cell));
        rows.push(cells.collect());
    }
    parts.push(titled(name, table(&rows)));
    for object in objects {
        let title = ["name", "store", "setting"]
            .iter()
            .find_map(|field| object.get(*field)?.as_str());
        for (inner, value) in object.iter().filter(|(_, value)| !is_plain(value)) {
            add(&joined(title.unwrap_or(name), inner), value, parts);
        }
    }
}

fn joined(outer: &str, inner: &str) -> String {
    let inner = inner.replace('_', " ");
    match outer {
        "" => inner,
        _ => format!("{outer}: {inner}"),
    }
}

fn titled(name: &str, text: String) -> String {
    match name {
        "" => text,
        _ => format!("{name}\n{text}"),
    }
}

/// What fits into a cell.
fn is_plain(json: &Json) -> bool {
    match json {
        Json::Object(_) => false,
        Json::Array(items) => !items.iter().any(|item| item.is_object() || item.is_array()),
        _ => true,
    }
}

fn cell(json: &Json) -> String {
    match json {
        Json::Null => "-".to_owned(),
        Json::Bool(true) => "yes".to_owned(),
        Json::Bool(false) => "no".to_owned(),
        Json::Number(number) => match (number.as_u64(), number.as_f64()) {
            // Ports and years need no separators.
            (Some(number @ 10_000..), _) => grouped(number),
            (Some(number), _) => number.to_string(),
            (None, Some(number)) if number.fract() != 0.0 => format!("{number:.3}"),
            _ => number.to_string(),
        },
        Json::String(text) => text.clone(),
        Json::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(", "),
        Json::Object(_) => json.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_lists_and_what_is_below() {
        let json = serde_json::json!({
            "phase": "serving", "open_calls": 12345, "tls": false, "last_drain": null,
            "stores": [
                {"store": "a", "reads": 1.25, "versions": [{"name": "a_v1", "chunked": true}]},
                {"reads": 2, "store": "b"}],
            "node": {"rcu": 5},
        });
        let expected = "last drain  -\nopen calls  12,345\nphase       serving\ntls         no\n\n\
                        node\nrcu  5\n\n\
                        stores\nstore  reads\na      1.250\nb      2\n\n\
                        a: versions\nname  chunked\na_v1  yes";
        assert_eq!(text(&json), expected);
    }
}
