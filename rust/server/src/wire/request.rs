//! `VeniceClientRequest`, decoded in place.
//!
//! Nothing is copied: strings and bytes are slices of the message as it came from the wire. The
//! grammar is protobuf's; what it leaves open follows protobuf-java 3.24, which the Java server
//! uses (`CodedInputStream`, `UnknownFieldSet`): the last of a repeated field wins, unknown fields
//! are skipped, and a known field with the wrong wire type counts as unknown.
// #[HotPath]

/// A read request, borrowed from the message. Field for field `proto/VeniceReadService.proto`;
/// `isRetryRequest` is decoded and not kept, as no step reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Request<'a> {
    /// Partition of a single get; a batch names one per key.
    pub partition: i32,
    /// Key of a single get, in the form of [`crate::wire::key_string`].
    pub key_string: &'a str,
    /// Keys of a batch get, in the form of [`crate::wire::key_records`].
    pub key_bytes: &'a [u8],
    /// `<store>_v<N>`.
    pub resource_name: &'a str,
    /// Whether missing keys of a batch get records of their own.
    pub is_streaming: bool,
    /// Single get or batch get: this decides, not the name of the RPC.
    pub is_batch: bool,
    /// What access control is asked for: `GET` or `POST`, from a Fast Client.
    pub method: &'a str,
}

/// Why a message is no `VeniceClientRequest`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// The message ends inside a field.
    #[error("message ends inside a field at byte {at}")]
    Truncated {
        /// Offset where more bytes were needed.
        at: usize,
    },
    /// A varint has more than ten bytes, or a tag names field 0 or a wire type that does not exist.
    #[error("malformed tag or number at byte {at}")]
    Malformed {
        /// Offset behind the bad item.
        at: usize,
    },
    /// Proto3 strings are UTF-8.
    #[error("field {field} is not valid UTF-8")]
    NotUtf8 {
        /// Name of the field.
        field: &'static str,
    },
    /// Unknown groups are skipped, but not to any depth (protobuf's own limit is 100).
    #[error("groups are nested deeper than {MAX_DEPTH}")]
    TooDeep,
}

pub(crate) const VARINT: u64 = 0;
const FIXED64: u64 = 1;
pub(crate) const LENGTH_DELIMITED: u64 = 2;
const START_GROUP: u64 = 3;
const END_GROUP: u64 = 4;
const FIXED32: u64 = 5;

/// Depth at which protobuf libraries stop following nested groups.
const MAX_DEPTH: usize = 100;

impl<'a> Request<'a> {
    /// Decodes a message of the wire.
    pub fn decode(message: &'a [u8]) -> Result<Request<'a>, RequestError> {
        let mut request = Request::default();
        let mut wire = Wire::new(message);
        while !wire.is_done() {
            let (field, wire_type) = wire.tag()?;
            match (field, wire_type) {
                // uint32 keeps the low 32 bits of the varint; Java then reads them as an int.
                (1, VARINT) => request.partition = wire.varint()? as u32 as i32,
                (2, LENGTH_DELIMITED) => request.key_string = wire.string("keyString")?,
                (3, LENGTH_DELIMITED) => request.key_bytes = wire.bytes()?,
                (5, LENGTH_DELIMITED) => request.resource_name = wire.string("resourceName")?,
                (7, VARINT) => request.is_streaming = wire.varint()? != 0,
                (9, VARINT) => request.is_batch = wire.varint()? != 0,
                (10, LENGTH_DELIMITED) => request.method = wire.string("method")?,
                (field, wire_type) => wire.skip(field, wire_type, 0)?,
            }
        }
        Ok(request)
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
    /// Keys, in the form of [`crate::wire::key_records`].
    pub key_bytes: &'a [u8],
}

impl<'a> StreamingRequest<'a> {
    /// Decodes a message of the wire.
    pub fn decode(message: &'a [u8]) -> Result<StreamingRequest<'a>, RequestError> {
        let mut request = StreamingRequest::default();
        let mut wire = Wire::new(message);
        while !wire.is_done() {
            let (field, wire_type) = wire.tag()?;
            match (field, wire_type) {
                (1, VARINT) => request.request_id = wire.varint()?,
                (2, LENGTH_DELIMITED) => request.resource_name = wire.string("resourceName")?,
                (3, LENGTH_DELIMITED) => request.method = wire.string("method")?,
                (4, LENGTH_DELIMITED) => request.key_bytes = wire.bytes()?,
                (field, wire_type) => wire.skip(field, wire_type, 0)?,
            }
        }
        Ok(request)
    }
}

/// The string in field 1 of a message that has no other, such as `HealthCheckRequest`; empty if it is
/// not there.
pub(crate) fn first_string(message: &[u8]) -> Result<&str, RequestError> {
    let mut first = "";
    let mut wire = Wire::new(message);
    while !wire.is_done() {
        match wire.tag()? {
            (1, LENGTH_DELIMITED) => first = wire.string("service")?,
            (field, wire_type) => wire.skip(field, wire_type, 0)?,
        }
    }
    Ok(first)
}

/// A message in protobuf's encoding, read field by field.
pub(crate) struct Wire<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Wire<'a> {
    pub(crate) fn new(message: &'a [u8]) -> Wire<'a> {
        Wire {
            bytes: message,
            at: 0,
        }
    }

    pub(crate) fn is_done(&self) -> bool {
        self.at == self.bytes.len()
    }

    fn byte(&mut self) -> Result<u8, RequestError> {
        let byte = *self
            .bytes
            .get(self.at)
            .ok_or(RequestError::Truncated { at: self.at })?;
        self.at += 1;
        Ok(byte)
    }

    pub(crate) fn varint(&mut self) -> Result<u64, RequestError> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            // The tenth byte has one useful bit: protobuf-java drops the others, prost refuses
            // them.
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(RequestError::Malformed { at: self.at })
    }

    /// Tags and lengths keep the low 32 bits of the varint, as `CodedInputStream.readRawVarint32`.
    fn number32(&mut self) -> Result<u64, RequestError> {
        Ok(self.varint()? & u64::from(u32::MAX))
    }

    /// Number and wire type of the next field.
    pub(crate) fn tag(&mut self) -> Result<(u64, u64), RequestError> {
        let tag = self.number32()?;
        let (field, wire_type) = (tag >> 3, tag & 7);
        if field == 0 || wire_type > FIXED32 {
            return Err(RequestError::Malformed { at: self.at });
        }
        Ok((field, wire_type))
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], RequestError> {
        let rest = &self.bytes[self.at..];
        match usize::try_from(length) {
            Ok(length) if length <= rest.len() => {
                self.at += length;
                Ok(&rest[..length])
            }
            _ => Err(RequestError::Truncated {
                at: self.bytes.len(),
            }),
        }
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], RequestError> {
        let length = self.number32()?;
        self.take(length)
    }

    pub(crate) fn string(&mut self, field: &'static str) -> Result<&'a str, RequestError> {
        std::str::from_utf8(self.bytes()?).map_err(|_| RequestError::NotUtf8 { field })
    }

    /// Skips a field behind its tag; `depth` is 0 but for fields of groups.
    pub(crate) fn skip(
        &mut self,
        field: u64,
        wire_type: u64,
        depth: usize,
    ) -> Result<(), RequestError> {
        match wire_type {
            VARINT => drop(self.varint()?),
            FIXED64 => drop(self.take(8)?),
            LENGTH_DELIMITED => drop(self.bytes()?),
            START_GROUP if depth == MAX_DEPTH => return Err(RequestError::TooDeep),
            START_GROUP => loop {
                let (inner, wire_type) = self.tag()?;
                if wire_type == END_GROUP {
                    if inner == field {
                        break;
                    }
                    return Err(RequestError::Malformed { at: self.at });
                }
                self.skip(inner, wire_type, depth + 1)?;
            },
            FIXED32 => drop(self.take(4)?),
            // An end that no start opened; `tag` let no other wire type pass.
            _ => return Err(RequestError::Malformed { at: self.at }),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(Request::decode(&message), Err(RequestError::TooDeep));
        let mut message = vec![0x63; MAX_DEPTH];
        message.extend(vec![0x64; MAX_DEPTH]);
        assert_eq!(Request::decode(&message), Ok(Request::default()));
    }

    #[test]
    fn errors_say_where() {
        assert_eq!(
            Request::decode(&[0x08]),
            Err(RequestError::Truncated { at: 1 })
        );
        assert_eq!(
            Request::decode(&[0x2A, 9, 1]),
            Err(RequestError::Truncated { at: 3 })
        );
        assert_eq!(
            Request::decode(&[0x00]),
            Err(RequestError::Malformed { at: 1 })
        );
        assert_eq!(
            Request::decode(&[0x2A, 1, 0xFF]),
            Err(RequestError::NotUtf8 {
                field: "resourceName"
            })
        );
        assert_eq!(
            Request::decode(&[0xFF; 11]),
            Err(RequestError::Malformed { at: 10 })
        );
    }
}
