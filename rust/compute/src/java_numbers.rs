//! Numbers as Java writes them (`Double.toString` since JDK 19, which writes the fewest digits that tell a number from
//! its neighbours).

use std::fmt::LowerExp;

pub(crate) fn float(number: f32) -> String {
    match special(number.into()) {
        Some(text) => text.to_owned(),
        None => finite(number),
    }
}

pub(crate) fn double(number: f64) -> String {
    match special(number) {
        Some(text) => text.to_owned(),
        None => finite(number),
    }
}

fn special(number: f64) -> Option<&'static str> {
    match number {
        _ if number.is_nan() => Some("NaN"),
        f64::INFINITY => Some("Infinity"),
        f64::NEG_INFINITY => Some("-Infinity"),
        _ => None,
    }
}

/// From 10^-3 to below 10^7 a decimal, beyond that with an exponent; at least one digit behind the point.
fn finite(number: impl LowerExp) -> String {
    let mut scientific = format!("{number:e}");
    if !scientific.contains('.') {
        // Of two digits there are more to choose from: the nearest.
        scientific = format!("{number:.1e}");
    }
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let digits: String = mantissa.chars().filter(|char| *char != '.').collect();
    let digits = digits.trim_end_matches('0');
    let digits = if digits.is_empty() { "0" } else { digits };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let zeros = |count: usize| "0".repeat(count);
    let or_zero = |text: &str| match text {
        "" => "0".to_owned(),
        text => text.to_owned(),
    };
    match exponent {
        0..=6 => {
            let before = exponent as usize + 1;
            let digits = format!("{digits}{}", zeros(before.saturating_sub(digits.len())));
            format!("{sign}{}.{}", &digits[..before], or_zero(&digits[before..]))
        }
        -3..=-1 => format!("{sign}0.{}{digits}", zeros((-exponent) as usize - 1)),
        _ => format!(
            "{sign}{}.{}E{exponent}",
            &digits[..1],
            or_zero(&digits[1..])
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a JVM prints.
    #[test]
    fn numbers_are_javas() {
        for (number, text) in [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (0.1, "0.1"),
            (-123.456, "-123.456"),
            (0.001, "0.001"),
            (0.000_999, "9.99E-4"),
            (9_999_999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (1.5e300, "1.5E300"),
            (5e-324, "4.9E-324"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
            (1234567.0, "1234567.0"),
            (120.0, "120.0"),
        ] {
            assert_eq!(double(number), text);
        }
        assert_eq!(float(0.1), "0.1");
        assert_eq!(float(16_777_216.0), "1.6777216E7");
        assert_eq!(float(f32::MAX), "3.4028235E38");
    }
}
