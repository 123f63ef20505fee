//! What is counted and kept of requests over HTTP: they are reads like any, and no calls of gRPC.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::net::Shutdown;

use harness::http1::Http1;
use harness::http2::{framed, grpc, Http2, GET};
use harness::raw::connect;
use harness::{batch_request, get_request, store, Harness, HANG};
use prost::Message;
use tokio::time::timeout;
use venice_engine::Registry;
use venice_metrics::model::{Snapshot, Value};
use venice_metrics::Instrument;
use venice_server::internals::observe::Ended;

/// The sum of a counter's points that have all of these.
fn count(snapshot: &Snapshot, of: Instrument, attributes: &[(&str, &str)]) -> u64 {
    let points = snapshot.metric(of).map_or(&[][..], |metric| &metric.points);
    let has = |point: &&venice_metrics::model::Point| {
        attributes.iter().all(|(key, value)| {
            let mut known = point.attributes.iter();
            known.any(|known| known.key == *key && *known.value == **value)
        })
    };
    let numbers = points.iter().filter(has).map(|point| match &point.value {
        Value::U64(number) => *number,
        Value::I64(number) => *number as u64,
        other => panic!("{of:?}: {other:?}"),
    });
    numbers.sum()
}

#[tokio::test]
async fn reads_are_counted_by_the_status_that_the_client_gets() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let harness = Harness::start(&registry, &[]);
    let mut http2 = Http2::connect(harness.address()).await;
    for _ in 0..3 {
        http2.ask("GET", "/storage/store_v1/0/key", &[], b"").await;
    }
    http2.ask("GET", "/storage/store_v1/0/none", &[], b"").await;
    let version = ("x-venice-api-version", "1");
    let keys = batch_request("", &[(0, &b"key"[..]); 2]).key_bytes;
    http2
        .ask("POST", "/storage/store_v1", &[version], &keys)
        .await;
    http2.ask("GET", "/storage/store_v1/9/key", &[], b"").await;
    http2.ask("GET", "/storage/store_v9/0/key", &[], b"").await;
    http2.ask("GET", "/storage/store_v1/x/key", &[], b"").await;
    http2.ask("GET", "/health", &[], b"").await;
    let request = framed(0, &get_request("store_v1", 0, b"key").encode_to_vec());
    http2.call(grpc(GET), &request).await;

    let snapshot = harness.server.observed().snapshot(160);
    let calls = |store, method, status| {
        let attributes = [
            ("venice.store.name", store),
            ("venice.request.method", method),
            ("http.response.status_code", status),
        ];
        count(&snapshot, Instrument::ReadCallCount, &attributes)
    };
    // One of them is gRPC's.
    assert_eq!(calls("store", "single_get", "200"), 4);
    assert_eq!(calls("store", "single_get", "404"), 1);
    assert_eq!(calls("store", "multi_get", "200"), 1);
    assert_eq!(calls("store", "single_get", "500"), 1);
    assert_eq!(calls("unknown_store", "single_get", "400"), 1);
    let started = count(&snapshot, Instrument::GrpcServerCallStarted, &[]);
    assert_eq!(started, 1, "the rest is no gRPC");
    let refused = |reason| {
        let attributes = [("venice.server.reason", reason)];
        count(&snapshot, Instrument::RequestRefusedCount, &attributes)
    };
    assert_eq!(refused("unparsable"), 1);
    assert_eq!(refused("read_error"), 2);
}

#[tokio::test]
async fn slow_requests_are_kept_with_what_was_asked() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let harness = Harness::start(&registry, &["slow.log.threshold.us", "1"]);
    let mut http2 = Http2::connect(harness.address()).await;
    http2.ask("GET", "/storage/store_v1/0/key", &[], b"").await;
    http2.ask("GET", "/storage/store_v1/9/key", &[], b"").await;
    let version = ("x-venice-api-version", "1");
    let keys = batch_request("", &[(0, &b"key"[..]); 100]).key_bytes;
    http2
        .ask("POST", "/storage/store_v1", &[version], &keys)
        .await;
    let kept = async {
        loop {
            let kept = harness.server.slow_requests().requests;
            if kept.len() >= 3 {
                return kept;
            }
            tokio::task::yield_now().await;
        }
    };
    let kept = timeout(HANG, kept).await.unwrap();
    let mut told: Vec<_> = kept
        .iter()
        .map(|request| {
            (
                request.method,
                &*request.store_version,
                request.keys,
                &request.status,
            )
        })
        .collect();
    told.sort_by_key(|(method, _, keys, status)| (*method, *keys, format!("{status:?}")));
    assert_eq!(
        told,
        [
            ("GET /storage", "store_v1", 1, &Ended::Answered(200)),
            ("GET /storage", "store_v1", 1, &Ended::Answered(500)),
            ("POST /storage", "store_v1", 100, &Ended::Answered(200)),
        ]
    );
}

/// Also those that hyper would answer by itself, and those that ask for nothing that is here. A reason that several rooms count
/// is one series: Prometheus takes one of two that are alike, and OpenTelemetry says that there is no second one.
#[tokio::test]
async fn all_that_is_refused_is_counted_in_one_series_for_each_reason() {
    let registry = Registry::new();
    let settings = ["http.requests", "all", "max.header.bytes", "8192"];
    let harness = Harness::start(&registry, &settings);
    let large = format!("GET /health HTTP/1.1\r\nx: {}\r\n\r\n", "v".repeat(9000));
    let cut = "POST /storage/store_v1 HTTP/1.1\r\nHost: h\r\nX-VENICE-API-VERSION: 1\r\nContent-Length: 9\r\n\r\n";
    let grpc_1 = "POST /a.b/c HTTP/1.1\r\nHost: h\r\nContent-Type: application/grpc\r\nContent-Length: 0\r\n\r\n";
    for (request, status) in [
        ("\0", 400),
        ("GET /health HTTP/9.9\r\n\r\n", 400),
        ("GET /health HTTP/1.1\r\na b: c\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\n", 400),
        ("GET /hea", 400),
        (cut, 400),
        (&large, 431),
        (grpc_1, 505),
        ("GET /nothing HTTP/1.1\r\nHost: h\r\n\r\n", 405),
        (
            "POST /nothing HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
            415,
        ),
    ] {
        let mut client = Http1::of(connect(harness.address(), None));
        client.send(request);
        client.stream.shutdown(Shutdown::Write).unwrap();
        let answer = client.answer().unwrap();
        assert_eq!(answer.status, status, "{request}: {answer:?}");
        assert!(client.is_closed());
    }
    let mut http2 = Http2::connect(harness.address()).await;
    let long = "v".repeat(9000);
    for (fields, status) in [
        (&[][..], "405"),
        (&[("content-type", "text/x")], "405"),
        (&[("x", long.as_str())], "431"),
    ] {
        let answer = http2.ask("GET", "/nothing", fields, b"").await;
        assert_eq!(answer.head.status().as_str(), status);
    }
    let snapshot = harness.server.observed().snapshot(160);
    for (reason, times) in [("unparsable", 6), ("max_header_size", 2), ("call", 5)] {
        let attributes = [("venice.server.reason", reason)];
        let refused = count(&snapshot, Instrument::RequestRefusedCount, &attributes);
        assert_eq!(refused, times, "{reason}");
    }
    for metric in &snapshot.metrics {
        for (at, point) in metric.points.iter().enumerate() {
            let alike = |other: &venice_metrics::model::Point| other.attributes == point.attributes;
            let more = metric.points[at + 1..].iter().find(|other| alike(other));
            assert!(more.is_none(), "twice: {:?} {point:?}", metric.instrument);
        }
    }
}
