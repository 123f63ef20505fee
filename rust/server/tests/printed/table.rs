//! The settings for `SettingsTableTest` of Java: a line each, with fields between tabs.

use venice_server::internals::config::{Kind, Section};

/// Name, kind, unit, default, smallest and largest value, and words; what does not apply is empty.
pub(crate) fn table(sections: &[Section]) -> String {
    let mut lines = String::from("# name\tkind\tunit\tdefault\tmin\tmax\twords\n");
    for row in sections.iter().flat_map(|section| &section.settings) {
        let (kind, unit, bounds, words) = match row.spec.kind {
            Kind::Number { unit, min, max } => {
                let bounds = (min.to_string(), max.to_string());
                ("number", unit.words(), bounds, Vec::new())
            }
            Kind::Flag => ("choice", "", Default::default(), vec!["true", "false"]),
            Kind::Choice(words) => ("choice", "", Default::default(), words()),
            Kind::Password => ("password", "", Default::default(), Vec::new()),
            Kind::Address | Kind::Cpus | Kind::File | Kind::Text => {
                ("text", "", Default::default(), Vec::new())
            }
        };
        let default = row.default_value().unwrap_or_default();
        let fields = [
            row.spec.name,
            kind,
            unit,
            &default,
            &bounds.0,
            &bounds.1,
            &words.join(","),
        ];
        lines += &format!("{}\n", fields.join("\t"));
    }
    lines
}
