//! Every limit that `/limits` shows is met, and counted: by requests over all services and transports, where it is one of
//! requests. A limit that is new has no way to be met here, and fails.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::future::Future;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::pin::Pin;
use std::sync::mpsc::{channel, Sender};
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};
use std::time::Duration;

use harness::admin::AdminSocket;
use harness::compute::{asked, description, scores, v1, ComputeClient};
use harness::http1::Http1;
use harness::http2::{framed, grpc, Http2, GET, STREAM};
use harness::raw::{
    call, connect, frame, head, literal, Raw, END_HEADERS, END_STREAM, GOAWAY, HEADERS, PREFACE,
    SETTINGS,
};
use harness::{batch_request, get_request, store, Harness, HANG};
use serde_json::Value;
use tokio::task::{spawn_blocking, LocalSet};
use tokio::time::timeout;
use venice_catalog::Compression;
use venice_engine::testing::TestStoreVersion;
use venice_engine::Registry;
use venice_server::internals::read_path::WAITING_PER_THREAD;

const COMPUTE: &str = "/com.linkedin.venice.rust.protocols.ReadComputeService/compute";
const STREAMING_COMPUTE: &str =
    "/com.linkedin.venice.rust.protocols.ReadComputeService/streamingCompute";
const COUNT: &str = "/com.linkedin.venice.protocols.VeniceReadService/countByValue";
const METADATA: &str = "/com.linkedin.venice.rust.protocols.StoreMetadataService/metadata";
const CURRENT_VERSION: &str =
    "/com.linkedin.venice.rust.protocols.StoreMetadataService/currentVersion";
const CHECK: &str = "/grpc.health.v1.Health/Check";
const WATCH: &str = "/grpc.health.v1.Health/Watch";
const REFLECTION: &str = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
const CHANNELZ: &str = "/grpc.channelz.v1.Channelz/GetServers";

/// The methods, each of another service or of its own way through one.
const METHODS: [&str; 10] = [
    GET,
    STREAM,
    COMPUTE,
    STREAMING_COMPUTE,
    COUNT,
    METADATA,
    CHECK,
    WATCH,
    REFLECTION,
    CHANNELZ,
];

/// Limits that take a stage of their own, and what counts them: tests/crowds.rs and tests/access_tls.rs meet them, and look at
/// that.
const ELSEWHERE: [(&str, &str); 2] = [
    ("max.client.bytes", "request.refused_count client_memory"),
    ("access.wait.ms", "request.refused_count access_wait"),
];

/// A server with a store, all services, and an admin socket.
struct Stage {
    harness: Arc<Harness>,
    admin: AdminSocket,
    store: TestStoreVersion,
}

fn stage(settings: &[&str]) -> Stage {
    let all = [
        "http.requests",
        "all",
        "reflection",
        "true",
        "channelz",
        "true",
        "compute.threads",
        "1",
    ];
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, &v1("item", &[2.0], &[]));
    let admin = AdminSocket::default();
    let harness = Harness::start(&registry, &[&all, &admin.setting()[..], settings].concat());
    let catalog = harness.server.catalog();
    catalog.put(description(Compression::NoOp)).unwrap();
    Stage {
        harness: Arc::new(harness),
        admin,
        store,
    }
}

impl Stage {
    fn address(&self) -> SocketAddr {
        self.harness.address()
    }

    async fn limit(&self, setting: &str) -> Value {
        let seen = self.admin.see("/limits").await;
        let mut limits = seen["limits"].as_array().unwrap().iter();
        limits
            .find(|limit| limit["setting"] == setting)
            .unwrap()
            .clone()
    }

    /// Waits until the limit was met so often, no more.
    async fn is_met(&self, setting: &str, times: u64) {
        let met = async {
            loop {
                let refused = self.limit(setting).await["refused"].as_u64().unwrap();
                assert!(refused <= times, "{setting}: {refused} instead of {times}");
                if refused == times {
                    return;
                }
            }
        };
        let met = timeout(HANG, met).await;
        assert!(met.is_ok(), "{setting} is not counted {times} times");
    }

    /// A request over HTTP/1.1, on another thread: it blocks.
    async fn over_http1(&self, bytes: Vec<u8>) -> Option<u16> {
        let address = self.address();
        let asked = spawn_blocking(move || {
            let mut client = Http1::of(connect(address, None));
            client.send(bytes);
            client.answer().map(|answer| answer.status)
        });
        asked.await.unwrap()
    }
}

fn get() -> Vec<u8> {
    framed(
        0,
        &prost::Message::encode_to_vec(&get_request("store_v1", 0, b"key")),
    )
}

/// Reads until the server closes.
fn until_closed(mut stream: TcpStream) {
    stream.set_read_timeout(Some(HANG)).unwrap();
    let mut bytes = [0; 4096];
    while !matches!(stream.read(&mut bytes), Ok(0) | Err(_)) {}
}

async fn blocking(work: impl FnOnce() + Send + 'static) {
    timeout(HANG, spawn_blocking(work)).await.unwrap().unwrap();
}

/// Meets the limit of a setting in each way that there is. `false` if none is known.
async fn meet(setting: &str) -> bool {
    match setting {
        "max.request.bytes" => requests_that_are_too_large().await,
        "receive.timeout.ms" => requests_that_do_not_come().await,
        "max.header.bytes" => heads_that_are_too_large().await,
        "max.concurrent.streams" => more_calls_than_a_connection_may_have().await,
        "max.response.bytes" => answers_that_are_too_large().await,
        "max.batch.keys" => batches_of_too_many_keys().await,
        "max.connections" => {
            connections(
                &[
                    "max.connections",
                    "2",
                    "max.connections.per.address",
                    "1000",
                ],
                setting,
                2,
            )
            .await
        }
        "max.connections.per.address" => {
            let few = ["max.connections", "4", "max.connections.per.address", "2"];
            connections(&few, setting, 2).await;
        }
        "compute.max.operations"
        | "compute.max.result.schema.bytes"
        | "compute.max.value.bytes" => {
            computing(setting).await;
        }
        "metrics.max.series" => series_of_too_many_stores().await,
        "handshake.timeout.ms" => {
            let stage = stage(&["handshake.timeout.ms", "50"]);
            let silent = connect(stage.address(), None);
            blocking(move || until_closed(silent)).await;
            stage.is_met(setting, 1).await;
        }
        "keep.alive.timeout.ms" => {
            let stage = stage(&["keep.alive.ms", "20", "keep.alive.timeout.ms", "20"]);
            let _client = deaf(stage.address()).await;
            stage.is_met(setting, 1).await;
        }
        "max.connection.idle.ms" | "max.connection.age.ms" => {
            let stage = stage(&[setting, "50"]);
            let _client = deaf(stage.address()).await;
            stage.is_met(setting, 1).await;
        }
        "max.connection.age.grace.ms" => {
            let stage = stage(&["max.connection.age.ms", "50", setting, "50"]);
            let mut http2 = Http2::connect(stage.address()).await;
            let _call = http2.open(grpc(GET)).await;
            let _ended = timeout(HANG, http2.connection).await.unwrap();
            stage.is_met(setting, 1).await;
        }
        "read.deadline.ms" => {
            let stage = stage(&[]);
            stage.store.reopen(0);
            stage.harness.registry.set_read_deadline(Duration::ZERO);
            let mut client = stage.harness.client().await;
            assert_eq!(client.get("store_v1", 0, b"key").await.error_code, 500);
            stage.is_met(setting, 1).await;
        }
        "disk.threads" => {
            let stage = stage(&[]);
            let disk = stage.harness.server.disk();
            let _held = filled(|work| disk.run(disk.lane(), work), 2);
            stage.store.reopen(0);
            let mut client = stage.harness.client().await;
            assert_eq!(client.get("store_v1", 0, b"key").await.error_code, 503);
            stage.is_met(setting, 1).await;
        }
        "compute.threads" => {
            let stage = stage(&[]);
            let (disk, compute) = (
                stage.harness.server.disk(),
                stage.harness.server.compute().unwrap(),
            );
            let _held = filled(|work| compute.run(disk.lane(), work), 1);
            let mut client = ComputeClient::connect(&stage.harness).await;
            let request = asked(&scores(&[1.0]), &[(0, b"key")]);
            assert_eq!(client.refusal(request).await.0, 503);
            stage.is_met(setting, 1).await;
        }
        _ => return false,
    }
    true
}

/// Work for threads that wait, until the sender goes.
type Job = Box<dyn FnOnce() + Send>;

/// So many threads that wait, and a queue before them that is full: each job is of a connection of its own. They go on when
/// the sender is dropped.
fn filled<F>(run: impl Fn(Job) -> F, threads: usize) -> (Sender<()>, Vec<Pin<Box<F>>>)
where
    F: Future,
{
    let (gate, wait) = channel::<()>();
    let wait = Arc::new(Mutex::new(wait));
    let (begun, begins) = channel();
    let mut jobs = Vec::new();
    let mut put = |work: Job| {
        // Into the queue by the first poll; nobody waits for its result.
        let mut job = Box::pin(run(work));
        let nobody = &mut Context::from_waker(Waker::noop());
        assert!(job.as_mut().poll(nobody).is_pending());
        jobs.push(job);
    };
    for _ in 0..threads {
        let (begun, wait) = (begun.clone(), Arc::clone(&wait));
        put(Box::new(move || {
            begun.send(()).unwrap();
            let _ = wait.lock().map(|wait| wait.recv());
        }));
    }
    for _ in 0..threads {
        begins.recv_timeout(HANG).unwrap();
    }
    for _ in 0..threads * WAITING_PER_THREAD {
        put(Box::new(|| ()));
    }
    (gate, jobs)
}

#[tokio::test]
async fn every_limit_is_counted_or_says_what_happens_instead() {
    let stage = stage(&[]);
    let seen = stage.admin.see("/limits").await;
    let mut counted = 0;
    // Each with servers of its own, all at once.
    let local = LocalSet::new();
    let mut meetings = Vec::new();
    for limit in seen["limits"].as_array().unwrap() {
        let setting = limit["setting"].as_str().unwrap().to_owned();
        let elsewhere = ELSEWHERE.iter().find(|(known, _)| *known == setting);
        if let Some(otherwise) = limit["otherwise"].as_str() {
            assert!(otherwise.len() > 10, "{limit}");
            assert_eq!(limit["refused"], Value::Null, "{limit}");
            continue;
        }
        counted += 1;
        let counted_by = limit["counted_by"].as_str();
        assert!(counted_by.is_some(), "nothing counts {setting}: {limit}");
        assert_eq!(limit["refused"], 0, "{limit}");
        if let Some((_, counter)) = elsewhere {
            assert_eq!(counted_by, Some(*counter), "{setting}");
            continue;
        }
        let meeting = setting.clone();
        let met = local.spawn_local(async move { meet(&meeting).await });
        meetings.push((setting, met));
    }
    assert!(counted >= 18, "{counted}");
    let failed = local.run_until(async {
        let mut failed = Vec::new();
        for (setting, met) in meetings {
            match met.await {
                Ok(true) => {}
                Ok(false) => failed.push(format!(
                    "nobody meets {setting}: add how to meet(), or a test to ELSEWHERE"
                )),
                Err(error) => failed.push(format!("{setting}: {error}")),
            }
        }
        failed
    });
    assert_eq!(failed.await, Vec::<String>::new());
}

async fn requests_that_are_too_large() {
    let stage = stage(&["max.request.bytes", "2000"]);
    let mut http2 = Http2::connect(stage.address()).await;
    let mut met = 0;
    for method in METHODS {
        // It announces what never comes.
        let (response, mut stream) = http2.open(grpc(method)).await;
        stream.send_data(vec![0, 0, 1, 0, 0].into(), false).unwrap();
        let answer = harness::http2::Answer::receive(response).await;
        assert_eq!(answer.status().0, "8", "{method}: {:?}", answer.status());
        met += 1;
        stage.is_met("max.request.bytes", met).await;
    }
    let version = ("x-venice-api-version", "1");
    let keys = batch_request("", &[(0, &[7u8; 3000][..])]).key_bytes;
    for path in ["/storage/store_v1", "/compute/store_v1"] {
        let version = if path.starts_with("/c") {
            ("x-venice-api-version", "3")
        } else {
            version
        };
        let answer = http2.ask("POST", path, &[version], &keys).await;
        assert_eq!(answer.text().0, 413, "{path}: {:?}", answer.text());
        let text = format!(
            "POST {path} HTTP/1.1\r\nhost: here\r\nx-venice-api-version: {}\r\ncontent-length: 3000\r\n\r\n",
            version.1
        );
        assert_eq!(
            stage.over_http1(text.into_bytes()).await,
            Some(413),
            "{path}"
        );
        met += 2;
        stage.is_met("max.request.bytes", met).await;
    }
}

async fn requests_that_do_not_come() {
    let stage = stage(&["receive.timeout.ms", "50"]);
    let mut met = 0;
    for method in METHODS {
        // A stream on which nothing was asked may last; half a question may not.
        let mut http2 = Http2::connect(stage.address()).await;
        let (response, mut stream) = http2.open(grpc(method)).await;
        stream
            .send_data(vec![0, 0, 0, 0, 9, 1].into(), false)
            .unwrap();
        let answer = harness::http2::Answer::receive(response).await;
        assert_eq!(answer.status().0, "4", "{method}: {:?}", answer.status());
        met += 1;
        stage.is_met("receive.timeout.ms", met).await;
    }
    let head = "POST /storage/store_v1 HTTP/1.1\r\nhost: here\r\nx-venice-api-version: 1\r\n";
    let body = format!("{head}content-length: 30\r\n\r\nhalf").into_bytes();
    assert_eq!(stage.over_http1(body).await, Some(408));
    stage.is_met("receive.timeout.ms", met + 1).await;
    assert_eq!(stage.over_http1(head.as_bytes().to_vec()).await, Some(408));
    stage.is_met("receive.timeout.ms", met + 2).await;
}

/// With a limit of 16 KiB, over HTTP/2 a call that has more, one that has four times as much, which ends its connection, and
/// trailers; and a request over HTTP/1.1.
async fn heads_that_are_too_large() {
    let stage = stage(&["max.header.bytes", "8192"]);
    let address = stage.address();
    let setting = "max.header.bytes";
    for (fields, met) in [(100, 1), (400, 2)] {
        blocking(move || {
            let long: Vec<u8> = (0..fields)
                .flat_map(|_| literal(b"long", &[b'v'; 100]))
                .collect();
            let mut raw = Raw::hello(connect(address, None), &[]);
            let block = [head("/no/such"), long].concat();
            raw.send(&frame(HEADERS, END_HEADERS | END_STREAM, 1, &block))
                .unwrap();
            while matches!(raw.next(), Ok(Some(frame)) if frame.stream != 1 && frame.kind != GOAWAY)
            {
            }
        })
        .await;
        stage.is_met(setting, met).await;
    }
    let before = stage.limit(setting).await["refused"].as_u64().unwrap_or(0);
    let fields = format!("long: {}\r\n", "v".repeat(1000)).repeat(20);
    let text = format!("GET /health HTTP/1.1\r\nhost: here\r\n{fields}\r\n");
    assert_eq!(stage.over_http1(text.into_bytes()).await, Some(431));
    stage.is_met(setting, before + 1).await;
}

async fn more_calls_than_a_connection_may_have() {
    let stage = stage(&["max.concurrent.streams", "2"]);
    let address = stage.address();
    blocking(move || {
        let mut raw = Raw::hello(connect(address, None), &[]);
        for id in [1, 3, 5] {
            raw.send(&frame(HEADERS, END_HEADERS, id, &head(WATCH)))
                .unwrap();
        }
        while raw.next().unwrap().unwrap().stream != 5 {}
    })
    .await;
    stage.is_met("max.concurrent.streams", 1).await;
}

async fn answers_that_are_too_large() {
    let stage = stage(&["max.response.bytes", "10"]);
    let setting = "max.response.bytes";
    let mut http2 = Http2::connect(stage.address()).await;
    http2.call(grpc(GET), &get()).await;
    stage.is_met(setting, 1).await;
    http2.ask("GET", "/storage/store_v1/0/key", &[], b"").await;
    stage.is_met(setting, 2).await;
    let name = framed(0, b"\x0a\x05store");
    http2.call(grpc(CURRENT_VERSION), &name).await;
    stage.is_met(setting, 3).await;
    http2.ask("GET", "/current_version/store", &[], b"").await;
    stage.is_met(setting, 4).await;
}

async fn batches_of_too_many_keys() {
    let stage = stage(&["max.batch.keys", "1"]);
    let setting = "max.batch.keys";
    let keys: [(u32, &[u8]); 2] = [(0, b"key"), (0, b"other")];
    let mut client = stage.harness.client().await;
    client.batch_get("store_v1", &keys).await;
    stage.is_met(setting, 1).await;
    let mut compute = ComputeClient::connect(&stage.harness).await;
    compute.refusal(asked(&scores(&[1.0]), &keys)).await;
    stage.is_met(setting, 2).await;
    let version = ("x-venice-api-version", "1");
    let body = batch_request("", &keys).key_bytes;
    let mut http2 = Http2::connect(stage.address()).await;
    http2
        .ask("POST", "/storage/store_v1", &[version], &body)
        .await;
    stage.is_met(setting, 3).await;
}

/// Clients that have asked give way to nobody.
async fn connections(settings: &[&str], setting: &str, most: usize) {
    let stage = stage(settings);
    let mut open = Vec::new();
    for _ in 0..most {
        let mut http2 = Http2::connect(stage.address()).await;
        http2.call(grpc(GET), &get()).await;
        open.push(http2);
    }
    let one_more = connect(stage.address(), None);
    blocking(move || until_closed(one_more)).await;
    stage.is_met(setting, 1).await;
}

async fn computing(setting: &str) {
    let most = if setting.contains("operations") {
        "1"
    } else {
        "5"
    };
    let stage = stage(&[setting, most]);
    let mut client = ComputeClient::connect(&stage.harness).await;
    client.refusal(asked(&scores(&[1.0]), &[(0, b"key")])).await;
    stage.is_met(setting, 1).await;
}

async fn series_of_too_many_stores() {
    let stage = stage(&["metrics.max.series", "100"]);
    let registry = &stage.harness.registry;
    let mut client = stage.harness.client().await;
    let mut stores = Vec::new();
    for number in 0..120 {
        let name = format!("many{number}_v1");
        stores.push(store(registry, &name));
        client.get(&name, 0, b"key").await;
    }
    let refused = stage.limit("metrics.max.series").await["refused"].clone();
    assert!(refused.as_u64().unwrap() > 20, "{refused}");
}

/// A client of HTTP/2 that makes a call, and answers nothing from then on.
async fn deaf(address: SocketAddr) -> TcpStream {
    let connected = spawn_blocking(move || {
        let mut stream = connect(address, None);
        stream.write_all(PREFACE).unwrap();
        stream.write_all(&frame(SETTINGS, 0, 0, &[])).unwrap();
        let get = get_request("store_v1", 0, b"key");
        stream.write_all(&call(1, GET, &get)).unwrap();
        stream
    });
    timeout(HANG, connected).await.unwrap().unwrap()
}
