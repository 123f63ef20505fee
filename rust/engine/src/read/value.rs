//! A value as it lies in RocksDB: in one record, or in chunks.
// #[HotPath]

use std::pin::Pin;

use bytes::BufMut;

use crate::read::pinned::PinnedValue;
use crate::read::record::SCHEMA_HEADER;

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

    /// Whether it was put together from chunks.
    pub fn is_chunked(&self) -> bool {
        matches!(self.payload, Payload::Chunks(_))
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

/// A chunk of less is copied when it is read: pinned, it would keep a block that is larger than itself.
const MIN_PINNED: usize = 16 * 1024;

/// The chunks of one value.
pub(crate) struct Chunks<'g> {
    schema_id: i32,
    len: usize,
    pieces: Vec<Piece<'g>>,
}

enum Piece<'g> {
    /// A chunk, pinned where RocksDB has it. Boxed, as a slot must not move; beside a chunk of about a
    /// mebibyte it does not count.
    Pinned(Pin<Box<PinnedValue<'g>>>),
    /// Payloads of short chunks.
    Copied(Vec<u8>),
}

impl<'g> Chunks<'g> {
    /// None yet, of a value of this schema.
    pub(crate) fn new(schema_id: i32) -> Chunks<'g> {
        Chunks {
            schema_id,
            len: 0,
            pieces: Vec::new(),
        }
    }

    pub(crate) fn schema_id(&self) -> i32 {
        self.schema_id
    }

    /// Bytes of all payloads.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn payloads(&self) -> impl Iterator<Item = &[u8]> {
        self.pieces.iter().map(|piece| match piece {
            Piece::Pinned(slot) => &slot.value()[SCHEMA_HEADER..],
            Piece::Copied(payloads) => &payloads[..],
        })
    }

    /// Adds the payload of the chunk in `slot`, which is free for the next one then.
    pub(crate) fn push(&mut self, slot: &mut Pin<Box<PinnedValue<'g>>>) {
        let payload = &slot.value()[SCHEMA_HEADER..];
        self.len += payload.len();
        if payload.len() >= MIN_PINNED {
            let chunk = std::mem::replace(slot, Box::pin(PinnedValue::new()));
            self.pieces.push(Piece::Pinned(chunk));
            return;
        }
        match self.pieces.last_mut() {
            Some(Piece::Copied(payloads)) => payloads.extend_from_slice(payload),
            _ => self.pieces.push(Piece::Copied(payload.to_vec())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_may_be_empty() {
        let value = Value::whole(1, &[]);
        assert!(value.is_empty());
        assert_eq!(value.len(), 0);
    }
}
