//! TLS: whom the server shows itself to be, whom it lets in, and how it changes both while it runs.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::Arc;

use harness::http2::{framed, grpc, Http2, GET};
use harness::key_stores::{Files, TlsClient, PASSWORD};
use harness::{get_request, store, Harness, HANG};
use prost::Message;
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

/// Reads over a new connection; an error where the server does not want the client.
async fn read(client: &TlsClient, address: SocketAddr) -> Result<(), String> {
    let stream = client
        .connect(address)
        .await
        .map_err(|error| error.to_string())?;
    let (requests, connection) = h2::client::handshake(stream)
        .await
        .map_err(|error| error.to_string())?;
    let connection = tokio::spawn(connection);
    let answered = async {
        let mut requests = requests.ready().await?;
        let (response, mut stream) = requests.send_request(grpc(GET), false)?;
        let message = framed(0, &get_request("store_v1", 0, b"key").encode_to_vec());
        stream.send_data(message.into(), true)?;
        let mut body = response.await?.into_body();
        while let Some(data) = body.data().await {
            data?;
        }
        body.trailers().await
    };
    let trailers = answered.await.map_err(|error: h2::Error| error.to_string());
    connection.abort();
    assert_eq!(trailers?.unwrap()["grpc-status"], "0");
    Ok(())
}

/// The certificate that the server shows.
async fn shown(address: SocketAddr) -> Vec<u8> {
    let stream = TlsClient::ANONYMOUS.connect(address).await.unwrap();
    stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

#[tokio::test]
async fn the_key_may_be_in_any_kind_of_file() {
    let served = served();
    let both = [
        harness::key_stores::bytes("server-key.pem"),
        harness::key_stores::bytes("server.pem"),
    ];
    served.files.write("both.pem", &both.concat());
    for settings in [
        &[
            "tls.key.store",
            "server.p12",
            "tls.key.store.password",
            PASSWORD,
        ][..],
        &[
            "tls.key.store",
            "server.jks",
            "tls.key.store.password",
            PASSWORD,
        ],
        &[
            "tls.key.store",
            "server-key-password.jks",
            "tls.key.store.password",
            PASSWORD,
            "tls.key.password",
            "another1",
        ],
        &[
            "tls.key.store",
            "server-key-password.jks",
            "tls.key.password",
            "another1",
        ],
        &[
            "tls.key.store",
            "server-legacy.p12",
            "tls.key.store.password",
            PASSWORD,
        ],
        &[
            "tls.key.store",
            "server-openssl.p12",
            "tls.key.store.password",
            PASSWORD,
        ],
        &[
            "tls.key.store",
            "server-openssl-legacy.p12",
            "tls.key.store.password",
            PASSWORD,
        ],
        &[
            "tls.key.store",
            "two-keys.p12",
            "tls.key.store.password",
            PASSWORD,
            "tls.key.alias",
            "SERVER",
        ],
        &[
            "tls.key.store",
            "server.pem",
            "tls.private.key",
            "server-key.pem",
        ],
        &[
            "tls.key.store",
            "server.pem",
            "tls.private.key",
            "server-key-sec1.pem",
        ],
        &["tls.key.store", "both.pem"],
    ] {
        let server = served.start(&[settings, &["tls.client.auth", "none"]].concat());
        assert_eq!(
            read(&TlsClient::ANONYMOUS, server.address()).await,
            Ok(()),
            "{settings:?}"
        );
    }
    let server = served.start(&[
        "tls.key.store",
        "rsa.p12",
        "tls.key.store.password",
        PASSWORD,
        "tls.client.auth",
        "none",
    ]);
    let client = TlsClient {
        trust: "rsa.pem",
        ..TlsClient::ANONYMOUS
    };
    assert_eq!(read(&client, server.address()).await, Ok(()));
    // And the client checks: this server is not of the other authority.
    assert!(read(&TlsClient::ANONYMOUS, server.address()).await.is_err());
}

const SERVER: [&str; 4] = [
    "tls.key.store",
    "server.p12",
    "tls.key.store.password",
    PASSWORD,
];

#[tokio::test]
async fn a_client_needs_a_certificate_that_the_server_trusts() {
    let served = served();
    for (trust, password) in [
        ("trust.jks", Some(PASSWORD)),
        ("trust.jks", None),
        ("trust.p12", Some(PASSWORD)),
        ("trust-openssl.p12", Some(PASSWORD)),
        ("ca.pem", None),
    ] {
        let mut settings = [&SERVER[..], &["tls.trust.store", trust]].concat();
        if let Some(password) = password {
            settings.extend(["tls.trust.store.password", password]);
        }
        let server = served.start(&settings);
        let address = server.address();
        assert_eq!(
            read(&TlsClient::with("client"), address).await,
            Ok(()),
            "{trust}"
        );
        for refused in ["stranger", "expired"] {
            assert!(
                read(&TlsClient::with(refused), address).await.is_err(),
                "{trust}: {refused}"
            );
        }
        assert!(
            read(&TlsClient::ANONYMOUS, address).await.is_err(),
            "{trust}: no certificate"
        );
        // The others do not suffer.
        assert_eq!(
            read(&TlsClient::with("client"), address).await,
            Ok(()),
            "{trust}"
        );
    }
    // A certificate signed by itself may be trusted by itself.
    let server = served.start(&[&SERVER[..], &["tls.trust.store", "stranger.pem"]].concat());
    assert_eq!(
        read(&TlsClient::with("stranger"), server.address()).await,
        Ok(())
    );
    assert!(read(&TlsClient::with("client"), server.address())
        .await
        .is_err());
}

#[tokio::test]
async fn an_optional_certificate_is_checked_if_there_is_one() {
    let served = served();
    let optional = ["tls.trust.store", "ca.pem", "tls.client.auth", "optional"];
    let server = served.start(&[&SERVER[..], &optional].concat());
    assert_eq!(read(&TlsClient::ANONYMOUS, server.address()).await, Ok(()));
    assert_eq!(
        read(&TlsClient::with("client"), server.address()).await,
        Ok(())
    );
    assert!(read(&TlsClient::with("stranger"), server.address())
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
        assert!(read(&client, server.address()).await.is_err(), "{alpn:?}");
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
    assert_eq!(read(&TlsClient::ANONYMOUS, server.address()).await, Ok(()));
}

#[tokio::test]
async fn a_new_certificate_is_shown_after_a_reload_and_old_connections_stay() {
    let served = served();
    served
        .files
        .write("server.p12", harness::key_stores::bytes("server.p12"));
    let server = served.start(
        &[
            &SERVER[..],
            &["tls.client.auth", "none", "tls.reload.ms", "0"],
        ]
        .concat(),
    );
    let address = server.address();
    let before = shown(address).await;
    let mut old = Http2::over(TlsClient::ANONYMOUS.connect(address).await.unwrap()).await;

    // What cannot be used changes nothing.
    served.files.write("server.p12", b"not yet whole");
    let error = server.server.reload_tls().unwrap_err().to_string();
    let path = served.files.setting("server.p12");
    assert_eq!(
        error,
        format!(
            "cannot use {path} (setting tls.key.store): the file is neither PEM nor a Java key \
             store (JKS) nor PKCS#12"
        )
    );
    assert_eq!(shown(address).await, before);

    served
        .files
        .write("server.p12", harness::key_stores::bytes("second.p12"));
    assert_eq!(shown(address).await, before, "nobody said to reload");
    server.server.reload_tls().unwrap();
    let after = shown(address).await;
    assert_ne!(after, before);
    let message = framed(0, &get_request("store_v1", 0, b"key").encode_to_vec());
    assert_eq!(old.call(grpc(GET), &message).await.status(), ("0", ""));

    let plain = Harness::start(&served.registry, &[]);
    let error = plain.server.reload_tls().unwrap_err().to_string();
    assert!(
        error.starts_with("the server speaks plain HTTP/2"),
        "{error}"
    );
}

#[tokio::test]
async fn changed_files_are_noticed() {
    let served = served();
    let trust = ["tls.trust.store", "trust.jks", "tls.reload.ms", "5"];
    let server = served.start(&[&SERVER[..], &trust].concat());
    let address = server.address();
    assert_eq!(read(&TlsClient::with("client"), address).await, Ok(()));
    assert!(read(&TlsClient::with("stranger"), address).await.is_err());
    let before = shown(address).await;

    served
        .files
        .write("trust.jks", harness::key_stores::bytes("stranger.pem"));
    served
        .files
        .write("server.p12", harness::key_stores::bytes("second.p12"));
    let noticed = async {
        while shown(address).await == before
            || read(&TlsClient::with("stranger"), address).await.is_err()
        {}
    };
    tokio::time::timeout(HANG, noticed).await.unwrap();
    assert!(read(&TlsClient::with("client"), address).await.is_err());
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
    assert_eq!(read(&TlsClient::ANONYMOUS, address).await, Ok(()));
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
