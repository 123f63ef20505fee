//! Streaming compute: pieces, footers, missing keys, and clients that do not read.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::collections::BTreeMap;
use std::io::Write;

use harness::compute::{
    asked, block, body, compressed, computed, description, result, scores, serving, until_refused,
    until_waiting, v1, ComputeClient,
};
use harness::{resident, store, Harness, HANG, OK};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tonic::codegen::tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Endpoint;
use tonic::{Code, Streaming};
use venice_catalog::Compression;
use venice_engine::Registry;
use venice_proto::{
    ReadComputeServiceClient, StreamingComputeFooter, StreamingComputeRequest,
    StreamingComputeResponse,
};
use venice_wire::compute_request::ComputeRequest;

/// HTTP/2's own default: so many bytes come before they are read.
const WINDOW: u32 = 65_535;

struct Call {
    requests: Option<mpsc::Sender<StreamingComputeRequest>>,
    responses: Streaming<StreamingComputeResponse>,
}

#[derive(Debug, Default)]
struct Answer {
    records: Vec<(i32, Vec<u8>)>,
    messages: usize,
    largest: usize,
    footer: StreamingComputeFooter,
}

impl Call {
    async fn open(harness: &Harness) -> Call {
        let endpoint = Endpoint::try_from(format!("http://{}", harness.address()))
            .unwrap()
            .initial_stream_window_size(WINDOW);
        let mut client = ReadComputeServiceClient::new(endpoint.connect().await.unwrap());
        let (requests, receiver) = mpsc::channel(64);
        let responses = client
            .streaming_compute(ReceiverStream::new(receiver))
            .await;
        Call {
            requests: Some(requests),
            responses: responses.unwrap().into_inner(),
        }
    }

    async fn ask(&self, request: StreamingComputeRequest) {
        self.requests.as_ref().unwrap().send(request).await.unwrap();
    }

    async fn next(&mut self) -> Result<Option<StreamingComputeResponse>, tonic::Status> {
        timeout(HANG, self.responses.message()).await.unwrap()
    }

    async fn answers(&mut self, count: usize) -> BTreeMap<u64, Answer> {
        let mut answers: BTreeMap<u64, Answer> = BTreeMap::new();
        let mut done = 0;
        while done < count {
            let response = self.next().await.unwrap().unwrap();
            let answer = answers.entry(response.request_id).or_default();
            if !response.records.is_empty() {
                answer.records.extend(computed(&response.records));
                answer.messages += 1;
                answer.largest = answer.largest.max(response.records.len());
            }
            if let Some(footer) = response.footer {
                answer.footer = footer;
                done += 1;
            }
        }
        answers
    }

    async fn answer(&mut self, request: StreamingComputeRequest) -> Answer {
        self.ask(request).await;
        self.answers(1).await.pop_first().unwrap().1
    }
}

fn request(
    id: u64,
    request: &ComputeRequest<'_>,
    keys: &[(u32, &[u8])],
) -> StreamingComputeRequest {
    StreamingComputeRequest {
        request_id: id,
        resource_name: "store_v1".to_owned(),
        method: "POST".to_owned(),
        body: body(request, keys),
        value_schema_id: -1,
    }
}

/// The names of values, as they are.
fn names() -> ComputeRequest<'static> {
    ComputeRequest {
        operations: Vec::new(),
        result_schema: r#"{"type":"record","name":"R","fields":[{"name":"name","type":"string"}]}"#
            .into(),
    }
}

#[tokio::test]
async fn every_key_has_a_record_and_the_footer_counts_them() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    for row in 0..1000u32 {
        let value = v1(&row.to_string(), &[row as f32], &["tag"]);
        store.put((row % 2) as i32, &row.to_be_bytes(), 1, &value);
    }
    let settings = ["stream.chunk.bytes", "1000"];
    let harness = serving(&registry, description(Compression::NoOp), &settings);
    let mut call = Call::open(&harness).await;
    let rows: Vec<[u8; 4]> = (0..1200u32).map(u32::to_be_bytes).collect();
    let rows: Vec<(u32, &[u8])> = (0..)
        .zip(&rows)
        .map(|(row, key)| (row % 2, &key[..]))
        .collect();
    let mut answer = call.answer(request(7, &scores(&[2.0]), &rows)).await;
    assert_eq!(
        answer.footer,
        StreamingComputeFooter {
            error_code: OK,
            response_rcu: 1200,
            found_keys: 1000,
            missing_keys: 200,
            ..Default::default()
        }
    );
    assert!(
        answer.messages > 10 && answer.largest <= 1010,
        "{} {}",
        answer.messages,
        answer.largest
    );
    answer.records.sort_by_key(|(index, _)| index.abs());
    let expected = |row: i32| match row {
        0..1000 => (row, result(&row.to_string(), 2.0 * row as f32, 1)),
        _ => (-row, Vec::new()),
    };
    let expected: Vec<_> = (0..1200).map(expected).collect();
    assert!(answer.records == expected);
    // One request without keys, and no more.
    let nothing = call.answer(request(8, &scores(&[2.0]), &[])).await;
    assert_eq!((nothing.messages, nothing.footer.error_code), (0, OK));
    call.requests = None;
    assert!(call.next().await.unwrap().is_none(), "a good end");
}

#[tokio::test]
async fn what_is_refused_ends_its_request_alone() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, &v1("item", &[2.0], &[]));
    store.put(1, b"bad", 1, &[0x7F]);
    let harness = serving(&registry, description(Compression::NoOp), &[]);
    let mut call = Call::open(&harness).await;
    let key: [(u32, &[u8]); 1] = [(0, b"key")];
    let mut no_field = scores(&[1.0]);
    no_field.operations[0].field = "nowhere".into();
    let refused = call.answer(request(1, &no_field, &key)).await;
    let text = "The field nowhere being operated on is not in value schema";
    let footer = StreamingComputeFooter {
        error_code: 500,
        error_message: text.to_owned(),
        response_rcu: 1,
        failed_keys: 1,
        ..Default::default()
    };
    assert_eq!(refused.footer, footer);
    let nobody = StreamingComputeRequest {
        resource_name: "nobody_v1".to_owned(),
        ..request(2, &no_field, &key)
    };
    let refused = call.answer(nobody).await;
    assert_eq!(refused.footer.error_code, 500);
    assert_eq!(refused.footer.response_rcu, 0);
    let cut = StreamingComputeRequest {
        body: vec![2],
        ..request(3, &no_field, &key)
    };
    assert_eq!(call.answer(cut).await.footer.error_code, 400);
    // A value that cannot be read fails alone.
    let keys: [(u32, &[u8]); 2] = [(0, b"key"), (1, b"bad")];
    let failed = call.answer(request(4, &scores(&[1.0]), &keys)).await;
    assert_eq!(failed.footer.error_code, 500);
    assert_eq!(
        (failed.footer.found_keys, failed.footer.failed_keys),
        (1, 1)
    );
    assert_eq!(failed.records, [(0, result("item", 2.0, 0))]);
    let good = call.answer(request(5, &scores(&[1.0]), &key)).await;
    assert_eq!(good.records, [(0, result("item", 2.0, 0))]);

    // What is no request at all ends the call.
    let mut off = description(Compression::NoOp);
    off.read_compute_enabled = false;
    harness.server.catalog().put(off).unwrap();
    let refused = call.answer(request(6, &scores(&[1.0]), &key)).await;
    assert_eq!(refused.footer.error_code, 405);
}

/// As of a streaming batch get: values that cannot be read, schemas that nobody knows, and a partition that is elsewhere.
#[tokio::test]
async fn keys_that_cannot_be_computed_fail_alone() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    let is_bad = |row: u32| row % 50 == 7 && row < 400;
    let is_foreign = |row: u32| row % 100 == 60;
    let is_odd = |row: u32| row == 150;
    for row in 0..400u32 {
        let value = v1(&row.to_string(), &[row as f32], &[]);
        let (schema, value) = match row {
            _ if is_bad(row) => (1, vec![0x7F]),
            _ if is_foreign(row) => (9, value),
            // No schema has this id.
            _ if is_odd(row) => (-30, value),
            _ => (1, value),
        };
        store.put((row % 2) as i32, &row.to_be_bytes(), schema, &value);
    }
    let harness = serving(&registry, description(Compression::NoOp), &[]);
    let mut call = Call::open(&harness).await;
    let rows: Vec<[u8; 4]> = (0..410u32).map(u32::to_be_bytes).collect();
    let rows: Vec<(u32, &[u8])> = (0..)
        .zip(&rows)
        .map(|(row, key)| match row {
            200..220 => (5, &key[..]),
            _ => (row % 2, &key[..]),
        })
        .collect();
    let mut answer = call.answer(request(1, &scores(&[2.0]), &rows)).await;
    let fails =
        |row: u32| is_bad(row) || is_foreign(row) || is_odd(row) || (200..220).contains(&row);
    let failed = (0..410).filter(|row| fails(*row)).count() as u32;
    assert_eq!(failed, 8 + 4 + 1 + 19, "207 is among those of partition 5");
    let footer = &answer.footer;
    let counts = (footer.found_keys, footer.missing_keys, footer.failed_keys);
    assert_eq!(counts, (400 - failed, 10, failed));
    assert_eq!((footer.error_code, footer.response_rcu), (500, 410));
    // The first that was come upon: of partition 0, where rows are even.
    let text = &footer.error_message;
    assert!(text.contains("has no value schema with the id 9"), "{text}");
    let expected: Vec<_> = (0..410u32)
        .filter(|row| !fails(*row))
        .map(|row| match row as i32 {
            index @ 400.. => (-index, Vec::new()),
            index => (index, result(&row.to_string(), 2.0 * row as f32, 0)),
        })
        .collect();
    answer.records.sort_by_key(|(index, _)| index.abs());
    assert!(answer.records == expected);
    // Of nothing but such keys there are no records.
    let bad: Vec<(u32, &[u8])> = (0..)
        .zip(rows)
        .filter(|(row, _)| fails(*row))
        .map(|(_, key)| key)
        .collect();
    let answer = call.answer(request(2, &scores(&[2.0]), &bad)).await;
    assert_eq!((answer.messages, answer.footer.failed_keys), (0, failed));
}

/// As the method of one message says, and Venice's server.
#[tokio::test]
async fn a_request_without_keys_is_checked() {
    let registry = Registry::new();
    let _store = store(&registry, "store_v1");
    let harness = serving(&registry, description(Compression::NoOp), &[]);
    let mut call = Call::open(&harness).await;
    let answer = call.answer(request(1, &names(), &[])).await;
    assert_eq!(
        answer.footer,
        StreamingComputeFooter {
            error_code: OK,
            ..Default::default()
        }
    );
    let wrong = ComputeRequest {
        result_schema: names()
            .result_schema
            .replace("\"name\",\"type\"", "\"other\",\"type\"")
            .into(),
        operations: Vec::new(),
    };
    let text =
        "The result field other is not a field in value schema or an operation result schema.";
    let answer = call.answer(request(2, &wrong, &[])).await;
    assert!(answer.records.is_empty());
    assert_eq!(
        (
            answer.footer.error_code,
            &*answer.footer.error_message,
            answer.footer.failed_keys
        ),
        (500, text, 0)
    );
    let mut client = ComputeClient::connect(&harness).await;
    let unary = client.refusal(asked(&wrong, &[])).await;
    assert_eq!(unary, (500, text.to_owned()));
}

#[tokio::test]
async fn a_value_that_cannot_be_decompressed_fails_alone() {
    let registry = Registry::new();
    let store = compressed(&registry, Compression::Gzip, false);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(&v1("item", &[2.0], &[])).unwrap();
    let good = gzip.finish().unwrap();
    store.put(0, b"a", 1, &good);
    store.put(0, b"b", 1, b"no gzip");
    store.put(0, b"c", 1, &good);
    let harness = serving(&registry, description(Compression::Gzip), &[]);
    let mut call = Call::open(&harness).await;
    let keys: [(u32, &[u8]); 4] = [(0, b"a"), (0, b"b"), (0, b"c"), (0, b"none")];
    let answer = call.answer(request(1, &scores(&[1.0]), &keys)).await;
    let footer = answer.footer;
    let counts = (footer.found_keys, footer.missing_keys, footer.failed_keys);
    assert_eq!((counts, footer.error_code), ((2, 1, 1), 500));
    let text = footer.error_message;
    assert!(
        text.starts_with("cannot decompress the value of key 1"),
        "{text}"
    );
    let item = result("item", 2.0, 0);
    assert_eq!(
        answer.records,
        [(0, item.clone()), (2, item), (-3, Vec::new())]
    );
}

/// Those that wait for a thread, and those that wait in the call.
#[tokio::test]
async fn a_drain_answers_the_requests_that_came() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    for row in 0..500u32 {
        let value = v1(&row.to_string(), &[row as f32], &[]);
        store.put((row % 2) as i32, &row.to_be_bytes(), 1, &value);
    }
    let harness = std::sync::Arc::new(serving(&registry, description(Compression::NoOp), &[]));
    let gate = block(&harness);
    let rows: Vec<[u8; 4]> = (0..500u32).map(u32::to_be_bytes).collect();
    let rows: Vec<(u32, &[u8])> = (0..)
        .zip(&rows)
        .map(|(row, key)| (row % 2, &key[..]))
        .collect();
    let mut call = Call::open(&harness).await;
    for id in 1..=20 {
        call.ask(request(id, &scores(&[1.0]), &rows)).await;
    }
    // As many as have room for a message in the call.
    until_waiting(&harness, 2).await;
    let stopping = tokio::task::spawn_blocking({
        let harness = std::sync::Arc::clone(&harness);
        move || harness.server.stop(HANG)
    });
    until_refused(&harness).await;
    assert!(!stopping.is_finished(), "requests are in flight");
    drop(gate);
    for answer in call.answers(20).await.into_values() {
        assert_eq!(
            (answer.footer.error_code, answer.footer.found_keys),
            (OK, 500)
        );
        assert_eq!(answer.records.len(), 500);
    }
    call.requests = None;
    assert!(call.next().await.unwrap().is_none(), "a good end");
    drop(call);
    assert!(stopping.await.unwrap(), "nothing had to be broken off");
}

#[tokio::test]
async fn records_larger_than_a_message_have_one_each() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    let name = |byte: char, length| byte.to_string().repeat(length);
    store.put(0, b"small", 1, &v1(&name('s', 10), &[], &[]));
    store.put(0, b"large", 1, &v1(&name('l', 5000), &[], &[]));
    let settings = ["stream.chunk.bytes", "100", "max.response.bytes", "10000"];
    let harness = serving(&registry, description(Compression::NoOp), &settings);
    let mut call = Call::open(&harness).await;
    let keys: [(u32, &[u8]); 4] = [(0, b"small"), (0, b"large"), (0, b"small"), (0, b"small")];
    let answer = call.answer(request(1, &names(), &keys)).await;
    let lengths: Vec<usize> = answer
        .records
        .iter()
        .map(|(_, value)| value.len())
        .collect();
    assert_eq!(lengths, [11, 5002, 11, 11]);
    assert_eq!(answer.footer.found_keys, 4);
    // Too large for any message.
    store.put(0, b"too large", 1, &v1(&name('t', 20_000), &[], &[]));
    let keys: [(u32, &[u8]); 2] = [(0, b"small"), (0, b"too large")];
    let answer = call.answer(request(2, &names(), &keys)).await;
    assert_eq!(
        (answer.footer.found_keys, answer.footer.failed_keys),
        (1, 1)
    );
    assert_eq!(answer.footer.error_code, 500);
}

#[tokio::test]
async fn a_client_that_does_not_read_costs_little_and_holds_up_nobody() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    let name = "n".repeat(10_000);
    for row in 0..100u32 {
        store.put(0, &row.to_be_bytes(), 1, &v1(&name, &[1.0], &[]));
    }
    let harness = serving(&registry, description(Compression::NoOp), &[]);
    let rows: Vec<[u8; 4]> = (0..5000u32).map(|row| (row % 100).to_be_bytes()).collect();
    let rows: Vec<(u32, &[u8])> = rows.iter().map(|key| (0, &key[..])).collect();
    let before = resident();
    // 50 MB each.
    let mut calls = Vec::new();
    for _ in 0..8 {
        let mut call = Call::open(&harness).await;
        call.ask(request(1, &names(), &rows)).await;
        // The first bytes are here.
        assert!(!call.next().await.unwrap().unwrap().records.is_empty());
        calls.push(call);
    }
    let mut client = ComputeClient::connect(&harness).await;
    for _ in 0..100 {
        let response = client.compute(asked(&scores(&[2.0]), &rows[..50])).await;
        assert_eq!(response.error_code, OK);
    }
    let grown = resident().saturating_sub(before);
    assert!(grown < 64 << 20, "{grown}");
    // Who reads on gets all.
    let mut call = calls.pop().unwrap();
    let answer = call.answers(1).await.pop_first().unwrap().1;
    assert_eq!(answer.footer.found_keys, 5000);
    assert!(answer.largest <= 64 * 1024 + 10_010);
}

#[tokio::test]
async fn the_deadline_holds_for_the_whole_call() {
    let registry = Registry::new();
    let _store = store(&registry, "store_v1");
    let harness = serving(&registry, description(Compression::NoOp), &[]);
    let endpoint = Endpoint::try_from(format!("http://{}", harness.address())).unwrap();
    let mut client = ReadComputeServiceClient::new(endpoint.connect().await.unwrap());
    let (_requests, receiver) = mpsc::channel(1);
    let mut call = tonic::Request::new(ReceiverStream::new(receiver));
    call.metadata_mut()
        .insert("grpc-timeout", "50m".parse().unwrap());
    let status = match client.streaming_compute(call).await {
        Ok(responses) => responses.into_inner().message().await.unwrap_err(),
        Err(status) => status,
    };
    assert_eq!(status.code(), Code::DeadlineExceeded);
}
