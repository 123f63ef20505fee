//! Batch get: records in request order, missing keys, modes and sizes.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use harness::{batch_request, records, store, store_with, Harness, OK};
use venice_engine::{Registry, StoreVersionState};
use venice_proto::{VeniceClientRequest, VeniceServerResponse};
use venice_server::internals::read_path::INLINE_BATCH_KEYS;

fn head(response: &VeniceServerResponse) -> VeniceServerResponse {
    VeniceServerResponse {
        data: Vec::new(),
        ..response.clone()
    }
}

fn success(keys: u32) -> VeniceServerResponse {
    VeniceServerResponse {
        schema_id: 1,
        response_rcu: keys,
        error_code: OK,
        ..Default::default()
    }
}

#[tokio::test]
async fn records_come_in_the_order_of_the_request() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"a", 7, b"payload a");
    store.put(1, b"b", 8, b"payload b");
    store.put(1, b"empty", 9, b"");
    let harness = Harness::start(&registry, &[]);
    let mut client = harness.client().await;
    // Over partitions, with a key twice.
    let keys: [(u32, &[u8]); 4] = [(1, b"b"), (0, b"a"), (1, b"empty"), (1, b"b")];
    let response = client.batch_get("store_v1", &keys).await;
    assert_eq!(head(&response), success(4));
    assert_eq!(
        records(&response.data),
        [
            (0, b"payload b".to_vec(), 8),
            (1, b"payload a".to_vec(), 7),
            (2, b"".to_vec(), 9),
            (3, b"payload b".to_vec(), 8),
        ]
    );
}

#[tokio::test]
async fn golden_bytes_of_a_batch() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(1, &[1, 2], 5, b"xyz");
    let harness = Harness::start(&registry, &[]);
    let mut client = harness.client().await;
    let response = client.batch_get("store_v1", &[(1, &[1, 2])]).await;
    assert_eq!(response.data, [0x00, 0x06, b'x', b'y', b'z', 0x0A]);
}

#[tokio::test]
async fn missing_keys_are_left_out() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"b", 1, b"payload");
    let harness = Harness::start(&registry, &[]);
    let mut client = harness.client().await;
    let response = client
        .batch_get("store_v1", &[(0, b"a"), (0, b"b"), (0, b"c")])
        .await;
    assert_eq!(head(&response), success(3));
    assert_eq!(records(&response.data), [(1, b"payload".to_vec(), 1)]);
}

#[tokio::test]
async fn a_batch_without_a_hit_is_a_success() {
    let registry = Registry::new();
    let _store = store(&registry, "store_v1");
    let harness = Harness::start(&registry, &[]);
    let mut client = harness.client().await;
    assert_eq!(
        client.batch_get("store_v1", &[(0, b"a"), (1, b"a")]).await,
        success(2)
    );
    assert_eq!(client.batch_get("store_v1", &[]).await, success(0));
}

#[tokio::test]
async fn streaming_requests_are_told_what_is_missing() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"b", 1, b"payload");
    let harness = Harness::start(&registry, &[]);
    let mut client = harness.client().await;
    let request = VeniceClientRequest {
        is_streaming_request: true,
        ..batch_request("store_v1", &[(0, b"a"), (0, b"b"), (1, b"c")])
    };
    let response = client.grpc.batch_get(request).await.unwrap().into_inner();
    let expected = VeniceServerResponse {
        is_streaming_response: true,
        ..success(3)
    };
    assert_eq!(head(&response), expected);
    // The index of the first key stays 0 when it is negated.
    assert_eq!(
        records(&response.data),
        [
            (0, vec![], -1000),
            (1, b"payload".to_vec(), 1),
            (-2, vec![], -1000)
        ]
    );
}

#[tokio::test]
async fn the_request_decides_the_mode_and_not_the_rpc() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"a", 7, b"payload");
    let harness = Harness::start(&registry, &[]);
    let mut client = harness.client().await;
    // The fields of a single get are not looked at, not even a bad key string.
    let request = VeniceClientRequest {
        partition: 99,
        key_string: "%".to_owned(),
        ..batch_request("store_v1", &[(0, b"a")])
    };
    let response = client.grpc.get(request).await.unwrap().into_inner();
    assert_eq!(head(&response), success(1));
    assert_eq!(records(&response.data), [(0, b"payload".to_vec(), 7)]);
}

#[tokio::test]
async fn large_batches_are_answered_from_memory_and_from_disk() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    let keys: Vec<[u8; 100]> = (0..2000u32)
        .map(|key| {
            let mut bytes = [b'k'; 100];
            bytes[..4].copy_from_slice(&key.to_be_bytes());
            bytes
        })
        .collect();
    let partition = |index: usize| (index % 2) as u32;
    for (index, key) in keys.iter().enumerate() {
        store.put(partition(index) as i32, key, 1, &[index as u8; 300]);
    }
    let harness = Harness::start(&registry, &[]);
    let mut client = harness.client().await;
    for flushed in [false, true] {
        if flushed {
            store.flush(0);
            store.flush(1);
        }
        // 2000 keys are more than one frame, so the request is put together from several.
        for count in [1, INLINE_BATCH_KEYS, INLINE_BATCH_KEYS + 1, 2000] {
            let batch: Vec<(u32, &[u8])> =
                (0..count).map(|i| (partition(i), &keys[i][..])).collect();
            let response = client.batch_get("store_v1", &batch).await;
            assert_eq!(head(&response), success(count as u32));
            let records = records(&response.data);
            assert_eq!(records.len(), count);
            for (index, record) in records.into_iter().enumerate() {
                assert_eq!(record, (index as i64, vec![index as u8; 300], 1));
            }
        }
    }
}

/// Several requests that fill the windows, at a time: each waits for its turn, and none is refused.
#[tokio::test]
async fn large_requests_at_a_time_are_all_answered() {
    let registry = Registry::new();
    let _store = store(&registry, "store_v1");
    let harness = Harness::start(&registry, &[]);
    let client = harness.client().await;
    let keys: Vec<Vec<u8>> = (0..4000u32)
        .map(|key| [&key.to_be_bytes()[..], &[b'k'; 60]].concat())
        .collect();
    let batch: Vec<(u32, &[u8])> = keys.iter().map(|key| (0, &key[..])).collect();
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..16 {
        let mut client = client.clone();
        let request = batch_request("store_v1", &batch);
        calls.spawn(async move { client.grpc.batch_get(request).await.unwrap() });
    }
    let mut answered = 0;
    while let Some(response) = calls.join_next().await {
        assert_eq!(response.unwrap().into_inner().error_code, OK);
        answered += 1;
    }
    assert_eq!(answered, 16);
}

#[tokio::test]
async fn chunked_values_and_the_strategy_come_along() {
    let registry = Registry::new();
    let state = StoreVersionState {
        chunked: true,
        compression_strategy: 1,
        ..Default::default()
    };
    let store = store_with(&registry, "store_v1", &state);
    store.put_chunked(0, b"large", 12, &[5; 10_000], 999, 1);
    store.put_unchunked(1, b"small", 13, b"payload");
    let harness = Harness::start(&registry, &[]);
    let mut client = harness.client().await;
    let response = client
        .batch_get("store_v1", &[(0, b"large"), (1, b"small"), (1, b"none")])
        .await;
    let expected = VeniceServerResponse {
        compression_strategy: 1,
        ..success(3)
    };
    assert_eq!(head(&response), expected);
    assert_eq!(
        records(&response.data),
        [(0, vec![5; 10_000], 12), (1, b"payload".to_vec(), 13)]
    );
}

#[tokio::test]
async fn one_failing_key_fails_the_batch() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"a", 1, b"payload");
    let harness = Harness::start(&registry, &[]);
    let mut client = harness.client().await;
    let response = client.batch_get("store_v1", &[(0, b"a"), (5, b"a")]).await;
    assert_eq!(
        response,
        VeniceServerResponse {
            error_code: 500,
            error_message:
                "Internal Error: com.linkedin.venice.exceptions.VeniceException: Failed to \
                            get read-write lock for partition: 5, store: store_v1"
                    .to_owned(),
            ..Default::default()
        }
    );
}
