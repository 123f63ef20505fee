//! A value as it lies in RocksDB: in one record, or in chunks.
// #[HotPath]

use bytes::BufMut;

use crate::chunk::Chunks;

/// Bytes of the schema id in front of every record (`ValueRecord.SCHEMA_HEADER_LENGTH`).
pub(crate) const SCHEMA_HEADER: usize = 4;

/// A found value, still compressed if the store version is, in RocksDB's own memory.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    schema_id: i32,
    payload: Payload<'a>,
}

#[derive(Clone, Copy)]
enum Payload<'a> {
    Whole(&'a [u8]),
    Chunks(&'a Chunks<'a>),
}

impl<'a> Value<'a> {
    pub(crate) fn whole(schema_id: i32, payload: &'a [u8]) -> Value<'a> {
        Value {
            schema_id,
            payload: Payload::Whole(payload),
        }
    }

    pub(crate) fn chunked(chunks: &'a Chunks<'a>) -> Value<'a> {
        Value {
            schema_id: chunks.schema_id(),
            payload: Payload::Chunks(chunks),
        }
    }

    /// Schema id of the writer; of a chunked value, the one in its manifest. Above 0 in a value
    /// written by Venice.
    pub fn schema_id(&self) -> i32 {
        self.schema_id
    }

    /// Bytes of the payload: without the schema id, all chunks together.
    pub fn len(&self) -> usize {
        match self.payload {
            Payload::Whole(payload) => payload.len(),
            Payload::Chunks(chunks) => chunks.len(),
        }
    }

    /// True for a payload of no bytes, which is a valid value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends the payload to `out`, which has or makes room: the one copy between RocksDB and the
    /// answer.
    pub fn copy_to(&self, out: &mut impl BufMut) {
        match self.payload {
            Payload::Whole(payload) => out.put_slice(payload),
            Payload::Chunks(chunks) => chunks.payloads().for_each(|payload| out.put_slice(payload)),
        }
    }
}

/// Splits a record into its schema id, big-endian, and its payload. `None` if it is too short.
pub(crate) fn split(record: &[u8]) -> Option<(i32, &[u8])> {
    let (schema_id, payload) = record.split_first_chunk::<SCHEMA_HEADER>()?;
    Some((i32::from_be_bytes(*schema_id), payload))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_big_endian_and_signed() {
        assert_eq!(split(&[0, 0, 1, 2, 9]), Some((258, &[9u8][..])));
        assert_eq!(split(&[0xFF, 0xFF, 0xFF, 0xEC]), Some((-20, &[][..])));
        assert_eq!(split(&[0, 0, 0]), None);
    }

    #[test]
    fn a_payload_may_be_empty() {
        let value = Value::whole(1, &[]);
        assert!(value.is_empty());
        assert_eq!(value.len(), 0);
    }
}
