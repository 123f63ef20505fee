//! Read quota, as clients see it: refusals, their order, and what they leave undone.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::sync::Arc;

use harness::{get_request, store, Harness, OK};
use venice_engine::Registry;
use venice_proto::{VeniceClientRequest, VeniceServerResponse};
use venice_server::internals::runtime::ManualClock;
use venice_server::Config;

/// One refill each second, and the bucket holds one: a quota of n RCU/s is n keys each second.
fn start(registry: &Arc<Registry>) -> (Harness, Arc<ManualClock>) {
    let settings = [
        "bind.address",
        "127.0.0.1",
        "worker.threads",
        "2",
        "disk.threads",
        "2",
        "quota.interval.ms",
        "1000",
        "quota.capacity.multiple",
        "1",
    ];
    let clock = Arc::new(ManualClock::default());
    let config = Config::from_pairs(&settings).unwrap();
    (Harness::start_with(registry, config, clock.clone()), clock)
}

fn error(code: i32, message: &str) -> VeniceServerResponse {
    VeniceServerResponse {
        error_code: code as u32,
        error_message: message.to_owned(),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_store_version_over_its_quota_is_refused_until_the_next_refill() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"a", 1, b"payload");
    let (harness, clock) = start(&registry);
    harness
        .server
        .quota()
        .set_store_version("store_v1", 10, 0.5)
        .unwrap();
    let mut client = harness.client().await;
    let keys: [(u32, &[u8]); 3] = [(0, b"a"), (0, b"a"), (1, b"missing")];
    for _ in 0..2 {
        // A batch costs its keys, found or not, once or twice; a get costs one.
        assert_eq!(client.batch_get("store_v1", &keys).await.error_code, OK);
        assert_eq!(client.get("store_v1", 0, b"a").await.error_code, OK);
        assert_eq!(client.get("store_v1", 0, b"a").await.error_code, OK);
        assert_eq!(client.get("store_v1", 0, b"a").await, error(429, ""));
        assert_eq!(client.batch_get("store_v1", &keys).await, error(429, ""));
        assert_eq!(client.batch_get("store_v1", &[]).await.error_code, OK);
        clock.advance(1001);
    }
}

#[tokio::test]
async fn a_node_over_its_capacity_says_so() {
    let registry = Registry::new();
    let (one, other) = (store(&registry, "one_v1"), store(&registry, "other_v3"));
    one.put(0, b"a", 1, b"payload");
    other.put(0, b"a", 1, b"payload");
    let (harness, _) = start(&registry);
    let quota = harness.server.quota();
    quota.set_node(3).unwrap();
    quota.set_store_version("one_v1", 2, 1.0).unwrap();
    let mut client = harness.client().await;
    assert_eq!(client.get("one_v1", 0, b"a").await.error_code, OK);
    assert_eq!(client.get("one_v1", 0, b"a").await.error_code, OK);
    // The store version comes first, so the node keeps its last token.
    assert_eq!(client.get("one_v1", 0, b"a").await, error(429, ""));
    assert_eq!(client.get("other_v3", 0, b"a").await.error_code, OK);
    let full = error(503, "Server over capacity");
    assert_eq!(client.get("other_v3", 0, b"a").await, full);
    quota.disable("other_v3").unwrap();
    assert_eq!(client.get("other_v3", 0, b"a").await.error_code, OK);
}

#[tokio::test]
async fn a_store_that_nobody_knows_is_a_bad_request() {
    let registry = Registry::new();
    let (harness, _) = start(&registry);
    let mut client = harness.client().await;
    let missing = client.get("store_v1", 0, b"a").await;
    assert_eq!(missing.error_code, 500, "{missing:?}");
    harness.server.quota().set_node(100).unwrap();
    assert_eq!(
        client.get("store_v1", 0, b"a").await,
        error(400, "Invalid request resource: store_v1")
    );
}

#[tokio::test]
async fn a_refused_request_reads_nothing() {
    let registry = Registry::new();
    let _store = store(&registry, "store_v1");
    let (harness, _) = start(&registry);
    let quota = harness.server.quota();
    quota.set_store_version("store_v1", 1, 1.0).unwrap();
    let mut client = harness.client().await;
    // Whoever looks finds that there is no partition 7.
    assert_eq!(client.get("store_v1", 7, b"a").await.error_code, 500);
    assert_eq!(client.get("store_v1", 7, b"a").await, error(429, ""));
}

#[tokio::test]
async fn what_cannot_be_parsed_costs_nothing() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"a", 1, b"payload");
    let (harness, _) = start(&registry);
    let quota = harness.server.quota();
    quota.set_store_version("store_v1", 1, 1.0).unwrap();
    let mut client = harness.client().await;
    let unreadable = VeniceClientRequest {
        key_bytes: vec![0xFF; 3],
        is_batch_request: true,
        ..get_request("store_v1", 0, b"a")
    };
    for _ in 0..3 {
        client.get_status(unreadable.clone()).await;
    }
    assert_eq!(client.get("store_v1", 0, b"a").await.error_code, OK);
}

#[tokio::test]
async fn a_read_that_goes_to_the_disk_is_charged_once() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"a", 1, b"payload");
    store.flush(0);
    let (harness, _) = start(&registry);
    let keys: Vec<(u32, &[u8])> = vec![(0, b"a"); 200];
    let quota = harness.server.quota();
    quota.set_store_version("store_v1", 400, 1.0).unwrap();
    let mut client = harness.client().await;
    for _ in 0..2 {
        // Large batches are always answered by a disk thread.
        assert_eq!(client.batch_get("store_v1", &keys).await.error_code, OK);
    }
    assert_eq!(client.batch_get("store_v1", &keys).await, error(429, ""));
}
