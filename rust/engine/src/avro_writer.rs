//! Avro binary, the writing half.

/// Zig-zag, seven bits a byte, low ones first.
pub(super) fn long(out: &mut Vec<u8>, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)) as u64;
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

pub(super) fn int(out: &mut Vec<u8>, value: i32) {
    long(out, value.into());
}

pub(super) fn bytes(out: &mut Vec<u8>, value: &[u8]) {
    long(out, value.len() as i64);
    out.extend_from_slice(value);
}
