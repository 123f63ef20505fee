//! Every failure looks to the client as the Java server shows it, with the reason in its text.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use harness::{batch_request, get_request, store, store_with, Harness, OK};
use tonic::Code;
use venice_engine::testing::TestStoreVersion;
use venice_engine::{Registry, StoreVersionState};
use venice_proto::{VeniceClientRequest, VeniceServerResponse};

fn internal_error(text: &str) -> VeniceServerResponse {
    VeniceServerResponse {
        error_code: 500,
        error_message: format!("Internal Error: {text}"),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_store_version_that_is_not_here() {
    let registry = Registry::new();
    let _store = store(&registry, "store_v1");
    let harness = Harness::start(&registry, &[]);
    let mut client = harness.client().await;
    for name in ["store_v2", "store", "", "../store_v1"] {
        let expected = internal_error(&format!(
            "com.linkedin.venice.exceptions.VeniceNoStoreException: Store: {name} does not exist."
        ));
        assert_eq!(client.get(name, 0, b"key").await, expected);
        assert_eq!(client.batch_get(name, &[(0, b"key")]).await, expected);
    }
}

#[tokio::test]
async fn a_partition_that_is_not_here_is_closed_or_was_removed() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let harness = Harness::start(&registry, &[]);
    let mut client = harness.client().await;
    for partition in [7, u32::MAX] {
        assert_eq!(
            client.get("store_v1", partition, b"key").await,
            internal_error(&format!(
                "com.linkedin.venice.exceptions.VeniceException: Failed to get read-write lock for \
                 partition: {}, store: store_v1",
                partition as i32
            ))
        );
    }
    store.close(0).unwrap();
    assert_eq!(
        client.get("store_v1", 0, b"key").await,
        internal_error(
            "com.linkedin.venice.exceptions.VeniceException: RocksDB has been closed for replica: \
             store_v1-0, partition id: 0, any further operation is disallowed"
        )
    );
    store.try_destroy(0).unwrap();
    assert_eq!(
        client.get("store_v1", 0, b"key").await,
        internal_error(
            "com.linkedin.venice.exceptions.PersistenceFailureException: Partition: 0 of store: \
             store_v1 does not exist"
        )
    );
    store.open(0);
    assert_eq!(
        client.get("store_v1", 0, b"key").await.error_message,
        "Key not found"
    );
}

#[tokio::test]
async fn records_that_are_no_values() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"zero", 0, b"payload");
    store.put_raw(0, b"short", &[0, 0, 1]);
    let chunked = StoreVersionState {
        chunked: true,
        ..Default::default()
    };
    let second = store_with(&registry, "store_v2", &chunked);
    second.put_chunked(0, b"key", 1, &[1; 100], 10, 1);
    second.delete_chunks(0, b"key", 1, 4);
    let harness = Harness::start(&registry, &[]);
    let mut client = harness.client().await;
    assert_eq!(
        client.get("store_v1", 0, b"zero").await,
        internal_error(
            "com.linkedin.venice.exceptions.VeniceException: Found a record with invalid schema \
             ID: 0"
        )
    );
    let short = client.get("store_v1", 0, b"short").await;
    assert_eq!(short.error_code, 500);
    assert!(
        short.error_message.contains("record of 3 bytes"),
        "{}",
        short.error_message
    );
    assert_eq!(
        client.get("store_v2", 0, b"key").await,
        internal_error(
            "com.linkedin.venice.exceptions.VeniceException: Chunk not found in store-version: \
             store_v2, partition: 0, chunk index: 0."
        )
    );
}

#[tokio::test]
async fn a_state_that_is_none() {
    let registry = Registry::new();
    let store = TestStoreVersion::create(&registry, "store_v1");
    store.put_raw(
        venice_engine::METADATA_PARTITION,
        b"VERSION_METADATA",
        b"nonsense",
    );
    store.open(0);
    let harness = Harness::start(&registry, &[]);
    let response = harness.client().await.get("store_v1", 0, b"key").await;
    assert_eq!(response.error_code, 500);
    let text = response.error_message;
    assert!(
        text.contains("Failed to decode the StoreVersionState of store_v1"),
        "{text}"
    );
}

#[tokio::test]
async fn requests_that_cannot_be_parsed_end_as_in_java_but_say_why() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let harness = Harness::start(&registry, &[]);
    let mut client = harness.client().await;

    let bad_base64 = VeniceClientRequest {
        key_string: "a!?f=b64".to_owned(),
        ..get_request("store_v1", 0, b"")
    };
    let status = client.get_status(bad_base64).await;
    assert_eq!(status.code(), Code::Unknown);
    assert_eq!(
        status.message(),
        "cannot parse keyString: key string \"a!?f=b64\" is not base64url: it has a character \
         outside A-Z a-z 0-9 - _; send base64 of the alphabet for URLs (RFC 4648, section 5), or the key itself \
         without f=b64"
    );

    let bad_avro = VeniceClientRequest {
        key_bytes: vec![0x00, 0x10, 0x01],
        ..batch_request("store_v1", &[])
    };
    let status = client.get_status(bad_avro).await;
    assert_eq!(status.code(), Code::Unknown);
    assert_eq!(
        status.message(),
        "cannot parse keyBytes as MultiGetRouterRequestKeyV1 records: key record 0 is cut off: \
         keyBytes ends at byte 3"
    );

    // Neither did the connection any harm.
    assert_eq!(client.get("store_v1", 0, b"key").await.error_code, OK);
}
