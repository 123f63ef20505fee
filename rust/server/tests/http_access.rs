//! Requests over HTTP with TLS: by which protocol, and who may ask.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::net::SocketAddr;
use std::sync::mpsc::{channel, Receiver};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use harness::http2::{Answer, Http2};
use harness::key_stores::{Files, TlsClient};
use harness::{store, Harness, HANG};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use venice_engine::testing::TestStoreVersion;
use venice_engine::Registry;
use venice_server::internals::runtime::MonotonicClock;
use venice_server::{AccessResult, Config};

/// ALPN of who speaks nothing else.
const HTTP_1: &[&[u8]] = &[b"http/1.1"];
const GET: &str = "/storage/store_v1/0/key";

struct Served {
    harness: Harness,
    _files: Files,
    _store: TestStoreVersion,
}

fn served(access_control: bool, settings: &[&str]) -> Served {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let files = Files::new();
    let (keys, trust) = (files.setting("server-both.pem"), files.setting("ca.pem"));
    let tls = [
        "bind.address",
        "127.0.0.1",
        "worker.threads",
        "1",
        "tls.key.store",
        &keys,
        "tls.trust.store",
        &trust,
        "tls.client.auth",
        "optional",
    ];
    let config = Config {
        access_control,
        ..Config::from_pairs(&[&tls, settings].concat()).unwrap()
    };
    Served {
        harness: Harness::start_with(&registry, config, Arc::<MonotonicClock>::default()),
        _files: files,
        _store: store,
    }
}

impl Served {
    /// A thread that answers every question so, until the server stops; and what it was asked: store and method.
    fn answer_always(&self, answer: AccessResult) -> (Receiver<(String, String)>, JoinHandle<()>) {
        let (asked, questions) = channel();
        let access = Arc::clone(self.harness.server.access().unwrap());
        let thread = thread::spawn(move || {
            while let Some(question) = access.next_question() {
                let subject = question.subject();
                let _ = asked.send((subject.store.to_string(), subject.method.to_string()));
                question.answer(answer.clone());
            }
        });
        (questions, thread)
    }

    async fn client(&self, certificate: Option<&'static str>) -> Http2 {
        let client = TlsClient {
            certificate,
            ..TlsClient::ANONYMOUS
        };
        let stream = client.connect(self.harness.address()).await.unwrap();
        Http2::over(stream).await
    }
}

async fn get(http2: &mut Http2) -> Answer {
    http2.ask("GET", GET, &[], b"").await
}

#[tokio::test]
async fn who_may_not_read_is_told_so_as_java_says_it() {
    for (answer, status, text) in [
        (AccessResult::Granted, 200, "payload"),
        (
            AccessResult::Forbidden,
            403,
            "Access denied!\nIf you are the store owner, add this application (or your own username for \
             Venice shell client) to the store ACL.\nOtherwise, ask the store owner for read permission.",
        ),
        (
            AccessResult::Unauthorized,
            401,
            "ACL not found!\nEither it has not been created, or can not be loaded.\nPlease create the \
             ACL, or report the error if you know for sure that ACL exists for the store",
        ),
        (
            AccessResult::ErrorForbidden,
            403,
            "Internal error occurred while checking ACL.\nPlease report this error to the Venice team.",
        ),
        (AccessResult::InvalidCertificate, 401, "Invalid certificate"),
    ] {
        let served = served(true, &[]);
        let (questions, _) = served.answer_always(answer);
        let mut http2 = served.client(Some("client")).await;
        assert_eq!(get(&mut http2).await.text(), (status, text));
        // Java's server asks for GET whatever the method of the request is.
        let version = ("x-venice-api-version", "1");
        let batch = http2.ask("POST", "/storage/store_v1", &[version], b"").await;
        assert_eq!(batch.head.status(), status);
        let asked = questions.recv_timeout(HANG).unwrap();
        assert_eq!(asked, ("store".to_owned(), "GET".to_owned()));
        // Health is nobody's secret, and no reason to ask.
        let health = http2.ask("GET", "/health", &[], b"").await;
        assert_eq!(health.text(), (200, "OK"));
    }
}

#[tokio::test]
async fn who_shows_no_certificate_is_not_let_in() {
    let served = served(true, &[]);
    let mut http2 = served.client(None).await;
    assert_eq!(get(&mut http2).await.text(), (401, "Invalid certificate"));
}

/// A get of HTTP/1.1 over TLS, with these names in ALPN: what came, up to the end.
async fn http1(address: SocketAddr, alpn: &'static [&'static [u8]]) -> Result<String, String> {
    let client = TlsClient {
        alpn,
        ..TlsClient::ANONYMOUS
    };
    let stream = client.connect(address).await;
    let mut stream = stream.map_err(|error| error.to_string())?;
    let chosen = stream.get_ref().1.alpn_protocol().map(<[u8]>::to_vec);
    assert!(chosen.is_none_or(|chosen| chosen == b"http/1.1"));
    let request = format!("GET {GET} HTTP/1.1\r\nHost: venice\r\nConnection: close\r\n\r\n");
    let asked = async {
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok(String::from_utf8(answer).unwrap())
    };
    let asked = timeout(HANG, asked).await.unwrap();
    asked.map_err(|error: std::io::Error| error.to_string())
}

#[tokio::test]
async fn alpn_says_which_protocol_it_is() {
    let all = served(false, &["http.requests", "all"]);
    let address = all.harness.address();
    for alpn in [HTTP_1, &[]] {
        let answer = http1(address, alpn).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.ends_with("\r\n\r\npayload"), "{answer}");
    }
    // Who offers both speaks HTTP/2.
    let both = TlsClient {
        alpn: &[b"http/1.1", b"h2"],
        ..TlsClient::ANONYMOUS
    };
    let stream = both.connect(address).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let mut http2 = Http2::over(stream).await;
    assert_eq!(get(&mut http2).await.body, b"payload");

    let http2_alone = served(false, &[]);
    let address = http2_alone.harness.address();
    for alpn in [HTTP_1, &[]] {
        let answer = http1(address, alpn).await;
        assert!(answer.is_err() || answer == Ok(String::new()), "{answer:?}");
    }
    let mut http2 = http2_alone.client(None).await;
    assert_eq!(get(&mut http2).await.body, b"payload");
}
