//! Limits of connections: how many, how long, and what their calls may look like.

#![allow(clippy::unwrap_used, reason = "in a test an unwrap is a check")]

mod harness;

use std::net::SocketAddr;

use harness::http2::{framed, grpc, Answer, Http2, GET};
use harness::{get_request, store, Harness, HANG};
use prost::Message;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::timeout;
use venice_engine::testing::TestStoreVersion;
use venice_engine::Registry;

fn started(settings: &[&str]) -> (TestStoreVersion, Harness) {
    let registry = Registry::new();
    let store = store(&registry, "store_v1");
    store.put(0, b"key", 1, b"payload");
    (store, Harness::start(&registry, settings))
}

fn get() -> Vec<u8> {
    framed(0, &get_request("store_v1", 0, b"key").encode_to_vec())
}

async fn reads(http2: &mut Http2) {
    assert_eq!(http2.call(grpc(GET), &get()).await.status(), ("0", ""));
}

/// Waits until the server hangs up.
async fn until_closed(mut stream: TcpStream) {
    let ended = async {
        let mut bytes = [0; 1000];
        while !matches!(stream.read(&mut bytes).await, Ok(0) | Err(_)) {}
    };
    timeout(HANG, ended).await.unwrap();
}

#[tokio::test]
async fn further_connections_are_closed_and_places_come_back() {
    let (_store, harness) = started(&["max.connections", "3"]);
    let address = harness.address();
    let mut open = Vec::new();
    for _ in 0..3 {
        let mut http2 = Http2::connect(address).await;
        reads(&mut http2).await;
        open.push(http2);
    }
    for _ in 0..10 {
        until_closed(TcpStream::connect(address).await.unwrap()).await;
    }
    for http2 in &mut open {
        reads(http2).await;
    }
    let gone = open.pop().unwrap();
    gone.connection.abort();
    drop(gone);
    // The server has to notice first.
    let again = async { while !is_kept(address).await {} };
    timeout(HANG, again).await.unwrap();
}

/// Whether the server keeps a new connection.
async fn is_kept(address: SocketAddr) -> bool {
    let called = async {
        let stream = TcpStream::connect(address).await.ok()?;
        let (mut requests, connection) = h2::client::handshake(stream).await.ok()?;
        let connection = tokio::spawn(connection);
        let (response, _stream) = requests.send_request(grpc("/no/such"), true).ok()?;
        let answered = response.await.ok();
        connection.abort();
        answered
    };
    called.await.is_some()
}

#[tokio::test]
async fn an_idle_connection_is_said_goodbye_to() {
    let (_store, harness) = started(&["max.connection.idle.ms", "50"]);
    let mut http2 = Http2::connect(harness.address()).await;
    reads(&mut http2).await;
    // Without an error: GOAWAY, and the end.
    let ended = timeout(HANG, http2.connection).await.unwrap();
    ended.unwrap().unwrap();
}

#[tokio::test]
async fn an_old_connection_ends_after_its_calls() {
    let (_store, harness) = started(&["max.connection.age.ms", "100"]);
    let mut http2 = Http2::connect(harness.address()).await;
    let (response, mut stream) = http2.open(grpc(GET)).await;
    let message = get();
    stream
        .send_data(message[..5].to_vec().into(), false)
        .unwrap();
    // GOAWAY came when no new call is taken; the one in flight is answered.
    let refused = async {
        while http2.try_open(grpc(GET)).await.is_ok() {
            // Lets the connection's own task look at what came.
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
    };
    timeout(HANG, refused).await.unwrap();
    stream
        .send_data(message[5..].to_vec().into(), true)
        .unwrap();
    assert_eq!(Answer::receive(response).await.status(), ("0", ""));
    let ended = timeout(HANG, http2.connection).await.unwrap();
    ended.unwrap().unwrap();
}

#[tokio::test]
async fn a_client_that_answers_no_ping_is_gone() {
    let (_store, harness) = started(&["keep.alive.ms", "20", "keep.alive.timeout.ms", "20"]);
    // One that answers stays.
    let mut http2 = Http2::connect(harness.address()).await;
    // One that says hello, and then nothing.
    let stream = TcpStream::connect(harness.address()).await.unwrap();
    let hello = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    let mut stream = stream.into_std().unwrap();
    stream.set_nonblocking(false).unwrap();
    std::io::Write::write_all(&mut stream, hello).unwrap();
    stream.set_nonblocking(true).unwrap();
    until_closed(TcpStream::from_std(stream).unwrap()).await;
    reads(&mut http2).await;
}

#[tokio::test]
async fn a_request_that_drips_is_given_up() {
    let (_store, harness) = started(&["receive.timeout.ms", "50"]);
    let mut http2 = Http2::connect(harness.address()).await;
    let (response, mut stream) = http2.open(grpc(GET)).await;
    stream.send_data(get()[..7].to_vec().into(), false).unwrap();
    assert_eq!(
        Answer::receive(response).await.status(),
        (
            "4",
            "the request did not arrive within 50 ms (setting receive.timeout.ms); send it \
             faster, or raise the setting"
        )
    );
    reads(&mut http2).await;
}

#[tokio::test]
async fn headers_over_the_limit_end_their_call_alone() {
    let (_store, harness) = started(&["max.header.bytes", "2000"]);
    let mut http2 = Http2::connect(harness.address()).await;
    let with = |length: usize| {
        let mut request = grpc(GET);
        let value = "x".repeat(length).parse().unwrap();
        request.headers_mut().insert("long", value);
        request
    };
    assert_eq!(http2.call(with(1500), &get()).await.status(), ("0", ""));
    let (response, _stream) = http2.open(with(2500)).await;
    match timeout(HANG, response).await.unwrap() {
        // Request header fields too large.
        Ok(response) => assert_eq!(response.status(), 431),
        Err(error) => assert!(error.is_reset(), "{error}"),
    }
    reads(&mut http2).await;
}

#[tokio::test]
async fn calls_beyond_the_limit_of_a_connection_wait_in_the_client() {
    let (_store, harness) = started(&["max.concurrent.streams", "2"]);
    let mut http2 = Http2::connect(harness.address()).await;
    reads(&mut http2).await;
    let mut open = Vec::new();
    for _ in 0..2 {
        open.push(http2.open(grpc(GET)).await);
    }
    assert_eq!(http2.most_calls(), 2);
    for (response, mut stream) in open {
        stream.send_data(get().into(), true).unwrap();
        assert_eq!(Answer::receive(response).await.status(), ("0", ""));
    }
    reads(&mut http2).await;
}
