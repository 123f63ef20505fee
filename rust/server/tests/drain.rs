//! Stopping: calls in flight are answered, new ones turned away, and the time for it is bounded.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use harness::http2::{framed, grpc, Answer, Http2, GET};
use harness::{get_request, store, Harness, HANG};
use prost::Message;
use tokio::task::spawn_blocking;
use venice_engine::Registry;
use venice_proto::VeniceServerResponse;

/// Waits until nobody listens: from then on the server drains.
async fn until_refused(address: SocketAddr) {
    spawn_blocking(move || while TcpStream::connect(address).is_ok() {})
        .await
        .unwrap();
}

/// Waits for a state.
async fn eventually(holds: impl Fn() -> bool) {
    let wait = async {
        while !holds() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(HANG, wait).await.unwrap();
}

#[tokio::test]
async fn calls_in_flight_are_answered() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let harness = Arc::new(Harness::start(&registry, &[]));
    let mut http2 = Http2::connect(harness.address()).await;
    let message = framed(0, &get_request("store_v1", 0, b"key").encode_to_vec());

    // A call of which the server has the beginning: it answers a later call of the same connection.
    let (response, mut stream) = http2.open(grpc(GET)).await;
    stream
        .send_data(Bytes::copy_from_slice(&message[..7]), false)
        .unwrap();
    assert_eq!(http2.call(grpc(GET), &message).await.status(), ("0", ""));

    let stopping = spawn_blocking({
        let harness = Arc::clone(&harness);
        move || harness.server.stop(HANG)
    });
    until_refused(harness.address()).await;
    assert!(!stopping.is_finished(), "a call is in flight");
    // The server counts a call as over a moment after the client has its answer.
    eventually(|| harness.server.calls_in_flight() == 1).await;

    stream
        .send_data(Bytes::copy_from_slice(&message[7..]), true)
        .unwrap();
    let answer = Answer::receive(response).await;
    assert_eq!(answer.status(), ("0", ""));
    let response = VeniceServerResponse::decode(&answer.body[5..]).unwrap();
    assert_eq!(response.data, b"payload");

    assert!(stopping.await.unwrap(), "everything was answered");
    assert_eq!(harness.server.calls_cut(), 0);
    // The server said goodbye, it did not break off.
    http2.connection.await.unwrap().unwrap();
}

#[tokio::test]
async fn idle_connections_end_at_once() {
    let registry = Registry::new();
    let harness = Arc::new(Harness::start(&registry, &[]));
    let mut connections = Vec::new();
    for _ in 0..10 {
        let mut http2 = Http2::connect(harness.address()).await;
        http2.call(grpc(GET), &framed(0, b"")).await;
        connections.push(http2);
    }
    let stopping = spawn_blocking(move || harness.server.stop(HANG));
    assert!(stopping.await.unwrap());
    for http2 in connections {
        http2.connection.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn calls_that_do_not_end_are_broken_off_when_the_time_is_over() {
    let registry = Registry::new();
    let harness = Arc::new(Harness::start(&registry, &[]));
    let mut http2 = Http2::connect(harness.address()).await;
    let (response, _stream) = http2.open(grpc(GET)).await;
    http2.call(grpc(GET), &framed(0, b"")).await;

    let stopping = spawn_blocking({
        let harness = Arc::clone(&harness);
        move || harness.server.stop(Duration::from_millis(50))
    });
    assert!(!stopping.await.unwrap(), "a call was not answered");
    assert_eq!(harness.server.calls_cut(), 1);
    assert!(response.await.is_err());
    // The second stop has nothing to do and says what the first did.
    assert!(!harness.server.stop(HANG));
}

#[tokio::test]
async fn reads_are_seen_as_movement() {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    let harness = Harness::start(&registry, &[]);
    let mut http2 = Http2::connect(harness.address()).await;
    let message = framed(0, &get_request("store_v1", 0, b"key").encode_to_vec());
    let memory = harness.server.memory();
    for _ in 0..3 {
        let before = memory.moved();
        assert_eq!(http2.call(grpc(GET), &message).await.status(), ("0", ""));
        // Counted a moment after the client has it.
        eventually(|| memory.moved() != before && memory.calls() == 0).await;
    }
}
