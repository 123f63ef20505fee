//! What operators have a server do by the admin socket: change settings, drain, and take that back.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::io::Read;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use harness::admin::AdminSocket;
use harness::http2::{framed, grpc, Http2, GET};
use harness::{get_request, store, Harness, HANG, KEY_NOT_FOUND, OK};
use prost::Message;
use serde_json::{json, Value};
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use venice_engine::Registry;
use venice_server::{DrainError, DrainPlan, Phase, Step};

/// Waits for a state.
async fn eventually(holds: impl Fn() -> bool) {
    let wait = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    timeout(HANG, wait).await.unwrap();
}

fn start(registry: &Arc<Registry>, settings: &[&str]) -> (Arc<Harness>, AdminSocket) {
    let admin = AdminSocket::default();
    let harness = Harness::start(registry, &[&admin.setting()[..], settings].concat());
    (Arc::new(harness), admin)
}

/// Whether a new connection is closed at once.
async fn is_turned_away(harness: &Harness) -> bool {
    let address = harness.address();
    let closed = spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(HANG)).unwrap();
        stream.read(&mut [0; 9]).map_or(true, |read| read == 0)
    });
    closed.await.unwrap()
}

#[tokio::test]
async fn a_changed_setting_holds_at_once() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let (harness, admin) = start(&registry, &["max.connections", "1"]);
    let mut client = harness.client().await;
    assert_eq!(client.get("store_v1", 0, b"key").await.error_code, OK);
    assert!(is_turned_away(&harness).await);
    let told = admin
        .post("/config", r#"{"setting": "max.connections", "value": 2}"#)
        .await;
    let change = json!({"setting": "max.connections", "before": "1", "value": "2"});
    assert_eq!((told.status, told.json()), (200, change));
    let mut second = harness.client().await;
    assert_eq!(second.get("store_v1", 0, b"key").await.error_code, OK);
    assert!(is_turned_away(&harness).await);

    let seen = admin.see("/config").await;
    let mut settings = seen["settings"].as_array().unwrap().iter();
    let setting = settings
        .find(|one| one["name"] == "max.connections")
        .unwrap();
    assert_eq!(
        (&setting["value"], &setting["changed_since_start"]),
        (&json!("2"), &json!(true))
    );
    assert_eq!(harness.server.settings().max_connections, 2);
    // A connection that comes now is old at once.
    let old = admin
        .post(
            "/config",
            r#"{"setting": "max.connection.age.ms", "value": "1"}"#,
        )
        .await;
    assert_eq!(old.status, 200);
    drop(second);
    eventually(|| harness.server.memory().clients().len() == 1).await;
    let third = Http2::connect(harness.address()).await;
    // It is told to go, and ends.
    timeout(HANG, third.connection)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    // The first came before, and stays.
    assert_eq!(client.get("store_v1", 0, b"key").await.error_code, OK);
}

#[tokio::test]
async fn the_slow_log_has_another_threshold() {
    let (harness, admin) = start(&Registry::new(), &[]);
    assert_eq!(
        harness.server.slow_requests().threshold,
        Some(Duration::from_millis(10))
    );
    let body = r#"{"setting": "slow.log.threshold.us", "value": 250}"#;
    assert_eq!(admin.post("/config", body).await.status, 200);
    let threshold = harness.server.slow_requests().threshold;
    assert_eq!(threshold, Some(Duration::from_micros(250)));
}

#[tokio::test]
async fn reflection_is_switched_on_and_off() {
    let (harness, admin) = start(&Registry::new(), &[]);
    let mut http2 = Http2::connect(harness.address()).await;
    let v1 = venice_server::internals::services::reflection::V1;
    // `list_services`.
    let list = framed(0, &[0x3A, 0]);
    assert_eq!(http2.call(grpc(v1), &list).await.status().0, "12");
    for (value, status) in [("true", "0"), ("false", "12")] {
        let body = format!("{{\"setting\": \"reflection\", \"value\": {value}}}");
        assert_eq!(admin.post("/config", &body).await.status, 200);
        assert_eq!(http2.call(grpc(v1), &list).await.status().0, status);
    }
}

#[tokio::test]
async fn limits_of_requests_hold_for_the_next_one() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, &[7; 3000]);
    let (harness, admin) = start(&registry, &["max.response.bytes", "1000"]);
    let change = async |setting: &str, value: &str| {
        let body = json!({ "setting": setting, "value": value }).to_string();
        let told = admin.post("/config", &body).await;
        assert_eq!(told.status, 200, "{told:?}");
    };
    let mut client = harness.client().await;
    assert_eq!(client.get("store_v1", 0, b"key").await.error_code, 500);
    change("max.response.bytes", "10KiB").await;
    assert_eq!(client.get("store_v1", 0, b"key").await.error_code, OK);

    let keys: [(u32, &[u8]); 3] = [(0, b"key"); 3];
    assert_eq!(client.batch_get("store_v1", &keys).await.error_code, OK);
    change("max.batch.keys", "2").await;
    assert_eq!(client.batch_get("store_v1", &keys).await.error_code, 400);
    change("max.batch.keys", "3").await;
    assert_eq!(client.batch_get("store_v1", &keys).await.error_code, OK);

    let long = [1; 500];
    assert_eq!(
        client.get("store_v1", 0, &long).await.error_code,
        KEY_NOT_FOUND
    );
    change("max.request.bytes", "400").await;
    let status = client.get_status(get_request("store_v1", 0, &long)).await;
    assert_eq!(status.code(), tonic::Code::ResourceExhausted);
    assert_eq!(client.get("store_v1", 0, b"key").await.error_code, OK);
}

#[tokio::test]
async fn the_memory_for_clients_has_another_bound() {
    let (harness, admin) = start(&Registry::new(), &[]);
    let before = harness.server.memory().bound();
    let body = r#"{"setting": "max.client.bytes", "value": "64MiB"}"#;
    let told = admin.post("/config", body).await;
    assert_eq!(told.json()["value"], "67108864", "{told:?}");
    let after = harness.server.memory().bound();
    assert!(after < 64 << 20 && after < before, "{after} after {before}");
    let seen = admin.see("/limits").await;
    let mut limits = seen["limits"].as_array().unwrap().iter();
    let shown = limits.find(|one| one["setting"] == "max.client.bytes");
    assert_eq!(shown.unwrap()["value"], after, "{seen}");
}

#[tokio::test]
async fn quotas_are_refilled_in_another_way() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    // No refill comes while the test runs: a bucket has what it begins with.
    let refill = ["quota.interval.ms", "1h", "quota.capacity.multiple", "1"];
    let (harness, admin) = start(&registry, &refill);
    harness.server.quota().set_node(1).unwrap();
    let mut client = harness.client().await;
    let keys: Vec<(u32, &[u8])> = vec![(0, b"key"); 3600];
    assert_eq!(client.batch_get("store_v1", &keys).await.error_code, OK);
    assert_eq!(client.get("store_v1", 0, b"key").await.error_code, 503);
    let body = r#"{"setting": "quota.capacity.multiple", "value": 2}"#;
    assert_eq!(admin.post("/config", body).await.status, 200);
    for code in [OK, OK, 503] {
        assert_eq!(client.batch_get("store_v1", &keys).await.error_code, code);
    }
}

#[tokio::test]
async fn what_cannot_be_changed_is_refused_with_the_reason() {
    let (harness, admin) = start(&Registry::new(), &[]);
    let refused = [
        (
            r#"{"setting": "port", "value": "1"}"#,
            409,
            "cannot be changed while the server runs",
        ),
        (
            r#"{"setting": "prot", "value": "1"}"#,
            400,
            "unknown setting \"prot\"",
        ),
        (
            r#"{"setting": "drain.ms", "value": "soon"}"#,
            400,
            "give a whole number from 0",
        ),
        (r#"{"setting": "drain.ms"}"#, 400, "value is missing"),
        (r#"{"value": "1"}"#, 400, "setting is missing"),
        (
            r#"{"setting": "port", "value": {}}"#,
            400,
            "value is missing, or no text",
        ),
        ("", 400, "value is missing"),
    ];
    for (body, status, text) in refused {
        let told = admin.post("/config", body).await;
        assert_eq!(told.status, status, "{body}");
        assert!(told.error().contains(text), "{body}: {}", told.error());
    }
    assert_eq!(harness.server.settings().port, 0);
}

#[tokio::test]
async fn a_drain_goes_in_order_and_tells_how_it_went() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let (harness, admin) = start(&registry, &[]);
    let mut http2 = Http2::connect(harness.address()).await;
    let message = framed(0, &get_request("store_v1", 0, b"key").encode_to_vec());
    assert_eq!(http2.call(grpc(GET), &message).await.status(), ("0", ""));

    let told = admin
        .post("/drain", r#"{"bound_ms": 60000, "quiet_ms": 20}"#)
        .await;
    assert_eq!(told.status, 200, "{told:?}");
    let report = told.json();
    for (field, value) in [("idle", true), ("ended", true), ("answered", true)] {
        assert_eq!(report[field], value, "{report}");
    }
    assert_eq!(
        (&report["calls_cut"], &report["marked_down"]),
        (&json!(0), &Value::Null)
    );
    assert!(report["milliseconds"].as_u64().unwrap() >= 20);
    // The client was told, and not broken off.
    http2.connection.await.unwrap().unwrap();
    assert!(TcpStream::connect(harness.address()).is_err());
    // The operators' socket stays to tell of it.
    let status = admin.see("/status").await;
    assert_eq!(
        (&status["phase"], &status["health"]),
        (&json!("ended"), &json!("NOT_SERVING"))
    );
    assert_eq!(status["last_drain"], report);
    for (target, error) in [
        ("/drain", DrainError::Ending),
        ("/undrain", DrainError::Ending),
    ] {
        let told = admin.post(target, "").await;
        assert_eq!((told.status, told.error()), (409, error.to_string()));
    }
    let stopped = spawn_blocking(move || harness.server.stop(HANG));
    assert!(stopped.await.unwrap(), "what the drain said");
    assert!(!admin.path.exists());
}

#[tokio::test]
async fn a_server_that_leaves_answers_until_it_is_taken_back() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let (harness, admin) = start(&registry, &[]);
    let told = admin
        .post("/drain", r#"{"end": false, "quiet_ms": 0}"#)
        .await;
    assert_eq!((told.status, &told.json()["ended"]), (200, &json!(false)));
    let status = admin.see("/status").await;
    assert_eq!(
        (&status["phase"], &status["health"]),
        (&json!("leaving"), &json!("NOT_SERVING"))
    );
    let mut client = harness.client().await;
    assert_eq!(client.get("store_v1", 0, b"key").await.error_code, OK);

    let told = admin.post("/undrain", "{}").await;
    assert_eq!(told.status, 200, "{told:?}");
    let status = admin.see("/status").await;
    assert_eq!(
        (&status["phase"], &status["health"]),
        (&json!("serving"), &json!("SERVING"))
    );
    let told = admin.post("/undrain", "{}").await;
    assert_eq!(
        (told.status, told.error()),
        (409, DrainError::Serving.to_string())
    );
    // And again, to the end.
    let told = admin
        .post("/drain", r#"{"end": false, "quiet_ms": 0}"#)
        .await;
    assert_eq!(told.status, 200);
    let told = admin
        .post("/drain", r#"{"quiet_ms": 0, "bound_ms": 60000}"#)
        .await;
    assert_eq!((told.status, &told.json()["ended"]), (200, &json!(true)));
}

#[tokio::test]
async fn a_drain_that_waits_for_clients_is_taken_back() {
    let registry = Registry::new();
    let (harness, admin) = start(&registry, &[]);
    harness.server.health().set_serving(true);
    // Nobody reads, but so long nobody waits in a test.
    let plan = DrainPlan {
        quiet: Duration::from_secs(3600),
        bound: Duration::from_secs(36_000),
        end: true,
    };
    let drain = |harness: &Arc<Harness>| {
        let harness = Arc::clone(harness);
        spawn_blocking(move || harness.server.drain(plan))
    };
    let draining = drain(&harness);
    eventually(|| harness.server.phase() == Phase::Leaving).await;
    let told = admin.post("/drain", "").await;
    assert_eq!(
        (told.status, told.error()),
        (409, DrainError::UnderWay.to_string())
    );
    assert_eq!(admin.post("/undrain", "").await.status, 200);
    assert_eq!(draining.await.unwrap(), Err(DrainError::TakenBack));
    assert!(harness.server.health().is_serving());

    // A stop ends it likewise.
    let draining = drain(&harness);
    eventually(|| harness.server.phase() == Phase::Leaving).await;
    let stopping = spawn_blocking({
        let harness = Arc::clone(&harness);
        move || harness.server.stop(HANG)
    });
    assert!(stopping.await.unwrap());
    assert_eq!(draining.await.unwrap(), Err(DrainError::Ending));
    assert_eq!(harness.server.phase(), Phase::Ended);
}

#[tokio::test]
async fn a_server_that_is_announced_is_marked_down_first() {
    let (harness, admin) = start(&Registry::new(), &[]);
    harness.server.is_announced();
    let announcer = spawn_blocking({
        let harness = Arc::clone(&harness);
        move || {
            let step = harness.server.await_step(Step::FIRST, HANG);
            // Clients still read for all that the server knows: it waits.
            let next = harness.server.await_step(step, Duration::from_millis(50));
            harness.server.marked_down(true);
            (step.phase, next.phase)
        }
    });
    let told = admin
        .post("/drain", r#"{"bound_ms": 60000, "quiet_ms": 0}"#)
        .await;
    let report = told.json();
    assert_eq!(
        (&report["marked_down"], &report["idle"]),
        (&json!(true), &json!(true))
    );
    assert_eq!(announcer.await.unwrap(), (Phase::Leaving, Phase::Leaving));
}

#[tokio::test]
async fn discovery_that_does_not_answer_holds_a_drain_up_for_half_of_the_time() {
    let (harness, admin) = start(&Registry::new(), &[]);
    harness.server.is_announced();
    let told = admin
        .post("/drain", r#"{"bound_ms": 100, "quiet_ms": 0}"#)
        .await;
    let report = told.json();
    assert_eq!(
        (&report["marked_down"], &report["idle"]),
        (&json!(false), &json!(false))
    );
    assert_eq!(
        (&report["ended"], &report["answered"]),
        (&json!(true), &json!(true))
    );
}

#[tokio::test]
async fn calls_that_a_drain_cuts_are_counted() {
    let (harness, admin) = start(&Registry::new(), &[]);
    let mut http2 = Http2::connect(harness.address()).await;
    let (response, _stream) = http2.open(grpc(GET)).await;
    http2.call(grpc(GET), &framed(0, b"")).await;
    let told = admin
        .post("/drain", r#"{"bound_ms": 50, "quiet_ms": 10}"#)
        .await;
    let report = told.json();
    assert_eq!(
        (&report["calls_cut"], &report["answered"]),
        (&json!(1), &json!(false))
    );
    assert!(response.await.is_err());
    assert_eq!(admin.see("/status").await["calls_cut"], 1);
}

#[tokio::test]
async fn who_watches_the_phase_is_told() {
    let (harness, _admin) = start(&Registry::new(), &[]);
    let none = Duration::ZERO;
    assert_eq!(harness.server.await_step(Step::FIRST, none), Step::FIRST);
    let watching = spawn_blocking({
        let harness = Arc::clone(&harness);
        move || harness.server.await_step(Step::FIRST, HANG)
    });
    let plan = DrainPlan {
        quiet: none,
        bound: none,
        end: false,
    };
    assert!(harness.server.drain(plan).is_ok());
    let step = watching.await.unwrap();
    assert_eq!((step.phase, step.leaves), (Phase::Leaving, 1));
    // Who looks away while it is taken back and leaves anew sees that, too.
    harness.server.undrain().unwrap();
    assert!(harness.server.drain(plan).is_ok());
    assert_eq!(harness.server.await_step(step, HANG).leaves, 2);
}
