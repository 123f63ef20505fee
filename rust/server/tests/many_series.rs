//! Many series of one server: with `metrics.max.series` raised each can be read, and the memory for them is bounded; with
//! the default the rest is counted together.
//!
//! A store's series stay for a while when it has gone, so few databases are open at a time. `SERIES=100000` (or Bazel's `--test_env`) is the run that docs/metrics.md has.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;

use harness::{resident, store, Client, Harness, HANG, OK};
use tokio::task::spawn_blocking;
use venice_engine::testing::TestStoreVersion;
use venice_engine::{Registry, StoreVersionState};
use venice_metrics::model::{Snapshot, Value};
use venice_metrics::Instrument;

/// Bytes that a series may take: with its buckets, in all threads that count it, and in the snapshots that are kept.
const SERIES_BYTES: u64 = 8192;
/// What a page of Prometheus may be held in memory beside others (docs/metrics.md).
const PAGES: usize = 64 << 20;

fn wanted() -> usize {
    let set = std::env::var("SERIES").ok();
    set.map_or(10_000, |text| text.parse().unwrap())
}

fn series(snapshot: &Snapshot) -> usize {
    snapshot
        .metrics
        .iter()
        .map(|metric| metric.points.len())
        .sum()
}

/// What a counter has in all of its series, and whether those that found no room are among them.
fn counted(snapshot: &Snapshot, of: Instrument) -> (u64, bool) {
    let points = &snapshot.metric(of).unwrap().points;
    let sum = points.iter().map(|point| match point.value {
        Value::U64(number) => number,
        _ => 0,
    });
    let overflow = points
        .iter()
        .any(|point| point.attribute("otel.metric.overflow").is_some());
    (sum.sum(), overflow)
}

fn total(snapshot: &Snapshot, of: Instrument) -> Option<&Value> {
    snapshot.total(of)
}

/// Asks for a page, and does not read it.
fn ask(address: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(HANG)).unwrap();
    stream
        .write_all(b"GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n")
        .unwrap();
    stream
}

/// Reads an answer of which so much came. Returns its status, and how long its body is.
fn answer(stream: &mut TcpStream, mut came: Vec<u8>) -> (u16, Vec<u8>) {
    stream.read_to_end(&mut came).unwrap();
    let end = came
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap();
    let status = std::str::from_utf8(&came[9..12]).unwrap().parse().unwrap();
    (status, came.split_off(end + 4))
}

/// Stores that are open at a time, at most.
const OPEN: usize = 16;

/// An open store version of one partition, with one key.
fn small_store(registry: &Arc<Registry>, name: &str) -> TestStoreVersion {
    let store = TestStoreVersion::create(registry, name);
    store.put_state(&StoreVersionState::default());
    store.open(0);
    store.put(0, b"key", 1, b"payload");
    store
}

/// Reads a store in several ways, by [`CALLS`] calls.
async fn read(client: &mut Client, name: &str) {
    assert_eq!(client.get(name, 0, b"key").await.error_code, OK);
    client.get(name, 0, b"none").await;
    // A partition that is not here.
    assert_ne!(client.get(name, 9, b"key").await.error_code, OK);
    for keys in [1, 3, 151] {
        let batch = vec![(0, &b"key"[..]); keys];
        assert_eq!(client.batch_get(name, &batch).await.error_code, OK);
    }
    assert_ne!(client.batch_get(name, &[(9, b"key")]).await.error_code, OK);
}

/// A server whose clients read so many stores, each in several ways, until it has so many series, or the stores are read.
async fn read_stores(
    settings: &[&str],
    wanted: usize,
    most_stores: usize,
) -> (Arc<Harness>, usize) {
    let registry = Registry::new();
    let steady = store(&registry, "steady_v1");
    steady.put(0, b"key", 1, b"payload");
    let harness = Arc::new(Harness::start(&registry, settings));
    let mut client = harness.client().await;
    let mut stores = 0;
    while stores < most_stores {
        let end = (stores + OPEN).min(most_stores);
        let names = (stores..end).map(|number| format!("store{number}_v1"));
        // What they wait for is the disk.
        let opening: Vec<_> = names
            .map(|name| {
                let registry = Arc::clone(&registry);
                spawn_blocking(move || small_store(&registry, &name))
            })
            .collect();
        let mut closing = Vec::new();
        for store in opening {
            let store = store.await.unwrap();
            read(&mut client, store.name()).await;
            closing.push(spawn_blocking(move || drop(store)));
        }
        for closed in closing {
            closed.await.unwrap();
        }
        stores = end;
        if stores % (8 * OPEN) == 0 && series(&harness.server.observed().snapshot(1)) >= wanted {
            break;
        }
    }
    drop(client);
    let stopped = (harness, stores);
    drop(steady);
    stopped
}

/// Calls of [`read`].
const CALLS: u64 = 7;

#[tokio::test]
async fn very_many_series_are_read_from_bounded_memory() {
    let wanted = wanted();
    let settings = [
        "metrics.max.series",
        "1000000",
        "metrics.exporters",
        "prometheus",
        "metrics.prometheus.port",
        "0",
    ];
    let before = resident();
    let (harness, stores) = read_stores(&settings, wanted, usize::MAX).await;
    let metrics = harness.server.observed().clone();
    let snapshot = metrics.snapshot(160);
    let series = series(&snapshot);
    assert!(series >= wanted);
    assert_eq!(
        counted(&snapshot, Instrument::ReadCallCount),
        (CALLS * stores as u64, false)
    );
    drop(snapshot);

    // By Java's way, in the same memory again and again.
    let mut buffer = vec![0; metrics.encode(160, &mut [])];
    for _ in 0..3 {
        let length = metrics.encode(160, &mut buffer);
        assert!(length >= series * 24, "{length} bytes");
        buffer.resize(buffer.len().max(length), 0);
    }
    let labels = metrics.labels();
    println!(
        "{series} series of {stores} stores: {} bytes for Java, {} of labels",
        buffer.len(),
        labels.len()
    );
    drop((buffer, labels));
    let after = resident();
    let each = after.saturating_sub(before) / series as u64;
    println!(
        "{} MiB more in memory: {each} bytes a series",
        (after - before) >> 20
    );
    assert!(each < SERIES_BYTES, "{each} bytes a series");

    // One page is under way at a time, where it is larger than what pages may take together.
    let address = harness.server.prometheus().unwrap();
    let scraped = spawn_blocking(move || {
        let mut first = ask(address);
        let mut came = vec![0; 1];
        first.read_exact(&mut came).unwrap();
        let second = answer(&mut ask(address), Vec::new());
        let (status, page) = answer(&mut first, came);
        assert_eq!(status, 200);
        let expected = if page.len() > PAGES / 2 { 503 } else { 200 };
        assert_eq!(second.0, expected, "with a page of {} bytes", page.len());
        // And the place comes back.
        let mut third = 0;
        while third != 200 {
            third = answer(&mut ask(address), Vec::new()).0;
        }
        page
    });
    let page = scraped.await.unwrap();
    let calls = b"\nvenice_server_read_call_count_total{";
    let lines = page
        .windows(calls.len())
        .filter(|part| part == calls)
        .count();
    // Answers, misses and failures, singly and in batches.
    assert_eq!(lines, 5 * stores);
    println!("a page of Prometheus has {} MiB", page.len() >> 20);
}

#[tokio::test]
async fn what_exceeds_the_bound_is_counted_together() {
    let most = 100;
    let settings = ["metrics.max.series", "100"];
    let (harness, stores) = read_stores(&settings, usize::MAX, 150).await;
    let snapshot = harness.server.observed().snapshot(160);
    for metric in &snapshot.metrics {
        assert!(metric.points.len() <= most + 1, "{:?}", metric.instrument);
    }
    let calls = CALLS * stores as u64;
    assert_eq!(counted(&snapshot, Instrument::ReadCallCount), (calls, true));
    assert_eq!(
        total(&snapshot, Instrument::ReadCallCount),
        Some(&Value::U64(calls))
    );
    let times = total(&snapshot, Instrument::ReadCallTime);
    assert!(matches!(times, Some(Value::Histogram(times)) if times.count == calls));
    let (overflowed, _) = counted(&snapshot, Instrument::MetricsOverflowCount);
    assert!(overflowed > 100, "{overflowed}");
}
