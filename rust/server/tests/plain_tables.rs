//! Pages of plain tables: a request that would read one which is not in memory is answered by a disk thread, others by
//! the worker; and pages are in memory before somebody asks.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::sync::Arc;
use std::thread;

use harness::http2::{framed, grpc, Answer, Http2, GET};
use harness::{batch_request, get_request, Client, Harness, KEY_NOT_FOUND, OK};
use prost::Message;
use venice_engine::testing::{TableFormat, TestStoreVersion};
use venice_engine::{PlainTableWatch, Registry};
use venice_metrics::model::Value;
use venice_metrics::Instrument;
use venice_proto::VeniceServerResponse;

const KEYS: u32 = 200;
/// It looks as it starts, and not again while a test runs.
const ONE_LOOK: [&str; 2] = ["plain.tables.look.ms", "86400000"];

fn key(number: u32) -> Vec<u8> {
    format!("key {number:05}").into_bytes()
}

fn store(registry: &Arc<Registry>) -> TestStoreVersion {
    let store = TestStoreVersion::create_with_format(registry, "store_v1", TableFormat::Plain);
    store.open(0);
    for number in 0..KEYS {
        store.put(0, &key(number), 1, &number.to_be_bytes().repeat(200));
    }
    store.flush(0);
    store
}

/// Requests of a method that waited for a disk thread.
fn on_disk_threads(harness: &Harness, method: &str) -> u64 {
    let snapshot = harness.server.observed().snapshot(160);
    let of = [
        ("venice.store.name", "store"),
        ("venice.request.method", method),
    ];
    let metric = snapshot.metric(Instrument::StorageEngineQueueWaitTime);
    match metric.and_then(|metric| metric.value(&of)) {
        None => 0,
        Some(Value::Histogram(histogram)) => histogram.count,
        Some(other) => panic!("{other:?}"),
    }
}

async fn get(client: &mut Client, number: u32) {
    let response = client.get("store_v1", 0, &key(number)).await;
    assert_eq!(response.error_code, OK, "{}", response.error_message);
    assert_eq!(response.data, number.to_be_bytes().repeat(200));
}

#[tokio::test]
async fn a_cold_page_is_read_by_a_disk_thread_and_then_by_the_worker() {
    let registry = Registry::new();
    let store = store(&registry);
    let harness = Harness::start(&registry, &ONE_LOOK);
    let mut client = harness.client().await;
    // All of it was just written.
    get(&mut client, 1).await;
    assert_eq!(on_disk_threads(&harness, "single_get"), 0);

    store.forget_pages(0);
    get(&mut client, 2).await;
    assert_eq!(on_disk_threads(&harness, "single_get"), 1);
    get(&mut client, 2).await;
    assert_eq!(on_disk_threads(&harness, "single_get"), 1);
    // So is a key that is not there, if a table may have it.
    store.forget_pages(0);
    for _ in 0..2 {
        let response = client.get("store_v1", 0, b"key 00050!").await;
        assert_eq!(response.error_code, KEY_NOT_FOUND);
    }
    assert_eq!(on_disk_threads(&harness, "single_get"), 2);
}

#[tokio::test]
async fn a_batch_of_cold_pages_is_read_by_a_disk_thread() {
    let registry = Registry::new();
    let store = store(&registry);
    let harness = Harness::start(&registry, &ONE_LOOK);
    store.forget_pages(0);
    let mut client = harness.client().await;
    let keys: Vec<_> = (0..20).map(key).collect();
    let keys: Vec<(u32, &[u8])> = keys.iter().map(|key| (0, &key[..])).collect();
    for _ in 0..2 {
        let response = client
            .grpc
            .batch_get(batch_request("store_v1", &keys))
            .await;
        let response = response.unwrap().into_inner();
        assert_eq!(response.error_code, OK, "{}", response.error_message);
        assert_eq!(response.response_rcu, 20);
        assert!(response.data.len() > 20 * 800);
    }
    assert_eq!(on_disk_threads(&harness, "multi_get"), 1);
}

#[tokio::test]
async fn gets_of_one_turn_have_a_disk_thread_for_cold_pages_alone() {
    let registry = Registry::new();
    let store = store(&registry);
    let harness = Harness::start(&registry, &ONE_LOOK);
    store.forget_pages(0);
    get(&mut harness.client().await, 0).await;
    assert_eq!(on_disk_threads(&harness, "single_get"), 1);
    // The first has its page in memory by now; the others are of pages far away.
    let numbers = [0, 50, 100, 150];
    let mut http2 = Http2::connect(harness.address()).await;
    let mut responses = Vec::new();
    for number in numbers {
        let request = get_request("store_v1", 0, &key(number)).encode_to_vec();
        let (response, mut stream) = http2.open(grpc(GET)).await;
        stream.send_data(framed(0, &request).into(), true).unwrap();
        responses.push(response);
    }
    for (number, response) in numbers.iter().zip(responses) {
        let answer = Answer::receive(response).await;
        let response = VeniceServerResponse::decode(&answer.body[5..]).unwrap();
        assert_eq!(response.error_code, OK);
        assert_eq!(response.data, number.to_be_bytes().repeat(200));
    }
    assert_eq!(on_disk_threads(&harness, "single_get"), 4);
}

#[tokio::test]
async fn without_looks_workers_read_what_there_is() {
    let registry = Registry::new();
    let store = store(&registry);
    let harness = Harness::start(&registry, &["plain.tables.look.ms", "0"]);
    let _ = &store;
    get(&mut harness.client().await, 1).await;
    assert_eq!(on_disk_threads(&harness, "single_get"), 0);
}

#[tokio::test]
async fn pages_are_read_ahead_of_reads_also_where_they_cannot_be_locked() {
    let registry = Registry::new();
    let store = store(&registry);
    let lock = ["plain.tables.lock", "true", "plain.tables.populate", "on"];
    let harness = Harness::start(&registry, &[&ONE_LOOK[..], &lock].concat());
    let watch = PlainTableWatch::new(&registry);
    // Whether the system lets it be locked or not.
    while watch.left(false) != 0 {
        thread::yield_now();
    }
    let seen = watch.look(|| true);
    assert_eq!(seen.bytes_here, seen.bytes);
    get(&mut harness.client().await, 1).await;
    assert_eq!(on_disk_threads(&harness, "single_get"), 0);
    // What is locked is closed as what is not.
    store.close(0).unwrap();
}
