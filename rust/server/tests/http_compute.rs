//! `POST /compute/<store version>` as Venice's clients send it, byte by byte over HTTP/2 and HTTP/1.1: the results
//! and failures of `ReadComputeService`, in the form of Venice's answers over HTTP.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::net::TcpStream;
use std::sync::Arc;

use harness::compute::{
    asked, block, body, computed, description, result, scores, serving, until_waiting, v1, v2,
    ComputeClient,
};
use harness::http1::{Answer1, Http1};
use harness::http2::{Answer, Http2};
use harness::raw::{
    connect, frame, literal, Raw, DATA, END_HEADERS, END_STREAM, HEADERS, RST_STREAM,
};
use harness::{store, Harness};
use http::Request;
use tokio::task::spawn;
use venice_catalog::Compression;
use venice_engine::testing::TestStoreVersion;
use venice_engine::Registry;
use venice_metrics::model::Value;
use venice_metrics::Instrument;
use venice_proto::{ReadComputeRequest, ReadComputeResponse};
use venice_server::internals::read_path::WAITING_PER_THREAD;
use venice_server::internals::runtime::MonotonicClock;
use venice_server::Config;
use venice_wire::compute_request::ComputeRequest;

const PATH: &str = "/compute/store_v1";
const VERSION: (&str, &str) = ("X-VENICE-API-VERSION", "3");
const STREAMING: (&str, &str) = ("X-VENICE-STREAMING", "1");
const KEYS: [(u32, &[u8]); 3] = [(0, b"first"), (1, b"second"), (0, b"none")];

/// A request for the names of `store_v1` of the keys `first` (partition 0), and `none` (partition 1), as it is on the
/// wire. No operations; a result schema of 71 bytes.
const WIRE: &[u8] = b"\x00\
    \x8E\x01{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"name\",\"type\":\"string\"}]}\
    \x00\x0Afirst\x00\
    \x02\x08none\x02";
/// Its answer: index 0, a value of 7 bytes, which is a string of 6.
const WIRE_ANSWER: &[u8] = b"\x00\x0E\x0Citem 1";
/// With streaming: index -1, without a value.
const WIRE_STREAMED: &[u8] = b"\x00\x0E\x0Citem 1\x01\x00";

struct Served {
    harness: Harness,
    _store: TestStoreVersion,
}

fn served(settings: &[&str]) -> Served {
    let registry: Arc<Registry> = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"first", 1, &v1("item 1", &[1.0, 2.0], &["a", "b"]));
    store.put(
        1,
        b"second",
        2,
        &v2(Some("red"), "item 2", &[3.0, 4.0], &[]),
    );
    store.put(0, b"foreign", 9, b"");
    let all = [&["http.requests", "all"], settings].concat();
    Served {
        harness: serving(&registry, description(Compression::NoOp), &all),
        _store: store,
    }
}

impl Served {
    async fn http2(&self) -> Http2 {
        Http2::connect(self.harness.address()).await
    }

    /// The same request over HTTP/1.1.
    fn ask1(&self, method: &str, path: &str, fields: &[(&str, &str)], body: &[u8]) -> Answer1 {
        let lines: String = fields
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: venice\r\n{lines}Content-Length: {length}\r\n\r\n"
        );
        let mut client = Http1::of(connect(self.harness.address(), None));
        client.ask([head.as_bytes(), body].concat())
    }
}

async fn post(http2: &mut Http2, fields: &[(&str, &str)], body: &[u8]) -> Answer {
    http2.ask("POST", PATH, fields, body).await
}

/// What an answer over HTTP has of what the service says.
fn assert_same(answer: &Answer, told: &ReadComputeResponse) {
    assert!(answer.trailers.is_none());
    assert_eq!(u32::from(answer.head.status().as_u16()), told.error_code);
    let (kind, body) = match told.error_code {
        200 => ("avro/binary", &told.records[..]),
        _ => ("text/plain", told.error_message.as_bytes()),
    };
    assert_eq!(
        (&answer.body[..], answer.field("content-type")),
        (body, kind)
    );
    let (schema, rcu) = match told.error_code {
        200 => (told.schema_id, told.response_rcu),
        _ => (-1, 1),
    };
    let length = body.len().to_string();
    assert_eq!(answer.field("content-length"), length);
    assert_eq!(answer.field("x-venice-schema-id"), schema.to_string());
    assert_eq!(answer.field("x-venice-compression-strategy"), "0");
    assert_eq!(answer.field("x-venice-rcu"), rcu.to_string());
}

/// The same request by frames, and by lines: nothing of it is made by code of ours.
#[test]
fn requests_are_answered_byte_by_byte_over_both_protocols() {
    let served = served(&[]);
    let mut raw = Raw::hello(connect(served.harness.address(), None), &[]);
    let mut http1: Http1<TcpStream> = Http1::of(connect(served.harness.address(), None));
    for (turn, streaming) in [false, true, false].into_iter().enumerate() {
        let stream = 2 * turn as u32 + 1;
        let expected = if streaming {
            WIRE_STREAMED
        } else {
            WIRE_ANSWER
        };

        // POST, http.
        let mut block = vec![0x83, 0x86];
        block.extend(literal(b":path", PATH.as_bytes()));
        block.extend(literal(b"x-venice-api-version", b"3"));
        block.extend(literal(b"x-venice-key-count", b"2"));
        block.extend(literal(b"x-venice-compute-value-schema-id", b"-1"));
        if streaming {
            block.extend(literal(b"x-venice-streaming", b"1"));
        }
        raw.send(&frame(HEADERS, END_HEADERS, stream, &block))
            .unwrap();
        raw.send(&frame(DATA, END_STREAM, stream, WIRE)).unwrap();
        let (mut head, mut data) = (Vec::new(), Vec::new());
        loop {
            let frame = raw.next().unwrap().expect("the connection ended");
            if frame.stream != stream {
                continue;
            }
            match frame.kind {
                HEADERS => head.extend(frame.payload),
                DATA => data.extend(frame.payload),
                RST_STREAM => panic!("the stream was reset"),
                _ => continue,
            }
            if frame.flags & END_STREAM != 0 {
                break;
            }
        }
        assert_eq!(data, expected);
        // `:status` 200 of the static table.
        assert!(head.contains(&0x88), "{head:?}");

        let more = if streaming {
            "X-VENICE-STREAMING: 1\r\n"
        } else {
            ""
        };
        let lines = format!(
            "POST {PATH} HTTP/1.1\r\nHost: venice\r\nX-VENICE-API-VERSION: 3\r\nX-VENICE-KEY-COUNT: 2\r\n\
             X-VENICE-COMPUTE-VALUE-SCHEMA-ID: -1\r\n{more}Content-Length: {}\r\n\r\n",
            WIRE.len()
        );
        let answer = http1.ask([lines.as_bytes(), WIRE].concat());
        let length = format!("content-length: {}", expected.len());
        let mut fields = vec![
            &*length,
            "content-type: avro/binary",
            "x-venice-compression-strategy: 0",
            "x-venice-rcu: 2",
            "x-venice-schema-id: 1",
        ];
        if streaming {
            fields.push("x-venice-streaming-response: 1");
        }
        assert_eq!(answer.status, 200);
        assert_eq!(answer.fields, fields);
        assert_eq!(answer.body, expected);
    }
}

#[tokio::test]
async fn results_are_those_of_the_service_with_and_without_missing_keys() {
    let served = served(&[]);
    let mut http2 = served.http2().await;
    let mut client = ComputeClient::connect(&served.harness).await;
    let request = asked(&scores(&[10.0, 1.0]), &KEYS);
    let found = [
        (0, result("item 1", 12.0, 2)),
        (1, result("item 2", 34.0, 0)),
    ];
    for is_streaming in [false, true] {
        let told = client
            .compute(ReadComputeRequest {
                is_streaming_request: is_streaming,
                ..request.clone()
            })
            .await;
        let fields: &[_] = match is_streaming {
            true => &[VERSION, STREAMING],
            false => &[VERSION],
        };
        let answer = post(&mut http2, fields, &request.body).await;
        assert_same(&answer, &told);
        let mut expected = found.to_vec();
        if is_streaming {
            expected.push((-2, Vec::new()));
        }
        assert_eq!(computed(&answer.body), expected);
        assert_eq!(answer.field("x-venice-rcu"), "3");
        let said = answer.field("x-venice-streaming-response");
        assert_eq!(said, if is_streaming { "1" } else { "" });
        let lines = served.ask1("POST", PATH, fields, &request.body);
        assert_eq!((lines.status, &lines.body), (200, &answer.body));
    }
    // All versions have one form, and names of actions any case.
    for version in ["1", "2"] {
        let fields = [("x-venice-api-version", version)];
        let answer = http2
            .ask("POST", "/COMPUTE/store_v1", &fields, &request.body)
            .await;
        assert_eq!(computed(&answer.body), found);
    }
    // No keys, no results.
    let none = body(&scores(&[1.0]), &[]);
    let answer = post(&mut http2, &[VERSION], &none).await;
    assert_eq!(answer.text(), (200, ""));
    assert_eq!(answer.field("x-venice-rcu"), "0");
}

#[tokio::test]
async fn values_are_read_by_the_schema_that_the_request_names() {
    let served = served(&[]);
    let mut http2 = served.http2().await;
    let colors = ComputeRequest {
        operations: Vec::new(),
        result_schema: r#"{"type":"record","name":"R","fields":[{"name":"color","type":["null","string"],"default":null}]}"#.into(),
    };
    let body = body(&colors, &[(1, b"second")]);
    for (id, status) in [("-1", 200), ("2", 200), ("1", 500), ("7", 500)] {
        let schema = ("X-VENICE-COMPUTE-VALUE-SCHEMA-ID", id);
        let answer = post(&mut http2, &[VERSION, schema], &body).await;
        assert_eq!(answer.head.status().as_u16(), status, "{id}");
        match status {
            200 => assert_eq!(computed(&answer.body), [(0, b"\x02\x06red".to_vec())]),
            _ => {
                let text = match id {
                    "1" => "The result field color is not a field in value schema or an operation result schema.",
                    _ => "the store \"store\" has no value schema with the id 7; ask with the id of one that it has",
                };
                let told = answer.text().1;
                assert!(told.starts_with(text), "{told}");
            }
        }
    }
}

#[tokio::test]
async fn failures_have_venices_status_and_text() {
    let served = served(&["max.batch.keys", "4", "max.request.bytes", "100000"]);
    let mut off = description(Compression::NoOp);
    off.name = "off".to_owned();
    off.read_compute_enabled = false;
    served.harness.server.catalog().put(off).unwrap();
    let registry = Arc::clone(&served.harness.registry);
    let _off = store(&registry, "off_v1");
    let mut http2 = served.http2().await;
    let mut client = ComputeClient::connect(&served.harness).await;
    let good = scores(&[1.0, 1.0]);
    let whole = body(&good, &KEYS);
    let mut nowhere = good.clone();
    nowhere.operations[0].field = "nowhere".into();
    // As the service says it.
    for (resource, body, status) in [
        ("off_v1", whole.clone(), 405),
        ("store_v1", whole[..20].to_vec(), 400),
        ("store_v1", whole[..whole.len() - 1].to_vec(), 400),
        ("store_v1", body(&good, &[(0, &b"first"[..]); 5]), 400),
        ("store_v1", body(&nowhere, &KEYS), 500),
        ("store_v1", body(&good, &[(0, b"foreign")]), 500),
        ("store_v1", Vec::new(), 400),
    ] {
        let told = client
            .compute(ReadComputeRequest {
                body: body.clone(),
                resource_name: resource.to_owned(),
                ..asked(&good, &[])
            })
            .await;
        assert_eq!(told.error_code, status, "{}", told.error_message);
        let path = format!("/compute/{resource}");
        let answer = http2.ask("POST", &path, &[VERSION], &body).await;
        assert_same(&answer, &told);
        let lines = served.ask1("POST", &path, &[VERSION], &body);
        assert_eq!(lines.text(), answer.text());
    }
    // The current version of a store, which should be here: a router may try another node.
    let mut absent = description(Compression::NoOp);
    absent.name = "absent".to_owned();
    served.harness.server.catalog().put(absent).unwrap();
    // As HTTP has it alone.
    let odd_schema = ("X-VENICE-COMPUTE-VALUE-SCHEMA-ID", "x");
    let version = |version| ("X-VENICE-API-VERSION", version);
    let large = vec![0; 100_001];
    for (method, path, fields, body, status, text) in [
        ("GET", PATH, &[VERSION][..], &b""[..], 400, "Only support POST method for COMPUTE"),
        ("POST", "/compute", &[VERSION], &whole, 400, "Invalid request: /compute"),
        ("POST", "/compute/store_v1/0", &[VERSION], &whole, 400, "Invalid request: /compute/store_v1/0"),
        ("POST", PATH, &[], &whole, 400, "Header: X-VENICE-API-VERSION is missing"),
        ("POST", PATH, &[version("0")], &whole, 400, "Compute API version 0 is invalid. Latest version is 3"),
        ("POST", PATH, &[version("4")], &whole, 400, "Compute API version 4 is invalid. Latest version is 3"),
        ("POST", PATH, &[version("x")], &whole, 400, "Compute API version x is invalid. Latest version is 3"),
        (
            "POST", PATH, &[VERSION, odd_schema], &whole, 400,
            "X-VENICE-COMPUTE-VALUE-SCHEMA-ID is \"x\"; send a decimal number, or leave the field out",
        ),
        ("POST", "/compute/nobody_v1", &[VERSION], &whole, 400, "No storage exists for: nobody_v1"),
        ("POST", "/compute/absent_v1", &[VERSION], &whole, 503, "No storage exists for: absent_v1"),
    ] {
        let answer = http2.ask(method, path, fields, body).await;
        assert_eq!(answer.text(), (status, text));
        let lines = served.ask1(method, path, fields, body);
        assert_eq!(lines.text(), (status, text));
    }
    let answer = post(&mut http2, &[VERSION], &large).await;
    assert_eq!(answer.text().0, 413);
    // The deadline is over before anything is read.
    let late = [VERSION, ("grpc-timeout", "0n")];
    assert_eq!(post(&mut http2, &late, &whole).await.text().0, 408);
    // And the connection goes on.
    let answer = post(&mut http2, &[VERSION], &whole).await;
    assert_eq!(computed(&answer.body).len(), 2);
}

#[tokio::test]
async fn each_key_is_charged_and_a_store_without_quota_left_is_told_that_alone() {
    let served = served(&[]);
    let quota = served.harness.server.quota();
    quota.set_store_version("store_v1", 1, 1.0).unwrap();
    let mut http2 = served.http2().await;
    let many: Vec<(u32, &[u8])> = vec![(0, b"first"); 5000];
    let answer = post(&mut http2, &[VERSION], &body(&scores(&[1.0]), &many)).await;
    assert_eq!(answer.text(), (429, ""));
    // One that is made again is charged to the node alone.
    quota.set_node(1).unwrap();
    let again = [VERSION, ("X-VENICE-RETRY", "1")];
    let answer = post(&mut http2, &again, &body(&scores(&[1.0]), &many)).await;
    assert_eq!(answer.text(), (503, "Server over capacity"));
}

#[tokio::test]
async fn a_full_queue_has_the_status_by_which_clients_send_less() {
    let served = served(&[]);
    let gate = block(&served.harness);
    let (mut waiting, mut http2) = (served.http2().await, served.http2().await);
    let whole = body(&scores(&[1.0]), &KEYS);
    let mut calls = Vec::new();
    for _ in 0..WAITING_PER_THREAD {
        let request = Request::post(format!("http://server{PATH}")).header(VERSION.0, VERSION.1);
        let (answer, mut stream) = waiting.open(request.body(()).unwrap()).await;
        stream.send_data(whole.clone().into(), true).unwrap();
        calls.push(answer);
    }
    until_waiting(&served.harness, WAITING_PER_THREAD).await;
    // Its share is taken by itself; another connection still has one.
    let refused = post(&mut waiting, &[VERSION], &whole).await;
    let (status, text) = refused.text();
    assert_eq!(status, 529);
    let venices = "Service overloaded, please try again later: ";
    let why =
        "too many requests wait to be computed: 256 for each thread (setting compute.threads)";
    assert!(text.starts_with(&[venices, why].concat()), "{text}");
    let answer = spawn(async move { post(&mut http2, &[VERSION], &whole).await });
    drop(gate);
    assert_eq!(answer.await.unwrap().head.status(), 200);
}

#[tokio::test]
async fn without_the_setting_nothing_is_computed() {
    let served = served(&["compute.enabled", "false"]);
    let mut http2 = served.http2().await;
    let whole = body(&scores(&[1.0]), &KEYS);
    let answer = post(&mut http2, &[VERSION], &whole).await;
    let text =
        "read compute is switched off on this server (setting compute.enabled); ask another, or change the setting";
    assert_eq!(answer.text(), (405, text));
    let lines = served.ask1("POST", PATH, &[VERSION], &whole);
    assert_eq!(lines.text(), (405, text));
}

#[tokio::test]
async fn access_is_asked_for_before_the_body_is_looked_at() {
    let registry = Registry::new();
    let config = Config {
        access_control: true,
        ..Config::from_pairs(&["bind.address", "127.0.0.1"]).unwrap()
    };
    let clock = Arc::<MonotonicClock>::default();
    let harness = Harness::start_with(&registry, config, clock);
    let mut http2 = Http2::connect(harness.address()).await;
    let answer = post(&mut http2, &[VERSION], &[1]).await;
    assert_eq!(answer.text(), (403, "SSL Required"));
}

#[tokio::test]
async fn requests_are_counted_by_venices_method_and_the_clients_status() {
    let served = served(&[]);
    let mut http2 = served.http2().await;
    let whole = body(&scores(&[1.0, 1.0]), &KEYS);
    post(&mut http2, &[VERSION], &whole).await;
    post(&mut http2, &[VERSION], &whole).await;
    post(&mut http2, &[VERSION], &[1]).await;
    let snapshot = served.harness.server.observed().snapshot(160);
    let count = |status| {
        let attributes = [
            ("venice.store.name", "store"),
            ("venice.request.method", "compute"),
            ("http.response.status_code", status),
        ];
        let calls = snapshot.metric(Instrument::ReadCallCount).unwrap();
        match calls.value(&attributes) {
            Some(Value::U64(count)) => *count,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!((count("200"), count("400")), (2, 1));
}
