//! Why settings were refused.

/// What of a refused value stands in an error, in bytes: a file given in place of its name must not fill
/// the log.
const SHOWN_BYTES: usize = 200;

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

/// The beginning of a text from outside, for an error.
pub(crate) fn shown(text: &str) -> String {
    if text.len() <= SHOWN_BYTES {
        return text.to_owned();
    }
    let cut = (0..=SHOWN_BYTES).rfind(|&at| text.is_char_boundary(at));
    format!("{}...", &text[..cut.unwrap_or(0)])
}
