//! The records of a row: header, key suffix, chunks and manifest (`ValueRecord`, `ChunkedKeySuffix.avsc`,
//! `ChunkedValueManifest.avsc`).

use venice_engine::avro_writer::{bytes, long};

/// `AvroProtocolDefinition.CHUNKED_VALUE_MANIFEST`.
pub(crate) const MANIFEST: i32 = -20;
/// `AvroProtocolDefinition.CHUNK`.
pub(crate) const CHUNK: i32 = -10;
/// `ChunkedKeySuffix { chunkId: null, isChunk: false }`: union branch 1, then a boolean.
pub(crate) const TOP_LEVEL: [u8; 2] = [2, 0];
/// Of whom the chunks are. Readers do not look at it.
const PRODUCER: [u8; 16] = *b"venice load \0\0\0\0";

/// A value as it is stored: 4 bytes big-endian schema id, then the payload.
pub(crate) fn record(schema_id: i32, payload: &[u8]) -> Vec<u8> {
    [&schema_id.to_be_bytes(), payload].concat()
}

/// The records of a row of a chunked store version: chunks of `chunk_bytes` at most, if the payload is
/// longer, and the record that a reader starts from. `number` is that of the row.
pub(crate) fn chunked(
    key: &[u8],
    schema_id: i32,
    payload: &[u8],
    chunk_bytes: usize,
    number: u64,
    mut put: impl FnMut(Vec<u8>, Vec<u8>),
) {
    let top_level = [key, &TOP_LEVEL].concat();
    if payload.len() <= chunk_bytes {
        put(top_level, record(schema_id, payload));
        return;
    }
    let chunks = payload.chunks(chunk_bytes);
    let mut manifest = Vec::new();
    long(&mut manifest, chunks.len() as i64);
    for (index, chunk) in chunks.enumerate() {
        let key = chunk_key(key, number, index);
        bytes(&mut manifest, &key);
        put(key, record(CHUNK, chunk));
    }
    manifest.push(0); // the end of the array
    long(&mut manifest, schema_id.into());
    long(&mut manifest, payload.len() as i64);
    put(top_level, record(MANIFEST, &manifest));
}

/// `ChunkedKeySuffix` of a chunk behind the key: union branch 0, GUID, segment, message, index, true.
fn chunk_key(key: &[u8], number: u64, index: usize) -> Vec<u8> {
    let mut out = [key, &[0], &PRODUCER].concat();
    // Both are ints, and a push may have more rows than one counts.
    long(&mut out, (number >> 31) as i64);
    long(&mut out, (number & 0x7fff_ffff) as i64);
    long(&mut out, index as i64);
    out.push(1);
    out
}

/// The key on disk of a row's record.
pub fn stored_key(key: &[u8], chunked: bool) -> Vec<u8> {
    match chunked {
        true => [key, &TOP_LEVEL].concat(),
        false => key.to_vec(),
    }
}

/// The key of the row that a record is of, if a reader starts from it: not from a chunk.
pub fn row_key(stored: &[u8], chunked: bool) -> Option<&[u8]> {
    match chunked {
        true => stored.strip_suffix(&TOP_LEVEL),
        false => Some(stored),
    }
}

/// How many chunks a record names; `None` of a record that is no manifest.
pub fn chunks_of(record: &[u8]) -> Option<u64> {
    let (header, mut manifest) = record.split_first_chunk::<4>()?;
    if i32::from_be_bytes(*header) != MANIFEST {
        return None;
    }
    let mut chunks = 0;
    loop {
        let mut count = take_long(&mut manifest)?;
        if count == 0 {
            return Some(chunks);
        }
        if count < 0 {
            // Then the bytes of the block follow.
            count = count.checked_neg()?;
            take_long(&mut manifest)?;
        }
        for _ in 0..count {
            let length = usize::try_from(take_long(&mut manifest)?).ok()?;
            manifest = manifest.get(length..)?;
        }
        chunks += count.unsigned_abs();
    }
}

fn take_long(bytes: &mut &[u8]) -> Option<i64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some((value >> 1) as i64 ^ -((value & 1) as i64));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(payload: &[u8], number: u64) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut all = Vec::new();
        chunked(b"k", 7, payload, 2, number, |key, value| {
            all.push((key, value));
        });
        all
    }

    #[test]
    fn small_values_are_one_record() {
        let expected = (b"k\x02\x00".to_vec(), b"\x00\x00\x00\x07ab".to_vec());
        assert_eq!(records(b"ab", 0), [expected]);
    }

    #[test]
    fn large_values_are_chunks_and_a_manifest() {
        let [first, second, top] = &records(b"abc", 1 << 31 | 3)[..] else {
            panic!("two chunks and a manifest");
        };
        let key = |index| [&b"k\0"[..], &PRODUCER, &[2, 6, index, 1]].concat();
        assert_eq!(first, &(key(0), b"\xff\xff\xff\xf6ab".to_vec()));
        assert_eq!(second, &(key(2), b"\xff\xff\xff\xf6c".to_vec()));
        assert_eq!(top.0, b"k\x02\x00");
        let (a, b) = (key(0), key(2));
        let length = [(a.len() * 2) as u8];
        let manifest = [
            &b"\xff\xff\xff\xec"[..],
            &[4],
            &length,
            &a,
            &length,
            &b,
            &[0, 14, 6],
        ];
        assert_eq!(top.1, manifest.concat());
        assert_eq!(chunks_of(&top.1), Some(2));
        assert_eq!(chunks_of(&first.1), None);
        for cut in 4..top.1.len() - 2 {
            assert_eq!(chunks_of(&top.1[..cut]), None, "cut at {cut}");
        }
        // A block with its size, and another.
        let blocks = b"\xff\xff\xff\xec\x01\x04\x02a\x02\x02b\x00";
        assert_eq!(chunks_of(blocks), Some(2));
        assert_eq!(row_key(&top.0, true), Some(&b"k"[..]));
        assert_eq!(row_key(&first.0, true), None);
        assert_eq!(row_key(b"k", false), Some(&b"k"[..]));
        assert_eq!(stored_key(b"k", true), top.0);
    }
}
