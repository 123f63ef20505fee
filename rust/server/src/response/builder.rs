//! `VeniceServerResponse`, encoded once.
//!
//! The payload is the large part and its length is known last, while protobuf wants the length
//! first. So the buffer starts with headroom: values are copied from RocksDB's pinned bytes behind
//! it, then the fields before `data` are written right-aligned into it, and at last the transport
//! puts its own prefix in front of them. No byte of a value moves a second time.
//!
//! ```text
//!   | spare | envelope | schemaId, tag and length of data | data ...          | other fields |
//!           ^ framed() ^ start (message)                  ^ HEADROOM
//! ```
//!
//! The bytes are those that protobuf-java and prost write: fields in the order of their numbers,
//! defaults left out, shortest varints.
// #[HotPath]

use std::time::Duration;

use bytes::Bytes;
use venice_wire::message::{LENGTH_DELIMITED, VARINT};
use venice_wire::response::{field, streamed_field, Footer};
use venice_wire::varint::zigzag;

use crate::memory::account::Charge;
use crate::memory::buffer_pool::PooledBuffer;
use crate::observe::facts::Facts;

/// Bytes in front of the message that a transport may fill; gRPC's prefix has exactly five.
pub(crate) const ENVELOPE: usize = 5;

/// The larger of `schemaId` (tag and five bytes) and `requestId` (tag and ten bytes), and the head of
/// `data` (tag and five bytes).
pub(super) const HEAD: usize = 11 + 6;
const HEADROOM: usize = ENVELOPE + HEAD;
/// `compressionStrategy`, `responseRCU`, `isStreamingResponse`, `errorCode`, and the head of
/// `errorMessage`.
pub(super) const TAIL: usize = 6 + 6 + 2 + 6 + 6;

/// ResponseBuilder grows to so many times what there is at most, whatever one may expect.
const MAX_AHEAD: usize = 16;

const SCHEMA_ID: u8 = tag(field::SCHEMA_ID, VARINT);
const DATA: u8 = tag(field::DATA, LENGTH_DELIMITED);
const COMPRESSION_STRATEGY: u8 = tag(field::COMPRESSION_STRATEGY, VARINT);
const RESPONSE_RCU: u8 = tag(field::RESPONSE_RCU, VARINT);
const IS_STREAMING_RESPONSE: u8 = tag(field::IS_STREAMING_RESPONSE, VARINT);
const ERROR_CODE: u8 = tag(field::ERROR_CODE, VARINT);
const ERROR_MESSAGE: u8 = tag(field::ERROR_MESSAGE, LENGTH_DELIMITED);
/// Of a `StreamingBatchGetResponse`, whose `records` and strategy have the tags of `data` and strategy.
const REQUEST_ID: u8 = tag(streamed_field::REQUEST_ID, VARINT);
const _: () = assert!(tag(streamed_field::RECORDS, LENGTH_DELIMITED) == DATA);
const _: () = assert!(tag(streamed_field::COMPRESSION_STRATEGY, VARINT) == COMPRESSION_STRATEGY);

/// The one byte in front of a field with a number below 16.
const fn tag(field: u64, wire_type: u64) -> u8 {
    assert!(field < 16);
    (field << 3 | wire_type) as u8
}

/// Bytes of a chunk beside its records: `requestId`, the head of `records`, `compressionStrategy`.
pub(crate) const CHUNK_FIELDS: usize = HEAD + 6;

/// All fields but `data`. The default is what proto3 leaves out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fields<'a> {
    /// Writer schema of a single value, or 1 (the protocol) for a batch.
    pub schema_id: i32,
    /// Strategy of the store version.
    pub compression_strategy: i32,
    /// Read capacity units: number of keys asked for.
    pub response_rcu: u32,
    /// Whether missing keys have records.
    pub is_streaming_response: bool,
    /// `VeniceReadResponseStatus`; 200 has to be written as well.
    pub error_code: i32,
    /// Empty on success.
    pub error_message: &'a str,
}

/// The answer is larger than the server may send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge {
    /// Bytes the message would have, at least.
    pub size: usize,
    /// Bytes it may have.
    pub limit: usize,
}

/// `data` under construction, behind its headroom.
#[derive(Debug)]
pub struct ResponseBuilder {
    buffer: PooledBuffer,
    /// Parts appended, and how many there will be at most; 1 when that is not known.
    parts: usize,
    all_parts: usize,
    /// Bytes that were to be written; more than `limit` means that some were not.
    required: usize,
    limit: usize,
}

impl ResponseBuilder {
    /// Starts an answer of about `expected` bytes of data (exact for a single value, where it saves
    /// growing) and at most `limit` bytes of message.
    pub fn new(expected: usize, limit: usize) -> ResponseBuilder {
        ResponseBuilder::with_parts(1, expected, limit)
    }

    /// [`ResponseBuilder::new`] for data that is appended in so many parts: when it grows, the parts to come are
    /// taken to be as large as those before.
    pub fn with_parts(parts: usize, expected: usize, limit: usize) -> ResponseBuilder {
        let mut buffer = PooledBuffer::with_capacity(HEADROOM + expected.min(limit) + TAIL);
        buffer.resize(HEADROOM, 0);
        ResponseBuilder {
            buffer,
            parts: 0,
            all_parts: parts,
            required: 0,
            limit,
        }
    }

    /// Lets `write` append exactly `length` bytes. Once the limit is passed nothing more is copied, and
    /// there is no need to append more: the answer is refused, with the bytes that were required by then.
    pub fn append(&mut self, length: usize, write: impl FnOnce(&mut Vec<u8>)) {
        self.required = self.required.saturating_add(length);
        self.parts += 1;
        if self.required <= self.limit {
            if self.buffer.capacity() - self.buffer.len() < length + TAIL {
                self.grow();
            }
            write(&mut self.buffer);
            debug_assert_eq!(self.buffer.len(), HEADROOM + self.required);
        }
    }

    /// Bytes of memory that it takes once `length` bytes more are appended.
    #[inline]
    pub(crate) fn held_with(&self, length: usize) -> usize {
        if self.buffer.capacity() - self.buffer.len() >= length + TAIL {
            return self.buffer.capacity();
        }
        self.grown(self.required.saturating_add(length), self.parts + 1)
    }

    /// Makes room for all that is required now, and for what one may expect.
    #[cold]
    fn grow(&mut self) {
        self.buffer.grow(self.grown(self.required, self.parts));
    }

    /// The capacity for `required` bytes in so many parts, and for what one may expect.
    fn grown(&self, required: usize, parts: usize) -> usize {
        let expected = (required / parts + 1).saturating_mul(self.all_parts);
        // Parts differ: a little, or one large one comes before many small ones.
        let expected = expected.saturating_add(expected / 16);
        let expected = expected
            .min(required.saturating_mul(MAX_AHEAD))
            .min(self.limit);
        let doubled = (2 * self.buffer.len()).min(self.limit);
        let least = if parts < self.all_parts {
            expected
        } else {
            doubled
        };
        HEADROOM
            .saturating_add(required.max(least))
            .saturating_add(TAIL)
    }

    /// Bytes that may be appended until the limit is passed.
    pub fn room(&self) -> usize {
        self.limit.saturating_sub(self.required)
    }

    /// Whether the limit is passed.
    pub fn is_too_large(&self) -> bool {
        self.required > self.limit
    }

    /// What is said of the answer if `more` bytes had to be appended.
    pub fn too_large_with(&self, more: usize) -> TooLarge {
        TooLarge {
            size: self.required.saturating_add(more),
            limit: self.limit,
        }
    }

    /// Bytes of data so far.
    pub fn len(&self) -> usize {
        self.buffer.len() - HEADROOM
    }

    /// Whether there is no data yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Makes the data the records of a `StreamingBatchGetResponse`.
    pub fn finish_chunk(mut self, request_id: u64, compression_strategy: i32) -> EncodedResponse {
        let mut head = Head::new();
        if request_id != 0 {
            head.field(REQUEST_ID, request_id);
        }
        head.field(DATA, self.len() as u64);
        let start = HEADROOM - head.len();
        self.buffer[start..HEADROOM].copy_from_slice(head.bytes());
        let fields = Fields {
            compression_strategy,
            ..Fields::default()
        };
        Tail::of(&fields).put(&fields, &mut self.buffer);
        EncodedResponse {
            charge: None,
            facts: Facts::default(),
            buffer: self.buffer,
            start,
        }
    }

    /// Writes the other fields around the data.
    pub fn finish(mut self, fields: Fields<'_>) -> Result<EncodedResponse, TooLarge> {
        if self.is_too_large() {
            return Err(self.too_large_with(0));
        }
        // A limit above u32::MAX cannot be set, so the length fits.
        let head = Head::of_data(fields.schema_id, self.required);
        let start = HEADROOM - head.len();
        self.buffer[start..HEADROOM].copy_from_slice(head.bytes());
        Tail::of(&fields).put(&fields, &mut self.buffer);

        let size = self.buffer.len() - start;
        if size > self.limit {
            return Err(TooLarge {
                size,
                limit: self.limit,
            });
        }
        Ok(EncodedResponse {
            charge: None,
            facts: Facts::default(),
            buffer: self.buffer,
            start,
        })
    }
}

/// A finished message with room for a transport's envelope in front of it.
#[derive(Debug)]
pub struct EncodedResponse {
    buffer: PooledBuffer,
    start: usize,
    /// What it is counted by, once it is.
    charge: Option<Charge>,
    /// What it is counted as.
    facts: Facts,
}

impl EncodedResponse {
    /// What is left of a reply whose message was written to its [`Place`]: what it was made of.
    ///
    /// [`Place`]: crate::response::place::Place
    pub(super) fn placed() -> EncodedResponse {
        EncodedResponse {
            charge: None,
            facts: Facts::default(),
            buffer: PooledBuffer::default(),
            start: 0,
        }
    }

    /// The reply, made of what `facts` say.
    pub fn with_facts(self, facts: Facts) -> EncodedResponse {
        EncodedResponse { facts, ..self }
    }

    /// The reply, to a request of so many bytes.
    pub fn in_answer_to(mut self, bytes: usize) -> EncodedResponse {
        self.facts.request_bytes = bytes as u32;
        self
    }

    /// The reply to a request that waited for a disk thread so long, behind so many.
    pub fn after_queue(mut self, queued: (Duration, u32)) -> EncodedResponse {
        self.facts.queued = Some(queued);
        self
    }

    /// What it was made of.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The reply, which is counted by `charge` until it was sent.
    pub fn with_charge(self, charge: Charge) -> EncodedResponse {
        EncodedResponse {
            charge: Some(charge),
            ..self
        }
    }

    /// What it is counted by until now, if it is.
    pub(crate) fn take_charge(&mut self) -> Option<Charge> {
        self.charge.take()
    }

    /// Bytes of memory that it takes.
    pub fn held(&self) -> usize {
        self.buffer.capacity()
    }

    /// An answer without data: a code and a text.
    pub fn error(error_code: i32, error_message: &str) -> EncodedResponse {
        let fields = Fields {
            error_code,
            error_message,
            ..Fields::default()
        };
        match ResponseBuilder::new(error_message.len(), usize::MAX).finish(fields) {
            Ok(reply) => reply,
            Err(TooLarge { .. }) => unreachable!("nothing is larger than usize::MAX"),
        }
    }

    /// The last `StreamingBatchGetResponse` of a request.
    pub fn footer(request_id: u64, footer: &Footer) -> EncodedResponse {
        EncodedResponse::written(|out| footer.encode_response(request_id, out))
    }

    /// A message that `write` appends.
    pub(crate) fn written(write: impl FnOnce(&mut Vec<u8>)) -> EncodedResponse {
        let mut buffer = PooledBuffer::default();
        buffer.resize(ENVELOPE, 0);
        write(&mut buffer);
        EncodedResponse {
            charge: None,
            facts: Facts::default(),
            buffer,
            start: ENVELOPE,
        }
    }

    /// A message of `length` bytes, which `write` appends.
    pub(crate) fn whole(length: usize, write: impl FnOnce(&mut Vec<u8>)) -> EncodedResponse {
        let mut buffer = PooledBuffer::with_capacity(ENVELOPE + length);
        buffer.resize(ENVELOPE, 0);
        write(&mut buffer);
        debug_assert_eq!(buffer.len(), ENVELOPE + length);
        EncodedResponse {
            charge: None,
            facts: Facts::default(),
            buffer,
            start: ENVELOPE,
        }
    }

    /// The encoded message.
    pub fn message(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    /// The message with `envelope` in front of it, without a copy of the message.
    pub fn with_prefix(mut self, envelope: [u8; ENVELOPE]) -> Bytes {
        let from = self.start - ENVELOPE;
        self.buffer[from..self.start].copy_from_slice(&envelope);
        match self.charge {
            Some(charge) => charge.with(self.buffer, from),
            None if self.buffer.is_large() => Bytes::from_owner(self.buffer).slice(from..),
            None => Bytes::from(self.buffer.into_vec()).slice(from..),
        }
    }
}

/// Fields that are built aside: what they have in all is smaller than the array. Who appends them copies the whole array
/// and takes the rest back, which takes fewer steps than to copy as many bytes as there are.
pub(super) struct Aside<const N: usize> {
    bytes: [u8; N],
    at: usize,
}

/// The fields before the data, with room for an envelope in front of them.
pub(super) type Head = Aside<HEADROOM>;

/// The fields behind the data, but for the text of `errorMessage`.
pub(super) type Tail = Aside<TAIL>;

impl Head {
    fn new() -> Head {
        Head {
            bytes: [0; HEADROOM],
            at: ENVELOPE,
        }
    }

    /// The fields in front of `length` bytes of data.
    #[inline]
    pub(super) fn of_data(schema_id: i32, length: usize) -> Head {
        let mut head = Head::new();
        if schema_id != 0 {
            head.field(SCHEMA_ID, zigzag(schema_id).into());
        }
        if length > 0 {
            head.field(DATA, length as u64);
        }
        head
    }

    /// Bytes of the fields.
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.at - ENVELOPE
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[ENVELOPE..self.at]
    }

    /// Appends an envelope and the fields.
    #[inline]
    pub(super) fn put(mut self, envelope: [u8; ENVELOPE], out: &mut Vec<u8>) {
        self.bytes[..ENVELOPE].copy_from_slice(&envelope);
        self.append(out);
    }
}

impl Tail {
    /// The fields behind the data.
    #[inline]
    pub(super) fn of(fields: &Fields<'_>) -> Tail {
        let mut tail = Tail {
            bytes: [0; TAIL],
            at: 0,
        };
        let numbers = [
            (COMPRESSION_STRATEGY, fields.compression_strategy as u32),
            (RESPONSE_RCU, fields.response_rcu),
            (
                IS_STREAMING_RESPONSE,
                u32::from(fields.is_streaming_response),
            ),
            (ERROR_CODE, fields.error_code as u32),
            (ERROR_MESSAGE, fields.error_message.len() as u32),
        ];
        // Each is left out when it is 0, or empty.
        for (tag, number) in numbers {
            if number != 0 {
                tail.field(tag, number.into());
            }
        }
        tail
    }

    /// Bytes of the fields, with the text.
    #[inline]
    pub(super) fn len_with(&self, fields: &Fields<'_>) -> usize {
        self.at + fields.error_message.len()
    }

    /// Appends the fields, with the text.
    #[inline]
    pub(super) fn put(self, fields: &Fields<'_>, out: &mut Vec<u8>) {
        self.append(out);
        if !fields.error_message.is_empty() {
            out.extend_from_slice(fields.error_message.as_bytes());
        }
    }
}

impl<const N: usize> Aside<N> {
    #[inline]
    fn field(&mut self, tag: u8, mut number: u64) {
        self.bytes[self.at] = tag;
        self.at += 1;
        while number >= 0x80 {
            self.bytes[self.at] = number as u8 | 0x80;
            self.at += 1;
            number >>= 7;
        }
        self.bytes[self.at] = number as u8;
        self.at += 1;
    }

    #[inline]
    fn append(&self, out: &mut Vec<u8>) {
        let end = out.len() + self.at;
        out.extend_from_slice(&self.bytes);
        out.truncate(end);
    }
}

#[cfg(test)]
mod tests;
