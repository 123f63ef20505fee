//! An unparsed setting value and its typed parsers.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::config::cpu_list;

/// One day: a longer wait is almost certainly a typo.
const MILLIS_LIMIT: u64 = 24 * 60 * 60 * 1000;

/// Why settings were refused. The text names the setting, the value, the limit and the remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// No setting has this name.
    #[error("unknown setting {name:?}; the settings are {names}")]
    UnknownName {
        /// The name as given.
        name: String,
        /// Those that there are.
        names: String,
    },
    /// A setting has a value that it cannot take.
    #[error("setting {name} is {value:?}; give {allowed}")]
    BadValue {
        /// The setting.
        name: &'static str,
        /// The value as given.
        value: String,
        /// What the setting takes.
        allowed: String,
    },
    /// A name without a value at the end of the list.
    #[error("setting {name:?} has no value; give names and values in turn")]
    NoValue {
        /// The name that stands alone.
        name: String,
    },
}

/// A value as it was given, and the setting that it is for.
#[derive(Clone, Copy)]
pub(crate) struct SettingValue<'a> {
    pub(crate) name: &'static str,
    pub(crate) value: &'a str,
}

impl SettingValue<'_> {
    pub(crate) fn invalid(self, allowed: impl Into<String>) -> ConfigError {
        ConfigError::BadValue {
            name: self.name,
            value: self.value.to_owned(),
            allowed: allowed.into(),
        }
    }

    pub(crate) fn number(self, least: u64, most: u64) -> Result<u64, ConfigError> {
        match self.value.parse::<u64>() {
            Ok(number) if (least..=most).contains(&number) => Ok(number),
            _ => Err(self.invalid(format!("a whole number from {least} to {most}"))),
        }
    }

    pub(crate) fn millis(self, least: u64) -> Result<Duration, ConfigError> {
        Ok(Duration::from_millis(self.number(least, MILLIS_LIMIT)?))
    }

    fn on_linux(self) -> Result<(), ConfigError> {
        if cpu_list::ON_LINUX {
            return Ok(());
        }
        Err(self.invalid("nothing here: it is for Linux only"))
    }

    pub(crate) fn nice(self) -> Result<i32, ConfigError> {
        self.on_linux()?;
        match self.value.parse() {
            Ok(nice @ -20..=19) => Ok(nice),
            _ => Err(self.invalid("a whole number from -20 to 19")),
        }
    }

    pub(crate) fn cpus(self) -> Result<Vec<usize>, ConfigError> {
        self.on_linux()?;
        cpu_list::cpus(self.value)
            .ok_or_else(|| self.invalid("numbers of processors and ranges of them, such as 0-3,8"))
    }

    pub(crate) fn path(self) -> Result<PathBuf, ConfigError> {
        if self.value.trim().is_empty() {
            return Err(self.invalid("the path of a file"));
        }
        Ok(PathBuf::from(self.value))
    }

    pub(crate) fn one_of<T: Copy>(self, choices: &[(&str, T)]) -> Result<T, ConfigError> {
        let chosen = choices.iter().find(|(name, _)| *name == self.value);
        chosen.map(|(_, choice)| *choice).ok_or_else(|| {
            let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            self.invalid(format!("one of {}", names.join(", ")))
        })
    }

    pub(crate) fn address(self) -> Result<IpAddr, ConfigError> {
        self.value.parse().map_err(|_| {
            self.invalid("an IP address such as 0.0.0.0, 127.0.0.1 or ::1 (not a host name)")
        })
    }
}
