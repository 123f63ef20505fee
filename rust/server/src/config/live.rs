//! The settings of a server that runs, of which some can be changed.
//!
//! Who reads a setting that can be changed reads it here, each time that it begins something: a connection, an
//! answer, a look. What has to be told a new value is told by [`crate::lifecycle`].

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use parking_lot::Mutex;

use crate::config::error::{shown, ConfigError};
use crate::config::limits::Limits;
use crate::config::names::STORES;
use crate::config::sections::{rows, set};
use crate::config::setting::{Changes, Kind};
use crate::config::Config;

/// What holds now, and what held at the start.
#[derive(Debug)]
pub struct Live {
    at_start: Arc<Config>,
    now: ArcSwap<Config>,
    limits: Arc<Limits>,
    /// Held by who changes.
    changing: Mutex<()>,
}

/// A setting that was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Its name.
    pub setting: &'static str,
    /// Its value before, in text form; none if it had none.
    pub before: Option<String>,
    /// Its value from now on.
    pub after: Option<String>,
}

/// Why a setting was not changed: nothing was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// There is no such setting, or it cannot have this value.
    #[error(transparent)]
    Invalid(#[from] ConfigError),
    /// What it names cannot be used.
    #[error(transparent)]
    Stores(#[from] StoresError),
    /// It says what cannot be used; in words.
    #[error("{0}")]
    Unusable(String),
    /// Another change is under way, and takes long.
    #[error("setting {0} is not changed: another change is under way, and has been for a second; try again, or look into the log and at the disk that it reads")]
    UnderWay(&'static str),
    /// It holds from the start to the end.
    #[error(
        "setting {name} cannot be changed while the server runs: {why}. Set it to {value:?} where the server is \
         started, then drain the server and start it anew"
    )]
    AtStart {
        /// The setting.
        name: &'static str,
        /// Why not.
        why: &'static str,
        /// The value as given; of a password only stars.
        value: String,
    },
}

/// Why descriptions of stores cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("setting {STORES}: {path}: {problem}")]
pub struct StoresError {
    /// The file or folder.
    pub(crate) path: String,
    /// What is wrong with it.
    pub(crate) problem: String,
}

/// How long a change waits for another. Most take microseconds.
const PATIENCE: Duration = Duration::from_secs(1);

impl Live {
    /// The settings of a server that starts.
    pub fn new(config: Config) -> Arc<Live> {
        let config = Arc::new(config);
        Arc::new(Live {
            at_start: Arc::clone(&config),
            limits: Limits::of(&config),
            now: ArcSwap::new(config),
            changing: Mutex::new(()),
        })
    }

    /// What held when the server started: for what is read then, and never again.
    pub fn at_start(&self) -> &Arc<Config> {
        &self.at_start
    }

    /// What holds now.
    pub fn now(&self) -> Arc<Config> {
        self.now.load_full()
    }

    /// The limits of requests, as they are now, for who looks at them with each request.
    pub fn limits(&self) -> &Arc<Limits> {
        &self.limits
    }

    /// Changes a setting, if it can be while the server runs. `prepare` is called with the settings before and after,
    /// and may refuse; then what it prepared is given to `tell`, with the same settings. No other change is under way
    /// meanwhile.
    pub fn change<T>(
        &self,
        name: &str,
        value: &str,
        prepare: impl FnOnce(&Config, &Config) -> Result<T, ChangeError>,
        tell: impl FnOnce(T, &Config, &Config),
    ) -> Result<Change, ChangeError> {
        // What a change names may lie on a disk that does not answer: who comes next does not wait as well.
        let Some(_changing) = self.changing.try_lock_for(PATIENCE) else {
            let name = rows()
                .iter()
                .map(|row| row.spec.name)
                .find(|known| *known == name);
            return Err(ChangeError::UnderWay(name.unwrap_or("of that name")));
        };
        let before = self.now();
        let mut after = Config::clone(&before);
        // Who gives a wrong name or value is told that first.
        let rows = rows();
        let row = set(&mut after, &rows, name, value)?;
        if let Changes::AtStart(why) = row.spec.changes {
            let hidden = matches!(row.spec.kind, Kind::Password);
            return Err(ChangeError::AtStart {
                name: row.spec.name,
                why,
                value: if hidden {
                    "***".to_owned()
                } else {
                    shown(value)
                },
            });
        }
        let change = Change {
            setting: row.spec.name,
            before: row.value(&before),
            after: row.value(&after),
        };
        let after = Arc::new(after);
        let prepared = prepare(&before, &after)?;
        self.now.store(Arc::clone(&after));
        // Room for what is larger from now on comes before it.
        tell(prepared, &before, &after);
        self.limits.set(&after);
        Ok(change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_changed_is_and_those_who_want_to_know_are_told() {
        let live = Live::new(Config::default());
        let mut told = None;
        let prepare = |before: &Config, after: &Config| Ok(after.drain - before.drain / 100);
        let change = live.change("drain.ms", "250", prepare, |prepared, before, after| {
            assert_eq!(prepared.as_millis(), 150);
            told = Some((before.drain, after.drain));
        });
        let change = change.unwrap();
        assert_eq!(change.setting, "drain.ms");
        assert_eq!(change.before.as_deref(), Some("10000"));
        assert_eq!(change.after.as_deref(), Some("250"));
        let told = told.unwrap();
        assert_eq!((told.0.as_millis(), told.1.as_millis()), (10_000, 250));
        assert_eq!(live.now().drain.as_millis(), 250);
        assert_eq!(live.at_start().drain.as_millis(), 10_000);
    }

    #[test]
    fn the_others_are_refused_with_the_reason() {
        let live = Live::new(Config::default());
        let refused = |name: &str, value: &str| {
            let prepare = |_: &Config, _: &Config| Ok(());
            let error = live.change(name, value, prepare, |(), _, _| {
                panic!("{name} was changed")
            });
            error.unwrap_err().to_string()
        };
        assert_eq!(
            refused("port", "80"),
            "setting port cannot be changed while the server runs: what listens there is opened with the server, \
             and clients know it by its address. Set it to \"80\" where the server is started, then drain the \
             server and start it anew"
        );
        assert!(refused("prot", "80").starts_with("unknown setting \"prot\"; the settings are "));
        assert_eq!(
            refused("drain.ms", "-1"),
            "setting drain.ms is \"-1\"; give a whole number from 0 to 86400000, in milliseconds, or one with the \
             unit us, ms, s, m or h"
        );
        let password = refused("tls.key.password", "geheim");
        assert!(
            !password.contains("geheim") && password.contains("\"***\""),
            "{password}"
        );
        assert_eq!(*live.now(), Config::default());
    }

    #[test]
    fn what_cannot_be_used_changes_nothing() {
        let live = Live::new(Config::default());
        let no = |_: &Config, _: &Config| Err::<(), _>(ChangeError::Unusable("no".to_owned()));
        let refused = live.change("drain.ms", "250", no, |(), _, _| panic!("it was changed"));
        assert_eq!(refused.unwrap_err().to_string(), "no");
        assert_eq!(*live.now(), Config::default());
    }

    #[test]
    fn a_change_that_takes_long_holds_up_no_other() {
        let live = Live::new(Config::default());
        let slow = |_: &Config, _: &Config| {
            let other = live.change("drain.ms", "250", |_, _| Ok(()), |(), _, _| {});
            let text = other.unwrap_err().to_string();
            assert!(
                text.starts_with("setting drain.ms is not changed: another change"),
                "{text}"
            );
            Ok(())
        };
        live.change("drain.ms", "300", slow, |(), _, _| {}).unwrap();
        assert_eq!(live.now().drain.as_millis(), 300);
    }

    #[test]
    fn every_setting_is_changed_or_refused_as_its_row_says() {
        for row in rows() {
            let live = Live::new(Config::default());
            let Some(value) = row.value(live.at_start()) else {
                continue;
            };
            let changed = live.change(row.spec.name, &value, |_, _| Ok(()), |(), _, _| {});
            let expected = row.spec.changes == Changes::AtRunTime;
            assert_eq!(changed.is_ok(), expected, "{}", row.spec.name);
            if let Changes::AtStart(why) = row.spec.changes {
                assert!(!why.is_empty(), "{} does not say why", row.spec.name);
            }
        }
    }
}
