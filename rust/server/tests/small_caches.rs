//! Servers over small block caches, which refuse blocks when all that they have is in use: gets, batches
//! and streamed batches of any size give right values, also of many clients at once.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::sync::Arc;

use harness::{batch_request, records, Client, Harness, HANG, OK};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tonic::codegen::tokio_stream;
use tonic::transport::Endpoint;
use venice_engine::testing::{BlockCache, TableFormat, TestStoreVersion};
use venice_engine::{Registry, StoreVersionState};
use venice_proto::{StreamingBatchGetRequest, StreamingReadServiceClient};

const KEYS: u32 = 6000;
const PARTITIONS: u32 = 2;
const CLIENTS: u32 = 6;
/// Of single gets, of batches on a connection's thread, and of such as want more blocks than there are.
const COUNTS: [u32; 7] = [1, 20, 21, 50, 200, 500, 1000];

fn payload(number: u32) -> Vec<u8> {
    number.to_le_bytes().repeat(250)
}

fn partition(number: u32) -> u32 {
    number % PARTITIONS
}

fn store(registry: &Arc<Registry>, format: TableFormat, cache: BlockCache) -> TestStoreVersion {
    let store = TestStoreVersion::create_with_cache(registry, "store_v1", format, cache);
    (0..PARTITIONS).for_each(|partition| store.open(partition as i32));
    for number in 0..KEYS {
        let partition = partition(number) as i32;
        store.put(partition, &number.to_be_bytes(), 1, &payload(number));
    }
    (0..PARTITIONS).for_each(|partition| store.flush(partition as i32));
    store
}

/// Numbers far from each other: as many blocks as there are.
fn numbers(count: u32, seed: u32) -> Vec<u32> {
    (0..count)
        .map(|index| (seed * 37 + index * (KEYS / count)) % KEYS)
        .collect()
}

fn check(records: Vec<harness::Record>, numbers: &[u32], what: &str) {
    let mut read: Vec<_> = records;
    read.sort_by_key(|(index, _, _)| *index);
    assert_eq!(read.len(), numbers.len(), "{what}");
    for ((index, value, _), (position, number)) in read.into_iter().zip((0..).zip(numbers)) {
        assert_eq!(index, position, "{what}");
        assert!(value == payload(*number), "{what}, key {number}");
    }
}

async fn read(mut client: Client, address: String, seed: u32, what: String) {
    let endpoint = Endpoint::try_from(address).unwrap();
    let mut streaming = StreamingReadServiceClient::new(endpoint.connect().await.unwrap());
    for count in COUNTS {
        let numbers = numbers(count, seed);
        let bytes: Vec<[u8; 4]> = numbers.iter().map(|n| n.to_be_bytes()).collect();
        let keys: Vec<(u32, &[u8])> = numbers
            .iter()
            .zip(&bytes)
            .map(|(&number, key)| (partition(number), &key[..]))
            .collect();
        let what = format!("{what}, client {seed}, {count} keys");

        let response = client.get("store_v1", keys[0].0, keys[0].1).await;
        assert_eq!(
            response.error_code, OK,
            "{what}: {}",
            response.error_message
        );
        assert!(response.data == payload(numbers[0]), "{what}");

        let response = client.batch_get("store_v1", &keys).await;
        assert_eq!(
            response.error_code, OK,
            "{what}: {}",
            response.error_message
        );
        check(records(&response.data), &numbers, &what);

        let request = StreamingBatchGetRequest {
            request_id: 1,
            resource_name: "store_v1".to_owned(),
            method: "POST".to_owned(),
            key_bytes: batch_request("store_v1", &keys).key_bytes,
        };
        let answer = streaming.batch_get(tokio_stream::iter([request])).await;
        let mut answer = answer.unwrap().into_inner();
        let mut streamed = Vec::new();
        while let Some(message) = answer.message().await.unwrap() {
            streamed.extend(records(&message.records));
            if let Some(footer) = message.footer {
                assert_eq!(footer.error_code, OK, "{what}: {}", footer.error_message);
            }
        }
        check(streamed, &numbers, &what);
    }
}

#[tokio::test]
async fn full_caches_answer_all_clients() {
    for format in [TableFormat::BlockBased, TableFormat::Filtered] {
        for (bytes, strict) in [
            (2 << 20, true),
            (512 << 10, true),
            (128 << 10, true),
            (128 << 10, false),
        ] {
            let registry = Registry::new();
            let cache = BlockCache {
                bytes,
                strict,
                ..BlockCache::default()
            };
            let _store = store(&registry, format, cache);
            let harness = Harness::start(&registry, &["disk.threads", "4"]);
            let mut reads = JoinSet::new();
            for seed in 0..CLIENTS {
                let address = format!("http://{}", harness.address());
                let what = format!("{format:?} {bytes} {strict}");
                reads.spawn(read(harness.client().await, address, seed, what));
            }
            while let Some(read) = timeout(HANG, reads.join_next()).await.unwrap() {
                read.unwrap();
            }
        }
    }
}

/// Values in chunks: a manifest, and blocks for each of its chunks.
const LARGE_KEYS: u32 = 120;
const CHUNK: usize = 9000;

fn large_payload(number: u32) -> Vec<u8> {
    number.to_le_bytes().repeat(10_000)
}

#[tokio::test]
async fn full_caches_answer_values_in_chunks() {
    for bytes in [512 << 10, 64 << 10] {
        let registry = Registry::new();
        let cache = BlockCache {
            bytes,
            strict: true,
            ..BlockCache::default()
        };
        let format = TableFormat::BlockBased;
        let store = TestStoreVersion::create_with_cache(&registry, "store_v1", format, cache);
        store.put_state(&StoreVersionState {
            chunked: true,
            ..StoreVersionState::default()
        });
        store.open(0);
        for number in 0..LARGE_KEYS {
            let key = number.to_be_bytes();
            store.put_chunked(0, &key, 1, &large_payload(number), CHUNK, number as i32);
        }
        store.flush(0);
        let harness = Harness::start(&registry, &["disk.threads", "4"]);
        let keys: Vec<[u8; 4]> = (0..LARGE_KEYS).map(u32::to_be_bytes).collect();
        let keys: Vec<(u32, &[u8])> = keys.iter().map(|key| (0, &key[..])).collect();
        let mut reads = JoinSet::new();
        for client in 0..CLIENTS {
            let endpoint = Endpoint::try_from(format!("http://{}", harness.address())).unwrap();
            let mut streaming = StreamingReadServiceClient::new(endpoint.connect().await.unwrap());
            let requests = (0..3).map(|id| StreamingBatchGetRequest {
                request_id: id,
                resource_name: "store_v1".to_owned(),
                method: "POST".to_owned(),
                key_bytes: batch_request("store_v1", &keys).key_bytes,
            });
            let requests: Vec<_> = requests.collect();
            reads.spawn(async move {
                let answer = streaming.batch_get(tokio_stream::iter(requests)).await;
                let mut answer = answer.unwrap().into_inner();
                let (mut found, mut footers) = (0, 0);
                while let Some(message) = answer.message().await.unwrap() {
                    for (index, value, _) in records(&message.records) {
                        let what = format!("{bytes} bytes, client {client}, key {index}");
                        assert!(value == large_payload(index as u32), "{what}");
                        found += 1;
                    }
                    if let Some(footer) = message.footer {
                        assert_eq!(footer.error_code, OK, "{}", footer.error_message);
                        footers += 1;
                    }
                }
                assert_eq!((found, footers), (3 * LARGE_KEYS, 3));
            });
        }
        while let Some(read) = timeout(HANG, reads.join_next()).await.unwrap() {
            read.unwrap();
        }
    }
}
