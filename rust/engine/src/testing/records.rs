//! Keys and records as they are on disk, made from Venice's schemas without the code that reads
//! them.

use crate::avro_writer::{bytes, int, long};
use crate::store::state::StoreVersionState;

/// Big-endian schema id and payload.
pub fn record(schema_id: i32, payload: &[u8]) -> Vec<u8> {
    [&schema_id.to_be_bytes(), payload].concat()
}

/// `key` with the suffix of every top-level key of a chunked store version.
pub fn top_level_key(key: &[u8]) -> Vec<u8> {
    [key, &[2, 0]].concat()
}

/// `key` with the suffix of a chunk: union branch 0, GUID, segment 1, `message`, `index`, isChunk.
pub fn chunk_key(key: &[u8], message: i32, index: i32) -> Vec<u8> {
    let mut chunk = key.to_vec();
    chunk.push(0);
    chunk.extend_from_slice(b"0123456789abcdef");
    int(&mut chunk, 1);
    int(&mut chunk, message);
    int(&mut chunk, index);
    chunk.push(1);
    chunk
}

/// `ChunkedValueManifest` in Avro, without schema id.
pub fn manifest(keys: &[Vec<u8>], schema_id: i32, size: i32) -> Vec<u8> {
    let mut avro = Vec::new();
    if !keys.is_empty() {
        long(&mut avro, keys.len() as i64);
        keys.iter().for_each(|key| bytes(&mut avro, key));
    }
    avro.push(0);
    int(&mut avro, schema_id);
    int(&mut avro, size);
    avro
}

/// `StoreVersionState` of protocol `version`, 1 to 7, with its two header bytes. Fields newer than
/// the version are left out; buffer replay and topic switch are null.
pub fn state_record(version: u8, state: &StoreVersionState) -> Vec<u8> {
    let mut out = vec![25, version, state.sorted.into(), 0];
    if version >= 2 {
        out.push(state.chunked.into());
    }
    if version >= 3 {
        int(&mut out, state.compression_strategy);
    }
    if version >= 4 {
        out.push(0);
    }
    if version >= 5 {
        match &state.compression_dictionary {
            None => out.push(0),
            Some(dictionary) => {
                out.push(2);
                bytes(&mut out, dictionary);
            }
        }
    }
    if version >= 6 {
        int(&mut out, state.batch_conflict_resolution_policy);
        long(&mut out, state.start_of_push_timestamp);
    }
    if version >= 7 {
        long(&mut out, state.end_of_push_timestamp);
    }
    out
}
