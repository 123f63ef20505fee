//! Protobuf's encoding, field by field, in both directions.
//!
//! What the grammar leaves open follows protobuf-java 3.24, which the Java server uses
//! (`CodedInputStream`, `UnknownFieldSet`): unknown fields are skipped, and a known field with the wrong
//! wire type counts as unknown.
// #[HotPath]

use crate::text::Text;
use crate::varint::varint;

/// Why bytes are no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MessageError {
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

/// Wire type of numbers.
pub const VARINT: u64 = 0;
const FIXED64: u64 = 1;
/// Wire type of bytes, strings and messages.
pub const LENGTH_DELIMITED: u64 = 2;
const START_GROUP: u64 = 3;
const END_GROUP: u64 = 4;
const FIXED32: u64 = 5;

/// Depth at which protobuf libraries stop following nested groups.
pub(crate) const MAX_DEPTH: usize = 100;

/// The string in field 1 of a message that has no other, such as `HealthCheckRequest`; empty if it is
/// not there.
pub fn first_string(bytes: &[u8]) -> Result<&str, MessageError> {
    let mut first = "";
    let mut message = Reader::new(bytes);
    while !message.is_done() {
        match message.tag()? {
            (1, LENGTH_DELIMITED) => first = message.string("service")?,
            (field, wire_type) => message.skip(field, wire_type, 0)?,
        }
    }
    Ok(first)
}

/// A message in protobuf's encoding, read field by field.
#[derive(Debug)]
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// At the beginning of `message`.
    #[inline]
    pub fn new(message: &'a [u8]) -> Reader<'a> {
        Reader {
            bytes: message,
            at: 0,
        }
    }

    /// Whether all fields were read.
    #[inline]
    pub fn is_done(&self) -> bool {
        self.at == self.bytes.len()
    }

    #[inline]
    fn byte(&mut self) -> Result<u8, MessageError> {
        let byte = *self
            .bytes
            .get(self.at)
            .ok_or(MessageError::Truncated { at: self.at })?;
        self.at += 1;
        Ok(byte)
    }

    /// A number.
    #[inline(always)]
    pub fn varint(&mut self) -> Result<u64, MessageError> {
        // Tags, flags, and most lengths and partitions.
        match self.bytes.get(self.at) {
            Some(&byte) if byte < 0x80 => {
                self.at += 1;
                Ok(byte.into())
            }
            _ => self.long_varint(),
        }
    }

    #[inline(never)]
    fn long_varint(&mut self) -> Result<u64, MessageError> {
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
        Err(MessageError::Malformed { at: self.at })
    }

    /// Tags and lengths keep the low 32 bits of the varint, as `CodedInputStream.readRawVarint32`.
    #[inline(always)]
    fn number32(&mut self) -> Result<u64, MessageError> {
        Ok(self.varint()? & u64::from(u32::MAX))
    }

    /// Number and wire type of the next field.
    #[inline(always)]
    pub fn tag(&mut self) -> Result<(u64, u64), MessageError> {
        let tag = self.number32()?;
        let (field, wire_type) = (tag >> 3, tag & 7);
        if field == 0 || wire_type > FIXED32 {
            return Err(MessageError::Malformed { at: self.at });
        }
        Ok((field, wire_type))
    }

    #[inline(always)]
    fn take(&mut self, length: u64) -> Result<&'a [u8], MessageError> {
        let end = usize::try_from(length)
            .ok()
            .and_then(|length| self.at.checked_add(length));
        let taken = end.and_then(|end| Some((end, self.bytes.get(self.at..end)?)));
        let Some((end, taken)) = taken else {
            return Err(MessageError::Truncated {
                at: self.bytes.len(),
            });
        };
        self.at = end;
        Ok(taken)
    }

    /// Bytes behind their length.
    #[inline(always)]
    pub fn bytes(&mut self) -> Result<&'a [u8], MessageError> {
        let length = self.number32()?;
        self.take(length)
    }

    /// A string behind its length; `field` is named if it is none.
    #[inline]
    pub fn string(&mut self, field: &'static str) -> Result<&'a str, MessageError> {
        std::str::from_utf8(self.bytes()?).map_err(|_| MessageError::NotUtf8 { field })
    }

    /// As [`Reader::string`], for what is rarely read as text.
    #[inline]
    pub fn text(&mut self, field: &'static str) -> Result<Text<'a>, MessageError> {
        Text::new(self.bytes()?).ok_or(MessageError::NotUtf8 { field })
    }

    /// As [`Reader::string`], of the field that says `GET` or `POST`.
    #[inline]
    pub fn method(&mut self) -> Result<&'a str, MessageError> {
        match self.bytes()? {
            b"GET" => Ok("GET"),
            b"POST" => Ok("POST"),
            other => {
                std::str::from_utf8(other).map_err(|_| MessageError::NotUtf8 { field: "method" })
            }
        }
    }

    /// Skips a field behind its tag; `depth` is 0 but for fields of groups.
    #[inline(never)]
    pub fn skip(&mut self, field: u64, wire_type: u64, depth: usize) -> Result<(), MessageError> {
        match wire_type {
            VARINT => drop(self.varint()?),
            FIXED64 => drop(self.take(8)?),
            LENGTH_DELIMITED => drop(self.bytes()?),
            START_GROUP if depth == MAX_DEPTH => return Err(MessageError::TooDeep),
            START_GROUP => loop {
                let (inner, wire_type) = self.tag()?;
                if wire_type == END_GROUP {
                    if inner == field {
                        break;
                    }
                    return Err(MessageError::Malformed { at: self.at });
                }
                self.skip(inner, wire_type, depth + 1)?;
            },
            FIXED32 => drop(self.take(4)?),
            // An end that no start opened; `tag` let no other wire type pass.
            _ => return Err(MessageError::Malformed { at: self.at }),
        }
        Ok(())
    }
}

/// Appends a field of a number; proto3 leaves out a number that is 0.
#[inline]
pub(crate) fn put_number(out: &mut Vec<u8>, field: u64, number: u64) {
    if number != 0 {
        varint(out, field << 3 | VARINT);
        varint(out, number);
    }
}

/// Appends a field of bytes or of a string; proto3 leaves out what is empty.
#[inline]
pub(crate) fn put_bytes(out: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    if !bytes.is_empty() {
        put_message(out, field, bytes);
    }
}

/// Appends a field of a message, which is there also when it is empty.
#[inline]
pub(crate) fn put_message(out: &mut Vec<u8>, field: u64, message: &[u8]) {
    varint(out, field << 3 | LENGTH_DELIMITED);
    varint(out, message.len() as u64);
    out.extend_from_slice(message);
}
