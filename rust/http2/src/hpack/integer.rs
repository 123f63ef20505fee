//! Integers of HPACK (RFC 7541, 5.1).

/// The largest integer that is taken. No length and no index comes near it.
const MAX: u32 = 1 << 28;
/// Bytes behind the prefix, at most: four have 28 bits, and who writes leading zeros may have one more.
const MAX_BYTES: u32 = 5;

/// Takes an integer with a prefix of `bits` bits off the front of `bytes`. `None` if it is cut off,
/// larger than anything that HPACK needs, or longer than it has to be by more than a byte.
#[inline]
pub(crate) fn decode(bytes: &mut &[u8], bits: u32) -> Option<u32> {
    let (first, rest) = bytes.split_first()?;
    *bytes = rest;
    let most = (1 << bits) - 1;
    let prefix = u32::from(*first) & most;
    if prefix < most {
        return Some(prefix);
    }
    continued(bytes, most)
}

fn continued(bytes: &mut &[u8], prefix: u32) -> Option<u32> {
    let mut value = u64::from(prefix);
    for digit in 0..MAX_BYTES {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value += u64::from(byte & 0x7f) << (7 * digit);
        if byte & 0x80 == 0 {
            return u32::try_from(value).ok().filter(|value| *value <= MAX);
        }
    }
    None
}

/// Adds `value`, with a prefix of `bits` bits behind those of `first`.
pub(crate) fn encode(value: u32, bits: u32, first: u8, out: &mut Vec<u8>) {
    let most = (1 << bits) - 1;
    if value < most {
        out.push(first | value as u8);
        return;
    }
    out.push(first | most as u8);
    let mut rest = value - most;
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(mut bytes: &[u8], bits: u32) -> Option<(u32, usize)> {
        let value = decode(&mut bytes, bits)?;
        Some((value, bytes.len()))
    }

    /// RFC 7541, appendix C.1.
    #[test]
    fn the_examples_of_the_rfc() {
        for (value, bits, bytes) in [
            (10, 5, &[0b0_1010][..]),
            (1337, 5, &[0b1_1111, 0b1001_1010, 0b1010]),
            (42, 8, &[0b10_1010]),
        ] {
            assert_eq!(decoded(bytes, bits), Some((value, 0)));
            let mut out = Vec::new();
            encode(value, bits, 0, &mut out);
            assert_eq!(out, bytes);
        }
    }

    #[test]
    fn every_integer_comes_back() {
        for bits in 4..=8 {
            for value in (0..1000).chain([4096, 65_535, 1 << 20, MAX]) {
                let mut out = Vec::new();
                encode(value, bits, 0, &mut out);
                out.push(99);
                assert_eq!(decoded(&out, bits), Some((value, 1)), "{value} in {bits}");
            }
        }
    }

    #[test]
    fn what_is_cut_off_or_too_large_is_none() {
        assert_eq!(decoded(&[], 5), None);
        assert_eq!(decoded(&[0x1f], 5), None);
        assert_eq!(decoded(&[0x1f, 0x80], 5), None);
        assert_eq!(decoded(&[0x1f, 0xff, 0xff, 0xff, 0xff, 0xff], 5), None);
        assert_eq!(decoded(&[0x1f, 0xff, 0xff, 0xff, 0xff, 0x0f], 5), None);
        // Leading zeros, five bytes of them and no more.
        assert_eq!(
            decoded(&[0x1f, 0x80, 0x80, 0x80, 0x80, 0], 5),
            Some((31, 0))
        );
        assert_eq!(decoded(&[0x1f, 0x80, 0x80, 0x80, 0x80, 0x80, 0], 5), None);
        // No more than MAX.
        let mut out = Vec::new();
        encode(MAX + 1, 7, 0, &mut out);
        assert_eq!(decoded(&out, 7), None);
    }
}
