//! Java closes and reopens partitions under our readers: every answer is right or a clean error.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use harness::{records, store, Harness, OK};
use tokio::task::{spawn_blocking, JoinSet};
use venice_engine::Registry;
use venice_proto::VeniceServerResponse;

const REOPENS: usize = 300;
const CLOSED: &str =
    "Internal Error: com.linkedin.venice.exceptions.VeniceException: RocksDB has been closed for \
     replica: store_v1-0, partition id: 0, any further operation is disallowed";

/// Whether the answer has the data; anything but that or the one clean error fails the test.
fn is_right(response: &VeniceServerResponse) -> bool {
    if response.error_code == OK {
        return true;
    }
    assert_eq!(
        (response.error_code, &*response.error_message),
        (500, CLOSED)
    );
    assert!(response.data.is_empty());
    false
}

#[tokio::test]
async fn every_answer_is_right_or_a_clean_error() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    for key in 0..500u32 {
        store.put(0, &key.to_be_bytes(), 1, &[key as u8; 100]);
    }
    let harness = Harness::start(&registry, &[]);

    let (stop, stopped) = tokio::sync::watch::channel(false);
    let mut readers = JoinSet::new();
    for reader in 0..4u32 {
        let mut client = harness.client().await;
        let stopped = stopped.clone();
        readers.spawn(async move {
            let mut right = 0;
            let mut key = reader;
            while !*stopped.borrow() {
                key = (key + 7) % 500;
                let bytes = key.to_be_bytes();
                let response = client.get("store_v1", 0, &bytes).await;
                if is_right(&response) {
                    assert_eq!(response.data, [key as u8; 100]);
                    right += 1;
                }
                // Small and large: on the worker's thread and on a disk thread.
                let keys = vec![(0, &bytes[..]); if key % 2 == 0 { 3 } else { 200 }];
                let response = client.batch_get("store_v1", &keys).await;
                if is_right(&response) {
                    let records = records(&response.data);
                    assert_eq!(records.len(), keys.len());
                    for (index, record) in records.into_iter().enumerate() {
                        assert_eq!(record, (index as i64, vec![key as u8; 100], 1));
                    }
                    right += 1;
                }
            }
            right
        });
    }

    let store = spawn_blocking(move || {
        for _ in 0..REOPENS {
            store.reopen(0);
        }
        store
    })
    .await
    .unwrap();
    stop.send_replace(true);
    let mut right = 0;
    while let Some(answers) = readers.join_next().await {
        right += answers.unwrap();
    }
    assert!(right > 0, "no reader ever found the partition open");
    let response = harness
        .client()
        .await
        .get("store_v1", 0, &7u32.to_be_bytes())
        .await;
    assert_eq!(response.data, [7; 100]);
    drop(store);
}
