//! All tables of settings together: parsing by name, and a list of what there is.

use crate::config::access::AccessSettings;
use crate::config::admin::AdminSettings;
use crate::config::compute::ComputeSettings;
use crate::config::error::{shown, ConfigError};
use crate::config::metrics::MetricsSettings;
use crate::config::plain_tables::PlainTableSettings;
use crate::config::quota::RefillPolicy;
use crate::config::setting::{Setting, Spec};
use crate::config::slow_log::SlowLogSettings;
use crate::config::tls::TlsSettings;
use crate::config::traces::TraceSettings;
use crate::config::Config;

/// A table of settings.
pub struct Section {
    /// What they are about.
    pub title: &'static str,
    /// The settings in their order.
    pub settings: Vec<Row>,
}

/// Sets a field to what a text says; the error says what is allowed.
type Set = dyn Fn(&mut Config, &str) -> Result<(), String>;
/// A field's value in its text form.
type Get = dyn Fn(&Config) -> Option<String>;

/// A setting of a [`Config`].
pub struct Row {
    /// Name and values.
    pub spec: Spec,
    /// What it does, in sentences.
    pub text: String,
    /// The name of its field.
    pub field: &'static str,
    /// The file in which it acts, below `src/`: it names the field.
    pub acts_in: &'static str,
    set: Box<Set>,
    get: Box<Get>,
}

impl Row {
    /// The value in its text form; none if there is none.
    pub fn value(&self, config: &Config) -> Option<String> {
        (self.get)(config)
    }

    /// The default in its text form; none if there is none, or the machine decides it.
    pub fn default_value(&self) -> Option<String> {
        match self.spec.machine_default {
            None => self.value(&Config::default()),
            Some(_) => None,
        }
    }
}

/// Every setting.
pub fn sections() -> Vec<Section> {
    vec![
        section("The server", Config::SETTINGS, |all| all, |all| all),
        section(
            "TLS",
            TlsSettings::SETTINGS,
            |all| &all.tls,
            |all| &mut all.tls,
        ),
        section(
            "Read quotas",
            RefillPolicy::SETTINGS,
            |all| &all.quota_refill,
            |all| &mut all.quota_refill,
        ),
        section(
            "Access",
            AccessSettings::SETTINGS,
            |all| &all.access,
            |all| &mut all.access,
        ),
        section(
            "Read compute",
            ComputeSettings::SETTINGS,
            |all| &all.compute,
            |all| &mut all.compute,
        ),
        section(
            "Plain tables",
            PlainTableSettings::SETTINGS,
            |all| &all.plain_tables,
            |all| &mut all.plain_tables,
        ),
        section(
            "Metrics",
            MetricsSettings::SETTINGS,
            |all| &all.metrics,
            |all| &mut all.metrics,
        ),
        section(
            "The slow log",
            SlowLogSettings::SETTINGS,
            |all| &all.slow_log,
            |all| &mut all.slow_log,
        ),
        section(
            "Operators",
            AdminSettings::SETTINGS,
            |all| &all.admin,
            |all| &mut all.admin,
        ),
        section(
            "Traces",
            TraceSettings::SETTINGS,
            |all| &all.traces,
            |all| &mut all.traces,
        ),
    ]
}

fn section<S>(
    title: &'static str,
    table: &'static [Setting<S>],
    part: fn(&Config) -> &S,
    part_mut: fn(&mut Config) -> &mut S,
) -> Section {
    let settings = table.iter().map(|setting| {
        let lines: Vec<&str> = setting.text.iter().map(|line| line.trim()).collect();
        Row {
            spec: setting.spec,
            text: lines.join(" "),
            field: setting.field,
            acts_in: setting.acts_in,
            set: Box::new(move |config, text| setting.set(part_mut(config), text)),
            get: Box::new(move |config| (setting.get)(part(config), &setting.spec)),
        }
    });
    Section {
        title,
        settings: settings.collect(),
    }
}

impl Config {
    /// Reads settings given as name, value, name, value, ... over the defaults. A name that comes twice
    /// takes its last value.
    pub fn from_pairs<S: AsRef<str>>(settings: &[S]) -> Result<Config, ConfigError> {
        let rows = rows();
        let mut config = Config::default();
        for pair in settings.chunks(2) {
            let name = pair[0].as_ref();
            let Some(value) = pair.get(1) else {
                return Err(ConfigError::NoValue { name: shown(name) });
            };
            set(&mut config, &rows, name, value.as_ref())?;
        }
        Ok(config)
    }

    /// The value of a setting in its text form, by its name; none if it has none.
    pub fn text_of(&self, name: &str) -> Result<Option<String>, ConfigError> {
        let rows = rows();
        Ok(row(&rows, name)?.value(self))
    }
}

/// Every setting, in the order of the sections.
pub(crate) fn rows() -> Vec<Row> {
    let sections = sections().into_iter();
    sections.flat_map(|section| section.settings).collect()
}

/// The row of a name.
fn row<'a>(rows: &'a [Row], name: &str) -> Result<&'a Row, ConfigError> {
    rows.iter()
        .find(|row| row.spec.name == name)
        .ok_or_else(|| {
            let names: Vec<&str> = rows.iter().map(|row| row.spec.name).collect();
            ConfigError::UnknownName {
                name: shown(name),
                names: names.join(", "),
            }
        })
}

/// Sets one setting by its name, and returns its row.
pub(crate) fn set<'a>(
    config: &mut Config,
    rows: &'a [Row],
    name: &str,
    value: &str,
) -> Result<&'a Row, ConfigError> {
    let row = row(rows, name)?;
    (row.set)(config, value).map_err(|allowed| ConfigError::BadValue {
        name: row.spec.name,
        value: shown(value),
        allowed,
    })?;
    Ok(row)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::config::cpu_list;
    use crate::config::setting::Kind;

    #[test]
    fn no_settings_are_the_defaults() {
        let config = Config::from_pairs::<&str>(&[]).unwrap();
        assert_eq!(config, Config::default());
        assert_eq!(config.bind_address.to_string(), "0.0.0.0");
        assert_eq!(config.port, 0);
        assert_eq!(config.max_request_bytes, 4194304);
        assert_eq!(config.max_response_bytes, 4194304);
        assert!(config.worker_threads >= 1);
        assert!(config.disk_threads >= 4);
    }

    #[test]
    fn every_setting_has_one_name_a_text_and_a_default_that_it_takes() {
        let mut names = HashSet::new();
        for row in rows() {
            let name = row.spec.name;
            assert!(names.insert(name), "{name} stands twice");
            assert!(row.text.ends_with('.'), "{name}: {}", row.text);
            assert!(!row.text.contains('['), "{name} has a link");
            let named_unit = name.rsplit('.').next().unwrap_or_default();
            if let Kind::Number { unit, .. } = row.spec.kind {
                let of_name = match named_unit {
                    "bytes" => "bytes",
                    "ms" => "milliseconds",
                    "us" => "microseconds",
                    _ => unit.words(),
                };
                assert_eq!(unit.words(), of_name, "{name}");
            }
            let hidden = matches!(row.spec.kind, Kind::Password);
            if row.spec.linux_only && !cpu_list::ON_LINUX || hidden {
                continue;
            }
            if let Some(value) = row.value(&Config::default()) {
                let set = Config::from_pairs(&[name, &value]).unwrap();
                assert_eq!(set, Config::default(), "{name} is {value}");
            }
        }
    }

    /// A value of a setting that is not its default, and values that it refuses.
    fn values(row: &Row) -> (String, Vec<String>) {
        let texts = |all: &[&str]| all.iter().map(|text| (*text).to_owned()).collect();
        let default = row.value(&Config::default());
        let another = |words: Vec<&str>| {
            let found = words.iter().find(|word| default.as_deref() != Some(word));
            (*found.unwrap()).to_owned()
        };
        match row.spec.kind {
            Kind::Number { min, max, .. } => {
                let refused = [min.wrapping_sub(1), max + 1];
                let mut refused: Vec<String> = refused.iter().map(i64::to_string).collect();
                refused.extend(texts(&["", "four", "1.5", "1 day", "1.5s"]));
                (another(vec![&min.to_string(), &max.to_string()]), refused)
            }
            Kind::Flag => (another(vec!["true", "false"]), texts(&["", "on", "True"])),
            Kind::Choice(words) => (another(words()), texts(&["", "?"])),
            Kind::Address => ("::1".to_owned(), texts(&["", "localhost", "1.2.3.4:5"])),
            Kind::Cpus => ("0,1,4".to_owned(), texts(&["", "3-1"])),
            Kind::File => ("/a/b".to_owned(), texts(&["", " "])),
            Kind::Text => ("a text".to_owned(), Vec::new()),
            Kind::Password => ("***".to_owned(), Vec::new()),
        }
    }

    #[test]
    fn every_name_sets_its_field_alone() {
        for row in rows() {
            let name = row.spec.name;
            if row.spec.linux_only && !cpu_list::ON_LINUX {
                continue;
            }
            let (value, refused) = values(&row);
            let config = Config::from_pairs(&[name, &value]).unwrap();
            assert_ne!(config, Config::default(), "{name} is to change something");
            for other in rows() {
                let expected = match other.spec.name == name {
                    true => Some(value.clone()),
                    false => other.value(&Config::default()),
                };
                assert_eq!(
                    other.value(&config),
                    expected,
                    "{name}: {}",
                    other.spec.name
                );
            }
            for value in refused {
                let refusal = Config::from_pairs(&[name, &value]).unwrap_err().to_string();
                let start = format!("setting {name} is {value:?}; give ");
                assert!(refusal.starts_with(&start), "{refusal}");
            }
        }
    }

    #[test]
    fn sizes_and_times_may_have_a_unit() {
        let taken = Config::from_pairs(&["max.client.bytes", "64MiB", "drain.ms", "2m"]).unwrap();
        assert_eq!(taken.max_client_bytes, 64 << 20);
        assert_eq!(taken.drain.as_secs(), 120);
        assert_eq!(taken.text_of("drain.ms"), Ok(Some("120000".to_owned())));
    }

    #[test]
    fn passwords_are_not_printed() {
        let config = Config::from_pairs(&["tls.key.store.password", "geheim"]).unwrap();
        assert!(!format!("{config:?}").contains("geheim"));
        assert!(rows()
            .iter()
            .all(|row| row.value(&config).as_deref() != Some("geheim")));
    }

    #[test]
    fn refusals_name_the_setting_the_value_and_the_remedy() {
        let text = |settings: &[&str]| Config::from_pairs(settings).unwrap_err().to_string();
        for (name, value, remedy) in [
            ("port", "65536", "a whole number from 0 to 65535"),
            (
                "drain.ms",
                "-1",
                "a whole number from 0 to 86400000, in milliseconds, or one with the unit us, ms, s, m or h",
            ),
            (
                "max.client.bytes",
                "64TiB",
                "a whole number from 16777216 to 1099511627776, in bytes, or one with the unit B, KiB, MiB or GiB",
            ),
            ("max.batch.keys", "5s", "a whole number from 1 to 2147483647"),
            (
                "bind.address",
                "localhost",
                "an IP address such as 0.0.0.0, 127.0.0.1 or ::1 (not a host name)",
            ),
            ("tls.client.auth", "want", "one of required, optional, none"),
            ("reflection", "on", "one of true, false"),
            ("tls.key.store", " ", "the path of a file"),
        ] {
            let expected = format!("setting {name} is {value:?}; give {remedy}");
            assert_eq!(text(&[name, value]), expected);
        }
        if cpu_list::ON_LINUX {
            assert_eq!(
                text(&["worker.cpus", "3-1"]),
                "setting worker.cpus is \"3-1\"; give numbers of processors and ranges of them, \
                 such as 0-3,8"
            );
        }
        assert_eq!(
            text(&["port"]),
            "setting \"port\" has no value; give names and values in turn"
        );
        let unknown = text(&["prot", "1"]);
        assert!(
            unknown.starts_with("unknown setting \"prot\"; the settings are bind.address, port, ")
        );
    }

    #[test]
    fn refusals_repeat_the_beginning_of_a_long_text() {
        let long = "\u{f6}".repeat(10_000);
        for settings in [["port", &long], [&long, "1"]] {
            let refusal = Config::from_pairs(&settings).unwrap_err().to_string();
            assert!(refusal.contains("\u{f6}...\""), "{refusal}");
            assert!(refusal.len() < 2500, "{}", refusal.len());
        }
    }
}
