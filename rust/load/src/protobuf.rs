//! As much of protobuf and Avro as requests and answers of the read service need.

/// `VeniceServerResponse`, or the fields that `StreamingBatchGetResponse` has under the same numbers.
#[derive(Debug, Default)]
pub(crate) struct Response<'a> {
    pub(crate) data: &'a [u8],
    pub(crate) error_code: u32,
    /// Field 4 when it is a message: the footer of a streamed answer.
    pub(crate) footer: Option<&'a [u8]>,
    pub(crate) error_message: String,
}

impl<'a> Response<'a> {
    /// Decodes a message; `None` if it is none.
    pub(crate) fn decode(mut bytes: &'a [u8]) -> Option<Response<'a>> {
        let mut response = Response::default();
        while !bytes.is_empty() {
            let tag = varint(&mut bytes)?;
            match (tag >> 3, tag & 7) {
                (6, 0) => response.error_code = varint(&mut bytes)? as u32,
                (2, 2) => response.data = counted(&mut bytes)?,
                (4, 2) => response.footer = Some(counted(&mut bytes)?),
                (7, 2) => {
                    let text = counted(&mut bytes)?;
                    response.error_message = String::from_utf8_lossy(text).into_owned();
                }
                (_, 0) => drop(varint(&mut bytes)?),
                (_, 2) => drop(counted(&mut bytes)?),
                _ => return None,
            }
        }
        Some(response)
    }
}

/// The first field of a message, if it is a number: `errorCode` of a footer.
pub(crate) fn first_number(mut bytes: &[u8]) -> Option<u64> {
    (varint(&mut bytes)? == 1 << 3).then(|| varint(&mut bytes))?
}

/// Takes a varint off the front.
pub(crate) fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

/// Takes a zig-zag number off the front, as Avro has them.
pub(crate) fn zigzag(bytes: &mut &[u8]) -> Option<i64> {
    let value = varint(bytes)?;
    Some((value >> 1) as i64 ^ -((value & 1) as i64))
}

/// Takes bytes behind their length off the front.
pub(crate) fn counted<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = varint(bytes)?;
    take(bytes, length)
}

/// Takes so many bytes off the front.
pub(crate) fn take<'a>(bytes: &mut &'a [u8], length: u64) -> Option<&'a [u8]> {
    let length = usize::try_from(length).ok()?;
    if length > bytes.len() {
        return None;
    }
    let (taken, rest) = bytes.split_at(length);
    *bytes = rest;
    Some(taken)
}

/// Appends a varint.
pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a number that is not negative in zig-zag form.
pub(crate) fn put_zigzag(out: &mut Vec<u8>, value: u64) {
    put_varint(out, value << 1);
}

/// Appends a field of bytes.
pub(crate) fn put_bytes(out: &mut Vec<u8>, field: u64, bytes: &[u8]) {
    put_varint(out, field << 3 | 2);
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Appends a field of a number.
pub(crate) fn put_number(out: &mut Vec<u8>, field: u64, value: u64) {
    if value != 0 {
        put_varint(out, field << 3);
        put_varint(out, value);
    }
}
