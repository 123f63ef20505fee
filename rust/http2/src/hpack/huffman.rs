//! The Huffman code of HPACK (RFC 7541, 5.2 and appendix B), read only: nothing is written with it,
//! which RFC 7541 leaves to whoever writes.
//!
//! The code is canonical: by length, then by symbol, each code is its forerunner's plus one. So the
//! lengths say it all.

/// Length in bits of each symbol's code; the last is EOS.
#[rustfmt::skip]
const LENGTHS: [u8; 257] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
    28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
    6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
    5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
    13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
    7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
    15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
    6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
    20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
    24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
    22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
    21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
    19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
    20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
    26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
    30,
];

const EOS: u16 = 256;
const LONGEST: usize = 30;
/// Codes of so many bits are found by one look.
const SHORT: usize = 8;

struct Code {
    /// Symbols by length, then by value.
    symbols: [u16; 257],
    /// For each length: the first code of it, and where its symbol is.
    first: [u32; LONGEST + 1],
    at: [u16; LONGEST + 1],
    /// For each length: where codes of it end, as the upper 32 bits of what is read.
    end: [u64; LONGEST + 1],
    /// Symbol and length by the first eight bits, length 0 where the code is longer.
    short: [(u16, u8); 1 << SHORT],
}

const fn code() -> Code {
    let mut code = Code {
        symbols: [0; 257],
        first: [0; LONGEST + 1],
        at: [0; LONGEST + 1],
        end: [0; LONGEST + 1],
        short: [(0, 0); 1 << SHORT],
    };
    let (mut next, mut placed) = (0u32, 0usize);
    let mut length = 1;
    while length <= LONGEST {
        next <<= 1;
        code.first[length] = next;
        code.at[length] = placed as u16;
        let mut symbol = 0;
        while symbol < LENGTHS.len() {
            if LENGTHS[symbol] as usize == length {
                code.symbols[placed] = symbol as u16;
                placed += 1;
                if length <= SHORT {
                    let shift = SHORT - length;
                    let mut tail = 0;
                    while tail < 1 << shift {
                        code.short[((next as usize) << shift) | tail] =
                            (symbol as u16, length as u8);
                        tail += 1;
                    }
                }
                next += 1;
            }
            symbol += 1;
        }
        code.end[length] = (next as u64) << (32 - length);
        length += 1;
    }
    code
}

static CODE: Code = code();

/// Adds what `bytes` say to `text`. `false` if they are no Huffman code: EOS in them, or an end that is
/// not the beginning of EOS, or as long as a byte.
pub(crate) fn decode(bytes: &[u8], text: &mut Vec<u8>) -> bool {
    let mut bytes = bytes.iter();
    // The lowest `held` bits are still to be read.
    let (mut bits, mut held) = (0u64, 0u32);
    loop {
        while held <= 32 {
            let Some(byte) = bytes.next() else { break };
            bits = (bits << 8) | u64::from(*byte);
            held += 8;
        }
        // The next 32 bits; behind the end, ones: EOS, as the padding is.
        let window = if held >= 32 {
            (bits >> (held - 32)) as u32
        } else {
            let missing = 32 - held;
            ((bits << missing) | ((1 << missing) - 1)) as u32
        };
        let (symbol, length) = symbol(window);
        if u32::from(length) > held {
            return held < 8 && window == u32::MAX;
        }
        if symbol == EOS {
            return false;
        }
        text.push(symbol as u8);
        held -= u32::from(length);
    }
}

#[inline]
fn symbol(window: u32) -> (u16, u8) {
    let (symbol, length) = CODE.short[(window >> (32 - SHORT)) as usize];
    if length > 0 {
        return (symbol, length);
    }
    let mut length = SHORT + 1;
    // The code is complete, so every window is within one of the lengths.
    while length < LONGEST && u64::from(window) >= CODE.end[length] {
        length += 1;
    }
    let past = (window >> (32 - length)) - CODE.first[length];
    let at = usize::from(CODE.at[length]) + past as usize;
    (CODE.symbols[at], length as u8)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// The code of a symbol, as its value and length.
    fn code_of(symbol: u16) -> (u32, u8) {
        let at = CODE.symbols.iter().position(|s| *s == symbol).unwrap();
        let length = LENGTHS[usize::from(symbol)];
        let before = at - usize::from(CODE.at[usize::from(length)]);
        (CODE.first[usize::from(length)] + before as u32, length)
    }

    /// As a peer writes it.
    pub(crate) fn encode(text: &[u8]) -> Vec<u8> {
        let mut bits: Vec<bool> = Vec::new();
        for byte in text {
            let (code, length) = code_of(u16::from(*byte));
            bits.extend((0..length).rev().map(|bit| code >> bit & 1 == 1));
        }
        while !bits.len().is_multiple_of(8) {
            bits.push(true);
        }
        let byte = |bits: &[bool]| bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
        bits.chunks(8).map(byte).collect()
    }

    fn decoded(bytes: &[u8]) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        decode(bytes, &mut text).then_some(text)
    }

    /// Some codes of appendix B, of every part of it.
    #[test]
    fn the_code_is_that_of_appendix_b() {
        for (symbol, code, length) in [
            (b'0', 0x0, 5),
            (b't', 0x9, 5),
            (b' ', 0x14, 6),
            (b'u', 0x2d, 6),
            (b':', 0x5c, 7),
            (b'X', 0xfc, 8),
            (b'!', 0x3f8, 10),
            (b'#', 0xffa, 12),
            (0, 0x1ff8, 13),
            (b'{', 0x7ffe, 15),
            (b'\\', 0x7fff0, 19),
            (128, 0xfffe6, 20),
            (9, 0xff_ffea, 24),
            (249, 0xfff_fffe, 28),
            (220, 0xfff_fffd, 28),
            (10, 0x3fff_fffc, 30),
            (22, 0x3fff_fffe, 30),
        ] {
            assert_eq!(code_of(u16::from(symbol)), (code, length), "{symbol}");
        }
        assert_eq!(code_of(EOS), (0x3fff_ffff, 30));
        // Complete: every window is some code.
        let parts: u64 = LENGTHS.iter().map(|length| 1 << (30 - length)).sum();
        assert_eq!(parts, 1 << 30);
    }

    #[test]
    fn every_text_comes_back() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(decoded(&encode(&all)).unwrap(), all);
        for length in 0..70 {
            for symbol in [b'0', b' ', b'X', b'\\', 0, 9, 10, 255] {
                let text = vec![symbol; length];
                assert_eq!(decoded(&encode(&text)).unwrap(), text);
            }
        }
    }

    #[test]
    fn padding_is_the_beginning_of_eos_and_less_than_a_byte() {
        assert_eq!(encode(b"302"), [0x64, 0x02]);
        assert_eq!(encode(b"0"), [0b0000_0111]);
        for end in [0b000, 0b001, 0b011, 0b101, 0b110] {
            assert_eq!(decoded(&[end]), None, "{end:b}");
        }
        assert_eq!(decoded(&[0x64, 0x02, 0xff]), None);
        assert_eq!(decoded(&[0xff]), None);
        assert_eq!(decoded(&[0xff, 0xff, 0xff, 0xff]), None, "EOS itself");
        assert_eq!(decoded(&[]), Some(Vec::new()));
        // Ends in the midst of a long code.
        assert_eq!(decoded(&[0xff, 0xc0]), None);
    }
}
