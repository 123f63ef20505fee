//! Metrics leave a server without Java: by a scrape, and to a collector.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use harness::collector::collector;
use harness::{store, Harness, HANG, OK};
use tokio::task::spawn_blocking;
use venice_engine::Registry;
use venice_server::{Config, Server};

const PROMETHEUS: [&str; 4] = [
    "metrics.exporters",
    "prometheus",
    "metrics.prometheus.port",
    "0",
];

fn scrape(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(HANG)).unwrap();
    stream
        .write_all(b"GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n")
        .unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    assert!(text.starts_with("HTTP/1.1 200 "), "{text}");
    text
}

/// On another thread: the client's end of a connection takes part in the goodbye.
async fn stop(harness: &Arc<Harness>) {
    let harness = Arc::clone(harness);
    let stopped = spawn_blocking(move || harness.server.stop(HANG));
    assert!(stopped.await.unwrap());
}

/// The value of the sample of this name that has all these labels.
fn value(text: &str, name: &str, labels: &[&str]) -> Option<f64> {
    let mut lines = text.lines().filter(|line| {
        let of = line.strip_prefix(name);
        let is_it = of.is_some_and(|rest| rest.starts_with(['{', ' ']));
        is_it && labels.iter().all(|label| line.contains(label))
    });
    lines.next()?.rsplit(' ').next()?.parse().ok()
}

#[tokio::test]
async fn a_scrape_has_what_clients_read() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let settings = [&PROMETHEUS[..], &["metrics.resource", "host.name=h"]].concat();
    let harness = Arc::new(Harness::start(&registry, &settings));
    let mut client = harness.client().await;
    for _ in 0..3 {
        assert_eq!(client.get("store_v1", 0, b"key").await.error_code, OK);
    }
    let address = harness.server.prometheus().unwrap();
    assert!(address.ip().is_loopback());
    let text = scrape(address);
    let found = [
        "venice_store_name=\"store\"",
        "venice_request_method=\"single_get\"",
        "http_response_status_code=\"200\"",
        "venice_server_transport=\"rust_grpc\"",
    ];
    let calls = "venice_server_read_call_count_total";
    assert_eq!(value(&text, calls, &found), Some(3.0));
    let times = "venice_server_read_call_time_milliseconds_count";
    assert_eq!(value(&text, times, &found), Some(3.0));
    let connections = "venice_server_connection_active_count";
    assert_eq!(value(&text, connections, &[]), Some(1.0));
    let target = value(&text, "target_info", &["service_name=\"venice-server\""]);
    assert_eq!(target, Some(1.0));
    assert!(text.contains("host_name=\"h\""), "{text}");

    drop(client);
    stop(&harness).await;
    assert_eq!(harness.server.prometheus(), None);
    assert!(TcpStream::connect(address).is_err());
}

#[tokio::test]
async fn a_stop_sends_what_was_counted_last() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let (address, bodies) = collector();
    let endpoint = format!("http://{address}");
    let settings = [
        "metrics.exporters",
        "otlp",
        "metrics.otlp.endpoint",
        &endpoint,
        "metrics.otlp.interval.ms",
        "86400000",
    ];
    let harness = Arc::new(Harness::start(&registry, &settings));
    let mut client = harness.client().await;
    assert_eq!(client.get("store_v1", 0, b"key").await.error_code, OK);
    drop(client);
    stop(&harness).await;
    let (_, body) = bodies.recv_timeout(HANG).unwrap();
    let has = |text: &str| body.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(has("venice.server.read.call_count") && has("venice.server.rust"));
    assert!(bodies.try_recv().is_err(), "there is one last message");
}

#[test]
fn by_default_nothing_leaves() {
    let registry = Registry::new();
    let harness = Harness::start(&registry, &[]);
    assert_eq!(harness.server.prometheus(), None);
    let nothing_counted = [&PROMETHEUS[..], &["metrics.enabled", "false"]].concat();
    let harness = Harness::start(&registry, &nothing_counted);
    assert_eq!(harness.server.prometheus(), None);
}

#[test]
fn settings_that_cannot_be_keep_the_server_down() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (settings, why) in [
        (
            &["metrics.prometheus.port", &port, "metrics.exporters", "all"][..],
            format!("metrics cannot be served at 127.0.0.1:{port}: "),
        ),
        (
            &["metrics.exporters", "otlp", "metrics.otlp.endpoint", "a:b"],
            "setting metrics.otlp.endpoint: \"a:b\" is no URL of a collector: ".to_owned(),
        ),
        (
            &[
                "metrics.exporters",
                "otlp",
                "metrics.otlp.endpoint",
                "https://a",
            ],
            "https://a/v1/metrics needs the certificates that it is trusted by: ".to_owned(),
        ),
        (
            &[
                "metrics.exporters",
                "otlp",
                "metrics.otlp.headers",
                "geheim",
            ],
            "setting metrics.otlp.headers: entry 1 is no pair; ".to_owned(),
        ),
        (
            &["metrics.exporters", "all", "metrics.resource", "x"],
            "setting metrics.resource: \"x\" is no pair; ".to_owned(),
        ),
    ] {
        let local = ["bind.address", "127.0.0.1", "metrics.prometheus.port", "0"];
        let config = Config::from_pairs(&[&local, settings].concat()).unwrap();
        let error = Server::start(config, Registry::new()).err();
        let error = error.unwrap().to_string();
        assert!(error.starts_with(&why), "{error}");
    }
    drop(taken);
}
