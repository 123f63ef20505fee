//! `keyBytes`: the keys of a batch get, a plain run of Avro records `MultiGetRouterRequestKeyV1`
//! (`int keyIndex`, `bytes keyBytes`, `int partitionId`) without count, header or separator.
//!
//! Keys are decoded in place. The number rules are those of Avro's `BinaryDecoder`: an int has at
//! most five bytes, a long at most ten, both zig-zag; a length is not negative.
// #[HotPath]

use venice_engine::Key;

/// Bytes of the shortest record: an index, an empty key, and a partition, each below 64.
pub(crate) const MIN_RECORD: usize = 3;

/// The keys of one batch, in the order of the request.
#[derive(Debug, Default)]
pub struct Batch<'a> {
    /// `keyIndex` of each key: the answer echoes it and nothing here looks at it.
    pub key_indexes: Vec<i32>,
    /// Partition and key bytes of each key.
    pub keys: Vec<Key<'a>>,
}

/// Why `keyBytes` is no run of key records. Positions count bytes of `keyBytes`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BatchError {
    /// The bytes end inside a record.
    #[error("key record {record} is cut off: keyBytes ends at byte {at}")]
    Truncated {
        /// Zero-based number of the record.
        record: usize,
        /// Length of `keyBytes`.
        at: usize,
    },
    /// A number goes on for longer than its type allows.
    #[error("key record {record} has a malformed number at byte {at}")]
    MalformedNumber {
        /// Zero-based number of the record.
        record: usize,
        /// Where the number should have ended.
        at: usize,
    },
    /// A key of less than no bytes.
    #[error("key record {record} has a key of negative length {length}")]
    NegativeLength {
        /// Zero-based number of the record.
        record: usize,
        /// The length as read.
        length: i64,
    },
    /// More keys than one request may have.
    #[error("batch of more than {limit} keys")]
    TooManyKeys {
        /// Keys that a batch may have.
        limit: usize,
    },
}

impl<'a> Batch<'a> {
    /// Decodes `keyBytes` to its end, or to the key that is one too many.
    pub fn decode(key_bytes: &'a [u8], most_keys: usize) -> Result<Batch<'a>, BatchError> {
        let mut batch = Batch::default();
        records(key_bytes, most_keys, |key_index, key, end| {
            if batch.keys.is_empty() {
                // Keys of a store are about equally long, so the first says how many there are: one
                // allocation instead of one for each doubling.
                let about = (key_bytes.len() / end + 1).min(most_keys);
                batch.key_indexes.reserve(about);
                batch.keys.reserve(about);
            }
            batch.key_indexes.push(key_index);
            batch.keys.push(key);
        })?;
        Ok(batch)
    }

    /// How many keys [`Batch::decode`] finds, with the same errors; nothing is kept of them.
    pub fn count(key_bytes: &'a [u8], most_keys: usize) -> Result<usize, BatchError> {
        records(key_bytes, most_keys, |_, _, _| {})
    }
}

/// Hands `keyIndex`, key and the end of each record to `each`, and returns how many there are.
#[inline(always)]
fn records<'a>(
    key_bytes: &'a [u8],
    most_keys: usize,
    mut each: impl FnMut(i32, Key<'a>, usize),
) -> Result<usize, BatchError> {
    let mut avro = Avro {
        bytes: key_bytes,
        at: 0,
        record: 0,
    };
    while avro.at < key_bytes.len() {
        let key_index = avro.int()?;
        let key = avro.bytes()?;
        let partition = avro.int()?;
        if avro.record == most_keys {
            return Err(BatchError::TooManyKeys { limit: most_keys });
        }
        each(key_index, Key { partition, key }, avro.at);
        avro.record += 1;
    }
    Ok(avro.record)
}

struct Avro<'a> {
    bytes: &'a [u8],
    at: usize,
    record: usize,
}

impl<'a> Avro<'a> {
    #[inline]
    fn varint(&mut self, longest: u32) -> Result<u64, BatchError> {
        // Most numbers are small.
        match self.bytes.get(self.at) {
            Some(&byte) if byte < 0x80 => {
                self.at += 1;
                Ok(byte.into())
            }
            _ => self.long_varint(longest),
        }
    }

    fn long_varint(&mut self, longest: u32) -> Result<u64, BatchError> {
        let mut value = 0u64;
        for index in 0..longest {
            let Some(byte) = self.bytes.get(self.at) else {
                return Err(BatchError::Truncated {
                    record: self.record,
                    at: self.at,
                });
            };
            self.at += 1;
            // What the last byte has beyond the type's bits is dropped, as Java's shift does.
            value |= u64::from(byte & 0x7f) << (7 * index);
            if *byte < 0x80 {
                return Ok(value);
            }
        }
        Err(BatchError::MalformedNumber {
            record: self.record,
            at: self.at,
        })
    }

    fn int(&mut self) -> Result<i32, BatchError> {
        let value = self.varint(5)? as u32;
        Ok((value >> 1) as i32 ^ -((value & 1) as i32))
    }

    fn bytes(&mut self) -> Result<&'a [u8], BatchError> {
        let value = self.varint(10)?;
        let length = (value >> 1) as i64 ^ -((value & 1) as i64);
        if length < 0 {
            return Err(BatchError::NegativeLength {
                record: self.record,
                length,
            });
        }
        let rest = &self.bytes[self.at..];
        match usize::try_from(length) {
            Ok(length) if length <= rest.len() => {
                self.at += length;
                Ok(&rest[..length])
            }
            _ => Err(BatchError::Truncated {
                record: self.record,
                at: self.bytes.len(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(key_bytes: &[u8]) -> Vec<(i32, i32, Vec<u8>)> {
        let batch = Batch::decode(key_bytes, 3).unwrap();
        assert_eq!(Batch::count(key_bytes, 3), Ok(batch.keys.len()));
        let keys = batch
            .keys
            .iter()
            .map(|key| (key.partition, key.key.to_vec()));
        batch
            .key_indexes
            .iter()
            .zip(keys)
            .map(|(index, (p, key))| (*index, p, key))
            .collect()
    }

    #[test]
    fn the_example_of_the_wire_format() {
        assert_eq!(
            decoded(&[0x00, 0x04, 0x01, 0x02, 0x0A]),
            [(0, 5, vec![1, 2])]
        );
    }

    #[test]
    fn records_follow_each_other() {
        assert_eq!(decoded(&[]), []);
        assert_eq!(
            decoded(&[
                0x02, 0x00, 0x01, 0xFE, 0xFF, 0xFF, 0xFF, 0x0F, 0x02, 9, 0xFF, 0xFF, 0xFF, 0xFF,
                0x0F
            ]),
            [(1, -1, vec![]), (i32::MAX, i32::MIN, vec![9])]
        );
    }

    #[test]
    fn one_key_too_many_is_refused() {
        let records = [0, 0, 0].repeat(3);
        assert_eq!(Batch::decode(&records, 3).unwrap().keys.len(), 3);
        assert_eq!(
            Batch::decode(&records, 2).unwrap_err(),
            BatchError::TooManyKeys { limit: 2 }
        );
        // What is wrong before it is still said.
        assert_eq!(
            Batch::decode(&[0, 0, 0, 0], 1).unwrap_err(),
            BatchError::Truncated { record: 1, at: 4 }
        );
    }

    #[test]
    fn hostile_bytes_are_refused() {
        let error = |key_bytes: &[u8]| {
            let error = Batch::decode(key_bytes, usize::MAX).unwrap_err();
            assert_eq!(Batch::count(key_bytes, usize::MAX), Err(error));
            error
        };
        assert_eq!(error(&[0x00]), BatchError::Truncated { record: 0, at: 1 });
        assert_eq!(
            error(&[0x00, 0x04, 0x01]),
            BatchError::Truncated { record: 0, at: 3 }
        );
        assert_eq!(
            error(&[0x00, 0x00, 0x00, 0x80]),
            BatchError::Truncated { record: 1, at: 4 }
        );
        assert_eq!(
            error(&[0xFF; 6]),
            BatchError::MalformedNumber { record: 0, at: 5 }
        );
        assert_eq!(
            error(&[0x00, 0x01, 0x00]),
            BatchError::NegativeLength {
                record: 0,
                length: -1
            }
        );
        let mut longest = vec![0x00];
        longest.extend([0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01]);
        assert_eq!(error(&longest), BatchError::Truncated { record: 0, at: 11 });
        assert_eq!(
            error(&[&[0x00], &[0xFF; 11][..]].concat()),
            BatchError::MalformedNumber { record: 0, at: 11 }
        );
    }
}
