//! What is larger than an answer may be is not read: no request holds more than its answer may have, and
//! a slice. A file, and so a process, of its own: what is measured is the memory of the process.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::future::Future;
use std::sync::Arc;

use harness::{batch_request, records, resident, Client, Harness, HANG, OK};
use tokio::time::timeout;
use tonic::codegen::tokio_stream;
use tonic::transport::Endpoint;
use venice_engine::testing::{
    manifest, record, top_level_key, BlockCache, TableFormat, TestStoreVersion,
};
use venice_engine::{Registry, StoreVersionState};
use venice_proto::{
    StreamingBatchGetRequest, StreamingReadServiceClient, VeniceClientRequest, VeniceServerResponse,
};

/// What one request may add to the memory of the process, both ends in it: an answer of 4 MiB while its
/// buffer grows, a slice of as much, 32 records that are read before their sum is looked at.
const MAX: u64 = 48 * 1024 * 1024;
const LIMIT: usize = 4 * 1024 * 1024;
const LARGE: usize = 500_000;
const CHUNK: usize = 950_000;

/// The most memory that the process held since the last call of [`forget_peak`]; 0 where the system is
/// not asked.
fn peak() -> u64 {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else {
        return 0;
    };
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = peak.unwrap().trim().trim_end_matches("kB").trim();
    kilobytes.parse::<u64>().unwrap() * 1024
}

fn forget_peak() {
    // Where that cannot be done, the peak so far is part of what is measured.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// Runs `request` and checks what it adds to the memory at most.
async fn small<R>(what: &str, request: impl Future<Output = R>) -> R {
    forget_peak();
    let before = resident();
    let result = timeout(HANG, request).await.unwrap();
    let grown = peak().saturating_sub(before);
    println!("{what}: memory grew by {grown} bytes");
    assert!(grown < MAX, "{what}: memory grew by {grown} bytes");
    result
}

/// A batch of all of which too much would be read: the answer says so, and of how much it knew then.
async fn refused(client: &mut Client, what: &str, request: VeniceClientRequest, value: usize) {
    let answer = client.grpc.get(request);
    let response = small(what, answer).await.unwrap().into_inner();
    let size = said_size(&response);
    assert!(size > LIMIT, "{what}: {size}");
    assert!(size <= LIMIT + value + 100, "{what}: {size}");
}

/// The size in the text that refuses an answer.
fn said_size(response: &VeniceServerResponse) -> usize {
    let text = &response.error_message;
    assert_eq!(response.error_code, 500, "{text}");
    assert!(response.data.is_empty());
    let size = text.strip_prefix("response of at least ");
    let size = size.unwrap_or_else(|| panic!("{text}"));
    let (size, rest) = size.split_once(' ').unwrap();
    assert_eq!(
        rest,
        "bytes is larger than the limit of 4194304 bytes (setting max.response.bytes); ask for \
         fewer keys per request, or raise the setting and the client's maximum inbound message size"
    );
    size.parse().unwrap()
}

fn large_store(registry: &Arc<Registry>, name: &str, format: TableFormat) -> TestStoreVersion {
    let cache = BlockCache {
        bytes: 8 << 20,
        ..BlockCache::default()
    };
    let store = TestStoreVersion::create_with_cache(registry, name, format, cache);
    store.open(0);
    store
}

fn number_keys(count: u32) -> Vec<[u8; 4]> {
    (0..count).map(u32::to_be_bytes).collect()
}

async fn large_values(client: &mut Client, registry: &Arc<Registry>) {
    let count = 300;
    for (name, format, flushed) in [
        ("memtable_v1", TableFormat::BlockBased, false),
        ("blocks_v1", TableFormat::BlockBased, true),
        ("blobs_v1", TableFormat::Blob, true),
        ("plain_v1", TableFormat::Plain, true),
    ] {
        let store = large_store(registry, name, format);
        let keys = number_keys(if flushed { count } else { 40 });
        for key in &keys {
            store.put(0, key, 1, &vec![key[3]; LARGE]);
            if flushed && key[3] % 100 == 99 {
                store.flush(0);
            }
        }
        let same: Vec<(u32, &[u8])> = vec![(0, &keys[7]); 3000];
        let distinct: Vec<(u32, &[u8])> = keys.iter().map(|key| (0, &key[..])).collect();
        for (kind, keys) in [("one key", &same), ("distinct keys", &distinct)] {
            for again in 0..2 {
                let what = format!("{name}, {kind}, {again}");
                refused(client, &what, batch_request(name, keys), LARGE).await;
            }
        }
        // What fits is answered.
        let response = client.batch_get(name, &distinct[..8]).await;
        assert_eq!(response.error_code, OK);
        let expected: Vec<_> = (0..8).map(|i| (i, vec![i as u8; LARGE], 1)).collect();
        assert!(records(&response.data) == expected);
    }
}

async fn chunked_values(client: &mut Client, registry: &Arc<Registry>, harness: &Harness) {
    let store = large_store(registry, "chunked_v1", TableFormat::BlockBased);
    store.put_state(&StoreVersionState {
        chunked: true,
        ..Default::default()
    });
    store.put_raw(0, b"chunk", &record(-10, &vec![7; CHUNK]));
    let keys = vec![b"chunk".to_vec(); 1000];
    let write = |key: &[u8], chunks: usize, announced: usize| {
        let manifest = manifest(&keys[..chunks], 1, announced as i32);
        store.put_raw(0, &top_level_key(key), &record(-20, &manifest));
    };
    write(b"huge", 1000, 1000 * CHUNK);
    write(b"lies", 1000, 10);
    // In the memtable, where each read of a chunk makes a copy.
    write(b"fits", 3, 3 * CHUNK);

    let name = "chunked_v1";
    for key in [&b"huge"[..], b"lies"] {
        let single = small("a get", client.get(name, 0, key)).await;
        let batch = small("a batch", client.batch_get(name, &[(0, key); 30])).await;
        for response in [single, batch] {
            if key == b"huge" {
                assert_eq!(said_size(&response), 1000 * CHUNK);
            } else {
                let text = response.error_message;
                assert!(text.contains("actualSize: at least 950000, "), "{text}");
            }
        }
    }
    let fits: Vec<(u32, &[u8])> = vec![(0, b"fits"); 100];
    let request = batch_request(name, &fits);
    refused(client, "a batch of chunked values", request, 3 * CHUNK).await;
    let response = small("a chunked value", client.get(name, 0, b"fits")).await;
    assert!(response.data == vec![7; 3 * CHUNK]);

    // Streamed, each that fits is answered, and the others are counted.
    let mut keys = fits[..20].to_vec();
    let others: [(u32, &[u8]); 3] = [(0, b"huge"), (0, b"lies"), (0, b"fits")];
    keys.extend(others);
    let streamed = small("a streamed batch", stream(harness, name, &keys)).await;
    assert_eq!(streamed, (21, 2));
}

/// How many of `keys` are answered, with 3 chunks each, and how many fail.
async fn stream(harness: &Harness, name: &str, keys: &[(u32, &[u8])]) -> (usize, u32) {
    let request = StreamingBatchGetRequest {
        request_id: 1,
        resource_name: name.to_owned(),
        method: "POST".to_owned(),
        key_bytes: batch_request(name, keys).key_bytes,
    };
    let endpoint = Endpoint::try_from(format!("http://{}", harness.address())).unwrap();
    let mut client = StreamingReadServiceClient::new(endpoint.connect().await.unwrap())
        .max_decoding_message_size(LIMIT);
    let answer = client.batch_get(tokio_stream::iter([request])).await;
    let mut answer = answer.unwrap().into_inner();
    let mut answered = 0;
    loop {
        let message = answer.message().await.unwrap().unwrap();
        for (_, value, _) in records(&message.records) {
            assert!(value.iter().all(|&byte| byte == 7));
            assert_eq!(value.len(), 3 * CHUNK);
            answered += 1;
        }
        if let Some(footer) = message.footer {
            return (answered, footer.failed_keys);
        }
    }
}

#[tokio::test]
async fn what_is_too_large_is_not_held() {
    let registry = Registry::new();
    let harness = Harness::start(&registry, &[]);
    let mut client = harness.client().await;
    // Threads and buffers are there then.
    let warm = large_store(&registry, "warm_v1", TableFormat::BlockBased);
    warm.put(0, b"key", 1, &vec![7; LIMIT - 100]);
    for _ in 0..4 {
        assert_eq!(client.get("warm_v1", 0, b"key").await.error_code, OK);
        let keys: Vec<(u32, &[u8])> = vec![(0, b"key"); 40];
        client.batch_get("warm_v1", &keys).await;
    }
    chunked_values(&mut client, &registry, &harness).await;
    large_values(&mut client, &registry).await;
}
