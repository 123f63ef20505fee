//! Which bucket of a base-2 exponential histogram a value belongs to.
//!
//! OpenTelemetry's rule (specification, metrics data model, "ExponentialHistogram"): at scale s
//! the bucket i holds the values above 2^(i / 2^s), up to and including 2^((i + 1) / 2^s).
//! Computed here exactly, from the bits of the value: a logarithm rounds, and is slower.
// #[HotPath]

/// The scale that is recorded at: 32 buckets for each doubling, 2.2 % wide. Venice's Java server
/// has the same (`otel.exporter.otlp.metrics.default.histogram.aggregation.max.scale`).
pub const SCALE: i32 = 5;

/// Buckets of an octave, from a power of two to the next.
pub(crate) const OCTAVE: usize = 1 << SCALE;

const MANTISSA_BITS: u32 = 52;
const MANTISSA: u64 = (1 << MANTISSA_BITS) - 1;
const BIAS: i32 = 1023;

/// `floor((2^(j/32) - 1) * 2^52)`: the mantissas of the 32 boundaries of an octave. All but the first
/// are irrational, so a mantissa is above a boundary exactly if it is above its floor. The last is
/// above every mantissa.
const BOUNDARIES: [u64; OCTAVE + 1] = [
    0x0000000000000,
    0x059B0D3158574,
    0x0B5586CF9890F,
    0x11301D0125B50,
    0x172B83C7D517A,
    0x1D4873168B9AA,
    0x2387A6E756238,
    0x29E9DF51FDEE1,
    0x306FE0A31B715,
    0x371A7373AA9CA,
    0x3DEA64C123422,
    0x44E086061892D,
    0x4BFDAD5362A27,
    0x5342B569D4F81,
    0x5AB07DD485429,
    0x6247EB03A5584,
    0x6A09E667F3BCC,
    0x71F75E8EC5F73,
    0x7A11473EB0186,
    0x82589994CCE12,
    0x8ACE5422AA0DB,
    0x93737B0CDC5E4,
    0x9C49182A3F090,
    0xA5503B23E255C,
    0xAE89F995AD3AD,
    0xB7F76F2FB5E46,
    0xC199BDD85529C,
    0xCB720DCEF9069,
    0xD5818DCFBA487,
    0xDFC97337B9B5E,
    0xEA4AFA2A490D9,
    0xF50765B6E4540,
    u64::MAX,
];

/// `floor((2^(j/32) * 1000 / 2^m - 1) * 2^52)`, with the m that leaves it between 0 and 2^52: where in the bucket j of
/// an octave a bucket of the values' thousandths ends. 1000 is no power of 2^(1/32), so each bucket has one such
/// place, 0.905 of the way up; that of 30 is 1000 itself, and exact.
const THOUSANDS: [u64; OCTAVE] = [
    0x051185A6BAFD9,
    0x0AC8FC531ED2C,
    0x10A07EB126191,
    0x1698C06404550,
    0x1CB278FDEA1EB,
    0x22EE641611FA7,
    0x294D415F48CCA,
    0x2FCFD4BEF49CF,
    0x3676E6649C6E9,
    0x3D4342E1F3FF5,
    0x4435BB436E52A,
    0x4B4F252959FA4,
    0x52905AE18A230,
    0x59FA3B818F783,
    0x618DAB0184065,
    0x694B92576D537,
    0x7134DF9337F7D,
    0x794A85FB5013E,
    0x818D7E29DA116,
    0x89FEC62A8F341,
    0x929F6199418EC,
    0x9B7059C10B07C,
    0xA472BDBC2B2B7,
    0xADA7A29497A11,
    0xB7102365432AC,
    0xC0AD617C1F306,
    0xCA80847CDBEAB,
    0xD48ABA846B5BA,
    0xDECD384D4B574,
    0xE94939549AFA0,
    0xF400000000000,
    0xFEF2D5C4608A7,
];

/// How many buckets a value is above its thousandth: so many, if it is in the upper part of its bucket
/// ([`is_upper`]), else one more.
pub(crate) const THOUSAND: usize = 318;

/// Whether a value, by its bits, is in the upper part of its bucket: where its thousandth has left a bucket.
#[inline]
pub(crate) fn is_upper(bits: u64, bucket: usize) -> bool {
    let mantissa = bits & MANTISSA;
    // A power of two ends the last bucket of its octave.
    mantissa == 0 || mantissa > THOUSANDS[bucket % OCTAVE]
}

/// The octave's parts that a table knows. Each is narrower than the narrowest bucket (1/64 against
/// 0.0219), so no part has two boundaries.
const PARTS: usize = 64;
const PART_BITS: u32 = MANTISSA_BITS - PARTS.trailing_zeros();

/// How many boundaries are below the first mantissa of a part.
const BELOW: [u8; PARTS] = below();

const fn below() -> [u8; PARTS] {
    let mut below = [0; PARTS];
    let mut part = 0;
    while part < PARTS {
        let first = (part as u64) << PART_BITS;
        while first > BOUNDARIES[below[part] as usize] {
            below[part] += 1;
        }
        part += 1;
    }
    below
}

/// The bucket at [`SCALE`] of a value above 0, by its bits. The value is finite.
#[inline]
pub(crate) fn index(bits: u64) -> i32 {
    let mut exponent = (bits >> MANTISSA_BITS) as i32;
    let mut mantissa = bits & MANTISSA;
    if exponent == 0 {
        // Subnormal: as if it had the leading one that the others have.
        let shift = mantissa.leading_zeros() - (63 - MANTISSA_BITS);
        mantissa = (mantissa << shift) & MANTISSA;
        exponent = 1 - shift as i32;
    }
    let guess = BELOW[(mantissa >> PART_BITS) as usize];
    let above = guess as i32 + i32::from(mantissa > BOUNDARIES[guess as usize]);
    ((exponent - BIAS) << SCALE) + above - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `mantissa + 2^52` to the power of 32, little-endian, in steps of 64 bits.
    fn to_the_32nd(mantissa: u64) -> Vec<u64> {
        let mut power = vec![mantissa + (1 << MANTISSA_BITS)];
        for _ in 0..SCALE {
            let mut square = vec![0u64; 2 * power.len()];
            for (i, a) in power.iter().enumerate() {
                let mut carry = 0u128;
                for (j, b) in power.iter().enumerate() {
                    let sum = u128::from(*a) * u128::from(*b) + u128::from(square[i + j]) + carry;
                    square[i + j] = sum as u64;
                    carry = sum >> 64;
                }
                square[i + power.len()] = carry as u64;
            }
            power = square;
        }
        power
    }

    /// Whether that is at most 2^(52 * 32 + j), which is (2^52 * 2^(j/32))^32.
    fn at_most(power: &[u64], j: usize) -> bool {
        let bit = 52 * 32 + j;
        let highest = power.iter().rposition(|word| *word != 0).unwrap_or(0);
        let length = 64 * highest + 64 - power[highest].leading_zeros() as usize;
        let is_power = power.iter().map(|word| word.count_ones()).sum::<u32>() == 1;
        length <= bit || (length == bit + 1 && is_power)
    }

    #[test]
    fn boundaries_are_exact() {
        for (j, boundary) in BOUNDARIES[..OCTAVE].iter().enumerate() {
            assert!(at_most(&to_the_32nd(*boundary), j), "{j} is too high");
            assert!(!at_most(&to_the_32nd(*boundary + 1), j), "{j} is too low");
        }
    }

    #[test]
    fn every_power_of_two_ends_its_bucket() {
        for exponent in -1074..=1023 {
            let bits = match exponent {
                -1074..-1022 => 1 << (exponent + 1074),
                _ => ((exponent + BIAS) as u64) << MANTISSA_BITS,
            };
            assert_eq!(index(bits), exponent * 32 - 1, "2^{exponent}");
            if exponent >= -1022 {
                assert_eq!(index(bits + 1), exponent * 32, "after 2^{exponent}");
            }
        }
        assert_eq!(index(f64::MAX.to_bits()), 1024 * 32 - 1);
    }

    #[test]
    fn boundaries_belong_to_the_bucket_below() {
        for exponent in [-1022, -1, 0, 1, 17, 1023] {
            let bits = ((exponent + BIAS) as u64) << MANTISSA_BITS;
            for (j, boundary) in BOUNDARIES[..OCTAVE].iter().enumerate().skip(1) {
                let expected = exponent * 32 + j as i32;
                assert_eq!(index(bits | boundary), expected - 1);
                assert_eq!(index(bits | (boundary + 1)), expected);
            }
        }
    }

    #[test]
    fn subnormals_go_on_where_normal_numbers_end() {
        for shift in 0..52u32 {
            for (j, boundary) in BOUNDARIES[..OCTAVE].iter().enumerate().skip(1) {
                // The same place of the octave `shift` + 1 further down, if its bits are still there.
                let whole = boundary | (1 << MANTISSA_BITS);
                let down = shift + 1;
                if down + 6 > MANTISSA_BITS {
                    continue;
                }
                let value = whole >> down;
                let expected = (-1022 - down as i32) * 32 + j as i32;
                assert_eq!(index(value), expected - 1, "{j} of octave {shift}");
                assert_eq!(index(value + 1), expected, "after {j} of octave {shift}");
            }
        }
        assert_eq!(index(1), -1074 * 32 - 1);
    }

    #[test]
    fn indexes_never_fall() {
        let mut last = i32::MIN;
        for exponent in [0u64, 1, 1022, 1023, 1024, 2046] {
            for step in 0..10_000u64 {
                let bits = (exponent << MANTISSA_BITS) | (step * (MANTISSA / 10_000));
                if bits == 0 {
                    continue;
                }
                let index = index(bits);
                assert!(index >= last);
                last = index;
            }
        }
    }
}
