//! What operators see at the admin socket of a server that serves.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::sync::Arc;

use harness::admin::AdminSocket;
use harness::{store_with, Harness, HANG, OK};
use serde_json::{json, Value};
use tokio::task::spawn_blocking;
use venice_engine::testing::TestStoreVersion;
use venice_engine::{Registry, StoreVersionState};
use venice_server::internals::observe::LONGEST;
use venice_server::{Config, HotKeysSession, Server};

const SECRET_KEY: &[u8] = b"a-key-that-nobody-may-see";
const SECRET_VALUE: &[u8] = b"a-value-that-nobody-may-see";

/// The paths that can be read.
const VIEWS: [&str; 11] = [
    "/status",
    "/stores",
    "/connections",
    "/certificates",
    "/limits",
    "/access",
    "/quota",
    "/config",
    "/slow",
    "/hotkeys",
    "/metrics",
];

struct Serving {
    harness: Arc<Harness>,
    admin: AdminSocket,
    store: TestStoreVersion,
}

fn serving(settings: &[&str]) -> Serving {
    let registry = Registry::new();
    let state = StoreVersionState {
        compression_strategy: 1,
        ..Default::default()
    };
    let store = store_with(&registry, "store_v3", &state);
    store.put(0, SECRET_KEY, 1, SECRET_VALUE);
    store.put(1, b"another", 1, SECRET_VALUE);
    store.flush(1);
    let admin = AdminSocket::default();
    let harness = Harness::start(&registry, &[&admin.setting()[..], settings].concat());
    Serving {
        harness: Arc::new(harness),
        admin,
        store,
    }
}

/// On another thread: the client's end of a connection takes part in the goodbye.
async fn stop(harness: &Arc<Harness>) -> bool {
    let harness = Arc::clone(harness);
    spawn_blocking(move || harness.server.stop(HANG))
        .await
        .unwrap()
}

/// The element of a list whose field has this value.
fn named<'a>(list: &'a Value, field: &str, value: &str) -> &'a Value {
    let mut all = list.as_array().unwrap().iter();
    all.find(|one| one[field] == value).unwrap()
}

#[tokio::test]
async fn the_state_in_short() {
    let serving = serving(&[]);
    let Serving { harness, admin, .. } = &serving;
    let mut client = harness.client().await;
    assert_eq!(client.get("store_v3", 0, SECRET_KEY).await.error_code, OK);
    let status = admin.see("/status").await;
    assert_eq!(status["phase"], "serving");
    assert_eq!(status["health"], "SERVING");
    assert_eq!(status["port"], harness.server.port());
    assert_eq!(status["pid"], std::process::id());
    assert_eq!(status["connections"], 1);
    assert_eq!(status["store_versions"], 1);
    assert_eq!(status["worker_threads"], 2);
    assert_eq!(status["tls"], false);
    assert_eq!(status["last_drain"], Value::Null);
    assert!(status["uptime_seconds"].as_f64().unwrap() >= 0.0);
    harness.server.health().set_serving(false);
    let status = admin.see("/status").await;
    assert_eq!(
        (&status["phase"], &status["health"]),
        (&json!("serving"), &json!("NOT_SERVING"))
    );
    assert_eq!(harness.server.admin_socket(), Some(admin.path.clone()));
    assert!(stop(harness).await);
    assert!(!admin.path.exists());
    assert_eq!(harness.server.admin_socket(), None);
}

#[tokio::test]
async fn stores_with_their_versions_and_partitions() {
    let serving = serving(&[]);
    let Serving {
        harness,
        admin,
        store,
    } = &serving;
    let mut client = harness.client().await;
    for _ in 0..5 {
        assert_eq!(client.get("store_v3", 0, SECRET_KEY).await.error_code, OK);
    }
    let seen = admin.see("/stores").await;
    let stores = seen["stores"].as_array().unwrap();
    assert_eq!(stores.len(), 1);
    assert_eq!(
        (&stores[0]["store"], &stores[0]["reads"]),
        (&json!("store"), &json!(5))
    );
    assert!(seen["interval_seconds"].as_f64().unwrap() >= 0.5);
    let version = &stores[0]["versions"][0];
    assert_eq!(
        (&version["name"], &version["version"]),
        (&json!("store_v3"), &json!(3))
    );
    assert_eq!(version["chunked"], false);
    assert_eq!(version["compression"], "gzip");
    assert!(version["bytes"].as_u64().unwrap() > 0);
    let partitions = version["partitions"].as_array().unwrap();
    assert_eq!(partitions.len(), 2, "the metadata's is not among them");
    for (partition, number) in partitions.iter().zip(0..) {
        assert_eq!(partition["partition"], number);
        assert_eq!(partition["condition"], "open");
        assert_eq!(partition["table"], "block");
        assert_eq!(partition["keys_estimated"], 1);
    }
    assert_eq!(partitions[0]["bytes"], 0);
    let flushed = store.property(1, "rocksdb.live-sst-files-size");
    assert_eq!(partitions[1]["bytes"], flushed);

    // Reads since the last look have a rate.
    for _ in 0..40 {
        client.get("store_v3", 0, SECRET_KEY).await;
    }
    store.close(1).unwrap();
    // Who asked a moment ago is told the same again.
    let mut seen = admin.see("/stores").await;
    while seen["stores"][0]["reads"] == 5 {
        seen = admin.see("/stores").await;
    }
    let store = &seen["stores"][0];
    assert_eq!(store["reads"], 45);
    let reads =
        store["reads_per_second"].as_f64().unwrap() * seen["interval_seconds"].as_f64().unwrap();
    assert!((reads - 40.0).abs() < 1e-6, "{seen}");
    let partitions = &store["versions"][0]["partitions"];
    let reads = partitions[0]["reads_per_second"].as_f64().unwrap()
        * seen["interval_seconds"].as_f64().unwrap();
    assert!((reads - 40.0).abs() < 1e-6, "{seen}");
    let closed = &partitions[1];
    assert_eq!(closed["reads_per_second"], Value::Null);
    assert_eq!(
        (&closed["condition"], &closed["table"]),
        (&json!("closed"), &Value::Null)
    );
}

#[tokio::test]
async fn rates_without_metrics_are_unknown() {
    let serving = serving(&["metrics.enabled", "false"]);
    let Serving { admin, .. } = &serving;
    let seen = admin.see("/stores").await;
    assert_eq!(seen["stores"][0]["reads_per_second"], Value::Null);
    // What partitions count is counted anyway.
    let partitions = &seen["stores"][0]["versions"][0]["partitions"];
    assert_eq!(partitions[0]["reads_per_second"], 0.0);
    assert_eq!(admin.see("/status").await["metrics"], false);
    let limits = admin.see("/limits").await;
    assert_eq!(
        named(&limits["limits"], "setting", "max.connections")["refused"],
        Value::Null
    );
}

#[tokio::test]
async fn connections_with_their_calls_and_bytes() {
    let serving = serving(&[]);
    let Serving { harness, admin, .. } = &serving;
    let mut clients = [harness.client().await, harness.client().await];
    for (client, calls) in clients.iter_mut().zip([1, 3]) {
        for _ in 0..calls {
            assert_eq!(client.get("store_v3", 0, SECRET_KEY).await.error_code, OK);
        }
    }
    let seen = admin.see("/connections").await;
    assert_eq!((&seen["total"], &seen["accepted"]), (&json!(2), &json!(2)));
    let connections = seen["connections"].as_array().unwrap();
    let calls: u64 = connections
        .iter()
        .map(|one| one["calls"].as_u64().unwrap())
        .sum();
    assert_eq!((connections.len(), calls), (2, 4));
    for one in connections {
        assert!(one["peer"].as_str().unwrap().starts_with("127.0.0.1:"));
        assert_eq!(
            (&one["encrypted"], &one["certificate"]),
            (&json!(false), &Value::Null)
        );
        assert!(one["age_seconds"].as_f64().unwrap() >= 0.0);
        assert!(one["bytes_taken"].as_u64().unwrap() > 0);
    }
    let seen = admin.see("/connections?limit=1").await;
    assert_eq!(
        (
            &seen["total"],
            seen["connections"].as_array().unwrap().len()
        ),
        (&json!(2), 1)
    );
    let told = admin.get("/connections?limit=many").await;
    assert_eq!(
        (told.status, &*told.error()),
        (400, "limit is \"many\"; give a whole number")
    );
}

#[tokio::test]
async fn limits_with_what_is_in_use_and_was_refused() {
    let settings = [
        "max.connections",
        "3",
        "max.connections.per.address",
        "2",
        "max.batch.keys",
        "1",
    ];
    let serving = serving(&settings);
    let Serving { harness, admin, .. } = &serving;
    let mut clients = [harness.client().await, harness.client().await];
    for client in &mut clients {
        let keys = [(0, SECRET_KEY), (1, &b"another"[..])];
        assert_ne!(client.batch_get("store_v3", &keys).await.error_code, OK);
    }
    // Both had calls, so nobody gives way to a third.
    let address = harness.address();
    let closed = spawn_blocking(move || {
        use std::io::Read;
        let mut third = std::net::TcpStream::connect(address).unwrap();
        third.set_read_timeout(Some(HANG)).unwrap();
        third.read(&mut [0]).map_or(0, |read| read)
    });
    assert_eq!(closed.await.unwrap(), 0);
    let seen = admin.see("/limits").await;
    let limit = |setting: &str| {
        let limit = named(&seen["limits"], "setting", setting);
        (
            limit["value"].clone(),
            limit["in_use"].clone(),
            limit["refused"].clone(),
        )
    };
    assert_eq!(limit("max.connections"), (json!(3), json!(2), json!(0)));
    assert_eq!(
        limit("max.connections.per.address"),
        (json!(2), json!(2), json!(1))
    );
    assert_eq!(limit("max.batch.keys"), (json!(1), Value::Null, json!(2)));
    assert_eq!(limit("max.concurrent.streams").0, 1000);
    assert_eq!(limit("max.request.bytes").0, 4 * 1024 * 1024);
    assert_eq!(limit("max.header.bytes").0, 16 * 1024);
    assert_eq!(limit("receive.timeout.ms").0, 10_000);
    // Every setting that sounds like a limit of clients is there.
    let config = admin.see("/config").await;
    let is_limit = |name: &str| {
        let others = ["metrics.otlp", "traces.", "files."];
        let of_clients = !others.iter().any(|part| name.starts_with(part));
        of_clients
            && (name.contains("max.") || name.contains("timeout") || name.contains("deadline"))
    };
    let settings = config["settings"].as_array().unwrap().iter();
    let names = settings.map(|setting| setting["name"].as_str().unwrap());
    let names: Vec<&str> = names.filter(|name| is_limit(name)).collect();
    assert!(names.len() > 15, "{names:?}");
    for name in names {
        named(&seen["limits"], "setting", name);
    }
    let (bound, held, refused) = limit("max.client.bytes");
    assert!(bound.as_u64().unwrap() > held.as_u64().unwrap());
    assert_eq!(refused, 0);
}

#[tokio::test]
async fn quotas_with_what_became_of_requests() {
    let serving = serving(&[]);
    let Serving { harness, admin, .. } = &serving;
    let quota = harness.server.quota();
    quota.set_node(1000).unwrap();
    quota.set_store_version("store_v3", 10, 0.5).unwrap();
    quota.disable("open_v1").unwrap();
    let mut client = harness.client().await;
    assert_eq!(client.get("store_v3", 0, SECRET_KEY).await.error_code, OK);
    assert_ne!(client.get("nobodys_v1", 0, SECRET_KEY).await.error_code, OK);
    let seen = admin.see("/quota").await;
    assert_eq!(seen["node"]["rcu_per_second"], 1000);
    let versions = &seen["store_versions"];
    let limited = named(versions, "name", "store_v3");
    assert_eq!(limited["rcu_per_second"], 5);
    assert_eq!(
        limited["outcomes"],
        json!({"allowed": {"requests": 1, "keys": 1}})
    );
    assert_eq!(named(versions, "name", "open_v1")["enforced"], false);
    let others = &seen["without_quota"]["outcomes"];
    assert_eq!(others["unknown_store"]["requests"], 1);
}

#[tokio::test]
async fn what_is_off_says_so() {
    let serving = serving(&[]);
    let Serving { admin, .. } = &serving;
    assert_eq!(admin.see("/access").await, json!({"enabled": false}));
    assert_eq!(
        admin.see("/certificates").await,
        json!({"tls": false, "certificates": [], "admin_port": null})
    );
}

#[tokio::test]
async fn settings_with_their_values_and_without_secrets() {
    let serving = serving(&["metrics.otlp.headers", "token=geheim", "drain.ms", "500"]);
    let Serving { admin, .. } = &serving;
    let told = admin.get("/config").await;
    assert!(!told.body.contains("geheim"));
    let seen = told.json();
    let setting = |name: &str| named(&seen["settings"], "name", name).clone();
    let drain = setting("drain.ms");
    assert_eq!(
        (&drain["value"], &drain["default"]),
        (&json!("500"), &json!("10000"))
    );
    assert_eq!(
        (&drain["changes"], &drain["unit"]),
        (&json!("running"), &json!("milliseconds"))
    );
    assert_eq!(drain["bounds"], json!([0, 86_400_000]));
    assert_eq!(setting("port")["changes"], "at start");
    assert_eq!(setting("metrics.otlp.headers")["value"], "***");
    assert_eq!(setting("tls.key.store.password")["value"], Value::Null);
    let words = json!(["off", "http2", "all"]);
    assert_eq!(setting("http.requests")["words"], words);
}

#[tokio::test]
async fn metrics_as_prometheus_reads_them() {
    let serving = serving(&[]);
    let Serving { harness, admin, .. } = &serving;
    let mut client = harness.client().await;
    assert_eq!(client.get("store_v3", 0, SECRET_KEY).await.error_code, OK);
    let told = admin.get("/metrics").await;
    assert!(
        told.head
            .contains("content-type: text/plain; version=0.0.4"),
        "{}",
        told.head
    );
    assert!(told
        .body
        .contains("\nvenice_server_connection_active_count{"));
    assert!(told.body.contains("service_name=\"venice-server\""));
    let open_metrics = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\
                        Accept: application/openmetrics-text; version=1.0.0\r\n\r\n";
    assert!(admin.send(open_metrics).await.body.ends_with("# EOF\n"));
}

#[tokio::test]
async fn slow_requests_with_what_they_waited_for() {
    let serving = serving(&["slow.log.threshold.us", "1"]);
    let Serving { harness, admin, .. } = &serving;
    let mut client = harness.client().await;
    assert_eq!(client.get("store_v3", 0, SECRET_KEY).await.error_code, OK);
    // It is kept a moment after the client has it.
    let mut seen = admin.see("/slow").await;
    while seen["requests"].as_array().unwrap().is_empty() {
        seen = admin.see("/slow").await;
    }
    let slow = &seen["requests"][0];
    assert_eq!(slow["store_version"], "store_v3", "{seen}");
    let sequence = slow["sequence"].as_u64().unwrap();
    let seen = admin.see(&format!("/slow?after={sequence}")).await;
    assert_eq!(seen["requests"], json!([]));
}

#[tokio::test]
async fn the_page_and_its_files() {
    let serving = serving(&[]);
    let Serving { admin, .. } = &serving;
    for (path, kind) in [
        ("/", "text/html"),
        ("/page.css", "text/css"),
        ("/page.js", "text/javascript"),
    ] {
        let told = admin.get(path).await;
        assert_eq!(told.status, 200, "{path}");
        let head = &told.head;
        assert!(
            head.contains(&format!("content-type: {kind}; charset=utf-8")),
            "{head}"
        );
        assert!(
            head.contains("content-security-policy: default-src 'none'; "),
            "{head}"
        );
        assert!(!told.body.contains("://"), "{path} leads elsewhere");
    }
}

#[tokio::test]
async fn no_key_and_no_value_is_shown_anywhere() {
    let serving = serving(&[]);
    let Serving { harness, admin, .. } = &serving;
    let mut client = harness.client().await;
    for partition in [0, 1] {
        client.get("store_v3", partition, SECRET_KEY).await;
        let keys: [(u32, &[u8]); 2] = [(0, SECRET_KEY), (1, SECRET_KEY)];
        client.batch_get("store_v3", &keys).await;
    }
    let session = HotKeysSession {
        duration: LONGEST,
        shows_keys: true,
    };
    harness.server.hot_keys().start(session).unwrap();
    client.get("store_v3", 0, SECRET_KEY).await;
    assert_eq!(admin.see("/hotkeys").await["reads"], 1);
    for view in VIEWS {
        let told = admin.get(view).await;
        assert_eq!(told.status, 200, "{view}");
        for secret in [SECRET_KEY, SECRET_VALUE] {
            let secret = std::str::from_utf8(secret).unwrap();
            assert!(!told.body.contains(secret), "{view}");
        }
    }
}

#[tokio::test]
async fn requests_that_are_none_are_refused() {
    let serving = serving(&[]);
    let Serving { admin, .. } = &serving;
    let told = admin.get("/nothing").await;
    assert_eq!(told.status, 404);
    assert!(
        told.error().starts_with("there is nothing here; there is "),
        "{}",
        told.error()
    );
    for (method, path) in [
        ("POST", "/status"),
        ("GET", "/drain"),
        ("DELETE", "/config"),
    ] {
        let told = admin
            .send(&format!(
                "{method} {path} HTTP/1.1\r\nHost: localhost\r\n\r\n"
            ))
            .await;
        assert_eq!(told.status, 405, "{method} {path}");
        assert!(told.head.contains("\r\nallow: "), "{}", told.head);
    }
    let head = admin
        .send("HEAD /status HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    assert_eq!((head.status, &*head.body), (200, ""));
    // Each request names its host, once.
    for hosts in ["", "Host: localhost\r\nHost: evil.example\r\n"] {
        let request = format!("GET /status HTTP/1.1\r\n{hosts}\r\n");
        let told = admin.send(&request).await;
        assert!(
            told.status == 400 && told.error().starts_with("the field Host is "),
            "{told:?}"
        );
    }
    // A page that has its name lead here.
    let told = admin
        .send("GET /status HTTP/1.1\r\nHost: evil.example\r\n\r\n")
        .await;
    assert_eq!(told.status, 421);
    // A page of somebody else.
    for header in ["Origin: http://evil.example", "Sec-Fetch-Site: cross-site"] {
        let post = format!(
            "POST /undrain HTTP/1.1\r\nHost: localhost:1\r\n{header}\r\nContent-Type: application/json\r\n\
             Content-Length: 2\r\n\r\n{{}}"
        );
        assert_eq!(admin.send(&post).await.status, 403, "{header}");
    }
    let form = "POST /undrain HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(admin.send(form).await.status, 415);
    for body in [
        "[]",
        "{",
        "null",
        "{\"bound\": 1}",
        "{\"bound_ms\": -1}",
        "{\"end\": 1}",
    ] {
        let told = admin.post("/drain", body).await;
        assert_eq!(told.status, 400, "{body}: {told:?}");
        assert!(!told.error().is_empty());
    }
    assert_eq!(admin.see("/status").await["phase"], "serving");
}

#[test]
fn a_socket_that_is_taken_keeps_a_server_from_starting() {
    let admin = AdminSocket::default();
    let settings = ["bind.address", "127.0.0.1"];
    let start = || {
        let config = Config::from_pairs(&[&settings[..], &admin.setting()].concat()).unwrap();
        Server::start(config, Registry::new())
    };
    let first = start().unwrap();
    let error = start().err().unwrap().to_string();
    assert!(error.contains("is in use by another server"), "{error}");
    first.stop(HANG);
    drop(start().unwrap());
}
