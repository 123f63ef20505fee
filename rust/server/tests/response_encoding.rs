//! Answers are byte for byte what prost writes, and so what protobuf-java writes.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

use proptest::prelude::*;
use prost::Message;
use venice_proto::VeniceServerResponse;
use venice_server::internals::response::{Fields, ResponseBuilder};

fn encoded(data: &[u8], fields: Fields<'_>) -> Vec<u8> {
    let mut builder = ResponseBuilder::new(data.len(), usize::MAX);
    builder.append(data.len(), |out| out.extend_from_slice(data));
    builder.finish(fields).unwrap().message().to_vec()
}

fn by_prost(data: &[u8], fields: Fields<'_>) -> Vec<u8> {
    let response = VeniceServerResponse {
        schema_id: fields.schema_id,
        data: data.to_vec(),
        compression_strategy: fields.compression_strategy as u32,
        response_rcu: fields.response_rcu,
        is_streaming_response: fields.is_streaming_response,
        error_code: fields.error_code as u32,
        error_message: fields.error_message.to_owned(),
    };
    response.encode_to_vec()
}

#[test]
fn golden_single_value() {
    let fields = Fields {
        schema_id: 1,
        compression_strategy: 3,
        response_rcu: 1,
        error_code: 200,
        ..Fields::default()
    };
    let golden = [
        0x08, 0x02, 0x12, 0x03, b'a', b'b', b'c', 0x18, 0x03, 0x20, 0x01, 0x30, 0xC8, 0x01,
    ];
    assert_eq!(encoded(b"abc", fields), golden);
    assert_eq!(by_prost(b"abc", fields), golden);
}

#[test]
fn golden_miss() {
    let fields = Fields {
        response_rcu: 1,
        error_code: -420,
        error_message: "Key not found",
        ..Fields::default()
    };
    let mut golden = vec![0x20, 0x01, 0x30, 0xDC, 0xFC, 0xFF, 0xFF, 0x0F, 0x3A, 13];
    golden.extend(b"Key not found");
    assert_eq!(encoded(b"", fields), golden);
    assert_eq!(by_prost(b"", fields), golden);
}

#[test]
fn every_length_class_has_its_head_before_the_data() {
    for length in [
        0, 1, 127, 128, 16_383, 16_384, 2_097_151, 2_097_152, 5_000_000,
    ] {
        for schema_id in [0, 1, -1, 63, 64, i32::MAX, i32::MIN] {
            let data = vec![0x5A; length];
            let fields = Fields {
                schema_id,
                error_code: 200,
                ..Fields::default()
            };
            assert!(
                encoded(&data, fields) == by_prost(&data, fields),
                "{length} {schema_id}"
            );
        }
    }
}

fn config() -> ProptestConfig {
    // Failures are printed with their input; a file of them would land in the source tree.
    ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        ..Default::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_answer_is_encoded_alike(
        data in prop::collection::vec(any::<u8>(), 0..300),
        schema_id in any::<i32>(),
        compression_strategy in any::<i32>(),
        response_rcu in any::<u32>(),
        is_streaming_response in any::<bool>(),
        error_code in any::<i32>(),
        error_message in ".{0,200}",
    ) {
        let fields = Fields {
            schema_id,
            compression_strategy,
            response_rcu,
            is_streaming_response,
            error_code,
            error_message: &error_message,
        };
        prop_assert_eq!(encoded(&data, fields), by_prost(&data, fields));
    }

    #[test]
    fn data_may_come_in_pieces(
        pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..500), 0..20),
    ) {
        let fields = Fields { schema_id: 1, error_code: 200, ..Fields::default() };
        let mut builder = ResponseBuilder::new(0, usize::MAX);
        for piece in &pieces {
            builder.append(piece.len(), |out| out.extend_from_slice(piece));
        }
        let message = builder.finish(fields).unwrap();
        prop_assert_eq!(message.message(), by_prost(&pieces.concat(), fields));
    }
}
