//! `VeniceServerResponse` and `StreamingBatchGetResponse`: the numbers of their fields, the footer, and
//! what a client decodes.
//!
//! The server encodes a response around its values, which are not copied for it; that is its own
//! (`venice_server::response`). It writes fields in the order of their numbers and leaves defaults out,
//! as protobuf-java and prost do.

use crate::message::{
    put_bytes, put_message, put_number, MessageError, Reader, LENGTH_DELIMITED, VARINT,
};
use crate::varint::unzigzag;

/// Fields of `VeniceServerResponse`.
pub mod field {
    /// `schemaId`, a `sint32`.
    pub const SCHEMA_ID: u64 = 1;
    /// `data`.
    pub const DATA: u64 = 2;
    /// `compressionStrategy`.
    pub const COMPRESSION_STRATEGY: u64 = 3;
    /// `responseRCU`.
    pub const RESPONSE_RCU: u64 = 4;
    /// `isStreamingResponse`.
    pub const IS_STREAMING_RESPONSE: u64 = 5;
    /// `errorCode`.
    pub const ERROR_CODE: u64 = 6;
    /// `errorMessage`.
    pub const ERROR_MESSAGE: u64 = 7;
}

/// Fields of `StreamingBatchGetResponse`. `records` and `compressionStrategy` have the numbers of
/// [`field::DATA`] and [`field::COMPRESSION_STRATEGY`].
pub mod streamed_field {
    /// `requestId`.
    pub const REQUEST_ID: u64 = 1;
    /// `records`.
    pub const RECORDS: u64 = super::field::DATA;
    /// `compressionStrategy`.
    pub const COMPRESSION_STRATEGY: u64 = super::field::COMPRESSION_STRATEGY;
    /// `footer`, of the last message of a request.
    pub const FOOTER: u64 = 4;
}

/// A `VeniceServerResponse`, borrowed from the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Response<'a> {
    /// Writer schema of a single value, or 1 (the protocol) for a batch.
    pub schema_id: i32,
    /// A value, or records in the form of [`crate::response_records`].
    pub data: &'a [u8],
    /// Strategy of the store version.
    pub compression_strategy: u32,
    /// Read capacity units: number of keys asked for.
    pub response_rcu: u32,
    /// Whether missing keys have records.
    pub is_streaming_response: bool,
    /// `VeniceReadResponseStatus`: 200, or why there is no data.
    pub error_code: i32,
    /// Empty on success.
    pub error_message: &'a str,
}

impl<'a> Response<'a> {
    /// Decodes a message.
    pub fn decode(bytes: &'a [u8]) -> Result<Response<'a>, MessageError> {
        let mut response = Response::default();
        let mut message = Reader::new(bytes);
        while !message.is_done() {
            match message.tag()? {
                (field::SCHEMA_ID, VARINT) => {
                    response.schema_id = unzigzag(message.varint()? as u32);
                }
                (field::DATA, LENGTH_DELIMITED) => response.data = message.bytes()?,
                (field::COMPRESSION_STRATEGY, VARINT) => {
                    response.compression_strategy = message.varint()? as u32;
                }
                (field::RESPONSE_RCU, VARINT) => response.response_rcu = message.varint()? as u32,
                (field::IS_STREAMING_RESPONSE, VARINT) => {
                    response.is_streaming_response = message.varint()? != 0;
                }
                (field::ERROR_CODE, VARINT) => response.error_code = message.varint()? as i32,
                (field::ERROR_MESSAGE, LENGTH_DELIMITED) => {
                    response.error_message = message.string("errorMessage")?;
                }
                (field, wire_type) => message.skip(field, wire_type, 0)?,
            }
        }
        Ok(response)
    }
}

/// A `StreamingBatchGetResponse`, borrowed from the message.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StreamedResponse<'a> {
    /// The request that it answers.
    pub request_id: u64,
    /// In the form of [`crate::response_records`].
    pub records: &'a [u8],
    /// Strategy of the store version.
    pub compression_strategy: u32,
    /// Ends the request.
    pub footer: Option<Footer>,
}

impl<'a> StreamedResponse<'a> {
    /// Decodes a message.
    pub fn decode(bytes: &'a [u8]) -> Result<StreamedResponse<'a>, MessageError> {
        let mut response = StreamedResponse::default();
        let mut message = Reader::new(bytes);
        while !message.is_done() {
            match message.tag()? {
                (streamed_field::REQUEST_ID, VARINT) => response.request_id = message.varint()?,
                (streamed_field::RECORDS, LENGTH_DELIMITED) => {
                    response.records = message.bytes()?
                }
                (streamed_field::COMPRESSION_STRATEGY, VARINT) => {
                    response.compression_strategy = message.varint()? as u32;
                }
                (streamed_field::FOOTER, LENGTH_DELIMITED) => {
                    response.footer = Some(Footer::decode(message.bytes()?)?);
                }
                (field, wire_type) => message.skip(field, wire_type, 0)?,
            }
        }
        Ok(response)
    }
}

/// `StreamingBatchGetFooter`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Footer {
    /// `VeniceReadResponseStatus`, and 401 and 403 as over HTTP.
    pub error_code: i32,
    /// Of the first failure; empty on success.
    pub error_message: String,
    /// Read capacity units: number of keys asked for.
    pub response_rcu: u32,
    /// Keys whose value was sent.
    pub found_keys: u32,
    /// Keys that were sent as missing.
    pub missing_keys: u32,
    /// Keys of which nothing was sent.
    pub failed_keys: u32,
}

impl Footer {
    /// Appends the message.
    pub fn encode(&self, out: &mut Vec<u8>) {
        put_number(out, 1, u64::from(self.error_code as u32));
        put_bytes(out, 2, self.error_message.as_bytes());
        put_number(out, 3, self.response_rcu.into());
        put_number(out, 4, self.found_keys.into());
        put_number(out, 5, self.missing_keys.into());
        put_number(out, 6, self.failed_keys.into());
    }

    /// Appends the last `StreamingBatchGetResponse` of a request, which has nothing else.
    pub fn encode_response(&self, request_id: u64, out: &mut Vec<u8>) {
        let mut footer = Vec::new();
        self.encode(&mut footer);
        put_number(out, streamed_field::REQUEST_ID, request_id);
        put_message(out, streamed_field::FOOTER, &footer);
    }

    /// Decodes a message.
    pub fn decode(bytes: &[u8]) -> Result<Footer, MessageError> {
        let mut footer = Footer::default();
        let mut message = Reader::new(bytes);
        while !message.is_done() {
            match message.tag()? {
                (1, VARINT) => footer.error_code = message.varint()? as i32,
                (2, LENGTH_DELIMITED) => {
                    footer.error_message = message.string("errorMessage")?.to_owned();
                }
                (3, VARINT) => footer.response_rcu = message.varint()? as u32,
                (4, VARINT) => footer.found_keys = message.varint()? as u32,
                (5, VARINT) => footer.missing_keys = message.varint()? as u32,
                (6, VARINT) => footer.failed_keys = message.varint()? as u32,
                (field, wire_type) => message.skip(field, wire_type, 0)?,
            }
        }
        Ok(footer)
    }
}
