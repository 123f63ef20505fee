//! Messages over their limits: refused with size, limit and setting; the connection goes on. What they
//! cost in memory: `oversized_memory.rs`.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use harness::{batch_request, get_request, records, store, Harness, OK};
use tonic::Code;
use venice_engine::Registry;
use venice_proto::{VeniceClientRequest, VeniceServerResponse};

#[tokio::test]
async fn a_large_request_is_refused_before_it_is_read() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let harness = Harness::start(&registry, &["max.request.bytes", "1000"]);
    let mut client = harness.client().await;
    // Just above, and far above every window, so that the client cannot have sent all of it.
    for size in [1100, 20_000_000] {
        let request = VeniceClientRequest {
            key_bytes: vec![0; size],
            ..batch_request("store_v1", &[])
        };
        let encoded = prost::Message::encoded_len(&request);
        let status = client.get_status(request).await;
        assert_eq!(status.code(), Code::ResourceExhausted, "{status}");
        assert_eq!(
            status.message(),
            format!(
                "request of {encoded} bytes is larger than the limit of 1000 bytes (setting \
                 max.request.bytes); ask for fewer keys per request, or raise the setting"
            )
        );
        assert_eq!(client.get("store_v1", 0, b"key").await.error_code, OK);
    }
}

#[tokio::test]
async fn a_request_of_exactly_the_limit_is_taken() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let request = get_request("store_v1", 0, b"key");
    let size = prost::Message::encoded_len(&request).to_string();
    let harness = Harness::start(&registry, &["max.request.bytes", &size]);
    let response = harness
        .client()
        .await
        .grpc
        .get(request)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(response.error_code, OK);
}

fn too_large(size: usize, limit: usize) -> VeniceServerResponse {
    VeniceServerResponse {
        error_code: 500,
        error_message: format!(
            "response of at least {size} bytes is larger than the limit of {limit} bytes (setting \
             max.response.bytes); ask for fewer keys per request, or raise the setting and the \
             client's maximum inbound message size"
        ),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_large_value_is_an_error_with_its_size() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"large", 1, &[1; 2000]);
    store.put(0, b"key", 1, b"payload");
    let harness = Harness::start(&registry, &["max.response.bytes", "1000"]);
    let mut client = harness.client().await;
    assert_eq!(
        client.get("store_v1", 0, b"large").await,
        too_large(2000, 1000)
    );
    assert_eq!(client.get("store_v1", 0, b"key").await.error_code, OK);
}

#[tokio::test]
async fn a_large_batch_is_an_error_with_the_size_at_which_its_read_ended() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"large", 1, &[1; 600]);
    let harness = Harness::start(&registry, &["max.response.bytes", "1000"]);
    let mut client = harness.client().await;
    let keys: Vec<(u32, &[u8])> = vec![(0, b"large"); 10];
    // A record is 600 bytes, 2 of length, and one each of index and schema id. The second is too much.
    assert_eq!(
        client.batch_get("store_v1", &keys).await,
        too_large(1208, 1000)
    );
    let response = client.batch_get("store_v1", &keys[..1]).await;
    assert_eq!(records(&response.data), [(0, vec![1; 600], 1)]);
}

#[tokio::test]
async fn the_default_limit_is_what_a_client_takes_by_default() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    let limit = 4 * 1024 * 1024;
    // schemaId 2, head of data 5, responseRCU 2, errorCode 3.
    let largest = limit - 12;
    store.put(0, b"fits", 1, &vec![1; largest]);
    store.put(0, b"large", 1, &vec![1; largest + 1]);
    let harness = Harness::start(&registry, &[]);
    let mut client = harness.client().await;
    assert_eq!(client.get("store_v1", 0, b"fits").await.data.len(), largest);
    assert_eq!(
        client.get("store_v1", 0, b"large").await,
        too_large(limit + 1, limit)
    );
}

#[tokio::test]
async fn a_batch_of_too_many_keys_is_refused_and_reads_nothing() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let harness = Harness::start(&registry, &["max.batch.keys", "3"]);
    let mut client = harness.client().await;
    let keys: Vec<(u32, &[u8])> = vec![(0, b"key"); 4];
    assert_eq!(
        client.batch_get("store_v1", &keys).await,
        VeniceServerResponse {
            error_code: 400,
            error_message:
                "batch of more than 3 keys (setting max.batch.keys); ask for fewer keys \
                            per request, or raise the setting"
                    .to_owned(),
            ..Default::default()
        }
    );
    let response = client.batch_get("store_v1", &keys[1..]).await;
    assert_eq!(records(&response.data).len(), 3);
}
