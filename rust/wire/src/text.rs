//! Strings of messages, which are looked up and decoded as bytes, and seldom read as text.
// #[HotPath]

use std::fmt;

/// A string as its bytes, which are UTF-8. `str::from_utf8` looks at short strings byte by byte, for some hundred
/// instructions each; that all bytes are ASCII is found for a tenth of that, and the bytes are all that a request
/// needs that succeeds.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Text<'a>(&'a [u8]);

impl<'a> Text<'a> {
    /// None if the bytes are not UTF-8.
    #[inline]
    pub fn new(bytes: &'a [u8]) -> Option<Text<'a>> {
        (is_ascii(bytes) || is_utf8(bytes)).then_some(Text(bytes))
    }

    /// Its bytes.
    #[inline]
    pub fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// As Rust's own string, for which each byte is looked at again: for errors, and for what is rare.
    pub fn as_str(self) -> &'a str {
        std::str::from_utf8(self.0).unwrap_or_default()
    }

    /// Bytes of it.
    #[inline]
    pub fn len(self) -> usize {
        self.0.len()
    }

    /// Whether it has none.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }
}

/// As the method of slices, which is made for long ones.
#[inline]
fn is_ascii(bytes: &[u8]) -> bool {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let (words, rest) = bytes.as_chunks::<8>();
    let mut all = 0;
    for word in words {
        all |= u64::from_le_bytes(*word);
    }
    match bytes.last_chunk::<8>() {
        // Some of its bytes for the second time.
        Some(last) => all |= u64::from_le_bytes(*last),
        None => rest.iter().for_each(|&byte| all |= u64::from(byte)),
    }
    all & HIGH == 0
}

#[cold]
fn is_utf8(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok()
}

impl<'a> From<&'a str> for Text<'a> {
    #[inline]
    fn from(text: &'a str) -> Text<'a> {
        Text(text.as_bytes())
    }
}

impl<'a> From<&'a String> for Text<'a> {
    fn from(text: &'a String) -> Text<'a> {
        Text(text.as_bytes())
    }
}

impl AsRef<[u8]> for Text<'_> {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        self.0
    }
}

impl PartialEq<&str> for Text<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of every length around the steps in which bytes are looked at, with what is no ASCII at each place.
    #[test]
    fn a_text_is_what_a_string_is() {
        for length in 0..70 {
            let ascii = vec![b'a'; length];
            let text = Text::new(&ascii).unwrap();
            assert_eq!(text.as_str().as_bytes(), ascii);
            assert_eq!((text.len(), text.is_empty()), (length, length == 0));
            for at in 0..length {
                for (bytes, is_text) in [
                    (&[0xFF][..], false),
                    (&[0x80], false),
                    (&[0xC3, 0xA4], true),
                    (&[0xED, 0xA0, 0x80], false),
                    (&[0xF0, 0x9F, 0x98, 0x80], true),
                ] {
                    let mut other = ascii.clone();
                    other.splice(at..at + 1, bytes.iter().copied());
                    let text = Text::new(&other);
                    assert_eq!(text.is_some(), is_text, "{other:?}");
                    assert_eq!(text.map(Text::as_str), std::str::from_utf8(&other).ok());
                }
            }
        }
    }
}
