//! `keyBytes`: the keys of a batch get, a plain run of Avro records `MultiGetRouterRequestKeyV1`
//! (`int keyIndex`, `bytes keyBytes`, `int partitionId`) without count, header or separator.
//!
//! Keys are decoded in place. The number rules are those of Avro's `BinaryDecoder`: an int has at
//! most five bytes, a long at most ten, both zig-zag; a length is not negative.
// #[HotPath]

use crate::varint::{unzigzag, unzigzag64, varint, zigzag};

/// Bytes of the shortest record: an index, an empty key, and a partition, each below 64.
pub const MIN_RECORD: usize = 3;

/// The keys of one batch, in the order of the request.
#[derive(Debug)]
pub struct Batch<K> {
    /// `keyIndex` of each key: the answer echoes it and nothing here looks at it.
    pub key_indexes: Vec<i32>,
    /// What was made of partition and bytes of each key.
    pub keys: Vec<K>,
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

impl<K> Batch<K> {
    /// Decodes `keyBytes` to its end, or to the key that is one too many; `make` makes of partition and
    /// bytes what is kept of a key.
    #[inline]
    pub fn decode<'a>(
        key_bytes: &'a [u8],
        most_keys: usize,
        mut make: impl FnMut(i32, &'a [u8]) -> K,
    ) -> Result<Batch<K>, BatchError> {
        let mut batch = Batch {
            key_indexes: Vec::new(),
            keys: Vec::new(),
        };
        records(key_bytes, most_keys, |key_index, partition, key, end| {
            if batch.keys.is_empty() {
                // Keys of a store are about equally long, so the first says how many there are: one
                // allocation instead of one for each doubling.
                let about = (key_bytes.len() / end + 1).min(most_keys);
                batch.key_indexes.reserve(about);
                batch.keys.reserve(about);
            }
            batch.key_indexes.push(key_index);
            batch.keys.push(make(partition, key));
        })?;
        Ok(batch)
    }
}

/// How many keys [`Batch::decode`] finds, with the same errors; nothing is kept of them.
#[inline]
pub fn count(key_bytes: &[u8], most_keys: usize) -> Result<usize, BatchError> {
    records(key_bytes, most_keys, |_, _, _, _| {})
}

/// Appends the record of a key.
pub fn put_key(out: &mut Vec<u8>, key_index: i32, partition: i32, key: &[u8]) {
    varint(out, zigzag(key_index).into());
    // The zig-zag form of a length, which is not negative.
    varint(out, 2 * key.len() as u64);
    out.extend_from_slice(key);
    varint(out, zigzag(partition).into());
}

/// Hands `keyIndex`, partition, key and the end of each record to `each`, and returns how many there
/// are.
#[inline(always)]
fn records<'a>(
    key_bytes: &'a [u8],
    most_keys: usize,
    mut each: impl FnMut(i32, i32, &'a [u8], usize),
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
        each(key_index, partition, key, avro.at);
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

    #[cold]
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

    #[inline]
    fn int(&mut self) -> Result<i32, BatchError> {
        Ok(unzigzag(self.varint(5)? as u32))
    }

    #[inline]
    fn bytes(&mut self) -> Result<&'a [u8], BatchError> {
        let length = unzigzag64(self.varint(10)?);
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

    /// Index, partition and bytes of each key.
    fn decoded(key_bytes: &[u8]) -> Vec<(i32, i32, Vec<u8>)> {
        let batch =
            Batch::decode(key_bytes, 3, |partition, key| (partition, key.to_vec())).unwrap();
        assert_eq!(count(key_bytes, 3), Ok(batch.keys.len()));
        let keys = batch.key_indexes.into_iter().zip(batch.keys);
        keys.map(|(index, (partition, key))| (index, partition, key))
            .collect()
    }

    fn error_of(key_bytes: &[u8], most_keys: usize) -> BatchError {
        let error = Batch::decode(key_bytes, most_keys, |_, _| ()).unwrap_err();
        assert_eq!(count(key_bytes, most_keys), Err(error));
        error
    }

    #[test]
    fn what_is_written_is_read() {
        let keys = [
            (0, 5, vec![1, 2]),
            (i32::MAX, i32::MIN, vec![]),
            (-1, -1, vec![9; 100]),
        ];
        let mut key_bytes = Vec::new();
        for (index, partition, key) in &keys {
            put_key(&mut key_bytes, *index, *partition, key);
        }
        assert_eq!(decoded(&key_bytes), keys);
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
        assert_eq!(count(&records, 3), Ok(3));
        assert_eq!(error_of(&records, 2), BatchError::TooManyKeys { limit: 2 });
        // What is wrong before it is still said.
        assert_eq!(
            error_of(&[0, 0, 0, 0], 1),
            BatchError::Truncated { record: 1, at: 4 }
        );
    }

    #[test]
    fn hostile_bytes_are_refused() {
        let error = |key_bytes: &[u8]| error_of(key_bytes, usize::MAX);
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
