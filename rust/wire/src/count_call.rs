//! `CountByValueRequest`, decoded in place, and `CountByValueResponse`, encoded: VIP-5's call.

use crate::message::{
    put_bytes, put_message, put_number, MessageError, Reader, LENGTH_DELIMITED, VARINT,
};

/// A request to count, borrowed from the message. Keys and names of fields stay in it, however many they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountCall<'a> {
    message: &'a [u8],
    /// `<store>_v<N>`.
    pub resource_name: &'a str,
    /// How many values of a field are wanted.
    pub top: i32,
    /// Keys that it names.
    pub keys: usize,
    /// Fields that it names.
    pub fields: usize,
}

const KEYS: u64 = 1;
const FIELD_NAMES: u64 = 4;

impl<'a> CountCall<'a> {
    /// Decodes a message.
    pub fn decode(bytes: &'a [u8]) -> Result<CountCall<'a>, MessageError> {
        let mut call = CountCall {
            message: bytes,
            resource_name: "",
            top: 0,
            keys: 0,
            fields: 0,
        };
        let mut message = Reader::new(bytes);
        while !message.is_done() {
            match message.tag()? {
                (KEYS, LENGTH_DELIMITED) => {
                    message.bytes()?;
                    call.keys += 1;
                }
                (2, LENGTH_DELIMITED) => call.resource_name = message.string("resourceName")?,
                (3, VARINT) => call.top = message.varint()? as u32 as i32,
                (FIELD_NAMES, LENGTH_DELIMITED) => {
                    message.string("fieldNames")?;
                    call.fields += 1;
                }
                (field, wire_type) => message.skip(field, wire_type, 0)?,
            }
        }
        Ok(call)
    }

    /// The keys, in their order.
    pub fn keys(&self) -> impl Iterator<Item = &'a [u8]> {
        self.all(KEYS)
    }

    /// The names of fields, in their order.
    pub fn field_names(&self) -> impl Iterator<Item = &'a str> {
        // They were looked at.
        self.all(FIELD_NAMES)
            .map(|name| std::str::from_utf8(name).unwrap_or_default())
    }

    /// The values of a repeated field.
    fn all(&self, wanted: u64) -> impl Iterator<Item = &'a [u8]> {
        let mut message = Reader::new(self.message);
        std::iter::from_fn(move || {
            while !message.is_done() {
                match message.tag().ok()? {
                    (field, LENGTH_DELIMITED) if field == wanted => return message.bytes().ok(),
                    (field, wire_type) => message.skip(field, wire_type, 0).ok()?,
                }
            }
            None
        })
    }
}

/// Appends what a field of a `CountByValueResponse` has: its values in the order given.
pub fn put_counts(out: &mut Vec<u8>, field: &str, values: &[(String, i32)]) {
    let (mut counts, mut entry) = (Vec::new(), Vec::new());
    for (value, count) in values {
        entry.clear();
        put_bytes(&mut entry, 1, value.as_bytes());
        put_number(&mut entry, 2, *count as u32 as u64);
        put_message(&mut counts, 1, &entry);
    }
    entry.clear();
    put_bytes(&mut entry, 1, field.as_bytes());
    put_message(&mut entry, 2, &counts);
    put_message(out, 1, &entry);
}

/// Appends the end of a `CountByValueResponse`: Venice's code, and why there are no counts.
pub fn put_end(out: &mut Vec<u8>, error_code: i32, error_message: &str) {
    put_number(out, 2, u64::from(error_code as u32));
    put_bytes(out, 3, error_message.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_names_are_found_in_their_order() {
        let mut message = Vec::new();
        put_message(&mut message, KEYS, b"one");
        put_message(&mut message, FIELD_NAMES, b"color");
        put_message(&mut message, KEYS, b"");
        put_bytes(&mut message, 2, b"store_v1");
        put_number(&mut message, 3, 10);
        put_message(&mut message, FIELD_NAMES, b"size");
        // A field that nobody knows, and one of another type than it should have.
        put_number(&mut message, 9, 1);
        put_number(&mut message, KEYS, 1);
        let call = CountCall::decode(&message).unwrap();
        assert_eq!((call.resource_name, call.top), ("store_v1", 10));
        assert_eq!((call.keys, call.fields), (2, 2));
        assert_eq!(call.keys().collect::<Vec<_>>(), [&b"one"[..], b""]);
        assert_eq!(call.field_names().collect::<Vec<_>>(), ["color", "size"]);
    }

    #[test]
    fn what_is_cut_off_or_no_text_is_refused() {
        let mut message = Vec::new();
        put_message(&mut message, FIELD_NAMES, &[0xFF]);
        let error = MessageError::NotUtf8 {
            field: "fieldNames",
        };
        assert_eq!(CountCall::decode(&message), Err(error));
        assert_eq!(
            CountCall::decode(&message[..2]),
            Err(MessageError::Truncated { at: 2 })
        );
    }
}
