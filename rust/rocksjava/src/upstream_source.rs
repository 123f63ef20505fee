//! What upstream's C++ says, read from its source: the truth that our tables are tested against.
//! Only where Cargo builds, which knows where RocksDB's package is.

use std::collections::HashMap;
use std::path::Path;

/// An enum conversion of `java/rocksjni/portal.h`, from Java's byte to the enumerator's number.
pub(crate) struct Conversion {
    known: HashMap<i8, i64>,
    default: i64,
}

impl Conversion {
    /// Reads the function `name` of `portal.h`, which returns enumerators of `enumeration` of the
    /// header `header`.
    pub(crate) fn read(name: &str, header: &str, enumeration: &str) -> Conversion {
        let numbers = enumerators(header, enumeration);
        let portal = source("java/rocksjni/portal.h");
        let body = portal
            .split_once(&format!(" {name}("))
            .and_then(|(_, rest)| rest.split_once("\n  }\n"))
            .unwrap_or_else(|| panic!("portal.h has no {name}"))
            .0;
        let mut conversion = Conversion {
            known: HashMap::new(),
            default: i64::MIN,
        };
        let mut cases = Vec::new();
        let mut is_default = false;
        for statement in body.split([':', ';']).map(str::trim) {
            if let Some(byte) = statement.rsplit("case ").next().and_then(number) {
                cases.push(byte as u8 as i8);
            } else if statement.ends_with("default") {
                is_default = true;
            } else if let Some(&number) = numbers.get(statement) {
                conversion
                    .known
                    .extend(cases.drain(..).map(|byte| (byte, number)));
                if std::mem::take(&mut is_default) {
                    conversion.default = number;
                }
            }
        }
        assert_ne!(conversion.default, i64::MIN, "{name} has a default");
        conversion
    }

    /// How many bytes it names.
    pub(crate) fn len(&self) -> usize {
        self.known.len()
    }

    /// Compares it with ours, for every byte.
    pub(crate) fn assert_same(&self, ours: impl Fn(i8) -> i64) {
        for byte in i8::MIN..=i8::MAX {
            let theirs = self.known.get(&byte).copied().unwrap_or(self.default);
            assert_eq!(ours(byte), theirs, "for the byte {byte:#04x}");
        }
    }
}

/// The enumerators of a C++ enum, by name.
fn enumerators(header: &str, enumeration: &str) -> HashMap<String, i64> {
    let text = source(header);
    let body = text
        .split_once(&format!("enum {enumeration} "))
        .or_else(|| text.split_once(&format!("enum class {enumeration} ")))
        .and_then(|(_, rest)| rest.split_once('{'))
        .and_then(|(_, rest)| rest.split_once('}'))
        .unwrap_or_else(|| panic!("{header} has no enum {enumeration}"))
        .0;
    let mut next = 0;
    let mut numbers = HashMap::new();
    for enumerator in body
        .split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty())
    {
        let name = match enumerator.split_once('=') {
            Some((name, value)) => {
                next = number(value.trim()).unwrap_or_else(|| panic!("{enumerator}"));
                name.trim()
            }
            None => enumerator,
        };
        numbers.insert(name.to_owned(), next);
        next += 1;
    }
    numbers
}

fn number(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let number = match digits.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16),
        None => digits.parse(),
    };
    Some(sign * number.ok()?)
}

/// A source file without its comments.
fn source(path: &str) -> String {
    let path = Path::new(env!("ROCKSDB_SOURCES")).join(path);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let mut code = String::new();
    let mut rest = text.as_str();
    while let Some((before, comment)) = rest.split_once("/*") {
        code.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, rest)| rest);
    }
    code.push_str(rest);
    code.lines()
        .map(|line| line.split("//").next().unwrap_or_default())
        .fold(String::new(), |all, line| all + line + "\n")
}
