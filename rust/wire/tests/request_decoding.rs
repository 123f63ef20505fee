//! The in-place decoder reads what the generated one reads, also from mutilated and random bytes.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

use proptest::prelude::*;
use prost::Message;
use venice_proto::VeniceClientRequest;
use venice_wire::request::Request;
use venice_wire::text::Text;

fn view(request: &VeniceClientRequest) -> Request<'_> {
    Request {
        partition: request.partition as i32,
        key_string: Text::from(&request.key_string),
        key_bytes: &request.key_bytes,
        resource_name: Text::from(&request.resource_name),
        is_streaming: request.is_streaming_request,
        is_batch: request.is_batch_request,
        method: &request.method,
    }
}

/// Where the two may differ: protobuf-java, which decides here, skips a known field of another wire
/// type, drops the spare bits of a ten-byte number, and keeps the low 32 bits of a tag and of a
/// length; prost refuses all of it, the last as a message that ends too early.
fn is_stricter_than_java(error: &prost::DecodeError, message: &[u8]) -> bool {
    let text = error.to_string();
    text.contains("invalid wire type")
        || text.contains("invalid varint")
        || text.contains("invalid key value")
        || (text.contains("buffer underflow") && has_number_above_32_bits(message))
}

/// Whether a varint of more than 32 bits may stand somewhere.
fn has_number_above_32_bits(message: &[u8]) -> bool {
    message
        .windows(5)
        .any(|window| window[..4].iter().all(|byte| byte & 0x80 != 0) && window[4] > 0x0F)
}

fn compare(message: &[u8]) -> Result<(), TestCaseError> {
    match (
        VeniceClientRequest::decode(message),
        Request::decode(message),
    ) {
        (Ok(theirs), Ok(ours)) => prop_assert_eq!(view(&theirs), ours),
        (Err(_), Err(_)) => {}
        (Err(error), Ok(_)) => prop_assert!(is_stricter_than_java(&error, message), "{error}"),
        (Ok(_), Err(error)) => prop_assert!(false, "refused: {error}"),
    }
    Ok(())
}

prop_compose! {
    fn request()(
        partition in any::<u32>(),
        key_string in ".{0,40}",
        key_bytes in prop::collection::vec(any::<u8>(), 0..200),
        resource_name in "[a-z]{0,9}(_v[0-9])?",
        flags in any::<(bool, bool, bool)>(),
        method in "(GET|POST)?",
    ) -> VeniceClientRequest {
        VeniceClientRequest {
            partition,
            key_string,
            key_bytes,
            resource_name,
            is_streaming_request: flags.0,
            is_retry_request: flags.1,
            is_batch_request: flags.2,
            method,
        }
    }
}

/// Bytes that look like protobuf: small tags, all wire types, short lengths.
fn tag_soup() -> impl Strategy<Value = Vec<u8>> {
    let item = (0u8..13, 0u8..8, prop::collection::vec(any::<u8>(), 0..12)).prop_map(
        |(field, wire_type, mut bytes)| {
            if wire_type == 2 {
                bytes.insert(0, bytes.len() as u8);
            }
            bytes.insert(0, field << 3 | wire_type);
            bytes
        },
    );
    prop::collection::vec(item, 0..8).prop_map(|items| items.concat())
}

fn config() -> ProptestConfig {
    // Failures are printed with their input; a file of them would land in the source tree.
    ProptestConfig {
        cases: 4000,
        failure_persistence: None,
        ..Default::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn what_prost_writes_is_read(request in request()) {
        let message = request.encode_to_vec();
        prop_assert_eq!(Request::decode(&message).unwrap(), view(&request));
    }

    #[test]
    fn cut_messages_are_judged_alike(request in request(), cut in any::<prop::sample::Index>()) {
        let message = request.encode_to_vec();
        compare(&message[..cut.index(message.len() + 1)])?;
    }

    #[test]
    fn changed_messages_are_judged_alike(
        request in request(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut message = request.encode_to_vec();
        for (at, byte) in changes {
            let length = message.len();
            if length > 0 {
                message[at.index(length)] = byte;
            }
        }
        compare(&message)?;
    }

    #[test]
    fn repeated_messages_are_merged_alike(first in request(), second in request()) {
        compare(&[first.encode_to_vec(), second.encode_to_vec()].concat())?;
    }

    #[test]
    fn garbage_is_judged_alike(message in prop::collection::vec(any::<u8>(), 0..64)) {
        compare(&message)?;
    }

    #[test]
    fn tag_soup_is_judged_alike(message in tag_soup()) {
        compare(&message)?;
    }
}
