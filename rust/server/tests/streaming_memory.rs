//! Streamed answers to slow readers take little memory, however large they are. A file, and so a
//! process, of its own: what is measured is the memory of the process.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use harness::{batch_request, resident, store, Harness, HANG};
use tokio::sync::Mutex;
use tokio::time::timeout;
use tonic::codegen::tokio_stream;
use tonic::transport::{Channel, Endpoint};
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

/// Memory is that of the process, so one test at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());

/// Asks for the first `keys` keys.
fn request(keys: u32) -> StreamingBatchGetRequest {
    let keys: Vec<[u8; 4]> = (0..keys).map(u32::to_be_bytes).collect();
    let keys: Vec<(u32, &[u8])> = keys.iter().map(|key| (0, &key[..])).collect();
    StreamingBatchGetRequest {
        request_id: 1,
        resource_name: "store_v1".to_owned(),
        method: "POST".to_owned(),
        key_bytes: batch_request("store_v1", &keys).key_bytes,
    }
}

async fn connected(harness: &Harness) -> Channel {
    let endpoint = Endpoint::try_from(format!("http://{}", harness.address()))
        .unwrap()
        .initial_stream_window_size(65_535);
    endpoint.connect().await.unwrap()
}

/// Asks over a connection of its own.
async fn ask(harness: &Harness, request: &StreamingBatchGetRequest) -> Answer {
    ask_over(connected(harness).await, request).await
}

async fn ask_over(channel: Channel, request: &StreamingBatchGetRequest) -> Answer {
    let mut client = StreamingReadServiceClient::new(channel).max_decoding_message_size(1 << 24);
    let answer = client.batch_get(tokio_stream::iter([request.clone()]));
    answer.await.unwrap().into_inner()
}

async fn next(answer: &mut Answer) -> Option<StreamingBatchGetResponse> {
    timeout(HANG, answer.message()).await.unwrap().unwrap()
}

/// Values of a megabyte, so that each is a message of its own.
const LARGE_KEYS: u32 = 40;
const LARGE_BYTES: usize = 1_000_000;
/// Connections whose clients do not read, and calls on each. Their answers are five gigabytes.
const DEAF: usize = 8;
const CALLS: usize = 16;
const MIB: u64 = 1024 * 1024;
/// What the server may hold for clients, and what may come on top of it, both ends together.
const BOUND: u64 = 64 * MIB;
const BESIDE: u64 = 64 * MIB;

/// Many calls on one connection, values that are larger than a chunk, readers that do not read at all: who
/// reads beside them gets everything.
#[tokio::test]
async fn many_calls_that_nobody_reads_take_no_more_than_the_bound() {
    let _alone = ONE_AT_A_TIME.lock().await;
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    for key in 0..LARGE_KEYS {
        store.put(0, &key.to_be_bytes(), 1, &vec![key as u8; LARGE_BYTES]);
    }
    store.flush(0);
    let request = request(LARGE_KEYS);
    let harness = Harness::start(&registry, &["max.client.bytes", &BOUND.to_string()]);
    let all = read_all(ask(&harness, &request).await).await;
    assert_eq!(all, LARGE_KEYS);
    let before = resident();
    let mut deaf = Vec::new();
    for _ in 0..DEAF {
        let channel = connected(&harness).await;
        for _ in 0..CALLS {
            deaf.push(ask_over(channel.clone(), &request).await);
        }
    }
    for _ in 0..2 {
        let all = read_all(ask(&harness, &request).await).await;
        assert_eq!(all, LARGE_KEYS);
    }
    let grown = resident().saturating_sub(before);
    println!("memory grew by {grown} bytes for {} calls", deaf.len());
    assert!(grown < BOUND + BESIDE, "memory grew by {grown} bytes");
}

/// Reads an answer to its end; returns how many keys were found.
async fn read_all(mut answer: Answer) -> u32 {
    let mut found = 0;
    while let Some(message) = next(&mut answer).await {
        found += message.footer.map_or(0, |footer| footer.found_keys);
    }
    found
}

#[tokio::test]
async fn large_answers_to_slow_readers_take_flat_memory() {
    let _alone = ONE_AT_A_TIME.lock().await;
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    for key in 0..KEYS {
        store.put(0, &key.to_be_bytes(), 1, &[key as u8; VALUE_BYTES]);
    }
    store.flush(0);
    let request = request(KEYS);
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
