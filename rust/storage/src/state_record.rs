//! The store-version state as it is stored: the writing half of `venice_engine::StoreVersionState`.

use venice_engine::avro_writer::{bytes, long};
use venice_engine::StoreVersionState;

/// `AvroProtocolDefinition.STORE_VERSION_STATE`, and the protocol version that Venice writes today.
const HEADER: [u8; 2] = [25, 7];

/// A state in Avro, with its two header bytes (`StoreVersionState/v7/StoreVersionState.avsc`). Buffer replay and topic
/// switch, which only ingestion needs, are null.
pub(crate) fn encode(state: &StoreVersionState) -> Vec<u8> {
    let mut out = HEADER.to_vec();
    out.push(state.sorted.into());
    out.push(0); // startOfBufferReplay
    out.push(state.chunked.into());
    long(&mut out, state.compression_strategy.into());
    out.push(0); // topicSwitch
    match &state.compression_dictionary {
        None => out.push(0),
        Some(dictionary) => {
            out.push(2);
            bytes(&mut out, dictionary);
        }
    }
    long(&mut out, state.batch_conflict_resolution_policy.into());
    long(&mut out, state.start_of_push_timestamp);
    long(&mut out, state.end_of_push_timestamp);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_is_in_its_place() {
        let state = StoreVersionState {
            sorted: true,
            chunked: true,
            compression_strategy: 3,
            compression_dictionary: Some(vec![0xD1, 0xD2].into()),
            batch_conflict_resolution_policy: 1,
            start_of_push_timestamp: 100,
            end_of_push_timestamp: -101,
        };
        assert_eq!(
            encode(&state),
            [25, 7, 1, 0, 1, 6, 0, 2, 4, 0xD1, 0xD2, 2, 200, 1, 201, 1]
        );
        assert_eq!(
            encode(&StoreVersionState::default()),
            [25, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0]
        );
    }
}
