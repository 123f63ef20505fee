//! Settings that change while clients are connected: who comes from then on has the new ones.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::sync::Arc;

use harness::admin::AdminSocket;
use harness::collector::collector;
use harness::http2::{framed, grpc, Answer, Http2, GET};
use harness::key_stores::{both, certificate, Files, TlsClient};
use harness::{get_request, store, Harness, HANG, OK};
use http::Request;
use prost::Message;
use serde_json::json;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use venice_engine::testing::TestStoreVersion;
use venice_engine::Registry;

const DAY: &str = "86400000";

fn started(settings: &[&str]) -> (TestStoreVersion, Arc<Harness>) {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let harness = Arc::new(Harness::start(&registry, settings));
    (store, harness)
}

/// Asks the server to its face, as Java and the adapter do.
fn change(harness: &Harness, setting: &str, value: &str) {
    harness.server.change(setting, value).unwrap();
}

async fn reads(http2: &mut Http2) {
    assert_eq!(http2.call(grpc(GET), &get()).await.status(), ("0", ""));
}

fn get() -> Vec<u8> {
    framed(0, &get_request("store_v1", 0, b"key").encode_to_vec())
}

fn with_header_of(length: usize) -> Request<()> {
    let mut request = grpc(GET);
    let value = "x".repeat(length).parse().unwrap();
    request.headers_mut().insert("long", value);
    request
}

/// Whether a call with such a header is answered; else it is refused as too large.
async fn takes(http2: &mut Http2, length: usize) -> bool {
    let (response, mut stream) = http2.open(with_header_of(length)).await;
    // What was refused already takes none.
    let _ = stream.send_data(get().into(), true);
    match timeout(HANG, response).await.unwrap() {
        Ok(response) => response.status() == 200,
        Err(error) => {
            assert!(error.is_reset(), "{error}");
            false
        }
    }
}

#[tokio::test]
async fn connections_from_then_on_have_other_limits_of_http2() {
    let admin = AdminSocket::default();
    let limits = ["max.concurrent.streams", "3", "max.header.bytes", "8KiB"];
    let (_store, harness) = started(&[&admin.setting()[..], &limits].concat());
    let mut old = Http2::connect(harness.address()).await;
    reads(&mut old).await;
    for (setting, value) in [
        ("max.concurrent.streams", "5"),
        ("max.header.bytes", "2KiB"),
    ] {
        let body = json!({ "setting": setting, "value": value }).to_string();
        let told = admin.post("/config", &body).await;
        assert_eq!(told.status, 200, "{told:?}");
    }
    let mut new = Http2::connect(harness.address()).await;
    reads(&mut new).await;
    assert_eq!((old.most_calls(), new.most_calls()), (3, 5));
    assert!(takes(&mut old, 4096).await);
    assert!(!takes(&mut new, 4096).await);
    assert!(takes(&mut new, 1024).await);

    // As many calls as it was told, at once, and all are answered.
    let mut open = Vec::new();
    for _ in 0..5 {
        open.push(new.open(grpc(GET)).await);
    }
    for (response, mut stream) in open {
        stream.send_data(get().into(), true).unwrap();
        assert_eq!(Answer::receive(response).await.status(), ("0", ""));
    }
    reads(&mut old).await;
}

/// Waits until the server shows this certificate.
async fn until_shown(harness: &Harness, expected: &[u8]) {
    let shown = async {
        while TlsClient::ANONYMOUS.shown(harness.address()).await != expected {
            tokio::task::yield_now().await;
        }
    };
    timeout(HANG, shown).await.unwrap();
}

#[tokio::test]
async fn files_of_tls_are_followed_from_then_on() {
    let files = Files::new();
    let key_store = files.setting("server-both.pem");
    for at_start in ["0", DAY] {
        files.write("server-both.pem", &both("server"));
        let settings = ["tls.key.store", &key_store, "tls.client.auth", "none"];
        let reload = ["tls.reload.ms", at_start];
        let (_store, harness) = started(&[&settings[..], &reload].concat());
        let before = TlsClient::ANONYMOUS.shown(harness.address()).await;
        files.write("server-both.pem", &both("second"));
        change(&harness, "tls.reload.ms", "5");
        let second = certificate("second.pem");
        assert_ne!(before, second);
        until_shown(&harness, &second).await;
    }
}

#[tokio::test]
async fn metrics_go_to_another_collector_and_none_is_lost() {
    let (first, first_requests) = collector();
    let (second, second_requests) = collector();
    let [first, second] = [first, second].map(|address| format!("http://{address}/v1/metrics"));
    let settings = [
        "metrics.exporters",
        "otlp",
        "metrics.otlp.endpoint",
        &first,
        "metrics.otlp.interval.ms",
        DAY,
    ];
    let (_store, harness) = started(&settings);
    let mut client = harness.client().await;
    assert_eq!(client.get("store_v1", 0, b"key").await.error_code, OK);
    change(&harness, "metrics.otlp.endpoint", &second);
    change(&harness, "metrics.otlp.headers", "authorization=Bearer%20t");
    change(&harness, "metrics.otlp.interval.ms", "100ms");
    // What was counted before the change is there.
    let until_told = spawn_blocking(move || loop {
        let (path, body) = second_requests.recv_timeout(HANG).unwrap();
        assert_eq!(path, "/v1/metrics");
        let name = b"venice.server.read.call_count";
        if body.windows(name.len()).any(|part| part == name) {
            break;
        }
    });
    until_told.await.unwrap();
    assert!(first_requests.try_recv().is_err(), "it was not due there");
}

#[tokio::test]
async fn a_collector_that_cannot_be_used_is_refused_and_nothing_changes() {
    let admin = AdminSocket::default();
    let (_store, harness) = started(&admin.setting());
    let before = harness.server.settings();
    let missing = "/nowhere/ca.pem";
    let refused = [
        (
            "metrics.otlp.endpoint",
            "collector",
            "metrics.otlp.endpoint",
        ),
        ("metrics.otlp.endpoint", "https://collector:4318", "trust"),
        ("metrics.otlp.headers", "no pair", "metrics.otlp.headers"),
        ("metrics.otlp.temporality", "delta", "would count again"),
    ];
    for (setting, value, text) in refused {
        let body = json!({ "setting": setting, "value": value }).to_string();
        let told = admin.post("/config", &body).await;
        let at_start = setting.ends_with("temporality");
        assert_eq!(told.status, if at_start { 409 } else { 400 }, "{told:?}");
        assert!(told.error().contains(text), "{value}: {}", told.error());
    }
    assert_eq!(harness.server.settings(), before);
    // A file that is only read for https is taken, and refused with it.
    change(&harness, "metrics.otlp.trust.file", missing);
    let endpoint = "https://collector:4318";
    let error = harness.server.change("metrics.otlp.endpoint", endpoint);
    let error = error.unwrap_err().to_string();
    assert!(error.contains(missing), "{error}");
}
