//! Files of the system: small texts, numbers, and numbers with names.

use std::fs;
use std::path::Path;

/// The text of a file; these are small.
pub(crate) fn text(path: impl AsRef<Path>) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    Some(text.trim_end().to_owned())
}

/// A number that is alone in a file.
pub(crate) fn number(path: impl AsRef<Path>) -> Option<u64> {
    text(path)?.parse().ok()
}

/// The number behind a name at the beginning of a line: `nr_throttled 12`, `VmRSS:   512 kB`.
pub(crate) fn named(text: &str, name: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    let rest = rest.trim_start_matches([':', ' ', '\t']);
    let digits = rest.split_whitespace().next()?;
    digits.parse().ok()
}
