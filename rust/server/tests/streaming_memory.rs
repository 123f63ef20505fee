//! Streamed answers to slow readers take little memory, however large they are. A file, and so a
//! process, of its own: what is measured is the memory of the process.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use harness::{batch_request, resident, store, Harness, HANG};
use tokio::time::timeout;
use tonic::codegen::tokio_stream;
use tonic::transport::Endpoint;
use tonic::Streaming;
use venice_engine::Registry;
use venice_proto::{
    StreamingBatchGetRequest, StreamingBatchGetResponse, StreamingReadServiceClient,
};

const KEYS: u32 = 5000;
const VALUE_BYTES: usize = 1000;
/// Readers at a time. Their answers are 160 MB.
const READERS: usize = 32;
/// How often they come: 320 MB in all.
const ROUNDS: usize = 2;
/// What one reader may cost, both ends in this process: the keys that it asked for, three messages of
/// 64 KiB, what HTTP/2 buffers (400 KiB), the client's window and message; some 0.8 MiB together. An
/// answer is more than three times as much as this bound.
const READER_BYTES: u64 = 3 * 512 * 1024;

type Answer = Streaming<StreamingBatchGetResponse>;

async fn ask(harness: &Harness, request: &StreamingBatchGetRequest) -> Answer {
    let endpoint = Endpoint::try_from(format!("http://{}", harness.address()))
        .unwrap()
        .initial_stream_window_size(65_535);
    let mut client = StreamingReadServiceClient::new(endpoint.connect().await.unwrap());
    let answer = client.batch_get(tokio_stream::iter([request.clone()]));
    answer.await.unwrap().into_inner()
}

async fn next(answer: &mut Answer) -> Option<StreamingBatchGetResponse> {
    timeout(HANG, answer.message()).await.unwrap().unwrap()
}

#[tokio::test]
async fn large_answers_to_slow_readers_take_flat_memory() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    for key in 0..KEYS {
        store.put(0, &key.to_be_bytes(), 1, &[key as u8; VALUE_BYTES]);
    }
    store.flush(0);
    let keys: Vec<[u8; 4]> = (0..KEYS).map(u32::to_be_bytes).collect();
    let keys: Vec<(u32, &[u8])> = keys.iter().map(|key| (0, &key[..])).collect();
    let request = StreamingBatchGetRequest {
        request_id: 1,
        resource_name: "store_v1".to_owned(),
        method: "POST".to_owned(),
        key_bytes: batch_request("store_v1", &keys).key_bytes,
    };
    let harness = Harness::start(&registry, &[]);
    // One answer in full, so that caches and threads are there.
    let mut answer = ask(&harness, &request).await;
    while next(&mut answer).await.is_some() {}
    let before = resident();

    let mut most = 0;
    for _ in 0..ROUNDS {
        let mut readers = Vec::new();
        for _ in 0..READERS {
            readers.push((ask(&harness, &request).await, 0));
        }
        // One message of each in turn: all the others wait meanwhile.
        while !readers.is_empty() {
            let mut index = 0;
            while index < readers.len() {
                let (answer, received) = &mut readers[index];
                match next(answer).await {
                    Some(message) => {
                        *received += message.records.len();
                        if let Some(footer) = message.footer {
                            assert_eq!((footer.error_code, footer.found_keys), (200, KEYS));
                        }
                        index += 1;
                    }
                    None => {
                        assert!(*received > KEYS as usize * VALUE_BYTES);
                        drop(readers.swap_remove(index));
                    }
                }
            }
            most = most.max(resident());
        }
    }
    let grown = most.saturating_sub(before);
    assert!(
        grown < READERS as u64 * READER_BYTES,
        "memory grew by {grown} bytes for {READERS} readers"
    );
    println!("memory grew by {grown} bytes for {READERS} readers");
}
