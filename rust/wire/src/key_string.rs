//! `keyString`: the key of a single get, written as the tail of a URL.
//!
//! The Java server (`SRV/listener/request/GetRouterRequest.java`) gives the string to netty's
//! `QueryStringDecoder`. When the query parameter `f` is `b64`, the path part is base64 with the
//! URL-safe alphabet (`java.util.Base64.getUrlDecoder()`, padding optional); otherwise the path
//! part itself, as UTF-8, is the key. The Fast Client always sends `<base64url>?f=b64`.
// #[HotPath]

use std::borrow::Cow;

use smallvec::SmallVec;

use crate::echoed::Echoed;
use crate::text::Text;

/// A decoded key. Keys of up to this many bytes need no allocation; Venice keys are ids and short
/// records.
pub type KeyBytes = SmallVec<[u8; INLINE_KEY]>;

/// So many.
const INLINE_KEY: usize = 96;

/// Why a key string has no meaning. The Java server lets the same strings fail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyStringError {
    /// A `%` without two characters behind it.
    #[error("unterminated escape sequence at index {at} of key string {key_string:?}")]
    UnterminatedEscape {
        /// Byte index of the `%`.
        at: usize,
        /// The string, or its beginning.
        key_string: Echoed,
    },
    /// A `%` with something else than two hexadecimal digits behind it.
    #[error("invalid hex byte at index {at} of key string {key_string:?}")]
    NotHex {
        /// Byte index of the first digit.
        at: usize,
        /// The string, or its beginning.
        key_string: Echoed,
    },
    /// The path part is not base64 although `f=b64` says so.
    #[error("key string {key_string:?} is not base64url: {problem}; send base64 of the alphabet for URLs (RFC 4648, section 5), or the key itself without f=b64")]
    NotBase64 {
        /// The string, or its beginning.
        key_string: Echoed,
        /// What is wrong with it.
        problem: &'static str,
    },
}

/// Decodes a `keyString` to the key as the store has it.
#[inline]
pub fn decode<'a>(key_string: impl Into<Text<'a>>) -> Result<KeyBytes, KeyStringError> {
    let key_string = key_string.into();
    let mut key = [0; INLINE_KEY];
    match of_fast_client(key_string.as_bytes(), &mut key) {
        Some(bytes) => Ok(KeyBytes::from_buf_and_len(key, bytes)),
        None => decode_any(key_string.as_str()),
    }
}

/// Memory into which keys are decoded, one after the other.
#[derive(Debug)]
pub struct KeyRoom {
    short: [u8; INLINE_KEY],
    any: KeyBytes,
}

impl Default for KeyRoom {
    fn default() -> KeyRoom {
        KeyRoom {
            short: [0; INLINE_KEY],
            any: KeyBytes::new(),
        }
    }
}

/// As [`decode`], into memory that is there: for many keys.
#[inline]
pub fn decode_in<'r, 'a>(
    key_string: impl Into<Text<'a>>,
    room: &'r mut KeyRoom,
) -> Result<&'r [u8], KeyStringError> {
    let key_string = key_string.into();
    match of_fast_client(key_string.as_bytes(), &mut room.short) {
        Some(bytes) => Ok(&room.short[..bytes]),
        None => {
            room.any = decode_any(key_string.as_str())?;
            Ok(&room.any)
        }
    }
}

/// The key of a string as a Fast Client writes it: how many bytes of `key` it has. `None` of any other, and of one that
/// might be longer.
#[inline]
fn of_fast_client(key_string: &[u8], key: &mut [u8; INLINE_KEY]) -> Option<usize> {
    let path = key_string.strip_suffix(AS_BASE64.as_bytes())?;
    let text = without_padding(path);
    let (groups, rest) = text.as_chunks::<4>();
    let (bytes, _) = key.as_chunks_mut::<3>();
    if groups.len() >= bytes.len() {
        return None;
    }
    // What is not of the alphabet has bits that no value of six bits has; so it is found once, at the end.
    let mut all = 0;
    let mut six = |character: u8| {
        let value = SIX_BITS[usize::from(character)];
        all |= value;
        u32::from(value)
    };
    for (group, bytes) in groups.iter().zip(bytes.iter_mut()) {
        let [first, second, third, fourth] = *group;
        let bits = six(first) << 18 | six(second) << 12 | six(third) << 6 | six(fourth);
        *bytes = [(bits >> 16) as u8, (bits >> 8) as u8, bits as u8];
    }
    let last = bytes.get_mut(groups.len())?;
    let more = match *rest {
        [] => 0,
        [first, second] => {
            last[0] = (six(first) << 2 | six(second) >> 4) as u8;
            1
        }
        [first, second, third] => {
            let bits = six(first) << 10 | six(second) << 4 | six(third) >> 2;
            [last[0], last[1]] = [(bits >> 8) as u8, bits as u8];
            2
        }
        _ => return None,
    };
    (all <= 63).then_some(3 * groups.len() + more)
}

fn decode_any(key_string: &str) -> Result<KeyBytes, KeyStringError> {
    let path_end = key_string.find(['?', '#']).unwrap_or(key_string.len());
    let path = unescape(key_string, 0, path_end, Plus::Itself)?;
    if !is_base64(key_string, path_end)? {
        return Ok(SmallVec::from_slice(path.as_bytes()));
    }
    base64url(path.as_bytes()).map_err(|problem| KeyStringError::NotBase64 {
        key_string: Echoed::new(key_string),
        problem,
    })
}

/// The `keyString` of a key, as a Fast Client writes it.
pub fn encode(key: &[u8]) -> String {
    let mut text = String::with_capacity(key.len().div_ceil(3) * 4 + AS_BASE64.len());
    for group in key.chunks(3) {
        let mut bits = [0; 4];
        bits[1..=group.len()].copy_from_slice(group);
        let bits = u32::from_be_bytes(bits);
        for index in 0..4 {
            // As `java.util.Base64.getUrlEncoder()`: with padding.
            text.push(match index <= group.len() {
                true => char::from(ALPHABET[(bits >> (18 - 6 * index) & 63) as usize]),
                false => '=',
            });
        }
    }
    text + AS_BASE64
}

/// The query that every Fast Client sends.
const AS_BASE64: &str = "?f=b64";

/// netty's `maxParams` default: parameters behind the 1024th are not looked at.
const PARAMETERS_LIMIT: usize = 1024;

/// Whether the first parameter `f` has the value `b64`.
fn is_base64(uri: &str, path_end: usize) -> Result<bool, KeyStringError> {
    let query = &uri[path_end..];
    if query == AS_BASE64 {
        return Ok(true);
    }
    let Some(query) = query.strip_prefix('?') else {
        return Ok(false); // nothing, or a fragment
    };
    let query = &query[..query.find('#').unwrap_or(query.len())];
    let mut start = path_end + 1;
    let mut seen = 0;
    let mut answer = None;
    for parameter in query.split(['&', ';']) {
        let end = start + parameter.len();
        // netty drops leading `=`: "=f=b64" is the parameter f.
        let name_start = end - parameter.trim_start_matches('=').len();
        if name_start < end && seen < PARAMETERS_LIMIT {
            seen += 1;
            let name_end = uri[name_start..end]
                .find('=')
                .map_or(end, |equals| name_start + equals);
            let value_start = (name_end + 1).min(end);
            // Both are decoded whatever their names are: a bad escape anywhere fails the request.
            let name = unescape(uri, name_start, name_end, Plus::Space)?;
            let value = unescape(uri, value_start, end, Plus::Space)?;
            if name == "f" && answer.is_none() {
                answer = Some(value == "b64");
            }
        }
        start = end + 1;
    }
    Ok(answer.unwrap_or(false))
}

#[derive(Clone, Copy, PartialEq)]
enum Plus {
    Itself,
    Space,
}

/// `QueryStringDecoder.decodeComponent`: percent escapes of `uri[from..to]`, and `+` in the query.
/// Each run of escapes is UTF-8 of its own; what is not becomes U+FFFD.
fn unescape(uri: &str, from: usize, to: usize, plus: Plus) -> Result<Cow<'_, str>, KeyStringError> {
    let part = &uri[from..to];
    let special = |c: char| c == '%' || (c == '+' && plus == Plus::Space);
    let Some(first) = part.find(special) else {
        return Ok(Cow::Borrowed(part));
    };
    let bytes = uri.as_bytes();
    let mut text = part[..first].to_owned();
    let mut at = from + first;
    while at < to {
        let rest = &uri[at..to];
        let plain = rest.find(special).unwrap_or(rest.len());
        text.push_str(&rest[..plain]);
        at += plain;
        if at < to && bytes[at] == b'+' {
            text.push(' ');
            at += 1;
        }
        let mut run = SmallVec::<[u8; 96]>::new();
        while at < to && bytes[at] == b'%' {
            if at + 3 > to {
                return Err(KeyStringError::UnterminatedEscape {
                    at,
                    key_string: Echoed::new(uri),
                });
            }
            let digits = (bytes[at + 1] as char)
                .to_digit(16)
                .zip((bytes[at + 2] as char).to_digit(16));
            let Some((high, low)) = digits else {
                return Err(KeyStringError::NotHex {
                    at: at + 1,
                    key_string: Echoed::new(uri),
                });
            };
            run.push((high * 16 + low) as u8);
            at += 3;
        }
        push_utf8(&mut text, &run);
    }
    Ok(Cow::Owned(text))
}

/// Java's `new String(bytes, UTF_8)`: what is no UTF-8 becomes U+FFFD. It agrees with Rust on how
/// many, but for surrogates (ED, A0 to BF, any third byte), of which each is one to Java.
fn push_utf8(text: &mut String, mut bytes: &[u8]) {
    let surrogate = |pair: &[u8]| pair[0] == 0xED && (0xA0..=0xBF).contains(&pair[1]);
    while let Some(at) = bytes.windows(2).position(surrogate) {
        text.push_str(&String::from_utf8_lossy(&bytes[..at]));
        text.push(char::REPLACEMENT_CHARACTER);
        let third = matches!(bytes.get(at + 2), Some(0x80..=0xBF));
        bytes = &bytes[at + 2 + usize::from(third)..];
    }
    text.push_str(&String::from_utf8_lossy(bytes));
}

const ILLEGAL: u8 = 0xFF;

/// The URL-safe alphabet.
const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Value of each character of the alphabet.
const SIX_BITS: [u8; 256] = {
    let mut table = [ILLEGAL; 256];
    let mut value = 0;
    while value < ALPHABET.len() {
        table[ALPHABET[value] as usize] = value as u8;
        value += 1;
    }
    table
};

/// The text without its padding, if that is whole.
#[inline]
fn without_padding(text: &[u8]) -> &[u8] {
    match text {
        [rest @ .., b'=', b'='] if rest.len() % 4 == 2 => rest,
        [rest @ .., b'='] if rest.len() % 4 == 3 => rest,
        _ => text,
    }
}

/// `java.util.Base64.getUrlDecoder().decode`: padding may be left out, but not be half there;
/// unused bits of the last character are ignored.
fn base64url(text: &[u8]) -> Result<KeyBytes, &'static str> {
    let unpadded = without_padding(text);
    if unpadded.len() % 4 == 1 {
        return Err("its last group has one character only");
    }
    let mut key = KeyBytes::with_capacity(unpadded.len() / 4 * 3 + 2);
    for group in unpadded.chunks(4) {
        let mut bits = 0u32;
        for (index, character) in group.iter().enumerate() {
            let value = SIX_BITS[usize::from(*character)];
            if value == ILLEGAL {
                return Err(if *character == b'=' {
                    "its padding is misplaced"
                } else {
                    "it has a character outside A-Z a-z 0-9 - _"
                });
            }
            bits |= u32::from(value) << (18 - 6 * index);
        }
        key.extend_from_slice(&bits.to_be_bytes()[1..group.len()]);
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(key_string: &str) -> Vec<u8> {
        decode(key_string).unwrap().to_vec()
    }

    #[test]
    fn what_a_fast_client_sends() {
        assert_eq!(key("?f=b64"), b"");
        assert_eq!(key("AA==?f=b64"), [0]);
        assert_eq!(key("AAE=?f=b64"), [0, 1]);
        assert_eq!(key("AAEC?f=b64"), [0, 1, 2]);
        assert_eq!(key("-_-_?f=b64"), [0xFB, 0xFF, 0xBF]);
        assert_eq!(key("aGVsbG8gd29ybGQ=?f=b64"), b"hello world");
    }

    #[test]
    fn what_is_written_is_read() {
        let bytes: Vec<u8> = (0..=255).collect();
        for length in 0..=bytes.len() {
            assert_eq!(key(&encode(&bytes[..length])), bytes[..length]);
        }
        assert_eq!(encode(b"hello world"), "aGVsbG8gd29ybGQ=?f=b64");
        assert_eq!(encode(&[0xFB, 0xFF, 0xBF]), "-_-_?f=b64");
    }

    /// The short way decodes what it takes as the long way does, and takes all that a Fast Client sends.
    #[test]
    fn both_ways_agree() {
        let characters = b"AZaz09-_b/+=%?#&f64\x7f\xc3\xa4";
        let mut state = 0x9E37_79B9_7F4A_7C15u64;
        let mut random = |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 33) as usize % below
        };
        let mut taken = 0;
        let (mut key, mut room) = ([0; INLINE_KEY], KeyRoom::default());
        for _ in 0..200_000 {
            // Mostly of the alphabet, else none would be taken.
            let of = if random(4) == 0 { characters.len() } else { 8 };
            let text: Vec<u8> = (0..random(14)).map(|_| characters[random(of)]).collect();
            let mut text = String::from_utf8_lossy(&text).into_owned();
            text.push_str(["?f=b64", "=?f=b64", "==?f=b64", ""][random(4)]);
            if let Some(bytes) = of_fast_client(text.as_bytes(), &mut key) {
                assert_eq!(decode_any(&text).as_deref(), Ok(&key[..bytes]), "{text:?}");
                taken += 1;
            }
            assert_eq!(
                decode_in(&text, &mut room),
                decode(&text).as_deref().map_err(Clone::clone)
            );
        }
        assert!(taken > 10_000, "{taken}");
        for length in 0..=255 {
            let key: Vec<u8> = (0..length).collect();
            assert_eq!(decode(&encode(&key)).as_deref(), Ok(&key[..]));
            assert_eq!(decode_in(&encode(&key), &mut room), Ok(&key[..]));
            let is_short = key.len() < INLINE_KEY;
            let bytes = of_fast_client(encode(&key).as_bytes(), &mut [0; INLINE_KEY]);
            assert_eq!(bytes, is_short.then_some(key.len()));
        }
    }

    #[test]
    fn padding_is_optional_and_spare_bits_are_ignored() {
        assert_eq!(key("AA?f=b64"), [0]);
        assert_eq!(key("AAE?f=b64"), [0, 1]);
        assert_eq!(key("AB?f=b64"), [0]);
        assert_eq!(key("AAEAAQ?f=b64"), [0, 1, 0, 1]);
    }

    #[test]
    fn escapes_are_decoded_before_base64() {
        assert_eq!(key("AA%3D%3D?f=b64"), [0]);
        assert_eq!(key("AAE%3d?f=%6264"), [0, 1]);
    }

    #[test]
    fn any_other_format_is_the_path_itself() {
        assert_eq!(key("key"), b"key");
        assert_eq!(key("a%20b+c"), b"a b+c");
        assert_eq!(key("key?f=string"), b"key");
        assert_eq!(key("key?f=B64"), b"key");
        assert_eq!(key("key?f"), b"key");
        assert_eq!(key("key?g=b64"), b"key");
        assert_eq!(key("key#?f=b64"), b"key");
        assert_eq!(key("key?x#&f=b64"), b"key");
        assert_eq!(key("%C3%A4\u{e4}"), "\u{e4}\u{e4}".as_bytes());
        assert_eq!(key("%ff"), "\u{fffd}".as_bytes());
        assert_eq!(key(""), b"");
    }

    #[test]
    fn parameters_are_split_as_netty_does() {
        assert_eq!(key("AA?x=1&f=b64"), [0]);
        assert_eq!(key("AA?x=1;f=b64"), [0]);
        assert_eq!(key("AA?=f=b64"), [0]);
        assert_eq!(key("AA?f=b64&f=x"), [0]);
        assert_eq!(key("AA?f=x&f=b64"), b"AA");
        assert_eq!(key("AA?f=b64=x"), b"AA");
        assert_eq!(key("AA?f=b64+"), b"AA");
        assert_eq!(key("AA?&&f=b64&"), [0]);
    }

    #[test]
    fn what_is_no_utf8_is_replaced_as_in_java() {
        assert_eq!(key("%ff%41"), "\u{FFFD}A".as_bytes());
        assert_eq!(key("%ED%A0%80"), "\u{FFFD}".as_bytes());
        assert_eq!(key("a%ED%BF%BFb"), "a\u{FFFD}b".as_bytes());
        assert_eq!(key("%ED%A0"), "\u{FFFD}".as_bytes());
        assert_eq!(key("%ED%A0%41"), "\u{FFFD}A".as_bytes());
        assert_eq!(key("%ED%A0%80%ED%B0%80"), "\u{FFFD}\u{FFFD}".as_bytes());
        assert_eq!(key("%ED%9F%BF"), "\u{D7FF}".as_bytes());
        assert_eq!(key("%F4%90%80%80"), "\u{FFFD}".repeat(4).as_bytes());
        assert_eq!(key("%e2%82"), "\u{FFFD}".as_bytes());
    }

    #[test]
    fn bad_strings_are_refused_with_the_reason() {
        let text = |key_string: &str| decode(key_string).unwrap_err().to_string();
        assert_eq!(
            text("A?f=b64"),
            "key string \"A?f=b64\" is not base64url: its last group has one character only; send base64 of the alphabet for \
             URLs (RFC 4648, section 5), or the key itself without f=b64"
        );
        for bad in [
            "A===?f=b64",
            "AA=?f=b64",
            "AA=A?f=b64",
            "=?f=b64",
            "AAE==?f=b64",
            "====?f=b64",
        ] {
            assert!(decode(bad).is_err(), "{bad}");
        }
        assert_eq!(
            text("A/A+?f=b64"),
            "key string \"A/A+?f=b64\" is not base64url: it has a character outside A-Z a-z 0-9 - _; send base64 of the alphabet \
             for URLs (RFC 4648, section 5), or the key itself without f=b64"
        );
        assert_eq!(
            text("a%2"),
            "unterminated escape sequence at index 1 of key string \"a%2\""
        );
        assert_eq!(
            text("a%2g"),
            "invalid hex byte at index 2 of key string \"a%2g\""
        );
        assert!(decode("AA?f=b64&x=%").is_err());
        assert!(decode("a%2\u{e4}").is_err());
    }
}
