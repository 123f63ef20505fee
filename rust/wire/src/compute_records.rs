//! The answer to a compute request: a run of Avro records `ComputeResponseRecordV1` (`int keyIndex`, `bytes value`),
//! without count, header or separator. A value is a record of the result schema that the request brought.
// #[HotPath]

use crate::varint::{unzigzag, unzigzag64, varint, varint_len, zigzag};

/// Bytes of the record of a key whose value has `length` bytes.
#[inline]
pub fn computed_len(key_index: i32, length: usize) -> usize {
    varint_len(zigzag(key_index).into()) + varint_len(2 * length as u64) + length
}

/// Appends the record of a key that was found.
#[inline]
pub fn put_computed(out: &mut Vec<u8>, key_index: i32, value: &[u8]) {
    varint(out, zigzag(key_index).into());
    // The zig-zag form of a length, which is not negative.
    varint(out, 2 * value.len() as u64);
    out.extend_from_slice(value);
}

/// Appends the record of a missing key: negated index, empty value. For streaming requests only.
#[inline]
pub fn put_not_computed(out: &mut Vec<u8>, key_index: i32) {
    put_computed(out, key_index.wrapping_neg(), &[]);
}

/// A record, borrowed from the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Computed<'a> {
    /// `keyIndex` of the request; negated if the key is missing.
    pub key_index: i32,
    /// A record of the result schema; empty if the key is missing.
    pub value: &'a [u8],
}

/// Why an answer is no run of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the compute answer has no whole record at byte {at}")]
pub struct ComputedError {
    /// Where the record begins.
    pub at: usize,
}

/// The records of an answer; the first that is not whole is the last.
pub fn decode(answer: &[u8]) -> impl Iterator<Item = Result<Computed<'_>, ComputedError>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        if at >= answer.len() {
            return None;
        }
        let start = at;
        let record = record(answer, &mut at);
        if record.is_none() {
            at = answer.len();
        }
        Some(record.ok_or(ComputedError { at: start }))
    })
}

fn number(answer: &[u8], at: &mut usize, longest: u32) -> Option<u64> {
    let mut value = 0u64;
    for index in 0..longest {
        let byte = *answer.get(*at)?;
        *at += 1;
        value |= u64::from(byte & 0x7f) << (7 * index);
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

fn record<'a>(answer: &'a [u8], at: &mut usize) -> Option<Computed<'a>> {
    let key_index = unzigzag(number(answer, at, 5)? as u32);
    let length = usize::try_from(unzigzag64(number(answer, at, 10)?)).ok()?;
    let value = answer[*at..].get(..length)?;
    *at += length;
    Some(Computed { key_index, value })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut answer = Vec::new();
        put_computed(&mut answer, 3, &[1, 2]);
        assert_eq!(answer.len(), computed_len(3, 2));
        put_not_computed(&mut answer, 4);
        put_not_computed(&mut answer, 0);
        put_not_computed(&mut answer, i32::MIN);
        let records: Vec<(i32, &[u8])> = decode(&answer)
            .map(|record| record.map(|record| (record.key_index, record.value)))
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(
            records,
            [(3, &[1u8, 2][..]), (-4, &[]), (0, &[]), (i32::MIN, &[])]
        );
    }

    #[test]
    fn what_is_cut_off_is_said_once() {
        let mut answer = Vec::new();
        put_computed(&mut answer, 3, &[1, 2]);
        let end = answer.len();
        put_computed(&mut answer, 300, &[1, 2]);
        for cut in end + 1..answer.len() {
            let records: Vec<_> = decode(&answer[..cut]).collect();
            assert_eq!(records.len(), 2);
            assert_eq!(records[1], Err(ComputedError { at: end }));
        }
    }
}
