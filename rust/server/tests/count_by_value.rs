//! `countByValue` of Venice's read service over a connection: the server finds keys' partitions, and counts values of fields.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::collections::HashMap;

use harness::compute::{compressed, description, serving, v1, v2};
use harness::{store, Harness, OK};
use tonic::Code;
use venice_catalog::{partition_of, Compression, Partitioner};
use venice_engine::testing::TestStoreVersion;
use venice_engine::Registry;
use venice_proto::protocols::{CountByValueRequest, CountByValueResponse, ValueCount};

/// Puts a value where the store's partitioner has it.
fn put(store: &TestStoreVersion, key: &[u8], schema: i32, value: &[u8]) {
    store.put(partition_of(key, 2), key, schema, value);
}

fn key(number: u32) -> Vec<u8> {
    format!("key {number}").into_bytes()
}

fn request(keys: Vec<Vec<u8>>, fields: &[&str], top: i32) -> CountByValueRequest {
    CountByValueRequest {
        keys,
        resource_name: "store_v1".to_owned(),
        top_k: top,
        field_names: fields.iter().map(|name| (*name).to_owned()).collect(),
    }
}

async fn count(harness: &Harness, request: CountByValueRequest) -> CountByValueResponse {
    let mut client = harness.client().await;
    let response = client.grpc.count_by_value(request).await;
    response.unwrap().into_inner()
}

fn counts(values: &[(&str, i32)]) -> ValueCount {
    ValueCount {
        value_to_counts: values
            .iter()
            .map(|(value, count)| ((*value).to_owned(), *count))
            .collect(),
    }
}

async fn refusal(harness: &Harness, request: CountByValueRequest) -> (u32, String) {
    let response = count(harness, request).await;
    assert!(response.field_to_value_counts.is_empty());
    (response.error_code, response.error_message)
}

#[tokio::test]
async fn values_of_several_fields_are_counted_over_both_partitions_and_schemas() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    for number in 0..100 {
        let name = ["one", "two", "three", "two"][number as usize % 4];
        let color = ["red", "green"][number as usize % 2];
        match number % 5 {
            // Without a color, which is null then.
            0 => put(&store, &key(number), 1, &v1(name, &[], &[])),
            _ => put(&store, &key(number), 2, &v2(Some(color), name, &[], &[])),
        }
    }
    let harness = serving(&registry, description(Compression::NoOp), &[]);
    // Keys that are missing are not counted, and one that comes twice is counted twice.
    let keys: Vec<Vec<u8>> = (0..200).chain([1, 1]).map(key).collect();
    let response = count(&harness, request(keys.clone(), &["name", "color"], 10)).await;
    let expected = HashMap::from([
        (
            "name".to_owned(),
            counts(&[("two", 52), ("one", 25), ("three", 25)]),
        ),
        ("color".to_owned(), counts(&[("green", 42), ("red", 40)])),
    ]);
    assert_eq!(response.error_message, "");
    assert_eq!(
        (response.error_code, response.field_to_value_counts),
        (OK, expected)
    );
    // Of values that occur equally often the first by its bytes.
    let response = count(&harness, request(keys, &["name"], 2)).await;
    let expected = counts(&[("two", 52), ("one", 25)]);
    assert_eq!(response.field_to_value_counts["name"], expected);
    let response = count(&harness, request(Vec::new(), &["name"], 1)).await;
    assert_eq!(response.field_to_value_counts["name"], counts(&[]));
}

#[tokio::test]
async fn what_cannot_be_counted_is_refused_with_the_reason() {
    let registry = Registry::new();
    let store = compressed(&registry, Compression::NoOp, false);
    put(&store, b"key", 1, &v1("name", &[], &[]));
    let settings = ["compute.max.operations", "2", "max.batch.keys", "3"];
    let harness = serving(&registry, description(Compression::NoOp), &settings);
    let one = || vec![b"key".to_vec()];
    for (request, code, text) in [
        (request(one(), &[], 1), 400, "fieldNames cannot be null or empty"),
        (request(one(), &[""], 1), 400, "Field name cannot be empty"),
        (request(one(), &["size"], 1), 400, "Field not found in schema: size"),
        (
            request(one(), &["na\0me"], 1),
            400,
            "Field not found in schema: na\0me",
        ),
        (request(one(), &["name"], 0), 400, "topK is 0, and has to be at least 1"),
        (
            request(one(), &["tags"], 1),
            400,
            "Field tags has the type array; strings, enums, booleans and numbers are counted, also in unions with null",
        ),
        (
            request(one(), &["name", "color", "name"], 1),
            400,
            "the request has more than 2 operations or fields (setting compute.max.operations); ask for fewer per \
             request, or raise the setting",
        ),
        (
            request((0..4).map(key).collect(), &["name"], 1),
            400,
            "batch of more than 3 keys (setting max.batch.keys); ask for fewer keys per request, or raise the setting",
        ),
    ] {
        assert_eq!(refusal(&harness, request).await, (code, text.to_owned()));
    }
    let nowhere = CountByValueRequest {
        resource_name: "nowhere_v1".to_owned(),
        ..request(one(), &["name"], 1)
    };
    let unknown =
        "Internal Error: com.linkedin.venice.exceptions.VeniceNoStoreException: Store: nowhere_v1 does not exist.";
    assert_eq!(refusal(&harness, nowhere).await, (500, unknown.to_owned()));
    let nothing = CountByValueRequest::default();
    let nowhere =
        "Internal Error: com.linkedin.venice.exceptions.VeniceNoStoreException: Store:  does not exist.";
    assert_eq!(refusal(&harness, nothing).await, (500, nowhere.to_owned()));
    // Partitions that are elsewhere: what a batch get says of them.
    store.destroy(partition_of(b"key", 2));
    let (code, text) = refusal(&harness, request(one(), &["name"], 1)).await;
    assert_eq!(code, 500);
    assert!(
        text.starts_with("Internal Error: com.linkedin.venice."),
        "{text}"
    );
}

#[tokio::test]
async fn a_partitioner_that_only_java_has_and_a_store_without_compute_are_refused() {
    let registry = Registry::new();
    let _store = store(&registry, "store_v1");
    let mut known = description(Compression::NoOp);
    known.versions[0].partitioner = Partitioner {
        class: "com.example.Own".to_owned(),
        ..Partitioner::default()
    };
    let harness = serving(&registry, known.clone(), &[]);
    let asked = || request(vec![b"key".to_vec()], &["name"], 1);
    let (code, text) = refusal(&harness, asked()).await;
    assert_eq!(code, 500);
    assert!(text.contains("\"com.example.Own\""), "{text}");
    known.versions.clear();
    harness.server.catalog().put(known.clone()).unwrap();
    let (code, text) = refusal(&harness, asked()).await;
    assert_eq!(code, 500);
    assert!(text.contains("has no version 1"), "{text}");
    known.read_compute_enabled = false;
    harness.server.catalog().put(known).unwrap();
    let off = "Read compute is not enabled for the store. Please contact Venice team to enable the feature.";
    assert_eq!(refusal(&harness, asked()).await, (405, off.to_owned()));
}

#[tokio::test]
async fn counting_takes_no_more_memory_than_an_answer() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    for number in 0..1000 {
        put(
            &store,
            &key(number),
            1,
            &v1(&format!("{number:0200}"), &[], &[]),
        );
    }
    let harness = serving(
        &registry,
        description(Compression::NoOp),
        &["max.response.bytes", "100000"],
    );
    let keys = (0..1000).map(key).collect();
    let (code, text) = refusal(&harness, request(keys, &["name"], 1)).await;
    assert_eq!(code, 500);
    let expected = "the fields have so many values that counting them takes more than 100000 bytes (setting \
                    max.response.bytes); count fields of fewer values, or over fewer keys, or raise the setting";
    assert_eq!(text, expected);
}

#[tokio::test]
async fn without_the_setting_it_is_unimplemented() {
    let registry = Registry::new();
    let settings = ["compute.enabled", "false"];
    let harness = serving(&registry, description(Compression::NoOp), &settings);
    let mut client = harness.client().await;
    let asked = request(Vec::new(), &["name"], 1);
    let status = client.grpc.count_by_value(asked).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    assert_eq!(
        status.message(),
        "Method com.linkedin.venice.protocols.VeniceReadService/countByValue is unimplemented"
    );
}
