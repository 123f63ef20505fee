//! What numbers of settings count, and numbers with a unit as people type them: `10s`, `64MiB`. The rules are
//! those of the Java properties (`PropertyReader.java`).

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things of this name; empty for a plain number.
    Count(&'static str),
    /// Bytes.
    Bytes,
    /// Milliseconds; a `Duration` in Java.
    Millis,
    /// Microseconds.
    Micros,
}

impl Unit {
    /// The unit as documents write it; empty for a plain number.
    pub fn words(self) -> &'static str {
        match self {
            Unit::Count(things) => things,
            Unit::Bytes => "bytes",
            Unit::Millis => "milliseconds",
            Unit::Micros => "microseconds",
        }
    }

    /// The number of this unit that `text` says with one of [`Unit::suffixes`]: whole, and without
    /// overflow; none if it says none.
    pub(super) fn parse(self, text: &str) -> Option<i64> {
        let text = text.trim();
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, suffix) = text.split_at(digits);
        let suffix = suffix.trim_start().to_ascii_lowercase();
        let (factor, divisor) = match self {
            Unit::Millis => (micros(&suffix)?, 1000),
            Unit::Micros => (micros(&suffix)?, 1),
            Unit::Bytes => (bytes(&suffix)?, 1),
            Unit::Count(_) => return None,
        };
        let scaled = number.parse::<i64>().ok()?.checked_mul(factor)?;
        (scaled % divisor == 0).then_some(scaled / divisor)
    }

    /// What a number may have behind it, for an error; empty if nothing.
    pub(super) fn suffixes(self) -> &'static str {
        match self {
            Unit::Millis | Unit::Micros => "us, ms, s, m or h",
            Unit::Bytes => "B, KiB, MiB or GiB",
            Unit::Count(_) => "",
        }
    }
}

fn micros(suffix: &str) -> Option<i64> {
    Some(match suffix {
        "us" => 1,
        "ms" => 1000,
        "s" => 1_000_000,
        "m" => 60_000_000,
        "h" => 3_600_000_000,
        _ => return None,
    })
}

/// KB and the like are powers of 1024 in Venice (its VeniceProperties), and so here.
fn bytes(suffix: &str) -> Option<i64> {
    Some(match suffix {
        "b" => 1,
        "kib" | "kb" => 1 << 10,
        "mib" | "mb" => 1 << 20,
        "gib" | "gb" => 1 << 30,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_with_a_unit_is_in_the_unit_of_its_setting() {
        for (text, of, number) in [
            ("64MiB", Unit::Bytes, 64 << 20),
            ("64 mb", Unit::Bytes, 64 << 20),
            (" 1GiB ", Unit::Bytes, 1 << 30),
            ("3kib", Unit::Bytes, 3072),
            ("7B", Unit::Bytes, 7),
            ("10s", Unit::Millis, 10_000),
            ("2m", Unit::Millis, 120_000),
            ("1h", Unit::Millis, 3_600_000),
            ("5000us", Unit::Millis, 5),
            ("1ms", Unit::Micros, 1000),
            ("50us", Unit::Micros, 50),
        ] {
            assert_eq!(of.parse(text), Some(number), "{text}");
        }
    }

    #[test]
    fn what_is_no_whole_number_with_a_known_unit_is_refused() {
        for (text, of) in [
            ("64MiB", Unit::Millis),
            ("10s", Unit::Bytes),
            ("10s", Unit::Count("keys")),
            ("1500us", Unit::Millis),
            ("1.5s", Unit::Millis),
            ("-1s", Unit::Millis),
            ("s", Unit::Millis),
            ("", Unit::Bytes),
            ("5", Unit::Bytes),
            ("1TiB", Unit::Bytes),
            ("9223372036854775807GiB", Unit::Bytes),
            ("99999999999999999999B", Unit::Bytes),
            ("1\u{f6}", Unit::Bytes),
        ] {
            assert_eq!(of.parse(text), None, "{text}");
        }
    }
}
