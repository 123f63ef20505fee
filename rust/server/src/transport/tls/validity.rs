//! Until when a certificate is valid, for metrics; whether it is, clients decide.

use crate::transport::tls::x509::{element, Fields, ISSUER, SERIAL_NUMBER, SIGNATURE, VALIDITY};

/// Seconds since 1970 until which a certificate, DER of X.509, says that it is valid (`notAfter`, RFC 5280,
/// 4.1.2.5). `None` if that cannot be read.
pub(crate) fn not_after(certificate: &[u8]) -> Option<i64> {
    let mut fields = Fields::of(certificate)?;
    for tag in [SERIAL_NUMBER, SIGNATURE, ISSUER] {
        fields.next(tag)?;
    }
    let validity = fields.next(VALIDITY)?;
    let (_, after) = element(validity, *validity.first()?)?;
    let tag = *after.first()?;
    time(tag, element(after, tag)?.0)
}

/// `UTCTime` or `GeneralizedTime`, as certificates have them: with seconds, in UTC.
pub(super) fn time(tag: u8, text: &[u8]) -> Option<i64> {
    const UTC_TIME: u8 = 0x17;
    const GENERALIZED_TIME: u8 = 0x18;
    let digits = text.strip_suffix(b"Z")?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = |digits: &[u8]| {
        let digits = digits.iter();
        digits.fold(0, |number, digit| number * 10 + i64::from(digit - b'0'))
    };
    let (year, rest) = match (tag, digits.len()) {
        (UTC_TIME, 12) => match number(&digits[..2]) {
            year @ 0..50 => (2000 + year, &digits[2..]),
            year => (1900 + year, &digits[2..]),
        },
        (GENERALIZED_TIME, 14) => (number(&digits[..4]), &digits[4..]),
        _ => return None,
    };
    let parts: Vec<i64> = rest.chunks(2).map(number).collect();
    let [month, day, hour, minute, second] = parts[..] else {
        return None;
    };
    let is_a_day = (1..=12).contains(&month) && (1..=31).contains(&day);
    is_a_day.then(|| ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second)
}

/// Days from 1970-01-01 to a day of the Gregorian calendar. Years begin in March here, so that the day
/// that leap years have more is the last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year
        - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn der(tag: u8, content: &[u8]) -> Vec<u8> {
        let mut der = vec![tag];
        if content.len() < 0x80 {
            der.push(content.len() as u8);
        } else {
            der.push(0x82);
            der.extend_from_slice(&(content.len() as u16).to_be_bytes());
        }
        der.extend_from_slice(content);
        der
    }

    fn certificate(has_version: bool, not_after: &[u8]) -> Vec<u8> {
        let version = der(0xA0, &der(0x02, &[2]));
        let fields = [
            if has_version { version } else { Vec::new() },
            der(0x02, &[7; 20]),
            der(0x30, &[]),
            der(0x30, &[1; 200]),
            der(0x30, &[&der(0x17, b"200101000000Z"), not_after].concat()),
            der(0x30, &[9; 300]),
        ];
        der(
            0x30,
            &[der(0x30, &fields.concat()), der(0x30, &[])].concat(),
        )
    }

    #[test]
    fn the_end_is_read_in_both_forms() {
        // `date -u -d '2031-05-06 07:08:09' +%s`, and so on.
        let utc = der(0x17, b"310506070809Z");
        assert_eq!(not_after(&certificate(true, &utc)), Some(1_935_817_689));
        assert_eq!(not_after(&certificate(false, &utc)), Some(1_935_817_689));
        let last_century = der(0x17, b"991231235959Z");
        assert_eq!(
            not_after(&certificate(true, &last_century)),
            Some(946_684_799)
        );
        let later = der(0x18, b"20520229120000Z");
        assert_eq!(not_after(&certificate(true, &later)), Some(2_592_820_800));
        let never = der(0x18, b"99991231235959Z");
        assert_eq!(not_after(&certificate(true, &never)), Some(253_402_300_799));
    }

    #[test]
    fn what_is_no_certificate_has_no_end() {
        let whole = certificate(true, &der(0x17, b"310506070809Z"));
        for length in 0..whole.len() {
            assert_eq!(not_after(&whole[..length]), None, "{length} bytes");
        }
        for wrong in [
            "310506070809",
            "31050607080xZ",
            "311306070809Z",
            "3105060708Z",
        ] {
            let after = der(0x17, wrong.as_bytes());
            assert_eq!(not_after(&certificate(true, &after)), None, "{wrong}");
        }
    }
}
