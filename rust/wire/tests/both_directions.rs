//! What this crate writes, prost writes; and what prost writes, this crate reads.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

use std::collections::HashMap;

use proptest::prelude::*;
use prost::Message;
use venice_proto::protocols::{CountByValueRequest, CountByValueResponse};
use venice_proto::streaming::{
    StreamingBatchGetFooter, StreamingBatchGetRequest, StreamingBatchGetResponse,
};
use venice_proto::{
    ReadComputeRequest, StreamingComputeRequest, VeniceClientRequest, VeniceServerResponse,
};
use venice_wire::compute_call::ComputeCall;
use venice_wire::count_call::{put_counts, put_end, CountCall};
use venice_wire::request::{Request, StreamingRequest};
use venice_wire::response::{Footer, Response, StreamedResponse};
use venice_wire::response_records;
use venice_wire::text::Text;

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..200)
}

/// Numbers of all lengths, and the default, which is left out.
fn number() -> impl Strategy<Value = u32> {
    (0u32..33, any::<u32>()).prop_map(|(shift, number)| number.checked_shr(shift).unwrap_or(0))
}

prop_compose! {
    fn footer()(numbers in prop::array::uniform5(number()), text in ".{0,40}") -> Footer {
        let [code, response_rcu, found_keys, missing_keys, failed_keys] = numbers;
        Footer {
            error_code: code as i32,
            error_message: text,
            response_rcu,
            found_keys,
            missing_keys,
            failed_keys,
        }
    }
}

fn by_prost(footer: &Footer) -> StreamingBatchGetFooter {
    StreamingBatchGetFooter {
        error_code: footer.error_code as u32,
        error_message: footer.error_message.clone(),
        response_rcu: footer.response_rcu,
        found_keys: footer.found_keys,
        missing_keys: footer.missing_keys,
        failed_keys: footer.failed_keys,
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
    fn requests_are_written_as_by_prost(
        partition in number(),
        key_string in ".{0,40}",
        key_bytes in bytes(),
        resource_name in "[a-z]{0,9}(_v[0-9])?",
        (is_streaming, is_batch) in any::<(bool, bool)>(),
        method in "(GET|POST)?",
    ) {
        let mut written = Vec::new();
        let request = Request {
            partition: partition as i32,
            key_string: Text::from(&key_string),
            key_bytes: &key_bytes,
            resource_name: Text::from(&resource_name),
            is_streaming,
            is_batch,
            method: &method,
        };
        request.encode(&mut written);
        prop_assert_eq!(Request::decode(&written).unwrap(), request);
        let theirs = VeniceClientRequest {
            partition,
            key_string: key_string.clone(),
            key_bytes: key_bytes.clone(),
            resource_name: resource_name.clone(),
            is_streaming_request: is_streaming,
            is_retry_request: false,
            is_batch_request: is_batch,
            method: method.clone(),
        };
        prop_assert_eq!(written, theirs.encode_to_vec());
    }

    #[test]
    fn streamed_requests_are_written_as_by_prost(
        request_id in any::<u64>(),
        resource_name in "[a-z]{0,9}(_v[0-9])?",
        method in "(GET|POST)?",
        key_bytes in bytes(),
    ) {
        let mut written = Vec::new();
        let request = StreamingRequest {
            request_id,
            resource_name: &resource_name,
            method: &method,
            key_bytes: &key_bytes,
        };
        request.encode(&mut written);
        prop_assert_eq!(StreamingRequest::decode(&written).unwrap(), request);
        let theirs = StreamingBatchGetRequest {
            request_id,
            resource_name: resource_name.clone(),
            method: method.clone(),
            key_bytes: key_bytes.clone(),
        };
        prop_assert_eq!(written, theirs.encode_to_vec());
    }

    #[test]
    fn requests_to_compute_are_written_as_by_prost(
        request_id in any::<u64>(),
        resource_name in "[a-z]{0,9}(_v[0-9])?",
        method in "(GET|POST)?",
        body in bytes(),
        value_schema_id in -3..3i32,
        is_streaming in any::<bool>(),
    ) {
        let mut written = Vec::new();
        let call = ComputeCall {
            request_id: 0,
            resource_name: &resource_name,
            method: &method,
            body: &body,
            value_schema_id,
            is_streaming,
        };
        call.encode(&mut written);
        prop_assert_eq!(ComputeCall::decode(&written).unwrap(), call);
        let theirs = ReadComputeRequest {
            body: body.clone(),
            resource_name: resource_name.clone(),
            is_streaming_request: is_streaming,
            method: method.clone(),
            value_schema_id,
        };
        prop_assert_eq!(&written, &theirs.encode_to_vec());

        written.clear();
        let call = ComputeCall { request_id, is_streaming: true, ..call };
        call.encode_streamed(&mut written);
        prop_assert_eq!(ComputeCall::decode_streamed(&written).unwrap(), call);
        let theirs = StreamingComputeRequest {
            request_id,
            resource_name: resource_name.clone(),
            method: method.clone(),
            body: body.clone(),
            value_schema_id,
        };
        prop_assert_eq!(&written, &theirs.encode_to_vec());
    }

    #[test]
    fn requests_to_count_of_prost_are_read(
        keys in prop::collection::vec(bytes(), 0..5),
        resource_name in "[a-z]{0,9}(_v[0-9])?",
        top_k in any::<i32>(),
        field_names in prop::collection::vec(".{0,9}", 0..5),
    ) {
        let theirs = CountByValueRequest {
            keys: keys.clone(),
            resource_name: resource_name.clone(),
            top_k,
            field_names: field_names.clone(),
        };
        let message = theirs.encode_to_vec();
        let call = CountCall::decode(&message).unwrap();
        prop_assert_eq!((call.resource_name, call.top), (&*resource_name, top_k));
        prop_assert_eq!((call.keys, call.fields), (keys.len(), field_names.len()));
        prop_assert!(call.keys().eq(keys.iter().map(|key| &key[..])));
        prop_assert!(call.field_names().eq(field_names.iter().map(|name| &name[..])));
    }

    #[test]
    fn counts_are_read_by_prost(
        fields in prop::collection::hash_map(".{0,9}", prop::collection::hash_map(".{0,9}", 0..100i32, 0..5), 0..4),
        error_code in 0..1000i32,
        error_message in ".{0,40}",
    ) {
        let mut written = Vec::new();
        for (field, values) in &fields {
            let values: Vec<(String, i32)> =
                values.iter().map(|(value, count)| (value.clone(), *count)).collect();
            put_counts(&mut written, field, &values);
        }
        put_end(&mut written, error_code, &error_message);
        let response = CountByValueResponse::decode(&written[..]).unwrap();
        prop_assert_eq!(response.error_code, error_code as u32);
        prop_assert_eq!(&response.error_message, &error_message);
        let read = response.field_to_value_counts.into_iter();
        let read: HashMap<_, _> = read.map(|(field, counts)| (field, counts.value_to_counts)).collect();
        prop_assert_eq!(read, fields);
    }

    #[test]
    fn responses_of_prost_are_read(
        schema_id in any::<i32>(),
        data in bytes(),
        numbers in prop::array::uniform3(number()),
        is_streaming_response in any::<bool>(),
        error_message in ".{0,40}",
    ) {
        let [compression_strategy, response_rcu, error_code] = numbers;
        let message = VeniceServerResponse {
            schema_id,
            data: data.clone(),
            compression_strategy,
            response_rcu,
            is_streaming_response,
            error_code,
            error_message: error_message.clone(),
        }
        .encode_to_vec();
        let ours = Response {
            schema_id,
            data: &data,
            compression_strategy,
            response_rcu,
            is_streaming_response,
            error_code: error_code as i32,
            error_message: &error_message,
        };
        prop_assert_eq!(Response::decode(&message).unwrap(), ours);
    }

    #[test]
    fn streamed_responses_of_prost_are_read(
        request_id in any::<u64>(),
        records in bytes(),
        compression_strategy in number(),
        footer in prop::option::of(footer()),
    ) {
        let message = StreamingBatchGetResponse {
            request_id,
            records: records.clone(),
            compression_strategy,
            footer: footer.as_ref().map(by_prost),
        }
        .encode_to_vec();
        let ours = StreamedResponse {
            request_id,
            records: &records,
            compression_strategy,
            footer,
        };
        prop_assert_eq!(StreamedResponse::decode(&message).unwrap(), ours);
    }

    #[test]
    fn footers_are_written_as_by_prost(request_id in any::<u64>(), footer in footer()) {
        let mut written = Vec::new();
        footer.encode_response(request_id, &mut written);
        let theirs = StreamingBatchGetResponse {
            request_id,
            footer: Some(by_prost(&footer)),
            ..Default::default()
        };
        prop_assert_eq!(written, theirs.encode_to_vec());
    }

    #[test]
    fn any_bytes_are_judged_without_a_panic(message in bytes()) {
        if let Ok(response) = Response::decode(&message) {
            prop_assert!(response.data.len() + response.error_message.len() <= message.len());
            let records = response_records::decode(response.data);
            prop_assert!(records.count() <= response.data.len());
        }
        if let Ok(response) = StreamedResponse::decode(&message) {
            prop_assert!(response.records.len() <= message.len());
        }
    }
}
