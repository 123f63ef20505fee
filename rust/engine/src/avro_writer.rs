//! Avro binary, the writing half of [`crate::avro`]: numbers and bytes, as Venice's own records have them.

/// Appends a number: zig-zag, seven bits a byte, low ones first.
pub fn long(out: &mut Vec<u8>, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// As [`long`]; the two have one form.
pub fn int(out: &mut Vec<u8>, value: i32) {
    long(out, value.into());
}

/// Appends bytes behind their length.
pub fn bytes(out: &mut Vec<u8>, value: &[u8]) {
    // No slice is longer than an i64 can say.
    long(out, value.len() as i64);
    out.extend_from_slice(value);
}
