//! The standard health service: serving, told otherwise, draining.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::net::TcpStream;
use std::sync::Arc;

use h2::RecvStream;
use harness::attack::{all_kinds, stage};
use harness::hostile::Hostile;
use harness::http1::Http1;
use harness::http2::{framed, grpc, Answer, Http2};
use harness::{Harness, HANG};
use tokio::time::timeout;
use venice_engine::Registry;
use venice_server::internals::services::{reflection, CHECK, WATCH};

const SERVING: u8 = 1;
const NOT_SERVING: u8 = 2;
const SERVICE_UNKNOWN: u8 = 3;
const READ_SERVICE: &str = "com.linkedin.venice.protocols.VeniceReadService";

/// `HealthCheckRequest`
fn asking(service: &str) -> Vec<u8> {
    let mut message = vec![0x0A, service.len() as u8];
    message.extend_from_slice(service.as_bytes());
    framed(0, &message)
}

async fn check(http2: &mut Http2, service: &str) -> (String, Option<u8>) {
    let answer = http2.call(grpc(CHECK), &asking(service)).await;
    let status = answer.body.strip_prefix(&[0, 0, 0, 0, 2, 8]);
    (
        answer.status().0.to_owned(),
        status.map(|status| {
            assert_eq!(status.len(), 1);
            status[0]
        }),
    )
}

struct Watch(RecvStream);

impl Watch {
    async fn begin(http2: &mut Http2, service: &str) -> Watch {
        let (response, mut stream) = http2.open(grpc(WATCH)).await;
        stream.send_data(asking(service).into(), true).unwrap();
        Watch(timeout(HANG, response).await.unwrap().unwrap().into_body())
    }

    async fn next(&mut self) -> Option<u8> {
        let data = timeout(HANG, self.0.data()).await.unwrap()?.unwrap();
        assert_eq!(data[..6], [0, 0, 0, 0, 2, 8]);
        assert_eq!(data.len(), 7);
        Some(data[6])
    }
}

#[tokio::test]
async fn a_server_serves_unless_it_is_told_otherwise() {
    let harness = Harness::start(&Registry::new(), &[]);
    let mut http2 = Http2::connect(harness.address()).await;
    for service in ["", READ_SERVICE, "grpc.health.v1.Health"] {
        assert_eq!(
            check(&mut http2, service).await,
            ("0".to_owned(), Some(SERVING))
        );
    }
    assert_eq!(check(&mut http2, "another").await, ("5".to_owned(), None));
    harness.server.health().set_serving(false);
    assert_eq!(
        check(&mut http2, "").await,
        ("0".to_owned(), Some(NOT_SERVING))
    );
    harness.server.health().set_serving(true);
    assert_eq!(
        check(&mut http2, READ_SERVICE).await,
        ("0".to_owned(), Some(SERVING))
    );
    let broken = http2.call(grpc(CHECK), &framed(0, &[0x0A, 9])).await;
    assert_eq!(broken.status().0, "13");
}

#[tokio::test]
async fn who_watches_hears_of_each_change_and_does_not_hold_up_the_drain() {
    let harness = Arc::new(Harness::start(&Registry::new(), &[]));
    let mut http2 = Http2::connect(harness.address()).await;
    let mut watch = Watch::begin(&mut http2, READ_SERVICE).await;
    let mut unknown = Watch::begin(&mut http2, "another").await;
    assert_eq!(watch.next().await, Some(SERVING));
    assert_eq!(unknown.next().await, Some(SERVICE_UNKNOWN));
    // What changes nothing is not said.
    harness.server.health().set_serving(true);
    harness.server.health().set_serving(false);
    assert_eq!(watch.next().await, Some(NOT_SERVING));
    harness.server.health().set_serving(true);
    assert_eq!(watch.next().await, Some(SERVING));

    let stopping = tokio::task::spawn_blocking({
        let harness = Arc::clone(&harness);
        move || harness.server.stop(HANG)
    });
    assert_eq!(watch.next().await, Some(NOT_SERVING));
    for watch in [&mut watch, &mut unknown] {
        assert_eq!(watch.next().await, None);
        let trailers = timeout(HANG, watch.0.trailers())
            .await
            .unwrap()
            .unwrap()
            .unwrap();
        assert_eq!(trailers["grpc-status"], "14");
    }
    assert!(
        timeout(HANG, stopping).await.unwrap().unwrap(),
        "nothing was cut"
    );
}

#[tokio::test]
async fn a_question_that_does_not_come_is_not_waited_for() {
    let settings = ["receive.timeout.ms", "50", "reflection", "true"];
    let harness = Harness::start(&Registry::new(), &settings);
    let mut http2 = Http2::connect(harness.address()).await;
    for method in [CHECK, WATCH, reflection::V1, reflection::V1ALPHA] {
        // Nothing, a part of the prefix, and a part of the message.
        for beginning in [0, 3, 6] {
            let (response, mut stream) = http2.open(grpc(method)).await;
            let bytes = asking("service")[..beginning].to_vec();
            stream.send_data(bytes.into(), false).unwrap();
            let answer = Answer::receive(response).await;
            let (status, text) = answer.status();
            assert_eq!(status, "4", "{method}, {beginning} bytes: {text}");
            assert!(text.contains("(setting receive.timeout.ms)"), "{text}");
        }
    }
    // The connection goes on; a client that has asked may watch for as long as it likes.
    let mut watch = Watch::begin(&mut http2, "").await;
    assert_eq!(watch.next().await, Some(SERVING));
    assert_eq!(check(&mut http2, "").await.1, Some(SERVING));
}

#[tokio::test]
async fn a_watch_ends_with_its_deadline_and_its_client() {
    let harness = Harness::start(&Registry::new(), &[]);
    let mut http2 = Http2::connect(harness.address()).await;
    let mut request = grpc(WATCH);
    request
        .headers_mut()
        .insert("grpc-timeout", "20m".parse().unwrap());
    let answer = http2.call(request, &asking("")).await;
    assert_eq!(answer.status().0, "4");
    assert_eq!(answer.body, [0, 0, 0, 0, 2, 8, SERVING]);

    let watch = Watch::begin(&mut http2, "").await;
    drop(watch);
    assert_eq!(check(&mut http2, "").await.1, Some(SERVING));
}

/// A load balancer that was told otherwise would turn everybody away from a server that answers.
#[tokio::test]
async fn who_checks_the_health_is_told_though_others_hold_all_memory() {
    let stage = stage(&["http.requests", "all", "max.client.bytes", "67108864"]);
    let address = stage.harness.address();
    let kinds = all_kinds().into_iter();
    let mut kinds = kinds.filter(|(name, _)| *name == "calls without a request");
    let (_, habits) = kinds.next().unwrap();
    let mut hostile: Vec<Hostile> = Vec::new();
    let full = async {
        loop {
            // Those that hold most are hung up on after a while, so others come.
            hostile.retain(|one| !one.hung_up);
            if hostile.len() < 150 {
                hostile.extend((0..10).map(|_| Hostile::connect(address, &habits)));
            }
            hostile.iter_mut().for_each(|one| {
                one.drive();
            });
            let mut reader = Http2::connect(address).await;
            let read = reader.ask("GET", "/storage/store_v1/0/missing", &[], b"");
            if read.await.head.status().as_u16() == 503 {
                break;
            }
        }
    };
    timeout(HANG, full).await.unwrap();
    let mut grpc = Http2::connect(address).await;
    assert_eq!(check(&mut grpc, "").await, ("0".to_owned(), Some(SERVING)));
    let mut http2 = Http2::connect(address).await;
    let told = timeout(HANG, http2.ask("GET", "/health", &[], b"")).await;
    assert_eq!(told.unwrap().head.status().as_u16(), 200);
    let mut http1 = Http1::of(TcpStream::connect(address).unwrap());
    let told = http1.ask("GET /health HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_eq!(told.text(), (200, "OK"));
}
