//! Whole connections of HTTP/2 and HTTP/1.1, and changes of them, against a running server: no thread of it panics, each
//! connection ends, and nothing of them is held afterwards. `ANY_BYTES=1000000` has as many changes, for hours.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr};
use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use harness::compute::{asked, description, scores, serving, v1};
use harness::http2::{framed, GET, STREAM};
use harness::raw::{call, connect, frame, head, initial_window, literal, window_update};
use harness::raw::{
    DATA, END_HEADERS, END_STREAM, HEADERS, PING, PREFACE, PRIORITY, RST_STREAM, SETTINGS,
};
use harness::{base64url, batch_request, get_request, store, Harness, HANG, OK};
use tokio::task::spawn_blocking;
use venice_catalog::Compression;
use venice_engine::testing::TestStoreVersion;
use venice_engine::Registry;
use venice_proto::StreamingBatchGetRequest;

const BATCH_GET: &str = "/com.linkedin.venice.protocols.VeniceReadService/batchGet";
const COMPUTE: &str = "/com.linkedin.venice.rust.protocols.ReadComputeService/compute";
const REFLECTION: &str = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
const HEALTH: &str = "/grpc.health.v1.Health/Watch";

/// Times that a thread has panicked, other than the tests' own.
static PANICS: AtomicUsize = AtomicUsize::new(0);

fn count_panics() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let thread = thread::current();
        if thread
            .name()
            .is_some_and(|name| name.starts_with("venice-"))
        {
            PANICS.fetch_add(1, SeqCst);
        }
        before(info);
    }));
}

fn filled(registry: &Arc<Registry>) -> TestStoreVersion {
    let store = store(registry, "store_v1");
    for row in 0..20u8 {
        store.put(0, &[row], 1, &v1("row", &[1.0, 2.0], &["tag"]));
    }
    store.put(0, b"key", 1, &v1(&"n".repeat(70_000), &[2.0], &[]));
    store
}

/// A request over HTTP/2 that is no gRPC.
fn http(stream: u32, method: u8, path: &str) -> Vec<u8> {
    let head = [
        vec![method, 0x86],
        literal(b":path", path.as_bytes()),
        literal(b":authority", b"server"),
    ];
    frame(HEADERS, END_HEADERS | END_STREAM, stream, &head.concat())
}

/// With how many calls the server answers.
fn conversations_of_http2() -> [(Vec<u8>, usize); 3] {
    let get = get_request("store_v1", 0, b"key");
    let rows: Vec<[u8; 1]> = (0..20u8).map(|row| [row]).collect();
    let rows: Vec<(u32, &[u8])> = rows.iter().map(|row| (0, &row[..])).collect();
    let batch = batch_request("store_v1", &rows);
    let hello = |settings: &[u8]| [PREFACE, &frame(SETTINGS, 0, 0, settings)].concat();
    let get_path = format!("/storage/store_v1/0/{}?f=b64", base64url(b"key"));
    let compute = asked(&scores(&[1.0, 2.0]), &rows);
    let streamed = StreamingBatchGetRequest {
        resource_name: "store_v1".to_owned(),
        key_bytes: batch.key_bytes.clone(),
        ..Default::default()
    };
    let all = [
        hello(&initial_window(1 << 20)),
        window_update(0, 1 << 20),
        call(1, GET, &get),
        call(3, BATCH_GET, &batch),
        call(5, COMPUTE, &compute),
        call(7, STREAM, &streamed),
    ];
    let windows = [
        hello(&initial_window(0)),
        call(1, GET, &get),
        call(3, STREAM, &streamed),
        window_update(1, 100),
        frame(PING, 0, 0, &[7; 8]),
        window_update(0, 1 << 20),
        frame(RST_STREAM, 0, 3, &[0, 0, 0, 8]),
        window_update(1, 1 << 20),
    ];
    let others = [
        hello(&initial_window(1 << 20)),
        window_update(0, 1 << 20),
        http(1, 0x82, &get_path),
        http(3, 0x82, "/metadata/store"),
        frame(PRIORITY, 0, 3, &[0, 0, 0, 1, 5]),
        http(5, 0x82, "/health"),
        call(7, HEALTH, &get),
        frame(HEADERS, END_HEADERS, 9, &head(REFLECTION)),
        frame(DATA, END_STREAM, 9, &framed(0, b"\x3a\0")),
    ];
    // One is reset, and one watches on.
    [
        (all.concat(), 4),
        (windows.concat(), 1),
        (others.concat(), 4),
    ]
}

fn conversations_of_http1() -> [(Vec<u8>, usize); 3] {
    let path = format!("/storage/store_v1/0/{}?f=b64", base64url(b"key"));
    let get =
        format!("GET {path} HTTP/1.1\r\nHost: server\r\nX-VENICE-SUPPORTED-COMPRESSION: 1\r\n\r\n");
    let rows = batch_request("store_v1", &[(0, b"\x01"), (0, b"\x02")]).key_bytes;
    let whole = format!(
        "POST /storage/store_v1 HTTP/1.1\r\nHost: server\r\nX-VENICE-API-VERSION: 1\r\nContent-Length: {}\r\n\r\n",
        rows.len()
    );
    let chunked =
        "POST /storage/store_v1 HTTP/1.1\r\nHost: server\r\nX-VENICE-API-VERSION: 1\r\nTransfer-Encoding: chunked\r\n\r\n";
    let chunk = [
        format!("{:x}\r\n", rows.len()).as_bytes(),
        &rows,
        b"\r\n0\r\n\r\n",
    ]
    .concat();
    let health = b"GET /health HTTP/1.1\r\nHost: server\r\n\r\n";
    let gets = [get.as_bytes(), get.as_bytes(), health];
    let posts = [whole.as_bytes(), &rows, get.as_bytes()];
    let chunks = [chunked.as_bytes(), &chunk, b"GET /health HTTP/1.0\r\n\r\n"];
    [
        (gets.concat(), 3),
        (posts.concat(), 2),
        (chunks.concat(), 2),
    ]
}

/// Calls that are answered with success or a status of gRPC, and whole.
fn answers(answer: &[u8]) -> usize {
    if answer.starts_with(b"HTTP/1.1 ") {
        let text = String::from_utf8_lossy(answer);
        return text.matches("HTTP/1.1 200 OK").count() + text.matches("HTTP/1.0 200 OK").count();
    }
    let (mut at, mut ends) = (0, 0);
    while let Some(head) = answer.get(at..at + 9) {
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        ends += usize::from([DATA, HEADERS].contains(&head[3]) && head[4] & END_STREAM != 0);
        at += 9 + length;
    }
    ends
}

/// Sends the bytes in two pieces and then no more, reads what comes, and waits until the server has closed.
fn converse(address: SocketAddr, bytes: &[u8]) -> Vec<u8> {
    let mut stream = connect(address, None);
    let cut = bytes.iter().map(|byte| usize::from(*byte)).sum::<usize>() % (bytes.len() + 1);
    // The server may close while it is written to.
    let sent = [&bytes[..cut], &bytes[cut..]].map(|piece| stream.write_all(piece).is_ok());
    if sent == [true, true] {
        drop(stream.shutdown(Shutdown::Write));
    }
    let mut answer = Vec::new();
    if let Err(error) = stream.read_to_end(&mut answer) {
        assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}");
    }
    answer
}

async fn survives(what: &'static str, rounds: usize, seeds: [(Vec<u8>, usize); 3]) {
    count_panics();
    let registry = Registry::new();
    let _store = filled(&registry);
    let settings = [
        "http.requests",
        "all",
        "receive.timeout.ms",
        "1000",
        "reflection",
        "true",
    ];
    let harness: Harness = serving(&registry, description(Compression::NoOp), &settings);
    let address = harness.address();
    let client = harness.client().await;
    let rounds = std::env::var("ANY_BYTES").map_or(rounds, |rounds| rounds.parse().unwrap());
    spawn_blocking(move || {
        for (seed, calls) in &seeds {
            let mut stream = connect(address, None);
            stream.write_all(seed).unwrap();
            stream
                .set_read_timeout(Some(Duration::from_secs(5)))
                .unwrap();
            let mut answer = Vec::new();
            while answers(&answer) < *calls {
                let mut piece = [0; 65536];
                let length = stream.read(&mut piece).unwrap_or(0);
                let text = String::from_utf8_lossy(&answer);
                let text = text.replace("nnn", "");
                assert!(
                    length > 0,
                    "{what}: {text:.1500} in place of {calls} answers"
                );
                answer.extend_from_slice(&piece[..length]);
            }
        }
        let seeds = seeds.map(|(seed, _)| seed);
        venice_mutation::fuzz_from(&seeds, what, rounds, |bytes| {
            converse(address, bytes);
            assert_eq!(PANICS.load(SeqCst), 0, "a thread of the server panicked");
        });
    })
    .await
    .unwrap();
    // A connection of before, and a new one.
    for mut client in [client, harness.client().await] {
        assert_eq!(client.get("store_v1", 0, b"key").await.error_code, OK);
    }
    let server = Arc::new(harness.server);
    let stopped = Arc::clone(&server);
    assert!(spawn_blocking(move || stopped.stop(HANG)).await.unwrap());
    assert_eq!(server.memory().held(), 0);
    assert_eq!(server.calls_in_flight(), 0);
}

#[tokio::test]
async fn connections_of_http2() {
    survives("connections of HTTP/2", 3_000, conversations_of_http2()).await;
}

#[tokio::test]
async fn connections_of_http1() {
    survives("connections of HTTP/1.1", 3_000, conversations_of_http1()).await;
}
