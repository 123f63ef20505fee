//! Rules for Prometheus, as YAML.

use std::fmt::Write;

use crate::alerts::{ALERTS, RECORDS};
use crate::queries::query;

/// The file of rules.
pub fn rules() -> String {
    let mut out = String::from(
        "# Made by //rust/boards:write (rust/boards/src/alerts.rs). Changes go there.\n\ngroups:\n  - name: venice-rust-read-server\n    rules:\n",
    );
    // Writing to a string does not fail.
    for record in RECORDS {
        let _ = writeln!(out, "      - record: {}", quoted(record.name));
        let _ = writeln!(out, "        expr: {}", quoted(&query(record.expression)));
    }
    out.push_str("  - name: venice-rust-read-server-alerts\n    rules:\n");
    for alert in ALERTS {
        let _ = writeln!(out, "      - alert: {}", alert.name);
        let _ = writeln!(out, "        expr: {}", quoted(&query(alert.expression)));
        let _ = writeln!(out, "        for: {}", alert.after);
        let _ = writeln!(out, "        labels:");
        let _ = writeln!(out, "          severity: {}", alert.severity);
        let _ = writeln!(out, "        annotations:");
        let _ = writeln!(out, "          summary: {}", quoted(alert.summary));
        let _ = writeln!(out, "          description: {}", quoted(alert.description));
    }
    out
}

/// Between single quotes, within which YAML knows no other character but the quote itself.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}
