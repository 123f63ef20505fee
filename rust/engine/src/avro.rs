//! Avro binary, as much as Venice's own records need: decoding without a schema, in place.
//!
//! Bytes come from files, so nothing about them is believed: every length is checked against what
//! is left, before anything is allocated or skipped.

/// Why bytes are not the record they should be. Positions count bytes from the start of the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AvroError {
    #[error("ends at byte {0}, inside {1}")]
    Truncated(usize, &'static str),
    #[error("number at byte {0} is longer than its type")]
    LongNumber(usize),
    #[error("{1} at byte {0} has the length {2}")]
    BadLength(usize, &'static str, i64),
    #[error("union at byte {0} has no branch {1}")]
    BadBranch(usize, i64),
    #[error("boolean at byte {0} is {1}")]
    BadBoolean(usize, u8),
}

/// Reads one value after the other.
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes, at: 0 }
    }

    fn take(&mut self, length: usize, what: &'static str) -> Result<&'a [u8], AvroError> {
        match self.bytes[self.at..].get(..length) {
            Some(taken) => {
                self.at += length;
                Ok(taken)
            }
            None => Err(AvroError::Truncated(self.bytes.len(), what)),
        }
    }

    /// Variable length, low seven bits first, zig-zag.
    pub(crate) fn long(&mut self) -> Result<i64, AvroError> {
        let start = self.at;
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.take(1, "a number")?[0];
            // The tenth byte has one bit left; Java's decoder drops the others as well.
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok((value >> 1) as i64 ^ -((value & 1) as i64));
            }
        }
        Err(AvroError::LongNumber(start))
    }

    pub(crate) fn int(&mut self) -> Result<i32, AvroError> {
        let start = self.at;
        i32::try_from(self.long()?).map_err(|_| AvroError::LongNumber(start))
    }

    pub(crate) fn boolean(&mut self) -> Result<bool, AvroError> {
        match self.take(1, "a boolean")?[0] {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(AvroError::BadBoolean(self.at - 1, other)),
        }
    }

    /// A length, which is no more than the bytes left: each thing counted has at least `least`
    /// bytes.
    fn length(&mut self, what: &'static str, least: usize) -> Result<usize, AvroError> {
        let start = self.at;
        let length = self.long()?;
        let bad = AvroError::BadLength(start, what, length);
        let length = usize::try_from(length).map_err(|_| bad)?;
        let left = self.bytes.len() - self.at;
        match length.checked_mul(least) {
            Some(bytes) if bytes <= left => Ok(length),
            _ => Err(bad),
        }
    }

    /// `bytes` and `string` look the same.
    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], AvroError> {
        let length = self.length("bytes", 1)?;
        self.take(length, "bytes")
    }

    /// The branch of a union of `["null", something]`: true for something.
    pub(crate) fn optional(&mut self) -> Result<bool, AvroError> {
        let start = self.at;
        match self.long()? {
            0 => Ok(false),
            1 => Ok(true),
            other => Err(AvroError::BadBranch(start, other)),
        }
    }

    /// Calls `item` for each item of an array; it reads at least one byte.
    pub(crate) fn array<E: From<AvroError>>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<(), E>,
    ) -> Result<(), E> {
        loop {
            let start = self.at;
            let mut count = self.long()?;
            if count < 0 {
                // A block with its size in bytes, for readers that skip.
                self.length("array block", 1)?;
                count = count
                    .checked_neg()
                    .ok_or(AvroError::BadLength(start, "array", count))?;
            }
            if count == 0 {
                return Ok(());
            }
            if count > (self.bytes.len() - self.at) as i64 {
                return Err(AvroError::BadLength(start, "array", count).into());
            }
            for _ in 0..count {
                item(self)?;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        assert_eq!(Reader::new(&[0x0A]).int(), Ok(5));
        assert_eq!(Reader::new(&[0x01]).int(), Ok(-1));
        assert_eq!(
            Reader::new(&[0xFF, 0xFF, 0xFF, 0xFF, 0x0F]).int(),
            Ok(i32::MIN)
        );
        assert_eq!(
            Reader::new(&[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]).long(),
            Ok(i64::MIN)
        );
        assert_eq!(
            Reader::new(&[0x80; 11]).long(),
            Err(AvroError::LongNumber(0))
        );
        assert_eq!(
            Reader::new(&[0x80, 0x80, 0x80, 0x80, 0x10]).int(),
            Err(AvroError::LongNumber(0))
        );
        assert_eq!(
            Reader::new(&[0x80]).long(),
            Err(AvroError::Truncated(1, "a number"))
        );
    }

    #[test]
    fn lengths_are_not_believed() {
        assert_eq!(Reader::new(&[0x04, 1, 2]).bytes(), Ok(&[1u8, 2][..]));
        assert_eq!(
            Reader::new(&[0x06, 1, 2]).bytes(),
            Err(AvroError::BadLength(0, "bytes", 3))
        );
        assert_eq!(
            Reader::new(&[0x01, 1]).bytes(),
            Err(AvroError::BadLength(0, "bytes", -1))
        );
        let huge = [0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01];
        assert_eq!(
            Reader::new(&huge).bytes(),
            Err(AvroError::BadLength(0, "bytes", i64::MAX))
        );
    }

    #[test]
    fn arrays_in_blocks_with_and_without_size() {
        let read = |bytes| {
            let mut items = Vec::new();
            Reader::new(bytes)
                .array(|reader| {
                    items.push(reader.int()?);
                    Ok::<_, AvroError>(())
                })
                .map(|()| items)
        };
        assert_eq!(read(&[0x04, 0x02, 0x04, 0x00]), Ok(vec![1, 2]));
        assert_eq!(
            read(&[0x03, 0x04, 0x02, 0x04, 0x02, 0x06, 0x00]),
            Ok(vec![1, 2, 3])
        );
        assert_eq!(read(&[0x00]), Ok(vec![]));
        assert_eq!(
            read(&[0x7E, 0x00]),
            Err(AvroError::BadLength(0, "array", 63))
        );
        let least = [
            0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01, 0x00,
        ];
        assert_eq!(
            read(&least),
            Err(AvroError::BadLength(0, "array", i64::MIN))
        );
    }

    #[test]
    fn unions_and_booleans() {
        assert_eq!(Reader::new(&[0x02]).optional(), Ok(true));
        assert_eq!(
            Reader::new(&[0x04]).optional(),
            Err(AvroError::BadBranch(0, 2))
        );
        assert_eq!(
            Reader::new(&[0x02]).boolean(),
            Err(AvroError::BadBoolean(0, 2))
        );
    }
}
