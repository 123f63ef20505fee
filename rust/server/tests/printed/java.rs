//! Java's enum of the settings, and the methods of `ReadServerConfig` and its builder, in the form of
//! google-java-format.

use venice_server::internals::config::{Kind, Row, Section, Unit};

use super::wrap::wrapped;

const HEAD: &str = "\
// Printed from the tables of settings in rust/server/src/config. Change them there, and run
// `./bazelw run //rust/server:settings_files_test`; a test compares.
package com.linkedin.venice.rust;
";

/// Columns of a line of Java.
const WIDTH: usize = 100;

const ENUM_END: &str = "
  private final String settingName;
  private final SettingValues allowed;

  ReadServerSetting(String settingName, SettingValues allowed) {
    this.settingName = settingName;
    this.allowed = allowed;
  }

  /** The name that a properties file has. */
  String settingName() {
    return settingName;
  }

  /** What values it takes. */
  SettingValues allowed() {
    return allowed;
  }
}
";

/// What a setting is in Java.
struct Java<'a> {
    row: &'a Row,
    type_name: &'static str,
}

fn rows(sections: &[Section]) -> impl Iterator<Item = Java<'_>> {
    let rows = sections.iter().flat_map(|section| &section.settings);
    rows.map(|row| Java {
        row,
        type_name: match row.spec.kind {
            Kind::Number {
                unit: Unit::Millis, ..
            } => "Duration",
            Kind::Number { max, .. } if max > i64::from(i32::MAX) => "long",
            Kind::Number { .. } => "int",
            Kind::Flag => "boolean",
            Kind::File => "Path",
            _ => "String",
        },
    })
}

impl Java<'_> {
    /// The words of the name; a `Duration` needs no unit.
    fn words(&self) -> Vec<&str> {
        let mut words: Vec<&str> = self.row.spec.name.split('.').collect();
        match self.row.spec.kind {
            Kind::Number {
                unit: Unit::Millis, ..
            } => drop(words.pop()),
            Kind::Number {
                unit: Unit::Micros, ..
            } => *words.last_mut().expect("a name has words") = "micros",
            _ => {}
        }
        words
    }

    fn constant(&self) -> String {
        self.words().join("_").to_uppercase()
    }

    fn method(&self) -> String {
        let mut name = String::new();
        for word in self.words() {
            let first = &word[..1];
            match name.is_empty() {
                true => name += first,
                false => name += &first.to_uppercase(),
            }
            name += &word[1..];
        }
        name
    }

    /// What values it takes, as an expression.
    fn values(&self) -> String {
        let default = match self.row.default_value() {
            Some(value) => format!("\"{value}\""),
            None => "null".to_owned(),
        };
        match self.row.spec.kind {
            Kind::Number { unit, min, max } => format!(
                "SettingValues.number({default}, \"{}\", {min}L, {max}L)",
                unit.words()
            ),
            Kind::Flag => format!("SettingValues.choice({default}, \"true\", \"false\")"),
            Kind::Choice(words) => {
                let words: Vec<String> = words().iter().map(|w| format!("\"{w}\"")).collect();
                format!("SettingValues.choice({default}, {})", words.join(", "))
            }
            Kind::Password => "SettingValues.password()".to_owned(),
            _ => format!("SettingValues.text({default})"),
        }
    }

    /// What values it takes, in words, after its name.
    fn bounds(&self) -> String {
        let linux = if self.row.spec.linux_only {
            ", on Linux only"
        } else {
            ""
        };
        let bounds = match self.row.spec.kind {
            Kind::Number { unit, min, max } => format!(", {min} to {max} {}", unit.words())
                .trim_end()
                .to_owned(),
            Kind::Choice(words) => format!(", one of {}", words().join(", ")),
            _ => String::new(),
        };
        bounds + linux
    }

    fn default_words(&self) -> String {
        match (self.row.spec.machine_default, self.row.default_value()) {
            (Some(words), _) => format!("Default: {words}."),
            (None, Some(value)) => format!("Default: {value}."),
            (None, None) => "Default: none.".to_owned(),
        }
    }
}

/// A text with code in backticks, as Javadoc.
fn javadoc(text: &str, indent: &str) -> String {
    let mut doc = String::new();
    for (i, part) in text.split('`').enumerate() {
        match i % 2 {
            0 => {
                doc += &part
                    .replace('&', "&amp;")
                    .replace('<', "&lt;")
                    .replace('@', "&#64;")
            }
            _ => doc += &format!("{{@code {part}}}"),
        }
    }
    let line = format!("{indent}/** {doc} */\n");
    if line.chars().count() <= WIDTH + 1 {
        return line;
    }
    let lines = wrapped(&doc, &format!("{indent} * "), WIDTH);
    format!("{indent}/**\n{lines}{indent} */\n")
}

/// `ReadServerSetting.java`.
pub(crate) fn settings(sections: &[Section]) -> String {
    let about = "The settings of a read server, by the names that the server has for them.";
    let mut text = format!("{HEAD}\n{}enum ReadServerSetting {{\n", javadoc(about, ""));
    let constants: Vec<String> = rows(sections)
        .map(|java| {
            let (constant, name, values) = (java.constant(), java.row.spec.name, java.values());
            let line = format!("  {constant}(\"{name}\", {values})");
            match line.chars().count() < WIDTH {
                true => line,
                false => format!("  {constant}(\n      \"{name}\", {values})"),
            }
        })
        .collect();
    text += &constants.join(",\n");
    text + ";\n" + ENUM_END
}

/// `SettingGetters.java`.
pub(crate) fn getters(sections: &[Section]) -> String {
    let mut text = format!(
        "{HEAD}
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

{}abstract class SettingGetters {{
",
        javadoc("The settings that a `ReadServerConfig` has.", "")
    );
    text += "  /** Returns the value of a setting in text form; null if it is not set and has no default. */
  abstract String text(ReadServerSetting setting);
";
    for java in rows(sections) {
        if matches!(java.row.spec.kind, Kind::Password) {
            continue;
        }
        let (method, constant) = (java.method(), java.constant());
        let value = format!("text(ReadServerSetting.{constant})");
        let empty = match java.row.spec.machine_default {
            Some(words) => format!(" Empty means {words}."),
            None if java.row.default_value().is_none() => " Empty if it is not set.".to_owned(),
            None => String::new(),
        };
        let optional = !empty.is_empty();
        let (type_name, value) = match (java.type_name, optional) {
            ("int", false) => ("int", format!("Integer.parseInt({value})")),
            ("int", true) => ("OptionalInt", format!("SettingValues.optional({value})")),
            ("long", _) => ("long", format!("Long.parseLong({value})")),
            ("Duration", _) => (
                "Duration",
                format!("Duration.ofMillis(Long.parseLong({value}))"),
            ),
            ("boolean", _) => ("boolean", format!("Boolean.parseBoolean({value})")),
            (_, false) => ("String", value),
            (_, true) => ("Optional<String>", format!("Optional.ofNullable({value})")),
        };
        let doc = format!("The value of `{}`.{empty}", java.row.spec.name);
        text += &format!(
            "\n{}  public {type_name} {method}() {{\n    return {value};\n  }}\n",
            javadoc(&doc, "  ")
        );
    }
    text + "}\n"
}

/// `SettingSetters.java`.
pub(crate) fn setters(sections: &[Section]) -> String {
    let about = "The methods of a `ReadServerConfig.Builder` that set one setting each.";
    let mut text = format!(
        "{HEAD}
import java.nio.file.Path;
import java.time.Duration;

{}abstract class SettingSetters {{
  abstract ReadServerConfig.Builder put(ReadServerSetting setting, String value);

  abstract ReadServerConfig.Builder put(ReadServerSetting setting, long value);

  abstract ReadServerConfig.Builder put(ReadServerSetting setting, Duration value);
",
        javadoc(about, "")
    );
    for java in rows(sections) {
        let (method, constant) = (java.method(), java.constant());
        let value = match java.type_name {
            "boolean" => "Boolean.toString(value)",
            "Path" => "value.toString()",
            _ => "value",
        };
        let doc = format!(
            "Sets `{}`{}. {} {}",
            java.row.spec.name,
            java.bounds(),
            java.row.text,
            java.default_words()
        );
        text += &format!(
            "\n{}  public ReadServerConfig.Builder {method}({} value) {{\n    \
             return put(ReadServerSetting.{constant}, {value});\n  }}\n",
            javadoc(&doc, "  "),
            java.type_name,
        );
    }
    text + "}\n"
}
