//! Turns of requests to compute: those that have begun keep nobody out, and a turn is over after a large value.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use harness::compute::{
    asked, block, compressed, description, gzip, order_of_answers, scores, serving, until_waiting,
    v1, ComputeClient,
};
use harness::{store, OK};
use tokio::task::{spawn, JoinHandle};
use venice_catalog::Compression;
use venice_engine::Registry;
use venice_server::internals::read_path::WAITING_PER_THREAD;
use venice_wire::compute_request::ComputeRequest;

const KEY: [(u32, &[u8]); 1] = [(0, b"key")];

/// More of them than the queue has room for, all of which have begun by and by, and none of which ends meanwhile.
#[tokio::test]
async fn requests_that_have_begun_shut_nobody_out() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, &v1("item", &[2.0], &[]));
    let vector = vec![1.0; 256];
    let rows: Vec<[u8; 4]> = (0..2000u32).map(u32::to_be_bytes).collect();
    for row in &rows {
        store.put(0, row, 1, &v1("row", &vector, &[]));
    }
    let settings = ["compute.turn.us", "100"];
    let harness = serving(&registry, description(Compression::NoOp), &settings);
    let gate = block(&harness);
    let rows: Vec<(u32, &[u8])> = rows.iter().map(|row| (0, &row[..])).collect();
    let long = asked(&scores(&vector), &[&rows[..]; 4].concat());
    let mut calls = Vec::new();
    for _ in 0..32 {
        let client = ComputeClient::connect(&harness).await;
        for _ in 0..WAITING_PER_THREAD / 32 {
            let (mut client, long) = (ComputeClient(client.0.clone()), long.clone());
            calls.push(spawn(async move { client.compute(long).await }));
        }
    }
    until_waiting(&harness, WAITING_PER_THREAD).await;
    drop(gate);
    for _ in 0..3 {
        let mut newcomer = ComputeClient::connect(&harness).await;
        for _ in 0..100 {
            let response = newcomer.compute(asked(&scores(&[1.0]), &KEY)).await;
            assert_eq!((response.error_code, &*response.error_message), (OK, ""));
        }
    }
    let waiting = harness.server.compute().unwrap().waiting();
    assert!(waiting > WAITING_PER_THREAD / 2, "{waiting}");
    calls.iter().for_each(JoinHandle::abort);
}

/// What is stored is short, and what comes of it is long: a turn ends after each of them.
#[tokio::test]
async fn a_short_request_waits_for_large_values_and_not_for_all_of_a_request() {
    let registry = Registry::new();
    let store = compressed(&registry, Compression::Gzip, false);
    let large = gzip(&v1(&"n".repeat(4_000_000), &[1.0], &[]));
    assert!(9 * large.len() < 1 << 20, "they are one slice");
    let rows: Vec<[u8; 1]> = (0..9).map(|row| [row]).collect();
    for row in &rows {
        store.put(0, row, 1, &large);
    }
    store.put(0, b"key", 1, &gzip(&v1("item", &[2.0], &[])));
    let settings = ["compute.turn.us", "100"];
    let harness = serving(&registry, description(Compression::Gzip), &settings);
    let rows: Vec<(u32, &[u8])> = rows.iter().map(|row| (0, &row[..])).collect();
    let mut requests = vec![("long", asked(&dots(), &rows)); 8];
    requests.push(("short", asked(&dots(), &KEY)));
    let order = order_of_answers(&harness, requests).await;
    // As many values again may come of those that have begun, and a few more where the system made a first turn long.
    let before = order.iter().position(|name| *name == "short").unwrap();
    assert!(before <= 4, "{before} of 8 long ones had their ends first");
}

/// The product alone, whose results are short.
fn dots() -> ComputeRequest<'static> {
    ComputeRequest {
        result_schema:
            r#"{"type":"record","name":"R","fields":[{"name":"dot","type":["null","float"]}]}"#
                .into(),
        operations: vec![scores(&[1.0]).operations.remove(0)],
    }
}
