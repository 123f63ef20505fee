//! The names in requests: refused when they are longer than any can be, before anything is kept of
//! them. Memory is that of the process, so this is the only test in it.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::sync::Arc;
use std::thread;

use harness::http2::{framed, grpc, Http2, GET};
use harness::key_stores::{Files, TlsClient};
use harness::{get_request, resident, Harness};
use prost::Message;
use venice_engine::Registry;
use venice_proto::{StreamingBatchGetRequest, StreamingBatchGetResponse, VeniceClientRequest};
use venice_server::internals::runtime::MonotonicClock;
use venice_server::{AccessResult, Config};

const STREAM: &str = "/com.linkedin.venice.rust.protocols.StreamingReadService/batchGet";
/// Bytes of a name: of 100 requests with one of them the server used to keep 200 MB.
const LONG: usize = 2_000_000;
/// What some requests in flight take, at both ends, and what the allocator keeps of them.
const MEMORY: u64 = 64 * 1024 * 1024;

/// A client that may read nothing, with another name in each request.
#[tokio::test]
async fn long_names_leave_nothing_behind() {
    let files = Files::new();
    let (keys, trust) = (files.setting("server-both.pem"), files.setting("ca.pem"));
    let settings = [
        "bind.address",
        "127.0.0.1",
        "worker.threads",
        "1",
        "tls.key.store",
        &keys,
        "tls.trust.store",
        &trust,
    ];
    let config = Config {
        access_control: true,
        ..Config::from_pairs(&settings).unwrap()
    };
    let clock = Arc::<MonotonicClock>::default();
    let harness = Harness::start_with(&Registry::new(), config, clock);
    let access = Arc::clone(harness.server.access().unwrap());
    let controller = thread::spawn(move || {
        let mut longest = 0;
        while let Some(question) = access.next_question() {
            let subject = question.subject();
            longest = longest.max(subject.store.len()).max(subject.method.len());
            question.answer(AccessResult::Forbidden);
        }
        longest
    });

    let client = TlsClient::with("client");
    let stream = client.connect(harness.address()).await.unwrap();
    let mut http2 = Http2::over(stream).await;
    let get = get_request("store_v1", 0, b"key");
    let mut before = 0;
    for number in 0..110 {
        // The first ones fill what a connection and the allocator keep anyway.
        if number == 10 {
            before = resident();
        }
        let (store, method) = if number % 2 == 0 {
            (format!("{number}{}_v1", "s".repeat(LONG)), "GET".to_owned())
        } else {
            (
                "store_v1".to_owned(),
                format!("{number}{}", "m".repeat(LONG)),
            )
        };
        let message = VeniceClientRequest {
            resource_name: store.clone(),
            method: method.clone(),
            ..get.clone()
        };
        let message = framed(0, &message.encode_to_vec());
        assert_eq!(http2.call(grpc(GET), &message).await.status().0, "3");
        let message = StreamingBatchGetRequest {
            resource_name: store,
            method,
            ..Default::default()
        };
        let message = framed(0, &message.encode_to_vec());
        let answer = http2.call(grpc(STREAM), &message).await;
        let response = StreamingBatchGetResponse::decode(&answer.body[5..]).unwrap();
        assert_eq!(response.footer.unwrap().error_code, 400);
    }
    let grown = resident().saturating_sub(before);
    assert!(grown < MEMORY, "memory grew by {grown} bytes");

    // A name that passes is asked for, and is the longest that was.
    let message = VeniceClientRequest {
        resource_name: format!("{}_v1", "s".repeat(241)),
        ..get
    };
    let message = framed(0, &message.encode_to_vec());
    assert_eq!(http2.call(grpc(GET), &message).await.status().0, "7");
    drop(http2);
    let stopped = tokio::task::spawn_blocking(move || {
        harness.server.stop(std::time::Duration::ZERO);
        controller.join().unwrap()
    });
    assert_eq!(stopped.await.unwrap(), 241);
}
