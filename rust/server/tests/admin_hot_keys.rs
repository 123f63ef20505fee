//! Hot keys at the admin socket: sessions with bounds, and keys as numbers unless the server was started to show them.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use harness::admin::AdminSocket;
use harness::{store, Harness, KEY_NOT_FOUND, OK};
use serde_json::{json, Value};
use venice_engine::testing::TestStoreVersion;
use venice_engine::Registry;

const SHOWN: [&str; 2] = ["admin.socket.keys", "true"];
/// An hour, which no test waits for.
const LONG: &str = r#"{"duration_ms": 3600000}"#;
const LONG_WITH_KEYS: &str = r#"{"duration_ms": 3600000, "show_keys": true}"#;

struct Serving {
    harness: Harness,
    admin: AdminSocket,
    _store: TestStoreVersion,
}

fn serving(settings: &[&str]) -> Serving {
    let registry = Registry::new();
    let store = store(&registry, "store_v3");
    store.put(0, b"hot\xff", 1, b"payload");
    let admin = AdminSocket::default();
    let harness = Harness::start(&registry, &[&admin.setting()[..], settings].concat());
    Serving {
        harness,
        admin,
        _store: store,
    }
}

impl Serving {
    /// Reads a key three times, and one that is not there once.
    async fn reads(&self) {
        let mut client = self.harness.client().await;
        for _ in 0..3 {
            assert_eq!(client.get("store_v3", 0, b"hot\xff").await.error_code, OK);
        }
        let missing = client.get("store_v3", 1, b"cold").await;
        assert_eq!(missing.error_code, KEY_NOT_FOUND);
    }

    async fn started(&self, body: &str) -> Value {
        let told = self.admin.post("/hotkeys", body).await;
        assert_eq!(told.status, 200, "{told:?}");
        told.json()
    }
}

#[tokio::test]
async fn keys_are_numbers_and_their_counts_are_told() {
    let serving = serving(&[]);
    let admin = &serving.admin;
    let nothing = json!({"state": "none", "left_ms": null, "reads": 0, "keys": []});
    assert_eq!(admin.see("/hotkeys").await, nothing);
    serving.reads().await;
    let started = serving.started(LONG).await;
    assert_eq!(
        (&started["state"], &started["reads"]),
        (&json!("running"), &json!(0))
    );
    serving.reads().await;
    let seen = admin.see("/hotkeys").await;
    assert_eq!(
        (&seen["state"], &seen["reads"]),
        (&json!("running"), &json!(4))
    );
    assert!(seen["left_ms"].as_u64().unwrap() <= 3_600_000);
    let hottest = &seen["keys"][0];
    assert_eq!(
        (
            &hottest["store_version"],
            &hottest["reads"],
            &hottest["at_least"],
            &hottest["share"]
        ),
        (&json!("store_v3"), &json!(3), &json!(3), &json!(0.75))
    );
    let number = hottest["key"].as_str().unwrap();
    assert!(number.len() == 17 && number.starts_with('#'), "{number}");
    assert_eq!(hottest["key_bytes"], Value::Null);

    let told = admin.post("/hotkeys/stop", "{}").await;
    assert_eq!((told.status, &told.json()["state"]), (200, &json!("over")));
    serving.reads().await;
    assert_eq!(admin.see("/hotkeys").await["reads"], 4, "it is over");
    // Another session has other numbers.
    serving.started(LONG).await;
    serving.reads().await;
    let again = admin.see("/hotkeys").await;
    assert_eq!(again["keys"][0]["reads"], 3);
    assert_ne!(again["keys"][0]["key"], hottest["key"]);
}

#[tokio::test]
async fn keys_are_shown_where_the_server_was_started_to_show_them() {
    let hidden = serving(&[]);
    let told = hidden.admin.post("/hotkeys", LONG_WITH_KEYS).await;
    assert_eq!(told.status, 403, "{told:?}");
    assert!(told
        .error()
        .ends_with("start the server with admin.socket.keys=true"));
    assert_eq!(hidden.admin.see("/hotkeys").await["state"], "none");
    // Nor can that be had while the server runs.
    let right = r#"{"setting": "admin.socket.keys", "value": true}"#;
    assert_eq!(hidden.admin.post("/config", right).await.status, 409);

    let shown = serving(&SHOWN);
    shown.started(LONG_WITH_KEYS).await;
    shown.reads().await;
    let hottest = &shown.admin.see("/hotkeys").await["keys"][0];
    assert_eq!(
        (&hottest["key"], &hottest["key_bytes"]),
        (&json!("hot\\xff"), &json!("686f74ff"))
    );
    // Who may see them has numbers, too, unless he asks.
    shown.admin.post("/hotkeys/stop", "{}").await;
    shown.started(LONG).await;
    shown.reads().await;
    let hottest = &shown.admin.see("/hotkeys").await["keys"][0];
    assert!(
        hottest["key"].as_str().unwrap().starts_with('#'),
        "{hottest}"
    );
}

#[tokio::test]
async fn one_session_runs_at_a_time_and_none_is_longer_than_an_hour() {
    let serving = serving(&SHOWN);
    let admin = &serving.admin;
    for bad in [
        r#"{"duration_ms": 0}"#,
        r#"{"duration_ms": 3600001}"#,
        r#"{"duration_ms": -1}"#,
        r#"{"duration_ms": "1s"}"#,
        r#"{"duration": 1}"#,
        r#"{"show_keys": 1}"#,
        "[]",
    ] {
        let told = admin.post("/hotkeys", bad).await;
        assert_eq!(told.status, 400, "{bad}: {told:?}");
    }
    assert_eq!(
        admin.post("/hotkeys/stop", r#"{"now": true}"#).await.status,
        400
    );
    assert_eq!(admin.see("/hotkeys").await["state"], "none");

    serving.started(LONG).await;
    serving.reads().await;
    for _ in 0..50 {
        let told = admin.post("/hotkeys", LONG_WITH_KEYS).await;
        assert_eq!(told.status, 409, "{told:?}");
        assert!(
            told.error().ends_with("read it, or stop it first"),
            "{}",
            told.error()
        );
    }
    assert_eq!(
        admin.see("/hotkeys").await["reads"],
        4,
        "the first one goes on"
    );
    // A session ends by itself, and who asks then is told so.
    admin.post("/hotkeys/stop", "{}").await;
    serving.started(r#"{"duration_ms": 1}"#).await;
    while admin.see("/hotkeys").await["state"] == "running" {}
    assert_eq!(admin.get("/hotkeys/stop").await.status, 405);
}
