//! Single get: every field of the answer, found or not.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use harness::{base64url, get_request, store, store_with, Harness, KEY_NOT_FOUND, OK};
use venice_engine::{Registry, StoreVersionState};
use venice_proto::{VeniceClientRequest, VeniceServerResponse};

fn found(schema_id: i32, data: &[u8], compression_strategy: u32) -> VeniceServerResponse {
    VeniceServerResponse {
        schema_id,
        data: data.to_vec(),
        compression_strategy,
        response_rcu: 1,
        error_code: OK,
        ..Default::default()
    }
}

fn missing(compression_strategy: u32) -> VeniceServerResponse {
    VeniceServerResponse {
        compression_strategy,
        response_rcu: 1,
        error_code: KEY_NOT_FOUND,
        error_message: "Key not found".to_owned(),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_value_comes_without_its_header() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 7, b"payload");
    store.put(1, b"key", 8, b"other partition");
    store.put(1, b"empty", 9, b"");
    let harness = Harness::start(&registry, &[]);
    let mut client = harness.client().await;
    assert_eq!(
        client.get("store_v1", 0, b"key").await,
        found(7, b"payload", 0)
    );
    assert_eq!(
        client.get("store_v1", 1, b"key").await,
        found(8, b"other partition", 0)
    );
    assert_eq!(client.get("store_v1", 1, b"empty").await, found(9, b"", 0));
    assert_eq!(client.get("store_v1", 0, b"empty").await, missing(0));
}

#[tokio::test]
async fn the_strategy_is_that_of_the_store_version_and_values_stay_compressed() {
    let registry = Registry::new();
    let gzip = StoreVersionState {
        compression_strategy: 1,
        ..Default::default()
    };
    let zstd = StoreVersionState {
        compression_strategy: 3,
        ..Default::default()
    };
    let first = store_with(&registry, "store_v1", &gzip);
    let second = store_with(&registry, "store_v2", &zstd);
    first.put(0, b"key", 1, b"\x1f\x8b not touched");
    second.put(0, b"key", 1, b"\x28\xb5\x2f\xfd neither");
    let harness = Harness::start(&registry, &[]);
    let mut client = harness.client().await;
    assert_eq!(
        client.get("store_v1", 0, b"key").await,
        found(1, b"\x1f\x8b not touched", 1)
    );
    assert_eq!(
        client.get("store_v2", 0, b"key").await,
        found(1, b"\x28\xb5\x2f\xfd neither", 3)
    );
    assert_eq!(client.get("store_v2", 0, b"none").await, missing(3));
}

#[tokio::test]
async fn a_state_written_later_is_seen() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let harness = Harness::start(&registry, &[]);
    let mut client = harness.client().await;
    assert_eq!(
        client.get("store_v1", 0, b"key").await,
        found(1, b"payload", 0)
    );
    store.put_state(&StoreVersionState {
        compression_strategy: 1,
        ..Default::default()
    });
    assert_eq!(
        client.get("store_v1", 0, b"key").await,
        found(1, b"payload", 1)
    );
}

#[tokio::test]
async fn chunks_are_put_together() {
    let registry = Registry::new();
    let chunked = StoreVersionState {
        chunked: true,
        ..Default::default()
    };
    let store = store_with(&registry, "store_v1", &chunked);
    let payload: Vec<u8> = (0..3_000_000).map(|index| (index % 251) as u8).collect();
    store.put_chunked(0, b"large", 12, &payload, 950 * 1024, 1);
    store.put_unchunked(0, b"small", 13, b"payload");
    let harness = Harness::start(&registry, &[]);
    let mut client = harness.client().await;
    assert_eq!(
        client.get("store_v1", 0, b"small").await,
        found(13, b"payload", 0)
    );
    assert!(client.get("store_v1", 0, b"large").await == found(12, &payload, 0));
}

#[tokio::test]
async fn what_is_only_on_disk_is_found() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    for key in 0..200u32 {
        store.put(0, &key.to_be_bytes(), 1, &[key as u8; 1000]);
    }
    store.flush(0);
    store.reopen(0);
    let harness = Harness::start(&registry, &[]);
    let mut client = harness.client().await;
    for key in 0..200u32 {
        let response = client.get("store_v1", 0, &key.to_be_bytes()).await;
        assert_eq!(response, found(1, &[key as u8; 1000], 0));
    }
    assert_eq!(client.get("store_v1", 0, b"none").await, missing(0));
}

#[tokio::test]
async fn the_request_decides_the_mode_and_not_the_rpc() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 7, b"payload");
    let harness = Harness::start(&registry, &[]);
    let mut client = harness.client().await;
    let response = client
        .grpc
        .batch_get(get_request("store_v1", 0, b"key"))
        .await;
    assert_eq!(response.unwrap().into_inner(), found(7, b"payload", 0));
}

#[tokio::test]
async fn flags_of_batches_mean_nothing_here() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 7, b"payload");
    let harness = Harness::start(&registry, &[]);
    let mut client = harness.client().await;
    let request = VeniceClientRequest {
        is_streaming_request: true,
        is_retry_request: true,
        key_bytes: vec![0xFF],
        ..get_request("store_v1", 0, b"key")
    };
    let response = client.grpc.get(request).await.unwrap();
    assert_eq!(response.into_inner(), found(7, b"payload", 0));
}

#[tokio::test]
async fn keys_of_any_bytes_and_length_travel_as_key_strings() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    let harness = Harness::start(&registry, &[]);
    let mut client = harness.client().await;
    for length in (0..70).chain([95, 96, 97, 255, 1000]) {
        let key: Vec<u8> = (0..length)
            .map(|index| (index * 37 + length) as u8)
            .collect();
        store.put(0, &key, 1, &(length as u32).to_be_bytes());
        let expected = found(1, &(length as u32).to_be_bytes(), 0);
        assert_eq!(client.get("store_v1", 0, &key).await, expected);
        // Without padding, which Java's decoder takes as well.
        let padded = base64url(&key);
        let request = VeniceClientRequest {
            key_string: format!("{}?f=b64", padded.trim_end_matches('=')),
            ..get_request("store_v1", 0, b"")
        };
        assert_eq!(
            client.grpc.get(request).await.unwrap().into_inner(),
            expected
        );
    }
}

#[tokio::test]
async fn a_key_string_without_a_format_is_the_key() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, "gr\u{fc}n +".as_bytes(), 1, b"payload");
    let harness = Harness::start(&registry, &[]);
    let mut client = harness.client().await;
    for key_string in ["gr\u{fc}n +", "gr%C3%BCn%20+", "gr%c3%bcn +?f=string"] {
        let request = VeniceClientRequest {
            key_string: key_string.to_owned(),
            ..get_request("store_v1", 0, b"")
        };
        let response = client.grpc.get(request).await.unwrap().into_inner();
        assert_eq!(response, found(1, b"payload", 0), "{key_string}");
    }
}
