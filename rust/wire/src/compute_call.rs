//! `ReadComputeRequest` and `StreamingComputeRequest`, decoded in place, and encoded. What both carry is the body of
//! Venice's `POST /compute/<store version>`, in the form of [`crate::compute_request`].

use crate::message::{put_bytes, put_number, MessageError, Reader, LENGTH_DELIMITED, VARINT};
use crate::varint::{unzigzag, zigzag};

/// A request to compute, borrowed from the message. Fields as in `proto/ReadComputeService.proto`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ComputeCall<'a> {
    /// Echoed in every message of a streamed answer; 0 in a unary call.
    pub request_id: u64,
    /// `<store>_v<N>`.
    pub resource_name: &'a str,
    /// What access control is asked for.
    pub method: &'a str,
    /// `ComputeRequestV3` and, behind it, the keys.
    pub body: &'a [u8],
    /// Id of the schema that values are read with; 0 or -1 for the store's superset schema, else its latest.
    pub value_schema_id: i32,
    /// Whether missing keys get records of their own; those of a streaming call always do.
    pub is_streaming: bool,
}

impl<'a> ComputeCall<'a> {
    /// Decodes a `ReadComputeRequest`. Its fields have the numbers of those of `VeniceClientRequest` that they are like.
    pub fn decode(bytes: &'a [u8]) -> Result<ComputeCall<'a>, MessageError> {
        let mut call = ComputeCall::default();
        let mut message = Reader::new(bytes);
        while !message.is_done() {
            match message.tag()? {
                (3, LENGTH_DELIMITED) => call.body = message.bytes()?,
                (5, LENGTH_DELIMITED) => call.resource_name = message.string("resourceName")?,
                (7, VARINT) => call.is_streaming = message.varint()? != 0,
                (10, LENGTH_DELIMITED) => call.method = message.method()?,
                (11, VARINT) => call.value_schema_id = unzigzag(message.varint()? as u32),
                (field, wire_type) => message.skip(field, wire_type, 0)?,
            }
        }
        Ok(call)
    }

    /// Appends a `ReadComputeRequest`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        put_bytes(out, 3, self.body);
        put_bytes(out, 5, self.resource_name.as_bytes());
        put_number(out, 7, self.is_streaming.into());
        put_bytes(out, 10, self.method.as_bytes());
        put_number(out, 11, zigzag(self.value_schema_id).into());
    }

    /// Decodes a `StreamingComputeRequest`. Its fields have the numbers of those of `StreamingBatchGetRequest`.
    pub fn decode_streamed(bytes: &'a [u8]) -> Result<ComputeCall<'a>, MessageError> {
        let mut call = ComputeCall {
            is_streaming: true,
            ..ComputeCall::default()
        };
        let mut message = Reader::new(bytes);
        while !message.is_done() {
            match message.tag()? {
                (1, VARINT) => call.request_id = message.varint()?,
                (2, LENGTH_DELIMITED) => call.resource_name = message.string("resourceName")?,
                (3, LENGTH_DELIMITED) => call.method = message.method()?,
                (4, LENGTH_DELIMITED) => call.body = message.bytes()?,
                (5, VARINT) => call.value_schema_id = unzigzag(message.varint()? as u32),
                (field, wire_type) => message.skip(field, wire_type, 0)?,
            }
        }
        Ok(call)
    }

    /// Appends a `StreamingComputeRequest`.
    pub fn encode_streamed(&self, out: &mut Vec<u8>) {
        put_number(out, 1, self.request_id);
        put_bytes(out, 2, self.resource_name.as_bytes());
        put_bytes(out, 3, self.method.as_bytes());
        put_bytes(out, 4, self.body);
        put_number(out, 5, zigzag(self.value_schema_id).into());
    }

    /// The schema that values are read with, if the request names one.
    pub fn reader_schema(&self) -> Option<i32> {
        (!matches!(self.value_schema_id, 0 | -1)).then_some(self.value_schema_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Request;

    const CALL: ComputeCall<'static> = ComputeCall {
        request_id: 0,
        resource_name: "store_v1",
        method: "POST",
        body: &[0, 4, b'{', b'}'],
        value_schema_id: -7,
        is_streaming: true,
    };

    #[test]
    fn what_is_written_is_read() {
        let mut message = Vec::new();
        CALL.encode(&mut message);
        assert_eq!(ComputeCall::decode(&message), Ok(CALL));
        // Who knows only requests of reads finds names and keys where those have them.
        let read = Request::decode(&message).unwrap();
        assert_eq!(
            (read.resource_name.as_str(), read.method),
            ("store_v1", "POST")
        );
        assert!(read.is_streaming);

        let streamed = ComputeCall {
            request_id: 9,
            ..CALL
        };
        message.clear();
        streamed.encode_streamed(&mut message);
        assert_eq!(ComputeCall::decode_streamed(&message), Ok(streamed));
    }

    #[test]
    fn no_schema_is_named_by_0_and_by_what_venice_has_for_it() {
        let schema = |value_schema_id| {
            let call = ComputeCall {
                value_schema_id,
                ..CALL
            };
            call.reader_schema()
        };
        assert_eq!((schema(0), schema(-1)), (None, None));
        assert_eq!((schema(3), schema(-3)), (Some(3), Some(-3)));
    }
}
