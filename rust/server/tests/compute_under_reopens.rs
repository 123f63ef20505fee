//! Java closes and reopens partitions, and descriptions change, under requests that compute: each result is right, and each
//! failure one of the clean ones.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use harness::compute::{
    asked, body, computed, description, result, scores, serving, v1, ComputeClient,
};
use harness::{store, HANG, OK};
use tokio::task::{spawn_blocking, JoinSet};
use tokio::time::timeout;
use tonic::codegen::tokio_stream;
use venice_catalog::Compression;
use venice_engine::Registry;
use venice_proto::StreamingComputeRequest;

const REOPENS: usize = 200;
const ROWS: u32 = 600;

/// What a client may be told while the partition is closed.
fn is_clean(code: u32, text: &str) {
    let says = "RocksDB has been closed for replica: store_v1-0";
    assert!(code == 500 && text.contains(says), "{code} {text}");
}

#[tokio::test]
async fn each_result_is_right_or_its_failure_a_clean_one() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    for row in 0..ROWS {
        let value = v1(&row.to_string(), &[row as f32], &["tag"]);
        store.put(0, &row.to_be_bytes(), 1, &value);
    }
    let settings = ["compute.threads", "2", "compute.turn.us", "100"];
    let harness = serving(&registry, description(Compression::NoOp), &settings);
    let rows: Vec<[u8; 4]> = (0..ROWS).map(u32::to_be_bytes).collect();
    let keys: Vec<(u32, &[u8])> = rows.iter().map(|row| (0, &row[..])).collect();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let mut clients = JoinSet::new();
    for number in 0..4 {
        let mut client = ComputeClient::connect(&harness).await;
        let stopped = stopped.clone();
        let unary = asked(&scores(&[2.0]), &keys);
        let streamed = StreamingComputeRequest {
            request_id: 1,
            resource_name: "store_v1".to_owned(),
            method: "POST".to_owned(),
            body: body(&scores(&[2.0]), &keys),
            value_schema_id: -1,
        };
        clients.spawn(async move {
            let check = |records: Vec<(i32, Vec<u8>)>| {
                for (index, record) in &records {
                    let expected = result(&index.to_string(), 2.0 * *index as f32, 1);
                    assert_eq!(*record, expected, "{index}");
                }
                records.len()
            };
            while !*stopped.borrow() {
                if number % 2 == 0 {
                    let response = client.compute(unary.clone()).await;
                    if response.error_code == OK {
                        assert_eq!(check(computed(&response.records)), ROWS as usize);
                    } else {
                        assert!(response.records.is_empty());
                        is_clean(response.error_code, &response.error_message);
                    }
                    continue;
                }
                let requests = tokio_stream::iter([streamed.clone()]);
                let responses = client.0.streaming_compute(requests).await.unwrap();
                let (mut responses, mut found) = (responses.into_inner(), 0);
                let footer = loop {
                    let response = timeout(HANG, responses.message()).await.unwrap();
                    let response = response.unwrap().unwrap();
                    found += check(computed(&response.records));
                    if let Some(footer) = response.footer {
                        break footer;
                    }
                };
                assert_eq!(found as u32, footer.found_keys);
                assert_eq!(footer.found_keys + footer.failed_keys, ROWS);
                if footer.failed_keys > 0 {
                    is_clean(footer.error_code, &footer.error_message);
                } else {
                    assert_eq!(footer.error_code, OK);
                }
            }
        });
    }
    let store = spawn_blocking(move || {
        for _ in 0..REOPENS {
            store.reopen(0);
        }
        store
    });
    // A description that says the same, anew each time: plans and schemas are found by their texts.
    while !store.is_finished() {
        let again = description(Compression::NoOp);
        harness.server.catalog().put(again).unwrap();
        tokio::task::yield_now().await;
    }
    let store = store.await.unwrap();
    stop.send_replace(true);
    while let Some(client) = clients.join_next().await {
        client.unwrap();
    }
    let mut client = ComputeClient::connect(&harness).await;
    let response = client.compute(asked(&scores(&[2.0]), &keys)).await;
    assert_eq!(response.error_code, OK, "{}", response.error_message);
    assert_eq!(computed(&response.records).len(), ROWS as usize);
    drop(store);
}
