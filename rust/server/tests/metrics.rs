//! What a server counts, as a reader of its metrics sees it.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::sync::Arc;
use std::time::Duration;

use harness::http2::{framed, grpc, Http2};
use harness::{get_request, store, Client, Harness, KEY_NOT_FOUND, OK};
use tokio::task::spawn_blocking;
use venice_engine::testing::TestStoreVersion;
use venice_engine::Registry;
use venice_metrics::model::{Histogram, Snapshot, Value};
use venice_metrics::Instrument;

const STORE: &str = "venice.store.name";
const METHOD: &str = "venice.request.method";
const STATUS: &str = "http.response.status_code";

fn count(snapshot: &Snapshot, of: Instrument, attributes: &[(&str, &str)]) -> u64 {
    let value = snapshot
        .metric(of)
        .and_then(|metric| metric.value(attributes));
    match value {
        None => 0,
        Some(Value::U64(number)) => *number,
        Some(Value::I64(number)) => *number as u64,
        Some(other) => panic!("{of:?}: {other:?}"),
    }
}

fn histogram(snapshot: &Snapshot, of: Instrument, attributes: &[(&str, &str)]) -> Histogram {
    let value = snapshot
        .metric(of)
        .and_then(|metric| metric.value(attributes));
    match value {
        Some(Value::Histogram(histogram)) => histogram.clone(),
        other => panic!("{of:?} {attributes:?}: {other:?}"),
    }
}

/// No two points of a metric have the same attributes, and each has all that its instrument has.
fn assert_well_formed(snapshot: &Snapshot) {
    for metric in &snapshot.metrics {
        let mut seen = Vec::new();
        for point in &metric.points {
            let keys: Vec<&str> = point.attributes.iter().map(|a| a.key).collect();
            for dimension in metric.instrument.describe().dimensions {
                let is_there = keys.contains(&dimension.key());
                // What nobody has a quota for is counted without store.
                let quota = metric.instrument.describe().name.starts_with("read.quota.");
                assert!(
                    is_there || quota,
                    "{} lacks {}",
                    metric.name,
                    dimension.key()
                );
            }
            assert!(
                !seen.contains(&point.attributes),
                "{}: {:?} twice",
                metric.name,
                point.attributes
            );
            seen.push(Arc::clone(&point.attributes));
        }
    }
}

fn filled(registry: &Arc<Registry>, name: &str) -> TestStoreVersion {
    let store = store(registry, name);
    store.put(0, b"key", 1, b"payload");
    store.put(1, b"other", 1, b"a longer payload");
    store
}

async fn reads(client: &mut Client, store_version: &str) {
    assert_eq!(client.get(store_version, 0, b"key").await.error_code, OK);
    assert_eq!(client.get(store_version, 0, b"key").await.error_code, OK);
    assert_eq!(
        client.get(store_version, 0, b"none").await.error_code,
        KEY_NOT_FOUND
    );
    let keys: [(u32, &[u8]); 3] = [(0, b"key"), (1, b"other"), (1, b"none")];
    assert_eq!(client.batch_get(store_version, &keys).await.error_code, OK);
}

#[tokio::test]
async fn reads_are_counted_by_store_method_and_status() {
    let registry = Registry::new();
    let _stores = [filled(&registry, "store_v1"), filled(&registry, "other_v7")];
    let harness = Harness::start(&registry, &[]);
    // Of each worker one, and both are added up.
    for _ in 0..2 {
        reads(&mut harness.client().await, "store_v1").await;
    }
    reads(&mut harness.client().await, "other_v7").await;
    let snapshot = harness.server.observed().snapshot(160);
    assert_well_formed(&snapshot);

    let single = [(STORE, "store"), (METHOD, "single_get")];
    let found = [
        single[0],
        single[1],
        (STATUS, "200"),
        ("venice.server.transport", "rust_grpc"),
    ];
    let missing = [single[0], single[1], (STATUS, "404")];
    let batch = [(STORE, "store"), (METHOD, "multi_get")];
    let calls = Instrument::ReadCallCount;
    assert_eq!(count(&snapshot, calls, &found), 4);
    assert_eq!(count(&snapshot, calls, &missing), 2);
    assert_eq!(count(&snapshot, calls, &batch), 2);
    assert_eq!(
        count(&snapshot, calls, &[(STORE, "other"), (STATUS, "404")]),
        1
    );
    assert_eq!(snapshot.total(calls), Some(&Value::U64(12)));

    let times = histogram(&snapshot, Instrument::ReadCallTime, &found);
    assert_eq!(times.count, 4);
    assert!(times.min > 0.0 && times.max < 60_000.0, "{times:?}");
    let of_batch = [
        batch[0],
        batch[1],
        ("venice.request.key_count_bucket", "keys_2_150"),
    ];
    assert_eq!(
        histogram(&snapshot, Instrument::ReadCallTime, &of_batch).count,
        2
    );
    let keys = histogram(&snapshot, Instrument::ReadRequestKeyCount, &batch);
    assert_eq!((keys.count, keys.sum), (2, 6.0));
    let values = histogram(&snapshot, Instrument::ReadResponseValueSize, &found);
    assert_eq!((values.count, values.sum, values.min), (4, 28.0, 7.0));
    let key_sizes = histogram(&snapshot, Instrument::ReadRequestKeySize, &single);
    assert_eq!(
        (key_sizes.count, key_sizes.min, key_sizes.max),
        (6, 3.0, 4.0)
    );
    let not_found = Instrument::ReadResponseKeyNotFoundCount;
    assert_eq!(count(&snapshot, not_found, &single), 2);
    assert_eq!(count(&snapshot, not_found, &batch), 2);
    let requests = histogram(&snapshot, Instrument::ReadRequestSize, &single);
    let answers = histogram(&snapshot, Instrument::ReadResponseSize, &found);
    assert!(requests.count == 6 && requests.min > 10.0, "{requests:?}");
    assert!(answers.count == 4 && answers.min > 7.0, "{answers:?}");

    let get = [(
        "grpc.method",
        "com.linkedin.venice.protocols.VeniceReadService/get",
    )];
    let got = [get[0], ("grpc.status", "OK")];
    assert_eq!(count(&snapshot, Instrument::GrpcServerCallStarted, &get), 9);
    assert_eq!(
        histogram(&snapshot, Instrument::GrpcServerCallDuration, &got).count,
        9
    );
    assert!(histogram(&snapshot, Instrument::GrpcServerCallRcvd, &got).min > 10.0);
}

#[tokio::test]
async fn refusals_are_counted_by_reason_and_names_of_clients_are_no_series() {
    let registry = Registry::new();
    let _store = filled(&registry, "store_v1");
    let harness = Harness::start(&registry, &["max.batch.keys", "2"]);
    let mut client = harness.client().await;
    let keys: [(u32, &[u8]); 3] = [(0, b"key"), (1, b"other"), (1, b"none")];
    assert_eq!(client.batch_get("store_v1", &keys).await.error_code, 400);
    for made_up in ["nobody_v1", "nobody_v2", "no version"] {
        assert_eq!(client.get(made_up, 0, b"key").await.error_code, 500);
    }
    let mut unparsable = get_request("store_v1", 0, b"key");
    unparsable.key_string = "%".to_owned();
    client.get_status(unparsable).await;
    harness
        .server
        .quota()
        .set_store_version("store_v1", 1, 1.0)
        .unwrap();
    let quota = async |client: &mut Client| {
        let mut passed = 0;
        while client.get("store_v1", 0, b"key").await.error_code != 429 {
            passed += 1;
            assert!(passed < 1_000_000, "quota refuses nothing");
        }
    };
    quota(&mut client).await;
    let mut http2 = Http2::connect(harness.address()).await;
    let unknown = http2.call(grpc("/made.up/Method"), &framed(0, b"")).await;
    assert_eq!(unknown.status().0, "12");

    let snapshot = harness.server.observed().snapshot(160);
    assert_well_formed(&snapshot);
    let refused = Instrument::RequestRefusedCount;
    let by = |reason| count(&snapshot, refused, &[("venice.server.reason", reason)]);
    assert_eq!(by("max_batch_keys"), 1);
    assert_eq!(by("unparsable"), 1);
    assert_eq!(by("quota"), 1);
    assert_eq!(by("read_error"), 3);
    let calls = Instrument::ReadCallCount;
    let failed = |store, method, status| {
        let fail = ("venice.response.status_code_category", "fail");
        count(
            &snapshot,
            calls,
            &[(STORE, store), (METHOD, method), (STATUS, status), fail],
        )
    };
    assert_eq!(failed("store", "multi_get", "400"), 1);
    assert_eq!(failed("store", "single_get", "400"), 1);
    assert_eq!(failed("unknown_store", "single_get", "500"), 3);
    assert_eq!(
        failed("store", "single_get", "429"),
        0,
        "quota's own metrics have it"
    );
    let outcome = |outcome| {
        [
            (STORE, "store"),
            ("venice.store.version", "1"),
            ("venice.quota.request.outcome", outcome),
        ]
    };
    assert_eq!(
        count(
            &snapshot,
            Instrument::ReadQuotaRequestCount,
            &outcome("rejected")
        ),
        1
    );
    let unimplemented = [("grpc.method", "other"), ("grpc.status", "UNIMPLEMENTED")];
    assert_eq!(
        histogram(
            &snapshot,
            Instrument::GrpcServerCallDuration,
            &unimplemented
        )
        .count,
        1
    );
    let unknown = ("grpc.status", "UNKNOWN");
    assert_eq!(
        histogram(&snapshot, Instrument::GrpcServerCallDuration, &[unknown]).count,
        1
    );
}

#[tokio::test]
async fn connections_are_counted_while_they_are_open() {
    let registry = Registry::new();
    let _store = filled(&registry, "store_v1");
    let harness = Harness::start(&registry, &[]);
    let mut clients = Vec::new();
    for _ in 0..3 {
        let mut client = harness.client().await;
        client.get("store_v1", 0, b"key").await;
        clients.push(client);
    }
    let now = |of| count(&harness.server.observed().snapshot(160), of, &[]);
    assert_eq!(now(Instrument::ConnectionActiveCount), 3);
    assert_eq!(now(Instrument::ConnectionRequestCount), 3);
    assert_eq!(now(Instrument::ConnectionRefusedCount), 0);
    drop(clients);
    let closed = async {
        while now(Instrument::ConnectionActiveCount) > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(harness::HANG, closed).await.unwrap();
    assert_eq!(now(Instrument::ConnectionRequestCount), 3);
}

#[tokio::test]
async fn totals_outlive_the_threads_that_counted() {
    let registry = Registry::new();
    let _store = filled(&registry, "store_v1");
    let harness = Arc::new(Harness::start(&registry, &[]));
    let metrics = harness.server.observed().clone();
    reads(&mut harness.client().await, "store_v1").await;
    // On another thread: the client's end of the connection takes part in the goodbye.
    let stopping = Arc::clone(&harness);
    let stopped = spawn_blocking(move || stopping.server.stop(harness::HANG));
    assert!(stopped.await.unwrap());
    let snapshot = metrics.snapshot(160);
    assert_eq!(
        snapshot.total(Instrument::ReadCallCount),
        Some(&Value::U64(4))
    );
    assert_eq!(count(&snapshot, Instrument::ConnectionActiveCount, &[]), 0);
    drop(harness);
    assert_eq!(
        metrics.snapshot(160).total(Instrument::ReadCallCount),
        Some(&Value::U64(4))
    );
}

#[tokio::test]
async fn the_room_tells_how_it_is_when_asked() {
    let registry = Registry::new();
    let harness = Harness::start(&registry, &["max.client.bytes", "1073741824"]);
    let snapshot = harness.server.observed().snapshot(160);
    let memory = Instrument::ClientMemoryBytes;
    assert_eq!(
        count(&snapshot, memory, &[("venice.server.purpose", "held")]),
        0
    );
    let limit = count(&snapshot, memory, &[("venice.server.purpose", "limit")]);
    // All but what messages and buffers have for themselves.
    assert!(limit > 1 << 29 && limit <= 1 << 30, "{limit}");
    let pool = [("venice.thread_pool.name", "disk")];
    assert_eq!(count(&snapshot, Instrument::ThreadPoolMaxCount, &pool), 2);
    assert_eq!(
        count(&snapshot, Instrument::ThreadPoolActiveCount, &pool),
        0
    );
    assert_eq!(
        count(&snapshot, Instrument::ThreadPoolQueueTaskCount, &pool),
        0
    );
}

#[tokio::test]
async fn metrics_can_be_off_and_named_otherwise() {
    let registry = Registry::new();
    let _store = filled(&registry, "store_v1");
    let off = Harness::start(&registry, &["metrics.enabled", "false"]);
    reads(&mut off.client().await, "store_v1").await;
    assert!(off.server.observed().snapshot(160).metrics.is_empty());

    let settings = ["metrics.prefix", "reads", "metrics.cluster.name", "c7"];
    let named = Harness::start(&registry, &settings);
    reads(&mut named.client().await, "store_v1").await;
    let snapshot = named.server.observed().snapshot(160);
    let calls = snapshot.metric(Instrument::ReadCallCount).unwrap();
    assert_eq!(&*calls.name, "venice.reads.read.call_count");
    assert!(calls
        .value(&[("venice.cluster.name", "c7"), (STATUS, "404")])
        .is_some());
}

#[tokio::test]
async fn rocksdb_tells_its_own_numbers_of_open_databases() {
    let registry = Registry::new();
    let store = filled(&registry, "store_v1");
    let entries = Instrument::RocksDbMemtableActiveEntryCount;
    let always = ["metrics.rocksdb.interval.ms", "1"];
    let harness = Harness::start(&registry, &always);
    let now = || harness.server.observed().snapshot(160);
    // The two of the store, and its state.
    assert_eq!(count(&now(), entries, &[]), 3);
    store.put(0, b"third", 1, b"payload");
    let counted = async {
        while count(&now(), entries, &[]) < 4 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(harness::HANG, counted).await.unwrap();
    assert!(count(&now(), Instrument::RocksDbBlockCacheCapacity, &[]) > 0);
    // These databases have no statistics.
    assert!(now().metric(Instrument::RocksDbMemtableHitCount).is_none());

    let never = Harness::start(&registry, &["metrics.rocksdb.interval.ms", "0"]);
    assert!(never
        .server
        .observed()
        .snapshot(160)
        .metric(entries)
        .is_none());
}
