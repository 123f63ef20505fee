//! Access control over TLS: whom the controller is asked for, and who waits for it.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::net::SocketAddr;
use std::sync::mpsc::{channel, Receiver};
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use harness::http2::{framed, grpc, GET};
use harness::key_stores::{bytes, Files, TlsClient};
use harness::{get_request, store, Harness, HANG};
use prost::Message;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::CertificateDer;
use venice_engine::testing::TestStoreVersion;
use venice_engine::Registry;
use venice_metrics::model::Value;
use venice_metrics::Instrument;
use venice_server::internals::runtime::MonotonicClock;
use venice_server::{Access, AccessResult, Config};

struct Served {
    harness: Harness,
    _files: Files,
    _store: TestStoreVersion,
}

fn served(client_auth: &str, settings: &[&str]) -> Served {
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
        client_auth,
    ];
    let config = Config {
        access_control: true,
        ..Config::from_pairs(&[&tls, settings].concat()).unwrap()
    };
    let clock = Arc::<MonotonicClock>::default();
    Served {
        harness: Harness::start_with(&registry, config, clock),
        _files: files,
        _store: store,
    }
}

/// A question as it came: certificate, store, method.
type Asked = (Vec<u8>, String, String);

impl Served {
    fn access(&self) -> Arc<Access> {
        Arc::clone(self.harness.server.access().unwrap())
    }

    /// A thread that says the same to everybody, until the server stops.
    fn answer_always(&self, answer: AccessResult) -> (Receiver<Asked>, JoinHandle<()>) {
        let (asked, questions) = channel();
        let access = self.access();
        let thread = thread::spawn(move || {
            while let Some(question) = access.next_question() {
                let subject = question.subject();
                let (store, method) = (subject.store.to_string(), subject.method.to_string());
                let certificate = subject.certificate.to_vec();
                // An error says that the test has seen enough.
                let _ = asked.send((certificate, store, method));
                question.answer(answer.clone());
            }
        });
        (questions, thread)
    }
}

/// A connection that gets one key after the other.
struct Client(h2::client::SendRequest<bytes::Bytes>);

impl Client {
    async fn connect(client: &TlsClient, address: SocketAddr) -> Client {
        let stream = client.connect(address).await.unwrap();
        let (requests, connection) = h2::client::handshake(stream).await.unwrap();
        tokio::spawn(connection);
        Client(requests)
    }

    /// `grpc-status` and `grpc-message` of a get.
    async fn get(&mut self, resource: &str) -> (String, String) {
        let mut requests = self.0.clone().ready().await.unwrap();
        let mut call = grpc(GET);
        // What lets everybody into the Java server.
        let header = "server_acl_approved_attribute_key";
        call.headers_mut().insert(header, "true".parse().unwrap());
        let (response, mut stream) = requests.send_request(call, false).unwrap();
        let message = framed(0, &get_request(resource, 0, b"key").encode_to_vec());
        stream.send_data(message.into(), true).unwrap();
        let response = tokio::time::timeout(HANG, response).await.unwrap().unwrap();
        let mut headers = response.headers().clone();
        let mut body = response.into_body();
        while let Some(data) = body.data().await {
            data.unwrap();
        }
        if let Some(trailers) = body.trailers().await.unwrap() {
            headers.extend(trailers);
        }
        let text = |name| {
            let value = headers.get(name);
            value.map_or(String::new(), |v| v.to_str().unwrap().to_owned())
        };
        (text("grpc-status"), text("grpc-message"))
    }
}

#[tokio::test]
async fn the_controller_sees_the_clients_own_certificate_once() {
    let served = served("required", &[]);
    let (questions, _) = served.answer_always(AccessResult::Granted);
    let address = served.harness.address();
    for _ in 0..3 {
        let mut client = Client::connect(&TlsClient::with("client"), address).await;
        for _ in 0..3 {
            assert_eq!(client.get("store_v1").await.0, "0");
        }
    }
    let own = CertificateDer::from_pem_slice(bytes("client.pem")).unwrap();
    let expected = (own.to_vec(), "store".to_owned(), "GET".to_owned());
    assert_eq!(questions.try_iter().collect::<Vec<_>>(), [expected]);
}

#[tokio::test]
async fn a_denied_client_is_told_so() {
    let served = served("required", &[]);
    let (questions, _) = served.answer_always(AccessResult::Forbidden);
    let address = served.harness.address();
    let mut client = Client::connect(&TlsClient::with("client"), address).await;
    for _ in 0..3 {
        let (status, message) = client.get("store_v1").await;
        assert_eq!(status, "7");
        assert!(
            message.starts_with("Access denied!%0AIf you are"),
            "{message}"
        );
    }
    assert_eq!(questions.try_iter().count(), 1);
    assert_eq!(
        client.get("store").await,
        ("3".to_owned(), "Invalid request".to_owned())
    );
}

#[tokio::test]
async fn a_client_without_a_certificate_is_nobody() {
    let served = served("optional", &[]);
    let (questions, _) = served.answer_always(AccessResult::Granted);
    let address = served.harness.address();
    let mut client = Client::connect(&TlsClient::ANONYMOUS, address).await;
    assert_eq!(
        client.get("store_v1").await,
        ("16".to_owned(), "Invalid certificate".to_owned())
    );
    assert_eq!(questions.try_iter().count(), 0);
}

#[tokio::test]
async fn who_is_known_does_not_wait_for_a_controller_that_hangs() {
    let served = served("required", &[]);
    let access = served.access();
    let address = served.harness.address();
    let mut client = Client::connect(&TlsClient::with("client"), address).await;
    let first = thread::spawn({
        let access = Arc::clone(&access);
        move || {
            access
                .next_question()
                .unwrap()
                .answer(AccessResult::Granted)
        }
    });
    assert_eq!(client.get("store_v1").await.0, "0");
    first.join().unwrap();

    // Another store is asked for, by the same client on the same thread, and nobody answers.
    let mut waiting = Client(client.0.clone());
    let waiting = tokio::spawn(async move { waiting.get("other_v1").await });
    let (taken, question_taken) = tokio::sync::oneshot::channel();
    let (release, released) = channel::<()>();
    let hanging = thread::spawn({
        let access = Arc::clone(&access);
        move || {
            let question = access.next_question().unwrap();
            assert_eq!(&*question.subject().store, "other");
            taken.send(()).unwrap();
            released.recv_timeout(HANG).unwrap();
        }
    });
    question_taken.await.unwrap();
    for _ in 0..100 {
        assert_eq!(client.get("store_v1").await.0, "0");
    }
    assert!(!waiting.is_finished());
    // A thread that goes away without an answer has failed.
    release.send(()).unwrap();
    hanging.join().unwrap();
    let (status, message) = waiting.await.unwrap();
    assert_eq!(
        (&*status, &*message),
        ("13", "the thread that asked the access controller ended")
    );
}

#[tokio::test]
async fn a_first_request_does_not_wait_for_ever() {
    let served = served("required", &["access.wait.ms", "1"]);
    let address = served.harness.address();
    let mut client = Client::connect(&TlsClient::with("client"), address).await;
    assert_eq!(
        client.get("store_v1").await,
        (
            "14".to_owned(),
            "the access controller did not answer within 1 ms (setting access.wait.ms)".to_owned()
        )
    );
    let counted = served.harness.server.observed().snapshot(160);
    let refused = counted.metric(Instrument::RequestRefusedCount).unwrap();
    let of = [("venice.server.reason", "access_wait")];
    assert_eq!(refused.value(&of), Some(&Value::U64(1)));
}

#[tokio::test]
async fn a_stop_lets_the_answering_threads_go() {
    let served = served("required", &[]);
    let (_questions, thread) = served.answer_always(AccessResult::Granted);
    let address = served.harness.address();
    let mut client = Client::connect(&TlsClient::with("client"), address).await;
    assert_eq!(client.get("store_v1").await.0, "0");
    drop(client);
    let stopped = tokio::task::spawn_blocking(move || {
        served.harness.server.stop(HANG);
        thread.join()
    });
    stopped.await.unwrap().unwrap();
}
