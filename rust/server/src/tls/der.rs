//! DER, as far as key stores need it: definite lengths, tags of one byte.

/// Why bytes are not the DER that was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DerError {
    #[error("it ends in the middle of a value")]
    Truncated,
    #[error("a value has a length of indefinite form (BER); write the file as DER")]
    Indefinite,
    #[error("a value with tag 0x{found:02X} stands where 0x{expected:02X} is expected")]
    Unexpected { expected: u8, found: u8 },
    #[error("a number is negative or too large")]
    Number,
}

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const BMP_STRING: u8 = 0x1E;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
/// `[0]` and `[1]` around a value.
pub(crate) const CONTEXT_0: u8 = 0xA0;
pub(crate) const CONTEXT_1: u8 = 0xA1;
/// `[0]` in place of the tag of an octet string.
pub(crate) const CONTEXT_0_PRIMITIVE: u8 = 0x80;

/// A run of values, read one after the other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Der<'a> {
        Der(bytes)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Tag of the next value, if there is one.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// The next value: its tag and its contents.
    pub(crate) fn any(&mut self) -> Result<(u8, &'a [u8]), DerError> {
        let [tag, first, rest @ ..] = self.0 else {
            return Err(DerError::Truncated);
        };
        let (length, rest) = match first {
            0x80 => return Err(DerError::Indefinite),
            0x00..=0x7F => (usize::from(*first), rest),
            _ => {
                let size = usize::from(first & 0x7F);
                if size > 4 {
                    return Err(DerError::Truncated);
                }
                let (bytes, rest) = rest.split_at_checked(size).ok_or(DerError::Truncated)?;
                let length = bytes
                    .iter()
                    .fold(0, |length, byte| length << 8 | usize::from(*byte));
                (length, rest)
            }
        };
        let (contents, rest) = rest.split_at_checked(length).ok_or(DerError::Truncated)?;
        self.0 = rest;
        Ok((*tag, contents))
    }

    /// The contents of the next value, which has this tag.
    pub(crate) fn value(&mut self, expected: u8) -> Result<&'a [u8], DerError> {
        match self.any()? {
            (tag, contents) if tag == expected => Ok(contents),
            (found, _) => Err(DerError::Unexpected { expected, found }),
        }
    }

    /// The values in the next value, which has this tag.
    pub(crate) fn nested(&mut self, expected: u8) -> Result<Der<'a>, DerError> {
        self.value(expected).map(Der)
    }

    pub(crate) fn number(&mut self) -> Result<u32, DerError> {
        let bytes = self.value(INTEGER)?;
        let digits = match bytes {
            [0, rest @ ..] => rest,
            [first, ..] if *first < 0x80 => bytes,
            _ => return Err(DerError::Number),
        };
        if digits.len() > 4 {
            return Err(DerError::Number);
        }
        Ok(digits
            .iter()
            .fold(0, |number, byte| number << 8 | u32::from(*byte)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_follow_each_other() {
        let mut der = Der::new(&[0x30, 3, 0x02, 1, 5, 0x04, 0x81, 1, 9, 0x02, 2, 0, 0x80]);
        assert_eq!(der.nested(SEQUENCE).unwrap().number(), Ok(5));
        assert_eq!(der.value(OCTET_STRING), Ok(&[9][..]));
        assert_eq!(der.number(), Ok(128));
        assert!(der.is_empty());
    }

    #[test]
    fn broken_values_are_refused() {
        let any = |bytes: &[u8]| Der::new(bytes).any().map(|_| ());
        assert_eq!(any(&[]), Err(DerError::Truncated));
        assert_eq!(any(&[0x30]), Err(DerError::Truncated));
        assert_eq!(any(&[0x30, 2, 0]), Err(DerError::Truncated));
        assert_eq!(any(&[0x30, 0x82, 1]), Err(DerError::Truncated));
        assert_eq!(
            any(&[0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF, 0]),
            Err(DerError::Truncated)
        );
        assert_eq!(any(&[0x30, 0x89]), Err(DerError::Truncated));
        assert_eq!(any(&[0x30, 0x80, 0, 0]), Err(DerError::Indefinite));
        assert_eq!(
            Der::new(&[0x04, 0]).value(SEQUENCE),
            Err(DerError::Unexpected {
                expected: SEQUENCE,
                found: OCTET_STRING
            })
        );
        assert_eq!(Der::new(&[0x02, 1, 0xFF]).number(), Err(DerError::Number));
        assert_eq!(
            Der::new(&[0x02, 5, 1, 0, 0, 0, 0]).number(),
            Err(DerError::Number)
        );
        assert_eq!(Der::new(&[0x02, 0]).number(), Err(DerError::Number));
    }
}
