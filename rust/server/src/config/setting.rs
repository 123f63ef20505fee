//! What a setting is, and the form of the tables in which settings stand.
//!
//! A setting is one row of a table: its text, its field with type and default, its name, unit and
//! bounds, and the file in which it acts.
//!
//! ```text
//! settings! {
//!     /// How access is asked for and remembered.
//!     pub struct AccessSettings {
//!         /// How long a request waits for the first answer.
//!         wait: Duration = Duration::from_secs(5), millis("access.wait.ms", 1..=DAY),
//!             acts in "policy/access/mod.rs";
//!     }
//! }
//! ```
//!
//! The row makes the field of the struct, its default, the parser of its value with the error for a bad
//! one, and the setting's place in `docs/settings.md`, `ReadServerSetting.java`, `SettingGetters.java`
//! and `SettingSetters.java`, which `tests/settings_files.rs` prints. The text is for operators and for
//! users of the Java builder: plain sentences, code in backticks, no links. It does not repeat unit,
//! default and bounds, but says what the setting does and why its default is what it is. If the bounds
//! allow 0, the text says what `0 means`. The file is below `src/`, and reads the field by its name.

use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use crate::config::cpu_list;
pub use crate::config::units::Unit;

/// The largest number of Java's `int`, in which Protobuf and Java arrays count.
pub(crate) const INT_MAX: i64 = i32::MAX as i64;
/// One thousand pools of this size fit no machine; a larger number is almost certainly a typo.
pub(crate) const THREADS: i64 = 1024;
/// One day in milliseconds: a longer wait is almost certainly a typo.
pub(crate) const DAY: i64 = 24 * 60 * 60 * 1000;

/// What values a setting takes.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A whole number.
    Number {
        /// What it counts.
        unit: Unit,
        /// The smallest that is taken.
        min: i64,
        /// The largest that is taken.
        max: i64,
    },
    /// `true` or `false`.
    Flag,
    /// One of some words, which the function lists.
    Choice(fn() -> Vec<&'static str>),
    /// An IP address.
    Address,
    /// Processors, as Linux writes them.
    Cpus,
    /// The path of a file.
    File,
    /// Any text.
    Text,
    /// Any text; nothing shows it.
    Password,
}

/// When a new value of a setting takes effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changes {
    /// With the next start of a server; why not sooner.
    AtStart(&'static str),
    /// At once, in a server that runs.
    AtRunTime,
}

/// Name and values of a setting.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// The name, as in a properties file. It ends with its unit, where that is a time.
    pub name: &'static str,
    /// What values it takes.
    pub kind: Kind,
    /// The default in words, where it depends on the machine.
    pub machine_default: Option<&'static str>,
    /// Whether it is there on Linux only.
    pub linux_only: bool,
    /// When a new value takes effect.
    pub changes: Changes,
}

const fn spec(name: &'static str, kind: Kind) -> Spec {
    Spec {
        name,
        kind,
        machine_default: None,
        linux_only: false,
        // A row says more.
        changes: Changes::AtStart(""),
    }
}

/// A whole number of `things`.
pub(crate) const fn number(
    name: &'static str,
    things: &'static str,
    bounds: RangeInclusive<i64>,
) -> Spec {
    measure(name, Unit::Count(things), bounds)
}

/// A number of bytes.
pub(crate) const fn bytes(name: &'static str, bounds: RangeInclusive<i64>) -> Spec {
    measure(name, Unit::Bytes, bounds)
}

/// A time in milliseconds.
pub(crate) const fn millis(name: &'static str, bounds: RangeInclusive<i64>) -> Spec {
    measure(name, Unit::Millis, bounds)
}

/// A time in microseconds.
pub(crate) const fn micros(name: &'static str, bounds: RangeInclusive<i64>) -> Spec {
    measure(name, Unit::Micros, bounds)
}

const fn measure(name: &'static str, unit: Unit, bounds: RangeInclusive<i64>) -> Spec {
    let (min, max) = (*bounds.start(), *bounds.end());
    spec(name, Kind::Number { unit, min, max })
}

/// `true` or `false`.
pub(crate) const fn flag(name: &'static str) -> Spec {
    spec(name, Kind::Flag)
}

/// One of the words of `T`.
pub(crate) const fn choice<T: Choice>(name: &'static str) -> Spec {
    spec(name, Kind::Choice(words::<T>))
}

/// An IP address.
pub(crate) const fn address(name: &'static str) -> Spec {
    spec(name, Kind::Address)
}

/// A list of processors.
pub(crate) const fn cpus(name: &'static str) -> Spec {
    spec(name, Kind::Cpus)
}

/// The path of a file.
pub(crate) const fn file(name: &'static str) -> Spec {
    spec(name, Kind::File)
}

/// Any text.
pub(crate) const fn text(name: &'static str) -> Spec {
    spec(name, Kind::Text)
}

/// Any text, which nothing shows.
pub(crate) const fn password(name: &'static str) -> Spec {
    spec(name, Kind::Password)
}

impl Spec {
    /// The same with a default that depends on the machine: documents say it by `words`.
    pub(crate) const fn by_machine(self, words: &'static str) -> Spec {
        Spec {
            machine_default: Some(words),
            ..self
        }
    }

    /// The same for Linux only.
    pub(crate) const fn linux_only(self) -> Spec {
        Spec {
            linux_only: true,
            ..self
        }
    }

    /// The same for a setting that can be changed while a server runs.
    pub(crate) const fn at_run_time(self) -> Spec {
        Spec {
            changes: Changes::AtRunTime,
            ..self
        }
    }

    /// The same for a setting that cannot be changed while a server runs: `why`, without a full stop.
    pub(crate) const fn at_start(self, why: &'static str) -> Spec {
        Spec {
            changes: Changes::AtStart(why),
            ..self
        }
    }

    /// What to give, for an error.
    fn allowed(&self) -> String {
        match self.kind {
            Kind::Number { unit, min, max } => match unit.suffixes() {
                "" => format!("a whole number from {min} to {max}"),
                suffixes => format!(
                    "a whole number from {min} to {max}, in {}, or one with the unit {suffixes}",
                    unit.words()
                ),
            },
            Kind::Flag => format!("one of {}", words::<bool>().join(", ")),
            Kind::Choice(words) => format!("one of {}", words().join(", ")),
            Kind::Address => {
                "an IP address such as 0.0.0.0, 127.0.0.1 or ::1 (not a host name)".to_owned()
            }
            Kind::Cpus => "numbers of processors and ranges of them, such as 0-3,8".to_owned(),
            Kind::File => "the path of a file".to_owned(),
            Kind::Text | Kind::Password => "a text".to_owned(),
        }
    }
}

/// A row of the table of `S`, the struct that has the setting's field.
pub(crate) struct Setting<S> {
    pub(crate) spec: Spec,
    /// The lines of the text.
    pub(crate) text: &'static [&'static str],
    /// The name of the field.
    pub(crate) field: &'static str,
    /// The file that reads the field, below `src/`.
    pub(crate) acts_in: &'static str,
    /// Sets the field; false if the text is no value of it.
    pub(crate) set: fn(&mut S, &str, &Spec) -> bool,
    /// The field's value in its text form; none if it has none.
    pub(crate) get: fn(&S, &Spec) -> Option<String>,
}

impl<S> Setting<S> {
    /// Sets the field to what `text` says; the error says what is allowed.
    pub(crate) fn set(&self, part: &mut S, text: &str) -> Result<(), String> {
        if self.spec.linux_only && !cpu_list::ON_LINUX {
            return Err("nothing here: it is for Linux only".to_owned());
        }
        if (self.set)(part, text, &self.spec) {
            return Ok(());
        }
        Err(self.spec.allowed())
    }
}

/// A type of a setting's field.
pub(crate) trait Field: Sized {
    /// Reads a value; none if it is no such value, or out of bounds.
    fn parse(text: &str, spec: &Spec) -> Option<Self>;

    /// Prints a value as [`Field::parse`] reads it; none if there is none.
    fn print(&self, spec: &Spec) -> Option<String>;
}

fn parse_number(text: &str, spec: &Spec) -> Option<i64> {
    let Kind::Number { unit, min, max } = spec.kind else {
        return None;
    };
    let number = text.parse().ok().or_else(|| unit.parse(text));
    number.filter(|n| (min..=max).contains(n))
}

macro_rules! number_fields {
    ($($type:ty),*) => {$(
        impl Field for $type {
            fn parse(text: &str, spec: &Spec) -> Option<$type> {
                parse_number(text, spec)?.try_into().ok()
            }

            fn print(&self, _: &Spec) -> Option<String> {
                Some(self.to_string())
            }
        }
    )*};
}

number_fields!(i32, u16, u32, u64, usize);

impl Field for Duration {
    fn parse(text: &str, spec: &Spec) -> Option<Duration> {
        let number = u64::try_from(parse_number(text, spec)?).ok()?;
        match spec.kind {
            Kind::Number {
                unit: Unit::Millis, ..
            } => Some(Duration::from_millis(number)),
            Kind::Number {
                unit: Unit::Micros, ..
            } => Some(Duration::from_micros(number)),
            _ => None,
        }
    }

    fn print(&self, spec: &Spec) -> Option<String> {
        match spec.kind {
            Kind::Number {
                unit: Unit::Micros, ..
            } => Some(self.as_micros().to_string()),
            _ => Some(self.as_millis().to_string()),
        }
    }
}

impl Field for IpAddr {
    fn parse(text: &str, _: &Spec) -> Option<IpAddr> {
        text.parse().ok()
    }

    fn print(&self, _: &Spec) -> Option<String> {
        Some(self.to_string())
    }
}

/// Processors, in the order of the workers; none of them is no value.
impl Field for Vec<usize> {
    fn parse(text: &str, _: &Spec) -> Option<Vec<usize>> {
        cpu_list::cpus(text)
    }

    fn print(&self, _: &Spec) -> Option<String> {
        let cpus: Vec<String> = self.iter().map(usize::to_string).collect();
        (!cpus.is_empty()).then(|| cpus.join(","))
    }
}

impl Field for Option<PathBuf> {
    fn parse(text: &str, _: &Spec) -> Option<Option<PathBuf>> {
        (!text.trim().is_empty()).then(|| Some(PathBuf::from(text)))
    }

    fn print(&self, _: &Spec) -> Option<String> {
        self.as_ref().map(|path| path.display().to_string())
    }
}

impl Field for Option<String> {
    fn parse(text: &str, _: &Spec) -> Option<Option<String>> {
        Some(Some(text.to_owned()))
    }

    fn print(&self, _: &Spec) -> Option<String> {
        self.clone()
    }
}

/// A type whose values have words of their own.
pub(crate) trait Choice: Copy + PartialEq + 'static {
    /// Every value with its word.
    const ALL: &'static [(&'static str, Self)];
}

impl Choice for bool {
    const ALL: &'static [(&'static str, bool)] = &[("true", true), ("false", false)];
}

fn words<T: Choice>() -> Vec<&'static str> {
    T::ALL.iter().map(|(word, _)| *word).collect()
}

impl<T: Choice> Field for T {
    fn parse(text: &str, _: &Spec) -> Option<T> {
        let found = T::ALL.iter().find(|(word, _)| *word == text);
        found.map(|(_, value)| *value)
    }

    fn print(&self, _: &Spec) -> Option<String> {
        let found = T::ALL.iter().find(|(_, value)| value == self);
        found.map(|(word, _)| (*word).to_owned())
    }
}

/// Writes a table of settings: see the head of this file. `parts` are fields that are no settings.
macro_rules! settings {
    (
        $(#[$about:meta])*
        pub struct $Struct:ident {
            $(
                $(#[doc = $line:literal])+
                $field:ident: $type:ty = $default:expr, $spec:expr, acts in $file:literal;
            )*
        }
        $(parts {
            $(
                $(#[doc = $part_line:literal])+
                $part:ident: $part_type:ty,
            )*
        })?
    ) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $Struct {
            $(
                $(#[doc = $line])+
                pub $field: $type,
            )*
            $($(
                $(#[doc = $part_line])+
                pub $part: $part_type,
            )*)?
        }

        impl Default for $Struct {
            fn default() -> $Struct {
                $Struct {
                    $($field: $default,)*
                    $($($part: <$part_type>::default(),)*)?
                }
            }
        }

        impl $Struct {
            /// The rows of this table.
            pub(crate) const SETTINGS: &'static [Setting<$Struct>] = &[$(
                Setting {
                    spec: $spec,
                    text: &[$($line),+],
                    field: stringify!($field),
                    acts_in: $file,
                    set: |part, text, spec| {
                        let value = Field::parse(text, spec);
                        value.map(|value| part.$field = value).is_some()
                    },
                    get: |part, spec| Field::print(&part.$field, spec),
                },
            )*];
        }
    };
}
pub(crate) use settings;
