//! Where an answer goes: directly to the output of its connection, or into memory that is counted before it
//! is filled.
//!
//! An answer from memory that may be sent at once needs no buffer of its own: it is encoded where it is
//! sent from, and the copy out of RocksDB is the only one. All others are built by [`ResponseBuilder`]. For
//! a large one room is asked for first, so that nothing is copied for which there is none.
//!
//! [`ResponseBuilder`]: crate::response::builder::ResponseBuilder
// #[HotPath]

use crate::memory::buffer_pool::LARGE_BYTES;
use crate::response::builder::{EncodedResponse, Fields, Head, Tail, ENVELOPE, HEAD, TAIL};

/// Makes sure of room for so many bytes of an answer in all, if there is room.
pub(crate) type Reserve<'a> = dyn FnMut(usize) -> bool + 'a;

/// Where an answer goes.
pub struct Place<'a> {
    /// The end of an output, if an answer may be written there.
    out: Option<&'a mut Vec<u8>>,
    /// Bytes that may be written there, gRPC's prefix included.
    most: usize,
    /// Bytes of the message that was written there.
    message: Option<usize>,
    /// Who counts large answers; `None` if there is room for any.
    reserve: Option<&'a mut Reserve<'a>>,
    /// Bytes that there is room for.
    reserved: usize,
}

impl<'a> Place<'a> {
    /// Every answer is built apart, whatever its size.
    pub fn apart() -> Place<'a> {
        Place {
            out: None,
            most: 0,
            message: None,
            reserve: None,
            reserved: 0,
        }
    }

    /// Every answer is built apart, a large one where `reserve` says that there is room.
    pub fn counted(reserve: &'a mut Reserve<'a>) -> Place<'a> {
        Place {
            reserve: Some(reserve),
            ..Place::apart()
        }
    }

    /// The end of `out`, for up to `most` bytes, gRPC's prefix included.
    pub fn at_end(out: &'a mut Vec<u8>, most: usize) -> Place<'a> {
        Place {
            out: Some(out),
            most,
            ..Place::apart()
        }
    }

    /// The same place, for large answers where `reserve` says that there is room.
    pub fn or_counted<'b>(self, reserve: &'b mut Reserve<'b>) -> Place<'b>
    where
        'a: 'b,
    {
        Place {
            out: self.out,
            most: self.most,
            message: self.message,
            reserve: Some(reserve),
            reserved: 0,
        }
    }

    /// Whether there is room for an answer that takes so many bytes of memory, which is asked for if it is
    /// large.
    #[inline]
    pub(crate) fn has_room(&mut self, bytes: usize) -> bool {
        bytes <= LARGE_BYTES || bytes <= self.reserved || self.makes_room(bytes)
    }

    #[cold]
    fn makes_room(&mut self, bytes: usize) -> bool {
        if let Some(reserve) = &mut self.reserve {
            if !reserve(bytes) {
                return false;
            }
        }
        self.reserved = bytes;
        true
    }

    /// Bytes of the message that was written, if one was.
    pub fn written(&self) -> Option<usize> {
        self.message
    }

    /// Writes an answer that was built apart, if there is room for it.
    pub fn copy(&mut self, reply: &EncodedResponse) -> bool {
        let message = reply.message();
        let Some(out) = self.out.as_mut() else {
            return false;
        };
        if ENVELOPE + message.len() > self.most {
            return false;
        }
        out.extend_from_slice(&prefix(message.len()));
        out.extend_from_slice(message);
        self.message = Some(message.len());
        true
    }

    /// Writes the message with these fields and `length` bytes of data, which `write` appends. `None` if it
    /// could be too large for the place, or larger than `limit`: then it is built apart, where its
    /// length is known.
    #[inline]
    pub(crate) fn message(
        &mut self,
        limit: usize,
        length: usize,
        write: impl FnOnce(&mut Vec<u8>),
        fields: &Fields<'_>,
    ) -> Option<EncodedResponse> {
        let most = HEAD + length + fields.error_message.len() + TAIL;
        let out = self.out.as_mut()?;
        if ENVELOPE + most > self.most || most > limit {
            return None;
        }
        out.reserve(ENVELOPE + most);
        let head = Head::of_data(fields.schema_id, length);
        let tail = Tail::of(fields);
        let message = head.len() + length + tail.len_with(fields);
        head.put(prefix(message), out);
        write(out);
        tail.put(fields, out);
        self.message = Some(message);
        Some(EncodedResponse::placed())
    }
}

/// gRPC's, of a message of so many bytes. Longer ones than a `u32` says do not exist: `max.response.bytes`
/// ends at `i32::MAX`.
pub(crate) fn prefix(message: usize) -> [u8; ENVELOPE] {
    let mut prefix = [0; ENVELOPE];
    prefix[1..].copy_from_slice(&(message as u32).to_be_bytes());
    prefix
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::response::builder::ResponseBuilder;

    const FIELDS: Fields<'static> = Fields {
        schema_id: -7,
        compression_strategy: 2,
        response_rcu: 1,
        is_streaming_response: false,
        error_code: 200,
        error_message: "",
    };

    fn built(value: &[u8]) -> Vec<u8> {
        let mut data = ResponseBuilder::new(value.len(), 1 << 20);
        data.append(value.len(), |out| out.extend_from_slice(value));
        let reply = data.finish(FIELDS).unwrap();
        let prefix = prefix(reply.message().len());
        reply.with_prefix(prefix).to_vec()
    }

    fn placed(value: &[u8], most: usize, limit: usize) -> Option<Vec<u8>> {
        let mut out = b"before".to_vec();
        let mut place = Place::at_end(&mut out, most);
        let write = |out: &mut Vec<u8>| out.extend_from_slice(value);
        let reply = place.message(limit, value.len(), write, &FIELDS);
        let written = place.written();
        assert_eq!(written.is_some(), reply.is_some());
        if reply.is_none() {
            assert_eq!(out, b"before");
            return None;
        }
        assert_eq!(written, Some(out.len() - 6 - ENVELOPE));
        Some(out.split_off(6))
    }

    #[test]
    fn an_answer_is_the_same_wherever_it_is_written() {
        for length in [0, 1, 127, 128, 1000, 16_000] {
            let value: Vec<u8> = (0..length).map(|byte| byte as u8).collect();
            let message = built(&value);
            let most = ENVELOPE + HEAD + length + TAIL;
            assert_eq!(placed(&value, most, 1 << 20), Some(message), "{length}");
            assert_eq!(placed(&value, most - 1, 1 << 20), None, "{length}");
            assert_eq!(placed(&value, 1 << 20, most - ENVELOPE - 1), None);
        }
    }

    #[test]
    fn room_is_asked_for_once_and_for_what_is_large() {
        let mut asked = Vec::new();
        let mut reserve = |bytes: usize| {
            asked.push(bytes);
            bytes <= 2 * LARGE_BYTES
        };
        let mut place = Place::counted(&mut reserve);
        let has_room = [1, 2, 2, 3].map(|times| place.has_room(times * LARGE_BYTES));
        assert_eq!(has_room, [true, true, true, false]);
        assert_eq!(asked, [2 * LARGE_BYTES, 3 * LARGE_BYTES]);
        assert!(Place::apart().has_room(usize::MAX));
    }

    #[test]
    fn what_was_built_is_copied_where_it_fits() {
        let mut out = Vec::new();
        let reply = || EncodedResponse::error(-420, "");
        assert!(!Place::apart().copy(&reply()));
        assert!(!Place::at_end(&mut out, 10).copy(&reply()));
        assert!(Place::at_end(&mut out, 11).copy(&reply()));
        assert_eq!(out, [0, 0, 0, 0, 6, 0x30, 0xDC, 0xFC, 0xFF, 0xFF, 0x0F]);
    }
}
