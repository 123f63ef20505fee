//! What commands print: text for a person at a terminal, lines of JSON for a program.

use std::fmt::{Display, Write as _};
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use crate::failure::{Exit, Failure, Outcome};

/// For whom a command prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Output {
    /// A person.
    Human,
    /// A program: each line is a JSON object.
    Json,
}

impl Output {
    /// As asked for; else by what standard output is.
    pub(crate) fn choose(json: bool, human: bool) -> Output {
        match (json, human) {
            (true, _) => Output::Json,
            (_, true) => Output::Human,
            _ if io::stdout().is_terminal() => Output::Human,
            _ => Output::Json,
        }
    }

    /// Prints the object, or the text for a person.
    pub(crate) fn say(self, object: Object, human: impl FnOnce() -> String) -> Outcome {
        match self {
            Output::Json => line(&object.end()),
            Output::Human => line(&human()),
        }
    }
}

/// Prints a line at once: who reads it may be waiting. A reader that has gone ends the program, as is usual in pipes.
pub(crate) fn line(text: &str) -> Outcome {
    let mut out = io::stdout().lock();
    let written = out
        .write_all(text.as_bytes())
        .and_then(|()| out.write_all(b"\n"))
        .and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => Err(Failure::new(
            Exit::Io,
            format!("cannot write to standard output: {error}"),
        )),
        Ok(()) => Ok(()),
    }
}

/// A JSON object whose members are in the order in which they were added.
pub(crate) struct Object(String);

impl Object {
    pub(crate) fn new() -> Object {
        Object("{".to_owned())
    }

    /// Adds a member that is JSON already.
    pub(crate) fn raw(mut self, name: &str, json: impl Display) -> Object {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        // Writing to a string does not fail.
        let _ = write!(self.0, "{}:{json}", string(name));
        self
    }

    /// Adds a text.
    pub(crate) fn text(self, name: &str, text: impl AsRef<str>) -> Object {
        let json = string(text.as_ref());
        self.raw(name, json)
    }

    /// Adds what may be missing: then it is null.
    pub(crate) fn maybe<T: Display>(self, name: &str, json: Option<T>) -> Object {
        match json {
            Some(json) => self.raw(name, json),
            None => self.raw(name, "null"),
        }
    }

    /// Adds seconds.
    pub(crate) fn seconds(self, name: &str, time: Duration) -> Object {
        self.raw(name, format_args!("{:.6}", time.as_secs_f64()))
    }

    pub(crate) fn end(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

/// A JSON array of what is JSON already.
pub(crate) fn array<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    format!("[{}]", items.join(","))
}

/// A text as a JSON string.
pub(crate) fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A whole number with separators: 12,345.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// So many things: `1 key`, `2 keys`.
pub(crate) fn count(number: u64, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {thing}{plural}", grouped(number))
}

/// Rows whose cells stand below each other.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let lines = rows.iter().map(|row| {
        let cells = row.iter().enumerate();
        let cells = cells.map(|(column, cell)| format!("{cell:<width$}", width = width(column)));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A size in bytes, for a person.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if bytes < 1024 {
        return count(bytes, "byte");
    }
    let mut scaled = bytes as f64 / 1024.0;
    let mut unit = 0;
    while scaled >= 1024.0 && unit + 1 < UNITS.len() {
        scaled /= 1024.0;
        unit += 1;
    }
    format!("{scaled:.1} {}", UNITS[unit])
}

/// Bytes in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string does not fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// Bytes from hexadecimal; `None` of any other text.
pub(crate) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let pairs = text.as_bytes().chunks(2);
    let bytes = pairs.map(|pair| match pair {
        [high, low] => Some((digit(*high)? << 4 | digit(*low)?) as u8),
        _ => None,
    });
    bytes.collect()
}

/// A text as errors repeat it: in quotes, and cut to about 200 bytes.
pub(crate) fn shown(text: &str) -> String {
    format!("{:?}", venice_wire::echoed::Echoed::new(text))
}

/// What a library says of an error, which may repeat all of the data: its beginning.
pub(crate) fn brief(error: &impl Display) -> String {
    venice_wire::echoed::Echoed::new(&error.to_string()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_keep_their_order() {
        let object = Object::new()
            .text("b", "x\"y")
            .raw("a", 1)
            .maybe("c", None::<u8>)
            .seconds("d", Duration::from_millis(1500));
        assert_eq!(object.end(), r#"{"b":"x\"y","a":1,"c":null,"d":1.500000}"#);
        assert_eq!(Object::new().end(), "{}");
        assert_eq!(array([1, 2]), "[1,2]");
    }

    #[test]
    fn numbers_for_people() {
        let all: Vec<String> = [0, 999, 1000, 1_234_567].map(grouped).to_vec();
        assert_eq!(all, ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(count(1, "key"), "1 key");
        assert_eq!(count(0, "key"), "0 keys");
        assert_eq!(size(1), "1 byte");
        assert_eq!(size(1536), "1.5 KiB");
        assert_eq!(size(5 << 30), "5.0 GiB");
    }

    #[test]
    fn columns_are_as_wide_as_their_cells() {
        let rows = [["x", "y"], ["a", "123"], ["bcd", "4"]];
        let rows = rows.map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(table(&rows), "x    y\na    123\nbcd  4");
    }

    #[test]
    fn hexadecimal() {
        assert_eq!(hex(&[0, 0xAB]), "00ab");
        assert_eq!(unhex("00aB"), Some(vec![0, 0xAB]));
        assert_eq!(unhex(""), Some(vec![]));
        for bad in ["0", "0g", "\u{e4}"] {
            assert_eq!(unhex(bad), None, "{bad}");
        }
    }
}
