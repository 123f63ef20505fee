//! Venice's requests over HTTP/2 without gRPC, as a Fast Client sends them: the fields of every answer, every
//! status and its text.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::net::SocketAddr;
use std::sync::Arc;

use harness::http2::{framed, grpc, Answer, Http2, GET};
use harness::raw::{self, Raw};
use harness::{base64url, batch_request, get_request, records, store, store_with, Harness};
use prost::Message;
use venice_engine::testing::TestStoreVersion;
use venice_engine::{Registry, StoreVersionState};
use venice_server::internals::runtime::ManualClock;
use venice_server::Config;

const V1: (&str, &str) = ("x-venice-api-version", "1");
const STREAMING: (&str, &str) = ("x-venice-streaming", "1");

/// The fields that every answer has: content-type, content-length, strategy, schema id, RCU, and whether it
/// streams.
fn fields(answer: &Answer) -> [&str; 6] {
    assert!(answer.trailers.is_none());
    assert_eq!(
        answer.field("content-length"),
        answer.body.len().to_string()
    );
    [
        status(answer),
        answer.field("content-type"),
        answer.field("x-venice-compression-strategy"),
        answer.field("x-venice-schema-id"),
        answer.field("x-venice-rcu"),
        answer.field("x-venice-streaming-response"),
    ]
}

/// The status as text.
fn status(answer: &Answer) -> &'static str {
    let known = ["200", "400", "404", "429", "500", "503"];
    let is_it = |text: &&&str| text.parse() == Ok(answer.head.status().as_u16());
    known.iter().find(is_it).unwrap()
}

/// Those of a text.
fn text_fields(status: &str) -> [&str; 6] {
    [status, "text/plain", "0", "-1", "1", ""]
}

fn path_of(resource: &str, partition: i32, key: &[u8]) -> String {
    format!("/storage/{resource}/{partition}/{}?f=b64", base64url(key))
}

/// The keys of a batch get, as its body has them.
fn keys(keys: &[(u32, &[u8])]) -> Vec<u8> {
    batch_request("", keys).key_bytes
}

fn filled(registry: &Arc<Registry>) -> TestStoreVersion {
    let store = store(registry, "store_v1");
    store.put(0, b"key", 7, b"payload");
    store.put(1, b"other/key", 8, b"another");
    store
}

async fn get(http2: &mut Http2, path: &str) -> Answer {
    http2.ask("GET", path, &[], b"").await
}

/// The answers to GETs of these paths, by their order: fields as they were sent, and body. All are sent at once, or one by one.
fn answers_to(
    address: SocketAddr,
    paths: &[String],
    are_together: bool,
) -> Vec<(Vec<u8>, Vec<u8>)> {
    let get = |stream: u32, path: &String| {
        // GET, http.
        let block = [vec![0x82, 0x86], raw::literal(b":path", path.as_bytes())].concat();
        let flags = raw::END_HEADERS | raw::END_STREAM;
        raw::frame(raw::HEADERS, flags, stream, &block)
    };
    let mut client = Raw::hello(raw::connect(address, None), &raw::initial_window(1 << 20));
    client.send(&raw::window_update(0, 1 << 24)).unwrap();
    let mut answers = vec![(Vec::new(), Vec::new()); paths.len()];
    let mut receive = |client: &mut Raw<_>, mut count: usize| {
        while count > 0 {
            let frame: raw::Frame = client.next().unwrap().unwrap();
            if frame.stream == 0 {
                continue;
            }
            let (fields, body) = &mut answers[(frame.stream / 2) as usize];
            match frame.kind {
                raw::HEADERS => fields.extend_from_slice(&frame.payload),
                raw::DATA => body.extend_from_slice(&frame.payload),
                other => panic!("a frame of kind {other}"),
            }
            count -= usize::from(frame.flags & raw::END_STREAM != 0);
        }
    };
    let gets = (0..).zip(paths).map(|(at, path)| get(2 * at + 1, path));
    if are_together {
        client.send(&gets.collect::<Vec<_>>().concat()).unwrap();
        receive(&mut client, paths.len());
    } else {
        for get in gets {
            client.send(&get).unwrap();
            receive(&mut client, 1);
        }
    }
    answers
}

/// Those of a turn are looked for together. Each has the answer that it has alone, whatever is beside it.
#[test]
fn gets_that_come_together_are_answered_as_each_is_alone() {
    let registry = Registry::new();
    let store = filled(&registry);
    let long: Vec<u8> = (0..70_000).map(|byte| byte as u8).collect();
    store.put(0, b"long", 3, &long);
    store.put(0, b"middle", 3, &long[..60_000]);
    store.put(0, b"empty", 3, b"");
    let chunked = StoreVersionState {
        chunked: true,
        compression_strategy: 2,
        ..StoreVersionState::default()
    };
    let pieces = store_with(&registry, "pieces_v2", &chunked);
    pieces.put_chunked(0, b"key", 4, &long[..10_000], 3000, 1);
    let harness = Harness::start(&registry, &["max.response.bytes", "65000"]);
    let mut paths: Vec<String> = Vec::new();
    for key in [&b"key"[..], b"none", b"long", b"middle", b"empty", b"\xff"] {
        paths.push(path_of("store_v1", 0, key));
        paths.push(path_of("store_v1", 1, b"other/key"));
        paths.push(path_of("pieces_v2", 0, b"key"));
    }
    for path in [
        "/storage/store_v1/0/key",
        "/STORAGE/store_v1/0/key?f=string",
        "/storage/store_v1/1/other%2Fkey",
        "/storage/store_v1/7/key",
        "/storage/store_v1/x/key",
        "/storage/store_v1/0/key/",
        "/storage/store_v1/0/key/more",
        "/storage/store_v1/0/!!?f=b64",
        "/storage/other_v1/0/key",
        "/storage/other_v1/0/key2",
        "/health",
        "/nowhere",
    ] {
        paths.push(path.to_owned());
    }
    for round in 0..3 {
        let alone = answers_to(harness.address(), &paths, false);
        let together = answers_to(harness.address(), &paths, true);
        for ((path, alone), together) in paths.iter().zip(&alone).zip(&together) {
            assert!(alone == together, "{path} in round {round}");
        }
        let body = |path: &str| {
            let at = paths.iter().position(|it| it == path);
            &together[at.unwrap()].1
        };
        assert_eq!(body("/storage/store_v1/0/key"), b"payload");
        assert_eq!(*body(&path_of("store_v1", 0, b"middle")), long[..60_000]);
        assert_eq!(*body(&path_of("pieces_v2", 0, b"key")), long[..10_000]);
    }
    store.flush(0);
    let alone = answers_to(harness.address(), &paths, false);
    assert!(alone == answers_to(harness.address(), &paths, true));
}

#[tokio::test]
async fn a_get_is_answered_with_the_value_as_it_is_stored() {
    let registry = Registry::new();
    let _store = filled(&registry);
    let zstd = StoreVersionState {
        compression_strategy: 3,
        ..StoreVersionState::default()
    };
    let packed = store_with(&registry, "packed_v12", &zstd);
    packed.put(0, b"key", 1, b"packed");
    let harness = Harness::start(&registry, &[]);
    let mut http2 = Http2::connect(harness.address()).await;
    let found = |schema, strategy| ["200", "avro/binary", strategy, schema, "1", ""];
    for (path, schema, strategy, value) in [
        ("/storage/store_v1/0/a2V5?f=b64", "7", "0", "payload"),
        ("/STORAGE/store_v1/0/a2V5?f=b64", "7", "0", "payload"),
        ("/Storage/store_v1/0/a2V5/?f=b64", "", "", ""),
        ("/storage/store_v1/0/key", "7", "0", "payload"),
        ("/storage/store_v1/0/key?f=string", "7", "0", "payload"),
        ("/storage/store_v1/1/other%2Fkey", "8", "0", "another"),
        (
            "/storage/store_v1/1/b3RoZXIva2V5?f=b64",
            "8",
            "0",
            "another",
        ),
        ("/storage/packed_v12/0/a2V5?f=b64", "1", "3", "packed"),
    ] {
        let answer = get(&mut http2, path).await;
        if schema.is_empty() {
            // A `/` that is a part of its own.
            assert_eq!(answer.text().0, 400, "{path}");
            continue;
        }
        assert_eq!(fields(&answer), found(schema, strategy), "{path}");
        assert_eq!(answer.body, value.as_bytes(), "{path}");
    }
    // Padding is optional, and the version of the form of a get is not looked at, as in Java.
    let answer = http2
        .ask(
            "GET",
            "/storage/store_v1/0/a2V5?f=b64",
            &[("x-venice-api-version", "9")],
            b"",
        )
        .await;
    assert_eq!(answer.body, b"payload");
}

#[tokio::test]
async fn a_get_of_a_missing_key_has_no_body() {
    let registry = Registry::new();
    let _store = filled(&registry);
    let harness = Harness::start(&registry, &[]);
    let mut http2 = Http2::connect(harness.address()).await;
    let path = path_of("store_v1", 0, b"none");
    let answer = get(&mut http2, &path).await;
    assert_eq!(fields(&answer), ["404", "avro/binary", "0", "-1", "1", ""]);
    assert!(answer.body.is_empty());
    // A get that says it streams is told so.
    for path in [path, path_of("store_v1", 0, b"key")] {
        let answer = http2.ask("GET", &path, &[STREAMING], b"").await;
        assert_eq!(answer.field("x-venice-streaming-response"), "1");
    }
}

#[tokio::test]
async fn a_batch_is_answered_with_records() {
    let registry = Registry::new();
    let _store = filled(&registry);
    let harness = Harness::start(&registry, &[]);
    let mut http2 = Http2::connect(harness.address()).await;
    let asked: [(u32, &[u8]); 4] = [(0, b"none"), (0, b"key"), (1, b"other/key"), (1, b"none")];
    let body = keys(&asked);
    let count = ("x-venice-key-count", "4");
    let answer = http2
        .ask("POST", "/storage/store_v1", &[V1, count], &body)
        .await;
    assert_eq!(fields(&answer), ["200", "avro/binary", "0", "1", "4", ""]);
    let found = [(1, b"payload".to_vec(), 7), (2, b"another".to_vec(), 8)];
    assert_eq!(records(&answer.body), found);

    let answer = http2
        .ask("POST", "/storage/store_v1", &[V1, STREAMING], &body)
        .await;
    assert_eq!(fields(&answer), ["200", "avro/binary", "0", "1", "4", "1"]);
    let [first, second] = found;
    let all = [(0, vec![], -1000), first, second, (-3, vec![], -1000)];
    assert_eq!(records(&answer.body), all);

    // Nothing is found, and nothing is asked for: both are answers.
    let none = keys(&[(0, b"none")]);
    let answer = http2.ask("POST", "/storage/store_v1", &[V1], &none).await;
    assert_eq!(fields(&answer), ["200", "avro/binary", "0", "1", "1", ""]);
    let answer = http2.ask("POST", "/storage/store_v1", &[V1], b"").await;
    assert_eq!(fields(&answer), ["200", "avro/binary", "0", "1", "0", ""]);
}

/// What is asked over HTTP goes the way of a gRPC request, also where that is long: to the disk threads, and in
/// pieces.
#[tokio::test]
async fn large_batches_and_large_values_come_whole() {
    let registry = Registry::new();
    let store = filled(&registry);
    let value = vec![5; 700_000];
    store.put(0, b"large", 9, &value);
    let harness = Harness::start(&registry, &[]);
    let mut http2 = Http2::connect(harness.address()).await;
    let answer = get(&mut http2, &path_of("store_v1", 0, b"large")).await;
    assert_eq!(fields(&answer), ["200", "avro/binary", "0", "9", "1", ""]);
    assert!(answer.body == value);
    let asked = [(0, &b"key"[..]); 3000];
    let answer = http2
        .ask("POST", "/storage/store_v1", &[V1], &keys(&asked))
        .await;
    assert_eq!(
        fields(&answer),
        ["200", "avro/binary", "0", "1", "3000", ""]
    );
    assert_eq!(records(&answer.body).len(), 3000);
}

#[tokio::test]
async fn requests_without_a_meaning_are_told_what_is_wrong() {
    let registry = Registry::new();
    let _store = filled(&registry);
    let harness = Harness::start(&registry, &["max.batch.keys", "3"]);
    let mut http2 = Http2::connect(harness.address()).await;
    let body = keys(&[(0, b"key")]);
    let cut = &body[..body.len() - 2];
    let many = keys(&[(0, &b"key"[..]); 4]);
    let post = "/storage/store_v1";
    let version = |value| ("x-venice-api-version", value);
    let actions = "Only able to parse GET or POST requests for actions: storage, health, compute, metadata, dictionary, \
                   store_properties, current_version. Cannot \
                   parse request for: ";
    for (method, path, with, body, text) in [
        ("GET", "/storage", &[][..], &b""[..], "Not a valid request for a STORAGE action: /storage".to_owned()),
        ("GET", "/storage/store_v1/0", &[], b"", "Not a valid request for a STORAGE action: /storage/store_v1/0".to_owned()),
        ("GET", "/storage/store_v1/0/a/b", &[], b"", "Not a valid request for a STORAGE action: /storage/store_v1/0/a/b".to_owned()),
        ("GET", "/storage/store_v1/x/k", &[], b"", "partition is \"x\"; send a decimal number: /storage/<store>_v<number>/<partition>/<key>".to_owned()),
        ("GET", "/storage/store_v1/0/%4", &[], b"", "cannot parse keyString: unterminated escape sequence at index 0 of key string \"%4\"".to_owned()),
        ("GET", "/storage/store_v1/0/a!?f=b64", &[], b"", "cannot parse keyString: key string \"a!?f=b64\" is not base64url: it has a character outside A-Z a-z 0-9 - _; send base64 of the alphabet for URLs (RFC 4648, section 5), or the key itself without f=b64".to_owned()),
        ("POST", "/storage", &[V1], &body, "Invalid request: /storage".to_owned()),
        ("POST", "/storage/store_v1/0", &[V1], &body, "Invalid request: /storage/store_v1/0".to_owned()),
        ("POST", post, &[], &body, "Header: X-VENICE-API-VERSION is missing".to_owned()),
        ("POST", post, &[version("2")], &body, "Expected API version: 1, but received: 2".to_owned()),
        ("POST", post, &[version("one")], &body, "Expected API version: 1, but received: one".to_owned()),
        ("POST", post, &[V1], &many, "batch of more than 3 keys (setting max.batch.keys); ask for fewer keys per request, or raise the setting".to_owned()),
        ("PUT", post, &[V1], &body, format!("{actions}{post}")),
        ("DELETE", "/health", &[], b"", format!("{actions}/health")),
    ] {
        let answer = http2.ask(method, path, with, body).await;
        assert_eq!(answer.text(), (400, &*text), "{method} {path}");
        assert_eq!(fields(&answer), text_fields("400"), "{method} {path}");
    }
    let answer = http2.ask("POST", post, &[V1], cut).await;
    let (status, text) = answer.text();
    assert_eq!(status, 400);
    assert!(
        text.starts_with("cannot parse keyBytes as MultiGetRouterRequestKeyV1 records: "),
        "{text}"
    );
    // A text that comes back has a bound.
    let long = format!("/storage/{}", "k/".repeat(3000));
    let answer = get(&mut http2, &long).await;
    assert_eq!(answer.text().0, 400);
    assert!(answer.body.len() < 400);
    // A HEAD is told the same, without the text.
    let answer = http2.ask("HEAD", "/health", &[], b"").await;
    assert_eq!(answer.head.status(), 400);
}

#[tokio::test]
async fn reads_that_fail_have_javas_statuses_and_texts() {
    let registry = Registry::new();
    let store = filled(&registry);
    store.put(0, b"zero", 0, b"payload");
    let harness = Harness::start(&registry, &["max.response.bytes", "1000"]);
    store.put(0, b"large", 1, &[1; 2000]);
    let mut http2 = Http2::connect(harness.address()).await;
    let resource = "r".repeat(300);
    for (path, status, text) in [
        (path_of("store_v2", 0, b"key"), 400, "No storage exists for: store_v2".to_owned()),
        (path_of("store", 0, b"key"), 400, "No storage exists for: store".to_owned()),
        (path_of("store_v1", 7, b"key"), 500, "Failed to get read-write lock for partition: 7, store: store_v1".to_owned()),
        (path_of("store_v1", 0, b"zero"), 500, "Found a record with invalid schema ID: 0".to_owned()),
        (path_of(&resource, 0, b"key"), 400, format!(
            "Invalid request: resourceName is \"{}\" (the first 200 of 300 bytes), and may have 244 bytes; send <store>_v<number>",
            &resource[..200]
        )),
    ] {
        let answer = get(&mut http2, &path).await;
        assert_eq!(answer.text(), (status, &*text), "{path}");
        assert_eq!(fields(&answer)[1..], text_fields("")[1..]);
    }
    let answer = get(&mut http2, &path_of("store_v1", 0, b"large")).await;
    let (status, text) = answer.text();
    assert_eq!(status, 500);
    assert!(
        text.contains("is larger than the limit of 1000 bytes (setting max.response.bytes)"),
        "{text}"
    );
    store.close(0).unwrap();
    let answer = get(&mut http2, &path_of("store_v1", 0, b"key")).await;
    let (status, text) = answer.text();
    assert_eq!(status, 500);
    assert!(
        text.starts_with("RocksDB has been closed for replica: store_v1-0"),
        "{text}"
    );
    // One failing key fails the batch.
    let body = keys(&[(1, b"other/key"), (0, b"key")]);
    let answer = http2.ask("POST", "/storage/store_v1", &[V1], &body).await;
    assert_eq!(answer.text().0, 500);
}

/// As `read_quota.rs`: one refill each second, and the bucket holds one.
#[tokio::test]
async fn quota_is_charged_and_a_retry_is_charged_to_the_node_alone() {
    let registry = Registry::new();
    let (_store, other) = (filled(&registry), harness::store(&registry, "other_v3"));
    other.put(0, b"key", 1, b"payload");
    let settings = [
        "bind.address",
        "127.0.0.1",
        "worker.threads",
        "1",
        "disk.threads",
        "1",
        "quota.interval.ms",
        "1000",
        "quota.capacity.multiple",
        "1",
    ];
    let config = Config::from_pairs(&settings).unwrap();
    let harness = Harness::start_with(&registry, config, Arc::<ManualClock>::default());
    let quota = harness.server.quota();
    quota.set_node(8).unwrap();
    quota.set_store_version("store_v1", 3, 1.0).unwrap();
    let mut http2 = Http2::connect(harness.address()).await;
    let path = path_of("store_v1", 0, b"key");
    let body = keys(&[(0, b"key"), (0, b"key")]);
    let batch = "/storage/store_v1";
    assert_eq!(
        http2.ask("POST", batch, &[V1], &body).await.head.status(),
        200
    );
    assert_eq!(get(&mut http2, &path).await.head.status(), 200);
    // Java says no word about it.
    let refused = get(&mut http2, &path).await;
    assert_eq!(
        (refused.text(), fields(&refused)),
        ((429, ""), text_fields("429"))
    );
    let refused = http2.ask("POST", batch, &[V1], &body).await;
    assert_eq!(refused.text(), (429, ""));
    // Whatever the value of the field says.
    let retry = ("x-venice-retry", "false");
    let again = http2.ask("POST", batch, &[V1, retry], &body).await;
    assert_eq!(again.head.status(), 200);
    let again = http2.ask("GET", &path, &[retry], b"").await;
    assert_eq!(again.head.status(), 200);
    // Six of eight are gone: the next batch does not fit, as retries are charged to the node.
    let wide = keys(&[(0, &b"key"[..]); 3]);
    let full = http2.ask("POST", batch, &[V1, retry], &wide).await;
    assert_eq!(full.text(), (503, "Server over capacity"));
    assert_eq!(fields(&full), text_fields("503"));
    let unknown = get(&mut http2, &path_of("unknown_v1", 0, b"key")).await;
    assert_eq!(
        unknown.text(),
        (400, "Invalid request resource: unknown_v1")
    );
    // Over gRPC nobody looks at what a request says of itself.
    let request = venice_proto::VeniceClientRequest {
        is_retry_request: true,
        ..get_request("store_v1", 0, b"key")
    };
    let answer = http2
        .call(grpc(GET), &framed(0, &request.encode_to_vec()))
        .await;
    let answer = venice_proto::VeniceServerResponse::decode(&answer.body[5..]).unwrap();
    assert_eq!(answer.error_code, 429);
}

#[tokio::test]
async fn health_says_whether_the_server_serves() {
    let registry = Registry::new();
    let harness = Harness::start(&registry, &[]);
    let mut http2 = Http2::connect(harness.address()).await;
    for path in ["/health", "/HEALTH", "/health/anything?a=b"] {
        let answer = get(&mut http2, path).await;
        assert_eq!(answer.text(), (200, "OK"), "{path}");
        assert_eq!(fields(&answer), text_fields("200"));
    }
    harness.server.health().set_serving(false);
    let answer = get(&mut http2, "/health").await;
    assert_eq!(
        answer.text(),
        (500, "Venice storage node hardware is not healthy!")
    );
    harness.server.health().set_serving(true);
    assert_eq!(get(&mut http2, "/health").await.text(), (200, "OK"));
}

/// What is neither gRPC nor one of Venice's requests is refused as before, without a word; gRPC on the same
/// connection goes on.
#[tokio::test]
async fn what_is_neither_is_refused() {
    let registry = Registry::new();
    let _store = filled(&registry);
    let harness = Harness::start(&registry, &[]);
    let mut http2 = Http2::connect(harness.address()).await;
    let json = ("content-type", "application/json");
    for (method, path, with, status) in [
        ("GET", "/", &[][..], 405),
        ("GET", "/storages/store_v1/0/key", &[], 405),
        ("GET", "/admin/store_v1/dump_server_configs", &[], 405),
        ("GET", GET, &[], 405),
        ("POST", GET, &[json], 415),
        ("POST", "/", &[json], 415),
    ] {
        let answer = http2.ask(method, path, with, b"").await;
        assert_eq!(answer.text(), (status, ""), "{method} {path}");
    }
    // gRPC by its content-type is gRPC, wherever it goes.
    let answer = http2.call(grpc("/storage/store_v1"), &framed(0, b"")).await;
    assert_eq!(
        answer.status(),
        ("12", "Method not found: storage/store_v1")
    );
    let request = framed(0, &get_request("store_v1", 0, b"key").encode_to_vec());
    assert_eq!(http2.call(grpc(GET), &request).await.status(), ("0", ""));
    let answer = get(&mut http2, &path_of("store_v1", 0, b"key")).await;
    assert_eq!(answer.body, b"payload");
}

#[tokio::test]
async fn a_setting_switches_them_off() {
    let registry = Registry::new();
    let _store = filled(&registry);
    let harness = Harness::start(&registry, &["http.requests", "off"]);
    let mut http2 = Http2::connect(harness.address()).await;
    let answer = get(&mut http2, &path_of("store_v1", 0, b"key")).await;
    assert_eq!(answer.text(), (405, ""));
    let body = keys(&[(0, b"key")]);
    let answer = http2.ask("POST", "/storage/store_v1", &[V1], &body).await;
    assert_eq!(answer.text(), (415, ""));
    let request = framed(0, &get_request("store_v1", 0, b"key").encode_to_vec());
    assert_eq!(http2.call(grpc(GET), &request).await.status(), ("0", ""));
}

/// A body may come in pieces, with its length or without, and none of them may be too large.
#[tokio::test]
async fn bodies_come_in_pieces_and_have_a_limit() {
    let registry = Registry::new();
    let _store = filled(&registry);
    let harness = Harness::start(&registry, &["max.request.bytes", "100000"]);
    let mut http2 = Http2::connect(harness.address()).await;
    let body = keys(&[(0, &b"key"[..]); 2000]);
    let request = |length: Option<usize>| {
        let mut request = http::Request::post("http://server/storage/store_v1");
        if let Some(length) = length {
            request = request.header("content-length", length);
        }
        request.header(V1.0, V1.1).body(()).unwrap()
    };
    for length in [Some(body.len()), None] {
        let (response, mut stream) = http2.open(request(length)).await;
        for piece in body.chunks(1000) {
            stream
                .send_data(bytes::Bytes::copy_from_slice(piece), false)
                .unwrap();
            tokio::task::yield_now().await;
        }
        stream.send_data(bytes::Bytes::new(), true).unwrap();
        let answer = Answer::receive(response).await;
        assert_eq!(
            fields(&answer),
            ["200", "avro/binary", "0", "1", "2000", ""]
        );
        assert_eq!(records(&answer.body).len(), 2000);
    }
    // The announced one is refused before it comes, the other once it is too long.
    let too_long = vec![0; 100_001];
    for length in [Some(1 << 30), None] {
        let (response, mut stream) = http2.open(request(length)).await;
        if length.is_none() {
            let _ = stream.send_data(bytes::Bytes::from(too_long.clone()), true);
        }
        let answer = Answer::receive(response).await;
        let (status, text) = answer.text();
        assert_eq!(status, 413, "{text}");
        assert!(
            text.contains("is larger than the limit of 100000 bytes (setting max.request.bytes)"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_body_that_does_not_come_has_its_time() {
    let registry = Registry::new();
    let _store = filled(&registry);
    let harness = Harness::start(&registry, &["receive.timeout.ms", "50"]);
    let mut http2 = Http2::connect(harness.address()).await;
    for length in [Some("1000"), None] {
        let mut request = http::Request::post("http://server/storage/store_v1").header(V1.0, V1.1);
        if let Some(length) = length {
            request = request.header("content-length", length);
        }
        let (response, mut stream) = http2.open(request.body(()).unwrap()).await;
        stream
            .send_data(bytes::Bytes::from_static(b"\0"), false)
            .unwrap();
        let answer = Answer::receive(response).await;
        assert_eq!(
            answer.text(),
            (
                408,
                "the request did not arrive within 50 ms (setting receive.timeout.ms); send it faster, or raise \
                 the setting"
            )
        );
    }
}

/// `grpc-timeout` is understood here too.
#[tokio::test]
async fn a_deadline_that_has_passed_is_told() {
    let registry = Registry::new();
    let _store = filled(&registry);
    let harness = Harness::start(&registry, &[]);
    let mut http2 = Http2::connect(harness.address()).await;
    let path = path_of("store_v1", 0, b"key");
    let late = http2
        .ask("GET", &path, &[("grpc-timeout", "0n")], b"")
        .await;
    assert_eq!(
        late.text(),
        (
            408,
            "the deadline of the call passed before it was answered"
        )
    );
    let none = http2
        .ask("GET", &path, &[("grpc-timeout", "soon")], b"")
        .await;
    assert_eq!(none.text().0, 400);
    let timed = http2
        .ask(
            "GET",
            &path,
            &[("grpc-timeout", "1H"), ("venice-timings", "1")],
            b"",
        )
        .await;
    assert_eq!(timed.body, b"payload");
    assert!(
        timed.field("venice-timings").contains("total;dur="),
        "{:?}",
        timed.head
    );
}
