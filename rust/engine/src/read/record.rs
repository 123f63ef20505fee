//! A record as RocksDB has it: a schema id, and a payload.
// #[HotPath]

/// Bytes of the schema id in front of every record (`ValueRecord.SCHEMA_HEADER_LENGTH`).
pub(crate) const SCHEMA_HEADER: usize = 4;

/// Splits a record into its schema id, big-endian, and its payload. `None` if it is too short.
pub(crate) fn split(record: &[u8]) -> Option<(i32, &[u8])> {
    let (schema_id, payload) = record.split_first_chunk::<SCHEMA_HEADER>()?;
    Some((i32::from_be_bytes(*schema_id), payload))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_is_big_endian_and_signed() {
        assert_eq!(split(&[0, 0, 1, 2, 9]), Some((258, &[9u8][..])));
        assert_eq!(split(&[0xFF, 0xFF, 0xFF, 0xEC]), Some((-20, &[][..])));
        assert_eq!(split(&[0, 0, 0]), None);
    }
}
