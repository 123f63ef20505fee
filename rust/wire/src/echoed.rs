//! What answers and logs repeat of a text that came from a client, or from code that is not ours.
//!
//! Such a text may have megabytes, while what it goes into may not: gRPC carries the text of a status
//! in a header, and a client whose limit for headers is passed ends the whole connection, with every
//! call on it (grpc-java: 8 KiB for all headers of an answer). So errors hold an [`Echoed`], never the
//! text itself, and what becomes an answer goes through [`bounded`] at the end.

use std::fmt;

/// Bytes of a text that are repeated.
pub const ECHOED_BYTES: usize = 200;

/// Bytes of the whole text of an answer: half of the least limit of a client's headers that is known
/// (8 KiB). Of `grpc-message` it counts the escaped form.
pub const MESSAGE_BYTES: usize = 4096;

/// Says that a text goes on.
const MORE: &str = "...";

/// The beginning of a text, and how long all of it is.
///
/// `{}` shows it as it is, `{:?}` in quotes and with escapes, at most six bytes for each of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Echoed {
    beginning: Box<str>,
    length: usize,
}

impl Echoed {
    /// The beginning of `text`, cut between two characters.
    pub fn new(text: &str) -> Echoed {
        Echoed {
            beginning: cut(text, ECHOED_BYTES).into(),
            length: text.len(),
        }
    }

    fn say_length(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.beginning.len();
        if shown == self.length {
            return Ok(());
        }
        write!(f, " (the first {shown} of {} bytes)", self.length)
    }
}

impl fmt::Display for Echoed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.beginning)?;
        self.say_length(f)
    }
}

impl fmt::Debug for Echoed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.beginning)?;
        self.say_length(f)
    }
}

/// `text` without what is behind its first [`MESSAGE_BYTES`] bytes.
pub fn bounded(mut text: String) -> String {
    if text.len() > MESSAGE_BYTES {
        text.truncate(cut(&text, MESSAGE_BYTES - MORE.len()).len());
        text.push_str(MORE);
    }
    text
}

/// Percent-encodes a text for `grpc-message`, up to [`MESSAGE_BYTES`] bytes: printable ASCII without
/// `%` stays, every other byte becomes `%XX`.
pub fn percent_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len().min(MESSAGE_BYTES));
    let mut utf8 = [0; 4];
    for character in text.chars() {
        let bytes = character.encode_utf8(&mut utf8).as_bytes();
        let plain = matches!(bytes, [b' '..=b'~']) && bytes != b"%";
        let length = if plain { 1 } else { 3 * bytes.len() };
        if encoded.len() + length > MESSAGE_BYTES - MORE.len() {
            encoded.push_str(MORE);
            break;
        }
        if plain {
            encoded.push(character);
            continue;
        }
        for byte in bytes {
            encoded.push('%');
            for digit in [byte >> 4, byte & 15] {
                encoded.push(char::from(b"0123456789ABCDEF"[usize::from(digit)]));
            }
        }
    }
    encoded
}

/// At most `most` bytes of `text`, up to the end of a character.
fn cut(text: &str, most: usize) -> &str {
    &text[..text.floor_char_boundary(most)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_texts_are_whole() {
        for text in ["", "a", &"x".repeat(ECHOED_BYTES)] {
            assert_eq!(Echoed::new(text).to_string(), text);
            assert_eq!(format!("{:?}", Echoed::new(text)), format!("{text:?}"));
        }
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let x = "x".repeat(ECHOED_BYTES - 1);
        // The character has two bytes, of which one would fit.
        let text = format!("{x}\u{e4}{x}");
        assert_eq!(
            Echoed::new(&text).to_string(),
            format!("{x} (the first 199 of 400 bytes)")
        );
        assert_eq!(
            format!("{:?}", Echoed::new(&text)),
            format!("\"{x}\" (the first 199 of 400 bytes)")
        );
    }

    #[test]
    fn quotes_and_escapes_have_a_bound() {
        for character in ['\0', '\u{7f}', '\u{ad}', '\u{10ffff}', '"', '\u{e4}'] {
            let text = character.to_string().repeat(9000);
            let length = format!("{:?}", Echoed::new(&text)).len();
            assert!(length <= 6 * ECHOED_BYTES + 40, "{character:?}: {length}");
        }
    }

    #[test]
    fn texts_of_answers_have_a_bound() {
        let most = "x".repeat(MESSAGE_BYTES);
        assert_eq!(bounded(most.clone()), most);
        let more = bounded(most + "y");
        assert_eq!(more.len(), MESSAGE_BYTES);
        assert!(more.ends_with("x..."));
        // Three bytes each, of which none is cut in two.
        let wide = bounded("\u{20ac}".repeat(MESSAGE_BYTES));
        assert!(wide.len() <= MESSAGE_BYTES && wide.ends_with("\u{20ac}..."));
    }

    #[test]
    fn status_texts_survive_as_headers() {
        assert_eq!(percent_encoded(""), "");
        assert_eq!(percent_encoded("a b"), "a b");
        assert_eq!(percent_encoded("100%\n\u{e4}"), "100%25%0A%C3%A4");
    }

    #[test]
    fn status_texts_are_bounded_as_headers() {
        let most = "x".repeat(MESSAGE_BYTES - MORE.len());
        assert_eq!(percent_encoded(&most), most);
        for character in ['x', '%', '\n', '\u{e4}', '\u{20ac}', '\u{1f600}'] {
            let encoded = percent_encoded(&character.to_string().repeat(MESSAGE_BYTES + 1));
            assert!(encoded.len() <= MESSAGE_BYTES, "{}", encoded.len());
            let one = percent_encoded(&character.to_string());
            let whole = encoded.strip_suffix(MORE).unwrap();
            assert_eq!(whole, one.repeat(whole.len() / one.len()));
        }
    }
}
