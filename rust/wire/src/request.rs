//! `VeniceClientRequest` and `StreamingBatchGetRequest`, decoded in place, and encoded.
//!
//! Nothing is copied: strings and bytes are slices of the message as it came. The last of a repeated
//! field wins, as in protobuf-java.
// #[HotPath]

use crate::message::{put_bytes, put_number, MessageError, Reader, LENGTH_DELIMITED, VARINT};
use crate::text::Text;

/// A read request, borrowed from the message. Field for field `proto/VeniceReadService.proto`;
/// `isRetryRequest` is decoded and not kept, as no step reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Request<'a> {
    /// Partition of a single get; a batch names one per key.
    pub partition: i32,
    /// Key of a single get, in the form of [`crate::key_string`].
    pub key_string: Text<'a>,
    /// Keys of a batch get, in the form of [`crate::key_records`].
    pub key_bytes: &'a [u8],
    /// `<store>_v<N>`.
    pub resource_name: Text<'a>,
    /// Whether missing keys of a batch get records of their own.
    pub is_streaming: bool,
    /// Single get or batch get: this decides, not the name of the RPC.
    pub is_batch: bool,
    /// What access control is asked for: `GET` or `POST`, from a Fast Client.
    pub method: &'a str,
}

impl<'a> Request<'a> {
    /// Decodes a message.
    #[inline]
    pub fn decode(bytes: &'a [u8]) -> Result<Request<'a>, MessageError> {
        let mut request = Request::default();
        request.merge(bytes)?;
        Ok(request)
    }

    /// Takes the fields of a message: of a default, all of it is decoded where it is.
    #[inline]
    pub fn merge(&mut self, bytes: &'a [u8]) -> Result<(), MessageError> {
        let mut message = Reader::new(bytes);
        while !message.is_done() {
            let (field, wire_type) = message.tag()?;
            match (field, wire_type) {
                // uint32 keeps the low 32 bits of the varint; Java then reads them as an int.
                (1, VARINT) => self.partition = message.varint()? as u32 as i32,
                (2, LENGTH_DELIMITED) => self.key_string = message.text("keyString")?,
                (3, LENGTH_DELIMITED) => self.key_bytes = message.bytes()?,
                (5, LENGTH_DELIMITED) => self.resource_name = message.text("resourceName")?,
                (7, VARINT) => self.is_streaming = message.varint()? != 0,
                (9, VARINT) => self.is_batch = message.varint()? != 0,
                (10, LENGTH_DELIMITED) => self.method = message.method()?,
                (field, wire_type) => message.skip(field, wire_type, 0)?,
            }
        }
        Ok(())
    }

    /// Appends the message.
    pub fn encode(&self, out: &mut Vec<u8>) {
        put_number(out, 1, u64::from(self.partition as u32));
        put_bytes(out, 2, self.key_string.as_bytes());
        put_bytes(out, 3, self.key_bytes);
        put_bytes(out, 5, self.resource_name.as_bytes());
        put_number(out, 7, self.is_streaming.into());
        put_number(out, 9, self.is_batch.into());
        put_bytes(out, 10, self.method.as_bytes());
    }
}

/// `StreamingBatchGetRequest`, borrowed from the message. Field for field
/// `proto/StreamingReadService.proto`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StreamingRequest<'a> {
    /// Echoed in every message of the answer.
    pub request_id: u64,
    /// `<store>_v<N>`.
    pub resource_name: &'a str,
    /// What access control is asked for.
    pub method: &'a str,
    /// Keys, in the form of [`crate::key_records`].
    pub key_bytes: &'a [u8],
}

impl<'a> StreamingRequest<'a> {
    /// Decodes a message.
    #[inline]
    pub fn decode(bytes: &'a [u8]) -> Result<StreamingRequest<'a>, MessageError> {
        let mut request = StreamingRequest::default();
        let mut message = Reader::new(bytes);
        while !message.is_done() {
            let (field, wire_type) = message.tag()?;
            match (field, wire_type) {
                (1, VARINT) => request.request_id = message.varint()?,
                (2, LENGTH_DELIMITED) => request.resource_name = message.string("resourceName")?,
                (3, LENGTH_DELIMITED) => request.method = message.method()?,
                (4, LENGTH_DELIMITED) => request.key_bytes = message.bytes()?,
                (field, wire_type) => message.skip(field, wire_type, 0)?,
            }
        }
        Ok(request)
    }

    /// Appends the message.
    pub fn encode(&self, out: &mut Vec<u8>) {
        put_number(out, 1, self.request_id);
        put_bytes(out, 2, self.resource_name.as_bytes());
        put_bytes(out, 3, self.method.as_bytes());
        put_bytes(out, 4, self.key_bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::MAX_DEPTH;

    #[test]
    fn the_last_of_a_repeated_field_wins() {
        let request = Request::decode(&[0x08, 1, 0x08, 2]).unwrap();
        assert_eq!(request.partition, 2);
    }

    #[test]
    fn a_known_field_of_another_wire_type_is_skipped_as_in_java() {
        // Field 1 as bytes, then as a varint.
        let request = Request::decode(&[0x0A, 1, 7, 0x08, 3]).unwrap();
        assert_eq!(request.partition, 3);
    }

    #[test]
    fn tags_and_lengths_keep_their_low_32_bits_as_in_java() {
        // Field 1 = 3, its tag with bit 32 set; resourceName of one byte, its length likewise.
        let request = Request::decode(&[0x88, 0x80, 0x80, 0x80, 0x10, 3]).unwrap();
        assert_eq!(request.partition, 3);
        let request = Request::decode(&[0x2A, 0x81, 0x80, 0x80, 0x80, 0x10, b's']).unwrap();
        assert_eq!(request.resource_name, "s");
    }

    #[test]
    fn nested_groups_end_somewhere() {
        let mut message = vec![0x63; MAX_DEPTH + 1];
        message.extend(vec![0x64; MAX_DEPTH + 1]);
        assert_eq!(Request::decode(&message), Err(MessageError::TooDeep));
        let mut message = vec![0x63; MAX_DEPTH];
        message.extend(vec![0x64; MAX_DEPTH]);
        assert_eq!(Request::decode(&message), Ok(Request::default()));
    }

    #[test]
    fn errors_say_where() {
        assert_eq!(
            Request::decode(&[0x08]),
            Err(MessageError::Truncated { at: 1 })
        );
        assert_eq!(
            Request::decode(&[0x2A, 9, 1]),
            Err(MessageError::Truncated { at: 3 })
        );
        assert_eq!(
            Request::decode(&[0x00]),
            Err(MessageError::Malformed { at: 1 })
        );
        assert_eq!(
            Request::decode(&[0x2A, 1, 0xFF]),
            Err(MessageError::NotUtf8 {
                field: "resourceName"
            })
        );
        assert_eq!(
            Request::decode(&[0xFF; 11]),
            Err(MessageError::Malformed { at: 10 })
        );
    }
}
