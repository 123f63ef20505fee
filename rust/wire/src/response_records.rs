//! The values of a batch: a run of Avro records `MultiGetResponseRecordV1` (`int keyIndex`, `bytes
//! value`, `int schemaId`), without count, header or separator.
// #[HotPath]

use crate::varint::{unzigzag, unzigzag64, varint, varint_len, zigzag};

/// `StreamingConstants.NON_EXISTING_KEY_SCHEMA_ID`: marks the record of a missing key.
pub const NON_EXISTING_KEY_SCHEMA_ID: i32 = -1000;

/// The zig-zag form of a length, which is not negative.
#[inline]
fn zigzag_length(length: usize) -> u64 {
    length as u64 * 2
}

/// Bytes of the record of a value of `length` bytes.
#[inline]
pub fn found_len(key_index: i32, length: usize, schema_id: i32) -> usize {
    let numbers = [
        u64::from(zigzag(key_index)),
        zigzag_length(length),
        u64::from(zigzag(schema_id)),
    ];
    numbers.map(varint_len).iter().sum::<usize>() + length
}

/// Appends the record of a value of `length` bytes, which `value` appends.
#[inline]
pub fn put_found(
    out: &mut Vec<u8>,
    key_index: i32,
    length: usize,
    schema_id: i32,
    value: impl FnOnce(&mut Vec<u8>),
) {
    varint(out, zigzag(key_index).into());
    varint(out, zigzag_length(length));
    value(out);
    varint(out, zigzag(schema_id).into());
}

/// Bytes of the record of a missing key.
#[inline]
pub fn missing_len(key_index: i32) -> usize {
    found_len(key_index.wrapping_neg(), 0, NON_EXISTING_KEY_SCHEMA_ID)
}

/// Appends the record of a missing key: negated index, empty value, schema id -1000. For streaming
/// requests only: a client that did not ask for these records never ends its request when it gets one.
#[inline]
pub fn put_missing(out: &mut Vec<u8>, key_index: i32) {
    let key_index = key_index.wrapping_neg();
    put_found(out, key_index, 0, NON_EXISTING_KEY_SCHEMA_ID, |_| {});
}

/// A record, borrowed from `data`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// `keyIndex` of the request; negated if the key is missing.
    pub key_index: i32,
    /// The value, compressed as the store version is.
    pub value: &'a [u8],
    /// Writer schema of the value, or [`NON_EXISTING_KEY_SCHEMA_ID`].
    pub schema_id: i32,
}

/// The bytes are no run of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("response record {record} is cut off or has a malformed number")]
pub struct RecordError {
    /// Zero-based number of the record.
    pub record: usize,
}

/// Decodes records to their end.
pub fn decode(mut data: &[u8]) -> impl Iterator<Item = Result<Record<'_>, RecordError>> {
    let mut record = 0;
    std::iter::from_fn(move || {
        if data.is_empty() {
            return None;
        }
        let taken = take_record(&mut data).ok_or(RecordError { record });
        record += 1;
        if taken.is_err() {
            data = &[];
        }
        Some(taken)
    })
}

fn take_record<'a>(data: &mut &'a [u8]) -> Option<Record<'a>> {
    let key_index = unzigzag(take_varint(data)? as u32);
    let length = usize::try_from(unzigzag64(take_varint(data)?)).ok()?;
    let (value, rest) = data.split_at_checked(length)?;
    *data = rest;
    Some(Record {
        key_index,
        value,
        schema_id: unzigzag(take_varint(data)? as u32),
    })
}

fn take_varint(data: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = data.split_first()?;
        *data = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut data = Vec::new();
        let value = vec![7; 300];
        put_found(&mut data, 64, value.len(), -1, |out| {
            out.extend_from_slice(&value)
        });
        assert_eq!(data.len(), found_len(64, value.len(), -1));
        let found = data.len();
        put_missing(&mut data, 5);
        assert_eq!(data.len() - found, missing_len(5));
        let records: Vec<_> = decode(&data).map(Result::unwrap).collect();
        let record = |key_index, value, schema_id| Record {
            key_index,
            value,
            schema_id,
        };
        let missing = record(-5, &[], NON_EXISTING_KEY_SCHEMA_ID);
        assert_eq!(records, [record(64, &value, -1), missing]);
    }

    #[test]
    fn what_is_cut_off_is_an_error_and_the_end() {
        let mut data = Vec::new();
        put_missing(&mut data, 1);
        put_found(&mut data, 2, 3, 1, |out| out.extend_from_slice(b"abc"));
        for cut in missing_len(1) + 1..data.len() {
            let read: Vec<_> = decode(&data[..cut]).collect();
            assert_eq!(read.len(), 2);
            assert_eq!(read[1], Err(RecordError { record: 1 }));
        }
        let endless = [0xFF; 11];
        assert_eq!(
            decode(&endless).last(),
            Some(Err(RecordError { record: 0 }))
        );
        // A length below zero.
        assert_eq!(decode(&[0, 1]).last(), Some(Err(RecordError { record: 0 })));
    }
}
