//! `docs/settings.md`.

use venice_server::internals::config::{Changes, Kind, Row, Section};

use super::wrap::wrapped;

const HEAD: &str = "\
# Settings of the read server

<!-- Printed from the tables in rust/server/src/config; change them there, then run
     `./bazelw run //rust/server:settings_files_test`. A test compares. -->

Java sets them by the methods of `ReadServerConfig.builder()`, or by these names:
`ReadServerConfig.fromSettings(map)`, for example from a properties file. A name that does not exist and a
value out of bounds are refused, with an error that says what is taken.

A number has the unit of its setting. A size or a time may have a unit of its own, as `64MiB` and `10s`, in a Venice server's
properties ([adapter.md](adapter.md)), on the command line ([command-line.md](command-line.md)), at the admin socket
([admin.md](admin.md)) and in `RustReadServer.change`: B, KiB, MiB and GiB, or us, ms, s, m and h.

\"At start\" means that a new value
needs a new start of the server; \"running\" means that it can be changed in a running one, by `RustReadServer.change` or at the admin socket
([admin.md](admin.md)): limits and times of connections hold for those that are made from then on, limits of requests for those
that come from then on, and a change lasts until the server ends. Quotas have full buckets after a change of `quota.*`. \"Acts in\" is the
file that reads it, below `rust/server/src`.
";

/// The document.
pub(crate) fn document(sections: &[Section]) -> String {
    let mut text = HEAD.to_owned();
    for section in sections {
        text += &format!("\n## {}\n\n", section.title);
        text += "| Setting | Values | Unit | Default | Changes | Acts in |\n|---|---|---|---|---|---|\n";
        for row in &section.settings {
            text += &line(row);
        }
        for row in &section.settings {
            let mut body = format!("`{}`: {}", row.spec.name, row.text);
            if let Changes::AtStart(why) = row.spec.changes {
                body += &format!(" At start only: {why}.");
            }
            text += &format!("\n{}", wrapped(&body, "", 120));
        }
    }
    text
}

fn line(row: &Row) -> String {
    let (values, unit) = match row.spec.kind {
        Kind::Number { unit, min, max } => (format!("{min} to {max}"), unit.words()),
        Kind::Flag => ("`true`, `false`".to_owned(), ""),
        Kind::Choice(words) => {
            let words: Vec<String> = words().iter().map(|word| format!("`{word}`")).collect();
            (words.join(", "), "")
        }
        Kind::Address => ("an IP address".to_owned(), ""),
        Kind::Cpus => ("processors, such as `0-3,8`".to_owned(), ""),
        Kind::File => ("a file".to_owned(), ""),
        Kind::Text => ("a text".to_owned(), ""),
        Kind::Password => ("a text".to_owned(), ""),
    };
    let default = match (row.spec.machine_default, row.default_value()) {
        (Some(words), _) => words.to_owned(),
        (None, Some(value)) => value,
        (None, None) => "none".to_owned(),
    };
    let changes = match row.spec.changes {
        Changes::AtStart(_) => "at start",
        Changes::AtRunTime => "running",
    };
    let linux = if row.spec.linux_only {
        "; Linux only"
    } else {
        ""
    };
    format!(
        "| `{}` | {values}{linux} | {unit} | {default} | {changes} | `{}` |\n",
        row.spec.name, row.acts_in
    )
}
