//! The value of a setting as it was given, and what can be made of it.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::scheduling;
use crate::settings::ConfigError;

/// One day: a longer wait is a slip of the pen.
const MILLIS_LIMIT: u64 = 24 * 60 * 60 * 1000;

/// A value as it was given, and the setting that it is for.
#[derive(Clone, Copy)]
pub(crate) struct Given<'a> {
    pub(crate) name: &'static str,
    pub(crate) value: &'a str,
}

impl Given<'_> {
    pub(crate) fn refused(self, allowed: impl Into<String>) -> ConfigError {
        ConfigError::BadValue {
            name: self.name,
            value: self.value.to_owned(),
            allowed: allowed.into(),
        }
    }

    pub(crate) fn number(self, least: u64, most: u64) -> Result<u64, ConfigError> {
        match self.value.parse::<u64>() {
            Ok(number) if (least..=most).contains(&number) => Ok(number),
            _ => Err(self.refused(format!("a whole number from {least} to {most}"))),
        }
    }

    pub(crate) fn millis(self, least: u64) -> Result<Duration, ConfigError> {
        Ok(Duration::from_millis(self.number(least, MILLIS_LIMIT)?))
    }

    fn on_linux(self) -> Result<(), ConfigError> {
        if scheduling::POSSIBLE {
            return Ok(());
        }
        Err(self.refused("nothing here: it is for Linux only"))
    }

    pub(crate) fn nice(self) -> Result<i32, ConfigError> {
        self.on_linux()?;
        match self.value.parse() {
            Ok(nice @ -20..=19) => Ok(nice),
            _ => Err(self.refused("a whole number from -20 to 19")),
        }
    }

    pub(crate) fn cpus(self) -> Result<Vec<usize>, ConfigError> {
        self.on_linux()?;
        scheduling::cpus(self.value)
            .ok_or_else(|| self.refused("numbers of processors and ranges of them, such as 0-3,8"))
    }

    pub(crate) fn path(self) -> Result<PathBuf, ConfigError> {
        if self.value.trim().is_empty() {
            return Err(self.refused("the path of a file"));
        }
        Ok(PathBuf::from(self.value))
    }

    pub(crate) fn one_of<T: Copy>(self, choices: &[(&str, T)]) -> Result<T, ConfigError> {
        let chosen = choices.iter().find(|(name, _)| *name == self.value);
        chosen.map(|(_, choice)| *choice).ok_or_else(|| {
            let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
            self.refused(format!("one of {}", names.join(", ")))
        })
    }

    pub(crate) fn address(self) -> Result<IpAddr, ConfigError> {
        self.value.parse().map_err(|_| {
            self.refused("an IP address such as 0.0.0.0, 127.0.0.1 or ::1 (not a host name)")
        })
    }
}
