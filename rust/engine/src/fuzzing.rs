//! The parsers of what is on disk, each behind a function that takes any bytes: for `rust/fuzz` and
//! for the tests below. What they check is that nothing panics, and what holds for any input.

use crate::read::chunk::manifest_shape;
use crate::read::record;
use crate::read::search::search_block;
use crate::store::state::StoreVersionState;

/// The state of a store version, in any of its versions.
pub fn store_version_state(bytes: &[u8]) {
    let Ok(state) = StoreVersionState::decode(bytes) else {
        return;
    };
    let dictionary = state.compression_dictionary.as_ref();
    assert!(dictionary.is_none_or(|dictionary| dictionary.len() < bytes.len()));
    // What a newer server writes behind it is not looked at.
    let longer = [bytes, &[0xFF; 3]].concat();
    assert_eq!(StoreVersionState::decode(&longer), Ok(state));
}

/// The manifest of a chunked value.
pub fn manifest(bytes: &[u8]) {
    if let Ok((keys, key_bytes)) = manifest_shape(bytes) {
        // Each key has a length before it, and two numbers follow the last.
        assert!(keys + key_bytes + 2 < bytes.len());
    }
}

/// The header of a stored record.
pub fn record_header(bytes: &[u8]) {
    match record::split(bytes) {
        None => assert!(bytes.len() < 4),
        Some((schema_id, payload)) => {
            assert_eq!([&schema_id.to_be_bytes()[..], payload].concat(), bytes);
        }
    }
}

/// Blocks of tables, which are searched by hand for what gets will read (`cpp/record_search.h`, `index_search.h`): how keys
/// are encoded in an index, the length of a key, the key, a block.
pub fn block_search(bytes: &[u8]) {
    let [encoding, length, rest @ ..] = bytes else {
        return;
    };
    let (key, block) = rest.split_at(rest.len().min(usize::from(*length)));
    // That nothing beyond the block is read, the walls around it see to.
    if let Some(value) = search_block(block, key, *encoding) {
        // Three lengths and what is behind a key stand before it, restart points and their count behind.
        assert!(value as usize + 19 <= block.len());
    }
}

#[cfg(test)]
mod tests {
    use venice_mutation::fuzz;

    #[test]
    fn store_version_states() {
        fuzz("store_version_state", 50_000, super::store_version_state);
    }

    #[test]
    fn manifests() {
        fuzz("manifest", 50_000, super::manifest);
    }

    #[test]
    fn blocks() {
        fuzz("block_search", 200_000, super::block_search);
    }

    #[test]
    fn record_headers() {
        fuzz("record_header", 5_000, super::record_header);
    }
}
