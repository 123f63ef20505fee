//! The admin port: TLS of its own, rights by the names of certificates, and clients that mean no good.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use harness::admin::{AdminSocket, Told};
use harness::key_stores::{both, Files, TlsClient};
use harness::{store, Harness, HANG, OK};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use venice_engine::testing::TestStoreVersion;
use venice_engine::Registry;
use venice_server::{Config, Server};

const KEY: &[u8] = b"a-key-of-somebody";

struct Serving {
    harness: Harness,
    files: Files,
    _store: TestStoreVersion,
}

/// The settings of a port that shows itself as `server`, and believes certificates of the CA.
fn port_settings(files: &Files) -> Vec<String> {
    let pairs = [
        ("admin.port", "0".to_owned()),
        ("admin.tls.key.store", files.setting("server-both.pem")),
        ("admin.tls.trust.store", files.setting("ca.pem")),
        ("tls.reload.ms", "10".to_owned()),
    ];
    let pairs = pairs.into_iter();
    pairs
        .flat_map(|(name, value)| [name.to_owned(), value])
        .collect()
}

fn serving(settings: &[&str]) -> Serving {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, KEY, 1, b"payload");
    let files = Files::new();
    let port = port_settings(&files);
    let port: Vec<&str> = port.iter().map(String::as_str).collect();
    let harness = Harness::start(&registry, &[&port[..], settings].concat());
    Serving {
        harness,
        files,
        _store: store,
    }
}

fn client(certificate: &'static str) -> TlsClient {
    TlsClient {
        alpn: &[b"http/1.1"],
        ..TlsClient::with(certificate)
    }
}

impl Serving {
    fn port(&self) -> SocketAddr {
        self.harness.server.admin_address().unwrap()
    }

    /// What a client is told; none if it is not let in.
    async fn send(&self, client: &TlsClient, request: &str) -> Option<Told> {
        let answered = async {
            let mut stream = client.connect(self.port()).await.ok()?;
            stream.write_all(request.as_bytes()).await.ok()?;
            let mut text = String::new();
            stream.read_to_string(&mut text).await.ok()?;
            let (head, body) = text.split_once("\r\n\r\n")?;
            Some(Told {
                status: head.split(' ').nth(1)?.parse().ok()?,
                head: head.to_owned(),
                body: body.to_owned(),
            })
        };
        timeout(HANG, answered).await.unwrap()
    }

    async fn get(&self, certificate: &'static str, target: &str) -> Told {
        let request = format!("GET {target} HTTP/1.1\r\nHost: admin.example:1\r\n\r\n");
        self.send(&client(certificate), &request).await.unwrap()
    }

    async fn post(&self, certificate: &'static str, target: &str, body: &str) -> Told {
        let length = body.len();
        let request = format!(
            "POST {target} HTTP/1.1\r\nHost: admin.example\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        );
        self.send(&client(certificate), &request).await.unwrap()
    }
}

#[tokio::test]
async fn certificates_have_the_rights_of_their_names() {
    let rights = [
        "admin.port.view",
        "CN=client, DNS:nobody.example",
        "admin.port.change",
        "CN=second",
    ];
    let serving = serving(&rights);
    for (certificate, may_change) in [("client", false), ("second", true)] {
        let seen = serving.get(certificate, "/status").await;
        assert_eq!(seen.status, 200, "{seen:?}");
        assert_eq!(seen.json()["phase"], "serving");
        assert_eq!(serving.get(certificate, "/").await.status, 200);
        for (path, body, done) in [
            ("/config", r#"{"setting": "drain.ms", "value": 7}"#, 200),
            ("/hotkeys", r#"{"duration_ms": 3600000}"#, 200),
            ("/hotkeys/stop", "{}", 200),
            ("/undrain", "{}", 409),
        ] {
            let told = serving.post(certificate, path, body).await;
            assert_eq!(
                told.status,
                if may_change { done } else { 403 },
                "{path}: {told:?}"
            );
            if !may_change {
                let text = "admin.port.change does not name this client, whose certificate is that of CN=client";
                assert_eq!(told.error(), text);
            }
        }
    }
    // A page of somebody else has the browser of an operator ask.
    let foreign =
        "POST /undrain HTTP/1.1\r\nHost: admin.example\r\nOrigin: https://evil.example\r\n\
                   Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
    assert_eq!(
        serving
            .send(&client("second"), foreign)
            .await
            .unwrap()
            .status,
        403
    );
}

#[tokio::test]
async fn to_be_signed_by_the_same_is_no_right() {
    let serving = serving(&["admin.port.change", "CN=second"]);
    for told in [
        serving.get("client", "/status").await,
        serving.get("client", "/").await,
        serving.get("client", "/nothing").await,
        serving.post("client", "/drain", "{}").await,
    ] {
        assert_eq!(told.status, 403);
        let text =
            "admin.port.view does not name this client, whose certificate is that of CN=client";
        assert_eq!(told.error(), text);
    }
    let seen = serving.get("second", "/status").await;
    assert_eq!(seen.json()["phase"], "serving");
}

#[tokio::test]
async fn keys_are_a_right_of_their_own() {
    let rights = [
        "admin.port.change",
        "CN=client,CN=second",
        "admin.port.keys",
        "CN=client",
    ];
    let serving = serving(&rights);
    let with_keys = r#"{"duration_ms": 3600000, "show_keys": true}"#;
    let told = serving.post("second", "/hotkeys", with_keys).await;
    assert_eq!(told.status, 403, "{told:?}");
    assert!(told
        .error()
        .starts_with("admin.port.keys does not name this client"));
    let told = serving.post("client", "/hotkeys", with_keys).await;
    assert_eq!(told.status, 200, "{told:?}");
    let mut reader = serving.harness.client().await;
    assert_eq!(reader.get("store_v1", 0, KEY).await.error_code, OK);
    let shown = std::str::from_utf8(KEY).unwrap();
    let seen = serving.get("client", "/hotkeys").await;
    assert_eq!(seen.json()["keys"][0]["key"], shown);
    let seen = serving.get("second", "/hotkeys").await;
    assert_eq!(seen.json()["keys"][0]["reads"], 1);
    assert!(!seen.body.contains(shown), "{seen:?}");
}

#[tokio::test]
async fn who_has_no_certificate_that_is_trusted_is_not_let_in() {
    let serving = serving(&["admin.port.view", "*"]);
    let ask = "GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let with_alpn = |client: TlsClient, alpn| TlsClient { alpn, ..client };
    for (what, stranger) in [
        ("none", with_alpn(TlsClient::ANONYMOUS, &[b"http/1.1"])),
        ("of another signer", client("stranger")),
        ("expired", client("expired")),
        ("for HTTP/2", with_alpn(TlsClient::with("client"), &[b"h2"])),
    ] {
        assert!(serving.send(&stranger, ask).await.is_none(), "{what}");
    }
    let plain = serving.port();
    let said = spawn_blocking(move || {
        let mut all = Vec::new();
        for words in [ask.as_bytes(), b"\x16\x03\x01\xff\xff", &[0; 5000], b""] {
            let mut stream = TcpStream::connect(plain).unwrap();
            stream.set_read_timeout(Some(HANG)).unwrap();
            let _ = stream.write_all(words);
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let _ = stream.read_to_end(&mut all);
        }
        all
    });
    let said = said.await.unwrap();
    assert!(!said.windows(4).any(|four| four == b"HTTP"), "{said:?}");
    // A client without ALPN is one of HTTP/1.1, and `*` is all that are signed.
    let simple = with_alpn(TlsClient::with("second"), &[]);
    assert_eq!(serving.send(&simple, ask).await.unwrap().status, 200);
}

#[tokio::test]
async fn those_who_only_connect_keep_nobody_out_for_long() {
    let socket = AdminSocket::default();
    let [name, path] = socket.setting();
    let serving = serving(&["admin.port.view", "*", name, path]);
    let address = serving.port();
    let held = spawn_blocking(move || {
        let held: Vec<TcpStream> = (0..64)
            .map(|_| TcpStream::connect(address).unwrap())
            .collect();
        // One more than are waited for is hung up on.
        let mut more = TcpStream::connect(address).unwrap();
        more.set_read_timeout(Some(HANG)).unwrap();
        assert_eq!(more.read(&mut [0]).unwrap_or(0), 0);
        held
    });
    let held = held.await.unwrap();
    // The socket has room of its own.
    assert_eq!(socket.see("/status").await["phase"], "serving");
    drop(held);
    let ask = "GET /status HTTP/1.1\r\nHost: localhost\r\n\r\n";
    // The server sees their ends a moment later.
    let answered = async {
        loop {
            if let Some(told) = serving.send(&client("client"), ask).await {
                return told.status;
            }
        }
    };
    assert_eq!(timeout(HANG, answered).await.unwrap(), 200);
}

#[tokio::test]
async fn a_certificate_that_was_replaced_is_shown() {
    let serving = serving(&["admin.port.view", "*"]);
    let before = client("client").shown(serving.port()).await;
    serving.files.write("server-both.pem", &both("second"));
    let replaced = async { while client("client").shown(serving.port()).await == before {} };
    timeout(HANG, replaced).await.unwrap();
    assert_eq!(serving.get("client", "/status").await.status, 200);
}

#[tokio::test]
async fn a_server_is_drained_there_and_the_port_ends_with_it() {
    let serving = serving(&["admin.port.change", "CN=second"]);
    let told = serving.post("second", "/drain", r#"{"quiet_ms": 1}"#).await;
    assert_eq!(
        (told.status, &told.json()["ended"]),
        (200, &json!(true)),
        "{told:?}"
    );
    assert_eq!(
        serving.get("second", "/status").await.json()["phase"],
        "ended"
    );
    let port = serving.port();
    let server = serving.harness.server;
    spawn_blocking(move || drop(server)).await.unwrap();
    assert!(TcpStream::connect(port).is_err());
}

#[tokio::test]
async fn operators_see_what_they_are_shown() {
    let serving = serving(&["admin.port.view", "*"]);
    let seen = serving.get("client", "/certificates").await.json();
    // Clients that read are not asked for certificates here.
    assert_eq!(seen["tls"], false);
    let port = &seen["admin_port"];
    assert_eq!(
        (&port["tls"], &port["generation"]),
        (&json!(true), &json!(0))
    );
    let own = &port["certificates"][0];
    assert_eq!(own["subject"], "CN=server", "{seen}");
    assert!(own["days_left"].as_f64().unwrap() > 0.0);
}

#[tokio::test]
async fn one_address_has_a_part_of_the_handshakes() {
    let serving = serving(&["admin.port.view", "*"]);
    let port = serving.port();
    // They say nothing, until the server hangs up on those that are too many.
    let quiet: Vec<TcpStream> = (0..8).map(|_| TcpStream::connect(port).unwrap()).collect();
    let too_many = spawn_blocking(move || {
        let mut stream = TcpStream::connect(port).unwrap();
        stream.set_read_timeout(Some(HANG)).unwrap();
        stream.read(&mut [0]).map_or(0, |read| read)
    });
    assert_eq!(too_many.await.unwrap(), 0);
    drop(quiet);
    // Those that went leave room.
    let request = "GET /status HTTP/1.1\r\nHost: a\r\n\r\n";
    let again = async { while serving.send(&client("client"), request).await.is_none() {} };
    timeout(HANG, again).await.unwrap();
}

#[test]
fn ports_that_cannot_be_keep_a_server_from_starting() {
    let files = Files::new();
    let start = |change: &[&str]| {
        let mut settings = port_settings(&files);
        settings.extend(["bind.address", "127.0.0.1", "admin.port.view", "*"].map(str::to_owned));
        settings.extend(change.iter().map(|part| (*part).to_owned()));
        let config = Config::from_pairs(&settings).unwrap();
        Server::start(config, Registry::new())
    };
    let refused = |change: &[&str]| start(change).err().unwrap().to_string();
    let nobody = refused(&["admin.port.view", " , "]);
    assert!(
        nobody.starts_with("admin.port is set, and no certificate is given a right; "),
        "{nobody}"
    );
    let missing = refused(&["admin.tls.trust.store", "/nowhere.pem"]);
    assert!(
        missing.contains("/nowhere.pem (setting admin.tls.trust.store)"),
        "{missing}"
    );
    let certificate_alone = files.setting("ca.pem");
    let keyless = refused(&["admin.tls.key.store", &certificate_alone]);
    assert!(
        keyless.contains("no private key; name the file that has it by admin.tls.private.key"),
        "{keyless}"
    );
    let first = start(&[]).unwrap();
    let port = first.admin_address().unwrap().port().to_string();
    let taken = refused(&["admin.port", &port]);
    assert!(
        taken.starts_with(&format!("cannot listen on 127.0.0.1:{port}: ")),
        "{taken}"
    );
    assert!(
        taken.contains("set admin.port and admin.bind.address"),
        "{taken}"
    );
    assert_eq!(start(&["admin.port", "-1"]).unwrap().admin_address(), None);
    let config = Config::from_pairs(&["bind.address", "127.0.0.1", "admin.port", "0"]).unwrap();
    let missing = Server::start(config, Registry::new())
        .err()
        .unwrap()
        .to_string();
    assert!(
        missing.starts_with("admin.port is set, and admin.tls.key.store is not; "),
        "{missing}"
    );
}
