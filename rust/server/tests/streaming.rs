//! Streaming batch get: pieces, footers, many requests on one call, and clients that do not read.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::collections::BTreeMap;
use std::sync::Arc;

use harness::{batch_request, records, store, store_with, Harness, Record, HANG};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tonic::codegen::tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Endpoint;
use tonic::{Code, Streaming};
use venice_engine::{Registry, StoreVersionState};
use venice_proto::{
    StreamingBatchGetFooter, StreamingBatchGetRequest, StreamingBatchGetResponse,
    StreamingReadServiceClient,
};
use venice_server::internals::runtime::ManualClock;
use venice_server::Config;

/// HTTP/2's own default: so many bytes come before they are read.
const WINDOW: u32 = 65_535;

/// One call: requests go in, responses come out.
struct Call {
    requests: Option<mpsc::Sender<StreamingBatchGetRequest>>,
    responses: Streaming<StreamingBatchGetResponse>,
}

/// What one request got.
#[derive(Debug, Default)]
struct Answer {
    chunks: Vec<Vec<Record>>,
    strategy: u32,
    footer: StreamingBatchGetFooter,
}

impl Answer {
    /// Values and schema ids by key index; `None` for a missing key.
    fn by_index(&self) -> BTreeMap<i64, Option<(Vec<u8>, i64)>> {
        let records = self.chunks.iter().flatten();
        records
            .map(|(index, value, schema)| match schema {
                -1000 => (-index, None),
                _ => (*index, Some((value.clone(), *schema))),
            })
            .collect()
    }
}

impl Call {
    async fn open(harness: &Harness) -> Call {
        let endpoint = Endpoint::try_from(format!("http://{}", harness.address()))
            .unwrap()
            .initial_stream_window_size(WINDOW);
        let mut client = StreamingReadServiceClient::new(endpoint.connect().await.unwrap());
        let (requests, receiver) = mpsc::channel(64);
        let responses = client.batch_get(ReceiverStream::new(receiver)).await;
        let responses = responses.unwrap().into_inner();
        Call {
            requests: Some(requests),
            responses,
        }
    }

    async fn ask(&self, request: StreamingBatchGetRequest) {
        self.requests.as_ref().unwrap().send(request).await.unwrap();
    }

    /// Says that there are no more requests.
    fn end(&mut self) {
        self.requests = None;
    }

    async fn next(&mut self) -> Result<Option<StreamingBatchGetResponse>, tonic::Status> {
        timeout(HANG, self.responses.message()).await.unwrap()
    }

    /// Reads until `count` requests have their footers.
    async fn answers(&mut self, count: usize) -> BTreeMap<u64, Answer> {
        let mut answers: BTreeMap<u64, Answer> = BTreeMap::new();
        let mut done = 0;
        while done < count {
            let response = self.next().await.unwrap().unwrap();
            let answer = answers.entry(response.request_id).or_default();
            if !response.records.is_empty() {
                answer.chunks.push(records(&response.records));
                answer.strategy = response.compression_strategy;
            }
            if let Some(footer) = response.footer {
                answer.footer = footer;
                done += 1;
            }
        }
        answers
    }

    async fn answer(&mut self, request: StreamingBatchGetRequest) -> Answer {
        self.ask(request).await;
        self.answers(1).await.pop_first().unwrap().1
    }
}

fn request(id: u64, resource: &str, keys: &[(u32, &[u8])]) -> StreamingBatchGetRequest {
    StreamingBatchGetRequest {
        request_id: id,
        resource_name: resource.to_owned(),
        method: "POST".to_owned(),
        key_bytes: batch_request(resource, keys).key_bytes,
    }
}

fn footer(code: u32, message: &str) -> StreamingBatchGetFooter {
    StreamingBatchGetFooter {
        error_code: code,
        error_message: message.to_owned(),
        ..Default::default()
    }
}

fn counted(found: u32, missing: u32) -> StreamingBatchGetFooter {
    StreamingBatchGetFooter {
        response_rcu: found + missing,
        found_keys: found,
        missing_keys: missing,
        ..footer(200, "")
    }
}

#[tokio::test]
async fn every_key_has_a_record_and_the_footer_counts_them() {
    let registry = Registry::new();
    let state = StoreVersionState {
        compression_strategy: 3,
        ..Default::default()
    };
    let store = store_with(&registry, "store_v1", &state);
    store.put(0, b"a", 7, b"payload a");
    store.put(1, b"b", 8, b"");
    let harness = Harness::start(&registry, &[]);
    let mut call = Call::open(&harness).await;
    let keys: [(u32, &[u8]); 5] = [(1, b"none"), (0, b"a"), (1, b"b"), (0, b"none"), (0, b"a")];
    let answer = call.answer(request(u64::MAX, "store_v1", &keys)).await;
    assert_eq!(answer.footer, counted(3, 2));
    assert_eq!(answer.strategy, 3);
    let a = Some((b"payload a".to_vec(), 7));
    let expected = [
        (0, None),
        (1, a.clone()),
        (2, Some((vec![], 8))),
        (3, None),
        (4, a),
    ];
    assert_eq!(answer.by_index(), BTreeMap::from(expected));

    let nothing = call.answer(request(0, "store_v1", &[])).await;
    assert_eq!((nothing.footer, nothing.chunks.len()), (counted(0, 0), 0));
    call.end();
    assert!(call.next().await.unwrap().is_none(), "a good end");
}

/// Rows of partitions 0 and 1, of about a kilobyte each.
fn rows(count: u32) -> Vec<(u32, [u8; 4], Vec<u8>)> {
    (0..count)
        .map(|row| (row % 2, row.to_be_bytes(), vec![row as u8; 1000]))
        .collect()
}

fn keys(rows: &[(u32, [u8; 4], Vec<u8>)]) -> Vec<(u32, &[u8])> {
    rows.iter()
        .map(|(partition, key, _)| (*partition, &key[..]))
        .collect()
}

#[tokio::test]
async fn a_large_answer_comes_in_bounded_chunks_from_memory_and_from_disk() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    let rows = rows(5000);
    for (partition, key, value) in &rows {
        store.put(*partition as i32, key, 1, value);
    }
    let harness = Harness::start(&registry, &["stream.chunk.bytes", "10000"]);
    for flushed in [false, true] {
        if flushed {
            store.flush(0);
            store.flush(1);
        }
        let mut call = Call::open(&harness).await;
        call.ask(request(1, "store_v1", &keys(&rows))).await;
        let first = call.next().await.unwrap().unwrap();
        // The first bytes do not wait for much.
        assert_eq!(records(&first.records).len(), 8);
        let mut found = records(&first.records).len();
        loop {
            let response = call.next().await.unwrap().unwrap();
            assert!(response.records.len() <= 10_000);
            found += records(&response.records).len();
            if let Some(footer) = response.footer {
                assert_eq!(footer, counted(5000, 0));
                break;
            }
        }
        assert_eq!(found, 5000);
        let answer = call.answer(request(2, "store_v1", &keys(&rows))).await;
        for (index, (_, _, value)) in rows.iter().enumerate() {
            let found = &answer.by_index()[&(index as i64)];
            assert_eq!(found.as_ref().unwrap().0, *value);
            if index > 20 {
                break; // building the map costs more than the reads
            }
        }
    }
}

#[tokio::test]
async fn records_larger_than_a_chunk_are_a_chunk_each() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"small", 1, &[1; 10]);
    store.put(0, b"large", 1, &[2; 5000]);
    store.put(0, b"too large", 1, &[3; 20_000]);
    let settings = ["stream.chunk.bytes", "100", "max.response.bytes", "10000"];
    let harness = Harness::start(&registry, &settings);
    let mut call = Call::open(&harness).await;
    let keys: [(u32, &[u8]); 5] = [
        (0, b"small"),
        (0, b"large"),
        (0, b"too large"),
        (0, b"small"),
        (0, b"small"),
    ];
    let answer = call.answer(request(1, "store_v1", &keys)).await;
    let lengths: Vec<Vec<usize>> = answer
        .chunks
        .iter()
        .map(|chunk| chunk.iter().map(|(_, value, _)| value.len()).collect())
        .collect();
    assert_eq!(lengths, [[10], [5000], [10], [10]]);
    assert_eq!(answer.footer.error_code, 500);
    let text = &answer.footer.error_message;
    assert!(text.contains("larger than the limit of"), "{text}");
    assert_eq!(
        (answer.footer.found_keys, answer.footer.failed_keys),
        (4, 1)
    );
}

#[tokio::test]
async fn what_cannot_be_read_leaves_the_rest_readable() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"a", 7, b"payload");
    store.put(0, b"b", -30, b"no schema has this id");
    store.put(0, b"c", 7, b"payload");
    let harness = Harness::start(&registry, &[]);
    let mut call = Call::open(&harness).await;
    let keys: [(u32, &[u8]); 6] = [
        (0, b"a"),
        (5, b"a"),
        (0, b"b"),
        (0, b"c"),
        (5, b"b"),
        (1, b"none"),
    ];
    let answer = call.answer(request(1, "store_v1", &keys)).await;
    let payload = Some((b"payload".to_vec(), 7));
    assert_eq!(
        answer.by_index(),
        BTreeMap::from([(0, payload.clone()), (3, payload), (5, None)])
    );
    // The lowest partition fails first.
    let expected = StreamingBatchGetFooter {
        response_rcu: 6,
        found_keys: 2,
        missing_keys: 1,
        failed_keys: 3,
        ..footer(
            500,
            "Internal Error: com.linkedin.venice.exceptions.VeniceException: Found a record with \
             invalid schema ID: -30",
        )
    };
    assert_eq!(answer.footer, expected);

    let none = call.answer(request(2, "other_v1", &keys)).await;
    let expected = StreamingBatchGetFooter {
        response_rcu: 6,
        failed_keys: 6,
        ..footer(
            500,
            "Internal Error: com.linkedin.venice.exceptions.VeniceNoStoreException: Store: \
             other_v1 does not exist.",
        )
    };
    assert_eq!(none.footer, expected);
}

#[tokio::test]
async fn many_requests_share_a_call() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    let rows = rows(200);
    for (partition, key, value) in &rows {
        store.put(*partition as i32, key, 1, value);
    }
    store.flush(0);
    let harness = Harness::start(&registry, &[]);
    let mut call = Call::open(&harness).await;
    // More than are answered at the same time.
    for id in 0..50 {
        let (from, to) = (id as usize, id as usize * 2 + 1);
        call.ask(request(id, "store_v1", &keys(&rows[from..to])))
            .await;
    }
    let answers = call.answers(50).await;
    for (id, answer) in answers {
        assert_eq!(answer.footer, counted(id as u32 + 1, 0));
        for (index, found) in answer.by_index() {
            let expected = &rows[id as usize + index as usize].2;
            assert_eq!(&found.unwrap().0, expected);
        }
    }
}

#[tokio::test]
async fn a_refused_request_is_a_footer_and_the_call_goes_on() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"a", 1, b"payload");
    let clock = Arc::new(ManualClock::default());
    let config = Config::from_pairs(&[
        "bind.address",
        "127.0.0.1",
        "max.batch.keys",
        "3",
        "quota.interval.ms",
        "1000",
        "quota.capacity.multiple",
        "1",
    ]);
    let harness = Harness::start_with(&registry, config.unwrap(), clock);
    let quota = harness.server.quota();
    quota.set_node(4).unwrap();
    quota.set_store_version("store_v1", 3, 1.0).unwrap();
    let mut call = Call::open(&harness).await;
    let keys: [(u32, &[u8]); 2] = [(0, b"a"), (0, b"a")];
    let ask = |id| request(id, "store_v1", &keys);
    assert_eq!(call.answer(ask(1)).await.footer, counted(2, 0));
    let refused = call.answer(ask(2)).await;
    assert_eq!((refused.footer, refused.chunks.len()), (footer(429, ""), 0));
    quota.remove_store_version("store_v1");
    assert_eq!(call.answer(ask(3)).await.footer, counted(2, 0));
    let full = footer(503, "Server over capacity");
    assert_eq!(call.answer(ask(4)).await.footer, full);
    let unknown = footer(400, "Invalid request resource: other_v1");
    let other = request(5, "other_v1", &keys);
    assert_eq!(call.answer(other).await.footer, unknown);

    let unreadable = StreamingBatchGetRequest {
        key_bytes: vec![0xFF; 2],
        ..ask(6)
    };
    let answer = call.answer(unreadable).await;
    assert_eq!(answer.footer.error_code, 400);
    assert!(answer
        .footer
        .error_message
        .starts_with("cannot parse keyBytes"));
    let many = call
        .answer(request(7, "store_v1", &[(0, &b"a"[..]); 4]))
        .await;
    assert_eq!(many.footer.error_code, 400);
    assert_eq!(
        call.answer(request(8, "store_v1", &[])).await.footer,
        counted(0, 0)
    );
}

#[tokio::test]
async fn access_is_asked_for_and_told_in_the_footer() {
    let registry = Registry::new();
    let config = Config {
        access_control: true,
        ..Config::from_pairs(&["bind.address", "127.0.0.1"]).unwrap()
    };
    let harness = Harness::start_with(&registry, config, Arc::<ManualClock>::default());
    let mut call = Call::open(&harness).await;
    let answer = call.answer(request(1, "store_v1", &[])).await;
    assert_eq!(answer.footer, footer(403, "SSL Required"));
}

#[tokio::test]
async fn a_message_that_is_no_request_ends_the_call() {
    let registry = Registry::new();
    let harness = Harness::start(&registry, &["max.request.bytes", "100"]);
    let mut call = Call::open(&harness).await;
    call.ask(request(1, &"s".repeat(200), &[])).await;
    let status = call.next().await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
}

#[tokio::test]
async fn a_drain_answers_what_was_asked_and_ends_the_call() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"a", 1, b"payload");
    let harness = Harness::start(&registry, &[]);
    let mut call = Call::open(&harness).await;
    let answer = call.answer(request(1, "store_v1", &[(0, b"a")])).await;
    assert_eq!(answer.footer, counted(1, 0));
    let stopping = tokio::task::spawn_blocking(move || harness.server.stop(HANG));
    let status = call.next().await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    drop(call);
    assert!(stopping.await.unwrap(), "nothing had to be broken off");
}

/// A client's library does not tell those who have a call that the server goes.
#[tokio::test]
async fn requests_that_come_in_the_midst_of_a_drain_are_answered() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    let rows = rows(500);
    for (partition, key, value) in &rows {
        store.put(*partition as i32, key, 1, value);
    }
    let harness = Harness::start(&registry, &[]);
    let address = harness.address();
    let mut call = Call::open(&harness).await;
    // More than are answered at a time, and none is read: so most of them wait when the drain begins.
    for id in 0..20 {
        call.ask(request(id, "store_v1", &keys(&rows))).await;
    }
    let stopping = tokio::task::spawn_blocking(move || harness.server.stop(HANG));
    let refused =
        tokio::task::spawn_blocking(move || while std::net::TcpStream::connect(address).is_ok() {});
    refused.await.unwrap();
    for id in 20..40 {
        call.ask(request(id, "store_v1", &keys(&rows))).await;
    }
    let answers = call.answers(40).await;
    assert_eq!(answers.len(), 40);
    for answer in answers.into_values() {
        assert_eq!(answer.footer, counted(500, 0));
    }
    call.end();
    assert_eq!(call.next().await.unwrap(), None);
    drop(call);
    assert!(stopping.await.unwrap(), "nothing had to be broken off");
}

#[tokio::test]
async fn a_client_that_does_not_read_stops_the_reading() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    let rows = rows(5000);
    for (partition, key, value) in &rows {
        store.put(*partition as i32, key, 1, value);
    }
    let harness = Harness::start(&registry, &[]);
    let mut call = Call::open(&harness).await;
    call.ask(request(1, "store_v1", &keys(&rows))).await;
    // Partition 0 has the first 2.5 MB. The window, what HTTP/2 buffers and the chunks that wait are
    // some 0.7 MB, so partition 1 is not reached until the client reads on; and nothing of the
    // waiting answer keeps a partition open.
    let first = call.next().await.unwrap().unwrap();
    assert!(!first.records.is_empty());
    store.close(1).unwrap();
    let answer = call.answers(1).await.pop_first().unwrap().1;
    assert_eq!(answer.footer.error_code, 500);
    assert!(answer
        .footer
        .error_message
        .contains("RocksDB has been closed"));
    assert_eq!(
        (answer.footer.found_keys, answer.footer.failed_keys),
        (2500, 2500)
    );
}
