//! A traced call is a span at the collector, with what it waited for.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::sync::Arc;

use harness::collector::collector;
use harness::http2::{framed, grpc, Http2, GET};
use harness::{batch_request, get_request, store, Harness, HANG};
use http::Request;
use prost::Message;
use tokio::task::spawn_blocking;
use venice_engine::Registry;
use venice_metrics::model::Value;
use venice_metrics::Instrument;
use venice_server::{Config, Server};

const KEY: &[u8] = b"the key of nobody";
const TRACE: [u8; 16] = *b"trace id of ours";

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A call whose client has `flags` in its `traceparent`, and `span` for its own.
fn traced(span: [u8; 8], flags: &str) -> Request<()> {
    let mut request = grpc(GET);
    let value = format!("00-{}-{}-{flags}", hex(&TRACE), hex(&span));
    let value = value.parse().unwrap();
    request.headers_mut().insert("traceparent", value);
    request
}

/// How often `part` is in `whole`.
fn times(whole: &[u8], part: &[u8]) -> usize {
    whole
        .windows(part.len())
        .filter(|window| *window == part)
        .count()
}

#[tokio::test]
async fn a_sampled_call_becomes_a_span_and_no_other_does() {
    let registry = Registry::new();
    let store = store(&registry, "store_v7");
    store.put(0, KEY, 1, b"the value of nobody");
    let (address, requests) = collector();
    let endpoint = format!("http://{address}");
    // Sent by the stop.
    let settings = [
        "traces.otlp.endpoint",
        &endpoint,
        "traces.otlp.interval.ms",
        "86400000",
    ];
    let harness = Arc::new(Harness::start(&registry, &settings));
    let mut http2 = Http2::connect(harness.address()).await;
    let get = framed(0, &get_request("store_v7", 0, KEY).encode_to_vec());
    let batch = framed(
        0,
        &batch_request("store_v7", &[(0, KEY); 50]).encode_to_vec(),
    );
    let plain = http2.call(grpc(GET), &get).await;
    let sampled = http2.call(traced(*b"client 1", "01"), &get).await;
    assert_eq!(sampled.body, plain.body);
    assert_eq!(
        sampled.trailers, plain.trailers,
        "who traces asks for no trailer"
    );
    // Goes to a disk thread.
    http2.call(traced(*b"client 2", "01"), &batch).await;
    http2.call(traced(*b"client 3", "00"), &get).await;
    let mut wrong = traced(*b"client 4", "01");
    wrong
        .headers_mut()
        .insert("traceparent", "00-what".parse().unwrap());
    http2.call(wrong, &get).await;
    let failed = http2
        .call(traced(*b"client 5", "01"), &framed(0, &[0x0A]))
        .await;
    assert_eq!(failed.status().0, "2");
    // Both at once.
    let mut both = traced(*b"client 6", "01");
    both.headers_mut()
        .insert("venice-timings", "1".parse().unwrap());
    let both = http2.call(both, &get).await;
    assert!(both.trailers.unwrap().contains_key("venice-timings"));
    drop(http2);

    let metrics = harness.server.observed().clone();
    let server = Arc::clone(&harness);
    assert!(spawn_blocking(move || server.server.stop(HANG))
        .await
        .unwrap());
    let (path, body) = requests.recv_timeout(HANG).unwrap();
    assert_eq!(path, "/v1/traces");
    let has = |text: &str| times(&body, text.as_bytes());
    for (client, spans) in [
        ("client 1", 1),
        ("client 2", 1),
        ("client 3", 0),
        ("client 4", 0),
        ("client 5", 1),
        ("client 6", 1),
    ] {
        assert_eq!(has(client), spans, "{client}");
    }
    assert!(times(&body, &TRACE) > 4, "phases are of the trace, too");
    assert_eq!(
        has("com.linkedin.venice.protocols.VeniceReadService/get"),
        4
    );
    assert_eq!(has("venice.store.name"), 3);
    assert_eq!(has("queue"), 1);
    assert_eq!(has("read"), 3);
    assert_eq!(has("send"), 3);
    assert_eq!(has("service.instance.id"), 1);
    assert_eq!(has("nobody"), 0, "no key and no value");
    assert!(requests.try_recv().is_err());

    let snapshot = metrics.snapshot(160);
    let counted = snapshot.metric(Instrument::TraceSpanCount).unwrap();
    let of = |outcome| {
        counted
            .value(&[("venice.server.outcome", outcome)])
            .cloned()
    };
    // Counted when they are asked for, the last time before the last message.
    assert!(
        matches!(of("exported"), Some(Value::U64(0 | 4))),
        "{:?}",
        of("exported")
    );
    assert_eq!(of("queue_full"), Some(Value::U64(0)));
}

#[tokio::test]
async fn spans_go_to_another_collector_and_none_is_lost() {
    let registry = Registry::new();
    let store = store(&registry, "store_v7");
    store.put(0, KEY, 1, b"the value of nobody");
    let (first, first_requests) = collector();
    let (second, second_requests) = collector();
    let [first, second] = [first, second].map(|address| format!("http://{address}"));
    let settings = [
        "traces.otlp.endpoint",
        &first,
        "traces.otlp.interval.ms",
        "86400000",
    ];
    let harness = Harness::start(&registry, &settings);
    let mut http2 = Http2::connect(harness.address()).await;
    let get = framed(0, &get_request("store_v7", 0, KEY).encode_to_vec());
    http2.call(traced(*b"client 1", "01"), &get).await;
    let change = |setting, value| harness.server.change(setting, value);
    change("traces.otlp.endpoint", &second).unwrap();
    change("traces.otlp.interval.ms", "100").unwrap();
    http2.call(traced(*b"client 2", "01"), &get).await;
    let told = spawn_blocking(move || {
        let mut told = [false; 2];
        while told != [true; 2] {
            let (path, body) = second_requests.recv_timeout(HANG).unwrap();
            assert_eq!(path, "/v1/traces");
            told[0] |= times(&body, b"client 1") == 1;
            told[1] |= times(&body, b"client 2") == 1;
        }
    });
    told.await.unwrap();
    assert!(first_requests.try_recv().is_err(), "it was not due there");
    let error = change("traces.otlp.endpoint", "a:b").unwrap_err();
    let text = "setting traces.otlp.endpoint: \"a:b\" is no URL of a collector: ";
    assert!(error.to_string().contains(text), "{error}");
    assert_eq!(harness.server.settings().traces.endpoint, Some(second));
}

/// Connections that are there hear of it, too, also by calls whose fields they had sent before.
#[tokio::test]
async fn calls_are_traced_from_when_somebody_wants_it_until_nobody_does() {
    let registry = Registry::new();
    let store = store(&registry, "store_v7");
    store.put(0, KEY, 1, b"the value of nobody");
    let (address, requests) = collector();
    let endpoint = format!("http://{address}");
    let harness = Arc::new(Harness::start(
        &registry,
        &["traces.otlp.interval.ms", "86400000"],
    ));
    let mut http2 = Http2::connect(harness.address()).await;
    let get = framed(0, &get_request("store_v7", 0, KEY).encode_to_vec());
    let change = async |to: &str| {
        let (harness, to) = (Arc::clone(&harness), to.to_owned());
        let change = move || harness.server.change("traces.otlp.endpoint", &to);
        spawn_blocking(change).await.unwrap()
    };
    http2.call(traced(*b"client 1", "01"), &get).await;
    let snapshot = harness.server.observed().snapshot(160);
    assert!(snapshot.metric(Instrument::TraceSpanCount).is_none());

    for (round, clients) in [
        ("first", [b"client 2", b"client 3"]),
        ("again", [b"client 5", b"client 6"]),
    ] {
        change(&endpoint).await.unwrap();
        for client in clients {
            http2.call(traced(*client, "01"), &get).await;
        }
        // Over a connection that came since, too.
        let mut other = Http2::connect(harness.address()).await;
        other.call(traced(*b"client 9", "01"), &get).await;
        // What waits is sent when it is switched off.
        change("none").await.unwrap();
        let (path, body) = requests.recv_timeout(HANG).unwrap();
        assert_eq!(path, "/v1/traces", "{round}");
        for client in [clients[0], clients[1], b"client 9"] {
            assert_eq!(times(&body, client), 1, "{round}: {client:?}");
        }
        assert_eq!(times(&body, b"client 1") + times(&body, b"client 4"), 0);
        http2.call(traced(*b"client 4", "01"), &get).await;
    }
    assert!(requests.try_recv().is_err());
    let snapshot = harness.server.observed().snapshot(160);
    let counted = snapshot.metric(Instrument::TraceSpanCount).unwrap();
    let exported = counted.value(&[("venice.server.outcome", "exported")]);
    assert_eq!(exported, Some(&Value::U64(6)), "of both times");

    let wrong = change("a:b").await.unwrap_err().to_string();
    assert!(
        wrong.contains("\"a:b\" is no URL of a collector: "),
        "{wrong}"
    );
    http2.call(traced(*b"client 7", "01"), &get).await;
    assert!(requests.try_recv().is_err());
}

#[tokio::test]
async fn calls_are_traced_where_metrics_are_counted() {
    let harness = Harness::start(&Registry::new(), &["metrics.enabled", "false"]);
    let before = harness.server.settings();
    let change = harness
        .server
        .change("traces.otlp.endpoint", "http://collector:4318");
    let error = change.unwrap_err().to_string();
    assert!(
        error.contains("start the server with metrics.enabled=true"),
        "{error}"
    );
    assert_eq!(harness.server.settings(), before);
}

#[tokio::test]
async fn without_a_collector_there_is_no_span() {
    let registry = Registry::new();
    let store = store(&registry, "store_v7");
    store.put(0, KEY, 1, b"the value of nobody");
    let harness = Harness::start(&registry, &[]);
    let mut http2 = Http2::connect(harness.address()).await;
    let get = framed(0, &get_request("store_v7", 0, KEY).encode_to_vec());
    let answer = http2.call(traced(*b"client 1", "01"), &get).await;
    assert_eq!(answer.status(), ("0", ""));
    let snapshot = harness.server.observed().snapshot(160);
    assert!(snapshot.metric(Instrument::TraceSpanCount).is_none());
}

#[test]
fn a_wrong_collector_keeps_the_server_down() {
    let settings = ["bind.address", "127.0.0.1", "traces.otlp.endpoint", "a:b"];
    let config = Config::from_pairs(&settings).unwrap();
    let error = Server::start(config, Registry::new())
        .err()
        .unwrap()
        .to_string();
    let expected = "setting traces.otlp.endpoint: \"a:b\" is no URL of a collector: ";
    assert!(error.starts_with(expected), "{error}");
    assert!(error.ends_with("/v1/traces"), "{error}");
}
