//! Sizes and times as people type them.

use std::time::Duration;

/// A time: 500ms, 10s, 2m, 1h; without a unit, seconds.
pub(crate) fn time(text: &str) -> Result<Duration, String> {
    let remedy = "give a time such as 500ms, 10s, 2m or 1h";
    let (number, scale) = parts(text).ok_or(remedy)?;
    let scale = match scale {
        "us" => 1e-6,
        "ms" => 1e-3,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err(remedy.to_owned()),
    };
    let seconds = number * scale;
    if !(1e-6..=86_400.0).contains(&seconds) {
        return Err("give a time from 1us to 24h".to_owned());
    }
    Ok(Duration::from_secs_f64(seconds))
}

/// A size in bytes: 4096, 64KiB, 1MiB, 2GiB.
pub(crate) fn bytes(text: &str) -> Result<usize, String> {
    let remedy = "give a size such as 4096, 64KiB, 1MiB or 2GiB";
    let (number, scale) = parts(text).ok_or(remedy)?;
    let scale = match scale.to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "k" | "kib" => 1024.0,
        "m" | "mib" => 1024.0 * 1024.0,
        "g" | "gib" => 1024.0 * 1024.0 * 1024.0,
        _ => return Err(remedy.to_owned()),
    };
    let size = number * scale;
    // 64 TiB: no machine has more.
    if !(0.0..=7e13).contains(&size) || size.fract() != 0.0 {
        return Err(remedy.to_owned());
    }
    Ok(size as usize)
}

fn parts(text: &str) -> Option<(f64, &str)> {
    let digits = text.trim_end_matches(|unit: char| unit.is_ascii_alphabetic());
    let number: f64 = digits.trim().parse().ok()?;
    Some((number, &text[digits.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        assert_eq!(time("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(time("1.5s"), Ok(Duration::from_millis(1500)));
        assert_eq!(time("3"), Ok(Duration::from_secs(3)));
        assert_eq!(time("2m"), Ok(Duration::from_secs(120)));
        for bad in ["", "s", "x", "1y", "-1s", "0", "25h", "NaN", "inf"] {
            assert!(time(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sizes() {
        assert_eq!(bytes("0"), Ok(0));
        assert_eq!(bytes("950KiB"), Ok(950 * 1024));
        assert_eq!(bytes("1.5g"), Ok(3 << 29));
        for bad in ["", "KiB", "1TB", "-1", "1.1", "NaN"] {
            assert!(bytes(bad).is_err(), "{bad}");
        }
    }
}
