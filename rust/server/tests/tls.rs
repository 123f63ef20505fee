//! TLS: whom the server shows itself to be, whom it lets in, and how it changes both while it runs.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;

use harness::key_stores::{Files, TlsClient, SERVER};
use harness::{store, Harness, HANG};
use tokio::io::AsyncReadExt;
use venice_engine::testing::TestStoreVersion;
use venice_engine::Registry;

struct Served {
    files: Files,
    _store: TestStoreVersion,
    registry: Arc<Registry>,
}

fn served() -> Served {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    Served {
        files: Files::new(),
        _store: store,
        registry,
    }
}

impl Served {
    /// Starts a server; values that name a key store become its path.
    fn start(&self, settings: &[&str]) -> Harness {
        let paths = ["tls.key.store", "tls.private.key", "tls.trust.store"];
        let mut given: Vec<String> = Vec::new();
        for pair in settings.chunks(2) {
            given.push(pair[0].to_owned());
            given.push(if paths.contains(&pair[0]) {
                self.files.setting(pair[1])
            } else {
                pair[1].to_owned()
            });
        }
        let given: Vec<&str> = given.iter().map(String::as_str).collect();
        Harness::start(&self.registry, &given)
    }
}

#[tokio::test]
async fn the_key_may_be_in_any_kind_of_pem() {
    let served = served();
    for settings in [
        &[
            "tls.key.store",
            "server.pem",
            "tls.private.key",
            "server-key.pem",
        ][..],
        &[
            "tls.key.store",
            "server.pem",
            "tls.private.key",
            "server-key-sec1.pem",
        ],
        &["tls.key.store", "server-both.pem"],
        &[
            "tls.key.store",
            "server-both.pem",
            "tls.key.store.type",
            "pem",
        ],
    ] {
        let server = served.start(&[settings, &["tls.client.auth", "none"]].concat());
        assert_eq!(
            TlsClient::ANONYMOUS.read(server.address()).await,
            Ok(()),
            "{settings:?}"
        );
    }
    // And the client checks: this server is not of the other authority.
    let settings = [
        "tls.key.store",
        "kind-ed25519.pem",
        "tls.private.key",
        "kind-ed25519-key.pem",
        "tls.client.auth",
        "none",
    ];
    let server = served.start(&settings);
    assert!(TlsClient::ANONYMOUS.read(server.address()).await.is_err());
}

/// Kinds that ring signs with, and P-521 and RSASSA-PSS, which it does not know as such.
#[tokio::test]
async fn servers_have_keys_of_many_kinds() {
    let served = served();
    for (kind, key) in [
        ("kind-ed25519.pem", "kind-ed25519-key.pem"),
        ("kind-p384.pem", "kind-p384-key.pem"),
        ("kind-p521.pem", "kind-p521-key.pem"),
        ("kind-p521.pem", "kind-p521-key-sec1.pem"),
        ("kind-pss.pem", "kind-pss-key.pem"),
    ] {
        let settings = [
            "tls.key.store",
            kind,
            "tls.private.key",
            key,
            "tls.client.auth",
            "none",
        ];
        let server = served.start(&settings);
        let client = TlsClient {
            trust: kind,
            ..TlsClient::ANONYMOUS
        };
        assert_eq!(client.read(server.address()).await, Ok(()), "{key}");
    }
    // A key for one hash alone; the client of this test knows the form for any hash.
    let settings = [
        "tls.key.store",
        "kind-pss-sha384.pem",
        "tls.private.key",
        "kind-pss-sha384-key.pem",
        "tls.client.auth",
        "none",
    ];
    drop(served.start(&settings));
}

#[tokio::test]
async fn a_client_needs_a_certificate_that_the_server_trusts() {
    let served = served();
    let server = served.start(&[&SERVER[..], &["tls.trust.store", "ca.pem"]].concat());
    let address = server.address();
    assert_eq!(TlsClient::with("client").read(address).await, Ok(()));
    for refused in ["stranger", "expired"] {
        assert!(
            TlsClient::with(refused).read(address).await.is_err(),
            "{refused}"
        );
    }
    assert!(TlsClient::ANONYMOUS.read(address).await.is_err());
    // The others do not suffer.
    assert_eq!(TlsClient::with("client").read(address).await, Ok(()));
    // A certificate signed by itself may be trusted by itself.
    let server = served.start(&[&SERVER[..], &["tls.trust.store", "stranger.pem"]].concat());
    assert_eq!(
        TlsClient::with("stranger").read(server.address()).await,
        Ok(())
    );
    assert!(TlsClient::with("client")
        .read(server.address())
        .await
        .is_err());
}

#[tokio::test]
async fn an_optional_certificate_is_checked_if_there_is_one() {
    let served = served();
    let optional = ["tls.trust.store", "ca.pem", "tls.client.auth", "optional"];
    let server = served.start(&[&SERVER[..], &optional].concat());
    assert_eq!(TlsClient::ANONYMOUS.read(server.address()).await, Ok(()));
    assert_eq!(
        TlsClient::with("client").read(server.address()).await,
        Ok(())
    );
    assert!(TlsClient::with("stranger")
        .read(server.address())
        .await
        .is_err());
}

#[tokio::test]
async fn who_does_not_speak_h2_by_alpn_is_refused() {
    let served = served();
    let server = served.start(&[&SERVER[..], &["tls.client.auth", "none"]].concat());
    let others: [&[&[u8]]; 2] = [&[], &[b"http/1.1"]];
    for alpn in others {
        let client = TlsClient {
            alpn,
            ..TlsClient::ANONYMOUS
        };
        assert!(client.read(server.address()).await.is_err(), "{alpn:?}");
    }
    // Neither does HTTP/2 without TLS get an answer.
    let address = server.address();
    tokio::task::spawn_blocking(move || {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(HANG)).unwrap();
        stream
            .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            .unwrap();
        // An alert, then the end.
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer));
        assert_eq!(answer.first(), Some(&21));
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn only_the_versions_allowed_are_spoken() {
    let served = served();
    let tls12 = || {
        let mut config = TlsClient::ANONYMOUS.config();
        let versions = rustls::ClientConfig::builder_with_provider(Arc::new(
            rustls::crypto::ring::default_provider(),
        ))
        .with_protocol_versions(&[&rustls::version::TLS12])
        .unwrap();
        let mut roots = rustls::RootCertStore::empty();
        let ca =
            rustls::pki_types::pem::PemObject::from_pem_slice(harness::key_stores::bytes("ca.pem"));
        roots.add(ca.unwrap()).unwrap();
        let alpn = std::mem::take(&mut config.alpn_protocols);
        config = versions.with_root_certificates(roots).with_no_client_auth();
        config.alpn_protocols = alpn;
        config
    };
    let shakes_hands = |address: SocketAddr| async move {
        let tcp = tokio::net::TcpStream::connect(address).await.unwrap();
        let name = "localhost".try_into().unwrap();
        let connector = tokio_rustls::TlsConnector::from(Arc::new(tls12()));
        connector.connect(name, tcp).await.is_ok()
    };
    let none = ["tls.client.auth", "none"];
    let server = served.start(&[&SERVER[..], &none].concat());
    assert!(shakes_hands(server.address()).await);
    let server = served.start(&[&SERVER[..], &none, &["tls.min.version", "1.3"]].concat());
    assert!(!shakes_hands(server.address()).await);
    assert_eq!(TlsClient::ANONYMOUS.read(server.address()).await, Ok(()));
}

#[tokio::test]
async fn silent_connections_hold_up_nobody_and_are_closed_in_time() {
    let served = served();
    let settings = ["tls.client.auth", "none", "handshake.timeout.ms", "100"];
    let server = served.start(&[&SERVER[..], &settings].concat());
    let address = server.address();
    let mut silent = Vec::new();
    for _ in 0..50 {
        silent.push(tokio::net::TcpStream::connect(address).await.unwrap());
    }
    // And one that shakes hands, and then says nothing.
    let mut shaken = TlsClient::ANONYMOUS.connect(address).await.unwrap();
    assert_eq!(TlsClient::ANONYMOUS.read(address).await, Ok(()));
    for mut stream in silent {
        let mut answer = [0; 100];
        let end = tokio::time::timeout(HANG, stream.read(&mut answer))
            .await
            .unwrap();
        assert!(matches!(end, Ok(0) | Err(_)));
    }
    let mut answer = [0; 100];
    let end = tokio::time::timeout(HANG, shaken.read(&mut answer))
        .await
        .unwrap();
    assert!(matches!(end, Ok(0) | Err(_)));
}
